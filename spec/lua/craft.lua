--- Builds captures packet by packet, for tests.
--
--     local craft = dofile("spec/lua/craft.lua")
--     local path = craft.new():hs():c(1001, 100):s_ack(1101):save()
--
-- A capture has two sides, "c" (10.0.0.1:40000) and "s" (10.0.0.2:7777), whose
-- initial sequence numbers are 1000 and 5000 and whose window is 1000.  Each
-- packet comes 1 ms after the one before, unless `after` or an option `at` says
-- otherwise.  Times are nanoseconds since the start of the capture.  Methods
-- return the capture.  Runs on Lua 5.1 to 5.4 and LuaJIT.
-- @module craft

local craft = {}

local MS = 1000000
local START_SECONDS = 1700000000
local SEQUENCES = 4294967296 -- sequence numbers are counted modulo 2^32

craft.MS = MS
craft.SECOND = 1000 * MS

local floor, char = math.floor, string.char

-- --------------------------------------------------------------------- bytes

local function be16(v)
  return char(floor(v / 256) % 256, v % 256)
end

local function be32(v)
  v = v % SEQUENCES
  return char(floor(v / 16777216), floor(v / 65536) % 256, floor(v / 256) % 256, v % 256)
end

local function le32(v)
  return be32(v):reverse()
end

