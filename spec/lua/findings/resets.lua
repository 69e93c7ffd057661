-- Cases of the rules about resets, and about connections that one side has left.

local pieces = ...
local case, MS, SECOND, US, FIN = pieces.case, pieces.MS, pieces.SECOND, pieces.US, pieces.FIN
local RST, RST_ACK, new, hs, hs_beside = pieces.RST, pieces.RST_ACK, pieces.new, pieces.hs, pieces.hs_beside
local next_client, close, talk = pieces.next_client, pieces.close, pieces.talk
local clean, refuse, later = pieces.clean, pieces.refuse, pieces.later

-- A talk with a server that is 20 ms away, seen beside the client.
local function far_talk(len)
  local seq = 1001 + (len or 100)
  return hs_beside("client"):c(1001, len or 100):after(20 * MS):s(5001, 100, { ack = seq }):c(seq, 0, { ack = 5101 })
end

-- ------------------------------------------------------------ who sent it

case("reset_not_by_endpoint", "another TTL and another sequence number", { severity = "error", side = "network" },
  function()
    return talk(hs()):s(5301, 0, { flags = "R", ttl = 200 })
  end)
case("reset_not_by_endpoint", "another TTL, and the server goes on", { severity = "error", side = "network" },
  function()
    return talk(hs()):s(5101, 0, { flags = "R", ttl = 200 }):s(5101, 100):c(1101, 0, { ack = 5201 })
  end)
case("reset_not_by_endpoint", "it acknowledges what cannot have arrived, with another TTL",
  { severity = "error", side = "network" }, function()
    return far_talk():c(1101, 100):after(MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 200 })
  end)
case("reset_not_by_endpoint", "it acknowledges what has had the time to arrive", false, function()
  return far_talk():c(1101, 100):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 61 })
end, { instead = "reset_before_answer" })
case("reset_not_by_endpoint", "a TTL of another stack, without more", { severity = "error", side = "network" },
  function()
    return far_talk():c(1101, 100):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 200 })
  end)
case("reset_not_by_endpoint", "a TTL of a place far from there", { severity = "error", side = "network" }, function()
  return far_talk():c(1101, 100):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 50 })
end)
case("reset_not_by_endpoint", "another TTL, and then its own resets", { severity = "error", side = "network" },
  function()
    return far_talk():c(1101, 100):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 61 })
      :c(1201, 100):s(5101, 0, RST)
  end)
case("reset_not_by_endpoint", "all its resets have that TTL", false, function()
  return far_talk():c(1101, 100):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 61 })
    :c(1201, 100):s(5101, 0, { flags = "R", ttl = 61 })
end, { instead = "reset_mid_data" })
case("reset_not_by_endpoint", "another TTL alone", false, function()
  return talk(hs()):s(5101, 0, { flags = "RA", ttl = 63 })
end, { instead = "reset_after_answer" })

-- Data by a run of identifications; the server's reset bears others, and a number beyond. Some is missing, or not.
local function beyond_its_run(missing)
  local x = hs({ s = { id = 100 } }):c(1001, 100)
  for i = 0, 9 do
    x:s(5001 + 1000 * i, 1000, { id = 101 + i, ack = 1101 }):c(1101, 0, { ack = 6001 + 1000 * i })
  end
  x:c(1101, 0, { ack = 15001 + missing })
  return x:after(2 * SECOND):s(15001 + 9000, 0, { flags = "RA", ack = 1101, id = 40000 })
end
case("reset_not_by_endpoint", "another identification and number, all captured", { severity = "error" }, function()
  return beyond_its_run(0)
end)
case("reset_not_by_endpoint", "the same, and data is missing", { severity = "info", confidence = "low" }, function()
  return beyond_its_run(1000)
end)

-- A bare reset of the client's host, which then goes on.
local function not_translated()
  return talk(hs()):s(5101, 100):c(1101, 0, RST):c(1101, 100, { ack = 5201 }):s(5201, 0, RST)
end
case("reset_not_meant", "a bare reset, and the same host goes on", { severity = "warning", side = "network" },
  not_translated)
case("reset_not_meant", "with the ACK flag it is meant", false, function()
  return talk(hs()):s(5101, 100):c(1101, 0, { flags = "RA", ack = 5101 }):c(1101, 100, { ack = 5201 })
end, { instead = "reset_mid_data" })
case("reset_not_meant", "nothing comes after it", false, function()
  return talk(hs()):s(5101, 100):c(1101, 0, RST)
end, { instead = "reset_mid_data" })

-- ------------------------------------------------------- after a long silence

-- A request 400 s after the last answer; the server is 20 ms away.
local function request_after(ns, x)
  return (x or far_talk()):after(ns):c(1101, 100)
end
case("idle_connection_dropped", "sooner than the way takes, with another TTL",
  { severity = "error", side = "network" }, function()
    return request_after(400 * SECOND):after(MS):s(5101, 0, { flags = "R", ttl = 255 })
  end)
case("idle_connection_dropped", "a keep-alive probe", { severity = "warning", side = "network" }, function()
  return far_talk():after(400 * SECOND):c(1100, 0):after(MS):s(5101, 0, { flags = "R", ttl = 255 })
end)
case("idle_connection_dropped", "after the way and back, with the same TTL", false, function()
  return request_after(400 * SECOND):after(20 * MS):s(5101, 0, RST)
end, { instead = "idle_connection_forgotten" })

-- A record's client is played again, towards a server that answers with numbers of its own; after some seconds it
-- begins anew, and somebody nearby resets it.
case("idle_connection_dropped", "a record that is played again", false, function()
  local x = new()
  for i = 0, 3 do
    x:syn():c(1001, 0, { ack = 777001 }):c(1001, 300, { ack = 777001 })
    if i % 2 == 0 then
      x:after(20 * MS):syn_ack():after(SECOND):syn_ack():after(2 * SECOND):syn_ack():after(5 * SECOND)
    else
      x:after(MS):s(777001, 0, { flags = "R", ttl = 255 }):after(20 * SECOND)
    end
  end
  return x
end, { never = { "idle_connection_forgotten" } })
case("idle_connection_forgotten", "the server resets the first request", { severity = "error", side = "server" },
  function()
    return request_after(400 * SECOND):after(20 * MS):s(5101, 0, RST)
  end)
case("idle_connection_forgotten", "picked up in mid-stream", { severity = "error", side = "server" }, function()
  return request_after(60 * SECOND, talk(new())):s(5101, 0, RST)
end)
case("idle_connection_forgotten", "the client resets what the server pushes", { severity = "warning", side = "client" },
  function()
    return talk(hs()):after(400 * SECOND):s(5101, 100):after(20 * MS):c(1101, 0, RST)
  end)
