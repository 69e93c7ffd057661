--- The views of a server's TCP traffic, as functions of `mcpcap`.
--
--     local view = assert(mcpcap.analyze_tcp_anomalies("capture.pcap", "10.0.0.2", 443))
--
-- Each is called without the first argument that is written here: `mcpcap` gives it.
-- Failure of the world is `nil, message, code`; misuse is an error at the caller.
-- @module mcpcap.tcp.calls

local tcp_views = require "mcpcap.tcp.views"

local tcp_calls = {}

-- A misuse of the arguments is raised at the caller of mcpcap's function, three levels
-- up, under the name that it used.
local function view(kind, analyze, path_or_url, server_ip, port, settings, options)
  local ok, result, message, code = pcall(tcp_views.call, kind, analyze, path_or_url, server_ip, port, settings,
    options)
  if not ok then
    error(type(result) == "string" and result:match("bad argument #.*$") or result, 4)
  end
  return result, message, code
end

--- How the TCP connections of a server began and ended.
-- @tparam function analyze given by mcpcap
-- @tparam string|file|table path_or_url as for `mcpcap.analyze_traffic_flow`
-- @tparam[opt] string server_ip nil: the busiest server; the capture is then read twice
-- @tparam[opt] integer port
-- @tparam[opt] table options see the README, and `detailed`: true for up to 100
-- connections instead of 10
-- @treturn[1] table the view, see docs/mcp.md
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function tcp_calls.analyze_tcp_connections(analyze, path_or_url, server_ip, port, options)
  local settings, rest = {}, {}
  if type(options) == "table" then
    for name, value in pairs(options) do
      (name == "detailed" and settings or rest)[name] = value
    end
  else
    rest = options
  end
  local result, message, code = view("connections", analyze, path_or_url, server_ip, port, settings, rest)
  return result, message, code
end

--- Statistics of a server's TCP traffic and the patterns in them.
-- @tparam function analyze given by mcpcap
-- @tparam string|file|table path_or_url as for `mcpcap.analyze_traffic_flow`
-- @tparam[opt] string server_ip nil: the busiest server; the capture is then read twice
-- @tparam[opt] integer port
-- @tparam[opt] table options see the README
-- @treturn[1] table the view, see docs/mcp.md
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function tcp_calls.analyze_tcp_anomalies(analyze, path_or_url, server_ip, port, options)
  local result, message, code = view("anomalies", analyze, path_or_url, server_ip, port, {}, options)
  return result, message, code
end

--- How much was sent again, and on which connections.
-- @tparam function analyze given by mcpcap
-- @tparam string|file|table path_or_url as for `mcpcap.analyze_traffic_flow`
-- @tparam[opt] string server_ip nil: the busiest server; the capture is then read twice
-- @tparam[opt=0.02] number threshold share of all packets that counts as high
-- @tparam[opt] table options see the README
-- @treturn[1] table the view, see docs/mcp.md
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function tcp_calls.analyze_tcp_retransmissions(analyze, path_or_url, server_ip, threshold, options)
  if threshold ~= nil and not (type(threshold) == "number" and threshold >= 0 and threshold <= 1) then
    error("bad argument #3 to 'analyze_tcp_retransmissions' (threshold: number from 0 to 1 expected)", 3)
  end
  local result, message, code = view("retransmissions", analyze, path_or_url, server_ip, nil,
    { threshold = threshold }, options)
  return result, message, code
end

return tcp_calls
