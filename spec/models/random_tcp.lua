--- Captures of random but plausible TCP traffic.  The same seed gives the same
-- capture on every Lua.
-- @module random_tcp

local random_tcp = {}

local MS = 1000000
local SEQUENCES = 4294967296

-- Park and Miller's generator: exact in doubles, so the same everywhere.
local function generator(seed)
  local state = seed % 2147483646 + 1
  local function next_number(n)
    state = state * 16807 % 2147483647
    return math.floor(state / 2147483647 * n)
  end
  for _ = 1, 5 do
    next_number(2)
  end
  return next_number
end

-- Waits on both sides of each limit of the rules, and a step back.
local WAITS = {
  0, 1000, 100000, 500000, MS, MS, MS, 2 * MS, 3 * MS - 1, 3 * MS, 5 * MS, 10 * MS, 20 * MS - 1, 20 * MS, 20 * MS + 1,
  40 * MS, 100 * MS, 200 * MS, 1100 * MS,
}

local LENGTHS = { 1, 1, 2, 10, 100, 100, 100, 100, 300, 536, 1460 }

local BASES = { 1000, 123456789, 2147483000, 4294966000, 4294967000, 4294967290, 3000000000 }

local actions = {}

-- New data, or what fills the peer's window to the last byte.
function actions.data(t, me, peer)
  local len = LENGTHS[t.rnd(#LENGTHS) + 1]
  if t.rnd(6) == 0 then
    local edge = (peer.acked + peer.win * 2 ^ peer.shift - me.nxt) % SEQUENCES
    if edge > 0 and edge < 3000 then
      len = edge
    end
  end
  t:send(me, me.nxt, len)
end

function actions.ack(t, me)
  t:send(me, me.nxt, 0)
end

function actions.duplicate_acks(t, me)
  for _ = 1, 1 + t.rnd(4) do
    t:send(me, me.nxt, 0, { ack = me.acked })
  end
end

-- Something sent before, whole or in part, sometimes with new bytes behind it.
function actions.again(t, me, peer)
  local old = me.sent[#me.sent - t.rnd(math.min(#me.sent, 6))]
  if t.rnd(3) == 0 then
    -- what the peer asks for, in answer to its duplicates
    for _ = 1, 2 + t.rnd(2) do
      t:send(peer, peer.nxt, 0, { ack = old.seq })
    end
  end
  local len = old.len + (t.rnd(5) == 0 and t.rnd(50) or 0)
  local shift = t.rnd(5) == 0 and t.rnd(old.len + 1) or 0
  t:send(me, old.seq + shift, math.max(len - shift, 1))
end

function actions.gap(t, me)
  local hole = LENGTHS[t.rnd(#LENGTHS) + 1]
  local from = me.nxt
  t:send(me, from + hole, t.rnd(4) > 0 and LENGTHS[t.rnd(#LENGTHS) + 1] or 0)
  if t.rnd(2) == 0 then
    t:send(me, from, hole)
  end
end

function actions.below_everything(t, me)
  t:send(me, me.base + 1 - t.rnd(200), 1 + t.rnd(100))
end

function actions.unseen_ack(t, me, peer)
  t:send(me, me.nxt, t.rnd(3) == 0 and 10 or 0, { ack = peer.nxt + 1 + t.rnd(500) })
end

-- What SACK says: a block of what has come above a hole, below the acknowledgement, or anywhere.
function actions.sack(t, me, peer)
  local blocks = {}
  for i = 1, 1 + t.rnd(3) do
    local old = peer.sent[#peer.sent - t.rnd(math.min(#peer.sent, 6))]
    local left = t.rnd(3) == 0 and t.rnd(5000) or old.seq
    blocks[i] = { left % SEQUENCES, (left + old.len) % SEQUENCES }
  end
  for _ = 1, 1 + t.rnd(3) do
    if t.rnd(4) == 0 then
      me.win = 1000 + t.rnd(3)
    end
    t:send(me, me.nxt, 0, { ack = me.acked, sack = blocks })
  end
  if t.rnd(2) == 0 then
    local old = peer.sent[#peer.sent - t.rnd(math.min(#peer.sent, 6))]
    t:send(peer, old.seq, old.len)
  end
end

function actions.old_ack(t, me, peer)
  t:send(me, me.nxt, 0, { ack = peer.nxt - t.rnd(1000) })
end

function actions.keep_alive(t, me, peer)
  t:send(me, me.nxt - 1, t.rnd(3) == 0 and 1 or 0, { ack = me.acked })
  if t.rnd(3) > 0 then
    t:send(peer, peer.nxt, 0, { ack = peer.acked })
  end
end

function actions.zero_window(t, me, peer)
  t:send(me, me.nxt, 0, { win = 0 })
  for _ = 1, t.rnd(3) do
    local probe = peer.nxt
    t:send(peer, probe, 1)
    if t.rnd(4) > 0 then
      peer.nxt = probe
      t:send(me, me.nxt, 0, { win = 0, ack = me.acked })
    end
  end
  if t.rnd(2) == 0 then
    t:send(me, me.nxt, 0, { win = 500 + t.rnd(500), ack = me.acked })
  end
end

function actions.window(t, me)
  me.win = ({ 0, 1, 100, 500, 1000, 1001, 5000, 65535 })[t.rnd(8) + 1]
  t:send(me, me.nxt, t.rnd(3) == 0 and 20 or 0, { ack = me.acked })
end

function actions.syn(t, me, peer)
  local kind = t.rnd(4)
  if kind > 0 then
    me.base = kind == 1 and me.base or BASES[t.rnd(#BASES) + 1] + t.rnd(500)
  end
  me.shift = t.rnd(2) == 0 and t.rnd(16) or nil
  t:send(me, me.base, t.rnd(8) == 0 and 20 or 0, { flags = "S", scale = me.shift, fresh = true })
  me.shift = math.min(me.shift or 0, 14)
  if t.rnd(3) > 0 then
    t:answer(peer, me)
  end
end

function actions.syn_ack(t, me, peer)
  t:answer(me, peer)
end

function actions.fin(t, me)
  t:send(me, me.nxt, t.rnd(3) == 0 and 10 or 0, { flags = t.rnd(8) == 0 and "F" or "FA" })
end

function actions.fin_again(t, me)
  t:send(me, me.nxt - 1, 0, { flags = "FA" })
end

function actions.rst(t, me)
  local seq = ({ me.nxt, me.nxt, me.nxt + 1000, me.acked, me.base, me.nxt - 100 })[t.rnd(6) + 1]
  local flags = t.rnd(2) == 0 and "R" or "RA"
  t:send(me, seq, t.rnd(8) == 0 and 5 or 0, { flags = flags, win = t.rnd(2) * 500, stray = true })
end

function actions.odd_flags(t, me)
  local flags = ({ "", "P", "SF", "SR", "FR", "SFA", "FRA", "U" })[t.rnd(8) + 1]
  t:send(me, me.nxt, t.rnd(2) * 10, { flags = flags })
end

local WEIGHTS = {
  { "data", 30 }, { "ack", 22 }, { "again", 14 }, { "gap", 5 }, { "duplicate_acks", 6 }, { "below_everything", 1 },
  { "unseen_ack", 2 }, { "old_ack", 2 }, { "keep_alive", 3 }, { "zero_window", 3 }, { "window", 4 }, { "syn", 3 },
  { "syn_ack", 1 }, { "fin", 2 }, { "fin_again", 1 }, { "rst", 1 }, { "odd_flags", 1 }, { "sack", 3 },
}

local TOTAL = 0
for _, row in ipairs(WEIGHTS) do
  TOTAL = TOTAL + row[2]
end

local function choose(rnd)
  local n = rnd(TOTAL)
  for _, row in ipairs(WEIGHTS) do
    n = n - row[2]
    if n < 0 then
      return row[1]
    end
  end
end

local traffic = {}
traffic.__index = traffic

-- One segment of 'me'; what it says of the sender is kept.
function traffic:send(me, seq, len, o)
  o = o or {}
  local peer = me == self.client and self.server or self.client
  local wait = WAITS[self.rnd(#WAITS) + 1]
  if self.backwards and self.rnd(20) == 0 then
    wait = -wait
  end
  local ack = o.ack or (self.rnd(12) == 0 and me.acked or peer.nxt)
  me.acked = ack % SEQUENCES
  local flags = o.flags or "A"
  self.capture.sides.c.port = self.port
  self.capture:after(wait):tcp(me.name, seq, len, {
    flags = flags, ack = me.acked, win = o.win or me.win, scale = o.scale, sack = o.sack,
    raw_ack = self.rnd(3) == 0 and me.acked or 0,
  })
  local last = (seq + len + (flags:find("[SF]") and 1 or 0)) % SEQUENCES
  if o.fresh or ((last - me.nxt) % SEQUENCES < 2147483648 and not o.stray) then
    me.nxt = last
  end
  if len > 0 then
    me.sent[#me.sent + 1] = { seq = seq, len = len }
  end
end

-- SYN/ACK of 'me' and, mostly, what completes the handshake.
function traffic:answer(me, peer)
  if self.rnd(8) > 0 then
    me.base = self.rnd(4) == 0 and me.base or BASES[self.rnd(#BASES) + 1] + self.rnd(500)
  end
  local scale = self.rnd(2) == 0 and self.rnd(10) or nil
  me.shift = scale or 0
  self:send(me, me.base, 0, { flags = "SA", ack = peer.base + 1, scale = scale, fresh = true })
  if self.rnd(4) > 0 then
    self:send(peer, peer.base + 1, 0, { ack = me.base + 1 })
  end
end

local function side(name, base)
  return { name = name, base = base, nxt = (base + 1) % SEQUENCES, acked = 1, win = 1000, shift = 0,
    sent = { { seq = base + 1, len = 10 } } }
end

--- A capture made with `seed`.
-- @tparam table craft the module of craft.lua
-- @tparam integer seed
-- @tparam[opt] integer place of the addresses: captures of different places have none in common
-- @treturn table the capture
function random_tcp.make(craft, seed, place)
  local rnd = generator(seed)
  local net = rnd(3) == 0 and ("2001:db8::%x:"):format(place or 0) or ("10.%d.%d."):format(
    math.floor((place or 0) / 256), (place or 0) % 256)
  local capture = craft.new({ client = net .. 1, server = net .. 2, tcp_sum = false })
  if rnd(2) == 0 then
    -- the other side is the numerically greater one
    capture.sides.c.ip, capture.sides.s.ip = capture.sides.s.ip, capture.sides.c.ip
    capture.sides.c.bytes, capture.sides.s.bytes = capture.sides.s.bytes, capture.sides.c.bytes
  end
  local backwards = rnd(4) == 0
  local all = {}
  for i = 1, 1 + rnd(4) do
    local t = setmetatable({ rnd = rnd, capture = capture, backwards = backwards, port = 39999 + i }, traffic)
    t.client = side("c", BASES[rnd(#BASES) + 1] + rnd(500))
    t.server = side("s", BASES[rnd(#BASES) + 1] + rnd(500))
    t.client.acked, t.server.acked = t.server.nxt, t.client.nxt
    t.client.peer, t.server.peer = t.server, t.client
    all[i] = t
    if rnd(4) > 0 then
      local scale = rnd(2) == 0 and rnd(10) or nil
      t.client.shift = scale or 0
      t:send(t.client, t.client.base, 0, { flags = "S", scale = scale, fresh = true })
      if rnd(6) > 0 then
        t:answer(t.server, t.client)
      end
    end
  end
  local wanted = 150 * (1 + rnd(10)) / 6
  while #capture.frames < wanted do
    local t = all[rnd(#all) + 1]
    local me, peer = t.client, t.server
    if rnd(2) == 0 then
      me, peer = peer, me
    end
    actions[choose(rnd)](t, me, peer)
  end
  return capture
end

return random_tcp
