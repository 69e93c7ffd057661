--- What may stand on the command line, and what it means.
--
-- `cli_options.parse` knows nothing of files and streams: words in, a table
-- out, or what to tell the user.
-- @module mcpcap.cli.options

local unpack = rawget(_G, "unpack") or rawget(table, "unpack")

local cli_options = {}

-- ------------------------------------------------------------------- addresses

--- Tells whether a word is an IPv4 or IPv6 address, as the core takes them.
-- Where the core cannot be loaded every word passes: nothing is read there anyway.
-- @tparam string word
-- @treturn boolean
function cli_options.is_address(word)
  local core = require("mcpcap.cli.needed").load "mcpcap.core"
  return not core or core.canonical_address(word) ~= nil
end

--- A word as a port.
-- @tparam string word
-- @treturn[1] integer
-- @treturn[2] nil
-- @treturn[2] string message
function cli_options.port(word)
  local n = word:find("^%d+$") and tonumber(word)
  if not n or n < 1 or n > 65535 then
    return nil, ("'%s' is no port (1 to 65535)"):format(word)
  end
  return n
end

-- --------------------------------------------------------------------- words

local COLOR = "auto"
local BY_ENDING = { txt = "text", json = "json", md = "markdown", markdown = "markdown", html = "html", htm = "html" }

