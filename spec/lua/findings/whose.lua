-- Cases in which what looks like one party's fault is another's, or nobody's.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local new, hs, next_client, later, converse = pieces.new, pieces.hs, pieces.next_client, pieces.later, pieces.converse
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local says = dofile(here .. "../application/says.lua")

-- ------------------------------------------------------- who waits for an event

-- Questions of 'ask' bytes, each 'after' so many milliseconds behind the answer before; they are answered
-- after 'times'.
local function asks(times, ask, after, port)
  local t = converse(new { win = 60000, server_port = port or 8443 }:hs())
  for i, ms in ipairs(times) do
    t:say("c", after and after(i) or 1, ask(i)):hear("s", 1):say("s", ms, 900 + 7 * i)
  end
  return t.x
end
local EVENTS, WORK = { 7300, 1100, 14800, 2600, 300, 9100, 5200 }, { 1500, 1300, 1900, 1600, 1400, 2100, 1700 }

local function same() return 310 end
local function with_a_counter(i) return 310 + i % 3 end
local function of_many_kinds(i) return 200 + 97 * i end
local function at_leisure(i) return 90 + 60 * i end

case("slow_server", "the same question again at once, answered when something happens",
  { severity = "info", confidence = "low" }, function() return asks(EVENTS, same) end)
case("slow_server", "... with a counter in it", { severity = "info", confidence = "low" }, function()
  return asks(EVENTS, with_a_counter)
end)
case("slow_server", "the same question again at once, which takes about as long each time",
  { severity = "error", side = "server", confidence = "medium" }, function() return asks(WORK, same) end)
case("slow_server", "the same question to a database, which works on it at once",
  { severity = "error", side = "server", confidence = "medium" }, function() return asks(EVENTS, same, nil, 3306) end)
-- Of 24 questions each fourth takes long; some quick ones are as long as the one before, and one of the slow ones.
local function now_and_then()
  local times = {}
  for i = 1, 24 do
    times[i] = i % 4 == 1 and 1200 + 900 * (i * 5 % 7) or 4
  end
  return asks(times, function(i)
    local like = i == 9 and 8 or i % 4 == 3 and i - 1 or i
    return 100 + 40 * like
  end)
end
case("slow_server", "slow ones among questions of which some are as long as the one before",
  { severity = "warning", side = "server", confidence = "medium" }, now_and_then)
case("slow_server", "questions of many kinds, which take as long as they take",
  { severity = "error", side = "server", confidence = "medium" }, function() return asks(EVENTS, of_many_kinds) end)
case("slow_server", "the same question, asked at leisure",
  { severity = "error", side = "server", confidence = "medium" }, function() return asks(EVENTS, same, at_leisure) end)

-- The client says hello; then the server asks now and then, and is answered at once, with more than it says.
case("slow_server", "the client speaks first, and the server asks",
  { severity = "info", confidence = "low" }, function()
  local t = converse(new { win = 60000, server_port = 7777 }:hs())
  t:say("c", 1, 60):hear("s", 1)
  for i, ms in ipairs(EVENTS) do
    t:say("s", ms, 40):say("c", 1, 300 + 50 * i):hear("s", 1)
  end
  return t.x
end)

-- ------------------------------------------------------- who refuses

-- Three SYNs of three clients, each answered by a reset with these flags.
local function refused(flags)
  local x = new()
  for i = 1, 3 do
    next_client(x, i):syn():after(100 * US)
      :s(0, 0, { flags = flags, ack = flags == "RA" and 1001 or nil }):after(SECOND)
  end
  return later(x, SECOND)
end
case("refused", "by resets that acknowledge nothing", { severity = "error", side = "network", confidence = "medium" },
  function() return refused("R") end)
case("refused", "by resets that acknowledge the SYN", { severity = "error", side = "server" }, function()
  return refused("RA")
end)
case("refused", "one of three acknowledges nothing",
  { severity = "error", side = "server", confidence = "medium" }, function()
  local x = new()
  for i = 1, 3 do
    next_client(x, i):syn():after(100 * US)
      :s(0, 0, i == 2 and { flags = "R" } or { flags = "RA", ack = 1001 }):after(SECOND)
  end
  return later(x, SECOND)
end)

-- ------------------------------------------------------- who floods

-- 120 hosts; each sends its SYN again so many milliseconds later.
local function crowd(ms)
  local x = new()
  for i = 1, 120 do
    next_client(x, i, ("198.51.%d.%d"):format(100 + i % 2, i)):syn():after(ms * MS / 2):syn():after(ms * MS / 2)
  end
  return later(x, 2 * SECOND)
end
case("syn_flood", "each SYN comes twice, sooner than any timer sends it",
  { severity = "error", side = "client" }, function()
  return crowd(80)
end)
case("syn_flood", "each SYN comes again after a host's timer", false, function()
  return crowd(2000)
end)
case("half_open", "120 hosts at once, each of which repeats its SYN",
  { severity = "error", confidence = "low" }, function()
  local x = new()
  for i = 1, 120 do
    next_client(x, i, ("198.51.%d.%d"):format(100 + i % 2, i)):syn():after(MS):syn_ack():after(9 * MS)
  end
  x:after(SECOND)
  for i = 1, 120 do
    next_client(x, i, ("198.51.%d.%d"):format(100 + i % 2, i)):syn():after(MS):syn_ack():after(9 * MS)
  end
  return later(x, 2 * SECOND)
end)
case("half_open", "three hosts, each of which repeats its SYN",
  { severity = "error", confidence = "medium" }, function()
  local x = new()
  for _ = 1, 2 do
    for i = 1, 3 do
      next_client(x, i):syn():after(MS):syn_ack():after(9 * MS)
    end
    x:after(SECOND)
  end
  return later(x, 2 * SECOND)
end)

