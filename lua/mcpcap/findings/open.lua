--- Rules about how connections are opened.
-- @module mcpcap.findings.open

local say = require "mcpcap.phrases"
local outcomes = require "mcpcap.findings.outcomes"
local shapes = require "mcpcap.findings.shapes"

local attempts, failed, begun = shapes.attempts, shapes.failed, shapes.begun
local looks_like_scan, looks_like_flood = shapes.looks_like_scan, shapes.looks_like_flood

-- One try that its client gave up soon, beside so many that opened, is no pattern.
local ABANDONED_OF, ABANDONED_RETRIES = 5, 3

local OPENERS = { "client", "server" }

-- The other side in a sentence: whom the attempts were made to.
local function target(case, other)
  return other == "server" and say.server(case.result) or "the client"
end

local rules = {}

local ICMP_TEXT = {
  ["4/3/0"] = "network unreachable", ["4/3/1"] = "host unreachable", ["4/3/2"] = "protocol unreachable",
  ["4/3/3"] = "port unreachable", ["4/3/9"] = "network administratively prohibited",
  ["4/3/10"] = "host administratively prohibited", ["4/3/13"] = "communication administratively prohibited",
  ["6/1/0"] = "no route", ["6/1/1"] = "administratively prohibited", ["6/1/3"] = "address unreachable",
  ["6/1/4"] = "port unreachable", ["6/1/5"] = "source address refused", ["6/1/6"] = "route rejected",
}
-- Only a filter says these.
local PROHIBITED = {
  ["4/3/9"] = true, ["4/3/10"] = true, ["4/3/13"] = true, ["6/1/1"] = true, ["6/1/5"] = true, ["6/1/6"] = true,
}

-- ICMP errors say what became of so many attempts: one at least for each of them.
local function is_told(case, attempted)
  local errors = 0
  for _, icmp in ipairs(case.icmp) do
    if icmp.about == "client_to_server" and ICMP_TEXT[("%d/%d/%d"):format(icmp.ip_version, icmp.type, icmp.code)] then
      errors = errors + icmp.count
    end
  end
  return errors >= attempted
end

rules[#rules + 1] = {
  id = "rejected_by_icmp",
  about = "connections answered by ICMP errors: a filter or a router says no",
  check = function(case)
    local h = case.sums.handshakes
    for _, icmp in ipairs(case.icmp) do
      local key = ("%d/%d/%d"):format(icmp.ip_version, icmp.type, icmp.code)
      local said = ICMP_TEXT[key]
      if said and icmp.about == "client_to_server" then
        local by_server = icmp.reporter == case.result.server_ip
        local lost = h.unanswered.client > 0
        return {
          severity = lost and "error" or "warning",
          weight = 95,
          side = by_server and "server" or "network",
          confidence = "high",
          text = ("%s answered %s to the server with the ICMP error \"%s\": %s.")
            :format(by_server and "The server's own host" or "The router " .. icmp.reporter,
              say.count(icmp.count, "packet"), said,
              PROHIBITED[key] and "a packet filter rejects them" or
              (key == "4/3/3" or key == "6/1/4") and "TCP answers a closed port with a reset, so this is a packet filter"
              or "it cannot reach the server"),
          evidence = {
            counts = { icmp_errors = icmp.count, unanswered = h.unanswered.client, attempted = h.attempted.client },
            frames = icmp.frames,
            display_filter = ("%s && %s.type == %d && %s.code == %d"):format(
              case.filter.all, icmp.ip_version == 6 and "icmpv6" or "icmp", icmp.type,
              icmp.ip_version == 6 and "icmpv6" or "icmp", icmp.code),
          },
          settle = "the filter rules and routes of " .. icmp.reporter,
        }
      end
    end
  end,
}

local function syn_filter(case, by)
  return case.filter[by == "client" and "client_to_server" or "server_to_client"]
    .. " && tcp.flags.syn == 1 && tcp.flags.ack == 0"
end

