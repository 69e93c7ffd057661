-- Cases of the rules about what was sent again and had not been lost.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local craft, new, hs, talk = pieces.craft, pieces.new, pieces.hs, pieces.talk

-- A handshake on a long way: 'to_server' and 'to_client' there and back, with timestamps where 'stamps'.
local function far_hs(to_server, to_client, stamps, o)
  local x = new(o)
  local function ts(value, echo)
    return stamps and { ts = { value, echo } } or {}
  end
  return x:syn(ts(1000, 0)):after(to_server):syn_ack(ts(9000, 1000)):after(to_client):c_ack(5001, ts(1000 + 50, 9000))
end

local V6 = { client = "2001:db8::1", server = "2001:db8::2", win = 60000 }

for _, d in ipairs({ { "c", "server", "client", "s", 1001, 5001 }, { "s", "client", "server", "c", 5001, 1001 } }) do
  local side, to, from, back, base, ack_seq = d[1], d[2], d[3], d[4], d[5], d[6]
  local loss, delayed = "loss_to_" .. to, "delayed_to_" .. to

  -- the way to the receiver is 'to', to the sender 'near'
  local function ways(to_receiver, to_sender, stamps, o)
    return far_hs(side == "c" and to_receiver or to_sender, side == "c" and to_sender or to_receiver, stamps, o)
  end

  -- Sent again 500 ms later; the acknowledgement echoes 'echo'.
  local function repeated(x, seq, first, copy, echo)
    x:after(20 * MS):tcp(side, seq, 100, { ts = { first, 0 } })
    x:after(500 * MS):tcp(side, seq, 100, { ts = { copy, 0 } })
    return x:after(300 * MS):tcp(back, ack_seq, 0, { ack = seq + 100, ts = { 700, echo } })
  end
  for _, family in ipairs({ { "", nil }, { " (IPv6)", V6 } }) do
    case(delayed, "the acknowledgement echoes the first copy" .. family[1], { severity = "warning", side = "network" },
      function()
        local x = ways(200 * MS, MS, true, family[2])
        for i = 0, 2 do
          repeated(x, base + 100 * i, 2000 + 1000 * i, 2500 + 1000 * i, 2000 + 1000 * i)
        end
        return x
      end)
  end
  -- Of four segments the first is asked for by SACK blocks and sent again; what says that it had arrived is 'told'.
  local function asked(count, told)
    local x = ways(100 * MS, MS, true)
    for i = 0, count - 1 do
      local seq, stamp = base + 400 * i, 2000 + 1000 * i
      for k = 0, 3 do
        x:tcp(side, seq + 100 * k, 100, { ts = { stamp, 0 } })
      end
      x:after(100 * MS)
      for k = 2, 4 do
        x:tcp(back, ack_seq, 0, { ack = seq, sack = { { seq + 100, seq + 100 * k } }, ts = { 700, stamp } })
      end
      x:tcp(side, seq, 100, { ts = { stamp + 100, 0 } }):after((told and 20 or 100) * MS)
      x:tcp(back, ack_seq, 0, { ack = seq + 400, ts = { 700, told and stamp or stamp + 100 } }):after(80 * MS)
      if told then
        x:tcp(back, ack_seq, 0, { ack = seq + 400, sack = { { seq, seq + 100 } }, ts = { 700, stamp } })
      end
    end
    return x
  end
  local reordering = "reordering_to_" .. to
  case(reordering, "what SACK blocks asked for had arrived: overtaken behind here",
    { severity = "warning", side = "network", confidence = "medium" }, function()
      return asked(3, true)
    end)
  case(reordering, "two of them", { severity = "info" }, function()
    return asked(2, true)
  end)
  case(reordering, "nothing says that it had arrived", false, function()
    return asked(3, false)
  end, { instead = loss })
  case(delayed, "a router had asked for smaller packets", false, function()
    local x = ways(200 * MS, MS, true)
    for i = 0, 2 do
      repeated(x, base + 100 * i, 2000 + 1000 * i, 2500 + 1000 * i, 2000 + 1000 * i)
      x:icmp(#x.frames - 2, { type = 3, code = 4, mtu = 1280 })
    end
    return x
  end, { instead = "path_mtu_told" })
  case(loss, "the acknowledgement echoes the copy", { side = "network" }, function()
    return repeated(ways(200 * MS, MS, true), base, 2000, 2500, 2500)
  end)
  case(delayed, "the acknowledgement echoes the copy", false, function()
    return repeated(ways(200 * MS, MS, true), base, 2000, 2500, 2500)
  end)
  case(delayed, "an echo of what came before, while a hole was open below", false, function()
    local x = ways(200 * MS, MS, true):tcp(side, base, 100, { ts = { 2000, 0 } })
    x:tcp(side, base + 100, 100, { ts = { 2001, 0 } }):after(500 * MS):tcp(side, base, 100, { ts = { 2500, 0 } })
    x:tcp(side, base + 100, 100, { ts = { 2502, 0 } })
    return x:after(300 * MS):tcp(back, ack_seq, 0, { ack = base + 200, ts = { 700, 2500 } })
  end, { instead = loss })

  -- The copy carries new data behind the old.
  local function longer(ack)
    local x = ways(2 * MS, 2 * MS):tcp(side, base, 18):after(50 * MS):tcp(side, base, 169)
    x:after(1500 * US):tcp(back, ack_seq, 0, { ack = base + ack })
    return ack < 169 and x:tcp(back, ack_seq, 0, { ack = base + 169 }) or x
  end
  case(delayed, "acknowledged to the end of the first copy, inside the second", { severity = "info" }, function()
    return longer(18)
  end)
  case(loss, "acknowledged to the end of the second copy", { severity = "warning" }, function()
    return longer(169)
  end)
  case(delayed, "acknowledged to the end of the second copy", false, function()
    return longer(169)
  end)
  case(delayed, "each copy is acknowledged, without SACK", { severity = "info" }, function()
    local x = ways(100 * MS, MS):tcp(side, base, 100):after(400 * MS):tcp(side, base, 100)
    return x:after(200 * MS):tcp(back, ack_seq, 0, { ack = base + 100 }):after(100 * MS):tcp(back, ack_seq, 0)
  end)
  case(delayed, "D-SACK names the copy", { severity = "info" }, function()
    local x = ways(100 * MS, MS):tcp(side, base, 100):after(400 * MS):tcp(side, base, 100)
    x:after(200 * MS):tcp(back, ack_seq, 0, { ack = base + 100 })
    return x:after(100 * MS):tcp(back, ack_seq, 0, { ack = base + 100, sack = { { base, base + 100 } } })
  end)
  case(loss, "D-SACK names another segment", { severity = "warning" }, function()
    local x = ways(100 * MS, MS):tcp(side, base, 100):after(150 * MS):tcp(back, ack_seq, 0, { ack = base + 100 })
    x:tcp(side, base + 100, 100):after(300 * MS):tcp(side, base + 100, 100)
    x:after(200 * MS):tcp(back, ack_seq, 0, { ack = base + 200 })
    return x:after(100 * MS):tcp(back, ack_seq, 0, { ack = base + 200, sack = { { base, base + 100 } } })
  end)

  -- One segment at a time, each sent again after 'wait' and acknowledged by one acknowledgement.
  local function lone(wait, sack_ok)
    local x = new():syn({ sack_ok = sack_ok }):after(MS):syn_ack({ sack_ok = sack_ok }):after(MS):c_ack(5001)
    for i = 0, 3 do
      local seq = base + 100 * i
      x:after(400 * MS):tcp(side, seq, 100):after(wait):tcp(side, seq, 100)
      x:after(2 * MS):tcp(back, ack_seq, 0, { ack = seq + 100 })
    end
    return x
  end
  case(loss, "each segment again before its acknowledgement may be delayed, and no SACK",
    { severity = "info", side = from, confidence = "low" }, function()
      return lone(150 * MS)
    end)
  case(loss, "each again when it has to be there", { severity = "error", side = "network" }, function()
    return lone(250 * MS)
  end)
  case(loss, "a D-SACK would tell, and none comes", { severity = "error", side = "network" }, function()
    return lone(15 * MS, true)
  end)

  local short = from .. "_timer_too_short"
  local function early(after, stamps)
    local x = ways(2 * MS, 350 * MS, stamps and true)
    for i = 0, 2 do
      local seq = base + 100 * i
      x:after(400 * MS):tcp(side, seq, 100, { id = 100 + 2 * i, ts = stamps and { 3000 + 1000 * i, 0 } })
      x:after(3 * MS):tcp(back, ack_seq, 0, { ack = seq + 100, ts = stamps and { 700, 3000 + 1000 * i } })
      x:after(after - 3 * MS):tcp(side, seq, 100, { id = 101 + 2 * i, ts = stamps and { 3000 + 1000 * i + stamps, 0 } })
      x:after(3 * MS):tcp(back, ack_seq, 0, { sack = { { seq, seq + 100 } }, ts = stamps and { 700, 3000 + 1000 * i } })
    end
    return x
  end
  case(short, "210 ms after the first, on a way of 350 ms", { severity = "warning", side = from }, function()
    return early(210 * MS)
  end)
  case(short, "with timestamps that say the same", { severity = "warning", side = from }, function()
    return early(210 * MS, 210)
  end)
  case(short, "400 ms after the first", false, function()
    return early(400 * MS)
  end, { instead = "resent_needlessly_to_" .. to })

  -- The receiver offers SACK and the sender does not: each copy has its own acknowledgement.
  local function early_without_sack(after, both)
    local x = new():syn({ sack_ok = true })
    x:after(side == "c" and 350 * MS or 2 * MS):syn_ack():after(side == "c" and 2 * MS or 350 * MS):c_ack(5001)
    for i = 0, 2 do
      local seq = base + 100 * i
      x:after(400 * MS):tcp(side, seq, 100):after(after):tcp(side, seq, 100)
      x:after(360 * MS - after):tcp(back, ack_seq, 0, { ack = seq + 100 })
      for _ = 1, both or 0 do
        x:after(after):tcp(back, ack_seq, 0, { ack = seq + 100 })
      end
    end
    return x
  end
  case(short, "each copy is acknowledged, though SACK was offered", { severity = "warning", side = from }, function()
    return early_without_sack(150 * MS, 1)
  end)
  case(short, "each acknowledgement comes four times: that asks for data again", { severity = "info", side = from },
    function()
      return early_without_sack(150 * MS, 3)
    end)
  case(short, "one acknowledgement for both", false, function()
    return early_without_sack(150 * MS)
  end)

  -- The receiver delays its acknowledgements by 240 ms, its sender is 150 ms away; each copy comes so long after one.
  local needless = "resent_needlessly_to_" .. to
  local function acknowledged_late(after)
    local x = new():syn({ sack_ok = true }):after(side == "c" and 2 * MS or 150 * MS):syn_ack({ sack_ok = true })
      :after(side == "c" and 150 * MS or 2 * MS):c_ack(5001)
    for i = 0, 2 do
      local seq = base + 100 * i
      x:after(900 * MS):tcp(side, seq, 100, { id = 100 + 2 * i })
      x:after(240 * MS):tcp(back, ack_seq, 0, { ack = seq + 100 })
      x:after(after):tcp(side, seq, 100, { id = 101 + 2 * i })
      x:after(2 * MS):tcp(back, ack_seq, 0, { ack = seq + 100, sack = { { seq, seq + 100 } } })
    end
    return x
  end
  case(needless, "its acknowledgement passed a moment before, and cannot be back", false, function()
    return acknowledged_late(120 * MS)
  end, { never = { "delayed_to_" .. to, "loss_to_" .. to } })
  case(needless, "its acknowledgement passed, and was back", { severity = "warning", side = "network" }, function()
    return acknowledged_late(200 * MS)
  end)

  local held = "held_back_to_" .. to
  case(held, "the timestamps are further apart than the copies", { severity = "info", side = "network" }, function()
    return early(8 * MS, 80)
  end)
  case(held, "sooner than any timer", { severity = "info", side = "network" }, function()
    return early(4 * MS)
  end)
  case(held, "copies within a millisecond, whose acknowledgement has passed", { severity = "info", side = "network" },
    function()
      local x = hs()
      x:tcp(side, base, 100, { id = 11 }):after(200 * US):tcp(back, ack_seq, 0, { ack = base + 100 })
      for i = 1, 3 do
        x:after(100 * US):tcp(side, base, 100, { id = 11 + i })
        x:after(100 * US):tcp(back, ack_seq, 0, { ack = base + 100 })
      end
      return x
    end, { never = { "resent_needlessly_to_" .. to } })
  case(held, "the timestamps say the same as the capture", false, function()
    return early(8 * MS, 8)
  end, { instead = short })

  local probes = "tail_probes_to_" .. to
  local function tail(o)
    local x = ways(10 * MS, MS):tcp(side, base, 1000, { ts = { 500, 0 } })
    x:tcp(side, base + 1000, 1000, { ts = { 500, 0 } })
    x:after(12 * MS):tcp(back, ack_seq, 0, { ack = base + 1000 })
    x:after(o.after * MS):tcp(side, base + 1000, 1000, { ts = { 600, 0 } })
    x:after(MS):tcp(back, ack_seq, 0, { ack = base + 2000 })
    return x:after(o.dsack and 10 * MS or SECOND):tcp(back, ack_seq, 0,
      { ack = base + 2000, sack = o.dsack and { { base + 1000, base + 2000 } } })
  end
  case(probes, "the last segment again, and D-SACK says that both came", { severity = "info", side = from }, function()
    return tail({ after = 20, dsack = true })
  end)
  case(probes, "after a retransmission timeout", false, function()
    return tail({ after = 300, dsack = true })
  end, { instead = delayed })
  -- The receiver delays its acknowledgements, the sender's timer is shorter; of the D-SACK 'left' bytes are captured.
  local function cut_report(left, of, sack_ok)
    local syn, syn_ack = { ts = { 1, 0 }, sack_ok = sack_ok ~= false }, { ts = { 1, 1 }, sack_ok = sack_ok ~= false }
    local x = new(V6):hs({ step = 10 * MS, c = syn, s = syn_ack })
    for i = 0, 5 do
      local seq, stamp = base + 900 * i, 500 + 100 * i
      x:after(60 * MS):tcp(side, seq, 900, { ts = { stamp, 0 } })
      x:after(25 * MS):tcp(side, seq, 900, { ts = { stamp + 25, 0 } })
      x:after(20 * MS):tcp(back, ack_seq, 0, { ack = seq + 900, ts = { 700, stamp + 25 },
        sack = { { seq + (of or 0), seq + 900 + (of or 0) } }, cut_tcp = 20 + 10 + 2 + left })
    end
    return x
  end
  case(loss, "each was sent again, and of each D-SACK the end is cut off", false, function()
    return cut_report(4)
  end)
  for _, left in ipairs({ 2, 0 }) do
    case(loss, "all of it is cut off but " .. left .. " bytes", { severity = "info", side = from, confidence = "low" },
      function()
        return cut_report(left)
      end)
  end
  case(loss, "no SACK was agreed, so that what is cut off says nothing", { severity = "info", side = from }, function()
    return cut_report(2, 0, false)
  end)
  case(loss, "the block begins behind what is acknowledged", { severity = "error" }, function()
    return cut_report(4, 1800)
  end)
  case("duplicated_to_" .. to, "the last segment again, with a newer timestamp, at once", false, function()
    local x = new(V6):hs({ step = 10 * MS, c = { ts = { 1, 0 } }, s = { ts = { 1, 1 } } })
    x:tcp(side, base, 1000, { ts = { 500, 0 } }):after(400 * US):tcp(side, base, 1000, { ts = { 501, 0 } })
    return x:after(20 * MS):tcp(back, ack_seq, 0, { ack = base + 1000 })
  end)

  -- A sender that keeps the identification of what it sends again, by a timer of 300 ms.
  local function same_packet(ns)
    local x = ways(MS, 400 * MS, false)
    for i = 0, 3 do
      x:after(20 * MS):tcp(side, base + 100 * i, 100, { id = 700 + i }):after(ns)
      x:tcp(side, base + 100 * i, 100, { id = 700 + i })
      local block = { base + 100 * i, base + 100 * i + 100 }
      x:after(MS):tcp(back, ack_seq, 0, { ack = base + 100 + 100 * i, sack = { block } })
    end
    for i = 4, 15 do
      x:tcp(side, base + 100 * i, 100, { id = 700 + i }):after(MS)
      x:tcp(back, ack_seq, 0, { ack = base + 100 + 100 * i })
    end
    return x
  end
  case("duplicated_to_" .. to, "what its sender sends again with the same identification", false, function()
    return same_packet(300 * MS)
  end, { instead = from .. "_timer_too_short" })
  case("duplicated_to_" .. to, "the same packet again at once", { side = "network" }, function()
    return same_packet(2 * MS)
  end)

  local probed = "probed_by_" .. from
  local function old_byte(at)
    local x = talk(hs())
    for i = 1, 3 do
      x:after(SECOND):tcp(side, base + 100 - at - i, 1):tcp(back, ack_seq + 100, 0)
    end
    return x
  end
  case(probed, "single bytes of old data", { severity = "info", side = from }, function()
    return old_byte(2)
  end)
  case("resent_needlessly_to_" .. to, "single bytes of old data", false, function()
    return old_byte(2)
  end)
  case(probed, "whole segments of old data", false, function()
    local x = talk(hs())
    for _ = 1, 3 do
      x:after(SECOND):tcp(side, base, 100):tcp(back, ack_seq + 100, 0)
    end
    return x
  end, { instead = "resent_needlessly_to_" .. to })

  -- Key strokes of a byte each; every second one is lost behind the capture point.
  local function keys(lost)
    local x = hs()
    for i = 0, 19 do
      x:after(500 * MS):tcp(side, base + i, 1, { flags = "PA" })
      if lost and i % 2 == 1 then
        x:after(220 * MS):tcp(side, base + i, 1, { flags = "PA" })
      end
      x:after(20 * MS):tcp(back, ack_seq + i, 1, { flags = "PA", ack = base + i + 1 })
      x:tcp(side, base + i + 1, 0, { ack = ack_seq + i + 1 })
    end
    return x
  end
  case(loss, "single bytes that were never acknowledged", { severity = "error", side = "network" }, function()
    return keys(true)
  end)
  case("keep_alives", "single bytes that were never acknowledged, of the " .. from, false, function()
    return keys(true)
  end)
  if side == "c" then
    case("slow_server", "single bytes of the client lost", false, function()
      return keys(true)
    end)
  end
  case(loss, "single bytes that all arrive", false, function()
    return keys(false)
  end)

  local function fall_silent(then_what)
    local x = talk(hs())
    local seq = base + 100
    x:after(100 * MS):tcp(side, seq, 56)
    for i = 1, 4 do
      x:after(200 * MS * 2 ^ i):tcp(side, seq, 56)
    end
    return then_what and then_what(x, seq) or x
  end
  case(loss, "four repetitions, and no packet comes any more", false, function()
    return fall_silent()
  end, { instead = "peer_gone" })
  case(loss, "four repetitions, the last one is acknowledged", { severity = "error" }, function()
    return fall_silent(function(x, seq)
      return x:after(20 * MS):tcp(back, ack_seq + 100, 0, { ack = seq + 56 })
    end)
  end)
  case(loss, "one repetition, and the capture ends", false, function()
    local x = talk(hs())
    return x:after(100 * MS):tcp(side, base + 100, 56):after(250 * MS):tcp(side, base + 100, 56)
  end)
  for _, id in ipairs({ loss, "probed_by_" .. from }) do
    case(id, "to a peer that has reset before", false, function()
      local x = talk(hs()):after(100 * MS):tcp(side, base + 100, 560)
      x:tcp(back, ack_seq + 100, 0, { flags = "FA" }):tcp(back, ack_seq + 101, 0, { flags = "R", win = 0 })
      return x:after(250 * MS):tcp(side, base + 100, 560):after(500 * MS):tcp(side, base + 100, 560)
    end)
  end
  case(loss, "each is answered by a bare reset", false, function()
    return fall_silent(function(x, _)
      return x:after(20 * MS):tcp(back, ack_seq + 100, 0, { flags = "R" })
    end)
  end)
end

-- A window probe of one byte is taken when the window opens.
local function taken(missing)
  local x = craft.new({ win = 60000 }):hs():c(1001, 100):s_ack(1101, { win = 0 })
  x:after(300 * MS):c(1101, 1):s_ack(1101, { win = 0 }):after(400 * MS):c(1101, 1):s_ack(1101, { win = 0 })
  x:after(800 * MS):c(1101, 1):s_ack(missing and 1201 or 1102)
  return x:c(missing and 1201 or 1102, 99):s_ack(missing and 1300 or 1201)
end
case("capture_gaps", "the byte of a window probe is taken", false, function()
  return taken(false)
end)
case("capture_gaps", "and 99 bytes more that are not there", { side = "capture" }, function()
  return taken(true)
end)

-- The byte of a probe that a closed window kept out comes again with the data behind it.
local function kept_out(again)
  local x, seq = craft.new({ win = 60000 }):hs(), 1001
  for _ = 1, 3 do
    x:c(seq, 100):s_ack(seq + 100, { win = 0 }):after(300 * MS):c(seq + 100, 1):s_ack(seq + 100, { win = 0 })
    x:after(20 * MS):s_ack(seq + 100):after(MS):c(seq + 100, 400)
    if again then
      x:after(500 * MS):c(seq + 100, 400)
    end
    x:after(20 * MS):s_ack(seq + 500)
    seq = seq + 500
  end
  return x
end
case("loss_to_server", "the byte of a window probe again, with more behind it", false, function()
  return kept_out(false)
end)
case("loss_to_server", "what follows a window probe is lost itself", { side = "network" }, function()
  return kept_out(true)
end)

-- The only segment that is on its way is sent again after 'ns', and then acknowledged 'acks' times.
local function only_one(ns, acks, copies)
  local x = far_hs(5 * MS, MS)
  for i = 0, 3 do
    x:after(200 * MS):c(1001 + 100 * i, 100)
    for _ = 1, copies or 1 do
      x:after(ns):c(1001 + 100 * i, 100)
    end
    x:after(6 * MS)
    for _ = 1, acks do
      x:s_ack(1101 + 100 * i)
    end
  end
  return x
end
case("loss_to_server", "the only segment again after 250 ms", { severity = "error", side = "network" }, function()
  return only_one(250 * MS, 1)
end)
case("loss_to_server", "an acknowledgement for each of three copies", false, function()
  return only_one(250 * MS, 3, 2)
end)
case("delayed_to_server", "an acknowledgement for each of three copies", { severity = "warning" }, function()
  return only_one(250 * MS, 3, 2)
end)
case("loss_to_server", "one acknowledgement for three copies", { severity = "error" }, function()
  return only_one(250 * MS, 1, 2)
end)

-- Beside a server that sends SACK: the only segment on its way is sent again after 'ns', and then acknowledged once.
local function beside(ns, stamps)
  local function ts(value, echo)
    return stamps and { value, echo } or nil
  end
  local x = new():syn({ mss = 1460, sack_ok = true, ts = ts(1000, 0) }):after(50 * US)
  x:syn_ack({ mss = 1460, sack_ok = true, ts = ts(9000, 1000) }):after(5 * MS)
  x:c(1001, 0, { ack = 5001, ts = ts(1005, 9000) })
  for i = 0, 3 do
    local seq, clock = 1001 + 36 * i, 2000 + 1000 * i
    x:after(300 * MS):c(seq, 36, { ts = ts(clock, 9000) }):after(ns):c(seq, 36, { ts = ts(clock + 200, 9000) })
    x:after(50 * US):s(5001, 0, { ack = seq + 36, ts = ts(9100 + i, clock + 200) })
  end
  return x
end
case("loss_to_server", "beside it, while its acknowledgement may be delayed",
  { severity = "info", confidence = "low" }, function()
    return beside(210 * MS)
  end)
case("loss_to_server", "beside it, later than it may be delayed", { severity = "error", side = "network" }, function()
  return beside(700 * MS)
end)
case("loss_to_server", "beside it, and it echoes the later copy", { severity = "error", side = "network" }, function()
  return beside(210 * MS, true)
end)

-- Data twice again, and a reset that acknowledges them, of the server or of a device that swallows them.
local function ends_by_reset(ttl)
  local x = far_hs(5 * MS, MS):c(1001, 400)
  for _ = 1, 2 do
    x:after(228 * MS):c(1001, 400)
  end
  return x:after(200 * US):s(5001, 0, { flags = "RA", ack = 1401, ttl = ttl })
end
case("delayed_to_server", "acknowledged by the server's reset", { severity = "info" }, function()
  return ends_by_reset()
end)
case("delayed_to_server", "acknowledged by a reset with another TTL", false, function()
  return ends_by_reset(40)
end)

-- 'old' bytes again with 16 new ones behind them, 'ns' after the first copy, and nobody has asked.
local function overlapping(ns, old)
  local x = far_hs(5 * MS, MS)
  for i = 0, 3 do
    local seq = 1001 + 36 * i
    x:after(200 * MS):c(seq, 20):after(ns):c(seq + 20 - old, 16 + old):after(6 * MS):s_ack(seq + 36)
  end
  return x
end
case("loss_to_server", "segments that overlap, sooner than any timer", false, function()
  return overlapping(5 * MS, 4)
end)
case("loss_to_server", "segments that overlap, when a timer has run out", { severity = "error" }, function()
  return overlapping(300 * MS, 20)
end)
case("loss_to_server", "copies at once, which nobody has asked for", false, function() return only_one(7 * US, 1) end)

-- Each segment is sent again, and then one byte of it is taken, or all.
local function taken_in_part(bytes)
  local mss = { mss = 1460 }
  local x = new():syn(mss):after(5 * MS):syn_ack(mss):after(MS):c_ack(5001)
  local seq = 1001
  for _ = 1, 4 do
    x:after(20 * MS):c(seq, 100):after(300 * MS):c(seq, 100):after(6 * MS):s_ack(seq + bytes)
    seq = seq + bytes
  end
  return x
end
case("loss_to_server", "of what is sent again one byte is taken", false, function() return taken_in_part(1) end)
case("loss_to_server", "all of what is sent again is taken", { severity = "error" }, function()
  return taken_in_part(100)
end)

-- The acknowledgement of what was sent again comes behind a gap in what its sender has sent.
local function behind_gap(gap)
  local x = far_hs(5 * MS, MS)
  for i = 0, 3 do
    x:after(20 * MS):c(1001 + 100 * i, 100):after(300 * MS):c(1001 + 100 * i, 100):after(6 * MS)
    x:s(5001 + (i + 1) * gap, 0, { ack = 1101 + 100 * i })
  end
  return x
end
case("loss_to_server", "what the server had said before is missing", false, function() return behind_gap(20) end)
case("loss_to_server", "nothing of the server's is missing", { severity = "error" }, function()
  return behind_gap(0)
end)

-- The server numbers the packets of each connection; the client's request is sent again twice before the answer, and
-- 'missing' numbers are.
local function numbered(missing, o)
  local x = new():syn():after(5 * MS):syn_ack({ id = 0 }):after(MS):c_ack(5001)
  local seq, ack, id = 1001, 5001, 700
  for _ = 1, 6 do
    x:after(20 * MS):c(seq, 50, { ack = ack }):after(8 * MS):s(ack, 80, { ack = seq + 50, id = id })
    x:c(seq + 50, 0, { ack = ack + 80 })
    seq, ack, id = seq + 50, ack + 80, id + (o and o.step or 1)
  end
  x:after(SECOND):c(seq, 26, { ack = ack }):after(300 * MS):c(seq, 26, { ack = ack })
  x:after(600 * MS):c(seq, 26, { ack = ack })
  id = id + missing
  return x:after(300 * MS):s(ack, 50, { ack = seq + 26, id = id }):c(seq + 26, 0, { ack = ack + 50 })
end
case("loss_to_server", "as many acknowledgements are missing as copies came in vain", false, function()
  return numbered(2)
end)
case("loss_to_server", "fewer acknowledgements are missing", { severity = "warning" }, function()
  return numbered(1)
end)
case("loss_to_server", "a host that numbers the packets of all its connections", { severity = "warning" }, function()
  return numbered(2, { step = 2 })
end)
