--- Who asks here, and whether an answer belongs to what was said: what proves it.
--
-- TCP does not tell questions from answers.  A server is blamed for an answer that came late, or not at all, only where
-- something else tells: what was said could be read, the port is one of a protocol in which each word is answered, or
-- the connections themselves have shown it, again and again.
-- @module mcpcap.findings.proof.asker

local say = require "mcpcap.phrases"

local asker = {}

--- What may be said where nothing of that does.
asker.UNKNOWN = "nothing here tells who asks: what is said cannot be read, the port is of no protocol in which each word is "
  .. "answered, and it was said too seldom to show it; a side that speaks when it has something to say looks the same"

-- Ports of protocols in which the server speaks when it is asked, and then only: FTP, SMTP, WHOIS, DNS, Kerberos, POP3, NNTP,
-- LDAP, Modbus, SQL, memcached.
local ANSWERS_ONLY = { [21] = true, [25] = true, [43] = true, [53] = true, [88] = true, [110] = true, [119] = true, [389] = true,
  [502] = true, [587] = true, [1433] = true, [1521] = true, [3306] = true, [5432] = true, [11211] = true }

-- The same within TLS, of which less is read: HTTPS, SMTP, LDAP, DNS, POP3.
local ANSWERS_IN_TLS = { [443] = true, [465] = true, [636] = true, [853] = true, [995] = true, [8443] = true }

-- Ports of protocols whose first word is the client's, and is answered, whatever is said when behind it: ISO transport (RFC 1006),
-- ONC RPC and NFS (RFC 5531), DCE RPC, SMB, BGP (RFC 4271, 4.2), RTSP, SOCKS, MQTT, IEC 60870-5-104, RDP, SIP, XMPP, AMQP, Redis,
-- Kafka, MongoDB, EtherNet/IP.
local FIRST_WORD_ANSWERED = { [102] = true, [111] = true, [135] = true, [139] = true, [179] = true, [445] = true, [554] = true,
  [1080] = true, [1883] = true, [2049] = true, [2404] = true, [3389] = true, [5060] = true, [5222] = true, [5672] = true,
  [6379] = true, [9092] = true, [27017] = true, [44818] = true }

-- So many connections on which the client spoke first and was answered, or so many answers of which most are quick.
local CONNECTIONS, ANSWERS = 3, 20
-- Not the only one.
local SEVERAL = 2
-- Fewer turns than that may look like it: so many, none of which takes so many times as long as half of them.
local TURNS, EVEN = 3, 1.5
-- Who goes on in a quarter of the time that the other takes waits for him.
local PROMPT = 4

--- Clients that offer HTTP/2 first (RFC 7301) speak that, or else an older HTTP: there servers speak in answer to requests (RFC
-- 9113, 8.1).
local function offers_http2(tls)
  return tls and tls.http2_offered > 0 and tls.http2_offered * 2 >= tls.connections
end

--- Requests in clear, or handshakes of TLS, say who asks.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.is_named(case)
  local http, tls = case.result.http, case.result.tls
  return http and (http.requests or 0) > 0 or tls and tls.server_hello_ms.count > 0 or false
end

--- What is said here can be read, or the port or ALPN tells, so that these are answers.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.can_be_read(case)
  local http = case.result.http
  if offers_http2(case.result.tls) then
    return true
  end
  -- behind an upgrade (101) comes another protocol
  if http and http.answers > 0 and (http.answers - (http.status["101"] or 0)) * 2 >= case.answers.asked.answers then
    return true
  end
  return ANSWERS_ONLY[case.result.server_port or 0] or false
end

--- The port is one of a protocol in which no question waits for an event: each is worked on at once.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.is_worked_on(case)
  return ANSWERS_ONLY[case.result.server_port or 0] or false
end

--- The protocol is known for one in which the client asks and each question is answered.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.is_known(case)
  local port, result = case.result.server_port or 0, case.result
  local http = result.http
  if asker.can_be_read(case) or http and (http.requests or 0) > 0 and not http.status["101"] then
    return true
  end
  return ANSWERS_IN_TLS[port] or case.quality.speechless and port == 80 or false
end

-- The client opened each connection and spoke first, and the server never spoke unasked.
local function leads(case)
  local answers = case.answers
  return case.latency.handshake_rtt_ms.server.count > 0 and answers.server_first + answers.unasked.answers == 0
    and not case.quality.reversed
end

-- The client goes on at once behind each answer: it never takes so long as the server does.
local function is_prompt(case, share)
  local thought = case.latency.client_think_ms
  return thought.count == 0 or thought.max * share <= case.answers.asked.max_ms
end

--- The connections have shown it, again and again: the client opened them, spoke first and waited, and was answered.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.has_shown(case)
  local answers, asked = case.answers, case.answers.asked
  local often, mostly_quick = asked.connections >= CONNECTIONS, asked.slow * 2 < asked.answers
  if not leads(case) or not (often or mostly_quick and asked.answers >= ANSWERS) then
    return false
  end
  return answers.unsure * 2 < math.max(1, asked.slow) or mostly_quick and is_prompt(case, PROMPT)
end

--- The server has answered before, as a rule: what it owes now is an answer, if it ever was one.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.has_been_answered(case)
  return asker.is_known(case) or leads(case) and case.latency.server_response_ms.count >= ANSWERS
    and case.answers.unsure * 2 < math.max(1, case.answers.asked.slow)
end

--- A server that says nothing to anybody owes an answer, as its port tells, or as others of its connections are left without one
-- as well: a word or two of one connection may be all that somebody had to say.
-- @tparam table case see mcpcap.findings
-- @tparam number connections that are left so
-- @treturn boolean
function asker.is_owed_a_word(case, connections)
  return connections >= SEVERAL or FIRST_WORD_ANSWERED[case.result.server_port or 0] or asker.is_known(case)
end

--- Few turns that look like questions and answers: the client waits each time, goes on at once, and each answer takes about
-- as long, as work does, and no person.  Who asks at a beat and is answered at once looks the same from here.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function asker.may_have_shown(case)
  local asked, response = case.answers.asked, case.latency.server_response_ms
  return leads(case) and asked.answers >= TURNS and case.answers.unsure * 2 < asked.slow and is_prompt(case, 2)
    and asked.answers == response.count and asked.max_ms <= EVEN * response.median
end

--- A server that answers 502 or 504 says that it asks others itself (RFC 9110, 15.6.3 and 15.6.5), whose time it cannot shorten.
-- @tparam table case see mcpcap.findings
-- @treturn ?string
function asker.gateway_note(case)
  local status = (case.result.http or {}).status or {}
  local failed = (status["502"] or 0) + (status["504"] or 0)
  return failed > 0 and ("with %s it says that it is a proxy or gateway: the time may be that of the servers which it asks"):format(
    say.count(failed, "answer of 502 or 504", "answers of 502 or 504")) or nil
end

return asker
