-- Cases of the rules about connections that were begun in an unusual way.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local RST, RST_ACK, new, hs, hs_beside = pieces.RST, pieces.RST_ACK, pieces.new, pieces.hs, pieces.hs_beside
local next_client, close, talk = pieces.next_client, pieces.close, pieces.talk
local clean, refuse, later = pieces.clean, pieces.refuse, pieces.later

local LOSS = { "loss_to_server", "loss_to_client", "duplicated_to_client", "duplicated_to_server", "capture_gaps",
  "syn_retries", "data_vanishes", "not_accepted", "unanswered", "half_open", "reset_half_open" }
local SOUND = { never = LOSS }

-- ------------------------------------------------------- an older connection

-- The server holds an older connection of the pair: it acknowledges 500 of that one.
local function met_by_old(x)
  return x:syn():after(100 * US):s(99999, 0, { ack = 500 })
end

case("stale_connection", "challenge ACK, reset, the same SYN again",
  { severity = "warning", side = "server", confidence = "high" }, function()
    local x = met_by_old(new()):after(20 * MS):c(500, 0, RST)
    return clean(x:after(SECOND):syn():after(100 * US):syn_ack({ ack = 1001 }):after(20 * MS):c_ack(5001))
  end, SOUND)
case("stale_connection", "the FIN of an older connection, sent again", false, function()
  local x = new():syn():after(SECOND):syn():after(2 * SECOND):syn()
  x:after(9 * SECOND):s(99999, 0, { ack = 500, flags = "FA" })
  return x:after(9 * SECOND):s(99999, 0, { ack = 500, flags = "FA" })
end)
case("stale_connection", "its numbers lie below the new ones", { severity = "warning", side = "server" }, function()
  local x = new():syn():after(100 * US):s(50, 0, { ack = 900 }):after(20 * MS):c(900, 0, RST)
  return clean(x:after(SECOND):syn():after(100 * US):syn_ack({ ack = 1001 }):after(20 * MS):c_ack(5001))
end, SOUND)
case("stale_connection", "the SYN has another number then", { severity = "warning", side = "server" }, function()
  local x = met_by_old(new()):after(20 * MS):c(500, 0, RST):after(SECOND):bases(41000, 5000)
  x:syn():after(100 * US):syn_ack({ ack = 41001 }):after(20 * MS):c_ack(5001)
  return close(x:c(41001, 100):s(5001, 100, { ack = 41101 }):c(41101, 0, { ack = 5101 }), 41101, 5101)
end, SOUND)
case("stale_connection", "beside the client, over IPv6", { severity = "warning", side = "server" }, function()
  local x = new({ client = "2001:db8::1", server = "2001:db8::2", win = 60000 })
  x:syn():after(20 * MS):s(99999, 0, { ack = 500 }):after(20 * US):c(500, 0, RST)
  return clean(x:after(SECOND):syn():after(20 * MS):syn_ack({ ack = 1001 }):after(20 * US):c_ack(5001))
end, SOUND)
case("stale_connection", "that never lets the new one open",
  { severity = "warning", side = "server", confidence = "medium" }, function()
    local x = new()
    for i = 1, 3 do
      met_by_old(x):after(20 * MS):c(500, 0, RST):after(i * SECOND)
    end
    return later(x, SECOND)
  end, SOUND)
-- SYN-ACKs that acknowledge 'ack', which the client resets if it has not sent what they acknowledge.
local function answered_for(ack, times)
  local x = new()
  for _ = 1, times do
    x:syn():after(20 * MS):syn_ack({ ack = ack }):c(ack, 0, RST):after(SECOND)
  end
  return later(x, SECOND)
