--- How much a worker process does at a time.
--
-- Few analyses take turns on the event loop, so that their slices together stay
-- short; more wait, in the order in which they came; and more than that are
-- refused at once.  All counts belong to the process: one that dies takes them
-- along.
-- @module mcpcap_nginx.limit

local semaphore = require "ngx.semaphore"
local settings = require "mcpcap_nginx.settings"

local limit = {}

-- What the slices of one round on the event loop may take together.
local ROUND_MS = 2
local WAIT_SECONDS = 30

local accepted, active = 0, 0
local turns

local function finish(ok, ...)
  accepted = accepted - 1
  if not ok then
    error((...), 0)
  end
  return true, ...
end

--- Runs a function unless too much has been accepted already.
-- @tparam function work
-- @treturn boolean false: refused; else true and what `work` returned
-- @raise what `work` raised
function limit.run(work, ...)
  if accepted >= settings.running then
    return false
  end
  accepted = accepted + 1
  return finish(pcall(work, ...))
end

local function finish_turn(ok, ...)
  active = active - 1
  turns:post(1)
  return finish(ok, ...)
end

--- The same for work on the event loop, which waits until few others are at it.
function limit.run_in_turns(work, ...)
  if accepted >= settings.running then
    return false
  end
  turns = turns or semaphore.new(settings.active)
  accepted = accepted + 1
  if not turns:wait(WAIT_SECONDS) then
    accepted = accepted - 1
    return false
  end
  active = active + 1
  return finish_turn(pcall(work, ...))
end

--- How long a slice on the event loop should be now.
-- @treturn number milliseconds
function limit.slice_ms()
  return ROUND_MS / math.max(active, 1)
end

--- Lets everything else on the event loop have its turn.
--
-- Never `ngx.sleep(0)`: without a patch that OpenResty has and Debian's nginx has
-- not, it is a timer that is due at once, and nginx runs those before it looks at
-- its connections again, so nobody else ever had a turn.
function limit.pause()
  ngx.sleep(0.001)
end

return limit
