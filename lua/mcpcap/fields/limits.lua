--- Keys of what limits transfers ([limits.md](limits.md)).
-- @module mcpcap.fields.limits

local parts = {}

local BY = { "application", "small_window", "slow_reader", "loss", "path", "sender", "slow_start", "mixed" }

parts.limits = {
  about = "What limited what one side sent, over the connections on which it moved data enough to be followed ([limits.md](limits.md)).",
  { "connections", "integer", "connections", "0.2", "connections of which it can be told" },
  { "undecided", "integer", "connections", "0.2",
    "it cannot: acknowledgements or the beginning of the connection were not captured" },
  { "all_followed", "boolean", "-", "0.2", "false: there were more than there is room for" },
  { "time_ms", "number", "ms", "0.2", "their time: from the first data that was looked at to the last" },
  { "payload_bytes", "integer", "bytes", "0.2", "payload that passed in it" },
  { "shares", "limit_shares", "share", "0.2", "of that time; they make up 1" },
  { "by", "map of limited", "-", "0.2",
    "by what limited most of a connection's own time (the other side's turns left out): `application`, `small_window`, "
      .. "`slow_reader`, `loss`, `path`, `sender`, `slow_start`, `mixed`; absent where none" },
}

parts.connection_limits = {
  about = "What limited one side of a connection ([limits.md](limits.md)).",
  { "by", "text", "-", "0.2", "what limited most of its own time, as in a direction's `limits.by`", one_of = BY },
  { "time_ms", "number", "ms", "0.2", "from the first data that was looked at to the last" },
  { "payload_bytes", "integer", "bytes", "0.2", "payload that passed in that time" },
  { "greatest_window", "integer", "bytes", "0.2", "that the receiver announced; absent while its scale is not known" },
  { "least_window", "integer", "bytes", "0.2", "the least after that" },
  { "round_trip_ms", "number", "ms", "0.2", "the shortest round trip, both ways from the capture point" },
  { "best_bps", "number", "bit/s", "0.2", "payload sent in the round trip in which most was; absent where none was seen whole" },
  { "shares", "limit_shares", "share", "0.2", "of that time; they make up 1" },
}

parts.limit_shares = {
  about = "Why data was not sent earlier, in shares of the time ([limits.md](limits.md)).",
  { "other_side", "number", "share", "0.2", "nothing to send: the other side had the turn" },
  { "answering", "number", "share", "0.2", "it was asked, and nothing of its answer was sent yet" },
  { "pausing", "number", "share", "0.2", "nothing to send in the middle of its turn: all was acknowledged" },
  { "writing", "number", "share", "0.2", "the same while earlier data was on the way" },
  { "receiver_window", "number", "share", "0.2", "the receiver's window was full" },
  { "closed_window", "number", "share", "0.2", "the receiver's window was closed" },
  { "recovery", "number", "share", "0.2", "a loss was under repair, without a timeout" },
  { "timeouts", "number", "share", "0.2", "the same, after a retransmission timeout" },
  { "path", "number", "share", "0.2", "segments queued on the way: the path's own rate" },
  { "slow_start", "number", "share", "0.2", "waited for acknowledgements, faster from round trip to round trip" },
  { "sender_window", "number", "share", "0.2",
    "waited for acknowledgements, at most as fast as before: its send buffer or congestion window" },
}

parts.limited = {
  about = "Connections of which one limit took half of a side's own time or more.",
  { "connections", "integer", "connections", "0.2", "how many" },
  { "payload_bytes", "integer", "bytes", "0.2", "payload that passed" },
  { "time_ms", "number", "ms", "0.2", "that side's own time, summed" },
  { "longest_ms", "number", "ms", "0.2", "the longest" },
  { "longest", "connection_limits", "-", "0.2", "of the connection with the longest, the other side's turns in its time" },
  { "frames", "frames", "frame numbers", "0.2", "first frames of such connections, those with most time first" },
}

return parts
