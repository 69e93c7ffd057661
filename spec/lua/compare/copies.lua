--- Copies of captures that differ from the original in what does not matter: clock, snapshot length, format,
-- addresses.  Also merges captures into one file.
--
--     local frames = copies.read(path)
--     copies.write(other, copies.cut(copies.shifted(frames, 90, 5), 96), { pcapng = true })
--
-- Runs on Lua 5.1 to 5.4 and LuaJIT.
-- @module copies

local copies = {}

local floor, char = math.floor, string.char

local function number(bytes, at, count, little)
  local n = 0
  for i = 0, count - 1 do
    n = n * 256 + bytes:byte(little and at + count - 1 - i or at + i)
  end
  return n
end

local function le(value, count)
  local out = {}
  for i = 1, count do
    out[i] = char(value % 256)
    value = floor(value / 256)
  end
  return table.concat(out)
end

-- ------------------------------------------------------------------- reading

local function read_pcap(bytes)
  local magic = number(bytes, 1, 4)
  local little = magic == 0xd4c3b2a1 or magic == 0x4d3cb2a1
  local scale = (magic == 0xa1b23c4d or magic == 0x4d3cb2a1) and 1 or 1000
  local link, frames, at = number(bytes, 21, 4, little), {}, 25
  while at + 16 <= #bytes do
    local caught = number(bytes, at + 8, 4, little)
    frames[#frames + 1] = {
      sec = number(bytes, at, 4, little), ns = number(bytes, at + 4, 4, little) * scale, link = link, iface = 1,
      bytes = bytes:sub(at + 16, at + 15 + caught), wire = number(bytes, at + 12, 4, little),
    }
    at = at + 16 + caught
  end
  return frames
end

-- The option if_tsresol of an interface, as units of a second; 10^6 without one.
local function units_of(body, little)
  local at = 9
  while at + 4 <= #body do
    local code, length = number(body, at, 2, little), number(body, at + 2, 2, little)
    if code == 9 then
      local n = body:byte(at + 4)
      return n < 128 and 10 ^ n or 2 ^ (n - 128)
    elseif code == 0 then
      break
    end
    at = at + 4 + length + -length % 4
  end
  return 1000000
end

