--- What a report says, before any format: sentences, tables, a timeline.
--
-- `outline.build` turns a result into a list of sections; the formats only lay
-- them out.  Strings in an outline are raw: each format escapes them for
-- itself.  A result may come from JSON and from strangers, so every field may
-- be absent or of another type; what is no number is not shown as one.
--
-- An outline:
--
--     title, subtitle      strings
--     tone                 "good", "notice", "warning", "bad": the worst there is
--     verdict              list of sentences
--     warnings             list of sentences about the capture itself
--     sections             list, in the order of reading
--
-- A section has `id`, `title`, `kind` and, by kind:
--
--     findings   items = { { severity, tone, side, confidence, text, facts, frames, filter } }
--     table      columns = { { title, right = true } }, rows = { { cell, ..., note = string } }
--     facts      items = { { name, value } }
--     timeline   see outline_timeline
--     command    text
--
-- @module mcpcap.report.outline

local escape = require "mcpcap.escape"
local fields = require "mcpcap.report.fields"
local findings = require "mcpcap.report.findings"
local partial = require "mcpcap.report.partial"
local sections = require "mcpcap.report.sections"
local timeline = require "mcpcap.report.timeline"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of
local plural = fields.plural

local outline = {}

-- ---------------------------------------------------------------- the heading

local function matched_packets(result)
  local matched = number(result.capture, "matched_frames")
  if matched then
    return matched
  end
  return (number(result.client_to_server, "packet_count") or 0) + (number(result.server_to_client, "packet_count") or 0)
end