--- What may stand behind --rules, short or as the library has it.
cli_options.RULES = { "4.0", "4.4", "4.6", "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }

local FLOW_USAGE = "Usage: mcpcap flow [options] CAPTURE [CAPTURE ...] [SERVER_IP [PORT]]"

local CONNECTION_USAGE = "Usage: mcpcap connection [options] CAPTURE [CAPTURE ...] SERVER_IP [PORT]"

local COMPARE_USAGE = "Usage: mcpcap compare [options] CAPTURE [CAPTURE ...] SERVER_IP [PORT]"

-- --------------------------------------------------------------- the positions

-- A slip of the pen rather than the name of a capture.
local function looks_like_address(word)
  return word:find("^%d+%.[%d.:]*$") ~= nil or word:find("^%x*:[%x:.]*$") ~= nil
end

-- Parts the words of "flow" from the right; nil and a message when they make
-- no sense.  `all`: without a server they are about all of them.
local function part(words, all)
  local n = #words
  local port, message
  if n > 1 and words[n]:find("^%d+$") then
    port, message = cli_options.port(words[n])
    if not port then
      return nil, message
    end
    n = n - 1
  end
  local server = words[n]
  if all and port == nil and not cli_options.is_address(server) and not looks_like_address(server) then
    server, n = nil, n + 1
  elseif n < 2 then
    return nil, cli_options.is_address(server) and "a capture is missing before the server's address"
      or "the server's address is missing (mcpcap flow CAPTURE SERVER_IP [PORT])"
  elseif not cli_options.is_address(server) then
    return nil, ("'%s' is no IP address, and the server's address stands behind the captures"):format(server)
  end
  local captures, streams = {}, 0
  for i = 1, n - 1 do
    captures[i] = words[i]
    streams = streams + (words[i] == "-" and 1 or 0)
    if words[i] == "" then
      return nil, "the name of a capture is empty"
    end
  end
  if streams > 1 then
    return nil, "standard input (-) can be read only once"
  end
  return { captures = captures, server = server, port = port }
end

--- The library's name of a set of rules.
-- @tparam string word one of `RULES`
-- @treturn string
function cli_options.rules(word)
  return (word:gsub("^%d", "wireshark-%0"))
end

local function library_options(args)
  local options = { connections = args.connections, buckets = args.buckets, bucket_ms = args.bucket_ms }
  for name, value in pairs(args.limits or {}) do
    options[name] = value
  end
  options.verify_checksums, options.jobs = args.verify_checksums, args.jobs
  if args.no_application then
    options.application = false
  end
  options.rules = args.rules and cli_options.rules(args.rules)
  if args.ca_file or args.public_only then
    options.url = { ca_file = args.ca_file }
    if args.public_only then
      options.url.private = false
    end
  end
  return options
end

-- A page has a table that is searched and a timeline that is looked into.
local PAGE_CONNECTIONS, PAGE_BUCKETS = 10000, 240

local function for_page(options)
  options.connections = options.connections or PAGE_CONNECTIONS
  if not options.bucket_ms then
    options.buckets = options.buckets or PAGE_BUCKETS
  end
end

-- Captures of a state, which knows its server; `alone`: it is all that there is.
local function part_behind(args, alone)
  local last = args.words[#args.words]
  if alone or cli_options.is_address(last) or (last:find("^%d+$") and #args.words > 1) then
    return alone and { captures = {} } or part(args.words)
  end
  local job, message = part({ unpack(args.words), "::" })
  if job then
    job.captures, job.server = args.words, nil
  end
  return job, message
end

local function flow_job(args, all)
  local job, message
  if args.from_state then
    job, message = part_behind(args, args.command == "report")
  else
    job, message = part(args.words, all)
  end
  if not job then
    return nil, message
  end
  if args.save_state and not job.server and not args.from_state then
    return nil, "a state is of one server: its address is missing"
  end
  for _, capture in ipairs(job.captures) do
    if capture == args.output or capture == args.save_state then
      return nil, "the report would overwrite the capture"
    end
  end
  if args.output and (args.output == args.from_state or args.output == args.save_state) then
    return nil, "the report would overwrite the state"
  end
  job.output = args.output
  job.format = args.format or BY_ENDING[(args.output or ""):lower():match("%.(%w+)$")] or "text"
  job.color = args.color
  job.progress = not args.no_progress
  job.verbose = args.verbose
  job.options = library_options(args)
  job.options.state = args.from_state
  job.options.save = args.save_state
  job.save = args.save_state
  if args.servers and job.server then
    return nil, "--servers is for all servers, without a server's address"
  end
  job.options.servers = args.servers
  return job
end

local function connection_job(args)
  local job, message = flow_job(args)
  if not job then
    return nil, message
  end
  local given = (args.client and 1 or 0) + (args.number and 1 or 0) + (args.frame and 1 or 0)
  if given ~= 1 then
    return nil, "one of --client, --number and --frame says which connection"
  end
  job.connection = true
  for _, name in ipairs { "client", "number", "frame", "frames", "segments" } do
    job.options[name] = args[name]
  end
  if not args.client then
    for _, capture in ipairs(job.captures) do
      if capture == "-" then
        return nil, "standard input is read only once: name the connection with --client"
      end
    end
    if not job.port and args.number == nil and args.frame == nil then
      return nil, "the server's port is missing"
    end
  elseif not job.port then
    return nil, "the server's port is missing"
  end
  return job
end

local function split_commas(word)
  local list = {}
  for part_of_it in word:gmatch("[^,]+") do
    list[#list + 1] = part_of_it
  end
  return #list > 1 and list or word
end

local function compare_job(args)
  local job, message = flow_job(args)
  if not job then
    return nil, message
  end
  job.sources = {}
  for i, capture in ipairs(job.captures) do
    job.sources[i] = capture:find("://", 1, true) and capture or split_commas(capture)
  end
  job.options.window = args.window
  job.options.ladder = job.format == "html" or nil
  if args.server and #args.server > 0 then
    local servers = {}
    for i = 1, #job.captures do
      servers[i] = false
    end
    for _, own in ipairs(args.server) do
      if servers[own[1]] == nil then
        return nil, ("there is no capture %d"):format(own[1])
      end
      servers[own[1]] = { own[2], own[3] or job.port }
    end
    job.options.servers = servers
  end
  return job
end

local function flow_order(args)
  local job, message = flow_job(args, true)
  if job and (job.server or job.options.state) and job.format == "html" then
    for_page(job.options)
  end
  return job and { flow = job } or { usage = FLOW_USAGE, message = message }
end

local IS_FORMAT = { text = true, json = true, markdown = true, html = true }

--- The order of `flow` where no option stands, or one format alone: then nobody has to load argparse.
-- @tparam table words as of `parse`
-- @treturn ?table what `parse` gives for them; nil: they are not so simple
function cli_options.bare(words)
  if words[1] ~= "flow" then
    return nil
  end
  local plain, format, i = {}, nil, 2
  while i <= #words do
    local word = words[i]
    if (word == "-f" or word == "--format") and not format and IS_FORMAT[words[i + 1]] then
      format, i = words[i + 1], i + 1
    elseif word == "" or word:find("^%-.") then
      return nil
    else
      plain[#plain + 1] = word
    end
    i = i + 1
  end
  return plain[1] and flow_order({ command = "flow", words = plain, color = COLOR, format = format })
end

--- Reads the command line.
-- @tparam table argparse the library
-- @tparam table words the arguments, from 1
-- @treturn table one of `{ help = text }`, `{ version = true }`, `{ usage =
-- text, message = text }`, `{ flow = job }`, or `{ compare = job }`, which has `sources`, too; a job has
-- `captures`, `server`, `port`, `format`, `output`, `color`, `progress` and `options` of the library
function cli_options.parse(argparse, words)
  local ok, args = require("mcpcap.cli.parser").parse(argparse, words, {
    flow = FLOW_USAGE, connection = CONNECTION_USAGE, compare = COMPARE_USAGE, color = COLOR,
    rules = cli_options.RULES, is_address = cli_options.is_address,
  })
  if not ok then
    return args
  end
  local part_options = require "mcpcap.cli.part_options"
  local job, message
  if args.command == "compare" then
    job, message = compare_job(args)
    return job and { compare = job } or { usage = COMPARE_USAGE, message = message }
  end
  if args.command == "connection" then
    job, message = connection_job(args)
    return job and { connection = job } or { usage = CONNECTION_USAGE, message = message }
  end
  if args.command == "reduce" then
    return part_options.reduce(args)
  elseif args.command == "map" then
    args.save_state, args.output = args.output, nil
    job, message = flow_job(args)
    if job then
      args.output = args.save_state
      job, message = part_options.map(args, job)
    end
    return job and { flow = job } or { usage = part_options.MAP_USAGE, message = message }
  elseif args.command == "report" then
    args.from_state = args.words[1]
    if #args.words > 1 then
      return { usage = part_options.REPORT_USAGE, message = "one part is reported on; \"reduce\" joins several" }
    end
  end
  return flow_order(args)
end

return cli_options
