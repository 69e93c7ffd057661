--- Keys of what the first bytes of connections say: TLS, HTTP, the PROXY protocol, names.
-- @module mcpcap.fields.application

local parts = {}

local SIDES = { "client", "server" }

parts.tls = {
  about = "TLS, as far as it is plain, over all connections; absent without it. Times are at the capture point.",
  { "connections", "integer", "connections", "0.2", "that begin with a TLS record" },
  { "client_hellos", "integer", "connections", "0.2", "whose ClientHello was read" },
  { "server_hellos", "integer", "connections", "0.2", "whose ServerHello was read" },
  { "retries", "integer", "connections", "0.2", "a HelloRetryRequest asked for another ClientHello" },
  { "completed", "integer", "connections", "0.2", "whose handshake was seen to its last step" },
  { "resumption_offered", "integer", "connections", "0.2", "the client offers to resume a session: a key, a ticket, a session id" },
  { "resumed", "integer", "connections", "0.2", "the server does" },
  { "http2_offered", "integer", "connections", "0.2", "the client offers HTTP/2 before other protocols (ALPN)" },
  { "early_data", "integer", "connections", "0.2", "the client offers early data" },
  { "encrypted_hello", "integer", "connections", "0.2", "a part of the ClientHello is encrypted, or claims to be" },
  { "versions", "map of integer", "connections", "0.2", "chosen by the server" },
  { "sni", "list of said", "-", "0.2", "names that clients ask for, the most frequent eight" },
  { "alpn", "list of said", "-", "0.2", "protocols that the server chose in plain text (up to TLS 1.2), likewise" },
  { "server_hello_ms", "durations", "ms", "0.2",
    "end of the ClientHello to the ServerHello, without the way to the server and back where the handshake tells it" },
  { "handshake_ms", "durations", "ms", "0.2",
    "end of the ClientHello to the last step: of TLS 1.3 the client's Finished, of older versions the later ChangeCipherSpec" },
  { "first_data_ms", "durations", "ms", "0.2", "the last step to the server's next data" },
  { "slow", "integer", "connections", "0.2", "whose `server_hello_ms` is 200 or more" },
  { "slow_frames", "frames", "frame numbers", "0.2", "such ServerHellos" },
  { "unanswered", "unanswered", "-", "0.2",
    "the whole ClientHello was acknowledged, and the server sent no data; absent where there is none" },
  { "not_spoken", "not_spoken", "-", "0.2", "the server does not speak TLS there; absent where there is none" },
  { "hello_lost", "hello_lost", "-", "0.2", "nothing of the ClientHello was acknowledged; absent where there is none" },
  { "hello_cut", "hello_cut", "-", "0.2", "the rest of the ClientHello never came by; absent where there is none" },
  { "alert_count", "integer", "connections", "0.2", "plain alerts; absent without any" },
  { "alerts", "list of tls_alert", "-", "0.2", "the same by kind, sixteen at most" },
  { "certificates", "list of tls_certificate", "-", "0.2",
    "the server's own certificates, plain up to TLS 1.2, eight at most; absent without any" },
}

parts.said = {
  about = "A name that connections say.",
  { "name", "text", "-", "0.2", "the name" },
  { "connections", "integer", "connections", "0.2", "how many" },
}

parts.unanswered = {
  about = "What nothing followed: the connection ended, or the capture goes on for a second or more.",
  { "count", "integer", "connections", "0.2", "connections" },
  { "longest_ms", "number", "ms", "0.2", "the longest wait, until the connection or the capture ended" },
  { "server_ended", "integer", "connections", "0.2", "of these: the server closed or reset first" },
  { "client_ended", "integer", "connections", "0.2", "of these: the client did" },
  { "frames", "frames", "frame numbers", "0.2", "what was not answered" },
}

parts.not_spoken = {
  about = "ClientHellos to a server that speaks something else: its first bytes, in answer or before, are no TLS, and the "
    .. "client's first are.",
  { "count", "integer", "connections", "0.2", "connections" },
  { "http", "integer", "connections", "0.2", "of these: it answered with a status line of HTTP" },
  { "frames", "frames", "frame numbers", "0.2", "such first bytes, or the ClientHello that came behind them" },
}

parts.hello_lost = {
  about = "ClientHellos that were sent again, and nothing of them was acknowledged.",
  { "count", "integer", "connections", "0.2", "connections" },
  { "shortest_bytes", "integer", "size", "0.2", "the shortest first segment of them" },
  { "longest_passed_bytes", "integer", "size", "0.2", "the longest first segment of a ClientHello that was answered; 0: none was" },
  { "frames", "frames", "frame numbers", "0.2", "first frames of the connections" },
}

