-- Cases of the rules about hardware addresses.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cases = dofile(here .. "../overview/cases.lua")

local ONE, TWO, VIRTUAL = "\2\0\0\0\0\17", "\2\0\0\0\0\18", "\0\0\94\0\1\5"
local ROUTER_A, ROUTER_B = "\2\0\0\0\0\33", "\2\0\0\0\0\34"

-- Connection number 'n', whose answers come from one address and go to another one.
local function connect(x, n, mac, to, client)
  if n > 1 then
    pieces.next_client(x, n, client)
  end
  local o = { mac = mac, to_mac = to }
  x:after(100 * MS):syn():s(5000, 0, { flags = "SA", ack = 1001, mac = mac, to_mac = to }):c_ack(5001)
  x:c(1001, 100):s(5001, 100, { ack = 1101, mac = mac, to_mac = to })
  return x:c(1101, 0, { flags = "FA", ack = 5101 }):s(5101, 0, { flags = "FA", ack = 1102, mac = o.mac, to_mac = to })
    :c(1102, 0, { ack = 5102 })
end

-- One that is reset by the server, or in its name, after the request.
local function broken(x, n, mac, by)
  pieces.next_client(x, n)
  x:after(100 * MS):syn():s(5000, 0, { flags = "SA", ack = 1001, mac = mac }):c_ack(5001):c(1001, 100)
  return x:s(5001, 0, { flags = "RA", ack = 1101, mac = by })
end

local function claims(x, list)
  for _, mac in ipairs(list) do
    x:after(50 * MS):raw(cases.arp(2, "10.0.0.2", mac))
  end
  return x
end

case("address_conflict", "claims by turns, and answers of both", { severity = "warning", side = "server",
  confidence = "medium",
  text = "Two hardware addresses claim the server's address by turns: 02:00:00:00:00:11 and 02:00:00:00:00:12. Its "
    .. "answers come from both: connections may end at a host that does not know them." }, function()
  local x = claims(pieces.new(), { ONE, TWO, ONE })
  return connect(connect(connect(x, 1, ONE), 2, TWO), 3, ONE)
end)
case("address_conflict", "claims by turns only", { severity = "info", confidence = "low" }, function()
  return connect(claims(pieces.new(), { ONE, TWO, ONE, TWO }), 1, ONE)
end)
case("address_conflict", "a take-over", false, function()
  return connect(claims(pieces.new(), { ONE, ONE, TWO, TWO }), 1, TWO)
end)
case("address_conflict", "one of them is shared by routers", false, function()
  return connect(claims(pieces.new(), { ONE, VIRTUAL, ONE }), 1, ONE)
end)
case("address_conflict", "another address", false, function()
  local x = pieces.new()
  for _, mac in ipairs { ONE, TWO, ONE } do
    x:raw(cases.arp(2, "10.0.0.77", mac))
  end
  return connect(x, 1, ONE)
end)

-- The same in IPv6; 'o': of each advertisement.
local SIX = "2001:db8::2"
local function advertised(list, o)
  local x = pieces.new { client = "2001:db8::1", server = SIX }
  for _, mac in ipairs(list) do
    x:after(50 * MS):raw(cases.advertisement(SIX, mac, o))
  end
  return connect(x, 1, ONE)
end

case("address_conflict", "advertisements of IPv6 by turns", { severity = "info", confidence = "low" }, function()
  return advertised { ONE, TWO, ONE, TWO }
end)
case("address_conflict", "one host advertises", false, function()
  return advertised { ONE, ONE, ONE }
end)
case("address_conflict", "a proxy beside it, which overrides nothing", false, function()
  return advertised({ ONE, TWO, ONE, TWO }, { flags = 0x40 })
end)
case("address_conflict", "a router that answers for many", false, function()
  return advertised({ ONE, TWO, ONE, TWO }, { flags = 0xe0, from = "fe80::1" })
end)

case("resets_of_other_hardware", "resets of a device on the way", { severity = "warning", side = "network",
  confidence = "medium" }, function()
  local x = connect(pieces.new(), 1, ONE)
  return connect(broken(broken(x, 2, ONE, TWO), 3, ONE, TWO), 4, ONE)
end)
case("resets_of_other_hardware", "the server's own resets", false, function()
  return broken(broken(connect(pieces.new(), 1, ONE), 2, ONE, ONE), 3, ONE, ONE)
end)
case("resets_of_other_hardware", "two routers carry all of it", false, function()
  local x = connect(connect(pieces.new(), 1, ONE), 2, TWO)
  return broken(broken(broken(x, 3, ONE, TWO), 4, TWO, ONE), 5, ONE, TWO)
end)

case("server_hardware_changed", "a take-over", { severity = "info", side = "server",
  text = "The server's answers came from the hardware address 02:00:00:00:00:11, and from 02:00:00:00:00:12 since "
    .. "215 ms into the capture: a take-over, or another router on its side." }, function()
  local x = connect(connect(pieces.new(), 1, ONE), 2, ONE)
  return connect(connect(x, 3, TWO), 4, TWO)
end)
case("server_hardware_changed", "with losses", { severity = "warning" }, function()
  local x = pieces.new()
  for i = 1, 5 do
    connect(x, i, ONE)
  end
  pieces.next_client(x:after(8 * SECOND), 6)
  x:syn():s(5000, 0, { flags = "SA", ack = 1001, mac = ONE }):c_ack(5001):c(1001, 100)
  for _ = 1, 6 do
    x:after(300 * MS):c(1001, 100)
  end
  x:s(5001, 100, { ack = 1101, mac = TWO })
  return connect(connect(x, 7, TWO), 8, TWO)
end)
case("server_hardware_changed", "back and forth", false, function()
  local x = connect(connect(pieces.new(), 1, ONE), 2, TWO)
  return connect(connect(x, 3, ONE), 4, TWO)
end)

case("gateway_changed", "another router", { severity = "info", side = "network" }, function()
  local x = connect(connect(pieces.new(), 1, ONE, ROUTER_A), 2, ONE, ROUTER_A, "10.1.0.9")
  return connect(connect(x, 3, ONE, ROUTER_B, "10.1.0.10"), 4, ONE, ROUTER_B, "10.1.0.11")
end)
case("gateway_changed", "two clients beside the server", false, function()
  local x = connect(connect(pieces.new(), 1, ONE, ROUTER_A), 2, ONE, ROUTER_A)
  return connect(connect(x, 3, ONE, ROUTER_B, "10.0.0.9"), 4, ONE, ROUTER_B)
end)
