-- Cases of the rules about the two ends and about the capture.

local pieces = ...
local case, MS, SECOND, new = pieces.case, pieces.MS, pieces.SECOND, pieces.new
local US = pieces.US
local hs, next_client, talk, clean = pieces.hs, pieces.next_client, pieces.talk, pieces.clean

local function zero_window(side, ms)
  local x = talk(hs())
  local c, s = 1101, 5101
  if side == "c" then
    x:s(s, 100):c(c, 0, { ack = s + 100, win = 0 }):after(ms * MS):c(c, 0, { win = 60000 })
    return x:s(s + 100, 100):c(c, 0, { ack = s + 200 })
  end
  x:c(c, 100):s(s, 0, { ack = c + 100, win = 0 }):after(ms * MS):s(s, 0, { win = 60000 })
  return x:c(c + 100, 100):s(s, 0, { ack = c + 200 })
end
for _, d in ipairs({ { "c", "client" }, { "s", "server" } }) do
  local id = d[2] .. "_not_reading"
  case(id, "a second", { severity = "error", side = d[2], confidence = "high" }, function()
    return zero_window(d[1], 1000)
  end)
  case(id, "100 ms", { severity = "warning", side = d[2] }, function()
    return zero_window(d[1], 100)
  end)
  case(id, "99 ms", { severity = "info", side = d[2] }, function()
    return zero_window(d[1], 99)
  end)
  case(id, "the window of a reset is always 0", false, function()
    return talk(hs()):tcp(d[1], d[1] == "c" and 1101 or 5101, 0, { flags = "RA", win = 0 })
  end)
end

for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local id = "limited_by_" .. d[2] .. "_window"
  local function fill(len)
    local x = new({ win = 1000 }):hs()
    return x:tcp(d[1], d[1] == "c" and 1001 or 5001, len)
  end
  case(id, "the window filled to the last byte", { severity = "info", side = d[2] }, function()
    return fill(1000)
  end)
  case(id, "a byte less", false, function()
    return fill(999)
  end)
  -- flights of ten, captured beside their sender: the first fills the window, which then holds 'room' segments
  local function flights(times, room)
    local to, from = d[1] == "c" and "s" or "c", d[1]
    local x = pieces.hs_beside(d[1] == "c" and "client" or "server", new { win = 10000 })
    local at = d[1] == "c" and 1001 or 5001
    local other = d[1] == "c" and 5001 or 1001
    for i = 1, times do
      for n = 1, 10 do
        x:after(n == 1 and MS or 20 * US):tcp(from, at, 1000, { ack = other })
        at = at + 1000
      end
      x:after(20 * MS):tcp(to, other, 0, { ack = at, win = i > 1 and room * 1000 or 10000 })
    end
    return x
  end
  case(id, "filled flight by flight, for a second and more", false, function()
    return flights(80, 10)
  end, { instead = "paced_by_small_window" })
  case(id, "filled flight by flight, for less than a second", { severity = "info", side = d[2] }, function()
    return flights(30, 10)
  end)
  case(id, "filled at first, and room in it for the rest of a transfer", false, function()
    return flights(80, 40)
  end, { instead = "paced_by_sender" })
end

case("keep_alives", "a probe and its answer", { severity = "info", side = "client" }, function()
  return talk(hs()):after(10 * SECOND):c(1100, 1):s(5101, 0)
end)
case("keep_alives", "probes into a closed window", false, function()
  return talk(hs()):c(1101, 0, { win = 0 }):after(300 * MS):s(5100, 0):c(1101, 0, { win = 0 })
end, { instead = "client_not_reading" })

-- Each packet comes twice; what is acknowledged last, and the FIN, stand side by side.
case("keep_alives", "the copy of an acknowledgement behind the FIN", false, function()
  local x = hs({ c = { ttl = 60 } })
  x:c(1001, 100, { id = 1 }):copy(nil, US):s(5001, 100, { ack = 1101, id = 1 }):copy(nil, US)
  x:after(MS):c(1101, 0, { ack = 5101, id = 2 }):after(US):c(1101, 0, { ack = 5101, flags = "FA", id = 3 })
  x:after(US):c(1101, 0, { ack = 5101, id = 2 }):after(US):c(1101, 0, { ack = 5101, flags = "FA", id = 3 })
  x:s(5101, 0, { ack = 1102, flags = "FA", id = 2 }):copy(nil, US)
  return x:c(1102, 0, { ack = 5102, id = 4 }):copy(nil, US)
end, { instead = "capture_mirrored" })

