-- Cases of the rules about what connections say.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local says = dofile(here .. "../application/says.lua")

local function begin()
  return says.talk(pieces.new { server_port = 443, win = 60000 }:hs())
end

-- So many connections, each as 'one' makes it.
local function several(n, one)
  local talk = begin()
  for i = 1, n do
    one(talk, i)
    if i < n then
      talk = talk:next(i)
    end
  end
  return talk.x
end

case("tls_alert_of_client", "unknown_ca", { severity = "warning", side = "client", confidence = "medium" }, function()
  return begin():say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(48)):close().x
end)
case("tls_alert_of_client", "several of one kind", {
  text = "The client broke off 2 TLS handshakes with the alert unknown_ca: it does not trust who issued the server's "
    .. "certificate.",
}, function()
  return several(2, function(talk)
    talk:say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(48)):close()
  end)
end)
case("tls_alert_of_client", "of two kinds", {
  text = "The client broke off 3 TLS handshakes with alerts, 2 of them unknown_ca: it does not trust who issued the "
    .. "server's certificate.",
}, function()
  return several(3, function(talk, i)
    talk:say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(i == 2 and 40 or 48)):close()
  end)
end)
case("tls_alert_of_client", "goodbye", false, function()
  return begin():say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(90)):close().x
end)
case("tls_alert_of_client", "a warning", false, function()
  return begin():say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(41, true)):close().x
end)
case("tls_alert_of_server", "handshake_failure", { severity = "warning", side = "server" }, function()
  return begin():say("c", says.hello { name = "a.example" }):say("s", says.alert(40)):close("s").x
end, { never = { "tls_name_refused", "tls_no_server_hello" } })
case("tls_alert_of_server", "a name that is none", false, function()
  return begin():say("c", says.hello { name = "no.example" }):say("s", says.alert(112)):close("s").x
end, { instead = "tls_name_refused" })
case("tls_name_refused", "unrecognized_name", { severity = "warning", side = "server", confidence = "medium",
  text = 'The server refused 1 TLS handshake as of a name that it does not serve: "no.example".' }, function()
  return begin():say("c", says.hello { name = "no.example" }):say("s", says.alert(112)):close("s").x
end)
case("tls_name_refused", "two names", {
  text = 'The server refused 2 TLS handshakes as of a name that it does not serve; the first was "no1.example".',
}, function()
  return several(2, function(talk, i)
    talk:say("c", says.hello { name = ("no%d.example"):format(i) }):say("s", says.alert(112)):close("s")
  end)
end)
case("tls_name_refused", "only warned of", false, function()
  local talk = begin():say("c", says.hello { name = "no.example" })
  return talk:say("s", says.alert(112, true) .. says.flight {}):close().x
end)

-- The ClientHello is acknowledged, and then nothing comes for so long.
local function silent(ms, flags, by)
  local talk = begin():say("c", says.hello {})
  talk.x:s_ack(talk.c):after(ms * MS)
  if by == "s" then
    return talk.x:s(talk.s, 0, { flags = flags, ack = talk.c })
  end
  return talk.x:c(talk.c, 0, { flags = flags, ack = talk.s })
end
case("tls_no_server_hello", "the client gives up after 5 s",
  { severity = "info", side = "server", confidence = "low" },
  function() return silent(5000, "RA") end)
case("tls_no_server_hello", "the server closes at once", { severity = "info", side = "server" }, function()
  return silent(1, "RA", "s")
end)
case("tls_no_server_hello", "the server closes each time",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return several(2, function(talk)
      talk:say("c", says.hello {})
      talk.x:s_ack(talk.c):after(MS):s(talk.s, 0, { flags = "RA", ack = talk.c })
    end)
  end)
-- The same client tries so many other ports before.
local function hellos_among(ports)
  local talk = begin()
  local x, mine = talk.x, talk.x.sides.s.port
  for i = 1, ports do
    x.sides.s.port = 20 + i
    x:syn():s(0, 0, { flags = "RA", ack = 1001 })
  end
  x.sides.s.port = mine
  talk = talk:next(1)
  for i = 2, 3 do
    talk:say("c", says.hello {})
    talk.x:s_ack(talk.c):after(5000 * MS):c(talk.c, 0, { flags = "RA", ack = talk.s })
    talk = talk:next(i)
  end
  return talk.x
end
case("tls_no_server_hello", "one who scans tries it", { severity = "info", side = "server", confidence = "low" },
  function() return hellos_among(12) end)
case("tls_no_server_hello", "one who uses three more ports", { severity = "error", confidence = "medium" },
  function() return hellos_among(3) end)
