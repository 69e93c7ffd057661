--- `POST /report`: a capture comes, a report goes.
--
-- The capture is the body itself, with `?server=IP&port=PORT&name=FILE` (what the
-- page's script and `curl --data-binary` send), or the field "capture" of a form
-- (what a browser without script sends).  nginx writes the body to a file while it
-- comes; the analysis runs in a thread on that file.
-- @module mcpcap_nginx.upload

local analyze = require "mcpcap_nginx.analyze"
local answer = require "mcpcap_nginx.answer"
local http = require "mcpcap.mcp_http"
local limit = require "mcpcap_nginx.limit"
local multipart = require "mcpcap_nginx.multipart"
local runner = require "mcpcap_nginx.runner"
local settings = require "mcpcap_nginx.settings"

local upload = {}

local BLOCK = 256 * 1024

local function text_of(value)
  return type(value) == "string" and value:find("%S") and (value:gsub("^%s+", ""):gsub("%s+$", "")) or nil
end

-- The last component of a file name, as a browser gives it.
local function base_name(name)
  return name and name:match("([^/\\]+)$") or "capture"
end

-- Fields of the request, from the query or from a form.
local function request_of(path, root, fields)
  local port = analyze.port_of(text_of(fields.port))
  if port == false then
    return nil, "port: an integer from 1 to 65535 expected", "invalid"
  end
  return runner.bounded {
    path = path, roots = { root }, name = base_name(text_of(fields.name)),
    server = text_of(fields.server), port = port, filter = text_of(fields.filter),
    format = analyze.format_of(fields.format, "html"),
  }
end

-- Copies the capture out of a form; others have their turn between the blocks.
local function unpack_form(source, boundary, target)
  local input = assert(io.open(source, "rb"))
  local output, failure = assert(io.open(target, "wb")), nil
  local form = multipart.new(boundary, "capture", function(data)
    local ok, why = output:write(data)
    failure = failure or not ok and why
  end)
  local ok, why = true, nil
  while ok and not failure do
    local block = input:read(BLOCK)
    if not block then
      break
    end
    ok, why = form:feed(block)
    limit.pause()
  end
  input:close()
  local closed, problem = output:close()
  failure = failure or not closed and problem
  if failure then
    error("cannot keep the upload: " .. failure, 0)
  elseif not ok then
    return nil, "the form: " .. why
  elseif not form.complete then
    return nil, "the form ends early"
  elseif not form.file_name or form.file_name == "" then
    return nil, "choose a capture"
  end
  form.fields.name = form.file_name
  return form.fields
end

local serial = 0

local function from_form(body, boundary)
  serial = serial + 1
  local target = ("%s/%d-%d"):format(settings.spool, ngx.worker.pid(), serial)
  local ok, fields, why = pcall(unpack_form, body, boundary, target)
  local text, message, code
  local format = "html"
  if ok and fields then
    local request
    request, message, code = request_of(target, settings.spool, fields)
    if request then
      format = request.format
      ok, text, message, code = pcall(runner.in_thread, request)
    end
  elseif ok then
    message, code = why, "invalid"
  end
  os.remove(target)
  if not ok then
    error(text or fields, 0)
  end
  return format, text, message, code
end

local function from_body(body)
  local fields = ngx.req.get_uri_args(20)
  local request, message, code = request_of(body, settings.uploads, fields)
  if not request then
    return analyze.format_of(fields.format, "html"), nil, message, code
  end
  return request.format, runner.in_thread(request)
end

function upload.handle()
  answer.guard("html", function()
    if ngx.req.get_method() ~= "POST" then
      ngx.header.Allow = "POST"
      return answer.send("html", nil, "a capture is sent with POST", "method")
    elseif not http.is_welcome(ngx.req.get_headers(100), settings.welcome()) then
      return answer.send("html", nil, "not from this page", "origin")
    end
    ngx.req.read_body()
    local body = ngx.req.get_body_file()
    if not body then
      return answer.send("html", nil, "choose a capture", "invalid")
    end
    local content_type = ngx.var.http_content_type
    local boundary = multipart.boundary(content_type)
    if boundary then
      return answer.send(from_form(body, boundary))
    end
    return answer.send(from_body(body))
  end)
end

function upload.too_large(most)
  answer.guard("html", function()
    answer.send("html", nil, ("the capture is too large: %s at most"):format(most:upper()), "too_large")
  end)
end

return upload
