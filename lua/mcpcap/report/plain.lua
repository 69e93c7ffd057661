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

-- What a kind says of its table: "list" or "map", and the kind of what lies in it; nothing where it is a part.
local shapes = { frames = { "list" } }

local function shape_of(kind)
  if not kind then
    return nil
  end
  local shape = shapes[kind]
  if not shape then
    shape = { kind:match("^(%l+) of (.+)$") }
    shapes[kind] = shape
  end
  return shape[1], shape[2]
end

-- Marks lists and objects by their type in the field table, where an empty one would be
-- either; what is not in the table is what it looks like.
local function mark(value, kind)
  local shape, of = shape_of(kind)
  local out, named = {}, false
  for key, item in pairs(value) do
    named = named or type(key) ~= "number"
    if type(item) ~= "table" or item == json.null then
      out[key] = item
    else
      local inner = of
      if kind and not shape then
        inner = type_of(kind, key)
      end
      out[key] = mark(item, inner)
    end
  end
  local is_list = false
  if shape == "list" and next(out) == nil then
    is_list = true
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

local function text_of(value, kinds)
  return json.encode(value, { indent = true, order = ORDER, kinds = kinds }) .. "\n"
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
  local part = type(result.kind) == "string" and part_of(result) or "result"
  return text_of(result, { first = part, shape = shape_of, inner = type_of, check = check_depth })
end

return plain
