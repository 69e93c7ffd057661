local math = require "math"
local nmap = require "nmap"
local stdnse = require "stdnse"
local table = require "table"

description = [[
Diagnoses the traffic of the scanned hosts and ports in a packet capture that was
made before: what happened between clients and the server, and whose fault a
problem looks like.

The script sends nothing.  It reads the capture named by <code>mcpcap.file</code>
with the Lua module mcpcap (build for Lua 5.3) and reports handshakes, resets,
retransmissions, latency and findings with their evidence:

* for each open port: the traffic of this port;
* for each host: the traffic of the host, whatever the port, in short, so that
  ports which are closed now and were used then are seen too (in full when the
  scan has no open port to report on);
* at the end: the hosts and ports in trouble, the worst first; or, when the
  capture has none of the scanned hosts, the servers that it does have.

The capture is read in slices, with the other scripts in between.
]]

---
-- @usage nmap -sT -p 80,443 --script ./mcpcap.nse --script-args mcpcap.file=/tmp/web.pcap 192.0.2.80
-- @usage nmap -sn --script ./mcpcap.nse --script-args 'mcpcap.file={/tmp/a.pcap,/tmp/b.pcap.gz}' 192.0.2.0/24
--
-- @args mcpcap.file The capture: a path or an http(s) URL; or a list
--       <code>{first,second}</code> that is read as one capture. Required.
-- @args mcpcap.filter A BPF expression; other packets are not looked at.
-- @args mcpcap.max-packets Stop after so many packets (default: all).
-- @args mcpcap.timeout Seconds for one pass over the capture (default: 600).
-- @args mcpcap.findings How many findings are shown (default: 5).
-- @args mcpcap.server The server's address in the capture, when it differs from
--       the scanned one (behind address translation, for example).
--
-- @output
-- PORT   STATE SERVICE
-- 80/tcp open  http
-- | mcpcap:
-- |   verdict: 14 of 277 data segments (5.1 %) towards the client were lost and sent again ...
-- |   packets: 205 to the server, 279 from it
-- |   connections: 1 seen, 1 attempted, 1 completed, 0 refused, 0 unanswered, 0 reset
-- |   retransmissions: 0 to the server, 5 from it
-- |   handshake_to_server: 20.6 ms median, 20.6 ms at most
-- |   server_response: 21.9 ms median, 21.9 ms at most
-- |   findings:
-- |
-- |       severity: error
-- |       side: network
-- |       confidence: high
-- |       text: 14 of 277 data segments (5.1 %) towards the client were lost and sent again ...
-- |       filter: ip.src == 192.0.2.80 && tcp.srcport == 80 && (...
-- |_      frames: 31, 76, 261, 272, 420
--
-- Post-scan script results:
-- | mcpcap:
-- |   diagnosed: 2
-- |   worst_first:
-- |_    192.0.2.80:80: 14 of 277 data segments (5.1 %) towards the client were lost ... (network)
--
-- @xmloutput
-- <elem key="verdict">14 of 277 data segments (5.1 %) towards the client were lost and sent again</elem>
-- <elem key="packets">205 to the server, 279 from it</elem>
-- <elem key="connections">1 seen, 1 attempted, 1 completed, 0 refused, 0 unanswered, 0 reset</elem>
-- <table key="findings">
--   <table>
--     <elem key="severity">error</elem>
--     <elem key="side">network</elem>
--     <elem key="confidence">high</elem>
--   </table>
-- </table>

author = "The authors of mcpcap"
license = "MIT"
categories = { "safe", "discovery" }

-- Quietly no script when the module is not installed.
local mcpcap = stdnse.silent_require "mcpcap"
local escape = stdnse.silent_require "mcpcap.escape"

-- NSE lets other scripts run only when one yields; a turn of the scheduler takes
-- some 50 ms.  So work about as long as that, in small steps.
local TURN_MS = 50
local STEP_PACKETS = 4096
local IDLE_SECONDS = 0.05

local TITLE = "mcpcap"
local RANK = { error = 3, warning = 2, notice = 1, info = 0 }

local function argument(name)
  return stdnse.get_script_args(TITLE .. "." .. name)
end

-- What all threads of the script share; nmap.registry lives as long as the scan.
local function shared()
  local registry = nmap.registry[TITLE]
  if not registry then
    registry = { diagnosed = {}, failures = {}, failed = {} }
    nmap.registry[TITLE] = registry
  end
  return registry
end

hostrule = function(host)
  return argument "file" ~= nil and host.ip ~= nil
end

portrule = function(host, port)
  return argument "file" ~= nil and host.ip ~= nil and port.protocol == "tcp" and port.state == "open"
end

postrule = function()
  return argument "file" ~= nil
end

-- ---------------------------------------------------------------------- work

local function number_argument(name)
  local text = argument(name)
  if text == nil then
    return nil
  end
  local number = tonumber(text)
  if not number or number <= 0 or number ~= number or number == math.huge then
    return nil, ("%s.%s: a number above 0 expected"):format(TITLE, name)
  end
  return number
end

local function options()
  local max_packets, wrong = number_argument "max-packets"
  if wrong then
    return nil, wrong
  end
  local timeout
  timeout, wrong = number_argument "timeout"
  if wrong then
    return nil, wrong
  end
  return {
    filter = argument "filter",
    max_packets = max_packets and math.floor(max_packets),
    timeout_ms = math.min(math.floor((timeout or 600) * 1000), 3600000),
    connections = 0,
  }
end

-- One pass over the capture, in turns.
local function read(session)
  local turn = nmap.clock_ms()
  local seen = -1
  while true do
    local state, message = session:step(STEP_PACKETS)
    if not state then
      return nil, message
    elseif state == "done" then
      return session:result()
    end
    local done = session:progress()
    if done == seen and nmap.clock_ms() - turn < 2 then
      stdnse.sleep(IDLE_SECONDS)          -- nothing came: a download that waits
      turn = nmap.clock_ms()
    elseif nmap.clock_ms() - turn >= TURN_MS then
      stdnse.sleep(0)
      turn = nmap.clock_ms()
    end
    seen = done
  end
end

-- The result for an address and a port (or none), or nil and a message.
local function analyze(address, port)
  local chosen, wrong = options()
  if not chosen then
    return nil, wrong
  end
  -- Misuse is an error in the library; here all arguments come from a command line.
  local ok, session, message = pcall(mcpcap.open, argument "file", address, port, chosen)
  if not ok then
    return nil, (tostring(session):gsub("^.*bad argument #%d+ to '[^']*' %((.*)%)$", "%1"))
  elseif not session then
    return nil, message
  end
  -- One pass at a time: many open ports must not mean many connection tables.
  local mutex = nmap.mutex(TITLE)
  mutex "lock"
  local done, result, why = pcall(read, session)
  mutex "done"
  session:close()
  if not done then
    return nil, tostring(result)
  end
  return result, why
end

-- -------------------------------------------------------------------- output

local function counted(n)
  return ("%d"):format(n or 0)
end

local function spread(latency)
  if latency and latency.count and latency.count > 0 then
    return ("%.1f ms median, %.1f ms at most"):format(latency.median or latency.max, latency.max)
  end
  return nil
end

local function two_ways(result, field)
  return ("%s to the server, %s from it"):format(counted(result.client_to_server[field]),
    counted(result.server_to_client[field]))
end

local function finding_table(finding)
  local out = stdnse.output_table()
  local evidence = finding.evidence or {}
  out.severity = finding.severity
  out.side = finding.side
  out.confidence = finding.confidence
  out.text = escape.visible(finding.text)
  out.filter = evidence.display_filter and escape.visible(evidence.display_filter) or nil
  if evidence.frames and #evidence.frames > 0 then
    local frames = {}
    for i, frame in ipairs(evidence.frames) do
      frames[i] = counted(frame)
    end
    out.frames = table.concat(frames, ", ")
  end
  return out
end

local function finding_tables(findings)
  local limit = number_argument "findings" or 5
  local out = {}
  for i, finding in ipairs(findings) do
    if i > limit then
      break
    end
    out[i] = finding_table(finding)
  end
  return out
end

local function describe(result, in_short)
  local out = stdnse.output_table()
  local analysis = result.analysis
  local handshakes, latency = analysis.handshakes, analysis.latency
  out.verdict = escape.visible(analysis.interpretation or "none")
  out.packets = two_ways(result, "packet_count")
  out.connections = ("%s seen, %s attempted, %s completed, %s refused, %s unanswered, %s reset"):format(
    counted(result.connection_count), counted(handshakes.attempted.client), counted(handshakes.completed.client),
    counted(handshakes.refused.client), counted(handshakes.unanswered.client), counted(analysis.resets.connections))
  if in_short then
    return out
  end
  out.retransmissions = two_ways(result, "retransmissions")
  out.handshake_to_server = spread(latency.handshake_rtt_ms.server)
  out.server_response = spread(latency.server_response_ms)
  if analysis.findings and #analysis.findings > 0 then
    out.findings = finding_tables(analysis.findings)
  end
  local capture = result.capture
  if capture.truncated then
    out.warning = "the capture ends early: " .. escape.visible(capture.truncated.reason)
  elseif capture.stopped then
    out.warning = "only a part was read: " .. escape.visible(capture.stopped.message)
  end
  return out
end

-- A failure is the same for every host and port: it is said once, at the end.
local function note_failure(message)
  local registry = shared()
  message = escape.visible(message)
  if not registry.failed[message] then
    registry.failed[message] = true
    registry.failures[#registry.failures + 1] = message
  end
  return stdnse.format_output(false, message)
end

local function keep(result)
  local registry = shared()
  local first = result.analysis.findings and result.analysis.findings[1]
  registry.diagnosed[#registry.diagnosed + 1] = {
    server = result.server,
    address = result.server_ip,
    whole_host = result.server_port == nil,
    rank = first and RANK[first.severity] or 0,
    text = first and escape.visible(first.text) or nil,
    side = first and first.side,
    packets = result.client_to_server.packet_count + result.server_to_client.packet_count,
  }
end

local function diagnose(address, port, in_short)
  local result, message = analyze(argument "server" or address, port)
  if not result then
    return note_failure(message)
  elseif result.status ~= "ok" then
    local registry = shared()
    registry.candidates = registry.candidates or result.candidates
    stdnse.verbose(2, "%s: no packet of it in the capture", result.server)
    return nil
  end
  keep(result)
  return describe(result, in_short)
end

-- ---------------------------------------------------------------------- post

local function worst_first(a, b)
  if a.rank ~= b.rank then
    return a.rank > b.rank
  elseif a.packets ~= b.packets then
    return a.packets > b.packets
  end
  return a.server < b.server
end

-- What is wrong, the worst first; a host is not named again for what one of its
-- ports was named for.
local function troubles(diagnosed)
  table.sort(diagnosed, worst_first)
  local lines, said = {}, {}
  for _, item in ipairs(diagnosed) do
    if item.rank > 0 and not item.whole_host then
      said[item.address .. " " .. item.text] = true
    end
  end
  for _, item in ipairs(diagnosed) do
    if item.rank > 0 and not (item.whole_host and said[item.address .. " " .. item.text]) then
      lines[#lines + 1] = ("%s: %s (%s)"):format(item.server, item.text, item.side or "unknown")
    end
  end
  return lines
end

local function summary()
  local registry = shared()
  local out = stdnse.output_table()
  if #registry.failures > 0 then
    out.ERROR = #registry.failures == 1 and registry.failures[1] or registry.failures
    return out
  end
  if #registry.diagnosed == 0 then
    if not registry.candidates or #registry.candidates == 0 then
      out.note = "The capture has no TCP traffic of the scanned hosts."
      return out
    end
    out.note = "The capture has no TCP traffic of the scanned hosts; it has these servers"
    out.servers = {}
    for i, candidate in ipairs(registry.candidates) do
      out.servers[i] = ("%s (%s packets)"):format(candidate.server, counted(candidate.packets))
    end
    return out
  end
  local lines = troubles(registry.diagnosed)
  out.diagnosed = #registry.diagnosed
  if #lines > 0 then
    out.worst_first = lines
  else
    out.note = "Nothing found that is wrong."
  end
  return out
end

action = function(host, port)
  if not host then
    return summary()
  end
  if not port then
    return diagnose(host.ip, nil, nmap.get_ports(host, nil, "tcp", "open") ~= nil)
  end
  return diagnose(host.ip, port.number)
end
