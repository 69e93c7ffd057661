--- One analysis from open to report, whoever drives it: the event loop or a
-- thread.  What goes in and out are plain tables and strings, because nothing
-- else crosses the border between threads.
-- @module mcpcap_nginx.job

local ffi = require "ffi"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local job = {}

-- Packets of a slice: the first guess and the bounds.
local FIRST, LEAST, MOST = 2048, 256, 65536
-- How long a slice in a thread may be: until the stop sign is looked at again.
local THREAD_SLICE_MS = 20

-- No capture has a server of this address: the answer names those that it has.
local NOBODY = "0.0.0.0"

-- A clock of our own: nginx's time stands still while Lua runs, and to move it on
-- (`ngx.update_time`) makes timers due that were not, before connections are served.
ffi.cdef [[
typedef struct { long seconds, nanoseconds; } mcpcap_nginx_time;
int clock_gettime(int clock, mcpcap_nginx_time *out);
]]
local MONOTONIC = ffi.os == "Linux" and 1 or nil

local function now_ms()
  if not MONOTONIC then
    return os.clock() * 1000
  end
  local time = ffi.new("mcpcap_nginx_time")
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1000000
end

local function next_slice(slice, ms, wanted)
  if ms > wanted then
    return math.max(math.floor(slice * math.max(wanted / ms, 0.5)), LEAST)
  elseif ms < wanted * 0.7 then
    return math.min(slice * 2, MOST)
  end
  return slice
end

local function options_of(request)
  return {
    roots = request.roots, timeout_ms = request.timeout_ms, max_packets = request.max_packets,
    max_bytes = request.max_bytes, max_connections = request.max_connections,
    filter = request.filter, url = { allowed = false },
  }
end

-- Opens the session; a misuse of the arguments is the requester's fault and
-- comes back as one.
local function open(request, server, port)
  local ok, session, message, code = pcall(mcpcap.open, request.path, server, port, options_of(request))
  if not ok then
    local what = tostring(session):match("bad argument #%d+ to '[^']*' %((.*)%)$")
    if not what then
      error(session, 0)
    end
    return nil, what, "invalid"
  end
  return session, message, code
end

-- One pass over the capture; `pause` is called between slices and returns whether
-- the work is to stop, and how long the next slice should be (ms).
local function pass(request, server, port, pause)
  local session, message, code = open(request, server, port)
  if not session then
    return nil, message, code
  end
  local slice = FIRST
  while true do
    local begin = now_ms()
    local state, why, which = session:step(slice)
    if not state then
      session:close()
      return nil, why, which
    elseif state == "done" then
      break
    end
    local used = now_ms() - begin
    local stop, wanted = pause()
    if stop then
      session:close()
      return nil, "cancelled", "cancelled"
    end
    slice = next_slice(slice, used, wanted)
  end
  local result, why, which = session:result()
  session:close()
  return result, why, which
end

-- The busiest server of a capture, when the requester knows none.
local function find_server(request, pause)
  local result, message, code = pass(request, NOBODY, nil, pause)
  if not result then
    return nil, message, code
  end
  for _, candidate in ipairs(result.candidates or {}) do
    if not request.port or candidate.port == request.port then
      return candidate.ip, candidate.port
    end
  end
  return nil, request.port and "no server with this port in the capture" or "no TCP traffic in the capture", "format"
end

-- Replaces a path of ours by the name that the requester knows.
local function with_name(text, request)
  if not request.name then
    return text
  end
  local at, till = text:find(request.path, 1, true)
  return at and text:sub(1, at - 1) .. request.name .. text:sub(till + 1) or text
end

--- Does the whole work.
-- @tparam table request `path`, `name` (shown instead), `server` (or nil: the
-- busiest), `port`, `filter`, `format`, `roots` and limits
-- @tparam function pause between slices; returns whether to stop, and how many
-- milliseconds the next slice may take
-- @treturn[1] string the report
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function job.work(request, pause)
  local server, port = request.server, request.port
  if not server then
    local code
    server, port, code = find_server(request, pause)
    if not server then
      return nil, with_name(port, request), code
    end
  end
  local result, message, code = pass(request, server, port, pause)
  if not result then
    return nil, with_name(message, request), code
  end
  if request.name then
    result.file, result.files = request.name, nil
    local truncated = result.capture.truncated
    if truncated and truncated.input then
      truncated.input = with_name(truncated.input, request)
    end
  end
  return report.render(result, request.format)
end

--- The same in a thread's own Lua, as `ngx.run_worker_thread` calls it.  There a
-- shared dictionary is the only way in: a key of this name is the stop sign.
-- @tparam table request as above, with `id`
function job.run(request)
  local jobs = ngx.shared.mcpcap_jobs
  return job.work(request, function()
    return jobs:get(request.id) ~= nil, THREAD_SLICE_MS
  end)
end

return job
