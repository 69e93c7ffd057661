--- Assertions about results for busted and luassert.
--
--     require "mcpcap.luassert"
--     assert.no_trouble(result)
--     assert.has_finding(result, "slow_server")
--     assert.has_no_finding(result, "error")
--
-- A failure says which findings there are; an id that no rule has is an error, since an
-- assertion that can never fail protects nothing.  Loading the module registers the
-- assertions with luassert; there is nothing to call.
-- @module mcpcap.luassert

local assert = require "luassert"
local findings_rules = require "mcpcap.findings.rules"
local say = require "say"

local SEVERITIES = { "info", "warning", "error" }
local RANK = { info = 1, warning = 2, error = 3 }

-- The findings of a result, or an error for what is none.
local function findings_of(result, name, level)
  local analysis = type(result) == "table" and result.analysis
  if type(analysis) ~= "table" or type(analysis.findings) ~= "table" then
    error(("bad argument #1 to '%s' (result: a result of analyze_traffic_flow expected, got %s)"):format(name,
      type(result)), level + 1)
  end
  return analysis.findings
end

local function describe(finding)
  return ("  %s [%s, %s] %s"):format(finding.id, finding.severity, finding.side, finding.text or "")
end

-- What a reader of a failed test wants to know: the server, and every finding.
local function list(result, found)
  local lines = { ("%s in %s"):format(tostring(result.server), tostring(result.file)) }
  for _, finding in ipairs(found) do
    lines[#lines + 1] = describe(finding)
  end
  if #found == 0 then
    lines[#lines + 1] = "  (no findings)"
  end
  return table.concat(lines, "\n")
end

-- The findings that `wanted` names: an id, or a severity and all above it.
local function matching(found, wanted)
  local picked = {}
  for _, finding in ipairs(found) do
    if finding.id == wanted or (RANK[wanted] and (RANK[finding.severity] or 0) >= RANK[wanted]) then
      picked[#picked + 1] = finding
    end
  end
  return picked
end

local known

-- The ids that rules have, by id; the rules are loaded at the first use.
local function known_ids()
  if not known then
    known = {}
    for _, rule in ipairs(findings_rules.load()) do
      known[rule.id] = true
    end
  end
  return known
end

-- The words of an id.
local function words_of(id)
  local words = {}
  for word in id:lower():gmatch("%w+") do
    words[word] = true
  end
  return words
end

-- Ids that share the most words with a wrong one, sorted: "server_slow" means "slow_server".
local function like(wrong)
  local wanted, best, near = words_of(wrong), 1, {}
  for id in pairs(known_ids()) do
    local shared = 0
    for word in pairs(words_of(id)) do
      shared = shared + (wanted[word] and #word > 2 and 1 or 0)
    end
    if shared > best then
      best, near = shared, { id }
    elseif shared == best then
      near[#near + 1] = id
    end
  end
  table.sort(near)
  return #near > 0 and "; did you mean " .. table.concat(near, ", ") .. "?" or ""
end

local function check_wanted(wanted, name, level)
  if type(wanted) ~= "string" then
    error(("bad argument #2 to '%s' (id or severity: string expected, got %s)"):format(name, type(wanted)), level + 1)
  elseif not RANK[wanted] and not known_ids()[wanted] then
    error(("bad argument #2 to '%s' (no finding has the id '%s'%s)"):format(name, wanted, like(wanted)), level + 1)
  end
end

-- luassert shows the arguments of a failed assertion: ours become one text.
local function explain(arguments, text)
  for i = 1, math.max(arguments.n or #arguments, 1) do
    arguments[i] = nil
  end
  arguments.n = 1
  arguments[1] = text
  arguments.nofmt = { true }
end

-- The level at which luassert's caller stands.
local function level_of(level)
  return (level or 1) + 1
end

--- `assert.has_finding(result, id)`: the result has this finding.
-- @function has_finding
-- @tparam table result
-- @tparam string wanted the id of a finding, or a severity ("info", "warning", "error"): one at least so severe
local function has_finding(_, arguments, level)
  local result, wanted = arguments[1], arguments[2]
  local found = findings_of(result, "has_finding", level_of(level))
  check_wanted(wanted, "has_finding", level_of(level))
  local ok = #matching(found, wanted) > 0
  explain(arguments, ("a finding \"%s\"; found:\n%s"):format(wanted, list(result, found)))
  return ok
end

--- `assert.has_no_finding(result, wanted)`: the result does not have it.
-- @function has_no_finding
-- @tparam table result
-- @tparam string wanted the id of a finding, or a severity: none so severe or worse
local function has_no_finding(_, arguments, level)
  local result, wanted = arguments[1], arguments[2]
  local found = findings_of(result, "has_no_finding", level_of(level))
  check_wanted(wanted, "has_no_finding", level_of(level))
  local picked = matching(found, wanted)
  explain(arguments, ("no finding \"%s\"; found:\n%s"):format(wanted, list(result, picked)))
  return #picked == 0
end

--- `assert.no_trouble(result)`: the capture covers the server, is whole, and no finding
-- is a warning or an error.
-- @function no_trouble
-- @tparam table result
local function no_trouble(_, arguments, level)
  local result = arguments[1]
  local found = findings_of(result, "no_trouble", level_of(level))
  local reasons = {}
  if result.status ~= "ok" then
    reasons[#reasons + 1] = ("status \"%s\""):format(tostring(result.status))
  end
  local capture = result.capture or {}
  if capture.truncated then
    reasons[#reasons + 1] = "the capture is cut: " .. tostring(capture.truncated.reason)
  end
  if capture.stopped then
    reasons[#reasons + 1] = "the work was stopped: " .. tostring(capture.stopped.message)
  end
  local picked = matching(found, "warning")
  local ok = #reasons == 0 and #picked == 0
  local text = list(result, picked)
  if #reasons > 0 then
    text = table.concat(reasons, "; ") .. "\n" .. text
  end
  explain(arguments, "no trouble; found:\n" .. text)
  return ok
end

say:set_namespace("en")
for name, f in pairs { has_finding = has_finding, has_no_finding = has_no_finding, no_trouble = no_trouble } do
  say:set(("assertion.%s.positive"):format(name), "Expected %s")
  say:set(("assertion.%s.negative"):format(name), "Did not expect %s")
  assert:register("assertion", name, f, ("assertion.%s.positive"):format(name),
    ("assertion.%s.negative"):format(name))
end

return { severities = SEVERITIES }
