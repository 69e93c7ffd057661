-- What connections say first, byte by byte: TLS 1.2 and 1.3, HTTP/1, PROXY headers.

local says = {}

local function be16(n)
  return string.char(math.floor(n / 256) % 256, n % 256)
end

local function be24(n)
  return string.char(math.floor(n / 65536)) .. be16(n % 65536)
end

-- ------------------------------------------------------------------------ TLS

function says.record(kind, content, version)
  return string.char(kind, 3, version or 3) .. be16(#content) .. content
end

local function message(kind, body)
  return string.char(kind) .. be24(#body) .. body
end

says.message = message

local function extension(kind, body)
  return be16(kind) .. be16(#body) .. body
end

--- The message of a ClientHello; 'o': name, alpn, tls13, psk, early, ech, session, pad (bytes).
function says.client_hello(o)
  o = o or {}
  local list = {}
  if o.name then
    list[#list + 1] = extension(0, be16(#o.name + 3) .. "\0" .. be16(#o.name) .. o.name)
  end
  if o.alpn then
    list[#list + 1] = extension(16, be16(#o.alpn + 1) .. string.char(#o.alpn) .. o.alpn)
  end
  if o.tls13 then
    list[#list + 1] = extension(43, "\4\10\10\3\4")
  end
  if o.ech then
    list[#list + 1] = extension(0xfe0d, ("e"):rep(20))
  end
  if o.pad then
    list[#list + 1] = extension(21, ("\0"):rep(o.pad))
  end
  if o.early then
    list[#list + 1] = extension(42, "")
  end
  if o.psk then
    list[#list + 1] = extension(41, ("k"):rep(40))
  end
  local extensions, session = table.concat(list), o.session or ""
  return message(1, "\3\3" .. ("r"):rep(32)
    .. string.char(#session) .. session .. "\0\2\19\1" .. "\1\0"
    .. be16(#extensions) .. extensions)
end

--- A ServerHello; 'o': tls13, retry, alpn, session, psk.
function says.server_hello(o)
  o = o or {}
  local list = {}
  if o.alpn then
    list[#list + 1] = extension(16, be16(#o.alpn + 1) .. string.char(#o.alpn) .. o.alpn)
  end
  if o.tls13 then
    list[#list + 1] = extension(43, "\3\4")
  end
  if o.psk then
    list[#list + 1] = extension(41, "\0\0")
  end
  local random = o.retry and "\207\33\173\116\229\154\97\17" .. ("x"):rep(24) or ("s"):rep(32)
  local extensions, session = table.concat(list), o.session or ""
  return message(2, "\3\3" .. random
    .. string.char(#session) .. session .. "\19\1\0" .. be16(#extensions) .. extensions)
end

local function der(tag, content)
  if #content < 128 then
    return string.char(tag, #content) .. content
  elseif #content < 256 then
    return string.char(tag, 0x81, #content) .. content
  end
  return string.char(tag, 0x82) .. be16(#content) .. content
end

local function name_of(common)
  return der(0x30, der(0x31, der(0x30, "\6\3\85\4\10" .. der(12, "Example Ltd")))
    .. (common and der(0x31, der(0x30, "\6\3\85\4\3" .. der(12, common))) or ""))
end

--- A Certificate message; 'o': from, to (UTCTime), subject, dns.
function says.certificate(o)
  o = o or {}
  local tbs = der(0xa0, "\2\1\2") .. "\2\1\7" .. der(0x30, "\6\1\42") .. name_of("Example CA")
    .. der(0x30, der(o.long and 24 or 23, o.from or "230101000000Z") .. der(23, o.to or "330101000000Z"))
    .. name_of(o.subject) .. der(0x30, ("K"):rep(o.key or 200))
    .. der(0xa3, der(0x30, der(0x30, "\6\3\85\29\15" .. der(4, "\3\2\5\160"))
      .. der(0x30, "\6\3\85\29\17" .. "\1\1\255" .. der(4, der(0x30, der(0x82, o.dns or "www.example.org"))))))
  local whole = der(0x30, der(0x30, tbs) .. der(0x30, "\6\1\42") .. der(3, ("S"):rep(64)))
  return message(11, be24(#whole + 3) .. be24(#whole) .. whole)
end

says.hello_done = message(14, "")
says.key_exchange = message(16, ("k"):rep(60))
says.change = "\20\3\3\0\1\1"
says.finished = "\22\3\3\0\40" .. ("\199"):rep(40)
says.data = "\23\3\3\0\60" .. ("d"):rep(60)

function says.alert(code, warning)
  return "\21\3\3\0\2" .. string.char(warning and 1 or 2, code)
end

function says.hello(o)
  return says.record(22, says.client_hello(o), 1)
end

--- The server's first flight of TLS 1.2, in one record.
function says.flight(o)
  return says.record(22, says.server_hello(o) .. says.certificate(o) .. says.hello_done)
end

-- ----------------------------------------------------------------------- HTTP

function says.get(path)
  return "GET " .. (path or "/") .. " HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
end

function says.answer(status, body)
  body = body or "ok"
  return ("HTTP/1.1 %d Reason\r\nContent-Length: %d\r\n\r\n%s"):format(status, #body, body)
end

says.preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

says.proxy_v1 = "PROXY TCP4 203.0.113.9 10.0.0.2 56324 443\r\n"
says.proxy_v2 = "\r\n\r\n\0\r\nQUIT\n\33\17\0\12\203\0\113\9\10\0\0\2\220\4\1\187"

-- ---------------------------------------------------------------- conversations

local talk = {}
talk.__index = talk

--- Bytes of both sides after a handshake, in order; numbers are looked after here.
function says.talk(x)
  return setmetatable({ x = x, c = x.sides.c.base + 1, s = x.sides.s.base + 1 }, talk)
end

--- Side 'side' says 'bytes', 'ns' after what came before, in segments of 'most' bytes.
function talk:say(side, bytes, ns, most)
  most = most or 1400
  if ns then
    self.x:after(ns)
  end
  for at = 1, #bytes, most do
    local part = bytes:sub(at, at + most - 1)
    self.x[side](self.x, self[side], #part, { payload = part, ack = side == "c" and self.s or self.c })
    self[side] = self[side] + #part
  end
  return self
end

--- A whole handshake of TLS 1.2 and some data.
function talk:tls12(o, ns)
  return self:say("c", says.hello(o)):say("s", says.flight(o), ns)
    :say("c", says.record(22, says.key_exchange) .. says.change .. says.finished)
    :say("s", says.change .. says.finished):say("c", says.data):say("s", says.data)
end

--- The same of TLS 1.3.
function talk:tls13(o, ns)
  o = o or {}
  o.tls13 = true
  return self:say("c", says.hello(o)):say("s", says.record(22, says.server_hello(o)) .. says.change .. says.data, ns)
    :say("c", says.change .. says.data):say("s", says.data):say("c", says.data)
end

--- Both sides close.
function talk:close(first)
  local a, b = first or "c", first == "s" and "c" or "s"
  self.x[a](self.x, self[a], 0, { flags = "FA", ack = self[b] })
  self.x[b](self.x, self[b], 0, { flags = "FA", ack = self[a] + 1 })
  self.x[a](self.x, self[a] + 1, 0, { ack = self[b] + 1 })
  return self
end

--- The next connection of another client.
function talk:next(n)
  local x = self.x
  x.sides.c.port = 40000 + n
  x.sides.c.ack, x.sides.s.ack = x.sides.s.base + 1, x.sides.c.base + 1
  x:hs()
  return says.talk(x)
end

--- Captures in which each thing that is told is there once at least.
function says.captures(craft)
  local function begin()
    return says.talk(craft.new({ server_port = 443, win = 60000 }):hs())
  end
  local mixed = begin():tls12 { name = "a.example", alpn = "h2", subject = "a.example", session = "abc" }
  mixed = mixed:next(1):tls13({ name = "b.example", alpn = "h2", psk = true }, 300 * craft.MS)
  mixed = mixed:next(2):say("c", says.hello { name = "c.example" }):say("s", says.alert(112))
  mixed = mixed:next(3):say("c", says.proxy_v1 .. says.get()):say("s", says.answer(500))
  for i, status in ipairs { 503, 200, 204, 404, 400 } do
    mixed:say("c", says.get()):say("s", says.answer(status), i * craft.MS)
  end
  mixed:say("c", says.get())
  mixed = mixed:next(4):say("c", says.preface)
  mixed = mixed:next(5):say("c", says.hello {})
  mixed.x:s_ack(mixed.c):after(3 * craft.SECOND):s(mixed.s, 0, { flags = "RA", ack = mixed.c })
  local lost, hello = begin(), says.hello { pad = 1300 }
  for _ = 1, 4 do
    lost.x:after(craft.SECOND):c(1001, #hello, { payload = hello })
  end
  return { mixed.x, lost.x }
end

return says
