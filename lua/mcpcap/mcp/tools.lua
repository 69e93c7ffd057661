--- The tools as data: name, title, description, input schema, output schema,
-- annotations, handler.
--
-- A handler gets checked arguments and a context (`mcpcap.mcp.call`), runs in a
-- coroutine, and returns an outcome `{ structured, texts }`, or nil and a
-- message that says how to correct the call.
-- @module mcpcap.mcp.tools

local escape = require "mcpcap.escape"
local json = require "mcpcap.json"
local report = require "mcpcap.report"
local schemas = require "mcpcap.mcp.tools_schema"
local series = require "mcpcap.mcp.series"
local tcp_views = require "mcpcap.tcp.views"
local tools_page = require "mcpcap.mcp.tools_page"
local tools_text = require "mcpcap.mcp.tools_text"
local worst_of = require "mcpcap.overview.worst"

local tools = {}

-- --------------------------------------------------------------------- policy

--- What the tools may do when nobody says otherwise: no local file, no address
-- that is not a public one, and an end within the patience of usual clients
-- (60 seconds), so that a model gets a partial result instead of none.
tools.defaults = {
  roots = {},                        -- folders that local captures lie in
  max_bytes = 256 * 1024 * 1024,     -- of a download, or of unpacked data
  max_packets = 100 * 1000 * 1000,
  max_connections = 65536,           -- kept in memory
  timeout_ms = 50000,
  url = { allowed = true, private = false },
}

--- Completes a policy.
-- @tparam[opt] table given fields of `tools.defaults`; `url` as in the library
-- @treturn table
-- @raise on an unknown field
function tools.policy(given)
  local policy = {}
  for name in pairs(given or {}) do
    if tools.defaults[name] == nil then
      error(("bad policy (field '%s': unknown)"):format(tostring(name)), 3)
    end
  end
  for name, default in pairs(tools.defaults) do
    policy[name] = default
    if given and given[name] ~= nil then
      policy[name] = given[name]
    end
  end
  local url = { allowed = policy.url.allowed ~= false, private = policy.url.private == true }
  for _, name in ipairs { "hosts", "max_redirects", "ca_file" } do
    url[name] = policy.url[name]
  end
  policy.url = url
  return policy
end

-- ---------------------------------------------------------------------- work

local function is_url(path)
  return path:find("^%a[%w+.-]*://") ~= nil
end

-- What a model can do about a failure, by its code.
local HINTS = {
  not_found = "Check the path; a relative one starts at the server's working folder.",
  not_file = "Give the path of a regular file, or a URL; of one point, also a folder of captures.",
  format = "Captures are pcap or pcapng files, also compressed with gzip, zstd, xz, lz4 or bzip2.",
  link_type = "Only captures of links that carry IP can be analysed.",
  filter = "Write the filter as for tcpdump, for example: tcp port 443 and net 10.1.0.0/16",
  url = "Give an http:// or https:// URL, without blanks.",
  resolve = "Check the host name.",
  connect = "The host cannot be reached from here.",
  tls = "The server's certificate is not accepted.",
  http = "The URL must answer with status 200 and the capture itself.",
  timeout = "Try a smaller capture, or max_packets.",
  limit = "Try a smaller capture, or max_packets.",
  nomem = "Try a smaller capture, or max_packets.",
}
local DENIED_FILE = "This server reads local captures only inside the folders that it was started for."
local DENIED_URL = "This server does not fetch from there."

local function failure(path, message, code)
  local hint = HINTS[code]
  if code == "denied" then
    hint = is_url(path) and DENIED_URL or DENIED_FILE
  end
  message = escape.cut(escape.visible(message), 1000)
  return nil, hint and ("%s. %s"):format(message, hint) or message
end

-- The library says that its caller is wrong, and the caller is the model.
local function misuse(problem)
  local what = type(problem) == "string" and problem:match("bad argument #%d+ to '[^']*' %((.*)%)$")
  if not what then
    error(problem, 0)
  end
  return nil, what, "invalid"
end

-- A slice should be done in about this time (of the processor), whatever the
-- packets cost, so that a host soon gets its turn.
local SLICE_SECONDS = 0.002
local FIRST_SLICE, LEAST_SLICE, MOST_SLICE = 2048, 256, 65536
local IDLE_SECONDS = 0.0002     -- a step that used less has found nothing to do

