--- MCP over Streamable HTTP, for a host that owns the connection.
--
-- Pure functions: a request as a table in; a response, or a call to be stepped,
-- out.  Every request stands alone, so any worker can answer it; there are no
-- sessions.  A host is a few lines around it:
--
--     local answer = http.accept(service, {
--       method = "POST", headers = headers, body = body,
--     }, { hosts = { "localhost", "127.0.0.1" } })
--     if answer.call == nil then
--       return respond(answer.status, answer.headers, answer.body)
--     end
--     begin(200, answer.headers)
--     while answer.call:step(0) ~= "done" do
--       write(answer:progress(now()))        -- nil, or an event
--       if client_has_gone() then            -- that is the cancel
--         return answer.call:cancel()
--       end
--       yield()
--     end
--     write(answer:last())                   -- the last event, or the JSON body
--
-- When `answer.is_stream` is false nothing is written before `last`, so the
-- status line can wait as well.
-- @module mcpcap.mcp.http

local ids = require "mcpcap.mcp.ids"
local json = require "mcpcap.json"
local unread = require "mcpcap.mcp.unread"
local mcp = require "mcpcap.mcp"

local http = {}

local codes = mcp.codes

http.json_headers = { ["Content-Type"] = "application/json" }
http.stream_headers = {
  ["Content-Type"] = "text/event-stream", ["Cache-Control"] = "no-cache", ["X-Accel-Buffering"] = "no",
}

-- No request is near this.
local MAX_BODY = 4 * 1024 * 1024

-- -------------------------------------------------------------------- headers

local function trim(value)
  return (value:gsub("^[ \t]+", ""):gsub("[ \t]+$", ""))
end

