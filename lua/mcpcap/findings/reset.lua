--- Rules about resets.
-- @module mcpcap.findings.reset

local say = require "mcpcap.phrases"

local SIDES = { "client", "server" }

local function filter_of(case, by)
  return case.filter[by == "client" and "client_to_server" or "server_to_client"] .. " && tcp.flags.reset == 1"
end

local function sent(case, phase, by)
  return case.sums.resets[phase][by]
end

local function frames_of(case, phase, by)
  return case.sums.resets[phase].frames[by]
end

-- What else is known of who sent them.
local function signs_against(case, by)
  local signs, list = case.sums.resets.signs, {}
  if signs.ttl[by] > 0 then
    list[#list + 1] = ("%s with a TTL apart from the %s's other packets"):format(say.count(signs.ttl[by], "reset"), by)
  end
  if signs.ip_id[by] > 0 then
    list[#list + 1] = ("%s with an IP identification out of the %s's run"):format(say.count(signs.ip_id[by], "reset"), by)
  end
  if signs.sequence[by] > 0 then
    list[#list + 1] = ("%s with a sequence number that is not the %s's next"):format(
      say.count(signs.sequence[by], "reset"), by)
  end
  if signs.race[by] > 0 then
    list[#list + 1] = ("after %s the %s goes on sending"):format(say.count(signs.race[by], "reset"), by)
  end
  return list
end

local function signs_for(case, by)
  local signs, list = case.sums.resets.signs, {}
  if signs.against_ttl[by] > 0 then
    list[#list + 1] = ("%s with the same TTL as the %s's other packets"):format(
      say.count(signs.against_ttl[by], "reset"), by)
  end
  if signs.against_ip_id[by] > 0 then
    list[#list + 1] = ("%s with the next IP identification of the %s's run"):format(
      say.count(signs.against_ip_id[by], "reset"), by)
  end
  return list
end

local function or_nothing(list)
  return #list > 0 and list or nil
end

-- Both sides have resets of a phase; the side with more is the subject.
local function leading(case, phases)
  local best, most = nil, 0
  for _, by in ipairs(SIDES) do
    local n = 0
    for _, phase in ipairs(phases) do
      n = n + sent(case, phase, by)
    end
    if n > most then
      best, most = by, n
    end
  end
  return best, most
end

local rules = {}

rules[#rules + 1] = {
  id = "reset_not_by_endpoint",
  about = "resets with two or more signs that another device sent them",
  check = function(case)
    local signs = case.sums.resets.signs
    for _, by in ipairs(SIDES) do
      if signs.two_or_more[by] > 0 then
        return {
          severity = "error",
          weight = 97,
          side = "network",
          confidence = "medium",
          text = ("%s in the %s's name %s signs of another sender: %s."):format(
            say.count(signs.two_or_more[by], "reset"), by, signs.two_or_more[by] == 1 and "carries" or "carry",
            table.concat(signs_against(case, by), "; ")),
          evidence = {
            counts = { resets_with_two_signs = signs.two_or_more[by], other_ttl = signs.ttl[by],
              other_ip_id = signs.ip_id[by], odd_sequence = signs.sequence[by], sender_goes_on = signs.race[by] },
            counter_evidence = or_nothing(signs_for(case, by)),
            frames = signs.frames[by],
            display_filter = filter_of(case, by),
          },
          settle = ("a capture on the %s itself: did it send these resets?"):format(by),
        }
      end
    end
  end,
}

-- {id, phases, severity, what it means}; 'severity' may be a function of the case.
local function reset_rule(id, phases, grade, weight, about, tell)
  rules[#rules + 1] = {
    id = id,
    about = about,
    check = function(case)
      local by, n = leading(case, phases)
      if not by then
        return
      end
      local frames = {}
      for _, phase in ipairs(phases) do
        for _, frame in ipairs(frames_of(case, phase, by)) do
          if #frames < 5 then
            frames[#frames + 1] = frame
          end
        end
      end
      local suspect = id == "reset_mid_data" and case.sums.resets.signs.two_or_more[by] or 0
      if n <= suspect then
        return
      end
      local other = say.other(by)
      local severity = type(grade) == "function" and grade(case, by, n) or grade
      local counts = { connections = n, of = case.sums.total }
      for _, phase in ipairs(phases) do
        if sent(case, phase, other) > 0 then
          counts["by_" .. other] = (counts["by_" .. other] or 0) + sent(case, phase, other)
        end
      end
      return {
        severity = severity,
        weight = weight,
        side = by,
        confidence = #signs_against(case, by) > 0 and "medium" or "high",
        text = tell(case, by, n, other),
        evidence = {
          counts = counts,
          counter_evidence = severity ~= "info" and or_nothing(signs_against(case, by)) or nil,
          frames = frames,
          display_filter = filter_of(case, by),
        },
        settle = severity ~= "info" and ("the log of the %s's process at that time"):format(by) or nil,
      }
    end,
  }
end

reset_rule("reset_mid_data", { "mid_data" },
  -- what is reset long after the last answer was in use no more: a time limit, a client that tidies up
  function(case, by, n)
    return case.sums.resets.after_idle[by] >= n and "warning" or "error"
  end, 75,
  "resets after data had passed and before any side had closed",
  function(case, by, n)
    local idle, least = case.sums.resets.after_idle[by], say.ms(case.sums.resets.after_idle_ms[by])
    local what = say.of(n, case.sums.total, "connection")
    if idle >= n then
      return ("The %s reset %s after %s%s of silence: the last answer had come, and no side had closed."):format(
        by, what, least, n == 1 and "" or " or more")
    elseif idle > 0 then
      return ("The %s reset %s before either side had closed; %.0f of them after %s or more of silence."):format(
        by, what, idle, least)
    end
    return ("The %s reset %s in the middle of the data, before either side had closed."):format(by, what)
  end)

reset_rule("reset_without_data", { "without_data" }, "warning", 45,
  "resets after the handshake and before any data",
  function(case, by, n)
    return ("The %s reset %s after the handshake, before any data."):format(
      by, say.of(n, case.sums.total, "connection"))
  end)

reset_rule("reset_half_open", { "half_open" }, "warning", 50,
  "resets before the handshake was complete",
  function(case, by, n)
    return ("The %s broke off %s with a reset before the handshake was complete."):format(
      by, say.of(n, case.sums.total, "connection"))
  end)

reset_rule("reset_half_closed", { "half_closed" }, "info", 12,
  "resets in answer to the other side's FIN",
  function(_, by, n, other)
    return ("The %s ended %s with a reset after the %s had closed: an abortive close, which loses data only if some was on its way.")
      :format(by, say.count(n, "connection"), other)
  end)

reset_rule("reset_late", { "late" }, "info", 11,
  "resets in answer to what comes after the sender's own FIN",
  function(_, by, n, other)
    return ("The %s answered with a reset on %s that it had already closed, while the %s was still sending.")
      :format(by, say.count(n, "connection"), other)
  end)

reset_rule("reset_after_close", { "after_close" }, "info", 2,
  "resets after both sides had closed: benign",
  function(_, by, n)
    return ("The %s sent resets on %s that both sides had closed: benign."):format(by, say.count(n, "connection"))
  end)

reset_rule("reset_stray", { "stray" }, "info", 4,
  "resets of connections of which nothing else was seen",
  function(_, by, n)
    return (n == 1 and "%s by the %s belongs to a connection of which nothing else was captured: the answer to a strange packet, or the tail of an older connection."
      or "%s by the %s belong to connections of which nothing else was captured: answers to strange packets, or the tail of older connections.")
      :format(say.count(n, "reset"), by)
  end)

return rules
