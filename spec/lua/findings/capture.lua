-- Cases of the rules about the capture itself.

local pieces = ...
local case, hs, clean, new, talk = pieces.case, pieces.hs, pieces.clean, pieces.new, pieces.talk
local MS, SECOND, US = pieces.MS, pieces.SECOND, pieces.US

case("capture_no_time", "some packets in Simple Packet Blocks", { severity = "info", side = "capture" }, function()
  local x = hs():timeless():c(1001, 100):s(5001, 100, { ack = 1101 }):timeless():c(1101, 0, { ack = 5101 })
  return x:c(1101, 0, { flags = "FA" }):timeless():s(5101, 0, { flags = "FA", ack = 1102 })
end)
case("capture_no_time", "a journal's entry is no packet", false, function()
  return clean():block(9, "__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=x\n")
end)
-- A talk through GTP-U; some packets have 'spare' bytes behind them.
local function in_gtp(spare, o)
  local x = new(o):syn({ gtp = 0 }):syn_ack({ gtp = 0 }):c_ack(5001, { gtp = 0 })
  x:c(1001, 100, { gtp = 0 }):s(5001, 100, { ack = 1101, gtp = spare }):c(1101, 0, { ack = 5101, gtp = 0 })
  return x:c(1101, 0, { flags = "FA", gtp = 0 }):s(5101, 0, { flags = "FA", ack = 1102, gtp = spare })
end
case("capture_inner_lengths", "bytes behind the packets in GTP-U", { severity = "info", side = "capture" }, function()
  return in_gtp(2)
end)
case("capture_inner_lengths", "packets that fill their tunnel", false, function()
  return in_gtp(0)
end)
case("capture_inner_lengths", "IPv6 packets that fill their tunnel", false, function()
  return in_gtp(0, { client = "2001:db8::1", server = "2001:db8::2" })
end)
case("capture_time_runs_back", "packets without a time do not run back", false, function()
  return hs():timeless():c(1001, 100):timeless():s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 }):timeless()
end)

-- Each packet twice, the second time 'ns' later, without an identification: 'o' says what is odd.
local function doubled(x, times, o)
  local t = 100
  local function both(side, seq, len, more)
    t = t + 1
    more.ts, more.ttl = { t, t - 1 }, 64
    x:tcp(side, seq, len, more)
    for i = 2, times do
      x:after(o.ns or US)
      more.ttl = 64 - (o.fall or 0) * (i - 1)
      x:tcp(side, seq, len, more)
    end
    x:after(5 * MS)
  end
  both("c", 1000, 0, { flags = "S", mss = 1460 })
  both("s", 5000, 0, { flags = "SA", mss = 1460 })
  both("c", 1001, 0, { ack = 5001 })
  for i = 0, 9 do
    both("c", 1001 + 100 * i, 100, {})
    both("s", 5001 + 1000 * i, 1000, { ack = 1101 + 100 * i })
    both("c", 1101 + 100 * i, 0, { ack = 6001 + 1000 * i })
  end
  return x
end
for _, family in ipairs({ { "IPv4 with identification 0" }, { "IPv6", "2001:db8::1", "2001:db8::2" } }) do
  case("capture_mirrored", "two points of the path, " .. family[1], { side = "capture" }, function()
    return doubled(new({ win = 60000, client = family[2], server = family[3] }), 2, { fall = 7, ns = 2 * MS })
  end)
  case("loss_to_client", "two points of the path, " .. family[1], false, function()
    return doubled(new({ win = 60000, client = family[2], server = family[3] }), 2, { fall = 7, ns = 2 * MS })
  end)
end
case("capture_mirrored", "each packet three times", {
  text = "66 of 99 segments (67 %) are copies of one before: each packet was captured 3 times (a mirror port, several "
    .. "interfaces or points, records written twice). Wireshark counts them as retransmissions and duplicate "
    .. "acknowledgements; the verdicts here leave them out.",
}, function()
  return doubled(new(), 3, {})
end)
-- A download beside the client, each segment of which comes twice; the client reports so many (D-SACK).
local function comes_twice(reported)
  local x = hs({ c = { sack_ok = true }, s = { sack_ok = true } }):c(1001, 100)
  for i = 0, 9 do
    local s = 5001 + 1000 * i
    x:after(5 * MS):s(s, 1000, { ack = 1101, id = 100 + i }):copy(nil, 200 * US)
    x:c(1101, 0, { ack = s + 1000, id = 10 + 2 * i })
    if i < reported then
      x:c(1101, 0, { ack = s + 1000, id = 11 + 2 * i, sack = { { s, s + 1000 } } })
    end
  end
  return x
