--- Keys of a comparison of several captures.
-- @module mcpcap.fields.compare

local parts = {}

local STATUS = { "ok", "no_match", "no_tcp", "not_paired" }

parts.comparison = {
  about = "What `compare` returns. With two points what lies between them (compared stretch) stands in the same table; "
    .. "with more, `stretches` has it for each two neighbours.",
  { "schema_version", "text", "-", "0.2", "version of this shape" },
  { "kind", "text", "-", "0.2", "comparison" },
  { "status", "text", "-", "0.2", "not_paired: the captures share no connection; the others as of a result, of the "
    .. "first point that is not ok", one_of = STATUS },
  { "server", "text", "-", "0.2", "address and port, as they are at the first point" },
  { "server_ip", "text", "-", "0.2", "its address" },
  { "server_port", "integer", "-", "0.2", "its port; absent when none was given" },
  { "analysis_timestamp", "text", "-", "0.2", "when this was made: ISO 8601, UTC" },
  { "points", "list of compared_point", "-", "0.2", "from the client on" },
  { "window", "integer", "segments", "0.2", "so many may wait for their partners" },
  { "stretches", "list of compared_stretch", "-", "0.2", "only with three points or more: between each two neighbours" },
  { "analysis", "compared_analysis", "-", "0.2", "what follows" },
  { "singles", "list of result", "-", "0.2", "the result of each capture alone, in the order of the points" },
}

parts.compared_stretch = {
  about = "What lies between two neighbouring points. Tables by point have the points' names as keys.",
  { "between", "list of text", "-", "0.2", "names of the two points, the one nearer to the clients first" },
  { "order_by", "list of text", "-", "0.2", "what the order rests on: delay, ttl; empty: nothing tells it, and it is the "
    .. "one in which the captures were given" },
  { "same_point", "boolean", "-", "0.2", "neither time nor a hop lies between them" },
  { "connections", "compared_connections", "-", "0.2", "which are at both" },
  { "client_to_server", "compared_direction", "-", "0.2", "from the clients to the server" },
  { "server_to_client", "compared_direction", "-", "0.2", "from the server to the clients" },
  { "round_trip_ms", "number", "ms", "0.2", "the way between the points there and back, at its quickest" },
  { "clock_steps", "integer", "-", "0.2", "times that a clock was set meanwhile" },
  { "clock_step_ms", "number", "ms", "0.2", "the largest of these" },
  { "clock_step_time", "number", "time", "0.2", "when, by the clock of the capture given first" },
  { "answers", "compared_answers", "-", "0.2", "where the waits for answers are spent" },
  { "pairs", "list of compared_pair", "-", "0.2", "the most telling connections" },
  { "ladder", "compared_ladder", "-", "0.2", "only with the option `ladder`: the most telling moment, segment by segment" },
}

parts.compared_ladder = {
  about = "Some segments of one connection at both points.",
  { "clients", "map of text", "-", "0.2", "its client at each point" },
  { "steps", "list of compared_step", "-", "0.2", "in order of time" },
}

parts.compared_step = {
  about = "One segment.",
  { "from", "text", "-", "0.2", "who sends it", one_of = { "client", "server" } },
  { "label", "text", "-", "0.2", "what it is" },
  { "fate", "text", "-", "0.2", "both: at both points; lost, made, missed as above; alone: at one point, and nothing tells why",
    one_of = { "both", "lost", "made", "missed", "alone" } },
  { "at_ms", "map of number", "ms", "0.2", "when it came by at each point, by the clock of the first one" },
  { "frames", "map of integer", "frame numbers", "0.2", "its frame at each point" },
}

