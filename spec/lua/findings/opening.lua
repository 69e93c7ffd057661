-- Cases of the rules about how connections are opened.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local RST, new, hs, hs_beside = pieces.RST, pieces.new, pieces.hs, pieces.hs_beside
local next_client, talk = pieces.next_client, pieces.talk
local clean, refuse = pieces.clean, pieces.refuse
local later = pieces.later

case("refused", "a SYN answered by a reset", { severity = "error", side = "server", confidence = "medium" }, function()
  return refuse(new())
end)
local BY_ANOTHER = { severity = "error", side = "server", confidence = "medium" }
case("refused", "by a reset with a sequence number", BY_ANOTHER, function()
  return new():syn():s(123456, 0, { flags = "RA", ack = 1001, ttl = 255 })
end)
case("refused", "one of two by such a reset", BY_ANOTHER, function()
  return next_client(refuse(new()), 1):syn():s(123456, 0, { flags = "RA", ack = 1001, ttl = 255 })
end)
case("refused", "one of three refused", { severity = "warning", side = "server" }, function()
  local x = clean()
  refuse(next_client(x, 1))
  return clean(next_client(x, 2):hs())
end)
local function refused_text(result)
  for _, finding in ipairs(result.analysis.findings) do
    if finding.id == "refused" then
      return finding.text
    end
  end
end
case("refused", "one port refuses, another accepts", { severity = "warning", side = "server" }, function()
  local x = clean()
  x.sides.s.port = 8443
  refuse(next_client(x, 1))
  x.sides.s.port = 7777
  return clean(next_client(x, 2):hs())
end, { port = false, check = function(result)
  assert(refused_text(result):find("1 of 3 connection attempts (33 %) to 10.0.0.2 was", 1, true))
  assert(refused_text(result):find("nothing accepts connections on some of its ports, or at times", 1, true))
end })
case("refused", "one port, no port asked for", { severity = "warning", side = "server" }, function()
  local x = clean()
  refuse(next_client(x, 1))
  return clean(next_client(x, 2):hs())
end, { port = false, check = function(result)
  assert(refused_text(result):find("at times nothing accepts connections there", 1, true))
end })
case("refused", "a reset after the close", false, function()
  return clean():s(5102, 0, RST)
end, { instead = "reset_after_close" })
case("refused", "a client that takes its SYN back", false, function()
  return new():syn():c(1001, 0, RST)
end, { instead = "unanswered" })
case("refused", "a reset in the server's name, and then the server's own answer", false, function()
  return talk(new():syn():s(5001, 0, { flags = "RA", ack = 1001, ttl = 200 }):syn_ack():c_ack(5001))
end, { instead = "reset_not_by_endpoint" })

case("rejected_by_icmp", "a router's 'administratively prohibited'", { severity = "error", side = "network" },
  function()
    return new():syn():icmp(1, { type = 3, code = 13 }):after(SECOND):syn():icmp(3, { type = 3, code = 13 })
  end)
case("unanswered", "a router says why", { severity = "info" }, function()
  local x = new():syn():icmp(1, { type = 3, code = 0 }):after(SECOND):syn():icmp(3, { type = 3, code = 0 })
  return later(x:after(2 * SECOND):syn(), 9 * SECOND)
end, { instead = "rejected_by_icmp" })
case("unanswered", "a router says why of one in three", { severity = "error" }, function()
  local x = new():syn():icmp(1, { type = 3, code = 0 })
  for i = 1, 2 do
    x = next_client(x, i):syn():after(SECOND):syn()
  end
  return later(x, 9 * SECOND)
end)
case("syn_retries", "both open at once", false, function()
  local x = new():syn():s(5000, 0, { flags = "S" }):c(1000, 0, { flags = "SA", ack = 5001 })
  return talk(x:s(5000, 0, { flags = "SA", ack = 1001 }))
end)
case("rejected_by_icmp", "the server's own 'port unreachable'", { severity = "error", side = "server" }, function()
  return later(new():syn():icmp(1, { type = 3, code = 3, from = "10.0.0.2" }), SECOND)
end)
case("rejected_by_icmp", "a time exceeded (traceroute)", false, function()
  return clean():icmp(1, { type = 11, code = 0 })
end)
case("rejected_by_icmp", "a smaller MTU told", false, function()
  return clean(hs():c(1001, 1400):icmp(4, { type = 3, code = 4, mtu = 1280 }))
end, { instead = "path_mtu_told" })

