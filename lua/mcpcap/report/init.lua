--- Turns a result into words: text, Markdown, JSON, HTML.
--
-- Pure Lua: a table in, a string out; a result that was saved as JSON and read
-- again gives the same report.  Every format sees the same outline
-- (`mcpcap.report.outline`) and escapes for itself.
-- @module mcpcap.report
-- @usage
-- local report = require "mcpcap.report"
-- io.write(report.render(result, "text"))

local partial = require "mcpcap.report.partial"

local report = {}

-- What only JSON needs: mcpcap.fields.lists, mcpcap.json; see report.plain.
local lists, json

-- The order in which a person reads a result; other keys follow by name.
local ORDER = {
  "schema_version", "id", "status", "file", "server", "client", "analysis_timestamp", "rules",
  "severity", "side", "confidence", "text", "evidence",
  "total_packets", "tcp_packets_found", "interpretation", "findings",
  "state", "state_text", "why", "history",
  "client_to_server", "server_to_client", "analysis",
  "packet_count", "byte_count", "syn_count", "rst_count", "fin_count", "data_packets", "retransmissions",
  "count", "min", "median", "p95", "max", "mean",
  "connections", "capture", "timeline", "candidates", "likely_slip", "points", "pairs", "stretches", "singles",
  "verdict", "servers", "closed_hosts", "beside",
}

local function check_depth(depth)
  if depth > 50 then
    error("bad argument #1 to 'render' (nested too deeply)", 0)
  end
end

-- The copy that formats work on: the result itself is never touched, nothing
-- in it is `null`, and a table that holds itself ends here.
local function copied(value, depth, null)
  if type(value) ~= "table" then
    return value
  end
  check_depth(depth)
  local out = {}
  for key, item in pairs(value) do
    if item ~= null then
      out[key] = copied(item, depth + 1, null)
    end
  end
  return out
end

local function copy(result)
  local known = package.loaded["mcpcap.json"] -- before it is loaded nothing can be its null
  return copied(result, 0, known and known.null)
end

-- Of a part: the types of its keys in which lists or maps lie.
local types_of = {}

local function type_of(part, key)
  local types = types_of[part]
  if not types then
    types = {}
    for name, kind in (lists[part] or ""):gmatch("([%w_]+)=([^;]+);") do
      types[name] = kind
    end
    types_of[part] = types
  end
  return types[key]
end

-- Marks lists and objects by their type in the field table, where an empty one would be
-- either; what is not in the table is what it looks like.  With a depth nothing is `null`, and
-- marks that are there do not count, as in what `copied` makes.
local function mark(value, kind, depth)
  local shape, of
  if kind == "frames" then
    shape = "list"
  elseif kind then
    shape, of = kind:match("^(%l+) of (.+)$")
  end
  local below = depth and depth + 1
  if depth then
    check_depth(depth)
  end
  local out, named = {}, false
  for key, item in pairs(value) do
    named = named or type(key) ~= "number"
    if type(item) ~= "table" then
      out[key] = item
    elseif item ~= json.null then
      local inner = of
      if kind and not shape then
        inner = type_of(kind, key)
      end
      out[key] = mark(item, inner, below)
    elseif not depth then
      out[key] = item
    end
  end
  local is_list = false
  if shape == "list" and next(out) == nil then
    is_list = true
  elseif shape ~= "map" and depth then
    is_list = json.is_array(out)
  elseif shape ~= "map" and (not named or getmetatable(value)) then
    is_list = json.is_array(value)
  end
  return is_list and json.array(out) or json.object(out)
end

--- A copy of a result for `json.encode`: empty lists are marked as lists.
-- @tparam table result
-- @tparam[opt="result"] string part which part of a result it is, as in `mcpcap.fields`
-- @treturn table
function report.plain(result, part)
  lists, json = require "mcpcap.fields.lists", require "mcpcap.json"
  if type(result) ~= "table" or result == json.null then
    return result
  end
  return mark(result, part or "result")
end

--- Why a result covers only a part of its capture, in sentences.
-- @tparam table result
-- @treturn table list of strings, empty when everything was read
report.partial = partial

