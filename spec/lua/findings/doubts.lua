-- Cases in which one capture cannot tell whose fault it is, or that there is any.

local pieces = ...
local case, MS, US = pieces.case, pieces.MS, pieces.US
local craft, new, hs, converse = pieces.craft, pieces.new, pieces.hs, pieces.converse

-- ------------------------------------------------- the request's acknowledgement comes with the answer

-- Three answers, 'ms' after their questions; nothing acknowledges these before.
local function carried(ms, acknowledged)
  local t = converse(pieces.queries():hs())
  for _ = 1, 3 do
    t:say("c", 300, 100)
    if acknowledged then
      t:hear("s", 40)
    end
    t:say("s", ms, 200):hear("c", 1)
  end
  return t.x
end
case("slow_server", "the answer brings the first acknowledgement, 700 ms later",
  { severity = "info", confidence = "low" }, function()
    return carried(700)
  end)
case("slow_server", "the request was acknowledged in time", { severity = "warning", confidence = "medium" }, function()
  return carried(700, true)
end)
case("slow_server", "no longer than an acknowledgement may be delayed", { severity = "warning" }, function()
  return carried(400)
end)
case("slow_server", "so late that the client would have sent it again", { severity = "error" }, function()
  return carried(1500)
end)
case("slow_server", "one of many brings it", { severity = "warning", confidence = "medium" }, function()
  local t = converse(carried(700, true), 1301, 5601)
  t:say("c", 300, 100):say("s", 700, 200):hear("c", 1)
  return t.x
end)

-- ------------------------------------------------- who asks

-- Beside the client, 140 ms from the server: a word of its own comes 300 ms after the answer, 'late' after the client's
-- acknowledgement of that, and each next one 300 ms after the client's; so many of them.
local function pinged(late)
  local x = pieces.hs_beside("client", new(), 140 * MS):c(1001, 300):after(140 * MS):s(5001, 0, { ack = 1301 })
  x:after(MS):s(5001, 130, { ack = 1301 }):after((300 - late) * MS):c(1301, 0, { ack = 5131 }):after(late * MS)
  for i = 0, 4 do
    local seq, ack = 1301 + 6 * i, 5131 + 2 * i
    x:s(ack, 2, { ack = seq }):after(MS):c(seq, 6, { ack = ack + 2 })
    x:after(140 * MS):s(ack + 2, 0, { ack = seq + 6 }):after(300 * MS)
  end
  return x
end
case("slow_server", "pings of the server, the first sent before the acknowledgement can have come", false, function()
  return pinged(135)
end, { instead = "unclear_pauses" })
case("slow_server", "the first may have waited for the acknowledgement", { severity = "info" }, function()
  return pinged(143)
end)

-- Pings 'ms' apart; the acknowledgement of the answer before the first of them is not in the capture.
local function pinged_unheard(ms)
  local t = converse():ask(2):say("s", ms, 2)
  for _ = 1, 5 do
    t:say("c", 1, 6):hear("s", 1):say("s", ms, 2)
  end
  return t.x
end
case("slow_server", "pings of the server, later than any acknowledgement that is not in the capture", false, function()
  return pinged_unheard(600)
end, { instead = "unclear_pauses" })
case("slow_server", "the first may have waited for one that is not in the capture", { severity = "info" }, function()
  return pinged_unheard(400)
end)

-- Beside the server, the client 150 ms away: its acknowledgement of the answer comes 'before' or behind the first ping.
local function pinged_far(before)
  local x = pieces.hs_beside("server", new(), 150 * MS):c(1001, 300):s(5001, 130, { ack = 1301 })
  if before then
    x:after(298 * MS):c(1301, 0, { ack = 5131 }):after(2 * MS):s(5131, 2, { ack = 1301 })
  else
    x:after(300 * MS):s(5131, 2, { ack = 1301 }):after(10 * MS):c(1301, 0, { ack = 5131 })
  end
  for i = 0, 4 do
    local seq, ack = 1301 + 6 * i, 5133 + 2 * i
    x:after(150 * MS):c(seq, 6, { ack = ack }):after(MS):s(ack, 0, { ack = seq + 6 }):after(300 * MS)
    x:s(ack, 2, { ack = seq + 6 })
  end
  return x
