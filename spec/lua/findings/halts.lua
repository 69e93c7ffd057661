-- Cases of the rules about a server that stops in its answer, or gives it in pieces.

local pieces = ...
local case, MS, new, converse = pieces.case, pieces.MS, pieces.new, pieces.converse

-- -------------------------------------------------------------------- halts

local function send(t, segments, mss)
  for _ = 1, segments do
    t:say("s", 0.1, mss or 1400):hear("c", 0.1)
  end
  return t
end
local HALTS = { severity = "warning", side = "server", confidence = "medium" }
case("server_halts", "in the middle of a file", HALTS, function()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20)
  return send(t:say("s", 6000, 1400):hear("c", 1), 20).x
end)
local function body_later(segments)
  local t = converse():ask(2, 200):hear("c", 40):say("s", 3000, 500):hear("c", 0.1)
  return send(t, segments):fin("s", 0.1):hear("c", 1):fin("c", 1):hear("s", 1).x
end
-- The identifications of the server count its packets of the connection; so many are left out over the pause.
local function left_out(packets)
  local t, id = converse():ask(2, 1400):hear("c", 1), 100
  for i = 1, 40 do
    id = id + 1 + (i == 21 and packets or 0)
    t:say("s", i == 21 and 6000 or 0.1, 1400, { id = id }):hear("c", 0.1)
  end
  return t.x
end
-- Nothing of the payload is in the capture; or its first bytes are.
local function cut_behind(headers, snaplen)
  return function(result)
    local c = result.capture
    c.sliced_frames, c.snaplen = 100, snaplen
    c.sliced_bytes = headers and result.client_to_server.payload_bytes + result.server_to_client.payload_bytes or 500
  end
end
local function halts_in_file()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20)
  return send(t:say("s", 6000, 1400):hear("c", 1), 20).x
end
case("server_halts", "no payload is in the capture", { severity = "warning", confidence = "low" }, halts_in_file,
  { alter = cut_behind(true, 66) })
case("server_halts", "most of the payload is", HALTS, halts_in_file, { alter = cut_behind(false, 1500) })
case("capture_cut_packets", "no payload is in the capture", { severity = "info", side = "capture" }, halts_in_file, {
  alter = cut_behind(true, 66),
  check = function(result)
    local said = false
    for _, finding in ipairs(result.analysis.findings) do
      said = said or finding.text:find("Nothing of the payload is there", 1, true)
    end
    assert(said)
  end,
})
case("server_halts", "which goes on with the next identification", HALTS, function()
  return left_out(0)
end)
case("server_halts", "what it sent meanwhile was lost", false, function()
  return left_out(3)
end)
case("server_halts", "header at once, the body 3 s later, and the end", HALTS, function()
  return body_later(4)
end)
case("server_halts", "a server that says that it waited too long", false, function()
  return body_later(0)
end)
-- of small pieces, each of which may be a message
local LOOSE = { severity = "info", side = "server", confidence = "low" }
case("server_halts", "four pieces and the end", LOOSE, function()
  local t = converse():ask(2, 100):hear("c", 1)
  for _ = 1, 4 do
    t:say("s", 400, 100):hear("c", 1)
  end
  return t:fin("c", 2):fin("s", 1):hear("c", 1).x
end, { never = { "server_drips" } })
-- A client that has listened for long enough closes while the latest word is on its way to it.
local function listens(seen)
  local t = converse():ask(2, 100):hear("c", 1)
  for _ = 1, 4 do
    t:say("s", 1000, 100):hear("c", 1)
  end
  t:say("s", 1000, 100)
  t.x:after(2 * MS):c(t.c, 0, { flags = "FA", ack = seen and t.s or t.s - 100 })
  return t.x:after(20 * MS):s(t.s, 0, { flags = "FA", ack = t.c + 1 }):c(t.c + 1, 0, { ack = t.s + 1 })
end
case("server_halts", "the client closes, and has not seen the latest", false, function()
  return listens(false)
end)
case("server_halts", "the client closes as soon as it has", LOOSE, function()
  return listens(true)
end)
-- Messages of so many segments, and a long one behind the last of uneven pauses.
local function messages(segments, len)
  local t = converse():ask(2, 100):hear("c", 1)
  for _, pause in ipairs({ 300, 3000, 300, 600 }) do
    t = send(t:say("s", pause, len):hear("c", 1), segments)
  end
  return send(t:say("s", 400, 1400):hear("c", 1), 5):fin("s", 0.1):hear("c", 1):fin("c", 1):hear("s", 1).x
end
case("server_halts", "small messages, and a long one at the end", LOOSE, function()
  return messages(0, 44)
end)
case("server_halts", "long pieces all the way", HALTS, function()
  return messages(3, 1400)
end)
case("server_halts", "for 300 ms", { severity = "info", side = "server" }, function()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20)
  return send(t:say("s", 300, 1400):hear("c", 1), 20).x