case("tls_no_server_hello", "the client leaves at once", false, function() return silent(100, "RA") end)
-- It is acknowledged first by the reset of what came again, when the server had waited and closed; 'before': sooner.
local function lost_hello(before)
  return several(2, function(talk)
    local hello = says.hello {}
    talk:say("c", hello)
    local first, x = talk.c - #hello, talk.x
    if before then
      return x:s_ack(talk.c):after(9 * SECOND):s(talk.s, 0, { flags = "RA", ack = talk.c })
    end
    x:after(9 * SECOND):s(talk.s, 0, { flags = "FA", ack = first }):c(talk.c, 0, { ack = talk.s + 1 })
    x:after(300 * MS):c(first, #hello, { ack = talk.s + 1, payload = hello }):after(MS)
    return x:s(talk.s + 1, 0, { flags = "RA", ack = talk.c })
  end)
end
case("tls_no_server_hello", "the server's reset answers what came again after its close", false, function()
  return lost_hello(false)
end)
case("tls_no_server_hello", "the server has it, waits, and resets", { severity = "error", side = "server" }, function()
  return lost_hello(true)
end)
case("tls_no_server_hello", "it was not acknowledged", false, function()
  local talk = begin():say("c", says.hello {})
  return talk.x:after(5 * SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s })
end)
case("tls_no_server_hello", "its answer is not in the capture", false, function()
  local talk = begin():say("c", says.hello {})
  talk.x:s_ack(talk.c):c(talk.c, 0, { ack = talk.s + 900 })
  return talk.x:after(5 * SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s + 900 })
end)

case("tls_slow_handshake", "three of 300 ms", { severity = "info", side = "server" }, function()
  return several(3, function(talk) talk:tls13({}, 300 * MS):close() end)
end)
case("tls_slow_handshake", "three of 1.5 s",
  { severity = "warning", side = "server", confidence = "medium" }, function()
  return several(3, function(talk) talk:tls13({}, 1500 * MS):close() end)
end)
case("tls_slow_handshake", "three of 1.5 s, and as many segments were sent again",
  { severity = "info", confidence = "low" }, function()
    return several(3, function(talk) talk:tls13({}, 1500 * MS):close() end)
  end, { alter = function(result)
    result.client_to_server.late_segments.resent = 3
  end })
case("tls_slow_handshake", "two of them", false, function()
  return several(3, function(talk, i) talk:tls13({}, (i < 3 and 300 or 100) * MS):close() end)
end)

-- The clock of a capture may be wrong, whatever it says.
local function has_doubt(id)
  return function(result)
    for _, finding in ipairs(result.analysis.findings) do
      if finding.id == id then
        assert(finding.evidence.counter_evidence[1]:find("clock is wrong", 1, true))
      end
    end
  end
end
case("certificate_expired", "a month before",
  { severity = "warning", side = "server", confidence = "medium" }, function()
  return begin():tls12({ subject = "old.example", to = "231014000000Z" }):close().x
end, { check = has_doubt("certificate_expired") })
case("certificate_expired", "hours before", { severity = "warning", confidence = "medium" }, function()
  return begin():tls12({ to = "231114120000Z" }):close().x
end)
case("certificate_expired", "between two connections", {
  text = 'The server\'s certificate "Example Ltd" had expired when it was sent on 1 connection: by the capture\'s '
    .. "clock, less than a day before.",
}, function()
  local talk = begin():tls12({ to = "231114221325Z" }):close()
  talk.x:after(10 * SECOND)
  return talk:next(1):tls12({ to = "231114221325Z" }):close().x
end)
case("certificate_expired", "a day later", false, function()
  return begin():tls12({ to = "231115235959Z" }):close().x
end)
case("certificate_not_yet_valid", "a week later",
  { severity = "warning", side = "server", confidence = "medium" }, function()
  return begin():tls12({ from = "231122000000Z" }):close().x
end, { check = has_doubt("certificate_not_yet_valid") })
case("certificate_not_yet_valid", "a year later", { severity = "info", side = "capture" }, function()
  return begin():tls12({ from = "241114000000Z" }):close().x
end)
case("certificate_not_yet_valid", "since yesterday", false, function()
  return begin():tls12({ from = "231113000000Z" }):close().x
end)

-- Requests and their answers, a list of { status, milliseconds }.
local function web(list)
  local talk = begin()
  for _, one in ipairs(list) do
    talk:say("c", says.get()):say("s", says.answer(one[1]), one[2] * MS)
  end
  return talk:close().x
end
case("http_errors", "one of two", { severity = "warning", side = "server", confidence = "medium" }, function()
  return web { { 200, 5 }, { 500, 5 } }
end)
case("http_errors", "five of seven, and at once", { severity = "error", side = "server" }, function()
  return web { { 200, 90 }, { 500, 2 }, { 500, 2 }, { 500, 2 }, { 500, 2 }, { 501, 2 }, { 200, 90 } }
end)
case("http_errors", "errors of the client", false, function() return web { { 404, 5 }, { 400, 5 } } end)
case("http_errors", "those of a proxy", false, function() return web { { 200, 5 }, { 502, 5 } } end,
  { instead = "http_gateway_errors" })
