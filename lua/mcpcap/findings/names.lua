--- Rules about what clients asked for a name before they connected.
-- @module mcpcap.findings.names

local say = require "mcpcap.phrases"

-- A wait that somebody notices: as long as a client waits before it asks again, and more than a far resolver takes.
local LONG_MS = 1000
-- A share of lookups that come to nothing, from which on it is not an odd one.
local LOST_SHARE, LOST_LEAST = 0.1, 3

local rules = {}

-- What made lookups long, as far as it shows: a list of words.
local function reasons(dns)
  local list = {}
  local function add(n, one, many)
    if n > 0 then
      list[#list + 1] = dns.lookups == 1 and one or many:format(n)
    end
  end
  add(dns.repeated, "its question was put again before it was answered", "of %.0f the question was put again before it was answered")
  add(dns.failed_first, "errors came first", "of %.0f errors came first")
  add(dns.half_answered, "one kind of address (A or AAAA) stayed unanswered",
    "of %.0f one kind of address (A or AAAA) stayed unanswered")
  return list
end

-- How long the server itself then took to open.
local function opened(latency)
  local to, from = latency.handshake_rtt_ms.server, latency.handshake_rtt_ms.client
  if to.count == 0 or not to.median then
    return nil
  end
  return to.median + (from.median or 0)
end

rules[#rules + 1] = {
  id = "name_slow",
  about = "before they connected clients waited for the server's name, not for the server",
  check = function(case)
    local dns = case.result.dns
    if not dns or dns.slow == 0 then
      return
    end
    local longest, why, own = dns.longest, reasons(dns), opened(case.latency)
    local name = longest.name and (' ("%s")'):format(longest.name) or ""
    local text = ('Before connecting, clients waited for the server\'s name: %s took 200 ms or more, %s at most%s.'):format(
      say.of(dns.slow, dns.lookups, "lookup"), say.ms(longest.wait_ms), name)
    if dns.lookups == 1 then
      text = ("Before connecting, a client waited %s for the server's name%s."):format(say.ms(longest.wait_ms), name)
    end
    if own and own * 2 < longest.wait_ms then
      text = text .. (" The server itself then opened within %s%s."):format(say.ms(own),
        case.latency.handshake_rtt_ms.server.count > 1 and ", half of the time" or "")
    end
    if #why > 0 then
      text = text .. " " .. (say.list(why):gsub("^%l", string.upper)) .. "."
    end
    return {
      severity = longest.wait_ms >= LONG_MS and "warning" or "info",
      weight = 52,
      side = "network",
      confidence = "medium",
      text = text,
      evidence = {
        counts = { lookups = dns.lookups, lookups_slow = dns.slow, longest_ms = longest.wait_ms, median_ms = dns.wait_ms.median,
          lookups_repeated = dns.repeated, lookups_failed_first = dns.failed_first,
          lookups_half_answered = dns.half_answered, handshake_ms = own },
        counter_evidence = { "a client that knew the address already did not wait for the answer" },
        frames = dns.slow_frames,
        display_filter = say.frames_filter(dns.slow_frames),
      },
      settle = "who the clients ask for names: its log, whom it asks in turn, and the way there",
    }
  end,
}

local WORDS = {
  { "unanswered", "got no answer" }, { "no_name", "heard that there is no such name" },
  { "failed", "heard that the server for names failed" }, { "refused", "were refused" },
}

rules[#rules + 1] = {
  id = "name_lost",
  about = "clients asked for the server's name in vain",
  check = function(case)
    local dns = case.result.dns
    if not dns then
      return
    end
    local total, parts, frames, counts = 0, {}, {}, { lookups = dns.lookups }
    for _, kind in ipairs(WORDS) do
      local lost = dns.lost[kind[1]]
      counts["lookups_" .. kind[1]] = lost.lookups > 0 and lost.lookups or nil
      total = total + lost.lookups
      if lost.lookups > 0 then
        parts[#parts + 1] = ("%.0f %s"):format(lost.lookups, lost.lookups == 1 and kind[2]:gsub("^were", "was") or kind[2])
        for _, frame in ipairs(lost.frames) do
          frames[#frames + 1] = frame
        end
      end
    end
    if total == 0 then
      return
    end
    local often = total >= LOST_LEAST and total >= LOST_SHARE * (total + dns.lookups)
    return {
      severity = often and "warning" or "info",
      weight = 53,
      side = "network",
      confidence = "medium",
      text = ("Clients asked for %s in vain: %s. Other lookups of the same names led to the server."):format(
        #dns.names == 1 and ('"%s"'):format(dns.names[1].name) or "names of the server", say.list(parts)),
      evidence = {
        counts = counts,
        counter_evidence = { "an answer may have passed elsewhere, and a question may be one that nobody needed" },
        frames = frames,
        display_filter = say.frames_filter(frames),
      },
      settle = "who these clients ask for names: its log, and the way there",
    }
  end,
}

return rules
