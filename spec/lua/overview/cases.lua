-- Captures of several servers, and of what is not TCP.
--
--     local cases = dofile(here .. "cases.lua")
--     local capture = cases.beside()

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local cases = {}

local char, MAC_C, MAC_S = string.char, "\2\0\0\0\0\2", "\2\0\0\0\0\1"

local function be16(n)
  return char(math.floor(n / 256) % 256, n % 256)
end

local function be32(n)
  return be16(math.floor(n / 65536)) .. be16(n % 65536)
end

-- A UDP datagram from one "ip", port to another; checksums are not looked at.
function cases.udp(from, from_port, to, to_port, payload)
  local udp = be16(from_port) .. be16(to_port) .. be16(8 + #payload) .. "\0\0" .. payload
  return MAC_S .. MAC_C .. "\8\0" .. "\69\0" .. be16(20 + #udp) .. "\0\0\0\0\64\17\0\0" .. craft.address(from)
    .. craft.address(to) .. udp
end

-- The frame of a datagram in pieces of so many bytes each.
function cases.pieces(frame, size)
  local out, payload = {}, frame:sub(35)
  for at = 1, #payload, size do
    local piece = payload:sub(at, at + size - 1)
    local bits = (at + size <= #payload and 0x2000 or 0) + (at - 1) / 8
    out[#out + 1] = frame:sub(1, 16) .. be16(20 + #piece) .. "\1\2" .. be16(bits) .. frame:sub(23, 34) .. piece
  end
  return out
end

-- Who has `ip`?  Or: `ip` is at `mac`.
function cases.arp(op, ip, mac)
  return ("\255"):rep(6) .. mac .. "\8\6\0\1\8\0\6\4" .. be16(op) .. mac .. craft.address(ip) .. ("\0"):rep(6)
    .. craft.address("10.0.0.99")
end

-- `ip`, of IPv6, is at `mac`: a neighbour advertisement; 'o': flags, from.
function cases.advertisement(ip, mac, o)
  o = o or {}
  local header = "\51\51\0\0\0\1" .. mac .. "\134\221\96\0\0\0\0\32\58\255"
  return header .. craft.address(o.from or ip) .. craft.address("ff02::1") .. "\136\0\0\0" .. char(o.flags or 0x60)
    .. "\0\0\0" .. craft.address(ip) .. "\2\1" .. mac
end

-- A message about a name; `flags` of an answer have the highest bit; `ip`: an answer with that address; `kind`: not A.
function cases.dns(id, flags, name, ip, kind)
  local labels = {}
  for label in name:gmatch("[^.]+") do
    labels[#labels + 1] = char(#label) .. label
  end
  local record = ip and "\192\12\0\1\0\1\0\0\0\60\0\4" .. craft.address(ip) or ""
  return be16(id) .. be16(flags) .. "\0\1" .. be16(ip and 1 or 0) .. "\0\0\0\0" .. table.concat(labels)
    .. "\0" .. be16(kind or 1) .. "\0\1" .. record
end

function cases.quic(version, rest)
  return "\192" .. be32(version) .. "\8abcdefgh\0" .. (rest or ("\0"):rep(40))
end

-- The server of `x` is another one from now on.
function cases.at(x, ip, port)
  x.sides.s.ip, x.sides.s.bytes = ip, craft.address(ip)
  x.sides.s.port = port or x.sides.s.port
  x.sides.c.port = x.sides.c.port + 1
  return x
end

-- One connection that is closed by both.
function cases.talk(x)
  return x:bases(1000, 5000):hs():c(1001, 100):s(5001, 200, { ack = 1101 }):c(1101, 0, { flags = "FA", ack = 5201 })
    :s(5201, 0, { flags = "FA", ack = 1102 }):c(1102, 0, { ack = 5202 })
end

-- One that is refused.
function cases.refused(x)
  return x:bases(1000, 5000):syn():s(0, 0, { flags = "RA", ack = 1001 })
end

-- What there is besides TCP: UDP and QUIC to a server's port, DNS of all kinds, ARP with a conflict, ICMP.
function cases.beside()
  local x = cases.talk(craft.new { server_port = 443 })
  local function ask(id, name, code, wait)
    x:raw(cases.udp("10.0.0.1", 5000 + id, "10.0.0.53", 53, cases.dns(id, 0x0100, name)))
    if code then
      x:after(wait * craft.MS)
      x:raw(cases.udp("10.0.0.53", 53, "10.0.0.1", 5000 + id, cases.dns(id, 0x8180 + code, name)))
    end
  end
  x:raw(cases.udp("10.0.0.1", 50000, "10.0.0.2", 443, cases.quic(1)))
  x:raw(cases.udp("10.0.0.2", 443, "10.0.0.1", 50000, cases.quic(1)))
  x:raw(cases.udp("10.0.0.2", 443, "10.0.0.1", 50000, "\64" .. ("x"):rep(60)))
  ask(1, "www.example.org", 0, 12)
  ask(2, "no.such.example", 3, 5)
  ask(3, "broken.example", 2, 7)
  ask(4, "slow.example", 0, 350)
  ask(5, "silent.example\27[31m")
  ask(5, "silent.example\27[31m")
  ask(6, "unwilling.example", 5, 3)
  ask(7, "odd.example", 9, 3)
  x:raw(cases.arp(1, "10.0.0.1", MAC_C)):raw(cases.arp(2, "10.0.0.2", MAC_S))
  x:raw(cases.arp(2, "10.0.0.2", "\2\0\0\0\0\9"))
  x:raw(cases.arp(8, "10.0.0.2", MAC_S))
  x:icmp(1)
  return cases.talk(cases.at(x:after(2 * craft.SECOND), "10.0.0.2", 443))
end

-- A connection after a question for its server's name, which is answered after so many ms with `ip`.
function cases.named(wait, ip, pause)
  local x = craft.new { server_port = 443 }
  x:raw(cases.udp("10.0.0.1", 5001, "10.0.0.53", 53, cases.dns(7, 0x0100, "www.example.org")))
  x:after(wait * craft.MS)
  x:raw(cases.udp("10.0.0.53", 53, "10.0.0.1", 5001, cases.dns(7, 0x8180, "www.example.org", ip)))
  return cases.talk(x:after((pause or 2) * craft.MS))
end

-- So many sound servers, and one that refuses, which comes last; many ports of another host were tried.
function cases.many(n)
  local x = craft.new { gap = 10000 }
  for i = 1, n do
    cases.talk(cases.at(x, ("10.1.%d.%d"):format(math.floor(i / 200), 1 + i % 200), 80))
  end
  for _ = 1, 3 do
    cases.refused(cases.at(x, "10.2.0.1", 8080))
  end
  for port = 1, 12 do
    cases.refused(cases.at(x, "10.3.0.1", port))
  end
  return x
end

-- Nothing of it but the middle: the ports must tell.
function cases.middle()
  local x = craft.new { server_port = 8443, client_port = 50123 }
  for _ = 1, 3 do
    x:c(2001, 100):s(6001, 500, { ack = 2101 }):c(2101, 0, { ack = 6501 })
    x.sides.c.port = x.sides.c.port + 1
  end
  return x
end

return cases
