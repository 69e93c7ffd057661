-- Cases of what looks like a fault and is nobody's: packets made by hand, files put together from pieces, peers that
-- speak by timers, answers whose beginning is missing.

local pieces = ...
local case, MS, SECOND, converse = pieces.case, pieces.MS, pieces.SECOND, pieces.converse
local new, hs, talk, clean, close = pieces.new, pieces.hs, pieces.talk, pieces.clean, pieces.close
local next_client, hs_beside = pieces.next_client, pieces.hs_beside

local LOSS = { "loss_to_server", "loss_to_client" }

-- ------------------------------------------------------------ a scan, or a client of many ports

-- Twelve other ports are tried, and then the asked one, where both sides speak ('used') or nobody does.
local function many_ports(used)
  local x = new()
  local mine = x.sides.s.port
  for i = 1, 12 do
    x.sides.s.port = 20 + i
    x:syn({ ttl = 64 })
  end
  x.sides.s.port = mine
  return used and clean(x:hs()) or x:hs():after(SECOND):c(1001, 0, { flags = "R" })
end
case("port_scan", "whose connection here both sides use", { severity = "info", confidence = "low" }, function()
  return many_ports(true)
end)
case("port_scan", "whose connection here nobody uses", { severity = "warning", confidence = "high" }, function()
  return many_ports(false)
end)

-- ------------------------------------------------------------ a sweep over many hosts

-- The client asks 'count' other hosts for the same port, 'step' addresses apart; each 'nth' answers.
local function asks_others(x, count, o)
  o = o or {}
  local server = { ip = x.sides.s.ip, bytes = x.sides.s.bytes }
  for i = 1, count do
    local address = (o.far and "198.18.%d.7" or "10.0.0.%d"):format(100 + i)
    x.sides.s.ip, x.sides.s.bytes = address, pieces.craft.address(address)
    next_client(x, 500 + i):syn()
    if o.nth and i % o.nth == 0 then
      x:syn_ack()
    elseif o.refused then
      x:s(0, 0, { flags = "RA", ack = 1001 })
    end
  end
  x.sides.s.ip, x.sides.s.bytes = server.ip, server.bytes
  return next_client(x, 1)
end
local function refused_is(severity)
  return function(result)
    for _, finding in ipairs(result.analysis.findings) do
      assert(finding.id ~= "refused" or finding.severity == severity, finding.severity)
    end
  end
end

local SWEEP = { severity = "warning", side = "client" }
case("host_sweep", "of the network, refused by all", SWEEP, function()
  return pieces.refuse(asks_others(new(), 40, { refused = true }))
end, { check = refused_is("info") })
case("host_sweep", "of the network, which leaves half open what answers", SWEEP, function()
  local x = asks_others(new(), 40, { nth = 10 }):syn():after(20 * MS):syn_ack()
  return x:after(SECOND):syn_ack():after(2 * SECOND):syn_ack()
end, { never = { "half_open" } })
case("host_sweep", "of the network, of which a few answer, and not this one", SWEEP, function()
  return asks_others(new(), 40, { nth = 10 }):syn():after(SECOND):syn():after(2 * SECOND):syn()
end, { never = { "unanswered" } })
case("host_sweep", "of hosts far apart, as a list has them", { severity = "info", side = "client" }, function()
  return pieces.refuse(asks_others(new(), 40, { far = true, nth = 10 }))
end, { check = refused_is("warning") })
case("host_sweep", "whose connection here both sides use", { severity = "info", confidence = "low" }, function()
  return clean(asks_others(new(), 40):hs())
end)
case("host_sweep", "fifteen hosts", false, function()
  return pieces.refuse(asks_others(new(), 15, { refused = true }))
end, { check = refused_is("error") })
case("host_sweep", "forty hosts, half of which answer", false, function()
  return pieces.refuse(asks_others(new(), 40, { nth = 2 }))
end, { check = refused_is("error") })
case("unanswered", "a client that none of forty hosts answers", { severity = "error", side = "network" }, function()
  return pieces.later(asks_others(new(), 40):syn():after(SECOND):syn():after(2 * SECOND):syn(), 5 * SECOND)
end, { never = { "host_sweep" } })
case("refused", "a client beside the one that sweeps", { severity = "error", side = "server" }, function()
  local x = pieces.refuse(asks_others(new(), 40, { refused = true }))
  x = pieces.refuse(next_client(x, 7, "198.51.100.9"))
  return pieces.refuse(next_client(x, 8, "198.51.100.10"))
end)

