-- Cases of what tells that data was lost, and of what leaves open whether it was the data or its acknowledgement.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local new, later = pieces.new, pieces.later

for _, d in ipairs({ { "c", "server", "client", "s", 1001, 5001 }, { "s", "client", "server", "c", 5001, 1001 } }) do
  local side, to, from, back, base, ack_seq = d[1], d[2], d[3], d[4], d[5], d[6]
  local loss, delayed = "loss_to_" .. to, "delayed_to_" .. to

  -- A handshake in the middle of a way of 40 ms.
  local function open(sack, o)
    local options = { sack_ok = sack, mss = 1460 }
    return new(o):syn(options):after(20 * MS):syn_ack(options):after(20 * MS):c_ack(5001):after(50 * MS)
  end
  local function data(x, from_byte, len, more)
    return x:tcp(side, base + from_byte, len, more)
  end
  local function ack(x, to_byte, more)
    more = more or {}
    more.ack = base + to_byte
    return x:tcp(back, ack_seq, 0, more)
  end

  -- ---------------------------------------------- old data with new data behind it

  -- 74 bytes, and 500 ms later again with 186 bytes behind them; the report names so many.
  local function with_news(named)
    local x = data(open(true), 0, 74):after(500 * MS)
    return ack(data(x, 0, 260):after(20 * MS), 260, { sack = named and { { base, base + named } } })
  end
  case(delayed, "a D-SACK names all that was old in a segment", { severity = "info" }, function()
    return with_news(74)
  end, { never = { loss } })
  case(loss, "a part of what was old", { severity = "warning" }, function()
    return with_news(40)
  end)
  case(loss, "nothing came twice, as the receiver would say", { severity = "warning" }, function()
    return with_news()
  end)
  -- Two segments again in one, of which the first had come.
  case(loss, "a D-SACK names one of two segments that came again in one", { severity = "warning" }, function()
    local x = data(data(open(true), 0, 100), 100, 100):after(500 * MS)
    return ack(data(x, 0, 200):after(20 * MS), 200, { sack = { { base, base + 100 } } })
  end)

  -- ------------------------------------------------------ several within milliseconds

  -- A segment four times more: after half a second, and then each so much later.
  local function burst(apart)
    local x = data(open(), 0, 84):after(500 * MS)
    for _ = 1, 4 do
      data(x, 0, 84):after(apart)
    end
    return later(ack(x:after(400 * MS), 84), SECOND)
  end
  local lost_behind = ("between the capture point and the %s"):format(to)
  case(loss, "four copies within milliseconds: one loss, or its acknowledgement's", { severity = "warning",
    confidence = "medium",
    text = ("1 of 5 data segments (20 %%) towards the %s was sent again because no acknowledgement had come: "
      .. "lost %s, or its acknowledgement was lost or late on the way back; "
      .. "it was repeated only after 200 ms or more.")
      :format(to, lost_behind) }, function()
    return burst(2 * MS)
  end)
  case(loss, "four copies, each after a timeout", { severity = "error",
    confidence = "medium",
    text = ("4 of 5 data segments (80 %%) towards the %s were sent again because no acknowledgement had come: "
      .. "lost %s, or their acknowledgements were lost or late on the way back; "
      .. "all were repeated only after 200 ms or more.")
      :format(to, lost_behind) }, function()
    return burst(600 * MS)
  end)

  -- ------------------------------------------------------------- data, or its acknowledgement

  -- Three segments at once, of which some come again after half a second.
  local function three(sack, repeated, said)
    local x = open(sack)
    for i = 0, 2 do
      data(x, 100 * i, 100)
    end
    x:after(20 * MS)
    for _ = 1, said or 0 do
      ack(x, 0)
    end
    x:after(500 * MS)
    for i = 0, repeated - 1 do
      data(x, 100 * i, 100):after(20 * MS)
      ack(x, repeated == 1 and 300 or 100 * i + 100):after(20 * MS)
    end
    return x
  end
  local function either(n)
    return { severity = "warning", confidence = "medium",
      text = ("%d of 4 data segments (%d %%) towards the %s was sent again because no acknowledgement had come: "
        .. "lost %s, or its acknowledgement was lost or late on the way back; "
      .. "it was repeated only after 200 ms or more.")
        :format(n, 25 * n, to, lost_behind) }
  end
  local function lost(n, share, waited)
    return { text = ("%d of %d data segments (%s %%) towards the %s %s lost and sent again, %s; "
      .. "%s repeated only after 200 ms or more.")
      :format(n, n + 3, share, to, n == 1 and "was" or "were", lost_behind, waited) }
  end
  case(loss, "one acknowledgement of all, without SACK", either(1), function()
    return three(false, 1)
  end)
  case(loss, "... behind two duplicate acknowledgements: it lacks the first", lost(1, "25", "it was"), function()
    return three(false, 1, 2)
  end)
  case(loss, "... of a receiver that would report what comes twice", lost(1, "25", "it was"), function()
    return three(true, 1)
  end)
  local all = lost(3, "50", "all were")
  case(loss, "each acknowledged by itself: the receiver has nothing of what lay behind", all, function()
    return three(false, 3)
  end)
  case(loss, "a lone segment beside its receiver, which may have been late", { severity = "warning",
    confidence = "medium",
    text = ("1 of 2 data segments (50 %%) towards the %s was sent again because no acknowledgement had come: "
      .. "lost behind the capture point, beside the %s, or the %s's host acknowledged late; "
      .. "it was repeated only after 200 ms or more.")
      :format(to, to, to) }, function()
    local near, far = 100 * 1000, 40 * MS
    local x = new():syn({ mss = 1460 }):after(side == "c" and near or far):syn_ack({ mss = 1460 })
    x:after(side == "c" and far or near):c_ack(5001)
    return ack(data(data(x:after(50 * MS), 0, 100):after(600 * MS), 0, 100):after(near), 100)
  end)

  -- ------------------------------------------- nobody says, though he would: cut options, resets

  -- A last segment that comes again so much later; of each packet no option of TCP is in the capture.
  local function probed(after)
    local function cut(more)
      more.ts, more.cut_tcp = { 500, 400 }, 20
      return more
    end
    local x = new():syn(cut { sack_ok = true, mss = 1460 }):after(20 * MS):syn_ack(cut { sack_ok = true, mss = 1460 })
    x = data(x:after(20 * MS):c_ack(5001, cut {}):after(50 * MS), 0, 100, cut {}):after(after)
    return ack(data(x, 0, 100, cut {}):after(20 * MS), 100, cut { sack = { { base, base + 100 } } })
  end
  case(loss, "before its acknowledgement may be delayed, and the options that could tell are cut off",
    { severity = "info", side = from, confidence = "low" }, function()
      return probed(45 * MS)
    end)
  case(loss, "... after a timeout", { severity = "warning", side = "network", confidence = "medium" }, function()
    return probed(600 * MS)
  end)

  -- A last segment comes again, and the receiver resets.
  local function reset(after, rst)
    local x = data(open(true), 0, 100)
    x = ack(x:after(20 * MS), 100)
    x = data(data(x:after(50 * MS), 100, 80), 180, 31):after(after)
    data(x, 180, 31):after(13 * MS)
    return ack(x, 211, rst and { flags = "RA" } or nil)
  end
  case(loss, "a probe of the tail, which a reset acknowledges", false, function()
    return reset(60 * MS, true)
  end)
  case(loss, "a timeout, and a reset", { confidence = "medium" }, function()
    return reset(500 * MS, true)
  end)
  case(loss, "a probe of the tail, and an acknowledgement without D-SACK", { severity = "warning" }, function()
    return reset(60 * MS)
  end)

  -- ------------------------------------------------ a window that shrinks, and opens again a little

  -- Ten segments meet a window that shuts; it opens again by 'room' bytes while more come, and then all come again.
  local function reopened(room)
    local x = open(true)
    for i = 0, 9 do
      data(x, 1448 * i, 1448)
    end
    ack(x:after(MS), 0, { win = 0 })
    ack(x:after(MS), 0, { win = room })
    for i = 10, 14 do
      data(x, 1448 * i, 1448):after(MS)
      ack(x, 0, { win = room })
    end
    x:after(300 * MS)
    for i = 0, 14 do
      data(x, 1448 * i, 1448):after(20 * MS)
      ack(x, 1448 * (i + 1), { win = room }):after(40 * MS)
    end
    return x
  end
  case(loss, "what came beyond a window that had opened by two segments comes again", false, function()
    return reopened(3000)
  end, { instead = "probed_by_" .. from })
  case(loss, "the window had room for it all", { severity = "error" }, function()
    return reopened(60000)
  end)

  -- ------------------------------------------------- acknowledgements that come several times

  -- Five segments, of which each but the last is acknowledged so often; the third is sent again, and had come.
  local reordering = "reordering_to_" .. to
  local function answered(times)
    local x = open(true)
    for round = 0, 3 do
      local n = 5000 * round
      for i = 0, 4 do
        data(x, n + 1000 * i, 1000)
      end
      x:after(10 * MS)
      for i = 1, 4 do
        for _ = 1, i == 2 and math.max(4, times) or times do
          ack(x, n + 1000 * i)
        end
      end
      data(x:after(25 * MS), n + 2000, 1000):after(20 * MS)
      ack(x, n + 5000, { sack = { { base + n + 2000, base + n + 3000 } } }):after(30 * MS)
    end
    return x
  end
  case(reordering, "acknowledgements that come four times each ask for what had come", false, function()
    return answered(4)
  end)
  case(reordering, "one acknowledgement of each segment but of one", { severity = "warning" }, function()
    return answered(1)
  end)
end
