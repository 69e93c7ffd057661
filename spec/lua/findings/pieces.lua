-- Pieces of captures for the cases of the findings, and their list.
--
-- A case is `{ id, about, make, want, port, options, cut, alter, instead }`: 'make' gives
-- a capture of spec/lua/craft.lua; 'want' is what the finding must have (severity, side, ...)
-- or false when there must be none of this id; 'cut' takes so many bytes off the file;
-- 'alter' may change the result before the rules see it, for what no crafted capture can
-- hold.  'instead' names the finding that must be there in its place, 'never' those that must
-- not be there at all.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local MS, SECOND, US = craft.MS, craft.SECOND, 1000

local pieces = {
  craft = craft, MS = MS, SECOND = SECOND, US = US,
  FIN = { flags = "FA" }, RST = { flags = "R" }, RST_ACK = { flags = "RA" },
  cases = {},
  groups = {
    "opening", "attempts", "resets", "path", "repeats", "again", "taken", "numbers", "answers", "doubts", "innocents",
    "application", "names", "hardware", "halts", "ends", "farewells", "limits", "capture",
    "incomplete", "whose", "losses/told",
  },
}

--- Adds a case; 'more' holds its further fields.
function pieces.case(id, about, want, make, more)
  local entry = { id = id, about = about, want = want, make = make }
  for key, value in pairs(more or {}) do
    entry[key] = value
  end
  pieces.cases[#pieces.cases + 1] = entry
end

local function new(o)
  return craft.new(o or { win = 60000 })
end

local function hs(o)
  return new(o):hs()
end

--- The beginning of a capture at a port where the server speaks when it is asked, and then only (SQL).
function pieces.queries()
  return new({ win = 60000, server_port = 3306 })
end

-- A handshake as seen beside one end: the far half takes 20 ms, or 'far'.
local function hs_beside(side, x, far)
  local near = 20 * US
  far = far or 20 * MS
  x = (x or new()):syn():after(side == "server" and near or far):syn_ack()
  return x:after(side == "server" and far or near):c_ack(x.sides.s.base + 1)
end

-- The next packets belong to another client.
local function next_client(x, n, address)
  x.sides.c.port = 40000 + n
  if address then
    x.sides.c.ip, x.sides.c.bytes = address, craft.address(address)
  end
  x.sides.c.ack, x.sides.s.ack = x.sides.s.base + 1, x.sides.c.base + 1
  return x
end

-- Both sides close; 'c' and 's' are their next sequence numbers.
local function close(x, c, s)
  return x:c(c, 0, { flags = "FA", ack = s }):s(s, 0, { flags = "FA", ack = c + 1 }):c(c + 1, 0, { ack = s + 1 })
end

-- A request of 100 bytes and its answer.
local function talk(x)
  return x:c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
end

local function clean(x)
  return close(talk(x or hs()), 1101, 5101)
end

local function refuse(x)
  return x:syn():s(0, 0, { flags = "RA", ack = 1001 })
end

-- A packet of somebody else, so that the capture goes on.
local function later(x, ns)
  local from, to = craft.address("192.0.2.7"), craft.address("192.0.2.8")
  local packet = "\69\0\0\28\0\0\0\0\64\17\0\0" .. from .. to .. "\0\1\0\2\0\8\0\0"
  return x:after(ns):raw("\2\0\0\0\0\2\2\0\0\0\0\1\8\0" .. packet)
end

-- A conversation after the handshake: each step comes so many milliseconds after the one
-- before, and says what its side has heard.
local conversation = {}
conversation.__index = conversation

--- A conversation; without a capture to begin with, after a handshake.  'c' and 's' are their next sequence numbers.
function pieces.converse(x, c, s)
  return setmetatable({ x = x or hs(), c = c or 1001, s = s or 5001 }, conversation)
end

local function other(side)
  return side == "c" and "s" or "c"
end

-- Data of a side.
function conversation:say(side, ms, len, o)
  o = o or {}
  o.ack = self[other(side)]
  self.x:after(ms * MS):tcp(side, self[side], len, o)
  self[side] = self[side] + len
  return self
end

-- A pure acknowledgement of a side.
function conversation:hear(side, ms, o)
  o = o or {}
  o.ack = self[other(side)]
  self.x:after(ms * MS):tcp(side, self[side], 0, o)
  return self
end

function conversation:fin(side, ms)
  self.x:after(ms * MS):tcp(side, self[side], 0, { flags = "FA", ack = self[other(side)] })
  self[side] = self[side] + 1
  return self
end

-- The server is asked, acknowledges 1 ms later, and answers so long after that.
function conversation:ask(ms, answer, after)
  return self:say("c", after or 1, 100):hear("s", 1):say("s", ms, answer or 100)
end

--- The result of a case; its capture stays in the file 'path' while 'use(result, path)' runs.
function pieces.with_result(case, use)
  local mcpcap = require "mcpcap"
  local capture = case.make()
  local path = capture:save()
  if case.cut then
    local bytes = capture:bytes()
    local file = assert(io.open(path, "wb"))
    file:write(bytes:sub(1, #bytes - case.cut))
    file:close()
  end
  local port = case.port
  if port == nil then
    port = capture.sides.s.port
  end
  local ok, message = pcall(function()
    local result = assert(mcpcap.analyze_traffic_flow(path, capture.sides.s.ip, port or nil, case.options))
    if case.alter then
      case.alter(result)
      result.analysis.findings, result.analysis.withheld = require("mcpcap.findings").of(result)
    end
    return use(result, path)
  end)
  os.remove(path)
  assert(ok, message)
end

--- All cases, of every group.
function pieces.load()
  for _, name in ipairs(pieces.groups) do
    assert(loadfile(here .. name .. ".lua"))(pieces)
  end
  return pieces.cases
end

for name, piece in pairs({
  new = new, hs = hs, hs_beside = hs_beside, next_client = next_client,
  close = close, talk = talk, clean = clean, refuse = refuse, later = later,
}) do
  pieces[name] = piece
end

return pieces
