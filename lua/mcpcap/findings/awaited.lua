--- Answers that may have been waited for on purpose: long polls, messages of a broker, what a timer ends.
-- @module mcpcap.findings.awaited

local asker = require "mcpcap.findings.proof.asker"
local phrases = require "mcpcap.phrases"
local quality = require "mcpcap.findings.quality"

-- Times as long as each other, but for so much, and from so much on: a timer has ended them.
local LIMIT_MS, LIMIT_SHARE = 2000, 0.01
-- Ports of queues and brokers of messages: who asks there may wait for the next one, as with BLPOP of Redis.
local BROKERS = { [1883] = "MQTT", [4222] = "NATS", [5222] = "XMPP", [5672] = "AMQP", [6379] = "Redis", [9092] = "Kafka",
  [11300] = "Beanstalk", [61613] = "STOMP" }

-- Peers say by timers of their own that they are there (RFC 4271, 4.4; RFC 3618, 12.6; RFC 5036, 2.5.6), and a controller
-- asks its switches by such (OpenFlow Switch Specification 1.3, 7.3.5): no answers.
local KEPT_ALIVE = { [179] = "BGP", [639] = "MSDP", [646] = "LDP", [6633] = "OpenFlow", [6653] = "OpenFlow" }
-- A viewer of a remote screen (RFB) asks for what changes, and an update comes when something has, however long that is
-- (RFC 6143, 7.5.3); there the server speaks first (7.1.1).  Its ports are registered from 5900 on, one a screen.
-- TeamViewer's relays have a port of their own.
local RELAYED_SCREENS = 5938
local function waits_for_changes(case)
  local port = case.result.server_port or 0
  if port == RELAYED_SCREENS then
    return true                 -- what comes there is what the other host has to show
  end
  return case.answers.server_first > 0 and port >= 5900 and port <= 5909
end

local awaited = {}

-- Ports of remote shells: what answers there is what somebody has typed.
awaited.SHELLS = { [22] = "SSH", [23] = "Telnet" }

-- Fewer answers than this say little; slow ones among quick ones: so many, and such a share, are a pattern.
awaited.FEW_ANSWERS, awaited.TAIL_LEAST, awaited.TAIL_SHARE = 3, 3, 0.05

local FEW_ANSWERS, TAIL_LEAST, TAIL_SHARE = awaited.FEW_ANSWERS, awaited.TAIL_LEAST, awaited.TAIL_SHARE

-- Why slow answers may have been waited for on purpose: sure enough that nobody is blamed, or not; nil: nothing says so.
local function why(case)
  local asked, looped = case.answers.asked, case.answers.looped
  local others, slow = asked.answers - looped.answers, asked.slow - looped.slow
  if looped.slow > 0 and others >= FEW_ANSWERS and slow < TAIL_LEAST and slow < math.max(1, TAIL_SHARE * others) then
    return ("on %s the client asks again at once after each slow answer, while %s quickly: it may ask for what is yet to come (long poll)"):format(
      phrases.count(looped.connections, "connection"), others - slow == 1 and "another request is answered"
        or ("%.0f other requests are answered"):format(others - slow)), true
  elseif looped.timed_slow * 2 > asked.slow then
    return ("%s took the same %s, and the client asked again at once: a timer ended them, of a request that waits for news (long poll), or of a server that waits in vain itself"):format(
      phrases.count(looped.timed, "answer"), phrases.ms(looped.timed_ms)), true
  end
  local least, most = looped.single_least_ms or 0, looped.single_most_ms or 0
  if looped.single >= FEW_ANSWERS and looped.single * 2 > asked.slow and least >= LIMIT_MS and most - least <= LIMIT_SHARE * most then
    return ("the only answer of %s took the same %s: a timer ended them, of a request that waits for news (long poll), or of a server that waits in vain itself"):format(
      phrases.count(looped.single, "connection"), phrases.ms(most)), true
  end
  if looped.same_slow * 2 > asked.slow and not asker.is_worked_on(case) then
    return ("on %s the client asks the same again as soon as it has an answer, and that comes after %s once and %s another time: what ends its wait may be an event (a poll, a queue), or the server's turn to ask"):format(
      phrases.count(looped.same, "connection"), phrases.ms(looped.same_least_ms), phrases.ms(looped.same_most_ms)), true
  end
  local port = case.result.server_port
  if port and awaited.SHELLS[port] then
    -- each letter is echoed (RFC 857; RFC 4254, 8), so that most words of a shell are quick whatever is run there
    return ("this is the port of %s: who typed a command there waits as long as it runs"):format(awaited.SHELLS[port]),
      asked.slow * 2 < asked.answers
  elseif port and BROKERS[port] then
    -- who waits for messages waits for most of them
    return ("this is the port of %s: who asks there may wait for the next message"):format(BROKERS[port]),
      asked.slow * 2 >= asked.answers
  end
end

--- What of slow answers speaks against a slow server.
-- @tparam table case see mcpcap.findings
-- @tparam string severity as it would be
-- @tparam string confidence likewise
-- @tparam table against the reasons, to which more are added
-- @tparam function regrade what the severity would be if so many of the slow answers were left out
-- @treturn string the severity
-- @treturn string the confidence
function awaited.weigh(case, severity, confidence, against, regrade)
  local given_up = (case.result.http and case.result.http.status or {})["408"] or 0
  if given_up > 0 and regrade(given_up) ~= regrade(0) then
    severity, confidence = "info", "low"
    against[#against + 1] = ("%s 408: the server had waited for the rest of a request"):format(
      given_up == 1 and "one answer is" or ("%.0f answers are"):format(given_up))
  end
  local vanished = case.sums.with_vanished_bytes.server
  if vanished > 0 and regrade(vanished) ~= regrade(0) then
    severity, confidence = "info", "low"
    against[#against + 1] = ("on %s data of the server has vanished before it came by here: what looks like its time may be that of sending the beginning again")
      :format(phrases.count(vanished, "connection"))
  end
  if waits_for_changes(case) then
    severity, confidence = "info", "low"
    against[#against + 1] = case.result.server_port == RELAYED_SCREENS and "this is the port of TeamViewer: if it is that, what looks like an answer is what the host at its other end has to say"
      or "this is a port of remote screens (RFB): if it is one, an update waits until something changes"
  end
  local timed = KEPT_ALIVE[case.result.server_port]
  if timed then
    severity, confidence = "info", "low"
    against[#against + 1] = ("this is the port of %s: if it is that, each side speaks by a timer of its own"):format(timed)
  end
  local reason, surely = why(case)
  if reason then
    severity = surely and "info" or severity == "error" and "warning" or severity
    confidence, against[#against + 1] = "low", reason
  end
  return severity, confidence
end

--- Lost segments that may have delayed an answer: requests, unless the server itself did not take them, and answers of which
-- the first copy never came by here; what was lost behind the capture point had been timed before.
-- @tparam table case
-- @treturn number
function awaited.losses(case)
  local q = case.quality
  local lost = (q.queue_full or q.first_only) and 0 or math.max(0, quality.lost(case, "client"))
  return lost + case.s2c.resent_causes.lost_before
end

return awaited
