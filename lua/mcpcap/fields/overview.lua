--- Keys of an overview: all servers of a capture.
-- @module mcpcap.fields.overview

local parts = {}

parts.overview = {
  about = "What `overview` returns.",
  { "schema_version", "text", "-", "0.2", "version of this shape" },
  { "kind", "text", "-", "0.2", "overview" },
  { "status", "text", "-", "0.2", "whether there is anything", one_of = { "ok", "no_tcp" } },
  { "file", "text", "-", "0.2", "what the caller passed" },
  { "files", "list of text", "-", "0.2", "the same one by one, where there are several" },
  { "analysis_timestamp", "text", "-", "0.2", "when this was made: ISO 8601, UTC" },
  { "total_packets", "integer", "frames", "0.2", "frames read" },
  { "tcp_packets_found", "integer", "segments", "0.2", "TCP segments among them" },
  { "server_count", "integer", "servers", "0.2", "servers found, those of `closed_hosts` left out; at most 65,536 are told apart" },
  { "servers_analysed", "integer", "servers", "0.2", "of these: analysed as if each alone had been asked for" },
  { "servers_troubled", "integer", "servers", "0.2", "of the analysed: with a finding that is more than information" },
  { "servers_shown", "integer", "servers", "0.2", "rows in `servers`" },
  { "servers", "list of overview_server", "-", "0.2", "those in trouble first: by severity, confidence, how much goes "
    .. "wrong, traffic; those that were only counted last" },
  { "closed_hosts", "list of closed_host", "-", "0.2", "hosts of which ten or more ports were tried that never accepted "
    .. "a connection, those with most first" },
  { "closed_hosts_total", "integer", "addresses", "0.2", "how many such hosts there are" },
  { "connections_of_others", "integer", "connections", "0.2", "of servers past those that are told apart" },
  { "beside", "beside", "-", "0.2", "what there is besides TCP" },
  { "readings", "integer", "-", "0.2", "how often the capture was read: 1, or 2 where one reading could not tell" },
  { "interpretation", "text", "-", "0.2", "one or two sentences" },
  { "capture", "capture", "-", "0.2", "what was read, and how well" },
}

parts.overview_server = {
  about = "One server. Where it was analysed the numbers and the verdict are those that a result of its own has.",
  { "server", "text", "-", "0.2", "address and port" },
  { "ip", "text", "-", "0.2", "its address" },
  { "port", "integer", "-", "0.2", "its port" },
  { "analysed", "boolean", "-", "0.2", "false: only counted, in a simpler way" },
  { "guessed", "boolean", "-", "0.2", "true: no SYN and no SYN-ACK of it was captured, so the ports tell which end it is: "
    .. "a usual one, else the one that more connections share, else the lower one" },
  { "connections", "integer", "connections", "0.2", "connections seen" },
  { "clients", "integer", "addresses", "0.2", "client addresses; only where analysed, as the next ones" },
  { "data_segments", "integer", "segments", "0.2", "with payload, both directions" },
  { "lost", "integer", "segments", "0.2", "of these: sent again because they were lost, both directions" },
  { "slow_answers", "integer", "-", "0.2", "answers that took the server 200 ms or more" },
  { "longest_answer_ms", "number", "ms", "0.2", "the longest of these" },
  { "packets", "integer", "segments", "0.2", "to it and from it" },
  { "bytes", "integer", "bytes", "0.2", "on the wire" },
  { "refused", "integer", "connections", "0.2", "answered by a reset" },
  { "unanswered", "integer", "connections", "0.2", "whose SYN was never answered" },
  { "half_open", "integer", "connections", "0.2", "answered, and never completed" },
  { "reset", "integer", "connections", "0.2", "broken off by a reset while they were open" },
  { "severity", "text", "-", "0.2", "of what `verdict` says", one_of = { "error", "warning", "none", "unknown" } },
  { "side", "text", "-", "0.2", "whom that concerns", one_of = { "client", "server", "network", "capture" } },
  { "confidence", "text", "-", "0.2", "how sure it is", one_of = { "high", "medium", "low" } },
  { "verdict", "text", "-", "0.2", "one sentence: the first finding that is more than information, one about the capture "
    .. "only where there is no other; where none shows: that, and why resets and the like are none" },
  { "frames", "frames", "frame numbers", "0.2", "where to look for it; `connection` opens the connection of each" },
  { "findings", "list of text", "-", "0.2", "names of all findings, the weightiest first" },
  { "udp_datagrams", "integer", "datagrams", "0.2", "of UDP, to and from the same address and port" },
  { "quic_packets", "integer", "-", "0.2", "of these: QUIC, with a long header" },
  { "quic_version", "text", "-", "0.2", "version in the first of them that has one: 0x00000001 is version 1" },
}

