--- JSON text and Lua values; the only module that knows JSON.
--
-- Reading and writing are done here, in one pass each, because no library that all Luas
-- have does what a server needs that faces strangers: dkjson takes `[1 2]`, comments and
-- half of a surrogate pair, cjson takes raw line ends in strings and loses which empty
-- table is a list.  Reading follows RFC 8259 and no more, without recursion, and says where
-- it fails; spec/lua/json_spec.lua holds it against both libraries.  Writing gives the same
-- bytes for the same value on every Lua: keys in a fixed order, integral numbers without a
-- fraction, never NaN or infinity, nothing in the text that acts on a terminal.
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
  local n = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return false
    end
    n = n + 1
  end
  -- n keys, all numbers, and #value == n: they are 1 to n.
  return n > 0 and #value == n and value[1] ~= nil
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

local function write_array(t, state, depth)
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
    write(t[i], state, depth + 1)
  end
  out[#out + 1] = last
end

local function write_object(t, state, depth)
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
    write(t[key], state, depth + 1)
    if i == 1 then
      between = "," .. pad
    end
  end
  out[#out + 1] = pad_of(state, depth) .. "}"
end

function write(value, state, depth)
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
-- `order`: a list of keys that stand first, in this order
-- @treturn string
-- @usage json.encode({ list = json.array(), n = 1.0 })  --> {"list":[],"n":1}
function json.encode(value, options)
  local rank = {}
  for i, key in ipairs(options and options.order or {}) do
    rank[key] = i
  end
  local state = {
    rank = rank, names = {}, numbers = {}, pads = {}, out = {},
    indent = options and options.indent and "  " or nil,
  }
  local ok, problem = pcall(write, value, state, 0)
  if not ok then
    error(problem, 2)
  end
  return table.concat(state.out)
end

-- ------------------------------------------------------------------- reading

local function bad(what, at)
  return nil, ("%s at byte %d"):format(what, at), "json"
end

-- UTF-8 of a code point.
local function utf8_of(code)
  local function tail(shift)
    return 0x80 + math.floor(code / 2 ^ shift) % 0x40
  end
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), tail(0))
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 0x1000), tail(6), tail(0))
  end
  return string.char(0xF0 + math.floor(code / 0x40000), tail(12), tail(6), tail(0))
end

-- The "\u" at 'at', with its other half where it is the first of a surrogate pair: what it
-- stands for, and the position behind; or nil.
local function read_unicode_escape(text, at)
  local code = tonumber(text:match("^u(%x%x%x%x)", at + 1) or "", 16)
  if not code or (code >= 0xDC00 and code <= 0xDFFF) then
    return nil
  elseif code < 0xD800 or code > 0xDBFF then
    return utf8_of(code), at + 6
  end
  local low = tonumber(text:match("^\\u([dD][c-fC-F]%x%x)", at + 6) or "", 16)
  if not low then
    return nil
  end
  return utf8_of(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), at + 12
end

local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

-- The string that opens at 'at', and the position behind; or nil, where it fails, and why.
local function read_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local i = text:find('[%z\1-\31"\\]', from)
    if not i then
      return nil, at, "unfinished string"
    end
    parts[#parts + 1] = text:sub(from, i - 1)
    local c = text:sub(i, i)
    if c == '"' then
      return table.concat(parts), i + 1
    elseif c ~= "\\" then
      return nil, i, "control character in a string"
    end
    local short = ESCAPES[text:sub(i + 1, i + 1)]
    if short then
      parts[#parts + 1], from = short, i + 2
    else
      parts[#parts + 1], from = read_unicode_escape(text, i)
      if not from then
        return nil, i, "bad escape"
      end
    end
  end
end

-- The number at 'at' (RFC 8259, section 6), and the position behind; or nil.
local function read_number(text, at)
  local _, last = text:find("^%-?%d+", at)
  if not last or text:find("^%-?0%d", at) then
    return nil
  end
  local _, fraction = text:find("^%.%d+", last + 1)
  last = fraction or last
  local _, exponent = text:find("^[eE][+-]?%d+", last + 1)
  last = exponent or last
  return tonumber(text:sub(at, last)), last + 1
end

local WORDS = { ["true"] = true, ["false"] = false, null = json.null }

-- A value that is no list and no object, and the position behind; or nil, where, and why.
local function read_scalar(text, at)
  if text:find('^"', at) then
    return read_string(text, at)
  end
  local word = text:match("^%a+", at)
  if word and WORDS[word] ~= nil then
    return WORDS[word], at + #word
  end
  local number, behind = read_number(text, at)
  if number then
    return number, behind
  end
  return nil, at, at > #text and "unexpected end" or "unexpected character"
end

local MAKES = { ["["] = json.array, ["{"] = json.object }
local CLOSER = { ["["] = "]", ["{"] = "}" }

-- One value with white space around it; nil, message, "json" when the text is anything else.
-- The lists and objects that are open stand in 'open', each as { value, closer, key }.
-- 'sources' is nil, or takes the words of numbers that would be written in others.
local function read(text, sources)
  local open, depth, result = {}, 0, nil
  local want = "value"             -- "value", "first" (or a closer), "key", "next"
  local at = text:find("[^ \t\r\n]", 1) or #text + 1
  local function put(value, from, to)
    local into = open[depth]
    if not into then
      result = value
      return
    end
    local key = into[2] == "]" and #into[1] + 1 or into[3]
    into[1][key] = value
    if sources then
      local source = type(value) == "number" and text:sub(from, to)
      if source and source ~= write_number(value) then
        sources[into[1]] = sources[into[1]] or {}
        sources[into[1]][key] = source
      elseif sources[into[1]] then
        sources[into[1]][key] = nil
      end
    end
  end
  while true do
    local c = text:sub(at, at)
    local closes = depth > 0 and c == open[depth][2]
    local value, behind, why
    if want == "next" and depth == 0 then
      if at > #text then
        return result
      end
      return bad("text after the value", at)
    elseif closes and (want == "next" or want == "first") then
      open[depth], depth = nil, depth - 1
      behind, want = at + 1, "next"
    elseif want == "next" then
      if c ~= "," then
        return bad(c == "" and "unexpected end" or "unexpected character", at)
      end
      behind, want = at + 1, open[depth][2] == "}" and "key" or "value"
    elseif want == "key" or (want == "first" and open[depth][2] == "}") then
      if c ~= '"' then
        return bad(c == "" and "unexpected end" or "a key must be a string", at)
      end
      value, behind, why = read_string(text, at)
      if not value then
        return bad(why, behind)
      end
      open[depth][3] = value
      behind = text:match("^[ \t\r\n]*:()", behind)
      if not behind then
        return bad("a colon is missing behind the key", at)
      end
      want = "value"
    elseif CLOSER[c] then
      if depth == MAX_DEPTH then
        return bad("nested too deeply", at)
      end
      value = MAKES[c]()
      put(value)
      depth = depth + 1
      open[depth] = { value, CLOSER[c] }
      behind, want = at + 1, "first"
    else
      value, behind, why = read_scalar(text, at)
      if value == nil then
        return bad(why, behind)
      end
      put(value, at, behind - 1)
      want = "next"
    end
    at = text:find("[^ \t\r\n]", behind) or #text + 1
  end
end

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
  local invalid = escape.invalid_utf8(text)
  if invalid then
    return bad("invalid UTF-8", invalid)
  end
  local value, message, code = read(text, sources)
  return value, message, code
end

return json
