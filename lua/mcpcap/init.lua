--- What happens between clients and a server in a packet capture.
--
--     local mcpcap = require "mcpcap"
--     local result, message, code = mcpcap.analyze_traffic_flow("capture.pcap", "10.0.0.2", 443)
--
-- Failure of the world is `nil, message, code`; misuse is an error that names the
-- argument.  A partial result (a cut file, a limit that was reached) is a result,
-- and its message and code come as second and third value.
--
-- The functions `analyze_tcp_connections`, `analyze_tcp_anomalies` and
-- `analyze_tcp_retransmissions` stand in `mcpcap.tcp.calls`; those for one connection, several points of a path and all
-- servers, in `mcpcap.calls`, which is loaded when one of them is called.
-- @module mcpcap

local core = require "mcpcap.core"
local summary = require "mcpcap.result"

local mcpcap = {
  --- Version of the module.
  version = core.version,
  --- Name of the rule set that the counters follow.
  rules = core.rules,
}

local SLICE_PACKETS = 65536
local WAIT_MS = 100 -- an idle source is waited for so long, then Lua gets its turn (Ctrl-C, progress)
local PROGRESS_PACKETS = 16384

--- A capture being read in slices, for hosts that must not block.  Its methods but one
-- are the core's, where they take this table, whose field `core` is theirs.
-- @type session
local session = core.session

--- Does a bounded slice of work.
-- @function session:step
-- @tparam[opt=8192] integer budget packets at most
-- @tparam[opt=0] integer wait_ms how long an idle source may be waited for
-- @treturn[1] string "more", or "done"
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code

--- Bytes read so far, and in all (0 when that is not known).
-- @function session:progress
-- @treturn integer done
-- @treturn integer total

--- What the program has chosen by measuring it while it worked, in words, a line each: how files are read, and in
-- which pages connections lie.  It is about time alone: other words in each run, and the same result.
-- @function session:choices
-- @treturn string

--- For a session with the option `follow`: one more input behind the others.  The last one is followed as it
-- grows; a file is held open from now on, and damage in it ends it, not the session.
-- @function session:add
-- @tparam string|file|table path_or_url
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code

--- How many inputs are read, or being read.
-- @function session:inputs
-- @treturn integer

--- No more inputs come: what is there is read to its end, and then a step is "done".
-- @function session:finish

--- Ends the work here: the next step is "done", and the result says so.
-- @function session:stop
-- @tparam[opt] string message why