-- The first frames of connections with this outcome, opened by this side.
local function frames_of(case, outcome, by)
  local cell = outcomes.sum(case, { outcome }, by)
  return cell and cell.frames or nil
end

-- Is the server's host all that lies behind the capture?  Not where what it sent was lost before it came by here.
local function is_at_server(case)
  return case.vantage.place == "server" and case.s2c.resent_causes.lost_before == 0
end

-- Attempts of which too little is captured to call them unanswered.
local function too_early(case, by, n)
  local single = begun(case, "single", by)
  local what = say.of_capital(n, attempts(case, by), "connection attempt")
  return {
    severity = "info",
    weight = 2,
    side = single > 0 and by or "capture",
    confidence = "high",
    text = single > 0
      and ("%s had no answer, but the SYN was sent only once: who wants an answer repeats it after a second or three. The %s withdrew, or the capture is an excerpt; nothing can be said about the %s."):format(
        what, by, say.other(by))
      or ("%s had no answer yet when the capture ended or the %s itself broke off: too little follows to judge."):format(
        what, by),
    evidence = {
      counts = { without_answer = n, attempted = attempts(case, by), sent_once = single,
        broken_off = case.sums.resets.half_open[by] },
      frames = frames_of(case, "unanswered", by),
      display_filter = say.filter_of(syn_filter(case, by) .. " && tcp.completeness == 1",
        frames_of(case, "unanswered", by), n),
    },
    settle = "a capture that goes on for some seconds after the SYN",
  }
end

rules[#rules + 1] = {
  id = "unanswered",
  about = "SYNs without any answer",
  needs = { "both_sides", "arrival" },
  rests_on_each = true,
  check = function(case)
    for _, by in ipairs(OPENERS) do
      local h, other = case.sums.handshakes, say.other(by)
      local silent = h.unanswered[by] - h.unanswered_unproven[by] - begun(case, "scanned_unanswered", by)
      local tried, renumbered = attempts(case, by), begun(case, "renumbered", by)
      if silent <= 0 and h.unanswered_unproven[by] > 0 then
        return too_early(case, by, h.unanswered_unproven[by])
      elseif silent > 0 then
        local abandoned = silent == 1 and h.completed[by] >= ABANDONED_OF and h.syn_retransmits[by] <= ABANDONED_RETRIES
        local told = by == "client" and is_told(case, silent)
        local quiet = looks_like_scan(case) or looks_like_flood(case) or abandoned or told
        local none_answered = case.sums.handshakes.completed[by] == 0
        local beside = case.vantage.place == other
        local lossy = case.c2s.late_segments.resent > case.c2s.late_segments.resent_syns
          or case.s2c.late_segments.resent > case.s2c.late_segments.resent_syns
        local side = (none_answered or beside or not lossy) and other or "network"
        -- what other hosts said to the same clients, and the server at its other ports
        local sums = case.sums.attempts
        local everywhere = none_answered and not beside and begun(case, "unanswered_everywhere", by) * 2 > silent
        local up = by == "client" and case.sums.other_ports_answered
        local where
        if told then
          where = "ICMP errors came in answer: see there"
        elseif beside then
          where = ("The capture is beside the %s: they arrive there, and its host or its filter stays silent"):format(other)
        elseif everywhere then
          side = "network"
          where = ("Nor did any of at least %.0f other hosts that the same client asked for this port: what drops the SYNs, or the answers, is more likely on the client's way out than at this server"):format(
            sums.everywhere_hosts)
        elseif none_answered and up then
          where = ("The host is up, and its answers come by here, for it answered %s at other ports: a filter for this port drops them, on the %s or on the way"):format(
            say.count(up, "SYN"), other)
        elseif none_answered then
          where = "From here nobody can tell a silent filter from a host that is down or an answer lost on the way"
        elseif not lossy then
          where = ("Other attempts were answered, and nothing but SYNs came again: the %s or the way to it was down for a time, its accept queue overflowed, or a device on the way dropped SYNs"):format(other)
        else
          where = ("Other attempts were answered, so the %s or the way to it was down for a time, or SYNs were lost, or its accept queue overflowed"):format(other)
        end
        return {
          severity = quiet and "info" or (none_answered or silent > 1 and silent * 2 >= tried) and "error" or "warning",
          weight = quiet and 1 or 70 + 10 * silent / tried,
          side = side,
          confidence = beside and "high" or none_answered and not everywhere and "medium" or "low",
          text = ("%s to %s got no answer at all%s%s. %s."):format(
            say.of_capital(silent, tried, "connection attempt"), target(case, other),
            h.syn_retransmits[by] > 0 and (", %s included"):format(say.count(h.syn_retransmits[by], "repeated SYN")) or "",
            renumbered > 0 and (" (%s came with another initial number each time)"):format(
              renumbered == silent and silent > 1 and ("the SYNs of these %.0f attempts"):format(silent)
              or say.count(renumbered, "attempt")) or "", where),
          evidence = {
            counts = { unanswered = silent, attempted = tried, syn_retransmits = h.syn_retransmits[by],
              completed = h.completed[by], unanswered_unproven = h.unanswered_unproven[by],
              answered_at_other_ports = up or nil, other_hosts = everywhere and sums.everywhere_hosts or nil },
            counter_evidence = { everywhere and "hosts that do not exist, or are down together, stay silent as well"
              or up and "a device that answers in the host's name at other ports looks the same"
              or "a capture that misses the answers looks the same" },
            frames = frames_of(case, "unanswered", by),
            display_filter = syn_filter(case, by) .. " && tcp.completeness == 1",
          },
          settle = everywhere and "does any host answer the client at this port? A capture behind its gateway: do the SYNs leave?"
            or ("a capture on the %s itself: do the SYNs arrive, and does it answer?"):format(other),
        }
      end
    end
  end,
}

