-- Cases of what a capture that lacks something must not say: its beginning, packets in the middle, acknowledgements,
-- the order of its packets; and of a question that names the wrong end.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local new, hs, talk, hs_beside = pieces.new, pieces.hs, pieces.talk, pieces.hs_beside
local next_client = pieces.next_client
local RST, FIN = pieces.RST, pieces.FIN

-- ------------------------------------------------------- windows that nobody has seen open

-- The server's window is closed for two seconds; 'open': it was open before.
local function shut(x, open)
  if open then
    x:s_ack(1101)
  end
  x:c(1101, 100, { ack = 5001 }):s_ack(1101, { win = 0 }):after(2 * SECOND):s_ack(1101)
  return x:c(1101, 100, { ack = 5001 }):s_ack(1201)
end
case("server_not_reading", "a window that is closed when the capture begins",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return shut(new())
  end)
case("server_not_reading", "a window that closes behind the beginning of the capture",
  { severity = "error", side = "server", confidence = "high" }, function()
    return shut(new(), true)
  end)

-- ------------------------------------------------------- how long a side was silent that was not captured before

case("request_crossed_close", "the server's FIN is the first that is captured of it",
  { severity = "warning", side = "server", confidence = "medium" }, function()
    return new():c(1001, 400):after(500 * US):s(5001, 0, FIN):c(1401, 0, { ack = 5002 }):after(20 * MS):s(5002, 0, RST)
  end, { check = function(result)
    for _, finding in ipairs(result.analysis.findings) do
      assert(not finding.text:find("silence", 1, true), finding.text)
    end
  end })

-- ------------------------------------------------------- was there no data, or is it not in the capture?

case("reset_without_data", "numbers tell of data that is not in the capture", false, function()
  return hs_beside("server"):after(SECOND):s(5101, 0, { ack = 1101 }):after(SECOND)
    :s(5101, 0, { flags = "RA", ack = 1101 })
end, { instead = "reset_untold" })
case("reset_without_data", "the numbers of the handshake, and no data",
  { severity = "warning", side = "server", confidence = "high" }, function()
    return hs_beside("server"):after(SECOND):s(5001, 0, { ack = 1001 }):after(SECOND)
      :s(5001, 0, { flags = "RA", ack = 1001 })
  end)
case("reset_without_data", "the capture begins with the last words", false, function()
  return new():c(1501, 0, { ack = 5501 }):s(5501, 0, { ack = 1501 }):after(100 * MS)
    :s(5501, 0, { flags = "RA", ack = 1501 })
end, { instead = "reset_untold" })

-- ------------------------------------------------------- a probe that found nobody

-- Idle for ten seconds, then so many of the server's probes, then its reset.
local function probed(n)
  local x = talk(hs_beside("server")):after(10 * SECOND)
  for _ = 1, n do
    x:s(5100, 0, { ack = 1101 }):after(SECOND)
  end
  return x:s(5101, 0, { flags = "RA", ack = 1101 })
end
case("reset_idle", "behind a probe that was not answered",
  { severity = "warning", side = "server", confidence = "medium" }, function()
    return probed(1)
  end)
case("reset_idle", "without one", { severity = "warning", side = "server", confidence = "high" }, function()
  return probed(0)
end)

-- ------------------------------------------------------- packets that the capture has missed

-- The server resets amid the client's data, beside the server; elsewhere bytes are missing in the capture, or are not.
local function aborts(missing)
  local x = hs_beside("server")
  for i = 0, 9 do
    x:c(1001 + 1000 * i, 1000)
  end
  x:s(5001, 0, { ack = 11001 })
  if not missing then
    x:c(11001, 100)
  end
  return x:s(5001, 0, { ack = 11101 }):c(11101, 1000):after(20 * US):s(5001, 0, { flags = "RA", ack = 11101 })
end
case("reset_mid_data", "in a capture that misses a packet",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return aborts(true)
  end)
case("reset_mid_data", "in one that misses none", { severity = "error", side = "server", confidence = "high" },
  function()
    return aborts(false)
  end)

