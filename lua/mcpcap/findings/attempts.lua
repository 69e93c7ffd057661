--- Rules about connections that were begun in an unusual way.
-- @module mcpcap.findings.attempts

local outcomes = require "mcpcap.findings.outcomes"
local say = require "mcpcap.phrases"
local shapes = require "mcpcap.findings.shapes"

-- A window that is closed from the first, for so long in all.
local SHUT_WARNING_MS, SHUT_ERROR_MS = 100, 1000
-- So many checks show a rate.
local RATE_LEAST = 3
-- So many SYNs that were not answered at once are no accident.
local QUEUE_LEAST = 3

-- A host has sent its SYN three times by then (RFC 6298, 2.1 and 5.5).
local GIVEN_UP_MS = 3000

local OPENERS = { "client", "server" }

local function count(case, name, by)
  local pair = case.sums.attempts[name]
  return pair and pair[by or "client"] or 0
end

local function frames(case, name)
  return case.sums.attempts[name .. "_frames"] or {}
end

local function connections(case, n)
  return say.of(n, case.sums.total, "connection")
end

local rules = {}

-- The other side in a sentence: whom the attempts were made to.
local function target(case, other)
  return other == "server" and say.server(case.result) or "the client"
end

-- What could be said against the endpoint as the one that refuses.
local function refusal_note(case, by)
  local signs = case.sums.resets.signs
  if signs.against_ttl[by] > 0 and signs.ttl[by] == 0 then
    return nil                  -- the resets carry the TTL of its other packets
  end
  return { ("a packet filter in front of the %s can send the same resets"):format(by) }
end

-- A stack resets a SYN for which it has no connection by a segment that acknowledges it (RFC 9293, 3.10.7.1).
local function bare_resets(case, by, n)
  local h, other = case.sums.handshakes, say.other(by)
  return {
    severity = n > h.completed[by] and "error" or "warning",
    weight = 79,
    side = "network",
    confidence = "medium",
    text = ("%s to %s met a reset that acknowledges nothing. A host on which nothing listens acknowledges the SYN, so another device sent %s in the %s's name; a client that goes by the rules does not take %s."):format(
      say.of_capital(n, shapes.attempts(case, by), "connection attempt"), target(case, other), n == 1 and "this one" or "these", other,
      n == 1 and "it" or "them"),
    evidence = {
      counts = { refused_bare = n, attempted = shapes.attempts(case, by), completed = h.completed[by] },
      counter_evidence = { ("a host with a stack of its own, as of a small device, may be the %s"):format(other) },
      frames = case.sums.resets.refused.frames[other],
      display_filter = case.filter[other == "server" and "server_to_client" or "client_to_server"]
        .. " && tcp.flags.reset == 1 && tcp.flags.ack == 0 && (tcp.completeness == 33 || tcp.completeness == 37)",
    },
    settle = ("a capture beside the %s: do the SYNs arrive there, and does it send these resets?"):format(other),
  }
end