end
case("stale_connection", "a SYN-ACK that answers another SYN", { severity = "warning", side = "server" }, function()
  return answered_for(500, 3)
end, { never = { "port_checks", "replayed", "reset_half_open", "loss_to_client" } })
case("stale_connection", "a SYN-ACK that answers this one, and a reset all the same", false, function()
  return answered_for(1001, 3)
end, { instead = "port_checks" })
case("stale_connection", "a SYN-ACK of wrong numbers that the client takes", false, function()
  local x = new():syn():after(3 * MS):syn_ack({ ack = 1000 }):after(3 * MS):c_ack(5001)
  return close(x:c(1001, 40):after(3 * MS):s(5001, 21, { ack = 1041 }):c(1041, 0, { ack = 5022 }), 1041, 5022)
end)
case("stale_connection", "it opens, and no SYN came again", false, function()
  local x = met_by_old(new()):after(20 * MS):syn_ack({ ack = 1001 }):after(20 * MS):c_ack(5001)
  return clean(x)
end, { never = { "syn_retries" } })
case("stale_connection", "and the client does not try again", { severity = "info", side = "server" }, function()
  return later(met_by_old(new()):after(20 * MS):c(500, 0, RST), 5 * SECOND)
end, SOUND)
case("stale_connection", "whose beginning was captured", { severity = "warning", side = "server" }, function()
  local x = new():bases(8000, 70000):hs():c(8001, 100):s(70001, 100, { ack = 8101 }):c(8101, 0, { ack = 70101 })
  x:after(60 * SECOND):bases(1000, 5000):syn():after(100 * US):s(70101, 0, { ack = 8101 })
  x:after(20 * MS):c(8101, 0, RST)
  return clean(x:after(SECOND):syn():after(100 * US):syn_ack({ ack = 1001 }):after(20 * MS):c_ack(5001))
end, SOUND)
case("stale_connection", "an acknowledgement whose SYN-ACK was not captured", false, function()
  local x = new():syn():after(20 * MS):c_ack(5001):c(1001, 100):s(5001, 100, { ack = 1101 })
  return close(x:c(1101, 0, { ack = 5101 }), 1101, 5101)
end)
case("stale_connection", "the server acknowledges the SYN, and its SYN-ACK was not captured", false, function()
  return new():syn():after(20 * MS):s_ack(1001):c_ack(5001):c(1001, 100):s(5001, 100, { ack = 1101 })
end)

-- ------------------------------------------------------- one attempt, several numbers

case("unanswered", "three attempts whose SYNs change their number", { severity = "error", side = "server" }, function()
  local x = new()
  for try = 0, 3 do
    for i = 1, 3 do
      local wait = i == 1 and try > 0 and 2 ^ (try - 1) * SECOND or 100 * MS
      next_client(x, i):bases(1000000 * i + 54321 * try, 5000):after(wait):syn()
    end
  end
  return x
end, { check = function(result)
  local h = result.analysis.handshakes
  assert(h.attempted.client == 3 and h.unanswered.client == 3 and h.syn_retransmits.client == 9, "three attempts")
end })
case("unanswered", "a port used again ten minutes later", { severity = "error", side = "server" }, function()
  local x = new():syn():after(SECOND):syn():after(600 * SECOND):bases(70000, 5000):syn():after(SECOND):syn()
  return later(x, SECOND)
end, { check = function(result)
  assert(result.analysis.handshakes.attempted.client == 2, "two attempts")
end })
case("unanswered", "a SYN and its copy, 1 ms later", { severity = "info" }, function()
  return later(new():syn({ id = 11 }):after(MS):syn({ id = 12 }), 5 * SECOND)
end)
case("refused", "a port refused twice, with other numbers", { severity = "error", side = "server" }, function()
  local x = refuse(new()):after(SECOND):bases(3000, 5000):syn():s(0, 0, { flags = "RA", ack = 3001 })
  return x
end, { check = function(result)
  assert(result.analysis.handshakes.attempted.client == 2, "two attempts")
end })

-- ------------------------------------------------------- checks, scans, tries

-- Checks of one balancer, 'every' apart, beside 'users' clean connections.
local function checks(count, every, users, o)
  local x = new()
  for i = 1, users or 0 do
    clean(next_client(x, i, "198.51.100.7"):hs())
  end
  for i = 1, count do
    next_client(x, 100 + i, o and o.address and o.address(i) or "192.0.2.5"):after(every):syn():after(20 * US):syn_ack()
    if o and o.connect then
      x:after(50 * US):c_ack(5001)
    end
    x:after(80 * US):c(1001, 0, o and o.reset or RST_ACK)
  end
  return x
end

case("port_checks", "of a balancer, half open", { severity = "info", side = "client", confidence = "high" }, function()
  return checks(30, 2 * SECOND, 5)
end, { never = { "reset_half_open", "syn_flood", "half_open", "port_scan" } })
case("port_checks", "many of them in a short time, without a user", { severity = "info", side = "client" }, function()
  return checks(150, 100 * MS, 0)
end, { never = { "reset_half_open", "syn_flood", "half_open" } })
case("port_checks", "from several balancers, by bare resets", { severity = "info", side = "client" }, function()
  return checks(30, SECOND, 5, { reset = RST, address = function(i) return "192.0.2." .. 5 + i % 3 end })
end, { never = { "reset_half_open", "syn_flood" } })
case("port_checks", "that open the connection first", { severity = "info", side = "client" }, function()
  return checks(3, 2 * SECOND, 2, { connect = true })
end, { never = { "reset_without_data" } })
-- Three checks, and one more of which the SYN is not in the capture, and which is reset 'after' its handshake.
local function check_unseen(after)
  local x = checks(3, 2 * SECOND, 0, { connect = true })
  next_client(x, 200, "192.0.2.5"):after(2 * SECOND):syn_ack():after(50 * US):c_ack(5001)
  return x:after(after):c(1001, 0, RST_ACK)