case("unanswered", "a SYN repeated in vain", { severity = "error", side = "server", confidence = "medium" }, function()
  return new():syn():after(SECOND):syn():after(2 * SECOND):syn()
end)
case("unanswered", "the client gives up by a reset in the end", { severity = "error", side = "server" }, function()
  return new():syn():after(SECOND):syn():after(2 * SECOND):syn():after(20 * SECOND):c(1001, 0, RST)
end, { never = { "reset_half_open" } })
case("unanswered", "a SYN that nobody repeats, though there is time", { severity = "info", side = "client" }, function()
  return later(new():syn(), SECOND)
end)
case("unanswered", "a capture that ends 999 ms after the SYN", { severity = "info", side = "capture" }, function()
  return later(new():syn(), 999 * MS)
end)
case("unanswered", "one of three, beside the server", { severity = "warning", side = "server", confidence = "high" },
  function()
    local x = talk(hs_beside("server"))
    talk(hs_beside("server", next_client(x, 1)))
    return next_client(x, 2):syn():after(SECOND):syn()
  end)
-- 'opened' connections, and one try that its client gives up after 'again' repetitions.
local function one_in_vain(opened, again)
  local x = talk(hs_beside("client"))
  for i = 2, opened do
    talk(hs_beside("client", next_client(x, i)))
  end
  next_client(x, opened + 1):syn()
  for i = 1, again do
    x:after(2 ^ (i - 1) * SECOND):syn()
  end
  return later(x, 20 * SECOND)
end
-- Two that open and four that do not; 'lost' says whether data of those two was sent again too.
local function two_of_six(lost)
  local x = new()
  for i = 1, 2 do
    x = next_client(x, i):hs():c(1001, 100)
    if lost then
      x:after(300 * MS):c(1001, 100)
    end
    x:s_ack(1101):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  end
  for i = 3, 6 do
    next_client(x, i):syn():after(SECOND):syn():after(2 * SECOND):syn()
  end
  return x
end
case("unanswered", "nothing but SYNs came again", { severity = "error", side = "server", confidence = "low" },
  function()
    return two_of_six(false)
  end)
case("unanswered", "data came again too", { severity = "error", side = "network", confidence = "low" }, function()
  return two_of_six(true)
end)
case("unanswered", "one of six, given up soon", { severity = "info" }, function()
  return one_in_vain(5, 2)
end)
case("unanswered", "one of five", { severity = "warning" }, function()
  return one_in_vain(4, 2)
end)
case("unanswered", "one of six, asked for long", { severity = "warning" }, function()
  return one_in_vain(5, 4)
end)
case("unanswered", "only the client's half was captured", false, function()
  return new():syn():after(20 * MS):c_ack(5001):c(1001, 100):c(1101, 100, { ack = 5101 })
end, { instead = "capture_one_sided" })

case("syn_retries", "a SYN answered at the second try", { severity = "warning", side = "network", confidence = "low" },
  function()
    return clean(new():syn():after(SECOND):syn():after(10 * MS):syn_ack():after(10 * MS):c_ack(5001))
  end)
case("syn_retries", "the same beside the server", { side = "server", confidence = "medium" }, function()
  return clean(new():syn():after(SECOND):syn():after(20 * US):syn_ack():after(20 * MS):c_ack(5001))
end)
-- Beside the server, whose second answer is 'lost' before it comes by here.
local function near_server(lost)
  local x = clean(new():syn():after(SECOND):syn():after(20 * US):syn_ack():after(20 * MS):c_ack(5001))
  hs_beside("server", next_client(x, 1)):c(1001, 100):s(5001, 1000, { ack = 1101 })
  if not lost then
    x:s(6001, 1000)
  end
  for i = 2, 5 do
    x:s(5001 + 1000 * i, 1000)
  end
  x:after(20 * MS):c(1101, 0, { ack = lost and 6001 or 11001 })
  if lost then
    for _ = 1, 4 do
      x:c(1101, 0, { ack = 6001 })
    end
    x:s(6001, 1000):after(20 * MS):c(1101, 0, { ack = 11001 })
  end
  return x
end
case("syn_retries", "beside the server, but what it sends is lost before it comes by here",
  { side = "network", confidence = "low" }, function()
    return near_server(true)
  end)
