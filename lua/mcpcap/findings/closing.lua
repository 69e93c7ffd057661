--- Rules about connections that one side has left: it is gone, or does not close.
-- @module mcpcap.findings.closing

local outcomes = require "mcpcap.findings.outcomes"
local say = require "mcpcap.phrases"

-- No process takes so long to notice that the other side has closed.
local CLOSE_WAIT_LONG_MS = 15000

local rules = {}

-- The server speaks on other connections while it answers none of these, and the capture is not beside it: it lives, and
-- who lives answers (RFC 9293, 3.10.7).
local function is_cut_off(case, by)
  if by ~= "client" or (case.vantage.place == "server" and case.vantage.confidence ~= "low") then
    return false
  end
  local silent = outcomes.sum(case, { "peer_gone", "vanished_idle" }, by)
  return silent ~= nil and case.sums.gone_here >= silent.connections
end

local function tell_cut_off(case, cell)
  return {
    severity = "warning",
    weight = 70,
    side = "network",
    confidence = "medium",
    text = ("On %s the client's probes or repetitions (up to %.0f) found no answer for %s, while the server spoke on others: it lives, and would answer, if with a reset. "
      .. "A device on the way has lost them: a filter or NAT without their state, a balancer whose machine is gone.")
      :format(outcomes.share(case, cell), cell.detail, outcomes.span(cell)),
    evidence = {
      counts = { connections = cell.connections, of = case.sums.total, sent_in_vain = cell.detail,
        gone_here = case.sums.gone_here, shortest_ms = cell.shortest_ms, longest_ms = cell.longest_ms },
      counter_evidence = { "a filter on the server's host that drops these connections alone looks the same" },
      display_filter = say.frames_filter(cell.frames),
    },
    settle = "the states of what lies between (a filter that has changed over, NAT, a balancer's targets); a capture beside the server: do the client's packets arrive there?",
  }
end

rules[#rules + 1] = outcomes.rule {
  id = "peer_gone",
  about = "probes and repetitions that nobody answers any more",
  needs = { "both_sides", "arrival" },
  outcomes = { "peer_gone" },
  tell = function(case, by, cell, other)
    if case.sums.black_hole[by] >= cell.connections then
      return                    -- what is too long for the way says nothing of who waits behind it
    end
    if cell.detail > 0 and is_cut_off(case, by) then
      return tell_cut_off(case, cell)
    end
    return {
      severity = "warning",
      weight = 70,
      side = other,
      confidence = "medium",
      text = cell.detail == 0
        and ("On %s the %s, or the way to it, was gone: it stopped in the middle of its data, the %s waited %s for what was missing, and gave up."):format(
          outcomes.share(case, cell), other, by, outcomes.span(cell))
        or ("On %s the %s, or the way to it, was gone: the %s's probes or repetitions (up to %.0f) found no answer for %s, until it gave up or the capture ended."):format(
          outcomes.share(case, cell), other, by, cell.detail, outcomes.span(cell)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, sent_in_vain = cell.detail,
          shortest_ms = cell.shortest_ms, longest_ms = cell.longest_ms },
        counter_evidence = { "where the path fails for that long, the other side's packets are missing as well" },
        display_filter = say.frames_filter(cell.frames),
      },
      settle = ("a capture beside the %s: do the %s's packets arrive there, and is there an answer?"):format(other, by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "idle_connection_lost",
  about = "the first data after a long silence, sent again and again, finds no answer",
  needs = { "both_sides" },
  outcomes = { "vanished_idle" },
  tell = function(case, by, cell, other)
    -- what is captured beside the silent side has come all the way
    local beside = case.vantage.place == other and case.vantage.confidence ~= "low"
    -- ... and that a device has dropped it, and its host lives, other connections tell
    local lives = beside or case.sums.idle_lost_heard[by] > 0
    return {
      severity = (beside or not lives) and "warning" or "error",
      weight = 76,
      side = beside and other or "network",
      confidence = lives and "medium" or "low",
      text = ("On %s the first data of the %s after %s of silence found no answer, though sent again up to %s: %s."):format(
        outcomes.share(case, cell), by, outcomes.span(cell), say.times(cell.detail),
        beside and ("the capture is beside the %s, so it came all the way, and the %s does not answer: it, or its address, is gone, or a filter on its host has dropped the idle connection%s"):format(
          other, other, cell.connections == 1 and "" or "s")
        or lives and ("a device on the way has probably dropped the idle connection%s, for the %s is heard on another one"):format(
          cell.connections == 1 and "" or "s", other)
        or ("a device on the way has dropped the idle connection%s, or the %s, or the way to it, is gone"):format(
          cell.connections == 1 and "" or "s", other)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, silence_ms = cell.shortest_ms,
          sent_in_vain = cell.detail },
        counter_evidence = { beside and ("a filter between the capture and the %s's stack looks the same"):format(other)
          or lives and ("the %s's process may have gone away meanwhile, and its host be silent"):format(other)
          or ("nothing else shows that the %s is there"):format(other) },
        display_filter = say.frames_filter(cell.frames),
      },
      settle = beside and ("on the %s: what became of the connection (ss -tan), did its address change, does it sleep?"):format(other)
        or ("the idle limits of what lies between (balancers, NAT), against the keep-alive interval; a capture beside the %s")
        :format(other),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "close_wait",
  about = "a side that does not close after the other's FIN (CLOSE-WAIT)",
  needs = { "both_sides" },
  outcomes = { "close_wait" },
  tell = function(case, by, cell, other)
    if case.sums.black_hole[by] >= cell.connections then
      return                    -- it does send, in vain
    end
    -- one, for a few seconds, may still be at work
    local grave = cell.connections >= 3 or (by == "server" and cell.longest_ms >= CLOSE_WAIT_LONG_MS)
    return {
      severity = grave and "warning" or "info",
      weight = grave and 46 or 9,
      side = by,
      confidence = "medium",
      text = ("On %s the %s never closed: it acknowledged the %s's FIN and sent nothing more for up to %s. Its process keeps sockets in CLOSE-WAIT."):format(
        outcomes.share(case, cell), by, other, say.ms(cell.longest_ms)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, shortest_ms = cell.shortest_ms,
          longest_ms = cell.longest_ms },
        counter_evidence = { "it may close after the end of the capture" },
        display_filter = say.frames_filter(cell.frames),
      },
      settle = ("on the %s: ss -tn state close-wait"):format(by),
    }
  end,
}

return rules
