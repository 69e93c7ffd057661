--- What may stand behind `mcpcap serve`, and the policy that it makes.
-- @module mcpcap.mcp.server_options

local own = require "mcpcap.cli.own"
local tools = require "mcpcap.mcp.tools"

local server_options = {}

local EPILOG = [[
A client starts this command and talks to it; there is nothing to type. Models
decide what is opened, so nothing is allowed that was not granted here:

Local captures must lie in a folder that --root names, symbolic links resolved.
Without --root it is the folder that the command is started in, unless that is
the root of the file system: then no local file is read. A relative path
starts at the first of these folders.

URLs may lead anywhere on the public Internet, on every hop. --allow-private
adds loopback, private and other special addresses; --url-host leaves only the
hosts it names; --no-url refuses all.

Where the kernel can (Linux with Landlock), the server gives up for good what it
does not need: it opens no file outside these folders but its own program's and
what a download needs, writes none, runs no program, and with --no-url makes no
connection. --sandbox on ends it where that cannot be had, off leaves it away.

Exit status: 0 the client closed its end, or SIGTERM; 1 something is missing; 2
the command is wrong; 130 interrupted; 141 nobody reads the answers.]]

local FACTORS = { [""] = 1, k = 1e3, m = 1e6, g = 1e9, t = 1e12 }

local function count(word)
  local digits, unit = word:lower():match("^(%d+%.?%d*)([kmgt]?)$")
  local n = digits and tonumber(digits) * FACTORS[unit]
  if not n or n ~= math.floor(n) or n < 1 or n > 2 ^ 53 then
    return nil, ("'%s' is no whole number of at least 1 (500, 10k, 2.5M, 1G)"):format(word)
  end
  return n
end

local function milliseconds(word)
  local n = word:find("^%d+$") and tonumber(word) or nil
  if not n or n < 1 or n > 1e9 then
    return nil, ("'%s' is no number of milliseconds (1 to 1000000000)"):format(word)
  end
  return n
end

local function calls(word)
  local n = word:find("^%d+$") and tonumber(word) or 0
  if n < 1 or n > 256 then
    return nil, ("'%s' is no number from 1 to 256"):format(word)
  end
  return n
end

local function not_empty(word)
  if word == "" then
    return nil, "an empty word is not allowed here"
  end
  return word
end

--- The parser of the words behind `serve`, for `mcpcap.cli.own`.
-- @tparam table argparse the library
-- @treturn table
function server_options.parser(argparse)
  local defaults = tools.defaults
  local parser = own.parser(argparse, "serve", "Answers MCP requests on standard input and output.", EPILOG)
    :help_description_margin(28)
  parser:option("--root", "folder whose captures may be read; may stand more than once"):argname("DIR"):count("*")
    :convert(not_empty)
  parser:option("--url-host", "only URLs of this host; may stand more than once"):argname("HOST"):count("*")
    :convert(not_empty)
  parser:flag("--no-url", "no URLs at all")
  parser:flag("--allow-private", "URLs on private, loopback and other special addresses too")
  parser:option("--ca-file", "certificates to trust for https"):argname("FILE"):convert(not_empty)
  parser:option("--max-bytes", ("end of a download, or of unpacked data (default: %d)"):format(defaults.max_bytes))
    :argname("N"):convert(count)
  parser:option("--max-packets", ("packets read of a capture (default: %d)"):format(defaults.max_packets)):argname("N")
    :convert(count)
  parser:option("--max-connections", ("connections kept in memory (default: %d)"):format(defaults.max_connections))
    :argname("N"):convert(count)
  parser:option("--timeout-ms", ("end of an analysis, with what was read by then (default: %d)"):format(
    defaults.timeout_ms)):argname("MS"):convert(milliseconds)
  parser:option("--max-calls", "analyses at the same time; more wait for their turn (default: 4)"):argname("N")
    :convert(calls)
  parser:option("--sandbox", "auto, on or off: let the kernel hold the server to this")
    :choices { "auto", "on", "off" }:default("auto"):argname("WHEN")
  return parser
end

--- What these words ask for.
-- @tparam table args as the parser gives them
-- @treturn table `roots`, `max_calls`, `sandbox` and `policy` (its `roots` still to be filled in)
function server_options.job(args)
  return {
    roots = args.root, max_calls = args.max_calls or 4, sandbox = args.sandbox,
    policy = {
      max_bytes = args.max_bytes, max_packets = args.max_packets, max_connections = args.max_connections,
      timeout_ms = args.timeout_ms,
      url = {
        allowed = not args.no_url, private = args.allow_private or false,
        hosts = args.url_host and #args.url_host > 0 and args.url_host or nil, ca_file = args.ca_file,
      },
    },
  }
end

return server_options