parts.compared_point = {
  about = "One point of the path.",
  { "name", "text", "-", "0.2", "A is nearest to the clients, then B and so on" },
  { "place", "text", "-", "0.2", "which end it is the nearest to", one_of = { "client", "middle", "server" } },
  { "file", "text", "-", "0.2", "what the caller passed" },
  { "given", "integer", "-", "0.2", "its place in the list that the caller passed" },
  { "status", "text", "-", "0.2", "of its result alone" },
  { "packets", "integer", "frames", "0.2", "frames read" },
  { "connections", "integer", "connections", "0.2", "connections of the server" },
  { "not_compared", "integer", "segments", "0.2", "segments without a time or a known length" },
  { "clock", "compared_clock", "-", "0.2", "its clock by that of the first point; absent where nothing tells" },
  { "findings", "list of finding", "-", "0.2", "what this capture says alone" },
}

parts.compared_clock = {
  about = "A clock by that of the first point.",
  { "offset_ms", "number", "ms", "0.2", "how far it is ahead" },
  { "uncertainty_ms", "number", "ms", "0.2", "what an asymmetry of the way could hide" },
  { "drift_ppm", "number", "-", "0.2", "how much faster it runs, in millionths; absent where the time is too short to tell" },
}

parts.compared_connections = {
  about = "Connections at the two points.",
  { "seen", "map of integer", "connections", "0.2", "at each point" },
  { "paired", "integer", "connections", "0.2", "at both" },
  { "translated", "integer", "connections", "0.2", "of these: with other addresses or ports" },
  { "sequence_shift", "integer", "connections", "0.2", "of these: with other sequence numbers" },
  { "proxied", "integer", "connections", "0.2", "of these: a proxy ends TCP between the points; not compared further" },
  { "syn_answered_between", "integer", "connections", "0.2", "of these: something between the points answered the SYN, and passes "
    .. "on what follows" },
  { "rebound", "integer", "connections", "0.2", "of these: went on under another address or port of the client at one point" },
  { "rebound_after_ms", "number", "ms", "0.2", "after so long a silence, at least" },
  { "frames", "compared_connection_frames", "-", "0.2", "of these; absent where there are none" },
  { "ambiguous", "integer", "connections", "0.2", "several may be their partner" },
  { "unpaired", "compared_unpaired", "-", "0.2", "at one point only" },
  { "segments_given_up", "integer", "segments", "0.2", "waited for a partner until too many did" },
}

parts.compared_connection_frames = {
  about = "Frame numbers by point.",
  { "syn_answered_between", "map of frames", "frame numbers", "0.2", "the SYN-ACKs" },
  { "rebound", "map of frames", "frame numbers", "0.2", "the first that came under another address or port" },
}

parts.compared_unpaired = {
  about = "Connections at one point only, by reason; each by point.",
  { "outside", "map of integer", "connections", "0.2", "the other capture does not cover their time" },
  { "no_partner", "map of integer", "connections", "0.2", "nothing at the other point is like them" },
  { "unanswered", "map of integer", "connections", "0.2", "nothing but SYNs, which never arrive" },
  { "window", "map of integer", "connections", "0.2", "given up when too many segments waited" },
}

parts.compared_direction = {
  about = "One direction between two points.",
  { "segments_seen_at_both", "integer", "segments", "0.2", "paired" },
  { "bytes_seen_at_both", "integer", "bytes", "0.2", "their payload" },
  { "lost_between", "integer", "segments", "0.2", "passed the first point, never came to the second" },
  { "lost_bytes", "integer", "bytes", "0.2", "their payload" },
  { "lost_kinds", "compared_kinds", "-", "0.2", "of what kind they are" },
  { "injected_between", "integer", "segments", "0.2", "came to the second point, never passed the first" },
  { "injected_kinds", "compared_kinds", "-", "0.2", "of what kind they are" },
  { "missed_by_capture", "map of integer", "segments", "0.2", "passed the point, and its capture does not have them" },
  { "undecided", "integer", "segments", "0.2", "lost or made between, or missed by a capture that missed others" },
  { "outside_capture", "integer", "segments", "0.2", "at one point, while the other capture had not begun or was over" },
  { "duplicated_between", "integer", "segments", "0.2", "one copy more at the second point" },
  { "reordered_between", "integer", "segments", "0.2", "overtaken by one that was sent later" },
  { "resegmented", "map of integer", "segments", "0.2", "which the other point has in other pieces" },
  { "changed", "map of compared_change", "-", "0.2", "what differs: mss, window_scale, sack_permitted, timestamps, "
    .. "sequence_shift, ttl, dscp, ecn, window, flags, ip_id, payload, checksum" },
  { "delay_ms", "durations", "-", "0.2", "of the way between the points, above the smallest" },
  { "frames", "compared_frames", "-", "0.2", "the first of each kind, by point" },
}

