--- Rules about the capture itself: what it can bear.
-- @module mcpcap.findings.capture

local say = require "mcpcap.phrases"

-- A capture that misses more than this share of the bytes misleads.
local MISSING_WARNING = 0.001

-- A clock that steps back by so much of the shortest time misleads; times below this are not judged.
local TIME_SHARE, SHORT_MS = 0.2, 1

-- The examples of the client's packets where there are any, else those of the server's.
local function first_of(client, server)
  return #client > 0 and client or server
end

-- Fewer packets do not show how often a side's packets were captured.
local FEW_PACKETS = 3

local rules = {}

rules[#rules + 1] = {
  id = "capture_one_sided",
  about = "only one direction was captured",
  check = function(case)
    local side = case.quality.one_sided
    if not side then
      return
    end
    -- 'one_sided' counts those that show that the other side spoke; where it has no packet at all, all lack it
    local other = side == "client" and case.s2c or case.c2s
    local n = other.packet_count == 0 and case.sums.total or case.sums.one_sided[side]
    return {
      severity = "warning",
      weight = 98,
      side = "capture",
      confidence = "high",
      text = ("Only what the %s sent was captured: on %s there is no packet of the %s. What the %s did cannot be judged."):format(
        side, say.of(n, case.sums.total, "connection"), say.other(side), say.other(side)),
      evidence = {
        counts = { connections = n, of = case.sums.total,
          client_packets = case.c2s.packet_count, server_packets = case.s2c.packet_count },
        display_filter = case.filter.all,
      },
      settle = "capture both directions: both links of the path, or both ports of the mirror",
    }
  end,
}

-- "twice", "3 times": how often, and in which direction.
local function how_often(q, case)
  local a, b = q.doubled.client, q.doubled.server
  if a and b then
    local n = math.max(q.cut_again.client and 2 or a.times, q.cut_again.server and 2 or b.times)
    return "each packet was captured " .. say.times(n)
  end
  local side = a and "client" or "server"
  if q.cut_again[side] then
    return ("the data of the %s was captured twice, in pieces of other lengths"):format(side)
  end
  local other = a and case.s2c or case.c2s
  if other.packet_count == 0 then
    return "each packet was captured " .. say.times((a or b).times)
  elseif q.cut_again[say.other(side)] then
    return ("the packets of the %s were captured %s, and the data of the %s too, in pieces of other lengths"):format(side,
      say.times((a or b).times), say.other(side))
  elseif other.repeated_frames > 0 then
    return ("most packets of the %s and some of the %s were captured %s"):format(side, say.other(side),
      say.times((a or b).times))
  elseif other.packet_count < FEW_PACKETS then
    return ("most packets of the %s were captured %s"):format(side, say.times((a or b).times))
  end
  return ("each packet of the %s was captured %s, those of the %s once"):format(side, say.times((a or b).times),
    say.other(side))
end

