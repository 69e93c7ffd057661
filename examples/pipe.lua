-- Straight from a program that captures: the pipe is read to its end.
--
--     sudo lua5.4 examples/pipe.lua SERVER_IP PORT
--     lua5.4 examples/pipe.lua SERVER_IP PORT "xz -dc old.pcap.xz"

local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local command = arg[3] or ("timeout 60 tcpdump -U -w - 'tcp port %d' 2>/dev/null"):format(tonumber(arg[2]))
local pipe = assert(io.popen(command, "r"))
local result, message = mcpcap.analyze_traffic_flow(pipe, arg[1], tonumber(arg[2]))
pipe:close()
if not result then
  io.stderr:write(message, "\n")
  os.exit(1)
end
io.stdout:write(report.render(result, "text"))
