-- Cases of what was sent again where something else than a loss is the likelier reason, and of captures that cannot
-- tell.

local pieces = ...
local case, MS, SECOND, US = pieces.case, pieces.MS, pieces.SECOND, pieces.US
local new, hs, talk, later = pieces.new, pieces.hs, pieces.talk, pieces.later

local SACK = { sack_ok = true }

-- A handshake with MSS and SACK; the way to the client and back takes 'far'.
local function open(o, far)
  local function with(more)
    local all = { mss = 1460, sack_ok = o.sack, ts = more }
    return all
  end
  return new():syn(with(o.ts and { 100, 0 })):after(40 * 1000):syn_ack(with(o.ts and { 900, 100 }))
    :after(far or 5 * MS):c_ack(5001, o.ts and { ts = { 105, 900 } } or nil)
end

-- ------------------------------------------------------------ two repetitions

-- Data that is sent twice more: the waits before each, and how long the capture goes on.
local function in_vain(first, second, ways)
  local x = talk(hs())
  x:after((ways or 100) * MS):c(1101, 100):after(first * MS):c(1101, 100):after(second * MS):c(1101, 100)
  return later(x, SECOND)
end
case("peer_gone", "two repetitions in vain, the second three seconds after the data",
  { severity = "warning", side = "server", confidence = "medium" }, function()
    return in_vain(1000, 2100)
  end)
case("peer_gone", "two repetitions in vain within 2.5 s", false, function()
  return in_vain(800, 1700)
end)
case("peer_gone", "two repetitions, and the capture ends with the second", false, function()
  return talk(hs()):after(100 * MS):c(1101, 100):after(SECOND):c(1101, 100):after(2100 * MS):c(1101, 100)
end)
case("peer_gone", "two repetitions, and an answer", false, function()
  return in_vain(1000, 2100):s_ack(1201)
end)

-- A stream that was picked up midway begins with a segment whose one before comes behind it, numbered so.
local function begins_with(id)
  local x = new():s(6401, 22, { ack = 1001, id = 1000, ts = { 900, 100 } }):after(200 * 1000)
  for _ = 1, 3 do
    x:c(1001, 0, { ack = 5001, ts = { 101, 800 } })
  end
  x:after(300 * 1000):s(5001, 1400, { ack = 1001, id = id, ts = { 900, 100 } })
  x:after(400 * 1000):c(1001, 0, { ack = 6423, ts = { 102, 900 } }):after(20 * MS)
  return x:s(6423, 65, { ack = 1001, id = 1002, ts = { 920, 102 } }):c(1001, 0, { ack = 6488, ts = { 104, 920 } })
end
case("loss_to_client", "the first two segments of the capture changed places", false, function()
  return begins_with(999)
end)
case("loss_to_client", "the second has an identification of its own", { side = "network" }, function()
  return begins_with(1001)
end)

-- ------------------------------------------------------- lost acknowledgements

-- Ten segments of the server; the first is sent again, and then one acknowledgement takes up all ('at_once'), or one
-- comes for every second.  It names the first as come twice.
local function of_ten(at_once)
  local x = open({ sack = true, ts = true }):c(1001, 100, { ts = { 106, 900 } })
  for i = 0, 9 do
    x:s(5001 + 1448 * i, 1448, { ack = 1101, ts = { 1000, 106 } })
  end
  for k = 1, 3 do
    x:after(400 * MS * k):s(5001, 1448, { ack = 1101, ts = { 1000 + 400 * k, 106 } })
  end
  x:after(5 * MS)
  for i = 2, at_once and 1 or 10, 2 do
    x:c(1101, 0, { ack = 5001 + 1448 * i, ts = { 2500, 1000 } })
  end
  return x:c(1101, 0, { ack = 5001 + 14480, ts = { 2500, 1000 }, sack = { { 5001, 6449 } } })
end
case("resent_needlessly_to_client", "one acknowledgement of ten segments that names one as come twice",
  { severity = "warning", side = "network", confidence = "medium" }, function()
    return of_ten(true)
  end)
case("resent_needlessly_to_client", "one for every second segment, all late", false, function()
  return of_ten(false)
end, { instead = "delayed_to_client" })

