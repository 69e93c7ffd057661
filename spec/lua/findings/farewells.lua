-- Cases of what looks like a fault and is none: last words, closes that cross, packets made by hand, peers of whom
-- nobody waits; and beside each what is one.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local new, hs, talk, later, next_client = pieces.new, pieces.hs, pieces.talk, pieces.later, pieces.next_client
local clean, converse, FIN, RST, RST_ACK = pieces.clean, pieces.converse, pieces.FIN, pieces.RST, pieces.RST_ACK

-- ------------------------------------------------------------ data and the server's FIN

-- Data of the client is sent 'times' in vain; the server, to which it never came, closes, and resets what comes then.
local function gives_up(times, wait)
  local x = talk(hs())
  for _ = 1, times do
    x:after((wait or 1500) * MS):c(1101, 300)
  end
  return x:after(MS):s(5101, 0, { flags = "FA", ack = 1101 }):after(20 * MS):s(5102, 0, RST)
end
case("request_crossed_close", "sent again for seconds before the server closed", false, function()
  return gives_up(4)
end, { instead = "reset_late" })
case("request_crossed_close", "sent once, a moment before", { severity = "warning", side = "server" }, function()
  return gives_up(1, 100)
end)

-- The client sends its last words and closes; the server's FIN, sent before these came, is there behind or before that.
local function both_close(client_first)
  local x = talk(hs()):after(100 * MS)
  if client_first then
    x:c(1101, 240):c(1341, 0, FIN):s(5101, 0, { flags = "FA", ack = 1101 })
  else
    x:c(1101, 240):s(5101, 0, { flags = "FA", ack = 1101 }):c(1341, 0, { flags = "FA", ack = 5102 })
  end
  return x:after(20 * MS):s(5102, 0, RST)
end
case("request_crossed_close", "the client had closed as well, before it knew", false, function()
  return both_close(true)
end, { instead = "reset_late" })
case("request_crossed_close", "the client closes because of it", { severity = "warning", side = "server" }, function()
  return both_close(false)
end)

-- ---------------------------------------------------------------------- last words

-- The client reports so many times a second apart, and is never answered; then it resets.
local function reports(n, ms, x)
  local t = converse(x)
  for _ = 1, n do
    t:say("c", 1000, 26):hear("s", 1)
  end
  t.x:after((ms or 1) * MS):c(t.c, 0, RST_ACK)
  return t.x
end
case("reset_before_answer", "a client that only reports, and ends",
  { severity = "info", confidence = "low" }, function()
  return reports(5)
end)
case("reset_before_answer", "a word that nothing is known of",
  { severity = "info", side = "client", confidence = "low" }, function()
    return reports(1, 200)
  end)
case("reset_before_answer", "a word to a database",
  { severity = "warning", side = "client", confidence = "low" }, function()
    return reports(1, 200, pieces.queries():hs())
  end)
case("reset_before_answer", "a word that nobody waited for an answer to",
  { severity = "info", side = "client", confidence = "low" }, function()
    return reports(1)
  end)
