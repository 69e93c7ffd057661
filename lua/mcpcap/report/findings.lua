--- The findings of a result, ready to be laid out.
-- @module mcpcap.report.findings

local fields = require "mcpcap.report.fields"
local units = require "mcpcap.report.units"

local text, table_of = fields.text, fields.table_of

local findings = {}

local TONES = { error = "bad", warning = "warning" }

local MAX_FRAMES = 10

local function frames_text(evidence)
  local list = {}
  for i, frame in ipairs(table_of(evidence, "frames")) do
    if i > MAX_FRAMES then
      list[i] = "..."
      break
    end
    list[i] = type(frame) == "number" and ("%.0f"):format(frame) or tostring(frame)
  end
  return #list > 0 and table.concat(list, ", ") or nil
end

-- What speaks against it, as one line.
local function against_text(evidence)
  local parts = {}
  for _, remark in ipairs(table_of(evidence, "counter_evidence")) do
    parts[#parts + 1] = tostring(remark)
  end
  return #parts > 0 and table.concat(parts, "; ") or nil
end

-- In one pass tshark knows of a connection what was so before each frame.
local function filter_note(filter)
  return filter and filter:find("tcp.completeness", 1, true) and "in Wireshark, or with tshark -2" or nil
end

local function finding(item)
  local evidence = table_of(item, "evidence")
  local filter = text(evidence, "display_filter")
  return {
    id = text(item, "id"),
    severity = text(item, "severity") or "notice",
    tone = TONES[item.severity] or "notice",
    side = text(item, "side"),
    confidence = text(item, "confidence"),
    text = text(item, "text") or text(item, "id") or "finding",
    facts = require("mcpcap.report.evidence").facts(table_of(evidence, "counts"), "counts"),
    against = against_text(evidence),
    settle = text(item, "settle"),
    frames = frames_text(evidence),
    filter = filter,
    filter_note = filter_note(filter),
  }
end

--- Whose it is, by the worst finding; a remark is nobody's fault.
-- @tparam table result
-- @treturn ?table `side`, `confidence`, and what to `settle` it by
function findings.whose(result)
  local worst = table_of(table_of(result, "analysis"), "findings")[1]
  if type(worst) ~= "table" or not TONES[worst.severity] then
    return nil
  end
  local side = text(worst, "side")
  return side and { side = side, confidence = text(worst, "confidence"), settle = text(worst, "settle") } or nil
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
