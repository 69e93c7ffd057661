--- Turns a result into words: text, Markdown, JSON, HTML.
--
-- Pure Lua: a table in, a string out; a result that was saved as JSON and read
-- again gives the same report.  Every format sees the same outline
-- (`mcpcap.report.outline`) and escapes for itself.
-- @module mcpcap.report
-- @usage
-- local report = require "mcpcap.report"
-- io.write(report.render(result, "text"))

local fields = require "mcpcap.report.fields"
local partial = require "mcpcap.report.partial"

local report = {}

-- The copy that formats work on: the result itself is never touched, nothing
-- in it is `null`, and a table that holds itself ends here.
local function copied(value, depth, null)
  if type(value) ~= "table" then
    return value
  end
  fields.check_depth(depth)
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

-- Formats that change nothing and ask for fields by name; where nothing can be null, they read the result itself.
local only_reads = {}

local function readable(result, formatter)
  return only_reads[formatter] and not package.loaded["mcpcap.json"] and result or copy(result)
end

--- A copy of a result for `json.encode`: empty lists are marked as lists.
-- @tparam table result
-- @tparam[opt="result"] string part which part of a result it is, as in `mcpcap.fields`
-- @treturn table
function report.plain(result, part)
  return require("mcpcap.report.plain").of(result, part)
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
    return require("mcpcap.report.overview")(result, partial, options)
  elseif result.kind == "connection" then
    return require("mcpcap.report.connection")(result, partial)
  end
  return require("mcpcap.report.outline").build(result, {
    captures = options.captures, tool = options.tool, most_rows = most_rows,
  })
end

local function laid_out(module)
  local function formatter(result, options)
    return require(module)(outline_of(result, options), options)
  end
  only_reads[formatter] = true
  return formatter
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

local function format_json(result)
  return require("mcpcap.report.plain").json(result)
end
report.formats.json = format_json

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
    return require("mcpcap.report.plain").render(result)
  end
  return formatter(readable(result, formatter), shown)
end

return report
