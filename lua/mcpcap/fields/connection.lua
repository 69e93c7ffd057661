--- Keys of a connection row, and of the sums over all connections.
-- @module mcpcap.fields.connection

local parts = {}

local SIDES = { "client", "server" }

parts.connection = {
  about = "One connection, `connections[]`.",
  { "client", "text", "-", "0.1", "address and port of the client" },
  { "server", "text", "-", "0.1", "address and port of the server" },
  { "client_ip", "text", "-", "0.1", "the client's address" },
  { "client_port", "integer", "-", "0.1", "the client's port" },
  { "server_port", "integer", "-", "0.1", "the server's port" },
  { "outcome", "connection_outcome", "-", "0.2", "what became of it (section 11 of [rules.md](rules.md))" },
  { "state", "text", "-", "0.1", "as in Zeek's conn.log (section 7 of [rules.md](rules.md))" },
  { "state_text", "text", "-", "0.1", "the same in words" },
  { "history", "text", "-", "0.1", "what passed, a letter each, the opener's in capitals" },
  { "history_complete", "boolean", "-", "0.1", "false: more passed than there is room for" },
  { "initiated_by_server", "boolean", "-", "0.1", "the server opened it" },
  { "mid_stream", "boolean", "-", "0.1", "its beginning was not captured" },
  { "port_reused", "boolean", "-", "0.1", "it began on a pair of ends that was in use" },
  { "approximate_bytes", "boolean", "-", "0.1", "byte counts are approximate: too many holes" },
  { "approximate_rtt", "boolean", "-", "0.1", "round-trip samples were given up: too much unacknowledged" },
  { "first_frame", "integer", "frame numbers", "0.1", "its first frame" },
  { "first_time", "number", "time", "0.1", "when it began" },
  { "first_ms", "number", "ms", "0.1", "when it began, after the first frame of the capture" },
  { "last_ms", "number", "ms", "0.1", "when it was last seen, likewise" },
  { "duration_ms", "number", "ms", "0.1", "between them" },
  { "completeness", "integer", "-", "0.1", "tshark's sum: 1 SYN, 2 SYN-ACK, 4 acknowledgement, 8 data, 16 FIN, 32 RST" },
  { "max_idle_ms", "number", "ms", "0.1", "its longest silence; 0 below 10 ms" },
  { "idle_gaps", "integer", "silences", "0.1", "silences of more than a second" },
  { "closed_by", "text", "-", "0.1", "who sent the first FIN or RST; absent without one", one_of = SIDES },
  { "closed_with", "text", "-", "0.1", "which it was", one_of = { "fin", "rst" } },
  { "handshake", "connection_handshake", "-", "0.1", "how it was opened" },
  { "irtt_ms", "number", "ms", "0.1", "rule 23: `tcp.analysis.initial_rtt`" },
  { "ecn", "text", "-", "0.1", "absent where the SYN was not seen", one_of = { "negotiated", "offered", "none" } },
  { "window_scaling", "boolean", "-", "0.1", "both sides offered it; absent without both SYNs" },
  { "sack", "boolean", "-", "0.1", "both sides offered SACK; likewise" },
  { "timestamps", "boolean", "-", "0.1", "both sides offered timestamps; likewise" },
  { "reset", "connection_reset", "-", "0.1", "the first reset; absent without one" },
  { "server_response_ms", "durations", "ms", "0.2",
    "last byte of a request to the first byte of the answer; absent without one" },
  { "client_to_server", "connection_direction", "-", "0.1", "what the client sent" },
  { "server_to_client", "connection_direction", "-", "0.1", "what the server sent" },
  { "score", "number", "-", "0.1", "how telling it is: the order of the rows" },
}

parts.connection_outcome = {
  about = "What became of a connection; each has exactly one outcome.",
  { "code", "text", "-", "0.2", "which (section 11 of [rules.md](rules.md))" },
  { "text", "text", "-", "0.2", "the same in words" },
  { "by", "text", "-", "0.2", "the side that it is about", one_of = SIDES },
  { "ms", "number", "ms", "0.2", "the outcome's measure of time, 0 where it has none" },
  { "bytes", "integer", "bytes", "0.2", "the outcome's measure of data, 0 where it has none" },
}

