--- What may stand on the command line, and what it means, where options stand or another order than `flow`.
--
-- `orders.parse` knows nothing of files and streams: words in, a table out, or what to tell the user.
-- @module mcpcap.cli.orders

local cli_options = require "mcpcap.cli.options"

local part = cli_options.part
local unpack = rawget(_G, "unpack") or rawget(table, "unpack")

local orders = {}

local BY_ENDING = { txt = "text", json = "json", md = "markdown", markdown = "markdown", html = "html", htm = "html" }

local CONNECTION_USAGE = "Usage: mcpcap connection [options] CAPTURE [CAPTURE ...] SERVER_IP [PORT]"

local COMPARE_USAGE = "Usage: mcpcap compare [options] CAPTURE [CAPTURE ...] SERVER_IP [PORT]"

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
  if job and job.format == "html" then
    cli_options.for_page(job)
  end
  return job and { flow = job } or { usage = cli_options.FLOW_USAGE, message = message }
end

--- Reads the command line.
-- @tparam table argparse the library
-- @tparam table words the arguments, from 1
-- @treturn table one of `{ help = text }`, `{ version = true }`, `{ usage =
-- text, message = text }`, `{ flow = job }`, or `{ compare = job }`, which has `sources`, too; a job has
-- `captures`, `server`, `port`, `format`, `output`, `color`, `progress` and `options` of the library
function orders.parse(argparse, words)
  local ok, args = require("mcpcap.cli.parser").parse(argparse, words, {
    flow = cli_options.FLOW_USAGE, connection = CONNECTION_USAGE, compare = COMPARE_USAGE, color = cli_options.COLOR,
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

return orders