parts.closed_host = {
  about = "A host of which many ports were tried that never accepted a connection.",
  { "ip", "text", "-", "0.2", "its address" },
  { "ports", "integer", "ports", "0.2", "such ports" },
  { "connections", "integer", "connections", "0.2", "attempts" },
  { "refused", "integer", "connections", "0.2", "of these: answered by a reset" },
  { "unanswered", "integer", "connections", "0.2", "of these: not answered" },
}

parts.beside = {
  about = "What a capture holds besides TCP.",
  { "udp_datagrams", "integer", "datagrams", "0.2", "of UDP; what TCP runs through, such as VXLAN, is not among them" },
  { "quic_packets", "integer", "-", "0.2", "of these: QUIC, with a long header" },
  { "icmp_errors", "integer", "-", "0.2", "ICMP and ICMPv6 messages that quote a packet" },
  { "icmp_echoes", "integer", "-", "0.2", "echo requests and replies" },
  { "icmp_others", "integer", "-", "0.2", "all others" },
  { "arp_requests", "integer", "-", "0.2", "ARP requests" },
  { "arp_replies", "integer", "-", "0.2", "ARP replies" },
  { "arp_others", "integer", "-", "0.2", "all others" },
  { "arp_conflicts", "list of arp_conflict", "-", "0.2", "addresses that two hardware addresses claim; the first five" },
  { "dns", "dns", "-", "0.2", "questions for names, over UDP and TCP" },
}

parts.arp_conflict = {
  about = "Two hardware addresses claim one IPv4 address: two hosts with one address, a take-over, or a forgery.",
  { "ip", "text", "-", "0.2", "the address" },
  { "macs", "list of text", "-", "0.2", "the two" },
  { "frames", "frames", "frame numbers", "0.2", "the first ARP message of each" },
}

parts.dns = {
  about = "Questions for names and their answers, over UDP and TCP to port 53.",
  { "questions", "integer", "-", "0.2", "questions, each once" },
  { "answers", "integer", "-", "0.2", "answers to them" },
  { "repeated", "integer", "-", "0.2", "the same question again before an answer" },
  { "unanswered", "integer", "-", "0.2", "no answer came, and the capture goes on for a second or more" },
  { "no_name", "integer", "-", "0.2", "answers: there is no such name (NXDOMAIN)" },
  { "failed", "integer", "-", "0.2", "answers: the server failed (SERVFAIL)" },
  { "refused", "integer", "-", "0.2", "answers: the server does not want to (REFUSED)" },
  { "other_errors", "integer", "-", "0.2", "answers with another code than success" },
  { "slow", "integer", "-", "0.2", "answers that took 200 ms or more" },
  { "wait_ms", "durations", "ms", "0.2", "from a question to its answer" },
  { "slowest", "dns_example", "-", "0.2", "the question that was answered last" },
  { "first_unanswered", "dns_example", "-", "0.2", "the first one without an answer" },
  { "first_no_name", "dns_example", "-", "0.2", "the first one for a name that does not exist" },
  { "first_failed", "dns_example", "-", "0.2", "the first one that the server failed at" },
}

parts.dns_example = {
  about = "A question for a name.",
  { "name", "text", "-", "0.2", "the name, fit to be shown" },
  { "frame", "integer", "frame numbers", "0.2", "frame of the question" },
  { "client", "text", "-", "0.2", "who asked" },
  { "server", "text", "-", "0.2", "who was asked" },
  { "wait_ms", "number", "ms", "0.2", "to the answer; without one: to the end of the capture" },
}

return parts