parts.compared_kinds = {
  about = "Segments by kind.",
  { "syn", "integer", "segments", "0.2", "SYN, SYN-ACK" },
  { "data", "integer", "segments", "0.2", "with payload" },
  { "fin", "integer", "segments", "0.2", "FIN without payload" },
  { "rst", "integer", "segments", "0.2", "resets" },
  { "ack", "integer", "segments", "0.2", "acknowledgements alone" },
}

parts.compared_frames = {
  about = "Frame numbers by point.",
  { "lost_between", "map of frames", "frame numbers", "0.2", "at the first point" },
  { "injected_between", "map of frames", "frame numbers", "0.2", "at the second point" },
  { "missed_by_capture", "map of frames", "frame numbers", "0.2", "at the point that has them" },
  { "duplicated_between", "map of frames", "frame numbers", "0.2", "the further copies" },
  { "reordered_between", "map of frames", "frame numbers", "0.2", "at both points" },
}

parts.compared_change = {
  about = "One thing that is not the same at both points.",
  { "packets", "integer", "segments", "0.2", "segments that it is changed of" },
  { "connections", "integer", "connections", "0.2", "connections with such segments" },
  { "frames", "map of frames", "frame numbers", "0.2", "the first of each connection, by point" },
  { "before", "integer", "-", "0.2", "of MSS and window scale: the last value at the first point" },
  { "behind", "integer", "-", "0.2", "the same at the second point" },
  { "hops_min", "number", "hops", "0.2", "of the TTL: how much lower it is at the second point, at least" },
  { "hops_max", "number", "hops", "0.2", "and at most" },
}

parts.compared_answers = {
  about = "The waits for answers that both points saw: from the last byte of a request to the first of its answer.",
  { "near_ms", "durations", "-", "0.2", "at the point nearer to the clients" },
  { "far_ms", "durations", "-", "0.2", "at the other: the server, and what lies behind that point" },
  { "between_ms", "durations", "-", "0.2", "what of each is spent between the points" },
}

parts.compared_pair = {
  about = "One connection at both points.",
  { "clients", "map of text", "-", "0.2", "the client's address and port, by point" },
  { "first_frames", "map of integer", "frame numbers", "0.2", "by point" },
  { "packets", "map of integer", "segments", "0.2", "by point" },
  { "start_time", "number", "time", "0.2", "by the clock of the capture given first" },
  { "translated", "boolean", "-", "0.2", "addresses or ports differ" },
  { "sequence_shift", "boolean", "-", "0.2", "sequence numbers differ" },
  { "proxied", "boolean", "-", "0.2", "a proxy ends TCP between the points" },
  { "syn_answered_between", "boolean", "-", "0.2", "something between the points answered its SYN" },
  { "rebound", "boolean", "-", "0.2", "it went on under another address or port at one point" },
  { "client_to_server", "compared_pair_direction", "-", "0.2", "from the client" },
  { "server_to_client", "compared_pair_direction", "-", "0.2", "from the server" },
  { "longest_answer", "compared_answer", "-", "0.2", "the answer that was waited for longest" },
}

parts.compared_pair_direction = {
  about = "One direction of a connection; as in compared direction.",
  { "segments_seen_at_both", "integer", "segments", "0.2", "paired" },
  { "lost_between", "integer", "segments", "0.2", "lost" },
  { "injected_between", "integer", "segments", "0.2", "made" },
  { "missed_by_capture", "integer", "segments", "0.2", "missed by either capture" },
  { "undecided", "integer", "segments", "0.2", "either of these" },
  { "outside_capture", "integer", "segments", "0.2", "not in the time of the other capture" },
  { "duplicated_between", "integer", "segments", "0.2", "doubled" },
}