local function next_slice(slice, seconds)
  if seconds > 2 * SLICE_SECONDS then
    return math.max(math.floor(slice / 2), LEAST_SLICE)
  elseif seconds < SLICE_SECONDS / 2 then
    return math.min(slice * 2, MOST_SLICE)
  end
  return slice
end

-- A function like `analyze_traffic_flow` that pauses between slices; `passes`
-- says how often the capture will be read, for the progress.  With `opener`, a name in the library or a function, it
-- opens something else; what has a name, or is told in `kind`, is not worked out again for the same question.
local function analyzer(context, passes, opener, kind)
  local base, pass = 0, 0
  kind = kind or type(opener) ~= "function" and (opener or "open")
  return function(path, server_ip, port, options)
    pass = pass + 1
    for _, one in ipairs(type(path) == "table" and path or { path }) do
      if #options.roots == 0 and not is_url(one) then
        return nil, one .. ": outside of the allowed folders", "denied"
      end
    end
    local files, problem, problem_code = series.of(context, path, options)
    if not files then
      return nil, problem, problem_code
    end
    local asked = { server_ip = server_ip, port = port, options = options }
    local key = context.cache and kind and context.cache:key(kind, files, asked)
    local known = key and context.cache:get(key)
    if known then
      return known
    end
    local open = type(opener) == "function" and opener or context.library[opener or "open"]
    local ok, session, message, code = pcall(open, files, server_ip, port, options)
    if not ok then
      return misuse(session)
    elseif not session then
      return nil, message, code
    end
    context.keep(session)
    local done, total = session:progress()
    local function scaled()
      return total > 0 and base + total * (passes - pass + 1) or 0
    end
    local wait = context.pause(base + done, scaled())
    local slice = FIRST_SLICE
    while true do
      local clock = os.clock()
      local state, why, which = session:step(slice, wait)
      local used = os.clock() - clock
      if not state then
        session:close()
        return nil, why, which
      elseif state == "done" then
        break
      end
      local before = done
      done, total = session:progress()
      local idle = done == before and used < IDLE_SECONDS
      slice = idle and slice or next_slice(slice, used)
      wait = context.pause(base + done, scaled(), idle)
    end
    base = base + session:progress()
    local result, why, which = session:result()
    session:close()
    if files ~= path then
      series.name(result, path, files)
    end
    if key and not why and key == context.cache:key(kind, files, asked) then
      context.cache:put(key, result)
    end
    return result, why, which
  end
end

local function lesser(a, b)
  return a and math.min(a, b) or b
end

-- Options of the library: the policy, narrowed by the arguments.
local function options_of(arguments, policy)
  return {
    roots = policy.roots, url = policy.url, timeout_ms = policy.timeout_ms, max_bytes = policy.max_bytes,
    max_connections = policy.max_connections,
    max_packets = lesser(arguments.max_packets, policy.max_packets),
    filter = arguments.filter, start_time = arguments.start_time, end_time = arguments.end_time,
    rules = arguments.rules, application = arguments.application,
  }
end

-- -------------------------------------------------------------------- outcome

-- Bytes of the structured part and of the text part of one answer.
local MAX_STRUCTURED = 96 * 1024
local MAX_TEXT = 64 * 1024

-- A copy for a client: lists are marked as such where the schema says so, and
-- no string holds what acts instead of being shown.
local function safe(value, rule)
  if type(value) == "string" then
    return escape.visible(value)
  elseif type(value) ~= "table" or value == json.null then
    return value
  end
  rule = rule or {}
  local out = {}
  if rule.type == "array" or (rule.type == nil and json.is_array(value)) then
    for i = 1, #value do
      out[i] = safe(value[i], rule.items)
    end
    return json.array(out)
  end
  local more = type(rule.additionalProperties) == "table" and rule.additionalProperties or nil
  for key, item in pairs(value) do
    local name = type(key) == "string" and escape.visible(key) or key
    out[name] = safe(item, rule.properties and rule.properties[key] or more)
  end
  return json.object(out)
end