end)
-- Between two halves of a file the server stops; or it is asked again, and the question is not in the capture.
local function asked_unseen(bytes)
  local t = send(converse():ask(2, 1400):hear("c", 1), 20)
  t.c = t.c + bytes
  return send(t:say("s", 1200, 1400):hear("c", 1), 20).x
end
case("server_halts", "the next question is not in the capture", false, function()
  return asked_unseen(605)
end)
case("server_halts", "the same, and there was none", HALTS, function()
  return asked_unseen(0)
end)
case("server_halts", "among what is lost before it comes by", { severity = "info", side = "server" }, function()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20)
  t:say("s", 3000, 1400):hear("c", 1)
  local hole = t.s
  t.s = hole + 1400
  t:say("s", 1, 1400).x:tcp("c", t.c, 0, { ack = hole })
  t.x:after(300 * MS):tcp("s", hole, 1400, { ack = t.c })
  return send(t:hear("c", 1), 20).x
end)
-- An answer that goes on 'ms' after each acknowledgement passed, 500 ms from the server.
local function far_halts(ms)
  local t = converse(pieces.hs_beside("client", nil, 500 * MS)):say("c", 1, 100):hear("s", 500)
  t = send(t:say("s", 1, 1400), 5)
  for _ = 1, 3 do
    t = send(t:hear("c", 1):say("s", ms, 1400):hear("c", 1), 5)
  end
  return t.x
end
case("server_halts", "acknowledgements that are on their way", false, function()
  return far_halts(600)
end)
case("server_halts", "for longer than they take", HALTS, function()
  return far_halts(3000)
end)
case("server_halts", "events that nobody waits for", false, function()
  local t = converse():ask(2, 200):hear("c", 1)
  for i = 1, 6 do
    t:say("s", 700 * i, 120):hear("c", 1)
  end
  return t.x
end)
case("server_halts", "a picture each second", false, function()
  local t = converse():ask(2, 200):hear("c", 1)
  for _ = 1, 8 do
    send(t:say("s", 1000, 1400):hear("c", 0.1), 10)
  end
  return t.x
end)
-- A client with room for one segment, 180 ms away: the server sends halves of that, and waits for acknowledgements.
local function half_windows(win, len, ms)
  local x = new():syn({ mss = 1460, win = win }):after(180 * MS):syn_ack({ mss = 1460 }):after(MS / 10)
  local t = converse(x:c_ack(5001, { win = win })):say("c", 1, 100, { win = win })
  for i = 1, 24 do
    t:say("s", i == 1 and 181 or i % 2 == 1 and ms or 48, len):hear("c", 0.1, { win = win })
  end
  return t:fin("s", 0.1):hear("c", 1):fin("c", 1):hear("s", 180).x
end
case("server_drips", "halves of a window that holds one segment", false, function()
  return half_windows(1460, 730, 133)
end)
case("server_drips", "a tenth of a window, and later", { side = "server" }, function()
  return half_windows(7300, 730, 600)
end)
-- A session of TLS, and in its first answer the server stops for so long behind so much; the client says farewell and
-- closes.
local says = dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "./") .. "../application/says.lua")
local function over_tls(bytes, ms, version)
  local t = says.talk(new({ server_port = 443, win = 60000 }):hs())
  t = t[version](t, { name = "a.example" }, 5 * MS)
  for i = 1, 2 do
    for _ = 1, bytes / 1400 do
      t:say("s", ("x"):rep(1400)).x:c_ack(t.s)
    end
    t.x:after((i == 1 and ms or 5) * MS)
  end
  return t:say("c", says.record(21, ("a"):rep(26)), 5 * MS):close().x
end
for version, name in pairs { tls12 = "TLS 1.2", tls13 = "TLS 1.3" } do
  case("server_halts", "in the first answer of " .. name, { severity = "warning", side = "server" }, function()
    return over_tls(21000, 2500, version)
  end)
  case("server_halts", "in no more than the first words of " .. name, false, function()
    return over_tls(2800, 2500, version)
  end)
end
case("server_halts", "something is not acknowledged", false, function()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20):say("s", 0.1, 1400)
  return send(t:say("s", 3000, 1400):hear("c", 1), 20).x
end)
case("server_halts", "the client's window was shut", false, function()
  local t = send(converse():ask(2, 1400):hear("c", 1), 20):say("s", 0.1, 1400):hear("c", 0.1, { win = 0 })
  return send(t:hear("c", 3000, { win = 60000 }):say("s", 0.1, 1400):hear("c", 1), 20).x
end, { instead = "client_not_reading" })

-- -------------------------------------------------------------------- drips

-- nobody knows of these whether they are made as they go
local DRIPS = { severity = "info", side = "server", confidence = "medium" }
-- An answer in pieces of 'len', each 'every' ms, and the next that the client does 'after' the last one.
local function drip(t, times, every, len)
  t:ask(2, len):hear("c", 1)
  for _ = 1, times do
    t:say("s", every - 1, len):hear("c", 1)
  end
  return t
end
local function closed(t, after)
  return t:fin("c", after):fin("s", 1):hear("c", 1).x
