--- `mcpcap serve`: MCP over standard input and output, one message a line.
--
-- The only reader of standard input and the only writer of standard output.
-- Everything runs in one loop of libuv (the Lua module luv), for three reasons:
-- reading must not wait while a capture is analysed, so that `ping` is answered
-- and a cancel heard; writing must not wait for a slow client; and an idle
-- network must cost nothing.  Analyses take turns, a slice of some thousand
-- packets each (a millisecond or two), and between two slices the loop looks at
-- its files.  Threads would need a Lua state each and would win nothing: the
-- slices already run at the speed of the disk.
-- @module mcpcap.mcp.server

local cache = require "mcpcap.mcp.cache"
local escape = require "mcpcap.escape"
local mcp = require "mcpcap.mcp"
local sandbox = require "mcpcap.mcp.sandbox"
local series = require "mcpcap.mcp.series"
local unread = require "mcpcap.mcp.unread"
local own = require "mcpcap.cli.own"
local server_options = require "mcpcap.mcp.server_options"

local server = {}

local DONE, WORLD, INTERRUPTED, PIPE = 0, 1, 130, 141

-- No request is near this; a longer line is refused, and only its id looked for.
local MAX_LINE = 4 * 1024 * 1024
-- While so much waits to be read by the client, nothing more is read from it.
local MAX_OUTPUT = 4 * 1024 * 1024
-- Calls that wait for their turn.
local MAX_WAITING = 1024
-- How soon a source that had nothing is asked again.
local IDLE_MS = 5
-- What runs when the input ends may still answer within this time ...
local GRACE_MS = 1000
-- ... and a client that takes nothing for so long then gets no more.
local FLUSH_MS = 500
local CHUNK = 65536

local host = {}
host.__index = host

-- --------------------------------------------------------------------- output

-- One line on standard error, without what acts on a terminal.
function host:log(text)
  self.err:write("mcpcap serve: ", escape.visible(text:sub(1, 2000)), "\n")
end

function host:pending()
  return self.output and self.output:get_write_queue_size() or 0
end

function host:await_flush()
  self.timer:stop()
  self.timer:start(FLUSH_MS, 0, self.guard(function() self.uv.stop() end))
end

function host:after_write(failure)
  if failure then
    self:finish(PIPE, true)
  elseif self.ending then
    if self:pending() == 0 then
      self.uv.stop()
    else
      self:await_flush()
    end
  elseif self.is_choked and self:pending() < MAX_OUTPUT / 4 then
    self.is_choked = false
    self:read()
  end
end

function host:send(text)
  if text == nil or self.is_deaf then
    return
  end
  if not self.output then           -- a file: it never keeps us waiting
    local ok = self.uv.fs_write(1, text .. "\n", -1)
    if not ok then
      self:finish(WORLD, true)
    end
    return
  end
  local ok = self.output:write(text .. "\n", self.on_write)
  if not ok then
    self:finish(PIPE, true)
  elseif self:pending() > MAX_OUTPUT and not self.is_choked then
    self.is_choked = true
    self:stop_reading()
  end
end

--- Ends the loop: at once, or when what was written is taken.
function host:finish(status, at_once)
  self.is_deaf = self.is_deaf or at_once
  if self.ending and not at_once then
    return
  end
  self.status = self.status or status
  self.ending = true
  self:stop_reading()
  if at_once or self:pending() == 0 then
    self.uv.stop()
  else
    self:await_flush()
  end
end

-- ---------------------------------------------------------------------- calls

function host:settle()
  if self.has_ended and not self.ending and #self.running == 0 and #self.waiting == 0 then
    self:finish(DONE)
  end
end