parts.hello_cut = {
  about = "ClientHellos of which the beginning came and was acknowledged, and the rest never came by.",
  { "count", "integer", "connections", "0.2", "connections" },
  { "frames", "frames", "frame numbers", "0.2", "first frames of the connections" },
}

parts.tls_alert = {
  about = "Plain alerts of one kind.",
  { "name", "text", "-", "0.2", "as in RFC 8446, section 6; or its number" },
  { "by", "text", "-", "0.2", "who sent it", one_of = SIDES },
  { "fatal", "boolean", "-", "0.2", "false: a warning" },
  { "instead_of_hello", "boolean", "-", "0.2", "in answer to the ClientHello, before a ServerHello" },
  { "count", "integer", "connections", "0.2", "how many" },
  { "sni", "text", "-", "0.2", "the name that the first of these clients asked for; absent without one" },
  { "frames", "frames", "frame numbers", "0.2", "the first" },
}

parts.tls_certificate = {
  about = "A certificate that the server sent as its own.",
  { "subject", "text", "-", "0.2", "common name, or else organization; absent without either" },
  { "issuer", "text", "-", "0.2", "likewise" },
  { "name", "text", "-", "0.2", "the first DNS name among its alternative names; absent without one" },
  { "not_before_time", "number", "time", "0.2", "valid from here on" },
  { "not_after_time", "number", "time", "0.2", "valid until then" },
  { "connections", "integer", "connections", "0.2", "that it was sent on" },
  { "expired", "integer", "connections", "0.2", "of these: later than `not_after_time`" },
  { "not_yet_valid", "integer", "connections", "0.2", "of these: before `not_before_time`" },
  { "frame", "integer", "frame numbers", "0.2", "where it was whole first" },
  { "seen_time", "number", "time", "0.2", "when that was" },
}

parts.http = {
  about = "HTTP/1 in plain text, over all connections; absent without it. Of each turn the first request and the first "
    .. "answer is read.",
  { "connections", "integer", "connections", "0.2", "with a request or an answer" },
  { "http2_connections", "integer", "connections", "0.2", "that begin with the preface of HTTP/2 without TLS: nothing more is read" },
  { "requests", "integer", "requests", "0.2", "requests" },
  { "answers", "integer", "requests", "0.2", "answers, interim ones (1xx) left out" },
  { "open_ended", "integer", "requests", "0.2",
    "answers that begin without a length of theirs, and do not end at once: chunked, or to the close" },
  { "status", "map of integer", "requests", "0.2", "answers by status, interim ones too" },
  { "fine", "http_answers", "-", "0.2", "answers below 500; absent without any" },
  { "failed", "http_answers", "-", "0.2", "5xx but those of `gateway`: the server says that it failed; absent without any" },
  { "gateway", "http_answers", "-", "0.2",
    "502, 503 and 504: a proxy says that what is behind it failed, or a server that it is not ready; absent without any" },
  { "unanswered", "unanswered", "-", "0.2", "requests that nothing followed; absent where there is none" },
  { "requests_cut_short", "cut_short", "-", "0.2",
    "requests that the client began, and ended before their whole length; all that it sent was acknowledged" },
  { "answers_cut_short", "cut_short", "-", "0.2", "answers that the server ended before their whole length" },
  { "answers_broken_off", "answers_left", "-", "0.2", "answers that the client did not wait for, while they came" },
  { "answers_stalled", "answers_left", "-", "0.2",
    "answers that stopped: all that had come was acknowledged, the client had room for more, and gave up, or the capture "
      .. "ended, after two seconds of silence or more" },
  { "to_tls", "to_tls", "-", "0.2", "first requests to a server that speaks TLS there; absent where there is none" },
}

parts.to_tls = {
  about = "Plain requests of HTTP that a server of TLS answered, the first of their connections.",
  { "alerts", "integer", "requests", "0.2", "answered with an alert of TLS" },
  { "told", "integer", "requests", "0.2", "answered with 400 in plain text, in words that say so" },
  { "frames", "frames", "frame numbers", "0.2", "such answers" },
}