case("idle_connection_forgotten", "the request was acknowledged", false, function()
  return request_after(400 * SECOND):s(5101, 0, { ack = 1201 }):s(5101, 0, RST_ACK)
end, { instead = "reset_before_answer" })
-- A request 100 ms after the last answer meets a reset.
local function quick(o)
  return far_talk():after(100 * MS):c(1101, 100):after(20 * MS):s(5101, 0, o)
end
-- The client's reset amid the server's data; then both go on, or the server alone.
local function heeded(by_client)
  local x = hs():c(1001, 100):s(5001, 1000, { ack = 1101 }):c(1101, 0, { flags = "RA", ack = 5001 })
  if by_client then
    x:after(MS):c(1101, 50, { ack = 6001 }):after(MS):s(6001, 100, { ack = 1151 }):c(1151, 0, { ack = 6101 })
    return x
  end
  return x:after(MS):s(6001, 1000, { ack = 1101 }):c(1101, 0, RST)
end
case("reset_mid_data", "that neither side heeds", false, function()
  return heeded(true)
end)
-- The client acknowledges what the server never sent, the server resets that number, or its own ('number'), and the
-- connection goes on, or the server resets what comes then ('again').
local function other_numbers(number, again)
  local x = new():syn():after(MS):syn_ack():after(MS):c_ack(9001):after(MS):s(number, 0, RST)
  x:after(MS):c_ack(5001):after(MS):c(1001, 100):after(MS)
  if again then
    return x:s(number, 0, RST)
  end
  x:s(5001, 100, { ack = 1101 }):after(MS):c(1101, 100, { ack = 5101 }):after(MS):s(5101, 100, { ack = 1201 })
  return close(x:after(MS):c(1201, 0, { ack = 5201 }), 1201, 5201)
end
case("reset_mid_data", "a bare reset of what was never sent, and the connection goes on", false, function()
  return other_numbers(9001)
end)
case("reset_mid_data", "a reset of the connection's own number", { side = "server" }, function()
  return other_numbers(5001)
end)
case("reset_mid_data", "a bare reset of what was never sent, and of what comes then", { side = "server" }, function()
  return other_numbers(9001, true)
end)
-- An answer that its client acknowledges, wholly or but for its last segment, and then resets stands behind that.
local function answered_behind(acked)
  local x = talk(hs()):after(MS):c(1101, 100):after(MS):c(1201, 0, { ack = 5101 + acked })
  return x:c(1201, 0, { flags = "RA", ack = 5101 + acked }):s(5101, 1000, { ack = 1201 }):s(6101, 1000, { ack = 1201 })
end
case("reset_mid_data", "the whole answer stands behind the reset that acknowledges it", false, function()
  return answered_behind(2000)
end, { never = { "reset_before_answer" } })
case("reset_before_answer", "it acknowledges nothing more", { severity = "warning", side = "client" }, function()
  return talk(hs()):after(MS):c(1101, 100):after(100 * MS):c(1201, 0, { flags = "RA", ack = 5101 })
end)
case("reset_mid_data", "the rest comes behind the reset", { severity = "warning", side = "client" }, function()
  return answered_behind(1000)
end)
case("reset_mid_data", "while the server is still sending", { severity = "warning", side = "client" }, function()
  return heeded(false)
end)
case("reset_mid_data", "without ACK: who knows nothing of the connection",
  { severity = "warning", side = "server", confidence = "low" },
  function()
    return quick(RST)
  end)
case("reset_before_answer", "with ACK: the process's own", { side = "server", confidence = "low" }, function()
  return quick({ flags = "RA", ack = 1201 })
end)
case("idle_connection_forgotten", "the reset carries the connection's window", false, function()
  return request_after(60 * SECOND, talk(hs({ win = 501 }))):s(5101, 0, { flags = "RA", ack = 1201, win = 501 })
end, { instead = "reset_before_answer" })
case("idle_connection_forgotten", "it carries none", { severity = "error", side = "server" }, function()
  return request_after(60 * SECOND, talk(hs({ win = 501 }))):s(5101, 0, { flags = "RA", ack = 1201, win = 0 })
end)
-- A probe after 45 s of silence, and so long behind it a reset.
local function probed_and_reset(ns)
  return far_talk():after(45 * SECOND):c(1100, 0):after(ns):s(5101, 0, { flags = "RA", ack = 1101, win = 0 })
end
case("idle_connection_forgotten", "a reset half a minute behind the probe", false, function()
  return probed_and_reset(34 * SECOND)
end, { instead = "reset_idle" })
case("idle_connection_forgotten", "a reset that answers the probe", { severity = "warning" }, function()
  return probed_and_reset(20 * MS)
end)
-- It lives through a silence, and is reset after another one.
local function lived_through(first, second, o)
  local x = far_talk():after(first):c(1101, 100):after(20 * MS):s(5101, 100, { ack = 1201 }):c(1201, 0, { ack = 5201 })
  return x:after(second):c(1201, 100):after(o and MS or 20 * MS):s(5201, 0, o or RST)
end
case("idle_connection_forgotten", "longer than the one that it lived through", { severity = "error", side = "server" },
  function()
    return lived_through(60 * SECOND, 120 * SECOND)
  end)
case("idle_connection_forgotten", "it has lived through a longer one", false, function()
  return lived_through(300 * SECOND, 120 * SECOND)
end, { instead = "reset_mid_data" })
case("idle_connection_forgotten", "as long, but for the beat of a timer", { side = "server" }, function()
  return lived_through(130 * SECOND, 120 * SECOND)
end)
case("idle_connection_dropped", "it has lived through a longer silence", false, function()
  return lived_through(300 * SECOND, 120 * SECOND, { flags = "R", ttl = 255 })
end, { instead = "reset_not_by_endpoint" })
case("idle_connection_forgotten", "0.9 s of silence", false, function()
  return request_after(900 * MS):after(20 * MS):s(5101, 0, RST)
end, { instead = "reset_mid_data" })
case("idle_connection_forgotten", "a server that thinks for 10 s, and breaks off", false, function()
  return hs():c(1001, 100):after(10 * SECOND):s(5001, 0, { flags = "RA", ack = 1101 })
end, { instead = "reset_before_answer" })

-- --------------------------------------------------- closed at the same moment

-- The server closes after a silence; the client's request is on its way.  Seen beside the
-- client (the request first) or beside the server.
local function crossed(side, idle, len, o)
  local x = (side == "client" and far_talk() or talk(hs_beside(side))):after(idle)
  if side == "client" then
    x:c(1101, len or 400, o):after(500 * US):s(5101, 0, FIN):c(1101 + (len or 400), 0, { ack = 5102 })
    return x:after(20 * MS):s(5102, 0, RST)
  end
  x:s(5101, 0, FIN):after(500 * US):c(1101, 400):after(20 * US):s(5102, 0, RST)
  return x:after(20 * MS):c(1501, 0, { ack = 5102 }):s(5102, 0, RST)
