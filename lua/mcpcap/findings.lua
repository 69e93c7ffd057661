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
--
-- The rules are long, for they say what they mean, and most captures are sound: a
-- group of rules is loaded when one of them may have something to say.
-- @module mcpcap.findings

local quality = require "mcpcap.quality"

local function any(counts)
  for _, n in pairs(counts) do
    if n > 0 then
      return true
    end
  end
end

local function of_either(counts)
  return counts.client > 0 or counts.server > 0
end

-- Each group and whether it can be left out: `may(case)` holds wherever one of its
-- rules speaks.  The numbers here are not above those of the rules.
local GROUPS = {
  { "mcpcap.findings_open", function(case)
    local sums = case.sums
    local h, options = sums.handshakes, sums.options
    return of_either(h.refused) or of_either(h.unanswered) or of_either(h.half_open) or of_either(h.half_open_unproven)
      or of_either(h.completed_retried) or h.attempted.server > 0 or sums.unaccepted > 0 or sums.server_ports >= 10
      or options.scale_offered > options.scale_agreed or options.sack_offered > options.sack_agreed or #case.icmp > 0
  end },
  { "mcpcap.findings_reset", function(case)
    local r = case.sums.resets
    return of_either(r.signs.two_or_more) or of_either(r.mid_data) or of_either(r.established) or of_either(r.half_open)
      or of_either(r.half_closed) or of_either(r.late) or of_either(r.after_close) or of_either(r.stray)
  end },
  { "mcpcap.findings_path", function(case)
    local a, b = case.latency.handshake_to_server_ms, case.latency.handshake_to_client_ms
    return any(case.c2s.late_segments) or any(case.s2c.late_segments)
      or case.c2s.lost_segments + case.s2c.lost_segments > 0 or of_either(case.sums.black_hole) or #case.icmp > 0
      or a.count > 0 and b.count > 0 and a.median + b.median >= 100
      or case.c2s.rtt_ms.count > 0 and case.c2s.rtt_ms.p95 >= 100
      or case.s2c.rtt_ms.count > 0 and case.s2c.rtt_ms.p95 >= 100
  end },
  { "mcpcap.findings_ends", function(case)
    local c2s, s2c, response = case.c2s, case.s2c, case.latency.server_response_ms
    return c2s.zero_windows + s2c.zero_windows + c2s.window_full + s2c.window_full + c2s.keep_alives + s2c.keep_alives
      + case.sums.silent_answers > 0 or c2s.tiny_segments + s2c.tiny_segments >= 50
      or response.count > 0 and (response.median >= 40 or response.p95 >= 40)
  end },
  { "mcpcap.findings_capture", function(case)
    local capture, sums, q = case.capture, case.sums, case.quality
    return q.one_sided or q.mirrored or q.acked_unseen > 0 or capture.truncated or capture.stopped
      or (capture.dropped_by_capture or 0) > 0 or capture.time_regressions + capture.undecoded_frames
        + capture.cut_short_frames + capture.connections_not_kept + capture.cut_frames + sums.approximate_bytes
        + sums.approximate_rtt + sums.mid_stream + case.c2s.segments_over_mss + case.s2c.segments_over_mss > 0
  end },
}

local function names_of(case)
  local names = {}
  for _, group in ipairs(GROUPS) do
    if not case or group[2](case) then
      names[#names + 1] = group[1]
    end
  end
  return names
end

--- The rules, in the order in which equals are reported; all of them are loaded when
-- this field is first read.
-- @table rules
local findings = setmetatable({}, {
  __index = function(findings, key)
    if key == "rules" then
      findings.rules = require("mcpcap.findings_rules").load(names_of())
      return findings.rules
    end
  end,
})

--- What a rule gets to see; display filters come with the first rule that is asked.
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
  }
  case.quality = quality.of(case)
  case.vantage = quality.vantage_of(case)
  return case
end

--- Applies all rules.
-- @tparam table result the result table; not changed
-- @treturn table the findings, the weightiest first
-- @treturn table what was withheld: `{ id, why }`
-- @treturn table the case, for who wants to go on from it
function findings.of(result)
  local case = findings.case_of(result)
  local names, found, withheld = names_of(case), {}, {}
  if #names > 0 then
    local rules = require "mcpcap.findings_rules"
    found, withheld = rules.ask(rules.load(names), case)
  end
  return found, withheld, case
end

return findings