end
case("slow_server", "pings of the server, the first before the acknowledgement of its answer", false, function()
  return pinged_far(false)
end, { instead = "unclear_pauses" })
case("slow_server", "the first just behind that acknowledgement", { severity = "info" }, function()
  return pinged_far(true)
end)

-- Lines of the server 310 ms apart, 44 ms from here; the client answers the first 'quick' ones by lines of its own,
-- and acknowledges the others 266 ms later.
local function at_a_beat(quick)
  local t = converse(pieces.hs_beside("client", new(), 44 * MS)):say("c", 1, 50):hear("s", 44):say("s", 1, 40)
  for _ = 1, quick do
    t:say("c", 60, 50):say("s", 250, 40)
  end
  for _ = 1, 4 do
    t:hear("c", 266):say("s", 44, 40)
  end
  return t:fin("c", 1):fin("s", 44).x
end
case("server_waits_for_ack", "lines at a beat that does not mind the client", false, function()
  return at_a_beat(6)
end)
case("server_waits_for_ack", "nothing but acknowledgements, each of which a line may have waited for",
  { severity = "warning", side = "server" }, function()
    return at_a_beat(0)
  end)

-- Of a connection under way whose server is 'far' away, answers in flights of ten segments, one each round trip.
local function under_way(pause)
  local t = converse(new(), 1001, 5001)
  for i = 1, 3 do
    for n = 1, 10 do
      t:say("s", (i > 1 and n == 1) and pause or 0.1, 1000)
    end
    t:hear("c", 0.1)
  end
  return t:say("s", pause, 1000):say("c", 1, 40).x
end
case("server_halts", "a connection under way: the way may be as long as the pauses", false, function()
  return under_way(460)
end)
case("server_halts", "no way is so long", { side = "server" }, function()
  return under_way(1700)
end)

-- Beside the client, 560 ms from the server: its SYNs waited on their way to here, and the answer is to the first, as
-- its timestamp says; questions are answered at once, or after 'work'.
local function held_back(work)
  local x = new():syn({ ts = { 1000, 0 } }):after(465 * MS):syn({ ts = { 2031, 0 } })
  x:after(100 * MS):syn_ack({ ts = { 77000, 1000 } }):after(20 * US):c_ack(5001, { ts = { 2131, 77000 } })
  for i = 0, 5 do
    local ts = { 2200 + 600 * i, 77000 + 600 * i }
    x:c(1001 + 100 * i, 100, { ack = 5001 + 100 * i, ts = ts }):after((565 + work) * MS)
    x:s(5001 + 100 * i, 100, { ack = 1101 + 100 * i, ts = { 77600 + 600 * i, ts[1] } }):after(30 * MS)
  end
  return x
end
case("slow_server", "the SYN before the latest was answered, so that the way is longer", false, function()
  return held_back(0)
end)
case("slow_server", "and it takes its time besides", { side = "server" }, function()
  return held_back(1300)
end)

-- Beside the server, the client 300 ms away: a word of its own 'first' after the answer, which nobody has acknowledged
-- yet, and each next one 300 ms after the client has confirmed the last.
local function confirmed_later(first, way)
  local x = pieces.hs_beside("server", new(), way * MS):c(1001, 90):s(5001, 30, { ack = 1091 }):after(first * MS)
  for i = 0, 7 do
    local seq, ack = 1091 + 21 * i, 5031 + 105 * i
    x:s(ack, 105, { ack = seq }):after(way * MS):c(seq, 21, { ack = ack + 105 }):after(MS)
    x:s(ack + 105, 0, { ack = seq + 21 }):after(300 * MS)
  end
  return x
end
case("slow_server", "messages that are confirmed, the first sent before anything could come back", false, function()
  return confirmed_later(290, 300)
end, { instead = "unclear_pauses" })
case("slow_server", "what had come back before the first may be missing here", { severity = "info" }, function()
  return confirmed_later(290, 100)
end)

