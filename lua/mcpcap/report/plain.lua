--- A result as JSON: what is a list, and what is an object.
-- @module mcpcap.report.plain

local check_depth = require("mcpcap.report.fields").check_depth
local json = require "mcpcap.json"
local lists = require "mcpcap.fields.lists"

local plain = {}

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
function plain.of(result, part)
  if type(result) ~= "table" or result == json.null then
    return result
  end
  return mark(result, part or "result")
end

-- Parts of the field table whose name is not the kind's.
local PARTS = { connection = "told_connection" }

local function part_of(result)
  return PARTS[result.kind] or result.kind
end

local function text_of(marked)
  return json.encode(marked, { indent = true, order = ORDER }) .. "\n"
end

--- The text of a result in which nothing is strange.
-- @tparam table result
-- @treturn string
function plain.json(result)
  return text_of(plain.of(result, part_of(result)))
end

--- The same of one that may come from strangers: without `null`, and it may not hold itself.
-- @tparam table result
-- @treturn string
function plain.render(result)
  local part = result.kind ~= json.null and part_of(result) or nil
  return text_of(mark(result, part or "result", 0))
end

return plain