-- The sum of 16-bit words of RFC 1071, not yet folded.
local function sum_words(bytes)
  local sum = 0
  for i = 1, #bytes - 1, 2 do
    local a, b = bytes:byte(i, i + 1)
    sum = sum + a * 256 + b
  end
  if #bytes % 2 == 1 then
    sum = sum + bytes:byte(#bytes) * 256
  end
  return sum
end

local function checksum(sum)
  while sum > 65535 do
    sum = sum % 65536 + floor(sum / 65536)
  end
  return be16(65535 - sum)
end

local function ipv4(text)
  local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return char(a, b, c, d)
end

local function groups(text)
  local out = {}
  for group in text:gmatch("%x+") do
    out[#out + 1] = be16(tonumber(group, 16))
  end
  return table.concat(out)
end

local function ipv6(text)
  local head, tail = text:match("^(.*)::(.*)$")
  if not head then
    return groups(text)
  end
  head, tail = groups(head), groups(tail)
  return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

--- An address as bytes in network order: 4 or 16 of them.
function craft.address(text)
  if text:find(":", 1, true) then
    return ipv6(text)
  end
  return ipv4(text)
end

-- ------------------------------------------------------------------- headers

local FLAG_BITS = { F = 1, S = 2, R = 4, P = 8, A = 16, U = 32, E = 64, C = 128 }

local function flag_byte(letters)
  local sum = 0
  for letter in letters:gmatch(".") do
    sum = sum + FLAG_BITS[letter]
  end
  return sum
end

-- The TCP options that 'o' names, padded to whole words.
local function tcp_options(o)
  local out = o.options or ""
  if o.mss then
    out = out .. "\2\4" .. be16(o.mss)
  end
  if o.scale then
    out = out .. "\3\3" .. char(o.scale)
  end
  if o.sack_ok then
    out = out .. "\4\2"
  end
  if o.ts then
    out = out .. "\8\10" .. be32(o.ts[1]) .. be32(o.ts[2] or 0)
  end
  if o.sack then
    out = out .. "\5" .. char(2 + 8 * #o.sack)
    for _, block in ipairs(o.sack) do
      out = out .. be32(block[1]) .. be32(block[2])
    end
  end
  return out .. ("\1"):rep(-#out % 4)
end

-- 's' is a segment: from, to (address, port), seq, ack, flags, win, len; 'o' says what is odd about it.
local function tcp_bytes(s, o)
  local options = tcp_options(o)
  local words = o.doff or 5 + #options / 4
  local head = be16(s.from.port) .. be16(s.to.port) .. be32(s.seq) .. be32(s.ack) ..
    char(words * 16, flag_byte(s.flags)) .. be16(s.win)
  local payload = (o.payload or "") .. ("x"):rep(s.len - #(o.payload or ""))
  local bytes = head .. "\0\0\0\0" .. options .. payload
  if o.tcp_sum == false then
    return bytes
  end
  local pseudo = s.from.bytes .. s.to.bytes .. be32(#bytes) .. be32(6)
  local sum = sum_words(pseudo) + sum_words(head .. options)
  sum = sum + (o.payload and sum_words(payload) or floor(s.len / 2) * 0x7878 + s.len % 2 * 0x7800)
  local good = checksum(sum)
  if o.bad_tcp_sum then
    good = be16((good:byte(1) * 256 + good:byte(2) + 1) % 65536)
  end
  return head .. good .. "\0\0" .. options .. payload
end

-- 'fragment': {offset in bytes, more}.
local function ipv4_packet(from, to, protocol, payload, o, fragment)
  local offset, more = 0, false
  if fragment then
    offset, more = fragment[1], fragment[2]
  end
  local head = "\69\0" .. be16(o.ip_len or 20 + #payload) .. be16(o.id or 0) ..
    be16(offset / 8 + (more and 8192 or 0) + (o.df and 16384 or 0)) .. char(o.ttl or 64, protocol)
  local sum = sum_words(head .. from .. to) + (o.bad_ip_sum and 1 or 0)
  return head .. checksum(sum) .. from .. to .. payload
end

local function ipv6_packet(from, to, protocol, payload, o, fragment)
  local next_header = protocol
  if fragment then
    payload = char(protocol, 0) .. be16(fragment[1] + (fragment[2] and 1 or 0)) .. be32(o.id or 0) .. payload
    next_header = 44
  end
  return "\96\0\0\0" .. be16((o.ip_len or #payload) % 65536) .. char(next_header, o.ttl or 64) .. from .. to .. payload
end

local function ip_packet(from, to, protocol, payload, o, fragment)
  return (#from == 4 and ipv4_packet or ipv6_packet)(from, to, protocol, payload, o, fragment)
end

local ROUTER_A, ROUTER_B = ipv4("192.0.2.1"), ipv4("192.0.2.2")

local function ethertype(packet)
  return packet:byte(1) >= 96 and "\134\221" or "\8\0"
end

-- Ethernet, tags and tunnels around an IP packet.
local function frame_around(packet, o)
  if o.gre then
    packet = ip_packet(ROUTER_A, ROUTER_B, 47, "\0\0" .. ethertype(packet) .. packet, {})
  elseif o.ipip then
    packet = ip_packet(ROUTER_A, ROUTER_B, packet:byte(1) >= 96 and 41 or 4, packet, {})
  elseif o.gtp then
    local held = packet .. ("\0"):rep(o.gtp)
    local user = char(0x30, 0xff) .. be16(#held) .. be32(1) .. held
    packet = ip_packet(ROUTER_A, ROUTER_B, 17, be16(2152) .. be16(2152) .. be16(8 + #user) .. "\0\0" .. user, {})
  end
  local tags = ""
  for _, id in ipairs(type(o.vlan) == "table" and o.vlan or { o.vlan }) do
    tags = tags .. "\129\0" .. be16(id)
  end
  return (o.to_mac or "\2\0\0\0\0\2") .. (o.mac or "\2\0\0\0\0\1") .. tags .. ethertype(packet) .. packet
end

-- ------------------------------------------------------------------- capture

local capture = {}
capture.__index = capture

--- A new capture.
-- @tparam[opt] table o `client`, `server` (addresses), `client_port`, `server_port`, `win`, `gap` (ns between
-- packets), `tcp_sum` (false: leave the TCP checksum 0)
function craft.new(o)
  o = o or {}
  local self = setmetatable({ frames = {}, now = 0, gap = o.gap or MS, tcp_sum = o.tcp_sum }, capture)
  self.sides = {
    c = { ip = o.client or "10.0.0.1", port = o.client_port or 40000, base = 1000, ack = 5001 },
    s = { ip = o.server or "10.0.0.2", port = o.server_port or 7777, base = 5000, ack = 1001 },
  }
  for _, side in pairs(self.sides) do
    side.bytes = craft.address(side.ip)
    side.win = o.win or 1000
  end
  return self
end

--- Other initial sequence numbers, for what comes now.
function capture:bases(client, server)
  local c, s = self.sides.c, self.sides.s
  c.base, s.base = client, server
  c.ack, s.ack = (server + 1) % SEQUENCES, (client + 1) % SEQUENCES
  return self
end

--- The next packet comes so many nanoseconds after the latest one.
function capture:after(ns)
  self.wait = ns
  return self
end

-- The time of the packet in hand.
function capture:tick(at)
  if at then
    self.now = at
  elseif #self.frames > 0 or self.wait then
    self.now = self.now + (self.wait or self.gap)
  end
  self.wait = nil
  return self.now
end

--- Adds a frame as it is.
-- @tparam string bytes the whole frame
-- @tparam[opt] table o `pad` (to so many bytes), `cut` (captured bytes), `at` (time)
function capture:raw(bytes, o)
  o = o or {}
  if o.pad and #bytes < o.pad then
    bytes = bytes .. ("\0"):rep(o.pad - #bytes)
  end
  self.frames[#self.frames + 1] = {
    time = self:tick(o.at),
    bytes = o.cut and bytes:sub(1, o.cut) or bytes,
    wire = #bytes,
  }
  return self
end

-- The segment that 'side' sends, its place filled in from what is usual.
function capture:segment(side, seq, len, o)
  local from, to = self.sides[side], self.sides[side == "c" and "s" or "c"]
  local flags = o.flags or "A"
  if o.ack then
    from.ack = o.ack
  end
  return {
    side = side, from = from, to = to, seq = seq % SEQUENCES, len = len, flags = flags,
    ack = flags:find("A", 1, true) and from.ack % SEQUENCES or o.raw_ack or 0,
    win = o.win or from.win, scale = o.scale, sack = o.sack, port = self.sides.c.port,
  }
end

--- A TCP segment of one side.
-- @tparam string side "c" or "s"
-- @tparam integer seq
-- @tparam[opt=0] integer len payload bytes
-- @tparam[opt] table o `ack` (stays until the next one), `flags` ("A"; letters of FSRPAUEC), `win`, TCP options
-- (`mss`, `scale`, `sack_ok`, `ts`, `sack`, `options`), `payload` (its first bytes), IP fields (`id`, `ttl`, `df`,
-- `ip_len`), oddities (`doff`,
-- `bad_tcp_sum`, `bad_ip_sum`, `present`: so many payload bytes in the frame), wrapping (`vlan`, `gre`, `ipip`,
-- `gtp`: so many bytes in the tunnel behind the packet; `mac`, `to_mac`: of the frame),
-- and what `raw` takes; `cut_tcp` cuts after so many bytes of the TCP header
function capture:tcp(side, seq, len, o)
  o = o or {}
  local s = self:segment(side, seq, len or 0, o)
  local from, to = s.from.bytes, s.to.bytes
  local odd = o
  if self.tcp_sum == false then
    odd = setmetatable({ tcp_sum = false }, { __index = o })
  end
  local payload = tcp_bytes(s, odd)
  if o.present then
    payload = payload .. ("x"):rep(o.present - s.len)
  end
  local packet = ip_packet(from, to, 6, payload, o)
  local bytes = frame_around(packet, o)
  local frame_options = o
  if o.cut_tcp then
    frame_options = setmetatable({ cut = #bytes - #payload + o.cut_tcp }, { __index = o })
  end
  self:raw(bytes, frame_options)
  local frame = self.frames[#self.frames]
  frame.packet, frame.segment, s.time = packet, s, frame.time
  return self
end

--- A segment of the client.
function capture:c(seq, len, o)
  return self:tcp("c", seq, len, o)
end

--- A segment of the server.
function capture:s(seq, len, o)
  return self:tcp("s", seq, len, o)
end

-- A copy of 'o' with 'more' put in where 'o' says nothing.
local function with(o, more)
  local out = {}
  for k, v in pairs(more) do
    out[k] = v
  end
  for k, v in pairs(o or {}) do
    out[k] = v
  end
  return out
end

--- A pure acknowledgement of the server, from the sequence number after its SYN.
function capture:s_ack(ack, o)
  return self:tcp("s", self.sides.s.base + 1, 0, with(o, { ack = ack }))
end

--- A pure acknowledgement of the client.
function capture:c_ack(ack, o)
  return self:tcp("c", self.sides.c.base + 1, 0, with(o, { ack = ack }))
end

--- SYN of the client.
function capture:syn(o)
  return self:tcp("c", self.sides.c.base, 0, with(o, { flags = "S" }))
end

--- SYN/ACK of the server.
function capture:syn_ack(o)
  return self:tcp("s", self.sides.s.base, 0, with(o, { flags = "SA" }))
end

--- A whole handshake: SYN, SYN/ACK, ACK, each `step` (10 ms) after the other.
-- @tparam[opt] table o `step`, `c` and `s`: options of the SYN and the SYN/ACK, `ack`: of the third
function capture:hs(o)
  o = o or {}
  local step = o.step or 10 * MS
  self:syn(o.c):after(step):syn_ack(o.s)
  return self:after(step):c_ack(self.sides.s.base + 1, o.ack)
end

--- One segment in IP fragments.
-- @tparam string side
-- @tparam integer seq
-- @tparam integer len
-- @tparam table o `sizes`: IP payload bytes of each fragment but the last; `order`: which are captured and in
-- which order (all, as they come); `cut_first`: captured payload bytes of the first one
function capture:fragments(side, seq, len, o)
  local s = self:segment(side, seq, len, o)
  local whole, parts, at = tcp_bytes(s, o), {}, 0
  for _, size in ipairs(o.sizes) do
    parts[#parts + 1] = { at, whole:sub(at + 1, at + size) }
    at = at + size
  end
  parts[#parts + 1] = { at, whole:sub(at + 1) }
  local order = o.order
  if not order then
    order = {}
    for i = 1, #parts do
      order[i] = i
    end
  end
  for _, i in ipairs(order) do
    local place, payload = { parts[i][1], i < #parts }, parts[i][2]
    local bytes = frame_around(ip_packet(s.from.bytes, s.to.bytes, 6, payload, with(o, { id = 77 }), place), o)
    self:raw(bytes, { cut = i == 1 and o.cut_first and #bytes - #payload + o.cut_first or nil })
  end
  return self
end

--- An ICMP error about an earlier frame.
-- @tparam integer number of the frame that is quoted
-- @tparam[opt] table o `type`, `code`, `bytes` (of the quoted IP packet: 28), `from` (its address), `mtu`
function capture:icmp(number, o)
  o = o or {}
  local frame = self.frames[number]
  return self:icmp_about(frame.packet, frame.segment.from.bytes, o)
end

--- An ICMP error that quotes `packet`, to `to`.
function capture:icmp_about(packet, to, o)
  o = o or {}
  local v6 = #to == 16
  local from = craft.address(o.from or (v6 and "2001:db8::ff" or "192.0.2.254"))
  local head = char(o.type or (v6 and 3 or 11), o.code or 0)
  local rest = be32(o.mtu or 0) .. packet:sub(1, o.bytes or (v6 and 48 or 28))
  local sum = checksum(sum_words(head .. "\0\0" .. rest))
  return self:raw(frame_around(ip_packet(from, to, v6 and 58 or 1, head .. sum .. rest, {}), o), o)
end

--- The bytes of a TCP segment's IP packet that is in no frame, for quoting.
function capture:packet(side, seq, len, o)
  local s = self:segment(side, seq, len or 0, o or {})
  return ip_packet(s.from.bytes, s.to.bytes, 6, tcp_bytes(s, o or {}), o or {}), s.from.bytes
end

--- The latest frame once more, `ns` (1 us) later.
-- @tparam[opt] table o `vlan`, `gre`, `ipip`: seen in another place
function capture:copy(o, ns)
  local frame = self.frames[#self.frames]
  local bytes = frame.bytes
  if o then
    bytes = frame_around(frame.packet, o)
  end
  self:after(ns or 1000):raw(bytes)
  self.frames[#self.frames].packet = frame.packet
  self.frames[#self.frames].segment = frame.segment
  return self
end

--- The latest frame has no time: it stands in a Simple Packet Block.
function capture:timeless()
  self.frames[#self.frames].timeless = true
  self.pcapng = true
  return self
end

--- A pcapng block that is no packet; of some types Wireshark counts them as frames.
-- @tparam integer kind its type
-- @tparam[opt] string body
function capture:block(kind, body)
  self.frames[#self.frames + 1] = { time = self.now, block = kind, bytes = body or "" }
  self.pcapng = true
  return self
end

local function le16(v)
  return be16(v):reverse()
end

local function pcapng_block(kind, body)
  body = body .. ("\0"):rep(-#body % 4)
  local total = le32(#body + 12)
  return le32(kind) .. total .. body .. total
end

-- The capture as pcapng, in nanoseconds.
local function pcapng_bytes(self)
  local out = {
    pcapng_block(0x0a0d0d0a, le32(0x1a2b3c4d) .. le16(1) .. le16(0) .. ("\255"):rep(8)),
    pcapng_block(1, le16(1) .. le16(0) .. le32(self.snaplen or 0) .. le16(9) .. le16(1) .. "\9\0\0\0" .. le32(0)),
  }
  for _, f in ipairs(self.frames) do
    local block
    if f.block then
      block = pcapng_block(f.block, f.bytes)
    elseif f.timeless then
      block = pcapng_block(3, le32(f.wire) .. f.bytes)
    else
      -- seconds * 10^9 as two words: 10^9 is 2^9 * 1953125
      local high_part = (START_SECONDS + floor(f.time / craft.SECOND)) * 1953125
      local low = (high_part % 8388608) * 512 + f.time % craft.SECOND
      local high = floor(high_part / 8388608) + floor(low / SEQUENCES)
      block = pcapng_block(6, le32(0) .. le32(high) .. le32(low % SEQUENCES) .. le32(#f.bytes) .. le32(f.wire)
        .. f.bytes)
    end
    out[#out + 1] = block
  end
  return table.concat(out)
end

--- The capture as the bytes of a pcap file with nanoseconds, Ethernet; of a pcapng file where it needs one.
function capture:bytes()
  if self.pcapng then
    return pcapng_bytes(self)
  end
  local out = { le32(0xa1b23c4d), "\2\0\4\0", le32(0), le32(0), le32(262144), le32(1) }
  for _, f in ipairs(self.frames) do
    local seconds = floor(f.time / craft.SECOND)
    out[#out + 1] = le32(START_SECONDS + seconds)
    out[#out + 1] = le32(f.fraction or f.time - seconds * craft.SECOND)
    out[#out + 1] = le32(#f.bytes)
    out[#out + 1] = le32(f.wire)
    out[#out + 1] = f.bytes
  end
  return table.concat(out)
end

--- Writes the capture to a file.
-- @tparam[opt] string path a new temporary file
-- @treturn string its path
function capture:save(path)
  path = path or os.tmpname()
  local file = assert(io.open(path, "wb"))
  assert(file:write(self:bytes()))
  assert(file:close())
  return path
end

--- What the module says about the capture; the file is gone afterwards.
-- @tparam[opt] table options of analyze_traffic_flow
-- @tparam[opt] integer|boolean port of the server; false: none given
-- @treturn table the result
function capture:analyze(options, port)
  local mcpcap = require "mcpcap"
  local path = self:save()
  local server = self.sides.s
  if port == nil then
    port = server.port
  end
  local ok, result, message = pcall(mcpcap.analyze_traffic_flow, path, server.ip, port or nil, options)
  os.remove(path)
  return assert(ok and result, ok and message or result)
end

return craft
