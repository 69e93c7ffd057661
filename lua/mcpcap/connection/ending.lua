--- What became of a connection, in a sentence that names its sides.
-- @module mcpcap.connection.ending

local phrases = require "mcpcap.phrases"

-- By the code of the outcome (docs/rules.md, section 11).  $who is the side that it is about, $other the other one;
-- $ms and $bytes are its measures.
local SENTENCES = {
  goes_on = "$who sent the SYN again with another number: the attempt goes on in the next connection of these ports",
  met_old = "$other answered the SYN of $who with an acknowledgement of an older connection, which never let this one "
    .. "open",
  withdrawn = "$who opened it and reset the SYN-ACK at once: a check, a scan, the loser of two tries",
  checked = "$who opened it and reset it at once, without data: a check, a scan, the loser of two tries",
  swallowed = "$who opened it and sent its first data again and again for $ms: nothing came back, a repeated SYN-ACK "
    .. "neither",
  open = "it was in use when the capture ended",
  closed = "both sides closed",
  half_closed = "$who closed; $other may still send",
  unanswered = "$who opened it and was not answered",
  half_open = "$who opened it; the last step of the handshake is not seen",
  close_wait = "$who did not close for $ms after it had acknowledged the other's FIN",
  peer_gone = "$who waited $ms for $other and was not answered any more",
  vanished_idle = "$who sent data after $ms of silence, again and again, and was not answered any more",
  refused = "$who answered the SYN with a reset",
  broken_handshake = "$who reset before the handshake was complete",
  answered_late = "the SYN-ACK met a reset of $who, which had given the attempt up and sent its SYN again $ms before",
  stray_reset = "nothing but resets is seen of it",
  reset_untold = "$who reset it; what went before is not known",
  subflow_reset = "$who gave up one path of a Multipath TCP connection",
  unknown_to = "$who answers a running connection with resets and says nothing else: it does not know it any more",
  not_meant = "$who reset as for a connection that it does not know, and yet goes on",
  crossed_close = "$who closed after $ms of silence while $bytes of the other's were on their way, which were thrown "
    .. "away",
  sent_too_late = "$who had closed; $other knew it and sent $bytes all the same",
  reset_late = "$who had closed, and reset what came then; no data was lost",
  reset_close = "$who reset after the other's FIN",
  reset_after_close = "$who reset after both sides had closed",
  forgotten = "$who had been silent for $ms and answered the first segment after that with a reset: it had forgotten "
    .. "the connection",
  dropped_on_way = "$who had been silent for $ms, and the first segment after that was answered with a reset, by the "
    .. "signs of another device",
  not_by_endpoint = "a reset in the name of $who, by the signs of another device",
  after_alert = "$who reset after a TLS alert of the other's",
  no_answer = "$who gave up after waiting $ms for an answer",
  idle_reset = "$who reset after $ms of silence, when nothing was on its way",
  reset_done = "$who reset when the answer had come as a whole: a way to close",
  reset_unused = "$who reset after the handshake, before any data",
  before_answer = "$who reset $ms after a request that was not answered",
  cut_off = "$who reset in the middle of the data",
}

local OTHER = { client = "server", server = "client" }

--- Says it.
-- @tparam table outcome `code`, `text`, `by`, `ms`, `bytes`
-- @treturn string a clause without its full stop; the code's own words where it is one of a newer core
return function(outcome)
  local sentence, by = SENTENCES[outcome.code], outcome.by
  if not sentence or not OTHER[by] and sentence:find("$who", 1, true) then
    return outcome.text
  end
  local words = { who = by and "the " .. by, other = by and "the " .. OTHER[by], ms = phrases.ms(outcome.ms or 0),
    bytes = phrases.bytes(outcome.bytes or 0) }
  return (sentence:gsub("%$(%l+)", words))
end
