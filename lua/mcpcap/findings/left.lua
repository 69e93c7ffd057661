--- Connections that one side left before all of the other's data had come.
-- @module mcpcap.findings.left

local outcomes = require "mcpcap.findings.outcomes"
local say = require "mcpcap.phrases"
local shapes = require "mcpcap.findings.shapes"

local left = {}

-- mc_outcome.detail of "cut_off": nothing was open, and the server's last segment a full one.
local FULL_LAST = 3

--- "the answer whose length was told it had 40 kB of 2.0 MB".
-- @tparam table told `answers_broken_off` or `answers_stalled` of the result
-- @treturn string
function left.taken(told)
  return ("%s whose length was told it had acknowledged %s of %s"):format(
    told.count == 1 and "the answer" or ("the %.0f answers"):format(told.count), say.bytes(told.taken_bytes),
    say.bytes(told.whole_bytes))
end

--- The client has reset in the middle of the server's data.  Who no longer wants what it has asked for does so, and who fails
-- does too (RFC 9293, 3.10.4 and 3.10.5): nothing tells the two apart, and the server has done its part.
-- @tparam table case see mcpcap.findings
-- @tparam table cell the outcomes, see mcpcap.findings.outcomes
-- @tparam ?table against what speaks against it
-- @tparam boolean sparse the capture lacks much of the data
-- @tparam string how what is said of these resets themselves
-- @treturn table the finding
function left.finding(case, cell, against, sparse, how)
  local told = case.result.http and case.result.http.answers_broken_off
  -- a full segment may be the last one of an answer as well
  local guessed = not told and cell.bytes == 0 and cell.detail == FULL_LAST
  -- who tries ports wants nothing of what the server says first
  local tried = not told and cell.bytes == 0 and shapes.is_scanned(case)
  return {
    severity = (sparse or guessed or tried) and "info" or "warning",
    weight = 75,
    side = "client",
    confidence = (sparse or guessed) and "low" or "medium",
    text = (guessed and "The client reset %s right behind a full segment of the server's%s%s: there may have been more to come, which it did not want or could not take.%s"
      or "The client reset %s in the middle of the server's data%s%s: it broke off, as it no longer wanted the rest or had failed; the server was still sending.%s")
      :format(outcomes.share(case, cell),
        cell.bytes > 0 and (", %s of which it had not acknowledged"):format(say.bytes(cell.bytes)) or "", how,
        told and (" Of %s."):format(left.taken(told)) or ""),
    evidence = {
      counts = { connections = cell.connections, of = case.sums.total, open_bytes = cell.bytes,
        taken_bytes = told and told.taken_bytes, whole_bytes = told and told.whole_bytes },
      counter_evidence = against,
    },
    settle = "the client's own log: did its user, or its program, not want the rest",
  }
end

--- One side has reset in the middle of the other's data, which was too long for the way: it had waited for what could not come.
-- @tparam table case see mcpcap.findings
-- @tparam table cell the outcomes, see mcpcap.findings.outcomes
-- @tparam string by who has reset
-- @tparam string other the other side
-- @tparam table against what speaks against it; where some of the resets are such, that is noted here
-- @treturn table|nil the finding; nil: not all of the resets are such
function left.starved(case, cell, by, other, against)
  local n = case.sums.black_hole_reset[other]
  if n < cell.connections then
    against[#against + 1] = n > 0 and ("on %.0f of them long segments of the %s's did not come through, and the %s had waited for these"):format(
      n, other, by) or nil
    return
  end
  return {
    severity = "info",
    weight = 14,
    side = by,
    confidence = "medium",
    text = ("The %s reset %s in the middle of the %s's data, whose long segments did not come through (a path-MTU black hole): it gave up waiting for %s, and the way there is at fault."):format(
      by, outcomes.share(case, cell), other, cell.bytes > 0 and say.bytes(cell.bytes) .. " that could not come" or "what could not come"),
    evidence = {
      counts = { connections = cell.connections, of = case.sums.total, open_bytes = cell.bytes },
      counter_evidence = outcomes.or_nothing(against),
    },
  }
end

return left
