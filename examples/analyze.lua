-- What is wrong, in ten lines: lua5.4 examples/analyze.lua CAPTURE SERVER_IP [PORT]
local mcpcap = require "mcpcap"

local result, message, code = mcpcap.analyze_traffic_flow(arg[1], arg[2], tonumber(arg[3]))
if not result then
  io.stderr:write(("%s (%s)\n"):format(message, code))
  os.exit(1)
end
print(("%s: %s"):format(result.server, result.analysis.interpretation))
for _, finding in ipairs(result.analysis.findings) do
  print(("%s, %s: %s"):format(finding.severity, finding.side, finding.text))
end