-- Slow answers, one a connection, and one of 'code' at once.
local function slow_beside(code)
  return several(5, function(talk, i)
    talk.x:after(300 * MS)
    talk:say("c", says.get("/" .. i))
    talk:say("s", says.answer(i == 2 and code or 200), (i == 2 and 5 or 1400 + 10 * i) * MS):close()
  end)
end
case("slow_server", "a gateway, whose time may be that of others", { severity = "error", confidence = "low" },
  function() return slow_beside(502) end)
case("slow_server", "one that is not ready at times", { severity = "error", confidence = "medium" }, function()
  return slow_beside(503)
end)
case("http_gateway_errors", "after a long wait", { severity = "warning", side = "server" }, function()
  return web { { 200, 5 }, { 504, 900 }, { 504, 900 }, { 200, 5 } }
end)
case("http_gateway_errors", "the server's own", false, function() return web { { 500, 5 } } end)

local function unanswered(ms, o)
  local talk = begin():say("c", says.get()):say("s", says.answer(200)):say("c", says.get("/slow"))
  if not (o and o.lost) then
    talk.x:s_ack(talk.c)
  end
  return talk.x:after(ms * MS):c(talk.c, 0, { flags = "RA", ack = talk.s })
end
case("http_unanswered", "the client gives up after 5 s", { severity = "info", side = "server", confidence = "low" },
  function() return unanswered(5000) end)
case("http_unanswered", "the answer's first segment is not in the capture", false, function()
  local talk = begin():say("c", says.get())
  talk.x:s(talk.s + 1000, 500, { ack = talk.c }):after(5 * SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s })
  return talk.x
end)
-- The server closes behind an answer of which nothing is in the capture, or without one.
local function closes_behind(missing)
  local talk = begin():say("c", says.get())
  talk.x:s_ack(talk.c):s(talk.s + missing, 0, { flags = "FA", ack = talk.c })
  local s = talk.s + missing + 1
  return talk.x:c(talk.c, 0, { flags = "FA", ack = s }):s(s, 0, { ack = talk.c + 1 })
end
case("http_unanswered", "no packet of the answer is in the capture", { severity = "info", confidence = "low" },
  function()
    return closes_behind(1624)
  end)
case("http_unanswered", "the server closes, and its numbers tell of no answer", { severity = "warning" }, function()
  return closes_behind(0)
end)
case("http_unanswered", "it leaves at once", false, function() return unanswered(200) end)
case("http_unanswered", "it did not arrive", false, function() return unanswered(5000, { lost = true }) end)
case("http_unanswered", "the server closes instead", { severity = "warning", side = "server" }, function()
  local talk = begin():say("c", says.get())
  talk.x:s_ack(talk.c):after(50 * MS)
  return talk:close("s").x
end)
-- A word of which HTTP has one like it, acknowledged; the server closes.
local function line_and_end(line)
  local talk = begin():say("c", line)
  talk.x:s_ack(talk.c):after(50 * MS)
  return talk:close("s").x
end
case("http_unanswered", "a line that names no version of HTTP", false, function()
  return line_and_end("CONNECT,192.0.2.1,4026\nCONNECT 192.0.2.1 4026\n")
end)
case("http_unanswered", "a line of another protocol", false, function()
  return line_and_end("CONNECT 192.0.2.1 4026\n")
end)
case("http_unanswered", "the same word of HTTP", { severity = "warning", side = "server" }, function()
  return line_and_end("CONNECT 192.0.2.1:4026 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n")
end)

