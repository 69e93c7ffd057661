--- JSON text and Lua values; the only module that knows JSON, with its own for reading.
--
-- Reading and writing are done here and in `mcpcap.json_read`, in one pass each, because no
-- library that all Luas have does what a server needs that faces strangers: dkjson takes
-- `[1 2]`, comments and half of a surrogate pair, cjson takes raw line ends in strings and
-- loses which empty table is a list.  Reading follows RFC 8259 and no more, without
-- recursion, and says where it fails; spec/lua/json_spec.lua holds it against both
-- libraries.  Writing gives the same bytes for the same value on every Lua: keys in a fixed
-- order, integral numbers without a fraction, never NaN or infinity, nothing in the text
-- that acts on a terminal.
--
-- An empty Lua table may be `{}` or `[]`: `json.array` and `json.object` say
-- which, `json.decode` remembers, and an unmarked one is an object.
-- @module mcpcap.json

local escape = require "mcpcap.escape"

local json = {}

-- The marks that dkjson uses too, so that values of either are alike.
local ARRAY = { __jsontype = "array" }
local OBJECT = { __jsontype = "object" }
local NUMBER = { __jsontype = "number" }

-- Deeper than any message or result, far from the stack limit of every Lua.
local MAX_DEPTH = 100

--- Stands for `null`, which a Lua table cannot hold.
json.null = setmetatable({}, {
  __tostring = function() return "null" end,
  __newindex = function() error("json.null cannot be changed", 2) end,
})

--- Marks a table as a list, also when it is empty.
-- @tparam[opt] table t
-- @treturn table the same table
function json.array(t)
  return setmetatable(t or {}, ARRAY)
end

--- Marks a table as an object, also when it is empty.
-- @tparam[opt] table t
-- @treturn table the same table
function json.object(t)
  return setmetatable(t or {}, OBJECT)
end

--- A number in the words that it was written in, whatever a Lua number makes of it:
-- writing gives them back.
-- @tparam string text a number of JSON
-- @treturn table with the field `text`
function json.number(text)
  return setmetatable({ text = text }, NUMBER)
end

--- Tells whether a value is of `json.number`.
-- @param value
-- @treturn boolean
function json.is_number(value)
  return type(value) == "table" and getmetatable(value) == NUMBER
end

-- Not empty, with the keys 1 to n and no other.
local function is_sequence(t)
  local n = 0
  for key in pairs(t) do
    if type(key) ~= "number" then
      return false
    end
    n = n + 1
  end
  -- n keys, all numbers, and #t == n: they are 1 to n.
  return n > 0 and #t == n and t[1] ~= nil
end

local function mark_of(t)
  local meta = getmetatable(t)
  return type(meta) == "table" and meta.__jsontype or nil
end

--- Tells whether a value is a list.
-- @param value
-- @treturn boolean true for a table that is marked as a list, or unmarked and
-- not empty with the keys 1 to n and no other
function json.is_array(value)
  if type(value) ~= "table" or value == json.null then
    return false
  end
  local mark = mark_of(value)
  if mark then
    return mark == "array"
  end
  return is_sequence(value)
end

-- ------------------------------------------------------------------- writing

local SHORT = {
  [8] = "\\b", [9] = "\\t", [10] = "\\n", [12] = "\\f", [13] = "\\r",
}

local function quote_code(code)
  if code < 0x10000 then
    return SHORT[code] or ("\\u%04x"):format(code)
  end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + math.floor(code / 0x400), 0xDC00 + code % 0x400)
end

-- JSON is text, and this byte is none: say so visibly rather than lose it.
local function quote_byte(byte)
  return ("\\\\x%02X"):format(byte)
end

local function quote(s)
  if s:find("^[]-~ -!#-[]*$") then -- printable ASCII without quotes and backslashes
    return '"' .. s .. '"'
  end
  s = s:gsub('["\\]', "\\%0")
  return '"' .. escape.map(s, quote_code, quote_byte) .. '"'
