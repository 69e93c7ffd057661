-- Cases of what is sent again, where the numbers of other packets tell what became of the first copy; and of attempts
-- that somebody else has given up.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local craft, new, talk, hs, next_client = pieces.craft, pieces.new, pieces.talk, pieces.hs, pieces.next_client
local later, RST_ACK = pieces.later, pieces.RST_ACK

-- ------------------------------------------- identifications that skip where something was sent again

-- The server numbers the packets of each connection.  Small messages; some of them are sent again, with more behind
-- them.  The server's numbers skip one there ('there'), or elsewhere.
local function skipping(there)
  local x = new():syn({ mss = 1460, sack_ok = true }):after(5 * MS):syn_ack({ mss = 1460, sack_ok = true, id = 0 })
    :after(MS):c_ack(5001)
  local seq, id = 1001, 700
  for i = 1, 24 do
    x:after(SECOND):c(seq, 7, { ack = 5001 })
    if i > 6 and i % 5 == 0 then
      x:after(300 * MS):c(seq, 160, { ack = 5001 })
      id, seq = id + (there and 1 or 0), seq + 153
    elseif i > 6 and i % 5 == 2 and not there then
      id = id + 1
    end
    seq = seq + 7
    x:after(8 * MS):s(5001, 0, { ack = seq, id = id })
    id = id + 1
  end
  return x
end
case("loss_to_server", "its numbers skip one where one came again: an acknowledgement is missing", false, function()
  return skipping(true)
end)
case("loss_to_server", "its numbers skip elsewhere: they count others' packets as well",
  { severity = "error", side = "network" }, function()
    return skipping(false)
  end)

-- ------------------------------------------------------------------ the byte of a window probe

-- The byte of a probe that a closed window kept out comes again by itself when it is open, and then the data; or the
-- window had never been closed.
local function byte_again(closed)
  local x, seq, n = craft.new({ win = 60000 }):hs(), 1001, closed and 1 or 20
  for _ = 1, 4 do
    x:c(seq, 100):s_ack(seq + 100, { win = closed and 0 or 1000 }):after(300 * MS):c(seq + 100, n)
    if closed then
      x:s_ack(seq + 100, { win = 0 }):after(400 * MS):s_ack(seq + 100)
    end
    x:after(closed and MS or 400 * MS):c(seq + 100, n):after(MS):c(seq + 100 + n, 99)
    x:after(20 * MS):s_ack(seq + 199 + n)
    seq = seq + 199 + n
  end
  return x
end
case("loss_to_server", "the byte of a window probe, again by itself when the window opens", false, function()
  return byte_again(true)
end)
case("loss_to_server", "the window had been open", { severity = "error", side = "network" }, function()
  return byte_again(false)
end)

-- ------------------------------------------------------------------ overtaken is not repeated

-- Data of a client that nothing acknowledges any more: overtaken pieces of it, or the same again.
local function unheard(again)
  local x, seq = talk(hs()), 1101
  for i = 1, 8 do
    x:after(SECOND)
    if again then
      x:c(1101, 70)
    else
      x:c(seq + 70, 70, { id = 100 + 2 * i + 1 }):after(100 * US):c(seq, 70, { id = 100 + 2 * i })
      seq = seq + 140
    end
  end
  return later(x, 3 * SECOND)
end
case("peer_gone", "what is overtaken repeats nothing", false, function()
  return unheard(false)
end)
case("peer_gone", "the same again and again", { severity = "warning", side = "server" }, function()
  return unheard(true)
end)

-- ------------------------------------------------------------------ silent here, and heard elsewhere

-- A connection whose client says the same again each second, eight times; the server answers another client before the
-- one with that number.
local function silent_here(when, beside)
  local x = next_client(new(), 2)
  x = talk(beside and pieces.hs_beside("server", x) or x:hs())
  local function elsewhere()
    pieces.close(talk(next_client(x, 3):hs()), 1101, 5101)
    next_client(x, 2)
  end
  for i = 1, 8 do
    if i == when then
      elsewhere()
    end
    x:after(SECOND):c(1101, 70, { ack = 5101 })
  end
  if when > 8 then
    elsewhere()
  end
  return later(x, 3 * SECOND)
