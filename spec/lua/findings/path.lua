-- Cases of the rules about the path.

local pieces = ...
local case, MS, SECOND, US, FIN = pieces.case, pieces.MS, pieces.SECOND, pieces.US, pieces.FIN
local new, hs, talk, clean = pieces.new, pieces.hs, pieces.talk, pieces.clean

local function black_hole(side, copies, len, x)
  x = x or hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  local seq = side == "c" and 1101 or 5101
  for i = 0, copies do
    x:after((i == 0 and 1 or 300) * MS):tcp(side, seq, len or 1400)
  end
  return x
end
-- Two segments as long as one that passed; the sender puts them together when it sends them again.
local function put_together(side, len, again)
  local x = hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  local seq, back, ack = 1101, "s", 5101
  if side == "s" then
    seq, back, ack = 5101, "c", 1101
  end
  x:tcp(side, seq, len):after(20 * MS):tcp(back, ack, 0, { ack = seq + len })
  x:tcp(side, seq + len, len):tcp(side, seq + 2 * len, len)
  for i = 1, 4 do
    x:after(300 * MS * 2 ^ i):tcp(side, seq + len, again)
  end
  return x
end
for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local id = "mtu_black_hole_to_" .. d[2]
  case(id, "two segments are sent again as one, and were as short as one that passed", false, function()
    return put_together(d[1], 1400, 2800)
  end, { instead = "peer_gone" })
  case(id, "a long segment sent three times more in vain",
    { severity = "error", side = "network", confidence = "high" },
    function()
      return black_hole(d[1], 3)
    end)
  case(id, "three times, of a connection whose beginning is not in the capture: as long ones may have passed before",
    { severity = "warning", confidence = "medium" }, function()
      return black_hole(d[1], 3, nil, talk(new()))
    end)
  local told = "ping with the don't-fragment bit and %s towards the " .. d[2] .. "; clamp the MSS or let ICMP through"
  case(id, "a ping must be as long as the segments", { settle = told:format("1412 bytes") }, function()
    return black_hole(d[1], 3)
  end)
  case(id, "timestamps make the segments longer", { settle = told:format("1424 bytes") }, function()
    return black_hole(d[1], 3, nil, talk(new():hs { c = { ts = { 1, 0 } }, s = { ts = { 2, 1 } } }))
  end)
  case(id, "nobody knows of timestamps",
    { settle = told:format("1412 bytes (1424 where TCP timestamps are in use)") }, function()
      return black_hole(d[1], 3, nil, talk(new()))
    end)
  case(id, "twice more", false, function()
    return black_hole(d[1], 2)
  end)
  case(id, "1,200 bytes", { severity = "error" }, function()
    return black_hole(d[1], 3, 1200)
  end)
  case(id, "1,199 bytes, which pass any link", false, function()
    return black_hole(d[1], 3, 1199)
  end)
end

-- Three of twenty segments are sent again after a timeout; 'o' of the third acknowledgement.
local BOTH_SACK = { c = { sack_ok = true }, s = { sack_ok = true } }

local function sent_again(x, o)
  local seq = 1001
  for i = 1, 20 do
    x:c(seq, 1400)
    if i % 6 == 0 then
      x:after(300 * MS):c(seq, 1400)
    end
    x:after(20 * MS):s(5001, 0, { ack = seq + 1400, sack = i == 3 and o or nil })
    seq = seq + 1400
  end
  return x
end
case("loss_to_server", "segments sent again after a timeout", { severity = "error", confidence = "high" }, function()
  return sent_again(new():hs(BOTH_SACK))
end)
case("loss_to_server", "the same without SACK: an acknowledgement that was lost looks the same",
  { severity = "error", confidence = "medium" }, function()
    return sent_again(hs())
  end)
case("loss_to_server", "the same without the handshake: nobody knows whether what came twice is told",
  { severity = "error", confidence = "medium" }, function()
    return sent_again(new())
  end)
case("loss_to_server", "the same, where the receiver sends SACK", { severity = "error", confidence = "high" },
  function()
    return sent_again(new(), { { 7001, 8401 } })
  end)

-- Three of twenty segments are sent again, in two pieces where 'cut' says how long the first is.
local function sent_again_cut(cut, after_ms)
  local x, seq = hs(), 1001
  for i = 1, 20 do
    x:c(seq, 1400)
    if i % 6 ~= 0 then
      x:s_ack(seq + 1400)
    else
      x:after((after_ms or 60) * MS):c(seq, cut or 1400)
      if cut then
        x:c(seq + cut, 1400 - cut)
      end
      x:s_ack(seq + 1400)
    end
    seq = seq + 1400
  end
  return x