-- ------------------------------------------------------------ what else does not answer

local function in_vain(x)
  return pieces.later(x:syn():after(SECOND):syn():after(2 * SECOND):syn(), 5 * SECOND)
end
local function text_has(words, severity)
  return { check = function(result)
    for _, finding in ipairs(result.analysis.findings) do
      if finding.id == "unanswered" then
        assert(finding.text:find(words, 1, true), finding.text)
        assert(finding.severity == (severity or "error"), finding.severity)
        return
      end
    end
    error("not unanswered")
  end }
end
-- The server answers a SYN at another port.
local function answers_at_22(x)
  local mine = x.sides.s.port
  x.sides.s.port = 22
  next_client(x, 300):syn():after(20 * MS):syn_ack():after(MS):c_ack(5001)
  x.sides.s.port = mine
  return next_client(x, 1)
end

case("unanswered", "nor does any other host at the port", { side = "network", confidence = "low" }, function()
  return in_vain(asks_others(new(), 2, { far = true }))
end, text_has("any of at least 2 other hosts"))
case("unanswered", "one other host does not answer either", { side = "server", confidence = "medium" }, function()
  return in_vain(asks_others(new(), 1, { far = true }))
end, text_has("From here nobody can tell"))
case("unanswered", "another host answers the client at the port", { side = "server", confidence = "medium" }, function()
  return in_vain(asks_others(new(), 3, { far = true, nth = 3 }))
end, text_has("From here nobody can tell"))
case("unanswered", "the host answers at another port", { side = "server", confidence = "medium" }, function()
  return in_vain(answers_at_22(new()))
end, text_has("The host is up"))

-- ------------------------------------------------------------ windows

-- Packets of one side alone, each with the window 'first' or, from the third on, 0.
local function alone(first)
  local x = new({ win = 60000 })
  for i = 0, 5 do
    x:after(SECOND):c(1001, 2, { flags = "PA", ack = 5001 + 100 * i, win = i < 2 and first or 0 })
  end
  return x:after(SECOND):c(1001, 2, { flags = "PA", ack = 5601, win = first })
end
case("client_not_reading", "a window that is never open, towards nobody", false, function()
  local x = new()
  for _ = 1, 5 do
    x:after(SECOND):c(1001, 2, { flags = "PA", win = 0 })
  end
  return x
end)
case("client_not_reading", "a window that closes, towards somebody who was not captured",
  { severity = "error", side = "client" }, function()
  return alone(1000)
end)

-- The client closes its window when the server's data has come, or its FIN too; what it says again is of no window.
local function shut_at_the_end(fin)
  local x = talk(hs())
  if fin then
    x:s(5101, 0, { flags = "FA", ack = 1101 }):c(1101, 0, { ack = 5102 }):after(200 * MS)
    x:s(5101, 0, { flags = "FA", ack = 1101 }):c(1101, 0, { ack = 5102, win = 0 }):after(2 * SECOND)
    return x:s(5102, 0, { flags = "R" })
  end
  x:s(5101, 100, { ack = 1101 }):c(1101, 0, { ack = 5201, win = 0 }):after(2 * SECOND)
  return x:s(5201, 0, { flags = "R" })
end
case("client_not_reading", "a window that is 0 behind the server's FIN", { severity = "info" }, function()
  return shut_at_the_end(true)
end)
case("client_not_reading", "a window that closes before anything is closed", { severity = "error" }, function()
  local x = talk(hs())
  x:s(5101, 100, { ack = 1101 }):c(1101, 0, { ack = 5201, win = 0 }):after(2 * SECOND)
  return x:c(1101, 0, { ack = 5201 }):s(5201, 100, { ack = 1101 }):c(1101, 0, { ack = 5301 })
end)

-- ------------------------------------------------------------ the order of a capture

-- The client resets, and each segment that comes afterwards is answered by a reset with a number in its ACK field.
local function resets_each(n)
  local x = hs():c(1001, 100):s(5001, 1000, { ack = 1101 }):c(1101, 0, { flags = "RA", ack = 6001 })
  for i = 1, n do
    x:s(5001 + 1000 * i, 1000, { ack = 1101 }):c(1101, 0, { flags = "R", raw_ack = 5001 + 100000 })
  end
  return x