rules[#rules + 1] = {
  id = "syn_retries",
  about = "SYNs that had to be repeated before they were answered",
  needs = { "both_sides" },
  check = function(case)
    local h = case.sums.handshakes
    local answered, missed = h.completed_retried.client - begun(case, "syn_data_dropped"), h.answers_missed.client
    if answered <= 0 then
      return
    end
    local beside, side, confidence, why = is_at_server(case), "network", "low"
    if missed * 2 > answered then
      confidence = "medium"
      why = ("On %s the answer had passed here before: it was lost or late on its way to the client"):format(
        missed == answered and (missed == 1 and "it" or "them") or ("%.0f of them"):format(missed))
    elseif case.quality.queue_full then
      side, confidence = "server", "medium"
      why = ("On %s the first data had to be sent again too, and nothing else was: the server's accept queue overflows, so it drops SYNs and the last steps of handshakes"):format(
        say.count(case.sums.attempts.first_lost.client, "connection"))
    elseif beside then
      side, confidence = "server", "medium"
      why = "The capture is beside the server and saw the first SYN arrive: the server's accept queue overflows, or something on its host drops SYNs"
    else
      why = "The SYN or its answer was lost, or the server's accept queue overflows; from here nobody can tell"
    end
    local share = answered / attempts(case, "client")
    return {
      severity = share >= 0.05 and "warning" or "info",
      weight = 40,
      side = side,
      confidence = confidence,
      text = ("%s opened only after the SYN was repeated, which costs the wait before that, mostly a second or more. %s.")
        :format(say.of_capital(answered, attempts(case, "client"), "connection"), why),
      evidence = {
        counts = { completed_retried = answered, syn_retransmits = h.syn_retransmits.client,
          answers_missed = missed, attempted = attempts(case, "client") },
        frames = case.c2s.examples.syn_retransmits,
        display_filter = syn_filter(case, "client") .. " && (tcp.analysis.retransmission || tcp.analysis.out_of_order)",
      },
      settle = missed * 2 > answered and "a capture beside the client: does the SYN-ACK arrive there, and when?"
        or "on the server: nstat -az TcpExtListenOverflows TcpExtListenDrops",
    }
  end,
}

