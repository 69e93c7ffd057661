-- Cases of the rules about what transfers were limited by.

local pieces = ...
local case, MS = pieces.case, pieces.MS
local hs_beside, new = pieces.hs_beside, pieces.new
local hs, talk = pieces.hs, pieces.talk

local US = pieces.US
local LEN = 1000

-- A request, and then flights of the server: 'count' segments each 'every' ms, all acknowledged 'ack' ms
-- after the last one, captured beside the server, 20 ms from the client.
local function flights(o)
  local x = hs_beside("server", new { win = o.win or 60000 })
  local at = 5001
  x:after(MS):tcp("c", 1001, 100, { ack = at })
  for i = 1, o.times do
    local count = o.count + (o.more or 0) * (i - 1)
    for n = 1, count do
      x:after(n == 1 and (o.every - (o.ack or 20)) * MS or (o.spacing or 20) * US):tcp("s", at, LEN, { ack = 1101 })
      at = at + LEN
    end
    x:after((o.ack or 20) * MS):tcp("c", 1101, 0, { ack = at, win = o.wins and o.wins(i) })
  end
  return x
end

-- ------------------------------------------------------------ the application

case("paced_by_application", "1,000 bytes each 100 ms", { severity = "info", side = "server" }, function()
  return flights { times = 40, count = 1, every = 100 }
end, { never = { "paced_by_sender", "paced_by_path", "paced_by_small_window" } })

-- What a side had to wait for: the shares that a finding shows are those of the time that its text names.
local function shares_of(id, name)
  return function(result)
    for _, finding in ipairs(result.analysis.findings) do
      if finding.id == id then
        local counts, sum = finding.evidence.counts, 0
        for _, share in ipairs { "sender_idle", "window", "repair", "path", "sender_window" } do
          sum = sum + counts[share .. "_share"]
        end
        assert(counts[name] >= 0.5, name .. " " .. counts[name])
        assert(sum <= 1 + 1e-9, sum)
      end
    end
  end
end
case("paced_by_application", "pieces, while earlier ones are on the way", { side = "server" }, function()
  return flights { times = 120, count = 1, every = 30 }
end, { check = shares_of("paced_by_application", "sender_idle_share") })
-- A client that sends pieces each 30 ms, 10 of them a turn, and the server takes a second for each of its answers.
case("paced_by_application", "most of the time is the other side's", { side = "client" }, function()
  local x = hs_beside("client", new())
  local at, back = 1001, 5001
  for _ = 1, 20 do
    for _ = 1, 10 do
      x:after(30 * MS):tcp("c", at, LEN, { ack = back })
      at = at + LEN
      x:after(20 * MS):tcp("s", back, 0, { ack = at })
    end
    x:after(1000 * MS):tcp("s", back, 100, { ack = at })
    back = back + 100
    x:after(US):tcp("c", at, 0, { ack = back })
  end
  return x
end, { check = shares_of("paced_by_application", "sender_idle_share") })
case("paced_by_small_window", "its share is that of the window", { side = "client" }, function()
  return flights { times = 80, count = 10, every = 20, win = 10 * LEN }
end, { check = shares_of("paced_by_small_window", "window_share") })

case("paced_by_application", "flights that acknowledgements release", false, function()
  return flights { times = 80, count = 10, every = 20 }
end)

case("paced_by_application", "half a second is nobody's trouble", false, function()
  return flights { times = 15, count = 1, every = 40 }
end)

-- ------------------------------------------------------------------ the window

case("paced_by_small_window", "10 segments a round trip fill it", { severity = "info", side = "client" }, function()
  return flights { times = 80, count = 10, every = 20, win = 10 * LEN }
end, { never = { "paced_by_application", "paced_by_sender", "paced_by_slow_reader" } })

case("paced_by_small_window", "2 segments, for four seconds", { severity = "warning", side = "client" }, function()
  return flights { times = 200, count = 2, every = 20, win = 2 * LEN }
end)

local function cut_at(snaplen)
  return function(result)
    result.capture.snaplen, result.capture.sliced_frames = snaplen, 100
  end
end
case("paced_by_small_window", "2 segments, and the SYNs' options may be cut off", { severity = "info" }, function()
  return flights { times = 200, count = 2, every = 20, win = 2 * LEN }
end, { alter = cut_at(60) })

case("paced_by_small_window", "2 segments, and the data is cut off", { severity = "warning" }, function()
  return flights { times = 200, count = 2, every = 20, win = 2 * LEN }
end, { alter = cut_at(128) })

case("paced_by_small_window", "the same flights with room in the window", false, function()
  return flights { times = 80, count = 10, every = 20, win = 40 * LEN }
end)

