--- A tool call that is worked off in slices.
--
-- The tool's handler runs in a coroutine and yields between slices; the host
-- decides when the next one is due.  A call ends in exactly one way: with a
-- `reply`, or cancelled, without one.
-- @module mcpcap.mcp.call

local json = require "mcpcap.json"

local mcp_call = {}

local call = {}
call.__index = call

-- A client's clock needs no more than a few reports a second.
local PROGRESS_SECONDS = 0.2

--- What a handler is given beside its arguments.
--
-- `context.library`, `context.policy`; `context.files`: what finds the files of a folder, where the host has
-- it (`mcpcap.mcp.series`); `context.cache`: likewise what keeps results (`mcpcap.mcp.cache`);
-- `context.keep(object)` has the object closed when the call ends, however it ends; `context.pause(done, total,
-- idle)` ends a slice and returns how long (in milliseconds) the next one may
-- wait for an idle source; `context.shows_pages`: the client's host shows a page
-- beside the answer.
-- @table context

local function context_of(self, service)
  return {
    library = service.library,
    policy = service.policy,
    files = service.files,
    cache = service.cache,
    shows_pages = self.shows_pages,
    keep = function(object)
      self.kept[#self.kept + 1] = object
      return object
    end,
    pause = function(done, total, idle)
      return coroutine.yield(done, total, idle)
    end,
  }
end

--- Makes a call.  Nothing happens before the first step.
-- @tparam table o `id`, `tool`, `arguments`, `service`, `reply` (outcome to
-- JSON text), `token` (of progress, or nil)
-- @treturn table the call
function mcp_call.new(o)
  local self = setmetatable({
    id = o.id, token = o.token, service = o.service, make_reply = o.reply, kept = {},
    done = 0, total = 0, shows_pages = o.shows_pages,
  }, call)
  local context = context_of(self, o.service)
  self.thread = coroutine.create(function()
    return o.tool.handler(o.arguments, context)
  end)
  return self
end

--- Whether a value is a call.
function mcp_call.is(value)
  return type(value) == "table" and getmetatable(value) == call
end

function call:finish(reply)
  self.ended = true
  self.reply = reply
  self.thread = nil
  for i = #self.kept, 1, -1 do
    self.kept[i]:close()
    self.kept[i] = nil
  end
  if self.on_end then
    self.on_end()
  end
end

-- The first value of a handler is its outcome; nil, message, code is a failure
-- of the world, which a model can do something about.
local function outcome_of(outcome, message)
  if outcome == nil then
    return { failed = true, texts = { message } }
  end
  return outcome
end

local function defect(self, problem)
  local trace = debug.traceback(self.thread, tostring(problem))
  self:finish(self.make_reply { defect = true })
  self.service.on_defect(trace)
end

--- Does a slice of work.
-- @tparam[opt=0] number wait_ms how long the slice may wait for an idle source
-- @treturn string "more": call again; "idle": nothing came, call again in some
-- milliseconds; "done": the field `reply` holds the reply, if there is one
function call:step(wait_ms)
  if self.ended then
    return "done"
  end
  local ok, a, b, idle = coroutine.resume(self.thread, wait_ms or 0)
  if self.ended then                       -- cancelled from within
    return "done"
  elseif not ok then
    defect(self, a)
    return "done"
  elseif coroutine.status(self.thread) == "dead" then
    local made, reply = pcall(self.make_reply, outcome_of(a, b))
    if made then
      self:finish(reply)
    else
      defect(self, reply)
    end
    return "done"
  end
  self.done, self.total = a or self.done, b or self.total
  return idle and "idle" or "more"
end

--- A progress notification, when one was asked for and is due.
-- @tparam number now the host's clock, in seconds
-- @treturn ?string JSON text
function call:progress(now)
  if self.token == nil or self.ended or self.done <= (self.reported or -1)
    or (self.reported_at and now - self.reported_at < PROGRESS_SECONDS and now >= self.reported_at) then
    return nil
  end
  self.reported, self.reported_at = self.done, now
  local params = { progressToken = self.token, progress = self.done }
  if self.total > 0 then
    params.total = math.max(self.total, self.done)
    params.message = ("%.0f %% read"):format(100 * self.done / params.total)
  end
  return '{"jsonrpc":"2.0","method":"notifications/progress","params":' .. json.encode(params) .. "}"
end

--- Ends the call without a reply; what it holds is closed before this returns.
function call:cancel()
  if not self.ended then
    self.cancelled = true
    self:finish(nil)
  end
end

--- Ends the call with a failure that the client may see, such as "busy".
-- @tparam string message
function call:refuse(message)
  if not self.ended then
    self:finish(self.make_reply { failed = true, texts = { message } })
  end
end

-- ---------------------------------------------------------------------- batch

local batch = {}
batch.__index = batch

--- Several calls whose replies are sent together.
-- @tparam table calls
-- @tparam table replies those that are there already
-- @treturn table with the methods of a call
function mcp_call.batch(calls, replies)
  return setmetatable({ calls = calls, replies = replies, next = 0 }, batch)
end

function batch:collect()
  for i = #self.calls, 1, -1 do
    local one = self.calls[i]
    if one.ended then
      table.remove(self.calls, i)
      self.replies[#self.replies + 1] = one.reply
    end
  end
  if #self.calls > 0 then
    return false
  end
  self.ended = true
  self.reply = #self.replies > 0 and "[" .. table.concat(self.replies, ",") .. "]" or nil
  return true
end

function batch:step(wait_ms)
  if self.ended or self:collect() then
    return "done"
  end
  self.next = self.next % #self.calls + 1
  local state = self.calls[self.next]:step(wait_ms)
  if state == "done" then
    return self:collect() and "done" or "more"
  end
  return state
end

function batch:progress(now)
  for _, one in ipairs(self.calls) do
    local text = one:progress(now)
    if text then
      return text
    end
  end
  return nil
end

function batch:cancel()
  for _, one in ipairs(self.calls) do
    one:cancel()
  end
  self.replies = {}
  self:collect()
end

function batch:refuse(message)
  for _, one in ipairs(self.calls) do
    one:refuse(message)
  end
  self:collect()
end

return mcp_call