case("syn_retries", "beside the server, and nothing is lost", { side = "server", confidence = "medium" }, function()
  return near_server(false)
end)
case("syn_retries", "the answer had passed and was lost behind", { side = "network", confidence = "medium" }, function()
  return clean(new():syn():after(20 * US):syn_ack():after(SECOND):syn():after(20 * US):syn_ack()
    :after(20 * MS):c_ack(5001))
end)
case("syn_retries", "the SYN captured twice", false, function()
  return clean(new():syn({ id = 7 }):copy():after(10 * MS):syn_ack():after(10 * MS):c_ack(5001))
end)
case("syn_retries", "the SYN captured twice, without an IP identification", false, function()
  return clean(new():syn():copy():after(10 * MS):syn_ack():copy():after(10 * MS):c_ack(5001))
end)

case("half_open", "SYN and SYN-ACK repeated in vain", { severity = "error", side = "network" }, function()
  return new():syn():after(20 * US):syn_ack():after(SECOND):syn():after(20 * US):syn_ack():after(2 * SECOND):syn()
    :after(20 * US):syn_ack()
end)
case("half_open", "a client that does not care for the answer", { severity = "info", side = "client" }, function()
  return new():syn():after(20 * US):syn_ack():after(SECOND):syn_ack():after(2 * SECOND):syn_ack()
end)
case("half_open", "a SYN-ACK that nobody repeats", { severity = "info", side = "capture" }, function()
  return later(new():syn():after(20 * US):syn_ack(), 10 * SECOND)
end)
case("half_open", "a SYN-ACK after some SYNs, that nobody repeats", { severity = "info", side = "capture" }, function()
  return later(new():syn():after(SECOND):syn():after(2 * SECOND):syn():after(20 * US):syn_ack(), 10 * SECOND)
end)
case("half_open", "the server gives up by a reset in the end", { severity = "info", side = "client" }, function()
  return new():syn():after(20 * US):syn_ack():after(SECOND):syn_ack():after(2 * SECOND):syn_ack():after(9 * SECOND)
    :s(5001, 0, { flags = "RA", ack = 1001 })
end, { never = { "reset_half_open" } })
case("half_open", "a client that breaks off with a reset", false, function()
  return new():syn():after(MS):syn_ack():c(1001, 0, RST)
end, { instead = "port_checks" })
case("half_open", "a server that resets right after its SYN-ACK", false, function()
  return new():syn():after(MS):syn_ack():s(5001, 0, RST)
end, { instead = "reset_half_open" })
case("half_open", "a capture of SYN and FIN only", false, function()
  return new():syn():after(MS):syn_ack():after(SECOND):c(1501, 0, { flags = "FA", ack = 9001 })
    :s(9001, 0, { flags = "FA", ack = 1502 })
end)

case("not_accepted", "one SYN-ACK for each SYN", false, function()
  return clean(new():syn():after(SECOND):syn():after(10 * MS):syn_ack():after(10 * MS):c_ack(5001):syn_ack()
    :after(10 * MS):c_ack(5001))
end, { instead = "syn_retries" })
case("not_accepted", "a SYN-ACK that had left before the last step came", false, function()
  return clean(new():syn():after(1200 * MS):syn_ack():after(10 * MS):c_ack(5001):after(1000 * MS):syn_ack()
    :after(10 * MS):c_ack(5001))
end)
case("not_accepted", "the SYN-ACK again and again although data followed",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return hs():c(1001, 100):after(SECOND):syn_ack():c_ack(5001):after(SECOND):c(1001, 100)
  end)
-- Connections whose SYN comes again, or not, and whose first data does; 'also': some later data as well.
local function overflows(syns, also)
  local x = new()
  for i = 1, 4 do
    next_client(x, i)
    if i <= syns then
      x:syn():after(SECOND)
    end
    x:hs({ step = 2 * MS }):c(1001, 100):after(210 * MS):c(1001, 100):s(5001, 100, { ack = 1101 })
    x:c(1101, 100, { ack = 5101 })
    if also == true then
      x:after(210 * MS):c(1101, 100)
    end
    x:s(5101, 100, { ack = 1201 }):c(1201, 0, { ack = 5201 }):after(SECOND)
    if also == "end" then
      x:c(1201, 0, { flags = "FA", ack = 5201 }):after(300 * MS):c(1201, 0, { flags = "FA", ack = 5201 })
      x:s(5201, 0, { flags = "FA", ack = 1202 }):c(1202, 0, { ack = 5202 }):after(SECOND)
    end
  end
  return x