end
case("capture_order", "resets whose acknowledgement number means nothing", false, function()
  return resets_each(6)
end)
case("capture_order", "acknowledgements stand before the data", { severity = "warning" }, function()
  local x = hs():c(1001, 100)
  for i = 0, 5 do
    x:c(1101, 0, { ack = 6001 + 1000 * i }):s(5001 + 1000 * i, 1000, { ack = 1101 })
  end
  return x:c(1101, 0, { flags = "R", ack = 0 })
end)

-- ------------------------------------------------------------ the same again

-- A handshake whose acknowledgements do not count the SYN, and a few bytes each way: made by hand.
local function by_hand(x)
  x:syn():s(5000, 0, { flags = "SA", ack = 1000 }):c(1000, 0, { ack = 5000 })
  return x:c(1000, 14, { flags = "PA", ack = 5000 }):s(5000, 21, { flags = "PA", ack = 1000 })
    :c(1000, 0, { flags = "FA", ack = 5000 })
end
case("loss_to_server", "packets made by hand, and made again", false, function()
  local x = by_hand(new())
  return by_hand(x:after(20 * SECOND))
end, { never = LOSS })
case("loss_to_server", "data that comes again without a handshake", { side = "network" }, function()
  local x = talk(hs())
  x:c(1101, 14, { flags = "PA", ack = 5101 }):after(SECOND):c(1101, 14, { flags = "PA", ack = 5101 })
  return x:s(5101, 0, { ack = 1115 })
end)

-- The same packets twice in a file, with their times; 'shift' puts the second ones so much later.
local function pasted(shift)
  local x = hs()
  x = converse(x):ask(20):hear("c", 1):ask(20):hear("c", 1):fin("c", 5).x
  local n = #x.frames
  for i = 1, n do
    local frame = x.frames[i]
    x.frames[n + i] = { time = frame.time + shift, bytes = frame.bytes, wire = frame.wire, packet = frame.packet,
      segment = frame.segment }
  end
  return x
end
case("replayed", "the same records stand in the file again", { severity = "info", side = "capture" }, function()
  return pasted(0)
end, { never = { "not_accepted", "loss_to_server", "loss_to_client", "syn_retries" } })
case("replayed", "a SYN that is captured once more, at the same time", false, function()
  local x = new():syn():after(0):copy(nil, 0):syn_ack():c_ack(5001)
  return clean(talk(x), 1101, 5101)
end)

-- ------------------------------------------------------------ slow, or something else

-- Both say so many bytes now and then, never at once.
local function keep_alives(port, bytes)
  local t = converse(new({ win = 60000, server_port = port }):hs()):say("c", 1, 60):say("s", 1, 60):hear("c", 1)
  for i = 1, 6 do
    t:say("c", 1000, bytes):hear("s", 40):say("s", 1200 + 700 * (i * 5 % 4), bytes):hear("c", 40)
  end
  return t.x
end
case("slow_server", "two routers that say by timers that they are there", { severity = "info", confidence = "low" },
  function()
    return keep_alives(179, 18)
  end)
case("slow_server", "two that say so in protocols that nobody knows",
  { severity = "info", confidence = "low" }, function()
  return keep_alives(1179, 18)
end)
case("slow_server", "as brief, on the port of Modbus, whose server speaks when it is asked",
  { severity = "error" }, function()
  return keep_alives(502, 12)
end)
case("slow_server", "as slow, on another port", { severity = "info", confidence = "low" }, function()
  return keep_alives(1179, 118)
end)

-- Answers of 300 bytes after 400 ms, of 'lacking' of which the first 200 are not in the capture.
local function lacks(lacking)
  local t = converse(pieces.queries():hs())
  for i = 1, 10 do
    t:say("c", 5, 100):hear("s", 1)
    if i <= lacking then
      t.s = t.s + 200
    end
    t:say("s", 400, 300):hear("c", 1)
  end
  return t.x
end
case("slow_server", "the beginnings of half of the answers are missing", { severity = "info", confidence = "low" },
  function()
    return lacks(5)
  end)
case("slow_server", "one beginning is missing", { severity = "warning", confidence = "medium" }, function()
  return lacks(1)
end)

