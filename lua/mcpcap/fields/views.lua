--- Keys of the views of the sibling tools: `analyze_tcp_connections`,
-- `analyze_tcp_anomalies`, `analyze_tcp_retransmissions`.
-- @module mcpcap.fields.views

local parts = {}

parts.view = {
  about = "What each view begins with.",
  { "schema_version", "text", "-", "0.1", "version of this shape" },
  { "file", "text", "-", "0.1", "as in the result" },
  { "analysis_timestamp", "text", "-", "0.1", "when this was made: ISO 8601, UTC" },
  { "status", "text", "-", "0.1", "as in the result", one_of = { "ok", "no_match", "no_tcp" } },
  { "rules", "text", "-", "0.1", "the rule set that the counters follow" },
  { "message", "text", "-", "0.1", "why there is nothing" },
  { "server", "text", "-", "0.1", "the server that was analysed" },
  { "server_chosen", "boolean", "-", "0.1", "it was not asked for: it is the busiest of this capture" },
  { "other_servers", "list of other_server", "-", "0.1", "the busiest first; only with `server_chosen`" },
  { "other_servers_total", "integer", "servers", "0.1", "how many others there are; likewise" },
  { "filter", "view_filter", "-", "0.1", "what was asked for" },
  { "total_packets", "integer", "frames", "0.1", "frames read; of the retransmissions: segments of this server" },
  { "tcp_packets_found", "integer", "segments", "0.1", "segments of this server" },
  { "packets_analyzed", "integer", "frames", "0.1", "frames read" },
  { "max_packets", "integer", "frames", "0.1", "the limit; absent without one" },
  { "truncated", "boolean", "-", "0.1", "only a part was read" },
  { "capture", "capture", "-", "0.1", "what was read, and how well" },
}

parts.other_server = {
  about = "Another server of the capture.",
  { "server", "text", "-", "0.1", "its address" },
  { "packets", "integer", "segments", "0.1", "segments to and from it" },
  { "ports", "list of integer", "-", "0.1", "its ports" },
}

parts.view_filter = {
  about = "What was asked for.",
  { "server_ip", "text", "-", "0.1", "absent where none was named" },
  { "server_port", "integer", "-", "0.1", "likewise" },
}

parts.view_connections = {
  about = "`analyze_tcp_connections`, beside the keys of every view.",
  { "summary", "view_connections_summary", "-", "0.1", "sums over all connections" },
  { "connections", "list of view_connection", "-", "0.1", "the most telling first" },
  { "connections_shown", "integer", "connections", "0.1", "of `summary.total_connections`" },
  { "issues", "list of text", "-", "0.1", "in words" },
}

parts.view_connections_summary = {
  about = "Sums over all connections.",
  { "total_connections", "integer", "connections", "0.1", "in all" },
  { "successful_handshakes", "integer", "connections", "0.1", "handshakes completed" },
  { "failed_handshakes", "integer", "connections", "0.1", "with a SYN, and not completed" },
  { "established_connections", "integer", "connections", "0.1", "handshakes completed" },
  { "reset_connections", "integer", "connections", "0.1", "that ended by a reset" },
  { "normal_close", "integer", "connections", "0.1", "that both sides closed" },
  { "active_connections", "integer", "connections", "0.1", "the others" },
  { "mid_stream_connections", "integer", "connections", "0.1", "whose beginning was not captured" },
}