end
case("port_checks", "the SYN of one is not in the capture", { severity = "info", side = "client" }, function()
  return check_unseen(80 * US)
end, { never = { "reset_without_data" } })
case("port_checks", "the SYN of one is not in the capture, and it is no check", { side = "client" }, function()
  return check_unseen(1500 * MS)
end, { check = function(result)
  assert(result.connection_sums.attempts.checked.client == 3, "three checks")
end })
case("port_checks", "the loser of two tries at once", { severity = "info", side = "client" }, function()
  local x = new():syn()
  next_client(x, 1):after(80 * US):syn()
  next_client(x, 0):after(30 * MS):syn_ack()
  next_client(x, 1):syn_ack()
  next_client(x, 0):c(1001, 0, RST)
  return clean(next_client(x, 1):c_ack(5001))
end, { never = { "reset_half_open" } })
case("port_checks", "a client that waits for the SYN-ACK, and resets it when it comes at last", false, function()
  return new():syn():after(SECOND):syn():after(2 * SECOND):syn():after(MS):syn_ack():c(1001, 0, RST)
end, { instead = "answered_too_late" })
case("reset_half_open", "nobody had answered", false, function()
  return pieces.later(new():syn():after(MS):c(1001, 0, RST), 3 * SECOND)
end, { instead = "unanswered" })
case("port_checks", "a server that resets what it has accepted", false, function()
  return hs():s(5001, 0, RST_ACK)
end, { instead = "reset_without_data" })
case("syn_flood", "20 SYNs in an hour", false, function()
  local x = new()
  for i = 1, 20 do
    next_client(x, i, ("198.51.100.%d"):format(i)):after(180 * SECOND):syn()
  end
  return later(x, 2 * SECOND)
end)

-- A scan of 'ports' ports of the server, the asked one among them; that one answers.
local function scan_of(ports, o)
  local x = new()
  local mine = x.sides.s.port
  x.sides.s.port = mine
  for i = 1, ports do
    x.sides.s.port = 20 + i
    x:syn({ ttl = 40 + i % 20 })
    if i % 3 == 0 then
      x:s(0, 0, { flags = "RA", ack = 1001 })
    end
  end
  x.sides.s.port = mine
  x:syn():after(20 * MS):syn_ack()
  if o and o.reset then
    return x:c(1001, 0, RST)
  end
  return x:after(SECOND):syn_ack():after(2 * SECOND):syn_ack()
end

case("port_scan", "of sixty ports, beside the asked one", { severity = "warning", side = "client" }, function()
  return scan_of(60)
end, { never = { "half_open", "unanswered", "refused" } })
case("port_scan", "whose stack resets the open port", { severity = "warning", side = "client" }, function()
  return scan_of(60, { reset = true })
end, { never = { "reset_half_open", "half_open" } })
case("port_scan", "of ten other ports", { severity = "warning", side = "client" }, function()
  return scan_of(10)
end)
case("port_scan", "whose SYN comes again in vain", { severity = "warning", side = "client" }, function()
  local x = new()
  local mine = x.sides.s.port
  for i = 1, 12 do
    x.sides.s.port = 20 + i
    x:syn()
  end
  x.sides.s.port = mine
  return x:syn():after(SECOND):syn():after(2 * SECOND):syn()
end, { never = { "unanswered" } })
-- Somebody logs in, 'words' each way, and scans then.
local function talk_and_scan(words)
  local x = hs()
  for i = 0, words - 1 do
    x:after(SECOND):c(1001 + 10 * i, 10, { ack = 5001 + 100 * i })
    x:after(MS):s(5001 + 100 * i, 100, { ack = 1011 + 10 * i })
  end
  local mine = x.sides.s.port
  for i = 1, 12 do
    x.sides.s.port = 20 + i
    next_client(x, 1):syn():s(0, 0, { flags = "RA", ack = 1001 })
  end
  x.sides.s.port = mine
  return next_client(x, 1):syn():after(MS):syn_ack():c(1001, 0, RST)