end
case("loss_to_server", "sent again as they were", { severity = "error", side = "network" }, function()
  return sent_again_cut(nil, 300)
end)
case("loss_to_server", "sent again in smaller pieces: a router has asked for that", { severity = "info" }, function()
  return sent_again_cut(1240)
end)
case("loss_to_server", "in smaller pieces, each after a timeout: the sender tries whether these pass",
  { severity = "error" }, function()
  return sent_again_cut(1240, 300)
end)
case("loss_to_server", "in smaller pieces, what the window did not allow at once a round trip later",
  { severity = "info" }, function()
  local x = hs()
  local function resend(from, to)
    for i = from, to do
      x:c(1001 + i * 1400, 1240):c(2241 + i * 1400, 160)
    end
  end
  for i = 0, 9 do
    x:c(1001 + i * 1400, 1400)
  end
  resend(0, 6)
  for i = 0, 6 do
    x:after(i == 0 and 300 * MS or MS):s_ack(2401 + i * 1400)
  end
  resend(7, 9)
  return x:after(300 * MS):s_ack(15001)
end)

-- Beside the client, 'way' from the server: the first three of ten segments are sent again at once, in smaller pieces,
-- the others when the first acknowledgement is there.
local function cut_far(way)
  local x = pieces.hs_beside("client", nil, way * MS)
  for i = 0, 9 do
    x:c(1001 + i * 1400, 1400)
  end
  for i = 0, 9 do
    if i == 3 then
      x:after(300 * MS):s_ack(2401)
    end
    x:c(1001 + i * 1400, 1240):c(2241 + i * 1400, 160)
  end
  return x:after(300 * MS):s_ack(15001)
end
case("loss_to_server", "in smaller pieces, as far away as a timeout takes", { severity = "info" }, function()
  return cut_far(300)
end)
case("loss_to_server", "in smaller pieces after a timeout, nearby", { severity = "error" }, function()
  return cut_far(20)
end)

-- A stream of 'count' segments of one side, acknowledged one by one.  'with' may do
-- something in place of one of them.
local function stream(x, side, count, with)
  local base = side == "c" and 1001 or 5001
  for i = 1, count do
    local seq = base + (i - 1) * 100
    if not (with and with[i] and with[i](x, seq)) then
      x:tcp(side, seq, 100)
      x:tcp(side == "c" and "s" or "c", side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
    end
  end
  return x
end

-- Lost behind the capture point, repeated after the timeout.
local function lose(side)
  return function(x, seq)
    x:tcp(side, seq, 100):after(250 * MS):tcp(side, seq, 100)
    return x:tcp(side == "c" and "s" or "c", side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
  end
end

-- Sent again although it had been acknowledged.
local function repeat_needlessly(side, o)
  local back = side == "c" and "s" or "c"
  return function(x, seq)
    x:tcp(side, seq, 100):tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
    x:after(250 * MS):tcp(side, seq, 100)
    return x:tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq + 100, sack = o and { { seq, seq + 100 } } })
  end
end

-- Two segments change places; 'older' says which is the later one: with the older
-- timestamp it was overtaken, with the newer one it was sent again.
local function swap(side, older)
  local back = side == "c" and "s" or "c"
  return function(x, seq)
    local stamp = seq % 100000
    x:tcp(side, seq + 50, 50, { ts = { stamp + 50 } }):tcp(side, seq, 50, { ts = { stamp + (older and 0 or 99) } })
    return x:tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
  end
end

-- A segment that three others overtake; each of them is acknowledged once more.
local function overtake(side)
  local back = side == "c" and "s" or "c"
  return function(x, seq)
    local stamp = seq % 100000
    for i = 1, 3 do
      x:tcp(side, seq + 25 * i, 25, { ts = { stamp + i } }):tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq })
    end
    return x:tcp(side, seq, 25, { ts = { stamp } })
      :tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
  end
end

local function several(what, count, apart)
  local with = {}
  for i = 1, count do
    with[(apart or 3) * i] = what
  end
  return with
end