end
case("duplicated_to_client", "the client reports that each came twice",
  { severity = "warning", side = "network", confidence = "high" }, function()
  return comes_twice(10)
end, { never = { "capture_mirrored" } })
case("capture_mirrored", "the client says nothing of it", { side = "capture", confidence = "high" }, function()
  return comes_twice(0)
end, { never = { "duplicated_to_client" } })
case("capture_mirrored", "the client reports two of them", { side = "capture", confidence = "medium" }, function()
  return comes_twice(2)
end)
-- Each acknowledgement of the client's is there twice, its data once.
local function acknowledged_twice(o)
  local x = hs({ c = { id = 0, ts = { 1, 0 } } })
  for i = 0, 9 do
    x:after(MS):c(1001 + 20 * i, 20, { id = 0, ts = { 10 + i, 0 } })
    if o.data then
      x:copy(nil, 50 * US)
    end
    x:after(MS):s(5001 + 50 * i, 50, { ack = 1021 + 20 * i })
    x:c(1021 + 20 * i, 0, { id = 0, ts = { 11 + i, 0 }, ack = 5051 + 50 * i }):copy(nil, 50 * US)
  end
  return x
end
case("capture_mirrored", "acknowledgements sent twice, without identification", false, function()
  return acknowledged_twice({})
end)
case("capture_mirrored", "the same with its data", { severity = "warning", side = "capture" }, function()
  return acknowledged_twice({ data = true })
end)
-- A talk over IPv6, all of it once more 10 ms later, behind so many routers more; with timestamps, which move on by
-- 'again' for what comes once more.
local function further_on(routers, again)
  local function ts(n)
    return again and { 1000 + n, 500 } or nil
  end
  local x = new({ win = 60000, client = "2001:db8::1", server = "2001:db8::2" }):syn():after(20 * MS):syn_ack()
  x:after(20 * MS):c_ack(5001)
  for i = 0, 5 do
    local c, s = 1001 + 100 * i, 5001 + 100 * i
    local first, second = ts(100 * i), ts(100 * i + (again or 0))
    x:after(50 * MS):c(c, 100, { ack = s, ts = first })
    x:after(10 * MS):c(c, 100, { ack = s, ts = second, ttl = 64 - routers })
    x:after(10 * MS):s(s, 100, { ack = c + 100, ts = first })
    x:after(10 * MS):s(s, 100, { ack = c + 100, ts = second, ttl = 64 - routers })
    x:after(MS):c(c + 100, 0, { ack = s + 100 })
  end
  return x
end
case("capture_mirrored", "two points, without identification and timestamps", { side = "capture" }, function()
  return further_on(1)
end, { never = { "loss_to_server", "loss_to_client", "server_timer_too_short", "client_timer_too_short" } })
-- A download seen beside both: the server's segments are joined there, and those that come to the client are not.
local function joined_at_server(lost, family)
  local x = new({ win = 60000, client = family and "2001:db8::1", server = family and "2001:db8::2" })
  x:syn({ mss = 1460, id = 1 }):after(10 * MS):syn({ mss = 1460, id = 1, ttl = 62 })
  x:syn_ack({ mss = 1460, id = 0 }):after(10 * MS):syn_ack({ mss = 1460, id = 0, ttl = 62 })
  x:c(1001, 0, { ack = 5001, id = 2 }):c(1001, 100, { id = 3 }):after(10 * MS)
  x:c(1001, 0, { ack = 5001, id = 2, ttl = 62 }):c(1001, 100, { id = 3, ttl = 62 })
  for i = 0, 11 do
    local s, id = 5001 + 2920 * i, 100 + 2 * i
    local ack = { ack = s + 2920, id = 4 + i }
    x:s(s, 2920, { ack = 1101, id = id }):after(10 * MS)
    if not lost then
      x:s(s, 1460, { ack = 1101, id = id, ttl = 62 }):s(s + 1460, 1460, { ack = 1101, id = id + 1, ttl = 62 })
    elseif i < lost then
      x:after(300 * MS):s(s, 2920, { ack = 1101, id = id + 50 }):after(10 * MS)
    end
    x:c(1101, 0, ack):after(10 * MS):c(1101, 0, { ack = ack.ack, id = ack.id, ttl = 62 })
  end
  return x