-- Of two segments that were captured as one the second half is sent again, 10 ms after all was acknowledged; what came
-- behind was reported before that ('asked').
local function half_again(asked)
  local x = open({ sack = true })
  for i = 0, 2 do
    local seq = 5001 + 4344 * i
    x:after(900 * MS):s(seq, 2896, { ack = 1001 }):s(seq + 2896, 1448, { ack = 1001 }):after(5 * MS)
    if asked then
      x:c(1001, 0, { ack = seq, sack = { { seq + 2896, seq + 4344 } } })
    end
    x:c(1001, 0, { ack = seq + 4344 }):after(10 * MS):s(seq + 1448, 1448, { ack = 1001 }):after(5 * MS)
    x:c(1001, 0, { ack = seq + 4344, sack = { { seq + 1448, seq + 2896 } } })
  end
  return x
end
case("resent_needlessly_to_client", "the client had reported a hole", false, function()
  return half_again(true)
end, { never = { "loss_to_client" } })
case("resent_needlessly_to_client", "the client had reported none", { severity = "warning", side = "network" },
  function()
    return half_again(false)
  end)

-- Three segments, captured as one, that are late, a probe of the tail across two of them, and all three again by a
-- timer.  The client reports three copies: the last of them is the third segment's, or the probe's ('probe').
local function probed(probe)
  local x, seq = open({ sack = true }), 5001
  for _ = 1, 3 do
    x:after(20 * MS):s(seq, 3000, { ack = 1001 }):after(90 * MS):s(seq + 1600, 1400, { ack = 1001 }):after(300 * MS)
    for i = 0, 2 do
      x:s(seq + 1000 * i, 1000, { ack = 1001 }):after(MS)
    end
    x:after(20 * MS)
    for i = 1, 3 do
      x:c(1001, 0, { ack = seq + 1000 * i }):after(MS)
    end
    for i = 0, 2 do
      local from = probe and i == 2 and 1600 or 1000 * i
      x:after(20 * MS):c(1001, 0, { ack = seq + 3000, sack = { { seq + from, seq + 1000 * (i + 1) } } })
    end
    seq = seq + 3000
  end
  return x
end
case("loss_to_client", "copies of a timer that lie across a probe of the tail, each reported", false, function()
  return probed(false)
end, { instead = "delayed_to_client" })
case("loss_to_client", "the probe is reported, and the last copy is not", { severity = "error", side = "network" },
  function()
    return probed(true)
  end)

-- ------------------------------------------------------------ a smaller MTU before

-- Segments of 'len' bytes, of which one short one comes late and is asked for.
local function late_piece(len)
  local x, seq = open({ sack = true }):after(10 * MS), 1001
  for i = 1, 20 do
    if i == 8 then
      x:c(seq + 200, len, { id = 0 }):s(5001, 0, { ack = seq, sack = { { seq + 200, seq + 200 + len } } })
      x:c(seq + 200 + len, len, { id = 0 }):s(5001, 0, { ack = seq, sack = { { seq + 200, seq + 200 + 2 * len } } })
      x:s(5001, 0, { ack = seq, sack = { { seq + 200, seq + 200 + 2 * len } } }):after(6 * MS)
      x:c(seq, 200, { id = 0 }):s_ack(seq + 200 + 2 * len)
      seq = seq + 200 + 2 * len
    else
      x:c(seq, len, { id = 0 }):s_ack(seq + len)
      seq = seq + len
    end
  end
  return x
end
case("loss_to_server", "a piece is missing, and all segments are shorter than the MSS",
  { severity = "info", side = "network" },
  function()
    return late_piece(1348)
  end)
case("loss_to_server", "a piece is missing, and the segments are full",
  { severity = "warning", side = "network" }, function()
  return late_piece(1448)
end)

-- ----------------------------------------------------------------- overtaken

-- A segment that is missing comes when 'newest' has passed; it carries 'stamp', as those beside it do.
local function overtaken(stamp, newest)
  local x = open({ sack = true, ts = true }, 20 * MS):c(1001, 100, { ts = { 125, 900 } }):s_ack(1101,
  { ts = { 925, 125 } })
  local seq = 1101
  for _ = 1, 4 do
    x:after(30 * MS):c(seq + 1000, 1000, { id = 0, ts = { 500, 925 } })
    x:s(5001, 0, { ack = seq, ts = { 950, 125 }, sack = { { seq + 1000, seq + 2000 } } })
    x:after(MS):c(seq + 2000, 1000, { id = 0, ts = { newest, 925 } })
    for _ = 1, 3 do
      x:s(5001, 0, { ack = seq, ts = { 950, 125 }, sack = { { seq + 1000, seq + 3000 } } })
    end
    x:after(15 * MS):c(seq, 1000, { id = 0, ts = { stamp, 925 } }):s_ack(seq + 3000, { ts = { 970, 500 } })
    seq = seq + 3000
  end
  return x
