--- Rules about what the path does to packets: loss, reordering, duplicates, MTU.
-- @module mcpcap.findings.path

local outcomes = require "mcpcap.findings.outcomes"
local quality = require "mcpcap.findings.quality"
local say = require "mcpcap.phrases"

-- Loss: from where on it is more than a remark, and more than a warning.  Mathis et
-- al. 1997 (throughput falls with the root of the loss rate): at 0.1 % a path of
-- 100 ms carries some 4 Mbit/s a connection, at 1 % a third of that.
local LOSS_WARNING, LOSS_ERROR = 0.001, 0.01
local LOSS_ERROR_LEAST = 3
-- Reordering below this share of the data segments is a remark.
local REORDERING_WARNING = 0.005
local REORDERING_LEAST = 3
-- So many duplicate acknowledgements, and the sender takes a segment for lost (RFC 5681, 3.2).
local FAST_RETRANSMIT = 3
-- What is repeated later than this was repeated after a timeout.
local TIMEOUT_MS = 200
-- A direction of which such a share is copies was doubled by the capture.
local DOUBLED_SHARE = 0.3

local DIRECTIONS = {
  { name = "client_to_server", key = "c2s", from = "client", to = "server" },
  { name = "server_to_client", key = "s2c", from = "server", to = "client" },
}

local function left_out_note(d)
  return ("no packet of the %s without data is in the capture: what its acknowledgements may have said is not known"):format(
    d.to)
end

-- A header of TCP holds so many bytes of options.
local MOST_OPTIONS = 40

-- One segment of a connection is missing before the capture point, and all that comes is shorter than what both sides'
-- MSS allow: a router there has asked for smaller packets, and what was on its way until then was dropped (RFC 1191, 6.2).
local function narrows_before(case, d, lost)
  local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
  local causes = facts.resent_causes
  local least = math.min(facts.mss or 0, back.mss or 0)
  return causes.lost_behind == 0 and lost <= case.sums.lossy[d.from] and least > 0 and facts.segments_over_mss == 0
    and facts.data_packets >= 10 and facts.max_segment < least - MOST_OPTIONS
end

-- Do both sides take SACK?  Without, who asks again does not say why.
local function says_what(case)
  local options = case.sums.options
  return options.sack_offered == 0 or options.sack_agreed > 0
end

local function black_holes(case, d)
  return case.sums.black_hole[d.from]
end

-- Data segments that were lost and sent again, and FINs.  SYNs are told apart; what was sent
-- again for another reason (`resent_causes`) was not lost.
local function lost_of(case, d)
  local late = case[d.key].late_segments
  return math.max(0, quality.lost(case, d.from)), late.resent_fins - late.resent_fins_needless
end

-- In words: on which side of the capture point the packets were lost.
local function where_lost(case, d)
  local causes = case[d.key].resent_causes
  local behind, before = causes.lost_behind, causes.lost_before
  local place = case.vantage.place
  if behind > 4 * before then
    if place == d.from then
      return ("on the way from here to the %s"):format(d.to)
    elseif place == d.to then
      return ("behind the capture point, beside the %s"):format(d.to)
    end
    return ("between the capture point and the %s"):format(d.to)
  elseif before > 4 * behind then
    if place == d.from then
      return ("though captured beside the %s: their first copies are not in the capture"):format(d.from)
    end
    return ("between the %s and the capture point"):format(d.from)
  end
  return ("on both sides of the capture point (%.0f before, %.0f behind)"):format(before, behind)
end

