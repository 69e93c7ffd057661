--- JSON Schema of the parts of a result, made of the field table (`mcpcap.fields`).
-- @module mcpcap.mcp.fields_schema

local fields = require "mcpcap.fields"
local json = require "mcpcap.json"

local fields_schema = {}

local SCALAR = { integer = "integer", number = "number", text = "string", boolean = "boolean" }

-- For a model, not for a page: no marks.
local function plain(text)
  return (text:gsub("%[([^%]]*)%]%([^)]*%)", "%1"):gsub("`", ""))
end

local function check(part, keys, what)
  for _, key in ipairs(keys) do
    if not fields.entry(part, key) then
      error(("%s of the schema: '%s' has no key '%s'"):format(what, part, key), 0)
    end
  end
end

local rule_of

-- Descriptions: all of them, or where `choice.described` is given those of "part.key" that it lists.
local function described(choice, part, key)
  return not choice.described or choice.described[part .. "." .. key]
end

-- The schemas of the keys of a part that are shown.
local function properties_of(part, choice)
  local properties, shown = {}, choice.shown[part]
  if shown then
    check(part, shown, "shown")
  end
  local wanted = {}
  for _, key in ipairs(shown or {}) do
    wanted[key] = true
  end
  for _, entry in ipairs(fields.part(part)) do
    if not shown or wanted[entry[1]] then
      properties[entry[1]] = rule_of(entry[2], entry, choice, described(choice, part, entry[1]))
    end
  end
  return properties
end

local function part_rule(part, choice)
  local shown = choice.shown[part]
  if shown == false or (choice.described and not shown) then
    return { type = "object" }
  end
  local required = choice.required[part]
  if required then
    check(part, required, "required")
  end
  return { type = "object", properties = properties_of(part, choice), required = required and json.array(required) }
end

function rule_of(kind, entry, choice, tell)
  local shape, of = fields.kind(kind)
  local rule
  if shape == "list" then
    rule = { type = "array", items = rule_of(of, nil, choice) }
  elseif shape == "map" then
    rule = { type = "object", additionalProperties = rule_of(of, nil, choice) }
  elseif shape == "pair" then
    rule = { type = "object", properties = { client = rule_of(of, nil, choice), server = rule_of(of, nil, choice) } }
  elseif shape == "part" then
    rule = part_rule(of, choice)
  else
    rule = { type = SCALAR[of], minimum = of == "integer" and not choice.described and 0 or nil,
      enum = entry and entry.one_of and json.array(entry.one_of) }
  end
  if entry and tell then
    rule.description = plain(entry[5])
  end
  return rule
end

--- The schema of a part, or of several that stand in one table.
-- Only what `required` names is required, and more keys may stand beside those shown, so
-- that a result can grow.
-- @tparam table parts names of parts
-- @tparam table choice `shown`: by the name of a part the keys that are shown, false for
-- none; nil: all of them. `required`: by the name of a part the keys that must be there.
-- `described`: the keys ("part.key") that are described, and no least values then; nil: all of them
-- @treturn table a schema
-- @raise on a key that the field table does not have
function fields_schema.of(parts, choice)
  local all = { type = "object", properties = {}, required = {} }
  for _, part in ipairs(parts) do
    local rule = part_rule(part, choice)
    for key, item in pairs(rule.properties) do
      all.properties[key] = item
    end
    for _, key in ipairs(rule.required or {}) do
      all.required[#all.required + 1] = key
    end
  end
  all.required = json.array(all.required)
  return all
end

return fields_schema
