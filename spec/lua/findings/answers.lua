-- Cases of the rules about who answers and who waits.

local pieces = ...
local case, MS, SECOND, FIN, new = pieces.case, pieces.MS, pieces.SECOND, pieces.FIN, pieces.new
local hs, queries, converse = pieces.hs, pieces.queries, pieces.converse
local next_client, talk = pieces.next_client, pieces.talk

local function other(side)
  return side == "c" and "s" or "c"
end

local function answer_after(ms, times, o, x)
  local t = converse((x or queries()):hs(o))
  for _ = 1, times or 3 do
    t:ask(ms)
  end
  return t.x
end

-- -------------------------------------------------------------- slow answers

case("slow_server", "1.1 s", { severity = "error", side = "server", confidence = "medium" }, function()
  return answer_after(1100)
end)
case("slow_server", "its only answer", { severity = "warning", side = "server", confidence = "medium" }, function()
  return answer_after(1100, 1)
end)
case("slow_server", "its only answer, where nothing tells who asks", { severity = "info", confidence = "low" },
  function()
    return answer_after(1100, 1, nil, new())
  end)
case("slow_server", "three answers that take as long, where nothing tells who asks",
  { severity = "warning", side = "server", confidence = "low" }, function()
    return answer_after(1100, 3, nil, new())
  end)
-- Turns of a port that nothing is known of, of one connection or of several, so long each.
local function unknown(connections, ...)
  local x = new():hs()
  for i = 1, connections do
    local t = converse(x)
    for _, ms in ipairs({ ... }) do
      t:ask(ms)
    end
    if i < connections then
      next_client(x, i):after(SECOND):hs()
    end
  end
  return x
end
case("slow_server", "answers that take now so long, now so, where nothing tells who asks",
  { severity = "info", confidence = "low" }, function()
    return unknown(1, 400, 2900, 700, 5300)
  end)
case("slow_server", "the same on three connections: that shows who asks",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return unknown(3, 400, 2900, 700, 5300)
  end)
-- Three slow answers among eight, or of so many.
local function slow_among(x, quick)
  local t = converse(x)
  for i = 1, 3 + quick do
    t:ask(i <= 3 and 900 or 5)
  end
  return t.x
end
case("slow_server", "three of eight turns of one connection", { severity = "warning", confidence = "low" }, function()
  return slow_among(queries():hs(), 5)
end)
case("slow_server", "three of eight, where nothing tells who asks", { severity = "info", confidence = "low" },
  function()
    return slow_among(new():hs(), 5)
  end)
case("slow_server", "three of 21 turns of one connection", { severity = "warning", confidence = "medium" }, function()
  return slow_among(new():hs(), 18)
end)
case("slow_server", "six of sixteen turns of two connections",
  { severity = "warning", confidence = "medium" }, function()
  local x = slow_among(queries():hs(), 5)
  return slow_among(next_client(x, 3):after(SECOND):hs(), 5)
end)
case("slow_server", "its only answer, in less than a second", { severity = "info", side = "server" }, function()
  return answer_after(900, 1)
end)
case("slow_server", "300 ms", { severity = "warning", side = "server" }, function()
  return answer_after(300)
end)
case("slow_server", "100 ms", { severity = "info", side = "server" }, function()
  return answer_after(100)
end)
case("slow_server", "40 ms with a way of 10 ms", false, function()
  return answer_after(40)
end)
case("slow_server", "400 ms, of which the way takes 200", false, function()
  return answer_after(400, 3, { step = 200 * MS })
end, { instead = "long_path" })
case("slow_server", "a pause before the client's next request", false, function()
  local x = talk(hs())
  return x:after(5 * SECOND):c(1101, 100):s(5101, 100, { ack = 1201 }):c(1201, 0, { ack = 5201 })
end)

local function some_slow(n)
  local t = converse()
  for i = 1, 22 do
    t:ask(i <= n and 400 or 3)
  end
  return t.x
end
case("slow_server", "one of 22", { severity = "info", side = "server", confidence = "medium" }, function()
  return some_slow(1)
end)
case("slow_server", "one of 200, a little slow", false, function()
  local t = converse()
  for i = 1, 200 do
    t:ask(i == 100 and 300 or 3)
  end
  return t.x
end)
case("slow_server", "three of 22", { severity = "warning", side = "server", confidence = "medium" }, function()
  return some_slow(3)
end)
case("slow_server", "a database that greets, then takes 2 s", { severity = "error", side = "server" }, function()
  local t = converse(queries():hs()):say("s", 1, 80):say("c", 1, 120):hear("s", 1):say("s", 2, 11)
  for _ = 1, 4 do
    t:ask(2000)
  end
  return t.x
end)
case("slow_server", "acknowledged by a timer, answered after 1.5 s", { severity = "error", side = "server" }, function()
  local t = converse(queries():hs())
  for _ = 1, 3 do
    t:say("c", 1, 72):hear("s", 200):say("s", 1300, 544):hear("c", 1)
  end
  return t.x
end)
case("slow_server", "acknowledged after 1.5 s, answered at once", false, function()
  local t = converse()
  for _ = 1, 3 do
    t:say("c", 1, 72):hear("s", 1500):say("s", 30, 544):hear("c", 1)
  end
  return t.x
end, { instead = "requests_late" })
case("slow_server", "a request that its sender goes on with for long", false, function()
  local t = converse()
  for _ = 1, 3 do
    t:say("c", 1, 1400):hear("s", 1):say("c", 3000, 700):hear("s", 1):say("s", 5, 100):hear("c", 1)
  end
  return t.x
end)

