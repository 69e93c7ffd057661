--- The rules of docs/rules.md once more, as plainly as they are written there.
--
-- A second implementation to compare the product with: slow, and nothing in it is
-- clever.  With `quirks` it also does what Wireshark does and the product does not: a
-- sequence number 0 counts as "unknown" (D7), a handshake that runs backwards in time
-- gives a huge limit for "out of order" (D8), and where a rule set starts afresh on a
-- pair of ports there is a new stream.
-- @module rules_model

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bytes_model = dofile(here .. "bytes_model.lua")
local state_model = dofile(here .. "state_model.lua")

local rules_model = {}

local SEQUENCES = 4294967296
local HALF = 2147483647
local MS = 1000000
local LIMIT = 10000
local FAR = 2 ^ 24 -- more than a window of the random traffic, less than the jumps in it

local function wrap(v)
  return v % SEQUENCES
end

local function before(a, b)
  return wrap(a - b) > HALF
end

local function after(a, b)
  return before(b, a)
end

local function not_after(a, b)
  return a == b or before(a, b)
end

local model = {}
model.__index = model

--- A model of one capture.
-- @tparam boolean quirks
-- @tparam string rules "wireshark-4.0", "wireshark-4.4" or "wireshark-4.6"
function rules_model.new(quirks, rules)
  local counts = { c = { max_duplicate_acks = 0 }, s = { max_duplicate_acks = 0 } }
  return setmetatable({
    quirks = quirks, pairs = {}, counts = counts, connections = {},
    v44 = rules ~= "wireshark-4.0", v46 = rules == "wireshark-4.6",
  }, model)
end

-- Unknown is 0 for Wireshark, and nothing at all otherwise.
function model:side()
  local none = self.quirks and 0 or nil
  return {
    nxt = none, contiguous_end = none, last_ack = self.quirks and 0 or nil, ack_known = false, win = nil,
    nxt_time = 0, ack_time = nil, dup = 0, scale = -1, syn_win = false, last = {}, unacked = {}, sack = {},
    bytes = bytes_model.new(),
  }
end

