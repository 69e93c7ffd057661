--- The command `mcpcap`: arguments and streams in, an exit status out.
-- @module mcpcap.cli
-- @usage os.exit(require("mcpcap.cli").main(arg, io.stdout, io.stderr))

local cli_options = require "mcpcap.cli.options"
local escape = require "mcpcap.escape"
local needed = require "mcpcap.cli.needed"
local output = require "mcpcap.cli.output"
local progress = require "mcpcap.cli.progress"

local cli = {}

-- Exit statuses; that of a pipe which nobody reads is given by mcpcap.cli.output.
local DONE, WORLD, USAGE, DEFECT, INTERRUPTED = 0, 1, 2, 70, 130

-- A slice of work: so many packets, or so long a wait for an idle network.
-- Between slices Ctrl-C is heard and the progress bar moves.
local SLICE_PACKETS, SLICE_MS = 50000, 100

local function say(err, form, ...)
  err:write("mcpcap: ", escape.visible(form:format(...)), "\n")
end

-- `mcpcap.core` answers what plain Lua cannot ask; without it, no stream is a
-- terminal.
local function core_isatty(number)
  local core = needed.load "mcpcap.core"
  return type(core) == "table" and core.isatty ~= nil and core.isatty(number) or false
end

-- A module, or nil and what is wrong with it: the first line, and the next one
-- when that is no list of all the places that were looked at.
local function load(name)
  local module, problem = needed.load(name)
  if module then
    return module
  end
  local first, second = problem:match("^([^\n]*)\n?%s*([^\n]*)")
  if first:find(":$") and second ~= "" and not second:find("^no ") then
    return nil, first .. " " .. second
  end
  return nil, (first:gsub(":$", ""))
end

local is_interrupt = needed.is_interrupt

-- Lua has no memory left, also while it loads a module.
local function is_shortage(problem)
  return type(problem) == "string" and problem:find("not enough memory$") ~= nil
end

-- Errors by which a library says that its caller is wrong.
local function is_misuse(problem)
  return type(problem) == "string" and problem:find("bad argument #", 1, true) ~= nil
end

-- ------------------------------------------------------------------- output

-- Whether the terminal shows what is not ASCII.
local function is_utf8(getenv)
  local set = ""
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = getenv(name)
    if value and value ~= "" then
      set = value
      break
    end
  end
  return set:lower():find("utf%-?8") ~= nil
end

local function wants_color(job, at)
  if job.color ~= "auto" then
    return job.color == "always"
  end
  local no_color = at.getenv("NO_COLOR")
  return not job.output and at.isatty(1) and (no_color == nil or no_color == "")
    and at.getenv("TERM") ~= "dumb"
end

local function write_file(at, path, text)
  local ok, message = require("mcpcap.core").write_file(path, text)
  if ok then
    return DONE
  end
  say(at.err, "%s", message)
  return WORLD
end

-- -------------------------------------------------------------------- the work

-- What the library is given: one capture, or a list; "-" is our own input.
local function inputs(job, at)
  local list = {}
  for i, source in ipairs(job.sources or job.captures) do
    list[i] = source == "-" and at.input or source
  end
  return #list == 1 and list[1] or list -- none: all is in a state
end

-- Steps to the end.  Returns how it ended ("done", "failed", "interrupted"),
-- a message and a code; a defect goes on as an error.
local function work(session, bar)
  local ok, state, message, code = xpcall(function()
    while true do
      local state, message, code = session:step(SLICE_PACKETS, SLICE_MS)
      if state ~= "more" then
        return state, message, code
      end
      bar:show(session:progress())
    end
  end, function(problem)
    return is_interrupt(problem) and problem or debug.traceback(problem, 2)
  end)
  bar:clear()
  if not ok then
    if is_interrupt(state) then
      return "interrupted", "interrupted", "cancelled"
    end
    error(state, 0)
  end
  if state == "done" then
    return "done"
  end
  return "failed", message, code
end

local function has_packets(result)
  for _, point in ipairs(type(result) == "table" and result.points or {}) do
    if point.packets > 0 then
      return true
    end
  end
  return type(result) == "table" and type(result.total_packets) == "number" and result.total_packets > 0
end

-- The result so far says for itself why it is not whole.
local function note_stop(result, message, code)
  if type(result.capture) ~= "table" then
    result.capture = {}
  end
  if not result.capture.stopped and not result.capture.truncated then
    result.capture.stopped = { reason = code, message = message }
  end
end

