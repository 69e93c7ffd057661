--- Answers that the client left before they were whole.
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

return left