-- Two taps whose clocks tick slowly, put together: of what has one time the answer stands first.
local function turned_round(n, right)
  return several(n, function(talk, i)
    talk:say("c", says.get()):say("s", says.answer(200), 5 * MS)
    talk.x:after(5 * MS)
    if i > right then
      local request, s = says.get("/last"), talk.s
      talk.c = talk.c + #request
      talk:say("s", says.answer(200))
      talk.x:c(talk.c - #request, #request, { payload = request, ack = s })
    else
      talk:say("c", says.get("/last"))
      talk.x:s_ack(talk.c)
    end
    talk.x:after(50 * MS)
    talk:close("s")
  end)
end
case("http_unanswered", "it stands in the file behind its answer", false, function() return turned_round(3, 0) end,
  { instead = "capture_order" })
case("http_unanswered", "two do, and one is not answered", { severity = "info", confidence = "low" },
  function() return turned_round(3, 1) end)

-- An answer of which the head tells a length, and so much of it; who closes then.
local function cut(head, body, by, request)
  local talk = begin():say("c", request or says.get())
  talk.x:s_ack(talk.c):after(5 * MS)
  talk:say("s", head .. ("x"):rep(body))
  talk.x:c_ack(talk.s)
  return talk:close(by).x
end
local THOUSAND = "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n"
local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local HEAD = "HEAD / HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
case("answer_cut_short", "2000 of 3000 bytes", { severity = "warning", side = "server", confidence = "medium",
  text = "The server closed in the middle of the only answer: 1000 bytes or more of what the head of the message "
    .. "had announced never came. Either its process has failed, or what it passes on ended too early.",
}, function() return cut(THOUSAND, 2000, "s") end, { check = function(result)
  assert(result.http.answers_cut_short.missing_bytes == 1000)
  assert(result.connections[1].http.answer_cut_short.missing_bytes == 1000)
end })
case("answer_cut_short", "all of it", false, function() return cut(THOUSAND, 3000, "s") end)
case("answer_cut_short", "the client closes", false, function() return cut(THOUSAND, 2000, "c") end)
case("answer_cut_short", "to HEAD", false, function() return cut(THOUSAND, 0, "s", HEAD) end)
case("answer_cut_short", "304 with the length of what was not sent", false, function()
  return cut(THOUSAND:gsub("200 OK", "304 Not Modified"), 0, "s")
end)
case("answer_cut_short", "204", false, function() return cut(THOUSAND:gsub("200", "204"), 0, "s") end)
case("answer_cut_short", "without a length, to the close", false, function()
  return cut("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", 2000, "s")
end)
case("answer_cut_short", "two lengths that differ", false, function()
  return cut("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\nContent-Length: 10\r\n\r\n", 2000, "s")
end)
case("answer_cut_short", "nothing of the body", { side = "server" }, function() return cut(THOUSAND, 0, "s") end)
case("answer_cut_short", "within a chunk", { side = "server" }, function()
  return cut(CHUNKED .. "1000\r\n", 3000, "s")
end)
case("answer_cut_short", "before the last chunk", { side = "server" }, function()
  return cut(CHUNKED .. "a\r\n0123456789\r\n", 0, "s")
end)
case("answer_cut_short", "with the last chunk", false, function()
  return cut(CHUNKED .. "a\r\n0123456789\r\n0\r\n\r\n", 0, "s")
end)
case("answer_cut_short", "a reset behind what was acknowledged", { severity = "warning", side = "server",
  confidence = "medium",
  text = "The server reset the connection in the middle of the only answer: 2000 bytes or more of what the head of "
    .. "the message had announced never came. Either its process has failed, or what it passes on ended too early.",
}, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(1000), 5 * MS)
  talk.x:c_ack(talk.s):after(MS):s(talk.s, 0, { flags = "RA", ack = talk.c })
  return talk.x
end, { check = function(result)
  assert(result.http.answers_cut_short.reset == 1 and result.http.answers_cut_short.closed == 0)
end })
case("answer_cut_short", "a reset behind all of it", false, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(3000), 5 * MS)
  talk.x:c_ack(talk.s):after(MS):s(talk.s, 0, { flags = "RA", ack = talk.c })
  return talk.x
end, { instead = "reset_after_answer" })
case("answer_cut_short", "a reset amid it", { side = "server" }, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(1000), 5 * MS)
  talk.x:s(talk.s, 0, { flags = "RA", ack = talk.c })
  return talk.x
end)

case("answer_cut_short", "the client did not read on", false, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(2000), 5 * MS)
  talk.x:c(talk.c, 0, { ack = talk.s, win = 0 }):after(5 * SECOND):c(talk.c, 0, { ack = talk.s, win = 60000 })
  return talk:close("s").x
end)
case("answer_cut_short", "the request is not in the capture", false, function()
  local talk = begin()
  talk.c = talk.c + 60
  talk.x:s_ack(talk.c)
  return talk:say("s", THOUSAND .. ("x"):rep(2000)):close("s").x
end)

-- The client takes so much of the answer and resets, or closes; 'o': more that is on its way then, the silence before
-- it (ms), how it ends, the window that it announces last.
local function leaves(head, body, o)
  o = o or {}
  local talk = begin():say("c", says.get()):say("s", head .. ("x"):rep(body), 5 * MS)
  local ack = talk.s
  talk.x:c(talk.c, 0, { ack = ack, win = o.win or 60000 })
  if o.more then
    talk:say("s", ("x"):rep(o.more))
  end
  talk.x:after((o.silence or 20) * MS)
    :c(talk.c, 0, { flags = o.flags or "RA", ack = ack, win = o.win or 60000 })
  if o.flags then
    talk.x:s(talk.s, 0, { flags = "FA", ack = talk.c + 1 }):c(talk.c + 1, 0, { ack = talk.s + 1 })
  end
  return talk.x
