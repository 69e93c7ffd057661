--- Careful reading of a result: it may come from JSON and from strangers, so a
-- field may be absent or of another type.
-- @module mcpcap.report.fields

local fields = {}

--- A finite number, or nil.
function fields.number(t, key)
  local value = type(t) == "table" and t[key] or nil
  if type(value) == "number" and value == value and value > -math.huge and value < math.huge then
    return value
  end
  return nil
end

--- A string that is not empty, or nil.
function fields.text(t, key)
  local value = type(t) == "table" and t[key] or nil
  return type(value) == "string" and value ~= "" and value or nil
end

--- A table, an empty one when there is none.
function fields.table_of(t, key)
  local value = type(t) == "table" and key ~= nil and t[key] or nil
  return type(value) == "table" and value or {}
end

--- The first of several fields that `read` finds something in.
function fields.any(read, t, ...)
  for i = 1, select("#", ...) do
    local value = read(t, (select(i, ...)))
    if value ~= nil then
      return value
    end
  end
  return nil
end

--- String keys in a fixed order: those of 'first' that are there, then the others by name.
function fields.ordered_keys(t, first)
  local keys, known = {}, {}
  for _, key in ipairs(first or {}) do
    known[key] = true
    if t[key] ~= nil then
      keys[#keys + 1] = key
    end
  end
  local rest = {}
  for key in pairs(t) do
    if type(key) == "string" and not known[key] then
      rest[#rest + 1] = key
    end
  end
  table.sort(rest)
  for _, key in ipairs(rest) do
    keys[#keys + 1] = key
  end
  return keys
end

--- "1 packet", "2 packets".
function fields.plural(n, one, many)
  return require("mcpcap.report.units").count(n) .. " " .. (n == 1 and one or many or one .. "s")
end

--- Raises where a result is nested so deeply that it may hold itself.
function fields.check_depth(depth)
  if depth > 50 then
    error("bad argument #1 to 'render' (nested too deeply)", 0)
  end
end

return fields