-- The window shuts, and the probes find an answer 'heard' times, then none for a minute.
local function gone_behind_window(heard)
  local x = talk(hs()):s(5101, 100, { ack = 1101 }):c(1101, 0, { ack = 5201, win = 0 })
  for _ = 1, heard do
    x:after(10 * SECOND):s(5200, 0, { ack = 1101 }):after(MS):c(1101, 0, { ack = 5201, win = 0 })
  end
  for i = 0, 6 do
    x:after(300 * 2 ^ i * MS):s(5200, 0, { ack = 1101 })
  end
  return x:after(SECOND):s(5201, 0, { flags = "R" })
end
case("client_not_reading", "and then it is gone", { severity = "info", confidence = "low" }, function()
  return gone_behind_window(0)
end)
case("peer_gone", "its window was closed", { severity = "warning", side = "client" }, function()
  return gone_behind_window(0)
end)
case("client_not_reading", "it says so for a minute, and is gone", { severity = "error" }, function()
  return gone_behind_window(6)
end)

case("tiny_segments", "50 of 64 bytes", { severity = "info", side = "client" }, function()
  local x = hs()
  for i = 0, 49 do
    x:c(1001 + 64 * i, 64):s_ack(1065 + 64 * i)
  end
  return x
end)
case("tiny_segments", "50 of 65 bytes", false, function()
  local x = hs()
  for i = 0, 49 do
    x:c(1001 + 65 * i, 65):s_ack(1066 + 65 * i)
  end
  return x
end)
case("tiny_segments", "49 of 64 bytes", false, function()
  local x = hs()
  for i = 0, 48 do
    x:c(1001 + 64 * i, 64):s_ack(1065 + 64 * i)
  end
  return x
end)

case("capture_one_sided", "only the client", { severity = "warning", side = "capture" }, function()
  return new():syn():after(20 * MS):c_ack(5001):c(1001, 100):c(1101, 100, { ack = 5101 })
end)
case("capture_one_sided", "a server that stays silent", false, function()
  return new():syn():after(SECOND):syn()
end, { instead = "unanswered" })
case("capture_one_sided", "both sides", false, clean)

case("capture_mirrored", "each packet twice", { severity = "warning", side = "capture" }, function()
  local x = new():syn({ id = 1 }):copy():after(10 * MS):syn_ack({ id = 1 }):copy():after(10 * MS)
  return x:c_ack(5001, { id = 2 }):copy():c(1001, 100, { id = 3 }):copy():s(5001, 100, { id = 2, ack = 1101 }):copy()
end)
case("capture_mirrored", "three doubled packets of many", false, function()
  local x = hs()
  for i = 0, 9 do
    x:c(1001 + 100 * i, 100, { id = 10 + i })
    if i < 3 then
      x:copy()
    end
  end
  return x
end)

case("capture_gaps", "data acknowledged and not captured", { severity = "warning", side = "capture" }, function()
  return hs():c(1001, 100):c(1201, 100):s_ack(1301)
end)
case("capture_gaps", "a keep-alive probe of a connection under way", false, function()
  return new():c(1000, 0, { ack = 5001 }):after(20 * MS):s(5001, 0, { ack = 1001 })
end)
case("capture_gaps", "data before the only segment of a side", { side = "capture" }, function()
  return new():c(1000, 0, { ack = 5001 }):after(20 * MS):s(5001, 0, { ack = 1100 })
end)
case("capture_gaps", "lost before the capture point, then sent again", false, function()
  return hs():c(1001, 100):s_ack(1101):c(1201, 100):s_ack(1101):s_ack(1101):after(30 * MS):c(1101, 100):s_ack(1301)
end, { instead = "loss_to_server" })

case("capture_incomplete", "the file is cut", { severity = "warning", side = "capture" }, clean, { cut = 30 })
case("capture_incomplete", "a limit stopped the reading", { severity = "warning", side = "capture" }, clean,
  { options = { max_packets = 5 } })
case("capture_incomplete", "whole", false, clean)

case("capture_drops", "the capturing system counts them", { severity = "warning", side = "capture" }, clean,
  { alter = function(result) result.capture.dropped_by_capture = 1 end })
local function as_many_dropped(result)
  result.capture.dropped_by_capture = result.capture.frames
end
local function downloaded(but)
  local x = hs()
  for i = 0, 19 do
    if i ~= but then
      x:s(5001 + 1000 * i, 1000, { ack = 1001 })
    end
    x:c(1001, 0, { ack = 6001 + 1000 * i })
  end
  return x
