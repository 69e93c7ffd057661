--- A progress bar on a terminal, for work that takes longer than a second.
-- @module mcpcap.cli.progress

local progress = {}

local WIDTH = 30

-- Seconds that went by.  Plain Lua has processor time, which stands still while
-- a network is waited for, and whole seconds of wall time: the larger is right
-- in both cases, and never early by more than the rounding taken off here.
local function default_clock()
  local cpu, wall = os.clock(), os.time()
  return function()
    return math.max(os.clock() - cpu, os.difftime(os.time(), wall) - 1)
  end
end

local bar = {}
bar.__index = bar

--- Makes a bar.
-- @param stream where it is drawn
-- @tparam boolean is_wanted false: it stays silent
-- @tparam[opt] function clock gives seconds since the start
-- @return a bar with `show(done, total)` and `clear()`
function progress.new(stream, is_wanted, clock)
  return setmetatable({ stream = stream, is_wanted = is_wanted, clock = clock or default_clock() }, bar)
end

local function line(done, total)
  local units = require "mcpcap.report.units"
  if not total or total <= 0 then
    return units.bytes(done) .. " read"
  end
  local share = math.max(0, math.min(1, done / total))
  local filled = math.floor(share * WIDTH)
  return ("%3.0f %% [%s%s] %s of %s"):format(math.floor(share * 100), ("#"):rep(filled), (" "):rep(WIDTH - filled),
    units.bytes(done), units.bytes(total))
end

--- Draws, when there is something new to see and a second has gone by.
-- @tparam number done bytes
-- @tparam ?number total bytes, nil or 0 when nobody knows
function bar:show(done, total)
  if not self.is_wanted or type(done) ~= "number" or self.clock() < 1 then
    return
  end
  local text = line(done, total)
  if text ~= self.drawn then
    self.drawn = text
    self.stream:write("\r", text, "\27[K")
    self.stream:flush()
  end
end

--- Takes the bar off the screen again.
function bar:clear()
  if self.drawn then
    self.drawn = nil
    self.stream:write("\r\27[K")
    self.stream:flush()
  end
end

return progress