-- The frames that were lost and sent again: those of both causes.
local function lost_frames(facts)
  local frames = {}
  for _, cause in ipairs({ "lost_before", "lost_behind" }) do
    for _, frame in ipairs(facts.examples[cause]) do
      frames[#frames + 1] = frame
    end
  end
  table.sort(frames)
  while #frames > 5 do
    table.remove(frames)
  end
  return frames
end

-- A FIN that was lost delays nothing but the end.
-- FINs that the capture shows twice, or that went to a peer which is gone, are told with those.
local function are_fins_told(case, d, fins)
  local gone = outcomes.sum(case, { "peer_gone", "vanished_idle" }, d.from)
  return case.quality.mirrored or gone ~= nil and gone.connections * gone.detail >= fins
end

local function lost_fins(case, d, fins)
  local frames = case[d.key].examples.resent_fins
  return {
    severity = "info",
    weight = 3,
    side = "network",
    confidence = "medium",
    text = ("%s towards the %s %s sent again: lost, held up, or the %s was no longer there to acknowledge it. No data was lost."):format(
      say.count(fins, "FIN"), d.to, say.was(fins), d.to),
    evidence = {
      counts = { resent_fins = fins, fin_count = case[d.key].fin_count, data_packets = case[d.key].data_packets },
      frames = frames,
      display_filter = say.filter_of(case.filter[d.name] .. " && tcp.flags.fin == 1 && tcp.analysis.retransmission",
        frames, case[d.key].late_segments.resent_fins),
    },
  }
end

-- How long the sender waited before it repeated itself.
local function after_timeout(waited, lost)
  if waited == 0 then
    return ""
  elseif lost == 1 then
    return "; it was repeated only after 200 ms or more"
  end
  return ("; %s repeated only after 200 ms or more"):format(
    waited == lost and (lost == 2 and "both were" or "all were") or waited == 1 and "one was" or ("%.0f were"):format(waited))
end

-- Sent again sooner than the other side may delay its acknowledgement (RFC 9293, 3.8.6.3), and nothing can say whether the
-- first copy had arrived: the timer is short, and loss is no more than one way to see it.
local function sent_early(case, d, lost, early)
  local facts = case[d.key]
  local frames = lost_frames(facts)
  return {
    severity = "info",
    weight = 31,
    side = d.from,
    confidence = "low",
    text = ("%s towards the %s %s sent again sooner than the %s may delay its acknowledgement: the %s's retransmission timer is short, or the first %s lost; without D-SACK nothing tells.")
      :format(say.of_capital(early, math.max(early, facts.data_packets), "data segment"), d.to, say.was(early), d.to,
        d.from, early == 1 and "copy was" or "copies were"),
    evidence = {
      counts = { resent = lost, sent_early = early, data_packets = facts.data_packets },
      frames = frames,
      display_filter = say.filter_of(case.filter[d.name] .. " && tcp.analysis.retransmission && tcp.flags.syn == 0",
        frames, lost),
    },
    settle = ("the %s's smallest retransmission timeout (RFC 6298 begins with 1 s)"):format(d.from),
  }
end

-- In words: what else the same packets may mean where nothing tells that the data was lost.
local function either_lost(case, d, lost)
  local its = lost == 1 and "its" or "their"
  local where = where_lost(case, d)
  if case.vantage.place == d.to then
    return ("sent again because no acknowledgement had come: lost %s, or the %s's host acknowledged late"):format(where, d.to)
  end
  return ("sent again because no acknowledgement had come: lost %s, or %s acknowledgement%s lost or late on the way back")
    :format(where, its, lost == 1 and " was" or "s were")
end

local function loss_rule(d)
  return {
    id = "loss_to_" .. d.to,
    about = ("data towards the %s is lost and sent again"):format(d.to),
    needs = { "acks", "arrival" },
    check = function(case)
      local facts = case[d.key]
      local late = facts.late_segments
      local lost, fins = lost_of(case, d)
      if lost == 0 and fins > 0 then
        return not are_fins_told(case, d, fins) and lost_fins(case, d, fins) or nil
      elseif lost == 0 or black_holes(case, d) > 0 or case.quality.cut_again[d.from]
        or d.to == "server" and (case.quality.queue_full == lost or case.quality.first_only) then
        return
      end
      if late.lost_early * 2 > lost then
        return sent_early(case, d, lost, late.lost_early)
      end
      local causes, frames = facts.resent_causes, lost_frames(facts)
      local waited = math.min(late.lost_after_timeout, lost)
      local rate = lost / math.max(1, facts.data_packets + causes.lost_before)
      local told = case.mtu_told[d.name] > 0 and lost <= 2 * case.mtu_told[d.name]
      -- they are sent again in pieces, most at once and not after a timeout: somebody has asked for that; where an
      -- acknowledgement takes as long to come back as a timeout, waiting for it is none
      local in_time = waited * 2 < math.max(lost, late.resent_shorter)
        or (case.latency.handshake_rtt_ms[d.to].median or 0) >= TIMEOUT_MS
      local cut = not told and late.resent_shorter * 2 >= lost and in_time
      local unaccepted = d.to == "server" and case.sums.unaccepted * 2 >= case.sums.lossy.client
      local severity = "info"
      -- what lacks more than it has does not show what was sent first: its own gaps look like losses
      local sparse = facts.missing_bytes > facts.unique_bytes
      local damaged = lost <= case.quality.damaged
      -- what a device on the way holds back, or resets, comes again too: one that answers in the server's name
      local resets, held = case.sums.resets.signs.two_or_more[d.to], false
      if d.to == "server" and lost < LOSS_ERROR_LEAST and causes.lost_before == 0 then
        held = resets >= lost or case.answers.relayed_handshakes >= math.max(1, case.sums.lossy.client)
      end
      local narrow = not told and not cut and narrows_before(case, d, lost)
      if told or cut or narrow or unaccepted or sparse or damaged or held then
        severity = "info"
      elseif rate >= LOSS_ERROR and lost >= LOSS_ERROR_LEAST then
        severity = "error"
      elseif rate >= LOSS_WARNING then
        severity = "warning"
      end
      local against = {}
      if late.undecided > 0 then
        against[#against + 1] = say.count(late.undecided, "late segment") .. " could not be told from reordering"
      end
      if late.reordered > 0 then
        against[#against + 1] = say.count(late.reordered, "late segment") .. " had only been overtaken"
      end
      if sparse then
        against[#against + 1] = "the capture lacks more of this data than it has"
      end
      if late.dsacks_unseen > 0 then
        against[#against + 1] = say.count(late.dsacks_unseen, "acknowledgement") .. " may say that data came twice: what follows in the header is cut off"
      end
      -- a receiver that sends no SACK, and has not agreed on it, may have had the first copy and not have said so
      local untold = math.min(late.lost_untold, lost)
      local unsure = untold * 2 > lost
      if untold > 0 then
        against[#against + 1] = ("of %s nothing tells whether the data was lost or its acknowledgement: the %s had asked for nothing, and is not known to report what comes twice (RFC 2883)")
          :format(unsure and untold == lost and "them" or say.count(untold, "segment"), d.to)
      end
      -- a copy that the capture has missed, or has put in another place, looks lost
      local lacking = 2 * case.quality.acked_unseen >= lost or case.capture.time_regressions >= lost
      if lacking then
        against[#against + 1] = quality.doubt_of(case)
      end
      local left_out = case.quality.acks_left_out[d.to]
      if left_out then
        against[#against + 1] = left_out_note(d)
      end
      if held then
        against[#against + 1] = "another host than the server's own answers or resets in its name here, and may have held this back"
      end
      if damaged then
        against[#against + 1] = say.count(case.quality.damaged, "packet") .. " with damaged numbers or ports look lost as well"
      end
      return {
        severity = severity,
        weight = 65 + math.min(20, 200 * rate),
        side = "network",
        confidence = (sparse or damaged or held) and "low" or (late.undecided > lost or lost < 3 or unsure or lacking or left_out or late.dsacks_unseen > 0) and "medium"
          or "high",
        text = ("%s towards the %s %s %s%s%s."):format(
          say.of_capital(lost, math.max(lost, facts.data_packets), "data segment"), d.to, say.was(lost),
          unsure and either_lost(case, d, lost) or "lost and sent again, " .. where_lost(case, d), told and ", when routers asked for smaller packets (path MTU discovery)"
            or cut and ", in smaller pieces: as when a router asks for smaller packets and its ICMP error is not in the capture"
            or narrow and (", and all that comes is shorter than both sides' MSS allow: as where a router there has asked the %s for smaller packets"):format(d.from)
            or "",
          after_timeout(waited, lost)),
        evidence = {
          counts = { resent = lost, data_packets = facts.data_packets, lost_before_capture = causes.lost_before,
            lost_behind_capture = causes.lost_behind, data_or_ack = untold, resent_shorter = late.resent_shorter, after_timeout = waited,
            resent_fins = fins,
            duplicate_acks = case[d.key == "c2s" and "s2c" or "c2s"].duplicate_acks,
            connections = case.sums.lossy[d.from] },
          counter_evidence = #against > 0 and against or nil,
          frames = frames,
          display_filter = say.filter_of(case.filter[d.name]
            .. " && tcp.flags.syn == 0 && !tcp.analysis.spurious_retransmission"
            .. " && (tcp.analysis.retransmission || tcp.analysis.out_of_order)", frames, lost),
        },
        settle = "a second capture at the other end: which copies arrive there?",
      }
    end,
  }
end

-- Few that were sent again needlessly, or a small share of the data segments, are a remark.
local function is_much(n, facts)
  return n >= REORDERING_LEAST and n >= LOSS_WARNING * facts.data_packets
end

-- A receiver sends one acknowledgement for a segment at most (RFC 5681, 4.2), and says by some that it takes more again:
-- twice as many have come several times each.  What is joined below the capture point is not counted so.
local function answers_doubled(case, d)
  local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
  return facts.segments_over_mss == 0 and facts.missing_bytes == 0
    and back.packet_count - back.data_packets >= 2 * facts.packet_count
end

-- What duplicate acknowledgements asked for, though it had arrived: they do so when data is overtaken, when the
-- acknowledgements themselves come twice, and behind a loss when all of a flight is sent again.
local function asked_for(case, d)
  local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
  local n = facts.resent_causes.asked_for
  if n == 0 or case.quality.mirrored or case.mtu_told[d.name] > 0 then
    return 0
  end
  local doubled = back.repeated_frames >= n or answers_doubled(case, d)
  return n, doubled and facts.late_segments.reordered == 0, lost_of(case, d) > 0
end

-- Overtaken behind the capture point: only the needless repetitions show.
local function overtaken_behind(case, d)
  local facts, n, doubled, after_loss = case[d.key], asked_for(case, d)
  if n == 0 or doubled then
    return
  end
  return {
    -- without SACK what comes twice makes the receiver ask in the same way
    severity = is_much(n, facts) and not after_loss and says_what(case) and "warning" or "info",
    weight = 32,
    side = "network",
    confidence = "medium",
    text = ("%s towards the %s %s sent again because the %s's acknowledgements had asked for %s, although the first %s had arrived: packets overtake each other on the way from here to the %s.")
      :format(say.of_capital(n, math.max(n, facts.data_packets), "data segment"), d.to, say.was(n), d.to,
        n == 1 and "it" or "them", n == 1 and "copy" or "copies", d.to),
    evidence = {
      counts = { asked_for = n, resent = facts.late_segments.resent, data_packets = facts.data_packets,
        dsack_count = case[d.key == "c2s" and "s2c" or "c2s"].dsack_count },
      counter_evidence = after_loss and { "data was lost too, and a sender may send more again than what was lost" } or nil,
      frames = facts.examples.asked_for,
      display_filter = say.filter_of(case.filter[d.name] .. " && tcp.analysis.retransmission && tcp.flags.syn == 0",
        facts.examples.asked_for, n),
    },
    settle = ("a capture beside the %s: in which order do these packets arrive?"):format(d.to),
  }
end

local function reordering_rule(d)
  return {
    id = "reordering_to_" .. d.to,
    about = ("data towards the %s overtaken on its way"):format(d.to),
    check = function(case)
      local facts = case[d.key]
      local late = facts.late_segments
      if late.reordered == 0 then
        return overtaken_behind(case, d)
      end
      local again = asked_for(case, d)
      local share = late.reordered / math.max(1, facts.data_packets)
      local back = case[d.key == "c2s" and "s2c" or "c2s"]
      -- what one flight brings in another order, and nothing is sent again for, costs nobody anything;
      -- no more does what is overtaken by less than the sender's threshold (RFC 5681, 3.2)
      local much = late.reordered_bursts >= REORDERING_LEAST and share >= REORDERING_WARNING
        and back.max_duplicate_acks >= FAST_RETRANSMIT or is_much(again, facts)
      -- where the clock runs back as often, the file's order may be what is wrong, and not that of the packets
      local bent = case.capture.time_regressions >= late.reordered
      local against = {}
      if bent then
        against[1] = ("time runs backwards at %s: the order of the file may be wrong, and not that on the way"):format(
          say.count(case.capture.time_regressions, "segment"))
      end
      if late.resent > 0 then
        against[#against + 1] = say.count(late.resent, "other late segment") .. " had been sent again"
      end
      return {
        severity = much and not bent and "warning" or "info",
        weight = 35 + math.min(20, 100 * share),
        side = "network",
        confidence = bent and "low" or late.by_timestamp + late.by_ip_id > 0 and "high" or "medium",
        text = ("%s towards the %s arrived out of order and %s not sent again: packets overtake each other before the capture point.%s")
          :format(say.of_capital(late.reordered, math.max(late.reordered, facts.data_packets), "segment"), d.to,
            say.was(late.reordered), again == 0 and "" or (" For it %s %s sent again needlessly."):format(
              say.count(again, "segment"), say.was(again))),
        evidence = {
          counts = { reordered = late.reordered, bursts = late.reordered_bursts, data_packets = facts.data_packets, asked_for = again, by_timestamp = late.by_timestamp,
            by_ip_id = late.by_ip_id, by_time = late.by_time },
          counter_evidence = #against > 0 and against or nil,
          frames = facts.examples.reordered,
          display_filter = say.filter_of(case.filter[d.name]
            .. " && (tcp.analysis.out_of_order || tcp.analysis.retransmission)", facts.examples.reordered, late.reordered),
        },
        settle = "equal-cost paths or link bundles that spread packets instead of flows",
      }
    end,
  }
end

local function duplicates_rule(d)
  return {
    id = "duplicated_to_" .. d.to,
    about = ("packets towards the %s doubled on their way"):format(d.to),
    check = function(case)
      local facts = case[d.key]
      local doubled, both = facts.late_segments.duplicated, facts.late_segments.doubled_arrived
      if doubled == 0 or case.quality.mirrored then
        return
      end
      local witness = both > 0 and both * 2 >= doubled
      -- where nearly all that one side sends is there twice, the capture shows its own host's packets twice
      if not witness and facts.repeated_frames >= DOUBLED_SHARE * facts.packet_count then
        return
      end
      return {
        severity = witness and doubled >= 3 and "warning" or "info",
        weight = witness and 25 or 6,
        side = witness and "network" or "capture",
        confidence = witness and "high" or "low",
        text = ("%s towards the %s came twice%s."):format(say.count(doubled, "segment"), d.to, witness
          and (", and the %s reports having received data twice (%s): the network doubles packets"):format(
            d.to, say.count(both, "D-SACK"))
          or ("; nothing says that %s also arrived twice, so the capture may have doubled %s"):format(
            doubled == 1 and "it" or "they", doubled == 1 and "it" or "them")),
        evidence = {
          counts = { duplicated = doubled, reported_by_receiver = both, data_packets = facts.data_packets },
          frames = facts.examples.capture_duplicates,
          display_filter = case.filter[d.name] .. " && tcp.analysis.retransmission",
        },
        settle = "the same packets captured at another point",
      }
    end,
  }
end

local function black_hole_rule(d)
  return {
    id = "mtu_black_hole_to_" .. d.to,
    about = ("long packets towards the %s vanish, short ones pass"):format(d.to),
    needs = { "acks" },
    rests_on_each = true,
    check = function(case)
      local n = black_holes(case, d)
      if n == 0 then
        return
      end
      local size = case.sums.black_hole_bytes[d.from]
      local told, sure = case.mtu_told[d.name], case.sums.black_hole_sure[d.from] > 0
      local against = {}
      if told > 0 then
        against[1] = say.count(told, "ICMP error") .. " did tell the MTU"
      end
      local left_out = case.quality.acks_left_out[d.to]
      if left_out then
        against[#against + 1] = left_out_note(d)
      end
      if not sure then
        against[#against + 1] = ("where the %s, or the way to it, is gone just then, short segments find no answer either"):format(
          d.to)
      end
      return {
        severity = sure and "error" or "warning",
        weight = 96,
        side = "network",
        confidence = sure and told == 0 and not left_out and "high" or "medium",
        text = sure and ("On %s, long segments towards the %s (%.0f bytes) were sent again and again in vain while short ones got through: a path-MTU black hole%s.")
          :format(say.count(n, "connection"), d.to, size, told > 0 and "" or ", and no ICMP error tells the sender")
          or ("On %s, none of a flight of long segments towards the %s (%.0f bytes) was answered, though sent again twice or more, and short ones had got through until then: a path-MTU black hole, or the %s was gone just then.")
          :format(say.count(n, "connection"), d.to, size, d.to),
        evidence = {
          counts = { connections = n, segment_bytes = size, icmp_told = told },
          counter_evidence = #against > 0 and against or nil,
          frames = case.sums.black_hole_frames[d.from],
          display_filter = ("%s && tcp.len >= %.0f"):format(case.filter[d.name], size),
        },
        settle = ("ping with the don't-fragment bit and %s towards the %s; clamp the MSS or let ICMP through"):format(
          say.ping(size, case.sums.options), d.to),
      }
    end,
  }
end

local rules = {}

for _, d in ipairs(DIRECTIONS) do
  rules[#rules + 1] = black_hole_rule(d)
  rules[#rules + 1] = loss_rule(d)
  rules[#rules + 1] = reordering_rule(d)
  rules[#rules + 1] = duplicates_rule(d)
end

return rules
