--- The endpoint states and the history of a connection once more, as docs/rules.md
-- has them: a table of transitions and one of results.
-- @module state_model

local state_model = {}

-- Endpoint of the originator, of the responder; nil: nothing was heard of it.
local function is_quiet(e)
  return e.state == nil or e.state == "PARTIAL"
end

local function become(e, state)
  e.before, e.state = e.state, state
end

-- The first segment of an endpoint.
local function begin(e, p, s)
  if s.syn and e.originator then
    become(e, s.ack_flag and "SYN_ACK_SENT" or "SYN_SENT")
  elseif s.syn then
    become(e, "ESTABLISHED")
    if p.state == "SYN_SENT" then
      become(p, "ESTABLISHED")
    end
  end
  if s.fin then
    become(e, "CLOSED")
  end
  if s.rst then
    become(e, "RESET")
  end
  if s.sfr or (not e.originator and s.len == 0 and p.state == "SYN_SENT") then
    return
  end
  become(e, s.ack_flag and p.state == "ESTABLISHED" and "ESTABLISHED" or "PARTIAL")
end

local function go_on(e, p, s)
  if e.state == "SYN_SENT" or e.state == "SYN_ACK_SENT" then
    if s.fin then
      become(e, "CLOSED")
    end
    if s.rst then
      become(e, "RESET")
    end
  elseif e.state == "ESTABLISHED" or e.state == "PARTIAL" then
    if s.syn and not s.ack_flag and e.state == "PARTIAL" and p.state == nil then
      become(e, "SYN_SENT")
    end
    if s.rst then
      become(e, "RESET")
    elseif s.fin then
      become(e, "CLOSED")
      if p.state == "RESET" and p.before == "CLOSED" then
        become(p, "CLOSED")
      end
    end
  elseif e.state == "CLOSED" and s.rst and p.state ~= "CLOSED" then
    become(e, "RESET")
  end
end

local function is_power_of_ten(n)
  return n == 1 or n == 10 or n == 100 or n == 1000
end

local model = {}
model.__index = model

--- A connection whose first segment is `s`; `s.side` "s" is the named server.
function state_model.new(s)
  local self = setmetatable({}, model)
  self:start(s)
  return self
end

function model:start(s)
  local serves = s.side == "s"
  if s.syn then
    serves = s.ack_flag
  end
  self.history = serves and "^" or ""
  self.c, self.s = { seen = {} }, { seen = {} }
  self[s.side].originator = not serves
  self[s.side == "c" and "s" or "c"].originator = serves
end

function model:letter(e, letter)
  self.history = self.history .. (e.originator and letter or letter:lower())
end

-- A letter the first time, and again when 'place' is another than the first time.
function model:once(e, letter, kind, place)
  if not e.seen[kind] then
    e.seen[kind] = place or true
    self:letter(e, letter)
  elseif place and e.seen[kind] ~= place then
    self:letter(e, letter)
  end
end

function model:flags(e, s, reused)
  local count = (s.syn and 1 or 0) + (s.fin and 1 or 0) + (s.rst and 1 or 0)
  if count > 1 then
    self:once(e, s.syn and "Q" or "I", "several")
    e.seen.fin = e.seen.fin or (s.fin and -1 or nil)
    e.seen.rst = e.seen.rst or (s.rst and -1 or nil)
  elseif s.syn then
    if not e.seen.syn or reused then
      self:letter(e, s.ack_flag and "H" or "S")
    end
    e.seen.syn = true
  elseif s.fin then
    -- after a reset of this side another FIN says nothing new
    self:once(e, "F", "fin", not e.seen.rst and (s.seq + s.len) % 4294967296 or nil)
  elseif s.rst then
    self:once(e, "R", "rst", s.seq)
  elseif s.len > 0 then
    self:once(e, "D", "data")
  elseif s.ack_flag then
    self:once(e, "A", "ack")
  end
  if s.len > 0 then
    e.seen.data = true
  end
end

-- A letter at the 1st, the 10th, the 100th time.
function model:tally(e, letter)
  e[letter] = (e[letter] or 0) + 1
  if is_power_of_ten(e[letter]) then
    self:letter(e, letter)
  end
end

--- Takes one segment.
-- @tparam table s with syn, fin, rst, sfr, ack_flag
-- @tparam boolean reused a SYN/ACK with a new number (CO-3)
-- @tparam boolean repeated payload that does not pass the highest end seen
function model:segment(s, reused, repeated)
  local e, p = self[s.side], self[s.side == "c" and "s" or "c"]
  if s.syn and not s.ack_flag and (e.state == "CLOSED" or e.state == "RESET") and
    (p.state == "CLOSED" or p.state == "RESET") then
    local counts = { c = self.c, s = self.s }
    self:start(s)
    for side, old in pairs(counts) do
      self[side].W, self[side].T, self[side].bytes = old.W, old.T, old.bytes
    end
    e, p = self[s.side], self[s.side == "c" and "s" or "c"]
  end
  e.bytes = (e.bytes or 0) + s.len
  self:flags(e, s, reused)
  if s.win == 0 and not s.rst and p.state ~= "CLOSED" and e.state ~= "RESET" then
    self:tally(e, "W")
  end
  if e.state == nil then
    begin(e, p, s)
  else
    go_on(e, p, s)
  end
  if repeated then
    self:tally(e, "T")
  end
end

--- Have both sides ended it?  A SYN of `side` with the same number then begins another one.
function model:is_over(side)
  local e, p = self[side], self[side == "c" and "s" or "c"]
  local closed, other = e.state == "CLOSED" or e.state == "RESET", p.state == "CLOSED" or p.state == "RESET"
  return closed and other or e.state == "RESET" and p.seen.syn ~= nil
    or p.state == "RESET" and (e.seen.ack or e.seen.data) ~= nil
end

--- Have both sides ended it, each for itself?
function model:both_over()
  local function ended(e)
    return e.state == "CLOSED" or e.state == "RESET"
  end
  return ended(self.c) and ended(self.s)
end

--- The connection's state: the first line that holds.
function model:result()
  local o, r = self.c, self.s
  if r.originator then
    o, r = r, o
  end
  local bytes = (o.bytes or 0) + (r.bytes or 0)
  local before_reset = self.history:match("^%^?S(.-)R")
  local lines = {
    { "REJ", r.state == "RESET" and (o.state == "SYN_SENT" or o.state == "SYN_ACK_SENT" or
      (o.state == "RESET" and bytes == 0)) },
    { "RSTRH", r.state == "RESET" and is_quiet(o) },
    { "RSTR", r.state == "RESET" },
    { "RSTOS0", o.state == "RESET" and is_quiet(r) and before_reset and not before_reset:find("[HAFGIQ]") },
    { "OTH", o.state == "RESET" and is_quiet(r) },
    { "RSTO", o.state == "RESET" },
    { "SF", o.state == "CLOSED" and r.state == "CLOSED" },
    { "SH", o.state == "CLOSED" and is_quiet(r) },
    { "S2", o.state == "CLOSED" },
    { "SHR", r.state == "CLOSED" and is_quiet(o) },
    { "S3", r.state == "CLOSED" },
    { "S0", o.state == "SYN_SENT" and r.state == nil },
    { "S1", o.state == "ESTABLISHED" and r.state == "ESTABLISHED" },
    { "OTH", true },
  }
  for _, line in ipairs(lines) do
    if line[2] then
      return line[1]
    end
  end
end

return state_model