parts.view_connection = {
  about = "One connection.",
  { "client", "text", "-", "0.1", "address and port" },
  { "server", "text", "-", "0.1", "address and port" },
  { "state", "text", "-", "0.1", "closed or not", one_of = { "closed", "active" } },
  { "state_code", "text", "-", "0.1", "as Zeek names it" },
  { "state_text", "text", "-", "0.1", "the same in words" },
  { "handshake_completed", "boolean", "-", "0.1", "SYN, SYN-ACK and its acknowledgement were seen" },
  { "syn_count", "integer", "segments", "0.1", "SYN-ACK included" },
  { "syn_ack_count", "integer", "segments", "0.1", "1 when one was seen" },
  { "ack_count", "integer", "segments", "0.1", "segments that are neither SYN nor RST" },
  { "rst_count", "integer", "segments", "0.1", "segments with RST" },
  { "fin_count", "integer", "segments", "0.1", "sides that sent one" },
  { "data_packets", "integer", "segments", "0.1", "segments with payload" },
  { "retransmissions", "integer", "segments", "0.1", "rules 14, 15, 17" },
  { "close_reason", "text", "-", "0.1", "how it ended", one_of = { "reset", "normal", "active", "unknown" } },
  { "packet_count", "integer", "segments", "0.1", "segments" },
  { "byte_count", "integer", "bytes", "0.1", "bytes on the wire" },
  { "duration_ms", "number", "ms", "0.1", "from its first segment to its last" },
  { "first_frame", "integer", "frame numbers", "0.1", "its first frame" },
  { "initiated_by_server", "boolean", "-", "0.1", "the server opened it" },
}

parts.view_anomalies = {
  about = "`analyze_tcp_anomalies`, beside the keys of every view.",
  { "statistics", "view_statistics", "-", "0.1", "counts" },
  { "patterns", "list of view_pattern", "-", "0.1", "patterns in them; no diagnosis" },
  { "summary", "view_anomalies_summary", "-", "0.1", "the patterns in short" },
}

parts.view_statistics = {
  about = "Counts over both directions.",
  { "total_connections", "integer", "connections", "0.1", "in all" },
  { "total_packets", "integer", "segments", "0.1", "segments of this server" },
  { "handshake", "map of integer", "connections", "0.1", "`attempted`, `successful`, `failed`, `incomplete`" },
  { "flags", "map of integer", "segments", "0.1", "`syn`, `syn_ack`, `rst`, `fin`, `ack`" },
  { "rst_distribution", "view_rst_distribution", "-", "0.1", "who sent resets" },
  { "retransmissions", "view_resent", "-", "0.1", "what was sent again" },
  { "connection_states", "map of integer", "connections", "0.1", "`established`, `reset`, `closed`, `unknown`" },
}

parts.view_rst_distribution = {
  about = "Who sent resets.",
  { "by_source", "map of integer", "segments", "0.1", "resets by address, the first ten clients" },
  { "by_direction", "map of integer", "segments", "0.1", "`to_server`, `from_server`, `unknown`" },
  { "connections_with_rst", "list of text", "-", "0.1", "as client <-> server; the first ten" },
  { "connections_with_rst_total", "integer", "connections", "0.1", "among the rows that were looked at" },
}

parts.view_resent = {
  about = "What was sent again.",
  { "total", "integer", "segments", "0.1", "retransmissions" },
  { "rate", "number", "share", "0.1", "of all packets" },
  { "by_connection", "map of integer", "segments", "0.1", "as client <-> server; the first ten" },
}

parts.view_pattern = {
  about = "A pattern.",
  { "pattern", "text", "-", "0.1", "which" },
  { "category", "text", "-", "0.1", "of which kind" },
  { "description", "text", "-", "0.1", "in words" },
  { "observations", "view_observations", "-", "0.1", "what it rests on" },
}

parts.view_observations = {
  about = "What a pattern rests on; each has some of these.",
  { "affected_connections", "list of text", "-", "0.1", "as client <-> server; the first ten" },
  { "by_connection", "map of integer", "segments", "0.1", "retransmissions, as client <-> server; the first ten" },
  { "rst_to_server", "integer", "segments", "0.1", "resets towards the server" },
  { "rst_from_server", "integer", "segments", "0.1", "resets from the server" },
  { "ratio", "number", "share", "0.1", "of the resets that go towards the server" },
  { "total_retransmissions", "integer", "segments", "0.1", "retransmissions" },
  { "total_packets", "integer", "segments", "0.1", "segments of this server" },
  { "rate", "number", "share", "0.1", "retransmissions of all packets" },
  { "threshold", "number", "share", "0.1", "above which it is called high" },
  { "exceeds_threshold", "boolean", "-", "0.1", "it is" },
  { "successful", "integer", "connections", "0.1", "handshakes completed" },
  { "failed", "integer", "connections", "0.1", "handshakes not completed" },
  { "failure_rate", "number", "share", "0.1", "of those attempted" },
  { "reset_count", "integer", "connections", "0.1", "that ended by a reset" },
  { "normal_close", "integer", "connections", "0.1", "that both sides closed" },
  { "total_connections", "integer", "connections", "0.1", "in all" },
  { "reset_rate", "number", "share", "0.1", "of them that ended by a reset" },
  { "syn_count", "integer", "segments", "0.1", "SYNs without ACK" },
  { "syn_ack_count", "integer", "segments", "0.1", "SYN-ACKs" },
  { "response_ratio", "number", "share", "0.1", "SYN-ACKs of the SYNs" },
}