-- Beside the client, 400 ms from the server: it says so many lines, 70 ms apart, and listens to twelve of the server's,
-- 300 ms apart, and closes.
local function listens(lines)
  local x = pieces.hs_beside("client", new(), 400 * MS)
  for i = 0, lines - 1 do
    x:after(70 * MS):c(1001 + 40 * i, 40)
  end
  local seq = 1001 + 40 * lines
  x:after(400 * MS):s(5001, 0, { ack = seq })
  for i = 0, 11 do
    x:after(300 * MS):s(5001 + 500 * i, 500, { ack = seq }):after(MS):c(seq, 0, { ack = 5501 + 500 * i })
  end
  x:after(MS):c(seq, 0, { flags = "FA", ack = 11001 }):after(400 * MS):s(11001, 0, { flags = "FA", ack = seq + 1 })
  return x:c(seq + 1, 0, { ack = 11002 })
end
case("server_drips", "the client had asked as often, one behind the other", false, function()
  return listens(10)
end)
case("server_drips", "the client had asked once", { severity = "info", side = "server" }, function()
  return listens(1)
end)

-- Lines of the client each 270 ms, seen beside the server, which acknowledges each of them 'delay' later; the client is
-- 220 ms away.
local function lines(delay)
  local t = converse(pieces.hs_beside("server", new(), 220 * MS)):say("c", 1, 240):hear("s", 160)
  for _ = 1, 5 do
    t:say("c", 270 - delay, 240):hear("s", delay)
  end
  return t.x
end
case("client_waits_for_ack", "lines that leave before the acknowledgement can have come", false, function()
  return lines(160)
end)
case("client_waits_for_ack", "lines that may have waited for it", { side = "client" }, function()
  return lines(45)
end)

-- Answers that take 300 ms behind one that is given at once; 'back' after that the clock is set back by so much, and
-- what comes then is the server's.
local function set_back(back)
  local t = converse(pieces.queries():hs()):ask(2):hear("c", 1):say("s", 300 - back, 2)
  for _ = 1, 4 do
    t:say("c", 1, 80):hear("s", 1):say("s", 300, 2)
  end
  return t.x
end
case("slow_server", "the clock is set back by more than the first pause", { severity = "info", confidence = "low" },
  function()
    return set_back(520)
  end)
case("slow_server", "the clock is set back by less than a pause", { severity = "warning", confidence = "medium" },
  function()
    return set_back(310)
  end)

-- ------------------------------------------------- whether there was an answer

-- Three questions, and four seconds of silence; 'behind': the last two stand in the file behind their answers, else the
-- last one has none.
local function asked_thrice(behind)
  local x, c, s = hs(), 1001, 5001
  for i = 1, 3 do
    if behind and i > 1 then
      x:s(s, 300, { ack = c + 100 }):after(50 * US):c(c, 100, { ack = s })
      x:after(20 * MS):c(c + 100, 0, { ack = s + 300 })
    elseif i < 3 then
      x:c(c, 100, { ack = s }):s(s, 300, { ack = c + 100 }):c(c + 100, 0, { ack = s + 300 })
    else
      x:c(c, 100, { ack = s }):s(s, 0, { ack = c + 100 })
    end
    c, s = c + 100, (behind or i < 3) and s + 300 or s
  end
  x:after(4000 * MS):c(c, 0, { flags = "FA", ack = s }):s(s, 0, { flags = "FA", ack = c + 1 })
  return x:c(c + 1, 0, { ack = s + 1 })
end
case("no_answer", "questions stand in the file behind their answers", { severity = "info", confidence = "low" },
  function()
    return asked_thrice(true)
  end)
case("no_answer", "the last question has no answer", { severity = "warning", side = "server" }, function()
  return asked_thrice(false)
end)

-- ------------------------------------------------- a translator near the client that ends connections itself

local ALL = { mss = 1460, sack_ok = true, scale = 7, ts = { 100, 0 } }

