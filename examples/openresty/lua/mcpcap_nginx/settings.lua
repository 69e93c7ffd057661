--- What the operator decides, set once in `init_by_lua`.
-- @module mcpcap_nginx.settings

local settings = {
  captures = {},          -- folders that requests may name files of
  uploads = nil,          -- where nginx keeps bodies
  spool = nil,            -- where a capture is kept that came inside a form
  hosts = {},             -- names that this server is called by, beside those of loopback
  urls = true,            -- MCP clients may name captures on public hosts
  running = 64,           -- analyses accepted at a time by a worker process; more are refused with 503
  active = 4,             -- of them at work on the event loop at a time; the others wait
  timeout_ms = 60000,     -- of one analysis
  max_packets = 100 * 1000 * 1000,
  max_bytes = 4 * 1024 * 1024 * 1024,     -- unpacked
  max_connections = 65536,
}

local known = { uploads = true, spool = true }
for name in pairs(settings) do
  known[name] = true
end

--- Takes the fields of a table over.
-- @raise on a field that does not exist
function settings.set(given)
  for name, value in pairs(given) do
    if not known[name] then
      error("settings: unknown field " .. tostring(name), 2)
    end
    settings[name] = value
  end
end

--- Who may ask, for `mcpcap.mcp_http.is_welcome`.
function settings.welcome()
  local hosts = { "localhost", "127.0.0.1", "[::1]" }
  for _, name in ipairs(settings.hosts) do
    hosts[#hosts + 1] = name
  end
  return { hosts = hosts }
end

return settings