rules[#rules + 1] = {
  id = "half_open",
  about = "handshakes whose last step never comes",
  needs = { "both_sides" },
  check = function(case)
    local h = case.sums.handshakes
    local unproven = h.half_open_unproven.client
    local open = h.half_open.client - unproven - begun(case, "scanned_half_open")
    local ignored = math.min(open, begun(case, "ignored"))
    if looks_like_flood(case) then
      return
    elseif open == 0 then
      -- those that either side broke off are told as resets, those that met an older connection as such
      local resets = case.sums.resets.half_open
      local quiet = unproven - resets.client - resets.server - begun(case, "stale") + begun(case, "stale_opened")
      return quiet > 0 and {
        severity = "info",
        weight = 2,
        side = "capture",
        confidence = "medium",
        text = ("%s with the SYN-ACK and nobody repeats it: the rest was probably not captured (a filter, or the end of the capture).")
          :format(say.of_capital(quiet, attempts(case, "client"), "handshake") .. (quiet == 1 and " ends" or " end")),
        evidence = {
          counts = { handshakes = quiet, attempted = attempts(case, "client"), syn_ack_count = case.s2c.syn_ack_count },
          counter_evidence = { "a SYN-ACK with SYN cookies is not repeated either" },
          frames = frames_of(case, "half_open", "client"),
          display_filter = case.filter.all .. " && tcp.completeness == 3",
        },
        settle = "a capture without a filter on TCP flags",
      } or nil
    end
    -- a client that waits repeats its SYN; one that does not has what it wanted, or does not exist
    local gone = ignored == open
    local beside_client, measured = case.vantage.place == "client", case.vantage.confidence ~= "low"
    -- so many hosts at once, of which none gets on: a sender of forged SYNs may send each of them several times
    local crowd = shapes.is_crowd_in_vain(case)
    return {
      severity = gone and "info" or open * 2 >= attempts(case, "client") and "error" or "warning",
      weight = 60,
      side = (gone or beside_client) and "client" or "network",
      confidence = crowd and "low" or "medium",
      text = ("%s stopped after the server's SYN-ACK: %s."):format(
        say.of_capital(open, attempts(case, "client"), "handshake"),
          gone and "the client neither takes the last step nor repeats its SYN, so it is gone, or never wanted a connection (a scan, a forged address)"
          or beside_client and (measured and "the client, beside which this was captured, does not take the last step"
            or "by the TTL this was captured in the client's own network: the client, or a device in front of it, drops the SYN-ACK")
          or "it is lost on its way, or the client's host drops it, or the client's last step does not come back"),
      evidence = {
        counts = { half_open = open, client_silent = ignored, attempted = attempts(case, "client"), syn_ack_count = case.s2c.syn_ack_count },
        counter_evidence = crowd and { ("a flood from %.0f forged addresses, whose sender repeats its SYNs, looks the same"):format(case.sums.clients) } or nil,
        frames = frames_of(case, "half_open", "client"),
        display_filter = case.filter.all .. " && tcp.completeness == 3",
      },
      settle = "a capture beside the client: does the SYN-ACK arrive?",
    }
  end,
}

-- The client takes the handshake for complete; what it sends then is dropped until the server takes the connection.
local function first_data_only(case, n, at_server)
  return {
    severity = "warning",
    weight = 66,
    side = at_server and "server" or "network",
    confidence = at_server and "medium" or "low",
    text = ("On %s the first data after the handshake was lost and sent again, and %s: %s.")
      :format(say.of(n, case.sums.total, "connection"),
        case.sums.handshakes.completed_retried.client > 0 and "besides it only SYNs were" or "nothing else was", at_server
        and "the server's accept queue is full, so it drops the last steps of handshakes and what follows"
        or "the server's accept queue is full, so it drops the last steps of handshakes and what follows, or these packets were lost behind the capture point"),
    evidence = {
      counts = { connections = n, resent = case.sums.attempts.first_lost_segments.client, completed = case.sums.handshakes.completed.client },
      counter_evidence = { "packets lost between the capture point and the server look the same" },
      frames = case.c2s.examples.lost_behind,
      display_filter = case.filter.client_to_server .. " && tcp.seq == 1 && tcp.len > 0",
    },
    settle = "on the server: ss -ltn (Recv-Q against Send-Q), nstat -az TcpExtListenOverflows",
  }
