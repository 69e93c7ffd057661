-- Holds results against the field table (lua/mcpcap/fields): which keys have no entry or
-- another type, and which entries appeared.

local fields = require "mcpcap.fields"

local SCALAR = { integer = "number", number = "number", text = "string", boolean = "boolean" }

local walk = {}

function walk.new()
  return setmetatable({ seen = {}, values = {}, problems = {} }, { __index = walk })
end

function walk:problem(where, what)
  self.problems[where .. ": " .. what] = true
end

function walk:scalar(value, entry, of, where)
  if type(value) ~= SCALAR[of] then
    return self:problem(where, ("%s expected, got %s"):format(of, type(value)))
  elseif of == "integer" and value % 1 ~= 0 then
    self:problem(where, ("integer expected, got %s"):format(value))
  elseif entry.one_of then
    local known = false
    for _, one in ipairs(entry.one_of) do
      known = known or one == value
    end
    if not known then
      self:problem(where, ("'%s' is none of its values"):format(value))
    end
  end
end

function walk:value(value, entry, kind, where)
  local shape, of = fields.kind(kind)
  if shape == "scalar" then
    if not SCALAR[of] then
      return self:problem(where, "no such type: " .. of)
    end
    return self:scalar(value, entry, of, where)
  elseif type(value) ~= "table" then
    return self:problem(where, ("%s expected, got %s"):format(kind, type(value)))
  elseif shape == "part" then
    return self:part(value, of)
  end
  for key, item in pairs(value) do
    if shape == "pair" and key ~= "client" and key ~= "server" then
      self:problem(where, ("a pair has no key '%s'"):format(tostring(key)))
    elseif shape == "list" and (type(key) ~= "number" or key > #value) then
      self:problem(where, ("a list has no key '%s'"):format(tostring(key)))
    end
    self:value(item, entry, of, where)
  end
end

-- A table that is a part, or several: a view has its own keys and those of every view.
function walk:part(value, name, other)
  for key, item in pairs(value) do
    local owner = fields.entry(name, key) and name or other
    local entry = owner and fields.entry(owner, key)
    if not entry then
      self:problem(("%s.%s"):format(name, tostring(key)), "no entry in the field table")
    else
      self.seen[owner .. "." .. key] = true
      self:value(item, entry, entry[2], ("%s.%s"):format(owner, key))
    end
  end
end

--- Entries that never appeared, sorted.
function walk:unseen()
  local list = {}
  for _, name in ipairs(fields.names) do
    for _, entry in ipairs(fields.part(name)) do
      if not self.seen[name .. "." .. entry[1]] then
        list[#list + 1] = name .. "." .. entry[1]
      end
    end
  end
  table.sort(list)
  return list
end

--- What is wrong, sorted.
function walk:wrong()
  local list = {}
  for problem in pairs(self.problems) do
    list[#list + 1] = problem
  end
  table.sort(list)
  return list
end

return walk