end
case("peer_gone", "the server speaks elsewhere between two repetitions", { severity = "warning", side = "network" },
  function()
    return silent_here(5)
  end)
case("peer_gone", "... before the first one", { severity = "warning", side = "server" }, function()
  return silent_here(1)
end)
case("peer_gone", "... behind the last one", { severity = "warning", side = "server" }, function()
  return silent_here(9)
end)
case("peer_gone", "... and the capture is beside the server", { severity = "warning", side = "server" }, function()
  return silent_here(5, true)
end)

-- ------------------------------------------------------------------ one identification for all packets

-- A device with one identification for all that it sends repeats itself when its timer is due; some of its packets came
-- by another way.  The server reports each copy.
local function one_id(apart)
  local x = new():syn({ mss = 1460, sack_ok = true, id = 9 }):after(MS):syn_ack({ mss = 1460, sack_ok = true })
  x:after(MS):c(1001, 0, { ack = 5001, id = 9 })
  local seq = 1001
  for i = 1, 24 do
    local ttl = i < 3 and 128 or 64
    x:after(50 * MS):c(seq, 6, { ack = 5001, id = 9, ttl = ttl }):after(MS):s(5001, 0, { ack = seq + 6 })
    if i % 4 == 0 then
      x:after(apart):c(seq, 6, { ack = 5001, id = 9, ttl = ttl }):after(MS)
      x:s(5001, 0, { ack = seq + 6, sack = { { seq, seq + 6 } } })
    end
    seq = seq + 6
  end
  return x
end
case("duplicated_to_server", "the same identification, when the timer is due, and TTLs of two ways", false, function()
  return one_id(400 * MS)
end)
case("duplicated_to_server", "much sooner than any timer", { side = "network" }, function()
  return one_id(500 * US)
end)

-- ------------------------------------------------------------------ a receiver that leaves

-- The server's last words, three times; then the client resets, without having taken them.  'asked': it had said what
-- it lacked.
local function left(asked)
  local x = new():syn({ mss = 1460, sack_ok = true }):after(20 * US):syn_ack({ mss = 1460, sack_ok = true })
  x:after(20 * MS):c_ack(5001)
  x:c(1001, 100):s(5001, 0, { ack = 1101 })
  for i = 0, 9 do
    x:after(30 * MS):s(5001 + 1448 * i, 1448, { ack = 1101 }):after(20 * MS):c(1101, 0, { ack = 6449 + 1448 * i })
  end
  local seq = 5001 + 14480
  x:after(30 * MS):s(seq, 400, { ack = 1101 }):s(seq + 400, 400, { ack = 1101 })
  if asked then
    x:after(20 * MS):c(1101, 0, { ack = seq, sack = { { seq + 400, seq + 800 } } })
  end
  for _ = 1, 3 do
    x:after(400 * MS):s(seq, 400, { ack = 1101 })
  end
  return x:after(300 * MS):c(1101, 0, { flags = "RA", ack = seq })
end
case("loss_to_client", "a client that resets, and had asked for nothing of what came again", false, function()
  return left(false)
end, { instead = "reset_mid_data" })
case("loss_to_client", "it had said what it lacked", { side = "network" }, function()
  return left(true)
end)

-- ------------------------------------------------------------------ attempts that somebody else gives up

-- A SYN is repeated twice, and a reset comes so much later.
local function refused_after(ns)
  local x = talk(new():syn():after(5 * MS):syn_ack():c_ack(5001))
  next_client(x, 1):syn():after(SECOND):syn():after(2 * SECOND):syn():after(ns)
  return x:s(0, 0, { flags = "RA", ack = 1001 })
end
case("refused", "six seconds after the last SYN", { severity = "warning", side = "network", confidence = "low" },
  function()
    return refused_after(6 * SECOND)
  end)