-- The server's address is not of the client's network, and no router has passed anything on; or one has.
local function beside(ttl, client)
  local x = new({ win = 60000, client = client or "192.168.56.101", server = "203.0.113.9", server_port = 3306 })
  local both = { mss = 1460, sack_ok = true, scale = 7 }
  x:hs({ step = 1 * MS, c = both, s = { ttl = ttl, mss = 1460, sack_ok = true, scale = 7 } })
  local t = converse(x)
  for _ = 1, 4 do
    t:say("c", 5, 400):hear("s", 0.5, { ttl = ttl }):say("s", 300, 200, { ttl = ttl }):hear("c", 0.1)
  end
  return t.x
end
case("slow_server", "who answers stands beside the client, in the name of a server elsewhere",
  { severity = "warning", confidence = "low" }, function()
  return beside(64)
end)
case("slow_server", "routers lie between", { severity = "warning", confidence = "medium" }, function()
  return beside(57)
end)
case("slow_server", "the client is in a public network as well", { severity = "warning", confidence = "medium" },
  function()
    return beside(64, "203.0.113.77")
  end)

-- The request is sent again and again and acknowledged after seconds; meanwhile the SYN-ACK comes again.
local function taken_late()
  local x = pieces.queries():hs({ step = 20 * MS }):c(1001, 400)
  for i = 0, 2 do
    x:after(300 * 2 ^ i * MS):c(1001, 400)
    if i == 1 then
      x:after(100 * MS):s(5000, 0, { flags = "SA", ack = 1001 }):after(MS):c(1401, 0, { ack = 5001 })
    end
  end
  x:after(3000 * MS):s(5001, 0, { ack = 1401 }):after(140 * MS):s(5001, 500, { ack = 1401 })
  return x:c(1401, 0, { ack = 5501 })
end
case("slow_server", "the server had not taken the connection when it was asked",
  { severity = "info", confidence = "low" },
  function()
    return taken_late()
  end)
case("slow_server", "it is as slow on a connection that it had taken", { severity = "error", confidence = "low" },
  function()
    local t = converse(pieces.next_client(taken_late(), 1):after(SECOND):hs())
    for i = 1, 4 do
      t:ask(1500 + 600 * (i * 3 % 5))
    end
    return t.x
  end)

-- ------------------------------------------------------------ neither hears the other

-- The client's data and the server's come again, and neither acknowledges; then the server resets.
local function deaf(client_too)
  local x = talk(hs()):after(60 * SECOND):s(5101, 3, { ack = 1101 }):after(SECOND):c(1101, 3, { ack = 5101 })
  x:after(2 * SECOND):s(5101, 3, { ack = 1101 }):after(SECOND)
  if client_too then
    x:c(1101, 3, { ack = 5101 })
  end
  return x:after(4 * SECOND):s(5101, 3, { ack = 1101 }):after(3 * SECOND):s(5104, 0, { flags = "R" })
end
case("reset_mid_data", "both sides repeat themselves in vain, and one gives up", false, function()
  return deaf(true)
end, { instead = "peer_gone" })
case("reset_mid_data", "only the client's data is open", { side = "server" }, function()
  local x = talk(hs()):after(SECOND):c(1101, 100):after(SECOND):c(1101, 100):after(SECOND)
  return x:s(5101, 0, { flags = "RA", ack = 1101 })
end)

-- ------------------------------------------------------------ SYNs that are none

-- A probe with the flags SYN and FIN, and a SYN behind it from the same port.
local function probed(flags)
  local x = next_client(new(), 3)
  x:c(1000, 0, { flags = flags, ack = 0 }):after(SECOND):syn():after(MS):syn_ack():c_ack(5001)
  return close(x:c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 }), 1101, 5101)
end
case("syn_retries", "a probe with SYN and FIN came before", false, function()
  return probed("SF")
end)
case("syn_retries", "a SYN came before", { severity = "warning" }, function()
  return probed("S")
end)

-- ------------------------------------------------------------ for a time nobody answered

local function down_for_a_time()
  local x = new()
  for i = 1, 3 do
    next_client(x, i):bases(1000 * i, 5000):after(SECOND):syn():after(SECOND):syn():after(2 * SECOND):syn()
  end
  next_client(x, 9):bases(1000, 5000):after(20 * SECOND)
  return clean(hs_beside("client", x))
