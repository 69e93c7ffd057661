--- Makes foreign text safe to show.
--
-- File names, URLs and texts of other programs may hold bytes that steer a
-- terminal, hide or reorder what stands beside them, or are no text at all.
-- This is the one place that knows which, with `mcpcap.escape_foreign` for all
-- that is not printable ASCII: what is unsafe becomes visible
-- (`\x1B`, `\u{202E}`), everything else stays as it is.  The escaping that a
-- format needs for itself (`<`, `|`, `"`) belongs to that format.
-- @module mcpcap.escape

local escape = {}

-- Nearly all texts are: all of it is printable ASCII.
local function is_ascii(s)
  return s:find("^[ -~]*$") ~= nil
end

--- Replaces what is unsafe in a string.
-- @tparam string s
-- @tparam function on_code is given an unsafe code point, returns its replacement
-- @tparam function on_byte is given a byte that is not part of valid UTF-8
-- @treturn string
function escape.map(s, on_code, on_byte)
  if is_ascii(s) then
    return s
  end
  return require("mcpcap.escape_foreign").map(s, on_code, on_byte)
end

--- A string on one line, without anything that acts instead of being shown.
-- Anything else than a string goes through `tostring` first.
-- @param value
-- @treturn string valid UTF-8 without control, bidi, invisible or tag characters
-- @usage escape.visible("a\27[2Jb")  --> a\x1B[2Jb
function escape.visible(value)
  local s = tostring(value)
  return is_ascii(s) and s or require("mcpcap.escape_foreign").visible(s)
end

--- Tells whether a code point must not be shown as it is.
-- @tparam number code the code point
-- @treturn boolean
function escape.is_unsafe(code)
  return require("mcpcap.escape_foreign").is_unsafe(code)
end

--- Where a string stops being UTF-8.
-- @tparam string s
-- @treturn ?number position of the first byte that is not valid; nil if all are
function escape.invalid_utf8(s)
  return s:find("[\128-\255]") and require("mcpcap.escape_foreign").invalid_utf8(s)
end

--- Length of a valid UTF-8 string in code points.
-- @tparam string s
-- @treturn number
function escape.length(s)
  if is_ascii(s) then
    return #s
  end
  local _, continuation = s:gsub("[\128-\191]", "")
  return #s - continuation
end

--- Cuts valid UTF-8 to a number of code points; the last one becomes a mark
-- when something was lost.
-- @tparam string s
-- @tparam number length
-- @tparam[opt="..."] string mark
-- @treturn string
function escape.cut(s, length, mark)
  if #s <= length or escape.length(s) <= length then
    return s
  end
  mark = mark or "..."
  local keep = length - escape.length(mark)
  local out, n = {}, 0
  for char in s:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    if n >= keep then
      break
    end
    n = n + 1
    out[n] = char
  end
  return table.concat(out) .. mark
end

--- A URL without what may be secret in it: user, password, query, fragment.
-- @tparam string s any name of a capture; what is no URL stays as it is
-- @treturn string
function escape.secrets(s)
  local scheme, authority, path = s:match("^(%a[%w+.-]*://)([^/?#]*)([^?#]*)")
  if not scheme then
    return s
  end
  return scheme .. authority:gsub("^.*@", "") .. path
end

--- A word for a POSIX shell that stands for exactly this string.
-- @tparam string s
-- @treturn ?string nil when the string cannot be shown safely, so that nobody
-- is asked to type it
function escape.shell(s)
  if s == "" or s:find("[%z\1-\31\127]") or escape.visible(s) ~= s then
    return nil
  end
  if not s:find("[^%w%%+,./:=@_-]") then
    return s
  end
  return "'" .. s:gsub("'", "'\\''") .. "'"
end

return escape