rules[#rules + 1] = {
  id = "refused",
  about = "SYNs answered by a reset: nothing listens there, or a filter rejects",
  check = function(case)
    for _, by in ipairs(OPENERS) do
      local h, other = case.sums.handshakes, say.other(by)
      local refused, tried = h.refused[by], shapes.attempts(case, by)
      if refused > 0 then
        local first = case.sums.resets.refused.frames[other]
        local scan = shapes.looks_like_scan(case) or by == "client" and shapes.is_scanned(case)
          or shapes.begun(case, "scanned_refused", by) >= refused
        -- of hosts far apart somebody has a list, as peers of one another do: that one of them refuses is no sweep's doing
        local listed = (shapes.begun(case, "swept", by) - shapes.begun(case, "swept_near", by)) * 2 > refused
        local several = by == "client" and case.sums.server_ports > 1
        local numbered = shapes.begun(case, "refused_numbered", by)
        local note = refusal_note(case, other) or {}
        -- a port on which nobody listens answers at once (RFC 9293, 3.10.7.1)
        local late = shapes.begun(case, "refused_late", by)
        if late == refused and not scan then
          return {
            severity = "warning",
            weight = 60,
            side = "network",
            confidence = "low",
            text = ("%s to %s met a reset only seconds after the last SYN: who has no listener answers at once, so a device in the %s's name had tried to reach it, and given up.")
              :format(say.of_capital(late, tried, "connection attempt"), target(case, other), other),
            evidence = {
              counts = { refused_late = late, attempted = tried, completed = h.completed[by] },
              counter_evidence = { ("the SYN, or the reset, may have waited as long on its way, or the %s may have ended what waited in its queue"):format(other) },
              frames = first,
              display_filter = case.filter[other == "server" and "server_to_client" or "client_to_server"]
                .. " && tcp.flags.reset == 1",
            },
            settle = ("a capture beside the %s: do the SYNs arrive there, and is there an answer?"):format(other),
          }
        end
        -- ... and acknowledges the SYN: who waits for an answer to one takes no other reset (3.10.7.3)
        local bare = shapes.begun(case, "refused_bare", by)
        if bare == refused and not scan then
          return bare_resets(case, by, bare)
        end
        if bare > 0 then
          note[#note + 1] = ("%s no acknowledgement, as no ordinary stack sends them: somebody else answers there"):format(
            bare == 1 and "one of these resets carries" or ("%.0f of these resets carry"):format(bare))
        end
        if late > 0 then
          note[#note + 1] = ("%s came seconds after the last SYN: somebody had tried, and given up"):format(
            say.count(late, "of these resets", "of these resets"))
        end
        if numbered > 0 then
          note[#note + 1] = ("a sequence number other than 0 in %s: somebody answers for the %s"):format(
            say.count(numbered, "of these resets", "of these resets"), other)
        end
        return {
          severity = scan and not listed and "info" or not scan and refused > h.completed[by] and "error" or "warning",
          weight = scan and not listed and 1 or 80 + 10 * refused / tried,
          side = other,
          confidence = #note > 0 and "medium" or "high",
          text = ("%s to %s %s refused with a reset: %s.%s"):format(
            say.of_capital(refused, tried, "connection attempt"), target(case, other), say.was(refused),
            h.completed[by] == 0 and "nothing accepts connections there"
              or several and "nothing accepts connections on some of its ports, or at times; other attempts were accepted"
              or "at times nothing accepts connections there, for others were accepted",
            numbered == 0 and "" or numbered == refused
              and " The sequence number is not 0, as that of any ordinary stack would be: a device answers in its place."
              or (" In %.0f of the resets the sequence number is not 0, as that of any ordinary stack would be."):format(
                numbered)),
          evidence = {
            counts = { refused = refused, attempted = tried, completed = h.completed[by] },
            counter_evidence = #note > 0 and note or nil,
            frames = first,
            display_filter = case.filter[other == "server" and "server_to_client" or "client_to_server"]
              .. " && tcp.flags.reset == 1 && "
              .. (numbered == 0 and "tcp.seq_raw == 0" or "(tcp.completeness == 33 || tcp.completeness == 37)"),
          },
          settle = (several and "which ports: a report without an address shows each by itself; " or "")
            .. ("on the %s: is the process listening on that address and port (ss -ltn)?"):format(other),
        }
      end
    end
  end,
}

rules[#rules + 1] = {
  id = "stale_connection",
  about = "SYNs answered by an acknowledgement of an older connection between the same ports",
  needs = { "both_sides" },
  check = function(case)
    for _, by in ipairs(OPENERS) do
      local n, opened, other = count(case, "stale", by), count(case, "stale_opened", by), say.other(by)
      if n > 0 then
        local waited = by == "client" and case.sums.attempts.stale_waited_ms or 0
        local ending = ("%.0f of them never opened"):format(n - opened)
        if opened == 0 then
          ending = "no connection followed"
        elseif opened == n then
          ending = waited > 0 and ("the connection opened only when the SYN came again, %s%s after the first"):format(
            n > 1 and "up to " or "", say.ms(waited)) or "the connection opened all the same"
        end
        return {
          -- a client that does not try again has lost no time
          severity = (opened > 0 or case.sums.handshakes.retried[by] > 0 or count(case, "replayed", by) > 0)
            and "warning" or "info",
          weight = 74,
          side = other,
          -- a device on the way that keeps states answers the same
          confidence = opened > 0 and case.vantage.place == other and "high" or "medium",
          text = ("%s met an older connection between the same ports that the %s still holds: the SYN was answered with an acknowledgement of old numbers, and %s."):format(
            say.of_capital(n, case.sums.handshakes.attempted[by], "connection attempt"), other, ending),
          evidence = {
            counts = { attempts = n, opened = opened, attempted = case.sums.handshakes.attempted[by],
              waited_ms = waited > 0 and waited or nil },
            counter_evidence = { "a device on the way that keeps states of connections answers the same" },
            frames = frames(case, "stale"),
            display_filter = say.frames_filter(frames(case, "stale")),
          },
          settle = ("on the %s, before the attempt: does ss -tan list the connection? Keep-alives there end it sooner"):format(
            other),
        }
      end
    end
  end,
}