for _, d in ipairs({ { "c", "server", "client" }, { "s", "client", "server" } }) do
  local side, to = d[1], d[2]
  local loss, needless = "loss_to_" .. to, "resent_needlessly_to_" .. to
  local reordering, doubled = "reordering_to_" .. to, "duplicated_to_" .. to
  case(loss, "3 of 300 (1 %)", { severity = "error", side = "network", confidence = "high" }, function()
    return stream(new():hs(BOTH_SACK), side, 297, several(lose(side), 3))
  end)
  case(loss, "2 of 200: an error needs three", { severity = "warning", side = "network", confidence = "medium" },
    function()
      return stream(hs(), side, 200, several(lose(side), 2))
    end)
  case(loss, "1 of 1,100 (under 0.1 %)", { severity = "info", side = "network" }, function()
    return stream(hs(), side, 1100, several(lose(side), 1))
  end)
  case(loss, "in a capture that lacks most of the data", { severity = "info", confidence = "low" }, function()
    local x = hs()
    for i = 0, 3 do
      local seq = (side == "c" and 1001 or 5001) + 10000 * i
      x:after(SECOND):tcp(side, seq + 5000, 100, { ts = { 100 * i + 1, 1 } })
      x:after(SECOND):tcp(side, seq, 100, { ts = { 100 * i + 50, 1 } })
    end
    return x
  end)
  case(loss, "a FIN sent again after its time", { severity = "info", side = "network" }, function()
    local x = talk(hs())
    local seq = side == "c" and 1101 or 5101
    return x:tcp(side, seq, 0, FIN):after(400 * MS):tcp(side, seq, 0, FIN)
  end)
  case(loss, "segments that were overtaken", false, function()
    return stream(hs(), side, 300, several(swap(side, true), 3))
  end, { instead = reordering })
  case(loss, "sent again after the acknowledgement", false, function()
    return stream(hs(), side, 300, several(repeat_needlessly(side), 3))
  end, { instead = needless })
  case(loss, "a FIN that goes along with the acknowledgement of the other's (both close at once)", false, function()
    local x = talk(hs())
    x:c(1101, 0, { flags = "FA", ack = 5101 }):s(5101, 0, { flags = "FA", ack = 1101 })
    return side == "c" and x:c(1101, 0, { flags = "FA", ack = 5102 }):s(5102, 0, { ack = 1102 })
      or x:s(5101, 0, { flags = "FA", ack = 1102 }):c(1102, 0, { ack = 5102 })
  end)
  case(loss, "a FIN that was overtaken by the last acknowledgement", false, function()
    local x = talk(hs())
    x:tcp(side, (side == "c" and 1101 or 5101) + 1, 0)
    return x:tcp(side, side == "c" and 1101 or 5101, 0, FIN)
  end)
  case(loss, "keep-alive probes", false, function()
    local x = talk(hs())
    for _ = 1, 3 do
      x:after(10 * SECOND):tcp(side, (side == "c" and 1101 or 5101) - 1, 1)
      x:tcp(side == "c" and "s" or "c", side == "c" and 5101 or 1101, 0)
    end
    return x
  end, { instead = "keep_alives" })
  case(needless, "three", { severity = "warning", side = "network" }, function()
    return stream(hs(), side, 300, several(repeat_needlessly(side, true), 3))
  end)
  case(needless, "two are a remark", { severity = "info", side = "network" }, function()
    return stream(hs(), side, 300, several(repeat_needlessly(side, true), 2))
  end)
  case(reordering, "3 of 300, by their timestamps", { severity = "warning", side = "network", confidence = "high" },
    function()
      return stream(hs(), side, 300, several(overtake(side), 3, 30))
    end)
  case(reordering, "3 of 300, each overtaken by one: no sender takes it for lost",
    { severity = "info", side = "network" }, function()
      return stream(hs(), side, 300, several(swap(side, true), 3, 30))
    end)
  case(reordering, "identifications that lie close together, too few to see them run", { side = "network" }, function()
    local base = side == "c" and 1001 or 5001
    local back, ack_seq = side == "c" and "s" or "c", side == "c" and 5001 or 1001
    return hs():tcp(side, base + 100, 50, { id = 31104 }):tcp(back, ack_seq, 0, { ack = base })
      :after(320 * MS):tcp(side, base, 100, { id = 31102 }):tcp(back, ack_seq, 0, { ack = base + 150 })
  end)
  case(loss, "a later identification: sent again", { side = "network" }, function()
    local base = side == "c" and 1001 or 5001
    local back, ack_seq = side == "c" and "s" or "c", side == "c" and 5001 or 1001
    return hs():tcp(side, base + 100, 50, { id = 31104 }):tcp(back, ack_seq, 0, { ack = base })
      :after(320 * MS):tcp(side, base, 100, { id = 31105 }):tcp(back, ack_seq, 0, { ack = base + 150 })
  end)
  case(reordering, "3 of 300 within one round trip, and nothing is sent again", { severity = "info", side = "network" },
    function()
      return stream(hs(), side, 300, several(swap(side, true), 3))
    end)
  case(reordering, "2 of them are a remark", { severity = "info", side = "network" }, function()
    return stream(hs(), side, 300, several(swap(side, true), 2))
  end)
  case(reordering, "newer timestamps: sent again", false, function()
    return stream(hs(), side, 300, several(swap(side, false), 3))
  end, { instead = loss })

  local function double(x, seq)
    x:tcp(side, seq, 100, { id = seq % 60000 }):copy(nil, 100 * US)
    return x:tcp(d[3] == "client" and "s" or "c", side == "c" and 5001 or 1001, 0, { ack = seq + 100 })
  end
  local function double_with_witness(x, seq)
    x:tcp(side, seq, 100, { id = seq % 60000 }):copy(nil, 100 * US)
    return x:tcp(d[3] == "client" and "s" or "c", side == "c" and 5001 or 1001, 0,
      { ack = seq + 100, sack = { { seq, seq + 100 } } })
  end
  case(doubled, "three, and the receiver bears witness",
    { severity = "warning", side = "network", confidence = "high" },
    function()
      return stream(hs(), side, 30, several(double_with_witness, 3))
    end)
  case(doubled, "no witness: perhaps the capture",
    { severity = "info", side = "capture", confidence = "low" }, function()
    return stream(hs(), side, 30, several(double, 3))
  end)
  case(doubled, "only D-SACKs of keep-alives", { severity = "info", side = "capture" }, function()
    local x = stream(hs(), side, 30, several(double, 3))
    local back, seq = d[3] == "client" and "s" or "c", (side == "c" and 1001 or 5001) + 3000
    for _ = 1, 3 do
      x:after(10 * SECOND):tcp(side, seq - 1, 1)
      x:tcp(back, side == "c" and 5001 or 1001, 0, { ack = seq, sack = { { seq - 1, seq } } })
    end
    return x
  end)
  case(doubled, "nearly all that one side sends, by its own host's capture", false, function()
    local all = {}
    for i = 1, 30 do
      all[i] = double
    end
    local x = stream(hs(), side, 30, all)
    for i = 1, 60 do
      x:tcp(d[3] == "client" and "s" or "c", (side == "c" and 5001 or 1001) + 100 * (i - 1), 100)
    end
    return x
  end)
  case(doubled, "every packet: a mirror port", false, function()
    local all = {}
    for i = 1, 30 do
      all[i] = double
    end
    return stream(hs(), side, 30, all)
  end, { instead = "capture_mirrored" })