-- An address that no capture is called by was meant for the server's, in another place.
local function misplaced(job, message)
  for _, name in ipairs(job.captures or {}) do
    if cli_options.is_address(name) and message:sub(1, #name + 1) == name .. ":" then
      return " (an address stands behind all captures, and behind it a port, as a number)"
    end
  end
  return ""
end

local function failure(at, message, code, job)
  message = tostring(message)
  say(at.err, "%s%s", message, code == "not_found" and job and misplaced(job, message) or "")
  -- A filter is a word of the command line, so a bad one is a wrong command.
  return (code == "filter" or code == "invalid") and USAGE or WORLD
end

-- The connections that a page draws, where the captures can be read again.
local function told(job, at, library, result)
  if job.format ~= "html" or result.kind or not library.open_telling then
    return nil
  end
  local telling = library.open_telling(inputs(job, at), result, job.options)
  local bar = progress.new(at.err, job.progress and at.isatty(2), at.clock)
  work(telling, bar)
  telling:close()
  return telling:result()
end

local function write_report(job, at, result, connections)
  local text = require("mcpcap.report").render(result, job.format, {
    color = wants_color(job, at),
    ascii = not job.output and at.isatty(1) and not is_utf8(at.getenv),
    captures = job.captures, told = connections,
  })
  if job.output then
    return write_file(at, job.output, text)
  end
  return output.write(at, text)
end

-- A comparison of a capture of which nothing could be read: there is a report, which says so, and no comparison.
local function lacks_capture(result)
  for _, single in ipairs(result.singles or {}) do
    if require("mcpcap.compare.captures").is_unread(single) then
      return true
    end
  end
  return false
end

-- The report, and a warning on standard error for what it does not cover.
local function finish(job, at, result, status, connections)
  local written = write_report(job, at, result, connections)
  if status == DONE and lacks_capture(result) then
    status = WORLD
  end
  for _, sentence in ipairs(require("mcpcap.report").partial(result)) do
    say(at.err, "warning: %s", sentence)
  end
  return written == DONE and status or written
end

local function open(library, job, at)
  local function open_job()
    if not job.server then
      return library.open_overview(inputs(job, at), job.options)
    end
    if job.connection then
      return library.open_connection(inputs(job, at), job.server, job.port, job.options)
    end
    local open_one = job.sources and library.open_comparison or library.open
    return open_one(inputs(job, at), job.server, job.port, job.options)
  end
  local ok, session, message, code = pcall(open_job)
  if ok then
    return session, message, code
  elseif is_misuse(session) then
    -- "cli.lua:1: bad argument #4 to 'open' (option 'start_time': ...)"
    return nil, session:match("bad argument #%d+ to '[^']*' %((.*)%)$") or session, "invalid"
  end
  error(session, 0)
end

-- The state's server, unless another was asked for, which is an error of the core's.
local function look_into_state(job, at)
  local facts, message, code = require("mcpcap.core").state_facts(job.options.state)
  if not facts then
    return failure(at, message, code)
  end
  if not job.server then
    job.server, job.port = facts.server_ip, facts.port
  end
  if job.options.rules and job.options.rules ~= facts.rules then
    return failure(at, ("%s: made by the rules of %s"):format(job.options.state, facts.rules), "invalid")
  end
end

-- Writes the state of a session that was read to its end; an exit status if that fails.
local function save(job, at, session)
  local saved, message, code = session:save(job.save)
  if not saved then
    return failure(at, message, code)
  end
end

local function analyze(job, at, library)
  local session, message, code = open(library, job, at)
  if not session then
    return failure(at, message, code, job)
  end
  local bar = progress.new(at.err, job.progress and at.isatty(2), at.clock)
  local ended, result
  ended, message, code = work(session, bar)
  if ended == "interrupted" and session.stop then
    session:stop(message)
  end
  local reason
  if job.silent and session.facts then -- nobody reads what they mean
    result, reason = session:facts()
  else
    result, reason = session:result()
  end
  if job.verbose and session.choices then
    for line in session:choices():gmatch("[^\n]+") do
      say(at.err, "%s", line)
    end
  end
  local unsaved = job.save and ended == "done" and result and save(job, at, session)
  session:close()
  if unsaved then
    return unsaved
  elseif ended == "done" and not result then
    return failure(at, reason)
  elseif job.silent and ended ~= "failed" then
    for _, sentence in ipairs(ended == "done" and require("mcpcap.report").partial(result) or {}) do
      say(at.err, "warning: %s", sentence)
    end
    if ended == "interrupted" then
      say(at.err, "interrupted: %s is not written", job.save)
      return INTERRUPTED
    end
    return DONE
  elseif job.silent then
    return failure(at, message, code)
  elseif ended == "done" then
    return finish(job, at, result, DONE, told(job, at, library, result))
  elseif not has_packets(result) then
    if ended == "interrupted" then
      say(at.err, "interrupted before the first packet")
      return INTERRUPTED
    end
    return failure(at, message, code)
  end
  note_stop(result, message, code)
  if job.save then
    say(at.err, "warning: %s is not written", job.save)
  end
  return finish(job, at, result, ended == "interrupted" and INTERRUPTED or DONE)
end

-- Joins parts.
local function reduce(job, at)
  local joined, message, code = require("mcpcap.core").state_join(job.parts, job.output)
  if not joined then
    failure(at, message, code)
    return WORLD
  end
  return DONE
end

local function flow(job, at)
  local status = job.options.state and look_into_state(job, at)
  if status then
    return status
  end
  for _, capture in ipairs(job.captures) do
    if capture == "-" and at.isatty(0) then
      say(at.err, "standard input is a terminal; pipe a capture into it, as in: tcpdump -w - | mcpcap flow -%s",
        job.server and " " .. job.server or "")
      return USAGE
    end
  end
  local kept = output.overwrites(job)
  if kept then
    say(at.err, "what is written would overwrite %s", kept)
    return USAGE
  end
  local library, message = at.library, nil
  if not library then
    library, message = load("mcpcap")
  end
  if not library then
    say(at.err, "the library cannot be loaded: %s", message)
    return WORLD
  end
  return analyze(job, at, library)
end

-- ---------------------------------------------------------------- other orders

-- A version is a string, or a function that gives one and those of the
-- libraries below.
local function version(at)
  local library = at.library or load("mcpcap")
  local own = type(library) == "table" and (library.version or library._VERSION) or nil
  if type(own) == "function" then
    own = own()
  end
  if type(own) == "table" then
    own = own.mcpcap or own[1]
  end
  local lua = type(rawget(_G, "jit")) == "table" and rawget(_G, "jit").version or _VERSION
  own = own and tostring(own):gsub("^mcpcap ", "") or "(the core cannot be loaded)"
  return output.write(at, ("mcpcap %s, %s\n"):format(own, lua))
end

-- Commands whose words are the affair of a module of their own: main(words, at) gives the
-- exit status.
local OWN = {
  serve = "mcpcap.mcp.server", watch = "mcpcap.cli.watch", points = "mcpcap.cli.points",
  install = "mcpcap.cli.install", doctor = "mcpcap.cli.doctor",
}

local function run_own(words, at)
  local name = words[1]
  local module, message = load(OWN[name])
  if not module then
    if message:find(("module '%s' not found"):format(OWN[name]), 1, true) then
      message = ("the module %s is not installed"):format(OWN[name])
    end
    say(at.err, "%s: %s", name, message)
    return WORLD
  end
  local rest = { [0] = words[0] }
  for i = 2, #words do
    rest[i - 1] = words[i]
  end
  return module.main(rest, at)
end

local function dispatch(words, at)
  if OWN[words[1]] then
    return run_own(words, at)
  end
  local order = cli_options.bare(words)
  if not order then
    local argparse, message = load("argparse")
    if not argparse then
      say(at.err, "the Lua module argparse is missing (Debian: lua-argparse): %s", message)
      return WORLD
    end
    order = require("mcpcap.cli.orders").parse(argparse, words)
  end
  if order.help then
    return output.write(at, order.help .. "\n")
  elseif order.version then
    return version(at)
  elseif order.usage then
    at.err:write(order.usage, "\n")
    say(at.err, "%s", (order.message:gsub("\n", ". ")))
    return USAGE
  end
  if order.reduce then
    return reduce(order.reduce, at)
  end
  return flow(order.flow or order.connection or order.compare, at)
end

--- Runs the command.
-- Does not raise and does not exit.
-- @tparam table words the arguments, from 1, as in the global `arg`
-- @param out stream of the report
-- @param err stream of messages and of the progress bar
-- @tparam[opt] table surroundings for tests: `library` (instead of `mcpcap`),
-- `input` (`io.stdin`), `isatty` (function of a file number), `getenv`,
-- `clock` (function, seconds)
-- @treturn number exit status: 0 done, also in part; 1 the world failed; 2 the
-- command is wrong; 70 a defect of this program; 130 interrupted; 141 nobody
-- reads the output
function cli.main(words, out, err, surroundings)
  surroundings = surroundings or {}
  local at = {
    out = out, err = err, library = surroundings.library, input = surroundings.input or io.stdin,
    isatty = surroundings.isatty or core_isatty, getenv = surroundings.getenv or os.getenv,
    clock = surroundings.clock,
  }
  local ok, status = xpcall(function() return dispatch(words, at) end, function(problem)
    return (is_interrupt(problem) or is_shortage(problem)) and problem or debug.traceback(tostring(problem), 2)
  end)
  if ok then
    return status or DONE
  elseif is_interrupt(status) then
    return INTERRUPTED
  elseif is_shortage(status) then
    err:write("mcpcap: not enough memory\n")
    return WORLD
  end
  err:write("mcpcap: a defect of this program; please report it with the lines below\n", status, "\n")
  return DEFECT
end

return cli