parts.answers_left = {
  about = "Answers with a `Content-Length` that the client left, by a FIN or a reset of its own, before it had all of "
    .. "them, or waits for when the capture ends; absent where there is none. The latest answer of each connection that is "
    .. "kept; none where the capture lacks some of it.",
  { "count", "integer", "connections", "0.2", "how many" },
  { "by_reset", "integer", "connections", "0.2", "of these: by a reset" },
  { "taken_bytes", "integer", "size", "0.2", "of their bodies, acknowledged by the client" },
  { "whole_bytes", "integer", "size", "0.2", "of their bodies, as their heads tell it" },
  { "longest_ms", "number", "ms", "0.2", "the longest silence before it; of those that stopped only" },
  { "not_ended", "integer", "connections", "0.2",
    "of these: that nobody had ended when the capture did; of those that stopped only" },
  { "frames", "frames", "frame numbers", "0.2", "where these answers began" },
}

parts.cut_short = {
  about = "Messages whose head tells a length (`Content-Length`; of chunks those whose beginning came with the head), and "
    .. "whose side was the first to close or reset the connection before it was reached; absent where there is none. The "
    .. "latest message of each connection that is kept; none where the other side's window had been closed, none to HEAD.",
  { "closed", "integer", "connections", "0.2", "the side closed in order (FIN)" },
  { "reset", "integer", "connections", "0.2", "it reset the connection" },
  { "missing_bytes", "integer", "size", "0.2", "of both, at the least" },
  { "frames", "frames", "frame numbers", "0.2", "where these messages began; likewise" },
}

parts.http_answers = {
  about = "Answers of one kind.",
  { "count", "integer", "requests", "0.2", "how many" },
  { "answer_ms", "durations", "ms", "0.2", "end of the request to the beginning of the answer" },
  { "frames", "frames", "frame numbers", "0.2", "the first; absent of those that are fine" },
}

parts.proxy_protocol = {
  about = "Connections that begin with a header of the PROXY protocol; absent without any.",
  { "v1", "integer", "connections", "0.2", "of version 1, in text" },
  { "v2", "integer", "connections", "0.2", "of version 2, binary" },
  { "clients_named", "integer", "connections", "0.2", "whose header names the client" },
}

parts.connection_tls = {
  about = "What TLS says in plain text on one connection.",
  { "offered", "text", "-", "0.2", "the highest version that the client offers; absent without its ClientHello" },
  { "version", "text", "-", "0.2", "the version that the server chose; absent without its ServerHello" },
  { "sni", "text", "-", "0.2", "the name that the client asks for; absent without one" },
  { "alpn_offered", "text", "-", "0.2", "the first protocol that the client offers; likewise" },
  { "alpn", "text", "-", "0.2", "the protocol that the server chose, where that is plain" },
  { "retry", "boolean", "-", "0.2", "a HelloRetryRequest asked for another ClientHello" },
  { "resumption_offered", "boolean", "-", "0.2", "the client offers to resume a session" },
  { "resumed", "boolean", "-", "0.2", "the server does" },
  { "early_data", "boolean", "-", "0.2", "the client offers early data" },
  { "encrypted_hello", "boolean", "-", "0.2", "a part of the ClientHello is encrypted, or claims to be" },
  { "client_hello_frame", "integer", "frame numbers", "0.2", "where the ClientHello was whole" },
  { "server_hello_frame", "integer", "frame numbers", "0.2", "where the ServerHello was" },
  { "server_hello_ms", "number", "ms", "0.2", "between them, the way included" },
  { "handshake_ms", "number", "ms", "0.2", "from the ClientHello to the last step of the handshake" },
  { "first_data_ms", "number", "ms", "0.2", "the last step to the server's next data" },
  { "alerts", "list of told_alert", "-", "0.2", "plain alerts, the first two; absent without any" },
  { "certificate", "connection_certificate", "-", "0.2", "the server's, where it is plain" },
  { "last_message", "tls_last", "-", "0.2", "of a handshake that was not seen to its end: what came last" },
}

parts.connection_certificate = {
  about = "The server's certificate on one connection.",
  { "subject", "text", "-", "0.2", "common name, or else organization; absent without either" },
  { "issuer", "text", "-", "0.2", "likewise" },
  { "name", "text", "-", "0.2", "the first DNS name among its alternative names; absent without one" },
  { "not_before_time", "number", "time", "0.2", "valid from here on" },
  { "not_after_time", "number", "time", "0.2", "valid until then" },
}

parts.tls_last = {
  about = "The last message of a handshake that was not seen to its end.",
  { "from", "text", "-", "0.2", "whose", one_of = SIDES },
  { "message", "text", "-", "0.2", "which" },
}