end
for _, side in ipairs({ "client", "server" }) do
  case("request_crossed_close", "after 5 s, seen beside the " .. side, { severity = "warning", side = "server" },
    function()
      return crossed(side, 5 * SECOND)
    end)
end
-- A TLS alert, and the FIN right behind it.
local function says_goodbye(head)
  local x = far_talk():after(5 * SECOND):c(1101, 400):after(500 * US):s(5101, 24, { payload = head }):after(10 * US)
  x:s(5125, 0, FIN):c(1501, 0, { ack = 5126 })
  return x:after(20 * MS):s(5126, 0, RST)
end
case("request_crossed_close", "behind a TLS alert", { severity = "warning", side = "server" }, function()
  return says_goodbye("\21\3\3\0\19")
end, { check = function(result)
  for _, finding in ipairs(result.analysis.findings) do
    if finding.id == "request_crossed_close" then
      assert(finding.evidence.counts.silence_ms >= 4900, "the silence before the alert")
    end
  end
end })
case("request_crossed_close", "without a silence", { severity = "warning", side = "server" }, function()
  return crossed("client", 100 * MS)
end)
case("request_crossed_close", "the rest of a request that was answered before it was whole", false, function()
  return hs_beside("client"):c(1001, 400):after(10 * MS):c(1401, 400):after(10 * MS):s(5001, 100, { ack = 1401 })
    :s(5101, 0, { flags = "FA", ack = 1401 }):after(MS):c(1801, 0, { ack = 5102 }):after(20 * MS):s(5102, 0, RST)
end, { instead = "reset_late" })
case("request_crossed_close", "the server closes by a reset instead", { severity = "warning", side = "server" },
  function()
    return far_talk():after(5 * SECOND):c(1101, 400):after(500 * US):s(5101, 0, RST_ACK)
      :after(20 * MS):s(5102, 0, RST)
  end)
case("request_crossed_close", "the client closes at once", { severity = "warning", side = "server" }, function()
  return far_talk():after(5 * SECOND):c(1101, 400):after(500 * US):s(5101, 0, FIN)
    :c(1501, 0, { flags = "FA", ack = 5102 }):after(20 * MS):s(5102, 0, RST)
end)
-- Seen beside the server; the client's data comes so long after the FIN, and acknowledges 'ack'.
local function comes_later(ns, ack, len)
  local x = talk(hs_beside("server")):after(5 * SECOND):s(5101, 0, FIN):after(ns):c(1101, len or 100, { ack = ack })
  return x:c(1101 + (len or 100), 0, { flags = "FA", ack = 5102 }):s(5102, 0, RST)
end
case("request_crossed_close", "later than the way takes, but not knowing the FIN",
  { severity = "warning", side = "server" }, function()
    return comes_later(35 * MS, 5101)
  end)
case("request_crossed_close", "later than the way takes, and knowing the FIN", false, function()
  return comes_later(35 * MS, 5102)
end, { instead = "reset_late" })
case("request_crossed_close", "a few bytes for a farewell", false, function()
  return comes_later(10 * MS, 5101, 6)
end)
case("request_crossed_close", "the client knew of the FIN", false, function()
  return far_talk():after(5 * SECOND):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(3 * SECOND)
    :c(1101, 400):after(20 * MS):s(5102, 0, RST)
end, { instead = "sent_after_close" })
case("request_crossed_close", "a TLS farewell of the client's", false, function()
  return crossed("client", 5 * SECOND, 31, { payload = "\21\3\3\0\26" })
end, { instead = "reset_late" })
case("request_crossed_close", "the client closes at the same moment", false, function()
  return far_talk():after(5 * SECOND):c(1101, 0, FIN):after(500 * US):s(5101, 0, FIN)
    :c(1102, 0, { ack = 5102 }):after(20 * MS):s(5102, 0, { ack = 1102 })
end)

-- Short requests; after a silence one crosses the server's FIN, and the client closes at once.
local function crossed_short(len)
  local x = far_talk(40):after(5 * SECOND):c(1041, len):after(500 * US):s(5101, 0, { flags = "FA", ack = 1041 })
  return x:c(1041 + len, 0, { flags = "FA", ack = 5102 }):after(20 * MS):s(5102, 0, RST)
end
case("request_crossed_close", "a short one, as those before", { severity = "warning", side = "server" }, function()
  return crossed_short(37)
end)
case("request_crossed_close", "shorter than the requests before: a farewell", false, function()
  return crossed_short(24)
end, { instead = "reset_after_close" })