end
case("port_scan", "of one who also talks to the server", { severity = "warning",
  text = "1 of 2 connection attempts (50 %) to 10.0.0.2:7777 is part of a scan: the same client tried 12 other ports "
    .. "of the server in this capture. On 1 more the two talked, as a scan's connections seldom do." },
  function() return talk_and_scan(5) end)
case("port_scan", "which asks once what is spoken there", { severity = "warning",
  text = "Both connection attempts to 10.0.0.2:7777 are part of a scan: the same client tried 12 other ports of the "
    .. "server in this capture." },
  function() return talk_and_scan(1) end)
case("port_scan", "of nine other ports", false, function()
  return scan_of(9)
end)
case("half_open", "a client beside the one that scans", { severity = "error", side = "network" }, function()
  local x = next_client(scan_of(60):bases(1000, 5000), 7, "198.51.100.9"):syn():after(20 * US):syn_ack():after(SECOND)
  return x:syn():after(20 * US):syn_ack():after(2 * SECOND):syn():after(20 * US):syn_ack()
end, { instead = "port_scan" })

-- The asked port refuses the one that scans, or somebody else, and serves three others.
local function scanned_beside_users(address)
  local x = new()
  local mine = x.sides.s.port
  for i = 1, 40 do
    x.sides.s.port = 20 + i
    next_client(x, 0, "198.51.100.66"):syn():s(0, 0, { flags = "RA", ack = 1001 })
  end
  x.sides.s.port = mine
  next_client(x, 0, address):syn():s(0, 0, { flags = "RA", ack = 1001 })
  for i = 1, 3 do
    clean(next_client(x, i):hs())
  end
  return x
end
case("refused", "one attempt of four, by the one that scans", { severity = "info" }, function()
  return scanned_beside_users("198.51.100.66")
end)
case("refused", "one attempt of four, beside one that scans", { severity = "warning", side = "server" }, function()
  return scanned_beside_users("198.51.100.67")
end)

-- ------------------------------------------------------- Fast Open

-- 500 bytes in the SYN; the server takes 'taken' of them.
local function fast_open(x, taken)
  x:tcp("c", 1000, 500, { flags = "S" }):after(MS):syn_ack({ ack = 1001 + taken }):after(20 * MS)
  x:c(1001 + taken, 500 - taken > 0 and 500 - taken or 0, { ack = 5001 })
  return close(x:s_ack(1501):s(5001, 100, { ack = 1501 }):c(1501, 0, { ack = 5101 }), 1501, 5101)
end
case("fast_open_not_taken", "the SYN's data comes again at once", { severity = "info", side = "server" }, function()
  local x = new()
  for i = 1, 3 do
    fast_open(next_client(x, i), 0)
  end
  return x
end, SOUND)
case("fast_open_not_taken", "it was taken", false, function()
  return fast_open(new(), 500)
end, SOUND)
case("fast_open_not_taken", "half of it was taken", { severity = "info", side = "server" }, function()
  return fast_open(new(), 200)
end, SOUND)
case("loss_to_server", "the SYN's data, not taken, and then lost as well", { side = "network" }, function()
  local x = new():tcp("c", 1000, 500, { flags = "S" }):after(MS):syn_ack({ ack = 1001 }):after(20 * MS)
  x:c(1001, 500, { ack = 5001 }):after(300 * MS):c(1001, 500, { ack = 5001 })
  return close(x:s_ack(1501):s(5001, 100, { ack = 1501 }):c(1501, 0, { ack = 5101 }), 1501, 5101)
end)

-- ------------------------------------------------------- several SYN-ACKs

-- Numbers of SYN-ACKs before and after the client's last step; it takes 5000.
local function several(before, after, gap)
  local x = new():syn():after(SECOND):syn():after(40 * MS)
  for _, number in ipairs(before) do
    x:after(gap or 500 * US):s(number, 0, { flags = "SA", ack = 1001 })
  end
  x:after(7 * MS):c_ack(5001):c(1001, 184)
  for _, number in ipairs(after) do
    x:after(20 * MS):s(number, 0, { flags = "SA", ack = 1001 }):c(1185, 0, { ack = 5001 })
  end
  x:s_ack(1185)
  local at = 5001
  for _ = 1, 4 do
    x:s(at, 1200, { ack = 1185 })
    at = at + 1200
    x:c(1185, 0, { ack = at })
  end
  return close(x, 1185, at)
