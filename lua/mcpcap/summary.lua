--- From the core's facts to the result table.  Pure: table in, table out.
-- @module mcpcap.summary

local findings = require "mcpcap.findings"
local verdict = require "mcpcap.verdict"

local summary = {}

local function status_of(capture)
  if capture.tcp_segments == 0 then
    return "no_tcp"
  elseif capture.matched_segments == 0 then
    return "no_match"
  end
  return "ok"
end

--- Builds the result.
-- @tparam table facts what the core counted
-- @tparam table about {file, files, rules}
-- @treturn table the result
function summary.build(facts, about)
  local sums, capture, analysis = facts.sums, facts.capture, facts.analysis
  capture.port_reuses = sums.port_reuses
  analysis.resets, analysis.handshakes = sums.resets, sums.handshakes
  local result = {
    schema_version = "1",
    rules = about.rules,
    file = about.file,
    files = about.files,
    analysis_timestamp = facts.analysis_timestamp,
    server = facts.server,
    server_ip = facts.server_ip,
    server_port = facts.server_port,
    status = status_of(capture),
    total_packets = capture.frames,
    tcp_packets_found = capture.tcp_segments,
    client_to_server = facts.client_to_server,
    server_to_client = facts.server_to_client,
    connections = facts.connections,
    connection_count = sums.total,
    connection_sums = sums,
    icmp = facts.icmp,
    capture = capture,
    timeline = facts.timeline,
    analysis = analysis,
  }
  if result.status == "ok" then
    local case
    analysis.findings, analysis.withheld, case = findings.of(result)
    analysis.vantage = case.vantage
    analysis.asymmetry.one_sided_capture = case.quality.one_sided or false
  else
    analysis.findings, analysis.withheld = {}, {}
    analysis.asymmetry.one_sided_capture = false
    if result.status == "no_match" then
      local repair = require "mcpcap.repair"
      result.candidates, result.likely_slip = repair.of(facts, { ip = facts.server_ip, port = facts.server_port })
      result.candidates_total = facts.candidates_total
    end
  end
  analysis.interpretation = verdict.of(result)
  return result
end

return summary
