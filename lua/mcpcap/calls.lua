--- What `mcpcap` offers besides the analysis of a server: one connection, several points of a path, all servers.
--
--     local told = assert(mcpcap.connection("capture.pcap", "10.0.0.2", 443, { frame = 107 }))
--
-- These are functions of `mcpcap`, which loads this module when one of them is called.  Failure of the world is
-- `nil, message, code`; misuse is an error at the caller, under the name `fname`.
-- @module mcpcap.calls

local core = require "mcpcap.core"
local summary = require "mcpcap.result"

local calls = {}

local SLICE_PACKETS, WAIT_MS = 65536, 100 -- as mcpcap's own

-- The methods of a session, of something that is read likewise and has a result of its own.
local function like_session(opened, result)
  local function close()
    return opened:close()
  end
  return setmetatable({
    step = function(_, ...) return opened:step(...) end,
    progress = function() return opened:progress() end,
    choices = opened.choices and function() return opened:choices() end,
    stop = function(_, ...) return opened:stop(...) end,
    close = close,
    result = result,
  }, { __close = close })
end

--- What one connection and an overview are for their users: methods of a session, a result that knows what was read.
-- The function of `mcpcap` opens it itself, so that misuse is an error at its caller's place.
-- @tparam string|file|table path_or_url
-- @tparam table opened nil: message and code are given back
-- @tparam[opt] string message
-- @tparam[opt] string code
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function calls.named(path_or_url, opened, message, code)
  if not opened then
    return nil, message, code
  end
  local file, files = summary.names_of(core.input_name, path_or_url)
  return like_session(opened, function(_, ...)
    local result, why, which = opened:result(file, files, ...)
    if not result then
      return nil, why, which
    end
    return result, summary.reason_of(result)
  end)
end

--- Opens a capture for looking at one connection in slices; methods as those of a session.
-- @function open_connection
-- @tparam string|file|table path_or_url as for `connection`
-- @tparam string server_ip
-- @tparam integer port
-- @tparam table options see `connection`
-- @treturn[1] table with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument

--- Tells one connection of a server segment by segment, with the labels of Wireshark's rules and our own verdict on
-- each; a long one is shortened around what matters.  Unless the client is named the capture is read twice.
-- @function connection
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

--- Reads the few connections that tell most of a result once more, segment by segment, for a page that draws them.
-- @function tell
-- @tparam string|table path_or_url what the result was made of; a URL or a stream is not read again
-- @tparam table result of `analyze_traffic_flow`
-- @tparam[opt] table options that it was made with
-- @treturn table list of results of `connection`, six at most; give it to `mcpcap.report.render` as the option `told`
-- @usage local told = mcpcap.tell("capture.pcap", result)
-- local page = require("mcpcap.report").render(result, "html", { told = told })
function calls.tell(mcpcap, path_or_url, result, options)
  local telling = calls.open_telling(mcpcap, path_or_url, result, options)
  while telling:step(SLICE_PACKETS, WAIT_MS) == "more" do -- luacheck: ignore 542
  end
  telling:close()
  return telling:result()
end

--- The same in slices; methods as those of a session.
-- @function open_telling
-- @tparam string|table path_or_url
-- @tparam table result
-- @tparam[opt] table options
-- @treturn table
function calls.open_telling(mcpcap, path_or_url, result, options)
  return require("mcpcap.connection.telling").open(mcpcap, path_or_url, result, options)
end

-- The result so far, as of `session:result`, of a comparison that was asked for as `given`.
local function compared(handle, given)
  local facts, message, code = handle:facts()
  if not facts then
    return nil, message, code
  end
  local singles, why, which = {}, nil, nil
  for i, one in ipairs(facts.points) do
    singles[i] = summary.build(one, given.names[i], given.files[i])
    if not why then
      why, which = summary.reason_of(singles[i])
    end
  end
  local result = require("mcpcap.compare.result").build(facts, singles, given.names)
  if given.ladder then
    local ladder = require "mcpcap.compare.ladder"
    ladder.add(result, ladder.reader(given))
  end
  return result, why, which
end

-- What is not the core's: the window, and a server with another address at one point.
local function parts_of(sources, options)
  local plain, servers, window, ladder = {}, nil, nil, nil
  if type(options) == "table" then
    local rest = {}
    for key, value in pairs(options) do
      rest[key] = value
    end
    servers, window, ladder = options.servers, options.window, options.ladder
    rest.servers, rest.window, rest.ladder = nil, nil, nil
    options = rest
  end
  if type(sources) == "string" then -- one alone
    sources = { sources }
  end
  for i, source in ipairs(type(sources) == "table" and sources or {}) do
    plain[i] = source
  end
  return type(sources) == "table" and plain or sources, options, window, servers, ladder
end

--- Opens captures of several points of a path for reading in slices; methods as those of a session.
-- @function open_comparison
-- @tparam table sources one value for each point (two to six): a path, a URL, a file handle, or an array of these
-- @tparam string server_ip IPv4 or IPv6 address in any legal spelling
-- @tparam[opt] integer port 1..65535
-- @tparam[opt] table options see `compare`
-- @treturn[1] table comparison with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument

--- Compares captures of several points of one path, segment by segment: what was lost, made or changed between them.
-- @function compare
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

-- Both; `fname` says which.
function calls.comparison(fname, sources, server_ip, port, options)
  local list, rest, window, servers, ladder = parts_of(sources, options)
  local handle, message, code = core.compare(fname, list, server_ip, port, rest, window, servers)
  if not handle then
    return nil, message, code
  end
  local names, files = {}, {}
  for i, source in ipairs(list) do
    names[i], files[i] = summary.names_of(core.input_name, source)
  end
  if #list == 1 then -- two points in one file
    names[2], files[2] = names[1] .. " (2)", files[1]
    names[1] = names[1] .. " (1)"
  end
  local given = {
    sources = list, server_ip = server_ip, port = port, options = rest, servers = servers, names = names, files = files,
    ladder = ladder and #list > 1,
  }
  return like_session(handle, function() return compared(handle, given) end)
end

--- Opens a capture for looking at all its servers in slices; methods as those of a session.
-- @function open_overview
-- @tparam string|file|table path_or_url as for `overview`
-- @tparam[opt] table options see `overview`
-- @treturn[1] table with the methods `step`, `progress`, `stop`, `result` and `close`
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
-- @raise on misuse, naming the argument

--- Looks at all servers of a capture: which there are, and which are in trouble, those first; and what there is besides
-- TCP.  The capture is read twice where one reading cannot tell, but never a stream.
-- @function overview
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

return calls
