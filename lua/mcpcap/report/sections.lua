--- The tables of a report: each function takes a result and gives one section
-- (`mcpcap.report.outline` says what that is), which may turn out empty.
-- @module mcpcap.report.sections

local fields = require "mcpcap.report.fields"
local state_of = require "mcpcap.report.states"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of

local sections = {}

--- The captures by name; a result of several holds a list.
function sections.files(result)
  local file = type(result.files) == "table" and #result.files > 0 and result.files or result.file
  if type(file) == "string" then
    return { file }
  end
  local list = {}
  for i, name in ipairs(type(file) == "table" and file or {}) do
    list[i] = tostring(name)
  end
  return list
end

--- The captures in a line.
function sections.files_text(result)
  local list = sections.files(result)
  if #list == 0 then
    return "a capture"
  elseif #list <= 3 then
    return table.concat(list, ", ")
  end
  return ("%s, %s and %d more"):format(list[1], list[2], #list - 2)
end

-- -------------------------------------------------------------- both directions

-- A count of segments, and its share of those that carried data; none where most of them carry none (SYN-ACKs).
local function with_share(n, t, rate)
  local packets = number(t, "data_packets")
  if n and n > 0 and packets and packets >= n then
    return ("%s (%s)"):format(units.count(n), units.percent(rate or n / packets))
  end
  return n and units.count(n)
end

local function of(key, show)
  return function(t)
    local n = number(t, key)
    return n and show(n)
  end
end

local function milliseconds(t, key)
  local n = number(t, key)
  return n and n > 0 and units.duration(n / 1000) or nil
end

local function zero_windows(t)
  local n, ms = number(t, "zero_windows"), milliseconds(t, "zero_window_ms")
  return n and (units.count(n) .. (n > 0 and ms and " (" .. ms .. ")" or ""))
end

local function rtt(t)
  local rtt_ms = table_of(t, "rtt_ms")
  local median, p95 = number(rtt_ms, "median"), number(rtt_ms, "p95")
  if (number(rtt_ms, "count") or 0) == 0 or not median then
    return nil
  end
  return units.duration(median / 1000) .. (p95 and " / " .. units.duration(p95 / 1000) or "")
end

local function late(kind)
  return function(t)
    local n = number(table_of(t, "late_segments"), kind)
    return n and units.count(n)
  end
end

local function resent(t)
  return with_share(number(table_of(t, "late_segments"), "resent"), t)
end

local function retransmissions(t)
  return with_share(number(t, "retransmissions"), t, number(t, "retransmission_rate"))
end

-- Names of limits, and the shares that make them up.
local LIMITS = {
  { "its process", "answering", "pausing", "writing" }, { "the receiver's window", "receiver_window", "closed_window" },
  { "repairs of losses", "recovery", "timeouts" }, { "the path", "path" }, { "slow start", "slow_start" },
  { "its send window", "sender_window" }, { "the other side", "other_side" },
}

-- The three that took most time, from a tenth of it on.
local function limits(t)
  local shares, list = table_of(table_of(t, "limits"), "shares"), {}
  for order, limit in ipairs(LIMITS) do
    local sum = 0
    for i = 2, #limit do
      sum = sum + (number(shares, limit[i]) or 0)
    end
    if sum >= 0.1 then
      list[#list + 1] = { sum = sum, order = order, text = ("%s %s"):format(limit[1], units.percent(sum)) }
    end
  end
  table.sort(list, function(a, b)
    return a.sum > b.sum or a.sum == b.sum and a.order < b.order
  end)
  for i, one in ipairs(list) do
    list[i] = one.text
  end
  return #list > 0 and table.concat(list, ", ", 1, math.min(3, #list)) or nil
end

-- Label, what is shown, and the field that decides whether a row without
-- numbers may be left out (nil: the row stands whenever it can be shown).
local DIRECTION_ROWS = {
  { "packets", of("packet_count", units.count) },
  { "bytes on the wire", of("byte_count", units.bytes) },
  { "payload", of("payload_bytes", units.bytes) },
  { "throughput", of("throughput_bps", units.rate), "throughput_bps" },
  { "waited for", limits, false },
  { "segments with data", of("data_packets", units.count) },
  { "sent again (share of data)", resent },
  { "  lost before the capture point", late "resent_unseen", { "late_segments", "resent_unseen" } },
  { "  captured, and sent again", late "resent_seen", { "late_segments", "resent_seen" } },
  { "  needlessly", late "resent_needless", { "late_segments", "resent_needless" } },
  { "  bytes", of("retransmitted_bytes", units.bytes), "retransmitted_bytes" },
  { "reordered on the way", late "reordered", { "late_segments", "reordered" } },
  { "duplicated on the way", late "duplicated", { "late_segments", "duplicated" } },
  { "late, and undecided", late "undecided", { "late_segments", "undecided" } },
  { "retransmissions, by Wireshark's rules", retransmissions },
  { "  fast", of("fast_retransmissions", units.count), "fast_retransmissions" },
  { "  spurious", of("spurious_retransmissions", units.count), "spurious_retransmissions" },
  { "out of order, by Wireshark's rules", of("out_of_order", units.count), "out_of_order" },
  { "late, and only captured twice", of("capture_duplicates", units.count), "capture_duplicates" },
  { "frames captured twice", of("repeated_frames", units.count), "repeated_frames" },
  { "gaps noticed", of("lost_segments", units.count), "lost_segments" },
  { "bytes never seen", of("missing_bytes", units.bytes), "missing_bytes" },
  { "acknowledged, never seen", of("acked_unseen", units.count), "acked_unseen" },
  { "duplicate acks", of("duplicate_acks", units.count), "duplicate_acks" },
  { "zero windows", zero_windows, "zero_windows" },
  { "window full", of("window_full", units.count), "window_full" },
  { "keep-alives", of("keep_alives", units.count), "keep_alives" },
  { "SYN (SYN-ACK included)", of("syn_count", units.count) },
  { "FIN", of("fin_count", units.count) },
  { "RST", of("rst_count", units.count) },
  { "round trip, median / p95", rtt, false },
}

local function is_quiet(t, field)
  if type(field) == "table" then
    return (number(table_of(t, field[1]), field[2]) or 0) == 0
  end
  return (number(t, field) or 0) == 0
end

function sections.directions(result)
  local to_server, to_client = table_of(result, "client_to_server"), table_of(result, "server_to_client")
  local rows = {}
  for _, row in ipairs(DIRECTION_ROWS) do
    local label, show, field = row[1], row[2], row[3]
    local left, right = show(to_server), show(to_client)
    local quiet = field and is_quiet(to_server, field) and is_quiet(to_client, field)
    if (left or right) and not quiet then
      rows[#rows + 1] = { label, left or "-", right or "-" }
    end
  end
  return {
    id = "directions", title = "Both directions", kind = "table", rows = rows,
    columns = { { "" }, { "client to server", right = true }, { "server to client", right = true } },
  }
end

-- ------------------------------------------- handshakes, resets, latency, balance

-- A number, or numbers by who opened the connection.
local function by_opener(value)
  local client, server = number(value, "client"), number(value, "server")
  if not client and not server then
    return number({ value }, 1) and units.count(value), value == 0
  end
  client, server = client or 0, server or 0
  if server == 0 then
    return units.count(client), client == 0
  end
  return ("%s opened by clients, %s by the server"):format(units.count(client), units.count(server)), false
end

local HANDSHAKE_KEYS = { "attempted", "completed", "refused", "unanswered" }

function sections.handshakes(result)
  local handshakes = table_of(result.analysis, "handshakes")
  local items, always = {}, {}
  for _, key in ipairs(HANDSHAKE_KEYS) do
    always[key] = true
  end
  for _, key in ipairs(fields.ordered_keys(handshakes, HANDSHAKE_KEYS)) do
    local shown, is_zero = by_opener(handshakes[key])
    if shown and (always[key] or not is_zero) then
      items[#items + 1] = { (units.words(key):gsub("^syn ", "SYN ")), shown }
    end
  end
  return { id = "handshakes", title = "Handshakes", kind = "facts", items = items }
end

local STATE_WORDS = {
  SF = "closed by both sides", S0 = "unanswered", S1 = "open", S2 = "half closed by the opener",
  S3 = "half closed by the other side", REJ = "refused", RSTO = "reset by the opener",
  RSTR = "reset by the other side", RSTOS0 = "reset by the opener before an answer",
  RSTRH = "reset by the other side, half seen", SH = "closed by the opener, half seen",
  SHR = "closed by the other side, half seen", OTH = "mid-stream or unknown",
}

-- The states of all connections, the most frequent first; where clients opened all of them, who is who is known.
local function states_text(states, by_clients)
  local list = {}
  for _, code in ipairs(fields.ordered_keys(states)) do
    local n = number(states, code)
    if n and n > 0 then
      list[#list + 1] = { n, code }
    end
  end
  table.sort(list, function(a, b)
    if a[1] ~= b[1] then
      return a[1] > b[1]
    end
    return a[2] < b[2]
  end)
  for i, item in ipairs(list) do
    local said = STATE_WORDS[item[2]] or item[2]
    if by_clients then
      said = said:gsub("the opener", "the client"):gsub("the other side", "the server")
    end
    list[i] = units.count(item[1]) .. " " .. said
  end
  return #list > 0 and table.concat(list, ", ") or nil
end

function sections.totals(result)
  local sums = table_of(result, "connection_sums")
  local items = {}
  local function add(name, value)
    if value then
      items[#items + 1] = { name, value }
    end
  end
  local total, clients = number(result, "connection_count"), number(sums, "clients")
  local from = sums.clients_exact == false and " from about " or " from "
  add("connections", total and units.count(total)
    .. (clients and clients > 0 and from .. fields.plural(clients, "client") or ""))
  local mid_stream = number(sums, "mid_stream") or 0
  local attempted = table_of(table_of(result.analysis, "handshakes"), "attempted")
  add("states", states_text(table_of(sums, "states"), mid_stream == 0 and number(attempted, "server") == 0))
  add("begun before the capture", mid_stream > 0 and units.count(mid_stream) or nil)
  return { id = "totals", title = "Connections", kind = "facts", items = items }
end

local PHASES = { "refused", "half_open", "without_data", "mid_data", "half_closed", "late", "after_close", "stray" }
local PHASE_WORDS = {
  refused = "as the answer to a SYN (refused)",
  half_open = "before the handshake was complete",
  without_data = "after the handshake, before any data",
  mid_data = "after data had passed",
  half_closed = "as the answer to the other side's FIN",
  late = "after its own FIN, to late data",
  after_close = "after both had closed (benign)",
  stray = "with nothing else of the connection seen",
}

function sections.resets(result)
  local resets = table_of(result.analysis, "resets")
  local rows = {}
  for _, phase in ipairs(PHASES) do
    local sides = table_of(resets, phase)
    local client, server = number(sides, "client") or 0, number(sides, "server") or 0
    if client + server > 0 then
      rows[#rows + 1] = { PHASE_WORDS[phase], units.count(client), units.count(server) }
    end
  end
  return {
    id = "resets", title = "Connections reset", kind = "table", rows = rows,
    columns = { { "first reset" }, { "by the client", right = true }, { "by the server", right = true } },
  }
end

local LATENCY_ROWS = {
  { "handshake, to the server and back", "handshake_rtt_ms", "server" },
  { "handshake, to the client and back", "handshake_rtt_ms", "client" },
  { "data, to the server and back", "data_rtt_ms", "server" },
  { "data, to the client and back", "data_rtt_ms", "client" },
  { "server: request to first byte", "server_response_ms" },
  { "client: answer to next request", "client_think_ms" },
}

function sections.latency(result)
  local latency = table_of(result.analysis, "latency")
  local rows = {}
  for _, row in ipairs(LATENCY_ROWS) do
    local t = table_of(latency, row[2])
    t = row[3] and table_of(t, row[3]) or t
    local count = number(t, "count")
    if count and count > 0 then
      local cells = { row[1], units.count(count) }
      for _, key in ipairs { "min", "median", "p95", "max" } do
        local n = number(t, key)
        cells[#cells + 1] = n and units.ms_number(n) or "-"
      end
      rows[#rows + 1] = cells
    end
  end
  return {
    id = "latency", title = "Latency, in milliseconds", kind = "table", rows = rows,
    columns = { { "" }, { "samples", right = true }, { "min", right = true }, { "median", right = true },
      { "p95", right = true }, { "max", right = true } },
  }
end

-- 0.027 is "1 to 37": a share below a hundredth stays readable.
local function ratio_text(ratio)
  local function plain(n)
    if n >= 9.95 then
      return units.count(math.floor(n + 0.5))
    end
    return (units.fixed(n, 1):gsub("%.0$", ""))
  end
  if ratio <= 0 then
    return "0"
  elseif ratio >= 1 then
    return plain(ratio) .. " to 1"
  end
  return "1 to " .. plain(1 / ratio)
end

local BALANCE = {
  { "packets", "packets" }, { "wire_bytes", "bytes on the wire" }, { "payload_bytes", "payload" },
}

function sections.balance(result)
  local asymmetry = table_of(result.analysis, "asymmetry")
  local items = {}
  for _, row in ipairs(BALANCE) do
    local t = table_of(asymmetry, row[1])
    local ratio, label = number(t, "ratio"), text(t, "label")
    if ratio or label then
      local parts = {}
      parts[#parts + 1] = ratio and ratio_text(ratio)
      parts[#parts + 1] = label and units.words(label)
      items[#items + 1] = { row[2], table.concat(parts, ", ") }
    end
  end
  return { id = "balance", title = "Balance, client to server against server to client", kind = "facts", items = items }
end

-- ------------------------------------------------------------------ connections

local function pair(row, key, show)
  local left, right = number(row.client_to_server, key), number(row.server_to_client, key)
  if not left and not right then
    return "-"
  end
  return (left and show(left) or "-") .. " / " .. (right and show(right) or "-")
end

local function lasted(row)
  local ms = number(row, "duration_ms")
  return ms and ms >= 0 and units.duration(ms / 1000) or "-"
end

-- When the connection began, counted from the first packet of the capture.
local function began(row)
  local ms = number(row, "first_ms")
  return ms and units.fixed(ms / 1000, 3) .. " s" or "-"
end

-- The product's own verdict where there is one, else the reference's label.
local function resent_of(side)
  return number(side, "resent") or number(side, "retransmissions")
end

local function resent_pair(row)
  local left, right = resent_of(row.client_to_server), resent_of(row.server_to_client)
  return left and right and units.count(left) .. " / " .. units.count(right) or "-"
end

-- What held a transfer back for most of a second or more; "%s" is who sent it.
local LIMITED_BY = {
  application = "the %s's process had the data in pieces",
  small_window = "the %s's data filled the window that it was given",
  slow_reader = "the %s's data waited for its reader",
  loss = "losses held the %s's data back",
  path = "the %s's data went at the path's own rate",
  sender = "the %s waited for acknowledgements, with room in the window",
}
local LIMITED_LEAST_MS = 1000

-- What stands out in a row.
local function remark(row)
  local parts = {}
  local reset, handshake = table_of(row, "reset"), table_of(row, "handshake")
  local by, phase, after = text(reset, "by"), text(reset, "phase"), number(reset, "after_ms")
  if by and phase then
    parts[1] = ("reset by the %s %s%s"):format(by, PHASE_WORDS[phase] or units.words(phase),
      after and after > 0 and ", " .. units.duration(after / 1000) .. " after the packet before it" or "")
  end
  local again = number(handshake, "syn_retransmits") or 0
  if again > 0 then
    parts[#parts + 1] = "SYN sent again " .. fields.plural(again, "time")
  end
  for _, side in ipairs { { "client_to_server", "client" }, { "server_to_client", "server" } } do
    local ms = number(row[side[1]], "zero_window_ms") or 0
    if ms > 0 then
      parts[#parts + 1] = ("the %s's window was closed for %s"):format(side[2], units.duration(ms / 1000))
    end
    local told = table_of(row[side[1]], "limits")
    local held = LIMITED_BY[text(told, "by") or ""]
    if held and (number(told, "time_ms") or 0) >= LIMITED_LEAST_MS then
      parts[#parts + 1] = held:format(side[2])
    end
  end
  local slowest = number(table_of(row, "server_response_ms"), "max") or 0
  if slowest >= 500 then
    parts[#parts + 1] = "an answer took " .. units.duration(slowest / 1000)
  end
  return #parts > 0 and table.concat(parts, "; ") or nil
end

sections.remark = remark

-- With 'most' no more rows than that, where the others are shown elsewhere.
function sections.connections(result, most)
  local rows, list = {}, table_of(result, "connections")
  most = math.min(most or #list, #list)
  local many_ports = (text(result, "server") or ""):find(":any$") ~= nil
  for i = 1, most do
    local row = list[i]
    if type(row) == "table" then
      local client, server = text(row, "client") or "?", text(row, "server")
      rows[#rows + 1] = {
        client .. (many_ports and server and " to " .. server or ""),
        state_of(row) or text(row, "state") or "-",
        began(row), lasted(row),
        pair(row, "packet_count", units.count), pair(row, "payload_bytes", units.bytes),
        resent_pair(row),
        note = remark(row),
      }
    end
  end
  return {
    id = "connections", title = "The most telling connections", kind = "table", rows = rows,
    columns = { { "client" }, { "state", flexible = true }, { "begins", right = true }, { "lasts", right = true },
      { "packets", right = true }, { "payload", right = true }, { "resent", right = true } },
    caption = "Pairs are client to server / server to client."
      .. (most < #list and (" The first %d of %d."):format(most, #list) or ""),
  }
end

-- --------------------------------------------------------------- the capture

-- When the capture begins and how long it lasts, as far as it says: a list of words.
function sections.when(capture)
  local first, last, ms = number(capture, "first_time"), number(capture, "last_time"), number(capture, "duration_ms")
  local parts = { first and units.moment(first) }
  local duration = ms and ms / 1000 or (first and last and last - first)
  if duration and duration >= 0 then
    parts[#parts + 1] = units.duration(duration)
  end
  return parts
end

-- What may become of a frame: key of the result, name, colour.
sections.FRAMES = {
  { "matched_frames", "of this server", "p8" }, { "other_tcp_frames", "other TCP", "p9" },
  { "not_tcp_frames", "not TCP", "p0" }, { "undecoded_frames", "of link types that are not decoded", "p6" },
  { "fragment_frames", "unfinished IP fragments", "p4" },
  { "sliced_header_frames", "cut too short to decode", "p5" }, { "malformed_frames", "malformed", "p7" },
}

local function frames_fact(capture)
  local total = number(capture, "frames")
  if not total then
    return nil
  end
  local parts = {}
  for _, kind in ipairs(sections.FRAMES) do
    local n = number(capture, kind[1]) or 0
    if n > 0 then
      parts[#parts + 1] = units.count(n) .. " " .. kind[2]
    end
  end
  return units.count(total) .. (#parts > 0 and " = " .. table.concat(parts, " + ") or "")
end

local function link_types(capture)
  local names = {}
  for _, link in ipairs(table_of(capture, "link_types")) do
    if type(link) == "table" then
      local name = text(link, "name") or (number(link, "number") and "link type " .. units.count(link.number))
      local n = number(link, "frames")
      names[#names + 1] = name and (name .. (n and " (" .. units.count(n) .. ")" or ""))
    elseif type(link) == "string" then
      names[#names + 1] = link
    end
  end
  return #names > 0 and table.concat(names, ", ") or nil
end

local PLACES = { client = "beside the client", server = "beside the server", between = "between client and server" }

-- Where the capture was taken, as far as it shows.
local function vantage(result)
  local v = table_of(table_of(result, "analysis"), "vantage")
  local place, confidence, why = PLACES[v.place], text(v, "confidence"), text(v, "why")
  if not place then
    return nil
  end
  return place .. (confidence and ", confidence " .. confidence or "") .. (why and ": " .. why or "")
end

function sections.capture(result)
  local capture = table_of(result, "capture")
  local items = {}
  local function add(name, value)
    if value then
      items[#items + 1] = { name, value }
    end
  end
  local compression, snaplen = text(capture, "compression"), number(capture, "snaplen")
  local first, last = number(capture, "first_time"), number(capture, "last_time")
  add("file", #sections.files(result) > 0 and sections.files_text(result) or nil)
  add("format", text(capture, "format")
    and capture.format .. (compression and compression ~= "none" and ", " .. compression or ""))
  add("taken", vantage(result))
  add("link types", link_types(capture))
  add("snapshot length", snaplen and snaplen > 0 and units.count(snaplen) .. " bytes" or nil)
  add("first packet", first and units.moment(first))
  add("last packet", last and units.moment(last))
  add("packets", frames_fact(capture))
  local filtered = number(capture, "filtered_frames") or 0
  add("left out by the filter", filtered > 0 and fields.plural(filtered, "packet") or nil)
  local timeless, records = number(capture, "timeless_frames") or 0, number(capture, "record_frames") or 0
  local inner = number(capture, "inner_length_frames") or 0
  add("not looked into", inner > 0 and fields.plural(inner, "packet") .. " in GTP-U, for the length inside" or nil)
  add("without a time", timeless > 0 and fields.plural(timeless, "packet") or nil)
  add("no packets", records > 0 and fields.plural(records, "record") .. " that Wireshark counts as frames" or nil)
  add("rules", text(result, "rules"))
  return { id = "capture", title = "The capture", kind = "facts", items = items }
end

return sections
