-- The table of docs/findings.md, from the rules and from the cases that fire them:
--
--     lua5.4 spec/lua/findings_table.lua
--
-- Needs the module's paths.  spec/lua/findings_page_spec.lua holds the page against it.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local rules = require("mcpcap.findings.rules").load()
local findings = require "mcpcap.findings"

local pieces = dofile(here .. "findings/pieces.lua")
pieces.load()

local SEVERITIES = { "error", "warning", "info" }
local SIDES = { "client", "server", "network", "capture" }

-- The members of a set, in the order of 'order', or sorted.
local function list(set, order)
  local out = {}
  if order then
    for _, name in ipairs(order) do
      if set[name] then
        out[#out + 1] = name
      end
    end
  else
    for name in pairs(set) do
      out[#out + 1] = name
    end
    table.sort(out)
  end
  return out
end

-- What the firing cases of each rule show: severities, sides, counts, counter-evidence.
local function seen_of()
  local seen = {}
  for _, case in ipairs(pieces.cases) do
    if case.want then
      local capture = case.make()
      local bytes = capture:bytes()
      local path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(bytes:sub(1, #bytes - (case.cut or 0)))
      file:close()
      local port = case.port
      if port == nil then
        port = capture.sides.s.port
      end
      local result = assert(require("mcpcap").analyze_traffic_flow(path, capture.sides.s.ip, port or nil, case.options))
      os.remove(path)
      local found = result.analysis.findings
      if case.alter then
        case.alter(result)
        found = findings.of(result)
      end
      for _, finding in ipairs(found) do
        if finding.id == case.id then
          local s = seen[case.id] or { severity = {}, side = {}, counts = {}, against = {} }
          seen[case.id] = s
          s.severity[finding.severity], s.side[finding.side] = true, true
          for name in pairs(finding.evidence.counts) do
            s.counts[name] = true
          end
          for _, text in ipairs(finding.evidence.counter_evidence or {}) do
            s.against[text] = true
          end
        end
      end
    end
  end
  return seen
end

local function table_of()
  local seen = seen_of()
  local lines = {
    "| id | fires on | severity | side | rests on | needs | against it |",
    "|---|---|---|---|---|---|---|",
  }
  for _, rule in ipairs(rules) do
    local s = seen[rule.id]
    lines[#lines + 1] = ("| `%s` | %s | %s | %s | %s | %s | %s |"):format(rule.id, rule.about,
      table.concat(list(s.severity, SEVERITIES), ", "), table.concat(list(s.side, SIDES), ", "),
      "`" .. table.concat(list(s.counts), "`, `") .. "`",
      rule.needs and table.concat(rule.needs, ", "):gsub("_", " ") or "–",
      table.concat(list(s.against), "; ") .. (next(s.against) and "" or "–"))
  end
  return table.concat(lines, "\n") .. "\n"
end

if arg and arg[0] and arg[0]:find("findings_table", 1, true) then
  io.write(table_of())
end

return { table_of = table_of }
