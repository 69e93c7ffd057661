--- What argparse has to know of the commands: their options, what may stand behind them, and what is said of them.
-- @module mcpcap.cli.parser

local part_options = require "mcpcap.cli.part_options"

local cli_parser = {}

-- What mcpcap.cli.options says for itself, too: usages, sets of rules, how an address looks; see cli_parser.parse.
local own

-- ---------------------------------------------------------------- conversions

local FACTORS = { [""] = 1, k = 1e3, m = 1e6, g = 1e9, t = 1e12 }
local MAX_COUNT = 2 ^ 53

-- "1500", "10k", "2.5G" as a whole number.
local function count(word)
  local digits, unit = word:lower():match("^(%d+%.?%d*)([kmgt]?)$")
  local n = digits and tonumber(digits) * FACTORS[unit]
  if not n or n ~= math.floor(n) or n > MAX_COUNT then
    return nil, ("'%s' is no whole number (500, 10k, 2.5M, 1G)"):format(word)
  end
  return n
end

local function at_least_one(word)
  local n, message = count(word)
  if n == 0 then
    return nil, "0 is not allowed here"
  end
  return n, message
end

-- More pieces than the core keeps would be silence about the rest.
local MAX_BUCKETS = 1000

local function bucket_count(word)
  local n, message = at_least_one(word)
  if n and n > MAX_BUCKETS then
    return nil, ("%s is too many (1 to %d)"):format(word, MAX_BUCKETS)
  end
  return n, message
end

local function milliseconds(word)
  local n = word:find("^%d+$") and tonumber(word) or nil
  if not n or n < 1 or n > 1e9 then
    return nil, ("'%s' is no number of milliseconds (1 to 1000000000)"):format(word)
  end
  return n
end

