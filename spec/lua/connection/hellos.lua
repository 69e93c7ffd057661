-- TLS messages, byte by byte.
--
--     local hellos = dofile(here .. "hellos.lua")
--     local bytes = hellos.client("www.example.org")

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local hellos = {}

local function be16(n)
  return string.char(math.floor(n / 256), n % 256)
end

local function record(kind, message)
  return string.char(kind) .. "\3\1" .. be16(#message) .. message
end

local ALPN_H2 = "\0\16\0\5\0\3\2h2"

--- A ClientHello of TLS 1.3 for that name.
function hellos.client(name)
  local sni = be16(#name + 3) .. "\0" .. be16(#name) .. name
  local extensions = "\0\0" .. be16(#sni) .. sni .. ALPN_H2 .. "\0\43\0\3\2\3\4"
  local body = "\3\3" .. ("r"):rep(32) .. "\0" .. "\0\2\19\1" .. "\1\0" .. be16(#extensions) .. extensions
  return record(22, "\1\0" .. be16(#body) .. body)
end

--- A ServerHello of TLS 1.2; `retry`: it asks for another ClientHello (RFC 8446, 4.1.3).
function hellos.server(retry)
  local random = retry and "\207\33\173\116\229\154\97\17" .. ("x"):rep(24) or ("s"):rep(32)
  local body = "\3\3" .. random .. "\0" .. "\192\47" .. "\0" .. be16(#ALPN_H2) .. ALPN_H2
  return record(22, "\2\0" .. be16(#body) .. body)
end

--- A ClientHello in two segments, a retry, the ServerHello 300 ms later, data, an alert.
function hellos.capture()
  local x = craft.new { server_port = 443 }:hs()
  local hello, retry, server = hellos.client("www.example.org"), hellos.server(true), hellos.server()
  x:c(1001, 60, { payload = hello:sub(1, 60) })
  x:c(1061, #hello - 60, { payload = hello:sub(61) })
  local c, s = 1001 + #hello, 5001
  x:after(200 * craft.MS):s(s, #retry, { payload = retry, ack = c })
  s = s + #retry
  x:after(100 * craft.MS):s(s, #server, { payload = server })
  s = s + #server
  x:s(s, 10, { payload = "\23\3\3\0\5abcde" })
  return x:c(c, 7, { payload = "\21\3\3\0\2\2\48", ack = s + 10 })
end

return hellos
