--- From the core's facts to the result table.  Pure: table in, table out.
-- @module mcpcap.summary

local findings = require "mcpcap.findings"
local verdict = require "mcpcap.verdict"

local summary = {}

local C2S, S2C = "client_to_server", "server_to_client"

-- Labels of the original: packets client to server / server to client.
local CLIENT_HEAVY, SERVER_HEAVY = 1.2, 0.8
-- For the new ratios the thresholds are reciprocal, so that swapping the sides swaps the label.
local HEAVY = 1.2

local function server_name(ip, port)
  if ip:find(":", 1, true) then
    ip = "[" .. ip .. "]"
  end
  return ip .. ":" .. (port and ("%d"):format(port) or "any")
end

-- {ratio, label}: a / b; the ratio is absent when it cannot be formed.
local function balance(a, b)
  if a == 0 and b == 0 then
    return { client = a, server = b, label = "none" }
  elseif b == 0 then
    return { client = a, server = b, label = "client_only" }
  elseif a == 0 then
    return { client = a, server = b, ratio = 0, label = "server_only" }
  end
  local ratio = a / b
  local label = "balanced"
  if ratio > HEAVY then
    label = "client_heavy"
  elseif ratio < 1 / HEAVY then
    label = "server_heavy"
  end
  return { client = a, server = b, ratio = ratio, label = label }
end

local function flow_label(c2s, s2c)
  if c2s == 0 and s2c == 0 then
    return "none"
  elseif s2c == 0 then
    return "client_only"
  elseif c2s == 0 then
    return "server_only"
  end
  local ratio = c2s / s2c
  if ratio > CLIENT_HEAVY then
    return "client_heavy"
  elseif ratio < SERVER_HEAVY then
    return "server_heavy"
  end
  return "balanced"
end

-- What one side's SYNs say, where all of them say the same.
local OFFERS = { "initial_window", "mss", "window_scale", "sack_permitted", "timestamps" }

-- Rates and throughput of one direction, from its own counters.
local function add_rates(direction, offer)
  for _, name in ipairs(OFFERS) do
    direction[name] = offer[name]
  end
  direction.rtt_ms.avg, direction.rtt_ms.p50 = direction.rtt_ms.mean, direction.rtt_ms.median
  if direction.data_packets > 0 then
    direction.retransmission_rate = direction.retransmissions / direction.data_packets
  end
  if direction.first_time and direction.last_time > direction.first_time then
    direction.throughput_bps = 8 * direction.payload_bytes / (direction.last_time - direction.first_time)
    direction.goodput_bps = 8 * direction.unique_bytes / (direction.last_time - direction.first_time)
  end
end

local function finish_row(row, about)
  row.client = server_name(row.client_ip, row.client_port)
  row.server = server_name(about.server_ip, row.server_port)
  for _, name in ipairs({ C2S, S2C }) do
    if row.duration_ms > 0 then
      row[name].throughput_bps = 8000 * row[name].payload_bytes / row.duration_ms
      row[name].goodput_bps = 8000 * row[name].unique_bytes / row.duration_ms
    end
  end
  return row
end

local function status_of(facts)
  if facts.capture.tcp_segments == 0 then
    return "no_tcp"
  elseif facts.capture.matched_segments == 0 then
    return "no_match"
  end
  return "ok"
end

local function analysis_of(facts)
  local c2s, s2c = facts[C2S], facts[S2C]
  local rst_source = "balanced"
  if c2s.rst_count > s2c.rst_count then
    rst_source = "client"
  elseif s2c.rst_count > c2s.rst_count then
    rst_source = "server"
  end
  return {
    asymmetry_ratio = s2c.packet_count > 0 and c2s.packet_count / s2c.packet_count or 0,
    primary_rst_source = rst_source,
    data_flow_direction = flow_label(c2s.packet_count, s2c.packet_count),
    asymmetry = {
      packets = balance(c2s.packet_count, s2c.packet_count),
      wire_bytes = balance(c2s.byte_count, s2c.byte_count),
      payload_bytes = balance(c2s.payload_bytes, s2c.payload_bytes),
    },
    resets = facts.sums.resets,
    handshakes = facts.sums.handshakes,
    latency = facts.latency,
  }
end

--- Builds the result.
-- @tparam table facts what the core counted
-- @tparam table about {file, files, server_ip, port, rules}
-- @treturn table the result
function summary.build(facts, about)
  local sums = facts.sums
  add_rates(facts[C2S], sums.options.client)
  add_rates(facts[S2C], sums.options.server)
  facts.capture.port_reuses = sums.port_reuses
  for _, row in ipairs(facts.connections) do
    finish_row(row, about)
  end
  local result = {
    schema_version = "1",
    rules = about.rules,
    file = about.file,
    files = about.files,
    analysis_timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    server = server_name(about.server_ip, about.port),
    server_ip = about.server_ip,
    server_port = about.port,
    status = status_of(facts),
    total_packets = facts.capture.frames,
    tcp_packets_found = facts.capture.tcp_segments,
    client_to_server = facts[C2S],
    server_to_client = facts[S2C],
    connections = facts.connections,
    connection_count = sums.total,
    connection_sums = sums,
    icmp = facts.icmp,
    capture = facts.capture,
    timeline = facts.timeline,
  }
  result.analysis = analysis_of(facts)
  if result.status == "ok" then
    local found, withheld, case = findings.of(result)
    result.analysis.findings = found
    result.analysis.withheld = withheld
    result.analysis.vantage = case.vantage
    result.analysis.asymmetry.one_sided_capture = case.quality.one_sided or false
  else
    result.analysis.findings = {}
    result.analysis.withheld = {}
    result.analysis.asymmetry.one_sided_capture = false
    if result.status == "no_match" then
      local repair = require "mcpcap.repair"
      result.candidates, result.likely_slip = repair.of(facts, { ip = about.server_ip, port = about.port })
      result.candidates_total = facts.candidates_total
    end
  end
  result.analysis.interpretation = verdict.of(result)
  return result
end

return summary
