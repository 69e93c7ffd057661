--- Loads groups of rules and asks them.
-- @module mcpcap.findings.rules

local quality = require "mcpcap.findings.quality"

local findings_rules = {}

-- The groups, in the order in which equals are reported.
local GROUPS = {
  "open", "attempts", "reset", "closing", "path", "route", "repeats", "numbers", "answers", "unanswered", "application",
  "names", "hardware", "ends", "limits", "capture",
}

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

-- MTUs that routers told, by the direction that they are about.
local function mtu_told(icmps)
  local told = { client_to_server = 0, server_to_client = 0 }
  for _, icmp in ipairs(icmps) do
    if icmp.mtu then
      told[icmp.about] = told[icmp.about] + icmp.count
    end
  end
  return told
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

local function lack_of(rule, lacks)
  for _, need in ipairs(rule.needs or {}) do
    if lacks[need] then
      return lacks[need]
    end
  end
end

--- What the capture cannot bear.
-- @tparam table case see mcpcap.findings
-- @treturn table need = why
function findings_rules.lacks_of(case)
  local q, lacks = case.quality, {}
  if q.one_sided then
    lacks.both_sides = ("only what the %s sent was captured"):format(q.one_sided)
    lacks.acks = lacks.both_sides
  end
  if q.written then
    lacks.both_sides, lacks.acks, lacks.arrival, lacks.taken = q.written, q.written, q.written, q.written
  end
  if q.mirrored then
    lacks.single_copies = "packets were captured twice"
  end
  if q.looping then
    lacks.arrival = "packets go round in a routing loop"
  end
  if q.reversed then
    lacks.roles = "the named server opened these connections itself, so who asks and who answers is the other way round"
  end
  if q.lengths_lost then
    lacks.lengths = "the original lengths are lost"
  end
  if case.capture.connections_not_kept > 0 then
    lacks.all_connections = "the connection table was full"
  end
  return lacks
end

--- The rules of some groups, in the order in which equals are reported.
-- @tparam[opt] table wanted true for each of the groups; nil: all
-- @treturn table rules
function findings_rules.load(wanted)
  local rules = {}
  for _, group in ipairs(GROUPS) do
    if not wanted or wanted[group] then
      for _, rule in ipairs(require("mcpcap.findings." .. group)) do
        rules[#rules + 1] = rule
      end
    end
  end
  return rules
end

-- A rule that rests on every packet, in its place, is as sure as the capture is whole.
local function weigh_capture(case, finding)
  local doubt = finding.confidence == "high" and finding.severity ~= "info" and quality.doubt_of(case)
  if doubt then
    local against = finding.evidence.counter_evidence or {}
    against[#against + 1] = doubt
    finding.confidence, finding.evidence.counter_evidence = "medium", against
  end
end

-- A rule whose innocents are told by what they say is not sure where nothing of that can be read.
local function weigh_words(case, finding, of)
  local q = case.quality
  local why = q.speechless and quality.SPEECHLESS or of == "heads" and q.heads_cut and quality.HEADS_CUT
  if why and finding.severity ~= "info" then
    local against = finding.evidence.counter_evidence or {}
    against[#against + 1] = why
    finding.confidence, finding.evidence.counter_evidence = "low", against
  end
end

--- Asks each rule.
-- @tparam table rules see mcpcap.findings
-- @tparam table case gets what only rules need: `filter`, `mtu_told`
-- @treturn table the findings, the weightiest first
-- @treturn table what was withheld: `{ id, why }`
function findings_rules.ask(rules, case)
  local found, withheld, lacks = {}, {}, findings_rules.lacks_of(case)
  case.filter = make_filters(case.result)
  case.mtu_told = mtu_told(case.icmp)
  for order, rule in ipairs(rules) do
    local lacking = lack_of(rule, lacks)
    local finding = rule.check(case)
    if finding and lacking then
      withheld[#withheld + 1] = { id = rule.id, why = lacking }
    elseif finding then
      finding.id = rule.id
      finding.order = order
      finding.weight = finding.weight or 0
      finding.confidence = finding.confidence or (finding.severity == "info" and "high" or "medium")
      finding.evidence = finding.evidence or {}
      if rule.rests_on_each then
        weigh_capture(case, finding)
      end
      if rule.rests_on_words then
        weigh_words(case, finding, rule.rests_on_words)
      end
      found[#found + 1] = finding
    end
  end
  table.sort(found, by_weight)
  for _, finding in ipairs(found) do
    finding.order, finding.weight = nil, nil
  end
  return found, withheld
end

return findings_rules
