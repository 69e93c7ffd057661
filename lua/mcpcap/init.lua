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
-- `analyze_tcp_retransmissions` stand in `mcpcap.tcp.calls`; what only other functions than `analyze_traffic_flow`
-- need, in `mcpcap.calls`, which is loaded when one of them is called.
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

-- The call as pcall makes it.  Where Lua has variables that are closed with their block,
-- coroutine.close ends the session too, in the middle of a progress function that yields.
local held = (rawget(_G, "loadstring") or load)(
  "local opened <close>, run, progress = ... return pcall(run, opened, progress)")
  or function(opened, run_it, progress)
    return pcall(run_it, opened, progress)
  end

-- Closes the session whatever happened, then goes on with what happened.
local function finish(opened, ok, ...)
  opened:close()
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
  return finish(opened, held(opened, run, options and options.progress))
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

-- ----------------------------------------------------------- one connection

--- Opens a capture for looking at one connection in slices; methods as those of a session.
-- @tparam string|file|table path_or_url as for `connection`
-- @tparam string server_ip
-- @tparam integer port
-- @tparam table options see `connection`
-- @treturn[1] table with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
function mcpcap.open_connection(path_or_url, server_ip, port, options)
  local opened, message, code =
    require("mcpcap.calls").connection("open_connection", path_or_url, server_ip, port, options)
  return opened, message, code
end

--- Tells one connection of a server segment by segment, with the labels of Wireshark's rules and our own verdict on
-- each; a long one is shortened around what matters.  Unless the client is named the capture is read twice.
-- @tparam string|file|table path_or_url a path, a URL, an open file handle, or an array of these
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam integer port 1..65535; nil only with `frame` or `number`
-- @tparam table options those of `analyze_traffic_flow`, and which connection: `client` ("IP:PORT"), `frame` (the
-- number of any frame of it), or `number` (its place in the order in which they began); `segments` (rows, about;
-- 60), `frames` ({ from, to }: only rows of these)
-- @treturn[1] table the result; see docs/result.md, told connection
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code `no_connection`: there is none such
-- @raise on misuse, naming the argument
-- @usage local told = assert(mcpcap.connection("capture.pcap", "10.0.0.2", 443, { frame = 107 }))
-- for _, row in ipairs(told.segments) do print(row.frame, row.from, row.flags, row.why) end
function mcpcap.connection(path_or_url, server_ip, port, options)
  return work(options, require("mcpcap.calls").connection("connection", path_or_url, server_ip, port, options))
end

--- Reads the few connections that tell most of a result once more, segment by segment, for a page that draws them.
-- @tparam string|table path_or_url what the result was made of; a URL or a stream is not read again
-- @tparam table result of `analyze_traffic_flow`
-- @tparam[opt] table options that it was made with
-- @treturn table list of results of `connection`, six at most; give it to `mcpcap.report.render` as the option `told`
-- @usage local told = mcpcap.tell("capture.pcap", result)
-- local page = require("mcpcap.report").render(result, "html", { told = told })
function mcpcap.tell(path_or_url, result, options)
  local telling = mcpcap.open_telling(path_or_url, result, options)
  while telling:step(SLICE_PACKETS, WAIT_MS) == "more" do -- luacheck: ignore 542
  end
  telling:close()
  return telling:result()
end

--- The same in slices; methods as those of a session.
-- @tparam string|table path_or_url
-- @tparam table result
-- @tparam[opt] table options
-- @treturn table
function mcpcap.open_telling(path_or_url, result, options)
  return require("mcpcap.connection.telling").open(mcpcap, path_or_url, result, options)
end

-- ------------------------------------------------------------- two captures

--- Opens captures of several points of a path for reading in slices; methods as those of a session.
-- @tparam table sources one value for each point (two to six): a path, a URL, a file handle, or an array of these
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam[opt] integer port 1..65535
-- @tparam[opt] table options see `compare`
-- @treturn[1] table comparison with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
function mcpcap.open_comparison(sources, server_ip, port, options)
  local opened, message, code =
    require("mcpcap.calls").comparison("open_comparison", sources, server_ip, port, options)
  return opened, message, code
end

--- Compares captures of several points of one path, segment by segment: what was lost, made or changed between them.
-- @tparam table sources one value for each point (two to six), in any order: a path, a URL, an open file handle, or an
-- array of these; one alone is a file that was merged of two points
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam[opt] integer port 1..65535
-- @tparam[opt] table options those of `analyze_traffic_flow`, which hold for each capture, and `window` (segments that
-- may wait for their partners), `servers` (where the server has another address at a point: `{ ip, port }` in its
-- place, false for the others), `ladder` (true: the result has a `ladder`, for which the captures are read once more)
-- @treturn[1] table the result; see docs/compare.md
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
-- @usage local result = assert(mcpcap.compare({ "client.pcap", "server.pcap" }, "10.0.0.2", 443))
-- print(result.analysis.interpretation)
function mcpcap.compare(sources, server_ip, port, options)
  return work(options, require("mcpcap.calls").comparison("compare", sources, server_ip, port, options))
end

-- ----------------------------------------------------------- all its servers

--- Opens a capture for looking at all its servers in slices; methods as those of a session.
-- @tparam string|file|table path_or_url as for `overview`
-- @tparam[opt] table options see `overview`
-- @treturn[1] table with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
function mcpcap.open_overview(path_or_url, options)
  local opened, message, code = require("mcpcap.calls").overview("open_overview", path_or_url, options)
  return opened, message, code
end

--- Looks at all servers of a capture: which there are, and which are in trouble, those first; and what there is besides
-- TCP.  The capture is read twice where one reading cannot tell, but never a stream.
-- @tparam string|file|table path_or_url a path, a URL, an open file handle, or an array of these
-- @tparam[opt] table options those of `analyze_traffic_flow`, and `servers` (rows at most, 1 to 1000; 20)
-- @treturn[1] table the result; see docs/result.md, overview
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument
-- @usage for _, row in ipairs(assert(mcpcap.overview("capture.pcap")).servers) do
--   print(row.server, row.verdict)
-- end
function mcpcap.overview(path_or_url, options)
  return work(options, require("mcpcap.calls").overview("overview", path_or_url, options))
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
