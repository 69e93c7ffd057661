--- Rules about who answers and who waits: slow answers, late first bytes, halts, and
-- acknowledgements that somebody waits for.
-- @module mcpcap.findings.answers

local phrases = require "mcpcap.phrases"
local asker = require "mcpcap.findings.proof.asker"
local awaited = require "mcpcap.findings.awaited"
local quality = require "mcpcap.findings.quality"
local shapes = require "mcpcap.findings.shapes"

-- A server's own share of its answer: what a user notices (Nielsen 1993).  The core counts from 200 ms and from 1 s on.
local SLOW_REMARK_MS, SLOW_MS = 40, 200
local FEW_ANSWERS, TAIL_LEAST, TAIL_SHARE = awaited.FEW_ANSWERS, awaited.TAIL_LEAST, awaited.TAIL_SHARE
-- Slow ones among quick ones: such a share is worth a remark.
local REMARK_SHARE = 0.01
-- ... and the server's own time must be larger than the way to it.
local SLOW_FACTOR = 2
-- Long requests show the way under load by so many round trips, and several a request.
local LOADED_SAMPLES = 20
-- A first byte that takes so long.
local FIRST_WARNING_MS, FIRST_ERROR_MS = 1000, 5000
-- Waits for an acknowledgement: so many are a pattern; of an exchange, or in all.
local WAITS_LEAST, WAITS_SHARE, WAITS_MS = 3, 0.25, 1000
-- An answer that stops for so long in all.
local HALT_WARNING_MS = 1000

local SIDES = { { name = "client", other = "server" }, { name = "server", other = "client" } }

local rules = {}

-- The way to the server and back, and whether it is known.
local function way_of(case)
  local rtt, data = case.latency.handshake_rtt_ms.server, case.c2s.rtt_ms
  if rtt.count > 0 then
    return rtt.median, true
  end
  return data.count > 0 and data.min or 0, data.count > 0
end

local function in_passing(way, known)
  return known and (", while the way there and back takes %s"):format(way >= 0.01 and phrases.ms(way) or "next to nothing")
    or ""
end

-- The same of the whole way from the client to the server.
local function whole_way(case)
  local way, known = way_of(case)
  return in_passing(way + (case.latency.handshake_rtt_ms.client.median or 0), known)
end

local function resent(case)
  return case.s2c.late_segments.resent + case.c2s.late_segments.resent
end

-- Segments of a direction sent again for more than to ask whether they have come.
local function repairs(d)
  return d.late_segments.resent > d.resent_causes.tail_probe + d.resent_causes.probe
end

-- The way as long requests find it: what waits in a queue before the server is not the server's time.
local function loaded_way(case, way)
  local data = case.c2s.rtt_ms
  if data.count >= LOADED_SAMPLES and data.count >= FEW_ANSWERS * case.answers.asked.answers then
    return math.max(way, data.p95)
  end
  return way
end

-- Half of the answers take so long of the server's own; nil where another kind of them would be mixed in.
local function median_of(case, way)
  local response = case.latency.server_response_ms
  if response.count > 0 and case.answers.asked.answers == response.count then
    return response.median - way
  end
end

-- How bad it is, and which of the answers say so.
local function grade(case, way, unknown)
  local asked = case.answers.asked
  local n, slow, very_slow = asked.answers, asked.slow - unknown, asked.very_slow
  local median = median_of(case, way)
  if slow > 0 and asked.max_ms >= SLOW_FACTOR * way then
    if slow * 2 >= n and (not median or n < FEW_ANSWERS or median >= SLOW_FACTOR * way) then
      local severity = "warning"
      if n < FEW_ANSWERS and very_slow == 0 then
        severity = "info"       -- one or two answers of less than a second are no pattern
      elseif very_slow * 2 >= n and n >= FEW_ANSWERS then
        severity = "error"
      end
      return severity, very_slow * 2 >= n and very_slow or slow, very_slow * 2 >= n and 1000 or 200
    elseif slow >= TAIL_LEAST and slow >= TAIL_SHARE * n and resent(case) == 0 then
      return "warning", slow, 200
    end
    -- a few that are a little slow are nobody's trouble
    if very_slow > 0 or slow >= REMARK_SHARE * n then
      return "info", slow, 200
    end
  end
  if median and median >= SLOW_REMARK_MS and median >= SLOW_FACTOR * way then
    return "info"
  end
