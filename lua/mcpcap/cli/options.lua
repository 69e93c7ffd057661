--- What may stand on the command line of `flow` without options, and what it means: words in, a table out, or what to
-- tell the user.  Nothing is known of files and streams.  With options, and of other orders: `mcpcap.cli.orders`.
-- @module mcpcap.cli.options

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

cli_options.COLOR = "auto"

--- What may stand behind --rules, short or as the library has it.
cli_options.RULES = { "4.0", "4.4", "4.6", "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }

--- The library's name of a set of rules.
-- @tparam string word one of `RULES`
-- @treturn string
function cli_options.rules(word)
  return (word:gsub("^%d", "wireshark-%0"))
end

cli_options.FLOW_USAGE = "Usage: mcpcap flow [options] CAPTURE [CAPTURE ...] [SERVER_IP [PORT]]"

-- --------------------------------------------------------------- the positions

-- A slip of the pen rather than the name of a capture.
local function looks_like_address(word)
  return word:find("^%d+%.[%d.:]*$") ~= nil or word:find("^%x*:[%x:.]*$") ~= nil
end

--- Parts the words of "flow" from the right.
-- @tparam table words captures, and behind them a server and its port
-- @tparam[opt] boolean all without a server they are about all servers
-- @treturn[1] table {captures, server, port}
-- @treturn[2] nil
-- @treturn[2] string what makes no sense
function cli_options.part(words, all)
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

-- A page has a table that is searched and a timeline that is looked into.
local PAGE_CONNECTIONS, PAGE_BUCKETS = 10000, 240

--- A job, with the options of a page where it is of one server.
-- @tparam table job
-- @treturn table the job
function cli_options.for_page(job)
  local options = job.options
  if not job.server and not options.state then
    return job
  end
  options.connections = options.connections or PAGE_CONNECTIONS
  if not options.bucket_ms then
    options.buckets = options.buckets or PAGE_BUCKETS
  end
  return job
end

local IS_FORMAT = { text = true, json = true, markdown = true, html = true }

--- The order of `flow` where no option stands, or one format alone: then nobody has to load argparse.
-- @tparam table words as of `mcpcap.cli.orders.parse`
-- @treturn ?table what that gives for them; nil: they are not so simple
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
  if not plain[1] then
    return nil
  end
  local job, message = cli_options.part(plain, true)
  if not job then
    return { usage = cli_options.FLOW_USAGE, message = message }
  end
  job.format, job.color, job.progress, job.options = format or "text", cli_options.COLOR, true, {}
  return { flow = format == "html" and cli_options.for_page(job) or job }
end

return cli_options
