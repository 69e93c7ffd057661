--- From what the core counted of a server to its row in the overview.
-- @module mcpcap.overview.rows

local summary = require "mcpcap.result"

local rows = {}

local SEVERITY = { error = 3, warning = 2, info = 1 }
local CONFIDENCE = { high = 3, medium = 2, low = 1 }

-- "A reset ended 3 connections." of a text of several sentences.
local function first_sentence(text)
  return text:match("^(.-[.!?]) +%u") or text
end

local function both(pair)
  return pair.client + pair.server
end

local function is_trouble(finding)
  return finding.severity ~= "info"
end

-- What speaks for a server: its first trouble; what the capture lacks only where nothing else shows.
local function telling(found)
  local first
  for _, finding in ipairs(found) do
    if is_trouble(finding) then
      if finding.side ~= "capture" then
        return finding
      end
      first = first or finding
    end
  end
  return first
end

-- How much goes wrong, so that rows of one severity have an order.
local function amount(row)
  return row.refused + row.unanswered + row.half_open + row.reset + (row.lost or 0) + (row.slow_answers or 0)
end

-- Why nothing of what goes wrong at a server in whose row no trouble shows is any: the first that is said of it.
local function excuse(row, found)
  for _, finding in ipairs(amount(row) > 0 and found or {}) do
    if finding.side ~= "capture" then
      return " " .. first_sentence(finding.text)
    end
  end
  return ""
end

--- What an overview says of a server that was analysed, by the same rules as a result of its own.
-- @tparam table facts of the core, of this server; changed
-- @tparam table counted the row of the census: whose it is
-- @treturn table row
function rows.of(facts, counted)
  local result = summary.build(facts, "")
  local sums, c2s, s2c = result.connection_sums, result.client_to_server, result.server_to_client
  local h, resets, answers = result.analysis.handshakes, result.analysis.resets, sums.answers.asked
  local found, names = result.analysis.findings, {}
  for i, finding in ipairs(found) do
    names[i] = finding.id
  end
  local telling_one = telling(found)
  local row = {
    server = counted.server, ip = counted.ip, port = counted.port, analysed = true,
    connections = result.connection_count, clients = sums.clients,
    packets = c2s.packet_count + s2c.packet_count, bytes = c2s.byte_count + s2c.byte_count,
    refused = both(h.refused), unanswered = both(h.unanswered), half_open = both(h.half_open),
    reset = both(resets.half_open) + both(resets.without_data) + both(resets.mid_data),
    data_segments = c2s.data_packets + s2c.data_packets, lost = 0,
    slow_answers = answers.slow, longest_answer_ms = answers.slow > 0 and answers.max_ms or nil,
    findings = names, severity = telling_one and telling_one.severity or "none",
    side = telling_one and telling_one.side, confidence = telling_one and telling_one.confidence,
    verdict = telling_one and first_sentence(telling_one.text) or "No trouble shows.",
    frames = telling_one and telling_one.evidence and telling_one.evidence.frames or nil,
  }
  for _, direction in ipairs { c2s, s2c } do
    row.lost = row.lost + direction.resent_causes.lost_before + direction.resent_causes.lost_behind
  end
  row.verdict = telling_one and row.verdict or row.verdict .. excuse(row, found)
  return row
end

--- The row of a server that was only counted.
-- @tparam table counted by the census
-- @tparam string why it was not analysed
-- @treturn table row
function rows.counted(counted, why)
  return {
    server = counted.server, ip = counted.ip, port = counted.port, analysed = false,
    connections = counted.connections, packets = counted.packets, bytes = counted.bytes, refused = counted.refused,
    unanswered = counted.unanswered, half_open = counted.half_open, reset = counted.reset,
    severity = "unknown", verdict = why,
  }
end

--- What both kinds of rows say besides: who took the server for one, and UDP to the same port.
-- @tparam table row changed
-- @tparam table counted by the census
-- @treturn table row
function rows.complete(row, counted)
  row.guessed = counted.guessed or nil
  row.udp_datagrams = counted.udp_datagrams
  row.quic_packets = counted.quic_packets
  row.quic_version = counted.quic_version and ("0x%08x"):format(counted.quic_version)
  return row
end

--- Orders rows by trouble: severity of what was found, how sure it is, how much; then by traffic.
-- Those that were only counted come last.
-- @tparam table list of rows; sorted in place
function rows.rank(list)
  table.sort(list, function(a, b)
    if a.analysed ~= b.analysed then
      return a.analysed
    end
    local x, y = SEVERITY[a.severity] or 0, SEVERITY[b.severity] or 0
    if x ~= y then
      return x > y
    end
    x, y = CONFIDENCE[a.confidence] or 0, CONFIDENCE[b.confidence] or 0
    if x ~= y then
      return x > y
    end
    x, y = amount(a), amount(b)
    if x ~= y then
      return x > y
    elseif a.packets ~= b.packets then
      return a.packets > b.packets
    end
    return a.server < b.server
  end)
end

return rows