end
case("reordering_to_server", "older by its timestamp than what has passed since",
  { severity = "warning", side = "network" },
  function()
    return overtaken(500, 503)
  end, { never = { "loss_to_server" } })
case("reordering_to_server", "no older than anything that has passed, and asked for", false, function()
  return overtaken(500, 500)
end, { instead = "loss_to_server" })

-- -------------------------------------------------------------- stalled on the way

-- Three segments of the server, the last one again after 25 ms, on a way of 5 ms.  The acknowledgement of the first two
-- comes in time, or all are taken up late by one.
local function stalled(in_time)
  local x, seq = open({ sack = true }):c(1001, 100):s_ack(1101), 5001
  for _ = 1, 4 do
    x:after(50 * MS):s(seq, 1460, { ack = 1101 }):s(seq + 1460, 1460, { ack = 1101 }):s(seq + 2920, 900, { ack = 1101 })
    if in_time then
      x:after(5 * MS):c(1101, 0, { ack = seq + 2920 })
    end
    x:after(25 * MS):s(seq + 2920, 900, { ack = 1101 }):after(20 * MS):c(1101, 0, { ack = seq + 3820 })
    seq = seq + 3820
  end
  return x
end
case("loss_to_client", "the tail again while all before it is late, and all is taken up at once", false, function()
  return stalled(false)
end, { instead = "tail_probes_to_client" })
case("loss_to_client", "the tail again when all before it was acknowledged", { side = "network" }, function()
  return stalled(true)
end)

-- FINs of a server whose client is gone, or of which one is lost.
local function fin_again(times)
  local x = hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 }):s(5101, 0, { flags = "FA" })
  for i = 1, times do
    x:after(2 ^ i * 300 * MS):s(5101, 0, { flags = "FA" })
  end
  return x
end
case("loss_to_client", "FINs to a client that is gone are told once", false, function()
  return pieces.later(fin_again(6), 60 * SECOND)
end, { instead = "peer_gone" })
case("loss_to_client", "a FIN that is taken when it comes again", { severity = "info" }, function()
  return fin_again(1):c(1101, 0, { ack = 5102, flags = "FA" }):s(5102, 0, { ack = 1102 })
end)

-- ------------------------------------------------------------- captured twice

-- Answers that are sent again after 14 ms, and named by D-SACK; each packet is captured twice.
local function short_timer()
  local x = open({ sack = true }, MS)
  local function twice()
    x:copy(nil, 2000)
  end
  local seq = 5001
  for _ = 1, 6 do
    x:after(30 * MS):s(seq, 300, { ack = 1001, id = 0 })
    twice()
    x:after(14 * MS):s(seq, 300, { ack = 1001, id = 0 })
    twice()
    x:after(MS):c(1001, 0, { ack = seq + 300, sack = { { seq, seq + 300 } } })
    twice()
    seq = seq + 300
  end
  return x
end
case("loss_to_client", "sent again, and named as come twice, in a capture that shows each packet twice", false,
  function()
  return short_timer()
end)

-- ------------------------------------------------------ a receiver without SACK

-- Of eight segments the second is asked for by three acknowledgements, and all from there on are sent again.
local function in_the_wake(sack)
  local x = new():syn(SACK):after(40 * MS):syn_ack(sack and SACK or {}):after(2 * MS):c_ack(5001):c(1001,
  100):s_ack(1101)
  x:after(50 * MS)
  for i = 0, 7 do
    x:s(5001 + 1000 * i, 1000, { ack = 1101 })
  end
  x:after(2 * MS)
  for _ = 1, 4 do
    x:c(1101, 0, { ack = 6001, sack = sack and { { 7001, 8001 } } or nil })
  end
  x:c(1101, 0, { ack = 13001 }):after(20 * MS)
  for i = 1, 7 do
    x:s(5001 + 1000 * i, 1000, { ack = 1101 })
    if not sack then
      x:c(1101, 0, { ack = 13001 })
    end
  end
  return x
end
case("reordering_to_client", "asked for without SACK: it may have come twice as well", { severity = "info" }, function()
  local x = in_the_wake(false)
  for _ = 1, 2 do
    x:after(MS)
  end
  return x
end)

-- Without SACK, of twelve segments to a client 20 ms away each is sent again when the one before it is acknowledged, as
-- it is just then; 'asked': duplicate acknowledgements had asked for the first of these, else a timer was first.
local function again_without_sack(asked)
  local x = new():syn(SACK):after(2 * MS):syn_ack():after(20 * MS):c_ack(5001):c(1001, 100):s_ack(1101):after(50 * MS)
  for i = 0, 11 do
    x:after(US):s(5001 + 1000 * i, 1000, { ack = 1101 })
  end
  x:after(20 * MS)
  for _ = 1, asked and 4 or 1 do
    x:c(1101, 0, { ack = 6001 })
  end
  x:after(asked and US or 250 * MS)
  for i = 1, 10 do
    x:s(5001 + 1000 * i, 1000, { ack = 1101 }):after(200 * US):c(1101, 0, { ack = 6001 + 1000 * i }):after(US)
  end
  return x
