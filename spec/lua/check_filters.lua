-- Holds the findings of captures against tshark; what tools/check-filters runs.  Reads lines of
-- capture, address and port with tabs between them.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "child.lua")
local evidence = dofile(here .. "evidence.lua")

assert(evidence.ready(child))

local findings, faults = 0, 0
for line in io.lines() do
  local path, ip, port = line:match("^([^\t]+)\t([^\t]+)\t?(%d*)")
  local result, message = mcpcap.analyze_traffic_flow(path, ip, tonumber(port))
  if not result then
    print(("%s: %s"):format(path, message))
  else
    for _, shown in ipairs(evidence.of(child, path, result.analysis.findings)) do
      local fault = evidence.fault(shown)
      findings, faults = findings + 1, faults + (fault and 1 or 0)
      if fault then
        print(("%s: %s"):format(path, fault))
      end
    end
  end
end
print(("%d of %d findings hold"):format(findings - faults, findings))
os.exit(faults == 0 and 0 or 1)
