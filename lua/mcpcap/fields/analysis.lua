--- Keys of `analysis`: what follows from the counts.
-- @module mcpcap.fields.analysis

local parts = {}

local LABELS = { "client_heavy", "server_heavy", "balanced", "client_only", "server_only", "none" }

parts.analysis = {
  about = "What follows from the counts.",
  { "interpretation", "text", "-", "0.1", "what the counts bear, in a sentence or two" },
  { "findings", "list of finding", "-", "0.1", "what is wrong, the weightiest first" },
  { "withheld", "list of withheld", "-", "0.1", "findings that this capture cannot bear" },
  { "vantage", "vantage", "-", "0.1", "where the capture was taken; absent without a match" },
  { "handshakes", "handshakes", "-", "0.1", "how connections were opened" },
  { "resets", "resets", "-", "0.1", "who reset what, and when" },
  { "latency", "latency", "-", "0.1", "where the time goes" },
  { "asymmetry", "asymmetry", "-", "0.1", "which side sends more" },
  { "asymmetry_ratio", "number", "ratio", "0.1",
    "packets, client to server / server to client; 0 when the server sent none" },
  { "primary_rst_source", "text", "-", "0.1", "who sent more resets", one_of = { "client", "server", "balanced" } },
  { "data_flow_direction", "text", "-", "0.1", "by packets: heavy above 1.2, or below 0.8", one_of = LABELS },
}

parts.asymmetry = {
  about = "Which side sends more.",
  { "packets", "balance", "segments", "0.1", "by segments" },
  { "wire_bytes", "balance", "bytes", "0.1", "by bytes on the wire" },
  { "payload_bytes", "balance", "bytes", "0.1", "by TCP payload" },
  { "one_sided_capture", "text", "-", "0.1", "the only side that was captured; absent where both were",
    one_of = { "client", "server" } },
}

parts.balance = {
  about = "What each side sent, in the unit of the key.",
  { "client", "integer", "as the key", "0.1", "by the client" },
  { "server", "integer", "as the key", "0.1", "by the server" },
  { "ratio", "number", "ratio", "0.1", "client / server; absent where it cannot be formed" },
  { "label", "text", "-", "0.1", "the same in a word: heavy above 1.2", one_of = LABELS },
}

parts.finding = {
  about = "One finding; [findings.md](findings.md) has the ids.",
  { "id", "text", "-", "0.1", "which rule speaks" },
  { "severity", "text", "-", "0.1", "how bad it is", one_of = { "error", "warning", "info" } },
  { "side", "text", "-", "0.1", "whom it concerns", one_of = { "client", "server", "network", "capture" } },
  { "confidence", "text", "-", "0.1", "how sure it is", one_of = { "high", "medium", "low" } },
  { "text", "text", "-", "0.1", "in one to three sentences" },
  { "evidence", "evidence", "-", "0.1", "what it rests on" },
  { "settle", "text", "-", "0.1", "what would settle it; absent where nothing needs to" },
}

parts.evidence = {
  about = "What a finding rests on.",
  { "counts", "counts", "-", "0.1", "the numbers" },
  { "counter_evidence", "list of text", "-", "0.1", "what speaks against it; absent where nothing does" },
  { "frames", "frames", "frame numbers", "0.1", "the first frames that show it" },
  { "display_filter", "text", "-", "0.1", "shows the same packets in Wireshark; with tcp.completeness in it, in tshark only with -2" },
}

parts.withheld = {
  about = "A finding that this capture cannot bear.",
  { "id", "text", "-", "0.1", "of the rule" },
  { "why", "text", "-", "0.1", "what the capture lacks" },
}

parts.vantage = {
  about = "Where the capture was taken.",
  { "place", "text", "-", "0.1", "beside whom", one_of = { "client", "server", "between", "unknown" } },
  { "confidence", "text", "-", "0.1", "how sure that is", one_of = { "high", "medium", "low" } },
  { "why", "text", "-", "0.1", "what tells it; absent where nothing does" },
  { "hops", "pair of integer", "hops", "0.2", "routers between this side and the capture, by the TTL; absent where not known" },
}