end

rules[#rules + 1] = {
  id = "not_accepted",
  about = "the server acts as if the last step of the handshake had not come",
  needs = { "both_sides", "single_copies" },     -- a SYN-ACK mostly has no IP identification: a copy looks repeated
  check = function(case)
    local n = case.sums.unaccepted
    local at_server = is_at_server(case)
    if n == 0 then
      return case.quality.first_only and first_data_only(case, case.quality.first_only, at_server)
    end
    local waiting = n - case.sums.unaccepted_idle
    -- what the SYN-ACK echoes has arrived, and the last step before it: the server's host has it, and does not take it
    local echoed = case.sums.unaccepted_echoed
    local proven = echoed * 2 >= waiting and echoed > 0
    local certain = (at_server or proven) and waiting >= 2
    if waiting == 0 then
      return {
        severity = "info",
        weight = 9,
        side = "server",
        confidence = "low",
        text = ("On %s the server repeated its SYN-ACK although the handshake was complete; the client had sent no data yet, and a server may wait for that before it takes the connection.")
          :format(say.of(n, case.sums.total, "connection")),
        evidence = {
          counts = { connections = n, syn_ack_count = case.s2c.syn_ack_count },
          counter_evidence = { "a full accept queue, or the last step lost behind the capture point, looks the same" },
          frames = case.sums.unaccepted_frames,
          display_filter = case.filter.all .. " && tcp.flags.syn == 1",
        },
        settle = "does the server set TCP_DEFER_ACCEPT, and is its accept queue full (ss -ltn)?",
      }
    end
    return {
      severity = certain and "error" or "warning",
      weight = 90,
      side = (at_server or proven) and "server" or "network",
      confidence = (certain or proven) and "medium" or "low",
      text = ("On %s the last step of the handshake passed here, and the server acts as if it had not: %s.")
        :format(say.of(n, case.sums.total, "connection"), proven
          and "its SYN-ACK comes again and echoes the client's data, so that had arrived; its process does not accept connections, or its accept queue is full"
          or at_server and "its process does not accept connections, or its accept queue is full"
          or "that step was lost behind the capture point, or the server's accept queue is full"),
      evidence = {
        counts = { connections = n, without_client_data = case.sums.unaccepted_idle, data_echoed = echoed,
          syn_ack_count = case.s2c.syn_ack_count, completed = case.sums.handshakes.completed.client },
        counter_evidence = not proven and { "acknowledgements lost between the capture point and the server look the same" } or nil,
        frames = case.sums.unaccepted_frames,
        display_filter = case.filter.all .. " && tcp.flags.syn == 1",
      },
      settle = "on the server: ss -ltn (Recv-Q against Send-Q), nstat -az TcpExtListenOverflows",
    }
  end,
}

rules[#rules + 1] = {
  id = "syn_flood",
  about = "the shape of a SYN flood",
  check = function(case)
    if not looks_like_flood(case) then
      return
    end
    local h = case.sums.handshakes
    local open = h.unanswered.client + h.half_open.client - begun(case, "withdrawn")
    return {
      severity = "error",
      weight = 100,
      side = "client",
      confidence = case.sums.clients >= 100 and "high" or "medium",
      text = ("%s, from %s, were never completed by those who began them: the shape of a SYN flood.")
        :format(say.of_capital(open, attempts(case, "client"), "connection attempt"),
          (case.sums.clients_exact == false and "about " or "")
            .. say.count(case.sums.clients, "source address", "source addresses")),
      evidence = {
        counts = { incomplete = open, attempted = attempts(case, "client"), clients = case.sums.clients,
          completed = h.completed.client },
        counter_evidence = { "a server whose SYN-ACKs are lost looks the same; then real clients repeat their SYNs ("
          .. say.count(h.syn_retransmits.client, "repeated SYN") .. " here)" },
        frames = case.c2s.examples.syns,
        display_filter = syn_filter(case, "client"),
      },
      settle = "do the source addresses exist and send anything else?",
    }
  end,
}

