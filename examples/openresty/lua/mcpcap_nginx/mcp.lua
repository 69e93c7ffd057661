--- `POST /mcp`: the Model Context Protocol, Streamable HTTP, without sessions.
--
-- `mcpcap.mcp_http` decides; this module owns the connection.  A tool call is
-- stepped on the event loop with everybody else's requests in between, its
-- progress goes out as events while it runs, and a client that closes the
-- connection ends it: without sessions nobody could ever fetch the result.
-- @module mcpcap_nginx.mcp

local http = require "mcpcap.mcp_http"
local limit = require "mcpcap_nginx.limit"
local mcp = require "mcpcap.mcp"
local runner = require "mcpcap_nginx.runner"
local settings = require "mcpcap_nginx.settings"

local endpoint = {}

local BUSY = "Server busy: too much is being analysed at the moment; try again in a second"
-- An idle source is asked again after so long.
local IDLE_SECONDS = 0.02

local service

-- Made when it is first needed, after the settings.
local function get_service()
  service = service or mcp.new {
    policy = {
      roots = settings.captures, url = { allowed = settings.urls, private = false },
      max_packets = settings.max_packets, max_connections = settings.max_connections,
    },
    on_defect = function(text)
      ngx.log(ngx.ERR, "mcpcap: ", text)
    end,
  }
  return service
end

local function put_headers(status, headers)
  ngx.status = status
  for name, value in pairs(headers) do
    ngx.header[name] = value
  end
  ngx.header["Cache-Control"] = headers["Cache-Control"] or "no-store"
end

local function respond(status, headers, body)
  put_headers(status, headers)
  ngx.header["Content-Length"] = #body
  if body == "" then
    return ngx.send_headers()
  end
  return ngx.print(body)
end

-- Writes at once; false when nobody reads any more.
local function write(text)
  return ngx.print(text) ~= nil and ngx.flush(true) ~= nil
end

-- Steps a call to its end.
local function work(exchange)
  local is_gone = runner.watch_client()
  local call = exchange.call
  if exchange.is_stream then
    put_headers(exchange.status, exchange.headers)
    ngx.send_headers()
    ngx.flush(true)
  end
  while true do
    local state = call:step(0)
    if state == "done" then
      break
    end
    local event = exchange:progress(ngx.now())
    if event and not write(event) or is_gone() then
      call:cancel()
      return ngx.log(ngx.NOTICE, "mcpcap: the client has gone, and its analysis has ended")
    elseif state == "idle" then
      ngx.sleep(IDLE_SECONDS)
    else
      limit.pause()
    end
  end
  if exchange.is_stream then
    return write(exchange:last())
  end
  return respond(exchange.status, exchange.headers, exchange:last())
end

local function refuse_busy(exchange)
  local id = exchange.call.id
  exchange.call:cancel()
  ngx.header["Retry-After"] = 1
  respond(503, http.json_headers, mcp.error(id, mcp.codes.internal, BUSY))
end

local function body_of()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local path = not body and ngx.req.get_body_file()
  if path then
    local file = assert(io.open(path, "rb"))
    body = file:read("*a")
    file:close()
  end
  return body or ""
end

local function handle()
  local method = ngx.req.get_method()
  local answer = http.accept(get_service(), {
    method = method, headers = ngx.req.get_headers(100), body = method == "POST" and body_of() or "",
  }, settings.welcome())
  if not answer.call then
    return respond(answer.status, answer.headers, answer.body)
  end
  local ok, accepted = pcall(limit.run_in_turns, work, answer)
  answer.call:cancel()                       -- nothing, when it has ended
  if not ok then
    error(accepted, 0)
  elseif not accepted then
    refuse_busy(answer)
  end
end

function endpoint.handle()
  local ok, problem = pcall(handle)
  if not ok then
    ngx.log(ngx.ERR, "mcpcap: ", tostring(problem))
    if not ngx.headers_sent then
      respond(500, http.json_headers, mcp.error(nil, mcp.codes.internal, "Internal error"))
    end
  end
end

function endpoint.too_large()
  respond(413, http.json_headers, mcp.error(nil, mcp.codes.request, "The body is too long"))
end

return endpoint
