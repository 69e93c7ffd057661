--- The findings of a result, ready to be laid out.
-- @module mcpcap.report.findings

local fields = require "mcpcap.report.fields"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of

local findings = {}

local TONES = {
  critical = "bad", error = "bad", high = "bad", severe = "bad", major = "bad",
  warning = "warning", warn = "warning", medium = "warning", minor = "warning",
  ok = "good", none = "good", good = "good",
}
local function tone_of(severity)
  return TONES[tostring(severity):lower()] or "notice"
end

local FILTER_KEYS = { "filter", "display_filter", "wireshark_filter", "wireshark" }
local FRAME_KEYS = { "frames", "first_frames", "frame_numbers" }
local AGAINST_KEYS = { "counter_evidence", "against", "counter" }
local SETTLE_KEYS = { "settle", "would_settle", "settled_by" }

local function first_of(tables, keys)
  for _, t in ipairs(tables) do
    for _, key in ipairs(keys) do
      local value = type(t) == "table" and t[key] or nil
      if value ~= nil and value ~= "" then
        return value
      end
    end
  end
  return nil
end

local function set_of(...)
  local set = {}
  for i = 1, select("#", ...) do
    for _, key in ipairs((select(i, ...))) do
      set[key] = true
    end
  end
  return set
end

local NOT_COUNTS = set_of(FILTER_KEYS, FRAME_KEYS, AGAINST_KEYS, SETTLE_KEYS)

-- A piece of evidence on one line, whatever it is.
local function describe(name, value, depth)
  if type(value) == "number" then
    if number({ value }, 1) == nil then
      return nil
    end
    local label, shown = units.named(name, value)
    return label .. " " .. shown
  elseif type(value) == "boolean" then
    return units.words(name) .. (value and "" or ": no")
  elseif type(value) == "string" then
    return units.words(name) .. ": " .. value
  elseif type(value) ~= "table" or depth > 2 then
    return nil
  end
  local parts = {}
  for _, item in ipairs(value) do
    parts[#parts + 1] = type(item) == "table" and describe("", item, depth + 1) or tostring(item)
  end
  for _, key in ipairs(fields.ordered_keys(value)) do
    parts[#parts + 1] = describe(key, value[key], depth + 1)
  end
  if #parts == 0 then
    return nil
  end
  return (name ~= "" and units.words(name) .. ": " or "") .. table.concat(parts, ", ")
end

-- The counts stand in evidence.counts, or in the evidence itself.
local function evidence_facts(evidence)
  local facts = {}
  for _, item in ipairs(evidence) do
    facts[#facts + 1] = type(item) == "table" and describe("", item, 1) or tostring(item)
  end
  local counts = table_of(evidence, "counts")
  for _, key in ipairs(fields.ordered_keys(counts)) do
    facts[#facts + 1] = describe(key, counts[key], 1)
  end
  for _, key in ipairs(fields.ordered_keys(evidence)) do
    if not NOT_COUNTS[key] and not (key == "counts" and counts == evidence.counts) then
      facts[#facts + 1] = describe(key, evidence[key], 1)
    end
  end
  return facts
end

-- One remark, or several, as one line.
local function remarks(value)
  if type(value) ~= "table" then
    return value ~= nil and tostring(value) or nil
  end
  local parts = {}
  for _, item in ipairs(value) do
    parts[#parts + 1] = type(item) == "table" and describe("", item, 1) or tostring(item)
  end
  for _, key in ipairs(fields.ordered_keys(value)) do
    parts[#parts + 1] = describe(key, value[key], 1)
  end
  return #parts > 0 and table.concat(parts, "; ") or nil
end

local MAX_FRAMES = 10

local function frames_text(value)
  if type(value) ~= "table" then
    return value ~= nil and tostring(value) or nil
  end
  local list = {}
  for i, frame in ipairs(value) do
    if i > MAX_FRAMES then
      list[i] = "..."
      break
    end
    list[i] = type(frame) == "number" and ("%.0f"):format(frame) or tostring(frame)
  end
  return #list > 0 and table.concat(list, ", ") or nil
end

local function finding(item)
  local evidence = table_of(item, "evidence")
  local places = { evidence, item }
  return {
    id = text(item, "id"),
    severity = text(item, "severity") or "notice",
    tone = tone_of(item.severity),
    side = text(item, "side"),
    confidence = text(item, "confidence") or (number(item, "confidence") and units.percent(item.confidence)),
    text = text(item, "text") or text(item, "id") or "finding",
    facts = evidence_facts(evidence),
    against = remarks(first_of(places, AGAINST_KEYS)),
    settle = remarks(first_of(places, SETTLE_KEYS)),
    frames = frames_text(first_of(places, FRAME_KEYS)),
    filter = remarks(first_of(places, FILTER_KEYS)),
  }
end

--- What was not said because the capture cannot bear it, in sentences: one for
-- each reason.
-- @tparam table result
-- @treturn table list of strings
function findings.withheld(result)
  local reasons, ids = {}, {}
  for _, item in ipairs(table_of(table_of(result, "analysis"), "withheld")) do
    local id, why = text(item, "id"), text(item, "why")
    if id and why then
      if not ids[why] then
        reasons[#reasons + 1], ids[why] = why, {}
      end
      table.insert(ids[why], units.words(id))
    end
  end
  for i, why in ipairs(reasons) do
    reasons[i] = ("Withheld, because %s: %s."):format(why, table.concat(ids[why], ", "))
  end
  return reasons
end

--- The section of the findings, the worst first as the result has them.
-- @tparam table result
-- @treturn ?table nil when the result has no list of findings
function findings.section(result)
  local list = table_of(result, "analysis").findings
  if type(list) ~= "table" then
    return nil
  end
  local items = {}
  for _, item in ipairs(list) do
    if type(item) == "table" then
      items[#items + 1] = finding(item)
    end
  end
  return {
    id = "findings", title = "Findings", kind = "findings", items = items,
    empty = "Nothing in the counts points to a fault.",
  }
end

return findings
