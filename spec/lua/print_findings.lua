-- Prints what findings say and show, of all bundled captures and of all cases of findings: the same text in every Lua,
-- however it writes numbers.  tools/test compares two Luas.
--
--     lua5.1 spec/lua/print_findings.lua
--
-- Needs the module's paths.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "bundled.lua")
local pieces = dofile(here .. "findings/pieces.lua")

local said = {}

local function say(name, result)
  local lines = { name .. ": " .. result.analysis.interpretation }
  for _, finding in ipairs(result.analysis.findings) do
    local evidence = finding.evidence
    lines[#lines + 1] = table.concat({ "", finding.id, finding.severity, finding.side, finding.confidence }, "\t")
    lines[#lines + 1] = "\t\t" .. finding.text
    lines[#lines + 1] = "\t\t" .. (finding.settle or "")
    lines[#lines + 1] = "\t\t" .. (evidence.display_filter or "")
    lines[#lines + 1] = "\t\t" .. table.concat(evidence.counter_evidence or {}, " ")
  end
  said[#said + 1] = table.concat(lines, "\n") .. "\n"
end

for _, known in ipairs(bundled.list()) do
  say(known.file, assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port)))
end
for _, case in ipairs(pieces.load()) do
  pieces.with_result(case, function(result)
    say(case.id .. ", " .. case.about, result)
  end)
end

-- cases are not listed in the same order each time
table.sort(said)
io.write(table.concat(said))