local function nearby(o)
  local x = new({ win = 60000, client = o.client or "10.0.2.15", server = o.server or "192.0.2.80" })
  local server = { ttl = o.ttl, mss = 1460, sack_ok = o.sack }
  x:hs({ step = 1 * MS, c = o.offers or ALL, s = server })
  local t = converse(x)
  for _ = 1, 4 do
    t:say("c", 5, 400):hear("s", 0.5, { ttl = o.ttl }):say("s", 300, 200, { ttl = o.ttl }):hear("c", 0.1)
  end
  return t.x
end
case("slow_server", "no router has passed on what comes in the name of a server elsewhere", false, function()
  return nearby({ ttl = 64 })
end, { instead = "relayed_handshake" })
case("slow_server", "the same, of Windows' offers and TTL", false, function()
  return nearby({ ttl = 128, offers = { mss = 1460, sack_ok = true, scale = 8 } })
end, { instead = "relayed_handshake" })
case("relayed_handshake", "routers have passed it on", false, function()
  return nearby({ ttl = 55 })
end, { instead = "slow_server" })
case("relayed_handshake", "it takes SACK up, as stacks do", false, function()
  return nearby({ ttl = 64, sack = true })
end, { instead = "slow_server" })
case("relayed_handshake", "the server is in a private network as well", false, function()
  return nearby({ ttl = 64, server = "10.0.2.80" })
end, { instead = "slow_server" })
case("relayed_handshake", "the client is in none", false, function()
  return nearby({ ttl = 64, client = "198.51.100.7" })
end, { instead = "slow_server" })
case("relayed_handshake", "both are in private networks of IPv6", false, function()
  return nearby({ ttl = 64, client = "fd00::7", server = "fd00:1::8" })
end, { instead = "slow_server" })
case("relayed_handshake", "a private network of IPv6 and the world", { severity = "info" }, function()
  return nearby({ ttl = 64, client = "fd00::7", server = "2001:db8::8" })
end)

-- Its window is shut for a while.
local function shut_nearby(ttl)
  local x = new({ win = 60000, client = "10.0.2.15", server = "192.0.2.80" })
  x:hs({ step = MS, c = ALL, s = { ttl = ttl, mss = 1460 } }):c(1001, 1460)
  x:after(MS):s_ack(2461, { ttl = ttl, win = 0 }):after(600 * MS):s_ack(2461, { ttl = ttl, win = 60000 })
  x:c(2461, 1000):after(MS):s_ack(3461, { ttl = ttl }):after(MS):s(5001, 100, { ttl = ttl })
  return x:c(3461, 0, { ack = 5101 })
end
case("server_not_reading", "a box nearby answers for the server", { severity = "info", confidence = "low" }, function()
  return shut_nearby(64)
end)
case("server_not_reading", "the server's own packets have passed routers",
  { severity = "warning", confidence = "high" }, function()
    return shut_nearby(55)
  end)
case("no_answer", "a box nearby answers for the server", { severity = "warning", confidence = "low" }, function()
  local function asked(x, answered)
    x:hs({ step = MS, c = ALL, s = { ttl = 64, mss = 1460 } }):c(1001, 100):after(MS):s_ack(1101, { ttl = 64 })
    if answered then
      x:after(MS):s(5001, 100, { ttl = 64 }):c(1101, 0, { ack = 5101 })
    end
    local s = answered and 5101 or 5001
    x:after(3000 * MS):c(1101, 0, { flags = "FA", ack = s }):after(MS):s(s, 0, { ttl = 64, flags = "FA", ack = 1102 })
    return x
  end
  local x = asked(new({ win = 60000, client = "10.0.2.15", server = "192.0.2.80" }))
  return asked(pieces.next_client(x, 1), true)
end)

-- ------------------------------------------------- only one side speaks

-- A message, and the end three seconds later.
local function message(x, c, s)
  return converse(x, c, s):say("c", 1, 95):hear("s", 1):fin("c", 3000):fin("s", 1):hear("c", 1).x