local function cut_text(text)
  local lines, size = {}, 0
  for line in text:gmatch("([^\n]*)\n?") do
    size = size + #line + 1
    if size > MAX_TEXT then
      lines[#lines + 1] = "(cut here: the rest is in the structured part of the answer)"
      break
    end
    lines[#lines + 1] = escape.visible(line)
  end
  return (table.concat(lines, "\n"):gsub("\n+$", ""))
end

local function halved(list)
  local half = {}
  for i = 1, math.floor(#list / 2) do
    half[i] = list[i]
  end
  return json.array(half)
end

-- Drops rows until the JSON text is short enough; the totals beside the lists
-- stay.  Returns the text.
local function fit(structured)
  local text = json.encode(structured)
  while #text > MAX_STRUCTURED and #structured.connections > 0 do
    structured.connections = halved(structured.connections)
    structured.connections_shown = #structured.connections
    text = json.encode(structured)
  end
  if #text > MAX_STRUCTURED then
    structured.timeline = nil
    text = json.encode(structured)
  end
  return text
end

local function outcome(structured, encoded, format, render)
  return { structured = structured, texts = { format == "json" and encoded or cut_text(render(format)) } }
end

-- -------------------------------------------------------------------- handlers

local function flow(arguments, context)
  local options = options_of(arguments, context.policy)
  local connections, buckets = arguments.connections or 10, arguments.buckets or 20
  options.connections, options.buckets = connections, buckets
  if context.shows_pages then
    options.connections = math.max(connections, tools_page.connections)
    options.buckets = math.max(buckets, tools_page.buckets)
  end
  local result, message, code = analyzer(context, 1)(arguments.pcap_file, arguments.server_ip, arguments.server_port,
    options)
  if not result then
    return failure(arguments.pcap_file, message, code)
  end
  local page = context.shows_pages and tools_page.take(context, result, connections, buckets) or nil
  local structured = safe(report.plain(result), schemas.flow_result)
  structured.connections_shown = #structured.connections
  local encoded = fit(structured)
  local answer = outcome(structured, encoded, arguments.format, function(format)
    return report.render(result, format or "markdown", { tool = "analyze_traffic_flow" })
  end)
  answer.meta = page
  return answer
end

local function view(kind)
  return function(arguments, context)
    local analyze = analyzer(context, arguments.server_ip and 1 or 2)
    local shown, message, code = tcp_views.call(kind, analyze, arguments.pcap_file, arguments.server_ip,
      arguments.server_port, { detailed = arguments.detailed, threshold = arguments.threshold },
      options_of(arguments, context.policy))
    if not shown then
      return failure(arguments.pcap_file, message, code)
    end
    shown.capture = report.plain(shown.capture, "capture")
    local structured = safe(shown, schemas[kind .. "_result"])
    return outcome(structured, json.encode(structured), arguments.format, function()
      return tools_text[kind](shown)
    end)
  end
end

-- "10.0.0.8", "10.0.0.8:8443", "[2001:db8::8]:443"; "" stands for the usual server.
local function own_servers(list, port)
  if not list then
    return nil
  end
  local servers = {}
  for i, word in ipairs(list) do
    local ip, own = word:match("^%[(.-)%]:(%d+)$")
    if not ip then
      ip, own = word:match("^([%d.]+):(%d+)$")
    end
    servers[i] = word ~= "" and { ip or word, tonumber(own) or port } or false
  end
  return servers
end

-- Pairs go first, then what each capture alone said.
local function fit_comparison(structured)
  local text = json.encode(structured)
  for _, stretch in ipairs(structured.stretches or { structured }) do
    while #text > MAX_STRUCTURED and #stretch.pairs > 0 do
      stretch.pairs = halved(stretch.pairs)
      text = json.encode(structured)
    end
  end
  if #text > MAX_STRUCTURED then
    for _, point in ipairs(structured.points) do
      point.findings = json.array {}
    end
    text = json.encode(structured)
  end
  return text
end

local function compare(arguments, context)
  local options = options_of(arguments, context.policy)
  options.connections = arguments.connections or 10
  options.servers = own_servers(arguments.servers, arguments.server_port)
  local result, message, code = analyzer(context, 1, "open_comparison")(arguments.pcap_files, arguments.server_ip,
    arguments.server_port, options)
  if not result then
    return failure(table.concat(arguments.pcap_files, ", "), message, code)
  end
  local plain = report.plain(result, "comparison")
  plain.singles = nil                -- each is as long as an answer may be; what they say stands in the points
  local structured = safe(plain, schemas.compare_result)
  local encoded = fit_comparison(structured)
  local answer = outcome(structured, encoded, arguments.format, function(format)
    return report.render(result, format or "markdown")
  end)
  answer.meta = tools_page.of(context, result)
  return answer
end

-- A whole answer to a question that is asked on the way to another one: its two parts together.
local MAX_STEP = 11 * 1024

-- Only the keys that the schema shows: what a model asks for first.
local function chosen(value, rule)
  if type(value) ~= "table" or type(rule) ~= "table" then
    return value
  end
  local out = {}
  if rule.items then
    for i, item in ipairs(value) do
      out[i] = chosen(item, rule.items)
    end
  elseif rule.properties then
    for key, inner in pairs(rule.properties) do
      out[key] = chosen(value[key], inner)
    end
  else
    return value
  end
  return out
end

-- An outcome below that size: `render(n)` gives the structured part and the text with n rows.
local function fit_step(rows, format, render)
  local structured, text
  repeat
    structured, text = render(rows)
    local encoded = json.encode(structured)
    text = format == "json" and encoded or cut_text(text)
    local size = #encoded + #json.encode(text)
    rows = math.floor(rows * math.min(0.9, MAX_STEP / size))
  until size <= MAX_STEP or rows < 1
  return { structured = structured, texts = { text } }
end

-- What to ask next, with the words of the call: of the worst server where one is in trouble.
local function next_question(servers)
  local worst = worst_of(servers)
  if #servers == 0 then
    return ""
  elseif not worst then
    return "\nNext: analyze_traffic_flow with the ip and port of one of these servers says all of it."
  end
  local port = worst.port and (", server_port %d"):format(worst.port) or ""
  local frame = worst.frames and worst.frames[1]
  return ("\nNext: analyze_traffic_flow with server_ip %s%s tells all findings of it, their evidence and what would "
    .. "settle them%s."):format(escape.visible(worst.ip), port, frame and ("; show_connection with the same and frame "
    .. "%.0f shows a connection that the worst is about"):format(frame) or "")
end

local function list_servers(arguments, context)
  local options = options_of(arguments, context.policy)
  options.servers = arguments.max_servers or 20
  local function opener(path, _, _, given)
    return context.library.open_overview(path, given)
  end
  local result, message, code = analyzer(context, 1, opener, "open_overview")(arguments.pcap_file, nil, nil, options)
  if not result then
    return failure(arguments.pcap_file, message, code)
  end
  local servers = result.servers
  return fit_step(#servers, arguments.format, function(n)
    local shown = {}
    for i = 1, math.min(n, #servers) do
      shown[i] = servers[i]
    end
    result.servers, result.servers_shown = shown, #shown
    local structured = safe(chosen(report.plain(result, "overview"), schemas.servers_result), schemas.servers_result)
    local text = report.render(result, arguments.format ~= "json" and arguments.format or "markdown",
      { tool = "list_servers" })
    return structured, text .. next_question(servers)
  end)
end

local function next_of(told)
  for _, row in ipairs(told.segments) do
    if row.skipped then
      return ("\nNext: show_connection with from_frame %.0f and to_frame %.0f shows some of what is left out; other "
        .. "ranges as well."):format(row.skipped.first_frame, row.skipped.last_frame)
    end
  end
  return ""
end

local function show_connection(arguments, context)
  local options = options_of(arguments, context.policy)
  for _, name in ipairs { "client", "number", "frame" } do
    options[name] = arguments[name]
  end
  if not (options.client or options.number or options.frame) then
    return nil, "Say which connection: client, number, or a frame of it. analyze_traffic_flow lists clients and "
      .. "frames."
  end
  options.segments = arguments.segments or 40
  if arguments.from_frame or arguments.to_frame then
    options.frames = { arguments.from_frame or 0, arguments.to_frame or 2 ^ 53 }
  end
  local function render(told)
    local structured = safe(chosen(report.plain(told, "told_connection"), schemas.connection_result),
      schemas.connection_result)
    local text = report.render(told, arguments.format ~= "json" and arguments.format or "markdown")
    return structured, text .. next_of(told)
  end
  local function opener(path, server_ip, port, given)
    local opened, message, code = context.library.open_connection(path, server_ip, port, given)
    if not opened then
      return nil, message, code
    end
    local whole = opened.result
    function opened.result(self)
      local told, why, which = whole(self)
      if not told then
        return nil, why, which
      end
      local page = tools_page.of(context, told)
      local outcome_now = fit_step(options.segments, arguments.format, function(n)
        local now = told or assert(whole(self, math.max(1, n)))
        told = nil
        return render(now)
      end)
      outcome_now.meta = page
      return outcome_now
    end
    return opened
  end
  local answer, message, code = analyzer(context, 1, opener)(arguments.pcap_file, arguments.server_ip,
    arguments.server_port, options)
  if not answer then
    return failure(arguments.pcap_file, message, code)
  end
  return answer
end

-- ----------------------------------------------------------------------- list

-- Nothing is changed, so nothing else need be said of changes; but a URL makes it reach out into the world.
local READS_ONLY = { readOnlyHint = true, openWorldHint = true }

local WITHOUT_SERVER = " Without server_ip: of the busiest server, which is named, with a list of the others."

-- The page that a host may show beside the answer; others do not look at it.
local WITH_PAGE = { ui = { resourceUri = "ui://mcpcap/report.html" } }

--- The tools, in the order in which they are listed.
tools.list = {
  {
    name = "analyze_traffic_flow",
    title = "Analyse the traffic of a server",
    description = "What happens between clients and one server of a packet capture, and whose fault a problem "
      .. "looks like: ranked findings with side, confidence and evidence (counts, frames, a Wireshark filter), and "
      .. "what would settle them; counts and times of both directions. A wrong server_ip or port is answered with the "
      .. "servers that are there.",
    inputSchema = schemas.flow_arguments,
    outputSchema = schemas.declared.flow,
    annotations = READS_ONLY,
    _meta = WITH_PAGE,
    handler = flow,
  },
  {
    name = "analyze_tcp_connections",
    title = "List TCP connections and their states",
    description = "How a server's TCP connections began and ended, in numbers, and the most telling ones."
      .. WITHOUT_SERVER,
    inputSchema = schemas.connections_arguments,
    outputSchema = schemas.declared.connections,
    annotations = READS_ONLY,
    handler = view "connections",
  },
  {
    name = "analyze_tcp_anomalies",
    title = "Look for patterns in TCP traffic",
    description = "A server's TCP statistics and the patterns in them, without a diagnosis (analyze_traffic_flow has "
      .. "one)." .. WITHOUT_SERVER,
    inputSchema = schemas.anomalies_arguments,
    outputSchema = schemas.declared.anomalies,
    annotations = READS_ONLY,
    handler = view "anomalies",
  },
  {
    name = "analyze_tcp_retransmissions",
    title = "Measure TCP retransmissions",
    description = "How much was sent again, in which direction and on which connections." .. WITHOUT_SERVER,
    inputSchema = schemas.retransmissions_arguments,
    outputSchema = schemas.declared.retransmissions,
    annotations = READS_ONLY,
    handler = view "retransmissions",
  },
  {
    name = "compare_captures",
    title = "Compare captures of several points of one path",
    description = "Captures of two to six points between clients and a server: which segments were lost, made or "
      .. "changed between the points, which a capture merely missed, and where answers wait. It settles what one "
      .. "capture leaves open. Clocks may differ by minutes, addresses may be translated.",
    inputSchema = schemas.compare_arguments,
    outputSchema = schemas.declared.compare,
    annotations = READS_ONLY,
    _meta = WITH_PAGE,
    handler = compare,
  },
  {
    name = "list_servers",
    title = "List the servers of a capture, those in trouble first",
    description = "The first question where the server is not known: which servers there are, which are in trouble, a "
      .. "verdict on each by the rules of analyze_traffic_flow, and what there is besides TCP (QUIC, DNS, ICMP, "
      .. "ARP).",
    inputSchema = schemas.servers_arguments,
    outputSchema = schemas.declared.servers,
    annotations = READS_ONLY,
    handler = list_servers,
  },
  {
    name = "show_connection",
    title = "Show one connection segment by segment",
    description = "One connection of a server, segment by segment: frame, time, flags, relative numbers, Wireshark's "
      .. "label, a verdict (sent again, overtaken, captured twice, and why), TLS, HTTP, waits. Name it by client, "
      .. "frame or number. A long one is shortened around what matters; from_frame and to_frame show the rest.",
    inputSchema = schemas.connection_arguments,
    outputSchema = schemas.declared.connection,
    annotations = READS_ONLY,
    _meta = WITH_PAGE,
    handler = show_connection,
  },
}

return tools
