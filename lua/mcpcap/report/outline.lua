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

-- No packet of the server: that is a report of its own.
local function is_without(result)
  return result.status == "no_match" or result.status == "no_tcp"
end

local function verdict(result)
  local said = text(result.analysis, "interpretation")
  if is_without(result) then
    return require("mcpcap.report.no_match").verdict(result, said)
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
    return ("%s began a connection past %s: counted, but not analysed."):format(plural(n, "segment"),
      capture.short_of_memory and "what memory there was" or "the bound max_connections")
  end))
  for _, sentence in ipairs(findings.withheld(result)) do
    add(sentence)
  end
  for _, sentence in ipairs(table_of(capture, "warnings")) do
    add(type(sentence) == "string" and sentence or nil)
  end
  return list
end

-- ---------------------------------------------------------------- all together

local function is_empty(section)
  local list = section.rows or section.items
  return list and #list == 0 and not section.empty
end

local function all_sections(result, options)
  local list
  if is_without(result) then
    local no_match = require "mcpcap.report.no_match"
    list = { no_match.candidates(result), no_match.command(result, options) or false, sections.capture(result) }
  else
    list = {
      findings.section(result) or false, sections.directions(result), sections.totals(result),
      sections.handshakes(result),
      sections.resets(result), #table_of(result, "icmp") > 0 and require("mcpcap.report.icmp")(result),
      sections.latency(result), sections.balance(result), sections.connections(result, options.most_rows),
      timeline.section(result.timeline) or false,
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
  if is_without(result) then
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
    title = ("%s in %s"):format((text(result, "server") or "server"):gsub(":any$", " (all ports)"),
      sections.files_text(result)),
    subtitle = subtitle(result),
    tone = worst_tone(result, list),
    verdict = verdict(result),
    whose = findings.whose(result),
    warnings = warnings(result),
    sections = list,
  }
end

return outline