end
case("syn_retries", "and the first data after the handshake, and nothing else",
  { severity = "warning", side = "server" }, function()
  return overflows(3)
end, { never = { "loss_to_server" } })
case("syn_retries", "and on one more the SYN-ACK again", { severity = "warning", side = "server" }, function()
  local x = next_client(overflows(3), 9):hs({ step = 2 * MS }):c(1001, 100):after(210 * MS):c(1001, 100)
  x:after(SECOND):syn_ack():c_ack(5001, { seq = 1101 }):after(10 * MS):c(1001, 100)
  return x:s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
end, { never = { "loss_to_server" } })
case("syn_retries", "and later data too", { severity = "warning", side = "network" }, function()
  return overflows(3, true)
end)
case("not_accepted", "the first data of each connection, nothing else and no SYN",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return overflows(0)
  end, { never = { "loss_to_server" } })
case("not_accepted", "and later data too", false, function()
  return overflows(0, true)
end, { instead = "loss_to_server" })
case("not_accepted", "and the FIN of a connection that was taken", false, function()
  return overflows(0, "end")
end, { instead = "loss_to_server" })
local function asked_late(again)
  local x = new()
  for i = 1, 2 do
    hs_beside("server", next_client(x, i)):after(SECOND):syn_ack():after(20 * MS):c_ack(5001)
    x:after(2 * SECOND):syn_ack()
    x:after(20 * MS):c_ack(5001):after(SECOND):c(1001, 100)
    if again then
      x:after(300 * MS):c(1001, 100)
    end
    x:s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  end
  return x
end
case("not_accepted", "two whose client had sent nothing yet, and is answered at once", { severity = "info" }, function()
  return asked_late(false)
end)
case("not_accepted", "two whose client has to repeat its request", { severity = "error", side = "server" }, function()
  return asked_late(true)
end)
case("not_accepted", "two of them beside the server", { severity = "error", side = "server" }, function()
  local x = new()
  for i = 1, 2 do
    hs_beside("server", next_client(x, i)):c(1001, 100):after(SECOND):syn_ack():c_ack(5001):after(SECOND):c(1001, 100)
  end
  return x
end)
case("not_accepted", "a server that waits for the first data (TCP_DEFER_ACCEPT)", { severity = "info" }, function()
  return hs():after(4 * SECOND):syn_ack():c_ack(5001)
end)
case("not_accepted", "a SYN-ACK captured twice", false, function()
  return clean(new():syn():after(MS):syn_ack({ id = 9 }):after(100 * US):c_ack(5001):after(100 * US)
    :syn_ack({ id = 9 }))
end)

case("not_accepted", "copies that come late, where each packet was captured twice", false, function()
  local x = new():syn({ id = 1 }):copy():after(10 * MS):syn_ack():after(10 * MS):c_ack(5001, { id = 2 }):copy()
  x:c(1001, 100, { id = 3 }):copy():after(50 * MS):syn_ack():s(5001, 100, { ack = 1101, id = 9 }):copy()
  return x
end, { instead = "capture_mirrored" })

local function flood(x, count, o)
  for i = 1, count do
    next_client(x, i, ("198.51.%d.%d"):format(100 + math.floor(i / 200), i % 200 + 1)):syn(o)
  end
  return later(x, 2 * SECOND)
end
case("syn_flood", "20 SYNs from 20 addresses, none completed",
  { severity = "error", side = "client", confidence = "medium" },
  function()
    return flood(new(), 20)
  end)
-- SYNs that carry data, each sent again a second later, as it was.
local function laden(answered)
  local x = new()
  for i = 1, 12 do
    next_client(x, i):c(1000, 120, { flags = "S", ack = 4711 }):after(SECOND):c(1000, 120, { flags = "S", ack = 4711 })
    if answered then
      x:after(10 * MS):syn_ack({ ack = 1121 }):c(1121, 0, { ack = 5001 })
      talk(x)
    end
  end
  return later(x, 2 * SECOND)
