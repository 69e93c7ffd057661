--- Rules about what was sent again and had not been lost: late acknowledgements, timers, probes, silence, and what never comes.
-- @module mcpcap.findings.repeats

local say = require "mcpcap.phrases"

-- Fewer, or a smaller share of the data segments, are a remark: they cost their own bytes, and no more.
local WARNING_LEAST, WARNING_SHARE = 3, 0.005

local DIRECTIONS = {
  { name = "client_to_server", key = "c2s", back = "s2c", from = "client", to = "server" },
  { name = "server_to_client", key = "s2c", back = "c2s", from = "server", to = "client" },
}

local function is_much(n, facts)
  return n >= WARNING_LEAST and n >= WARNING_SHARE * facts.data_packets
end

-- A sender whose receiver does not say what it has (no SACK) goes through its flight again once it was asked for a
-- part of it (RFC 6582): the others were sent again for the same reason.
local function in_its_wake(case, facts)
  local options = case.sums.options
  return facts.resent_causes.asked_for > 0 and options.both_syns > 0 and options.sack_agreed == 0
end

-- ... and not what its timer sent again, and made the receiver ask: that came first.
local function is_behind_what_was_asked_for(case, facts)
  local asked, arrived = facts.examples.asked_for[1], facts.examples.arrived[1]
  -- a hole that was repaired is such a question, too
  local hole, options = facts.examples.lost_before[1], case.sums.options
  local blind = options.both_syns > 0 and options.sack_agreed == 0
  return arrived ~= nil and (in_its_wake(case, facts) and asked ~= nil and asked < arrived
    or blind and hole ~= nil and hole < arrived)
end

-- Each needless copy brings one duplicate acknowledgement.  Where there are three for each, and nothing says what the
-- receiver has (no SACK), they ask for what is sent again (RFC 5681, 3.2), whoever made them.
local FAST_RETRANSMIT = 3
local function is_asked_by_copies(case, d, n)
  local options = case.sums.options
  return options.both_syns > 0 and options.sack_agreed == 0 and case[d.back].duplicate_acks >= FAST_RETRANSMIT * n
end

-- A rule about one cause of segments sent again; 'say_it' gives side, severity of much, text and more.
local function cause_rule(d, cause, id, about, say_it)
  return {
    id = id,
    about = about,
    needs = { "acks" },
    check = function(case)
      local facts = case[d.key]
      local n = facts.resent_causes[cause]
      if n == 0 or case.quality.mirrored then
        return
      end
      -- what a router asks to be cut smaller is sent again at once
      local told = case.mtu_told[d.name]
      if told > 0 and n <= 2 * told then
        return
      end
      local finding = say_it(case, n, facts)
      if not finding then
        return
      end
      finding.confidence = finding.confidence or (finding.severity == "info" and "high" or "medium")
      local counts = { [cause] = n, resent = facts.late_segments.resent, data_packets = facts.data_packets,
        dsack_count = case[d.back].dsack_count }
      for name, count in pairs(finding.counts or {}) do
        counts[name] = count
      end
      finding.counts = nil
      finding.evidence = {
        counts = counts,
        counter_evidence = finding.against,
        frames = facts.examples[cause],
        display_filter = say.filter_of(case.filter[d.name] .. " && tcp.analysis.retransmission && tcp.flags.syn == 0",
          facts.examples[cause], n),
      }
      finding.against = nil
      return finding
    end,
  }
end

local function of_data(n, facts)
  return say.of_capital(n, math.max(n, facts.data_packets), "data segment")
end

local rules = {}

