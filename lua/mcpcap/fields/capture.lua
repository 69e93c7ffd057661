--- Keys of the ledger: what was read, and how well.
-- @module mcpcap.fields.capture

local parts = {}

parts.capture = {
  about = "What was read, and how well. `frames` is the sum of `matched_frames`, `other_tcp_frames`, `not_tcp_frames`, "
    .. "`undecoded_frames`, `fragment_frames`, `sliced_header_frames` and `malformed_frames`.",
  { "format", "text", "-", "0.1", "format of the first input" },
  { "compression", "text", "-", "0.1", "its outermost compression; absent without one" },
  { "reader", "text", "-", "0.1", "how records were read", one_of = { "mapped", "read", "stream", "libpcap" } },
  { "nanoseconds", "boolean", "-", "0.1", "times are finer than microseconds" },
  { "byte_swapped", "boolean", "-", "0.1", "written on a machine with the other byte order" },
  { "snaplen", "integer", "size", "0.1", "the snapshot length; absent where there is none" },
  { "interfaces", "integer", "interfaces", "0.1", "interfaces that the inputs name" },
  { "inputs", "integer", "inputs", "0.1", "inputs read as one capture" },
  { "link_types", "list of link_type", "-", "0.1", "frames by link type" },
  { "frames", "integer", "frames", "0.1", "frames read and not left out" },
  { "matched_frames", "integer", "frames", "0.1", "with a segment of this server" },
  { "other_tcp_frames", "integer", "frames", "0.1", "with TCP of others" },
  { "not_tcp_frames", "integer", "frames", "0.1", "of other protocols" },
  { "undecoded_frames", "integer", "frames", "0.1", "of a link type that is not understood" },
  { "fragment_frames", "integer", "frames", "0.1", "IP fragments that complete no datagram" },
  { "sliced_header_frames", "integer", "frames", "0.2", "captured so short that their headers are not whole" },
  { "malformed_frames", "integer", "frames", "0.1", "whose lengths contradict each other" },
  { "filtered_frames", "integer", "frames", "0.1", "left out by the filter or the time window; not in `frames`" },
  { "outside_window_frames", "integer", "frames", "0.2", "of these, outside the time window" },
  { "filter_unfit_frames", "integer", "frames", "0.1",
    "of these, of a link type that the filter cannot be compiled for" },
  { "tcp_segments", "integer", "segments", "0.1", "TCP segments in all frames" },
  { "matched_segments", "integer", "segments", "0.1", "of this server" },
  { "icmp_quoted", "integer", "segments", "0.1", "TCP headers that ICMP errors quote (IN-12)" },
  { "malformed_segments", "integer", "segments", "0.1", "no valid TCP header (IN-8)" },
  { "sliced_headers", "integer", "segments", "0.2", "less than 20 bytes of the TCP header captured (IN-9)" },
  { "incomplete_fragments", "integer", "datagrams", "0.1", "IP datagrams of which fragments are missing" },
  { "reassembled_datagrams", "integer", "datagrams", "0.1", "IP datagrams put together" },
  { "too_deep", "integer", "frames", "0.1", "nested deeper than is followed" },
  { "bad_ip_checksums", "integer", "frames", "0.1", "wrong IPv4 header checksums; only with `verify_checksums`" },
  { "sliced_frames", "integer", "frames", "0.2", "captured shorter than on the wire (by the snapshot length)" },
  { "sliced_bytes", "integer", "bytes", "0.2", "the bytes of theirs that are not in the file" },
  { "timeless_frames", "integer", "frames", "0.2",
    "in blocks that carry no time (pcapng's Simple Packet Blocks): they have no part in any time here" },
  { "record_frames", "integer", "frames", "0.2",
    "of `not_tcp_frames`: records that are no packets and that Wireshark numbers as frames (a journal's entries)" },
  { "inner_length_frames", "integer", "frames", "0.2",
    "of `not_tcp_frames`: packets in GTP-U that Wireshark 4.6, whose rules were chosen, does not look into, because the "
      .. "inner IP packet is not just as long as what the tunnel carries" },
  { "compressed_frames", "integer", "frames", "0.2",
    "of `not_tcp_frames`: packets whose IP payload is compressed (IPComp) and not looked into" },
  { "overlong_ip_frames", "integer", "frames", "0.2", "IP headers whose length goes beyond the frame's stated length" },
  { "max_regression_ms", "number", "ms", "0.2", "the largest step back in time; absent without one" },
  { "time_regressions", "integer", "segments", "0.1", "segments that are earlier than the one of their connection before" },
  { "port_reuses", "integer", "connections", "0.1", "connections begun on a pair of ends that was in use" },
  { "connections_not_kept", "integer", "segments", "0.1", "segments that began a connection past `max_connections`" },
  { "short_of_memory", "boolean", "-", "0.2",
    "true: of `connections_not_kept`, because no memory was left for them; absent where it is `max_connections` that bounds them" },
  { "dropped_by_capture", "integer", "frames", "0.1", "the capturing system dropped; absent where it does not say" },
  { "bytes_read", "integer", "bytes", "0.1", "of the inputs, as they are stored" },
  { "bytes_total", "integer", "bytes", "0.1", "their size; absent where it is not known" },
  { "inflated_bytes", "integer", "bytes", "0.2", "of the capture, after decompression" },
  { "first_time", "number", "time", "0.1", "the earliest frame; absent without one" },
  { "last_time", "number", "time", "0.1", "the latest frame" },
  { "duration_ms", "number", "ms", "0.2", "between them" },
  { "truncated", "truncated", "-", "0.1", "only where the capture ends early or is damaged" },
  { "stopped", "stopped", "-", "0.1", "only where a limit ended the work" },
}

parts.link_type = {
  about = "Frames of one link type.",
  { "number", "integer", "-", "0.1", "LINKTYPE_ number" },
  { "name", "text", "-", "0.1", "its name" },
  { "decoded", "boolean", "-", "0.1", "its frames are understood" },
  { "frames", "integer", "frames", "0.1", "how many" },
}

parts.truncated = {
  about = "Why and where the capture ends early.",
  { "reason", "text", "-", "0.1", "why" },
  { "input", "text", "-", "0.1", "which input" },
  { "offset", "integer", "bytes", "0.1", "from its beginning, after decompression" },
}

parts.stopped = {
  about = "Which limit ended the work.",
  { "reason", "text", "-", "0.1", "code, as of errors", one_of = { "limit", "timeout", "cancelled" } },
  { "message", "text", "-", "0.1", "in words" },
}

return parts
