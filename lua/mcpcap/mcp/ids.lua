--- What may be the id of a request or the token of its progress (JSON-RPC 2.0, 4; MCP
-- takes no null and no fractions).
-- @module mcpcap.mcp.ids

local json = require "mcpcap.json"

local ids = {}

local MAX_EXACT = 2 ^ 53

local function is_exact(value)
  local exact = rawget(math, "type")
  return type(value) == "number" and value == math.floor(value)
    and (math.abs(value) <= MAX_EXACT or (exact ~= nil and exact(value) == "integer"))
end

--- Whether a value is a string or an integer.
-- @param value as `json.decode` gives it, and `ids.keep` keeps it
-- @treturn boolean
function ids.is_id(value)
  return type(value) == "string" or is_exact(value) or json.is_number(value)
end

--- Puts an integer into the words that it came in, where a Lua number has others or cannot
-- hold it: whoever sent it compares what comes back.
-- @tparam table container what holds it
-- @param key where
-- @tparam table sources of `json.decode`
function ids.keep(container, key, sources)
  local text = sources[container] and sources[container][key]
  if text and (text:find("^%-?%d+$") or is_exact(container[key])) then
    container[key] = json.number(text)
  end
end

local function is_object(value)
  return type(value) == "table" and value ~= json.null and not json.is_array(value)
end

--- The same for all that a message may have to name a request: its id, the id that it
-- cancels, the token of its progress.
-- @param message as `json.decode` gives it, or a list of such
-- @tparam table sources likewise
function ids.keep_all(message, sources)
  if json.is_array(message) then
    for i = 1, #message do
      if not json.is_array(message[i]) then
        ids.keep_all(message[i], sources)
      end
    end
    return
  elseif not is_object(message) then
    return
  end
  ids.keep(message, "id", sources)
  local params = message.params
  if is_object(params) then
    ids.keep(params, "requestId", sources)
    if is_object(params._meta) then
      ids.keep(params._meta, "progressToken", sources)
    end
  end
end

--- Whether the token of progress, where there is one, is a string or an integer: who asks
-- in another way would wait for what never comes.  Null is what some write for none.
-- @tparam ?table meta `params._meta` of a request
-- @treturn boolean
function ids.is_token_right(meta)
  local token = meta and rawget(meta, "progressToken")
  return token == nil or token == json.null or ids.is_id(token)
end

--- The name of an id in a table: 1 is not "1", but 1.0.
-- @param id
-- @treturn string
function ids.key_of(id)
  if json.is_number(id) then
    local number = tonumber(id.text)
    return "number:" .. (is_exact(number) and json.encode(number) or id.text)
  end
  return type(id) .. ":" .. json.encode(id)
end

return ids