end
case("reset_mid_data", "an answer of which the client wants the beginning", {
  severity = "warning", side = "client", confidence = "medium",
  text = "The client reset the only connection in the middle of the server's data, 500 bytes of which it had not "
    .. "acknowledged: it broke off, as it no longer wanted the rest or had failed; the server was still sending. Of "
    .. "the answer whose length was told it had acknowledged 1000 bytes of 3000 bytes.",
}, function() return leaves(THOUSAND, 1000, { more = 500 }) end, { check = function(result)
  local left = result.http.answers_broken_off
  assert(left.count == 1 and left.by_reset == 1 and left.taken_bytes == 1000 and left.whole_bytes == 3000)
end })
case("reset_mid_data", "the rest was on its way, and never acknowledged", { severity = "warning" }, function()
  return leaves(THOUSAND, 1000, { more = 2000 })
end, { check = function(result) assert(not result.http.answers_broken_off) end })
case("answer_stalled", "1000 of 3000 bytes, and 5 s of silence", {
  severity = "warning", side = "server", confidence = "medium",
  text = "The server stopped in the middle of the only answer: the client had acknowledged 1000 bytes of the 3000 "
    .. "bytes that its head had told, had room for more, heard nothing for 5.0 s, and gave up.",
}, function() return leaves(THOUSAND, 1000, { silence = 5000 }) end, { never = { "reset_mid_data" } })
case("answer_stalled", "and the client closes", { severity = "warning", side = "server" }, function()
  return leaves(THOUSAND, 1000, { silence = 5000, flags = "FA" })
end, { check = function(result) assert(result.http.answers_stalled.taken_bytes == 1000) end })
-- Connections of WebSocket, each answered after so long; then the server pings, and the client says that it is there.
local function upgraded(ms, n)
  return several(n, function(talk)
    talk:say("c", "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    talk:say("s", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", ms * MS)
    for _ = 1, 3 do
      talk:say("s", "\137\0", 500 * MS):say("c", "\138\128abcd", MS)
    end
    talk:close()
  end)
end
case("slow_server", "upgrades that come late", { severity = "warning", side = "server", confidence = "medium" },
  function() return upgraded(3000, 3) end)
case("slow_server", "upgrades that come at once, and pings behind them", { severity = "info", confidence = "low" },
  function() return upgraded(5, 3) end)
-- The client has had so much of its answer, and waits for the rest; meanwhile another connection, so long after it, is
-- all that passes.
local function still_waits(body, ms, o)
  o = o or {}
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(body), 5 * MS)
  talk.x:c(talk.c, 0, { ack = talk.s - (o.open or 0), win = o.win or 60000 }):after(ms * MS)
  return talk:next(1):say("c", says.get()):say("s", THOUSAND .. ("x"):rep(3000), 5 * MS):close().x
end
case("answer_stalled", "and waits for the rest until the capture ends", {
  severity = "warning", side = "server", confidence = "medium",
  text = "The server stopped in the middle of 1 of 2 answers (50 %): the client had acknowledged 1000 bytes of the "
    .. "3000 bytes that its head had told, had room for more, heard nothing for 5.0 s, and was waiting when the "
    .. "capture ended.",
}, function() return still_waits(1000, 5000) end, { check = function(result)
  local stalled = result.http.answers_stalled
  assert(stalled.not_ended == 1 and stalled.by_reset == 0, stalled.not_ended)
end })
case("answer_stalled", "and waits for one second", false, function() return still_waits(1000, 1000) end)
case("answer_stalled", "and has all of it", false, function() return still_waits(3000, 5000) end)
case("answer_stalled", "and waits, and has no room", false, function()
  return still_waits(1000, 5000, { win = 0 })
end)
case("answer_stalled", "and waits, and has not acknowledged all that came", false, function()
  return still_waits(1000, 5000, { open = 200 })
end)
case("answer_stalled", "it has all of it, and closes an idle connection", false, function()
  return leaves(THOUSAND, 3000, { silence = 5000 })
end, { instead = "reset_idle" })
case("answer_stalled", "one second", false, function() return leaves(THOUSAND, 1000, { silence = 1000 }) end)
case("answer_stalled", "chunks, that come when there is something to say", false, function()
  return leaves(CHUNKED .. "a\r\n0123456789\r\n", 0, { silence = 5000 })
end)
case("answer_stalled", "no length is told", false, function()
  return leaves("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", 1000, { silence = 5000 })
end)
case("answer_stalled", "some of it was lost behind the capture, or is not acknowledged", false, function()
  return leaves(THOUSAND, 1000, { more = 500, silence = 5000 })
end)
case("answer_stalled", "the client has no room", false, function()
  return leaves(THOUSAND, 1000, { silence = 5000, win = 0 })
end)
case("answer_stalled", "what came is not all in the capture", false, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(1000), 5 * MS)
  talk.x:c_ack(talk.s + 1460):after(5 * SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s + 1460 })
  return talk.x
