--- Rules about the two ends: who does not read, who stays idle, who sends in pieces.
-- @module mcpcap.findings.ends

local outcomes = require "mcpcap.findings.outcomes"
local say = require "mcpcap.phrases"

-- A closed window for this long in all is more than a pause to breathe.
local ZERO_WINDOW_WARNING_MS, ZERO_WINDOW_ERROR_MS = 100, 1000
-- Segments of 64 bytes and less are mostly header; such a share of them is a pattern.
local TINY_SHARE, TINY_LEAST = 0.5, 50
-- From here on the rules of what limits transfers tell of a window.
local TOLD_MS = 1000

local DIRECTIONS = {
  { name = "client_to_server", key = "c2s", from = "client", to = "server" },
  { name = "server_to_client", key = "s2c", from = "server", to = "client" },
}

local rules = {}

local function zero_window_rule(d)
  return {
    id = d.from .. "_not_reading",
    about = ("the %s's receive window closes: its process does not read"):format(d.from),
    needs = { "taken" },
    check = function(case)
      local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
      -- who is never seen has not waited, and a window that was never open has not closed
      if facts.zero_windows == 0 or back.packet_count == 0 and facts.zero_windows >= facts.packet_count then
        return
      end
      -- a window that is closed from the SYN-ACK on is told apart
      local shut = d.from == "server" and case.sums.attempts.window_shut
      local ms = facts.zero_window_ms - (shut and case.sums.attempts.window_shut_ms or 0)
      -- who answers no probe any more is gone: nobody knows that its process would not have read
      local gone = outcomes.sum(case, { "peer_gone" }, d.to)
      gone = gone and gone.connections >= case.sums.with_zero_window[d.from] and gone.longest_ms * 2 >= ms
      if shut and case.sums.with_zero_window.server <= shut.client and ms < ZERO_WINDOW_WARNING_MS then
        return
      end
      local severity = "info"
      if ms >= ZERO_WINDOW_ERROR_MS then
        severity = "error"
      elseif ms >= ZERO_WINDOW_WARNING_MS then
        severity = "warning"
      end
      local probes = back.zero_window_probes + back.keep_alives
      -- the window may be that of a box which answers in the server's name, and waits for the way behind it
      local relayed = case.answers.relayed_handshakes
      relayed = d.from == "server" and relayed > 0 and relayed >= case.sums.with_zero_window.server
      severity = (relayed or gone) and "info" or severity
      local n, closing = case.sums.with_zero_window[d.from], case.sums.with_closing_window[d.from]
      -- what was closed from its first packet here on nobody has seen to fill
      local unseen = closing * 2 < n
      local against
      if relayed then
        against = { "another host than the server's own seems to have answered the handshake: the "
            .. "window may be its own, closed because the way behind it is slower" }
      elseif gone then
        against = { ("the %s's probes found no answer: the %s, or the way to it, was gone"):format(d.to, d.from) }
      elseif unseen then
        against = { ("on %s nothing shows that the window had been open before: who takes connections before it can serve them, as a SYN proxy does, looks the same")
          :format(say.count(n - closing, "connection")) }
      end
      return {
        severity = severity,
        weight = 85,
        side = d.from,
        confidence = (relayed or gone) and "low" or unseen and "medium" or "high",
        text = ("The %s's receive window was closed%s on %s: %s%s."):format(d.from,
          ms >= 1 and (" for %s in all"):format(say.ms(ms)) or "", say.count(n, "connection"), unseen
          and "its process did not read what had arrived, or did not serve the connection yet"
          or "its process did not read what had arrived", ms >= 1 and (", and the %s had to wait"):format(d.to) or ""),
        evidence = {
          counts = { zero_windows = facts.zero_windows, zero_window_ms = ms,
            connections = n, probes = probes, window_full = back.window_full },
          counter_evidence = against,
          frames = facts.examples.zero_windows,
          display_filter = case.filter[d.name] .. " && tcp.analysis.zero_window",
        },
        settle = ("what the %s's process was doing meanwhile (its CPU, its disk, its own upstream)"):format(d.from),
      }
    end,
  }
end