parts.handshakes = {
  about = "Connections whose SYN was seen, by who opened them: `client` or `server`.",
  { "attempted", "pair of integer", "connections", "0.1", "with a SYN" },
  { "completed", "pair of integer", "connections", "0.1", "SYN, SYN-ACK and its acknowledgement" },
  { "refused", "pair of integer", "connections", "0.1", "answered by a reset" },
  { "unanswered", "pair of integer", "connections", "0.1", "no answer at all" },
  { "half_open", "pair of integer", "connections", "0.1", "answered, and the last step never came" },
  { "unanswered_unproven", "pair of integer", "connections", "0.1",
    "of `unanswered`: too little follows to say so (the capture ends within a second of the only SYN)" },
  { "half_open_unproven", "pair of integer", "connections", "0.1",
    "of `half_open`: too little follows, nobody repeats anything, or the opener broke off" },
  { "completed_retried", "pair of integer", "connections", "0.1", "of `completed`: the SYN had to be repeated" },
  { "answers_missed", "pair of integer", "connections", "0.1",
    "of these: the SYN came again although its answer had passed here" },
  { "syn_retransmits", "pair of integer", "segments", "0.2", "SYNs after the first, of all connections" },
  { "retried", "pair of integer", "connections", "0.1", "connections with such SYNs" },
  { "without_data", "integer", "connections", "0.1", "completed, and without payload" },
}

local function phase(name, meaning, since)
  return { name, "reset_phase", "connections", since or "0.1", meaning }
end

parts.resets = {
  about = "Connections by the phase of their first reset, and by who sent it.",
  { "connections", "integer", "connections", "0.1", "connections with a reset" },
  phase("refused", "the answer to a SYN"),
  phase("half_open", "before the handshake was complete"),
  phase("without_data", "after the handshake, before any data", "0.2"),
  phase("mid_data", "data had passed, no side had closed"),
  phase("half_closed", "the answer to the other side's FIN"),
  phase("late", "the answer to data or acknowledgements after its own FIN"),
  phase("after_close", "both sides had closed: benign"),
  phase("stray", "nothing else of the connection was seen"),
  { "after_idle", "pair of integer", "connections", "0.1",
    "of `mid_data`: a second or more after an answer, with nothing outstanding" },
  { "after_idle_ms", "pair of number", "ms", "0.1", "the shortest such wait" },
  { "signs", "signs", "-", "0.1", "of the resets that were no refusal and no answer to a close: signs of another sender" },
}

parts.reset_phase = {
  about = "One phase.",
  { "client", "integer", "connections", "0.1", "reset by the client" },
  { "server", "integer", "connections", "0.1", "reset by the server" },
  { "frames", "pair of frames", "frame numbers", "0.2", "the first resets of each" },
}

parts.signs = {
  about = "Signs that a reset was not sent by the endpoint in whose name it comes; each alone proves nothing.",
  { "ttl", "pair of integer", "connections", "0.1", "TTL apart from that side's other packets" },
  { "ip_id", "pair of integer", "connections", "0.1", "IP identification out of that side's run" },
  { "sequence", "pair of integer", "connections", "0.1", "sequence number not the next one of that side" },
  { "race", "pair of integer", "connections", "0.1", "that side goes on sending after its reset" },
  { "echo", "pair of integer", "connections", "0.2", "its sequence number is one of the other side's" },
  { "soon", "pair of integer", "connections", "0.2", "it comes too soon after what it answers to be that side's" },
  { "both", "integer", "connections", "0.1", 'resets "from" both sides within a millisecond' },
  { "two_or_more", "pair of integer", "connections", "0.1", "two of these signs or more on one reset, or a TTL of another place alone" },
  { "against_ttl", "pair of integer", "connections", "0.1", "counter-evidence: same TTL as that side's other packets" },
  { "against_ip_id", "pair of integer", "connections", "0.1",
    "counter-evidence: the next IP identification of that side's run" },
  { "frames", "pair of frames", "frame numbers", "0.2", "resets with two signs or more" },
}

parts.latency = {
  about = "Where the time goes. Near a side, its own round trip is close to zero: that tells where the capture was taken.",
  { "handshake_rtt_ms", "pair of durations", "ms", "0.2",
    "round trips of handshakes, from the capture point to this side and back" },
  { "data_rtt_ms", "pair of durations", "ms", "0.2",
    "round trips of data, likewise: those of the direction towards this side" },
  { "server_response_ms", "durations", "ms", "0.1", "last byte of a request to the first byte of the answer" },
  { "client_think_ms", "durations", "ms", "0.1", "last byte of an answer to the first byte of the next request" },
  { "slow_answer_frames", "frames", "frame numbers", "0.1", "first frames of the slowest answers, the slowest first" },
}

return parts