rules[#rules + 1] = outcomes.rule {
  id = "answered_too_late",
  about = "SYNs whose answer meets a reset: their sender had given up",
  outcomes = { "answered_late" },
  tell = function(case, by, cell, other)
    -- who had sent its SYN only twice has not been kept waiting: it gave up early
    local early = cell.shortest_ms < GIVEN_UP_MS
    return {
      severity = (early or by == "client" and (shapes.is_scanned(case) or shapes.are_written(case))) and "info" or "warning",
      weight = 48,
      side = "network",
      confidence = "low",
      text = ("On %s an answer reached the %s only %s after its first SYN, when it had given up: it met the SYN-ACK with a reset. SYNs or answers were lost, or the %s was late with them."):format(
        outcomes.share(case, cell), by, outcomes.span(cell), other),
      settle = ("a capture beside the %s: when do the SYNs arrive there, and when are they answered?"):format(other),
    }
  end,
}

-- The frames of resets of clients in two phases.
local function reset_frames(case)
  local list, resets = {}, case.sums.resets
  for _, phase in ipairs({ "half_open", "without_data" }) do
    for _, frame in ipairs(resets[phase].frames.client) do
      if #list < 5 then
        list[#list + 1] = frame
      end
    end
  end
  return list
end

rules[#rules + 1] = {
  id = "port_checks",
  about = "connections that are opened and reset at once: checks of a balancer, a scan, a race of two tries",
  needs = { "both_sides" },
  check = function(case)
    local withdrawn, checked = count(case, "withdrawn"), count(case, "checked")
    local n, a = withdrawn + checked, case.sums.attempts
    if n == 0 then
      return
    end
    local state = withdrawn == n and "answered" or checked == n and "open" or "answered or open"
    local text
    if a.checker and n >= RATE_LEAST then
      text = ("%s are port checks: %s opens one each %s and resets it as soon as it is %s, which a load balancer or a monitor does. Nothing failed."):format(
        say.of_capital(n, case.sums.total, "connection"), a.checker, say.ms(a.check_interval_ms), state)
    else
      text = ("The client reset %s as soon as %s %s: a port check, a scan, or the loser of two tries at once. Nothing failed."):format(
        connections(case, n), n == 1 and "it was" or "they were", state)
    end
    return {
      severity = "info",
      weight = 8,
      side = "client",
      confidence = a.checker and n >= RATE_LEAST and "high" or "medium",
      text = text,
      evidence = {
        counts = { connections = n, before_the_last_step = withdrawn, after_it = checked, of = case.sums.total,
          interval_ms = n > 1 and a.check_interval_ms or nil },
        frames = reset_frames(case),
        display_filter = case.filter.client_to_server
          .. " && tcp.flags.reset == 1 && (tcp.completeness == 35 || tcp.completeness == 38 || tcp.completeness == 39)",
      },
    }
  end,
}

rules[#rules + 1] = {
  id = "fast_open_not_taken",
  about = "data in the SYN that the server does not take, so that it is sent again",
  check = function(case)
    local n = count(case, "syn_data_left")
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 7,
      side = "server",
      confidence = "high",
      text = ("The server did not take the data in the SYN (TCP Fast Open) on %s; it was sent again after the SYN-ACK, as it must be. Nothing was lost, and nothing was gained."):format(
        say.of(n, count(case, "syn_data"), "connection that carries some", "connections that carry some")),
      evidence = {
        counts = { connections = n, with_data_in_the_syn = count(case, "syn_data") },
        counter_evidence = { "a device on the way that takes the option out looks the same" },
        frames = frames(case, "syn_data_left"),
        display_filter = case.filter.client_to_server .. " && (tcp.analysis.retransmission || tcp.analysis.out_of_order)",
      },
      settle = "on the server: sysctl net.ipv4.tcp_fastopen, and does its process ask for it?",
    }
  end,
}