end
case("loss_to_client", "two points, one of them with joined segments", false, function()
  return joined_at_server()
end, { instead = "capture_mirrored", check = function(result)
  local text = result.analysis.findings[1].text
  assert(text:find("and the data of the server too, in pieces of other lengths", 1, true), text)
end })
case("loss_to_client", "two points, one of them with joined segments, over IPv6", false, function()
  return joined_at_server(nil, 6)
end, { instead = "capture_mirrored" })
-- The same seen at three interfaces of a router, which cuts joined segments as they leave it, at once.
local function cut_on_the_way(ttl)
  local x = new({ win = 60000 })
  local function all(send, id)
    for i = 1, 3 do
      send({ mss = 1460, id = id, ttl = i > 1 and ttl or nil })
      x:after(5 * US)
    end
    x:after(5 * MS)
  end
  all(function(o) x:syn(o) end, 1)
  all(function(o) x:syn_ack(o) end, 9)
  all(function(o) x:c(1001, 0, { ack = 5001, id = o.id, ttl = o.ttl }) end, 2)
  all(function(o) x:c(1001, 100, { id = o.id, ttl = o.ttl }) end, 3)
  for i = 0, 9 do
    local s, id = 5001 + 2920 * i, 100 + 2 * i
    for _ = 1, 2 do
      x:s(s, 2920, { ack = 1101, id = id }):after(5 * US)
    end
    x:s(s, 1460, { ack = 1101, id = id, ttl = ttl }):s(s + 1460, 1460, { ack = 1101, id = id + 1, ttl = ttl })
    x:after(5 * MS)
    all(function(o) x:c(1101, 0, { ack = s + 2920, id = o.id, ttl = o.ttl }) end, 4 + i)
  end
  return x
