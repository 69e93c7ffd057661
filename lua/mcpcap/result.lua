--- From what the core counted to the result: the opinions are added, and a sentence.
-- @module mcpcap.result

local amount = require "mcpcap.phrases_amount"

local summary = {}

local function traffic_of(result)
  local c2s, s2c = result.client_to_server, result.server_to_client
  return ("%s to %s: %s and %s of data from the %s, %s and %s from the server"):format(
    amount.count(result.connection_count, "connection"), amount.server(result),
    amount.count(c2s.packet_count, "packet"), amount.bytes(c2s.payload_bytes),
    result.connection_count == 1 and "client" or "clients",
    amount.count(s2c.packet_count, "packet"), amount.bytes(s2c.payload_bytes))
end

--- One or two sentences that sum a result up: only what the counts bear.
-- @tparam table result with `status`, `analysis.findings`, and `likely_slip` where nothing matched
-- @treturn string one or two sentences
function summary.interpretation(result)
  if result.status ~= "ok" then
    return (require("mcpcap.findings.repair").interpretation(result))
  end
  local first, second = result.analysis.findings[1], result.analysis.findings[2]
  if not first or first.severity == "info" then
    local text = "No trouble shows in " .. traffic_of(result) .. "."
    if first and first.side ~= "capture" then
      text = text .. " " .. first.text
    end
    return text
  end
  if second and second.severity ~= "info" then
    return first.text .. " " .. second.text
  end
  return first.text
end

--- What inputs are called: all, and one by one where they are several.
-- @tparam function name_of gives the name of one
-- @tparam string|file|table inputs
-- @treturn string
-- @treturn ?table
function summary.names_of(name_of, inputs)
  if type(inputs) ~= "table" then
    return name_of(inputs)
  end
  local names = {}
  for i, input in ipairs(inputs) do
    names[i] = name_of(input)
  end
  return table.concat(names, ", "), names
end

--- Why a result does not cover everything.
-- @tparam table result
-- @treturn ?string message; nothing: it does
-- @treturn ?string code
function summary.reason_of(result)
  local capture = result.capture
  if capture.stopped then
    return capture.stopped.message, capture.stopped.reason
  end
  if capture.truncated then
    return capture.truncated.reason, "truncated"
  end
end

--- Completes the result.
-- @tparam table result what the core counted, in tables named as in the result; changed
-- @tparam string file what was read, fit to be shown
-- @tparam[opt] table files the same one by one, where there are several
-- @tparam[opt] boolean quiet the core says that no rule has anything to say on it
-- @treturn table result
function summary.build(result, file, files, quiet)
  local analysis = result.analysis
  result.schema_version = "1"
  result.file, result.files = file, files
  analysis.findings, analysis.withheld = {}, {}
  if quiet then -- the rules are long, and are not loaded for nothing
    analysis.vantage = require("mcpcap.findings.vantage").of(result)
  elseif result.status == "ok" then
    local case
    analysis.findings, analysis.withheld, case = require("mcpcap.findings").of(result)
    analysis.vantage = case.vantage
    analysis.asymmetry.one_sided_capture = case.quality.one_sided
  elseif result.status == "no_match" then
    local repair = require "mcpcap.findings.repair"
    result.candidates, result.likely_slip = repair.of(result, { ip = result.server_ip, port = result.server_port })
    result.address_seen = nil
  end
  analysis.interpretation = summary.interpretation(result)
  for i = #result.connections, (result.rows_wanted or #result.connections) + 1, -1 do
    result.connections[i] = nil -- opinions rest on the same rows, however few are shown
  end
  result.rows_wanted = nil
  return result
end

return summary