end

local floor = math.floor

-- The shortest decimal that reads back as the same number.
local function number_text(n)
  if n ~= n or n == math.huge or n == -math.huge then
    return "null"
  end
  if n == floor(n) and n >= -9.2e18 and n <= 9.2e18 then
    return n == 0 and "0" or ("%.0f"):format(n)
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(n)
    if tonumber(text) == n then
      return (text:gsub(",", "."))
    end
  end
  return (("%.17g"):format(n):gsub(",", "."))
end

-- Integers of Lua 5.3 and later, whole; "%.0f" would round above 2^53.
local math_type = rawget(math, "type")

local function write_number(n)
  if math_type and math_type(n) == "integer" then
    return ("%d"):format(n)
  end
  return number_text(n)
end

local function key_text(key)
  local kind = type(key)
  if kind == "string" then
    return key
  elseif kind == "number" then
    return write_number(key)
  end
  error("json: a " .. kind .. " cannot be a key", 0)
end

-- Keys in their order: the known ones first, as they are ranked, then by their text.  Nil where one is a number.
local function sorted_keys(t, rank)
  local ranked, texts, ranked_count, count = nil, {}, 0, 0
  for key in pairs(t) do
    if type(key) ~= "string" then
      return nil
    elseif rank[key] then
      ranked, ranked_count = ranked or {}, ranked_count + 1
      ranked[ranked_count] = key
    else
      count = count + 1
      texts[count] = key
    end
  end
  table.sort(texts)
  if not ranked then
    return texts
  end
  table.sort(ranked, function(a, b) return rank[a] < rank[b] end)
  for i = 1, count do
    ranked[ranked_count + i] = texts[i]
  end
  return ranked
end

-- The same of keys that are numbers too, as { text, key }.
local function sorted_pairs(t, rank)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = { key_text(key), key }
  end
  table.sort(keys, function(a, b)
    local ra, rb = rank[a[1]] or math.huge, rank[b[1]] or math.huge
    if ra ~= rb then
      return ra < rb
    end
    return a[1] < b[1]
  end)
  return keys
end

local write

local function is_scalar_list(t)
  for i = 1, #t do
    if type(t[i]) == "table" and t[i] ~= json.null then
      return false
    end
  end
  return true
end

-- A line's end and the space in front of what stands so deep.
local function pad_of(state, depth)
  local pad = state.pads[depth]
  if not pad then
    pad = state.indent and "\n" .. state.indent:rep(depth) or ""
    state.pads[depth] = pad
  end
  return pad
end

