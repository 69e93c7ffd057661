--- What the page of a host (an MCP App) is drawn from, beside the answer of a tool.
-- @module mcpcap.mcp.tools_page

local json = require "mcpcap.json"
local report = require "mcpcap.report"

local tools_page = {}

local MAX_PAGE = 512 * 1024

--- What the page of a host is drawn from, beside an answer; nil for clients that show none, and where it is longer than
-- an answer may be.
function tools_page.of(context, result, options)
  if not context.shows_pages then
    return nil
  end
  local page = report.page(result, options)
  return #json.encode(page) <= MAX_PAGE and { ["mcpcap/page"] = page } or nil
end

-- A page has a table that is searched and a timeline that is looked into; the model gets what it asked for.
tools_page.connections, tools_page.buckets = 500, 200

local function folded(list, by)
  local out = {}
  for i, value in ipairs(list) do
    local at = math.ceil(i / by)
    out[at] = (out[at] or 0) + value
  end
  return out
end

local function fold_timeline(t, most)
  local by = math.ceil(#t.client_to_server.packets / most)
  if by <= 1 then
    return
  end
  t.bucket_ms = t.bucket_ms * by
  for _, side in ipairs { "client_to_server", "server_to_client" } do
    for key, list in pairs(t[side]) do
      t[side][key] = folded(list, by)
    end
  end
end

--- The page of a flow, of a result that is then cut to what was asked for.
function tools_page.take(context, result, connections, buckets)
  local page = tools_page.of(context, result)
  for i = #result.connections, connections + 1, -1 do
    result.connections[i] = nil
  end
  if result.timeline and buckets > 0 then
    fold_timeline(result.timeline, buckets)
  end
  return page
end

return tools_page