end
case("loss_to_client", "three interfaces of a router that cuts joined segments", false, function()
  return cut_on_the_way(63)
end, { instead = "capture_mirrored" })
-- A download seen beside the server, where segments are joined, and near the client, so many ms away: the clock is the
-- sender's.
local function seen_twice(far)
  local x, events, id = new({ win = 60000 }), {}, 20
  local function at(ms, send)
    events[#events + 1] = { ms = ms, n = #events, send = send }
  end
  local function clock(ms)
    return math.floor(ms) + 1000
  end
  local function client(ms, kind, seq, len, ack)
    id = id + 1
    local o = { mss = 1460, sack_ok = kind == "syn", ts = { clock(ms), kind == "syn" and 0 or 1 }, id = id, ack = ack }
    local function send(ttl)
      o.ttl = ttl
      return kind == "syn" and x:syn(o) or x:c(seq, len, o)
    end
    at(ms, function() send(63) end)
    at(ms + far, function() send(62) end)
  end
  client(0, "syn")
  local syn_ack = { mss = 1460, sack_ok = true, ts = { clock(far), clock(0) }, id = 0 }
  at(far, function() x:syn_ack(syn_ack) end)
  at(2 * far, function() syn_ack.ttl = 61 x:syn_ack(syn_ack) end)
  client(2 * far, "ack", 1001, 0, 5001)
  client(2 * far + 0.1, "ask", 1001, 100, 5001)
  for round = 0, 3 do
    for i = 0, 5 do
      local n, ms = 6 * round + i, 2 * far + 22 + (2 * far + 5) * round + 3 * i
      local s, number = 5001 + 2896 * n, 100 + 2 * n
      at(ms, function() x:s(s, 2896, { ack = 1101, id = number, ts = { clock(ms), 1 } }) end)
      for half = 0, 1 do
        at(ms + far + 2 + half / 10, function()
          x:s(s + 1448 * half, 1448, { ack = 1101, id = number + half, ttl = 61, ts = { clock(ms), 1 } })
        end)
        client(ms + far + 2.05 + half / 10, "ack", 1101, 0, s + 1448 * (half + 1))
      end
    end
  end
  table.sort(events, function(a, b)
    return a.ms < b.ms or a.ms == b.ms and a.n < b.n
  end)
  local now = 0
  for _, e in ipairs(events) do
    x:after(math.floor((e.ms - now) * MS + 0.5))
    now = e.ms
    e.send()
  end
  return x
end
for _, far in ipairs { 20, 90 } do
  case("loss_to_client", ("two points %d ms apart, one of them with joined segments"):format(far), false, function()
    return seen_twice(far)
  end, { instead = "capture_mirrored", check = function(result)
    local resent = result.server_to_client.late_segments.resent
    assert(resent == 0, resent .. " sent again")
  end })
end
case("loss_to_client", "the client's packets twice, and three of the server's sent again",
  { severity = "error", side = "network" }, function()
    return joined_at_server(3)
  end)

case("capture_mirrored", "each sent again by its host", false, function()
  return further_on(0)
end)
case("capture_mirrored", "two points, with the same timestamps", { side = "capture" }, function()
  return further_on(3, 0)
end, { never = { "loss_to_server", "loss_to_client" } })
case("capture_mirrored", "each sent again by its host, with newer timestamps, by a longer way", false, function()
  return further_on(3, 10)
end)
case("capture_mirrored", "repetitions with newer timestamps", false, function()
  local x = hs()
  for i = 0, 9 do
    x:c(1001 + 100 * i, 100, { ts = { 2 * i + 1, 1 } }):after(400 * MS)
    x:c(1001 + 100 * i, 100, { ts = { 2 * i + 2, 1 } })
    x:s(5001, 0, { ack = 1101 + 100 * i, ts = { i, 2 * i + 2 } })
  end
  return x
end)
case("capture_mirrored", "sent again within a tick of the timestamps, over IPv6", false, function()
  local x = new({ win = 60000, client = "2001:db8::1", server = "2001:db8::2" })
  x:c(1000, 0, { flags = "S", mss = 1460, ts = { 1, 0 } })
  x:after(100 * US):s(5000, 0, { flags = "SA", mss = 1460, ts = { 1, 1 } })
  x:after(100 * US):c(1001, 0, { ack = 5001, ts = { 1, 1 } })
  for i = 0, 9 do
    x:after(20 * MS):s(5001 + 100 * i, 100, { ts = { 30 + 20 * i, 1 } })
    x:after(700 * US):s(5001 + 100 * i, 100, { ts = { 30 + 20 * i, 1 } })
    x:after(100 * US):c(1001, 0, { ack = 5101 + 100 * i, ts = { 31 + 20 * i, 30 + 20 * i } })
  end
  return x
end)
case("capture_mirrored", "one side's packets only", { severity = "warning", side = "capture" }, function()
  local x = hs()
  for i = 0, 19 do
    x:c(1001 + 100 * i, 100, { id = 7 + i }):copy()
    x:s(5001 + 100 * i, 100, { ack = 1101 + 100 * i }):after(MS):s(5101 + 100 * i, 0)
  end
  return x
end)

-- A stack that says each acknowledgement four times: nothing else is there twice.
local function acks_again(data)
  local x = hs()
  for i = 0, 9 do
    x:c(1001 + 100 * i, 100, { id = 7 + i })
    if data then
      x:copy()
    end
    x:s(5001 + 100 * i, 100, { ack = 1101 + 100 * i })
    for _ = 1, 4 do
      x:after(10 * US):c(1101 + 100 * i, 0, { ack = 5101 + 100 * i, ts = { 100 + i, i } })
    end
  end
  return x
end
case("capture_mirrored", "acknowledgements said again at once", false, function()
  return acks_again()
end)
case("capture_mirrored", "acknowledgements and data", { side = "capture" }, function()
  return acks_again(true)
end)
case("capture_mirrored", "SYNs that nobody answers", {
  text = "3 of 6 segments (50 %) are copies of one before: each packet was captured twice (a mirror port, several "
    .. "interfaces or points, records written twice). Wireshark counts them as retransmissions and duplicate "
    .. "acknowledgements; the verdicts here leave them out.",
}, function()
  local x = new()
  for i = 1, 3 do
    pieces.next_client(x, i):syn({ id = i }):copy()
  end
  return x
end)

local function acked_before(ns)
  local x = hs()
  for i = 0, 9 do
    local seq = 5001 + 1000 * i
    if i % 5 == 4 then
      x:c(1001, 0, { ack = seq + 1000 }):after(ns):s(seq, 1000)
    else
      x:s(seq, 1000):c(1001, 0, { ack = seq + 1000 })
    end
  end
  return x
end
case("capture_order", "data written behind its acknowledgement", { severity = "warning", side = "capture" }, function()
  return acked_before(10 * US)
end)
case("capture_order", "data sent again although it was acknowledged", false, function()
  local x = hs()
  for i = 0, 9 do
    local seq = 5001 + 1000 * i
    x:s(seq, 1000):c(1001, 0, { ack = seq + 1000 }):after(300 * MS):s(seq, 1000)
  end
  return x
end)
-- The first that the capture has of the client is 'len' bytes that the server had acknowledged before.
local function old_bytes(len)
  return new():s(5001, 62, { ack = 1001 }):s(5063, 34, { ack = 1001 }):after(300 * MS)
    :c(1001 - len, len, { ack = 5001 })
end
case("capture_order", "a keep-alive of a connection under way", false, function()
  return old_bytes(1)
end, { instead = "keep_alives" })
case("capture_order", "more than the byte of a keep-alive", { severity = "warning" }, function()
  return old_bytes(2)
end)
-- Two taps: what the server sends stands 'early' before what it answers; the first connection's SYN is there, or not.
local function two_taps(with_syn)
  local x = new({ gap = US })
  for i = 1, 3 do
    pieces.next_client(x, i):after(MS):syn_ack()
    if with_syn then
      x:syn()
    end
    x:after(10 * MS):c_ack(5001)
    for k = 0, 4 do
      x:after(100 * MS):s(5001 + 900 * k, 900, { ack = 1301 + 300 * k })
      x:c(1001 + 300 * k, 300, { ack = 5001 + 900 * k })
      x:after(10 * MS):c(1301 + 300 * k, 0, { ack = 5901 + 900 * k })
    end
  end
  return x
end
case("capture_mid_stream", "the SYN stands behind its answer", false, function()
  return two_taps(true)
end, { instead = "capture_order" })
case("capture_mid_stream", "there is no SYN, and the order is wrong", { severity = "info" }, function()
  return two_taps(false)
end)
case("slow_server", "answers that stand before their questions", { severity = "info", confidence = "low" }, function()
  return two_taps(true)
end)

case("capture_gaps", "data written behind its acknowledgement", false, function()
  return acked_before(10 * US)
end, { instead = "capture_order" })

-- Three exchanges whose data stands in the file without a byte, or not at all.
local function without_payload(kept)
  local x = hs()
  for i = 0, 2 do
    local c, s = 1001 + 100 * i, 5001 + 900 * i
    if kept then
      x:c(c, 0, { ack = s }):s(s, 0, { ack = c + 100 })
    end
    x:c(c + 100, i == 1 and not kept and 10 or 0, { ack = s + 900 })
  end
  return pieces.close(x, 1301, 7701)
end
case("capture_without_payload", "its numbers tell of data", { severity = "warning", side = "capture" }, function()
  return without_payload(true)
end, { never = { "capture_gaps", "tiny_segments", "loss_to_client", "data_vanishes" } })
case("capture_without_payload", "some of it is there", false, function()
  return without_payload(false)
end, { instead = "capture_gaps" })
case("capture_without_payload", "nobody has sent any", false, function()
  return pieces.close(hs(), 1001, 5001)
end)

case("capture_lengths_lost", "what was captured is said to be all", { side = "capture" }, function()
  local x = hs()
  for i = 0, 9 do
    x:s(5001 + 1000 * i, 1000):c(1001, 0, { ack = 6001 + 1000 * i })
    local frame = x.frames[#x.frames - 1]
    frame.bytes, frame.wire = frame.bytes:sub(1, 96), 96
  end
  return x
end)
case("capture_lengths_lost", "a snapshot length", false, function()
  local x = hs()
  for i = 0, 9 do
    x:s(5001 + 1000 * i, 1000, { cut = 96 }):c(1001, 0, { ack = 6001 + 1000 * i })
  end
  return x
end, { instead = "capture_cut_packets" })

case("routing_loop", "one SYN with falling TTL, and a router that gives up", { severity = "error", side = "network" },
  function()
    local x = new()
    for _ = 1, 3 do
      for ttl = 60, 2, -2 do
        x:after(100 * US):syn({ id = 9, ttl = ttl })
      end
      x:icmp(#x.frames, { type = 11, code = 0 }):after(SECOND)
    end
    return x
  end)
local function data_goes_round(side, times, exceeded, id)
  local x = hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  for _ = 1, 3 do
    for i = 1, times do
      x:after(100 * US):tcp(side, side == "c" and 1101 or 5101, 300, { id = id or 9, ttl = 62 - 2 * i })
    end
    if exceeded then
      x:icmp(#x.frames, { type = 11, code = 0 })
    end
    x:after(SECOND)
  end
  return pieces.later(x, SECOND)
end
for _, side in ipairs({ "c", "s" }) do
  case("routing_loop", "data that goes round", { severity = "error", side = "network" }, function()
    return data_goes_round(side, 20, true)
  end, { never = { "capture_mirrored" } })
  case("routing_loop", "data captured in many places", false, function()
    return data_goes_round(side, 20, false)
  end)
  case("routing_loop", "data without identification", { severity = "error", side = "network" }, function()
    return data_goes_round(side, 20, true, 0)
  end, { never = { "capture_mirrored" } })
  case("routing_loop", "data without identification, captured in many places", false, function()
    return data_goes_round(side, 20, false, 0)
  end)
end
case("routing_loop", "beside the client, where only the router's word comes", { side = "network" }, function()
  return new():syn():icmp(1, { type = 11, code = 0 }):after(SECOND):syn():icmp(1, { type = 11, code = 0 })
end)
-- SYNs that pass so often, with falling TTL, and no word of a router.
local function goes_round(times, from, ids)
  local x = new()
  for try = 1, 3 do
    for i = 0, times - 1 do
      x:after(100 * US):syn({ id = ids and i or try, ttl = from - 2 * i })
    end
    x:after(SECOND)
  end
  return pieces.later(x, SECOND)
end
case("routing_loop", "the router's word was not captured", { severity = "error", side = "network" }, function()
  return goes_round(20, 60)
end, { never = { "capture_mirrored", "unanswered" } })
case("routing_loop", "four points of a path in one file", false, function()
  return goes_round(4, 60)
end, { instead = "capture_mirrored" })
case("routing_loop", "a TTL that falls, and other packets each time", false, function()
  return goes_round(20, 60, true)
end)
case("routing_loop", "few hops to go, and a router that gives up", { side = "network" }, function()
  local x = new()
  for try = 1, 3 do
    for ttl = 15, 1, -2 do
      x:after(100 * US):syn({ id = try, ttl = ttl })
    end
    x:icmp(#x.frames, { type = 11, code = 0 }):after(SECOND)
  end
  return x
end)
case("routing_loop", "a traceroute", false, function()
  local x = new()
  for ttl = 1, 3 do
    x:syn({ ttl = ttl }):icmp(#x.frames, { type = 11, code = 0 })
    pieces.next_client(x, ttl)
  end
  return x:after(2 * SECOND):syn({ ttl = 4 })
end)
case("routing_loop", "time exceeded about a connection that lives", false, function()
  return clean():icmp(1, { type = 11, code = 0 })
end)

-- Of three connections one shows that the server spoke, one is an attempt in vain, one an acknowledgement alone, to
-- which the server says something ('answered') or nothing.
local function of_three(answered)
  local x = new():syn():after(20 * MS):c_ack(5001):c(1001, 100):c(1101, 100, { ack = 5101 })
  pieces.next_client(x, 2):syn():after(SECOND):syn()
  pieces.next_client(x, 3):c(1001, 0, { ack = 5001 })
  return answered and x:after(MS):s(5001, 0, { ack = 1001 }) or x
end
local function says_of(connections)
  return { check = function(result)
    local finding = result.analysis.findings[1]
    assert(finding.evidence.counts.connections == connections, finding.text)
  end }
end
case("capture_one_sided", "nothing of the server on any of three connections", { severity = "warning" }, function()
  return of_three(false)
end, says_of(3))
case("capture_one_sided", "a packet of the server on one of three", { severity = "warning" }, function()
  return of_three(true)
end, says_of(1))
case("capture_one_sided", "one packet of a running connection", false, function()
  return new():s(5001, 1000, { ack = 1001 })
end)
case("capture_one_sided", "a dead connection: the same again and again", false, function()
  local x = new()
  for _ = 1, 5 do
    x:s(5001, 1000, { ack = 1001 }):after(SECOND)
  end
  return x
end)
case("capture_one_sided", "data in SYNs", false, function()
  return new():tcp("c", 1000, 40, { flags = "S" }):tcp("c", 1000, 20, { flags = "S" })
end)
case("capture_one_sided", "an acknowledgement that moves further than any window", false, function()
  return new():c(1001, 100, { ack = 5001 }):c(1101, 100, { ack = 5001 + 2 ^ 31 })
end)
case("capture_one_sided", "acknowledgements that move", { side = "capture" }, function()
  return new():c(1001, 0, { ack = 5001 }):c(1001, 0, { ack = 7001 }):after(1.2 * SECOND):c(1001, 0, { ack = 9001 })
end)
case("capture_one_sided", "the last acknowledgements of what came before the capture began", false, function()
  local x = new():c(1001, 0, { ack = 5001 }):c(1001, 0, { ack = 7001 }):after(20 * MS)
  x:c(1001, 0, { ack = 9001, flags = "FA" })
  return clean(pieces.next_client(x, 2):hs())
end)
case("capture_one_sided", "the same, and it goes on so", { side = "capture" }, function()
  local x = new():c(1001, 0, { ack = 5001 }):c(1001, 0, { ack = 7001 }):after(2 * SECOND):c(1001, 0, { ack = 9001 })
  return clean(pieces.next_client(x, 2):hs())
end)

case("capture_time_runs_back", "receive stamps of a card, small beside the way", { severity = "info" }, function()
  local x = talk(hs())
  for i = 0, 9 do
    x:s(5101 + 100 * i, 100):after(-100 * US):c(1101, 0, { ack = 5201 + 100 * i }):after(20 * MS)
  end
  return x
end)

-- What comes from the server is doubled on its last link, with a lower TTL; the client says that it has got it twice.
local function doubled_before(says)
  local x = new():syn():after(20 * MS):syn_ack({ ttl = 33, id = 1 }):after(20 * US):syn_ack({ ttl = 32, id = 1 })
  x:c_ack(5001)
  for i = 0, 1 do
    local from, to = 5001 + 100 * i, 5101 + 100 * i
    x:after(20 * MS):c(1001 + 100 * i, 100, { ack = from })
    x:after(20 * MS):s(from, 100, { ack = 1101 + 100 * i, ttl = 33, id = 10 + i })
    x:after(20 * US):s(from, 100, { ack = 1101 + 100 * i, ttl = 32, id = 10 + i })
    x:after(5 * MS):c(1101 + 100 * i, 0, { ack = to })
    if says then
      x:c(1101 + 100 * i, 0, { ack = to, sack = { { from, to } } })
    end
  end
  return x
end
case("capture_mirrored", "and the receiver has got it twice", false, function()
  return doubled_before(true)
end, { instead = "duplicated_to_client" })
case("capture_mirrored", "and the receiver says nothing of it", { side = "capture" }, function()
  return doubled_before(false)
end)

-- A stream picked up midway: what is captured first of the server was sent again; the client has all behind it.
local function begins_with_an_old_one(more)
  local x = new():s(5001, 1424, { ack = 1001 }):c(1001, 0, { ack = 13545 })
  if more then
    x:c(1001, 100, { ack = 13545 }):s(13545, 100, { ack = 1101 }):s(16545, 100):c(1101, 0, { ack = 16645 })
  end
  return x
end
case("capture_gaps", "the first acknowledgement covers what was sent before the capture", false, function()
  return begins_with_an_old_one()
end)
case("capture_gaps", "and a later one what is missing", { severity = "warning", side = "capture" }, function()
  return begins_with_an_old_one(true)
end)
case("capture_gaps", "an old acknowledgement of the client, behind the server's first packet", false, function()
  return new():s(5001, 279, { flags = "FPA", ack = 1009 }):c(1001, 0, { ack = 5001 }):s(5281, 0, { ack = 1009 })
end)