-- Three segments of twelve are lost behind the capture and sent again; the acknowledgements are in it, or a filter has
-- left them out.
local function lost_three(acks)
  local x = new():hs({ c = { sack_ok = true }, s = { sack_ok = true } })
  for i = 0, 11 do
    x:c(1001 + 100 * i, 100)
    if i % 4 == 3 then
      x:after(300 * MS):c(1001 + 100 * i, 100)
    end
    if acks then
      x:s(5001, 0, { ack = 1101 + 100 * i })
    end
  end
  return x:s(5001, 50, { ack = 2201 }):c(2201, 0, { ack = 5051 })
end
case("loss_to_server", "a filter has left out what carries no data", { confidence = "medium" }, function()
  return lost_three(false)
end)
case("loss_to_server", "with the acknowledgements", { severity = "error", confidence = "high" }, function()
  return lost_three(true)
end)

-- ------------------------------------------------------- packets in another order than their times

-- Flights of which the first segment stands behind three others; 'back': so does its time.
local function overtaken(back)
  local x = hs()
  for i = 0, 29 do
    local seq = 5001 + 1000 * i
    if i % 3 == 0 then
      for n = 1, 3 do
        x:s(seq + 250 * n, 250, { ts = { 100 * i + 2, 1 } }):c(1001, 0, { ack = seq })
      end
      -- 7 ms back: before the three, each of which was acknowledged 1 ms later
      x:s(seq, 250, { ts = { 100 * i + 1, 1 }, at = back and x.now - 7 * MS or nil })
    else
      x:s(seq, 1000, { ts = { 100 * i + 2, 1 } })
    end
    x:after(20 * MS):c(1001, 0, { ack = seq + 1000 })
  end
  return x
end
case("reordering_to_client", "where time runs backwards as often", { severity = "info", confidence = "low" }, function()
  return overtaken(true)
end)
case("reordering_to_client", "where it does not", { severity = "warning", confidence = "high" }, function()
  return overtaken(false)
end)

-- ------------------------------------------------------- asked about the end that opens

-- The host that is asked about opens, asks, and is answered after a second each time; then it resets.
local function reversed(reset)
  local x = new():tcp("s", 5000, 0, { flags = "S" }):after(MS):tcp("c", 1000, 0, { flags = "SA", ack = 5001 })
  x:s(5001, 0, { ack = 1001 })
  for i = 0, 4 do
    x:s(5001 + 100 * i, 100, { ack = 1001 + 500 * i }):after(MS):c(1001 + 500 * i, 500, { ack = 5101 + 100 * i })
    x:s(5101 + 100 * i, 0, { ack = 1501 + 500 * i }):after(SECOND)
  end
  return reset and x:s(5501, 0, { flags = "RA", ack = 3501 }) or x
end
case("slow_server", "who pauses between its questions", false, function()
  return reversed()
end, { instead = "server_opens" })
case("reset_before_answer", "who opened had its answer, perhaps", { severity = "warning", confidence = "low" },
  function()
    return reversed(true)
  end)

-- Twelve connections that the host opened itself, from as many ports, and reset at once.
case("port_scan", "ports that the host has opened itself", false, function()
  local x = new()
  for i = 1, 12 do
    next_client(x, 0, ("198.51.100.%d"):format(i))
    x.sides.s.port = 50000 + i
    x:tcp("s", 5000, 0, { flags = "S" }):after(MS):tcp("c", 1000, 0, { flags = "SA", ack = 5001 })
    x:s(5001, 0, { ack = 1001 }):s(5001, 0, RST)
  end
  return x
end, { port = false, instead = "server_opens" })

-- ------------------------------------------------------- a client of many ports of which only one side is there

-- Twelve other ports, then the asked one; of the server nothing was captured.
local function half_seen(len)
  local x = new()
  local mine = x.sides.s.port
  for i = 1, 12 do
    x.sides.s.port = 20 + i
    x:syn({ ttl = 64 })
  end
  x.sides.s.port = mine
  x:syn():c(1001, 0, { ack = 5001 })
  return len and x:c(1001, len, { ack = 5001 }) or x