rules[#rules + 1] = {
  id = "capture_mirrored",
  about = "each packet was captured twice, or more often",
  check = function(case)
    if not case.quality.mirrored then
      return
    end
    local frames = first_of(case.c2s.examples.capture_duplicates, case.s2c.examples.capture_duplicates)
    -- a receiver may report fewer than have come: what it acknowledges at once is reported once (RFC 2883, 4)
    local arrived = case.c2s.late_segments.doubled_arrived + case.s2c.late_segments.doubled_arrived
    return {
      severity = "warning",
      weight = 94,
      side = "capture",
      confidence = arrived > 0 and "medium" or "high",
      text = ("%s are copies of one before: %s (a mirror port, several interfaces or points, records written twice). Wireshark counts them as retransmissions and duplicate acknowledgements; the verdicts here leave them out.")
        :format(say.of_capital(case.quality.copies, case.c2s.packet_count + case.s2c.packet_count, "segment"),
          how_often(case.quality, case)),
      evidence = {
        counts = { repeated_frames = case.quality.copies, packets = case.c2s.packet_count + case.s2c.packet_count },
        counter_evidence = arrived > 0 and { ("%s that the same bytes came twice: the network may have doubled these packets"):format(
          say.count(arrived, "acknowledgement says", "acknowledgements say")) } or nil,
        frames = frames,
        display_filter = say.filter_of(
          case.filter.all .. " && (tcp.analysis.retransmission || tcp.analysis.duplicate_ack)", frames, case.quality.copies),
      },
      settle = case.quality.two_points
        and "the copies came by at another point of the path: mcpcap compare with this file alone splits it by interface, VLAN or link, and says what lies between the points"
        or "where the copies have passed a router they come from another point of the path, and mcpcap compare with this file alone compares both points; editcap -w 0.01 takes out exact copies, -d more than those",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_gaps",
  about = "data that was acknowledged and never captured: the capture dropped it",
  needs = { "both_sides", "lengths" },
  check = function(case)
    local q = case.quality
    if q.acked_unseen == 0 or q.without_payload or (q.missing_bytes == 0 and next(q.order_wrong)) then
      return
    end
    local unique = case.c2s.unique_bytes + case.s2c.unique_bytes
    local share = q.missing_bytes / math.max(1, unique + q.missing_bytes)
    local frames = first_of(case.c2s.examples.unseen_acks, case.s2c.examples.unseen_acks)
    local compressed = case.capture.compressed_frames or 0
    local inside = compressed * 2 >= q.acked_unseen and compressed > 0
    return {
      severity = share >= MISSING_WARNING and not inside and "warning" or "info",
      weight = 33,
      side = "capture",
      confidence = inside and "low" or "high",
      text = ("%s: %s data that is not in it%s. That is no loss in the network."):format(
        inside and ("%s compressed data (IPComp), which is not looked into, or the capture misses packets"):format(
          say.count(compressed, "packet carries", "packets carry")) or "The capture misses packets",
        say.count(q.acked_unseen, "acknowledgement covers", "acknowledgements cover"),
        q.missing_bytes > 0 and (" (%s missing)"):format(say.bytes(q.missing_bytes)) or ""),
      evidence = {
        counts = { acked_unseen = q.acked_unseen, compressed_frames = compressed > 0 and compressed or nil, missing_bytes = q.missing_bytes, unique_bytes = unique,
          dropped_by_capture = case.capture.dropped_by_capture },
        frames = frames,
        display_filter = say.filter_of(case.filter.all .. " && tcp.analysis.ack_lost_segment", frames, q.acked_unseen),
      },
      settle = "a larger capture buffer (tcpdump -B), a shorter snapshot length, or a tap instead of a mirror port",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_order",
  about = "packets stand in the file behind those that answer them",
  check = function(case)
    local q = case.quality
    local client, server = q.order_wrong.client or 0, q.order_wrong.server or 0
    local n, of = client + server, case.c2s.data_packets + case.s2c.data_packets
    if n == 0 then
      return
    end
    local frames = (server >= client and case.s2c or case.c2s).examples.retransmissions
    return {
      severity = n >= 0.01 * of and "warning" or "info",
      weight = 31,
      side = "capture",
      confidence = "medium",
      text = ("%s %s in the file behind the acknowledgement of it, and no byte was sent twice: the order of the capture is wrong (several receive queues, two taps)."):format(
        say.of_capital(n, of, "data segment"), n == 1 and "stands" or "stand"),
      evidence = {
        counts = { spurious_retransmissions = n, data_packets = of, acked_unseen = q.acked_unseen },
        frames = frames,
        display_filter = say.filter_of(case.filter.all .. " && tcp.analysis.spurious_retransmission", frames, n),
      },
      settle = "a capture with one receive queue; reordercap helps where the times are right",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_without_payload",
  about = "no packet carries any data, though their numbers tell of it",
  needs = { "both_sides", "lengths" },
  check = function(case)
    local q = case.quality
    if not q.without_payload then
      return
    end
    local frames = first_of(case.c2s.examples.unseen_acks, case.s2c.examples.unseen_acks)
    return {
      severity = "warning",
      weight = 34,
      side = "capture",
      confidence = "medium",
      text = ("No packet carries a byte of data, though %s were acknowledged: a tool has removed the payload and written lengths to match, or a filter has left out what had one. No gap and no loss follows from it."):format(
        say.bytes(q.missing_bytes)),
      evidence = {
        counts = { acked_unseen = q.acked_unseen, missing_bytes = q.missing_bytes,
          packets = case.c2s.packet_count + case.s2c.packet_count },
        frames = frames,
        display_filter = say.filter_of(case.filter.all .. " && tcp.analysis.ack_lost_segment", frames, q.acked_unseen),
      },
      settle = "the capture before it was rewritten, or one without such a filter",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_lengths_lost",
  about = "a tool has written the captured lengths over the original ones",
  check = function(case)
    local n = case.capture.overlong_ip_frames or 0
    if not case.quality.lengths_lost then
      return
    end
    return {
      severity = "warning",
      weight = 34,
      side = "capture",
      confidence = "high",
      text = ("In %s the IP length goes beyond the frame's stated length: the capture was rewritten by a tool that lost the original lengths. What was cut off is not counted, so no gap and no small segment follows."):format(
        say.of(n, case.capture.frames, "frame")),
      evidence = { counts = { overlong_ip_frames = n, frames = case.capture.frames } },
      settle = "the capture before it was rewritten",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_incomplete",
  about = "the capture ends early, or the reading was stopped",
  check = function(case)
    local cut, stopped = case.capture.truncated, case.capture.stopped
    if not cut and not stopped then
      return
    end
    return {
      severity = "warning",
      weight = 10,
      side = "capture",
      confidence = "high",
      text = cut and ("The capture ends early or is damaged at byte %.0f; everything before it is counted."):format(cut.offset)
        or ("The reading was stopped (%s); only the first %s are counted."):format(stopped.reason,
          say.count(case.capture.frames, "frame")),
      evidence = { counts = { frames = case.capture.frames } },
    }
  end,
}

-- So many drops would have hit the data here: the chance that a share as theirs spares so many segments is less than one in a
-- hundred.
local SPARED = 0.01

local function would_show(case, dropped)
  local left = case.capture.frames / (case.capture.frames + dropped)
  local data = case.c2s.data_packets + case.s2c.data_packets
  return left ^ data < SPARED and case.quality.acked_unseen == 0
    and case.c2s.lost_segments + case.s2c.lost_segments + case.c2s.missing_bytes + case.s2c.missing_bytes == 0
end

rules[#rules + 1] = {
  id = "capture_drops",
  about = "the capturing system says that it dropped packets",
  check = function(case)
    local n = case.capture.dropped_by_capture or 0
    if n == 0 then
      return
    end
    if would_show(case, n) then
      return {
        severity = "info",
        weight = 9,
        side = "capture",
        confidence = "medium",
        text = ("The capturing system says that it dropped %s, but none of %s here is missing, which such a share would not have left whole: they were others, or it counts what nobody wanted."):format(
          say.count(n, "packet"), say.count(case.c2s.data_packets + case.s2c.data_packets, "data segment")),
        evidence = { counts = { dropped_by_capture = n, frames = case.capture.frames,
          data_packets = case.c2s.data_packets + case.s2c.data_packets } },
        settle = "the same traffic captured without that filter, or with a larger buffer (tcpdump -B)",
      }
    end
    return {
      severity = "warning",
      weight = 32,
      side = "capture",
      confidence = "high",
      text = ("The capturing system says that it dropped %s: gaps in the data may be its own."):format(
        say.count(n, "packet")),
      evidence = { counts = { dropped_by_capture = n, frames = case.capture.frames } },
      settle = "a larger capture buffer (tcpdump -B)",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_time_runs_back",
  about = "packets whose time lies before that of the packet before",
  check = function(case)
    local n, step = case.capture.time_regressions, case.capture.max_regression_ms or 0
    if n == 0 then
      return
    end
    -- the shortest of the times that verdicts rest on: the way, and the server's work
    local least = math.huge
    for _, d in ipairs({ case.latency.handshake_rtt_ms.server, case.latency.handshake_rtt_ms.client,
      case.latency.server_response_ms }) do
      if d.median and d.median >= SHORT_MS then
        least = math.min(least, d.median)
      end
    end
    least = least == math.huge and SHORT_MS or least
    return {
      severity = n >= 0.01 * case.capture.matched_segments and step >= TIME_SHARE * least and "warning" or "info",
      weight = 5,
      side = "capture",
      confidence = "high",
      text = ("Time runs backwards at %s, by %s at most: times here are only as good as that."):format(
        say.of(n, case.capture.matched_segments, "segment"), say.ms(step)),
      evidence = {
        counts = { time_regressions = n, segments = case.capture.matched_segments, max_regression_ms = step },
        display_filter = case.filter.all .. " && tcp.time_delta < 0",
      },
      settle = "reordercap puts frames in the order of their times",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_no_time",
  about = "packets in blocks that carry no time",
  check = function(case)
    local n = case.capture.timeless_frames or 0
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 4.5,
      side = "capture",
      confidence = "high",
      text = ("%s %s no time (Simple Packet Blocks of pcapng): %s no part in any time here."):format(
        say.of_capital(n, case.capture.frames, "frame"), n == 1 and "carries" or "carry",
        n == 1 and "it has" or "they have"),
      evidence = { counts = { timeless_frames = n, frames = case.capture.frames },
        display_filter = case.filter.all .. " && !frame.time_epoch" },
      settle = "a capture in pcap, or with Enhanced Packet Blocks",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_undecoded",
  about = "frames of a link type that is not understood",
  check = function(case)
    local unknown, short = case.capture.undecoded_frames, case.capture.sliced_header_frames
    local n, reasons = unknown + short, {}
    if n == 0 then
      return
    end
    if unknown > 0 then
      reasons[1] = ("%.0f of a link type not known here"):format(unknown)
    end
    if short > 0 then
      reasons[#reasons + 1] = ("%.0f cut before the end of %s headers"):format(short, short == 1 and "its" or "their")
    end
    return {
      severity = n * 2 >= case.capture.frames and "warning" or "info",
      weight = 6,
      side = "capture",
      confidence = "high",
      text = ("%s could not be decoded: %s."):format(say.of_capital(n, case.capture.frames, "frame"), say.list(reasons)),
      evidence = { counts = { undecoded_frames = unknown, sliced_header_frames = short, frames = case.capture.frames } },
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_inner_lengths",
  about = "packets in GTP-U that the chosen rules do not look into",
  check = function(case)
    local n = case.capture.inner_length_frames or 0
    if n == 0 then
      return
    end
    return {
      severity = n * 2 >= case.capture.frames and "warning" or "info",
      weight = 6,
      side = "capture",
      confidence = "high",
      text = ("%s of GTP-U %s left out: the packet inside is not just as long as the tunnel says, and Wireshark 4.6, whose "
        .. "rules are followed, does not look into such a one."):format(
        say.of_capital(n, case.capture.frames, "frame"), n == 1 and "is" or "are"),
      evidence = { counts = { inner_length_frames = n, frames = case.capture.frames },
        display_filter = "gtp.message == 0xff" },
      settle = "the rules of wireshark-4.4, which read these packets",
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_bounds",
  about = "more connections, holes or unacknowledged data than are kept",
  check = function(case)
    local full = case.capture.connections_not_kept
    local bytes, rtt = case.sums.with_approximate_bytes, case.sums.with_approximate_rtt
    if full + bytes + rtt == 0 then
      return
    end
    return {
      severity = full > 0 and "warning" or "info",
      weight = 4,
      side = "capture",
      confidence = "high",
      text = full > 0 and case.capture.short_of_memory
        and ("No memory was left for more connections: %s of further ones are counted, not analysed (one server, a filter, or smaller pieces of the capture take less).")
          :format(say.count(full, "segment"))
        or full > 0
        and ("The connection table was full: %s of further connections are counted, not analysed (option max_connections).")
          :format(say.count(full, "segment"))
        or ("On %s there were more holes or unacknowledged segments than are kept: byte counts or round trips there are approximate.")
          :format(say.count(math.max(bytes, rtt), "connection")),
      evidence = { counts = { connections_not_kept = full, with_approximate_bytes = bytes, with_approximate_rtt = rtt } },
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_mid_stream",
  about = "connections whose beginning was not captured",
  needs = { "lengths" },        -- else a SYN may have been cut
  check = function(case)
    -- where the order is wrong, a SYN may stand behind its answer
    local h = case.sums.handshakes
    local late = next(case.quality.order_wrong) and case.c2s.syn_count - h.attempted.client - h.syn_retransmits.client or 0
    local n = case.sums.mid_stream - (case.sums.strays or 0) - math.max(0, late)
    if n <= 0 then
      return
    end
    return {
      severity = "info",
      weight = 1.5,
      side = "capture",
      confidence = "high",
      text = ("%s %s under way when the capture began: handshake, options and window scale are not known.")
        :format(say.of_capital(n, case.sums.total, "connection"), say.was(n)),
      evidence = { counts = { connections = n, of = case.sums.total },
        display_filter = case.filter.all .. " && !(tcp.completeness & 1)" },
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_offload",
  about = "segments longer than the MSS: captured before the network card cut them, or after it joined them",
  check = function(case)
    local n = case.c2s.segments_over_mss + case.s2c.segments_over_mss
    if n == 0 then
      return
    end
    local side = case.c2s.segments_over_mss >= case.s2c.segments_over_mss and "client" or "server"
    return {
      severity = "info",
      weight = 1,
      side = "capture",
      confidence = "high",
      text = ("%s %s longer than the MSS: captured on a host that cuts or joins segments below the capture point (TSO, GRO), so packet counts are lower than on the wire.")
        :format(say.count(n, "segment"), n == 1 and "is" or "are"),
      evidence = {
        counts = { segments_over_mss = n, max_segment = math.max(case.c2s.max_segment, case.s2c.max_segment) },
        frames = side == "client" and case.c2s.examples.segments_over_mss or case.s2c.examples.segments_over_mss,
        display_filter = say.filter_of(case.filter.all .. " && tcp.len > 1460",
          side == "client" and case.c2s.examples.segments_over_mss or case.s2c.examples.segments_over_mss, n),
      },
    }
  end,
}

rules[#rules + 1] = {
  id = "capture_cut_packets",
  about = "packets were cut by the snapshot length",
  check = function(case)
    local n = case.capture.sliced_frames
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 0.5,
      side = "capture",
      confidence = "high",
      text = ("%s %s cut by the snapshot length; lengths are taken from the headers, so packets and bytes are counted all the same; options that were cut off (SACK) say nothing.%s"):format(
        say.of_capital(n, case.capture.frames, "frame"), say.was(n),
        case.quality.speechless and " Nothing of the payload is there: no protocol can be told by its words." or ""),
      evidence = { counts = { sliced_frames = n, sliced_bytes = case.capture.sliced_bytes } },
    }
  end,
}

return rules