end

local function what_took(n, count, threshold, max, median)
  if not count then
    return n == 1 and ("its only answer took %s of its own"):format(phrases.ms(median))
      or ("half of its %.0f answers took %s or more of its own"):format(n, phrases.ms(median))
  elseif n == 1 then
    return ("its only answer took %s of its own"):format(phrases.ms(max))
  elseif count == 1 then
    return ("%s took %s of its own"):format(phrases.share(1, n):gsub("^1 of", "1 of its", 1):gsub(" %(", " answers (", 1),
      phrases.ms(max))
  end
  return ("%s took %s or more of its own, the longest %s"):format(
    count == n and (n == 2 and "both its answers" or ("all its %.0f answers"):format(n))
      or (phrases.of(count, n, "answer"):gsub(" of ", " of its ", 1)),
    phrases.ms(threshold), phrases.ms(max))
end

-- What is not in the capture may be the beginning of an answer, which then came sooner than what there is of it.
local function hides_beginnings(case, way, severity)
  local n = case.quality.acked_unseen
  return n > 0 and (n * 2 >= case.answers.asked.slow or grade(case, way, n) ~= severity)
end

-- An upgrade (RFC 9110, 7.8) is asked for and answered by heads that can be read, whatever is said behind it and when.
local function late_upgrades(case, way, known)
  local http = case.result.http
  local took = http and http.status["101"] and http.fine and http.fine.answer_ms
  if not took or took.count < http.status["101"]
    or took.median - way < (took.count < FEW_ANSWERS and 1000 or math.max(SLOW_MS, SLOW_FACTOR * way)) then
    return
  end
  local frames = case.latency.slow_answer_frames
  return {
    severity = "warning",
    weight = 55,
    side = "server",
    confidence = "medium",
    text = ("The server takes its time: half of its %s to who asks for another protocol (101, as for WebSocket) took %s or more%s."):format(
      phrases.count(took.count, "answer"), phrases.ms(took.median), in_passing(way, known)),
    evidence = {
      counts = { answers = took.count, slow = http.status["101"], longest_ms = took.max, response_median_ms = took.median,
        round_trip_ms = way },
      counter_evidence = resent(case) > 0 and { "segments sent again delay answers too" } or nil,
      frames = frames,
      display_filter = phrases.frames_filter(frames),
    },
    settle = "the server's own request log",
  }
end

-- Turns of one connection that do not tell, as long as most are quick, whether they are questions and answers.
local FEW_TO_TELL = 20