end)
case("answer_stalled", "it asks again", false, function()
  local talk = begin():say("c", says.get()):say("s", THOUSAND .. ("x"):rep(1000), 5 * MS)
  talk.x:c_ack(talk.s):after(5 * SECOND)
  talk:say("c", says.get()):say("s", says.answer(200))
  return talk.x:c(talk.c, 0, { flags = "RA", ack = talk.s })
end)

local UPLOAD = "POST /u HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 3000\r\n\r\n"
local function upload(body, answer, by, head)
  local talk = begin():say("c", (head or UPLOAD) .. ("x"):rep(body))
  talk.x:s_ack(talk.c):after(5 * MS)
  if answer then
    talk:say("s", answer)
  end
  talk.x[by or "c"](talk.x, talk[by or "c"], 0, { flags = "FA", ack = by == "s" and talk.c or talk.s })
  local other = by == "s" and "c" or "s"
  return talk.x[other](talk.x, talk[other], 0, { flags = "FA", ack = talk[by or "c"] + 1 })
end
case("request_cut_short", "2000 of 3000 bytes", { severity = "warning", side = "client",
  confidence = "medium" }, function()
  return upload(2000)
end, { never = { "answer_cut_short" } })
case("request_cut_short", "all of it", false, function() return upload(3000) end)
case("request_cut_short", "the server had answered", false, function() return upload(1000, says.answer(413)) end)
case("request_cut_short", "the server closes", false, function() return upload(1000, nil, "s") end)
case("request_cut_short", "the head alone: it was told nothing", false, function() return upload(0) end)

-- An answer that comes in pieces of a hundred bytes, 100 ms apart; the client closes when it has the last one.
local function dripping(head)
  local talk = begin():say("c", says.get())
  talk.x:after(MS):s_ack(talk.c)
  talk:say("s", head, 2 * MS)
  for _ = 1, 20 do
    talk.x:after(MS):c_ack(talk.s)
    talk:say("s", ("x"):rep(100), 99 * MS)
  end
  talk.x:after(MS):c_ack(talk.s)
  return talk:close().x