parts.view_anomalies_summary = {
  about = "The patterns in short.",
  { "total_patterns", "integer", "patterns", "0.1", "how many" },
  { "by_category", "map of integer", "patterns", "0.1", "by kind" },
  { "notable_observations", "list of view_notable", "-", "0.1", "the strongest" },
}

parts.view_notable = {
  about = "A strong pattern.",
  { "type", "text", "-", "0.1", "which" },
  { "detail", "text", "-", "0.1", "in words" },
}

parts.view_retransmissions = {
  about = "`analyze_tcp_retransmissions`, beside the keys of every view.",
  { "total_retransmissions", "integer", "segments", "0.1", "rules 14, 15, 17, both directions" },
  { "retransmission_rate", "number", "share", "0.1", "of all packets of this server" },
  { "threshold", "number", "share", "0.1", "above which it is called high" },
  { "exceeds_threshold", "boolean", "-", "0.1", "it is" },
  { "by_connection", "list of view_lossy", "-", "0.1", "the ten worst" },
  { "by_direction", "view_directions", "-", "0.1", "each direction" },
  { "summary", "view_retransmissions_summary", "-", "0.1", "in short" },
}

parts.view_lossy = {
  about = "A connection with retransmissions.",
  { "connection", "text", "-", "0.1", "as client <-> server" },
  { "retrans_count", "integer", "segments", "0.1", "retransmissions" },
  { "retrans_to_server", "integer", "segments", "0.1", "of them towards the server" },
  { "retrans_to_client", "integer", "segments", "0.1", "of them towards the client" },
  { "total_packets", "integer", "segments", "0.1", "its segments" },
  { "retrans_rate", "number", "share", "0.1", "retransmissions of its segments" },
  { "first_frame", "integer", "frame numbers", "0.1", "its first frame" },
}

parts.view_directions = {
  about = "Both directions.",
  { "client_to_server", "view_direction", "-", "0.1", "of the clients" },
  { "server_to_client", "view_direction", "-", "0.1", "of the server" },
}

parts.view_direction = {
  about = "One direction, with keys as in the result.",
  { "data_packets", "integer", "segments", "0.1", "segments with payload" },
  { "retransmissions", "integer", "segments", "0.1", "rules 14, 15, 17" },
  { "retransmission_rate", "number", "share", "0.1", "of the segments with data; absent without" },
  { "resent", "integer", "segments", "0.1", "as in `late_segments`" },
  { "reordered", "integer", "segments", "0.1", "as in `late_segments`" },
  { "duplicated", "integer", "segments", "0.1", "as in `late_segments`" },
  { "undecided", "integer", "segments", "0.1", "as in `late_segments`" },
}

parts.view_retransmissions_summary = {
  about = "The retransmissions in short.",
  { "worst_connection", "text", "-", "0.1", "as client <-> server; empty without one" },
  { "worst_retrans_rate", "number", "share", "0.1", "its rate" },
  { "connections_above_threshold", "integer", "connections", "0.1", "above `threshold`" },
  { "connections_examined", "integer", "connections", "0.1", "rows that were looked at" },
  { "connections_total", "integer", "connections", "0.1", "in all" },
}

return parts