local function subtitle(result)
  local capture = table_of(result, "capture")
  local parts = sections.when(capture)
  local total = number(capture, "frames") or number(result, "total_packets")
  if total then
    parts[#parts + 1] = ("%s, %s of this server"):format(plural(total, "packet"), units.count(matched_packets(result)))
  end
  return table.concat(parts, ", ")
end

-- ----------------------------------------------------------------- the verdict

local function slip_text(slip)
  if type(slip) == "table" then
    return text(slip, "text")
  end
  return type(slip) == "string" and slip ~= "" and slip or nil
end

-- No packet of the server: said here when the result does not say it itself.
local function no_match_text(result)
  local server = text(result, "server") or "this server"
  local total = number(result, "total_packets") or 0
  if result.status == "no_match" then
    return ("No packet of %s is in this capture, which holds %s of other endpoints."):format(
      server, plural(number(result, "tcp_packets_found") or 0, "TCP segment"))
  elseif total == 0 then
    return "The capture holds no packet at all."
  end
  return ("None of the %s in this capture is TCP, so nothing can be said about %s."):format(
    plural(total, "packet"), server)
end

local function verdict(result)
  local said = text(result.analysis, "interpretation")
  if result.status == "no_match" or result.status == "no_tcp" then
    said = said or no_match_text(result)
    local slip = slip_text(result.likely_slip)
    return { said, slip and not said:find(slip, 1, true) and slip or nil }
  elseif said then
    return { said }
  end
  return { ("%s between clients and %s."):format(
    plural(matched_packets(result), "TCP segment"), text(result, "server") or "the server") }
end

-- --------------------------------------------------------------- warnings about the capture

-- The counts that findings speak of already.
local function told(result)
  local keys = {}
  for _, item in ipairs(table_of(table_of(result, "analysis"), "findings")) do
    for key in pairs(table_of(table_of(item, "evidence"), "counts")) do
      keys[key] = true
    end
  end
  return keys
end

local function count_warning(capture, key, known, form)
  local n = number(capture, key)
  return n and n > 0 and not known[key] and form(n) or nil
end

local function share(capture, n)
  local total = number(capture, "frames")
  return total and total > 0 and (" (%s)"):format(units.percent(n / total)) or ""
end

local function warnings(result)
  local capture = table_of(result, "capture")
  local list, known = partial(result), told(result)
  local function add(sentence)
    list[#list + 1] = sentence
  end
  add(count_warning(capture, "undecoded_frames", known, function(n)
    return ("%s of link types that cannot be decoded%s: TCP in them is not counted."):format(
      plural(n, "packet"), share(capture, n))
  end))
  add(count_warning(capture, "sliced_header_frames", known, function(n)
    return ("%s cut before the end of the TCP header%s: nothing is known of them."):format(
      plural(n, "packet was", "packets were"), share(capture, n))
  end))
  add(count_warning(capture, "malformed_frames", known, function(n)
    return ("%s malformed%s."):format(plural(n, "packet is", "packets are"), share(capture, n))
  end))
  add(count_warning(capture, "sliced_bytes", known, function(n)
    return ("%s were cut off by the snapshot length; counts and byte sums are those of the wire all the same."):format(
      units.bytes(n))
  end))
  add(count_warning(capture, "dropped_by_capture", known, function(n)
    return ("The capturing system reports %s that it dropped: gaps are not necessarily losses."):format(
      plural(n, "packet"))
  end))
  add(count_warning(capture, "connections_not_kept", known, function(n)
    return ("%s began a connection past the bound max_connections: counted, but not analysed."):format(
      plural(n, "segment"))
  end))
  for _, sentence in ipairs(findings.withheld(result)) do
    add(sentence)
  end
  for _, sentence in ipairs(table_of(capture, "warnings")) do
    add(type(sentence) == "string" and sentence or nil)
  end
  return list
end

-- ------------------------------------------------------------------ no match

-- "192.0.2.1:80" and "[2001:db8::1]:80" as address and port.
local function split_endpoint(server)
  local address, port = server:match("^%[([%x:.%%%w]+)%]:(%d+)$")
  if not address then
    address, port = server:match("^([%x:.]+):(%d+)$")
  end
  return address, port
end

local function endpoint(ip, port)
  return ip and port and (ip:find(":", 1, true) and "[%s]:%.0f" or "%s:%.0f"):format(ip, port) or nil
end

local function slip_server(slip)
  return text(slip, "server") or endpoint(text(slip, "server_ip"), number(slip, "server_port"))
end

local function candidate_server(item)
  if type(item) == "table" then
    return text(item, "server") or endpoint(text(item, "ip"), number(item, "port"))
  end
  return type(item) == "string" and item or nil
end

local function candidates_section(result)
  local rows = {}
  for _, item in ipairs(table_of(result, "candidates")) do
    local server = candidate_server(item)
    if server then
      local packets, syns = number(item, "packets"), number(item, "syns")
      rows[#rows + 1] = { server, packets and units.count(packets) or "-", syns and units.count(syns) or "-",
        text(item, "why") or "" }
    end
  end
  return {
    id = "candidates", title = "Servers of this capture, the likeliest first", kind = "table", rows = rows,
    columns = { { "server" }, { "packets", right = true }, { "SYNs", right = true }, { "" } },
  }
end

-- The command that would have found something, or nil when it cannot be
-- written safely; where `tool` asked, what to ask it.
local function corrected_command(result, captures, tool)
  local slip, first = result.likely_slip, table_of(result, "candidates")[1]
  local server = slip_server(slip) or candidate_server(first)
  local address, port
  if server then
    address, port = split_endpoint(server)
  end
  if not address then
    return nil
  end
  if tool then
    return ('%s with server_ip "%s"%s'):format(tool, address, port and ", server_port " .. port or "")
  end
  local words = { "mcpcap", "flow" }
  for _, file in ipairs(captures or sections.files(result)) do
    words[#words + 1] = escape.shell(file) or "CAPTURE"
  end
  if #words == 2 then
    words[3] = "CAPTURE"
  end
  words[#words + 1] = address
  words[#words + 1] = port
  return table.concat(words, " ")
end

local function command_section(result, options)
  local command = corrected_command(result, options.captures, options.tool)
  return command and { id = "command", title = "Try", kind = "command", text = command } or nil
end

-- ---------------------------------------------------------------- all together

local function is_empty(section)
  local list = section.rows or section.items
  return list and #list == 0 and not section.empty
end

local function all_sections(result, options)
  local list
  if result.status == "no_match" or result.status == "no_tcp" then
    list = { candidates_section(result), command_section(result, options) or false, sections.capture(result) }
  else
    list = {
      findings.section(result) or false, sections.directions(result), sections.totals(result),
      sections.handshakes(result),
      sections.resets(result), sections.icmp(result), sections.latency(result), sections.balance(result),
      sections.connections(result, options.most_rows), timeline.section(result.timeline) or false,
      sections.capture(result),
    }
  end
  local out = {}
  for _, section in ipairs(list) do
    if section and not is_empty(section) then
      out[#out + 1] = section
    end
  end
  return out
end

local WORSE = { good = 1, notice = 2, warning = 3, bad = 4 }

-- A result that was not searched for findings is not called good.
local function worst_tone(result, list)
  local worst = type(table_of(result, "analysis").findings) == "table" and "good" or "notice"
  if result.status == "no_match" or result.status == "no_tcp" then
    worst = "warning"
  end
  for _, section in ipairs(list) do
    for _, item in ipairs(section.kind == "findings" and section.items or {}) do
      if WORSE[item.tone] > WORSE[worst] then
        worst = item.tone
      end
    end
  end
  return worst
end

--- Builds the outline of a result.
-- @tparam table result of `mcpcap.analyze_traffic_flow`, or read from its JSON
-- @tparam[opt] table options `captures`: the captures as the command line had
-- them, for the corrected command; `most_rows`: no more connections than that
-- @treturn table the outline; the result is not changed
function outline.build(result, options)
  local list = all_sections(result, options or {})
  return {
    title = ("%s in %s"):format(text(result, "server") or "server", sections.files_text(result)),
    subtitle = subtitle(result),
    tone = worst_tone(result, list),
    verdict = verdict(result),
    whose = findings.whose(result),
    warnings = warnings(result),
    sections = list,
  }
end

return outline