end
for about, numbers in pairs({
  ["the stray one comes after the last step"] = { { 5000 }, { 104310615 } },
  ["the stray one comes just before the last step"] = { { 5000, 21086645 }, {} },
  ["two stray ones come first"] = { { 1709082801, 35239339, 5000 }, {} },
  ["the stray ones lie on both sides"] = { { 4000000000, 5000 }, { 77 } },
}) do
  case("syn_acks_differ", about, { severity = "info", side = "server" }, function()
    return several(numbers[1], numbers[2])
  end, SOUND)
end
case("syn_acks_differ", "the same one twice", false, function()
  return several({ 5000, 5000 }, {}, 400 * MS)
end, SOUND)
case("syn_held_back", "two SYN-ACKs, the first when the server would repeat a lost one", false, function()
  return several({ 5000, 5000 }, {}, 5 * MS)
end, { instead = "syn_retries" })
case("syn_held_back", "two SYN-ACKs, the first at another time", { severity = "info", side = "network" }, function()
  return several({ 5000, 5000 }, {}, 400 * MS)
end)

-- ------------------------------------------------------- SYNs that waited

local function stamped(first, second, apart, echo)
  local x = new():syn({ id = 11, ts = { first, 0 } }):after(apart):syn({ id = 12, ts = { second, 0 } }):after(3 * MS)
  return clean(x:syn_ack({ ts = { 9000, echo } }):after(4 * MS):c_ack(5001))
end
case("syn_held_back", "sent a second apart, seen 26 ms apart", { severity = "info", confidence = "high" }, function()
  return stamped(500003, 501000, 26 * MS, 500003)
end, SOUND)
case("syn_held_back", "sent a second apart, seen 400 ms apart", { severity = "info", confidence = "high" }, function()
  return stamped(500003, 501000, 400 * MS, 500003)
end, SOUND)
case("syn_held_back", "sent a second apart, seen 0.4 ms apart", { severity = "info", confidence = "high" }, function()
  return stamped(500003, 501000, 400 * US, 500003)
end, SOUND)
case("syn_held_back", "they had waited, and each was answered late: one of two connections", {
  severity = "info",
  text = "The SYN came again on 1 of 2 connections (50 %), and none was lost: by the client's timestamps they were "
    .. "sent long after one another, so they waited together between the client and the capture point.",
}, function()
  local x = new():syn({ id = 11, ts = { 500003, 0 } }):after(26 * MS):syn({ id = 12, ts = { 501000, 0 } }):after(3 * MS)
  x:syn_ack({ id = 21, ts = { 9000, 500003 } }):after(20 * MS):syn_ack({ id = 22, ts = { 9020, 500003 } })
  clean(x:after(4 * MS):c_ack(5001))
  return clean(next_client(x:after(SECOND), 1):hs())
end)
-- Three requests, each answered after half a second; the SYNs had waited together, or not.
local function slow_behind(first, second)
  local x = new({ win = 60000, server_port = 3306 }):syn({ id = 11, ts = { first, 0 } }):after(26 * MS)
  if second then
    x:syn({ id = 12, ts = { second, 0 } }):after(3 * MS)
  end
  x:syn_ack({ ts = { 9000, first } }):after(MS):c_ack(5001)
  for i = 0, 2 do
    x:after(MS):c(1001 + 100 * i, 100, { ack = 5001 + 100 * i }):after(500 * MS)
    x:s(5001 + 100 * i, 100, { ack = 1101 + 100 * i }):after(MS):c(1101 + 100 * i, 0, { ack = 5101 + 100 * i })
  end
  return x
end
case("slow_server", "behind SYNs that had waited, which do not tell the way", { severity = "info", confidence = "low" },
  function() return slow_behind(500003, 501000) end)
case("slow_server", "behind one SYN", { severity = "warning", confidence = "medium" }, function()
  return slow_behind(500003)
end)
case("syn_held_back", "the same SYN, captured twice", false, function()
  return stamped(500003, 500003, 400 * US, 500003)
end, SOUND)
case("syn_held_back", "sooner than any timer", { severity = "info", confidence = "medium" }, function()
  local x = new():syn({ id = 11 }):after(4 * MS):syn({ id = 12 }):after(3 * MS)
  return clean(x:syn_ack():after(4 * MS):c_ack(5001))
end, SOUND)
case("syn_held_back", "sent as it was seen", false, function()
  return stamped(500003, 501003, SECOND, 501003)
end, { instead = "syn_retries" })
case("syn_held_back", "a short timer", false, function()
  return stamped(500003, 500053, 50 * MS, 500003)
end, { instead = "syn_retries" })

