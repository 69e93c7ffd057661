-- Questions for names beside connections: DNS over UDP and TCP, between clients and a server for names at 10.0.0.53.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cases = dofile(here .. "../overview/cases.lua")

local asks = {}
local RESOLVER, NAME = "10.0.0.53", "www.example.org"
local KINDS = { A = 1, AAAA = 28 }

asks.AAAA = 28

local function client_of(x)
  return x.sides.c.ip or "10.0.0.1"
end

--- The client of 'x' asks; 'o': id, name, kind, of (whom it asks), by.
function asks.ask(x, o)
  o = o or {}
  return x:raw(cases.udp(o.by or client_of(x), 5001, o.of or RESOLVER, 53,
    cases.dns(o.id or 7, 0x0100, o.name or NAME, nil, KINDS[o.kind or "A"])))
end

--- The answer, 'ms' after what came before; 'o': likewise, and ip, code, cut_short.
function asks.answer(x, ms, o)
  o = o or {}
  x:after(ms * 1000000)
  local flags = 0x8180 + (o.code or 0) + (o.cut_short and 0x0200 or 0)
  return x:raw(cases.udp(o.of or RESOLVER, 53, o.by or client_of(x), 5001,
    cases.dns(o.id or 7, flags, o.name or NAME, not o.code and not o.cut_short and (o.ip or "10.0.0.2") or nil,
      KINDS[o.kind or "A"])))
end

--- Both.
function asks.look_up(x, ms, o)
  return asks.answer(asks.ask(x, o), ms, o)
end

--- A connection to the resolver's port 53 over TCP: the question, then the answer in pieces of so many bytes.
function asks.over_tcp(x, ms, o)
  o = o or {}
  local server = x.sides.s
  local was = { ip = server.ip, bytes = server.bytes, port = server.port }
  local ask = cases.dns(7, 0x0100, NAME)
  local answer = cases.dns(7, 0x8180, NAME, o.ip or "10.0.0.2")
  local function framed(message)
    return string.char(math.floor(#message / 256), #message % 256) .. message
  end
  cases.at(x, RESOLVER, 53)
  x:bases(1000, 5000):hs()
  ask, answer = framed(ask), framed(answer)
  if o.apart then                                -- the length in a segment of its own
    x:c(1001, 2, { payload = ask:sub(1, 2) }):c(1003, #ask - 2, { payload = ask:sub(3) })
    x:after(ms * 1000000)
    x:s(5001, 2, { payload = answer:sub(1, 2), ack = 1001 + #ask })
    x:s(5003, #answer - 2, { payload = answer:sub(3), ack = 1001 + #ask })
  else
    x:c(1001, #ask, { payload = ask }):after(ms * 1000000)
    x:s(5001, #answer, { payload = answer, ack = 1001 + #ask })
  end
  server.ip, server.bytes, server.port = was.ip, was.bytes, was.port
  x.sides.c.port = x.sides.c.port + 1
  return x:bases(1000, 5000)
end

return asks