-- Days from 1970-01-01 to a date of the Gregorian calendar: years start in
-- March, so that the leap day is the last one.
local function days_since_1970(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

local DAYS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

-- "2026-03-01T10:00:00.5Z" as seconds since 1970, or nil; always UTC.
local function date_seconds(word)
  local y, mo, d, rest = word:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not y then
    return nil
  end
  y, mo, d = tonumber(y), tonumber(mo), tonumber(d)
  if mo < 1 or mo > 12 or d < 1 or d > DAYS[mo] or (mo == 2 and d == 29 and not is_leap(y)) then
    return nil
  end
  local h, mi, s = 0, 0, 0
  if rest ~= "" and rest ~= "Z" then
    h, mi, rest = rest:match("^[T ](%d%d):(%d%d)(.*)$")
    h, mi = tonumber(h), tonumber(mi)
    if not h or h > 23 or mi > 59 then
      return nil
    end
    rest = rest:gsub("Z$", "")
    s = rest == "" and 0 or tonumber(rest:match("^:(%d%d%.?%d*)$"))
    if not s or s >= 61 then
      return nil
    end
  end
  return days_since_1970(y, mo, d) * 86400 + h * 3600 + mi * 60 + s
end

local function moment(word)
  local n = word:find("^%d+%.?%d*$") and tonumber(word) or date_seconds(word)
  if not n then
    return nil, ("'%s' is no time (2026-03-01T10:00:00Z, or seconds since 1970)"):format(word)
  end
  return n
end

-- ------------------------------------------------------------------ the parser

local FORMATS = { "text", "json", "markdown", "html" }

-- Option of the library, option of the command line, its conversion, its
-- placeholder, its help.
local LIMITS = {
  { "filter", "--filter", tostring, "EXPR", "only packets that match a BPF expression, as in tcpdump" },
  { "start_time", "--start-time", moment, "TIME", "only packets from this time on (2026-03-01T10:00:00Z, UTC, "
    .. "or seconds since 1970)" },
  { "end_time", "--end-time", moment, "TIME", "only packets before this time" },
  { "max_packets", "--max-packets", at_least_one, "N", "stop after N packets" },
  { "max_bytes", "--max-bytes", at_least_one, "N", "stop after N bytes of a download or of unpacked data "
    .. "(500M, 2G)" },
  { "max_connections", "--max-connections", at_least_one, "N", "keep at most N connections in memory" },
  { "timeout_ms", "--timeout-ms", milliseconds, "MS", "stop after this time, with what was read by then" },
  { "connect_timeout_ms", "--connect-timeout-ms", milliseconds, "MS", "how long a URL's server may take to answer" },
  { "stall_timeout_ms", "--stall-timeout-ms", milliseconds, "MS", "how long a URL may send next to nothing" },
}

local DESCRIPTION = "Reads packet captures and says what happens between clients and one server: how much each "
  .. "direction carried, lost and repeated, who reset what and when, where the time goes, and whose fault it looks "
  .. "like."

local FLOW_EPILOG = [[
The last word that is a number is the PORT, the word before it is the
SERVER_IP, and all words before that are captures. Several captures (rotated
files) are read in their order as one. A capture is a file, compressed or not,
an http:// or https:// URL, or - for standard input. A file whose name begins
with "-" is written as ./-name. Without a SERVER_IP all servers are shown,
those in trouble first.

Examples:
   mcpcap flow web.pcap
   mcpcap flow web.pcap 192.0.2.80 443
   mcpcap flow ring*.pcap 2001:db8::80 --output report.html
   tcpdump -w - tcp | mcpcap flow - 192.0.2.80
   mcpcap flow https://host.example/x.pcap.gz 192.0.2.80 443 --format json

Exit status: 0 a report was written (also when the capture ends early or a
limit was reached: a warning says so); 1 the capture cannot be read or the
report not be written; 2 the command is wrong; 70 a defect of this program;
130 interrupted (what was read until then is reported).]]

-- Raised by the help options; carries the text.
local function raise_help(parser)
  return function()
    error({ help = parser:get_help() }, 0)
  end
end

local function add_help(parser)
  parser:flag("-h --help", "show this help and exit"):action(raise_help(parser))
end

-- Where a report goes and what of it; in front of a command's own options.
-- `alone`: it is about one connection; `what`: what its words begin with, where that is no capture.
local function add_report(command, alone, what)
  -- The usage line and the text below say what these are.
  command:argument(what or "CAPTURE"):target("words"):args("+"):argname("CAPTURE, SERVER_IP"):hidden(true)
  add_help(command)
  command:option("-f --format", "text, json, markdown or html (default: by the ending of --output, else text)")
    :choices(FORMATS):argname("FORMAT")
  command:option("-o --output", "write the report to a file"):argname("FILE")
  if not alone then
    command:option("--connections", "show the N most telling connections (default: 10; in html: 10,000)")
      :convert(count):argname("N")
  end
end

local function add_limits(command)
  for _, limit in ipairs(LIMITS) do
    command:option(limit[2], limit[5]):target(limit[1]):convert(limit[3]):argname(limit[4])
  end
end

-- What is shown, and how; behind a command's own options.
local function add_showing(command)
  command:option("--color", "auto, always or never: colour in text"):choices { "auto", "always", "never" }
    :default(own.color):argname("WHEN")
  command:flag("--no-progress", "no progress bar")
end

-- How captures are fetched and what is shown meanwhile.
local function add_reading(command)
  command:option("--ca-file", "certificates to trust for https"):argname("FILE")
  command:flag("--public-only", "refuse URLs on private, loopback and other special addresses")
  add_showing(command)
end

local function add_timeline(command)
  command:option("--buckets", "cut the timeline into at most N pieces (default: 60)"):convert(bucket_count):argname("N")
  command:option("--bucket-ms", "the least length of such a piece (default: chosen)"):convert(milliseconds)
    :argname("MS")
end

-- What is counted, and how.
local function add_counting(command)
  command:option("--rules", "count as this Wireshark does: 4.0, 4.4 or 4.6 (default: the newest)")
    :choices(own.rules):argname("VERSION")
  command:flag("--verify-checksums", "count wrong IP and TCP checksums (changes nothing else)")
  command:flag("--no-application",
    "do not look at what connections say first: TLS, HTTP, the PROXY protocol; nor at names asked for")
end

local function add_flow(parser)
  local flow = parser:command("flow", "report on the traffic of one server")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(own.flow)
    :epilog(FLOW_EPILOG)
  add_report(flow)
  flow:option("--servers", "without a SERVER_IP: show N servers at most (default: 20)"):convert(at_least_one)
    :argname("N")
  add_timeline(flow)
  add_limits(flow)
  add_counting(flow)
  part_options.add_states(flow)
  flow:flag("--verbose", "say on standard error how the capture was read, and in which pages of memory")
  add_reading(flow)
end

local CONNECTION_EPILOG = [[
One of --client, --number and --frame says which connection. Unless it is
--client the capture is read twice, so it cannot be standard input.

Examples:
   mcpcap connection web.pcap 192.0.2.80 443 --client 192.0.2.10:50123
   mcpcap connection web.pcap 192.0.2.80 443 --frame 107
   mcpcap connection web.pcap 192.0.2.80 443 --number 1 --frames 400-480

Exit status: as of "mcpcap flow"; 1 if there is no such connection.]]

-- "400-480", "400-", "400".
local function frame_range(word)
  local from, to = word:match("^(%d+)%-(%d*)$")
  if not from and word:find("^%d+$") then
    from, to = word, word
  end
  from, to = tonumber(from), to == "" and MAX_COUNT or tonumber(to)
  if not from or from > MAX_COUNT or to < from or to > MAX_COUNT then
    return nil, ("'%s' is no range of frames (400-480)"):format(word)
  end
  return { from, to }
end

local function add_connection(parser)
  local connection = parser:command("connection", "tell one connection segment by segment")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(own.connection)
    :epilog(CONNECTION_EPILOG)
  add_report(connection, true)
  connection:option("--client", "the connection of this address and port"):argname("IP:PORT")
  connection:option("--number", "the N-th connection of the server to begin"):convert(at_least_one):argname("N")
  connection:option("--frame", "the connection of which frame N is"):convert(at_least_one):argname("N")
  connection:option("--frames", "show only segments in these frames"):convert(frame_range):argname("A-B")
  connection:option("--segments", "show about N segments, those that matter (default: 60)"):convert(at_least_one)
    :argname("N")
  add_limits(connection)
  connection:option("--rules", "label as this Wireshark does: 4.0, 4.4 or 4.6 (default: the newest)")
    :choices(own.rules):argname("VERSION")
  add_reading(connection)
end

local COMPARE_EPILOG = [[
Each capture is one point of the path between the clients and the server; their
order does not matter. Rotated files of one point are joined by a comma:
a1.pcap,a2.pcap. Clocks may differ, addresses may be translated. One capture
alone is one that holds the traffic of two points (merged files).

Examples:
   mcpcap compare client.pcap server.pcap 192.0.2.80 443
   mcpcap compare a.pcap b.pcap c.pcap 192.0.2.80 --output report.html
   mcpcap compare outside.pcap inside.pcap 192.0.2.80 443 --server 2=10.0.0.8:8443

Exit status: as of "mcpcap flow"; 1 also where nothing can be read of one of the
captures: the report says so, and compares nothing.]]

-- "2=10.0.0.8:8443": the server at the second capture.
local function own_server(word)
  local at, ip, port = word:match("^(%d+)=%[?([%x.:]-)%]?:(%d+)$")
  if not at then
    at, ip = word:match("^(%d+)=(.+)$")
  end
  if not at or not own.is_address(ip) then
    return nil, ("'%s' is no server of a capture (2=10.0.0.8:8443)"):format(word)
  end
  return { tonumber(at), ip, tonumber(port) }
end

local function add_compare(parser)
  local compare = parser:command("compare", "compare captures of several points of one path")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(own.compare)
    :epilog(COMPARE_EPILOG)
  add_report(compare)
  compare:option("--server", "the server's address at one of the captures, where it is translated: 2=10.0.0.8:8443")
    :convert(own_server):count("*"):argname("N=IP:PORT")
  compare:option("--window", "keep at most N segments that wait for their partners (default: 262144)")
    :convert(at_least_one):argname("N")
  add_limits(compare)
  compare:flag("--verify-checksums", "look for wrong TCP checksums, too")
  add_reading(compare)
end

local function add_part(parser)
  part_options.add(parser, { help = add_help, report = add_report, timeline = add_timeline, limits = add_limits,
    counting = add_counting, reading = add_reading, showing = add_showing })
end

-- `name`: the command that is meant, or no command at all; the others are left out where it is one of ours.
local function build(argparse, name)
  local parser = argparse("mcpcap", DESCRIPTION):add_help(false):help_max_width(80):usage_max_width(80)
    :command_target("command"):require_command(true)
    :epilog('"mcpcap flow --help" tells more.')
  add_help(parser)
  parser:flag("--version", "show the version and exit"):action(function()
    error({ version = true }, 0)
  end)
  local adders = {
    flow = add_flow, connection = add_connection, compare = add_compare,
    map = add_part, reduce = add_part, report = add_part,
  }
  if adders[name] then
    adders[name](parser)
  else
    add_flow(parser)
    add_connection(parser)
    add_compare(parser)
    add_part(parser)
    -- Their words are their own affair; they stand here for the help.
    parser:command("watch", "report again and again on a capture that is being written"):add_help(false)
    parser:command("points", "report on several points, each with a series of captures"):add_help(false)
    parser:command("serve", "answer MCP requests on standard input and output"):add_help(false)
    parser:command("install", "enter the MCP server into a client's settings"):add_help(false)
    parser:command("doctor", "say what is there and what is missing"):add_help(false)
  end
  function parser.error(where, message)
    error({ usage = where:get_usage(), message = message }, 0)
  end
  return parser
end

--- Reads the command line.
-- @tparam table argparse the library
-- @tparam table words the arguments, from 1
-- @tparam table known `flow`, `connection`, `compare`: usages; `color`: the default; `rules`; `is_address`
-- @treturn boolean
-- @treturn table what argparse read, with `limits`, by their names in the library; false: what to tell the user
function cli_parser.parse(argparse, words, known)
  own = known
  local parser = build(argparse, words[1])
  local ok, args = pcall(parser.parse, parser, words)
  if not ok then
    if type(args) ~= "table" then
      error(args, 0)
    end
    return false, args
  end
  args.limits = {}
  for _, limit in ipairs(LIMITS) do
    args.limits[limit[1]] = args[limit[1]]
  end
  return true, args
end

return cli_parser
