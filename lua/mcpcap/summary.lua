--- From what the core counted to the result: the opinions are added.
-- @module mcpcap.summary

local findings = require "mcpcap.findings"
local verdict = require "mcpcap.verdict"

local summary = {}

--- Completes the result.
-- @tparam table result what the core counted, in tables named as in the result; changed
-- @tparam string file what was read, fit to be shown
-- @tparam[opt] table files the same one by one, where there are several
-- @treturn table result
function summary.build(result, file, files)
  local analysis, sums = result.analysis, result.connection_sums
  result.schema_version = "1"
  result.file, result.files = file, files
  analysis.resets, analysis.handshakes = sums.resets, sums.handshakes
  analysis.findings, analysis.withheld = {}, {}
  analysis.asymmetry.one_sided_capture = false
  if result.status == "ok" then
    local case
    analysis.findings, analysis.withheld, case = findings.of(result)
    analysis.vantage = case.vantage
    analysis.asymmetry.one_sided_capture = case.quality.one_sided or false
  elseif result.status == "no_match" then
    local repair = require "mcpcap.repair"
    result.candidates, result.likely_slip = repair.of(result, { ip = result.server_ip, port = result.server_port })
    result.address_seen = nil
  end
  analysis.interpretation = verdict.of(result)
  return result
end

return summary