-- ----------------------------------------------------------- who speaks unasked

local function consumer(x)
  local t = converse(x)
  for i = 1, 6 do
    t:say("s", 400 + 300 * i, 425):hear("c", 1):say("c", 3, 21):hear("s", 1)
  end
  return t.x
end
case("slow_server", "messages that a consumer confirms, under way", false, function()
  return consumer(new())
end, { instead = "unclear_pauses" })
case("slow_server", "messages that a consumer confirms, from the subscription on", false, function()
  local t = converse():ask(2):ask(2):hear("c", 1)
  for i = 1, 6 do
    t:say("s", 900 + 300 * i, 425):hear("c", 1):say("c", 3, 21):hear("s", 1)
  end
  return t.x
end, { instead = "unclear_pauses" })
case("slow_server", "a line each 1.1 s, whatever the client says", false, function()
  local t = converse():say("s", 1, 199):hear("c", 1):say("s", 400, 18):hear("c", 1):say("c", 700, 1045):hear("s", 1)
  t:say("s", 400, 135):hear("c", 1)
  for _ = 1, 5 do
    t:say("s", 1100, 135):hear("c", 1)
  end
  return t.x
end)
-- A subscription, then 'count' lines, 'apart' ms; the client says something 'before' the next one.
local function ticker(count, apart, before)
  local t = converse():say("c", 1, 210):hear("s", 1):say("s", 3, 180):hear("c", 1)
  for _ = 1, count do
    t:say("s", apart, 320):hear("c", 1)
  end
  return t:say("c", apart - before, 44):hear("s", 1):say("s", before, 320):hear("c", 1).x
end
case("slow_server", "a line each 0.9 s, and the client speaks 0.5 s before one", false, function()
  return ticker(8, 900, 500)
end)
case("slow_server", "three lines are no beat", { severity = "info" }, function()
  return ticker(3, 900, 500)
end)
case("slow_server", "the server asks, the client answers", false, function()
  local t = converse():say("s", 7300, 3):hear("c", 1)
  for _, ms in ipairs({ 1600, 6200, 2200, 3400 }) do
    t:say("c", 80, 40):hear("s", 1):say("s", ms, 9):hear("c", 1)
  end
  return t:say("c", 80, 40):hear("s", 1).x
end, { instead = "unclear_pauses" })
case("slow_server", "the server asks every 400 ms, and ends the talk", false, function()
  local t = converse():say("s", 2, 60)
  for _ = 1, 6 do
    t:say("c", 1, 200):hear("s", 1):say("s", 400, 60)
  end
  return t:say("c", 1, 200):hear("s", 1):fin("s", 1):hear("c", 1):fin("c", 1):hear("s", 1).x
end, { instead = "unclear_pauses" })
-- The server greets, is told something by the client each time that it asks, and ends the talk.
local function led_by_server(pauses, x)
  local t = converse(x):say("s", 2, 60)
  for _, ms in ipairs(pauses) do
    t:say("c", 1, 200):hear("s", 1):say("s", ms, 60)
  end
  return t:say("c", 1, 200):hear("s", 1):fin("s", 1):hear("c", 1):fin("c", 1):hear("s", 1).x
end
case("slow_server", "the server asks at a pace around 200 ms", false, function()
  return led_by_server({ 190, 150, 230, 180, 215, 160, 210, 170 })
end)
case("slow_server", "a server that greets, and is slow at times", { severity = "warning", side = "server" }, function()
  return led_by_server({ 3, 2, 900, 3, 5, 800, 2, 900 }, queries():hs())
end)
case("slow_server", "the same, and nothing tells who asks", { severity = "info", confidence = "low" }, function()
  return led_by_server({ 3, 2, 900, 3, 5, 800, 2, 900 })
end)
-- An upload of which the last segments wait for long before they come to the server, which answers at once.
local function upload(waits, answer)
  local t = converse()
  for i = 1, 30 do
    t:say("c", 1, 1400):hear("s", 5 + math.floor(waits * i / 30))
  end
  return t:say("c", 1, 1400):say("s", answer, 60):hear("c", 1).x