-- The SYN comes again behind its answer; the last step passes before the second answer, or after it.
local function answered_late(before)
  local x = new():syn({ id = 11 }):after(353 * MS):syn_ack({ id = 21 }):after(352 * MS):syn({ id = 12 }):after(MS)
  if before then
    return clean(x:c_ack(5001):after(MS):syn_ack({ id = 22 }))
  end
  return clean(x:syn_ack({ id = 22 }):after(MS):c_ack(5001))
end
case("syn_held_back", "the last step passes before the second answer", { severity = "info", confidence = "high" },
  function()
    return answered_late(true)
  end, SOUND)
case("syn_held_back", "the last step passes after the second answer", false, function()
  return answered_late(false)
end, { instead = "syn_retries" })

-- Beside the server: the SYN comes again 468 ms later, the last step 60 ms behind the second answer; data takes 'way'.
local function answered_twice(way, apart)
  local x = new():syn({ id = 11 }):after(MS):syn_ack({ id = 21 }):after(apart * MS):syn({ id = 12 })
  x:after(MS):syn_ack({ id = 22 }):after(60 * MS):c_ack(5001)
  for i = 0, 2 do
    local seq, ack = 1001 + 100 * i, 5001 + 300 * i
    x:c(seq, 100, { ack = ack }):after(MS):s(ack, 300, { ack = seq + 100 })
    x:after(way * MS):c(seq + 100, 0, { ack = ack + 300 })
  end
  return x
end
case("syn_held_back", "the last step is the first answer's, for the second one's has not come", {
  severity = "info", confidence = "high" }, function()
  return answered_twice(528, 468)
end, SOUND)
case("syn_held_back", "the way is as long as the last step took", false, function()
  return answered_twice(60, 468)
end, { instead = "syn_retries" })
case("syn_held_back", "the first answer's would have come long before", false, function()
  return answered_twice(528, 1000)
end, { instead = "syn_retries" })

-- What settles it: an overflowing queue answers nothing, so where the answer passed its counters do not.
local NEAR_CLIENT = "a capture beside the client: does the SYN-ACK arrive there, and when?"
local ON_SERVER = "on the server: nstat -az TcpExtListenOverflows TcpExtListenDrops"
case("syn_retries", "the answer had passed here", { side = "network", settle = NEAR_CLIENT }, function()
  return answered_twice(528, 1000)
end)
case("syn_retries", "the answer had not passed here", { settle = ON_SERVER }, function()
  return stamped(500003, 501003, SECOND, 501003)
end)

local HELD = { severity = "info", confidence = "high" }
-- Answered at once, and sent again 'apart' after that, before the answer can have come to the client.
local function answered_between(second, apart, echo)
  local x = new():syn({ id = 11, ts = { 500003, 0 } }):after(MS):syn_ack({ ts = { 9000, 500003 } }):after(apart)
  x:syn({ id = 12, ts = { second, 0 } }):after(MS):syn_ack({ ts = { 9000 + apart / MS, echo } })
  return clean(x:after(80 * MS):c_ack(5001))
end
case("syn_held_back", "answered 460 ms before the next, which was sent a second later", HELD, function()
  return answered_between(501028, 460 * MS, 500003)
end, { never = { "syn_retries" } })
case("syn_held_back", "answered, and sent again as it was seen", false, function()
  return answered_between(501004, SECOND, 500003)
end, { instead = "syn_retries" })

-- ------------------------------------------------------- accepted or not

-- A handshake with timestamps; the SYN-ACK again after 'wait', with that echo.
local function answered_again(wait, echo)
  local x = new():syn({ ts = { 500, 0 } }):after(10 * MS):syn_ack({ ts = { 9000, 500 } }):after(10 * MS)
  x:c_ack(5001, { ts = { 520, 9000 } }):after(wait):syn_ack({ ts = { 9000 + wait / MS, echo } }):c_ack(5001)
  return clean(x:after(3 * SECOND))
end
case("deferred_accept", "the SYN-ACK echoes the last step", { severity = "info", side = "server" }, function()
  return answered_again(1270 * MS, 520)
end, SOUND)
case("deferred_accept", "the SYN-ACK echoes the SYN", false, function()
  return answered_again(1270 * MS, 500)
end, { instead = "not_accepted" })