case("refused", "as soon as the last SYN can have come there", { severity = "warning", side = "server" }, function()
  return refused_after(20 * MS)
end)

-- ------------------------------------------------------------------ a server that has not taken the connection

-- The client resets when it has heard nothing for seconds; the server had repeated its SYN-ACK, or not.
local function ungreeted(repeated)
  local x = new():syn():after(5 * MS):syn_ack():after(MS):c_ack(5001)
  if repeated then
    x:after(3 * SECOND):syn_ack():after(MS):c_ack(5001)
  end
  return x:after(2 * SECOND):c(1001, 0, RST_ACK)
end
case("reset_without_data", "the server had repeated its SYN-ACK", { severity = "info", confidence = "low" }, function()
  return ungreeted(true)
end)
case("reset_without_data", "it had not", { severity = "warning", side = "client" }, function()
  return ungreeted(false)
end)

-- ------------------------------------------------------------------ data that vanishes on a way that loses much

-- One connection's data is sent again in vain; of so many others of three the first SYN was lost.
local function among_lossy(n)
  local x = new()
  for i = 1, 3 do
    if i <= n then
      x:syn():after(SECOND)
    end
    talk(x:syn():after(5 * MS):syn_ack():after(MS):c_ack(5001))
    next_client(x, i)
  end
  x:syn():after(5 * MS):syn_ack():after(MS):c_ack(5001)
  for i = 1, 3 do
    x:c(1001, 211):after(i * SECOND)
  end
  return x
end
case("data_swallowed", "half of the SYNs were lost as well", { severity = "warning", confidence = "low" }, function()
  return among_lossy(2)
end)
case("data_swallowed", "none was", { severity = "warning", confidence = "medium" }, function()
  return among_lossy(0)
end)

-- ------------------------------------------------------------------ a byte that asks a closed window

-- The client's window is closed; the server asks it by a byte each five seconds, and is answered at once: still closed.
local function asks_window(closed)
  local x = talk(hs()):after(20 * MS):s(5101, 100, { ack = 1101 })
  x:c(1101, 0, { ack = 5201, win = closed and 0 or 1000 })
  for i = 0, 3 do
    x:after(5 * SECOND):s(5201 + (closed and 0 or i), 1, { ack = 1101 })
    if closed then
      x:after(MS):c(1101, 0, { ack = 5201, win = 0 })
    end
  end
  return x
end
case("acks_of_client_missing", "bytes that ask a closed window", false, function()
  return asks_window(true)
end, { instead = "client_not_reading" })
case("acks_of_client_missing", "the window is open", { side = "capture" }, function()
  return asks_window(false)
end)

-- An answer of which the window shuts in the middle, and a byte asks it, and is taken.
case("server_halts", "a closed window is asked in between", false, function()
  local x, seq = new({ win = 60000 }):hs():c(1001, 100), 5001
  for _ = 1, 10 do
    x:s(seq, 1400, { ack = 1101 })
    seq = seq + 1400
  end
  x:c(1101, 0, { ack = seq, win = 0 })
  for i = 1, 2 do
    x:after(i * SECOND):s(seq, 1, { ack = 1101 }):c(1101, 0, { ack = seq + 1, win = i == 1 and 0 or 60000 })
    seq = seq + 1
  end
  x:s(seq, 1000, { ack = 1101 }):c(1101, 0, { ack = seq + 1000 })
  return pieces.close(x, 1101, seq + 1000)
end, { instead = "client_not_reading" })

-- Data each 50 ms for so long, and no acknowledgement of it; or the way takes 'step' twice.
local function goes_on(ms, step, again)
  local x = new({ win = 60000 }):hs({ step = step })
  for i = 0, ms / 50 do
    x:after(50 * MS):c(1001 + 100 * i, 100)
  end
  return again and x:c(1001, 100) or x
