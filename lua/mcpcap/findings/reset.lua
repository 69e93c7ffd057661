--- Rules about resets: why they came, and what they cost.
-- @module mcpcap.findings.reset

local before_answer = require "mcpcap.findings.proof.before_answer"
local left = require "mcpcap.findings.left"
local outcomes = require "mcpcap.findings.outcomes"
local quality = require "mcpcap.findings.quality"
local say = require "mcpcap.phrases"
local senders = require "mcpcap.findings.senders"
local shapes = require "mcpcap.findings.shapes"

-- No queue of a capture bends its order by so much: it is put together from pieces.
local PIECES_MS = 1000
local SIDES = { "client", "server" }
local SIGNS_AGAINST, SIGNS_FOR = senders.AGAINST, senders.FOR
local signs_of, sure_if_its_own = senders.signs_of, senders.sure_if_its_own

-- Reasons of MP_TCPRST (RFC 8684, 3.6).
local SUBFLOW_REASONS = {
  [0] = "unspecified error", "MPTCP-specific error", "lack of resources", "administratively prohibited",
  "too much outstanding data", "unacceptable performance", "middlebox interference",
}

local function filter_of(case, by)
  return case.filter[by == "client" and "client_to_server" or "server_to_client"] .. " && tcp.flags.reset == 1"
end

local is_sparse, SPARSE = quality.is_sparse, quality.SPARSE

-- A host that knows nothing of a connection answers data so (RFC 9293, 3.10.7.1).
local function bare(cell, by)
  if cell.detail ~= 1 then
    return ""
  end
  return ("; %s without ACK, as from a host that knows nothing of the connection: the %s %s, or a device on the way answers for it"):format(
    cell.connections == 1 and "the reset is" or "there are resets", by, "had lost or ended it earlier")
end

local or_nothing = outcomes.or_nothing
local process_log = outcomes.process_log

local rules = {}

