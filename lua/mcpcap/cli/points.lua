--- `mcpcap points`: a manifest says which captures are one series and which are of different points; each point has a
-- report of its own, and nothing of different points is added.
-- @module mcpcap.cli.points

local cli_options = require "mcpcap.cli.options"
local escape = require "mcpcap.escape"
local json = require "mcpcap.json"
local output = require "mcpcap.cli.output"
local own = require "mcpcap.cli.own"
local report = require "mcpcap.report"

local points_command = {}

local WORLD = 1
local MOST_POINTS, MOST_BYTES = 64, 16 * 1024 * 1024

local EPILOG = [[
MANIFEST is a JSON text. The captures of a point are one series, in the order of
time, read as one; paths start at the manifest's folder:
   { "server": "192.0.2.80", "port": 443, "points": [
     { "name": "clients", "captures": ["c1.pcap", "c2.pcap"] },
     { "name": "server", "captures": ["s.pcap"], "server": "10.0.0.8" } ] }
A point may have a "server" and a "port" of its own. --compare needs points of
one path, two to six, and says what lies between them.

Exit status: 0 all reports were written; 1 a capture or the manifest cannot be
read, and no report is written; 2 the command is wrong.]]

local function build(argparse)
  local parser = own.parser(argparse, "points", "report on several points, each with a series of captures", EPILOG)
  parser:argument("MANIFEST", "which captures belong together"):argname("MANIFEST"):target("manifest")
  parser:flag("--compare", "compare the points, too")
  parser:option("-f --format", "text, or json: one object"):choices { "text", "json" }:default("text")
    :argname("FORMAT")
  parser:option("--rules", "count as this Wireshark does: 4.0, 4.4 or 4.6 (default: the newest)")
    :choices(cli_options.RULES):argname("VERSION")
  return parser
end

-- ------------------------------------------------------------------ the manifest

local KEYS = { server = "string", port = "number", points = "table" }
local POINT_KEYS = { name = "string", captures = "table", server = "string", port = "number" }

-- What is wrong with an object; nil: nothing.
local function wrong_keys(object, keys, where)
  if type(object) ~= "table" then
    return where .. " is no object"
  end
  for key, value in pairs(object) do
    if not keys[key] then
      return ("%s: nobody knows \"%s\""):format(where, tostring(key))
    elseif type(value) ~= keys[key] then
      return ("%s: \"%s\" is no %s"):format(where, key, keys[key] == "table" and "list" or keys[key])
    end
  end
end

local function wrong_server(object, where)
  if object.server and not cli_options.is_address(object.server) then
    return ("%s: '%s' is no IP address"):format(where, object.server)
  elseif object.port and not cli_options.port(("%.14g"):format(object.port)) then
    return ("%s: %s is no port"):format(where, tostring(object.port))
  end
end

-- The captures of a point, from the manifest's folder; 'owner' has the name of the point of each.
local function files_of(point, folder, owner)
  local files = {}
  for i, path in ipairs(point.captures or {}) do
    if type(path) ~= "string" or path == "" then
      return nil, point.name .. ": a capture is no path"
    end
    local place = (path:find("^/") or path:find("^%a[%w+.-]*://")) and path or folder .. path
    if owner[place] then
      return nil, ("%s: %s stands there already (%s)"):format(point.name, path, owner[place])
    end
    owner[place], files[i] = point.name, place
  end
  if #files == 0 then
    return nil, point.name .. ": no captures"
  end
  return files
end

-- A list of { name, files, server, port }, or nil and what is wrong.
local function read_manifest(path)
  local file, message = io.open(path, "rb")
  local text = file and file:read(MOST_BYTES)
  if file then
    file:close()
  end
  if not text then
    return nil, message or path .. ": cannot be read"
  end
  local given, problem = json.decode(text)
  if type(given) ~= "table" then
    return nil, ("%s: no manifest: %s"):format(path, tostring(problem or "no object"))
  end
  problem = wrong_keys(given, KEYS, "the manifest") or wrong_server(given, "the manifest")
  if problem then
    return nil, path .. ": " .. problem
  end
  local folder, owner, names, points = path:match("^(.*/)") or "", {}, {}, {}
  for i, point in ipairs(given.points or {}) do
    local where = "point " .. i
    problem = wrong_keys(point, POINT_KEYS, where) or wrong_server(point, where)
    if not problem and (not point.name or point.name == "" or names[point.name]) then
      problem = where .. " has no name of its own"
    elseif not problem and not (point.server or given.server) then
      problem = where .. ": the server's address is missing"
    end
    local files
    if not problem then
      files, problem = files_of(point, folder, owner)
    end
    if problem then
      return nil, path .. ": " .. problem
    end
    names[point.name] = true
    points[i] = { name = point.name, files = files, server = point.server or given.server,
      port = point.port or given.port }
  end
  if #points == 0 or #points > MOST_POINTS then
    return nil, ("%s: %d points (1 to %d)"):format(path, #points, MOST_POINTS)
  end
  return points, given
end

-- ---------------------------------------------------------------------- the work

local function compare(library, points, given, options)
  local sources, servers = {}, {}
  local first = points[1]
  local server, port = given.server or first.server, given.port or first.port
  for i, point in ipairs(points) do
    sources[i] = point.files
    servers[i] = (point.server ~= server or point.port ~= port) and { point.server, point.port } or false
  end
  return library.compare(sources, server, port, { rules = options.rules, servers = servers })
end

local function render_all(args, points, results, comparison)
  if args.format == "json" then
    local list = {}
    for i, point in ipairs(points) do
      list[i] = { name = point.name, result = report.plain(results[i]) }
    end
    return json.encode { points = json.array(list), comparison = comparison and report.plain(comparison, "comparison") }
      .. "\n"
  end
  local parts = {}
  for i, point in ipairs(points) do
    parts[i] = ("== %s (%d of %d points)\n\n%s\n"):format(escape.visible(point.name), i, #points,
      report.render(results[i], "text", {}))
  end
  if comparison then
    parts[#parts + 1] = "== the points compared\n\n" .. report.render(comparison, "text", {}) .. "\n"
  end
  return table.concat(parts, "\n")
end

local function run(args, at)
  local function fail(message)
    at.err:write("mcpcap: points: ", escape.visible(tostring(message)), "\n")
    return WORLD
  end
  local points, given = read_manifest(args.manifest)
  if not points then
    return fail(given)
  elseif args.compare and (#points < 2 or #points > 6) then
    return fail(("%s: two to six points can be compared"):format(args.manifest))
  end
  local library = at.library or require "mcpcap"
  local options = { rules = args.rules and cli_options.rules(args.rules) }
  local results, comparison = {}, nil
  for i, point in ipairs(points) do
    local result, message = library.analyze_traffic_flow(point.files, point.server, point.port, options)
    if not result then
      return fail(("%s: %s"):format(point.name, message))
    end
    results[i] = result
    for _, sentence in ipairs(report.partial(result)) do
      at.err:write("mcpcap: warning: ", escape.visible(("%s: %s"):format(point.name, sentence)), "\n")
    end
  end
  if args.compare then
    local message
    comparison, message = compare(library, points, given, options)
    if not comparison then
      return fail(message)
    end
  end
  return output.write(at, render_all(args, points, results, comparison), "points")
end

--- Runs the command.
-- @tparam table words the arguments behind `points`
-- @tparam table at `out`, `err`
-- @treturn integer exit status
function points_command.main(words, at)
  return own.main("points", words, at, build, function(args)
    return run(args, at)
  end, true)
end

return points_command