case("reset_before_answer", "a request of HTTP",
  { severity = "warning", side = "client", confidence = "medium" }, function()
  local request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
  return hs():c(1001, #request, { payload = request }):s_ack(1001 + #request):after(300 * MS)
    :c(1001 + #request, 0, RST_ACK)
end)

-- ---------------------------------------------------------------- what arrives, and is not taken

-- A long segment of the server is sent again, later and later; the client answers each with what it had said, or none.
local function refused(answered)
  local x = hs():c(1001, 200):s_ack(1201):s(5001, 300, { ack = 1201 }):after(MS):c(1201, 0, { ack = 5301 })
  x:s(5301, 1400)
  for i = 1, 5 do
    if answered then
      x:after(MS):c(1201, 0, { ack = 5301 })
    end
    x:after(300 * MS * i):s(5301, 1400)
  end
  if answered then
    x:after(MS):c(1201, 0, { ack = 5301 })
  end
  return later(x, SECOND)
end
case("mtu_black_hole_to_client", "each copy is answered at once", false, function()
  return refused(true)
end, { never = { "loss_to_client" } })
case("mtu_black_hole_to_client", "none is answered", { severity = "error", side = "network" }, function()
  return refused(false)
end)

-- The client sends its request again and again; the server had acknowledged and answered it the first time, or not.
local function unheard(acknowledged)
  local x = talk(hs()):after(100 * MS):c(1101, 355)
  if acknowledged then
    x:after(4 * MS):s(5101, 121, { ack = 1456 })
  end
  for i = 1, 4 do
    x:after(300 * MS * 2 ^ i):c(1101, 355, { ack = 5101 })
  end
  return x
end
case("peer_gone", "what is sent again had been acknowledged", false, function()
  return unheard(true)
end, { instead = "resent_needlessly_to_server" })
case("peer_gone", "it had not", { severity = "warning", side = "server" }, function()
  return unheard(false)
end)

-- ---------------------------------------------------------------- never taken, never forgotten

-- The server sends its SYN-ACK again, as if the last step had not come, or not; data after 400 s finds no answer.
local function late_data(unaccepted, anew)
  local x = hs()
  if unaccepted then
    for i = 0, 3 do
      x:after(2 ^ i * SECOND):s(5000, 0, { flags = "SA", ack = 1001 }):after(MS):c(1001, 0, { ack = 5001 })
    end
  else
    talk(x)
  end
  x:after(400 * SECOND)
  for i = 1, 5 do
    x:c(unaccepted and 1001 or 1101, 100):after(i * SECOND)
  end
  if anew then
    return pieces.clean(pieces.next_client(x, 1):after(SECOND):hs())
  end
  return later(x, SECOND)
end
case("idle_connection_lost", "the server had never taken the connection", false, function()
  return late_data(true)
end, { instead = "peer_gone" })
case("idle_connection_lost", "it had, and nothing shows that it is still there",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return late_data(false)
  end)
case("idle_connection_lost", "it had, and takes a new connection meanwhile",
  { severity = "error", side = "network", confidence = "medium" }, function()
    return late_data(false, true)
  end)

-- --------------------------------------------------------------------- made by hand

-- One segment again and again, its timestamp the same or not.
local function over_and_over(moves)
  local x = talk(hs({ c = { ts = { 100, 0 } }, s = { ts = { 900, 100 } } }))
  for i = 1, 12 do
    x:after(1500 * MS):c(1101, 114, { ts = { moves and 100 + 1500 * i or 7000, 900 } })
    x:after(MS):s(5101, 0, { ack = 1101, ts = { 900 + 1500 * i, 100 } })
  end
  return x:after(MS):s(5101, 0, { ack = 1215, ts = { 30000, 7000 } })
end
case("loss_to_server", "one record again and again, whose clock stands still", false, function()
  return over_and_over(false)
end)
case("loss_to_server", "a clock that goes on", { side = "network" }, function()
  return over_and_over(true)
end)

case("server_opens", "a packet that is SYN and reset at once", false, function()
  return new():s(5000, 0, { flags = "SR" })
end)
case("server_opens", "a SYN that nobody answers", { severity = "warning" }, function()
  return new():s(5000, 0, { flags = "S" })
end)

-- Each port of a server is tried once; the SYNs carry a TTL of the tool's choice, the resets that of the host.
local function scanned(ports)
  local x = new()
  for i = 1, ports do
    next_client(x, i)
    x:syn({ ttl = 37 + 5 * (i % 4) }):after(MS):syn_ack():after(SECOND):syn({ ttl = 42 }):after(MS):syn_ack()
    x:after(MS):c(1001, 0, { flags = "R", ttl = 64 })
  end
  return x
end
case("reset_not_by_endpoint", "one connection, its SYN of another TTL", { side = "network" }, function()
  return scanned(1)
end)
case("reset_not_by_endpoint", "a scan, whose tool writes its own SYNs", false, function()
  return scanned(3)
end, { alter = function(result)
  local none = { client = 0, server = 0 }
  local attempts = result.connection_sums.attempts
  attempts.scanned, attempts.scanned_unanswered, attempts.scanned_half_open = { client = 3, server = 0 }, none, none
  attempts.scan_ports = 400
end })

-- ---------------------------------------------------------------- files, reports, clocks

local function file_from(port)
  local x = new({ win = 60000, client_port = port, server_port = 3306 }):hs():c(1001, 52):c(1053, 0, FIN):s_ack(1054)
  return x:after(10 * SECOND):s(5001, 0, { flags = "FA", ack = 1054 }):c(1054, 0, { ack = 5002 })
end
case("no_answer", "a file over FTP's own connection", { severity = "info" }, function()
  return file_from(20)
end)
case("no_answer", "the same, of which no connection is to be shown", { severity = "info" }, function()
  return file_from(20)
end, { options = { connections = 0 } })
case("no_answer", "from another port", { severity = "warning" }, function()
  return file_from(40000)
end)

-- So many answers after 30 ms and some after 400, of a connection whose beginning was captured or not.
local function some_slow(begun)
  local x = begun and hs() or new()
  local t = converse(x)
  for i = 1, 20 do
    t:say("c", 1, 16):hear("s", 1):say("s", i % 4 == 0 and 400 or 30, 600):hear("c", 1)
  end
  return t.x
end
case("slow_server", "some of many, and nobody knows who asks", { severity = "info", confidence = "low" }, function()
  return some_slow(false)
end)
case("slow_server", "some of many", { severity = "warning", confidence = "medium" }, function()
  return some_slow(true)
end)
-- Two words of the client, the second so long after the answer to the first, and a slow answer to it.
local function two_words(thinks, x)
  local t = converse(x):say("c", 1, 90):say("s", 1, 11):hear("c", 1)
  return t:say("c", thinks, 90):hear("s", 1):say("s", 2700, 6):hear("c", 1).x
end
case("slow_server", "a word or two, and each side takes its time", { severity = "info", confidence = "low" }, function()
  return two_words(3300)
end)
case("slow_server", "a word or two, and the client takes less", { severity = "info", confidence = "low" }, function()
  return two_words(900)
end)
case("slow_server", "a question or two, on the port of a database", { severity = "warning", side = "server" },
  function()
    return two_words(3300, pieces.queries():hs())
  end)
-- The client says so much, and gets not a byte; the server resets 5 s later.
local function resets_a_stream(times)
  local t = converse(hs())
  for _ = 1, times do
    t:say("c", 10000, 68):hear("s", 1)
  end
  return t.x:after(5 * SECOND):s(t.s, 0, { flags = "RA", ack = t.c })
end
case("reset_before_answer", "the server's, of a client to whose words none belongs",
  { severity = "info", confidence = "low" }, function()
    return resets_a_stream(5)
  end)
case("reset_before_answer", "the server's, of one that has asked once", { severity = "error", side = "server" },
  function()
    return resets_a_stream(1)
  end)

-- A file that stops for 6 s.
local function halted()
  local t = converse():ask(2, 1400):hear("c", 1)
  for i = 1, 40 do
    t:say("s", i == 21 and 6000 or 0.1, 1400):hear("c", 0.1)
  end
  return t.x
end
case("server_halts", "where the clock was set back by more", { severity = "info", confidence = "low" }, halted, {
  alter = function(result)
    result.capture.time_regressions, result.capture.max_regression_ms = 1, 8000
  end,
})
case("server_halts", "where it was set back by less", { severity = "warning", confidence = "medium" }, halted, {
  alter = function(result)
    result.capture.time_regressions, result.capture.max_regression_ms = 1, 80
  end,
})
case("server_halts", "of a server that speaks unasked there", { severity = "info", confidence = "low" }, halted, {
  alter = function(result)
    local answers = result.connection_sums.answers
    answers.unasked, answers.asked = answers.asked, answers.unasked
    answers.unasked.connections, answers.unasked.slow, answers.asked.slow = 1, 5, 0
    answers.asked.acked_late, answers.asked.very_slow, answers.unasked.max_ms = 0, 0, 6000
  end,
})

-- ------------------------------------------------------------- late, and not lost

-- Twenty segments; the timer sends the first of the last ten again, and their acknowledgements come one by one ...
local function stalled(how)
  local x = new():hs({ c = { mss = 1460, sack_ok = true }, s = { mss = 1460, sack_ok = true } })
  for i = 0, 9 do
    x:c(1001 + 1400 * i, 1400):s_ack(1001 + 1400 * (i + 1))
  end
  for i = 10, 19 do
    x:after(0.1 * MS):c(1001 + 1400 * i, 1400)
  end
  if how == "asked" then
    x:after(20 * MS):s_ack(15001, { sack = { { 16401, 17801 } } })
  end
  x:after(900 * MS):c(15001, 1400):after(300 * MS)
  if how == "at once" then
    return x:s_ack(29001)
  end
  x:s_ack(16401)
  if how == "again" then
    x:c(16401, 1400):after(40 * MS)
  end
  for i = 12, 20 do
    x:after(0.1 * MS):s_ack(1001 + 1400 * i)
  end
  return x
end
case("loss_to_server", "the acknowledgements come one by one, for what was not sent again too", false, function()
  return stalled()
end, { instead = "delayed_to_server" })
case("loss_to_server", "all at once: the rest had waited for the first", { severity = "warning" }, function()
  return stalled("at once")
end)
case("loss_to_server", "the rest had been asked for", { severity = "warning" }, function()
  return stalled("asked")
end)
case("loss_to_server", "the next one was sent again as well", { severity = "error" }, function()
  return stalled("again")
end, { alter = function(result)
  result.client_to_server.resent_causes.lost_behind = 3
end })

-- ------------------------------------------------------------ who asks is not known

local function halts_on(port, begun)
  local x = begun and pieces.hs({ win = 60000, server_port = port }) or new({ win = 60000, server_port = port })
  local t = converse(x):ask(2, 1400):hear("c", 1)
  for i = 1, 40 do
    t:say("s", i == 21 and 6000 or 0.1, 1400):hear("c", 0.1)
  end
  return t.x
end
case("server_halts", "of a command in a remote shell", { severity = "info", confidence = "low" }, function()
  return halts_on(22, true)
end)
case("server_halts", "on another port", { severity = "warning", confidence = "medium" }, function()
  return halts_on(2222, true)
end)

local function slow_on(port)
  local t = converse(pieces.hs({ win = 60000, server_port = port }))
  for _ = 1, 6 do
    t:say("c", 1, 96):hear("s", 1):say("s", 1500, 600):hear("c", 1)
  end
  return t.x
end
-- A client as brief as one that only confirms what it is told; on a port where it asks, it does.
local function brief_on(port)
  local t = converse(pieces.hs({ win = 60000, server_port = port }))
  for _ = 1, 6 do
    t:say("c", 1, 36):hear("s", 1):say("s", 1500, 600):hear("c", 1)
  end
  return t.x
end
case("slow_server", "brief words, and nobody knows whether they ask",
  { severity = "info", confidence = "low" }, function()
  return brief_on(2222)
end)
case("slow_server", "brief words to a server of mail", { severity = "error", confidence = "medium" }, function()
  return brief_on(25)
end)
-- Each side takes its time before each word.
local function both_pause(port, thinks)
  local t = converse(pieces.hs({ win = 60000, server_port = port }))
  for _ = 1, 6 do
    t:say("c", thinks, 296):hear("s", 1):say("s", 900, 300):hear("c", 1)
  end
  return t.x
end
case("slow_server", "the client takes longer than the server: either may be the one that is asked",
  { severity = "info", confidence = "low" }, function()
  return both_pause(2222, 1500)
end)
case("slow_server", "the client takes a third of that", { severity = "warning", confidence = "low" }, function()
  return both_pause(2222, 300)
end)
case("slow_server", "it takes longer, and asks a server of mail",
  { severity = "warning", confidence = "medium" }, function()
  return both_pause(25, 1500)
end)
case("slow_server", "commands in a remote shell", { severity = "warning", confidence = "low" }, function()
  return slow_on(22)
end)
case("slow_server", "requests on the port of a database", { severity = "error", confidence = "medium" }, function()
  return slow_on(3306)
end)
case("slow_server", "what may be requests, on another port", { severity = "warning", confidence = "low" }, function()
  return slow_on(2222)
end)

-- The request is sent twice more; the answer has the TTL of the SYN-ACK, or that of another host.
local function answered_by(ttl)
  local x = new():syn():after(20 * MS):syn_ack({ ttl = 54 }):after(0.1 * MS):c_ack(5001):c(1001, 196)
  x:after(240 * MS):c(1001, 196):after(310 * MS):c(1001, 196)
  return x:after(470 * MS):s(5001, 288, { ack = 1197, ttl = ttl }):c(1197, 0, { ack = 5289 })
end
case("loss_to_server", "a device that answers in the server's name may have held it back",
  { severity = "info", confidence = "low" }, function()
    return answered_by(126)
  end)
case("loss_to_server", "the server's own answer", { severity = "warning", confidence = "medium" }, function()
  return answered_by(54)
end)

-- ------------------------------------------------------------ goodbyes, and the same packet

-- After an answer the session is idle; the server ends it by an alert of TLS, or says something.
local function idle_end(bytes)
  local t = converse(pieces.hs({ win = 60000, server_port = 443 }))
  t:say("c", 1, 200):hear("s", 1):say("s", 5, 400):hear("c", 1):say("c", 1, 51):hear("s", 1)
  t:say("s", 60000, #bytes, { payload = bytes }):fin("s", 1):hear("c", 1):fin("c", 1):hear("s", 1)
  return t.x
end
case("slow_server", "an encrypted alert after a minute of silence", false, function()
  return idle_end("\21\3\3\0\26" .. ("x"):rep(26))
end)
case("slow_server", "data after a minute", { severity = "warning" }, function()
  return idle_end("\23\3\3\0\100" .. ("x"):rep(100))
end)

-- One SYN again and again, as a script sends it; each is answered.
local function same_syn(times)
  local x = new()
  for _ = 1, times do
    x:syn({ id = 1 }):after(20 * MS):syn_ack({ id = 0 }):after(3 * MS)
  end
  return x
end
case("capture_mirrored", "a script that sends the same SYN again and again", false, function()
  return same_syn(40)
end)
case("capture_mirrored", "each answered, four times", false, function()
  return same_syn(4)
end)
case("capture_mirrored", "four points of a path", { severity = "warning", side = "capture" }, function()
  local x = new()
  for _ = 1, 4 do
    x:syn({ id = 1 }):after(MS)
  end
  for _ = 1, 4 do
    x:after(MS):syn_ack({ id = 7 })
  end
  return x
end)
-- So many connections, of each a SYN five times, and nothing else.
local function syns_again(connections)
  local x = new()
  for i = 1, connections do
    pieces.next_client(x, i)
    for _ = 1, 5 do
      x:syn({ id = 1 }):after(180 * pieces.US)
    end
  end
  return x
end
case("capture_mirrored", "one SYN again and again, as a tool sends it", false, function()
  return syns_again(1)
end)
case("capture_mirrored", "the SYNs of two", { severity = "warning", side = "capture" }, function()
  return syns_again(2)
end)

-- After an answer and some silence the server ends the session by an alert of TLS, or says something as short, which
-- comes again; the client's host knows nothing of the connection any more.
local function bare_resets(head)
  local x = new()
  for i = 1, 3 do
    talk(next_client(x, i):hs()):after(5 * SECOND)
    local data = head .. ("\145"):rep(26)
    x:s(5101, #data, { ack = 1101, payload = data }):after(220 * MS):s(5101, #data, { ack = 1101, payload = data })
    x:after(MS):c(1101, 0, RST)
  end
  return x
end
case("idle_connection_forgotten", "what it resets is an alert of TLS", false, function()
  return bare_resets("\21\3\3\0\26")
end, { instead = "reset_after_alert" })
case("idle_connection_forgotten", "what it resets is data", { severity = "warning", side = "client" }, function()
  return bare_resets("\23\3\3\0\26")
end)

-- ------------------------------------------------------- answers that come when the client has given up

-- The only answer of each connection comes after 21 s; the client has closed after 'wait' seconds, and refuses it.
local function refuses(wait)
  local x = new()
  for i = 1, 3 do
    next_client(x, i):hs():after(MS):c(1001, 400):after(40 * MS):s(5001, 0, { ack = 1401 }):after(wait * SECOND)
    x:c(1401, 0, FIN):after(MS):s(5001, 0, { ack = 1402 }):after((21 - wait) * SECOND)
    x:s(5001, 300, { ack = 1402 }):after(MS):c(1402, 0, RST)
  end
  return x
end
case("slow_server", "the client has given up long before the only answer",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return refuses(15)
  end)
case("slow_server", "the client had waited for nothing", { severity = "info", confidence = "low" }, function()
  return refuses(0)
end)

-- ---------------------------------------------------------- numbers of the side that is reset

-- A request that the server's host acknowledges, or not, and a reset with such a number; the sides' numbers lie apart.
local function reset_with(seq)
  local C, S = 400000001, 2000000001
  local x = new():c(C - 1, 0, { flags = "S" }):after(MS):s(S - 1, 0, { flags = "SA", ack = C }):after(MS)
  x:c(C, 0, { ack = S }):after(MS):c(C, 300, { ack = S }):after(MS):s(S, 500, { ack = C + 300 })
  x:c(C + 300, 0, { ack = S + 500 }):after(20 * MS):c(C + 300, 300, { ack = S + 500 }):after(MS)
  return x:s(seq or C + 300, 0, { flags = "RA", ack = C + 600 })
end
-- it has no number of its own side's that could be shifted with that side's (shifted_spec.lua): nothing else is altered
case("reset_not_by_endpoint", "it bears the number of what it answers",
  { severity = "error", side = "network", confidence = "medium" }, function()
    return reset_with()
  end, { alter = function() end })
case("reset_not_by_endpoint", "it bears a number that is nobody's", false, function()
  return reset_with(123456789)
end, { instead = "reset_before_answer" })
case("reset_not_by_endpoint", "it bears the server's own number", false, function()
  return reset_with(2000000501)
end, { instead = "reset_before_answer" })

-- Probes of a server whose client is gone, and its reset; the SYN-ACK stands where it came, or before its SYN.
local function probed_in_vain(early, step)
  local x = new()
  if early then
    x:syn_ack():syn()
  else
    x:syn():syn_ack()
  end
  x:after(MS)
  if step then
    x:c_ack(5001)
  end
  for _ = 1, 3 do
    x:after(SECOND):s(5000, 0, { ack = 1001 })
  end
  return x:after(SECOND):s(5001, 0, { flags = "RA", ack = 1001 })
end
case("peer_gone", "probes in vain", { severity = "warning", side = "client" }, function()
  return probed_in_vain(false, true)
end, { never = { "reset_half_open" } })
case("peer_gone", "probes, and the SYN-ACK stands before the SYN", { severity = "warning", side = "client" }, function()
  return probed_in_vain(true, true)
end, { never = { "reset_half_open", "capture_mid_stream" } })
case("capture_mid_stream", "the capture begins with the SYN-ACK", { severity = "info" }, function()
  return clean(new():syn_ack():after(MS):c_ack(5001))
end)
case("capture_mid_stream", "it begins with another SYN-ACK than that of the SYN", { severity = "info" }, function()
  return clean(new():s(5000, 0, { flags = "SA", ack = 901 }):after(MS):syn():after(MS):c_ack(5001))
end)
case("reset_half_open", "the SYN-ACK stands before the SYN, and nothing completes the handshake",
  { severity = "warning", side = "server" }, function()
    return probed_in_vain(true, false)
  end)

-- ----------------------------------------------------- who is answered always, and then no more

-- Questions of 100 bytes, each answered after 5 ms, 'ms' behind the answer before; then one that finds none.  Who asks
-- waits for 1.5 s, says 'len' bytes 'times', as long after each other, is 'answered' or not, and resets.
local function falls_silent(len, times, ms, answered)
  local t = converse()
  for _ = 1, 5 do
    t:say("c", ms or 50, 100):hear("s", 1):say("s", 4, 300):hear("c", 1)
  end
  t:say("c", 50, 100):hear("s", 1)
  for _ = 1, times do
    t:say("c", 1500, len):hear("s", 1)
    if answered then
      t:say("s", 20, 300):hear("c", 1):say("c", 10, 100):hear("s", 1)
    end
  end
  t.x:after(1500 * MS):c(t.c, 0, { flags = "RA", ack = t.s })
  return t.x
end
case("reset_before_answer", "it was answered always, and asks once more",
  { severity = "warning", side = "client", confidence = "low" }, function()
    return falls_silent(100, 1)
  end)
case("reset_before_answer", "it reports something else then", { severity = "info", confidence = "low" }, function()
  return falls_silent(300, 1)
end)
case("reset_before_answer", "it goes on and on: a stream", { severity = "info", confidence = "low" }, function()
  return falls_silent(100, 3)
end)
case("reset_before_answer", "it took as long before each", { severity = "info", confidence = "low" }, function()
  return falls_silent(100, 1, 400)
end)
case("reset_before_answer", "it was answered then", { severity = "info", confidence = "low" }, function()
  return falls_silent(100, 1, nil, true)
end)
