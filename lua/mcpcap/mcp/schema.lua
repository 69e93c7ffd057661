--- The part of JSON Schema (2020-12) that the tools use, as a check of values.
--
-- Knows `type` (a name or a list), `enum`, `const`, `properties`, `required`,
-- `additionalProperties` (false, or a schema), `items`, `minItems`, `maxItems`,
-- `minimum`, `maximum`, `exclusiveMinimum`, `minLength` and `maxLength`; other
-- words are annotations here.  As in JSON Schema, `80.0` is an integer and
-- `"80"` is none, and `null` is a value, not an absence.
-- @module mcpcap.mcp.schema

local escape = require "mcpcap.escape"
local json = require "mcpcap.json"

local schema = {}

-- More complaints than this help nobody; the values in them are cut.
local MAX_COMPLAINTS = 8
local MAX_SHOWN = 60

local function kind_of(value)
  local kind = type(value)
  if value == nil or value == json.null then
    return "null"
  elseif kind == "table" then
    return json.is_array(value) and "array" or "object"
  end
  return kind
end

local is = {}

function is.integer(value)
  return type(value) == "number" and value == math.floor(value) and value - value == 0
end

function is.number(value)
  return type(value) == "number" and value - value == 0
end

-- An unmarked empty table may be either.
function is.array(value)
  return kind_of(value) == "array" or (kind_of(value) == "object" and next(value) == nil and not getmetatable(value))
end

for _, name in ipairs { "null", "boolean", "string", "object" } do
  is[name] = function(value)
    return kind_of(value) == name
  end
end

local function shown(value)
  local kind = kind_of(value)
  if kind == "string" then
    -- An odd byte counts as one character, so nothing here depends on UTF-8.
    return '"' .. escape.cut(escape.visible(value:sub(1, 4 * MAX_SHOWN)), MAX_SHOWN) .. '"'
  elseif kind == "object" or kind == "array" then
    return "an " .. kind
  elseif kind == "number" then
    return ("%.14g"):format(value)
  end
  return tostring(value)
end

local ARTICLE = { integer = "an integer", array = "a list", object = "an object", ["null"] = "null" }

local function named(name)
  return ARTICLE[name] or "a " .. name
end

-- "an integer from 1 to 65535", "one of "a", "b"".
local function wanted(rule)
  if rule.enum then
    local list = {}
    for i, value in ipairs(rule.enum) do
      list[i] = shown(value)
    end
    return "one of " .. table.concat(list, ", ")
  end
  local names = {}
  for i, name in ipairs(type(rule.type) == "table" and rule.type or { rule.type }) do
    names[i] = named(name)
  end
  local text = table.concat(names, " or ")
  if rule.minimum and rule.maximum then
    return ("%s from %.14g to %.14g"):format(text, rule.minimum, rule.maximum)
  elseif rule.minimum then
    return ("%s of at least %.14g"):format(text, rule.minimum)
  elseif rule.exclusiveMinimum then
    return ("%s above %.14g"):format(text, rule.exclusiveMinimum)
  elseif rule.maximum then
    return ("%s of at most %.14g"):format(text, rule.maximum)
  end
  return text
end

local function fits_type(value, types)
  for _, name in ipairs(type(types) == "table" and types or { types }) do
    if is[name](value) then
      return true
    end
  end
  return types == nil
end

local function is_listed(value, list)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local function fits_range(value, rule)
  return not ((rule.minimum and value < rule.minimum) or (rule.maximum and value > rule.maximum)
    or (rule.exclusiveMinimum and value <= rule.exclusiveMinimum))
end

local walk

local function complain(state, where, form, ...)
  state.count = state.count + 1
  if state.count <= MAX_COMPLAINTS then
    state.list[state.count] = where .. ": " .. form:format(...)
  end
end

local function walk_length(value, rule, where, state)
  local length = escape.length(value)
  if rule.minLength and length < rule.minLength then
    complain(state, where, rule.minLength == 1 and "must not be empty" or "at least %d characters expected",
      rule.minLength)
  elseif rule.maxLength and length > rule.maxLength then
    complain(state, where, "%d characters are too many (at most %d)", length, rule.maxLength)
  end
end

local function walk_object(value, rule, where, state)
  local properties = rule.properties or {}
  for _, name in ipairs(rule.required or {}) do
    if rawget(value, name) == nil then
      complain(state, state.name(where, name), "is missing")
    end
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local below = properties[name]
    if below then
      walk(value[name], below, state.name(where, name), state)
    elseif rule.additionalProperties == false then
      local known = {}
      for key in pairs(properties) do
        known[#known + 1] = key
      end
      table.sort(known)
      complain(state, state.name(where, name), "is not known here (known: %s)", table.concat(known, ", "))
    elseif type(rule.additionalProperties) == "table" then
      walk(value[name], rule.additionalProperties, state.name(where, name), state)
    end
  end
end

local function walk_array(value, rule, where, state)
  if rule.minItems and #value < rule.minItems then
    complain(state, where, "at least %d items expected", rule.minItems)
  elseif rule.maxItems and #value > rule.maxItems then
    complain(state, where, "%d items are too many (at most %d)", #value, rule.maxItems)
  end
  if rule.items then
    for i = 1, #value do
      walk(value[i], rule.items, ("%s[%d]"):format(where, i), state)
    end
  end
end

function walk(value, rule, where, state)
  if not fits_type(value, rule.type) or (rule.enum and not is_listed(value, rule.enum))
    or (rule.const ~= nil and value ~= rule.const) then
    return complain(state, where, "%s expected, got %s", wanted(rule), shown(value))
  end
  local kind = kind_of(value)
  if kind == "number" and not fits_range(value, rule) then
    complain(state, where, "%s expected, got %s", wanted(rule), shown(value))
  elseif kind == "string" then
    walk_length(value, rule, where, state)
  elseif kind == "object" then
    walk_object(value, rule, where, state)
  elseif kind == "array" then
    walk_array(value, rule, where, state)
  end
end

local function default_name(where, name)
  name = escape.cut(escape.visible(name:sub(1, 4 * MAX_SHOWN)), MAX_SHOWN)
  return where == "" and name or where .. "." .. name
end

--- Checks a value.
-- @param value as `json.decode` gives it
-- @tparam table rule a schema
-- @tparam[opt=""] string where name of the value, for the complaints
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table complaints, one a string, a handful at most
function schema.check(value, rule, where)
  local state = { list = {}, count = 0, name = default_name }
  walk(value, rule, where or "", state)
  if state.count == 0 then
    return true
  end
  if state.count > MAX_COMPLAINTS then
    state.list[MAX_COMPLAINTS + 1] = ("and %d more"):format(state.count - MAX_COMPLAINTS)
  end
  return nil, state.list
end

return schema
