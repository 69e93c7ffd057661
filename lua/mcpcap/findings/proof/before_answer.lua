--- Connections that were reset while a request was not answered: what proves that one was owed.
-- @module mcpcap.findings.proof.before_answer

local asker = require "mcpcap.findings.proof.asker"
local outcomes = require "mcpcap.findings.outcomes"
local quality = require "mcpcap.findings.quality"
local say = require "mcpcap.phrases"
local senders = require "mcpcap.findings.senders"

local before_answer = {}

local LAST_WORD = "a last word to which no answer belongs looks the same"

-- Ports that hosts give out by themselves, for a while: nobody asks a service there (RFC 6335, 6; Linux begins here).
local FIRST_DYNAMIC_PORT = 32768

--- The finding.
-- @tparam table case see mcpcap.findings
-- @tparam string by who has reset
-- @tparam table cell the outcomes, see mcpcap.findings.outcomes
-- @treturn table
function before_answer.tell(case, by, cell)
  local against, sparse = senders.signs_of(case, by, senders.AGAINST), quality.is_sparse(case)
  against[#against + 1] = sparse and quality.SPARSE or nil
  local reversed, a = case.quality.reversed, case.answers
  if by == "server" and not sparse and (reversed or (case.result.server_port or 0) >= FIRST_DYNAMIC_PORT)
    and case.s2c.data_packets > 0 then
    return {
      severity = "warning",
      weight = 72,
      side = by,
      confidence = "low",
      text = ("The server reset %s %s after the client's latest data, which it had all taken: it owed an answer, or the client had answered it, %s.")
        :format(outcomes.share(case, cell), outcomes.span(cell), reversed and "for the server itself opens connections here"
          or ("as between peers (port %.0f is one that hosts give out for a while)"):format(case.result.server_port)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, shortest_ms = cell.shortest_ms,
          longest_ms = cell.longest_ms },
        counter_evidence = outcomes.or_nothing(against),
      },
      settle = "who asks in this protocol; " .. outcomes.process_log(by),
    }
  end
  -- nobody waits for an answer where the client speaks again and again and the server never, or each when it likes
  local mute, requests = a.asked.answers == 0 and a.one_way.connections, (case.result.http or {}).requests or 0
  local unasked = mute and (a.unasked.answers > 0 or mute > 0) or a.one_way_resets >= cell.connections
  unasked = unasked and a.vain_resets < cell.connections       -- it was answered always, and has asked twice
  if by == "client" and unasked or by == "server" and mute and mute >= cell.connections and requests == 0 then
    return {
      severity = "info",
      weight = 13,
      side = by,
      confidence = "low",
      text = ("The %s reset %s %s after %s latest data, to which nothing had come back: %s last word, for in this protocol nobody waits for an answer to each.")
        :format(by, outcomes.share(case, cell), outcomes.span(cell), by == "client" and "its" or "the client's", by == "client" and "a request that it gave up, or a" or "probably a"),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, shortest_ms = cell.shortest_ms,
          longest_ms = cell.longest_ms },
        counter_evidence = outcomes.or_nothing(against),
      },
    }
  end
  -- of a request in clear it is known that an answer belongs to it
  local said = by == "server" or requests > 0
  against[#against + 1] = not said and LAST_WORD or nil
  local relayed = by == "server" and quality.relayed_note(case)
  against[#against + 1] = relayed or nil
  -- a device that has dropped the idle connection may write what the server would
  local idle = by == "server" and cell.detail > 0
  -- who has said something before, in a protocol that nothing tells, may owe nothing more
  local owed = by == "client" or case.s2c.data_packets == 0 or asker.has_been_answered(case)
  -- sooner than anything can be back the client has not waited
  local hasty = by == "client" and cell.longest_ms < quality.round_trip(case)
  against[#against + 1] = not owed and LAST_WORD or nil
  -- nor do a word or two to a server that says nothing to anybody tell that they asked
  local lone = by == "client" and not said and case.s2c.data_packets == 0 and not asker.is_owed_a_word(case, cell.connections)
  return {
    severity = (sparse or hasty or lone) and "info" or by == "server" and not relayed and owed and "error" or "warning",
    weight = 72,
    side = by,
    confidence = (sparse or relayed or hasty or not said or not owed) and "low" or (#against > 0 or by == "client" or idle and case.vantage.place ~= by) and "medium"
      or senders.sure_if_its_own(case, by),
    text = hasty
      and ("The client reset %s %s after its latest data, sooner than an answer can have come: it did not wait for one."):format(
        outcomes.share(case, cell), outcomes.span(cell))
      or not owed
      and ("The server reset %s %s after the client's latest data, to which nothing had come back: it owed an answer, or that was a last word%s."):format(
        outcomes.share(case, cell), outcomes.span(cell),
        idle and (", and up to %s of silence had gone before"):format(say.ms(cell.detail)) or "")
      or by == "server"
      and ("The server reset %s instead of answering the client's request, %s after it%s."):format(
        outcomes.share(case, cell), outcomes.span(cell),
        idle and (", and up to %s of silence had gone before"):format(say.ms(cell.detail)) or "")
      or cell.bytes > 0
      and ("The client reset %s %s after its latest data, before the answer had come: %s of what it had sent were not yet acknowledged."):format(
        outcomes.share(case, cell), outcomes.span(cell), say.bytes(cell.bytes))
      or ("The client reset %s %s after its request, before the answer had come."):format(
        outcomes.share(case, cell), outcomes.span(cell)),
    evidence = {
      counts = { connections = cell.connections, of = case.sums.total, shortest_ms = cell.shortest_ms,
        longest_ms = cell.longest_ms },
      counter_evidence = outcomes.or_nothing(against),
    },
    settle = (idle and "the idle limits of the server and of what lies between; " or "") .. outcomes.process_log(by),
  }
end

return before_answer