end
case("port_scan", "nothing of the server was captured, and the client speaks", { confidence = "low" }, function()
  return half_seen(100)
end)
case("port_scan", "nothing of the server was captured, and the client says nothing",
  { severity = "warning", confidence = "medium" }, function()
    return half_seen()
  end)

-- ------------------------------------------------------- a client of many ports, and a capture that ends early

-- The asked port is open; the client uses nothing of it before the capture ends, or resets it.
local function opened_last(reset)
  local x = new()
  local mine = x.sides.s.port
  for i = 1, 12 do
    x.sides.s.port = 20 + i
    x:syn({ ttl = 64 })
  end
  x.sides.s.port = mine
  x:hs()
  return reset and x:c(1001, 0, RST) or x
end
case("port_scan", "what opened may be used after the end of the capture",
  { severity = "warning", confidence = "medium" }, function()
    return opened_last()
  end)
case("port_scan", "what opened was reset", { severity = "warning", confidence = "high" }, function()
  return opened_last(true)
end)

-- ------------------------------------------------------- waits for acknowledgements, where the way is not known

-- Five times a second small piece leaves with the acknowledgement of the first, 85 ms later.
local function waits(x)
  local t = pieces.converse(x)
  for _ = 1, 5 do
    t:say("c", 20, 120):hear("s", 85):say("c", 0.5, 60):say("s", 1, 200):hear("c", 1)
  end
  return t.x
end
case("client_waits_for_ack", "of which only the middle is captured", { confidence = "medium" }, function()
  return waits(new())
end)
case("client_waits_for_ack", "with the handshake", { confidence = "high" }, function()
  return waits(hs({ step = MS }))
end)

-- ------------------------------------------------------- last words that cross the server's close

-- After five seconds the client says so much, as the server closes.
local function last_words(len)
  local t = pieces.converse(new():hs({ step = 20 * MS }))
  t:say("c", 1, 400):say("s", 20, 200):hear("c", 1)
  t.x:after(5 * SECOND):c(t.c, len, { ack = t.s }):after(MS):s(t.s, 0, { flags = "FA", ack = t.c })
  return t.x:after(20 * MS):s(t.s + 1, 0, RST)
end
case("request_crossed_close", "as few bytes as no request here", { severity = "warning", confidence = "low" },
  function()
    return last_words(24)
  end)
case("request_crossed_close", "as many as the requests", { severity = "warning", confidence = "high" }, function()
  return last_words(390)
end)

-- ------------------------------------------------------- signs of another sender that rest on the order of packets

-- The server resets, its packet before stands behind that; 'back': by its time it came before.
local function reset_then(back)
  local x = hs():c(1001, 100):s(5001, 0, { ack = 1101 })
  x:s(5201, 0, { flags = "RA", ack = 1101 })
  return x:s(5001, 200, { ack = 1101, at = back and x.now - 500 * US or nil }):s(5201, 100, { ack = 1101 })
end
case("reset_not_by_endpoint", "where time runs backwards", { severity = "info", confidence = "low" }, function()
  return reset_then(true)
end)
case("reset_not_by_endpoint", "where it does not", { severity = "error", confidence = "medium" }, function()
  return reset_then(false)
end)

-- ------------------------------------------------------- a hole of which the acknowledgements were left out

-- Long segments that go out again and again, while short ones pass; of the client only data is there, or its
-- acknowledgements too.
local function hole(acks)
  local x = new():syn():after(MS):syn_ack()
  if acks then
    x:after(MS):c_ack(5001)
  end
  x:c(1001, 100):s(5001, 100, { ack = 1101 })
  if acks then
    x:c(1101, 0, { ack = 5101 })
  end
  x:c(1101, 100, { ack = 5101 })
  for i = 0, 11 do
    x:s(5101 + 1400 * i, 1400, { ack = 1201 })
  end
  for i = 1, 4 do
    x:after(i * SECOND):s(5101, 1400, { ack = 1201 })
  end
  return x
end
case("mtu_black_hole_to_client", "the acknowledgements were left out", { severity = "error", confidence = "medium" },
  function()
    return hole(false)
  end)
case("mtu_black_hole_to_client", "they are there", { severity = "error", confidence = "high" }, function()
  return hole(true)
end)