end
case("acks_of_server_missing", "two seconds of data each 50 ms", { severity = "warning", side = "capture" }, function()
  return goes_on(2000)
end)
case("acks_of_server_missing", "a little less", false, function()
  return goes_on(1950)
end)
case("acks_of_server_missing", "the timer waits as long, where the way does", false, function()
  return goes_on(2500, 130 * MS)
end)
case("acks_of_server_missing", "the first of it is sent again", false, function()
  return goes_on(2500, nil, true)
end)

-- ------------------------------------------------------------------ a peer that is heard, and not captured

-- The server repeats itself three times, and goes on; its acknowledgements move on as well ('heard'), or stay.
local function uncaptured(heard)
  local x = talk(hs()):after(SECOND):s(5101, 100, { ack = 1101 })
  for i = 1, 3 do
    x:after(i * SECOND):s(5101, 100, { ack = 1101 })
  end
  return later(x:after(SECOND):s(5201, 100, { ack = heard and 1301 or 1101 }), 3 * SECOND)
end
case("peer_gone", "its words are acknowledged, and not in the capture", false, function()
  return uncaptured(true)
end)
case("peer_gone", "nothing tells of a word", { severity = "warning", side = "client" }, function()
  return uncaptured(false)
end)

-- ------------------------------------------------------------------ Fast Open that is dropped

-- SYNs with 500 bytes; some get no answer, and open when they come again without data.
local function fast_opens(dropped, answered)
  local x = new()
  for i = 1, dropped + answered do
    next_client(x, i):tcp("c", 1000, 500, { flags = "S" })
    if i <= dropped then
      x:after(SECOND):syn()
    end
    x:after(20 * MS):syn_ack({ ack = i <= dropped and 1001 or 1501 }):after(MS)
    x:c(i <= dropped and 1001 or 1501, i <= dropped and 500 or 0, { ack = 5001 })
    pieces.close(x:s_ack(1501):s(5001, 100, { ack = 1501 }):c(1501, 0, { ack = 5101 }), 1501, 5101)
  end
  return x
end
local WITHOUT_LOSS = { never = { "loss_to_server", "syn_retries", "fast_open_not_taken" } }
case("fast_open_dropped", "each SYN with data",
  { severity = "warning", side = "network", confidence = "medium" }, function()
    return fast_opens(3, 0)
  end, WITHOUT_LOSS)
case("fast_open_dropped", "one of three", { severity = "info", side = "network", confidence = "low" }, function()
  return fast_opens(1, 2)
end, WITHOUT_LOSS)
case("fast_open_dropped", "none", false, function()
  return fast_opens(0, 3)
end)

-- A handshake with timestamps; the client's data twice, and the SYN-ACK again, with that echo.
local function echoes(echo)
  local x = new()
  for i = 1, 2 do
    next_client(x, i):syn({ ts = { 500, 0 } }):after(10 * MS):syn_ack({ ts = { 9000, 500 } }):after(10 * MS)
    x:c_ack(5001, { ts = { 520, 9000 } }):after(10 * MS):c(1001, 300, { ack = 5001, ts = { 530, 9000 } })
    x:after(400 * MS):c(1001, 300, { ack = 5001, ts = { 930, 9000 } })
    x:after(570 * MS):syn_ack({ ts = { 9990, echo } }):c_ack(5001, { seq = 1301, ts = { 1500, 9990 } })
    x:after(300 * MS):c(1001, 300, { ack = 5001, ts = { 1800, 9990 } })
    x:after(20 * MS):s(5001, 100, { ack = 1301, ts = { 10310, 1800 } }):c(1301, 0, { ack = 5101, ts = { 1830, 10310 } })
  end
  return later(x, SECOND)
end
case("not_accepted", "the SYN-ACK echoes the client's data, which had arrived",
  { severity = "error", side = "server", confidence = "medium" }, function()
    return echoes(930)
  end)
-- the data may have been lost, and the server waits for it
case("not_accepted", "it echoes the last step, or what may be that", { side = "network", confidence = "low" },
  function()
    return echoes(530)
  end)
case("not_accepted", "it echoes the SYN", { side = "network", confidence = "low" }, function()
  return echoes(500)
end)