-- ------------------------------------------------------- half of a ClientHello

-- So many connections on which this many bytes of the ClientHello come, and are acknowledged; then the client leaves.
local function half_a_hello(n, bytes)
  local talk = says.talk(new { server_port = 443, win = 60000 }:hs())
  for i = 1, n do
    local hello = says.hello {}
    talk:say("c", hello:sub(1, bytes or #hello))
    talk.x:s_ack(talk.c):after(9 * SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s })
    if i < n then
      talk = talk:next(i)
    end
  end
  return talk.x
end
case("tls_hello_cut", "three times, and the client gives up",
  { severity = "warning", side = "network", confidence = "medium" },
  function() return half_a_hello(3, 40) end, { never = { "no_answer", "tls_no_server_hello" } })
case("tls_hello_cut", "once", { severity = "info", side = "network", confidence = "low" }, function()
  return half_a_hello(1, 40)
end, { never = { "no_answer" } })
case("tls_hello_cut", "all of it comes", false,
  function() return half_a_hello(3) end, { instead = "tls_no_server_hello" })

-- ------------------------------------------------------- a way that becomes narrower

-- 1,400 bytes pass; later the same are sent four times, while the client goes on ('speaks') and is heard.
local function narrows(speaks, again)
  local t = converse(hs())
  t:say("c", 1, 100):say("s", 1, 1400):hear("c", 20):say("c", 100, 100):hear("s", 1)
  local from = t.s
  t.x:after(MS):s(from, 1400, { ack = t.c })
  for i = 1, 3 do
    t.x:after(300 * 2 ^ i * MS):s(from, 1400, { ack = t.c })
    if i == 2 and speaks then
      t.x:after(MS):c(t.c, 40, { ack = from }):after(MS):s(from + 1400, 0, { ack = t.c + 40 })
      t.c = t.c + 40
      if again then
        t.x:after(400 * MS):c(t.c - 40, 40, { ack = from })
      end
    end
  end
  return later(t.x, 3 * SECOND)
end
case("mtu_black_hole_to_client", "as long ones had passed before, and short ones still do",
  { severity = "error", side = "network" },
  function() return narrows(true) end, { never = { "loss_to_client" } })

-- 1,000 bytes pass; long segments do not, 'again' times, while the other side still says something and is heard; then
-- that one resets with these flags, so long after the last copy.
local function starves(side, again, flags, ms, upto)
  local other, from, back = side == "c" and "s" or "c", 2001, 6001
  local x = hs():c(1001, 1000):after(20 * MS):s(5001, 1000, { ack = 2001 }):after(20 * MS):c(2001, 0, { ack = 6001 })
  if side == "s" then
    from, back = 6001, 2001
  end
  for i = 0, again do
    x:after(i == 0 and MS or 300 * 2 ^ i * MS):tcp(side, from, 1400, { ack = back })
    if i == 2 and upto then
      x:after(20 * MS):tcp(other, back, 40, { ack = from })
      x:after(20 * MS):tcp(side, from + 1400, 0, { ack = back + 40 })
      back = back + 40
    end
  end
  return later(x:after(ms * MS):tcp(other, back, 0, { flags = flags, ack = flags == "RA" and from or nil }), SECOND)
end
for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local about = d[1] == "c" and "the server's" or "the client's"
  case("reset_mid_data", about .. ", which had waited for long segments that no way lets through",
    { severity = "info", side = d[2], confidence = "medium" },
    function() return starves(d[1], 4, "RA", 14000, true) end, { instead = "mtu_black_hole_to_" .. d[2] })
  case("reset_mid_data", about .. ", without ACK, long behind the last of them", { severity = "info", side = d[2] },
    function() return starves(d[1], 4, "R", 14000, true) end, { instead = "mtu_black_hole_to_" .. d[2] })
end
case("reset_mid_data", "the server's, without ACK, right behind a long segment: that one came",
  { severity = "warning", side = "server" }, function() return starves("c", 4, "R", 1) end)
for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local id = "mtu_black_hole_to_" .. d[2]
  case(id, "a reset without ACK answers one of the segments: it came",
    { severity = "warning", side = "network", confidence = "medium" }, function() return starves(d[1], 4, "R", 1) end)
  case(id, "a reset without ACK, long behind the last of them",
    { severity = "error", side = "network", confidence = "high" }, function() return starves(d[1], 4, "R", 14000) end)
end
case("reset_mid_data", "the server's, and what the client repeated once is no longer than what passed",
  { severity = "error", side = "server" }, function() return starves("c", 1, "RA", 14000, true) end)
case("mtu_black_hole_to_client", "the client says nothing meanwhile", false, function() return narrows(false) end)
case("mtu_black_hole_to_client", "the client repeats what it said, so nothing comes to it", false, function()
  return narrows(true, true)
end)