rules[#rules + 1] = {
  id = "fast_open_dropped",
  about = "SYNs that carry data get no answer, and the same SYNs without data are answered",
  needs = { "both_sides" },
  check = function(case)
    local n, carried = count(case, "syn_data_dropped"), count(case, "syn_data")
    if n == 0 then
      return
    end
    local beside = case.vantage.place == "server"
    local taken = carried - n
    return {
      severity = n > taken and "warning" or "info",
      weight = 41,
      side = beside and "server" or "network",
      -- one may have been lost by chance
      confidence = n >= QUEUE_LEAST and taken == 0 and "medium" or "low",
      text = ("%s got no answer, and opened when the SYN came again without data, a second or more later: %s drops SYNs that carry data (TCP Fast Open, RFC 7413)."):format(
        say.of_capital(n, carried, "SYN that carried data", "SYNs that carried data"),
        beside and "they had come to the server, so something on its host" or "something on the way, or the server's host,"),
      evidence = {
        counts = { connections = n, with_data_in_the_syn = carried },
        counter_evidence = { "SYNs lost by chance look the same" },
        frames = case.c2s.examples.syn_retransmits,
        display_filter = case.filter.client_to_server .. " && tcp.flags.syn == 1 && tcp.flags.ack == 0",
      },
      settle = "a capture beside the server: do the SYNs with data arrive there? Until then: Fast Open off at the client",
    }
  end,
}

rules[#rules + 1] = {
  id = "syn_acks_differ",
  about = "one attempt answered by SYN-ACKs with different numbers",
  check = function(case)
    local n = count(case, "syn_acks_differ")
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 10,
      side = "server",
      confidence = "high",
      text = ("On %s the SYN was answered by SYN-ACKs with different initial numbers: something answers each SYN anew, as a SYN proxy does. The connection goes on with the number that the client acknowledges."):format(
        connections(case, n)),
      evidence = {
        counts = { connections = n, syn_ack_count = case.s2c.syn_ack_count, syn_count = case.c2s.syn_count },
        frames = frames(case, "syn_acks_differ"),
        display_filter = case.filter.server_to_client .. " && tcp.flags.syn == 1 && tcp.flags.ack == 1",
      },
    }
  end,
}

rules[#rules + 1] = {
  id = "syn_held_back",
  about = "SYNs that came again although none was lost: they had waited, or their answers were late",
  needs = { "single_copies" },
  check = function(case)
    local held, soon, late = count(case, "held"), count(case, "soon"), count(case, "late_answers")
    local n = held + soon + late
    if n == 0 then
      return
    end
    local why
    if held > 0 then
      why = "by the client's timestamps they were sent long after one another, so they waited together between the client and the capture point"
    elseif soon > 0 then
      why = "they passed here closer than any timer sends them, so they waited together before the capture point, or were doubled there"
    else
      why = "each of them was answered, late"
    end
    return {
      severity = "info",
      weight = 9,
      side = held + soon > 0 and case.vantage.place == "client" and "client" or "network",
      confidence = (held > 0 or late == n) and "high" or "medium",
      text = ("The SYN came again on %s, and none was lost: %s."):format(connections(case, n), why),
      evidence = {
        counts = { connections = n, by_timestamps = held, sooner_than_any_timer = soon, each_answered = late },
        frames = frames(case, "held"),
        display_filter = say.frames_filter(frames(case, "held")),
      },
      settle = held + soon > 0 and "a capture nearer to the client (a sleeping radio, a queue, the capturing program)" or nil,
    }
  end,
}

rules[#rules + 1] = {
  id = "deferred_accept",
  about = "a server that waits for the first data before it takes a connection",
  check = function(case)
    local n = count(case, "deferred")
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 6,
      side = "server",
      confidence = "high",
      text = ("On %s the server repeated its SYN-ACK and echoed the client's last step in it: that had arrived, and the server waits for data before it takes a connection (TCP_DEFER_ACCEPT)."):format(
        connections(case, n)),
      evidence = {
        counts = { connections = n, syn_ack_count = case.s2c.syn_ack_count },
        frames = frames(case, "deferred"),
        display_filter = say.frames_filter(frames(case, "deferred")),
      },
    }
  end,
}

local VAIN =
  "On %s the handshake passed, and then the first data was sent again and again in vain: the %s acknowledged none of it"

-- SYNs of other attempts were dropped as well, and what the server sent arrived: a listener whose accept queue is full
-- drops SYNs and last steps, and forgets at length what it had answered.
local function is_queue_full(case, by, n)
  local handshakes, causes = case.sums.handshakes, case.s2c.resent_causes
  return by == "client" and n < handshakes.completed.client and causes.lost_before + causes.lost_behind == 0
    and handshakes.retried.client - handshakes.answers_missed.client >= QUEUE_LEAST
end

