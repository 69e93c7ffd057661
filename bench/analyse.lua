-- The whole analysis through Lua: what a user of the module runs.
--
--     lua analyse.lua [-v] [-s] FILE SERVER PORT [READER] [MAX_CONNECTIONS]
--
-- "-s" reads FILE as a stream; "-" is standard input.  "-v" prints the result, one
-- "name value" a line in sorted order, but for what differs by the way of reading.

local mcpcap = require "mcpcap"

local READING = {
  file = true,
  analysis_timestamp = true,
  ["capture.reader"] = true,
  ["capture.format"] = true,
  ["capture.compression"] = true,
  ["capture.byte_swapped"] = true,
  ["capture.bytes_read"] = true,
  ["capture.bytes_total"] = true,
  ["capture.capture_bytes"] = true,
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

local verbose, stream, args = false, false, {}
for _, argument in ipairs(arg) do
  if argument == "-v" then
    verbose = true
  elseif argument == "-s" then
    stream = true
  else
    args[#args + 1] = argument
  end
end

local input = args[1]
if input == "-" then
  input = io.stdin
elseif stream then
  input = assert(io.open(input, "rb"))
end
local result = assert(mcpcap.analyze_traffic_flow(input, args[2], tonumber(args[3]), {
  reader = args[4] ~= "" and args[4] or nil,
  max_connections = tonumber(args[5]),
}))
if verbose then
  print_table(result, "")
end