end
case("server_drips", "of a length that is known before", { severity = "warning", side = "server" }, function()
  return dripping("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
end)
case("server_drips", "of no length: it may be made as it goes", { severity = "info" }, function()
  return dripping("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
end)

-- Who speaks TLS where it is not spoken, and the other way round.
local function answered(bytes, by)
  return begin():say("c", says.hello { name = "a.example" }):say("s", bytes):close(by).x
end
case("tls_to_plain_port", "answered with HTTP",
  { severity = "warning", side = "client", confidence = "medium" }, function()
  return answered(says.answer(400), "s")
end, { never = { "tls_no_server_hello", "plain_to_tls_port" } })
case("tls_to_plain_port", "to SSH, which is greeted first", { side = "client" }, function()
  return begin():say("s", "SSH-2.0-OpenSSH_9.2p1\r\n"):say("c", says.hello {}):close("s").x
end)
case("tls_to_plain_port", "the greeting crosses the hello", { side = "client" }, function()
  return answered("220 mail.example ESMTP\r\n", "s")
end)
case("tls_to_plain_port", "a few of many that do not", { severity = "info" }, function()
  return several(21, function(talk, i)
    if i == 1 then
      talk:say("c", says.hello {}):say("s", says.answer(400)):close("s")
    else
      talk:say("c", says.get()):say("s", says.answer(200)):close("s")
    end
  end)
end)
case("tls_to_plain_port", "after it was asked for", false, function()
  return begin():say("s", "220 mail.example ESMTP\r\n"):say("c", "STARTTLS\r\n"):say("s", "220 ready\r\n")
    :tls12 { name = "a.example" }:close().x
end)
case("tls_to_plain_port", "an alert", false, function() return answered(says.alert(40), "s") end)
case("tls_to_plain_port", "one port for both", false, function()
  return several(4, function(talk, i)
    if i % 2 == 1 then
      talk:tls12 { name = "a.example" }:close()
    else
      talk:say("c", says.get()):say("s", says.answer(301)):close("s")
    end
  end)
end, { never = { "plain_to_tls_port" } })
case("tls_to_plain_port", "the first of the answer is not in the capture", false, function()
  local talk = begin():say("c", says.hello {})
  talk.s = talk.s + 1000
  return talk:say("s", ("z"):rep(300)):close("s").x
end)

local WANTS_TLS = says.answer(400, "<center>The plain HTTP request was sent to HTTPS port</center>")
case("plain_to_tls_port", "told so", { severity = "warning", side = "client", confidence = "medium" }, function()
  return begin():say("c", says.get()):say("s", WANTS_TLS):close("s").x
end, { never = { "tls_to_plain_port" } })
case("plain_to_tls_port", "an alert", { side = "client", confidence = "medium" }, function()
  return begin():say("c", says.get()):say("s", says.alert(10)):close("s").x
end, { never = { "tls_alert_of_server" } })
case("plain_to_tls_port", "hung up on", { side = "client", confidence = "low" }, function()
  local talk = begin():say("c", says.get())
  talk.x:s_ack(talk.c):after(2 * MS)
  return talk:close("s").x
end)
case("plain_to_tls_port", "a request that is not understood", false, function()
  return begin():say("c", says.get()):say("s", says.answer(400)):close("s").x
end)
case("plain_to_tls_port", "hung up on at another port", false, function()
  local talk = says.talk(pieces.new { server_port = 80, win = 60000 }:hs()):say("c", says.get())
  talk.x:s_ack(talk.c):after(2 * MS)
  return talk:close("s").x
end, { instead = "http_unanswered" })

-- Requests of one connection, and how long each answer takes (ms); the client asks again 'think' later.
local function asks(talk, times, think, head)
  for _, ms in ipairs(times) do
    talk:say("c", says.get(), (think or 20) * MS)
    talk.x:after(MS):s_ack(talk.c)
    talk:say("s", head or says.answer(200), ms * MS)
    talk.x:after(MS):c_ack(talk.s)
  end
  return talk
end
local function polls(times, beside, think)
  local talk = asks(begin(), times, think):close()
  return asks(talk:next(1), beside):close().x
end
case("slow_server", "long polls beside quick requests",
  { severity = "info", side = "server", confidence = "low" }, function()
  return polls({ 3000, 1200, 3000, 2200 }, { 65, 65, 66, 65 })
end, { check = function(result)
  for _, finding in ipairs(result.analysis.findings) do
    if finding.id == "slow_server" then
      assert(table.concat(finding.evidence.counter_evidence):find("4 other requests are answered quickly", 1, true))
    end
  end
end })
case("slow_server", "the others are slow as well", { severity = "error", confidence = "medium" }, function()
  return polls({ 3000, 1200, 3000, 2200 }, { 500, 700, 600, 800 })
end)
case("slow_server", "the client thinks before it asks again", { severity = "error", confidence = "medium" }, function()
  return polls({ 3000, 1200, 3000, 2200 }, { 65, 65, 66, 65 }, 1500)
end)
case("slow_server", "slow ones among quick ones of the same connection", {
  severity = "warning", confidence = "medium",
}, function() return asks(begin(), { 5, 1200, 5, 5, 1500, 5, 1300, 5, 5, 5, 5, 5 }):close().x end)
case("slow_server", "a timer ends each", { severity = "info", side = "server", confidence = "low" }, function()
  return asks(begin(), { 5001, 5003, 5002 }):close().x
end)
case("slow_server", "a timer ends each but the first", { severity = "info", confidence = "low" }, function()
  return asks(begin(), { 5101, 5003, 5002, 5001 }):close().x
end)
local function single(times)
  local talk = begin()
  for i, ms in ipairs(times) do
    asks(talk, { ms }):close()
    talk = i < #times and talk:next(i) or talk
  end
  return talk.x
end
case("slow_server", "a timer ends the only answer of each connection", { severity = "info", confidence = "low" },
  function() return single { 5001, 5003, 5002 } end)
case("slow_server", "the only answers, by no timer", { severity = "error", confidence = "medium" },
  function() return single { 4300, 5000, 4600 } end)
case("slow_server", "about as long, by no timer", { severity = "error", confidence = "medium" }, function()
  return asks(begin(), { 4300, 5000, 4600 }):close().x
end)
case("slow_server", "the port of a broker", { severity = "info", confidence = "low" }, function()
  return asks(says.talk(pieces.new { server_port = 6379, win = 60000 }:hs()), { 1200, 1900, 1500 }):close().x
end)
case("slow_server", "the port of a broker, and most answers come soon",
  { severity = "warning", confidence = "low" }, function()
  local talk = says.talk(pieces.new { server_port = 6379, win = 60000 }:hs())
  return asks(talk, { 5, 1200, 5, 5, 1500, 5, 1300, 5, 5, 5, 5, 5 }):close().x
end)
case("slow_server", "the client was slow to ask (408)", { severity = "info", confidence = "low" }, function()
  local talk = begin()
  for i = 1, 3 do
    talk:say("c", says.get():sub(1, 8)):say("s", says.answer(408), 1000 * MS):close("s")
    if i < 3 then
      talk = talk:next(i)
    end
  end
  return talk.x
end)

-- An answer with this head in pieces, each so long after the one before; then the server closes.
local function pushed(head, waits, size)
  local talk = begin():say("c", says.get()):say("s", head, 5 * MS)
  talk.x:after(MS):c_ack(talk.s)
  for _, ms in ipairs(waits) do
    talk:say("s", ("e"):rep(size or 30), ms * MS)
    talk.x:after(MS):c_ack(talk.s)
  end
  return talk:close("s").x
end
local MUCH = "HTTP/1.1 200 OK\r\nContent-Length: 48000\r\n\r\n"
local EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n\r\n"
case("server_halts", "a page", { side = "server" }, function()
  return pushed(EVENTS:gsub("Text/Event%-Stream", "text/html"), { 900, 2100, 400, 1500 })
end)
case("server_halts", "a stream of events", false, function() return pushed(EVENTS, { 900, 2100, 400, 1500 }) end)
case("server_halts", "much at an even pace", false, function()
  return pushed(MUCH .. ("e"):rep(8000), { 400, 400, 400, 400, 400 }, 8000)
end)
case("server_halts", "much, and not at an even pace", { side = "server" }, function()
  return pushed(MUCH .. ("e"):rep(8000), { 400, 100, 1900, 400, 100 }, 8000)
end)

-- What TLS 1.3 says by itself when the client's Finished has come: tickets (RFC 8446, 4.6.1).
local function record(n) return says.record(23, ("x"):rep(n)) end
local TICKETS = record(234) .. record(234)

-- Connections by TLS 1.3 whose first request, which goes with the Finished, is answered 'wait' after these tickets by
-- the words of 'answer', each so long after the one before; then a side closes.
local function behind_tickets(n, wait, answer, o)
  o = o or {}
  return several(n, function(talk)
    if not o.plain then
      talk:say("c", says.hello { tls13 = true })
        :say("s", says.record(22, says.server_hello { tls13 = true, retry = o.retry }) .. says.change .. record(900))
    end
    talk:say("c", says.change .. record(53) .. record(300)):say("s", TICKETS, 2 * MS)
    for _, bytes in ipairs(answer) do
      talk.x:after(MS):c(talk.c, 0, { ack = talk.s })
      talk:say("s", record(bytes), wait)
    end
    talk:close(o.closer)
  end)
end
case("slow_server", "behind the tickets of TLS 1.3",
  { severity = "warning", side = "server", confidence = "medium" }, function()
  return behind_tickets(4, 1500 * MS, { 600 })
end)
case("slow_server", "at once behind the tickets of TLS 1.3", false, function()
  return behind_tickets(4, 30 * MS, { 600 })
end)
case("slow_server", "behind the tickets comes a farewell only", false, function()
  return behind_tickets(4, 60 * SECOND, { 70 }, { closer = "s" })
end)
case("slow_server", "behind the tickets comes a stream", false, function()
  return behind_tickets(4, 1500 * MS, { 600, 600, 600 })
end)
case("slow_server", "the same words, and no TLS", false, function()
  return behind_tickets(4, 1500 * MS, { 600 }, { plain = true })
end)
case("slow_server", "a server that speaks first, no TLS, and goes on after a pause", false, function()
  return several(4, function(talk)
    talk:say("s", record(60))
    talk.x:after(MS):c(talk.c, 0, { ack = talk.s })
    talk:say("s", record(600), 1500 * MS):say("c", record(40), MS):say("s", record(60), 2 * MS):close()
  end)
end)
-- Requests of TLS 1.3 in a few bytes, as HTTP/2 makes them of those that are like the one before (RFC 7541).
local function brief_requests(alpn)
  return several(3, function(talk)
    talk:say("c", says.hello { tls13 = true, alpn = alpn })
      :say("s", says.record(22, says.server_hello { tls13 = true }) .. says.change .. record(900))
      :say("c", says.change .. record(53) .. record(300)):say("s", TICKETS .. record(600), 2 * MS)
    for _ = 1, 4 do
      talk:say("c", record(40), 300 * MS):say("s", record(600), 1300 * MS)
    end
    talk:close()
  end)
end
case("slow_server", "brief requests of clients that offer HTTP/2",
  { severity = "error", side = "server", confidence = "medium" }, function()
  return brief_requests("h2")
end)
case("slow_server", "as brief, of clients that may speak anything",
  { severity = "info", confidence = "low" }, function()
  return brief_requests(nil)
end)
case("slow_server", "as brief, of clients that offer something else",
  { severity = "info", confidence = "low" }, function()
  return brief_requests("mqtt")
end)
case("slow_server", "behind the settings of HTTP/2 over TLS 1.2", { severity = "warning", side = "server" }, function()
  local o = { alpn = "h2" }
  return several(3, function(talk)
    talk:say("c", says.hello(o)):say("s", says.flight(o))
      :say("c", says.record(22, says.key_exchange) .. says.change .. says.finished)
      :say("s", says.change .. says.finished .. record(60), 2 * MS):say("c", record(300)):say("s", record(33), 2 * MS)
    talk.x:after(MS):c(talk.c, 0, { ack = talk.s })
    talk:say("s", record(600), 1300 * MS):close()
  end)
end)

case("http_errors", "a method that the server does not know", { severity = "info", side = "client" }, function()
  return web { { 200, 5 }, { 501, 5 } }
end)