rules[#rules + 1] = {
  id = "port_scan",
  about = "the shape of a port scan",
  check = function(case)
    local sums, scanned = case.sums, begun(case, "scanned") - begun(case, "swept")
    if not looks_like_scan(case) then
      local used = scanned > 0 and shapes.are_used(case)
      -- nobody speaks on what did not open
      local blind = not used and case.s2c.packet_count == 0 and case.c2s.data_packets > 0
      -- what opened, and was not yet used when the capture ended, may be used after that
      local unused = failed(case, "client") + sums.resets.without_data.client + sums.resets.without_data.server
      local open = not used and sums.handshakes.completed.client > 0 and unused * 2 < attempts(case, "client")
      local talks = math.min(scanned - 1, shapes.talks_of_scanner(case))
      local probes = scanned - math.max(0, talks)
      return scanned > 0 and {
        severity = used and "info" or "warning",
        weight = used and 7 or 99,
        side = "client",
        confidence = (used or blind) and "low" or open and "medium" or "high",
        text = used
          and ("The client tried %.0f other ports of the server in this capture, as a scan does; what it opened here was used for data, as a scan's connections seldom are."):format(
            sums.attempts.scan_ports)
          or ("%s to %s %s of a scan: the same client tried %.0f other ports of the server in this capture.%s"):format(
            say.of_capital(probes, attempts(case, "client"), "connection attempt"), say.server(case.result),
            probes == 1 and "is part" or "are part", sums.attempts.scan_ports,
            talks > 0 and (" On %.0f more the two talked, as a scan's connections seldom do."):format(talks) or ""),
        evidence = {
          counts = { attempts_of_scanners = scanned, attempted = attempts(case, "client"),
            other_ports = sums.attempts.scan_ports },
          counter_evidence = blind and { "the client sent data, and nothing of the server was captured: these connections may have been used" }
            or nil,
          frames = case.c2s.examples.syns,
          display_filter = syn_filter(case, "client"),
        },
        settle = "who owns the client's address?",
      } or nil
    end
    return {
      severity = "error",
      weight = 99,
      side = "client",
      confidence = "high",
      text = ("%s tried %s of the server; %s failed%s: the shape of a port scan."):format(
        say.count(sums.clients, "client"), say.count(sums.server_ports, "port"),
        say.of(failed(case, "client"), attempts(case, "client"), "attempt"),
        sums.handshakes.without_data > 0
          and (", and %s opened and used for nothing"):format(say.count(sums.handshakes.without_data, "was", "were")) or ""),
      evidence = {
        counts = { server_ports = sums.server_ports, clients = sums.clients, attempted = attempts(case, "client"),
          refused = sums.handshakes.refused.client, unanswered = sums.handshakes.unanswered.client },
        frames = case.c2s.examples.syns,
        display_filter = syn_filter(case, "client"),
      },
      settle = "who owns the client's address?",
    }
  end,
}

rules[#rules + 1] = {
  id = "host_sweep",
  about = "a client that asks many hosts for the same port, few of which answer",
  check = function(case)
    local swept, near, sums = begun(case, "swept"), begun(case, "swept_near"), case.sums.attempts
    if swept == 0 or looks_like_scan(case) then
      return
    end
    local tried, used = attempts(case, "client"), shapes.are_used(case)
    -- who has a list of hosts, as peers of one another have, asks for what is far apart
    local of_network = near * 2 > swept
    return {
      severity = of_network and not used and swept * 2 >= tried and "warning" or "info",
      weight = used and 7 or 98,
      side = "client",
      confidence = used and "low" or "medium",
      text = ("%s to %s %s of a client that asked at least %.0f other hosts%s for the same port in this capture; %s: %s"):format(
        say.of_capital(swept, tried, "connection attempt"), say.server(case.result), swept == 1 and "is" or "are", sums.sweep_hosts,
        of_network and " of this network" or "",
        sums.sweep_answered == 0 and "none of those answered" or "few of them answered",
        used and "what it opened here was used for data, as a sweep's connections seldom are."
          or of_network and "a sweep through the network." or "a sweep, or a program that goes through a list of hosts."),
      evidence = {
        counts = { attempts_of_sweepers = swept, attempted = tried, other_hosts = sums.sweep_hosts, other_hosts_answered = sums.sweep_answered },
        counter_evidence = sums.sweep_answered == 0
          and { "none of the other hosts answered: a client whose way to all of them is cut off asks in vain as well" } or nil,
        frames = case.c2s.examples.syns,
        display_filter = syn_filter(case, "client"),
      },
      settle = "who owns the client's address, and is it meant to look for hosts?",
    }
  end,
}

