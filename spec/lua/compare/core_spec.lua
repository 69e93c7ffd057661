-- Two captures compared, as the core counts: each segment that was lost, made up or changed between
-- the points, and none else.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft_path = dofile(here .. "craft_path.lua")
local MS, SECOND = craft_path.craft.MS, craft_path.craft.SECOND

local WHAT = { "lost", "injected", "missed", "duplicated", "undecided", "outside" }

-- Counts that are not 0: "lost" and so on, by direction; changes as "ttl".
local function told(between)
  local out = {}
  for _, dir in ipairs { "client_to_server", "server_to_client" } do
    local d, short = between[dir], dir == "client_to_server" and "up" or "down"
    for _, what in ipairs(WHAT) do
      local n = d[what][1].count + d[what][2].count
      if n > 0 then
        out[short .. "_" .. what] = n
      end
    end
    if d.reordered > 0 then
      out[short .. "_reordered"] = d.reordered
    end
    for what, change in pairs(d.change) do
      if change.packets > 0 and what ~= "ttl" then
        out[short .. "_" .. what] = change.packets
      end
    end
  end
  for what, n in pairs(between.unpaired) do
    if n.count[1] + n.count[2] > 0 then
      out["unpaired_" .. what] = n.count[1] + n.count[2]
    end
  end
  return out
end

local function compare(captures, servers, window)
  local facts = craft_path.facts(captures, servers, window)
  return facts.between[1], facts
end

-- A usual connection: a request, an answer of five segments with an acknowledgement each.
local function usual(o)
  local p = craft_path.new(o or { timestamps = true }):handshake()
  p:c(100):after(30 * MS)
  for _ = 1, 5 do
    p:s(1000):after(25 * MS):c(0)
  end
  return p
end

