--- What `mcpcap` calls for one connection, several points and all servers: each opens something that is read in slices.
--
-- Each is called by a function of `mcpcap` that its user calls: misuse is an error there, under the name `fname`.
-- @module mcpcap.calls

local core = require "mcpcap.core"
local summary = require "mcpcap.result"

local calls = {}

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

-- Of an object whose result wants to know what was read.
local function named(path_or_url, opened, message, code)
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

--- For `mcpcap.connection` and `mcpcap.open_connection`.
-- @tparam string fname which of them
-- @tparam string|file|table path_or_url
-- @tparam string server_ip
-- @tparam integer port
-- @tparam table options
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function calls.connection(fname, path_or_url, server_ip, port, options)
  return named(path_or_url, require("mcpcap.connection").open(fname, path_or_url, server_ip, port, options))
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

--- For `mcpcap.compare` and `mcpcap.open_comparison`.
-- @tparam string fname which of them
-- @tparam table sources
-- @tparam string server_ip
-- @tparam[opt] integer port
-- @tparam[opt] table options
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
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

--- For `mcpcap.overview` and `mcpcap.open_overview`.
-- @tparam string fname which of them
-- @tparam string|file|table path_or_url
-- @tparam[opt] table options
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function calls.overview(fname, path_or_url, options)
  return named(path_or_url, require("mcpcap.overview").open(fname, path_or_url, options))
end

return calls
