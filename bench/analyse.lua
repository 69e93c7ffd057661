-- The whole analysis through Lua: what a user of the module runs.
--
--     lua analyse.lua [-v] [-s] FILE SERVER PORT [READER] [MAX_CONNECTIONS]
--
-- "-s" reads FILE as a stream; "-" is standard input.  "-v" prints the result, one
-- "name value" a line in sorted order, but for what differs by the way of reading.

local mcpcap = require "mcpcap"

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
  dofile((arg[0]:gsub("[^/]*$", "print_result.lua")))(result)
end
