--- What the script of a page draws from: plain data, made for that, every text in it safe to be shown.
-- @module mcpcap.report.page

local escape = require "mcpcap.escape"
local fields = require "mcpcap.report.fields"
local json = require "mcpcap.json"
local sections = require "mcpcap.report.sections"
local segment = require "mcpcap.report.segment"
local state_of = require "mcpcap.report.states"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of

local page = {}

local MOST_TEXT = 400        -- letters of one text

local function visible(value)
  return escape.cut(escape.visible(tostring(value)), MOST_TEXT)
end

-- Three decimals are a microsecond of a millisecond.
local function rounded(n)
  return n and math.floor(n * 1000 + 0.5) / 1000 or json.null
end

-- Numbers stand for texts that come again and again.
local function dictionary()
  local words, index = json.array(), {}
  return words, function(value)
    if value == nil then
      return -1
    end
    if not index[value] then
      words[#words + 1] = visible(value)
      index[value] = #words - 1
    end
    return index[value]
  end
end

-- ------------------------------------------------------------------ what TLS, HTTP and DNS say

local function http_text(http)
  local parts = {}
  for code, n in pairs(table_of(http, "status")) do
    if type(n) == "number" and n > 0 then
      parts[#parts + 1] = ("HTTP %s%s"):format(tostring(code), n > 1 and (" \195\151%.0f"):format(n) or "")
    end
  end
  table.sort(parts)
  return #parts > 0 and table.concat(parts, ", ") or nil
end

--- The words of the application in a row or a told connection, or nil.
function page.application(row)
  local parts, tls, dns = {}, table_of(row, "tls"), table_of(row, "dns")
  parts[#parts + 1] = text(tls, "sni")
  parts[#parts + 1] = text(tls, "version") or text(tls, "offered")
  parts[#parts + 1] = text(tls, "alpn")
  for _, alert in ipairs(table_of(tls, "alerts")) do
    parts[#parts + 1] = "alert " .. (type(alert) == "table" and text(alert, "name") or tostring(alert))
  end
  parts[#parts + 1] = http_text(table_of(row, "http"))
  if text(dns, "name") and number(dns, "wait_ms") then
    parts[#parts + 1] = ("name %s after %s"):format(dns.name, units.duration(dns.wait_ms / 1000))
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

-- ------------------------------------------------------------------------------ connections

local function side(row, which, key)
  return number(table_of(row, which), key) or 0
end

local function both(out, row, name, key)
  table.insert(out[name .. "_up"], side(row, "client_to_server", key))
  table.insert(out[name .. "_down"], side(row, "server_to_client", key))
end

local COLUMNS = { "client", "server", "state", "outcome", "note", "application", "begins", "lasts", "frame",
  "packets_up", "packets_down", "payload_up", "payload_down", "resent_up", "resent_down", "answer" }

-- Columns rather than rows: short, and quick to sort.
local function connections(result)
  local rows = table_of(result, "connections")
  if #rows == 0 then
    return nil
  end
  local words, of = dictionary()
  local out = {}
  for _, name in ipairs(COLUMNS) do
    out[name] = json.array()
  end
  for _, row in ipairs(rows) do
    if type(row) == "table" then
      table.insert(out.client, visible(text(row, "client") or "?"))
      table.insert(out.server, of(text(row, "server") or "?"))
      table.insert(out.state, of(state_of(row) or text(row, "state") or "-"))
      table.insert(out.outcome, of(text(table_of(row, "outcome"), "text")))
      table.insert(out.note, of(sections.remark(row)))
      table.insert(out.application, of(page.application(row)))
      table.insert(out.begins, rounded(number(row, "first_ms")))
      table.insert(out.lasts, rounded(number(row, "duration_ms")))
      table.insert(out.frame, number(row, "first_frame") or 0)
      table.insert(out.answer, rounded(number(table_of(row, "server_response_ms"), "max")))
      both(out, row, "packets", "packet_count")
      both(out, row, "payload", "payload_bytes")
      both(out, row, "resent", "resent")
    end
  end
  out.words = words
  out.total = number(result, "connection_count") or #out.client
  return out
end

-- --------------------------------------------------------------------- timeline and spreads

local LANES = { "payload_bytes", "packets", "retransmissions", "resets", "zero_windows" }

local function numbers(list)
  local out = json.array()
  for i, value in ipairs(type(list) == "table" and list or {}) do
    out[i] = type(value) == "number" and value or 0
  end
  return out
end

local function timeline(result)
  local t = table_of(result, "timeline")
  local up, down = table_of(t, "client_to_server"), table_of(t, "server_to_client")
  local ms = number(t, "bucket_ms")
  if not ms or ms <= 0 or #table_of(up, "packets") == 0 then
    return nil
  end
  local out = { bucket_ms = ms, start = number(t, "start_time") or 0, up = {}, down = {} }
  for _, lane in ipairs(LANES) do
    out.up[lane], out.down[lane] = numbers(up[lane]), numbers(down[lane])
  end
  return out
end

local SPREADS = {
  { "round trip to the server, handshakes", "handshake_rtt_ms", "server" },
  { "round trip to the client, handshakes", "handshake_rtt_ms", "client" },
  { "round trip to the server, data", "data_rtt_ms", "server" },
  { "round trip to the client, data", "data_rtt_ms", "client" },
  { "answers of the server", "server_response_ms" },
  { "pauses of the client", "client_think_ms" },
}

local function spreads(result)
  local latency, out = table_of(result.analysis, "latency"), json.array()
  for _, one in ipairs(SPREADS) do
    local t = table_of(latency, one[2])
    t = one[3] and table_of(t, one[3]) or t
    local spread = table_of(t, "spread")
    local edges, counts = numbers(spread.edges_ms), numbers(spread.counts)
    if #counts > 0 and #edges == #counts + 1 then
      out[#out + 1] = { name = one[1], edges = edges, counts = counts, count = number(t, "count"),
        median = number(t, "median"), p95 = number(t, "p95") }
    end
  end
  return #out > 0 and out or nil
end

-- ----------------------------------------------------------------------- told connections

local SEGMENT = { "t", "from", "flags", "seq", "ack", "bytes", "window", "frame", "label", "why", "says", "verdict",
  "wait" }

local function put_segment(out, of, row)
  table.insert(out.t, rounded(number(row, "time_ms")))
  table.insert(out.from, row.from == "server" and 1 or 0)
  table.insert(out.flags, of(text(row, "flags") or ""))
  table.insert(out.seq, number(row, "seq") or 0)
  table.insert(out.ack, number(row, "ack") or -1)
  table.insert(out.bytes, number(row, "payload_bytes") or 0)
  table.insert(out.window, number(row, "window") or -1)
  table.insert(out.frame, number(row, "frame") or 0)
  local label = segment.labels(row)
  table.insert(out.label, of(label ~= "" and label or nil))
  table.insert(out.why, of(text(row, "why")))
  table.insert(out.says, of(text(row, "says")))
  table.insert(out.verdict, of(text(row, "verdict")))
  table.insert(out.wait, rounded(number(row, "answer_ms")))
end

--- A told connection for the script.
-- @tparam table told result of `mcpcap.connection`
-- @treturn table
function page.told(told)
  local words, of = dictionary()
  local out = { sack = {}, skipped = json.array() }
  for _, name in ipairs(SEGMENT) do
    out[name] = json.array()
  end
  for _, row in ipairs(table_of(told, "segments")) do
    local skipped = type(row) == "table" and row.skipped
    if type(skipped) == "table" then
      local bytes = table_of(skipped, "payload_bytes")
      table.insert(out.skipped, { before = #out.t, segments = number(skipped, "segments") or 0,
        up = number(bytes, "client") or 0, down = number(bytes, "server") or 0,
        first = number(skipped, "first_frame") or 0, last = number(skipped, "last_frame") or 0 })
    elseif type(row) == "table" then
      local sack = table_of(table_of(row, "options"), "sack")
      if #sack > 0 then
        out.sack[tostring(#out.t)] = numbers(sack)
      end
      put_segment(out, of, row)
    end
  end
  out.sack = json.object(out.sack)
  local row = table_of(told, "connection")
  local app = page.application(told)
  return {
    client = visible(text(told, "client") or "?"), server = visible(text(told, "server") or "?"),
    frame = number(row, "first_frame") or 0, number = number(told, "number"),
    about = visible(text(told, "interpretation") or ""), application = app and visible(app) or nil,
    segment_count = number(told, "segment_count") or 0, words = words, segments = out,
  }
end

-- ---------------------------------------------------------------------- ladders of two points

local function ladder(section)
  local steps = json.array()
  local names = { tostring(section.names[1]), tostring(section.names[2]) }
  for i, step in ipairs(table_of(section, "steps")) do
    local at, frames = table_of(step, "at_ms"), table_of(step, "frames")
    steps[i] = {
      from = step.from == "server" and 1 or 0, label = visible(text(step, "label") or ""), fate = text(step, "fate"),
      at = json.array { rounded(number(at, names[1])), rounded(number(at, names[2])) },
      frames = json.array { number(frames, names[1]) or json.null, number(frames, names[2]) or json.null },
    }
  end
  return {
    id = section.id, names = json.array { visible(names[1]), visible(names[2]) }, steps = steps,
    about = json.array { visible(text(section.clients, names[1]) or ""),
      visible(text(section.clients, names[2]) or "") },
  }
end

--- The data of a page.
-- @tparam table result
-- @tparam table outline of it
-- @tparam table options `told`: list of results of `mcpcap.connection`; `captures`: the words of the command line
-- @treturn ?table nil where there is nothing to draw
function page.data(result, outline, options)
  local told, ladders = json.array(), json.array()
  for i, one in ipairs(result.kind == "connection" and { result } or options.told or {}) do
    told[i] = page.told(one)
  end
  for _, section in ipairs(outline.sections) do
    if section.kind == "ladder" then
      ladders[#ladders + 1] = ladder(section)
    end
  end
  local out = {
    timeline = not result.kind and timeline(result) or nil, spreads = not result.kind and spreads(result) or nil,
    connections = not result.kind and connections(result) or nil, told = #told > 0 and told or nil,
    ladders = #ladders > 0 and ladders or nil,
  }
  if next(out) == nil then
    return nil
  end
  local files = options.captures or sections.files(result)
  local words = {}
  for i, file in ipairs(files) do
    words[i] = escape.shell(file) or "CAPTURE"
  end
  out.capture = visible(#words > 0 and table.concat(words, " ") or "CAPTURE")
  return out
end

-- --------------------------------------------------------------------- for a host of MCP Apps

-- Every text of it safe to be shown; lists are lists also where they are empty.
local function shown(value)
  if type(value) == "string" then
    return visible(value)
  elseif type(value) ~= "table" or value == json.null then
    return value
  end
  local out = {}
  for key, item in pairs(value) do
    if type(item) ~= "function" then
      out[key] = shown(item)
    end
  end
  return next(out) == nil and json.array() or out
end

local function plain_rows(section)
  local rows = json.array()
  for r, row in ipairs(section.rows) do
    local cells = json.array()
    for i = 1, #section.columns do
      cells[i] = visible(row[i] or "")
    end
    rows[r] = { cells = cells, note = row.note and visible(row.note) or nil }
  end
  local columns = json.array()
  for i, column in ipairs(section.columns) do
    columns[i] = { title = visible(column[1]), right = column.right }
  end
  return { id = section.id, title = section.title, kind = section.kind, rows = rows, columns = columns,
    caption = section.caption }
end

-- What the script can lay out itself.
local function plain_section(section)
  if section.kind == "table" or section.kind == "ladder" then
    return plain_rows(section)
  elseif section.kind == "timeline" then
    return { id = section.id, title = section.title, kind = section.kind }
  end
  return shown(section)
end

--- The data of a page together with the report that the page stands around.
-- @tparam table result
-- @tparam table outline
-- @tparam table options as of `page.data`
-- @treturn table
function page.whole(result, outline, options)
  local out = page.data(result, outline, options) or { capture = "CAPTURE" }
  local list = json.array()
  for i, section in ipairs(outline.sections) do
    list[i] = plain_section(section)
  end
  out.outline = {
    title = visible(outline.title), subtitle = visible(outline.subtitle), tone = outline.tone,
    whose = outline.whose and shown(outline.whose), verdict = shown(outline.verdict),
    warnings = shown(outline.warnings),
    sections = list,
  }
  return out
end

--- The same as JSON that may stand in a page: nothing in it ends an element or begins one.
function page.embedded(data)
  return (json.encode(data):gsub("[<>&]", { ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" }))
end

return page
