--- How answers are sent: reports, failures.
-- @module mcpcap_nginx.answer

local escape = require "mcpcap.escape"
local json = require "mcpcap.json"

local answer = {}

--- Media types of the formats of a report.
answer.types = {
  html = "text/html; charset=utf-8", json = "application/json", text = "text/plain; charset=utf-8",
  markdown = "text/markdown; charset=utf-8",
}

-- HTTP status by the library's code; what is not here is the server's trouble.
local STATUS = {
  not_found = 404, denied = 403, not_file = 400, format = 422, link_type = 422, filter = 400, url = 400,
  invalid = 400, limit = 413, timeout = 504, busy = 503, too_large = 413, method = 405, origin = 403,
  cancelled = 499,
}

local PAGE = [[<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>No report</title><style>
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1.25rem; }
p { overflow-wrap: anywhere; } a { color: inherit; }
</style></head><body><h1>No report</h1><p>%s</p><p><a href="/" target="_top">Back</a></p></body></html>
]]

-- A report runs nothing and loads nothing, whatever slipped into it.
local CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-top-navigation-by-user-activation"

local function html(text)
  return (text:gsub("[&<>\"']", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
    ["'"] = "&#39;" }))
end

local function send(status, media_type, body)
  if not ngx.headers_sent then
    ngx.status = status
    ngx.header["Content-Type"] = media_type
    ngx.header["Cache-Control"] = "no-store"
    ngx.header["Content-Length"] = #body
    if media_type:find("^text/html") then
      ngx.header["Content-Security-Policy"] = CSP
    end
  end
  ngx.print(body)
end

--- A report, or why there is none.
-- @tparam string format
-- @tparam ?string text
-- @tparam ?string message
-- @tparam ?string code
function answer.send(format, text, message, code)
  if text then
    return send(200, answer.types[format], text)
  end
  local status = STATUS[code] or 500
  if status == 499 then
    ngx.log(ngx.NOTICE, "mcpcap: the client has gone, and its analysis has ended")
    return ngx.exit(499)                      -- nobody is there to read it
  elseif status == 503 then
    ngx.header["Retry-After"] = 1
  end
  message = escape.cut(escape.visible(message), 1000)
  if format == "html" then
    return send(status, answer.types.html, PAGE:format((html(message):gsub("%%", "%%%%"))))
  end
  return send(status, answer.types.json, json.encode({ error = { code = code, message = message } }) .. "\n")
end

--- Runs a handler; a defect of ours is logged and answered without details.
function answer.guard(format, handler)
  local ok, problem = pcall(handler)
  if not ok then
    ngx.log(ngx.ERR, "mcpcap: ", tostring(problem))
    answer.send(format, nil, "an error inside the server", "internal")
  end
end

return answer