end
case("no_answer", "the server says nothing to anybody, and others go on without waiting", false, function()
  local t = converse(message(hs()))
  pieces.next_client(t.x, 1):hs()
  t.c, t.s = 1001, 5001
  for _ = 1, 4 do
    t:say("c", 10000, 68):hear("s", 1)
  end
  return t:fin("c", 11000):fin("s", 1):hear("c", 1).x
end, { instead = "one_way" })
case("no_answer", "others were answered", { severity = "warning", side = "server", confidence = "medium" }, function()
  return pieces.clean(pieces.next_client(message(pieces.queries():hs()), 1):hs())
end)
case("no_answer", "one other was answered, and nothing tells who asks",
  { severity = "warning", side = "server", confidence = "low" }, function()
    return pieces.clean(pieces.next_client(message(hs()), 1):hs())
  end)
-- A print job, or a question that is a segment long: both are taken, and not a byte comes back.
local function handed_over(segments, port)
  local t = converse(new({ win = 60000, server_port = port }):hs())
  for _ = 1, segments do
    t:say("c", 1, 1400):hear("s", 4)
  end
  return t:fin("c", 6000):fin("s", 1):hear("c", 1).x
end
case("no_answer", "a print job", { severity = "info", confidence = "low" }, function()
  return handed_over(12, 9100)
end)
case("no_answer", "a segment that nothing tells of", { severity = "info", confidence = "low" }, function()
  return handed_over(1, 9100)
end)
case("no_answer", "a first word that is to be answered", { severity = "warning", confidence = "low" }, function()
  return handed_over(1, 2404)
end)
case("no_answer", "words of two connections", { severity = "warning", side = "server", confidence = "low" }, function()
  return message(pieces.next_client(message(hs()), 1):hs())
end)
case("no_answer", "as much, to a server that answers each word", { severity = "warning" }, function()
  return handed_over(12, 3306)
end)
case("no_answer", "twenty questions were answered before",
  { severity = "warning", side = "server", confidence = "medium" }, function()
    local t = converse()
    for _ = 1, 20 do
      t:ask(3)
    end
    return message(t.x, t.c, t.s)
  end)

-- ------------------------------------------------- peers

-- Both speak; then the one that was called resets.
local function called(port, more)
  local t = converse(new({ win = 60000, server_port = port }):hs())
  t:say("c", 1, 106):say("s", 20, 98):say("s", 5, 114):say("c", 30, 90)
  if more then
    t:say("c", 5, 300)
  end
  t.x:after(20 * MS):s(t.s, 0, { flags = "RA", ack = t.c, win = 0 })
  return t.x
end
case("reset_before_answer", "on a port that hosts give out: the last word may have been an answer",
  { severity = "warning", side = "server", confidence = "low" }, function()
    return called(42000)
  end)
case("reset_before_answer", "on a port where the server answers", { severity = "error", side = "server" }, function()
  return called(3306, true)
end)
case("reset_before_answer", "on a port of a service of which nothing tells whether it owes an answer",
  { severity = "warning", side = "server", confidence = "low" }, function()
    return called(8080, true)
  end)

-- ------------------------------------------------- compressed payload

-- Data that only its acknowledgements show; 'packets' of IPComp (108) may carry it.
local function compressed(packets)
  local x = hs():c(1001, 100):s_ack(1101)
  local from, to = craft.address("10.0.0.2"), craft.address("10.0.0.1")
  for i = 0, packets - 1 do
    x:raw("\2\0\0\0\0\2\2\0\0\0\0\1\8\0\69\0\0\120\0" .. string.char(i) .. "\64\0\64\108\0\0" .. from .. to
      .. ("\6"):rep(100))
  end
  for i = 1, 3 do
    x:c(1101, 0, { ack = 5001 + 1448 * i })
  end
  return x:s(5001 + 3 * 1448, 10, { ack = 1101 })
end
case("capture_gaps", "as many packets of IPComp", { severity = "info", confidence = "low" }, function()
  return compressed(3)
end)
case("capture_gaps", "none of IPComp", { severity = "warning", confidence = "high" }, function()
  return compressed(0)
end)

-- ------------------------------------------------- duplicate acknowledgements for nothing

