--- `mcpcap watch`: the report, again and again, of a capture that is being written.
-- @module mcpcap.cli.watch

local cli_options = require "mcpcap.cli.options"
local escape = require "mcpcap.escape"
local json = require "mcpcap.json"
local lister = require "mcpcap.watch.lister"
local output = require "mcpcap.cli.output"
local own = require "mcpcap.cli.own"
local phrases_amount = require "mcpcap.phrases_amount"
local report = require "mcpcap.report"
local units = require "mcpcap.report.units"

local watch_command = {}

local DONE, WORLD = 0, 1
local SLICE_PACKETS, SLICE_MS = 50000, 200

local EPILOG = [[
FOLDER is where tcpdump -C, -G or dumpcap -b write their files; a pattern of the
shell's, quoted, says which of them ("/var/cap/web_*.pcapng"); - is a pipe. Each
file is read once; the newest one is followed as it grows. Ctrl-C or SIGTERM
ends it, with a last report if something has come since the one before.

Examples:
   dumpcap -i eth0 -b filesize:100000 -b files:20 -w /var/cap/web.pcapng &
   mcpcap watch /var/cap 192.0.2.80 443
   tcpdump -U -w - tcp | mcpcap watch - 192.0.2.80 --format json --every 60

Exit status: 0 a report was written; 1 nothing can be read or written; 2 the
command is wrong; 141 nobody reads the reports.]]

local function seconds(word)
  local n = word:find("^%d+%.?%d*$") and tonumber(word)
  if not n or n < 1 or n > 86400 then
    return nil, ("'%s' is no number of seconds (1 to 86400)"):format(word)
  end
  return n
end

local function server_of(word)
  if not cli_options.is_address(word) then
    return nil, ("'%s' is no IP address"):format(word)
  end
  return word
end

local function build(argparse)
  local parser = own.parser(argparse, "watch", "report again and again on a capture that is being written", EPILOG)
  parser:argument("FOLDER", "folder, pattern of file names, or - for standard input"):argname("FOLDER"):target("place")
  parser:argument("SERVER_IP", "address of the server"):argname("SERVER_IP"):target("server"):convert(server_of)
  parser:argument("PORT", "its port"):argname("PORT"):target("port"):args("?"):convert(cli_options.port)
  parser:option("-f --format", "text, or json: one line a report"):choices { "text", "json" }:default("text")
    :argname("FORMAT")
  parser:option("--every", "seconds between two reports, at least (default: 10)"):default(10):convert(seconds)
    :argname("SECONDS")
  parser:option("--rules", "count as this Wireshark does: 4.0, 4.4 or 4.6 (default: the newest)")
    :choices(cli_options.RULES):argname("VERSION")
  return parser
end

-- What is new, a line each, above the report.
local function headlines(news, at_time)
  local w, lines = news.watch, {}
  local files = phrases_amount.count(w.inputs, "file")
  lines[1] = ("%s  %s read%s, %s packets (%s new)"):format(os.date("!%Y-%m-%d %H:%M:%SZ", at_time), files,
    w.waiting > 0 and (", %d waiting"):format(w.waiting) or "", units.count(news.result.total_packets),
    units.count(w.new_packets))
  for _, finding in ipairs(news.new) do
    lines[#lines + 1] = ("new %s: %s"):format(finding.severity, escape.visible(finding.text))
  end
  for _, id in ipairs(w.gone_findings) do
    lines[#lines + 1] = ("no longer: %s"):format(id)
  end
  for _, name in ipairs(w.lost) do
    lines[#lines + 1] = ("lost: %s came and went unread"):format(escape.visible(name))
  end
  return table.concat(lines, "\n") .. "\n\n"
end

-- Writes what is new, if there is anything; an exit status.
local function show(args, at, watch)
  local news = watch:news()
  if not news then
    return DONE
  end
  if args.format == "json" then
    for _, name in ipairs { "lost", "new_findings", "gone_findings" } do
      news.watch[name] = json.array(news.watch[name])
    end
    return output.write(at, json.encode({ watch = news.watch, result = report.plain(news.result) }) .. "\n", "watch")
  end
  return output.write(at, headlines(news, os.time()) .. report.render(news.result, "text", {}) .. "\n", "watch")
end

-- Follows until it is told to end, or cannot go on: the last state and what is wrong with it, and
-- whether the reports were written, an exit status.
local function follow(args, at, watch, uv)
  local is_asked, written, due = false, DONE, uv.hrtime() / 1e9 + 1
  local signals = {}
  for i, name in ipairs { "sigint", "sigterm" } do
    signals[i] = uv.new_signal()
    signals[i]:start(name, function()
      is_asked = true
    end)
  end
  local state, message
  repeat
    state, message = watch:step(SLICE_PACKETS, SLICE_MS)
    if state == "empty" then
      uv.sleep(SLICE_MS)
    end
    uv.run("nowait")
    if state and is_asked and not watch.over then
      watch:finish()
    elseif state and uv.hrtime() / 1e9 >= due then
      written = show(args, at, watch)
      due = uv.hrtime() / 1e9 + args.every
    end
  until not state or state == "done" or written ~= DONE
  for _, signal in ipairs(signals) do
    signal:close()
  end
  return state, message, written
end

local function run(args, at, uv)
  local watching = require "mcpcap.watch"
  local place = args.place == "-" and at.input or args.place
  local options = { rules = args.rules and cli_options.rules(args.rules) }
  local watch, message = watching.open(place, args.server, args.port, options,
    { list = lister.new(uv), head = lister.head, clock = function() return uv.hrtime() / 1e9 end })
  if not watch then
    at.err:write("mcpcap: watch: ", escape.visible(tostring(message)), "\n")
    return WORLD
  end
  local state, problem, written = follow(args, at, watch, uv)
  if written == DONE then
    written = show(args, at, watch)
  end
  local has_read = watch.session ~= nil
  watch:close()
  if state == nil then
    at.err:write("mcpcap: watch: ", escape.visible(tostring(problem)), "\n")
  elseif not has_read then
    at.err:write("mcpcap: watch: no capture came\n")
  end
  return state and has_read and written or WORLD
end

--- Runs the command.
-- @tparam table words the arguments behind `watch`
-- @tparam table at `out`, `err`, `input`
-- @treturn integer exit status
function watch_command.main(words, at)
  return own.main("watch", words, at, build, function(args, uv)
    return run(args, at, uv)
  end)
end

return watch_command