-- The first data passes 'before' the SYN-ACK that comes again, and is not acknowledged: what waits for data has it.
local function not_taken(before)
  local x = new()
  for i = 1, 2 do
    next_client(x, i):syn({ ts = { 500, 0 } }):after(10 * MS):syn_ack({ ts = { 9000, 500 } }):after(10 * MS)
    x:c_ack(5001, { ts = { 520, 9000 } }):after(1270 * MS - before)
    x:c(1001, 300, { ack = 5001, ts = { 1790 - before / MS, 9000 } })
    x:after(before):syn_ack({ ts = { 10270, before > 10 * MS and 1790 - before / MS or 520 } })
    x:c_ack(5001, { ts = { 1800, 10270 } }):after(400 * MS):s(5001, 0, { ack = 1301, ts = { 10690, 1800 } })
    x:s(5001, 100, { ack = 1301, ts = { 10691, 1800 } }):c(1301, 0, { ack = 5101, ts = { 2300, 10691 } })
  end
  return later(x, SECOND)
end
case("deferred_accept", "the first data had come, and was not taken", false, function()
  return not_taken(SECOND)
end, { instead = "not_accepted" })
case("deferred_accept", "the first data comes just before", { severity = "info" }, function()
  return not_taken(5 * MS)
end)

local function in_vain(x, len, times)
  x:hs():after(5 * MS)
  for i = 1, times do
    x:c(1001, len):after(i * 300 * MS)
  end
  return later(x, SECOND)
end
case("data_swallowed", "a short request seven times in vain", { severity = "error", side = "network" }, function()
  return in_vain(new(), 211, 7)
end, { never = { "not_accepted", "mtu_black_hole", "loss_to_server" } })
case("data_swallowed", "of 800 bytes", { severity = "error", side = "network" }, function()
  return in_vain(new(), 800, 7)
end, { never = { "not_accepted", "mtu_black_hole", "loss_to_server" } })
case("data_swallowed", "one of three, beside the server", { severity = "warning", side = "server" }, function()
  local x = talk(hs_beside("server"))
  talk(hs_beside("server", next_client(x, 1)))
  hs_beside("server", next_client(x, 2)):after(5 * MS)
  for i = 1, 7 do
    x:c(1001, 211):after(i * 300 * MS)
  end
  return later(x, SECOND)
end, { never = { "not_accepted" } })
-- One of several in vain; of others the SYN was dropped so many times as well.
local function among_dropped(dropped)
  local x = clean(new():hs({ step = 10 * MS }))
  for i = 1, dropped do
    x = next_client(x, i):syn():after(SECOND)
    x = clean(x:hs({ step = 10 * MS }))
  end
  return in_vain(next_client(x, 9), 211, 7)
end
case("data_swallowed", "and SYNs of others as well: the accept queue",
  { severity = "warning", side = "server", confidence = "low" }, function()
    return among_dropped(3)
  end)
case("data_swallowed", "and one SYN of others",
  { severity = "warning", side = "network", confidence = "medium" }, function()
    return among_dropped(1)
  end)
case("data_swallowed", "a capture that ends after 600 ms of it", false, function()
  return in_vain(new(), 211, 2)
end)
case("data_swallowed", "an acknowledgement comes", false, function()
  return in_vain(new(), 211, 7):s_ack(1212):s(5001, 100, { ack = 1212 })
end)

-- ------------------------------------------------------- a window that is shut from the first

local function shut(ms, probes)
  local x = new():syn():after(MS):syn_ack({ win = 0 }):after(10 * MS):c_ack(5001):after(ms * MS - 10 * MS)
  if probes then
    x:c(1000, 0, { ack = 5001 }):s_ack(1001, { win = 0 }):after(100 * MS)
  end
  return clean(x:s_ack(1001))
end
case("window_shut_at_start", "without probes", { severity = "error", side = "server" }, function()
  return shut(1200)
end, { never = { "server_not_reading" } })
case("window_shut_at_start", "with probes", { severity = "error", side = "server" }, function()
  return shut(1200, true)
end, { never = { "server_not_reading" } })
case("window_shut_at_start", "for 20 ms", { severity = "info", side = "server" }, function()
  return shut(20)
end)
-- Beside the client; the window opens so long after a round trip of 100 ms.
local function shut_far_away(ms)
  local x = new():syn():after(100 * MS):syn_ack({ win = 0 }):c_ack(5001):after((100 + ms) * MS)
  return clean(x:s_ack(1001))