end
case("slow_server", "the request waits in a queue", false, function()
  return upload(280, 290)
end, { instead = "queueing" })
case("slow_server", "a request that comes at once, answered late", { side = "server" }, function()
  return upload(0, 290)
end)
case("slow_server", "pings of the server, 400 ms apart", false, function()
  local t = converse():ask(2):hear("c", 1)
  for _ = 1, 5 do
    t:say("s", 400, 2):say("c", 1, 6):hear("s", 1)
  end
  return t.x
end, { instead = "unclear_pauses" })
-- The client speaks 'asks' times, every 'ms', the server twelve times, every 310 ms, and then the client closes.
local function chat(asks, ms)
  local x, at, c, s, events = hs(), 0, 1001, 5001, {}
  for i = 1, asks do
    events[#events + 1] = { ms * i, true }
  end
  for i = 1, 12 do
    events[#events + 1] = { 310 * i + 5, false }
  end
  table.sort(events, function(a, b)
    return a[1] < b[1]
  end)
  for _, event in ipairs(events) do
    x:after((event[1] - at) * MS)
    at = event[1]
    if event[2] then
      x, c = x:c(c, 150, { ack = s }), c + 150
      x:s(s, 0, { ack = c })
    else
      x, s = x:s(s, 60, { ack = c }), s + 60
      x:c(c, 0, { ack = s })
    end
  end
  x:after(MS):c(c, 0, { flags = "FA", ack = s })
  return x:s(s, 0, { flags = "FA", ack = c + 1 }):c(c + 1, 0, { ack = s + 1 })
end
case("server_halts", "both speak when they like", false, function()
  return chat(14, 110)
end, { never = { "server_drips" } })
case("server_drips", "the client speaks once", { side = "server" }, function()
  return chat(1, 110)
end)
-- Seen beside the server: the client's answer comes a way later, and an answer of its own 'late' after that.
local function far_pings(late)
  local x = pieces.hs_beside("server", new(), 300 * MS):c(1001, 300):after(2 * MS):s(5001, 130, { ack = 1301 })
  x:after(300 * MS):c(1301, 0, { ack = 5131 }):after(300 * MS)
  for i = 0, 5 do
    local seq, ack = 1301 + 6 * i, 5131 + 2 * i
    x:s(ack, 2, { ack = seq }):after((300 + late) * MS):c(seq, 6, { ack = ack + 2 })
    x:after(100 * pieces.US):s(ack + 2, 0, { ack = seq + 6 }):after(600 * MS)
  end
  return x
end
case("slow_server", "pings of the server, 600 ms apart, to a client that is 300 ms away", false, function()
  return far_pings(1)
end, { instead = "unclear_pauses" })
case("slow_server", "each answer on its way for 300 ms, and thought about for as long", { side = "server" }, function()
  return far_pings(250)
end)
-- Seen beside the client, 90 ms away: a word of its own comes 200 ms and a way after the last acknowledgement.
case("slow_server", "pings of the server, 300 ms apart, 90 ms away", false, function()
  local x = pieces.hs_beside("client", new(), 90 * MS):c(1001, 300):after(90 * MS):s(5001, 0, { ack = 1301 })
  x:after(4 * MS):s(5001, 130, { ack = 1301 }):c(1301, 0, { ack = 5131 })
  for i = 0, 5 do
    local seq, ack = 1301 + 6 * i, 5131 + 2 * i
    x:after(300 * MS):s(ack, 2, { ack = seq }):after(MS):c(seq, 6, { ack = ack + 2 })
    x:after(90 * MS):s(ack + 2, 0, { ack = seq + 6 })
  end
  return x
end, { instead = "unclear_pauses" })
-- Seen beside the client, 'way' from the server: a word of its own comes 'first' after the answer to the
-- subscription, and each next one 300 ms after the client has confirmed the last.
local function confirmed(way, first)
  local x = pieces.hs_beside("client", new(), way * MS):c(1001, 90):after(way * MS):s(5001, 0, { ack = 1091 })
  x:after(4 * MS):s(5001, 30, { ack = 1091 }):c(1091, 0, { ack = 5031 }):after(first * MS)
  for i = 0, 7 do
    local seq, ack = 1091 + 21 * i, 5031 + 105 * i
    x:s(ack, 105, { ack = seq }):after(MS):c(seq, 21, { ack = ack + 105 })
    x:after(way * MS):s(ack + 105, 0, { ack = seq + 21 }):after(300 * MS)
  end
  return x
end
case("slow_server", "messages that are confirmed, 150 ms away", false, function()
  return confirmed(150, 300)
end, { instead = "unclear_pauses" })
case("slow_server", "the second part of an answer may follow its acknowledgement", { side = "server" }, function()
  return confirmed(140, 206)
end)
-- Beside the client, 40 ms away: every 700 ms so many messages, each confirmed at once, by words of 21 bytes and
-- 'more' each time; the server does not wait for that.
local function confirmed_in_bursts(messages, more)
  local x = pieces.hs_beside("client", new(), 40 * MS):c(1001, 90):after(45 * MS):s(5001, 30, { ack = 1091 })
  local seq, ack, len = 1091, 5031, 21
  for _ = 1, 8 do
    local heard = seq
    for _ = 1, messages do
      x:s(ack, 105, { ack = heard }):after(MS):c(seq, len, { ack = ack + 105 }):after(MS)
      seq, ack, len = seq + len, ack + 105, len + more
    end
    x:after(40 * MS):s(ack, 0, { ack = seq }):after(660 * MS)
  end
  return x
end
case("slow_server", "messages that are confirmed, and do not wait for it", false, function()
  return confirmed_in_bursts(3, 0)
end, { instead = "unclear_pauses" })
case("slow_server", "one at a time: each may be an answer to the last word",
  { severity = "info", confidence = "low" }, function()
  return confirmed_in_bursts(1, 0)
end)
case("slow_server", "words that cross what the server says, of all lengths", { severity = "warning" }, function()
  return confirmed_in_bursts(3, 3)
end)
-- Messages 620 ms apart that are confirmed at once; the first is not in the capture, and acknowledged 'after' what
-- came before.
local function confirmed_unseen(after)
  local t = converse():ask(2):hear("c", 1)
  t.s = t.s + 616
  t:hear("c", after):say("c", 1, 21):hear("s", 41)
  for _ = 1, 4 do
    t:say("s", 579, 616):say("c", 1, 21):hear("s", 41)
  end
  return t:fin("c", 1):fin("s", 1):hear("c", 1).x
end
case("slow_server", "messages that are confirmed, the first of which is not in the capture", false, function()
  return confirmed_unseen(600)
end, { instead = "unclear_pauses" })
case("slow_server", "the end of an answer is not in the capture, and was acknowledged late", { side = "server" },
  function()
    return confirmed_unseen(200)
  end)
-- Pings 340 ms apart; the first comes 'after' the acknowledgement that the client has delayed.
local function delayed_pings(after)
  local t = converse():ask(2):hear("c", 330 - after):say("s", after, 2)
  for _ = 1, 7 do
    t:say("c", 1, 6):hear("s", 1):say("s", 340, 2)
  end
  return t:say("c", 1, 6):hear("s", 1).x
end
case("slow_server", "pings of the server, and the acknowledgement of its answer was delayed", false, function()
  return delayed_pings(170)
end, { instead = "unclear_pauses" })
case("slow_server", "an answer in two parts: one waits for the acknowledgement", { side = "server" }, function()
  return delayed_pings(3)
end)
-- What two sides say when they like, as packets of one place: { ms, side, bytes }.
local function said(x, events)
  local at, seq = 0, { c = 1001, s = 5001 }
  table.sort(events, function(a, b)
    return a[1] < b[1]
  end)
  for _, event in ipairs(events) do
    local side, back = event[2], event[2] == "c" and "s" or "c"
    x:after((event[1] - at) * MS):tcp(side, seq[side], event[3], { ack = event[4] and event[4]() or seq[back] })
    at, seq[side] = event[1], seq[side] + event[3]
  end
  return pieces.close(x:after(MS), seq.c, seq.s)
end
-- The client speaks 'asks' times, every 'ms', the server 14 times, every 'beat'; what is acknowledged is acknowledged
-- after a way to the one who is further away.
local function far_chat(beside, way, asks, ms, beat)
  local events = {}
  for i = 1, asks do
    events[#events + 1] = { ms * i, "c", 54 }
    events[#events + 1] = { ms * i + (beside == "client" and way or 0.1), "s", 0, function()
      return 1001 + 54 * i
    end }
  end
  for i = 1, 14 do
    events[#events + 1] = { beat * i + 7, "s", 33 }
    events[#events + 1] = { beat * i + 7 + (beside == "server" and way or 0.1), "c", 0, function()
      return 5001 + 33 * i
    end }
  end
  return said(pieces.hs_beside(beside, new(), way * MS), events)
end
case("server_halts", "both speak when they like, the server 90 ms away", false, function()
  return far_chat("client", 90, 13, 130, 310)
end, { never = { "server_drips", "slow_server" } })
case("server_drips", "both speak when they like, the client 60 ms away", false, function()
  return far_chat("server", 60, 14, 71, 170)
end, { never = { "server_halts", "slow_server" } })
case("server_drips", "the client speaks once, 60 ms away", { side = "server" }, function()
  return far_chat("server", 60, 1, 71, 170)
end)
-- The client speaks every 270 ms, the server every 310 ms; or, where 'asked', so long after each word of the client's.
local function two_beats(asked)
  local x, c, s, at, events = hs(), 1001, 5001, 0, {}
  for i = 1, 14 do
    events[#events + 1] = { 270 * i, true }
    events[#events + 1] = { asked and 270 * i + 40 + (i * 37 % 8) * 26 or 310 * i, false }
  end
  table.sort(events, function(a, b)
    return a[1] < b[1]
  end)
  for _, event in ipairs(events) do
    x:after((event[1] - at) * MS)
    at = event[1]
    if event[2] then
      x, c = x:c(c, 266, { ack = s }), c + 266
      x:s(s, 0, { ack = c })
    else
      x, s = x:s(s, 44, { ack = c }), s + 44
      x:c(c, 0, { ack = s })
    end
  end
  return x
end
case("slow_server", "two even beats", false, function()
  return two_beats()
end)
case("slow_server", "a client at a beat, and answers that take their time", { side = "server" }, function()
  return two_beats(true)
end)
local function screen(port)
  local t = converse(new({ win = 60000, server_port = port }):hs()):say("s", 1, 12):say("c", 1, 12):hear("s", 1)
  for i = 1, 6 do
    t:ask(300 + 90 * (i * 5 % 4), 900)
  end
  return t.x
end
case("slow_server", "a remote screen that changes now and then", { severity = "info", confidence = "low" }, function()
  return screen(5900)
end)
case("slow_server", "as slow, on the port of a database", { severity = "warning" }, function()
  return screen(3306)
end)
case("slow_server", "what a relay of TeamViewer passes on", { severity = "info", confidence = "low" }, function()
  return screen(5938)
end)
case("slow_server", "a controller that asks its switch when it is due (OpenFlow)",
  { severity = "info", confidence = "low" }, function()
    return screen(6653)
  end)
case("slow_server", "pings of the server, 25 s apart", false, function()
  local t = converse():ask(2):hear("c", 1)
  for _ = 1, 5 do
    t:say("s", 25000, 2):say("c", 1, 6):hear("s", 1)
  end
  return t.x
end, { instead = "unclear_pauses" })
case("slow_server", "a chat", false, function()
  local t = converse():say("c", 1, 6):hear("s", 1):say("s", 2000, 6):hear("c", 1):say("c", 5000, 6):hear("s", 1)
  t:say("c", 3500, 6):hear("s", 1):say("s", 3400, 6):hear("c", 1):say("s", 3300, 6):hear("c", 1)
  return t:say("c", 4000, 6):hear("s", 1):say("s", 2100, 6):hear("c", 1).x
end)
case("slow_server", "requests that wait for news", false, function()
  local t = converse()
  for _ = 1, 5 do
    t:ask(25000, 60, 20)
  end
  return t.x
end, { instead = "unclear_pauses" })
case("slow_server", "under way, and the client begins", { severity = "error", side = "server" }, function()
  local t = converse(queries())
  for i = 1, 5 do
    t:ask(1200 + 100 * i, 100, 2000)
  end
  return t.x
end)
case("unclear_pauses", "messages that a consumer confirms", { severity = "info", side = "server", confidence = "low" },
  function()
    return consumer(new())
  end)
case("unclear_pauses", "answers", false, function()
  return answer_after(1100)
end, { instead = "slow_server" })

-- ------------------------------------------------------- who answers the handshake

local function behind(syn_ack, data)
  local x = new():syn({ mss = 1460, sack_ok = true, scale = 7 }):after(2 * MS):syn_ack(syn_ack):after(MS):c_ack(5001)
  local t = converse(x)
  for _ = 1, 4 do
    t:say("c", 1, 300):hear("s", 1, data):say("s", 280, 900, data):hear("c", 1)
  end
  return t.x
end
local REMARK = { severity = "info", side = "network", confidence = "low" }
case("relayed_handshake", "no option in the SYN-ACK", REMARK, function()
  return behind()
end)
case("relayed_handshake", "another initial TTL", REMARK, function()
  return behind({ mss = 1460, ttl = 113 }, { ttl = 240 })
end)
case("relayed_handshake", "the same initial TTL, and a hundred routers more", REMARK, function()
  return behind({ mss = 1460, ttl = 248 }, { ttl = 142 })
end)
case("relayed_handshake", "a few routers more", false, function()
  return behind({ mss = 1460, ttl = 51 }, { ttl = 44 })
end, { instead = "slow_server" })
case("relayed_handshake", "many routers more, and nothing taken up but the MSS", REMARK, function()
  return behind({ mss = 1460, ttl = 62 }, { ttl = 45 })
end)
case("relayed_handshake", "many routers more, and SACK taken up", false, function()
  return behind({ mss = 1460, sack_ok = true, ttl = 62 }, { ttl = 45 })
end, { instead = "slow_server" })
case("relayed_handshake", "a router that sets the TTL of its connections", false, function()
  return behind({ mss = 1460, ttl = 255 }, { ttl = 1 })
end)
case("relayed_handshake", "a server without window scaling and SACK", false, function()
  return behind({ mss = 1460 }, { ttl = 61 })
end, { instead = "slow_server" })
case("slow_server", "behind somebody who answers the handshake", false, function()
  return behind()
end)

local function acknowledged_after(ms)
  local t = converse()
  t:say("c", 1, 72):hear("s", ms):say("s", 30, 544):hear("c", 1)
  return t.x
end
case("requests_late", "after 600 ms", REMARK, function()
  return acknowledged_after(600)
end)
case("requests_late", "by a timer of 490 ms", false, function()
  return acknowledged_after(490)
end)

-- -------------------------------------------------------------- first bytes

local function greet(x, ms)
  return converse(x):say("s", ms, 24):hear("c", 1):ask(2, 8):hear("c", 1):ask(2, 9):hear("c", 1)
end
-- Connections that are greeted, and ones on which nobody says a word for so long until the client ends it.
local function not_greeted(greeted, wait, flags)
  local x = new()
  for i = 1, 2 do
    if greeted then
      greet(next_client(x, i):after(SECOND):hs(), 20)
    else
      pieces.clean(next_client(x, i):after(SECOND):hs())
    end
  end
  next_client(x, 3):after(SECOND):hs():after(wait):c(1001, 0, { flags = flags })
  if flags == "FA" then
    x:s(5001, 0, { flags = "FA", ack = 1002 }):c(1002, 0, { ack = 5002 })
  end
  return x
end
case("no_greeting", "the client closes after 30 s", { severity = "error", side = "server" }, function()
  return not_greeted(true, 30 * SECOND, "FA")
end, { never = { "reset_without_data" } })
case("no_greeting", "it resets after 3 s", { severity = "warning", side = "server" }, function()
  return not_greeted(true, 3 * SECOND, "RA")
end, { never = { "reset_without_data" } })
case("no_greeting", "it closes after 1 s", false, function()
  return not_greeted(true, SECOND, "FA")
end)
case("no_greeting", "the client speaks first elsewhere", false, function()
  return not_greeted(false, 30 * SECOND, "FA")
end)
case("slow_first_byte", "15 s, on three connections", { severity = "error", side = "server", confidence = "high" },
  function()
    local x = new()
    for i = 1, 3 do
      greet(next_client(x, i):after(SECOND):hs(), 15000)
    end
    return x
  end)
case("slow_first_byte", "1.5 s", { severity = "warning", side = "server", confidence = "medium" }, function()
  return greet(hs(), 1500).x
end)
case("slow_first_byte", "300 ms", { severity = "info", side = "server" }, function()
  return greet(hs(), 300).x
end)
case("slow_first_byte", "a person at the server", { severity = "info", side = "server", confidence = "low" }, function()
  local t = converse():say("s", 7300, 3):hear("c", 1)
  for _, ms in ipairs({ 1600, 6200, 2200 }) do
    t:say("c", 80, 40):hear("s", 1):say("s", ms, 9):hear("c", 1)
  end
  return t.x
end)
case("slow_first_byte", "150 ms", false, function()
  return greet(hs(), 150).x
end)
case("slow_first_byte", "the way takes most of it", false, function()
  return greet(new():hs({ step = 400 * MS }), 500).x
end)
case("slow_first_byte", "a client that speaks first, and late", false, function()
  return converse():say("c", 8000, 100):hear("s", 1):say("s", 5, 100):hear("c", 1).x
end)

-- --------------------------------------------------- waiting for an acknowledgement

-- Head and body of a side, the body when the other's acknowledgement has come.
local function write_twice(side, times, delay, gap, o)
  o = o or {}
  local t = converse(new():hs(o.hs or { step = MS }))
  for _ = 1, times do
    if side == "c" then
      t:say("c", 20, o.first or 120):hear("s", delay):say("c", gap, o.second or 60):say("s", 1, 200):hear("c", 1)
    else
      t:say("c", 20, 100):say("s", 1, o.first or 120):hear("c", delay):say("s", gap, o.second or 60):hear("c", 1)
    end
  end
  return t.x
end
for _, d in ipairs({ { "c", "client" }, { "s", "server" } }) do
  local id = d[2] .. "_waits_for_ack"
  case(id, "40 ms, five times", { severity = "warning", side = d[2], confidence = "high" }, function()
    return write_twice(d[1], 5, 41, 0.5)
  end)
  case(id, "200 ms, seen beside the other side", { severity = "warning", side = d[2] }, function()
    return write_twice(d[1], 5, 201, 1)
  end)
  case(id, "a full segment, then a small one", { severity = "warning", side = d[2] }, function()
    return write_twice(d[1], 5, 41, 0.5, { first = 1460, second = 60 })
  end)
  case(id, "three of twelve pieces that leave at a pace", false, function()
    local t = converse():say("c", 1, 100):hear("s", 1)
    if d[1] == "c" then
      t = converse():say("s", 1, 100):hear("c", 1)
    end
    for i = 1, 12 do
      t:say(d[1], i % 4 == 0 and 1 or 60, 100):hear(other(d[1]), i % 4 == 3 and 41 or 1)
    end
    return t.x
  end)
  case(id, "the receiver's window is shut in between", false, function()
    local x = write_twice(d[1], 5, 41, 0.5)
    local t = converse(x, x.sides.s.ack, x.sides.c.ack)
    return t:hear(other(d[1]), 1, { win = 0 }):hear(other(d[1]), 60).x
  end, { instead = (d[1] == "c" and "server" or "client") .. "_not_reading" })
  case(id, "twice", false, function()
    return write_twice(d[1], 2, 41, 0.5)
  end)
  case(id, "four of 24 exchanges", { severity = "info", side = d[2] }, function()
    local x = write_twice(d[1], 4, 41, 0.5)
    local t = converse(x, x.sides.s.ack, x.sides.c.ack)
    for _ = 1, 20 do
      t:ask(3)
    end
    return x
  end)
  local stamps = { mss = 1460, ts = { 1, 1 } }
  case(id, "full segments, with timestamps", false, function()
    return write_twice(d[1], 5, 41, 0.5, { first = 1448, second = 1448, hs = { step = MS, c = stamps, s = stamps } })
  end)
  case(id, "30 ms after the acknowledgement, where only the handshake took so long", false, function()
    return write_twice(d[1], 5, 41, 30, { hs = { step = 60 * MS } })
  end)
  case(id, "the second piece comes later", false, function()
    return write_twice(d[1], 5, 41, 30)
  end)
  case(id, "the acknowledgement is not delayed", false, function()
    return write_twice(d[1], 5, 15, 0.5)
  end)
  case(id, "the second piece is full", false, function()
    return write_twice(d[1], 5, 41, 0.5, { second = 1400 })
  end)
end

-- --------------------------------------------------------------- no answer

case("no_answer", "two seconds after the request", { severity = "warning", side = "server" }, function()
  return queries():hs():c(1001, 100):s_ack(1101):after(2 * SECOND):c(1101, 0, FIN)
    :s(5001, 0, { flags = "FA", ack = 1102 })
end)
-- A talk; the client asks once more, waits, and closes.
local function unanswered_again(ms, with, greeting)
  local t = converse()
  if greeting then
    t:say("s", 1, 60):hear("c", 1)
  end
  t:ask(2):hear("c", 1):say("c", 300, 100):hear("s", 1)
  if with then
    with(t, ms)
  end
  return t:fin("c", ms):fin("s", 1):hear("c", 1).x
end
case("no_answer", "after an answered question", { severity = "warning", side = "server" }, function()
  return unanswered_again(2010)
end)
case("no_answer", "after an answered question, and the client says goodbye", { severity = "warning", side = "server" },
  function()
    return unanswered_again(1, function(t)
      t:say("c", 2010, 31, { payload = "\21\3\3\0\26" })
    end)
  end)
case("no_answer", "after an answered question, too soon to say", false, function()
  return unanswered_again(1900)
end)
case("no_answer", "after an answered question, the answer was not captured", false, function()
  return unanswered_again(2010, function(t)
    t.s = t.s + 100
  end)
end)
case("no_answer", "after an answered question, where the server speaks first", false, function()
  return unanswered_again(2010, nil, true)
end)
case("no_answer", "the capture ends sooner", false, function()
  return hs():c(1001, 100):s_ack(1101):after(1900 * MS):s_ack(1101)
end)
-- Nobody closes, and the capture goes on for so long; another connection was answered.
local function still_waits(seconds, answered)
  local x = hs():c(1001, 100):s_ack(1101)
  if answered then
    pieces.clean(pieces.next_client(x, 1):hs())
  end
  return pieces.later(x, seconds * SECOND)
end
case("no_answer", "the client still waits when the capture ends, and others were answered",
  { severity = "warning", side = "server" }, function()
    return still_waits(31, true)
  end)
case("no_answer", "the capture ends after 29 s", false, function()
  return still_waits(29, true)
end)
case("no_answer", "nobody was answered: perhaps only the client speaks", false, function()
  return still_waits(31, false)
end)
case("no_answer", "by a clock that steps back further", false, function()
  return hs():c(1001, 100):s_ack(1101):after(2 * SECOND):s_ack(1101):after(-3 * SECOND):s_ack(1101)
end)
case("no_answer", "the answer was not captured", false, function()
  return hs():c(1001, 100):s_ack(1101):after(3 * SECOND):s(8001, 0, { flags = "FA", ack = 1101 })
    :c(1101, 0, { ack = 8002 })
end, { instead = "capture_gaps" })

local function log_stream()
  local t = converse()
  for _ = 1, 4 do
    t:say("c", 10000, 68):hear("s", 1)
  end
  return t:fin("c", 11000):fin("s", 1):hear("c", 1).x
end
case("no_answer", "the client goes on without waiting", false, log_stream, { instead = "one_way" })
case("one_way", "a message each 10 s", { severity = "info", side = "client" }, log_stream)
-- A stream of messages that the client ends by a reset, or waits and does, beside what is asked and answered.
local function ends_by_reset(times)
  local t = converse(pieces.clean(hs()))
  pieces.next_client(t.x, 1):hs()
  t.c, t.s = 1001, 5001
  for _ = 1, times do
    t:say("c", 10000, 68):hear("s", 1)
  end
  t.x:after(600 * MS):c(t.c, 0, { flags = "RA", ack = t.s })
  return t.x
end
case("reset_before_answer", "of a client that only reports, where others are answered",
  { severity = "info", confidence = "low" }, function()
    return ends_by_reset(5)
  end)
case("reset_before_answer", "of one that has said one thing", { severity = "warning", side = "client" }, function()
  return ends_by_reset(1)
end)
case("one_way", "a message, and then it waits", false, function()
  return converse():say("c", 1, 68):hear("s", 1):fin("c", 11000):fin("s", 1):hear("c", 1).x
end, { instead = "no_answer" })
-- Two lines and the end, with which the server closes 'after'; its FIN comes again and again.
local function closed_twice(after)
  local t = converse(queries():hs()):say("c", 1, 68):hear("s", 1):say("c", 100, 68):hear("s", 1)
    :fin("c", 80):hear("s", 1)
  t:fin("s", after)
  for i = 1, 4 do
    t.x:after(500 * 2 ^ i * MS):s(t.s - 1, 0, { flags = "FA", ack = t.c }):after(MS):c(t.c, 0, { ack = t.s })
  end
  return t.x
end
case("no_answer", "the server closes, and repeats its FIN", false, function()
  return closed_twice(150)
end)
case("no_answer", "it closes after six seconds", { severity = "warning", side = "server" }, function()
  return closed_twice(6000)
end)
case("one_way", "the server answers in the end", false, function()
  local t = converse()
  for _ = 1, 4 do
    t:say("c", 10000, 68):hear("s", 1)
  end
  return t:say("s", 5, 10):hear("c", 1).x
end)

for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local id = "acks_of_" .. d[2] .. "_missing"
  local function unacknowledged(again)
    local t = converse()
    t:say(other(d[1]), 1, 10):hear(d[1], 1)
    for _ = 1, 4 do
      t:say(d[1], 2000, 100)
      if again then
        t.x:after(300 * MS):tcp(d[1], t[d[1]] - 100, 100)
      end
    end
    return t.x
  end
  case(id, "new data each 2 s, and nothing of the other", { severity = "warning", side = "capture" }, function()
    return unacknowledged(false)
  end)
  case(id, "it repeats itself", false, function()
    return unacknowledged(true)
  end)
end

-- -------------------------------------------------------------- small segments

for _, d in ipairs({ { "c", "client" }, { "s", "server" } }) do
  local id = d[2] .. "_asks_small_segments"
  local function asked_for(mss, len)
    local offer = { c = { mss = 1460 }, s = { mss = 1460 } }
    offer[d[1]].mss = mss
    local t = converse(new():hs(offer))
    t:say("c", 1, 40):hear("s", 1):say("s", 1, 40):hear("c", 1)
    for _ = 1, 60 do
      t:say(other(d[1]), 0.1, len):hear(d[1], 0.1)
    end
    return t.x
  end
  case(id, "48 bytes", { severity = "warning", side = d[2] }, function()
    return asked_for(48, 48)
  end)
  case(id, "536 bytes, which any host must take", false, function()
    return asked_for(536, 536)
  end)
  case("tiny_segments", "asked for by the " .. d[2] .. "'s MSS", false, function()
    return asked_for(48, 48)
  end, { instead = id })
  local sender = d[2] == "client" and "server" or "client"
  case("tiny_segments", "the MSS would allow more", { severity = "info", side = sender }, function()
    return asked_for(400, 48)
  end)
end