parts.connection_handshake = {
  about = "How a connection was opened; what was not seen is absent.",
  { "syn_synack_ms", "number", "ms", "0.1", "from the latest SYN before the SYN-ACK that answers it" },
  { "synack_ack_ms", "number", "ms", "0.1", "from the latest SYN-ACK before the ACK that answers it" },
  { "total_ms", "number", "ms", "0.1", "both together" },
  { "syn_retransmits", "integer", "segments", "0.1", "SYNs after the first, copies by the capture left out" },
}

parts.connection_reset = {
  about = "The first reset of a connection.",
  { "by", "text", "-", "0.1", "in whose name it came", one_of = SIDES },
  { "phase", "text", "-", "0.1", "when it came, as in `analysis.resets`" },
  { "frame", "integer", "frame numbers", "0.1", "its frame" },
  { "after_ms", "number", "ms", "0.1", "since the segment before it" },
  { "ttl", "integer", "hops", "0.1", "its TTL or hop limit" },
  { "signs", "list of text", "-", "0.1", "signs of another sender, as in `analysis.resets.signs`" },
}

parts.connection_direction = {
  about = "What one side of a connection sent; keys as in a direction.",
  { "packet_count", "integer", "segments", "0.1", "segments" },
  { "byte_count", "integer", "bytes", "0.1", "lengths of their frames on the wire" },
  { "payload_bytes", "integer", "bytes", "0.1", "TCP payload" },
  { "unique_bytes", "integer", "bytes", "0.1", "stream bytes seen, each once" },
  { "retransmitted_bytes", "integer", "bytes", "0.1", "stream bytes seen again" },
  { "missing_bytes", "integer", "bytes", "0.1", "stream bytes never seen, below ones that were" },
  { "data_packets", "integer", "segments", "0.1", "segments with payload" },
  { "retransmissions", "integer", "segments", "0.1", "rules 14, 15, 17" },
  { "out_of_order", "integer", "segments", "0.1", "rule 16" },
  { "rst_count", "integer", "segments", "0.1", "segments with RST" },
  { "resent", "integer", "segments", "0.1", "as in `late_segments`" },
  { "reordered", "integer", "segments", "0.1", "as in `late_segments`" },
  { "duplicated", "integer", "segments", "0.1", "as in `late_segments`" },
  { "zero_windows", "integer", "segments", "0.1", "rule 2" },
  { "zero_window_ms", "number", "ms", "0.1", "how long its window was closed, summed" },
  { "throughput_bps", "number", "bit/s", "0.1", "payload by the connection's duration; absent when that is 0" },
  { "goodput_bps", "number", "bit/s", "0.1", "`unique_bytes` likewise" },
  { "ttl", "integer", "hops", "0.1", "greatest TTL or hop limit; absent where not known" },
  { "max_window", "integer", "bytes", "0.1", "greatest scaled window; absent while the scale is not known" },
  { "rtt_ms", "durations", "ms", "0.1", "round trips of its data: `count`, `min`, `mean`; absent without a sample" },
  { "initial_window", "integer", "bytes", "0.1", "of its SYN or SYN-ACK; absent where not seen" },
  { "sack_permitted", "boolean", "-", "0.1", "likewise" },
  { "timestamps", "boolean", "-", "0.1", "likewise" },
  { "mss", "integer", "size", "0.1", "likewise" },
  { "window_scale", "integer", "bits", "0.1", "likewise" },
}