-- `of`: the kind of each item, where kinds say what is a list.
local function write_array(t, state, depth, of)
  local out, n = state.out, #t
  if n == 0 then
    out[#out + 1] = "[]"
    return
  end
  local first, last, between = "[", "]", ","
  if state.indent and is_scalar_list(t) then
    between = ", "
  elseif state.indent then
    local pad = pad_of(state, depth + 1)
    first, last, between = "[" .. pad, pad_of(state, depth) .. "]", "," .. pad
  end
  for i = 1, n do
    out[#out + 1] = i == 1 and first or between
    write(t[i], state, depth + 1, of)
  end
  out[#out + 1] = last
end

-- `kind`: its own, by which those of its fields are known; or `of`: that of each field.
local function write_object(t, state, depth, kind, of)
  local out, names = state.out, state.names
  local keys = sorted_keys(t, state.rank)
  local list = keys or sorted_pairs(t, state.rank)
  if #list == 0 then
    out[#out + 1] = "{}"
    return
  end
  local pad = pad_of(state, depth + 1)
  local between = "{" .. pad
  for i = 1, #list do
    local text, key = list[i], list[i]
    if not keys then
      text, key = key[1], key[2]
    end
    local name = names[text]
    if not name then -- most stand there many times
      name = quote(text) .. (state.indent and ": " or ":")
      names[text] = name
    end
    local n = #out
    out[n + 1], out[n + 2] = between, name
    local item = t[key]
    write(item, state, depth + 1, kind and type(item) == "table" and state.kinds.inner(kind, key) or of)
    if i == 1 then
      between = "," .. pad
    end
  end
  out[#out + 1] = pad_of(state, depth) .. "}"
end

-- A table without what is null.
local function without_null(t)
  for _, item in pairs(t) do
    if item == json.null then
      local out = {}
      for key, one in pairs(t) do
        if one ~= json.null then
          out[key] = one
        end
      end
      return out
    end
  end
  return t
end

-- A table of which kinds say what it is; marks do not count, and null is left out.
local function write_kind(t, state, depth, kind)
  local kinds = state.kinds
  kinds.check(depth)
  local shape, of = kinds.shape(kind)
  t = without_null(t)
  if shape == "list" and next(t) == nil or shape ~= "map" and is_sequence(t) then
    write_array(t, state, depth, of)
  else
    write_object(t, state, depth, not shape and kind, of)
  end
end

function write(value, state, depth, of_kind)
  local kind, out = type(value), state.out
  if kind == "number" then
    local text = state.numbers[value] -- many are the same
    if not text then
      text = write_number(value)
      if value > -1e15 and value < 1e15 then -- beyond, a float and an integer that are equal may be written otherwise
        state.numbers[value] = text
      end
    end
    out[#out + 1] = text
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "boolean" then
    out[#out + 1] = value and "true" or "false"
  elseif kind == "nil" or value == json.null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    error("json: a " .. kind .. " cannot be written", 0)
  elseif depth >= MAX_DEPTH then
    error("json: nested too deeply, or a table that holds itself", 0)
  elseif state.kinds then
    write_kind(value, state, depth, of_kind)
  elseif json.is_number(value) then
    out[#out + 1] = value.text
  elseif json.is_array(value) then
    write_array(value, state, depth)
  else
    write_object(value, state, depth)
  end
end

--- Writes a value as JSON: ASCII control free, keys sorted, valid UTF-8.
-- A byte that is not UTF-8 is written as the text `\xHH`; NaN and infinity are
-- written as `null`.  A value that JSON does not have (a function, a table
-- that holds itself) is the caller's mistake and raises.
-- @param value nil, boolean, number, string or table
-- @tparam[opt] table options `indent`: true for lines of two spaces a level;
-- `order`: a list of keys that stand first, in this order; `kinds`: says in place of marks
-- which tables are lists, as `mcpcap.report.plain` has it
-- @treturn string
-- @usage json.encode({ list = json.array(), n = 1.0 })  --> {"list":[],"n":1}
function json.encode(value, options)
  local rank = {}
  for i, key in ipairs(options and options.order or {}) do
    rank[key] = i
  end
  local state = {
    rank = rank, names = {}, numbers = {}, pads = {}, out = {},
    indent = options and options.indent and "  " or nil, kinds = options and options.kinds,
  }
  local ok, problem = pcall(write, value, state, 0, state.kinds and state.kinds.first)
  if not ok then
    error(problem, state.kinds and 0 or 2)
  end
  return table.concat(state.out)
end

-- ------------------------------------------------------------------- reading

local read

--- Reads JSON text.
-- @tparam string text
-- @tparam[opt] table sources is given, for each list and object that holds some, the words
-- of its numbers that `encode` would write in others, by key: `sources[list][1] == "1.0"`
-- @return[1] the value; `null` is `json.null`, lists and objects are marked
-- @treturn[2] nil
-- @treturn[2] string what is wrong with the text, and where
-- @treturn[2] string "json"
function json.decode(text, sources)
  if type(text) ~= "string" then
    error("bad argument #1 to 'decode' (string expected, got " .. type(text) .. ")", 2)
  end
  read = read or require("mcpcap.json_read").by {
    null = json.null, array = json.array, object = json.object, most_depth = MAX_DEPTH, number_text = write_number,
  }
  local value, message, code = read(text, sources)
  return value, message, code
end

return json
