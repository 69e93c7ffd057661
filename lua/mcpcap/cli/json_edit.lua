--- Changes one member of a JSON text and leaves every other byte as its owner wrote it.
--
-- Decoding and encoding would do, but hand people a settings file in which every line has
-- changed.  The text must be JSON; whoever calls has decoded it before, and compares what
-- comes out.
-- @module mcpcap.cli.json_edit

local json_edit = {}

local function skip_blank(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

-- Behind the string that begins at the quote.
local function skip_string(text, at)
  at = at + 1
  while text:sub(at, at) ~= '"' do
    at = at + (text:sub(at, at) == "\\" and 2 or 1)
  end
  return at + 1
end

-- Behind the value that begins here.
local function skip_value(text, at)
  local mark = text:sub(at, at)
  if mark == '"' then
    return skip_string(text, at)
  elseif mark ~= "{" and mark ~= "[" then
    return text:find("[%s,%]}]", at)
  end
  local depth = 0
  repeat
    mark = text:sub(at, at)
    if mark == '"' then
      at = skip_string(text, at)
    else
      depth = depth + ((mark == "{" or mark == "[") and 1 or -1)
      at = at + 1
    end
    at = depth > 0 and text:find('["{}%[%]]', at) or at
  until depth == 0
  return at
end

-- The members of the object that begins at the brace: `{ key, from, value, to }`, where
-- `to` is the last byte of the value; and where its closing brace stands.
local function members(text, at)
  local list = {}
  at = skip_blank(text, at + 1)
  while text:sub(at, at) ~= "}" do
    local behind = skip_string(text, at)
    local value = skip_blank(text, skip_blank(text, behind) + 1)
    local stop = skip_value(text, value)
    list[#list + 1] = { key = text:sub(at + 1, behind - 2), from = at, value = value, to = stop - 1 }
    at = skip_blank(text, stop)
    if text:sub(at, at) == "," then
      at = skip_blank(text, at + 1)
    end
  end
  return list, at
end

local function find(list, key)
  for i, member in ipairs(list) do
    if member.key == key then
      return member, i
    end
  end
  return nil
end

-- The blanks in front of a byte, from the start of its line.
local function indent_of(text, at)
  return text:sub(1, at - 1):match("[^\n]*$"):match("^[ \t]*")
end

-- A new member at the end of an object, each line of it as deep as its brothers.
local function append(text, brace, key, value)
  local list, close = members(text, brace)
  local last = list[#list]
  local outer = indent_of(text, brace)
  local inner = last and text:sub(1, last.from - 1):find("\n[ \t]*$") and indent_of(text, last.from) or outer .. "  "
  local piece = ('"%s": %s'):format(key, (value:gsub("\n", "\n" .. inner)))
  if last then
    return text:sub(1, last.to) .. ",\n" .. inner .. piece .. text:sub(last.to + 1)
  end
  return text:sub(1, brace) .. "\n" .. inner .. piece .. "\n" .. outer .. text:sub(close)
end

--- Sets a member of an object in the outermost object, and makes that object where it is
-- missing.
-- @tparam string text JSON whose value is an object
-- @tparam string group key of the object
-- @tparam string key key within it; neither needs escapes
-- @tparam string value JSON, its lines indented from 0
-- @treturn string
function json_edit.set(text, group, key, value)
  local top = skip_blank(text, 1)
  local found = find(members(text, top), group)
  if not found then
    return append(text, top, group, ('{\n  "%s": %s\n}'):format(key, (value:gsub("\n", "\n  "))))
  end
  local member = find(members(text, found.value), key)
  if not member then
    return append(text, found.value, key, value)
  end
  local inner = indent_of(text, member.from)
  return text:sub(1, member.value - 1) .. value:gsub("\n", "\n" .. inner) .. text:sub(member.to + 1)
end

--- Takes a member out again; its object stays.
-- @tparam string text JSON whose value is an object
-- @tparam string group
-- @tparam string key
-- @treturn string the same text where there is none
function json_edit.remove(text, group, key)
  local found = find(members(text, skip_blank(text, 1)), group)
  local list = found and members(text, found.value) or {}
  local member, i = find(list, key)
  if not member then
    return text
  elseif list[i + 1] then
    return text:sub(1, member.from - 1) .. text:sub(list[i + 1].from)
  elseif list[i - 1] then
    return text:sub(1, list[i - 1].to) .. text:sub(member.to + 1)
  end
  local _, close = members(text, found.value)
  return text:sub(1, found.value) .. text:sub(close)
end

return json_edit