parts.connection_sums = {
  about = "Sums over all connections of the server, not only those that are shown.",
  { "outcomes", "map of pair of outcome", "-", "0.2",
    "what became of them (section 11 of [rules.md](rules.md)), by code and by the side that it is about; absent where none" },
  { "untold", "integer", "connections", "0.2", "no memory for what is kept of odd ones: these have the plainest outcome" },
  { "states", "map of integer", "connections", "0.1", "connections by state" },
  { "opened_by", "pair of integer", "connections", "0.2", "connections by who opened them" },
  { "mid_stream", "integer", "connections", "0.1", "whose beginning was not captured" },
  { "clients", "integer", "addresses", "0.1", "distinct client addresses" },
  { "clients_exact", "boolean", "-", "0.1", "false: `clients` is an estimate (standard error 1.6 %)" },
  { "server_ports", "integer", "ports", "0.1", "distinct server ports" },
  { "with_data", "integer", "connections", "0.1", "that carried payload" },
  { "one_sided", "pair of integer", "connections", "0.1", "in use, and only this side was captured" },
  { "idle_gaps", "integer", "silences", "0.1", "silences of more than a second" },
  { "max_idle_ms", "number", "ms", "0.1", "the longest" },
  { "silent_answers", "integer", "connections", "0.1", "a request, acknowledged, and not a byte of answer" },
  { "max_silence_ms", "number", "ms", "0.1", "the longest such wait" },
  { "silent_frames", "frames", "frame numbers", "0.1", "first frames of such connections" },
  { "unaccepted", "integer", "connections", "0.1",
    "the SYN-ACK came again although the last step of the handshake had passed" },
  { "unaccepted_idle", "integer", "connections", "0.1",
    "of them: the client has sent no data, so a server may wait for it on purpose" },
  { "unaccepted_frames", "frames", "frame numbers", "0.1", "first frames of such connections" },
  { "with_zero_window", "pair of integer", "connections", "0.2", "on which this side closed its window" },
  { "lossy", "pair of integer", "connections", "0.1", "on which this side sent segments again" },
  { "black_hole", "pair of integer", "connections", "0.1",
    "full-size segments of this side sent again and again in vain, small ones pass" },
  { "black_hole_bytes", "pair of integer", "size", "0.2", "the length of those segments" },
  { "black_hole_frames", "pair of frames", "frame numbers", "0.2", "some of those segments" },
  { "vanished_bytes", "pair of integer", "bytes", "0.1",
    "that this side's sequence numbers have passed, and that were neither captured nor acknowledged" },
  { "with_vanished_bytes", "pair of integer", "connections", "0.2", "connections with such bytes" },
  { "with_incomplete_history", "integer", "connections", "0.2", "more passed than `history` has room for" },
  { "with_approximate_bytes", "integer", "connections", "0.2", "byte counts are approximate: too many holes" },
  { "with_approximate_rtt", "integer", "connections", "0.2", "round-trip samples were given up" },
  { "options", "options", "-", "0.1", "what SYNs offered, and what was agreed" },
}

parts.outcome = {
  about = "What became of connections, of one code and side.",
  { "connections", "integer", "connections", "0.2", "how many" },
  { "shortest_ms", "number", "ms", "0.2", "the least measure of time among them" },
  { "longest_ms", "number", "ms", "0.2", "the greatest" },
  { "bytes", "integer", "bytes", "0.2", "their measures of data, summed" },
  { "frames", "frames", "frame numbers", "0.2", "the first frames that show it" },
}

parts.options = {
  about = "Options of the connections of which both SYN and SYN-ACK were seen.",
  { "both_syns", "integer", "connections", "0.1", "how many those are" },
  { "scale_offered", "integer", "connections", "0.1", "the opener offered window scaling" },
  { "scale_agreed", "integer", "connections", "0.1", "both did" },
  { "sack_offered", "integer", "connections", "0.1", "the opener offered SACK" },
  { "sack_agreed", "integer", "connections", "0.1", "both did" },
  { "ts_offered", "integer", "connections", "0.1", "the opener offered timestamps" },
  { "ts_agreed", "integer", "connections", "0.1", "both did" },
  { "ecn_offered", "integer", "connections", "0.1", "the opener offered ECN" },
  { "ecn_agreed", "integer", "connections", "0.1", "both did" },
  { "client", "offer", "-", "0.1", "what the client's SYNs say" },
  { "server", "offer", "-", "0.1", "what the server's SYNs say" },
}

parts.offer = {
  about = "What the SYNs and SYN-ACKs of one side say, where all say the same.",
  { "syns", "integer", "connections", "0.1", "connections of which this side's SYN was seen" },
  { "initial_window", "integer", "bytes", "0.1", "the window; absent where they differ" },
  { "mss", "integer", "size", "0.1", "the MSS; absent where they differ" },
  { "mss_min", "integer", "size", "0.2", "the smallest MSS; absent where none told one" },
  { "mss_max", "integer", "size", "0.2", "the largest MSS" },
  { "window_scale", "integer", "bits", "0.1", "the window scale; absent where they differ" },
  { "sack_permitted", "boolean", "-", "0.1", "SACK permitted; absent where they differ" },
  { "timestamps", "boolean", "-", "0.1", "timestamps offered; absent where they differ" },
}

return parts