end
case("window_shut_at_start", "for a round trip and 5 ms", { severity = "info", side = "server" }, function()
  return shut_far_away(5)
end)
case("window_shut_at_start", "for a round trip and 300 ms", { severity = "warning", side = "server" }, function()
  return shut_far_away(300)
end)
case("window_shut_at_start", "a window that closes later", false, function()
  return clean(hs():s_ack(1001, { win = 0 }):after(2 * SECOND):s_ack(1001))
end, { instead = "server_not_reading" })
case("server_not_reading", "after it was shut from the first", { severity = "error", side = "server" }, function()
  local x = new():syn():after(MS):syn_ack({ win = 0 }):after(10 * MS):c_ack(5001):after(200 * MS):s_ack(1001)
  return clean(x:after(SECOND):s_ack(1001, { win = 0 }):after(2 * SECOND):s_ack(1001))
end)

-- ------------------------------------------------------- the same connection again

local function again(times, wait, x)
  x = x or new()
  for i = 1, times do
    clean((i > 1 and x:after(wait) or x):bases(1000, 5000):hs())
  end
  return x
end
case("replayed", "a conversation three times", { severity = "info", side = "capture" }, function()
  return again(3, 5 * SECOND)
end, { never = LOSS, check = function(result)
  assert(result.connection_count == 3 and result.analysis.handshakes.completed.client == 3, "three connections")
end })
case("replayed", "with identifications, at once", { severity = "info", side = "capture" }, function()
  local x = new()
  for _ = 1, 3 do
    local id = 100
    local function next_id()
      id = id + 1
      return { id = id }
    end
    x:bases(1000, 5000):syn(next_id()):syn_ack(next_id()):c_ack(5001, next_id()):c(1001, 100, next_id())
    x:s(5001, 100, { ack = 1101, id = 200 }):c(1101, 0, { ack = 5101, id = 201 })
    x:c(1101, 0, { flags = "FA", id = 202 }):s(5101, 0, { flags = "FA", ack = 1102, id = 203 })
    x:c(1102, 0, { ack = 5102, id = 204 })
  end
  return x
end, { never = { "loss_to_server", "loss_to_client", "syn_retries", "keep_alives", "capture_mirrored" } })
case("replayed", "after a reset", { severity = "info", side = "capture" }, function()
  local x = talk(hs()):s(5101, 0, { flags = "RA", ack = 1101 }):after(SECOND)
  return clean(x:bases(1000, 5000):hs())
end, { never = { "loss_to_server", "loss_to_client", "syn_retries" } })
case("replayed", "a conversation that is never closed", { severity = "info", side = "capture" }, function()
  local x = talk(hs()):after(3 * SECOND)
  return clean(x:bases(1000, 5000):hs())
end, { never = { "loss_to_server", "loss_to_client", "syn_retries" } })
case("replayed", "a SYN that comes half a second late", false, function()
  local x = talk(hs()):after(500 * MS):c(1000, 0, { flags = "S", ack = 0 })
  return x:c(1101, 100, { ack = 5101 }):s(5101, 100, { ack = 1201 }):c(1201, 0, { ack = 5201 })
end)
case("replayed", "a SYN that is refused and comes again", false, function()
  return refuse(refuse(new()):after(500 * MS))
end, { instead = "refused" })
case("replayed", "the next connection has a number of its own", false, function()
  local x = clean():after(SECOND):bases(9000, 7000):hs()
  return close(x:c(9001, 100):s(7001, 100, { ack = 9101 }):c(9101, 0, { ack = 7101 }), 9101, 7101)
end)
case("loss_to_server", "in a conversation that comes again", { side = "network" }, function()
  local x = again(1)
  x:after(5 * SECOND):bases(1000, 5000):hs():c(1001, 100):after(300 * MS):c(1001, 100)
  return close(x:after(30 * MS):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 }), 1101, 5101)
end)

-- The handshake passes, no data does; the client closes in vain, and a reset says that the server has forgotten it.
local function forgotten(closes)
  local x = hs():c(1001, 87)
  for i = 0, 4 do
    x:after(800 * 2 ^ i * MS):c(1001, 87)
  end
  return closes and x:after(5 * SECOND):c(1088, 0, { flags = "FA", ack = 5001 }):after(300 * MS):s(5001, 0, RST)
    or x:after(5 * SECOND):s(5001, 0, RST)
end
case("data_swallowed", "and the server has forgotten the connection when the client closes",
  { side = "network" }, function()
  return forgotten(true)
end, { never = { "no_answer" } })
case("data_swallowed", "a server that resets", false, function()
  return forgotten(false)
end)