end

local function vanish(acknowledged)
  local x = hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  x:s(5101 + 2800, 100):c(1101, 0):s(8001, 100):c(1101, 0)
  return acknowledged and x:after(MS):c(1101, 0, { ack = 8101 }) or x
end
case("data_vanishes", "a gap that stays, asked for in vain", { severity = "error", side = "network" }, function()
  return vanish(false):after(2 * SECOND):c(1101, 0)
end)
case("data_vanishes", "a gap just before the capture ends: a repair may be under way", false, function()
  return vanish(false)
end)
case("data_vanishes", "segments as long pass", false, function()
  local x = hs():c(1001, 100):s(5001, 1400, { ack = 1101 }):c(1101, 0, { ack = 6401 })
  x:s(6401 + 1400, 1400):c(1101, 0):s(6401 + 2800, 1400):c(1101, 0)
  return x:after(2 * SECOND):c(1101, 0)
end)
-- A segment as long as the client takes passes, and nothing more; the client waits, closes, and is acknowledged under a
-- number that is so far behind.
local function told_at_the_end(waited, ahead)
  local x = new():syn({ mss = 1460 }):syn_ack({ mss = 1460 }):c_ack(5001):c(1001, 100):s(5001, 1460, { ack = 1101 })
  x:c(1101, 0, { ack = 6461 }):after(waited):c(1101, 0, { flags = "FA", ack = 6461 })
  return x:after(20 * MS):s(6461 + ahead, 0, { ack = 1102 })
