--- Builds captures of several points of one path, packet by packet, for tests.
--
--     local path = craft_path.new()
--     path:handshake():c(100):lost():s(300)
--     local a, b = path:save()
--
-- Each packet passes the points in order (a client's from the first to the last, a server's the other
-- way round), one hop and `way` (10 ms) between two points.  What happens to one on its way is said of the latest
-- packet: `lost`, `missed`, `changed`, `doubled`, `delayed`.  Runs on Lua 5.1 to 5.4 and LuaJIT.
-- @module craft_path

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local craft_path = { craft = craft }
local path = {}
path.__index = path

local MS = craft.MS

--- A path.
-- @tparam[opt] table o `points` (2), `way` (ns between two points), `gap` (ns between packets), `offset` (a list: what
-- each point's clock is ahead, ns), `drift` (list, ppm), `client`, `server` (lists: addresses at each point),
-- `client_port` (list), `shift` (list of `{ client, server }`: added to sequence numbers there), `timestamps`, `ids`
-- (false: none), `cut` (list: bytes of a frame that are captured), `v6`
function craft_path.new(o)
  o = o or {}
  local self = setmetatable({
    o = o, points = o.points or 2, way = o.way or 10 * MS, gap = o.gap or MS, now = 0, packets = {},
    seq = { c = 1000, s = 5000 }, id = { c = 100, s = 30000 }, clock = { c = 7000, s = 900000 }, last = {},
  }, path)
  return self
end

--- The next packet is sent so many nanoseconds after the latest one.
function path:after(ns)
  self.now = self.now + ns - self.gap
  return self
end

-- One packet of `side`, sent now.
function path:send(side, len, o)
  o = o or {}
  local flags = o.flags or "A"
  self.now = self.now + self.gap
  self.id[side] = self.id[side] + 1
  local other = side == "c" and "s" or "c"
  local p = {
    side = side, len = len or 0, seq = o.seq or self.seq[side], flags = flags, o = o, time = self.now,
    ack = o.ack or (flags:find("A") and self.seq[other] or 0), id = o.id or self.id[side], fate = {},
    ts = { o.ts_val or self.clock[side] + math.floor(self.now / MS), self.last[other] or 0 },
  }
  self.last[side] = p.ts[1]
  if not o.seq then
    self.seq[side] = p.seq + p.len + (flags:find("[SF]") and 1 or 0)
  end
  self.packets[#self.packets + 1] = p
  return self
end

function path:c(len, o)
  return self:send("c", len, o)
end

function path:s(len, o)
  return self:send("s", len, o)
end

--- SYN, SYN-ACK, ACK, each after the way.
function path:handshake(o)
  o = o or { mss = 1460, scale = 7, sack_ok = true }
  local total = self.way * (self.points - 1)
  self:c(0, setmetatable({ flags = "S" }, { __index = o })):after(total + MS)
  return self:s(0, setmetatable({ flags = "SA" }, { __index = o })):after(total + MS):c(0)
end

--- FIN of both, and the last acknowledgement.
function path:close()
  local total = self.way * (self.points - 1) + MS
  return self:c(0, { flags = "FA" }):after(total):s(0, { flags = "FA" }):after(total):c(0)
end

function path:latest()
  return self.packets[#self.packets]
end

--- The latest packet vanishes behind its `k`th point (from its sender on; 1).
function path:lost(k)
  self:latest().fate.lost = k or 1
  return self
end

--- Point `i` does not capture the latest packet.
function path:missed(i)
  self:latest().fate.missed = i
  return self
end

--- The latest packet has other `fields` behind its first point.
function path:changed(fields)
  self:latest().fate.changed = fields
  return self
end

--- The latest packet takes `ns` more between the points.
function path:delayed(ns)
  self:latest().fate.delayed = ns
  return self
end

--- The latest packet comes twice behind its first point.
function path:doubled()
  self:latest().fate.doubled = true
  return self
end

--- The latest packet is made between the points: its sender's point has not seen it.
function path:injected()
  self:latest().fate.injected = true
  return self
end

--- The latest packet is cut into pieces of `size` behind its first point.
function path:cut_into(size)
  self:latest().fate.pieces = size
  return self
end

local function copy_of(t, more)
  local out = {}
  for _, from in ipairs { getmetatable(t) and getmetatable(t).__index or {}, t, more or {} } do
    for k, v in pairs(from) do
      out[k] = v
    end
  end
  return out
end

-- What of a packet comes by at a point, as calls of `craft`: { time, side, seq, len, options }.
local function seen_at(self, p, point, out)
  local o, fate = self.o, p.fate
  local passed = p.side == "c" and point - 1 or self.points - point -- points before this one
  if (fate.lost and passed >= fate.lost) or fate.missed == point or (fate.injected and passed == 0) then
    return
  end
  local time = p.time + passed * self.way + (passed > 0 and fate.delayed or 0)
  time = time + (o.offset and o.offset[point] or 0) + math.floor(time * (o.drift and o.drift[point] or 0) / 1e6)
  local shift = o.shift and o.shift[point] or { 0, 0 }
  local own, other = shift[1], shift[2]
  if p.side == "s" then
    own, other = other, own
  end
  local fields = copy_of(p.o, {
    ttl = (p.o.ttl or 64) - passed, id = o.ids ~= false and p.id or 0,
    ts = o.timestamps and p.ts or nil, cut = o.cut and o.cut[point],
  })
  fields.flags, fields.seq = p.flags, nil
  fields.ack = p.flags:find("A") and p.ack + other or nil
  if passed > 0 then
    for k, v in pairs(fate.changed or {}) do
      fields[k] = v ~= false and v or nil
    end
  end
  local size = passed > 0 and fate.pieces or p.len
  local at = 0
  repeat
    local len = math.min(size, p.len - at)
    local piece = copy_of(fields)
    if fields.payload then
      piece.payload = fields.payload:sub(at + 1, at + len)
    end
    for n = 1, passed > 0 and fate.doubled and 2 or 1 do
      out[#out + 1] = { time = time + at + n * 1000, side = p.side, seq = p.seq + own + at, len = len, o = piece }
    end
    at = at + math.max(len, 1)
  until at >= p.len
end

--- The captures, one for each point.
-- @treturn table list of captures of `craft`
function path:captures()
  local captures, o = {}, self.o
  for point = 1, self.points do
    local capture = craft.new {
      client = o.client and o.client[point], server = o.server and o.server[point],
      client_port = o.client_port and o.client_port[point] or o.port,
    }
    local list = {}
    for _, p in ipairs(self.packets) do
      seen_at(self, p, point, list)
    end
    for i, e in ipairs(list) do
      e.order = i
    end
    table.sort(list, function(a, b) return a.time < b.time or (a.time == b.time and a.order < b.order) end)
    for _, e in ipairs(list) do
      e.o.at = e.time
      capture:tcp(e.side, e.seq, e.len, e.o)
    end
    captures[point] = capture
  end
  return captures
end

--- Joins the packets of several paths, of which each is another connection, in order of time.
function craft_path.join(list)
  local captures
  for _, one in ipairs(list) do
    local more = one:captures()
    for i, capture in ipairs(captures or {}) do
      for _, frame in ipairs(more[i].frames) do
        capture.frames[#capture.frames + 1] = frame
      end
    end
    captures = captures or more
  end
  for _, capture in ipairs(captures) do
    for i, frame in ipairs(capture.frames) do
      frame.order = i
    end
    table.sort(capture.frames, function(a, b) return a.time < b.time or (a.time == b.time and a.order < b.order) end)
  end
  return captures
end

--- What the core says of captures.
-- @tparam table captures of `craft`
-- @treturn table facts of the comparison
function craft_path.facts(captures, servers, window)
  local core = require "mcpcap.core"
  local files = {}
  for i, capture in ipairs(captures) do
    files[i] = capture:save()
  end
  local c = assert(core.compare("compare", files, "10.0.0.2", 7777, nil, window, servers))
  while assert(c:step()) == "more" do end
  local facts = assert(c:facts())
  c:close()
  for _, file in ipairs(files) do
    os.remove(file)
  end
  return facts
end

return craft_path
