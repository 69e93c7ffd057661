--- Why a result covers only a part of its capture, in sentences.
-- @module mcpcap.report.partial

local fields = require "mcpcap.report.fields"

local number, text, table_of, any = fields.number, fields.text, fields.table_of, fields.any

local function truncated_warning(truncated)
  if type(truncated) ~= "table" then
    return truncated == true and "The capture ends early: what follows is what could be read." or nil
  end
  local parts = { "The capture ends early" }
  local input, offset = truncated.input, number(truncated, "offset")
  if type(input) == "string" and input ~= "" then
    parts[1] = parts[1] .. " in " .. input
  end
  if offset then
    parts[1] = parts[1] .. (" at byte %s"):format(require("mcpcap.report.units").count(offset))
  end
  parts[2] = text(truncated, "reason")
  return table.concat(parts, ": ") .. ". The figures cover what could be read before."
end

local function stopped_warning(stopped)
  if type(stopped) ~= "table" then
    return stopped == true and "The work was stopped: the figures cover what was read before." or nil
  end
  local reason = any(text, stopped, "message", "reason")
  return "The work was stopped" .. (reason and ": " .. reason or "") .. ". The figures cover what was read before."
end

-- Why a result covers only a part of its capture; of a comparison, why each of its captures does.
local function partial(result)
  local capture = table_of(result, "capture")
  local list = {}
  for i, single in ipairs(table_of(result, "singles")) do
    for _, sentence in ipairs(partial(single)) do
      list[#list + 1] = (text(table_of(result, "points")[i] or {}, "name") or "?") .. ": " .. sentence
    end
  end
  list[#list + 1] = truncated_warning(capture.truncated)
  list[#list + 1] = stopped_warning(capture.stopped)
  return list
end

return partial