-- An upload 20 ms away, seen beside the client: segments of 500 bytes, or flights of a few large ones that fill
-- 'window'; the SYN's scale, the SYN-ACK's, and the window that this one bears.
local function uploads(window, syn, syn_ack, first)
  local large = window > 10 * LEN
  local mss, len = large and 8960 or 1460, large and 8 * LEN or math.min(LEN, window)
  local x = new { win = 501 }:syn { mss = mss, scale = syn, win = 64240 }
  x:after(20 * MS):syn_ack { mss = mss, scale = syn_ack, win = first or window }:after(20 * US):c_ack(5001)
  local at = 1001
  for _ = 1, 200 do
    for n = 1, math.floor(window / len) do
      x:after(n == 1 and MS or 20 * US):tcp("c", at, len, { ack = 5001 })
      at = at + len
    end
    x:after(20 * MS):tcp("s", 5001, 0, { ack = at, win = window })
  end
  return x
end
case("scaling_taken_out", "the SYN-ACK allows 65,160 bytes, and what follows the same less seven bits", {
  severity = "error", side = "network", confidence = "medium",
}, function()
  return uploads(509, 7, nil, 65160)
end, { never = { "paced_by_small_window" } })
case("scaling_taken_out", "the SYN does not offer it, so nobody scales", false, function()
  return uploads(509, nil, nil, 65160)
end, { instead = "paced_by_small_window" })
case("scaling_taken_out", "a window that is no part of the SYN-ACK's", false, function()
  return uploads(700, 7, nil, 65160)
end, { instead = "paced_by_small_window" })
case("scaling_taken_out", "the SYN-ACK bears it", false, function()
  return uploads(509, 7, 0, 65160)
end, { instead = "paced_by_small_window" })
case("scaling_taken_out", "the window was as small in the SYN-ACK", false, function()
  return uploads(509, 7, nil, 509)
end, { instead = "paced_by_small_window" })
local function says(what)
  return function(result)
    for _, finding in ipairs(result.analysis.findings) do
      if finding.id == "paced_by_small_window" then
        local there = finding.text:find("It cannot be larger: " .. (what or ""), 1, true) ~= nil
        assert(there == (what ~= nil), finding.text)
      end
    end
  end
end
case("paced_by_small_window", "64 kB, which the SYN-ACK does not let grow", { side = "server" }, function()
  return uploads(65000, 7, nil)
end, { check = says "the SYN offers window scaling, and the SYN-ACK does not take it up." })
case("paced_by_small_window", "64 kB, which the SYN does not let grow", { side = "client" }, function()
  return uploads(65000, nil, nil)
end, { check = says "the SYN does not offer window scaling." })
case("paced_by_small_window", "the same, of which no connection is to be shown", { side = "client" }, function()
  return uploads(65000, nil, nil)
end, { options = { connections = 0 } })
case("paced_by_small_window", "64 kB, which might grow", { side = "server" }, function()
  return uploads(65000, 7, 0)
end, { check = says(nil) })

case("paced_by_slow_reader", "a window that shrinks to a tenth", { severity = "info", side = "client" }, function()
  return flights { times = 120, count = 2, every = 20, win = 20 * LEN, wins = function(i)
    return i < 5 and 20 * LEN or 2 * LEN
  end }
end, { never = { "paced_by_small_window" } })

case("paced_by_slow_reader", "a window that stays as it is", false, function()
  return flights { times = 80, count = 10, every = 20, win = 10 * LEN }
end)

-- Ten segments each 620 ms, all acknowledged 20 ms later; a reader that leaves them lying opens its window just before
-- the next.
local function crumbs(reads)
  local most = 10 * LEN + 200
  local x = hs_beside("server", new { win = most })
  local at = 5001
  x:after(MS):tcp("c", 1001, 100, { ack = at })
  for _ = 1, 40 do
    for n = 1, 10 do
      x:after(n > 1 and 20 * US or reads and 600 * MS or 200 * US):tcp("s", at, LEN, { ack = 1101 })
      at = at + LEN
    end
    x:after(20 * MS):tcp("c", 1101, 0, { ack = at, win = reads and most or 200 })
    if not reads then
      x:after(600 * MS):tcp("c", 1101, 0, { ack = at, win = most })
    end
  end
  return x
end

case("paced_by_slow_reader", "a window with no room for a segment", { severity = "info", side = "client" }, function()
  return crumbs(false)
end, { never = { "paced_by_application" } })

case("paced_by_slow_reader", "the same pauses, and room for ten", false, function()
  return crumbs(true)
end, { instead = "paced_by_application" })

-- ------------------------------------------------------------------ the sender

