--- Keys of a connection that is told segment by segment.
-- @module mcpcap.fields.told

local parts = {}

parts.told_connection = {
  about = "What `connection` returns.",
  { "schema_version", "text", "-", "0.2", "version of this shape" },
  { "kind", "text", "-", "0.2", "connection" },
  { "status", "text", "-", "0.2", "ok: there is such a connection, else there is no result" },
  { "file", "text", "-", "0.2", "what the caller passed" },
  { "files", "list of text", "-", "0.2", "the same one by one, where there are several" },
  { "analysis_timestamp", "text", "-", "0.2", "when this was made: ISO 8601, UTC" },
  { "rules", "text", "-", "0.2", "the rule set that `labels` follow" },
  { "server", "text", "-", "0.2", "address and port" },
  { "server_ip", "text", "-", "0.2", "its address" },
  { "server_port", "integer", "-", "0.2", "its port" },
  { "client", "text", "-", "0.2", "address and port" },
  { "number", "integer", "-", "0.2", "its place among the connections of the server in the order in which they began; 1 is the first" },
  { "connection_count", "integer", "connections", "0.2", "of the server, in all" },
  { "others_of_pair", "integer", "connections", "0.2", "between the same ports, before or after it" },
  { "other_frames", "frames", "frame numbers", "0.2", "first frame of each of these; the first five" },
  { "total_packets", "integer", "frames", "0.2", "frames read" },
  { "interpretation", "text", "-", "0.2", "one or two sentences" },
  { "dns", "connection_dns", "-", "0.2", "the name that the client had asked for, as in the row; absent without one" },
  { "tls", "told_tls", "-", "0.2", "what TLS says in plain text; absent without TLS, and past the fourth connection "
    .. "between the same ports" },
  { "connection", "connection", "-", "0.2", "its row, as in the result" },
  { "segments", "list of told_segment", "-", "0.2", "its segments in order; where some are left out a row says so" },
  { "segment_count", "integer", "segments", "0.2", "of this connection" },
  { "segments_shown", "integer", "segments", "0.2", "rows that are segments" },
  { "segments_not_kept", "integer", "segments", "0.2", "between the same ports, past the 500,000 that are kept" },
  { "capture", "capture", "-", "0.2", "what was read, and how well" },
}

parts.told_tls = {
  about = "What TLS says in plain text; absent keys were not seen.",
  { "client_hello_frame", "integer", "frame numbers", "0.2", "frame in which the ClientHello ends" },
  { "offered", "text", "-", "0.2", "the best version that it offers, such as TLS 1.3" },
  { "sni", "text", "-", "0.2", "the name of the server that it asks for; what is no plain character is a dot" },
  { "alpn_offered", "text", "-", "0.2", "the first protocol that it offers" },
  { "resumption", "boolean", "-", "0.2", "it offers a key of an earlier session (pre_shared_key)" },
  { "early_data", "boolean", "-", "0.2", "data of the client follows at once" },
  { "encrypted_hello", "boolean", "-", "0.2", "part of it is encrypted, or made to look so: the name is then not the real one" },
  { "server_hello_frame", "integer", "frame numbers", "0.2", "frame of the ServerHello" },
  { "version", "text", "-", "0.2", "the version that is chosen" },
  { "alpn", "text", "-", "0.2", "the protocol that is chosen; TLS 1.3 does not say so in plain text" },
  { "server_hello_ms", "number", "ms", "0.2", "from the ClientHello to the ServerHello" },
  { "retry_frame", "integer", "frame numbers", "0.2", "the server asked for another ClientHello" },
  { "first_data_ms", "number", "ms", "0.2", "from the ClientHello to the first record of data by the server; those of TLS 1.3 "
    .. "begin with the encrypted handshake" },
  { "alerts", "list of told_alert", "-", "0.2", "those in plain text; the first four" },
}

parts.told_alert = {
  about = "A TLS alert.",
  { "frame", "integer", "frame numbers", "0.2", "its frame" },
  { "from", "text", "-", "0.2", "who sent it", one_of = { "client", "server" } },
  { "name", "text", "-", "0.2", "as in RFC 8446, 6" },
  { "fatal", "boolean", "-", "0.2", "false: a warning" },
}

parts.told_segment = {
  about = "One segment, or (`skipped` alone) those that are left out in its place.",
  { "skipped", "told_skipped", "-", "0.2", "what is not shown here" },
  { "frame", "integer", "frame numbers", "0.2", "its frame" },
  { "time_ms", "number", "ms", "0.2", "since the first segment; absent where the frame carries no time" },
  { "from", "text", "-", "0.2", "who sent it", one_of = { "client", "server" } },
  { "flags", "text", "-", "0.2", "such as SYN ACK" },
  { "seq", "integer", "-", "0.2", "sequence number from the sender's first one on, as Wireshark shows it" },
  { "ack", "integer", "-", "0.2", "acknowledgement number likewise; absent without the flag" },
  { "payload_bytes", "integer", "bytes", "0.2", "TCP payload" },
  { "window", "integer", "size", "0.2", "receive window, scaled where the scale is known" },
  { "options", "told_options", "-", "0.2", "options that matter here" },
  { "labels", "list of text", "-", "0.2", "what the rules say of it: names as in Wireshark's `tcp.analysis.*`" },
  { "duplicate_ack_number", "integer", "-", "0.2", "which of a run it is" },
  { "verdict", "text", "-", "0.2", "what a late segment really was; absent where it is not late",
    one_of = { "resent", "reordered", "duplicated", "undecided", "not_late" } },
  { "verdict_by", "text", "-", "0.2", "what decided, as in late segments of the result",
    one_of = { "repetition", "copy", "timestamp", "ip_id", "ack", "time" } },
  { "cause", "text", "-", "0.2", "why data was sent again: a key of resent causes" },
  { "since_first_ms", "number", "ms", "0.2", "of a late one: since its first copy" },
  { "copy", "boolean", "-", "0.2", "true: the same packet was captured less than a second before" },
  { "answer_ms", "number", "ms", "0.2", "first data after data of the other side: since the latest of that" },
  { "says", "text", "-", "0.2", "what its payload begins with: a line of HTTP/1 without what follows a `?`, a TLS record" },
  { "why", "text", "-", "0.2", "the verdict in words" },
}

parts.told_options = {
  about = "TCP options of one segment.",
  { "mss", "integer", "size", "0.2", "maximum segment size" },
  { "window_scale", "integer", "bits", "0.2", "shift" },
  { "sack_permitted", "boolean", "-", "0.2", "true: SACK may be used" },
  { "timestamp", "integer", "-", "0.2", "TSval" },
  { "timestamp_echo", "integer", "-", "0.2", "TSecr" },
  { "sack", "list of integer", "-", "0.2", "left and right edge of each block, numbered as `ack`" },
}

parts.told_skipped = {
  about = "Segments that are not shown.",
  { "segments", "integer", "segments", "0.2", "how many" },
  { "first_frame", "integer", "frame numbers", "0.2", "frame of the first" },
  { "last_frame", "integer", "frame numbers", "0.2", "frame of the last" },
  { "payload_bytes", "pair of integer", "bytes", "0.2", "of the two sides" },
  { "duration_ms", "number", "ms", "0.2", "from the first to the last" },
}

return parts