-- Fills free places from those who wait; starts the turns.
function host:admit()
  while #self.running < self.max_calls and #self.waiting > 0 do
    local call = table.remove(self.waiting, 1)
    if not call.ended then
      self.running[#self.running + 1] = { call = call, due = 0 }
    end
  end
  if #self.running > 0 and not self.is_turning and not self.ending then
    self.is_turning = true
    self.pause:stop()
    self.turns:start(self.on_turn)
  end
end

function host:enqueue(call)
  if #self.waiting >= MAX_WAITING then
    call:refuse(("The server is busy: %d calls wait already. Try again when some are answered."):format(#self.waiting))
    return self:send(call.reply)
  end
  self.waiting[#self.waiting + 1] = call
  self:admit()
end

-- The next one whose time has come, or nil and how long to wait for it.
function host:next_due(now)
  local nearest = IDLE_MS
  for _ = 1, #self.running do
    self.at = self.at % #self.running + 1
    local one = self.running[self.at]
    if one.due <= now or one.call.ended then
      return one
    end
    nearest = math.min(nearest, one.due - now)
  end
  return nil, nearest
end

-- One slice of one analysis.
function host:turn()
  if self.ending then
    return self.turns:stop()
  end
  local now = self.uv.now()
  local one, wait_ms = self:next_due(now)
  if not one then
    self.turns:stop()
    self.is_turning = false
    if #self.running > 0 then
      self.pause:start(math.max(math.ceil(wait_ms), 1), 0, self.on_pause)
    end
    return
  end
  local state = one.call:step(0)
  if state ~= "done" then
    one.due = state == "idle" and now + IDLE_MS or 0
    if not self.is_choked then
      self:send(one.call:progress(self.uv.hrtime() / 1e9))
    end
    return
  end
  table.remove(self.running, self.at)
  self:send(one.call.reply)
  self:admit()
  self:settle()
end

-- ---------------------------------------------------------------------- input

-- A request that is not read and shows no id: its sender would wait for ever.
function host:hang_up()
  self:log("a request without a visible id is too long to be read: the conversation ends")
  self.status = WORLD
  self:stop_reading()
  self:take_end()
end

function host:take_line(line)
  line = line:gsub("\r$", "")
  if not line:find("%S") then
    return
  end
  local outcome = self.peer:take(line)
  self:send(outcome.reply)
  if outcome.call then
    self:enqueue(outcome.call)
  elseif outcome.is_unanswerable then
    self:hang_up()
  end
end

-- Answers a line that is too long, once its id or its end is seen.
function host:refuse_line(piece, is_whole)
  if self.is_refused then
    return
  end
  self.scan:feed(piece)
  local id, is_unanswerable = self.scan:result(self.peer:has_batches())
  if id ~= nil or is_unanswerable or is_whole then
    self.is_refused = true
    self:send(mcp.error(id, mcp.codes.request, ("Invalid request: a line of more than %d bytes"):format(MAX_LINE)))
    if is_unanswerable then
      self:hang_up()
    end
  end
end

-- Bytes as they come: a line may arrive in pieces, or many at once.
function host:take(bytes)
  local from = 1
  while not self.has_ended do
    local newline = bytes:find("\n", from, true)
    local piece = bytes:sub(from, newline and newline - 1)
    self.size = self.size + #piece
    if not self.scan then
      self.pieces[#self.pieces + 1] = piece
      if self.size > MAX_LINE then
        self.scan, piece, self.pieces = unread.scan(), table.concat(self.pieces), {}
      end
    end
    if self.scan then
      self:refuse_line(piece, newline ~= nil)
    end
    if not newline then
      return
    end
    local line = not self.scan and table.concat(self.pieces)
    self.scan, self.is_refused, self.pieces, self.size = nil, false, {}, 0
    if line then
      self:take_line(line)
    end
    from = newline + 1
  end
end

function host:take_end()
  if self.has_ended then
    return
  end
  if self.size > 0 then              -- a last line without its newline
    self:take("\n")
  end
  self.has_ended = true
  self:settle()
  if not self.ending then
    self.timer:start(GRACE_MS, 0, self.guard(function()
      self.peer:close()
      self:finish(DONE)
    end))
  end
end

-- A file (or /dev/null) is read in pieces, one after another.
function host:read_file()
  if self.is_choked or self.ending or self.is_reading then
    return
  end
  self.is_reading = true
  self.uv.fs_read(0, CHUNK, -1, self.guard(function(failure, bytes)
    self.is_reading = false
    if failure or not bytes or bytes == "" then
      return self:take_end()
    end
    self:take(bytes)
    self:read_file()
  end))
end

function host:read()
  if not self.input then
    return self:read_file()
  end
  self.input:read_start(self.guard(function(failure, bytes)
    if failure or not bytes then
      self:stop_reading()
      self:take_end()
    else
      self:take(bytes)
    end
  end))
end

function host:stop_reading()
  if self.input and not self.input:is_closing() then
    self.input:read_stop()
  end
end

-- ----------------------------------------------------------------------- start

-- A stream of libuv for a descriptor; nil for a file, false and a message when
-- there is none.
local function open_stream(uv, fd, is_input)
  local kind = uv.guess_handle(fd)
  local stream, ok, message
  if kind == "file" then
    return nil
  elseif kind == "tty" then
    stream, message = uv.new_tty(fd, is_input)
    return stream or false, message
  elseif kind == "pipe" then
    stream = uv.new_pipe(false)
  elseif kind == "tcp" then
    stream = uv.new_tcp()
  else
    return false, "is not open"
  end
  ok, message = stream:open(fd)
  return ok and stream or false, message
end

-- A client that goes without closing our input is noticed at the next write;
-- where the system lets us open the pipe once more, at once.
function host:watch_reader()
  if self.uv.guess_handle(1) ~= "pipe" then
    return
  end
  local fd = self.uv.fs_open("/proc/self/fd/1", "a", 0)
  if fd then
    local ok, poll = pcall(self.uv.new_poll, fd)
    if ok and poll then
      self.reader_poll = poll
      poll:start("d", self.guard(function()
        self:finish(PIPE, true)
      end))
    end
  end
end

function host:listen_to_signals()
  self.signals = {}
  for name, status in pairs { sigterm = DONE, sighup = DONE, sigint = INTERRUPTED } do
    local signal = self.uv.new_signal()
    signal:start(name, self.guard(function()
      self:finish(status, true)
    end))
    self.signals[#self.signals + 1] = signal
  end
  -- Without this a write into a closed pipe would kill us before it can fail.
  local pipe = self.uv.new_signal()
  pipe:start("sigpipe", function() end)
  self.signals[#self.signals + 1] = pipe
end

-- The folders, resolved once: a relative --root keeps its meaning when the
-- working folder changes.
local function resolve_roots(uv, given)
  if #given == 0 then
    local here = uv.cwd()
    return { here ~= "/" and here or nil }
  end
  local roots = {}
  for i, root in ipairs(given) do
    local path = uv.fs_realpath(root)
    local facts = path and uv.fs_stat(path)
    if not facts or facts.type ~= "directory" then
      return nil, ("--root %s: no such folder"):format(root)
    end
    roots[i] = path
  end
  return roots
end

-- Closes what is open and lets libuv forget it, so that this Lua can end too.
function host:close()
  self.peer:close()
  local handles = {}
  for _, name in ipairs { "timer", "pause", "turns", "input", "output", "reader_poll" } do
    handles[#handles + 1] = self[name] or nil
  end
  for _, signal in ipairs(self.signals) do
    handles[#handles + 1] = signal
  end
  for _, handle in ipairs(handles) do
    if not handle:is_closing() then
      handle:close()
    end
  end
  self.uv.run("nowait")
end

local function new_host(uv, job, err)
  local self = setmetatable({
    uv = uv, err = err, max_calls = job.max_calls, running = {}, waiting = {}, at = 0, pieces = {}, size = 0,
    timer = uv.new_timer(), pause = uv.new_timer(), turns = uv.new_idle(),
  }, host)
  -- An error inside a callback would end the process with luv's own words.
  function self.guard(f)
    return function(a, b)
      local ok, problem = xpcall(function() return f(a, b) end, debug.traceback)
      if not ok then
        self:log("defect: " .. tostring(problem))
      end
    end
  end
  self.on_turn = self.guard(function() self:turn() end)
  self.on_pause = self.guard(function() self:admit() end)
  self.on_write = self.guard(function(failure) self:after_write(failure) end)
  self.peer = mcp.new({
    policy = job.policy, library = job.library, files = series.finder(uv, job.policy.roots),
    cache = cache.new(cache.stamper(uv)),
    on_defect = function(text) self:log("defect: " .. text) end,
  }):peer()
  return self
end

local function run(uv, job, err)
  local roots, message = resolve_roots(uv, job.roots)
  if not roots then
    err:write("mcpcap: serve: ", escape.visible(message), "\n")
    return WORLD
  end
  job.policy.roots = roots
  if #job.roots > 0 then
    uv.chdir(roots[1])
  end
  local self = new_host(uv, job, err)
  for fd, name in pairs { [0] = "input", [1] = "output" } do
    local stream, problem = open_stream(uv, fd, fd == 0)
    if stream == false then
      err:write(("mcpcap: serve: standard %s %s\n"):format(name, problem or "cannot be used"))
      return WORLD
    end
    self[name] = stream
  end
  if uv.guess_handle(0) == "tty" then
    self:log("waiting for the messages of an MCP client on standard input; Ctrl-D ends this")
  end
  self:listen_to_signals()
  self:watch_reader()
  -- Before libuv starts a thread, and behind all that is opened once.
  if job.sandbox ~= "off" then
    local held, why = sandbox.enter(job.policy)
    if not held and job.sandbox == "on" then
      err:write("mcpcap: serve: --sandbox on: ", why, "\n")
      self:close()
      return WORLD
    end
  end
  self:read()
  uv.run("default")
  uv.tty_reset_mode()
  self:close()
  return self.status or DONE
end

--- Runs the server until its client is gone.
-- @tparam table words the arguments behind `serve`, from 1
-- @tparam table at `out`, standard output, for the help; `err`, standard error. Messages
-- are read and written by number, 0 and 1
-- @treturn integer exit status
function server.main(words, at)
  return own.main("serve", words, at, server_options.parser, function(args, uv)
    return run(uv, server_options.job(args), at.err)
  end)
end

return server
