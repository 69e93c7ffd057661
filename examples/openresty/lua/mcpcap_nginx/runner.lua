--- The two ways to analyse without holding up the event loop.
-- @module mcpcap_nginx.runner

local job = require "mcpcap_nginx.job"
local limit = require "mcpcap_nginx.limit"
local settings = require "mcpcap_nginx.settings"

local runner = {}

local BUSY = "too much is being analysed at the moment; try again in a second"
local POOL = "mcpcap"

local serial = 0

--- Fills in the limits of the operator.
function runner.bounded(request)
  request.timeout_ms, request.max_packets = settings.timeout_ms, settings.max_packets
  request.max_bytes, request.max_connections = settings.max_bytes, settings.max_connections
  return request
end

--- Notices that the client has gone.
-- @tparam[opt] function tell is called when it happens
-- @treturn function whether it has happened
function runner.watch_client(tell)
  local gone = false
  ngx.on_abort(function()
    gone = true
    if tell then
      tell()
    end
  end)
  return function()
    return gone
  end
end

local function slices(request)
  local is_gone = runner.watch_client()
  return job.work(request, function()
    limit.pause()
    return is_gone(), limit.slice_ms()
  end)
end

--- In slices on the event loop.
-- @tparam table request of `mcpcap_nginx.job`
-- @treturn[1] string report
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function runner.in_slices(request)
  local accepted, text, message, code = limit.run_in_turns(slices, request)
  if not accepted then
    return nil, BUSY, "busy"
  end
  return text, message, code
end

-- Waits for the thread.  A timer is held meanwhile: a worker process that is told
-- to quit waits for timers, and not for threads.
local function wait_for(request)
  local seconds = 2 * request.timeout_ms / 1000 + 10
  local guard = ngx.thread.spawn(function()
    ngx.sleep(seconds)
  end)
  -- luacheck: ignore 143 (luacheck knows an older nginx)
  local ok, text, message, code = ngx.run_worker_thread(POOL, "mcpcap_nginx.job", "run", request)
  ngx.thread.kill(guard)
  if not ok then
    if type(text) == "string" and text:find("no available Lua vm", 1, true) then
      return nil, BUSY, "busy"
    end
    error(text, 0)
  end
  if text == ngx.null then
    text = nil
  end
  return text, message, code
end

local function thread(request)
  local jobs = ngx.shared.mcpcap_jobs
  serial = serial + 1
  request.id = ("%d:%d"):format(ngx.worker.pid(), serial)
  local is_gone = runner.watch_client(function()
    jobs:set(request.id, true, 600)
  end)
  local text, message, code = wait_for(request)
  if is_gone() then
    jobs:delete(request.id)
  end
  return text, message, code
end

--- In a thread of the pool "mcpcap", beside the event loop.
-- @tparam table request of `mcpcap_nginx.job`
-- @treturn[1] string report
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function runner.in_thread(request)
  local accepted, text, message, code = limit.run(thread, request)
  if not accepted then
    return nil, BUSY, "busy"
  end
  return text, message, code
end

return runner
