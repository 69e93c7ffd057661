--- Keys of `connection_sums.answers`: who answers, who waits, who pauses.
-- @module mcpcap.fields.answers

local parts = {}

parts.answers = {
  about = "Who answers, who waits, who pauses. Times are of the named side's own, without the way there and back.",
  { "asked", "answer_kind", "-", "0.2", "answers where the client asks" },
  { "unasked", "answer_kind", "-", "0.2",
    "where the server also speaks unasked, or first, or nobody knows who asks: pauses, not answers" },
  { "relayed", "answer_kind", "-", "0.2", "of connections whose handshake another host answered" },
  { "long_poll", "answer_kind", "-", "0.2", "where the client waits 20 s and more, and asks again at once" },
  { "looped", "looped_answers", "-", "0.2", "of `asked`: most answers take a second and more, and the client asks again at once" },
  { "unsure", "integer", "samples", "0.2",
    "of `asked.slow`: to a client that is as brief as who confirms what it is told (64 bytes), or that also spoke again unanswered" },
  { "relayed_handshakes", "integer", "connections", "0.2",
    "a SYN-ACK without any option though several were offered, or packets of the server with another initial TTL" },
  { "late_ack_ms", "durations", "ms", "0.2",
    "of requests that were acknowledged later than any timer allows (500 ms): how long after they passed" },
  { "server_first", "integer", "connections", "0.2", "with a handshake, on which the first data is the server's" },
  { "first_byte", "long_times", "-", "0.2", "of these: it took 200 ms or more, and the server's answers come soon" },
  { "first_pause", "long_times", "-", "0.2",
    "of these: it took so long, and what the server says later takes long too, or nothing follows" },
  { "unspoken", "long_times", "-", "0.2",
    "the client opened a connection, waited 2 s and more, and ended it: neither side had said a word; frames are their first ones" },
  { "halts", "long_times", "-", "0.2",
    "the server stopped in the middle of its answer for 200 ms or more, all acknowledged; counted in answers" },
  { "halt_pauses", "integer", "silences", "0.2", "how often, in all" },
  { "loose_halts", "integer", "samples", "0.2", "of these answers: in a few small pieces; no great one was broken off" },
  { "drips", "long_times", "-", "0.2",
    "the server gave its answer in small pieces, each 50 ms or more after the one before; counted in answers, times are of these pauses" },
  { "drip_pieces", "integer", "pieces", "0.2", "how many, in all" },
  { "drip_bytes", "integer", "bytes", "0.2", "in them" },
  { "one_way", "long_times", "-", "0.2",
    "the client speaks again and again, and gets not a byte; counted in what it says after a pause" },
  { "one_way_resets", "integer", "connections", "0.2",
    "of these connections: the client ended them by a reset, before either side had closed" },
  { "vain_resets", "integer", "connections", "0.2",
    "the client was always answered until it waited for longer than all of that had taken, asked again, and reset" },
  { "client", "answer_side", "-", "0.2", "what the client waits for, and asks for" },
  { "server", "answer_side", "-", "0.2", "what the server waits for, and asks for" },
}

parts.answer_kind = {
  about = "Answers of one kind.",
  { "answers", "integer", "samples", "0.2", "all of them" },
  { "slow", "integer", "samples", "0.2", "that took 200 ms or more of the server's own" },
  { "very_slow", "integer", "samples", "0.2", "that took 1 s or more" },
  { "acked_late", "integer", "samples", "0.2",
    "of the slow ones: less than a second, and with them came the first acknowledgement of the request, later than it "
      .. "may be delayed: nobody knows when the request came" },
  { "connections", "integer", "connections", "0.2", "with slow ones" },
  { "max_ms", "number", "ms", "0.2", "the slowest, if it is slow" },
  { "frames", "frames", "frame numbers", "0.2", "first frames of the slowest" },
}

parts.looped_answers = {
  about = "Connections on which most answers take a second and more, and the client asks again within a second, twice and more.",
  { "connections", "integer", "connections", "0.2", "how many" },
  { "answers", "integer", "samples", "0.2", "their answers" },
  { "slow", "integer", "samples", "0.2", "of these: slow ones" },
  { "timed", "integer", "samples", "0.2",
    "as long as the longest of the connection but for 1 %, or as the one before, twice and more, half of the very slow "
      .. "ones, and 2 s at least: "
      .. "a timer ends them" },
  { "timed_slow", "integer", "samples", "0.2", "slow answers of connections with such ones" },
  { "timed_ms", "number", "ms", "0.2", "the longest of those that a timer ends" },
  { "single", "integer", "connections", "0.2", "with one answer only, of a second and more; they count in none of the above" },
  { "single_least_ms", "number", "ms", "0.2", "the shortest of these; absent without any" },
  { "single_most_ms", "number", "ms", "0.2", "the longest; likewise" },
  { "same", "integer", "connections", "0.2",
    "on which the client asks the same again at once (as many bytes, but for 16), and one such answer takes 2 s or more, and four "
      .. "times as long as another; they count whatever else is asked there" },
  { "same_slow", "integer", "samples", "0.2", "slow answers of these" },
  { "same_least_ms", "number", "ms", "0.2", "the shortest of the answers to the same question; absent without any" },
  { "same_most_ms", "number", "ms", "0.2", "the longest; likewise" },
}

parts.long_times = {
  about = "Times that are long, and where to look.",
  { "connections", "integer", "connections", "0.2", "with such times" },
  { "count", "integer", "samples", "0.2", "of them" },
  { "sum_ms", "number", "ms", "0.2", "in all" },
  { "max_ms", "number", "ms", "0.2", "the longest" },
  { "frames", "frames", "frame numbers", "0.2", "what follows on the longest" },
}

parts.answer_side = {
  about = "What one side waits for, and asks for.",
  { "unheard", "integer", "connections", "0.2",
    "on which it goes on sending for seconds, nothing acknowledges it, and it repeats nothing" },
  { "unheard_frames", "frames", "frame numbers", "0.2", "some of that" },
  { "ack_wait_ms", "durations", "ms", "0.2",
    "its small segments that left only when a delayed acknowledgement came: how long that was delayed" },
  { "ack_not_awaited", "integer", "segments", "0.2", "that came after such an acknowledgement, but not at once" },
  { "ack_wait_frames", "frames", "frame numbers", "0.2", "the first of those that waited" },
  { "small_mss", "small_mss", "-", "0.2", "its MSS option asks for less than 536 bytes a segment, and it gets that" },
}

parts.small_mss = {
  about = "Segments that are as short as the receiver asked for.",
  { "connections", "integer", "connections", "0.2", "on which it asked" },
  { "mss", "integer", "size", "0.2", "the least that it asked for" },
  { "segments", "integer", "segments", "0.2", "with payload that it got" },
  { "payload_bytes", "integer", "bytes", "0.2", "their payload" },
  { "frames", "frames", "frame numbers", "0.2", "its SYNs" },
}

return parts