case("paced_by_sender", "10 segments a round trip, and more would fit",
  { severity = "info", side = "server", confidence = "low" }, function()
    return flights { times = 80, count = 10, every = 20 }
  end)

case("paced_by_sender", "flights that grow", false, function()
  return flights { times = 12, count = 2, more = 2, every = 20 }
end)

case("paced_by_sender", "a full window", false, function()
  return flights { times = 80, count = 10, every = 20, win = 10 * LEN }
end)

-- -------------------------------------------------------------------- the path

-- A segment each 5 ms, acknowledged so much later than at best.
local function stream(late)
  local x = hs_beside("server", new { win = 60000 })
  local at, acked = 5001, 5001
  x:after(MS):tcp("c", 1001, 100, { ack = at })
  for i = 1, 400 do
    local behind = i < 20 and 4 or late
    local quiet = i <= 5 or at - behind * LEN < acked -- nothing was acknowledged since the segment before
    x:after((quiet and 5 or 3) * MS):tcp("s", at, LEN, { ack = 1101 })
    at = at + LEN
    if at - behind * LEN > acked then
      acked = at - behind * LEN
      x:after(2 * MS):tcp("c", 1101, 0, { ack = acked })
    end
  end
  return x
end

case("paced_by_path", "30 segments wait on the way", { severity = "info", side = "network" }, function()
  return stream(30)
end)

case("paced_by_path", "no more on the way than at the beginning", false, function()
  return stream(4)
end)

-- ----------------------------------------------------------------------- losses

-- Flights of five; the first segment of each 'nth' is lost, and comes again when four acknowledgements say so.
local function lossy(nth, first)
  local x = hs_beside("server", new { win = 60000 })
  local at, id = 5001, 0
  local function data(seq)
    id = id + 1
    x:tcp("s", seq, LEN, { ack = 1101, id = id })
  end
  x:after(MS):tcp("c", 1001, 100, { ack = at })
  for n = 1, first or 0 do
    x:after(20 * US)
    data(at)
    at = at + LEN
    if n % 5 == 0 then
      x:after(15 * MS):tcp("c", 1101, 0, { ack = at })
    end
  end
  if first then
    x:after(20 * MS):tcp("c", 1101, 0, { ack = at })
    x:after(MS)
    data(at - LEN)
  end
  for i = 1, 80 do
    local begin = at
    for n = 1, 5 do
      x:after(n == 1 and MS or 20 * US)
      data(at)
      at = at + LEN
    end
    if i % nth == 0 then
      for n = 1, 4 do
        x:after(n == 1 and 20 * MS or 20 * US):tcp("c", 1101, 0, { ack = begin })
      end
      x:after(100 * US)
      data(begin)
    end
    x:after(20 * MS):tcp("c", 1101, 0, { ack = at })
  end
  return x
end

case("paced_by_losses", "each second flight loses a segment", { severity = "info", side = "network" }, function()
  return lossy(2)
end)

case("paced_by_losses", "and the 64th comes needlessly", { severity = "info", side = "network" }, function()
  return lossy(2, 63)
end)

-- Flights of five; the client shuts its window on the last one, which comes again when it opens 6 s later; the first of
-- it came into the closed window meanwhile.  'lost': its window stays open.
local function kept_out(lost)
  local x, at = talk(hs()), 5101
  local function data(seq)
    x:s(seq, 1448, { ack = 1101 })
  end
  for i = 1, 40 do
    for n = 1, 5 do
      x:after(n == 1 and MS or 20 * US)
      data(at)
      at = at + 1448
    end
    if i < 40 then
      x:after(20 * MS):c(1101, 0, { ack = at })
    end
  end
  local begin = at - 5 * 1448
  local win = lost and 60000 or 0
  x:after(20 * MS):c(1101, 0, { ack = begin, win = win })
  for _, ms in ipairs { 200, 400, 800, 1600, 3000 } do
    x:after(ms * MS)
    data(begin)
    if not lost then
      x:after(20 * MS):c(1101, 0, { ack = begin, win = 0 })
    end
  end
  x:c(1101, 0, { ack = begin, win = 60000 })
  for n = 0, 4 do
    x:after(n == 0 and MS or 20 * US)
    data(begin + n * 1448)
  end
  return x:after(20 * MS):c(1101, 0, { ack = at })
end
case("paced_by_losses", "a closed window had kept out what comes again", false, function()
  return kept_out()
end, { instead = "client_not_reading" })
case("paced_by_losses", "the window stays open", { severity = "info", side = "network" }, function()
  return kept_out(true)
end)

case("paced_by_losses", "none does", false, function()
  return lossy(1000)
end)
