--- Keys of the result itself, and of its small parts.
-- @module mcpcap.fields.result

local parts = {}

local STATUS = { "ok", "no_match", "no_tcp" }

parts.result = {
  about = "What `analyze_traffic_flow` returns.",
  { "schema_version", "text", "-", "0.1", "version of this shape" },
  { "file", "text", "-", "0.1", "what the caller passed; a URL without user, password and query" },
  { "files", "list of text", "-", "0.1", "one by one, where several were passed" },
  { "analysis_timestamp", "text", "-", "0.1", "when this was made: ISO 8601, UTC" },
  { "server", "text", "-", "0.1", '"10.0.0.2:443", "[2001:db8::2]:443", "10.0.0.2:any"' },
  { "server_ip", "text", "-", "0.1", "its address" },
  { "server_port", "integer", "-", "0.1", "its port; absent when none was given" },
  { "status", "text", "-", "0.1", "no_match: TCP, but none of this server; no_tcp: no TCP at all", one_of = STATUS },
  { "rules", "text", "-", "0.1", "the rule set that the counters follow" },
  { "total_packets", "integer", "frames", "0.1", "frames read" },
  { "tcp_packets_found", "integer", "segments", "0.1", "TCP segments among them, of any server" },
  { "client_to_server", "direction", "-", "0.1", "from the clients to the server" },
  { "server_to_client", "direction", "-", "0.1", "from the server to the clients" },
  { "analysis", "analysis", "-", "0.1", "what follows from the counts" },
  { "connection_count", "integer", "connections", "0.1", "connections of this server, in all" },
  { "connections", "list of connection", "-", "0.1", "the most telling ones first, as many as the option says" },
  { "connection_sums", "connection_sums", "-", "0.1", "sums over all connections" },
  { "capture", "capture", "-", "0.1", "what was read, and how well" },
  { "timeline", "timeline", "-", "0.1", "the traffic by time" },
  { "icmp", "list of icmp", "-", "0.1", "ICMP errors about this server's connections, by type" },
  { "dns", "name_lookups", "-", "0.2", "names that clients asked for before they connected; absent without any" },
  { "hardware", "hardware", "-", "0.2", "hardware addresses of the server's side; absent where the link has none" },
  { "tls", "tls", "-", "0.2", "what TLS says in plain text; absent without it" },
  { "http", "http", "-", "0.2", "HTTP/1 in plain text; absent without it" },
  { "proxy_protocol", "proxy_protocol", "-", "0.2", "headers of the PROXY protocol; absent without them" },
  { "candidates", "list of candidate", "-", "0.1", "only with `no_match`: likely servers of this capture" },
  { "candidates_total", "integer", "servers", "0.1", "only with `no_match`: how many servers there are" },
  { "likely_slip", "likely_slip", "-", "0.1", "only with `no_match`: what the caller probably meant" },
}

parts.icmp = {
  about = "One kind of ICMP error.",
  { "ip_version", "integer", "-", "0.1", "4 or 6" },
  { "type", "integer", "-", "0.1", "its type (RFC 792, RFC 4443)" },
  { "code", "integer", "-", "0.1", "its code" },
  { "mtu", "integer", "size", "0.1", "the smallest next-hop MTU told; absent where none is" },
  { "count", "integer", "frames", "0.1", "errors of this kind" },
  { "reporter", "text", "-", "0.1", "who sent the first" },
  { "about", "text", "-", "0.1", "direction of the quoted segment",
    one_of = { "client_to_server", "server_to_client" } },
  { "frames", "frames", "frame numbers", "0.1", "the first" },
}

parts.candidate = {
  about = "A server that the capture has.",
  { "server", "text", "-", "0.1", "address and port" },
  { "ip", "text", "-", "0.1", "its address" },
  { "port", "integer", "-", "0.1", "its port" },
  { "packets", "integer", "segments", "0.1", "segments to and from it" },
  { "bytes", "integer", "bytes", "0.1", "their bytes on the wire" },
  { "syns", "integer", "segments", "0.1", "SYNs to it" },
  { "syn_acks", "integer", "segments", "0.1", "SYN-ACKs from it" },
  { "why", "text", "-", "0.1", "what speaks for it" },
}

parts.likely_slip = {
  about = "What the caller probably meant.",
  { "kind", "text", "-", "0.1", "what is wrong with the question", one_of = { "port", "address", "family", "roles" } },
  { "text", "text", "-", "0.1", "a sentence" },
  { "server_ip", "text", "-", "0.1", "the address that would have matched" },
  { "server_port", "integer", "-", "0.1", "the port that would have matched" },
}

parts.hardware = {
  about = "Hardware addresses (Ethernet) of the frames with SYN-ACKs and resets of the server: of itself, or of the next "
    .. "router on its side.",
  { "from_server", "hardware_side", "-", "0.2", "where these frames come from" },
  { "to_clients", "hardware_side", "-", "0.2", "where frames with SYN-ACKs go to: a client's, or those of a router" },
  { "arp", "hardware_claims", "-", "0.2", "who claims the server's address, by ARP or in neighbour "
    .. "advertisements of IPv6 (with the override flag, and not of a router for another address); absent without any" },
}

parts.hardware_side = {
  about = "Hardware addresses of one side.",
  { "addresses", "list of hardware_address", "-", "0.2", "the first four" },
  { "switches", "integer", "segments", "0.2", "how often another address came than the one before" },
  { "others", "integer", "segments", "0.2", "segments of further addresses" },
}

parts.hardware_address = {
  about = "One hardware address.",
  { "mac", "text", "-", "0.2", "the address" },
  { "syn_acks", "integer", "segments", "0.2", "SYN-ACKs" },
  { "resets", "integer", "segments", "0.2", "resets; of those to clients they are not counted" },
  { "several_clients", "boolean", "-", "0.2", "they are of more than one client" },
  { "first_frame", "integer", "frame numbers", "0.2", "the first of them" },
  { "last_frame", "integer", "frame numbers", "0.2", "the last" },
  { "first_ms", "number", "ms", "0.2", "when, since the capture's first packet" },
  { "last_ms", "number", "ms", "0.2", "likewise" },
}

parts.hardware_claims = {
  about = "Who sent ARP messages with the server's address as their own.",
  { "addresses", "list of hardware_claim", "-", "0.2", "the first two" },
  { "switches", "integer", "-", "0.2", "how often another one claimed it than the one before" },
  { "others", "integer", "-", "0.2", "messages of further ones" },
}

parts.hardware_claim = {
  about = "One of them.",
  { "mac", "text", "-", "0.2", "its hardware address, as the message says" },
  { "claims", "integer", "-", "0.2", "messages" },
  { "first_frame", "integer", "frame numbers", "0.2", "the first" },
}

parts.timeline = {
  about = "The traffic in buckets of equal width.",
  { "bucket_ms", "number", "ms", "0.2", "width of a bucket; absent without a packet" },
  { "start_time", "number", "time", "0.1", "where the first begins" },
  { "client_to_server", "timeline_direction", "-", "0.1", "of the clients" },
  { "server_to_client", "timeline_direction", "-", "0.1", "of the server" },
}

parts.timeline_direction = {
  about = "One number for each bucket.",
  { "packets", "list of integer", "segments", "0.1", "segments" },
  { "payload_bytes", "list of integer", "bytes", "0.1", "TCP payload" },
  { "retransmissions", "list of integer", "segments", "0.1", "retransmissions, as in the direction" },
  { "resets", "list of integer", "segments", "0.1", "segments with RST" },
  { "zero_windows", "list of integer", "segments", "0.2", "zero windows that this side advertised, as in the direction" },
}

return parts
