-- From where a capture was taken, and what it can bear.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "craft.lua")
local mcpcap = require "mcpcap"

local MS, US = craft.MS, 1000

-- A handshake of which the half towards the server takes 'to_server', the other 'to_client'.
local function handshake(to_server, to_client, o)
  o = o or {}
  return craft.new({ win = 60000, server = o.server, client = o.client }):syn(o.c):after(to_server):syn_ack(o.s)
    :after(to_client):c_ack(5001, o.c):c(1001, 100, o.c):s(5001, 100, { ack = 1101, ttl = o.s and o.s.ttl })
end

local function vantage(capture)
  return capture:analyze().analysis.vantage
end

describe("the vantage point", function()
  it("is where its half of the handshake takes next to no time", function()
    assert.are.equal("client", vantage(handshake(20 * MS, 20 * US)).place)
    assert.are.equal("server", vantage(handshake(20 * US, 20 * MS)).place)
    assert.are.equal("between", vantage(handshake(10 * MS, 10 * MS)).place)
  end)

  it("is not beside an end that routers lie before, while none lies before the other", function()
    local late = vantage(handshake(20 * US, 20 * MS, { c = { ttl = 64 }, s = { ttl = 51 } }))
    assert.are.equal("unknown", late.place)
    assert.are.equal("low", late.confidence)
    assert.truthy(late.why:find("13 routers lie between here and that end", 1, true))
    assert.are.equal("server", vantage(handshake(20 * US, 20 * MS, { c = { ttl = 63 }, s = { ttl = 51 } })).place)
    assert.are.equal("server", vantage(handshake(20 * US, 20 * MS, { c = { ttl = 51 }, s = { ttl = 64 } })).place)
  end)

  it("is beside an end below 15 % of the round trip", function()
    assert.are.equal("server", vantage(handshake(1480 * US, 8520 * US)).place)
    assert.are.equal("between", vantage(handshake(1520 * US, 8480 * US)).place)
    assert.are.equal("client", vantage(handshake(8520 * US, 1480 * US)).place)
    assert.are.equal("between", vantage(handshake(8480 * US, 1520 * US)).place)
  end)

  it("is not told by a round trip under half a millisecond", function()
    local near = vantage(handshake(20 * US, 400 * US))
    assert.are.equal("unknown", near.place)
    assert.are.equal("low", near.confidence)
    assert.truthy(near.why:find("too short", 1, true))
    assert.are.equal("server", vantage(handshake(20 * US, 500 * US)).place)
  end)

  it("is told with more confidence by several handshakes", function()
    local x = handshake(20 * US, 20 * MS)
    assert.are.equal("medium", vantage(x).confidence)
    for i = 1, 2 do
      x.sides.c.port = 40000 + i
      x.sides.c.ack, x.sides.s.ack = 5001, 1001
      x:syn():after(20 * US):syn_ack():after(20 * MS):c_ack(5001)
    end
    assert.are.equal("high", vantage(x).confidence)
  end)

  it("is told by TTLs where no handshake tells", function()
    local function by_ttl(client, server)
      return vantage(craft.new():c(1001, 100, { ttl = client }):s(5001, 100, { ack = 1101, ttl = server }))
    end
    assert.are.equal("client", by_ttl(64, 53).place)
    assert.are.equal("server", by_ttl(117, 64).place)
    assert.are.equal("between", by_ttl(60, 53).place)
    assert.are.equal("unknown", by_ttl(64, 128).place)
    assert.are.equal("low", by_ttl(64, 53).confidence)
    assert.are.equal(11, by_ttl(64, 53).hops.server)
  end)

  it("is not told by long segments: a receiver joins them as a sender leaves them whole", function()
    local mss = { mss = 1460 }
    local x = craft.new({ win = 60000 }):syn(mss):after(30 * MS):syn_ack(mss):after(40 * US):c_ack(5001)
    x:c(1001, 100):after(30 * MS):s(5001, 2920, { ack = 1101 }):after(40 * US):c(1101, 0, { ack = 7921 })
    local result = x:analyze()
    assert.are.equal(1, result.server_to_client.segments_over_mss)
    assert.are.equal("client", result.analysis.vantage.place)
  end)

  it("is the host itself for a loopback address", function()
    for _, pair in ipairs({ { "127.0.0.1", "127.0.0.1" }, { "::1", "::1" } }) do
      local place = vantage(handshake(20 * US, 20 * US, { server = pair[1], client = pair[2] }))
      assert.are.equal("server", place.place)
      assert.are.equal("high", place.confidence)
    end
  end)

  it("is right in the bundled captures whose place is known", function()
    local function of(name)
      local path = here .. "../fixtures/" .. name
      return assert(mcpcap.analyze_traffic_flow(path, "192.0.2.80", 80)).analysis.vantage.place
    end
    assert.are.equal("client", of("delay-client.pcap"))
    assert.are.equal("server", of("delay-server.pcap"))
    assert.are.equal("server", of("loss-to-client-before.pcap"))
    assert.are.equal("client", of("loss-to-client-behind.pcap"))
  end)
end)

describe("what a capture can bear", function()
  local quality = require "mcpcap.findings.quality"
  local findings = require "mcpcap.findings"
  local rules = require "mcpcap.findings.rules"

  local function of(capture)
    local case = findings.case_of(capture:analyze())
    return quality.of(case), rules.lacks_of(case)
  end

  it("is all, with both directions", function()
    local q, lacks = of(handshake(10 * MS, 10 * MS))
    assert.is_nil(next(lacks))
    assert.is_nil(q.one_sided)
    assert.is_false(q.mirrored)
  end)

  it("is no verdict on the side that is missing", function()
    local q, lacks = of(craft.new():syn():after(20 * MS):c_ack(5001):c(1001, 100))
    assert.are.equal("client", q.one_sided)
    assert.are.equal("only what the client sent was captured", lacks.both_sides)
    assert.are.equal("only what the client sent was captured", lacks.acks)
    q = of(craft.new():s(5001, 100, { ack = 1001 }):s(5101, 100, { ack = 1101 }))
    assert.are.equal("server", q.one_sided)
    -- the acknowledgement number does not move: nothing shows that the client spoke
    q = of(craft.new():s(5001, 100):s(5101, 100))
    assert.is_nil(q.one_sided)
  end)

  it("is no less where SYNs stay without answer", function()
    assert.is_nil(of(craft.new():syn():after(craft.SECOND):syn()).one_sided)
  end)

  it("knows a mirror port from 30 % copies on", function()
    local function copies(n, of_all)
      local x = craft.new({ win = 60000 })
      for i = 1, of_all - n do
        x:c(1001 + 10 * i, 10, { id = i })
        if i <= n then
          x:copy()
        end
      end
      return of(x:s(5001, 0)).mirrored
    end
    assert.is_true(copies(4, 12))
    assert.is_false(copies(3, 12))
    assert.is_false(copies(2, 4))
  end)
end)