-- The same without a silence: what HTTP/1 says in its turn is a request, however short.
local function crossed_quickly(first, second, answer)
  local x, at = hs_beside("client"):c(1001, #first, { payload = first }), 1001 + #first
  x:after(20 * MS):s(5001, 100, { ack = at, payload = answer }):c(at, 0, { ack = 5101 })
  x:after(900 * MS):c(at, #second, { payload = second }):after(500 * US):s(5101, 0, { flags = "FA", ack = at })
  return x:c(at + #second, 0, { flags = "FA", ack = 5102 }):after(20 * MS):s(5102, 0, RST)
end
local LONG_GET = "GET /x HTTP/1.1\r\nHost: www.example.org\r\nAccept: text/html, text/plain, image/png\r\n\r\n"
local OK = "HTTP/1.1 200 OK\r\nContent-Length: 61\r\n\r\n" .. ("x"):rep(61)
case("request_crossed_close", "a short one of HTTP, without a silence", { severity = "warning", side = "server" },
  function()
    return crossed_quickly(LONG_GET, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", OK)
  end)
case("request_crossed_close", "as short a word of another protocol", false, function()
  return crossed_quickly(("q"):rep(#LONG_GET), ("q"):rep(28), ("a"):rep(100))
end, { instead = "reset_after_close" })
case("request_crossed_close", "the line end that old browsers send behind a body", false, function()
  return crossed_quickly(LONG_GET, "\r\n", OK)
end, { instead = "reset_after_close" })

case("sent_after_close", "a request on a connection that the server has closed",
  { severity = "warning", side = "client" }, function()
    return talk(hs()):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(SECOND):c(1101, 100):s(5102, 0, RST)
  end)
case("sent_after_close", "what its process writes before it can see the end", false, function()
  return talk(hs()):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):c(1101, 300):s(5102, 0, RST)
end, { instead = "reset_late" })
case("request_crossed_close", "beside a client that knew of the FIN, and was quicker than the way", false, function()
  return far_talk():after(5 * SECOND):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(2 * MS)
    :c(1101, 400, { ack = 5102 }):after(20 * MS):s(5102, 0, RST)
end, { instead = "reset_late" })
case("sent_after_close", "a TLS farewell", false, function()
  return talk(hs()):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(SECOND)
    :c(1101, 31, { payload = "\21\3\3\0\26" }):s(5102, 0, RST)
end, { instead = "reset_late" })
case("sent_after_close", "a TLS 1.3 farewell", false, function()
  return talk(hs()):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(SECOND)
    :c(1101, 24, { payload = "\23\3\3\0\19" }):s(5102, 0, RST)
end, { instead = "reset_late" })

-- ------------------------------------------------------------- in use

case("reset_mid_data", "the client's, while the server sends",
  { severity = "warning", side = "client", confidence = "medium" }, function()
    return hs():c(1001, 100):s(5001, 1460, { ack = 1101 }):s(6461, 1460):c(1101, 0, { ack = 6461 })
      :c(1101, 0, RST_ACK):s(7921, 1460)
  end)
-- Nobody is between the capture and its side; or its packets come over routers, and the reset as many.
-- ... and yet nobody knows why it did
case("reset_mid_data", "the client's, beside the client",
  { severity = "warning", side = "client", confidence = "medium" }, function()
    return hs_beside("client"):c(1001, 100):s(5001, 1460, { ack = 1101 }):s(6461, 1460):c(1101, 0, { ack = 6461 })
      :c(1101, 0, RST_ACK):s(7921, 1460)
  end)
local function from_afar(ttl)
  local x = new():syn():after(20 * MS):syn_ack({ ttl = 57 }):after(20 * US):c_ack(5001)
  return x:c(1001, 100):s(5001, 1460, { ack = 1101, ttl = 57 })
    :s(6461, 0, { flags = "RA", ack = 1101, ttl = ttl }):c(1101, 0, { ack = 6461 })
end
case("reset_mid_data", "the server's, over as many routers as its data",
  { severity = "error", side = "server", confidence = "high" }, function()
    return from_afar(57)
  end)
case("reset_mid_data", "the server's, from as near as its data",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return hs_beside("client"):c(1001, 100):s(5001, 1460, { ack = 1101 })
      :s(6461, 0, { flags = "RA", ack = 1101 }):c(1101, 0, { ack = 6461 })
  end)
-- The second of three segments is missing, and nothing comes any more.
local function stalled(ns)
  local x = hs():c(1001, 100):s(5001, 1460, { ack = 1101 }):s(7921, 1460)
  x:c(1101, 0, { ack = 6461, sack = { { 7921, 9381 } } })
  return x:after(ns):c(1101, 0, { flags = "RA", ack = 6461 })
end
case("reset_mid_data", "a client that has waited 30 s for the rest", false, function()
  return stalled(30 * SECOND)
end, { instead = "peer_gone" })
case("peer_gone", "the server stops in the middle of its data", {
  severity = "warning", side = "server",
  text = "On the only connection the server, or the way to it, was gone: it stopped in the middle of its data, the "
    .. "client waited 30 s for what was missing, and gave up.",
}, function()
  return stalled(30 * SECOND)
end)
case("peer_gone", "a client that does not wait for the rest", false, function()
  return stalled(SECOND)
end, { instead = "reset_mid_data" })
case("reset_mid_data", "all was acknowledged, but the server goes on", { severity = "warning", side = "client" },
  function()
    return talk(hs()):c(1101, 0, RST_ACK):s(5101, 1460)
  end)
case("reset_mid_data", "the last segment was full-sized",
  { severity = "info", side = "client", confidence = "low" }, function()
  return new():hs({ c = { mss = 1460 }, s = { mss = 1460 } }):c(1001, 100):s(5001, 1460, { ack = 1101 })
    :c(1101, 0, { flags = "RA", ack = 6461 })
end)
-- The whole answer in one segment, of so many bytes; both sides offer an MSS of 1460, and 'ts' timestamps.
local function resets_behind(len, ts)
  local offers = { mss = 1460, ts = ts }
  local x = new():hs({ c = offers, s = offers }):c(1001, 100, { ts = ts }):s(5001, len, { ack = 1101, ts = ts })
  local ack = 5001 + len
  return x:c(1101, 0, { ack = ack, ts = ts }):after(30 * MS):c(1101, 0, { flags = "RA", ack = ack, ts = ts })
end
case("reset_mid_data", "the last segment was nearly full-sized, and carries no options", false, function()
  return resets_behind(1453)
end, { instead = "reset_after_answer" })
case("reset_mid_data", "the last segment was full but for its timestamps", { severity = "info", side = "client" },
  function()
    return resets_behind(1448, { 100, 100 })
  end)
case("reset_mid_data", "a little shorter than one with timestamps", false, function()
  return resets_behind(1440, { 100, 100 })
end, { instead = "reset_after_answer" })
local function says_of(what)
  return function(result)
    local text = result.analysis.findings[1].text
    assert(text:find("in the middle of " .. what, 1, true), text)
  end
end
-- Beside the client, which acknowledges at once what has come.
local function server_resets(len)
  local x = new():syn({ mss = 1460 }):after(20 * MS):syn_ack({ mss = 1460 }):after(20 * US):c_ack(5001):c(1001, 100)
  x:after(20 * MS):s(5001, 1460, { ack = 1101 }):after(10 * US):s(6461, len)
  x:after(20 * US):c(1101, 0, { ack = 6461 + len })
  return x:after(MS):s(6461 + len, 0, RST_ACK)
end
case("reset_mid_data", "the server's, after a full segment that was acknowledged",
  { severity = "error", side = "server" },
  function()
    return server_resets(1460)
  end, { check = says_of("its own data") })
case("reset_mid_data", "the server's, after a last short segment", false, function()
  return server_resets(420)
end, { instead = "reset_after_answer" })
case("reset_mid_data", "the server's, in the middle of an upload", { severity = "error", side = "server" }, function()
  return hs():c(1001, 1460):s_ack(2461):c(2461, 1460):s(5001, 0, { flags = "RA", ack = 2461 })
end, { check = says_of("the client's data") })
case("reset_mid_data", "after the whole answer", false, function()
  return new():hs({ c = { mss = 1460 }, s = { mss = 1460 } }):c(1001, 100):s(5001, 1460, { ack = 1101 })
    :s(6461, 420):c(1101, 0, { flags = "RA", ack = 6881 })
end, { instead = "reset_after_answer" })
case("reset_mid_data", "a reset after both have closed", false, function()
  return clean():c(1102, 0, RST)
end, { instead = "reset_after_close" })

case("reset_before_answer", "the server's reset after a request",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return hs():c(1001, 100):after(20 * MS):s(5001, 0, { flags = "RA", ack = 1101 })
  end)
case("reset_before_answer", "the client's, a second after its request", { severity = "warning", side = "client" },
  function()
    return pieces.queries():hs():c(1001, 100):s_ack(1101):after(SECOND):c(1101, 0, RST_ACK)
  end)
case("reset_before_answer", "where all requests are short", { severity = "warning", side = "server" }, function()
  return hs():c(1001, 30):s(5001, 100, { ack = 1031 }):c(1031, 30, { ack = 5101 }):after(20 * MS)
    :s(5101, 0, { flags = "RA", ack = 1061 })
end)
case("reset_before_answer", "a farewell", false, function()
  return talk(hs()):c(1101, 43):after(20 * MS):s(5101, 0, { flags = "RA", ack = 1144 })
end, { instead = "reset_after_answer" })
case("reset_before_answer", "after the answer", false, function()
  return talk(hs()):c(1101, 0, RST_ACK)
end, { instead = "reset_after_answer" })
case("reset_before_answer", "the client has waited for 30 s", false, function()
  return hs():c(1001, 100):s_ack(1101):after(30 * SECOND):c(1101, 0, RST_ACK)
end, { instead = "no_answer" })

case("no_answer", "a client that gives up by a reset", { severity = "warning", side = "server" }, function()
  return pieces.queries():hs():c(1001, 100):s_ack(1101):after(30 * SECOND):c(1101, 0, RST_ACK)
end)
case("no_answer", "nothing of the server was captured", false, function()
  return new():c(1001, 45, { ack = 5001 }):after(41 * SECOND):c(1046, 0, { flags = "RA", ack = 5001 })
end)
case("no_answer", "its second request", { severity = "warning", side = "server" }, function()
  return talk(hs()):c(1101, 100):s(5101, 0, { ack = 1201 }):after(30 * SECOND):c(1201, 0, RST_ACK)
end)
case("no_answer", "little data behind an answer", false, function()
  return talk(hs()):c(1101, 38):s(5101, 0, { ack = 1139 }):after(60 * SECOND):c(1139, 0, RST_ACK)
end, { instead = "reset_idle" })

case("reset_before_answer", "the process's own, behind a long silence", { severity = "warning", confidence = "low" },
  function()
    return request_after(60 * SECOND, talk(hs({ win = 501 }))):s(5101, 0, { flags = "RA", ack = 1201, win = 501 })
  end)
case("reset_before_answer", "amid what the client sends", { severity = "info", side = "client" },
  function()
    return hs():c(1001, 1000):after(20 * US):c(2001, 1000):after(20 * US):c(3001, 1000):c(4001, 0, RST_ACK)
  end)
case("idle_connection_dropped", "a device writes the window, too", { severity = "error", side = "network" }, function()
  return request_after(60 * SECOND, far_talk()):after(MS)
    :s(5101, 0, { flags = "RA", ack = 1201, ttl = 200, win = 60000 })
end, { never = { "reset_not_by_endpoint" } })
case("idle_connection_dropped", "no silence before", false, function()
  return request_after(100 * MS, far_talk()):after(MS):s(5101, 0, { flags = "RA", ack = 1201, ttl = 200, win = 60000 })
end, { instead = "reset_not_by_endpoint" })
case("reset_without_data", "by the server, which has waited 30 s", { severity = "warning", side = "server" },
  function()
    return hs():after(30 * SECOND):s(5001, 0, RST_ACK)
  end)
case("reset_without_data", "two seconds after the handshake", { severity = "warning", side = "client" }, function()
  return hs():after(2 * SECOND):c(1001, 0, RST_ACK)
end)
case("reset_without_data", "at once after the handshake", false, function()
  return hs():c(1001, 0, RST_ACK)
end, { instead = "port_checks" })
case("reset_without_data", "by the server", { severity = "warning", side = "server" }, function()
  return hs():s(5001, 0, RST_ACK)
end)
case("reset_without_data", "of a connection that is only held open when the capture begins", false, function()
  local x = new()
  for _ = 1, 4 do
    x:s(5000, 0, { ack = 1001 }):c(1001, 0, { ack = 5001 }):after(2500 * MS)
  end
  return x:s(5001, 0, RST_ACK)
end, { instead = "reset_idle" })
case("reset_without_data", "after data", false, function()
  return hs():c(1001, 1):c(1002, 0, RST_ACK)
end, { instead = "reset_before_answer" })
case("answered_too_late", "a client that had waited",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return new():syn():after(SECOND):syn():after(2 * SECOND):syn():after(MS):syn_ack():c(1001, 0, RST)
  end)
case("answered_too_late", "a client that gave up after two SYNs",
  { severity = "info", side = "network", confidence = "low" }, function()
    return new():syn():after(SECOND):syn():after(MS):syn_ack():c(1001, 0, RST)
  end)
case("answered_too_late", "SYNs in a row, as a tool writes them", false, function()
  return new():syn():after(MS):syn():after(MS):syn():after(MS):syn_ack():c(1001, 0, RST)
end, { instead = "reset_half_open" })
case("reset_half_open", "SYNs in a row, as a tool writes them", { severity = "info", side = "client" }, function()
  return new():syn():after(MS):syn():after(MS):syn():after(MS):syn_ack():c(1001, 0, RST)
end)
-- One of so many ports that a client tries, opened and reset; what the server says first comes after that.
local function banner_of_a_scan(ports)
  local x = new()
  for port = 1, ports do
    pieces.next_client(x, port)
    x.sides.s.port = 7000 + port
    refuse(x)
  end
  pieces.next_client(x, ports + 1)
  x.sides.s.port = 22
  return x:syn():syn_ack():c_ack(5001):c(1001, 0, RST_ACK):after(10 * MS):s(5001, 41):c(1001, 0, RST)
end
case("reset_mid_data", "a scan, and the first words of a server", { severity = "info" }, function()
  return banner_of_a_scan(20)
end)
case("reset_mid_data", "no scan, and the first words of a server", { severity = "warning", side = "client" }, function()
  return banner_of_a_scan(1)
end)
-- SYNs as a tool writes them, for so long; the host resets what comes back.
local function written(ms)
  local x = new()
  for i = 0, ms, 50 do
    x:after(50 * MS):syn({ id = i })
  end
  return x:syn_ack():c(1001, 0, RST)
end
case("answered_too_late", "SYNs sooner than any timer, for two seconds", { severity = "info" }, function()
  return written(2000)
end)
case("answered_too_late", "one that takes the answer, and resets then", false, function()
  return new():syn():after(SECOND):syn():after(2 * SECOND):syn():after(MS):syn_ack():c_ack(5001):c(1001, 0, RST_ACK)
end, { instead = "port_checks" })
case("reset_half_open", "by the client in answer to the SYN-ACK", false, function()
  return new():syn():after(MS):syn_ack():c(1001, 0, RST)
end, { instead = "port_checks" })
case("reset_half_open", "by the server after its SYN-ACK", { severity = "warning", side = "server" }, function()
  return new():syn():after(MS):syn_ack():s(5001, 0, RST)
end)
case("reset_half_open", "the server's, of the acknowledgement of another SYN-ACK", false, function()
  return new():syn():after(MS):syn_ack():c(1001, 0, { ack = 3001 }):s(3001, 0, RST)
end)
case("reset_half_open", "a refusal", false, function()
  return refuse(new())
end, { instead = "refused" })

-- --------------------------------------------------------- ways to close

case("reset_idle", "the client's", { severity = "info", side = "client" }, function()
  return talk(hs()):after(SECOND):c(1101, 0, RST_ACK)
end)
case("reset_idle", "the server's", { severity = "warning", side = "server" }, function()
  return talk(hs()):after(60 * SECOND):s(5101, 0, RST_ACK)
end)
case("reset_idle", "a minute after the client's check", { severity = "warning", side = "server" }, function()
  return talk(hs()):after(60 * SECOND):c(1100, 1):s(5101, 0, { ack = 1101 }):after(60 * SECOND):s(5101, 0, RST_ACK)
end)
case("reset_idle", "in answer to the client's MP_FASTCLOSE", false, function()
  local fastclose = "\30\12\112\0ABCDEFGH"
  return talk(hs()):after(4 * SECOND):c(1101, 0, { options = fastclose }):s(5101, 0, RST_ACK)
end, { instead = "reset_after_answer" })
case("reset_idle", "data was outstanding", false, function()
  return talk(hs()):s(5101, 100):after(SECOND):c(1101, 0, { flags = "RA", ack = 5101 })
end, { instead = "reset_mid_data" })

case("reset_after_answer", "the client's", { severity = "info", side = "client" }, function()
  return talk(hs()):c(1101, 0, RST_ACK)
end)
case("reset_after_answer", "its reset acknowledges the answer", { severity = "info", side = "client" }, function()
  return hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { flags = "RA", ack = 5101 })
end)
case("reset_after_answer", "the server's, right behind its answer", { severity = "warning", side = "server" },
  function()
    return hs():c(1001, 100):s(5001, 100, { ack = 1101 }):s(5101, 0, RST_ACK)
  end)
case("reset_after_answer", "the server's, and it acknowledges a FIN that is not in the capture",
  { severity = "info", side = "server" }, function()
    return hs():c(1001, 100):s(5001, 100, { ack = 1101 }):s(5101, 0, { flags = "RA", ack = 1102 })
  end)
case("reset_after_answer", "the server's, the acknowledgement comes later", { severity = "info", side = "server" },
  function()
    return hs():c(1001, 100):s(5001, 100, { ack = 1101 }):s(5101, 0, RST_ACK):c(1101, 0, { ack = 5101 })
  end)
case("reset_after_answer", "the server's, in a long answer that arrives", { severity = "warning", side = "server" },
  function()
    local x = hs():c(1001, 100):s(5001, 1400, { ack = 1101 })
    for i = 1, 5 do
      x:s(5001 + 1400 * i, 1400)
    end
    return x:s(13401, 700):s(14101, 0, RST_ACK):c(1101, 0, { ack = 14101 })
  end)
case("reset_after_answer", "the server's, after the acknowledgement", { severity = "info", side = "server" },
  function()
    return talk(hs()):s(5101, 0, RST_ACK)
  end)
case("reset_after_answer", "part of the answer was not acknowledged", false, function()
  return hs():c(1001, 100):s(5001, 100, { ack = 1101 }):s(5101, 100):c(1101, 0, { flags = "RA", ack = 5101 })
end, { instead = "reset_mid_data" })

-- A reset without ACK, so long after a short answer that nothing had acknowledged.
local function short_answer(ns)
  return hs():c(1001, 11):s(5001, 56, { ack = 1012 }):after(ns):c(1012, 0, RST)
end
case("reset_mid_data", "later than a round trip behind a short answer", false, function()
  return short_answer(45 * MS)
end, { instead = "reset_after_answer" })
case("reset_mid_data", "at once behind a short answer", { side = "client" }, function()
  return short_answer(MS)
end)

-- A TLS alert of the server's, then the client's reset.
local function after_alert(head)
  return talk(hs()):s(5101, 31, { payload = head }):c(1101, 66, { ack = 5132 }):c(1167, 38):c(1205, 0, RST_ACK)
end
case("reset_after_alert", "an alert of the server's", { severity = "info", side = "server" }, function()
  return after_alert("\21\3\3\0\26")
end)
case("reset_after_alert", "other data of the same length", false, function()
  return after_alert("\23\3\3\0\26")
end)
case("reset_after_alert", "a warning, with data behind it", false, function()
  return talk(hs()):s(5101, 7, { payload = "\21\3\3\0\2\1\112" }):s(5108, 100):c(1101, 0, { ack = 5208 })
    :c(1101, 0, RST_ACK)
end, { instead = "reset_after_answer" })

case("reset_unknown_connection", "bare resets for what was closed before", { severity = "info", side = "client" },
  function()
    local x = new():s(5001, 159, { ack = 1001 }):s(5160, 135):after(100 * MS):c(1001, 0, RST):c(1001, 0, RST)
    return clean(next_client(x, 1):hs())
  end)
case("reset_unknown_connection", "the same host has acknowledged before", false, function()
  return new():s(5001, 159, { ack = 1001 }):c(1001, 0, { ack = 5160 }):s(5160, 135):c(1001, 0, RST)
end, { instead = "reset_mid_data" })

-- A subflow (MP_JOIN) of a Multipath TCP connection.
local MP_JOIN, MP_TCPRST = "\30\12\16\1\0\0\0\1\0\0\0\2", "\30\4\128\6"
local function subflow(reset, join)
  local x = next_client(clean(), 1):syn({ options = join }):after(MS):syn_ack():after(MS):c_ack(5001)
  return x:s(5001, 1000):c(1001, 0, { ack = 6001 }):after(400 * MS):c(1001, 0, { flags = "RA", options = reset })
end
case("mptcp_subflow_reset", "MP_JOIN, and MP_TCPRST with a reason", { severity = "info", side = "client" }, function()
  return subflow(MP_TCPRST, MP_JOIN)
end)
case("mptcp_subflow_reset", "MP_JOIN alone", { severity = "info", side = "client" }, function()
  return subflow(nil, MP_JOIN)
end)
case("mptcp_subflow_reset", "no Multipath TCP", false, function()
  return subflow()
end, { instead = "reset_after_answer" })

case("reset_half_closed", "in answer to a FIN",
  { severity = "info", side = "client", confidence = "medium" }, function()
    return talk(hs()):s(5101, 0, FIN):c(1101, 0, { flags = "RA", ack = 5102 })
  end)
case("reset_half_closed", "in answer to a FIN, beside the client",
  { severity = "info", side = "client", confidence = "high" }, function()
    return talk(hs_beside("client")):s(5101, 0, FIN):c(1101, 0, { flags = "RA", ack = 5102 })
  end)
case("reset_half_closed", "by the server", { severity = "info", side = "server" }, function()
  return talk(hs()):c(1101, 0, FIN):s(5101, 0, { flags = "RA", ack = 1102 })
end)
case("reset_half_closed", "the answer to a client that has waited in vain", false, function()
  return hs():c(1001, 100):s_ack(1101):after(5 * SECOND):c(1101, 0, FIN):s(5001, 0, { flags = "RA", ack = 1102 })
end, { instead = "no_answer" })
case("reset_half_closed", "data after the client's FIN, as it should be", false, function()
  return close(hs():c(1001, 100), 1101, 5001)
end)
case("reset_late", "data for a connection that was closed", { severity = "info", side = "client" }, function()
  return hs():c(1001, 100):c(1101, 0, FIN):s(5001, 100, { ack = 1102 }):c(1102, 0, RST)
end)
case("reset_late", "by the server, of a segment without data", { severity = "info", side = "server" }, function()
  return talk(hs()):s(5101, 0, FIN):c(1101, 0, { ack = 5102 }):after(SECOND):c(1100, 0):s(5102, 0, RST)
end)
case("reset_late", "the other side has closed as well", false, function()
  return clean():c(1102, 0, RST)
end, { instead = "reset_after_close" })
case("reset_after_close", "both had closed", { severity = "info", side = "server" }, function()
  return clean():s(5102, 0, RST)
end)
case("reset_after_close", "by the client", { severity = "info", side = "client" }, function()
  return clean():c(1102, 0, RST)
end)
case("reset_after_close", "by the client twice, by the server once", { severity = "info", side = "client" }, function()
  local x = clean():c(1102, 0, RST)
  x = clean(next_client(x, 1):hs()):c(1102, 0, RST)
  return clean(next_client(x, 2):hs()):s(5102, 0, RST)
end)
case("reset_after_close", "by the server twice, by the client once", { severity = "info", side = "server" }, function()
  local x = clean():s(5102, 0, RST)
  x = clean(next_client(x, 1):hs()):s(5102, 0, RST)
  return clean(next_client(x, 2):hs()):c(1102, 0, RST)
end)
case("reset_after_close", "only one had", false, function()
  return talk(hs()):s(5101, 0, FIN):c(1101, 0, RST_ACK)
end, { instead = "reset_half_closed" })
case("reset_stray", "nothing but resets", { severity = "info", side = "server" }, function()
  return new():s(5001, 0, RST)
end)
case("reset_stray", "by the client", { severity = "info", side = "client" }, function()
  return new():c(1001, 0, RST)
end)
case("reset_stray", "a reset after an acknowledgement", false, function()
  return new():c(1001, 0):s(5001, 0, RST)
end)
case("reset_untold", "no memory", { severity = "info", side = "client", confidence = "low" }, clean,
  { alter = function(result)
    result.analysis.resets.connections = 1
    result.connection_sums.outcomes.reset_untold = {
      client = { connections = 1, shortest_ms = 0, longest_ms = 0, bytes = 0, frames = { 1 } },
    }
  end })

-- ---------------------------------------------------------------- left alone

-- The side's keep-alive probes, 14 s apart, and then its reset.
local function probes(side, count, answered)
  local x = talk(hs()):after(373 * SECOND)
  local seq, ack = side == "s" and 5101 or 1101, side == "s" and 1101 or 5101
  for i = 1, count do
    x:tcp(side, seq - 1, 0):after(14 * SECOND)
    if i == answered then
      x:after(20 * MS):tcp(side == "s" and "c" or "s", ack, 0, { ack = seq }):after(14 * SECOND)
    end
  end
  return x:tcp(side, seq, 0, RST_ACK)
end
case("peer_gone", "two probes of the server's, then its reset", { severity = "warning", side = "client" }, function()
  return probes("s", 2)
end)
case("peer_gone", "two probes of the client's, then its reset", { severity = "warning", side = "server" }, function()
  return probes("c", 2)
end)
case("peer_gone", "a client that gives up within the second", false, function()
  return hs():c(1001, 500):after(220 * MS):c(1001, 500):after(230 * MS):c(1001, 500):after(10 * MS):c(1501, 0, RST_ACK)
end, { instead = "reset_before_answer" })
case("peer_gone", "one probe", false, function()
  return probes("s", 1)
end, { instead = "reset_idle" })
case("peer_gone", "the last but one was answered", false, function()
  return probes("s", 2, 1)
end, { instead = "reset_idle" })
case("peer_gone", "repetitions in vain, and then silence", { severity = "warning", side = "server" }, function()
  local x = talk(hs()):c(1101, 100)
  for i = 0, 4 do
    x:after(200 * 2 ^ i * MS):c(1101, 100)
  end
  return later(x, SECOND)
end)
-- An answer of two segments; then data is sent again and again in vain.
local function full_in_vain(whole)
  local x = hs():c(1001, 100):s(5001, whole and 1448 or 552, { ack = 1101 }):s(5001 + (whole and 1448 or 552), 552)
  local at = 5001 + (whole and 2000 or 1104)
  x:c(1101, 100, { ack = at })
  for i = 0, 5 do
    x:s(at, 1448, { ack = 1201 }):after(2 ^ i * 250 * MS)
  end
  return later(x, SECOND)
end
case("peer_gone", "in vain, as long as what had passed before", { severity = "warning", side = "client" }, function()
  return full_in_vain(true)
end, { never = { "mtu_black_hole_to_client" } })
case("peer_gone", "in vain, longer than all that had passed before", false, function()
  return full_in_vain(false)
end, { instead = "mtu_black_hole_to_client" })
-- The client's data is sent again at these times, in ms after the first copy, in vain.
local function repeated_at(times, x)
  x = talk(x or hs()):c(1101, 100)
  local last = 0
  for _, ms in ipairs(times) do
    x:after((ms - last) * MS):c(1101, 100)
    last = ms
  end
  return x
end
case("peer_gone", "three repetitions within 1.2 s", { severity = "warning", side = "server" }, function()
  return repeated_at({ 200, 600, 1400 })
end)
case("peer_gone", "three repetitions within 0.9 s", false, function()
  return repeated_at({ 100, 400, 1000 })
end)
case("peer_gone", "no longer than four times the way", false, function()
  return repeated_at({ 600, 1200, 2000 }, new():hs({ step = 200 * MS }))
end)
case("peer_gone", "the capture ends before the third", false, function()
  local x = talk(hs()):c(1101, 100)
  for i = 0, 1 do
    x:after(2000 * 2 ^ i * MS):c(1101, 100)
  end
  return x
end)
case("peer_gone", "the other side speaks again", false, function()
  local x = talk(hs()):c(1101, 100)
  for i = 0, 4 do
    x:after(200 * 2 ^ i * MS):c(1101, 100)
  end
  return x:s(5101, 0, { ack = 1201 })
end)

-- The client's data after 'ns' of silence, and again, in vain.
local function in_vain_after(ns)
  local x = talk(hs()):after(ns):c(1101, 100)
  for i = 0, 4 do
    x:after(200 * 2 ^ i * MS):c(1101, 100)
  end
  return x
end
case("idle_connection_lost", "after 400 s", { severity = "warning", side = "network", confidence = "low" }, function()
  return in_vain_after(400 * SECOND)
end)
-- The client opens another connection 'ns' after the last of these.
local function and_opens_another(ns)
  return clean(talk(next_client(in_vain_after(400 * SECOND), 1):after(ns):hs()))
end
case("idle_connection_lost", "after 400 s, and another connection opens",
  { severity = "error", side = "network", confidence = "medium" }, function()
    return and_opens_another(2 * SECOND)
  end)
case("idle_connection_lost", "after 400 s, and another opens a minute later",
  { severity = "warning", confidence = "low" }, function()
    return and_opens_another(60 * SECOND)
  end)
case("idle_connection_lost", "only a FIN, after 400 s", false, function()
  local x = far_talk():after(400 * SECOND)
  for i = 0, 5 do
    x:c(1101, 0, { flags = "FA" }):after(300 * 2 ^ i * MS)
  end
  return x
end, { instead = "peer_gone" })
case("idle_connection_lost", "after 20 s", false, function()
  return in_vain_after(20 * SECOND)
end, { instead = "peer_gone" })
case("idle_connection_lost", "probes alone", false, function()
  return probes("c", 3)
end, { instead = "peer_gone" })

-- One side closes; the other acknowledges, and the capture goes on.
local function never_closes(side, ns, x)
  x = x or talk(hs())
  if side == "s" then
    x:c(1101, 0, FIN):after(40 * MS):s(5101, 0, { ack = 1102 })
  else
    x:s(5101, 0, FIN):after(40 * MS):c(1101, 0, { ack = 5102 })
  end
  return later(x, ns)
end
-- The client's stack gives up 'seconds' after its FIN.
local function gives_up(seconds, closes)
  local x = talk(hs()):c(1101, 0, FIN):s(5101, 0, { ack = 1102 }):after(seconds * SECOND)
  return closes and x:s(5101, 100):after(MS):c(1102, 0, RST) or x:c(1102, 0, RST_ACK)
end
case("close_wait", "the server, and the client gives up after 60 s",
  { severity = "warning", side = "server" }, function()
  return gives_up(60)
end, { never = { "reset_late" } })
case("close_wait", "the client gives up at once", false, function()
  return gives_up(1)
end, { instead = "reset_late" })
case("close_wait", "the server sends data that the client resets", false, function()
  return gives_up(60, true)
end)
case("close_wait", "the server, 18 s", { severity = "warning", side = "server" }, function()
  return never_closes("s", 18 * SECOND)
end)
case("close_wait", "the client", { severity = "info", side = "client" }, function()
  return never_closes("c", 18 * SECOND)
end)
case("close_wait", "the client, three times", { severity = "warning", side = "client" }, function()
  local x = never_closes("c", SECOND)
  x = never_closes("c", SECOND, talk(next_client(x, 1):hs()))
  return never_closes("c", 18 * SECOND, talk(next_client(x, 2):hs()))
end)
case("close_wait", "a client's idle connection, closed by the server's limit", false, function()
  return never_closes("c", 18 * SECOND, talk(hs()):after(5 * SECOND))
end)
case("close_wait", "the server, 6 s", { severity = "info", side = "server" }, function()
  return never_closes("s", 6 * SECOND)
end)
case("close_wait", "the capture ends too soon to tell", false, function()
  return never_closes("s", 4 * SECOND)
end)
case("close_wait", "a client that closes its half and waits for the answer", false, function()
  return later(hs():c(1001, 100):c(1101, 0, FIN):s_ack(1102), 18 * SECOND)
end)
case("close_wait", "the server goes on sending", false, function()
  local x = talk(hs()):c(1101, 0, FIN):s(5101, 0, { ack = 1102 }):after(SECOND):s(5101, 100)
    :c(1102, 0, { ack = 5201 })
  return later(x, 18 * SECOND)
end)
case("close_wait", "it closes after 10 s", false, function()
  local x = talk(hs()):c(1101, 0, FIN):s(5101, 0, { ack = 1102 }):after(10 * SECOND):s(5101, 0, FIN)
  return later(x:c(1102, 0, { ack = 5102 }), 18 * SECOND)
end)

case("idle_connection_lost", "the server's data, captured beside the client",
  { severity = "warning", side = "client" }, function()
  local x = talk(pieces.hs_beside("client")):after(100 * SECOND):s(5101, 100)
  for i = 0, 4 do
    x:after(200 * 2 ^ i * MS):s(5101, 100)
  end
  return x
end)
case("idle_connection_lost", "the client's data, captured beside the client",
  { severity = "warning", side = "network", confidence = "low" }, function()
  local x = talk(pieces.hs_beside("client")):after(100 * SECOND):c(1101, 100)
  for i = 0, 4 do
    x:after(200 * 2 ^ i * MS):c(1101, 100)
  end
  return x
end)

-- ------------------------------------------------------- words that the SYN carries

-- Its answer acknowledges so much; the client has waited for long, and resets.
local function syn_with_data(taken)
  local x = new()
  for i = 1, 3 do
    if i > 1 then
      next_client(x, i)
    end
    x:tcp("c", 1000, 400, { flags = "S" }):after(MS):syn_ack({ ack = 1001 + taken }):after(300 * MS):c(1401, 0, RST)
  end
  return x
end
case("reset_before_answer", "the SYN's data was not taken", false, function() return syn_with_data(0) end,
  { never = { "no_answer", "reset_mid_data" } })
case("reset_before_answer", "the SYN's data was taken", { severity = "warning", side = "client" },
  function() return syn_with_data(400) end)

-- ------------------------------------------------------- a byte of what was under way

-- So many bytes of the client's are all that the capture has, the one of a keep-alive twice; the server has them,
-- and resets after so long.
local function last_bytes(len, wait)
  local x = new()
  for _ = 1, len == 1 and wait > SECOND and 2 or 1 do
    x:c(1001, len, { flags = "A", ack = 5001 }):after(20 * MS):s(5001, 0, { ack = 1001 + len }):after(wait / 2)
  end
  return x:after(wait):s(5001, 0, { flags = "RA", ack = 1001 + len })
end
case("reset_before_answer", "the only byte may be a keep-alive's", false, function()
  return last_bytes(1, 60 * SECOND)
end, { instead = "reset_idle" })
case("reset_before_answer", "it may be, and nobody was silent", false, function()
  return last_bytes(1, 100 * MS)
end, { never = { "reset_idle", "reset_mid_data", "no_answer" } })
case("reset_before_answer", "twenty bytes are none", { side = "server" }, function()
  return last_bytes(20, 100 * MS)
end)
