-- Two captures each, with what a comparison must say of them, and what it must not: the near misses.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft_path = dofile(here .. "craft_path.lua")
local MS, SECOND = craft_path.craft.MS, craft_path.craft.SECOND

local cases = {}

local function case(name, says, make, more)
  more = more or {}
  cases[#cases + 1] = { name = name, says = says, make = make, options = more.options, status = more.status or "ok" }
end

local function usual(o, n)
  local p = craft_path.new(o or { timestamps = true }):handshake()
  p:c(100):after(30 * MS)
  for _ = 1, n or 5 do
    p:s(1000):after(25 * MS):c(0)
  end
  return p
end

local function resend(p, after)
  local late = p.seq.s - 1000
  return p:after(after or 250 * MS):s(1000, { seq = late }):after(30 * MS):c(0)
end

case("nothing", {}, function() return usual():close():captures() end)

case("the same capture twice", {}, function()
  local c = usual():close():captures()
  return { c[1], c[1] }
end)

case("loss between", { "lost_between_to_client" }, function()
  return resend(usual():s(1000):lost()):close():captures()
end)

case("loss to the server between", { "lost_between_to_server" }, function()
  local p = usual():c(500):lost():after(300 * MS)
  return p:c(500, { seq = p.seq.c - 500 }):after(30 * MS):s(0):close():captures()
end)

-- it never came to the server's own point, or got lost behind that of the clients
case("loss before both", { "lost_before_to_client" }, function()
  local p = usual()
  p.seq.s = p.seq.s + 1000
  p:s(1000):after(30 * MS):c(0, { ack = p.seq.s - 2000 })
  p:after(300 * MS):s(1000, { seq = p.seq.s - 2000 }):after(30 * MS):c(0)
  return p:close():captures()
end)

case("loss behind both", { "lost_behind_to_client" }, function()
  local p = usual():s(1000):s(1000):s(1000):s(1000):after(30 * MS)
  local at = p.seq.s - 4000
  for _ = 1, 4 do
    p:c(0, { ack = at })
  end
  return p:after(MS):s(1000, { seq = at }):after(30 * MS):c(0):close():captures()
end)

case("missed by a capture is no loss", { "missed_by_capture" }, function()
  return usual():s(1000):missed(1):after(30 * MS):c(0):close():captures()
end)

case("missed, and one that nothing tells of", { "missed_by_capture" }, function()
  return usual():s(1000):missed(1):after(30 * MS):c(0):after(MS):s(0):missed(1):close():captures()
end)

case("an acknowledgement at one point only", { "seen_at_one_point" }, function()
  return usual():after(MS):c(0):lost():close():captures()
end)

case("a reset made between", { "reset_injected_to_client" }, function()
  local p = usual():s(0, { flags = "R", ttl = 60 }):injected():after(30 * MS)
  return p:c(100):after(30 * MS):s(100):close():captures()
end)

case("a reset that the server sent", {}, function()
  return usual():s(0, { flags = "R" }):captures()
end)

case("data made between", { "segments_injected_to_client" }, function()
  local p = usual():s(100, { payload = ("genuine"):rep(20) }):after(MS)
  p:s(100, { seq = p.seq.s - 100, payload = ("forgery"):rep(20) }):injected()
  return p:after(30 * MS):c(0):close():captures()
end)

case("SYNs that never arrive", { "syns_lost_between" }, function()
  local p = craft_path.new { port = 40001, timestamps = true }
  for _ = 1, 3 do
    p:after(100 * MS):c(0, { flags = "S", seq = 1000 }):lost()
  end
  return craft_path.join { usual():after(SECOND):close(), p }
end)

case("SYNs that arrive and are not answered", { "syns_arrive_unanswered" }, function()
  local p = craft_path.new { port = 40001, timestamps = true }
  for _ = 1, 4 do
    p:after(SECOND):c(0, { flags = "S", seq = 1000 })
  end
  return craft_path.join { usual():after(8 * SECOND):close(), p }
end)

case("options taken out", {
  "mss_changed_to_server", "sack_permitted_changed_to_server", "window_scale_changed_to_client",
}, function()
  local p = craft_path.new { timestamps = true }
  p:c(0, { flags = "S", mss = 1460, scale = 7, sack_ok = true }):changed { mss = 1380, sack_ok = false }
    :after(11 * MS):s(0, { flags = "SA", mss = 1460, scale = 7, sack_ok = true }):changed { scale = false }
    :after(11 * MS):c(0)
  return p:c(100):after(30 * MS):s(100):after(30 * MS):c(0):close():captures()
end)

case("timestamps taken out", { "timestamps_changed_to_server" }, function()
  local p = craft_path.new { timestamps = true }
  p:c(0, { flags = "S", mss = 1460 }):changed { ts = false }:after(11 * MS):s(0, { flags = "SA", mss = 1460 })
  return p:after(11 * MS):c(0):c(100):after(30 * MS):s(100):after(30 * MS):c(0):close():captures()
end)

case("payload rewritten", { "payload_changed_to_client" }, function()
  return usual():s(100, { payload = ("a"):rep(100) }):changed { payload = ("b"):rep(100) }:after(30 * MS):c(0):close()
    :captures()
end)

case("a checksum that is wrong at one point", { "checksum_changed_to_client" }, function()
  return usual():s(100):changed { bad_tcp_sum = true }:after(30 * MS):c(0):close():captures()
end, { options = { verify_checksums = true } })

case("overtaken and doubled", { "reordered_between_to_client", "duplicated_between_to_client" }, function()
  return usual():s(1000):doubled():s(1000):delayed(5 * MS):s(1000):after(40 * MS):c(0):close():captures()
end)

case("a queue between", { "delay_varies_to_client" }, function()
  local p = usual()
  for i = 1, 40 do
    p:s(1000):delayed(i * 2 * MS):after(130 * MS):c(0)
  end
  return p:close():captures()
end)

case("slow answers of the server", { "answers_wait_behind" }, function()
  local p = usual()
  for _ = 1, 5 do
    p:c(100):after(600 * MS):s(200):after(30 * MS)
  end
  return p:c(0):close():captures()
end)

case("slow answers of the way", { "answers_wait_between" }, function()
  local p = craft_path.new { timestamps = true, way = 200 * MS }:handshake()
  for _ = 1, 5 do
    p:c(100):after(210 * MS):s(200):after(230 * MS)
  end
  return p:c(0):after(300 * MS):close():captures()
end)

case("translated, numbers rewritten", { "addresses_translated", "numbers_shifted" }, function()
  return usual({
    client = { "10.0.0.1", "192.0.2.9" }, client_port = { 40000, 61234 }, timestamps = true,
    shift = { { 0, 0 }, { 123456789, 987654321 } },
  }):close():captures()
end)

case("clients that cannot be told apart", { "connections_ambiguous", "addresses_translated", "numbers_shifted" },
  function()
    local list = { usual { client = { "10.0.0.1", "192.0.2.9" }, timestamps = true, shift = { { 0, 0 }, { 7, 9 } } } }
    for n = 1, 3 do
      local p = craft_path.new {
        client = { "10.0.0.1", "192.0.2.9" }, client_port = { 41000 + n, 50000 + 7 * n }, ids = false,
        shift = { { 0, 0 }, { 1000000 * n, 2000000 * n } },
      }
      list[n + 1] = p:handshake():c(150):after(30 * MS):s(170):after(30 * MS):c(0):close()
    end
    return craft_path.join(list)
  end)

-- Probes without data of which a translator leaves nothing as it was.
case("some that have nothing in common", { "connections_unpaired", "addresses_translated", "numbers_shifted" },
  function()
    local list = { usual { client = { "10.0.0.1", "192.0.2.9" }, timestamps = true, shift = { { 0, 0 }, { 7, 9 } } } }
    for n = 1, 2 do
      local p = craft_path.new {
        client = { "10.0.0.1", "192.0.2.9" }, client_port = { 41000 + n, 50000 + 7 * n }, ids = false,
        shift = { { 0, 0 }, { 1000000 * n, 2000000 * n } },
      }
      list[n + 1] = p:handshake():close()
    end
    return craft_path.join(list)
  end)

case("a proxy", { "proxy_between" }, function()
  local a = craft_path.new { timestamps = true, offset = { 0, 50 * MS } }:handshake()
  local request, answer = ("GET /a"):rep(15), ("200 OK"):rep(40)
  a:c(100, { payload = request }):after(40 * MS):s(300, { payload = answer }):after(30 * MS):close()
  local b = craft_path.new { timestamps = true, client = { "10.0.0.9", "10.0.0.9" }, client_port = { 52000, 52000 } }
  b.seq, b.clock, b.id = { c = 777000, s = 888000 }, { c = 5551234, s = 99887766 }, { c = 7100, s = 41000 }
  b:after(12 * MS):handshake { mss = 1400 }
  b:c(100, { payload = request }):after(20 * MS):s(300, { payload = answer }):after(30 * MS):close()
  return { a:captures()[1], b:captures()[2] }
end)

-- Something between the points (5 ms from each) answers SYNs itself, with a number of its own, and opens the connection
-- to the server when the client has acknowledged that: as netfilter's SYNPROXY does.  `sides`: what differs further.
local function syn_proxied(o, sides)
  local captures = {}
  for point, at in ipairs { { S = MS, SA = 2 * MS, A = 13 * MS }, { S = 13 * MS, SA = 24 * MS, A = 25 * MS } } do
    local more = { timestamps = o.timestamps, ids = o.ids }
    for key, value in pairs(sides and sides[point] or {}) do
      more[key] = value
    end
    local p = craft_path.new(more)
    p.seq.s = point == 1 and 123456789 or 5000
    if more.client_seq then
      p.seq.c = more.client_seq
    end
    for _, flags in ipairs { "S", "SA", "A" } do
      p.now = at[flags] - MS
      p:send(flags == "SA" and "s" or "c", 0, {
        flags = flags, mss = 1460, scale = 7, sack_ok = not more.bare, id = o.ids ~= false and point * 7,
      })
    end
    p.now, p.id = 100 * MS, { c = 200, s = 400 }
    for _ = 1, more.rounds or 3 do
      p:c(100):after(30 * MS):s(1000):after(25 * MS):c(0)
    end
    captures[point] = p:close():captures()[point]
  end
  return captures
end

for name, o in pairs { ["no copy told"] = { ids = false }, identifications = {}, timestamps = { timestamps = true } } do
  case("SYNs answered on the way, " .. name, { "syn_proxy_between", "numbers_shifted" }, function()
    return syn_proxied(o)
  end)
end

case("SYNs answered on the way, clocks apart, the server's side first", { "syn_proxy_between", "numbers_shifted" },
  function()
    local c = syn_proxied({ ids = false }, { {}, { offset = { 0, 300 * SECOND } } })
    return { c[2], c[1] }
  end)

-- OpenBSD's pf takes another number of the client as well, and other options
case("SYNs answered on the way, under numbers of their own", {
  "syn_proxy_between", "numbers_shifted", "sack_permitted_changed_to_server", "sack_permitted_changed_to_client",
}, function()
  return syn_proxied({}, { {}, { client_seq = 99887766, bare = true } })
end)

-- After a silence the connection goes on, at the server's side from port `o.port`, and the server resets it.
local function goes_on(o, silence)
  local p = usual()
  p:after(silence):c(100):after(30 * MS)
  local more = craft_path.new { timestamps = true, client_port = { 40000, o.port } }
  for key, value in pairs { seq = p.seq, id = p.id, clock = p.clock, last = p.last, now = p.now } do
    more[key] = value
  end
  local at = #p.packets
  more.packets[1] = p.packets[at]
  p.packets[at] = nil
  more:s(0, { flags = "R" })
  return craft_path.join { p, more }
end

case("a connection under another port after a silence", { "rebound_between", "addresses_translated" }, function()
  return goes_on({ port = 45555 }, 4 * SECOND)
end)

case("a connection under the same port after a silence", {}, function()
  return goes_on({ port = 40000 }, 4 * SECOND)
end)

-- A firewall that only chooses other numbers: the answer is there before it is at the client's side
case("an answer under another number", { "numbers_shifted" }, function()
  return usual({ ids = false, shift = { { 0, 123456789 }, { 0, 0 } } }):close():captures()
end)

local function set_clock(points)
  local p = craft_path.new { timestamps = true, way = MS, points = points }:handshake()
  for _ = 1, 60 do
    p:after(100 * MS):c(100):after(30 * MS):s(100)
  end
  local c = p:captures()
  for _, frame in ipairs(c[2].frames) do
    if frame.time > 4 * SECOND then
      frame.time = frame.time + 500 * MS
    end
  end
  return c
end

case("a clock that is set", { "clock_stepped" }, function() return set_clock(2) end)

case("a clock of the middle that is set", { "clock_stepped", "clock_stepped" }, function() return set_clock(3) end)

case("three points", { "lost_between_to_client" }, function()
  return resend(usual { points = 3, timestamps = true }:s(1000):lost(2)):close():captures()
end)

case("nothing in common", {}, function()
  local one, other = usual():captures(), craft_path.new { port = 41000 }
  other.seq = { c = 77777, s = 99999 }
  other:handshake():c(50):after(30 * MS):s(70)
  return { one[1], other:captures()[2] }
end, { status = "not_paired" })

case("another server", {}, function()
  return { usual():captures()[1], usual { server = { "10.0.0.2", "10.0.0.7" }, timestamps = true }:captures()[2] }
end, { status = "no_match" })

case("another time", {}, function()
  local p = usual { port = 40000 }
  local late = craft_path.new { port = 40007, timestamps = true }
  late.seq = { c = 1234567, s = 7654321 }
  late:after(100 * SECOND):handshake():c(70):after(30 * MS):s(90):after(30 * MS):c(0):close()
  local common = craft_path.new { port = 40009, timestamps = true }
  common.seq = { c = 4444, s = 3333 }
  common:after(2 * SECOND):handshake():c(10):after(30 * MS):s(20):close()
  local c = craft_path.join { p, common, late }
  local kept = {}
  for _, frame in ipairs(c[2].frames) do
    if frame.time < 50 * SECOND then
      kept[#kept + 1] = frame
    end
  end
  c[2].frames = kept
  return c
end)

case("too many wait", { "addresses_translated", "connections_ambiguous", "too_many_waited" }, function()
  local list = {}
  for n = 1, 3 do
    list[n] = craft_path.new {
      client = { "10.0.0.1", "192.0.2.9" }, client_port = { 41000 + n, 50000 + 7 * n }, ids = false,
      shift = { { 0, 0 }, { 1000000 * n, 2000000 * n } },
    }:handshake()
    for _ = 1, 300 do
      list[n]:c(100):after(2 * MS):s(100)
    end
  end
  list[4] = usual { client = { "10.0.0.1", "192.0.2.9" }, timestamps = true }
  return craft_path.join(list)
end, { options = { window = 1024 } })

--- Hands each case's result to `use(case, result)`.
function cases.each(use)
  local mcpcap = require "mcpcap"
  for _, one in ipairs(cases) do
    local files = {}
    for i, capture in ipairs(one.make()) do
      files[i] = capture:save()
    end
    local options = { ladder = true }
    for key, value in pairs(one.options or {}) do
      options[key] = value
    end
    local ok, result, message = pcall(mcpcap.compare, files, "10.0.0.2", 7777, options)
    for _, file in ipairs(files) do
      os.remove(file)
    end
    use(one, assert(ok and result, one.name .. ": " .. tostring(ok and message or result)))
  end
end

return cases