parts.connection_http = {
  about = "HTTP/1 in plain text on one connection.",
  { "requests", "integer", "requests", "0.2", "requests: the first of each turn" },
  { "answers", "integer", "requests", "0.2", "answers likewise, interim ones (1xx) left out" },
  { "status", "map of integer", "requests", "0.2", "answers by status, interim ones too, the first four; the rest as "
    .. "`other`" },
  { "slowest_ms", "number", "ms", "0.2", "end of a request to the beginning of its answer, at most" },
  { "slowest_status", "integer", "-", "0.2", "the status of that answer" },
  { "unanswered_frame", "integer", "frame numbers", "0.2", "the latest request, where nothing followed" },
  { "request_cut_short", "connection_cut", "-", "0.2", "the latest request, where the client ended it too early" },
  { "answer_cut_short", "connection_cut", "-", "0.2", "the latest answer, where the server did" },
}

parts.connection_cut = {
  about = "A message that ends before the length that its head told.",
  { "missing_bytes", "integer", "size", "0.2", "at the least" },
  { "frame", "integer", "frame numbers", "0.2", "where it began" },
}

parts.connection_proxy = {
  about = "The header of the PROXY protocol that a connection begins with.",
  { "version", "integer", "-", "0.2", "1 or 2" },
  { "client", "text", "-", "0.2", "address and port of the client in front of the proxy; absent where it is not named" },
}

parts.name_lookups = {
  about = "Names that clients asked for before they connected: DNS to port 53, over UDP and TCP, in the same capture. "
    .. "A lookup is all questions of a client for one name (kinds A, AAAA, HTTPS), however often they were put and of whom, "
    .. "until one of its connections began; it led there if an answer named the server's address not more than 5 s before "
    .. "(15 s while a question was open). Kept are the latest 4,096 lookups, 64 names of the server and rows of 65,536 "
    .. "connections: 4 MB at most, and 4 MB for the rows. Over TCP those messages are read that begin with a segment.",
  { "lookups", "integer", "-", "0.2", "that led to a connection, each once" },
  { "connections", "integer", "connections", "0.2", "that a lookup led to" },
  { "wait_ms", "durations", "ms", "0.2", "of lookups: the first question to the latest answer before the connection" },
  { "connect_ms", "durations", "ms", "0.2", "from there to the connection's SYN" },
  { "slow", "integer", "-", "0.2", "lookups that took 200 ms or more; where a question was open for as long, until the SYN" },
  { "slow_frames", "frames", "frame numbers", "0.2", "their first questions" },
  { "repeated", "integer", "-", "0.2", "lookups of which a question was put again before it was answered" },
  { "failed_first", "integer", "-", "0.2", "lookups with answers that were errors (SERVFAIL and others) before" },
  { "half_answered", "integer", "-", "0.2", "lookups of which one kind of address was not answered 200 ms after the other one" },
  { "longest", "longest_lookup", "-", "0.2", "the longest of the slow ones; absent without any" },
  { "names", "list of said", "-", "0.2", "names that led here, the most frequent eight" },
  { "lost", "lost_lookups", "-", "0.2", "lookups of these names that came to nothing, whoever asked" },
}

parts.longest_lookup = {
  about = "A lookup that took long.",
  { "name", "text", "-", "0.2", "the name, fit to be shown; absent past the 64 that are kept" },
  { "frame", "integer", "frame numbers", "0.2", "frame of the first question" },
  { "wait_ms", "number", "ms", "0.2", "how long" },
}

parts.lost_lookups = {
  about = "Lookups that came to nothing, by what came last.",
  { "unanswered", "lost_kind", "-", "0.2", "no answer, though the capture goes on for a second at least" },
  { "no_name", "lost_kind", "-", "0.2", "there is no such name (NXDOMAIN)" },
  { "failed", "lost_kind", "-", "0.2", "the server for names failed (SERVFAIL)" },
  { "refused", "lost_kind", "-", "0.2", "it did not want to (REFUSED), or another error" },
}

parts.lost_kind = {
  about = "Lookups that came to nothing in one way.",
  { "lookups", "integer", "-", "0.2", "how many" },
  { "frames", "frames", "frame numbers", "0.2", "first questions" },
}

parts.connection_dns = {
  about = "The lookup that led to a connection.",
  { "name", "text", "-", "0.2", "the name, fit to be shown; absent past the 64 that are kept" },
  { "frame", "integer", "frame numbers", "0.2", "frame of the first question" },
  { "wait_ms", "number", "ms", "0.2", "from there to the latest answer before the connection" },
  { "before_ms", "number", "ms", "0.2", "from there to the first segment" },
  { "repeated", "integer", "-", "0.2", "questions put again, 100 ms later at least, without an answer" },
  { "errors", "integer", "-", "0.2", "answers that were errors" },
  { "half_answered", "boolean", "-", "0.2", "a question for the other kind of address (A, AAAA) was open when it began" },
}

return parts
