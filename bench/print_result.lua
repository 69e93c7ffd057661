-- A result, one "name value" a line in sorted order, but for what differs by the way of
-- reading.  A file of its own: the time of a start is that of an analysis alone.

local READING = {
  file = true,
  analysis_timestamp = true,
  ["capture.reader"] = true,
  ["capture.format"] = true,
  ["capture.compression"] = true,
  ["capture.byte_swapped"] = true,
  ["capture.bytes_read"] = true,
  ["capture.bytes_total"] = true,
  ["capture.inflated_bytes"] = true,
}

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) then
      return a < b
    end
    return type(a) == "number"
  end)
  return keys
end

local function print_table(t, prefix)
  for _, key in ipairs(sorted_keys(t)) do
    local name, value = prefix .. tostring(key), t[key]
    if type(value) == "table" then
      print_table(value, name .. ".")
    elseif not READING[name] then
      io.write(name, " ", type(value) == "number" and ("%.14g"):format(value) or tostring(value), "\n")
    end
  end
end

return function(result)
  print_table(result, "")
end