parts.compared_answer = {
  about = "One answer.",
  { "ms", "map of number", "ms", "0.2", "how long it was waited for, by point" },
  { "frames", "map of integer", "frame numbers", "0.2", "its first frame, by point" },
}

parts.compared_analysis = {
  about = "What follows from a comparison.",
  { "interpretation", "text", "-", "0.2", "one to three sentences" },
  { "findings", "list of compared_finding", "-", "0.2", "the weightiest first" },
}

parts.compared_finding = {
  about = "An opinion on what lies between two points.",
  { "id", "text", "-", "0.2", "which rule it is" },
  { "severity", "text", "-", "0.2", "how bad it is", one_of = { "error", "warning", "info" } },
  { "side", "text", "-", "0.2", "whom it concerns", one_of = { "client", "server", "network", "capture" } },
  { "confidence", "text", "-", "0.2", "how sure it is", one_of = { "high", "medium", "low" } },
  { "text", "text", "-", "0.2", "the sentence" },
  { "between", "list of text", "-", "0.2", "the two points" },
  { "evidence", "compared_evidence", "-", "0.2", "what it rests on" },
  { "single", "list of compared_said", "-", "0.2", "what the captures alone said of the same" },
  { "changes", "text", "-", "0.2", "what of that is settled now" },
  { "settle", "text", "-", "0.2", "what would settle the rest" },
}

parts.compared_evidence = {
  about = "What a finding of a comparison rests on.",
  { "counts", "compared_counts", "-", "0.2", "the numbers" },
  { "frames", "map of frames", "frame numbers", "0.2", "by point" },
  { "display_filters", "map of text", "-", "0.2", "by point: of these frames" },
}

parts.compared_said = {
  about = "A finding of one capture alone.",
  { "point", "text", "-", "0.2", "of which point" },
  { "id", "text", "-", "0.2", "which rule it is" },
  { "side", "text", "-", "0.2", "whom it concerned" },
  { "text", "text", "-", "0.2", "the sentence" },
}

parts.compared_counts = {
  about = "Numbers of findings.",
  { "lost_between", "integer", "segments", "0.2", "lost" },
  { "lost_bytes", "integer", "bytes", "0.2", "their payload" },
  { "segments_seen_at_both", "integer", "segments", "0.2", "paired" },
  { "connections", "integer", "connections", "0.2", "that it concerns" },
  { "silence_ms", "number", "ms", "0.2", "of these connections before that, at least" },
  { "packets", "integer", "segments", "0.2", "that it concerns" },
  { "injected_between", "integer", "segments", "0.2", "made" },
  { "missed_by_capture", "integer", "segments", "0.2", "missed" },
  { "undecided", "integer", "segments", "0.2", "lost or missed" },
  { "duplicated_between", "integer", "segments", "0.2", "doubled" },
  { "reordered_between", "integer", "segments", "0.2", "overtaken" },
  { "resent_lost_before", "integer", "segments", "0.2", "sent again because the first copy never came to this point" },
  { "resent_lost_behind", "integer", "segments", "0.2", "sent again because the first copy was lost behind this point" },
  { "delay_median_ms", "number", "ms", "0.2", "delay above the smallest" },
  { "delay_p95_ms", "number", "ms", "0.2", "the same, 95th percentile" },
  { "delay_max_ms", "number", "ms", "0.2", "the same, the longest" },
  { "answers", "integer", "samples", "0.2", "answers that both points saw" },
  { "near_median_ms", "number", "ms", "0.2", "waits at the nearer point" },
  { "far_median_ms", "number", "ms", "0.2", "waits at the farther point" },
  { "between_median_ms", "number", "ms", "0.2", "the part between" },
  { "steps", "integer", "-", "0.2", "of a clock" },
}

-- What lies between two points stands in the comparison itself.
for _, entry in ipairs(parts.compared_stretch) do
  parts.comparison[#parts.comparison + 1] = entry
end

return parts