rules[#rules + 1] = {
  id = "data_swallowed",
  about = "the handshake passes, and then no packet comes back while data is sent again and again",
  needs = { "both_sides", "arrival" },
  check = function(case)
    for _, by in ipairs(OPENERS) do
      local n, other = count(case, "swallowed", by), say.other(by)
      if n > 0 then
        local beside = case.vantage.place == other
        local full, retried = is_queue_full(case, by, n), case.sums.handshakes.retried[by]
        local against = { full and "a way that loses packets, or a filter in front of the server, looks the same"
          or "a way that fails right after the handshake looks the same" }
        -- what loses SYNs, or data on other connections, may have lost this as well
        local leaky = not full and not beside and (retried * 2 >= case.sums.handshakes.attempted[by] or case.sums.lossy[by] > n)
        if leaky then
          against[#against + 1] = "packets are lost on other connections as well: a way that loses much looks the same"
        end
        return {
          severity = n * 2 >= case.sums.handshakes.completed[by] and "error" or "warning",
          weight = 88,
          side = (beside or full) and other or "network",
          confidence = (full and not beside or leaky) and "low" or "medium",
          text = full and (VAIN .. ". In %s the SYN had to be sent again as well, as where the server's accept queue overflows, which drops SYNs and the last steps of handshakes."):format(
            connections(case, n), other, say.of(retried, case.sums.handshakes.attempted[by], "connection attempt"))
            or (VAIN .. ". No SYN-ACK was repeated, so the last step had arrived: %s swallows the data."):format(
            connections(case, n), other, beside and ("a filter on the %s's host, or its process,"):format(other)
              or ("a filter on the way that looks at the content,%s or a device in front of the %s,"):format(
                leaky and " the way itself, which loses more," or "", other)),
          evidence = {
            counts = { connections = n, completed = case.sums.handshakes.completed[by],
              sent_again = case.sums.attempts.unaccepted_resent[by], retried = full and retried or nil },
            counter_evidence = against,
            frames = frames(case, "swallowed"),
            display_filter = case.filter[by == "client" and "client_to_server" or "server_to_client"]
              .. " && (tcp.analysis.retransmission || tcp.analysis.out_of_order)",
          },
          settle = full and "the overflows of the listening socket that the server's host counts (Linux: nstat TcpExtListenOverflows)"
            or ("a capture on the %s: does the data arrive?"):format(other),
        }
      end
    end
  end,
}

-- A SYN proxy asks its back end when the last step has come, and what opens the window then has to come back.
local function handshakes_way(case)
  local rtt = case.latency.handshake_rtt_ms
  return (rtt.client.median or 0) + (rtt.server.median or 0)
end

rules[#rules + 1] = {
  id = "window_shut_at_start",
  about = "the server's receive window is closed from the SYN-ACK on",
  check = function(case)
    local n, ms = count(case, "window_shut"), case.sums.attempts.window_shut_ms or 0
    if n == 0 then
      return
    end
    local way = n * handshakes_way(case)
    local own = math.max(ms - way, 0)
    return {
      severity = own >= SHUT_ERROR_MS and "error" or own >= SHUT_WARNING_MS and "warning" or "info",
      weight = 85,
      side = "server",
      confidence = "medium", -- a device on the way may answer for it
      text = ("The server's receive window was closed from the SYN-ACK on, for %s in all on %s%s: it takes connections before it can serve them, as a SYN proxy does that waits for its back end."):format(
        say.ms(ms), say.count(n, "connection"),
        way * 2 >= ms and (", of which the way there and back takes %s"):format(say.ms(math.min(way, ms))) or ""),
      evidence = {
        counts = { connections = n, closed_ms = ms, zero_windows = case.s2c.zero_windows },
        frames = frames(case, "window_shut"),
        display_filter = case.filter.server_to_client .. " && tcp.flags.syn == 1 && tcp.window_size_value == 0",
      },
      settle = "the way from the proxy or balancer to its back ends, and how long they take to accept",
    }
  end,
}

rules[#rules + 1] = {
  id = "replayed",
  about = "connections that begin with the same number as the one before between the same ports",
  check = function(case)
    local n = count(case, "replayed") + count(case, "replayed", "server")
    -- an attempt that met an old connection begins anew with the number that it had
    if n <= count(case, "stale") + count(case, "stale", "server") then
      return
    end
    return {
      severity = "info",
      weight = 5,
      side = "capture",
      confidence = "high",
      text = ("%s with the same initial number as the one before between the same ports, which was over or silent: a replay, or constant numbers. Wireshark before 4.4 takes them for one stream, and sees repetitions."):format(
        say.of_capital(n, case.sums.total, "connection") .. (n == 1 and " begins" or " begin")),
      evidence = {
        counts = { connections = n, of = case.sums.total },
        frames = frames(case, "replayed"),
        display_filter = say.frames_filter(frames(case, "replayed")),
      },
    }
  end,
}

return rules
