-- Cases of the rules about numbers that cannot be.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local new, hs, talk, clean = pieces.new, pieces.hs, pieces.talk, pieces.clean
local V6 = { client = "2001:db8::1", server = "2001:db8::2", win = 60000 }
local MEGABYTE = 1048576

-- A question and an answer each 30 s; 'odd(x, i)' may send another one in place of the i-th.
local function heartbeat(count, odd, o)
  local x = new(o):hs()
  for i = 0, count - 1 do
    local c, s = 1001 + 13 * i, 5001 + 54 * i
    x:after(30 * SECOND):c(c, 13, { ack = s })
    if not (odd and odd(x, i, c, s)) then
      x:s(s, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
    end
  end
  return x
end

local IMPOSSIBLE = "impossible_numbers"
for _, family in ipairs({ { "", nil }, { " (IPv6)", V6 } }) do
  case(IMPOSSIBLE, "one data segment 256 MB away, and back again" .. family[1], { severity = "info", side = "capture" },
    function()
      return heartbeat(10, function(x, i, c, s)
        return i == 3 and x:s(s + 256 * MEGABYTE, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
      end, family[2])
    end)
end
case(IMPOSSIBLE, "one acknowledgement without data 128 MB away", { severity = "info", side = "capture" }, function()
  return heartbeat(10, function(x, i, c, s)
    return i == 3 and x:s(s, 54, { ack = c + 13 }):c(c + 13 + 128 * MEGABYTE, 0, { ack = s + 54 })
  end)
end)
case(IMPOSSIBLE, "one acknowledgement number 128 MB ahead", { severity = "info", side = "capture" }, function()
  return heartbeat(10, function(x, i, c, s)
    return i == 3 and x:s(s, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 + 128 * MEGABYTE })
  end)
end)
for _, id in ipairs({ "loss_to_client", "loss_to_server", "data_vanishes", "capture_gaps" }) do
  case(id, "numbers of two packets are far off", false, function()
    return heartbeat(10, function(x, i, c, s)
      if i == 3 then
        return x:s(s + 256 * MEGABYTE, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
      elseif i == 6 then
        return x:s(s, 54, { ack = c + 13 }):c(c + 13 + 128 * MEGABYTE, 0, { ack = s + 54 })
      end
    end)
  end, { instead = IMPOSSIBLE })
end
for _, id in ipairs({ "capture_gaps", "capture_order" }) do
  case(id, "the last segment of an answer 128 MB away, acknowledged as if it were not", false, function()
    return heartbeat(10, function(x, i, c, s)
      return i == 3 and x:s(s, 20, { ack = c + 13 }):s(s + 20 + 128 * MEGABYTE, 34):c(c + 13, 0, { ack = s + 54 })
    end)
  end, { instead = IMPOSSIBLE })
end
-- The fourth answer is acknowledged with a number 16 kB ahead, which the next acknowledgement takes back.
local function taken_back()
  return heartbeat(10, function(x, i, c, s)
    return i == 3 and x:s(s, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 + 16384 })
  end)
end
case(IMPOSSIBLE, "an acknowledgement 16 kB ahead, taken back by the next",
  { severity = "info", side = "capture" }, taken_back)
for _, id in ipairs({ "capture_gaps", "capture_order" }) do
  case(id, "an acknowledgement 16 kB ahead, taken back by the next", false, taken_back, { instead = IMPOSSIBLE })
end
case("capture_gaps", "an acknowledgement ahead, and both sides go on there", { side = "capture" }, function()
  local x = heartbeat(4)
  x:c(1053, 0, { ack = 5217 + 16384 })
  return x:after(30 * SECOND):c(1053, 13, { ack = 5217 + 16384 }):s(5217 + 16384, 54, { ack = 1066 })
end, { never = { IMPOSSIBLE } })
case(IMPOSSIBLE, "an answer 300 kB away, where no window is scaled", { severity = "info" }, function()
  return heartbeat(10, function(x, i, c, s)
    return i == 3 and x:s(s + 300000, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
  end)
end)
-- Of a connection that both have closed the SYN-ACK with another number begins a new one.
local function reopened(x)
  x:bases(9000000, 3000000000):syn_ack({ ack = 9000001 }):after(5 * MS):c_ack(3000000001)
  x:c(9000001, 500):after(5 * MS):s(3000000001, 600, { ack = 9000501 })
  x:after(5 * MS):c(9000501, 0, { ack = 3000000601 })
  return x:c(9000501, 0, { flags = "FA" }):s(3000000601, 0, { flags = "FA", ack = 9000502 })
end
for _, id in ipairs({ "capture_gaps", "capture_order", "loss_to_server", "loss_to_client", IMPOSSIBLE, "replayed" }) do
  case(id, "a SYN-ACK with new numbers, whose SYN was not captured", false, function()
    return reopened(clean():after(60 * SECOND))
  end)
end
case("capture_gaps", "the same ports anew, and data is missing behind the handshake", { side = "capture" },
  function()
  local x = clean():after(60 * SECOND):bases(9000000, 3000000000):hs():c(9000001, 500)
  return x:after(5 * MS):s(3000000601, 600, { ack = 9000501 }):after(5 * MS):c(9000501, 0, { ack = 3000001201 })
end)
-- The SYN has a number that nobody takes up.
local function other_syn(x)
  x:syn():after(100 * MS):bases(28000, 5000):s(5001, 54, { ack = 28001 }):c(28001, 16, { ack = 5055 })
  return x:after(20 * MS):s(5055, 31, { ack = 28017 }):c(28017, 0, { ack = 5086 })
end
for _, id in ipairs({ "capture_gaps", "loss_to_server", "data_vanishes" }) do
  case(id, "a SYN with a number that nobody takes up, and no SYN-ACK", false, function() return other_syn(new()) end)
end
case("capture_gaps", "the client's first data is missing", { severity = "warning", side = "capture" },
  function()
  local x = hs():after(20 * MS):s(5001, 54, { ack = 28001 }):c(28001, 16, { ack = 5055 })
  return x:after(20 * MS):s(5055, 31, { ack = 28017 }):c(28017, 0, { ack = 5086 })
end)
-- A segment with the flags of a reset and of a close, and its sender goes on.
local function with_flags(flags)
  return heartbeat(10, function(x, i, c, s)
    return i == 3 and x:s(s, 54, { ack = c + 13 }):c(c + 13, 0, { flags = flags })
  end)
end
for _, id in ipairs({ "reset_not_meant", "reset_mid_data", "reset_before_answer", "reset_after_answer", "reset_idle",
  "reset_not_by_endpoint" }) do
  case(id, "the flags RST and FIN on one segment, and its sender goes on", false, function()
    return with_flags("RF")
  end)
end
case("reset_not_meant", "the flag RST on one segment, and its sender goes on", { side = "network" }, function()
  return with_flags("R")
end)
-- One answer is repeated.
local function again(x, c, s)
  x:s(s, 54, { ack = c + 13 }):after(300 * MS):s(s, 54, { ack = c + 13 })
  return x:after(20 * MS):c(c + 13, 0, { ack = s + 54 })
end
case("loss_to_client", "no more is lost than damaged", { severity = "info", confidence = "low" }, function()
  return heartbeat(30, function(x, i, c, s)
    if i == 3 then
      return x:s(s + 256 * MEGABYTE, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
    elseif i == 20 then
      return again(x, c, s)
    end
  end)
end)
case("loss_to_client", "one loss, and nothing damaged", { severity = "error" }, function()
  return heartbeat(30, function(x, i, c, s)
    return i % 10 == 3 and again(x, c, s)
  end)
end)
-- The capture misses 20 MB: both sides go on from there.
case(IMPOSSIBLE, "20 MB are missing in the capture", false, function()
  local x = talk(hs())
  local far = 5101 + 20 * MEGABYTE
  x:after(SECOND):s(far, 1000):c(1101, 0, { ack = far + 1000 }):s(far + 1000, 1000):c(1101, 0, { ack = far + 2000 })
  return x
end, { instead = "capture_gaps" })
case(IMPOSSIBLE, "a hole within the window", false, function()
  local x = talk(hs())
  return x:s(5101 + 30000, 100):c(1101, 0):s(5201 + 30000, 100):c(1101, 0)
end)

local STRAY = "stray_packets"
-- Ten exchanges; one answer has another port of the client, 'off' from it, and numbers 'away' from the right ones.
local function strayed(port, away)
  return heartbeat(10, function(x, i, c, s)
    if i ~= 5 then
      return
    end
    x.sides.c.port = port
    x:s(s + away, 54, { ack = c + 13 + away })
    x.sides.c.port = 40000
    return x:c(c + 13, 0, { ack = s + 54 })
  end)
end
case(STRAY, "one flipped bit in the port", { severity = "info", side = "capture" }, function()
  return strayed(40064, 0)
end, { never = { "capture_gaps", "capture_mid_stream", "capture_one_sided" } })
case(STRAY, "the numbers of no other connection", false, function()
  return strayed(40064, 64 * MEGABYTE)
end, { instead = "capture_gaps" })
case(STRAY, "two packets", false, function()
  return heartbeat(10, function(x, i, c, s)
    if i ~= 5 then
      return
    end
    x.sides.c.port = 40064
    x:s(s, 54, { ack = c + 13 }):c(c + 13, 0, { ack = s + 54 })
    x.sides.c.port = 40000
    return x
  end)
end, { instead = "capture_mid_stream" })

local PADDING, FAST_OPEN = "padding_in_ip_length", "fast_open_not_taken"
-- Acknowledgements that carry zero bytes; 'acked': their numbers move by them.
local function padded(o)
  local x = hs()
  local c, s = 1001, 5001
  for _ = 1, 5 do
    x:after(100 * MS):c(c, 200, { ack = s, flags = "PA" })
    c = c + 200
    x:s(s, o.len, { ack = c, payload = o.zeros and ("\0"):rep(o.len) })
    if o.moves then
      x:c(c, 0, { ack = s + o.len })
      s = s + o.len
    end
    x:s(s, 1400, { flags = "PA" })
    s = s + 1400
    x:c(c, o.moves and 0 or 2, { ack = s, payload = o.zeros and not o.moves and "\0\0" or nil })
  end
  return x
end
case(PADDING, "2 and 6 zero bytes that no number counts", { severity = "info", side = "network" }, function()
  return padded({ len = 6, zeros = true })
end)
for _, id in ipairs({ "loss_to_client", "loss_to_server", "capture_gaps", "keep_alives" }) do
  case(id, "zero bytes that no number counts", false, function()
    return padded({ len = 6, zeros = true })
  end, { instead = PADDING })
end
-- ... and so do a late acknowledgement, which is below what was sent, and both FINs.
local function padded_to_the_end()
  local x, c, s = padded({ len = 6, zeros = true }), 2001, 12001
  x:c(c, 200, { flags = "PA", ack = s }):s(s - 1400, 6, { ack = c + 200, payload = ("\0"):rep(6) })
  x:s(s, 0, { ack = c + 200 })
  x:c(c + 200, 2, { flags = "FA", ack = s, payload = "\0\0" })
  x:s(s, 6, { flags = "FA", ack = c + 201, payload = ("\0"):rep(6) })
  return x:c(c + 201, 2, { ack = s + 1, payload = "\0\0" })
end
case(PADDING, "of a late acknowledgement and of both FINs", { severity = "info", side = "network" }, padded_to_the_end,
  { never = { "loss_to_client", "loss_to_server", "capture_gaps", "resent_needlessly_to_client",
    "resent_needlessly_to_server" } })
case(PADDING, "in the SYN-ACK", { severity = "info", side = "network" }, function()
  return clean(new():syn():s(5000, 6, { flags = "SA", payload = ("\0"):rep(6) }):c_ack(5001))
end, { never = { "loss_to_client", "capture_gaps", "data_vanishes" } })
-- With the maximum segment size alone a SYN has room for two of them, without options for six; 'behind' comes next.
local function padded_opening(o, behind)
  local zeros, options = ("\0"):rep(o.len), { mss = o.mss, flags = "S", payload = o.payload or ("\0"):rep(o.len) }
  local x = new():c(1000, o.len, options):after(10 * MS)
  x:s(5000, o.len, { mss = o.mss, flags = "SA", ack = 1001, payload = zeros }):after(10 * MS)
  return behind(x:c(1001, 6, { ack = 5001, payload = ("\0"):rep(6) }))
end
for _, o in ipairs({ { len = 6 }, { len = 2, mss = 1460 } }) do
  case(PADDING, o.len .. " in the SYN and the SYN-ACK", { severity = "info", side = "network" }, function()
    return padded_opening(o, clean)
  end, { never = { "loss_to_client", "loss_to_server", "capture_gaps", "data_vanishes", FAST_OPEN } })
end
-- Text in a SYN is data; so are zeros behind more options than a padded frame has room for, as with a cookie.
for _, o in ipairs({ { len = 2, mss = 1460, payload = "ab" }, { len = 8 } }) do
  local why = o.payload and "no zeros" or "more than padding has"
  case(FAST_OPEN, ("%d bytes in the SYN, %s"):format(o.len, why), {}, function()
    return padded_opening(o, clean)
  end)
end
case("resent_needlessly_to_server", "old bytes that had been acknowledged, and new ones behind them",
  { side = "network" }, function()
    return talk(hs()):after(SECOND):c(1001, 300, { ack = 5101 }):s(5101, 0, { ack = 1301 })
  end, { never = { "loss_to_server" } })
case("loss_to_server", "old bytes that had not, and new ones behind them", { side = "network" }, function()
  return hs():c(1001, 100):after(SECOND):c(1001, 300):after(20 * MS):s(5001, 0, { ack = 1301 })
end)
case(PADDING, "zero bytes that are data", false, function()
  return padded({ len = 6, zeros = true, moves = true })
end)
case(PADDING, "other bytes, sent again in a longer segment", false, function()
  return padded({ len = 6 })
end)

local SACK = "sack_never_sent"
-- The server sends 10 segments, the first is lost behind the capture point; the client's SACK blocks are 'off'.
local function sacked(off)
  local x = hs({ s = { sack_ok = true }, c = { sack_ok = true } }):c(1001, 100)
  for i = 0, 9 do
    x:s(5001 + 1000 * i, 1000, { ack = 1101 })
  end
  for i = 2, 5 do
    x:c(1101, 0, { ack = 5001, sack = { { 6001 + off, 4001 + 1000 * i + off } } })
  end
  return x:after(MS):s(5001, 1000):after(20 * MS):c(1101, 0, { ack = 15001 })
end
for name, off in pairs({ below = -1024 * MEGABYTE, above = 1024 * MEGABYTE }) do
  case(SACK, "blocks far " .. name, { severity = "warning", side = "network" }, function()
    return sacked(off)
  end)
  case("loss_to_client", "SACK blocks far " .. name .. " hide no loss", { severity = "warning" }, function()
    return sacked(off)
  end)
end
case(SACK, "blocks of what was sent", false, function()
  return sacked(0)
end, { instead = "loss_to_client" })

local LOOP = "acknowledgement_loop"
local function loop(count, c_seq, s_seq)
  local x = talk(hs())
  for _ = 1, count do
    x:after(MS):c(c_seq, 0, { ack = 5101 }):s(s_seq, 0, { ack = 1101 })
  end
  return x
end
case(LOOP, "each acknowledges what the other is beyond", { severity = "warning", side = "network" }, function()
  return loop(50, 2101, 5601)
end)
case("data_vanishes", "acknowledgements ahead of all data, in a loop", false, function()
  local x = loop(50, 2101, 5601)
  return x:after(3 * SECOND):c(2101, 0, { ack = 5101 })
end, { instead = LOOP })
case("capture_gaps", "acknowledgements 60 kB ahead of all data, in a loop", false, function()
  return loop(50, 2101, 65601)
end, { instead = LOOP })
case("capture_gaps", "one acknowledgement 60 kB ahead", { severity = "warning" }, function()
  local x = talk(hs())
  return x:after(MS):c(1101, 0, { ack = 65101 }):s(65101, 100):c(1101, 0, { ack = 65201 })
end)
case(LOOP, "a few, and then it ends", false, function()
  return loop(4, 2101, 5601)
end)
case(LOOP, "keep-alives and their answers", false, function()
  return loop(50, 1100, 5101)
end)

-- The capture begins with a request; the acknowledgement of it is padded, and then the answer comes.
local function padded_first(zeros)
  local x = new():c(1001, 400, { ack = 5001 })
  x:after(200 * MS):s(5001, 6, { ack = 1401, payload = zeros and ("\0"):rep(6) or nil })
  x:after(300 * MS):s(5001, 1400, { ack = 1401 }):s(6401, 300, { ack = 1401 })
  return x:after(MS):c(1401, 0, { ack = 6701 })
end
case("loss_to_client", "zero bytes in the first packet of a side", false, function()
  return padded_first(true)
end)
case("loss_to_client", "six bytes of data there", { side = "network" }, function()
  return padded_first(false)
end)

-- ------------------------------------------------------- data that no receiver takes

-- A tool has written the same segment again and again; so many of these have no ACK set (RFC 9293, 3.10.7.4).
local function written(without)
  local x = hs()
  for i = 1, 6 do
    x:after(300 * MS):c(1001, 500, { flags = i <= without and "P" or "PA", ack = 5001, win = 0 })
  end
  return x
end
case("client_not_reading", "what comes again has no ACK set", false, function() return written(6) end,
  { never = { "loss_to_server", "data_swallowed", "peer_gone" } })
case("client_not_reading", "one of them has none", { severity = "error" }, function() return written(1) end)

-- Data that is lost and sent again beside a server that answers.
local function lost_once(flags)
  local x = hs()
  for i = 0, 9 do
    x:c(1001 + 100 * i, 100, { flags = flags })
    if i == 3 then
      x:after(300 * MS):c(1001 + 100 * i, 100, { flags = flags })
    end
    x:after(10 * MS):s(5001, 0, { ack = 1101 + 100 * i })
  end
  return x
end
case("loss_to_server", "no data has ACK set", false, function() return lost_once("P") end)
case("loss_to_server", "all of it has", { side = "network" }, function() return lost_once("PA") end)
