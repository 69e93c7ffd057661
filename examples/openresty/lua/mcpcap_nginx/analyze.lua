--- `GET /analyze/...?file=NAME&server=IP&port=PORT&format=json`: a capture of the
-- server's own.
-- @module mcpcap_nginx.analyze

local answer = require "mcpcap_nginx.answer"
local runner = require "mcpcap_nginx.runner"
local settings = require "mcpcap_nginx.settings"

local analyze = {}

--- A port from text: nil when there is none, false when it is no port.
function analyze.port_of(text)
  if text == nil or text == "" then
    return nil
  end
  local port = type(text) == "string" and text:match("^%d%d?%d?%d?%d?$") and tonumber(text)
  return port and port >= 1 and port <= 65535 and port or false
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

local function request_of(arguments)
  local file = text_of(arguments.file)
  if not file then
    return nil, "file: the name of a capture is missing", "invalid"
  end
  local port = analyze.port_of(arguments.port)
  if port == false then
    return nil, "port: an integer from 1 to 65535 expected", "invalid"
  end
  return runner.bounded {
    path = settings.captures[1] .. "/" .. file, name = file, roots = settings.captures,
    server = text_of(arguments.server), port = port, filter = text_of(arguments.filter),
    format = analyze.format_of(arguments.format, "json"),
  }
end

--- The format that was asked for, when it is one.
function analyze.format_of(name, default)
  return type(name) == "string" and answer.types[name] and name or default
end

local function handle(way)
  local arguments = ngx.req.get_uri_args(20)
  local format = analyze.format_of(arguments.format, "json")
  answer.guard(format, function()
    local request, message, code = request_of(arguments)
    if not request then
      return answer.send(format, nil, message, code)
    end
    return answer.send(format, way(request))
  end)
end

function analyze.in_slices()
  return handle(runner.in_slices)
end

function analyze.in_thread()
  return handle(runner.in_thread)
end

return analyze
