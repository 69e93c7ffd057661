--- What makes foreign text safe that is not all printable ASCII; `mcpcap.escape` asks for it.
-- @module mcpcap.escape_foreign

local foreign = {}

-- First and last code point of each unsafe range, ascending.
local UNSAFE = {
  0x0000, 0x001F,   -- C0 controls
  0x007F, 0x009F,   -- DEL, C1 controls
  0x00AD, 0x00AD,   -- soft hyphen
  0x034F, 0x034F,   -- combining grapheme joiner
  0x061C, 0x061C,   -- Arabic letter mark
  0x115F, 0x1160,   -- Hangul fillers: letters that nobody sees
  0x17B4, 0x17B5,   -- Khmer inherent vowels, invisible
  0x180B, 0x180F,   -- Mongolian selectors and vowel separator
  0x200B, 0x200F,   -- zero width, left-to-right and right-to-left marks
  0x2028, 0x202E,   -- line and paragraph separator, bidi embeddings and overrides
  0x2060, 0x206F,   -- word joiner, invisible operators, bidi isolates
  0x3164, 0x3164,   -- Hangul filler
  0xD800, 0xDFFF,   -- surrogates (not in valid UTF-8)
  0xFDD0, 0xFDEF,   -- noncharacters
  0xFE00, 0xFE0F,   -- variation selectors
  0xFEFF, 0xFEFF,   -- byte order mark
  0xFFA0, 0xFFA0,   -- halfwidth Hangul filler
  0xFFF0, 0xFFFB,   -- unassigned specials, interlinear annotation
  0xFFFE, 0xFFFF,   -- noncharacters
  0x1BCA0, 0x1BCA3, -- shorthand format controls
  0x1D173, 0x1D17A, -- musical format controls
  0xE0000, 0xE0FFF, -- tag characters and the selectors behind them
}

--- `mcpcap.escape.is_unsafe`.
function foreign.is_unsafe(code)
  for i = 1, #UNSAFE, 2 do
    if code < UNSAFE[i] then
      return false
    end
    if code <= UNSAFE[i + 1] then
      return true
    end
  end
  -- The last two code points of every plane are noncharacters.
  return code % 0x10000 >= 0xFFFE
end

-- The code point at byte i and its length in bytes; nil when the bytes are not
-- well-formed (Unicode 15, table 3-7: no overlong form, no surrogate).
local function decode(s, i)
  local a, b, c, d = s:byte(i, i + 3)
  if a < 0x80 then
    return a, 1
  end
  if a < 0xC2 or a > 0xF4 or not b then
    return nil
  end
  if a < 0xE0 then
    if b < 0x80 or b > 0xBF then
      return nil
    end
    return (a - 0xC0) * 0x40 + (b - 0x80), 2
  end
  local low, high = 0x80, 0xBF
  if a == 0xE0 then
    low = 0xA0
  elseif a == 0xED then
    high = 0x9F
  elseif a == 0xF0 then
    low = 0x90
  elseif a == 0xF4 then
    high = 0x8F
  end
  if b < low or b > high or not c or c < 0x80 or c > 0xBF then
    return nil
  end
  if a < 0xF0 then
    return (a - 0xE0) * 0x1000 + (b - 0x80) * 0x40 + (c - 0x80), 3
  end
  if not d or d < 0x80 or d > 0xBF then
    return nil
  end
  return (a - 0xF0) * 0x40000 + (b - 0x80) * 0x1000 + (c - 0x80) * 0x40 + (d - 0x80), 4
end

--- `mcpcap.escape.map` of such a string.
function foreign.map(s, on_code, on_byte)
  local i = s:find("[%z\1-\31\127-\255]")
  local out, plain = {}, 1
  while i do
    local code, length = decode(s, i)
    if not code or foreign.is_unsafe(code) then
      out[#out + 1] = s:sub(plain, i - 1)
      out[#out + 1] = code and on_code(code) or on_byte(s:byte(i))
      plain = i + (length or 1)
    end
    i = s:find("[%z\1-\31\127-\255]", i + (length or 1))
  end
  out[#out + 1] = s:sub(plain)
  return table.concat(out)
end

local SHORT = { [9] = "\\t", [10] = "\\n", [13] = "\\r" }

local function visible_byte(byte)
  return ("\\x%02X"):format(byte)
end

local function visible_code(code)
  if code < 0x80 then
    return SHORT[code] or visible_byte(code)
  end
  return ("\\u{%04X}"):format(code)
end

--- `mcpcap.escape.visible` of such a string.
function foreign.visible(s)
  return foreign.map(s, visible_code, visible_byte)
end

--- `mcpcap.escape.invalid_utf8`.
function foreign.invalid_utf8(s)
  local i = s:find("[\128-\255]")
  while i do
    local _, length = decode(s, i)
    if not length then
      return i
    end
    i = s:find("[\128-\255]", i + length)
  end
  return nil
end

return foreign