end
case("capture_drops", "half of all, and nothing of twenty segments is missing", { severity = "info" }, function()
  return downloaded()
end, { alter = as_many_dropped })
case("capture_drops", "half of all, and one of twenty is missing", { severity = "warning" }, function()
  return downloaded(7)
end, { alter = as_many_dropped })
case("capture_drops", "one of many, and nothing of twenty segments is missing", { severity = "warning" }, function()
  return downloaded()
end, { alter = function(result) result.capture.dropped_by_capture = 1 end })
case("capture_drops", "it says that there are none", false, clean,
  { alter = function(result) result.capture.dropped_by_capture = 0 end })

case("capture_time_runs_back", "one of ten", { severity = "warning", side = "capture" }, function()
  return clean():c(1102, 0, { at = 5 * MS })
end)
case("capture_time_runs_back", "two at the same time", false, function()
  return hs():c(1001, 100, { at = 30 * MS }):s_ack(1101, { at = 30 * MS })
end)

case("capture_undecoded", "a frame cut within the IP header", { severity = "info", side = "capture" }, function()
  return clean():c(1102, 0, { cut = 20 })
end)
case("capture_undecoded", "a frame cut behind the TCP header", false, function()
  return hs():c(1001, 100, { cut_tcp = 20 }):s_ack(1101)
end, { instead = "capture_cut_packets" })

case("capture_bounds", "the connection table was full", { severity = "warning", side = "capture" }, function()
  return clean(next_client(clean(), 1):hs())
end, { options = { max_connections = 1 } })
case("capture_bounds", "there was no memory for more", { severity = "warning", side = "capture",
  text = "No memory was left for more connections: 9 segments of further ones are counted, not analysed (one server, a "
    .. "filter, or smaller pieces of the capture take less)." }, function()
  return clean(next_client(clean(), 1):hs())
end, { options = { max_connections = 1 }, alter = function(result) result.capture.short_of_memory = true end })
case("capture_bounds", "it was not", false, function()
  return clean(next_client(clean(), 1):hs())
end, { options = { max_connections = 2 } })

case("capture_mid_stream", "no handshake", { severity = "info", side = "capture" }, function()
  return talk(new())
end)
case("capture_mid_stream", "a handshake without its last step", false, function()
  return new():syn():after(MS):syn_ack()
end)

case("capture_offload", "longer than the other side's MSS", { severity = "info", side = "capture" }, function()
  return new():hs({ c = { mss = 1460 }, s = { mss = 1460 } }):c(1001, 2920):s_ack(3921)
end)
case("capture_offload", "as long as the MSS", false, function()
  return new():hs({ c = { mss = 1460 }, s = { mss = 1460 } }):c(1001, 1460):s_ack(2461)
end)

case("capture_cut_packets", "a snapshot length", { severity = "info", side = "capture" }, function()
  return hs():c(1001, 100, { cut_tcp = 20 }):s_ack(1101)
end)
case("capture_cut_packets", "none", false, clean)

-- --------------------------------------------- by the other side, and as remarks

case("keep_alives", "the server's", { severity = "info", side = "server" }, function()
  return talk(hs()):after(10 * SECOND):s(5100, 1):c(1101, 0):after(10 * SECOND):s(5100, 1):c(1101, 0)
end)
case("tiny_segments", "the server's", { severity = "info", side = "server" }, function()
  local x = hs()
  for i = 0, 49 do
    x:s(5001 + 10 * i, 10):c(1001, 0, { ack = 5011 + 10 * i })
  end
  return x
end)
case("capture_gaps", "a byte in ten thousand", { severity = "info", side = "capture" }, function()
  local x = hs()
  for i = 0, 9 do
    x:c(1001 + 1000 * i, 1000):s_ack(2001 + 1000 * i)
  end
  return x:c(11002, 1000):s_ack(12002)
end)
case("capture_time_runs_back", "one of 103", { severity = "info", side = "capture" }, function()
  local x = hs()
  for i = 0, 98 do
    x:c(1001 + 100 * i, 100)
  end
  return x:c(10901, 100, { at = 5 * MS })
end)
case("capture_undecoded", "half of all frames", { severity = "warning", side = "capture" }, function()
  return new():c(1001, 0):c(1001, 0, { cut = 20 })
end)

-- A question in a connection under way, and 5 s later a segment of the server that acknowledges 'acked' bytes of it.
local function asked_under_way(acked)
  local x = pieces.queries():c(1001, 116, { ack = 5001 })
  return x:after(MS):s(5001, 0, { ack = 1001 + acked }):after(5 * SECOND):s(5001, 0, { ack = 1001 + acked })
end
case("no_answer", "nothing of the question was acknowledged", false, function() return asked_under_way(0) end)
case("no_answer", "the question was acknowledged", { severity = "warning" }, function() return asked_under_way(116) end)