for _, d in ipairs({ { "c", "server", "s", 1001, 5001 }, { "s", "client", "c", 5001, 1001 } }) do
  local side, to, back, base, ack_seq = d[1], d[2], d[3], d[4], d[5]
  local loss = "loss_to_" .. to

  -- The last of 'count' segments is sent again when three acknowledgements too many have come; 'len' of each.
  local function asked_twice(count, len, wait, sack)
    local x = new({ win = 60000 }):hs({ step = 20 * MS, c = { mss = 1460 }, s = { mss = 1460 } })
    x:tcp(side, base, 100):after(20 * MS):tcp(back, ack_seq, 0, { ack = base + 100 })
    local last = base + 100
    for i = 0, count - 1 do
      x:tcp(side, last + len * i, len)
    end
    x:after(20 * MS)
    for _ = 1, 4 do
      x:tcp(back, ack_seq, 0, { ack = base + 100, sack = sack and { { last + len, last + len * count } } })
    end
    x:after(wait):tcp(side, last, len, { id = 77 })
    return x:after(20 * MS):tcp(back, ack_seq, 0, { ack = last + len * count })
  end
  case(loss, "nothing was sent behind it that duplicate acknowledgements could answer", false, function()
    return asked_twice(1, 200, 2 * MS)
  end)
  case(loss, "others were sent behind it", { severity = "warning" }, function()
    return asked_twice(4, 200, 2 * MS)
  end)
  case(loss, "several segments in one, before segmentation", { severity = "warning" }, function()
    return asked_twice(1, 5840, 2 * MS)
  end)
  case(loss, "its timer had run out", { severity = "warning" }, function()
    return asked_twice(1, 200, 300 * MS)
  end)

  -- The receiver takes one byte of each copy, and no option said how long segments may be.
  local function refused(step)
    local x = hs():tcp(side, base, 115, { flags = "PA" })
    for i = 1, 3 do
      local taken = base + step * i
      x:after(MS):tcp(back, ack_seq, 0, { ack = taken })
      x:after(300 * MS):tcp(side, taken, base + 115 - taken, { flags = "PA", id = i })
    end
    return x:after(MS):tcp(back, ack_seq, 0, { ack = base + 115 })
  end
  case(loss, "a receiver that takes one byte of each copy has them all", false, function()
    return refused(1)
  end)
  case(loss, "a receiver that takes nothing until the third copy comes", { severity = "warning" }, function()
    return refused(0)
  end)

  -- Two bytes of data in the shortest frame, whose padding came to be counted; what follows goes on behind the two.
  local function padded(behind)
    local x = hs():tcp(side, base, 100):tcp(back, ack_seq, 6, { ack = base + 100, payload = ("\0"):rep(6) })
    x:tcp(back, ack_seq, 100):tcp(side, base + 100, 6, { ack = ack_seq + 100, payload = ("\0"):rep(6) })
    x:tcp(side, base + 100, 6, { payload = "ab\0\0\0\0", flags = "PA" })
    x:tcp(back, ack_seq + 100, 6, { ack = base + 102, payload = ("\0"):rep(6) })
    x:after(300 * MS):tcp(side, base + behind, 150, { flags = "PA" })
    return x:after(MS):tcp(back, ack_seq + 100, 50, { ack = base + behind + 150, flags = "PA" })
  end
  case(loss, "goes on behind short data with padding", false, function()
    return padded(102)
  end)
  case(loss, "old data with new behind it, in the same capture", { severity = "error" }, function()
    local x = padded(102)
    for i = 0, 2 do
      x:after(300 * MS):tcp(side, base + 252 + 100 * i, 100):after(300 * MS)
      x:tcp(side, base + 252 + 100 * i, 100, { id = 9 }):tcp(back, ack_seq + 150, 0, { ack = base + 352 + 100 * i })
    end
    return x
  end)
end

-- ------------------------------------------------- smaller pieces, at once

-- Two segments are sent again sooner than the way takes, and had arrived; 'piece' is how long they are then.
local function pieces_at_once(piece)
  local x, offer = new({ win = 60000 }), { mss = 1460, sack_ok = true }
  x:syn(offer):after(100 * MS):syn_ack(offer):after(MS):c_ack(5001)
  for i = 0, 2 do
    local seq = 1001 + 1460 * i
    x:c(seq, 1460):after(6 * MS):c(seq, piece, { id = 40 + i })
    if piece < 1460 then
      x:c(seq + piece, 1460 - piece, { id = 50 + i })
    end
    x:after(95 * MS):s(5001, 0, { ack = seq + 1460 })
    x:after(6 * MS):s(5001, 0, { ack = seq + 1460, sack = { { seq, seq + piece } } })
    if piece < 1460 then
      x:s(5001, 0, { ack = seq + 1460, sack = { { seq + piece, seq + 1460 } } })
    end
  end
  return x
