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

local quality = require "mcpcap.findings.quality"
local vantage = require "mcpcap.findings.vantage"

-- Whether one of these counts, or pairs of them, is above zero.
local function any(counts, names)
  for name in names:gmatch("%S+") do
    local n = counts[name] or 0
    if (type(n) == "table" and n.client + n.server or n) > 0 then
      return true
    end
  end
end

local LATE = "resent resent_fins resent_needless reordered duplicated undecided"
local CAUSES = "lost_before lost_behind arrived acks_missing asked_for timer_too_short held_back tail_probe probe"
local ODD = "padding far_seq far_ack sack_outside ack_loop"
local WINDOWS = "zero_windows window_full"

local function speaks_of_answers(answers)
  local client, server = answers.client, answers.server
  return answers.asked.slow + answers.unasked.slow + answers.long_poll.slow + answers.relayed_handshakes > 0
    or answers.late_ack_ms.count + answers.first_byte.connections + answers.first_pause.connections > 0
    or answers.halts.connections + answers.drips.connections + answers.unspoken.connections > 0
    or client.ack_wait_ms.count + server.ack_wait_ms.count >= 3
end

local function speaks_of_unanswered(answers)
  local client, server = answers.client, answers.server
  return answers.one_way.connections + client.unheard + server.unheard > 0
    or client.small_mss.connections + server.small_mss.connections > 0
end

local function speaks_of_application(result)
  local tls, http = result.tls, result.http
  return tls and (tls.unanswered or tls.not_spoken or tls.hello_cut or tls.alerts or tls.certificates or tls.slow > 0)
    or http and (http.failed or http.gateway or http.unanswered or http.answers_cut_short
      or http.requests_cut_short or http.answers_stalled or http.to_tls)
end

local function speaks_of_names(dns)
  if not dns then
    return false
  end
  local lost = dns.lost
  return dns.slow + lost.unanswered.lookups + lost.no_name.lookups + lost.failed.lookups + lost.refused.lookups > 0
end

local function speaks_of_hardware(hardware)
  return hardware and (hardware.from_server.switches > 0 or hardware.to_clients.switches > 0
    or hardware.arp and hardware.arp.switches > 0)
end

-- The groups that may speak: a group is left out only where each of its rules is silent.
-- The numbers here are not above those of the rules.
local function groups_for(case)
  local c2s, s2c, sums, capture, q = case.c2s, case.s2c, case.sums, case.capture, case.quality
  local h, resets, options, latency = sums.handshakes, sums.resets, sums.options, case.latency
  local to_server, to_client = latency.handshake_rtt_ms.server, latency.handshake_rtt_ms.client
  local response, icmp = latency.server_response_ms, case.icmp[1]
  return {
    attempts = next(sums.attempts) ~= nil or sums.outcomes.answered_late or any(h, "refused"),
    open = icmp or any(h, "unanswered unanswered_unproven half_open half_open_unproven completed_retried")
      or h.attempted.server > 0 or sums.unaccepted > 0 or q.first_only or sums.server_ports >= 10 or sums.attempts.scanned
      or options.scale_offered > options.scale_agreed or options.sack_offered > options.sack_agreed,
    reset = resets.connections > 0 or any(resets.signs, "two_or_more"),
    closing = sums.outcomes.peer_gone or sums.outcomes.vanished_idle or sums.outcomes.close_wait,
    path = any(c2s.late_segments, LATE) or any(s2c.late_segments, LATE)
      or any(c2s.resent_causes, CAUSES) or any(s2c.resent_causes, CAUSES) or any(sums, "vanished_bytes")
      or c2s.lost_segments + s2c.lost_segments > 0 or any(sums, "black_hole"),
    route = icmp or q.looping or (to_server.median or 0) + (to_client.median or 0) >= 100
      or (c2s.rtt_ms.p95 or 0) >= 100 or (s2c.rtt_ms.p95 or 0) >= 100,
    answers = (response.median or 0) >= 40 or speaks_of_answers(case.answers),
    unanswered = sums.silent_answers > 0 or speaks_of_unanswered(case.answers),
    application = speaks_of_application(case.result),
    names = speaks_of_names(case.result.dns),
    hardware = speaks_of_hardware(case.result.hardware),
    repeats = any(c2s.resent_causes, CAUSES) or any(s2c.resent_causes, CAUSES) or any(sums, "vanished_bytes"),
    numbers = any(c2s.odd_segments, ODD) or any(s2c.odd_segments, ODD) or (sums.strays or 0) > 0,
    ends = any(c2s, WINDOWS) or any(s2c, WINDOWS) or c2s.odd_segments.keep_alives + s2c.odd_segments.keep_alives > 0
      or c2s.tiny_segments + s2c.tiny_segments >= 50,
    limits = c2s.limits or s2c.limits,
    capture = next(q.order_wrong) or q.lengths_lost
      or q.one_sided or q.mirrored or q.acked_unseen > 0 or capture.truncated or capture.stopped
      or any(capture, "dropped_by_capture timeless_frames time_regressions undecoded_frames sliced_header_frames "
        .. "sliced_frames inner_length_frames")
      or capture.connections_not_kept > 0
      or any(sums, "with_approximate_bytes with_approximate_rtt mid_stream")
      or c2s.segments_over_mss + s2c.segments_over_mss > 0,
  }
end

-- Rules look at so many connections, the most telling ones, whatever is to be shown.
local ROWS = 10

local findings = {}

-- The sums over connections in one place, wherever the result has them.
local function sums_of(result)
  local sums = { total = result.connection_count, port_reuses = result.capture.port_reuses }
  for key, value in pairs(result.connection_sums) do
    sums[key] = value
  end
  sums.handshakes, sums.resets = result.analysis.handshakes, result.analysis.resets
  return sums
end

--- What a rule gets to see; display filters come with the first rule that is asked.
-- @tparam table result the result table
-- @treturn table case
function findings.case_of(result)
  local case = {
    result = result,
    c2s = result.client_to_server,
    s2c = result.server_to_client,
    sums = sums_of(result),
    capture = result.capture,
    answers = result.connection_sums.answers,
    latency = result.analysis.latency,
    icmp = result.icmp or {},
    rows = {},
  }
  for i = 1, math.min(ROWS, #(result.connections or {})) do
    case.rows[i] = result.connections[i]
  end
  case.quality = quality.of(case)
  case.vantage = vantage.of(result)
  return case
end

--- Applies the rules that may have something to say.
-- @tparam table result the result table; not changed
-- @treturn table the findings, the weightiest first
-- @treturn table what was withheld: `{ id, why }`
-- @treturn table the case, for who wants to go on from it
function findings.of(result)
  local case = findings.case_of(result)
  local may = groups_for(case)
  local speaks = false
  for _, group in pairs(may) do
    speaks = speaks or group
  end
  if not speaks then
    return {}, {}, case
  end
  local rules = require "mcpcap.findings.rules"
  local found, withheld = rules.ask(rules.load(may), case)
  return found, withheld, case
end

return findings