rules[#rules + 1] = {
  id = "slow_server",
  about = "the server's own time is the largest part of its answers",
  needs = { "both_sides", "roles" },
  check = function(case)
    local asked, way, known = case.answers.asked, way_of(case)
    local loaded = loaded_way(case, way)
    local upgrades = late_upgrades(case, loaded, known)
    if upgrades then
      return upgrades
    end
    local severity, count, threshold = grade(case, loaded, 0)
    if not severity then
      return
    end
    -- what the answer itself acknowledged first, later than any timer allows, may have come late
    local late = asked.acked_late > 0
      and (asked.acked_late * 2 >= asked.slow or grade(case, loaded, asked.acked_late) ~= severity)
    local n, lossy = asked.answers, resent(case)
    local handshake = case.latency.handshake_rtt_ms.server.count > 0
    -- without a handshake, or with packets missing, a turn may be no request and no answer
    local median = median_of(case, way)
    -- nor where the order is wrong, which bends each half of the way, and the answers take no longer than the whole
    local whole = (case.latency.handshake_rtt_ms.server.median or 0) + (case.latency.handshake_rtt_ms.client.median or 0)
    -- ... or where answers stand before their questions, so that each seems to answer the one before
    local bent = next(case.quality.order_wrong) and ((median or 0) < SLOW_FACTOR * whole
      or (case.quality.order_wrong.client or 0) * 2 >= n)
    -- nor where the clock was set back by as much: it may hide, once a connection, that the server spoke unasked
    local set_back = case.capture.time_regressions >= asked.connections and (case.capture.max_regression_ms or 0) >= SLOW_MS
    -- nor where the SYNs had waited together: the time to their answer is not that of the way (RFC 6298, 3)
    local held = shapes.begun(case, "held") + shapes.begun(case, "soon") + shapes.begun(case, "late_answers")
    local unmeasured = handshake and held * 2 > case.sums.handshakes.completed.client
    local doubtful = bent or set_back or unmeasured or not handshake and n < FEW_ANSWERS or hides_beginnings(case, loaded, severity)
    -- nor where the server acts as if the last step of the handshake had not come: the question had not come either
    local untaken = case.sums.unaccepted >= asked.connections and asked.connections > 0
    -- no more than medium: a server that speaks unasked as often as its client does looks just the same
    local confidence = "medium"
    if doubtful or untaken or late or lossy * 2 > n then
      -- as many as there are answers: each may have waited for one
      severity = (doubtful or untaken or late or awaited.losses(case) >= n) and "info" or severity
      confidence = "low"
    end
    local against = { "where the server speaks unasked, a pause looks like an answer that takes long" }
    against[#against + 1] = unmeasured and "the SYNs had waited before they came by here, so that the way is not known, and may be as long" or nil
    -- nor who asks, and whether anybody waits, where no connection's beginning was captured: a few that take long may be those
    -- of a client that asks for what is yet to come
    if not handshake and asked.slow * 2 < n and not asker.is_named(case) then
      severity = severity == "error" and "warning" or severity
      confidence, against[#against + 1] = "low", "no beginning of a connection is in the capture: who asks there, and whether anybody waits, is not known"
    end
    -- what cannot be read may be two sides that speak when they like, and a few of their words look like answers
    if confidence == "medium" and asked.slow * 2 < n and n < FEW_TO_TELL and asked.connections == 1 and not case.result.http then
      confidence = "low"
    end
    -- a last word, an alert or a notice, is no answer
    if case.quality.speechless and asked.slow <= asked.connections then
      confidence, against[#against + 1] = "low", quality.SPEECHLESS
    end
    -- two that speak when they like, or one that confirms what it is told, look the same
    -- ... but who gets most of many answers quickly asks, if it was the one to open the connection
    local asks = handshake and asked.slow * 2 < n and (asked.connections >= FEW_ANSWERS or n >= FEW_TO_TELL)
    if case.answers.unsure * 2 >= asked.slow and not asks and not asker.can_be_read(case) then
      severity, confidence = "info", "low"
      against[#against + 1] = "what is said cannot be read, and the client is as brief as one that confirms what it is told, or speaks when it likes, or whenever the server has spoken: these may be no answers"
    end
    -- a server that speaks unasked does so behind what was acknowledged
    local unheard = case.answers.client.unheard + case.answers.server.unheard
    if unheard * 2 >= case.sums.with_data and unheard > 0 and asked.slow * 2 < n and not asker.can_be_read(case) then
      severity, confidence = "info", "low"
      against[#against + 1] = "acknowledgements are missing in the capture, so nothing shows when the server speaks unasked"
    end
    -- and nobody is blamed where nothing tells that these are answers
    if severity ~= "info" and not asker.is_known(case) and not asker.has_shown(case) then
      severity, confidence = asker.may_have_shown(case) and "warning" or "info", "low"
      against[#against + 1] = asker.UNKNOWN
    end
    severity, confidence = awaited.weigh(case, severity, confidence, against, function(but)
      return grade(case, loaded, but)
    end)
    if quality.is_answered_beside(case) then
      confidence, against[#against + 1] = "low", quality.ANSWERED_BESIDE
    end
    local gateway = asker.gateway_note(case)
    if gateway then
      confidence, against[#against + 1] = "low", gateway
    end
    if late then
      against[#against + 1] = ("%s the first acknowledgement of %s, later than it may be delayed: %s may have come to the server late"):format(
        asked.acked_late == 1 and "one of these answers brings" or ("%.0f of these answers bring"):format(asked.acked_late),
        asked.acked_late == 1 and "its request" or "their requests", asked.acked_late == 1 and "it" or "they")
    end
    if untaken then
      against[#against + 1] = "the server repeats its SYN-ACK there, as one does that has not got the last step: the questions may have come as late"
    end
    if lossy > 0 then
      against[#against + 1] = ("%s sent again %s answers too"):format(phrases.count(lossy, "segment"),
        lossy == 1 and "delays" or "delay")
    end
    if set_back then
      against[#against + 1] = ("time runs backwards by %s: that may hide a pause after which the server spoke unasked"):format(
        phrases.ms(case.capture.max_regression_ms))
    end
    if bent then
      against[#against + 1] = "packets stand in the file behind those that answer them: what the way takes is not known"
    end
    local frames = count and asked.frames or case.latency.slow_answer_frames
    return {
      severity = severity,
      weight = 55,
      side = "server",
      confidence = confidence,
      text = ("The server takes its time: %s%s."):format(what_took(n, count, threshold, asked.max_ms, median),
        in_passing(way, known)),
      evidence = {
        counts = { answers = n, slow = asked.slow, very_slow = asked.very_slow, acked_late = asked.acked_late, longest_ms = count and asked.max_ms
            or case.latency.server_response_ms.max, response_median_ms = case.latency.server_response_ms.median,
          round_trip_ms = way },
        counter_evidence = against,
        frames = frames,
        display_filter = phrases.frames_filter(frames),
      },
      settle = "the server's own request log",
    }
  end,
}

rules[#rules + 1] = {
  id = "unclear_pauses",
  about = "pauses of the server that may be no answer's",
  needs = { "both_sides", "roles" },
  check = function(case)
    local unasked, poll = case.answers.unasked, case.answers.long_poll
    local most = unasked.slow >= poll.slow and unasked or poll
    if most.slow < FEW_ANSWERS then
      return
    end
    return {
      severity = "info",
      weight = 4,
      side = "server",
      confidence = "low",
      text = most == poll
        and ("On %s the client waits up to %s for an answer and asks again at once: a request that waits for news (long poll), or a server that is slow."):format(
          phrases.count(poll.connections, "connection"), phrases.ms(poll.max_ms))
        or ("On %s the server speaks %s after the client, up to %s later: it also speaks unasked there, or who asks is not known, so these pauses say nothing of its speed."):format(
          phrases.count(unasked.connections, "connection"), phrases.times(unasked.slow), phrases.ms(unasked.max_ms)),
      evidence = {
        counts = { pauses = most.slow, connections = most.connections, longest_ms = most.max_ms },
        counter_evidence = { "a server that takes so long for its answers looks the same" },
        frames = most.frames,
        display_filter = phrases.frames_filter(most.frames),
      },
      settle = "who begins in this protocol, and whether anybody waits",
    }
  end,
}

rules[#rules + 1] = {
  id = "relayed_handshake",
  about = "another host than the one that sends the data answers the handshake",
  check = function(case)
    local n, relayed, way = case.answers.relayed_handshakes, case.answers.relayed, (way_of(case))
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 6,
      side = "network",
      confidence = "low",
      text = ("On %s another host than the server's own seems to have answered the handshake, as a proxy does (by its options or its TTL): %s to it is not the way to the server%s."):format(
        phrases.of(n, math.max(n, case.sums.total), "connection"), way > 0 and ("the way of %s"):format(phrases.ms(way)) or "the way",
        relayed.slow > 0 and (", and answers of up to %s include the way behind it"):format(phrases.ms(relayed.max_ms)) or ""),
      evidence = {
        counts = { connections = n, answers = relayed.answers, slow = relayed.slow, longest_ms = relayed.max_ms,
          round_trip_ms = way },
        display_filter = case.filter.server_to_client .. " && tcp.flags.syn == 1 && tcp.flags.ack == 1",
      },
      settle = "a capture at the server: does it get these SYNs?",
    }
  end,
}

rules[#rules + 1] = {
  id = "requests_late",
  about = "requests acknowledged later than any timer allows",
  needs = { "both_sides" },
  check = function(case)
    local late = case.answers.late_ack_ms
    if late.count == 0 then
      return
    end
    return {
      severity = "info",
      weight = 12,
      side = "network",
      confidence = "low",
      text = ("%s acknowledged only after up to %s, later than any acknowledgement may be delayed: until then nothing shows that %s had reached the server."):format(
        late.count == 1 and "1 request was" or ("%.0f requests were"):format(late.count), phrases.ms(late.max),
        late.count == 1 and "it" or "they"),
      evidence = {
        counts = { requests = late.count, median_ms = late.median, longest_ms = late.max },
        counter_evidence = { "a host that stands still for so long looks the same" },
        display_filter = case.filter.server_to_client .. (" && tcp.analysis.ack_rtt >= %.3f"):format(
          math.floor(late.min) / 1000),
      },
      settle = "a capture at the server: when do these requests come?",
    }
  end,
}

rules[#rules + 1] = {
  id = "slow_first_byte",
  about = "a server that speaks first, and takes long to",
  needs = { "both_sides", "roles" },
  rests_on_each = true,
  check = function(case)
    local answers = case.answers
    local sure = answers.first_byte.connections > 0
    local first = sure and answers.first_byte or answers.first_pause
    if first.connections == 0 then
      return
    end
    local mean = first.sum_ms / first.connections
    local severity = "info"
    if sure and mean >= FIRST_ERROR_MS then
      severity = "error"
    elseif sure and mean >= FIRST_WARNING_MS then
      severity = "warning"
    end
    return {
      severity = severity,
      weight = 54,
      side = "server",
      confidence = not sure and "low" or first.connections >= FEW_ANSWERS and "high" or "medium",
      text = ("The server speaks first, and takes %s before its first byte on %s%s."):format(
        first.connections == 1 and phrases.ms(first.max_ms) or "up to " .. phrases.ms(first.max_ms),
        phrases.of(first.connections, math.max(answers.server_first, first.connections), "connection"),
        sure and "; its answers then come soon" or ""),
      evidence = {
        counts = { connections = first.connections, server_first = answers.server_first, mean_ms = mean,
          longest_ms = first.max_ms },
        counter_evidence = not sure and { "a server that speaks when it has something to say looks the same" } or nil,
        frames = first.frames,
        display_filter = phrases.frames_filter(first.frames),
      },
      settle = "what the server does before it greets: looking up the client's name, asking its ident service",
    }
  end,
}

rules[#rules + 1] = {
  id = "no_greeting",
  about = "a server that speaks first, and says nothing on some connections until the client gives up",
  needs = { "both_sides", "roles" },
  check = function(case)
    local answers = case.answers
    local silent = answers.unspoken
    if not case.quality.ungreeted then
      return
    end
    return {
      severity = silent.max_ms >= FIRST_ERROR_MS and "error" or "warning",
      weight = 56,
      side = "server",
      confidence = "medium",
      text = ("The server speaks first, as on %s here, and never did on %s: the client waited for up to %s for the first byte, and gave up."):format(
        phrases.count(answers.server_first, "connection"), phrases.of(silent.connections, case.sums.total, "connection"),
        phrases.ms(silent.max_ms)),
      evidence = {
        counts = { connections = silent.connections, server_first = answers.server_first, longest_ms = silent.max_ms },
        counter_evidence = { "a check that only opens connections and closes them later looks the same" },
        frames = silent.frames,
        display_filter = phrases.frames_filter(silent.frames),
      },
      settle = "what the server does with a new connection before it greets: does its process take it at all (accept queue, limits)?",
    }
  end,
}

-- Answers whose length is not told are made as they go, and nobody knows what is behind TLS.
local function may_be_made_as_it_goes(case, answers)
  local http = case.result.http
  return not http or http.open_ended >= answers.count
end

rules[#rules + 1] = {
  id = "server_halts",
  rests_on_words = "heads",
  about = "the server stops in the middle of its answer",
  needs = { "both_sides", "roles" },
  check = function(case)
    local halts, pauses = case.answers.halts, case.answers.halt_pauses
    if halts.connections == 0 then
      return
    end
    local mean = halts.sum_ms / math.max(1, halts.count)
    local against = { "a server that sends at a pace of its own, as for video, pauses too" }
    -- no pause is longer than the clock's own mistake
    local back = case.capture.max_regression_ms or 0
    local set_back = back >= halts.max_ms
    if set_back then
      against[#against + 1] = ("time runs backwards by %s: no pause is known to be longer"):format(phrases.ms(back))
    end
    -- a server that speaks unasked has nothing to say between two words
    local unasked = case.answers.unasked.connections >= halts.connections and case.answers.asked.answers == 0
    if unasked then
      against[#against + 1] = "it also speaks unasked there: what looks like two parts of an answer may be two messages"
    end
    -- nor does anybody know that it was an answer, where no beginning was captured, or where a person types
    local blind = case.latency.handshake_rtt_ms.server.count == 0 and not asker.is_named(case)
    if blind then
      against[#against + 1] = "no beginning of a connection is in the capture: whether these are answers is not known"
    end
    local shell = awaited.SHELLS[case.result.server_port]
    if shell then
      against[#against + 1] = ("this is the port of %s: a command has something to say when it has"):format(shell)
    end
    local relayed = quality.relayed_note(case)
    against[#against + 1] = relayed
    local loose = case.answers.loose_halts >= halts.count and may_be_made_as_it_goes(case, halts)
    if loose then
      against[#against + 1] = "it comes in a few small pieces: each may be a message of its own, said when there was something to say"
    end
    local doubtful = set_back or unasked or blind or shell or relayed or loose
    return {
      -- where data is lost before it comes by here, the pause may be the way's
      severity = mean >= HALT_WARNING_MS and not repairs(case.s2c) and not doubtful and "warning" or "info",
      weight = 50,
      side = "server",
      confidence = doubtful and "low" or "medium",
      text = ("The server stopped %s in the middle of %s, for %s%s: all it had sent was acknowledged, and the client's window was open."):format(
        phrases.times(pauses), phrases.count(halts.count, "answer"), pauses == 1 and phrases.ms(halts.max_ms)
          or phrases.ms(halts.sum_ms) .. " in all", pauses == 1 and "" or (" (%s at most)"):format(phrases.ms(halts.max_ms))),
      evidence = {
        counts = { pauses = pauses, answers = halts.count, connections = halts.connections, in_all_ms = halts.sum_ms,
          longest_ms = halts.max_ms },
        counter_evidence = against,
        frames = halts.frames,
        display_filter = phrases.frames_filter(halts.frames),
      },
      settle = "what the server's process waited for: its disk, its database, its own upstream",
    }
  end,
}

rules[#rules + 1] = {
  id = "server_drips",
  about = "the server gives its answer in small pieces, with pauses between them",
  needs = { "both_sides", "roles" },
  check = function(case)
    local drips, pieces, bytes = case.answers.drips, case.answers.drip_pieces, case.answers.drip_bytes
    if drips.connections == 0 then
      return
    end
    return {
      severity = drips.sum_ms / drips.count >= HALT_WARNING_MS and not may_be_made_as_it_goes(case, drips) and "warning" or "info",
      weight = 49,
      side = "server",
      confidence = "medium",
      text = ("The server gave %s in small pieces: %.0f of them (%s in all) came over %s%s. The client waited for the last "
        .. "one, and the way for none: the time is that of the server's process, which writes bit by bit."):format(
        phrases.count(drips.count, "answer"), pieces, phrases.bytes(bytes), phrases.ms(drips.sum_ms), whole_way(case)),
      evidence = {
        counts = { answers = drips.count, connections = drips.connections, pieces = pieces, payload_bytes = bytes,
          in_all_ms = drips.sum_ms, longest_ms = drips.max_ms },
        counter_evidence = {
          "a stream, a progress that is shown as it goes, or answers to what was asked all at once come in pieces too" },
        frames = drips.frames,
        display_filter = phrases.frames_filter(drips.frames),
      },
      settle = "what the server's process waits for between two writes; if nothing, gather the answer and write it at once",
    }
  end,
}

-- Nagle's rule (RFC 9293, 3.7.4) holds a small segment back while something is not
-- acknowledged; the receiver delays its acknowledgement (3.8.6.3) and waits for more.
local function waits_rule(side)
  return {
    id = side.name .. "_waits_for_ack",
    about = ("the %s's second small write waits for an acknowledgement that the %s delays"):format(side.name, side.other),
    needs = { "both_sides", "single_copies" },
    check = function(case)
      local facts = case.answers[side.name]
      local waits = facts.ack_wait_ms
      local sender, receiver = case.c2s, case.s2c
      if side.name == "server" then
        sender, receiver = receiver, sender
      end
      -- a window that is full or shut holds the next segment back as well
      -- and where packets stand behind what answers them, an acknowledgement stands before what it is of
      if waits.count < WAITS_LEAST or waits.count < facts.ack_not_awaited or next(case.quality.order_wrong)
        or sender.window_full + receiver.zero_windows > 0 then
        return
      end
      -- where the way is not known, it may be what these acknowledgements took
      local known = case.latency.handshake_rtt_ms[side.other].count > 0
      local response = case.latency.server_response_ms
      local exchange = waits.median + (response.median or 0)
      local share = waits.median / exchange
      local often = waits.count >= WAITS_SHARE * (response.count or 0)
      -- so does a loss that is repaired
      local much = resent(case) == 0 and (share >= WAITS_SHARE and often or waits.mean * waits.count >= WAITS_MS)
      return {
        severity = much and "warning" or "info",
        weight = 53,
        side = side.name,
        confidence = known and waits.count > 3 * facts.ack_not_awaited and "high" or "medium",
        text = ("%.0f times the %s wrote a second small piece that left only when the %s's delayed acknowledgement of the first had come, %s later%s: Nagle's algorithm against delayed acknowledgement.")
          :format(waits.count, side.name, side.other, phrases.ms(waits.median),
            response.count > 0 and (" (%.0f %% of the %s that such an exchange takes)"):format(100 * share,
              phrases.ms(exchange)) or ""),
        evidence = {
          counts = { waits = waits.count, median_ms = waits.median, longest_ms = waits.max,
            in_all_ms = waits.mean * waits.count, exchange_ms = exchange, not_awaited = facts.ack_not_awaited },
          frames = facts.ack_wait_frames,
          display_filter = phrases.frames_filter(facts.ack_wait_frames),
        },
        settle = ("whether the %s writes head and body at once, or sets TCP_NODELAY"):format(side.name),
      }
    end,
  }
end

rules[#rules + 1] = waits_rule(SIDES[1])
rules[#rules + 1] = waits_rule(SIDES[2])

return rules
