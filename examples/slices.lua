-- A session in slices, for a host that has other things to do: an event loop, a
-- scheduler of coroutines, a user who may lose patience.
--
--     lua5.4 examples/slices.lua CAPTURE SERVER_IP [PORT]

local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

-- Reads for a moment, then lets others have their turn; gives the result at the end.
local function analysis(...)
  local session, message, code = mcpcap.open(...)
  if not session then
    return nil, message, code
  end
  while true do
    local state, why, kind = session:step(10000)
    if not state then
      session:close()
      return nil, why, kind
    elseif state == "done" then
      break
    end
    coroutine.yield(session:progress())
  end
  local result = session:result()
  session:close()
  return result
end

local job = coroutine.create(analysis)
local ok, result, message = coroutine.resume(job, arg[1], arg[2], tonumber(arg[3]))
while ok and coroutine.status(job) == "suspended" do
  io.stderr:write(("%.0f of %.0f bytes\n"):format(result, message)) -- here the host does its own work
  ok, result, message = coroutine.resume(job)
end
if not ok or not result then
  io.stderr:write(tostring(message or result), "\n")
  os.exit(1)
end
io.stdout:write(report.render(result, "text"))
