-- The same traffic with other numbers: what no verdict may depend on.
--
--     local shifting = dofile(here .. "shifting.lua")
--     local bytes = shifting.shift(bytes, server, { seq = { 1, 2 } })

local shifting = {}

local byte, char, floor = string.byte, string.char, math.floor
local WRAP = 4294967296

local function u16(s, at)
  local a, b = byte(s, at, at + 1)
  return a * 256 + b
end

local function u32(s, at)
  local a, b, c, d = byte(s, at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function be16(n)
  return char(floor(n / 256) % 256, n % 256)
end

local function be32(n)
  n = n % WRAP
  return be16(floor(n / 65536)) .. be16(n % 65536)
end

local function put(s, at, new)
  return s:sub(1, at - 1) .. new .. s:sub(at + #new)
end

-- Options with edges of SACK blocks and timestamps moved; 'mine', 'other': which side sent them.
local function shift_options(options, o, mine, other)
  local at = 1
  while at <= #options do
    local kind, length = byte(options, at, at + 1)
    if kind == 0 then
      break
    elseif kind == 1 then
      at = at + 1
    elseif not length or length < 2 or at + length - 1 > #options then
      break
    else
      if kind == 5 and o.seq then
        for edge = at + 2, at + length - 4, 4 do
          options = put(options, edge, be32(u32(options, edge) + o.seq[other]))
        end
      elseif kind == 8 and length == 10 and o.ts then
        options = put(options, at + 2, be32(u32(options, at + 2) + o.ts[mine]))
        if u32(options, at + 6) ~= 0 then
          options = put(options, at + 6, be32(u32(options, at + 6) + o.ts[other]))
        end
      end
      at = at + length
    end
  end
  return options
end

-- Of a TCP header at 'at'; nil: it is not whole.
local function shift_tcp(frame, at, o, from_server)
  if #frame < at + 19 then
    return nil
  end
  local mine, other = from_server and 2 or 1, from_server and 1 or 2
  local length, flags = floor(byte(frame, at + 12) / 16) * 4, byte(frame, at + 13)
  local ack, rst = floor(flags / 16) % 2 == 1, floor(flags / 4) % 2 == 1
  if length < 20 or #frame < at + length - 1 then
    return nil
  end
  if o.seq then
    if not (rst and u32(frame, at + 4) == 0) then            -- RFC 9293, 3.10.7.1: of no connection
      frame = put(frame, at + 4, be32(u32(frame, at + 4) + o.seq[mine]))
    end
    if ack then
      frame = put(frame, at + 8, be32(u32(frame, at + 8) + o.seq[other]))
    end
  end
  if o.port then
    local client = from_server and at + 2 or at
    frame = put(frame, client, be16(u16(frame, client) + o.port))
  end
  return put(frame, at + 20, shift_options(frame:sub(at + 20, at + length - 1), o, mine, other))
end

-- A frame of Ethernet; nil: of a kind that is not moved here.
local function shift_frame(frame, server, o)
  local at = 13
  while #frame >= at + 1 and (u16(frame, at) == 0x8100 or u16(frame, at) == 0x88a8) do
    at = at + 4
  end
  local kind = #frame >= at + 1 and u16(frame, at) or 0
  local tag = o.vlan and at == 13
  at = at + 2
  if kind == 0x0800 and #frame >= at + 19 then
    local header = byte(frame, at) % 16 * 4
    if byte(frame, at + 9) ~= 6 or u16(frame, at + 6) % 0x4000 ~= 0 then
      return byte(frame, at + 9) == 17 and frame or nil
    end
    local from_server = frame:sub(at + 12, at + 15) == server
    if not from_server and frame:sub(at + 16, at + 19) ~= server then
      return frame
    end
    if o.id and u16(frame, at + 4) ~= 0 then
      -- 0 says nothing, and stays apart
      local id = (u16(frame, at + 4) - 1 + o.id[from_server and 2 or 1]) % 65535 + 1
      frame = put(frame, at + 4, be16(id))
    end
    frame = shift_tcp(frame, at + header, o, from_server)
  elseif kind == 0x86dd and #frame >= at + 39 then
    if byte(frame, at + 6) ~= 6 then
      return byte(frame, at + 6) == 17 and frame or nil
    end
    local from_server = frame:sub(at + 8, at + 23) == server
    if not from_server and frame:sub(at + 24, at + 39) ~= server then
      return frame
    end
    frame = shift_tcp(frame, at + 40, o, from_server)
  elseif kind ~= 0x0806 then
    return nil
  end
  if tag and frame then
    frame = frame:sub(1, 12) .. "\129\0\0\7" .. frame:sub(13)
  end
  return frame
end

--- Another capture of the same: a pcap file of Ethernet whose server is `server` (its address as 4 or 16 bytes).
-- `o`: `seq`, `ts`, `id`: what is added to sequence numbers, timestamp values and IP identifications of
-- { client, server }; `port`: to clients' ports; `time`: seconds; `vlan`: a tag in front; `snap`: so many bytes of
-- each frame.  nil: there is more in it than that.
function shifting.shift(bytes, server, o)
  local order = bytes:sub(1, 4)
  local little = order == "\212\195\178\161" or order == "\77\60\178\161"
  if not little or byte(bytes, 21) ~= 1 then
    return nil
  end
  local function le32(at)
    local a, b, c, d = byte(bytes, at, at + 3)
    return ((d * 256 + c) * 256 + b) * 256 + a
  end
  local function put_le32(n)
    return be32(n):reverse()
  end
  local out, at = { bytes:sub(1, 24) }, 25
  while at + 15 <= #bytes do
    local captured, length = le32(at + 8), le32(at + 12)
    local frame = shift_frame(bytes:sub(at + 16, at + 15 + captured), server, o)
    if not frame then
      return nil
    end
    length = length + #frame - captured
    frame = frame:sub(1, o.snap)
    out[#out + 1] = put_le32(le32(at) + (o.time or 0)) .. bytes:sub(at + 4, at + 7) .. put_le32(#frame)
      .. put_le32(length) .. frame
    at = at + 16 + captured
  end
  return table.concat(out)
end

return shifting
