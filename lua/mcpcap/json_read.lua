--- Reads JSON text, for `mcpcap.json`.
-- @module mcpcap.json_read

local escape = require "mcpcap.escape"

local json_read = {}

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

-- What `mcpcap.json` has: its marks, how it writes a number, and how deep a value may be.
local json, words, makes

-- A value that is no list and no object, and the position behind; or nil, where, and why.
local function read_scalar(text, at)
  if text:find('^"', at) then
    return read_string(text, at)
  end
  local word = text:match("^%a+", at)
  if word and words[word] ~= nil then
    return words[word], at + #word
  end
  local number, behind = read_number(text, at)
  if number then
    return number, behind
  end
  return nil, at, at > #text and "unexpected end" or "unexpected character"
end

local CLOSER = { ["["] = "]", ["{"] = "}" }

-- One value with white space around it; nil, message, "json" when the text is anything else.
-- The lists and objects that are open stand in 'open', each as { value, closer, key }.
-- 'sources' is nil, or takes the words of numbers that would be written in others.
local function read(text, sources)
  local invalid = escape.invalid_utf8(text)
  if invalid then
    return bad("invalid UTF-8", invalid)
  end
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
      if source and source ~= json.number_text(value) then
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
      if depth == json.most_depth then
        return bad("nested too deeply", at)
      end
      value = makes[c]()
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

--- The function that reads.
-- @tparam table its of `mcpcap.json`: `null`, `array`, `object`, `most_depth`, `number_text`
-- @treturn function as `mcpcap.json.decode`, of a text that is a string
function json_read.by(its)
  json, words = its, { ["true"] = true, ["false"] = false, null = its.null }
  makes = { ["["] = its.array, ["{"] = its.object }
  return read
end

return json_read