local function read_pcapng(bytes)
  local little = number(bytes, 9, 4) ~= 0x1a2b3c4d
  local frames, interfaces, at = {}, {}, 1
  while at + 12 <= #bytes do
    local kind, length = number(bytes, at, 4, little), number(bytes, at + 4, 4, little)
    local body = bytes:sub(at + 8, at + length - 5)
    if kind == 1 then
      interfaces[#interfaces + 1] = { link = number(body, 1, 2, little), units = units_of(body, little) }
    elseif kind == 6 then
      local which = number(body, 1, 4, little) + 1
      local high, low = number(body, 5, 4, little), number(body, 9, 4, little)
      local units = interfaces[which].units
      -- in two steps: 2^53 does not hold nanoseconds
      local sec = floor((high % units * 4294967296 + low) / units) + floor(high / units) * 4294967296
      local rest = (high * 4294967296 - sec * units) + low
      local caught = number(body, 13, 4, little)
      frames[#frames + 1] = {
        sec = sec, ns = floor(rest * 1e9 / units + 0.5), link = interfaces[which].link, iface = which,
        bytes = body:sub(21, 20 + caught), wire = number(body, 17, 4, little),
      }
    end
    at = at + length
  end
  return frames
end

--- The frames of a capture.
-- @tparam string path
-- @treturn table of { sec, ns, link, iface, bytes, wire }
function copies.read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return (number(bytes, 1, 4) == 0x0a0d0d0a and read_pcapng or read_pcap)(bytes)
end

-- ------------------------------------------------------------------- changing

local function each(frames, change)
  local out = {}
  for i, frame in ipairs(frames) do
    local copy = {}
    for k, v in pairs(frame) do
      copy[k] = v
    end
    change(copy)
    out[i] = copy
  end
  return out
end

--- Another clock.
function copies.shifted(frames, sec, ns)
  return each(frames, function(frame)
    frame.ns = frame.ns + ns
    frame.sec = frame.sec + sec + floor(frame.ns / 1000000000)
    frame.ns = frame.ns % 1000000000
  end)
end

--- A shorter snapshot length.
function copies.cut(frames, length)
  return each(frames, function(frame)
    frame.bytes = frame.bytes:sub(1, length)
  end)
end

-- Puts 16-bit words where those at 'at' are, and corrects the checksums at 'sums' for it (RFC 1624).
local function put(bytes, at, words, sums)
  local delta = 0
  for i = 1, #words, 2 do
    delta = delta + (65535 - number(bytes, at + i - 1, 2)) + number(words, i, 2)
  end
  bytes = bytes:sub(1, at - 1) .. words .. bytes:sub(at + #words)
  for _, sum in ipairs(sums) do
    if sum + 1 <= #bytes then
      local value = 65535 - number(bytes, sum, 2) + delta
      while value > 65535 do
        value = value % 65536 + floor(value / 65536)
      end
      value = 65535 - value
      bytes = bytes:sub(1, sum - 1) .. char(floor(value / 256), value % 256) .. bytes:sub(sum + 2)
    end
  end
  return bytes
end

-- Where the IP header of an Ethernet frame is; nil: there is none.
local function ip_at(bytes)
  local at = 13
  while #bytes > at + 20 do
    local kind = number(bytes, at, 2)
    if kind == 0x0800 or kind == 0x86dd then
      return at + 2, kind == 0x86dd
    elseif kind ~= 0x8100 and kind ~= 0x88a8 then
      return nil
    end
    at = at + 4
  end
end

--- Other addresses, and ports, for all clients: the first bytes of the address are others.
-- @tparam table frames of Ethernet
-- @tparam string server its address, 4 or 16 bytes
-- @tparam[opt] integer port added to a client's port
function copies.translated(frames, server, port)
  return each(frames, function(frame)
    local ip, six = ip_at(frame.bytes)
    local tcp = ip and (six and ip + 40 or ip + frame.bytes:byte(ip) % 16 * 4)
    if not ip or frame.bytes:byte(ip + (six and 6 or 9)) ~= 6 or #frame.bytes < tcp + 19 then
      return
    end
    local size, from = six and 16 or 4, ip + (six and 8 or 12)
    local sums = six and { tcp + 16 } or { tcp + 16, ip + 10 }
    for i = 0, 1 do
      local at = from + i * size
      if frame.bytes:sub(at, at + size - 1) ~= server then
        frame.bytes = put(frame.bytes, at, six and "\32\2" or "\203" .. frame.bytes:sub(at + 1, at + 1), sums)
        local was = number(frame.bytes, tcp + 2 * i, 2)
        local now = (was + (port or 0)) % 65536
        frame.bytes = put(frame.bytes, tcp + 2 * i, char(floor(now / 256), now % 256), { tcp + 16 })
      end
    end
  end)
end

--- One more router: a TTL less, other hosts on the link, and what the caller gives besides.
-- @tparam table o `vlan`, `iface`
function copies.routed(frames, o)
  return each(frames, function(frame)
    local ip, six = ip_at(frame.bytes)
    if ip then
      local at = six and ip + 7 or ip + 8
      local word = six and at - 1 or at
      local value = number(frame.bytes, word, 2) - (six and 1 or 256)
      frame.bytes = put(frame.bytes, word, char(floor(value / 256), value % 256), six and {} or { ip + 10 })
    end
    if o.vlan then
      frame.bytes = frame.bytes:sub(1, 12) .. "\129\0" .. char(floor(o.vlan / 256), o.vlan % 256) .. frame.bytes:sub(13)
      frame.wire = frame.wire + 4
    end
    frame.iface = o.iface or frame.iface
  end)
end

--- All frames of several, in order of time.
function copies.merged(list)
  local out = {}
  for _, frames in ipairs(list) do
    for _, frame in ipairs(frames) do
      out[#out + 1] = frame
    end
  end
  local place = {}
  for i, frame in ipairs(out) do
    place[frame] = i
  end
  table.sort(out, function(a, b)
    if a.sec ~= b.sec then
      return a.sec < b.sec
    elseif a.ns ~= b.ns then
      return a.ns < b.ns
    end
    return place[a] < place[b]
  end)
  return out
end

-- ------------------------------------------------------------------- writing

local function write_pcap(file, frames)
  file:write("\77\60\178\161\2\0\4\0", ("\0"):rep(8), le(262144, 4), le(frames[1] and frames[1].link or 1, 4))
  for _, frame in ipairs(frames) do
    file:write(le(frame.sec, 4), le(frame.ns, 4), le(#frame.bytes, 4), le(frame.wire, 4), frame.bytes)
  end
end

local function block(kind, body)
  body = body .. ("\0"):rep(-#body % 4)
  return le(kind, 4) .. le(#body + 12, 4) .. body .. le(#body + 12, 4)
end

local function write_pcapng(file, frames)
  local interfaces = 1
  for _, frame in ipairs(frames) do
    interfaces = math.max(interfaces, frame.iface)
  end
  file:write(block(0x0a0d0d0a, le(0x1a2b3c4d, 4) .. "\1\0\0\0" .. ("\255"):rep(8)))
  for _ = 1, interfaces do
    file:write(block(1, le(frames[1] and frames[1].link or 1, 2) .. "\0\0" .. le(262144, 4)
      .. "\9\0\1\0\9\0\0\0\0\0\0\0"))
  end
  for _, frame in ipairs(frames) do
    -- sec * 10^9 + ns in two words
    local low = frame.sec % 65536 * 1000000000 + frame.ns
    local high = floor(frame.sec / 65536) * 1000000000 + floor(low / 65536)
    file:write(block(6, le(frame.iface - 1, 4) .. le(floor(high / 65536), 4)
      .. le(high % 65536 * 65536 + low % 65536, 4) .. le(#frame.bytes, 4) .. le(frame.wire, 4) .. frame.bytes))
  end
end

--- Writes frames as pcap with nanoseconds, or as pcapng.
function copies.write(path, frames, o)
  local file = assert(io.open(path, "wb"))
  if o and o.pcapng then
    write_pcapng(file, frames)
  else
    write_pcap(file, frames)
  end
  file:close()
  return path
end

return copies
