--- What a report of one connection says, before any format.
-- @module mcpcap.report.connection

local fields = require "mcpcap.report.fields"
local segment = require "mcpcap.report.segment"
local state_of = require "mcpcap.report.states"
local units = require "mcpcap.report.units"

local number, text, table_of, plural = fields.number, fields.text, fields.table_of, fields.plural

-- Shorter than this a wait is no news.
local WAIT_MS = 200

local function frame_text(n)
  return ("%.0f"):format(n or 0)
end

local function skipped_row(skipped)
  local bytes = table_of(skipped, "payload_bytes")
  local parts = { plural(number(skipped, "segments") or 0, "segment") .. " not shown" }
  for _, side in ipairs { "client", "server" } do
    local n = number(bytes, side) or 0
    if n > 0 then
      parts[#parts + 1] = ("%s from the %s"):format(units.bytes(n), side)
    end
  end
  local ms = number(skipped, "duration_ms")
  if ms and ms > 0 then
    parts[#parts + 1] = "within " .. units.duration(ms / 1000)
  end
  local first, last = frame_text(skipped.first_frame), frame_text(skipped.last_frame)
  local frames = first == last and "frame " .. first or ("frames %s to %s"):format(first, last)
  return { "...", note = frames .. ": " .. table.concat(parts, ", ") }
end

local function options_text(row)
  local o, parts = table_of(row, "options"), {}
  if number(o, "mss") then
    parts[#parts + 1] = ("MSS %.0f"):format(o.mss)
  end
  if number(o, "window_scale") then
    parts[#parts + 1] = ("window scale %.0f"):format(o.window_scale)
  end
  if o.sack_permitted then
    parts[#parts + 1] = "SACK permitted"
  end
  local sack = table_of(o, "sack")
  for i = 1, #sack - 1, 2 do
    parts[#parts + 1] = ("SACK %s-%s"):format(frame_text(sack[i]), frame_text(sack[i + 1]))
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

local function segment_row(row)
  if type(row.skipped) == "table" then
    return skipped_row(row.skipped)
  end
  local notes, wait = {}, number(row, "answer_ms")
  for _, part in ipairs { options_text(row) or false, text(row, "says") or false, text(row, "why") or false } do
    if part then
      notes[#notes + 1] = part
    end
  end
  if wait and wait >= WAIT_MS then
    notes[#notes + 1] = ("after %s of waiting for the %s"):format(units.duration(wait / 1000), text(row, "from") or "?")
  end
  local ms = number(row, "time_ms")
  return {
    frame_text(number(row, "frame")), ms and units.fixed(ms, 3) or "", row.from == "server" and "<" or ">",
    text(row, "flags") or "", frame_text(number(row, "seq")), number(row, "ack") and frame_text(row.ack) or "",
    frame_text(number(row, "payload_bytes")), number(row, "window") and units.count(row.window) or "",
    segment.labels(row),
    note = #notes > 0 and table.concat(notes, "; ") or nil,
  }
end

local function segments_section(result)
  local rows = {}
  for i, row in ipairs(table_of(result, "segments")) do
    rows[i] = segment_row(row)
  end
  return { id = "segments", title = "Segments (> from the client, < from the server)", kind = "table", rows = rows,
    columns = { { "frame", right = true }, { "ms", right = true }, { "" }, { "flags" }, { "seq", right = true },
      { "ack", right = true }, { "bytes", right = true }, { "window", right = true },
      { "Wireshark says" } } }
end

local function tls_text(tls)
  if next(tls) == nil then
    return nil
  end
  local parts = { text(tls, "version") or text(tls, "offered") and tls.offered .. " offered" or "TLS" }
  if text(tls, "sni") then
    parts[#parts + 1] = "for " .. tls.sni
  end
  parts[#parts + 1] = text(tls, "alpn") or text(tls, "alpn_offered") and tls.alpn_offered .. " offered" or nil
  if number(tls, "server_hello_ms") then
    parts[#parts + 1] = ("ServerHello after %s"):format(units.duration(tls.server_hello_ms / 1000))
  elseif number(tls, "client_hello_frame") then
    parts[#parts + 1] = "no ServerHello"
  end
  for _, alert in ipairs(table_of(tls, "alerts")) do
    parts[#parts + 1] = ("alert %s of the %s in frame %s"):format(text(alert, "name") or "?",
      text(alert, "from") or "?", frame_text(number(alert, "frame")))
  end
  return table.concat(parts, ", ")
end

local RESET_WHEN = {
  refused = "as the answer to the SYN", half_open = "before the handshake was complete",
  without_data = "after the handshake, before any data", mid_data = "after data had passed",
  half_closed = "as the answer to the other side's FIN", late = "after its own FIN, to late data",
  after_close = "after both had closed", stray = "with nothing else of the connection seen",
}
local CLOSED_WITH = { fin = "a FIN", rst = "a reset" }

local function facts_section(result)
  local c, items = table_of(result, "connection"), {}
  local function add(name, value)
    if value and value ~= "" then
      items[#items + 1] = { name, value }
    end
  end
  add("connection", ("number %s of %s"):format(frame_text(number(result, "number")),
    units.count(number(result, "connection_count") or 0)))
  local dns = table_of(result, "dns")
  if text(dns, "name") then
    add("name", ("%s, asked for in frame %s and answered after %s, %s before the connection"):format(dns.name,
      frame_text(number(dns, "frame")), units.duration((number(dns, "wait_ms") or 0) / 1000),
      units.duration((number(dns, "before_ms") or 0) / 1000)))
  end
  add("TLS", tls_text(table_of(result, "tls")))
  add("state", state_of(c))
  add("closed by", text(c, "closed_by") and ("the %s, with %s"):format(c.closed_by,
    CLOSED_WITH[text(c, "closed_with")] or "?"))
  local reset = table_of(c, "reset")
  if text(reset, "by") then
    add("reset", ("by the %s in frame %s, %s"):format(reset.by, frame_text(number(reset, "frame")),
      RESET_WHEN[text(reset, "phase")] or units.words(text(reset, "phase") or "")))
  end
  local handshake = table_of(c, "handshake")
  if number(handshake, "syn_synack_ms") then
    add("handshake", ("%s ms to the server and back%s"):format(units.ms_number(handshake.syn_synack_ms),
      number(handshake, "synack_ack_ms") and (", %s ms to the client and back"):format(
        units.ms_number(handshake.synack_ack_ms)) or ""))
  end
  local response = table_of(c, "server_response_ms")
  if number(response, "count") then
    add("answers", ("%s, the slowest after %s ms"):format(units.count(response.count),
      units.ms_number(number(response, "max") or 0)))
  end
  if (number(result, "others_of_pair") or 0) > 0 then
    local frames = {}
    for i, frame in ipairs(table_of(result, "other_frames")) do
      frames[i] = frame_text(frame)
    end
    add("same ports", ("%s more, from frame %s on"):format(plural(result.others_of_pair, "connection"),
      table.concat(frames, ", ")))
  end
  return { id = "connection", title = "Connection", kind = "facts", items = items }
end

--- Builds the outline of a connection, as `mcpcap.report.outline` does of a result.
-- @tparam table result of `mcpcap.connection`
-- @tparam function partial sentences about what a result does not cover
-- @treturn table outline
return function(result, partial)
  local count, shown = number(result, "segment_count") or 0, number(result, "segments_shown") or 0
  local warnings = partial(result)
  if (number(result, "segments_not_kept") or 0) > 0 then
    warnings[#warnings + 1] = ("%s past those that are kept have no part in the list."):format(
      plural(result.segments_not_kept, "segment"))
  end
  local c = table_of(result, "connection")
  return {
    title = ("%s to %s"):format(text(result, "client") or "?", text(result, "server") or "?"),
    subtitle = ("%s, first frame %s"):format(text(result, "file") or "capture", frame_text(number(c, "first_frame"))),
    tone = text(table_of(c, "reset"), "by") and "warning" or "good",
    verdict = { text(result, "interpretation") or "",
      shown == 0 and count > 0
        and ("None of its %s is shown: none lies in these frames."):format(plural(count, "segment"))
        or shown < count and ("%s of %s are shown."):format(units.count(shown), plural(count, "segment")) or nil },
    warnings = warnings, sections = { facts_section(result), segments_section(result) },
  }
end