end
case("delayed_to_client", "behind what was asked for, without SACK", { severity = "info" }, function()
  return again_without_sack(true)
end)
case("delayed_to_client", "behind what a timer sent again", { severity = "warning" }, function()
  return again_without_sack(false)
end)

-- --------------------------------------------------- a capture in a wrong order

-- The server speaks at a pace, and each of its segments stands behind its acknowledgement, or before it.
local function beats(wrong)
  local x, seq = hs(), 5001
  for _ = 1, 8 do
    x:after(300 * MS)
    if wrong then
      x:c(1001, 0, { ack = seq + 400 }):after(MS):s(seq, 400, { ack = 1001 })
    else
      x:s(seq, 400, { ack = 1001 }):after(MS):c(1001, 0, { ack = seq + 400 })
    end
    seq = seq + 400
  end
  return x
end
case("server_waits_for_ack", "each segment stands behind its own acknowledgement", false, function()
  return beats(true)
end, { instead = "capture_order" })

-- Answers 500 ms after the question, on a way that takes 'way' there and back; some stand behind their acknowledgement.
local function slow_and_bent(way)
  local x = new():syn():after(20 * MS):syn_ack():after((way - 20) * MS):c_ack(5001)
  for i = 0, 7 do
    x:after(20 * MS):c(1001 + 80 * i, 80):after(500 * MS)
    x:c(1081 + 80 * i, 0, { ack = 5101 + 100 * i }):after(MS):s(5001 + 100 * i, 100, { ack = 1081 + 80 * i })
  end
  return x
end
case("slow_server", "answers that take no longer than the whole way, in a wrong order",
  { severity = "info" }, function()
  return slow_and_bent(480)
end)
case("slow_server", "answers that take longer than twice the whole way, in a wrong order",
  { severity = "warning" }, function()
  return slow_and_bent(60)
end)

-- ------------------------------------------------------ a capture that lacks much

-- A question whose answer is missing, as the reset's own number says, or was never given.
local function reset_after(missing, before)
  local x = hs():c(1001, 100)
  if before then
    x:s(5301, 300, { ack = 1101 }):c(1101, 0, { ack = 5601 }):c(1101, 100, { ack = 5601 })
    return x:s(5601, 0, { ack = 1201 }):after(1600 * MS):c(1201, 0, { flags = "RA", ack = 5601 })
  end
  x:s(5001, 300, { ack = 1101 }):c(1101, 0, { ack = 5301 })
  x:c(1101, 100):s_ack(1201):after(1500 * MS)
  if missing then
    x:c(1201, 0, { ack = 5301 + missing })
  end
  return x:after(100 * MS):c(1201, 0, { flags = "RA", ack = 5301 + (missing or 0) })
end
case("reset_before_answer", "the capture lacks as much as an answer",
  { severity = "info", confidence = "low" }, function()
  return reset_after(0, true)
end)
case("reset_before_answer", "the client acknowledges an answer that is not in the capture", false, function()
  return reset_after(300)
end, { instead = "reset_untold" })
case("no_answer", "the server's number tells of an answer that is not in the capture", false, function()
  local x = hs():s(5001, 50):c(1001, 20, { ack = 5051 }):s(5051, 40, { ack = 1021 }):c(1021, 20, { ack = 5091 })
  x:after(400 * MS):c(1021, 20, { ack = 5091 }):after(40 * MS):s(5131, 0, { ack = 1041 })
  return x:after(26 * SECOND):c(1041, 0, { flags = "RA", ack = 5091 })
end, { instead = "reset_untold" })
case("no_answer", "its number tells of none", { side = "server" }, function()
  local x = hs():s(5001, 50):c(1001, 20, { ack = 5051 }):s(5051, 40, { ack = 1021 }):c(1021, 20, { ack = 5091 })
  x:after(400 * MS):c(1021, 20, { ack = 5091 }):after(40 * MS):s(5091, 0, { ack = 1041 })
  return x:after(26 * SECOND):c(1041, 0, { flags = "RA", ack = 5091 })
end)
case("reset_before_answer", "there is no answer", { side = "client" }, function()
  return reset_after()
end)

