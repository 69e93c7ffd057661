-- Writes lua/mcpcap/fields/lists.lua and lua/mcpcap/fields/units.lua from the field table:
--
--     lua5.4 spec/lua/fields_lists.lua lists >lua/mcpcap/fields/lists.lua
--     lua5.4 spec/lua/fields_lists.lua units >lua/mcpcap/fields/units.lua
--
-- Needs the module's path.  tools/pages does it, and spec/lua/fields_spec.lua holds the files against it.

local fields = require "mcpcap.fields"

local lists = {}

-- The parts in which a list or a map lies, be it in a part of theirs.
local function parts_with_lists()
  local with = {}
  local function is_with(kind)
    local shape, of = fields.kind(kind)
    return shape == "list" or shape == "map" or (shape == "pair" and is_with(of))
      or (shape == "part" and with[of] == true)
  end
  local grew = true
  while grew do
    grew = false
    for _, name in ipairs(fields.names) do
      for _, entry in ipairs(fields.part(name)) do
        if not with[name] and is_with(entry[2]) then
          with[name], grew = true, true
        end
      end
    end
  end
  return is_with
end

local LISTS_HEAD = [[
--- Where lists and maps lie in a result, by part: what the field table says of it, and no more, as it is read for each
-- result that becomes JSON.  Written by tools/pages.
-- @module mcpcap.fields.lists

return {
]]

local UNITS_HEAD = [[
--- Units of the numbers of findings, in the order in which these are told: what the field table says of them, and no
-- more, as it is read for each finding that becomes text.  Written by tools/pages.
-- @module mcpcap.fields.units

return {
]]

-- Items in lines of no more than 118 characters.
local function wrapped(items)
  local lines, line = {}, "   "
  for _, item in ipairs(items) do
    if #line + 1 + #item > 118 then
      lines[#lines + 1], line = line, "   "
    end
    line = line .. " " .. item
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

--- The text of lists.lua.
function lists.lists()
  local is_with = parts_with_lists()
  local out = { LISTS_HEAD }
  for _, name in ipairs(fields.names) do
    local items = {}
    for _, entry in ipairs(fields.part(name)) do
      if is_with(entry[2]) then
        items[#items + 1] = ("%s=%s;"):format(entry[1], entry[2])
      end
    end
    if #items > 0 then
      out[#out + 1] = ("  %s = [[\n%s\n  ]],\n"):format(name, wrapped(items))
    end
  end
  out[#out + 1] = "}\n"
  return table.concat(out)
end

--- The text of units.lua.
function lists.units()
  local out = { UNITS_HEAD }
  for _, name in ipairs { "counts", "compared_counts" } do
    local items = {}
    for i, entry in ipairs(fields.part(name)) do
      items[i] = ("%s=%s;"):format(entry[1], entry[3])
    end
    out[#out + 1] = ("  %s = [[\n%s\n  ]],\n"):format(name, wrapped(items))
  end
  out[#out + 1] = "}\n"
  return table.concat(out)
end

if arg and arg[0] and arg[0]:find("fields_lists", 1, true) then
  io.write(lists[arg[1]]())
end

return lists