function model:connection()
  local c = { c = self:side(), s = self:side(), completeness = 0, segments = 0 }
  self.connections[#self.connections + 1] = c
  return c
end

function model:known(v)
  if self.quirks then
    return v ~= 0
  end
  return v ~= nil
end

-- Less than 'limit' after 'earlier'; a negative difference is a huge one, or none at all
-- (V46-2).  'earlier' nil: never.
function model:within(now, earlier, limit)
  local elapsed = earlier and now - earlier or math.huge
  if self.v46 and elapsed < 0 then
    elapsed = 0
  end
  if limit < 0 then
    return elapsed >= 0 or elapsed < limit -- differences are unsigned numbers (D8)
  end
  return elapsed >= 0 and elapsed < limit
end

local function has_bit(set, bit)
  return math.floor(set / bit) % 2 == 1
end

-- Whether a FIN or a RST was seen: what comes then begins afresh (V44-1, V44-2).
local function has_ended(c)
  return has_bit(c.completeness, 16) or has_bit(c.completeness, 32)
end

-- All that the rules know of a connection is forgotten; of its bytes nothing is.
function model:forget(c)
  for _, name in ipairs({ "c", "s" }) do
    local old = c[name]
    c[name] = self:side()
    c[name].bytes, c[name].syn_seen, c[name].old_base = old.bytes, old.syn_seen, old.base or old.old_base
  end
  c.completeness, c.irtt, c.syn_time = 0, nil, nil
end

-- Open, and used by both sides, and silent for a second: its SYN does not come again.
local function is_long_open(c, s)
  local d, r, second = c[s.side], c[s.side == "c" and "s" or "c"], 1000 * MS
  local function spoke(e, state)
    return state.seen.data and e.ack_time and s.time - e.ack_time >= second
  end
  return d.base == s.seq and c.handshaken and spoke(d, c.state[s.side])
    and spoke(r, c.state[s.side == "c" and "s" or "c"])
end

-- The three steps of a handshake, each an answer to the one before.
local function note_handshake(c, s, r)
  local opens = c.state[s.side].originator
  if s.fin or s.rst then
    return
  elseif s.syn and not s.ack_flag then
    c.hs_syn = c.hs_syn or opens
    c.syn_len = opens and s.len or c.syn_len
  elseif s.syn then
    local answers = wrap((r.base or 0) + 1)
    if not opens and c.hs_syn and (s.ack == answers or s.ack == wrap(answers + (c.syn_len or 0))) then
      c.hs_syn_ack = true
    end
  elseif s.ack_flag and opens and c.hs_syn_ack and s.ack == wrap((r.base or 0) + 1) then
    c.handshaken = true
  end
end

-- CO-1 to CO-4; also returns whether the side of the segment begins with it.
function model:find(s, flags)
  local c = self.pairs[s.port]
  local syn = s.syn and not s.ack_flag
  if c and syn and c[s.side].base and s.seq ~= c[s.side].base then
    flags.reused_ports = true
    c = nil
  end
  if c and s.syn and not self.quirks and c.state and (syn and (c.state:is_over(s.side) or is_long_open(c, s))
    or not syn and c.state:both_over() and c[s.side].base and s.seq ~= c[s.side].base) then
    -- Wireshark goes on with the stream: what the rules know is handed on
    local old = c
    c = self:connection()
    for key, value in pairs(old) do
      c[key] = value
    end
    c.state, c.hs_syn, c.hs_syn_ack, c.handshaken = nil, nil, nil, nil
    c.follows_another = true
    for _, side in ipairs({ "c", "s" }) do
      local copy = {}
      for key, value in pairs(old[side]) do
        copy[key] = value
      end
      copy.bytes = bytes_model.new()
      copy.syn_seen = nil
      c[side] = copy
    end
    self.pairs[s.port] = c
  end
  if self.v44 and c and s.syn and c[s.side].base and (has_ended(c) or s.seq ~= c[s.side].base) then
    flags.reused_ports = true -- V44-1, V44-2
    if self.quirks then
      c = nil
    else
      self:forget(c)
      c.c.renumbered, c.s.renumbered = true, true
    end
  end
  if not c then
    c = self:connection()
    self.pairs[s.port] = c
  end
  local d, r = c[s.side], c[s.side == "c" and "s" or "c"]
  if s.syn and d.base then
    if syn then
      d.nxt = d.contiguous_end
    elseif s.seq ~= d.base then
      d.base = s.seq
      d.renumbered = true
      flags.reused_ports = true
    end
  end
  local begins = not d.base
  d.base = d.base or wrap(s.syn and s.seq or s.seq - 1)
  if not r.base and s.ack_flag then
    r.base = wrap(s.ack - 1)
  end
  return c, d, r, begins
end

-- Rules 1 to 9.
function model:ack_rules(s, d, r, flags)
  local at_next = s.seq == d.nxt
  if s.len == 1 and at_next and r.win == 0 then
    flags.zero_window_probes = true -- 1
    return
  end
  if s.win == 0 and not s.sfr then
    flags.zero_windows = true -- 2
  end
  if self:known(d.nxt) and after(s.seq, d.nxt) and not s.rst then
    flags.lost_segments = true -- 3
  end
  if s.sfr then
    return
  end
  if s.len <= 1 and (self.quirks or d.nxt) and s.seq == wrap((d.nxt or 0) - 1) then
    flags.keep_alives = true -- 4
  end
  local repeats = s.len == 0 and at_next and s.ack == d.last_ack
  if repeats and s.win ~= 0 and s.win ~= d.win then
    flags.window_updates = true -- 5
  end
  if s.len > 0 and r.scale ~= -1 and r.win then
    local shift = (r.syn_win or r.scale == -2) and 0 or r.scale
    if wrap(s.seq + s.len) == wrap(r.last_ack + r.win * 2 ^ shift) then
      flags.window_full = true -- 6
    end
  end
  if not repeats then
    return
  end
  if s.win ~= 0 and s.win == d.win and r.last.keep_alives then
    flags.keep_alive_acks = true -- 7
    return
  end
  if s.win == 0 and d.win == 0 and r.last.zero_window_probes then
    flags.zero_window_probe_acks = true -- 8
    return
  end
  if s.win ~= 0 and s.win == d.win then
    d.dup = d.dup == "poison" and 1 or d.dup + 1
    flags.duplicate_acks = d.dup -- 9
  end
end

-- Rule 8 where the byte of the probe was taken (V44-6a).
local function taken_probe_rule(s, d, r, flags)
  if s.len == 0 and not s.sfr and s.seq == d.nxt and d.last_ack and s.ack == wrap(d.last_ack + 1) and s.win == 0
    and d.win == 0 and r.last.zero_window_probes then
    flags.zero_window_probe_acks = true
    r.nxt, r.contiguous_end = s.ack, s.ack
  end
end

-- Rule 12.
local function unseen_rule(s, r, flags, known_contig)
  if not s.ack_flag or not known_contig or not after(s.ack, r.contiguous_end) then
    return
  end
  if before(r.contiguous_end, r.nxt) then
    r.contiguous_end = r.nxt
    flags.acked_unseen = true
  else
    flags.acked_unseen = r.dup == 0 or nil
    r.dup = "poison"
  end
end

-- The end of the data that was seen and begins just where the acknowledgement ends (V44-3t).
local function seen_from(r, ack)
  local left, right = 0, 0
  for i = #r.unacked, 1, -1 do
    local e = r.unacked[i]
    if left == right then
      left, right = e.start, e.last
    end
    if not before(e.start, ack) then
      if e.last == left then
        left = e.start
      else
        left, right = e.start, e.last
      end
    end
  end
  return left == ack and after(right, ack) and right or ack
end

-- Rule 12 since 4.4 (V44-3, V44-6b).
local function unseen_rule_44(s, d, r, flags, known_contig)
  if not s.ack_flag or not known_contig or not after(s.ack, r.contiguous_end) then
    return
  end
  if d.last_ack and s.ack == wrap(d.last_ack + 1) and s.seq == d.nxt and r.last.zero_window_probes then
    r.nxt, r.contiguous_end = s.ack, s.ack
    flags.window_updates = true
    return
  end
  flags.acked_unseen = true
  r.contiguous_end = seen_from(r, s.ack)
end

-- No block of the latest SACK covers the segment: the blocks' edges are relative numbers, and
-- are compared with absolute ones, as the reference does (V44-7, V44-7n).
local function is_not_sacked(s, r)
  for _, block in ipairs(r.sack) do
    if s.seq >= block[1] and wrap(s.seq + s.len) <= block[2] then
      return false
    end
  end
  return #r.sack > 0
end

-- One segment of the list holds all of this one (V44-4).
local function is_held(s, d)
  for _, e in ipairs(d.unacked) do
    if not_after(e.start, s.seq) and not_after(wrap(s.seq + s.len), e.last) then
      return true
    end
  end
  return false
end

-- Rules 13 to 17.
function model:late_rules(s, c, d, r, flags)
  local behind = self:known(d.nxt) and before(s.seq, d.nxt)
  if s.len > 1 and d.nxt and s.seq == wrap(d.nxt - 1) then
    behind = false
  end
  local ack_known = r.ack_known
  if self.quirks then
    ack_known = r.last_ack ~= 0
  end
  local last_end = wrap(s.seq + s.len)
  if s.len > 0 and ack_known and not_after(last_end, r.last_ack) then
    flags.spurious_retransmissions = true -- 14
    return
  end
  if not behind then
    return
  end
  local asked = r.dup == "poison" or r.dup >= 2
  if asked and self:within(s.time, r.ack_time, 20 * MS)
    and (r.last_ack == s.seq or self.v44 and is_not_sacked(s, r)) then
    flags.fast_retransmissions = true -- 15
    return
  end
  local limit = 3 * MS
  if c.irtt and c.irtt > 0 then
    limit = c.irtt
  elseif c.irtt and c.irtt < 0 and self.quirks then
    limit = c.irtt
  end
  local since = d.nxt_time
  if self.v46 then
    since = r.ack_time -- V46-1
  end
  if not (self.v44 and is_held(s, d)) and self:within(s.time, since, limit)
    and (d.nxt ~= wrap(last_end + ((s.syn or s.fin) and 1 or 0)) or self.v44 and d.nxt_len == 0) then
    flags.out_of_order = true -- 16
    return
  end
  flags.retransmissions = true -- 17
end

-- Rule 22; returns the sample.
function model:acknowledge(r, ack, now)
  local kept, sample = {}, nil
  for i = #r.unacked, 1, -1 do
    local e = r.unacked[i]
    if e.last == ack then
      sample = now - e.time
    elseif before(e.start, ack) and before(ack, e.last) then
      e.start = ack
      if self.v44 then
        sample = now - e.time -- V44-9
      end
      table.insert(kept, 1, e)
    elseif after(e.last, ack) then
      table.insert(kept, 1, e)
    end
  end
  r.unacked = kept
  return sample
end

function model:note_completeness(c, s, reused, afresh)
  c.segments = c.segments + 1
  local bits, first = {}, c.segments == 1
  if self.v44 then
    if s.syn and not s.ack_flag then
      if afresh then
        c.completeness = 0
      end
      bits[1] = afresh
      bits[8] = afresh and s.len > 0
    else
      bits[8] = s.ack_flag and not s.syn and s.len > 0
      bits[2] = s.syn
      bits[4] = s.ack_flag and not s.syn and s.len == 0
      bits[16] = s.fin and s.ack_flag
    end
    bits[32] = s.rst
    for bit, set in pairs(bits) do
      if set and not has_bit(c.completeness, bit) then
        c.completeness = c.completeness + bit
      end
    end
    return
  end
  if s.syn and not s.ack_flag then
    bits[1] = first
    bits[8] = first and s.len > 0 and not reused
    bits[32] = s.rst and (reused or not first)
  else
    bits[8] = s.ack_flag and not s.syn and s.len > 0
    bits[32] = not first and s.rst
    bits[2] = not first and s.syn
    bits[4] = not first and s.ack_flag and not s.syn and s.len == 0
    bits[16] = not first and s.fin and s.ack_flag
  end
  for bit, set in pairs(bits) do
    if set and not has_bit(c.completeness, bit) then
      c.completeness = c.completeness + bit
    end
  end
end

-- The blocks of a segment, as the reference keeps them; a window update that has some is a
-- duplicate acknowledgement (V44-8).
local function take_sack(s, d, r, flags)
  d.sack = {}
  for i, block in ipairs(s.sack or {}) do
    if i <= 4 then
      d.sack[i] = { wrap(block[1] - r.base), wrap(block[2] - r.base) }
    end
  end
  if s.sack and flags.window_updates then
    flags.window_updates = nil
    d.dup = d.dup + 1
    flags.duplicate_acks = d.dup
  end
end

-- Side 'd' begins its data elsewhere than its SYN says, to which no SYN-ACK came and, unless the data is far away
-- (then its own acknowledgement comes later than that of the SYN), no acknowledgement either.
local function is_syn_of_another(s, d, r)
  local first = d.syn_seen and not r.syn_seen and wrap(d.base + 1)
  return first and s.seq ~= first
    and (r.last_ack ~= first or wrap(s.seq - first) > FAR and wrap(first - s.seq) > FAR)
end

-- Keeps the payload of a segment.
local function note_bytes(s, d, r, flags)
  local in_stream = not s.rst and not flags.keep_alives
  if in_stream and s.len > 0 and not s.syn and not d.bytes.top and is_syn_of_another(s, d, r) then
    d.syn_seen = nil
  end
  bytes_model.add(d.bytes, s.seq + (s.syn and 1 or 0), s.len, in_stream)
end

--- Takes one segment {side, port, seq, ack, flags, len, win, scale, sack, time}; returns the set of its flags.
function model:segment(segment)
  local letters = segment.flags
  local function has(letter)
    return letters:find(letter, 1, true) ~= nil
  end
  local s = setmetatable({ syn = has("S"), fin = has("F"), rst = has("R"), ack_flag = has("A") }, { __index = segment })
  s.sfr = s.syn or s.fin or s.rst
  local flags = {}
  local known_end = self.pairs[s.port] and self.pairs[s.port][s.side].nxt
  local earlier = self.pairs[s.port]
  local before_it = earlier and earlier[s.side]
  local old_base = before_it and (before_it.base or before_it.old_base)
  local other_number = s.syn and old_base and s.seq ~= old_base
  local c, d, r, begins = self:find(s, flags)
  c.state = c.state or state_model.new(s)
  local repeated = c == earlier and s.len > 0 and self:known(known_end) and
    not_after(wrap(s.seq + s.len), known_end)
  c.state:segment(s, s.ack_flag and other_number, repeated)
  note_handshake(c, s, r)
  self:ack_rules(s, d, r, flags)
  if self.v44 then
    taken_probe_rule(s, d, r, flags)
  end
  if s.ack ~= (d.last_ack or 0) then
    d.dup = 0 -- 11
  end
  if self.v44 then
    unseen_rule_44(s, d, r, flags, self:known(r.contiguous_end))
  else
    unseen_rule(s, r, flags, self:known(r.contiguous_end))
  end
  local room = s.len > 0 or s.syn or s.fin
  if room and not flags.keep_alives then
    self:late_rules(s, c, d, r, flags)
  end

  local last = wrap(s.seq + s.len)
  if room and #d.unacked < LIMIT then -- 18
    last = wrap(last + ((s.syn or s.fin) and 1 or 0))
    d.unacked[#d.unacked + 1] = { start = s.seq, last = last, time = s.time }
  end
  -- the number 0 of a reset says nothing of its sender's; Wireshark takes it for "unknown"
  local empty = not self.quirks and s.rst and last == 0
  if not empty and (not self:known(d.nxt) or after(last, wrap(d.nxt + ((s.syn or s.fin) and 1 or 0)))) then
    d.nxt_len = s.len -- V44-5s
  end
  if not flags.zero_window_probes then
    if not empty and (not self:known(d.nxt) or after(last, d.nxt)) then -- 19
      d.nxt = last
      d.nxt_time = s.time
    end
    if not self:known(d.contiguous_end) or s.seq == d.contiguous_end then -- 20
      d.contiguous_end = d.nxt
    end
  end
  d.win, d.last_ack, d.ack_time, d.last = s.win, s.ack, s.time, flags -- 21
  d.ack_known = s.ack_flag or s.ack ~= 0
  local sample = self:acknowledge(r, s.ack, s.time) -- 22
  note_bytes(s, d, r, flags)
  if s.syn then -- 23
    d.syn_seen = true
    d.syn_win = true
    if not s.ack_flag then
      c.syn_time = s.time
    end
  elseif s.ack_flag then
    if c.syn_time and (not c.irtt or c.irtt == 0) then
      c.irtt = s.time - c.syn_time
    end
    d.syn_win = false
  end
  if s.scale then -- 24
    d.scale = math.min(s.scale, 14)
  end
  if s.syn and d.scale == -1 then
    d.scale, r.scale = -2, -2
  elseif s.syn and s.ack_flag and r.scale == -2 then
    d.scale = -2
  end
  if self.v44 then
    take_sack(s, d, r, flags)
  end
  self:note_completeness(c, s, flags.reused_ports, begins)
  self:count(s.side, flags, sample)
  return flags
end

-- Adds up what one segment of 'side' got.
function model:count(side, flags, sample)
  local n = self.counts[side]
  for name in pairs(flags) do
    n[name] = (n[name] or 0) + 1
  end
  if flags.duplicate_acks then
    n.max_duplicate_acks = math.max(n.max_duplicate_acks, flags.duplicate_acks)
  end
  if flags.fast_retransmissions or flags.spurious_retransmissions then
    n.retransmissions = (n.retransmissions or 0) + 1
  end
  if sample then
    -- counted with the side whose data was acknowledged
    n = self.counts[side == "c" and "s" or "c"]
    n.rtt_samples_raw = (n.rtt_samples_raw or 0) + 1
    if sample ~= 0 then
      n.rtt_samples_shown = (n.rtt_samples_shown or 0) + 1
    end
  end
end

--- {payload, unique, retransmitted, missing} bytes of a side of a connection.
function rules_model.bytes(side)
  local b = side.bytes
  local unique = b.unique or 0
  local base = side.syn_seen and (side.base or side.old_base)
  return { b.payload, unique, b.payload - b.skipped - unique, bytes_model.missing(b, base) }
end

return rules_model