rules[#rules + 1] = {
  id = "server_opens",
  about = "the named server is the one that opens the connections",
  check = function(case)
    local h = case.sums.handshakes
    if not case.quality.reversed then
      return
    end
    -- each side has sent a SYN of its own (RFC 9293, 3.5): it is a client as well
    local at_once = h.attempted.client == 0 and case.c2s.syn_count - case.c2s.syn_ack_count >= h.attempted.server
    return {
      severity = at_once and "info" or "warning",
      weight = 5,
      side = "capture",
      confidence = at_once and "medium" or "high",
      text = at_once and ("%s %s opened by both ends at once; the first SYN in the capture is that of %s, which is told as the server all the same.")
        :format(say.of_capital(h.attempted.server, h.attempted.server, "connection"), say.was(h.attempted.server), case.result.server_ip)
        or ("%s %s opened by %s itself: there it is the client. Everything here is still told with it as the server.")
        :format(say.of_capital(h.attempted.server, h.attempted.server + h.attempted.client, "connection"),
          say.was(h.attempted.server), case.result.server_ip),
      evidence = {
        counts = { opened_by_server = h.attempted.server, opened_by_client = h.attempted.client },
        frames = case.s2c.examples.syns,
        display_filter = syn_filter(case, "server"),
      },
      settle = "ask again with the address of the other end",
    }
  end,
}

rules[#rules + 1] = {
  id = "options_not_agreed",
  about = "window scaling or SACK offered by the opener, and not by the other side",
  check = function(case)
    local options = case.sums.options
    local lost, counts = {}, { both_syns = options.both_syns }
    for _, o in ipairs({ { "scale", "window scaling" }, { "sack", "SACK" } }) do
      local offered, agreed = options[o[1] .. "_offered"], options[o[1] .. "_agreed"]
      if offered > agreed then
        local on = say.of(offered - agreed, offered, "connection")
        if #lost > 0 and lost[#lost].on == on then
          lost[#lost].what = lost[#lost].what .. " and " .. o[2]
        else
          lost[#lost + 1] = { what = o[2], on = on }
        end
        counts[o[1] .. "_offered"], counts[o[1] .. "_agreed"] = offered, agreed
      end
    end
    if #lost == 0 then
      return
    end
    for i, o in ipairs(lost) do
      lost[i] = ("%s on %s"):format(o.what, o.on)
    end
    -- the server knows them, as its other answers show
    local others = options.scale_offered > options.scale_agreed and options.scale_agreed > 0
      or options.sack_offered > options.sack_agreed and options.sack_agreed > 0
    return {
      severity = "info",
      weight = 3,
      side = "server",
      confidence = "medium",
      text = ("The answer does not take up what the SYN offers: %s. Long or lossy paths are slow without.%s"):format(
        say.list(lost), others and " Other answers do: another host behind the address, cookies for SYNs without timestamps, or a device on the way to these clients alone." or ""),
      evidence = {
        counts = counts,
        counter_evidence = { "a device on the way that strips options looks the same" },
        frames = case.s2c.examples.syns,
        display_filter = case.filter.all .. " && tcp.flags.syn == 1",
      },
      settle = "the same handshake captured at both ends",
    }
  end,
}

return rules