end
case("syn_retries", "with data in the SYN, and never answered", false, function()
  return laden(false)
end, { instead = "unanswered", check = function(result)
  local made = result.analysis.handshakes
  assert(made.completed.client == 0 and made.unanswered.client == 12)
end })
case("syn_retries", "with data in the SYN, and answered then", { severity = "warning" }, function()
  return laden(true)
end)
case("syn_flood", "19 of them", false, function()
  return flood(new(), 19)
end, { instead = "unanswered" })
case("syn_flood", "20 clients that try again, as clients do", false, function()
  local x = new()
  for _ = 1, 2 do
    flood(x, 20)
  end
  return x
end, { instead = "unanswered" })

local function scan(ports)
  local x = new()
  for i = 1, ports do
    x.sides.s.port = 7000 + i
    refuse(next_client(x, i))
  end
  return x
end
case("port_scan", "ten ports tried, all refused", { severity = "error", side = "client" }, function()
  return scan(10)
end, { port = false })
case("port_scan", "nine", false, function()
  return scan(9)
end, { port = false, instead = "refused" })
case("port_scan", "ten ports in use", false, function()
  local x = new()
  for i = 1, 10 do
    x.sides.s.port = 7000 + i
    clean(next_client(x, i):hs())
  end
  return x
end, { port = false })

local function server_opens(x)
  return x:s(5000, 0, { flags = "S" }):after(10 * MS):c(1000, 0, { flags = "SA", ack = 5001 })
    :after(10 * MS):s(5001, 0, { ack = 1001 }):s(5001, 50):c(1001, 50, { ack = 5051 }):s(5051, 0, { ack = 1051 })
end
case("server_opens", "the named end sends the SYN", { severity = "warning", side = "capture" }, function()
  return server_opens(new())
end)
case("server_opens", "one each way", false, function()
  return clean(next_client(server_opens(new()), 1):hs())
end)

case("options_not_agreed", "window scaling and SACK offered in vain", { severity = "info", side = "server" }, function()
  return clean(new():hs({ c = { mss = 1460, scale = 7, sack_ok = true }, s = { mss = 1460 } }))
end)
case("options_not_agreed", "for one client of two", {
  text = "The answer does not take up what the SYN offers: window scaling and SACK on 1 of 2 connections (50 %). Long "
    .. "or lossy paths are slow without. Other answers do: another host behind the address, cookies for SYNs without "
    .. "timestamps, or a device on the way to these clients alone.",
}, function()
  local offer = { mss = 1460, scale = 7, sack_ok = true }
  return clean(next_client(clean(new():hs({ c = offer, s = offer })), 1):hs({ c = offer, s = { mss = 1460 } }))
end)
case("options_not_agreed", "both agreed", false, function()
  return clean(new():hs({ c = { mss = 1460, scale = 7, sack_ok = true }, s = { scale = 7, sack_ok = true } }))
end)
case("options_not_agreed", "the server offers more", false, function()
  return clean(new():hs({ c = { mss = 1460 }, s = { mss = 1460, sack_ok = true } }))
end)

-- ------------------------------------------------------- by the other side

case("refused", "the client refuses what the server opens", { severity = "error", side = "client" }, function()
  return new():s(5000, 0, { flags = "S" }):c(0, 0, { flags = "RA", ack = 5001 })
end)
case("rejected_by_icmp", "one of two, the other opened", { severity = "warning", side = "network" }, function()
  return clean(new():syn():icmp(1, { type = 3, code = 13 }):after(SECOND):syn():after(MS):syn_ack():c_ack(5001))
end)
case("half_open", "beside the client", { severity = "error", side = "client" }, function()
  local x = hs_beside("client")
  return next_client(talk(x), 1):syn():after(20 * MS):syn_ack():after(SECOND):syn():after(20 * MS):syn_ack()
end)
case("syn_retries", "one of 21", { severity = "info", side = "network" }, function()
  local x = clean(new():syn():after(SECOND):syn():after(10 * MS):syn_ack():after(10 * MS):c_ack(5001))
  for i = 1, 20 do
    clean(next_client(x, i):hs())
  end
  return x
end)

-- A moment of a server in use: most of its connections were begun before, and clients answer there; then SYNs that
-- 'answered' with a SYN-ACK in the last half second.
local function moment(old, count, ns)
  local x = new()
  for i = 1, old do
    next_client(x, 100 + i, ("198.51.99.%d"):format(i)):after(10 * US):s(5001, 100, { ack = 1001 }):after(10 * US)
    x:c(1001, 100, { ack = 5101 })
  end
  for i = 1, count do
    next_client(x, i, ("198.51.100.%d"):format(i)):after(100 * US):syn():after(100 * US):syn_ack()
  end
  return later(x, ns)