end
case("client_timer_too_short", "sent again as it was", { severity = "warning", side = "client" }, function()
  return pieces_at_once(1460)
end)
case("client_timer_too_short", "in smaller pieces: a router has asked", { severity = "info", confidence = "low" },
  function()
    return pieces_at_once(1400)
  end)

-- ------------------------------------------------- keys that cross the end

local function crossed(len)
  local t = converse(new({ win = 60000 }):hs({ step = 20 * MS }))
  t:say("c", 1, 100):say("s", 20, 200):hear("c", 1)
  t.x:after(5000 * MS):c(t.c, len, { ack = t.s }):after(MS):s(t.s, 0, { flags = "FA", ack = t.c })
  t.x:after(20 * MS):s(t.s + 1, 0, { flags = "R" })
  return t.x
end
case("request_crossed_close", "two bytes that were typed", { severity = "warning", confidence = "low" }, function()
  return crossed(2)
end)
case("request_crossed_close", "a request", { severity = "warning", side = "server", confidence = "high" }, function()
  return crossed(100)
end)

-- ------------------------------------------- pauses that are nobody's work

-- Eighteen quick turns and four slow ones; between them the server speaks twice unasked.  Nothing acknowledges only.
local function unacknowledged(port)
  local t = converse(new({ win = 60000, server_port = port }):hs())
  for _ = 1, 18 do
    t:say("c", 50, 30):say("s", 20, 40)
  end
  t:say("s", 3000, 40):say("s", 3000, 40)
  for _ = 1, 4 do
    t:say("c", 10, 20):say("s", 4000, 60)
  end
  return t.x
end
case("slow_server", "acknowledgements are missing in the capture", { severity = "info", confidence = "low" }, function()
  return unacknowledged(3600)
end)
case("slow_server", "the same of a protocol in which the server only answers", { severity = "warning" }, function()
  return unacknowledged(3306)
end)

-- Of 22 words to a shell so many are answered after two seconds.
local function typed(slow)
  local t = converse(new({ win = 60000, server_port = 22 }):hs())
  for i = 1, 22 do
    t:ask(i <= slow and 2000 or 3)
  end
  return t.x
end
case("slow_server", "a shell whose echoes are quick", { severity = "info", confidence = "low" }, function()
  return typed(4)
end)
case("slow_server", "a shell whose echoes are slow", { severity = "warning", confidence = "low" }, function()
  return typed(16)
end)

-- Three answers take a second; so many of their requests, or of themselves, are lost and sent again after 300 ms.
local function slow_and_lossy(requests, answers)
  local x = pieces.queries():hs()
  for i = 0, 2 do
    local seq, ack = 1001 + 100 * i, 5001 + 50 * i
    x:c(seq, 100, { ack = ack }):after(i < requests and 300 * MS or MS)
    if i < requests then
      x:c(seq, 100, { ack = ack })
    else
      x:s(ack, 0, { ack = seq + 100 })
    end
    x:after(1100 * MS):s(ack, 50, { ack = seq + 100 })
    if i < answers then
      x:after(300 * MS):s(ack, 50, { ack = seq + 100 })
    end
    x:after(MS):c(seq + 100, 0, { ack = ack + 50 }):after(20 * MS)
  end
  return x
end
case("slow_server", "as many requests as answers were lost", { severity = "info", confidence = "low" }, function()
  return slow_and_lossy(3, 0)
end)
case("slow_server", "one request was lost of three", { severity = "error", side = "server" }, function()
  return slow_and_lossy(1, 0)
end)
case("slow_server", "all answers were lost behind the capture", { severity = "error", side = "server" }, function()
  return slow_and_lossy(0, 3)
end)