for _, d in ipairs(DIRECTIONS) do
  rules[#rules + 1] = cause_rule(d, "acks_missing", "resent_needlessly_to_" .. d.to,
    ("data towards the %s sent again although its acknowledgement had passed here"):format(d.to), function(case, n, facts)
      return {
        severity = is_much(n, facts) and not in_its_wake(case, facts) and "warning" or "info",
        weight = 30,
        side = "network",
        confidence = "medium",
        text = ("%s towards the %s %s sent again although %s acknowledgement had passed here: acknowledgements are lost or late on the way to the %s, or its host throws them away (a wrong checksum, a filter of its own).")
          :format(of_data(n, facts), d.to, say.was(n), n == 1 and "its" or "their", d.from),
        against = { ("where the first copy is too long ago to be found again, the %s's timer may be too short"):format(d.from) },
        settle = ("a capture beside the %s: do the acknowledgements arrive in time?"):format(d.from),
      }
    end)

  rules[#rules + 1] = cause_rule(d, "arrived", "delayed_to_" .. d.to,
    ("data towards the %s sent again although it had arrived: its acknowledgement came late"):format(d.to),
    function(case, n, facts)
      -- what a full accept queue drops comes again until it is taken, and is told as such
      local queued = d.to == "server" and (case.quality.queue_full or case.quality.first_only)
      return {
        severity = is_much(n, facts) and not queued and not is_behind_what_was_asked_for(case, facts) and "warning" or "info",
        weight = 29,
        side = "network",
        confidence = "medium",
        text = ("%s towards the %s %s sent again although the first %s had arrived: delayed between here and the %s, or %s acknowledgement was lost on its way back.")
          :format(of_data(n, facts), d.to, say.was(n), n == 1 and "copy" or "copies", d.to, n == 1 and "its" or "their"),
        against = { ("the %s itself may acknowledge late"):format(d.to) },
        settle = ("queues on the way to the %s, and the load of its host"):format(d.to),
      }
    end)

  rules[#rules + 1] = cause_rule(d, "timer_too_short", d.from .. "_timer_too_short",
    ("the %s sends again sooner than any acknowledgement can be back"):format(d.from), function(case, n, facts)
      local rtt = case.latency.handshake_rtt_ms
      local way = (rtt.server.median or 0) + (rtt.client.median or 0)
      -- in other pieces, and at once: a router between the sender and here has asked for smaller packets
      local cut = facts.late_segments.resent_shorter * 2 >= n
      local asked = is_asked_by_copies(case, d, n)
      -- beside the receiver both copies may have waited together on the way, and no timestamp says when they were sent
      local far = case.vantage.place == d.to and case.sums.options.ts_agreed == 0
      return {
        severity = is_much(n, facts) and facts.late_segments.reordered == 0 and not cut and not in_its_wake(case, facts)
          and not asked and "warning" or "info",
        weight = 31,
        side = d.from,
        -- a path that reorders or doubles makes a sender repeat as soon
        confidence = (cut or far) and "low" or "medium",
        against = far and { "both copies may have waited in one queue on the way here, and so have come closer together than they were sent" }
          or cut and { "they came in smaller pieces, as when a router has asked for smaller packets" }
          or asked and { ("the %s's acknowledgements come several times each, which asks for data again"):format(d.to) } or nil,
        text = ("%s towards the %s %s sent again sooner than any acknowledgement could be back%s, and had arrived: the %s's retransmission timer or probe is shorter than the way.")
          :format(of_data(n, facts), d.to, say.was(n),
            way > 0 and (" (the way there and back takes %s)"):format(say.ms(way)) or "", d.from),
        counts = { round_trip_ms = way },
        settle = ("the %s's smallest retransmission timeout (RFC 6298 begins with 1 s)"):format(d.from),
      }
    end)

  rules[#rules + 1] = cause_rule(d, "held_back", "held_back_to_" .. d.to,
    ("data towards the %s waited before it came by here, and was sent again meanwhile"):format(d.to),
    function(_, n, facts)
      return {
        severity = "info",
        weight = 28,
        side = "network",
        confidence = "medium",
        text = ("%s towards the %s %s sent again while the first %s waited between the %s and here: both came by here closer together than they were sent. No acknowledgement is lost or late behind here.")
          :format(of_data(n, facts), d.to, say.was(n), n == 1 and "copy" or "copies", d.from),
        settle = ("queues and devices that hold packets back on the way from the %s to here, or its own host"):format(d.from),
      }
    end)

  rules[#rules + 1] = cause_rule(d, "tail_probe", "tail_probes_to_" .. d.to,
    ("the last segment towards the %s sent once more before its time: a tail loss probe"):format(d.to), function(_, n)
      return {
        severity = "info",
        weight = 4,
        side = d.from,
        confidence = "medium",
        text = ("%s of what had been sent last towards the %s and had arrived: %s of the %s (RFC 8985, 7), no loss.")
          :format(say.count(n, "repetition"), d.to, n == 1 and "a tail loss probe" or "tail loss probes", d.from),
      }
    end)

  rules[#rules + 1] = cause_rule(d, "probe", "probed_by_" .. d.from,
    ("the %s asks with a byte of old data, or with data for a closed window"):format(d.from), function(_, n)
      return {
        severity = "info",
        weight = 4,
        side = d.from,
        text = ("%s of the %s only %s for an answer: with a byte of what was acknowledged long ago, with data into a closed window, or with what that had kept out. They repeat nothing that was lost.")
          :format(say.count(n, "segment"), d.from, n == 1 and "asks" or "ask"),
      }
    end)
end

-- A header of TCP holds so many bytes of options, for which the MSS leaves room (RFC 6691).
local MOST_OPTIONS = 40

-- Segments as long as the receiver's MSS lets anybody send them passed here, if not on these connections.
local function is_full(back, longest)
  return back.mss ~= nil and longest + MOST_OPTIONS >= back.mss
end

-- Full segments went out, were not captured here again, and never came: seen beside the receiver.
rules[#rules + 1] = {
  id = "data_vanishes",
  about = "data that never arrives, seen from the receiver's side",
  needs = { "acks" },
  check = function(case)
    for _, d in ipairs(DIRECTIONS) do
      local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
      local vanished = case.sums.vanished_bytes[d.from]
      if vanished > 0 and facts.lost_segments > 0 and case.sums.black_hole[d.from] == 0 then
        local small = facts.max_segment
        local evidence = {
          counts = { vanished_bytes = vanished, connections = case.sums.with_vanished_bytes[d.from], gaps = facts.lost_segments,
            duplicate_acks = back.duplicate_acks, max_segment = facts.max_segment },
          frames = facts.examples.lost_segments,
          display_filter = case.filter[d.name] .. " && tcp.analysis.lost_segment",
        }
        if is_full(back, small) then
          evidence.counter_evidence = { "the capture itself may miss these packets" }
          return {
            severity = "warning",
            weight = 40,
            side = "network",
            confidence = "low",
            text = ("%s of what the %s has sent never came by here nor were acknowledged: lost before the capture point, or not captured. Segments as long as the %s takes (%.0f bytes) passed, so not for their length."):format(
              say.bytes(vanished), d.from, d.to, small),
            evidence = evidence,
            settle = ("a capture beside the %s: does it send them again, and how long are they?"):format(d.from),
          }
        end
        return {
          severity = "error",
          weight = 68,
          side = "network",
          confidence = "medium",
          text = ("%s of what the %s has sent never came by here and were never acknowledged, while %s did: long packets vanish between the %s and the capture point, as in a path-MTU black hole.")
            :format(say.bytes(vanished), d.from,
              small > 0 and ("segments of up to %.0f bytes"):format(small) or "its acknowledgements", d.from),
          evidence = evidence,
          settle = ("a capture beside the %s: how long are the segments that vanish?"):format(d.from),
        }
      end
    end
  end,
}

return rules
