-- The whole analysis through Lua: what a user of the module runs.
--
--     lua analyse.lua [-v] [-s] FILE SERVER PORT [READER] [MAX_CONNECTIONS [SECOND]]
--     lua analyse.lua -o FILE
--
-- "-o" is the overview of all servers.
-- SECOND is a capture of another point, which FILE is compared with.
-- "-s" reads FILE as a stream; "-" is standard input.  "-v" prints the result, one
-- "name value" a line in sorted order, but for what differs by the way of reading.

local mcpcap = require "mcpcap"

local verbose, stream, overview, args = false, false, false, {}
for _, argument in ipairs(arg) do
  if argument == "-v" then
    verbose = true
  elseif argument == "-s" then
    stream = true
  elseif argument == "-o" then
    overview = true
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
local options = { max_connections = tonumber(args[5]) }
local result
if overview then
  result = assert(mcpcap.overview(input))
elseif args[6] then
  result = assert(mcpcap.compare({ input, args[6] }, args[2], tonumber(args[3]), options))
elseif (args[4] or "") == "" then
  result = assert(mcpcap.analyze_traffic_flow(input, args[2], tonumber(args[3]), options))
else
  -- how records are read is no option of the module
  local core = require "mcpcap.core"
  local handle = assert(core.open("open", input, args[2], tonumber(args[3]), options, args[4]))
  local session = setmetatable({ core = handle, file = core.input_name(input) }, core.session)
  while assert(session:step(65536, 100)) == "more" do end
  result = assert(session:result())
  session:close()
end
if verbose then
  dofile((arg[0]:gsub("[^/]*$", "print_result.lua")))(result)
end
