--- What may be the id of a request or the token of its progress (JSON-RPC 2.0, 4; MCP
-- takes no null and no fractions).
-- @module mcpcap.mcp.ids

local json = require "mcpcap.json"

local ids = {}

local MAX_EXACT = 2 ^ 53

--- Whether a value is a string or an integer that every JSON library keeps.
-- @param value as `json.decode` gives it
-- @treturn boolean
function ids.is_id(value)
  local exact = rawget(math, "type")
  return type(value) == "string" or (type(value) == "number" and value == math.floor(value)
    and (math.abs(value) <= MAX_EXACT or (exact ~= nil and exact(value) == "integer")))
end

--- The name of an id in a table: 1 is not "1".
-- @param id
-- @treturn string
function ids.key_of(id)
  return type(id) .. ":" .. json.encode(id)
end

return ids
