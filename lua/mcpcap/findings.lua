--- Opinions on the facts: rules over the result table.
--
-- A rule is a table `{ id, about, needs, check }`.  `check(case)` returns nothing,
-- or a finding without its id.  `needs` names what the capture must bear for the
-- rule to speak; what it cannot bear is withheld, and the result says so.
--
-- A finding is `{ id, severity, side, confidence, text, evidence, settle }`:
-- `severity` is "error", "warning" or "info"; `side` is whom it concerns (client,
-- server, network, capture); `evidence` is `{ counts, counter_evidence, frames,
-- display_filter }`; `settle` says what would settle it.
-- @module mcpcap.findings

local quality = require "mcpcap.quality"

local findings = {}

--- The rules, in the order in which equals are reported.
findings.rules = {}

for _, name in ipairs({ "mcpcap.findings_open", "mcpcap.findings_reset", "mcpcap.findings_path",
  "mcpcap.findings_ends", "mcpcap.findings_capture" }) do
  for _, rule in ipairs(require(name)) do
    findings.rules[#findings.rules + 1] = rule
  end
end

local SEVERITY = { error = 3, warning = 2, info = 1 }
local CONFIDENCE = { high = 3, medium = 2, low = 1 }

-- Wireshark's words for one direction of the server's traffic.
local function make_filters(result)
  local ip = result.server_ip
  local family = ip:find(":", 1, true) and "ipv6" or "ip"
  local port = result.server_port and ("%d"):format(result.server_port)
  local function both(field, tcp)
    local filter = ("%s.%s == %s"):format(family, field, ip)
    return port and ("%s && tcp.%s == %s"):format(filter, tcp, port) or filter .. " && tcp"
  end
  return {
    all = both("addr", "port"),
    client_to_server = both("dst", "dstport"),
    server_to_client = both("src", "srcport"),
  }
end

--- What a rule gets to see.
-- @tparam table result the result table
-- @treturn table case
function findings.case_of(result)
  local case = {
    result = result,
    c2s = result.client_to_server,
    s2c = result.server_to_client,
    sums = result.connection_sums,
    capture = result.capture,
    latency = result.analysis.latency,
    icmp = result.icmp or {},
    filter = make_filters(result),
  }
  case.mtu_told = { client_to_server = 0, server_to_client = 0 }
  for _, icmp in ipairs(case.icmp) do
    if icmp.mtu then
      case.mtu_told[icmp.about] = case.mtu_told[icmp.about] + icmp.count
    end
  end
  case.quality = quality.of(case)
  case.vantage = quality.vantage_of(case)
  return case
end

local function by_weight(a, b)
  if SEVERITY[a.severity] ~= SEVERITY[b.severity] then
    return SEVERITY[a.severity] > SEVERITY[b.severity]
  elseif a.weight ~= b.weight then
    return a.weight > b.weight
  elseif CONFIDENCE[a.confidence] ~= CONFIDENCE[b.confidence] then
    return CONFIDENCE[a.confidence] > CONFIDENCE[b.confidence]
  end
  return a.order < b.order
end

local function lacks(case, rule)
  for _, need in ipairs(rule.needs or {}) do
    if case.quality.lacks[need] then
      return case.quality.lacks[need]
    end
  end
end

--- Applies all rules.
-- @tparam table result the result table; not changed
-- @treturn table the findings, the weightiest first
-- @treturn table what was withheld: `{ id, why }`
-- @treturn table the case, for who wants to go on from it
function findings.of(result)
  local case = findings.case_of(result)
  local found, withheld = {}, {}
  for order, rule in ipairs(findings.rules) do
    local lacking = lacks(case, rule)
    local finding = rule.check(case)
    if finding and lacking then
      withheld[#withheld + 1] = { id = rule.id, why = lacking }
    elseif finding then
      finding.id = rule.id
      finding.order = order
      finding.weight = finding.weight or 0
      finding.confidence = finding.confidence or "high"
      finding.evidence = finding.evidence or {}
      found[#found + 1] = finding
    end
  end
  table.sort(found, by_weight)
  for _, finding in ipairs(found) do
    finding.order, finding.weight = nil, nil
  end
  return found, withheld, case
end

return findings