describe("two captures compared", function()
  it("have all segments, where nothing happened between them", function()
    for _, o in ipairs {
      { timestamps = true }, { ids = false, timestamps = true }, { ids = false }, {},
      { timestamps = true, offset = { 0, 300 * SECOND } }, { ids = false, offset = { 170 * SECOND, 0 } },
      { timestamps = true, cut = { nil, 90 } }, { drift = { 0, 100 } },
    } do
      local b = compare(usual(o):close():captures())
      assert.same({}, told(b))
      assert.equal(1, b.paired)
      assert.equal(10, b.client_to_server.at_both)
      assert.equal(7, b.server_to_client.at_both)
      assert.equal(1, b.near)
      assert.is_true(b.by_ttl)
    end
  end)

  it("are found in either order", function()
    local captures = usual { timestamps = true }:close():captures()
    local b = compare { captures[2], captures[1] }
    assert.same({}, told(b))
    assert.equal(2, b.near)
  end)

  it("say how the clocks differ", function()
    local b = compare(usual { offset = { 0, 300 * SECOND } }:close():captures())
    assert.near(300000, b.clock.offset_ms, 0.01)
    assert.near(20, b.clock.round_trip_ms, 0.01)
    assert.near(10, b.clock.uncertainty_ms, 0.01)
    local p = craft_path.new { drift = { 0, 100 } }:handshake()
    for _ = 1, 300 do
      p:after(100 * MS):c(100):after(30 * MS):s(100)
    end
    b = compare(p:captures())
    assert.near(100, b.clock.drift_ppm, 2)
    assert.same({}, told(b))
    assert.is_true(b.delay[1].ms.max < 0.2)
  end)

  it("show nothing where both are the same", function()
    local captures = usual():close():captures()
    local b = compare { captures[1], captures[1] }
    assert.same({}, told(b))
    assert.is_true(b.same_point)
    assert.equal(0, b.client_to_server.change.ttl.packets)
  end)

  it("tell a segment that is lost between, by its repetition", function()
    for _, o in ipairs { { timestamps = true }, { ids = false, timestamps = true }, {}, { ids = false } } do
      local p = craft_path.new(o):handshake():c(100):after(30 * MS)
      p:s(1000):s(1000):lost():s(1000):after(30 * MS):c(0, { ack = 6001 })
      p:after(200 * MS):s(1000, { seq = 6001 }):after(30 * MS):c(0):close()
      local b = compare(p:captures())
      assert.same({ down_lost = 1 }, told(b))
      assert.equal(1000, b.server_to_client.lost[2].bytes)
      assert.equal(1, b.server_to_client.lost[2].kind.data)
    end
  end)

  it("tell one that the second capture missed, by its acknowledgement", function()
    local p = usual():s(1000):missed(1):after(30 * MS):c(0):close()
    assert.same({ down_missed = 1 }, told((compare(p:captures()))))
    p = usual():c(500):missed(2):after(30 * MS):s(0):close()
    assert.same({ up_missed = 1 }, told((compare(p:captures()))))
  end)

  it("tell each of many that the second capture missed", function()
    local p = usual()
    for _ = 1, 4 do
      p:s(1000):missed(1):s(1000):after(30 * MS):c(0)
    end
    assert.same({ down_missed = 4 }, told((compare(p:close():captures()))))
  end)

  it("tell one that the second capture missed and that is sent again, by a SACK block", function()
    for _, from in ipairs { 1000, 2000 } do      -- with the one that was missed, or behind it
      local p = usual()
      local first = p.seq.s
      p:s(1000):lost():s(1000)
      p = from == 1000 and p:missed(1) or p:lost()
      p:s(1000):after(30 * MS):c(0, { ack = first, sack = { { first + from, first + 3000 } } })
      p:after(200 * MS):s(1000, { seq = first }):s(1000, { seq = first + 1000 }):after(30 * MS):c(0):close()
      local b = compare(p:captures())
      assert.same(from == 1000 and { down_missed = 1, down_undecided = 1 } or { down_lost = 2 }, told(b))
    end
  end)

  it("tell one that the second capture missed and that came twice, by a SACK block that says so", function()
    for what, says in pairs { missed = { down_missed = 1 }, lost = { down_lost = 1 }, seen = {} } do
      local p = usual():s(1000)
      if what ~= "seen" then
        p[what](p, 1)
      end
      local at = p.seq.s - 1000
      p:after(200 * MS):s(1000, { seq = at }):after(30 * MS)
      p:c(0, { sack = what ~= "lost" and { { at, at + 1000 } } or nil }):close()
      assert.same(says, told((compare(p:captures()))), what)
    end
  end)

  it("leave open what is sent once and never answered", function()
    local p = usual():s(1000):missed(1):s(1000)
    assert.same({ down_undecided = 1 }, told((compare(p:captures()))))
    p = usual():s(1000):lost():s(1000)
    for _ = 1, 2 do
      p:after(300 * MS):s(1000, { seq = p.seq.s - 2000 }):lost()
    end
    p:c(10, { ack = p.seq.s - 2000 }):after(30 * MS):c(10, { ack = p.seq.s - 2000 })
    assert.same({ down_lost = 3 }, told((compare(p:captures()))))
  end)

  it("tell copies of what has arrived that never arrive themselves, if they are several", function()
    for copies, says in pairs { [2] = { down_undecided = 2 }, [3] = { down_lost = 3 } } do
      local p = usual():s(1000):after(30 * MS):c(0)
      for _ = 1, copies do
        p:after(300 * MS):s(1000, { seq = p.seq.s - 1000 }):lost()
      end
      p:c(10):after(30 * MS):s(10):after(30 * MS)
      assert.same(says, told((compare(p:captures()))), copies)
    end
  end)

  it("tell one that the first capture missed, by what its sender sends next", function()
    local p = usual():s(1000):missed(2):s(1000):after(30 * MS):c(0):close()
    assert.same({ down_missed = 1 }, told((compare(p:captures()))))
  end)

  it("leave open what a capture that missed others may have missed", function()
    local p = usual():s(1000):missed(1):after(30 * MS):c(0):after(MS):s(0):missed(1):close()
    assert.same({ down_missed = 1, down_undecided = 1 }, told((compare(p:captures()))))
  end)

  it("tell lost acknowledgements, FINs and SYNs", function()
    local p = craft_path.new { timestamps = true, port = 40001 }
    p:after(SECOND):c(0, { flags = "S" }):lost():after(SECOND):c(0, { flags = "S", seq = 1000 }):after(11 * MS)
      :s(0, { flags = "SA" }):after(11 * MS):c(0)
    p:c(100):after(15 * MS):s(300):after(11 * MS):c(0):lost()
    p:after(MS):c(0, { flags = "FA" }):lost():after(300 * MS):c(0, { flags = "FA", seq = p.seq.c - 1 })
      :after(15 * MS):s(0, { flags = "FA" }):after(15 * MS):c(0)
    local b = compare(craft_path.join { usual():close(), p })
    -- of so few segments nothing tells that the second capture has all: an acknowledgement leaves no trace
    assert.same({ up_lost = 2, up_undecided = 1 }, told(b))
    assert.equal(1, b.client_to_server.lost[1].kind.syn)
    assert.equal(1, b.client_to_server.lost[1].kind.fin)
  end)

  it("tell SYNs that never arrive, if other connections do", function()
    local p = craft_path.new { port = 40001 }
    for _ = 1, 3 do
      p:after(100 * MS):c(0, { flags = "S", seq = 1000 }):lost()
    end
    local b = compare(craft_path.join { usual():after(SECOND):close(), p })
    assert.same({ up_lost = 3, unpaired_unanswered = 1 }, told(b))
    assert.equal(3, b.client_to_server.lost[1].kind.syn)
  end)

  it("tell a reset that is made between", function()
    local p = usual():s(0, { flags = "R", ttl = 60 }):injected():after(30 * MS):c(100):after(30 * MS):s(100):close()
    local b = compare(p:captures())
    assert.same({ down_injected = 1 }, told(b))
    assert.equal(1, b.server_to_client.injected[1].kind.rst)
  end)

  it("take no copy of a SYN-ACK for one that is made between, though a reset is", function()
    local p = craft_path.new { ids = false }:c(0, { flags = "S" }):after(11 * MS):s(0, { flags = "SA" }):doubled()
    p:after(11 * MS):c(0):c(100):after(30 * MS):s(0, { flags = "R", ttl = 60 }):injected():after(30 * MS)
    p:c(100):after(30 * MS):s(100):close()
    assert.same({ down_injected = 1, down_undecided = 1 }, told((compare(p:captures()))))
  end)

  it("tell data that are made between from data with the same numbers", function()
    local p = usual():s(100, { payload = ("genuine"):rep(20) }):after(MS)
    p:s(100, { seq = p.seq.s - 100, payload = ("forgery"):rep(20) }):injected():after(30 * MS):c(0):close()
    assert.same({ down_injected = 1 }, told((compare(p:captures()))))
  end)

  it("tell a packet that was doubled, and one that was overtaken", function()
    local p = usual():s(1000):doubled():s(1000):delayed(5 * MS):s(1000):after(40 * MS):c(0):close()
    assert.same({ down_duplicated = 1, down_reordered = 1 }, told((compare(p:captures()))))
  end)

  it("tell what is changed on the way", function()
    local p = craft_path.new { timestamps = true }
    p:c(0, { flags = "S", mss = 1460, scale = 7, sack_ok = true }):changed { mss = 1380, sack_ok = false }
      :after(11 * MS)
      :s(0, { flags = "SA", mss = 1460, scale = 7, sack_ok = true }):changed { scale = false }:after(11 * MS):c(0)
    p:c(100):changed { win = 500 }:after(30 * MS):s(100, { payload = ("a"):rep(100) })
      :changed { payload = ("b"):rep(100) }:after(30 * MS):c(0):close()
    local b = compare(p:captures())
    assert.same({ up_mss = 1, up_sack_permitted = 1, down_window_scale = 1, up_window = 1, down_payload = 1 }, told(b))
    assert.same({ 1460, 1380 }, b.client_to_server.mss)
  end)

  it("see timestamps taken out of the SYN", function()
    local p = craft_path.new { timestamps = true }
    p:c(0, { flags = "S", mss = 1460 }):changed { ts = false }:after(11 * MS):s(0, { flags = "SA", mss = 1460 })
      :after(11 * MS):c(0):c(100):after(30 * MS):s(100):after(30 * MS):c(0):close()
    assert.same({ up_timestamps = 1 }, told((compare(p:captures()))))
  end)

  it("are paired though addresses, ports and numbers are translated", function()
    local nat = { client = { "10.0.0.1", "192.0.2.9" }, client_port = { 40000, 61234 }, timestamps = true }
    local b = compare(usual(nat):close():captures())
    assert.same({}, told(b))
    assert.equal(1, b.translated)
    nat.shift = { { 0, 0 }, { 123456789, 987654321 } }
    b = compare(usual(nat):close():captures())
    assert.equal(1, b.translated)
    assert.equal(1, b.shifted)
    assert.same({ up_sequence_shift = 1, down_sequence_shift = 1 }, told(b))
    nat.timestamps = false
    b = compare(usual(nat):close():captures())
    assert.equal(1, b.paired)
    assert.same({ up_sequence_shift = 1, down_sequence_shift = 1 }, told(b))
    b = compare(usual { server = { "10.0.0.2", "172.16.0.8" }, timestamps = true }:close():captures(),
      { false, { "172.16.0.8", 7777 } })
    assert.same({}, told(b))
    assert.equal(1, b.paired)
  end)

  it("pair connections that began before the captures", function()
    local p = craft_path.new { timestamps = true }
    for _ = 1, 40 do
      p:c(100):after(30 * MS):s(200):after(30 * MS)
    end
    local captures = p:captures()
    for _ = 1, 21 do
      table.remove(captures[2].frames, 1)
    end
    local b = compare(captures)
    assert.equal(1, b.paired)
    local t = told(b)
    assert.is_true(t.up_outside >= 10 and t.down_outside >= 10)
    t.up_outside, t.down_outside = nil, nil
    assert.same({}, t)
  end)

  it("do not take what begins earlier or ends later for lost", function()
    local captures = usual():after(SECOND):c(100):after(50 * MS):s(100):after(50 * MS):c(0):captures()
    for _ = 1, 3 do
      table.remove(captures[2].frames)
    end
    local b = compare(captures)
    local t = told(b)
    t.up_outside, t.down_outside = nil, nil
    assert.same({}, t)
  end)

  it("take pieces of a segment for what they are", function()
    local p = usual():s(5000):cut_into(1448):after(40 * MS):c(0):s(2000):after(30 * MS):c(0):close()
    local b = compare(p:captures())
    assert.same({}, told(b))
    assert.same({ 4, 1 }, b.server_to_client.resegmented)
    p = usual():s(1448):s(1448):s(1448):after(30 * MS):c(0):close()
    local captures = p:captures()
    -- joined at the client: the first of three holds all bytes
    local frames, at = captures[1].frames, nil
    for i, frame in ipairs(frames) do
      at = at or (frame.segment.len == 1448 and i)
    end
    local first = frames[at].segment
    table.remove(frames, at)
    table.remove(frames, at)
    table.remove(frames, at)
    captures[1]:tcp("s", first.seq, 4344, { at = first.time, ack = first.ack, id = 30007, ttl = 63 })
    table.insert(frames, at, table.remove(frames))
    b = compare(captures)
    assert.same({}, told(b))
    assert.same({ 1, 3 }, b.server_to_client.resegmented)
  end)

  it("find the piece that is lost of a long segment", function()
    local p = usual { timestamps = true }:s(5000):cut_into(1000):after(40 * MS):c(0, { ack = 12001 }):after(100 * MS)
    local piece = p.seq.s - 3000
    p:s(1000, { seq = piece }):after(30 * MS):c(0):close()
    local captures = p:captures()
    for i, frame in ipairs(captures[1].frames) do
      if frame.segment.seq == piece then
        table.remove(captures[1].frames, i)
        break
      end
    end
    local b = compare(captures)
    assert.same({ down_lost = 1 }, told(b))
    assert.equal(1000, b.server_to_client.lost[2].bytes)
  end)

  it("split the wait for an answer", function()
    local b = compare(usual():close():captures())
    assert.near(31 + 20 - 20 - 1, b.wait.side_1.max, 20.1)
    assert.near(20, b.wait.between.max, 0.1)
  end)

  it("share nothing, and say so", function()
    local one, other = usual():captures(), craft_path.new { port = 41000 }
    other.seq = { c = 77777, s = 99999 }
    other:handshake():c(50):after(30 * MS):s(70)
    local b = compare { one[1], other:captures()[2] }
    assert.equal(0, b.paired)
    assert.same({ unpaired_no_partner = 2 }, told(b))
  end)

  it("tell connections apart that use the same ports", function()
    local p = usual { timestamps = true }:close()
    for n = 1, 5 do
      p.seq = { c = 100000 * n, s = 500000 * n }
      p:after(SECOND):handshake():c(100):after(30 * MS):s(1000):lost():after(300 * MS):s(1000, { seq = p.seq.s - 1000 })
        :after(20 * MS):c(0):close()
    end
    local b = compare(p:captures())
    assert.equal(6, b.paired)
    assert.same({ down_lost = 5 }, told(b))
  end)

  it("leave clients that cannot be told apart ambiguous", function()
    local list = {}
    for n = 1, 3 do
      local p = craft_path.new {
        client = { "10.0.0.1", "192.0.2.9" }, client_port = { 40000 + n, 50000 + 7 * n }, ids = false,
        shift = { { 0, 0 }, { 1000000 * n, 2000000 * n } },
      }
      list[n] = p:handshake():c(100):after(30 * MS):s(100):after(30 * MS):c(0):close()
    end
    local b = compare(craft_path.join(list))
    assert.equal(0, b.paired)
    assert.same({ unpaired_ambiguous = 6 }, told(b))
  end)

  it("put three points in order", function()
    local p = usual { points = 3, timestamps = true }:s(1000):lost(2):after(300 * MS)
    p:s(1000, { seq = p.seq.s - 1000 }):after(30 * MS):c(0):close()
    local c = p:captures()
    local facts = craft_path.facts { c[2], c[3], c[1] }
    assert.same({ 3, 1, 2 }, facts.order)
    assert.same({ down_lost = 1 }, told(facts.between[1]))
    assert.same({}, told(facts.between[2]))
  end)
end)