end
case("data_vanishes", "the number with which a server acknowledges that a client gave up",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return told_at_the_end(5 * SECOND, 14600)
  end)
case("data_vanishes", "... the client has not waited", false, function()
  return told_at_the_end(SECOND, 14600)
end)
case("data_vanishes", "... the number is one segment ahead", false, function()
  return told_at_the_end(5 * SECOND, 1460)
end)
-- The first segment of an answer comes after ten seconds, and of the rest the last one only: the client asks for what
-- lies between until it gives up.
local function asked_to_the_end(waited)
  local x = new({ win = 60000, server_port = 3306 }):syn({ mss = 1460 }):syn_ack({ mss = 1460 }):c_ack(5001)
  x:c(1001, 100):s(5001, 0, { ack = 1101 }):after(10 * SECOND):s(5001, 1460):c(1101, 0, { ack = 6461 })
  x:after(20 * MS):s(20001, 1460):c(1101, 0, { ack = 6461 })
  return x:after(waited):c(1101, 0, { flags = "FA", ack = 6461 }):after(20 * MS):s(21461, 0, { ack = 1102 })
end
case("data_vanishes", "a gap that is asked for until the client gives up",
  { severity = "warning", side = "network", confidence = "low" }, function()
    return asked_to_the_end(4 * SECOND)
  end)
case("data_vanishes", "... which it does at once", false, function()
  return asked_to_the_end(SECOND)
end)
case("slow_server", "the rest of a late answer has vanished", { severity = "info", confidence = "low" }, function()
  return asked_to_the_end(4 * SECOND)
end)
case("slow_server", "... or was not waited for", { side = "server", confidence = "medium" }, function()
  return asked_to_the_end(SECOND)
end)
case("data_vanishes", "a gap that is acknowledged: the capture's own", false, function()
  return vanish(true)
end, { instead = "capture_gaps" })

-- The first 1400 bytes of the first answer are missing, and its end was captured.
local function begins_late(acknowledged)
  local x = hs({ sack = true }):c(1001, 100):s(6401, 320, { ack = 1101 })
  x:c(1101, 0, { ack = acknowledged and 6721 or 5001 }):after(2 * SECOND):c(1101, 0, FIN)
  return x:s(6721, 0, { ack = 1102 })
end
case("data_vanishes", "the beginning of the first answer", { severity = "error", side = "network" }, function()
  return begins_late(false)
end, { never = { "capture_gaps" } })
case("data_vanishes", "the beginning of the first answer, acknowledged all the same", false, function()
  return begins_late(true)
end, { instead = "capture_gaps" })

-- No answer comes; what acknowledges the client's FIN is numbered behind so many bytes of one.
local function told_by_the_last(bytes, wait)
  local x = hs():c(1001, 100):after(MS):s(5001, 0, { ack = 1101 }):after(wait):c(1101, 0, FIN)
  return x:after(MS):s(5001 + bytes, 0, { ack = 1102 })
end
case("data_vanishes", "a whole answer, as the last acknowledgement tells", { severity = "error", side = "network" },
  function()
    return told_by_the_last(14000, 8 * SECOND)
  end)
case("data_vanishes", "a whole answer, when the client has hardly waited", false, function()
  return told_by_the_last(14000, 500 * MS)
end)
case("data_vanishes", "a short answer, that may have been sent just then", false, function()
  return told_by_the_last(300, 8 * SECOND)
end)
case("data_vanishes", "the number of the last acknowledgement tells of nothing", false, function()
  return told_by_the_last(0, 8 * SECOND)
end)

case("path_mtu_told", "fragmentation needed", { severity = "info", side = "network" }, function()
  return clean(hs():c(1001, 1400):icmp(4, { type = 3, code = 4, mtu = 1280 }))
end)
case("path_mtu_told", "another ICMP error", false, function()
  return clean():icmp(1, { type = 11, code = 0 })
end)
case("long_path", "150 ms", { severity = "info", side = "network" }, function()
  return clean(new():hs({ step = 75 * MS }))
end)
case("long_path", "148 ms", false, function()
  return clean(new():hs({ step = 74 * MS }))
end)

-- The last step comes 'late', the acknowledgements of the data that follows as soon as 'way'.
local function late_step(late, way)
  local x = new():syn():after(MS):syn_ack():after(late * MS):c_ack(5001)
  for i = 0, 2 do
    x:after(MS):c(1001 + 100 * i, 100, { ack = 5001 + 100 * i })
    x:after(MS):s(5001 + 100 * i, 100, { ack = 1101 + 100 * i })
    x:after(way * MS):c(1101 + 100 * i, 0, { ack = 5101 + 100 * i })
  end
  return x