end
case("syn_flood", "a moment of a server in use, which ends before the last steps can come", false, function()
  return moment(60, 25, 300 * MS)
end)
case("syn_flood", "the same, and the capture goes on", { severity = "error", side = "client" }, function()
  return moment(60, 25, 3 * SECOND)
end)
case("syn_flood", "a short one, of nothing else", { severity = "error", side = "client" }, function()
  return moment(0, 25, 300 * MS)
end)

-- A tool traces the way with SYNs: each with another number, and with a TTL of one more; its host resets the answer.
local function trace(count, step)
  local x = new():c(1000, 0, { flags = "S", ttl = 1, mss = 1460 })
  for i = 1, count do
    x:after(100 * MS):c(1000 + i, 0, { flags = "S", ttl = 1 + step * i, mss = 1460 })
  end
  x:after(2 * MS):s(5000, 0, { flags = "SA", ack = 1001 + count })
  return x:after(50 * US):c(1001 + count, 0, { flags = "R", ttl = 64 })
end
for _, id in ipairs { "answered_too_late", "reset_not_by_endpoint" } do
  case(id, "a trace of the way with SYNs", false, function()
    return trace(14, 1)
  end, { instead = "port_checks" })
end
case("reset_not_by_endpoint", "SYNs of one TTL, and a reset of another", { side = "network" }, function()
  return trace(14, 0)
end)

-- A client uses ports that it was told, one after the other; of the asked one too.
local function told_ports(o)
  local x = new()
  local mine = x.sides.s.port
  for i = 0, 12 do
    x.sides.s.port = i == 12 and mine or 50000 + i
    next_client(x, i):hs()
    if o.data then
      x:c(1001, 100):s(5001, 0, { ack = 1101 })
    end
    pieces.close(x, o.data and 1101 or 1001, 5001)
  end
  return x
end
case("port_scan", "ports that the client was told, each used to send a file", { severity = "info" }, function()
  return told_ports({ data = true })
end)
case("port_scan", "ports that open, and are used for nothing", { severity = "warning", side = "client" }, function()
  return told_ports({})
end)

-- A server's SYN-ACK comes again 'ms' after the last step; the way there and back takes 'way'.
local function answered_again(way, ms, len)
  local x = new():syn():after(way * MS):syn_ack():after(20 * US):c_ack(5001):after(20 * US):c(1001, 100, { ack = 5001 })
  x:after(ms * MS):s(5000, len or 0, { flags = "SA", ack = 1001 }):after(20 * US)
  x:c(1101, 0, { ack = 5001 + (len or 0) }):after(MS)
  if ms > 2 * way then
    x:c(1001, 100, { ack = 5001 }):after(way * MS)
  end
  return x:s(5001 + (len or 0), 100, { ack = 1101 })
end
case("not_accepted", "a SYN-ACK that left before the last step had come, on a long way", false, function()
  return answered_again(1000, 1002)
end)
case("not_accepted", "one that came a second after it, on a short way", { side = "network" }, function()
  return answered_again(30, 1002)
end)
case("not_accepted", "a SYN-ACK at once, which carries data", false, function()
  return answered_again(30, 40, 44)
end)
case("unanswered", "one of two, the other opened", { severity = "warning" }, function()
  local x = new():syn()
  next_client(x, 1):hs()
  next_client(x, 0):after(SECOND):syn():after(2 * SECOND):syn()
  return later(x, 2 * SECOND)
end)
case("unanswered", "two of three", { severity = "error" }, function()
  local x = new():syn()
  next_client(x, 1):hs()
  next_client(x, 2):after(MS):syn():after(SECOND):syn()
  next_client(x, 0):after(MS):syn():after(2 * SECOND):syn()
  return later(x, 2 * SECOND)
end)
case("server_opens", "both ends at once", { severity = "info", confidence = "medium" }, function()
  local x = new():s(5000, 0, { flags = "S", mss = 1460 }):after(20 * US):c(1000, 0, { flags = "S", mss = 1460 })
  x:after(MS):s(5000, 0, { flags = "SA", ack = 1001, mss = 1460 }):c(1000, 0, { flags = "SA", ack = 5001, mss = 1460 })
  return talk(x:after(MS):s(5001, 0, { ack = 1001 }):c(1001, 0, { ack = 5001 }))
end)