end
case("unanswered", "others were answered later: it may have been down", { confidence = "low" }, function()
  return down_for_a_time()
end, { check = function(result)
  for _, finding in ipairs(result.analysis.findings) do
    assert(finding.id ~= "unanswered" or finding.text:find("was down for a time", 1, true), finding.text)
  end
end })

-- The server resets, and what it had said before stands in the file again, with its time.
local function pasted_behind_a_reset(back)
  local x = new()
  for i = 0, 2 do
    x:s(5001 + 100 * i, 100, { ack = 1001 + 50 * i }):after(300 * MS):c(1001 + 50 * i, 50, { ack = 5101 + 100 * i })
      :after(SECOND)
  end
  x:s(5301, 0, { flags = "R", raw_ack = 1151 })
  local n = #x.frames
  for i = 1, n do
    local frame = x.frames[i]
    x.frames[n + i] = { time = frame.time + (back and 0 or 10 * SECOND), bytes = frame.bytes, wire = frame.wire,
      packet = frame.packet, segment = frame.segment }
  end
  return x
end
case("reset_not_meant", "the records before it stand in the file again", { severity = "info", confidence = "low" },
  function()
    return pasted_behind_a_reset(true)
  end)
case("reset_not_meant", "the server says the same again", { severity = "warning" }, function()
  return pasted_behind_a_reset(false)
end)

-- ------------------------------------------------------------ an acknowledgement that its host delays

-- One small segment is sent again so long after it, and then named by D-SACK, on a way of 1 ms.
local function lone(wait, before)
  local both = { mss = 1460, sack_ok = true }
  local x = new():syn(both):after(MS / 2):syn_ack(both):after(MS / 2):c_ack(5001)
  local seq = 1001
  for _ = 1, 4 do
    x:after(500 * MS)
    if before then
      x:c(seq, 1460):c(seq + 1460, 200)
      seq = seq + 1460
    else
      x:c(seq, 200)
    end
    x:after(wait * MS):c(seq, 200):after(MS / 2):s_ack(seq + 200, { sack = { { seq, seq + 200 } } })
    seq = seq + 200
  end
  return x
end
case("delayed_to_server", "one segment again when its acknowledgement may still be delayed", false, function()
  return lone(204)
end, { instead = "tail_probes_to_server" })
case("delayed_to_server", "one segment again later than that", { severity = "warning", side = "network" }, function()
  return lone(330)
end)
case("delayed_to_server", "a full one was sent before it", { severity = "warning", side = "network" }, function()
  return lone(204, true)
end)

-- Each packet is captured twice; the second one bears a time before the first.
local function twice(back)
  local x = hs()
  for i = 0, 5 do
    x:after(20 * MS):s(5001 + 1000 * i, 1000, { ack = 1001, id = 100 + i })
    if back then
      local frame = x.frames[#x.frames]
      x.frames[#x.frames + 1] = { time = frame.time - back, bytes = frame.bytes, wire = frame.wire,
        packet = frame.packet, segment = frame.segment }
    end
    x:after(5 * MS):c(1001, 0, { ack = 6001 + 1000 * i, id = 300 + i })
  end
  return x
end
case("loss_to_client", "copies that bear an earlier time", false, function()
  return twice(1000)
end, { instead = "capture_mirrored", never = { "loss_to_client", "resent_needlessly_to_client", "delayed_to_client" } })
case("capture_mirrored", "nothing comes twice", false, function()
  return twice()
end)

-- ------------------------------------------------------------ nothing was asked

-- A stream that is picked up midway: the client says 'len' bytes, and again, and the server acknowledges.
local function picked_up(len)
  local x = pieces.queries():c(1001, len):s(5001, 0, { ack = 1001 + len }):after(45 * SECOND)
  x:c(1001, len):s(5001, 0, { ack = 1001 + len }):after(10 * SECOND)
  return x:s(5001, 0, { flags = "FA", ack = 1001 + len }):c(1001 + len, 0, { ack = 5002 })
end
case("no_answer", "a byte, and the same byte again: keep-alives", false, function()
  return picked_up(1)
end)
case("no_answer", "a hundred bytes", { severity = "warning", side = "server", confidence = "low" }, function()
  return picked_up(100)
end)