end
case("long_path", "one step of the handshake that is late", false, function()
  return late_step(300, 147)
end)
case("long_path", "an acknowledgement each takes half as long", { severity = "info", side = "network" }, function()
  return late_step(300, 150)
end)

-- Round trips of 10 ms, then longer ones.
local function round_trips(long)
  local x, seq = hs(), 1001
  for i = 1, 20 do
    x:after(MS):c(seq, 100):after((i <= 4 and 10 or long) * MS):s_ack(seq + 100)
    seq = seq + 100
  end
  return x
end
case("queueing", "from 10 to 100 ms", { severity = "info", side = "network" }, function()
  return round_trips(102)
end)
case("queueing", "from 10 to 95 ms", false, function()
  return round_trips(95)
end)

-- A long segment and a short one behind it; the long one is sent again and again, and 'heard' says whether the
-- short one is answered.
local function long_and_short(heard, short)
  local x = hs():c(1001, 41):s_ack(1042):s(5001, 39, { ack = 1042 }):after(20 * MS):c(1042, 0, { ack = 5040 })
  x:c(1042, 1440):c(2482, short or 528)
  if heard then
    x:after(20 * MS):s(5040, 0, { ack = 1042 })
  end
  for i = 1, 5 do
    x:after(300 * MS * 2 ^ i):c(1042, 1440)
  end
  return x
end
case("mtu_black_hole_to_server", "a short segment behind the long one is answered", { severity = "error" }, function()
  return long_and_short(true)
end)
for _, short in ipairs({ 528, 1104 }) do
  case("mtu_black_hole_to_server", short .. " bytes behind the long one are not answered either", false, function()
    return long_and_short(false, short)
  end, { instead = "peer_gone" })
end

-- A flight of long segments 'after' the server was heard of; nothing answers, and the first is sent again twice.
local function flight(count, len, after, short)
  local x = hs():c(1001, 200):s_ack(1201):s(5001, 300, { ack = 1201 }):after(MS):c(1201, 0, { ack = 5301 })
  x:after(after * MS)
  for i = 0, count - 1 do
    x:c(1201 + i * len, len)
  end
  if short then
    x:c(1201 + count * len, short)
  end
  return x:after(1000 * MS):c(1201, len):after(2000 * MS):c(1201, len)
end
case("mtu_black_hole_to_server", "not one of a flight is answered",
  { severity = "warning", side = "network", confidence = "medium" }, function()
    return flight(10, 1448, 3)
  end, { never = { "peer_gone" } })
case("mtu_black_hole_to_server", "three segments, which chance may take", false, function()
  return flight(3, 1448, 3)
end)
case("mtu_black_hole_to_server", "a short segment of the flight is not answered either", false, function()
  return flight(9, 1448, 3, 1104)
end)
case("mtu_black_hole_to_server", "a flight that passes any link", false, function()
  return flight(10, 1100, 3)
end)
case("mtu_black_hole_to_server", "the server was not heard of for two seconds", false, function()
  return flight(10, 1448, 2000)
end)

case("data_vanishes", "segments as long pass on another connection",
  { severity = "warning", confidence = "low" }, function()
  local x = hs({ c = { mss = 1460 } }):c(1001, 100):s(5001, 1448, { ack = 1101 }):c(1101, 0, { ack = 6449 })
  talk(pieces.next_client(x, 1):hs({ c = { mss = 1460 } }))
  x:s(5101 + 2800, 100):c(1101, 0):s(8001, 100):c(1101, 0)
  return x:after(2 * SECOND):c(1101, 0)
end)

-- A stream picked up midway: one segment comes twice, 'ms' apart, and is acknowledged then.
local function twice_midway(ms)
  return new():s(5001, 16, { ack = 1001, id = 7 }):after(ms * MS):s(5001, 16, { ack = 1001, id = 8 }):after(400 * US)
    :c(1001, 0, { ack = 5017 })
end
case("loss_to_client", "sent again while the acknowledgement may be delayed, midway", { severity = "info" }, function()
  return twice_midway(100)
end)
case("loss_to_client", "sent again after that", { severity = "warning", side = "network" }, function()
  return twice_midway(900)
end)