--- A header's value: names without case, blanks around it taken off; the first
-- of several is returned, with how many there are.
-- @tparam table headers name to string, or to a list of strings
-- @tparam string name
-- @treturn ?string
-- @treturn integer
function http.header(headers, name)
  name = name:lower()
  for key, value in pairs(headers) do
    if type(key) == "string" and key:lower() == name then
      if type(value) == "table" then
        return value[1] and trim(tostring(value[1])), #value
      end
      return trim(tostring(value)), 1
    end
  end
  return nil, 0
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Decodes base64 (RFC 4648, section 4).
-- @tparam string text
-- @treturn ?string nil when it is none
function http.base64(text)
  local body = text:match("^([%w+/]*)=?=?$")
  if not body or #text % 4 ~= 0 or #body % 4 == 1 then
    return nil
  end
  local out, bits, n = {}, 0, 0
  for char in body:gmatch(".") do
    bits = bits * 64 + ALPHABET:find(char, 1, true) - 1
    n = n + 6
    if n >= 8 then
      n = n - 8
      local high = math.floor(bits / 2 ^ n)
      out[#out + 1] = string.char(high)
      bits = bits - high * 2 ^ n
    end
  end
  return table.concat(out)
end

-- A header that mirrors a part of the body may be encoded.
local function decoded(value)
  local inner = value:match("^=%?base64%?(.*)%?=$")
  if inner then
    return http.base64(inner)
  end
  return value
end

-- "http://[::1]:8080" and "[::1]:8080" as "[::1]"; nil when it is no host.
local function host_of(value)
  value = value:lower():gsub("^%a[%w+.-]*://", "")
  local v6 = value:match("^(%[[%x:.]+%])$") or value:match("^(%[[%x:.]+%]):%d+$")
  return v6 or value:match("^([%w._-]+)$") or value:match("^([%w._-]+):%d+$")
end

local LOCAL = { "localhost", "127.0.0.1", "[::1]" }

local function is_listed(value, list)
  for _, item in ipairs(list) do
    if item:lower() == value then
      return true
    end
  end
  return false
end

--- Whether a request comes from where it may: the defence against web pages
-- that reach for a local server (DNS rebinding).
-- @tparam table headers
-- @tparam[opt] table policy `hosts`: names that this server answers to (default:
-- those of this machine; false: any), `origins`: origins of web pages that may
-- ask, beside those on `hosts`
-- @treturn boolean
function http.is_welcome(headers, policy)
  policy = policy or {}
  local hosts = policy.hosts == nil and LOCAL or policy.hosts
  local host, origin = http.header(headers, "Host"), http.header(headers, "Origin")
  if hosts and not (host and is_listed(host_of(host) or "", hosts)) then
    return false
  elseif not origin or is_listed(origin:lower(), policy.origins or {}) then
    return true
  end
  return hosts and origin:lower():find("^https?://") ~= nil and is_listed(host_of(origin) or "", hosts)
end

-- The methods whose `Mcp-Name` mirrors a parameter.
local NAMED = { ["tools/call"] = "name", ["prompts/get"] = "name", ["resources/read"] = "uri" }

--- Checks the headers of a modern request against its body.
-- @tparam table headers
-- @tparam table message as decoded
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function http.check_mirrors(headers, message)
  local params = type(message.params) == "table" and message.params or {}
  local meta = type(params._meta) == "table" and params._meta or {}
  local field = NAMED[message.method]
  local mirrors = {
    { "MCP-Protocol-Version", meta["io.modelcontextprotocol/protocolVersion"] },
    { "Mcp-Method", message.method },
    { "Mcp-Name", field and params[field] },
  }
  for _, mirror in ipairs(mirrors) do
    local name, expected = mirror[1], mirror[2]
    local value, n = http.header(headers, name)
    if type(expected) == "string" then
      if not value then
        return nil, "Header mismatch: " .. name .. " is missing"
      elseif n > 1 or (name == "Mcp-Name" and decoded(value) or value) ~= expected then
        return nil, "Header mismatch: " .. name .. " differs from the body"
      end
    end
  end
  return true
end

-- ------------------------------------------------------------------- responses

local function response(status, body, more)
  local headers = {}
  for name, value in pairs(body and http.json_headers or {}) do
    headers[name] = value
  end
  for name, value in pairs(more or {}) do
    headers[name] = value
  end
  return { status = status, headers = headers, body = body or "" }
end

local function failure(status, id, code, message)
  return response(status, mcp.error(id, code, message))
end

--- A message as an event of a stream.
-- @tparam string text JSON of one line
-- @treturn string
function http.event(text)
  return "data: " .. text .. "\n\n"
end

local exchange = {}
exchange.__index = exchange

--- A progress event, when there is one and a stream to carry it.
-- @tparam number now the host's clock, in seconds
-- @treturn ?string
function exchange:progress(now)
  local text = self.is_stream and self.call:progress(now) or nil
  return text and http.event(text)
end

--- What ends the response: the last event, or the JSON body; empty after a cancel.
-- @treturn string
function exchange:last()
  local reply = self.call.reply
  if not reply then
    return ""
  end
  return self.is_stream and http.event(reply) or reply
end

local function wants_stream(headers, message)
  local accept = http.header(headers, "Accept")
  local params = type(message.params) == "table" and message.params or {}
  local meta = type(params._meta) == "table" and params._meta or {}
  return (accept or ""):lower():find("text/event-stream", 1, true) ~= nil
    and ids.is_id(meta.progressToken)
end

-- The status of a request that was answered at once.
local function status_of(outcome, is_modern)
  if outcome.error == nil then
    return 200
  elseif is_modern and outcome.error == codes.method then
    return 404
  elseif outcome.error == codes.version or outcome.error == codes.request or outcome.error == codes.parse then
    return 400
  elseif is_modern and outcome.era == nil and outcome.error == codes.params then
    return 400                     -- the required metadata is missing or malformed
  end
  return 200
end

local function is_modern_version(version)
  return is_listed(version, mcp.modern_versions)
end

-- Answers a message of the modern era.
local function accept_modern(service, headers, message, body)
  if ids.is_id(message.id) and type(message.method) == "string" then
    local claimed = http.header(headers, "MCP-Protocol-Version")
    local params = type(message.params) == "table" and message.params or {}
    local meta = type(params._meta) == "table" and params._meta or {}
    if claimed and meta["io.modelcontextprotocol/protocolVersion"] == nil then
      return failure(400, message.id, codes.params,
        "params._meta needs io.modelcontextprotocol/protocolVersion")
    end
    local ok, why = http.check_mirrors(headers, message)
    if not ok then
      return failure(400, message.id, codes.header, why)
    end
  end
  return nil, service:peer():take(body)
end

local function accept_legacy(service, headers, message, body)
  local version = http.header(headers, "MCP-Protocol-Version")
  if version and message.method ~= "initialize" and not is_listed(version, mcp.legacy_versions) then
    return failure(400, nil, codes.request, "Unsupported MCP-Protocol-Version")
  end
  return nil, service:peer(version or "2025-03-26"):take(body)
end

local function check_request(request, policy)
  local headers = request.headers
  if not http.is_welcome(headers, policy) then
    return failure(403, nil, codes.request, "Forbidden: unknown Host or Origin")
  elseif request.method ~= "POST" then
    return response(405, nil, { Allow = "POST" })
  elseif (http.header(headers, "Content-Type") or ""):lower():match("^[^;%s]*") ~= "application/json" then
    return failure(415, nil, codes.request, "Content-Type must be application/json")
  elseif #(request.body or "") > (policy and policy.max_body or MAX_BODY) then
    return failure(413, (unread.id_of(request.body)), codes.request, "The body is too long")
  end
  return nil
end

local function is_modern(headers, message)
  local params = type(message.params) == "table" and message.params or {}
  local meta = type(params._meta) == "table" and params._meta or {}
  return rawget(meta, "io.modelcontextprotocol/protocolVersion") ~= nil
    or is_modern_version(http.header(headers, "MCP-Protocol-Version") or "")
end

--- Takes a request.
-- @tparam table service of `mcpcap.mcp`
-- @tparam table request `method`, `headers` (name to value, or to a list), `body`
-- @tparam[opt] table policy `hosts`, `origins` (see `is_welcome`), `max_body`
-- @treturn table a response `{ status, headers, body }`; or an exchange `{ call,
-- is_stream, is_modern, status, headers }` whose call is to be stepped.  Only
-- when `is_modern` is a lost connection a cancel; before, the call's time limit
-- ends what nobody waits for.
function http.accept(service, request, policy)
  local refusal = check_request(request, policy)
  if refusal then
    return refusal
  end
  local body, headers = request.body or "", request.headers
  if unread.is_expensive(body) then
    return failure(413, (unread.id_of(body)), codes.parse, "Parse error: too many values, escapes or letters")
  end
  local sources = {}
  local message, why = json.decode(body, sources)
  if message == nil then
    return failure(400, nil, codes.parse, "Parse error: " .. tostring(why))
  end
  ids.keep_all(message, sources)
  local modern = type(message) == "table" and message ~= json.null and is_modern(headers, message)
  local outcome
  if modern then
    refusal, outcome = accept_modern(service, headers, message, body)
  else
    refusal, outcome = accept_legacy(service, headers, type(message) == "table" and message or {}, body)
  end
  if refusal then
    return refusal
  elseif outcome.call then
    local is_stream = outcome.kind == "request" and wants_stream(headers, message)
    return setmetatable({
      call = outcome.call, is_stream = is_stream, is_modern = modern, status = 200,
      headers = response(200, nil, is_stream and http.stream_headers or http.json_headers).headers,
    }, exchange)
  elseif outcome.kind == "response" and modern then
    return failure(400, nil, codes.request, "Invalid request: this server asks nothing, so there is no response to it")
  elseif not outcome.reply then
    return response(202)
  end
  return response(status_of(outcome, modern), outcome.reply)
end

return http