--- The result so far.
-- @treturn[1] table the result
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function session:result()
  local facts, quiet, code = session.facts(self)
  if not facts then
    return nil, quiet, code
  end
  local file, files = self.file, self.files
  if self.behind then -- the names of what the state was made of stand in front
    files = session.names(self)
    for _, name in ipairs(self.files or { self.file }) do
      files[#files + 1] = name
    end
    file, files = table.concat(files, ", "), #files > 1 and files or nil
  end
  local result = summary.build(facts, file, files, quiet)
  return result, summary.reason_of(result)
end

--- Writes all that was learnt so far to a file, from which another session goes on (option `state`), in another
-- process or on another day, as if it had read the same; the session must have been opened with the option `save`.
-- The file is written beside its place and renamed.  See docs/state.md.
-- @function session:save
-- @tparam string path
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code

--- The names of what the state was made of that the session began with.
-- @function session:names
-- @treturn table

--- Frees everything; any number of times.  The garbage collector does it too.
-- @function session:close

-- Opens a session for the public function `fname`.  Not a tail call anywhere:
-- the position of an error is that of the caller two levels up.
local function open(fname, path_or_url, server_ip, port, options)
  local handle, message, code = core.open(fname, path_or_url, server_ip, port, options)
  if not handle then
    return nil, message, code
  end
  local file, files = summary.names_of(core.input_name, path_or_url)
  local behind = type(options) == "table" and options.state ~= nil
  return setmetatable({ core = handle, file = file, files = files, behind = behind }, session)
end

--- Opens a capture for reading in slices.
-- @tparam string|file|table path_or_url a path, a URL, an open file handle, or an array of these
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam[opt] integer port 1..65535
-- @tparam[opt] table options see the README
-- @treturn[1] session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
function mcpcap.open(path_or_url, server_ip, port, options)
  local opened, message, code = open("open", path_or_url, server_ip, port, options)
  return opened, message, code
end

-- The loop over a session; `progress` is called before each slice and at the
-- end, and may stop the work as long as there is some.
local function run(opened, progress)
  local slice = progress and PROGRESS_PACKETS or SLICE_PACKETS
  while true do
    if progress and progress(opened:progress()) == false then
      opened:stop("cancelled by the progress function")
      progress = nil
    end
    local state, message, code = opened:step(slice, WAIT_MS)
    if not state then
      return nil, message, code
    end
    if state == "done" then
      if progress then
        progress(opened:progress())
      end
      return opened:result()
    end
  end
end

-- Closes the session whatever happened.
local function closed(opened, ...)
  opened:close()
  return ...
end

-- The call as pcall makes it, closed.  Where Lua has variables that are closed with their block,
-- coroutine.close ends the session too, in the middle of a progress function that yields.  Where the
-- stack is full such a variable cannot be closed, so it is by then.
local held = (rawget(_G, "loadstring") or load)(
  "local opened <close>, run, progress, closed = ... return closed(opened, pcall(run, opened, progress))")
  or function(opened, run_it, progress)
    return closed(opened, pcall(run_it, opened, progress))
  end

-- Goes on with what happened.
local function finish(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

-- Runs what was opened to its end, and closes it.
local function work(options, opened, message, code)
  if not opened then
    return nil, message, code
  end
  return finish(held(opened, run, options and options.progress, closed))
end

-- The analysis under the name `fname`.
local function analyzer(fname)
  return function(path_or_url, server_ip, port, options)
    return work(options, open(fname, path_or_url, server_ip, port, options))
  end
end

--- Analyses the traffic between clients and a server.
-- @function analyze_traffic_flow
-- @tparam string|file|table path_or_url a path, a URL, an open file handle, or an array of these
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam[opt] integer port 1..65535
-- @tparam[opt] table options see the README
-- @treturn[1] table the result
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
-- @usage local result = assert(mcpcap.analyze_traffic_flow("capture.pcap", "10.0.0.2", 443))
-- print(result.analysis.interpretation)
mcpcap.analyze_traffic_flow = analyzer("analyze_traffic_flow")

-- open_connection, connection, tell, open_telling, open_comparison, compare, open_overview, overview: see mcpcap.calls.
-- Each opens at the same depth, for an error of misuse names the place of the caller that many levels up.
for name, at in pairs { connection = 4, overview = 2 } do
  local opener, place = "open_" .. name, "mcpcap." .. name
  mcpcap[opener] = function(...)
    local opened, message, code = require("mcpcap.calls").named((...), require(place).open(opener, ...))
    return opened, message, code
  end
  mcpcap[name] = function(...)
    local options = select(at, ...)
    return work(options, require("mcpcap.calls").named((...), require(place).open(name, ...)))
  end
end
function mcpcap.open_comparison(...)
  local opened, message, code = require("mcpcap.calls").comparison("open_comparison", ...)
  return opened, message, code
end
function mcpcap.compare(...)
  local options = select(4, ...)
  return work(options, require("mcpcap.calls").comparison("compare", ...))
end
for _, name in ipairs { "tell", "open_telling" } do
  mcpcap[name] = function(...)
    return require("mcpcap.calls")[name](mcpcap, ...)
  end
end

-- analyze_tcp_connections, analyze_tcp_anomalies, analyze_tcp_retransmissions: see
-- mcpcap.tcp.calls, which is loaded when one of them is called.
for _, kind in ipairs { "connections", "anomalies", "retransmissions" } do
  local fname = "analyze_tcp_" .. kind
  mcpcap[fname] = function(...)
    local result, message, code = require("mcpcap.tcp.calls")[fname](analyzer(fname), ...)
    return result, message, code
  end
end

return mcpcap