end
case("server_drips", "200 bytes each 100 ms, and the client closes", DRIPS, function()
  return closed(drip(converse(), 20, 100, 200), 1)
end, { never = { "server_halts", "slow_server", "paced_by_application" } })
case("server_drips", "each 400 ms", DRIPS, function()
  return closed(drip(converse(), 12, 400, 100), 2)
end, { never = { "server_halts" } })
case("server_drips", "and the server closes", DRIPS, function()
  return drip(converse(), 20, 100, 200):fin("s", 1):fin("c", 1):hear("s", 1).x
end)
case("server_halts", "a few small pieces: each may be a message", { severity = "info", confidence = "low" }, function()
  return closed(converse():ask(2, 100):hear("c", 1):say("s", 1200, 100):hear("c", 1):say("s", 900, 100):hear("c", 1)
    :say("s", 1500, 100):hear("c", 1), 1)
end)
-- Two questions, each answered, and once more after a while with 'len' bytes; the client goes on at once.
local function asked_on(len)
  local t = converse():ask(2, 500):hear("c", 1)
  for _ = 1, 2 do
    t:say("c", 1, 300):say("s", 2, 500):hear("c", 1):say("s", 9000, math.min(len, 1400)):hear("c", 0.1)
    for _ = 2, len / 1400 do
      t:say("s", 0.1, 1400):hear("c", 0.1)
    end
  end
  return t:say("c", 1, 300):say("s", 2, 500):hear("c", 1).x
end
case("server_halts", "little comes after each pause: each may be a message", { severity = "info", confidence = "low" },
  function() return asked_on(500) end)
case("server_halts", "much comes after each pause", HALTS, function() return asked_on(14000) end)
case("server_drips", "for less than a second", { severity = "info", side = "server" }, function()
  return closed(drip(converse(), 12, 60, 200), 1)
end)
case("server_drips", "two answers, and the client asks on at once", DRIPS, function()
  return drip(drip(drip(converse(), 20, 100, 200), 20, 100, 200):say("c", 1, 100), 1, 1, 100).x
end)
case("server_drips", "once somebody speaks just then", false, function()
  return drip(converse(), 20, 100, 200):say("c", 1, 100):say("s", 2, 100).x
end)
case("server_drips", "a stream that the client leaves when it likes", false, function()
  return closed(drip(converse(), 20, 100, 200), 60)
end)
case("server_drips", "a stream that is answered now and then", false, function()
  local t = drip(converse(), 20, 100, 200):say("c", 45, 100)
  return closed(drip(t, 20, 100, 200), 1)
end)
case("server_drips", "a ticker that nobody asked", false, function()
  local t = converse():say("s", 2, 100):hear("c", 1)
  for _ = 1, 20 do
    t:say("s", 100, 100):hear("c", 1)
  end
  return closed(t, 1)
end)
case("server_drips", "much of a film each 100 ms", false, function()
  local t = converse():ask(2, 1400):hear("c", 1)
  for _ = 1, 20 do
    send(t:say("s", 100, 1400):hear("c", 0.1), 10)
  end
  return closed(t, 1)
end)
case("server_drips", "flights that acknowledgements release", false, function()
  local t = converse(pieces.hs_beside("client", nil, 100 * MS)):say("c", 1, 100):hear("s", 100)
  for _ = 1, 12 do
    t:say("s", 100, 1400):hear("c", 0.1)
  end
  return closed(t, 1)
end)
case("server_drips", "acknowledgements that are delayed", false, function()
  local t = converse():ask(2, 200)
  for _ = 1, 12 do
    t:hear("c", 100):say("s", 0.2, 200)
  end
  return closed(t:hear("c", 1), 1)
end, { instead = "server_waits_for_ack" })
case("server_drips", "a window that holds no more", false, function()
  local t = converse(new { win = 200 }:hs()):say("c", 1, 100):hear("s", 1)
  for _ = 1, 20 do
    t:say("s", 1, 200):hear("c", 99)
  end
  return closed(t, 1)
end)
-- Beside the server, and the client so far away that several pieces are on their way.
local function far_drip(after)
  local x = pieces.hs_beside("server", new(), 300 * MS)
  local at, heard = 5001, 5001
  x:after(MS):tcp("c", 1001, 100, { ack = at }):after(MS):tcp("s", at, 0, { ack = 1101 })
  for i = 1, 20 do
    x:after((i > 3 and 99 or 100) * MS):tcp("s", at, 200, { ack = 1101 })
    at = at + 200
    if i >= 3 then
      heard = heard + 200
      x:after(MS):tcp("c", 1101, 0, { ack = heard })
    end
  end
  x:after((298 + after) * MS):tcp("c", 1101, 0, { flags = "FA", ack = at })
  return x:after(MS):tcp("s", at, 0, { flags = "FA", ack = 1102 })
end
case("server_drips", "more than is acknowledged in time", DRIPS, function()
  return far_drip(2)
end)
case("server_drips", "more than is acknowledged in time, and a client that goes later", false, function()
  return far_drip(60)
end)