rules[#rules + 1] = zero_window_rule(DIRECTIONS[1])
rules[#rules + 1] = zero_window_rule(DIRECTIONS[2])

-- What limited the transfers of a direction is known, and it was not the receiver's window; or another finding says so
-- of this direction: it speaks of the one with more time.
local function is_told_better(case, d)
  local limits, other = case[d.key].limits, case[d.key == "c2s" and "s2c" or "c2s"].limits
  if not limits or limits.connections == 0 then
    return false
  end
  local filled = false
  for _, kind in ipairs({ "small_window", "slow_reader" }) do
    local by, against = limits.by[kind], other and other.by[kind]
    if by then
      filled = true
      if by.longest_ms >= TOLD_MS and not (against and against.longest_ms >= TOLD_MS and against.time_ms > by.time_ms) then
        return true
      end
    end
  end
  return not filled and limits.undecided == 0 and limits.all_followed
end

local function window_limited_rule(d)
  return {
    id = "limited_by_" .. d.to .. "_window",
    about = ("the %s fills the %s's window and waits"):format(d.from, d.to),
    needs = { "acks" },
    check = function(case)
      local facts, back = case[d.key], case[d.key == "c2s" and "s2c" or "c2s"]
      if facts.window_full == 0 or back.zero_windows > 0 or is_told_better(case, d) then
        return
      end
      return {
        severity = "info",
        weight = 15,
        side = d.to,
        confidence = "medium",
        text = ("The %s filled the %s's receive window %s: the window%s, not the path, sets the pace."):format(
          d.from, d.to, say.times(facts.window_full),
          back.max_window and (" (at most %s)"):format(say.bytes(back.max_window)) or ""),
        evidence = {
          counts = { window_full = facts.window_full, max_window = back.max_window,
            scale_agreed = case.sums.options.scale_agreed },
          frames = facts.examples.window_full,
          display_filter = case.filter[d.name] .. " && tcp.analysis.window_full",
        },
        settle = ("a larger receive buffer on the %s"):format(d.to),
      }
    end,
  }
end

rules[#rules + 1] = window_limited_rule(DIRECTIONS[1])
rules[#rules + 1] = window_limited_rule(DIRECTIONS[2])

rules[#rules + 1] = {
  id = "keep_alives",
  about = "idle connections kept open by probes",
  check = function(case)
    local client, server = case.c2s.odd_segments.keep_alives, case.s2c.odd_segments.keep_alives
    local n = client + server
    -- Linux probes a closed window with the same kind of segment
    if n == 0 or case.c2s.zero_windows + case.s2c.zero_windows > 0 then
      return
    end
    -- nor is one a copy of an acknowledgement, which stands behind the FIN that followed it
    if case.quality.mirrored and case.sums.idle_gaps == 0 then
      return
    end
    local answers = case.c2s.keep_alive_acks + case.s2c.keep_alive_acks
    local by = client >= server and "client" or "server"
    return {
      severity = "info",
      weight = 8,
      side = by,
      confidence = "high",
      text = n == 1 and ("1 keep-alive (%s) holds an idle connection open; it is no retransmission."):format(
          answers == 0 and "not answered" or "answered")
        or ("%.0f keep-alives (%.0f answered) hold idle connections open; they are no retransmissions."):format(n, answers),
      evidence = {
        counts = { keep_alives = n, keep_alive_acks = answers, idle_gaps = case.sums.idle_gaps },
        frames = by == "client" and case.c2s.examples.probes or case.s2c.examples.probes,
        display_filter = case.filter.all .. " && (tcp.analysis.keep_alive || tcp.analysis.keep_alive_ack)",
      },
    }
  end,
}

rules[#rules + 1] = {
  id = "tiny_segments",
  about = "data sent in tiny pieces",
  needs = { "lengths" },
  check = function(case)
    for _, d in ipairs(DIRECTIONS) do
      local facts = case[d.key]
      local asked = case.answers[d.to].small_mss.segments
      local tiny = facts.tiny_segments - facts.odd_segments.padding
      if tiny >= TINY_LEAST and tiny >= TINY_SHARE * facts.data_packets and asked * 2 < tiny then
        return {
          severity = "info",
          weight = 7,
          side = d.from,
          confidence = "high",
          text = ("%s of the %s carry 64 bytes or less: more header than data."):format(
            say.of_capital(facts.tiny_segments, facts.data_packets, "data segment"), d.from),
          evidence = {
            counts = { tiny_segments = facts.tiny_segments, data_packets = facts.data_packets,
              payload_bytes = facts.payload_bytes },
            counter_evidence = { "interactive protocols are like that" },
            frames = facts.examples.tiny_segments,
            display_filter = case.filter[d.name] .. " && tcp.len > 0 && tcp.len <= 64",
          },
          settle = ("whether the %s's process writes each piece by itself"):format(d.from),
        }
      end
    end
  end,
}

return rules