rules[#rules + 1] = {
  id = "reset_not_by_endpoint",
  about = "resets with signs that another device sent them: two or more, or a TTL from another place",
  check = function(case)
    local signs = case.sums.resets.signs
    for _, by in ipairs(SIDES) do
      -- who scans writes its SYNs with a TTL of its own choice, and its host resets what comes back
      local forged = by == "client" and shapes.is_scanned(case)
      if signs.two_or_more[by] > 0 and not forged then
        local doubt = quality.doubt_of_signs(case, by)
        local against = signs_of(case, by, SIGNS_FOR)
        against[#against + 1] = doubt
        return {
          severity = doubt and "info" or "error",
          weight = 97,
          side = "network",
          confidence = doubt and "low" or "medium",
          text = ("%s in the %s's name %s signs of another sender: %s."):format(
            say.count(signs.two_or_more[by], "reset"), by, signs.two_or_more[by] == 1 and "carries" or "carry",
            table.concat(signs_of(case, by, SIGNS_AGAINST), "; ")),
          evidence = {
            counts = { resets_with_two_signs = signs.two_or_more[by], other_ttl = signs.ttl[by],
              other_ip_id = signs.ip_id[by], odd_sequence = signs.sequence[by], sender_goes_on = signs.race[by],
              too_soon = signs.soon[by] },
            counter_evidence = or_nothing(against),
            frames = signs.frames[by],
            display_filter = filter_of(case, by),
          },
          settle = ("a capture on the %s itself: did it send these resets?"):format(by),
        }
      end
    end
  end,
}

-- "the first segment after 400 s of silence"
local function first_after(cell)
  return ("the first segment after %s of silence"):format(outcomes.span(cell))
end

local function lost(cell, other)
  return cell.bytes > 0 and (", and %s of the %s's data are lost"):format(say.bytes(cell.bytes), other) or ""
end

rules[#rules + 1] = outcomes.rule {
  id = "idle_connection_dropped",
  about = "the first segment after a long silence is reset, by another device than the endpoint",
  outcomes = { "dropped_on_way" },
  tell = function(case, by, cell, other)
    return {
      severity = cell.bytes > 0 and "error" or "warning",
      weight = 96,
      side = "network",
      confidence = "medium",
      text = ("On %s %s met a reset in the %s's name, with signs of another sender: a device on the way had dropped the idle connection%s%s.")
        :format(outcomes.share(case, cell), first_after(cell), by, cell.connections == 1 and "" or "s",
          lost(cell, other)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, silence_ms = cell.shortest_ms,
          lost_bytes = cell.bytes },
        counter_evidence = or_nothing(signs_of(case, by, SIGNS_FOR)),
      },
      settle = ("the idle limits of what lies between (balancers, NAT), against the keep-alive interval; a capture on the %s: did it send these resets?")
        :format(by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "idle_connection_forgotten",
  about = "the first segment after a long silence is reset",
  outcomes = { "forgotten" },
  tell = function(case, by, cell, other)
    local severity = "warning"
    if cell.bytes > 0 and by == "server" then
      severity = "error"
    end
    return {
      severity = severity,
      weight = 74,
      side = by,
      confidence = "medium",
      text = ("On %s %s met a reset by the %s: it, or a device before it, had forgotten the idle connection%s%s."):format(
        outcomes.share(case, cell), first_after(cell), by, cell.connections == 1 and "" or "s", lost(cell, other)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, silence_ms = cell.shortest_ms,
          lost_bytes = cell.bytes },
        counter_evidence = or_nothing(signs_of(case, by, SIGNS_AGAINST)),
      },
      settle = ("the idle limits of the %s and of what lies between, against the %s's keep-alive interval"):format(
        by, other),
    }
  end,
}

-- No request of any protocol that keeps connections for the next one is shorter ("PING" and its end of line).
local SHORTEST_REQUEST = 5

rules[#rules + 1] = outcomes.rule {
  id = "request_crossed_close",
  about = "requests that are on their way when the server closes an idle connection",
  rests_on_each = true,
  outcomes = { "crossed_close" },
  tell = function(case, by, cell)
    if by == "client" then
      return
    end
    local idle = cell.longest_ms >= 1000
    -- what somebody types, and last words, are no request of a pool, nor is what comes to the side that opened
    local short = cell.bytes <= SHORTEST_REQUEST * cell.connections or cell.detail > 0 or case.quality.reversed
    return {
      severity = "warning",
      weight = 73,
      side = "server",
      confidence = short and "low" or idle and "high" or "medium",
      text = idle and short
        and ("On %s the server closed after %s of silence, and what the client sent crossed that: %s were thrown away unanswered."):format(
          outcomes.share(case, cell), outcomes.span(cell), say.bytes(cell.bytes))
        or idle and ("On %s the server closed after %s of silence while the client's next request was on its way: %s of requests were thrown away unanswered, which users may see as an error 502 or a broken connection. "
          .. "The server's idle limit is no longer than the client's, and should be."):format(outcomes.share(case, cell), outcomes.span(cell), say.bytes(cell.bytes))
        or ("On %s the server closed while data of the client's was on its way: %s were thrown away unanswered."):format(
          outcomes.share(case, cell), say.bytes(cell.bytes)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, silence_ms = cell.shortest_ms,
          lost_bytes = cell.bytes },
      },
      settle = idle and "the keep-alive timeouts of both: the client's (a balancer's, a pool's) must be the shorter one"
        or "whether the client sends the rest of a request that was answered already, or its next one",
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "sent_after_close",
  rests_on_words = "all",
  about = "requests on connections that the server has closed, as the client knows",
  outcomes = { "sent_too_late" },
  tell = function(case, by, cell)
    if by == "client" then
      return
    end
    return {
      severity = "warning",
      weight = 44,
      side = "client",
      confidence = "medium",
      text = ("On %s the client acknowledged that the server had closed, sent %s more, and met a reset: it goes on using connections that are closed.")
        :format(outcomes.share(case, cell), say.bytes(cell.bytes)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, lost_bytes = cell.bytes },
        counter_evidence = { "a farewell of an encrypted session is lost without harm" },
      },
      settle = "whether the client's connection pool notices that the server has closed",
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_mid_data",
  about = "resets that cut data off: not acknowledged, or still being sent",
  rests_on_each = true,
  outcomes = { "cut_off" },
  tell = function(case, by, cell, other)
    local against, sparse = signs_of(case, by, SIGNS_AGAINST), is_sparse(case)
    against[#against + 1] = sparse and SPARSE or nil
    local starved = left.starved(case, cell, by, other, against)
    if starved then
      return starved
    elseif by == "client" and not case.quality.reversed then
      return left.finding(case, cell, or_nothing(against), sparse, bare(cell, by))
    end
    local own = cell.detail == 2 and cell.bytes == 0
    -- one without ACK is of somebody who knows nothing of the connection: it is not known that this was the side itself
    local stranger = cell.detail == 1 and case.vantage.place ~= by
    return {
      severity = sparse and "info" or stranger and "warning" or "error",
      weight = 75,
      side = by,
      confidence = (sparse or stranger) and "low" or (#against > 0 or cell.detail == 1) and "medium" or sure_if_its_own(case, by),
      text = own and ("The %s reset %s in the middle of its own data: the last segment before was a full one, so there was more to come.")
        :format(by, outcomes.share(case, cell))
        or ("The %s reset %s in the middle of the %s's data%s%s."):format(by, outcomes.share(case, cell), other,
          cell.bytes > 0 and (", %s of which it had not acknowledged"):format(say.bytes(cell.bytes)) or "", bare(cell, by)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, open_bytes = cell.bytes },
        counter_evidence = or_nothing(against),
      },
      settle = process_log(by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_before_answer",
  about = "resets while a request is not answered",
  rests_on_each = true,
  outcomes = { "before_answer" },
  tell = before_answer.tell,
}

-- So long after a handshake nothing is a part of it any more.
local UNUSED_MS = 1000

rules[#rules + 1] = outcomes.rule {
  id = "reset_without_data",
  about = "resets after the handshake and before any data",
  rests_on_each = true,
  outcomes = { "reset_unused" },
  tell = function(case, by, cell)
    local idle = cell.shortest_ms >= UNUSED_MS
    if by == "client" and case.quality.ungreeted then
      return
    end
    -- a server that repeats its SYN-ACK had not taken the connection, and could say nothing on it
    local untaken = by == "client" and case.sums.unaccepted >= cell.connections
    return {
      severity = untaken and "info" or "warning",
      weight = 45,
      side = by,
      confidence = untaken and "low" or sure_if_its_own(case, by),
      text = idle
        and ("The %s reset %s after %s of silence: no side had said anything since the handshake."):format(
          by, outcomes.share(case, cell), outcomes.span(cell))
        or ("The %s reset %s after the handshake, before any data."):format(by, outcomes.share(case, cell)),
      settle = idle and "who speaks first in this protocol: the other side waited for it" or process_log(by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_half_open",
  about = "resets before the handshake was complete",
  outcomes = { "broken_handshake" },
  tell = function(case, by, cell)
    if by == "client" then
      -- who opens may change his mind, and nothing was said yet that this cuts off
      return {
        severity = "info",
        weight = 50,
        side = "client",
        confidence = "low",
        text = ("The client broke off %s with a reset before the handshake was complete: it no longer wanted to connect, or was not the one that had asked."):format(
          outcomes.share(case, cell)),
        settle = process_log(by),
      }
    end
    return {
      severity = "warning",
      weight = 50,
      side = "server",
      confidence = case.vantage.place == "server" and "medium" or "low",
      text = ("The server broke off %s with a reset after its SYN-ACK, before the handshake was complete: it, or a device in front of it, had answered for a process that then did not take the connection."):format(
        outcomes.share(case, cell)),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total },
        counter_evidence = { "a device that answers to what it takes for a scan or a flood does the same" },
      },
      settle = process_log(by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_not_meant",
  about = "a host resets what it does not know, and goes on with the connection all the same",
  outcomes = { "not_meant" },
  tell = function(case, by, cell, other)
    -- whatever stands behind it in such a file may have come before
    local against, back = signs_of(case, by, SIGNS_AGAINST), case.capture.max_regression_ms or 0
    local bent = back >= PIECES_MS
    if bent then
      against[#against + 1] = ("time runs backwards by %s: what seems to follow the reset may have come before it"):format(
        say.ms(back))
    end
    return {
      severity = bent and "info" or "warning",
      weight = 71,
      side = "network",
      confidence = bent and "low" or "medium",
      text = ("On %s the %s's host answered a packet with a bare reset, as for a connection that it does not know, and went on with this one: the packet probably came there with an address that was not translated."):format(
        outcomes.share(case, cell), by),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total },
        counter_evidence = or_nothing(against),
      },
      settle = ("a capture on the %s: do the %s's packets come there from the address that it talks to?"):format(
        by, other),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_idle",
  about = "resets of connections that were idle, nothing outstanding",
  rests_on_each = true,
  outcomes = { "idle_reset" },
  tell = function(case, by, cell)
    local server, probed = by == "server", cell.detail > 0
    return {
      severity = server and "warning" or "info",
      weight = server and 43 or 13,
      side = by,
      confidence = probed and "medium" or sure_if_its_own(case, by),
      text = ("The %s ended %s by a reset after %s of silence: all data had been acknowledged, and no side had closed%s.")
        :format(by, outcomes.share(case, cell), outcomes.span(cell),
          probed and ("; before it came a probe that the %s did not answer: it may have been gone"):format(say.other(by))
            or server and "; a request that comes at that moment is lost" or ""),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, shortest_ms = cell.shortest_ms,
          longest_ms = cell.longest_ms },
      },
      settle = server and "the server's idle limit, which should be longer than the client's" or nil,
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_after_answer",
  about = "resets as a way to close: the whole answer had come",
  outcomes = { "reset_done" },
  tell = function(case, by, cell)
    if by == "client" then
      return {
        severity = "info",
        weight = 13,
        side = "client",
        text = ("The client ended %s by a reset after the whole answer had come, with nothing outstanding: an abrupt way to close, which cut nothing off."):format(
          outcomes.share(case, cell)),
      }
    end
    return {
      severity = cell.bytes > 0 and "warning" or "info",
      weight = cell.bytes > 0 and 42 or 13,
      side = "server",
      confidence = "medium",
      text = cell.bytes > 0
        and ("The server ended %s by a reset right behind its answer, %s of which were not yet acknowledged: what the client has not read by then may be lost."):format(
          outcomes.share(case, cell), say.bytes(cell.bytes))
        or ("The server ended %s by a reset after all that it had sent was acknowledged: an abrupt way to close, which took nothing of that away. Whether its answer was whole the packets do not tell."):format(
          outcomes.share(case, cell)),
      evidence = { counts = { connections = cell.connections, of = case.sums.total, open_bytes = cell.bytes } },
      settle = cell.bytes > 0 and "whether the server's process closes without reading all of the request"
        or "the server's log: had it written all of its answer?",
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_after_alert",
  about = "resets that follow a TLS alert of the other side",
  outcomes = { "after_alert" },
  tell = function(case, by, cell, other)
    return {
      severity = "info",
      weight = 14,
      side = other,
      text = ("On %s the %s ended the TLS session by an alert, and the %s hung up with a reset: the alert came first."):format(
        outcomes.share(case, cell), other, by),
      settle = ("the %s's TLS log: is the alert the usual close, or a refusal?"):format(other),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_unknown_connection",
  about = "bare resets for connections that were over before the capture began",
  outcomes = { "unknown_to" },
  tell = function(case, by, cell)
    return {
      severity = "info",
      weight = 10,
      side = by,
      confidence = "medium",
      text = ("The %s's host answers the packets of %s with bare resets and says nothing else: it does not know %s, closed before the capture began, or seen there under another address."):format(
        by, outcomes.share(case, cell), cell.connections == 1 and "it" or "them"),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total, refused_bytes = cell.bytes },
      },
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "mptcp_subflow_reset",
  about = "a path of a Multipath TCP connection is given up, while the connection lives",
  outcomes = { "subflow_reset" },
  tell = function(case, by, cell)
    local reason = cell.detail > 0 and cell.detail - 1
    return {
      severity = "info",
      weight = 14,
      side = by,
      text = ("The %s gave up %s of a Multipath TCP connection by a reset%s: the connection itself goes on."):format(
        by, say.count(cell.connections, "subflow"),
        reason and (" (reason %.0f%s)"):format(reason, SUBFLOW_REASONS[reason] and ", " .. SUBFLOW_REASONS[reason] or "")
          or ""),
      evidence = { counts = { subflows = cell.connections, of = case.sums.total, reason = reason or nil } },
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_half_closed",
  about = "resets in answer to the other side's FIN",
  outcomes = { "reset_close" },
  tell = function(case, by, cell, other)
    return {
      severity = "info",
      weight = 12,
      side = by,
      confidence = sure_if_its_own(case, by),
      text = ("The %s ended %s with a reset after the %s had closed: an abortive close, which loses data only if some was on its way."):format(
        by, say.count(cell.connections, "connection"), other),
    }
  end,
}

-- A client that closes before the whole answer has come does so on purpose.
local function late_rule(outcomes_of)
  return function(case, by, _, other)
    local cell = outcomes.sum(case, outcomes_of[by], by)
    return cell and {
      severity = "info",
      weight = 11,
      side = by,
      text = ("The %s answered with a reset on %s that it had already closed, while the %s was still sending."):format(
        by, say.count(cell.connections, "connection"), other),
      evidence = {
        counts = { connections = cell.connections, of = case.sums.total },
        frames = cell.frames,
        display_filter = outcomes.resets_filter(case, cell, by),
      },
    }
  end
end

rules[#rules + 1] = outcomes.rule {
  id = "reset_late",
  about = "resets in answer to what comes after the sender's own FIN",
  outcomes = { "reset_late", "sent_too_late", "crossed_close" },
  tell = late_rule({ client = { "reset_late", "sent_too_late", "crossed_close" }, server = { "reset_late" } }),
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_after_close",
  about = "resets after both sides had closed: benign",
  outcomes = { "reset_after_close" },
  tell = function(_, by, cell)
    return {
      severity = "info",
      weight = 2,
      side = by,
      text = ("The %s sent resets on %s that both sides had closed: benign."):format(
        by, say.count(cell.connections, "connection")),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_stray",
  about = "resets of connections of which nothing else was seen",
  outcomes = { "stray_reset" },
  tell = function(_, by, cell)
    return {
      severity = "info",
      weight = 4,
      side = by,
      text = (cell.connections == 1 and "%s by the %s belongs to a connection of which nothing else was captured: the answer to a strange packet, or the tail of an older connection."
        or "%s by the %s belong to connections of which nothing else was captured: answers to strange packets, or the tail of older connections.")
        :format(say.count(cell.connections, "reset"), by),
    }
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "reset_untold",
  about = "resets whose circumstances are not known: what went before was not captured, or memory was short",
  outcomes = { "reset_untold" },
  tell = function(case, by, cell)
    return {
      severity = "info",
      weight = 5,
      side = by,
      confidence = "low",
      text = ("The %s reset %s; how things stood then is not known, as what went before was not captured, or there was no memory to keep it."):format(
        by, outcomes.share(case, cell)),
    }
  end,
}

return rules