--- Formatters by name; each takes a result and options and returns a string.
-- Add a field here to add a format.
report.formats = {}

-- Options as the formats see them: a report goes to others, so no URL in it tells a secret.
local function shareable(options)
  local out = {}
  for key, value in pairs(options or {}) do
    out[key] = value
  end
  if out.captures then
    out.captures = {}
    local escape = require "mcpcap.escape"
    for i, capture in ipairs(options.captures) do
      out.captures[i] = escape.secrets(tostring(capture))
    end
  end
  return out
end

local function outline_of(result, options, most_rows)
  if result.kind == "comparison" then
    return require("mcpcap.report.compare")(result, partial)
  elseif result.kind == "overview" then
    return require("mcpcap.report.overview")(result, partial)
  elseif result.kind == "connection" then
    return require("mcpcap.report.connection")(result, partial)
  end
  return require("mcpcap.report.outline").build(result, {
    captures = options.captures, tool = options.tool, most_rows = most_rows,
  })
end

local function laid_out(module)
  return function(result, options)
    return require(module)(outline_of(result, options), options)
  end
end

report.formats.text = laid_out "mcpcap.report.text"
report.formats.markdown = laid_out "mcpcap.report.markdown"

local MOST_ROWS = 50         -- of connections; the script of a page has all of them

-- A page shows more than a text can.
local function outline_of_page(result, options)
  local laid = outline_of(result, options, MOST_ROWS)
  if not result.kind then
    local shares = require "mcpcap.report.shares"
    laid.sections[#laid.sections + 1] = shares.limits(result)
    laid.sections[#laid.sections + 1] = shares.ledger(result)
  end
  return laid
end

function report.formats.html(result, options)
  local laid = outline_of_page(result, options)
  return require("mcpcap.report.html").page(laid, require("mcpcap.report.page").data(result, laid, options))
end

--- What the page of a host (an MCP App) is made of: plain data, fit for JSON.
-- @tparam table result
-- @tparam[opt] table options as of `render`
-- @treturn table
function report.page(result, options)
  result, options = copy(result), shareable(options)
  return require("mcpcap.report.page").whole(result, outline_of_page(result, options), options)
end

-- Parts of the field table whose name is not the kind's.
local PARTS = { connection = "told_connection" }

local function json_of(plain)
  return json.encode(plain, { indent = true, order = ORDER }) .. "\n"
end

local function part_of(result)
  return PARTS[result.kind] or result.kind
end

local function format_json(result)
  return json_of(report.plain(result, part_of(result)))
end
report.formats.json = format_json

-- The same of a result that is not copied before.
local function render_json(result)
  lists, json = require "mcpcap.fields.lists", require "mcpcap.json"
  local part = result.kind ~= json.null and part_of(result) or nil
  return json_of(mark(result, part or "result", 0))
end

--- Names of the formats, sorted.
-- @treturn table list of strings
function report.names()
  local names = {}
  for name in pairs(report.formats) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Renders a result.
-- Raises on a result that is no table and on an unknown format; any table is
-- taken, and what is missing in it is left out.
-- @tparam table result of `mcpcap.analyze_traffic_flow`, `mcpcap.compare` or `mcpcap.overview`; it is not changed
-- @tparam[opt="text"] string format a field of `report.formats`
-- @tparam[opt] table options `color`: ANSI colours (text); `ascii`: nothing
-- outside ASCII of our own (text); `captures`: the captures as the command
-- line had them, for the corrected command; `tool`: the tool that asked, for a
-- corrected call instead; `told`: what `mcpcap.tell` gave, for drawings of connections (html)
-- @treturn string
function report.render(result, format, options)
  if type(result) ~= "table" then
    error("bad argument #1 to 'render' (table expected, got " .. type(result) .. ")", 2)
  end
  local formatter = report.formats[format or "text"]
  if not formatter then
    error(("bad argument #2 to 'render' (format %q; known: %s)"):format(
      tostring(format), table.concat(report.names(), ", ")), 2)
  end
  local shown = shareable(options)
  if formatter == format_json then
    return render_json(result)
  end
  return formatter(copy(result), shown)
end

return report