-- A stream picked up midway: of each three segments the second comes 'behind' the third, which the client has
-- reported by then.
local function behind_the_third(behind)
  local x = new()
  for i = 0, 9 do
    local seq = 5001 + 4344 * i
    x:after(50 * MS):s(seq, 1448, { ack = 1001, id = 0 }):after(50 * US):c(1001, 0, { ack = seq + 1448 })
    x:after(50 * MS):s(seq + 2896, 1448, { ack = 1001, id = 0 }):after(50 * US)
    x:c(1001, 0, { ack = seq + 1448, sack = { { seq + 2896, seq + 4344 } } })
    x:after(behind):s(seq + 1448, 1448, { ack = 1001, id = 0 }):after(50 * US):c(1001, 0, { ack = seq + 4344 })
  end
  return x
end
case("loss_to_client", "what is missing comes sooner than anybody has been asked, the way not known", false, function()
  return behind_the_third(100 * US)
end)
case("loss_to_client", "what is missing comes 60 ms later", { severity = "error", side = "network" }, function()
  return behind_the_third(60 * MS)
end)

-- --------------------------------------------------- numbers that rise in the order of the file

-- A burst beside the client, 60 ms from the server; one segment stands behind the next two, so much later, with the
-- identification of its place in the file.
local function numbered_anew(late)
  local x = pieces.hs_beside("client", nil, 60 * MS):c(1001, 100)
  x:after(60 * MS)
  for i, seq in ipairs { 5001, 7001, 8001, 6001, 9001, 10001, 11001 } do
    x:after(i == 4 and late or 10 * US):s(seq, 1000, { ack = 1101, id = 700 + i })
  end
  return later(x:after(200 * US):c(1101, 0, { ack = 12001 }), SECOND)
end
case("loss_to_client", "behind the next by microseconds, when nobody can have asked for it", false, function()
  return numbered_anew(10 * US)
end)
case("loss_to_client", "behind the next by as long as the way takes", { side = "network" }, function()
  return numbered_anew(60 * MS)
end)

-- ---------------------------------------------------- a window that shrinks

-- Three segments are on their way when the other side shuts its window behind the first: each is answered by that word.
-- It opens a second later, and both come again; 'o.sacked': the third had been taken; 'o.after': there are two, and the
-- second is lost when the window is open again; 'o.lost': nothing was said of a closed window; 'o.same': its words come
-- in the same microsecond as the segments.
local function shut_out(d, o)
  local from, to = d, d == "c" and "s" or "c"
  local at = d == "c" and 1001 or 5001
  local other = d == "c" and 5001 or 1001
  local x = open({ sack = true })
  local function send(n)
    x:tcp(from, at + 1000 * n, 1000, { ack = other })
  end
  local function say(n, more)
    more = more or {}
    more.ack = at + 1000 * n
    x:tcp(to, other, 0, more)
  end
  for n = 0, o.after and 1 or 2 do
    x:after(o.same and 0 or 100 * US)
    send(n)
  end
  local win = o.lost and 60000 or 0
  x:after(o.same and 0 or 10 * MS)
  say(1, { win = win })
  x:after(o.same and 0 or 100 * US)
  say(1, { win = win, sack = o.sacked and { { at + 2000, at + 3000 } } or nil })
  x:after(SECOND)
  say(1, { win = 60000 })
  x:after(MS)
  send(1)
  if o.after then
    x:after(300 * MS)
    send(1)
  end
  x:after(10 * MS)
  say(o.sacked and 3 or 2)
  if not o.sacked and not o.after then
    x:after(MS)
    send(2)
    x:after(10 * MS)
    say(3)
  end
  return x
end
for _, d in ipairs({ { "c", "server" }, { "s", "client" } }) do
  local id, shut = "loss_to_" .. d[2], d[2] .. "_not_reading"
  case(id, "the receiver shuts its window on what is on its way", false, function()
    return shut_out(d[1], {})
  end, { instead = shut })
  case(id, "likewise, and what it kept out is lost when it is open again", { side = "network" }, function()
    return shut_out(d[1], { after = true })
  end)
  case(id, "it has taken what lies behind", { side = "network" }, function()
    return shut_out(d[1], { sacked = true })
  end)
  case(id, "its window stays open", { side = "network" }, function()
    return shut_out(d[1], { lost = true })
  end)
  case(id, "it shuts in the microsecond in which they came", false, function()
    return shut_out(d[1], { same = true })
  end, { instead = shut })
  case(id, "its window stays open in that microsecond", { side = "network" }, function()
    return shut_out(d[1], { same = true, lost = true })
  end)
end
