-- When nothing matched: the servers that are there, and the likely slip.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "craft.lua")
local mcpcap = require "mcpcap"

-- A conversation with 10.0.0.2:7777 and a shorter one with 10.0.0.3:443.
local function two_servers(o)
  local x = craft.new(o):hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
  if not o then
    x.sides.s.ip, x.sides.s.bytes, x.sides.s.port = "10.0.0.3", craft.address("10.0.0.3"), 443
    x.sides.c.ack, x.sides.s.ack = 5001, 1001
    x:syn():syn_ack()
  end
  return x
end

local function ask(capture, ip, port)
  local path = capture:save()
  local result, message = mcpcap.analyze_traffic_flow(path, ip, port)
  os.remove(path)
  return assert(result, message)
end

local function check(result, kind, ip, port)
  assert.are.equal("no_match", result.status)
  assert.are.equal(0, result.client_to_server.packet_count + result.server_to_client.packet_count)
  assert.are.same({}, result.analysis.findings)
  assert.are.equal(kind, result.likely_slip.kind)
  assert.are.equal(ip, result.likely_slip.server_ip)
  assert.are.equal(port, result.likely_slip.server_port)
  assert.truthy(result.analysis.interpretation:find(result.likely_slip.text, 1, true))
  assert.truthy(result.likely_slip.text:find("[.?]$"))
  for _, candidate in ipairs(result.candidates) do
    assert.truthy(#candidate.why > 0 and candidate.packets > 0)
  end
end

describe("a question that matches nothing", function()
  it("names the port that the server does have", function()
    local result = ask(two_servers(), "10.0.0.2", 8080)
    check(result, "port", "10.0.0.2", 7777)
    assert.are.equal("10.0.0.2:7777", result.candidates[1].server)
    assert.truthy(result.candidates[1].why:find("the address asked for", 1, true))
    assert.are.equal("None of the 8 TCP segments belongs to 10.0.0.2:8080. 10.0.0.2 is there, but its port 8080 is in "
      .. "no packet; its busiest is 7777 (6 packets).", result.analysis.interpretation)
  end)

  it("names the address that differs in a digit", function()
    check(ask(two_servers(), "10.0.0.22", 7777), "address", "10.0.0.2", 7777)
    check(ask(two_servers(), "10.0.1.2", 7777), "address", "10.0.0.2", 7777)
    check(ask(two_servers(), "10.0.0.4", 443), "address", "10.0.0.3", 443)
  end)

  it("says that the address is a client's", function()
    local result = ask(two_servers(), "10.0.0.1", 7777)
    check(result, "roles", "10.0.0.2", 7777)
    assert.truthy(result.likely_slip.text:find("only as a client", 1, true))
  end)

  it("points at the other family", function()
    check(ask(two_servers(), "2001:db8::2", 7777), "family", "10.0.0.2", 7777)
    check(ask(two_servers({ client = "2001:db8::1", server = "2001:db8::2" }), "192.0.2.80", 7777), "family",
      "2001:db8::2", 7777)
  end)

  it("names the busiest server when nothing is alike", function()
    local result = ask(two_servers(), "203.0.113.77", 25)
    check(result, "address", "10.0.0.2", 7777)
    assert.truthy(result.likely_slip.text:find("the busiest server is 10.0.0.2:7777", 1, true))
    assert.are.equal(2, #result.candidates)
    assert.are.equal(2, result.candidates_total)
  end)

  it("finds the server that holds the port", function()
    local result = ask(two_servers(), "203.0.113.77", 443)
    check(result, "address", "10.0.0.3", 443)
    assert.truthy(result.likely_slip.text:find("port 443 is served by 10.0.0.3:443", 1, true))
  end)

  it("without a port speaks of the address alone", function()
    check(ask(two_servers(), "10.0.0.12", nil), "address", "10.0.0.2", 7777)
  end)

  it("lists at most ten candidates and says how many there are", function()
    local x = craft.new()
    for i = 1, 15 do
      x.sides.s.port = 7000 + i
      x.sides.c.ack, x.sides.s.ack = 5001, 1001
      x:syn():syn_ack()
    end
    local result = ask(x, "203.0.113.77", 25)
    assert.are.equal(10, #result.candidates)
    assert.are.equal(15, result.candidates_total)
  end)
end)

describe("a capture without TCP", function()
  it("says so", function()
    local udp = "\69\0\0\28\0\0\0\0\64\17\0\0" .. craft.address("10.0.0.1") .. craft.address("10.0.0.2")
      .. "\0\1\0\2\0\8\0\0"
    local result = ask(craft.new():raw("\2\0\0\0\0\2\2\0\0\0\0\1\8\0" .. udp), "10.0.0.2", 53)
    assert.are.equal("no_tcp", result.status)
    assert.is_nil(result.candidates)
    assert.is_nil(result.likely_slip)
    assert.are.equal("Not even the only packet is TCP, so nothing can be said about 10.0.0.2:53.",
      result.analysis.interpretation)
  end)

  it("says so when it is empty", function()
    local result = ask(craft.new(), "10.0.0.2", 53)
    assert.are.equal("no_tcp", result.status)
    assert.are.equal("The capture holds no packets, so nothing can be said about 10.0.0.2:53.",
      result.analysis.interpretation)
  end)
end)
