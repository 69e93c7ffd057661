--- Rules about what gets no answer: requests, words that nobody waits for, data that nothing acknowledges; and about
-- segments that are small because somebody asked for it.
-- @module mcpcap.findings.unanswered

local asker = require "mcpcap.findings.proof.asker"
local phrases = require "mcpcap.phrases"
local quality = require "mcpcap.findings.quality"
local shapes = require "mcpcap.findings.shapes"

local SIDES = {
  { name = "client", direction = "client_to_server", other = "server" },
  { name = "server", direction = "server_to_client", other = "client" },
}

-- A server of FTP opens connections for data from there.
local FTP_DATA = 20

-- No question is so long, but that of a protocol which can be read; what takes several segments is a thing, not a question.
local DELIVERED_BYTES = 8192

local function are_all_from(case, port)
  for _, connection in ipairs(case.rows) do
    if connection.client_port ~= port then
      return false
    end
  end
  return #case.rows > 0
end

-- Nothing that the client said was answered at once, as by a program: people who type at both ends look the same.
local function is_never_prompt(case)
  local asked = case.answers.asked
  return asked.answers > 0 and asked.slow >= asked.answers
end

local rules = {}

rules[#rules + 1] = {
  id = "no_answer",
  about = "requests that are acknowledged and never answered",
  needs = { "both_sides", "roles" },
  check = function(case)
    local sums = case.sums
    -- no time is longer than the clock's own mistake
    if sums.silent_answers == 0 or (case.capture.max_regression_ms or 0) >= sums.max_silence_ms then
      return
    end
    -- who has half of a question owes no answer
    local cut = case.result.tls and case.result.tls.hello_cut
    if cut and cut.count >= sums.silent_answers then
      return
    end
    local mute = case.s2c.data_packets == 0
    local relayed, scanned = quality.relayed_note(case), shapes.is_scanned(case)
    -- on other connections the client goes on without waiting, and the server says nothing there either
    if mute and case.answers.one_way.connections > 0 then
      return
    end
    -- what an FTP server sends over a connection that it opens itself is a file or a list (RFC 959, 3.2 and 3.3)
    local is_file = mute and are_all_from(case, FTP_DATA)
    local bent = case.quality.order_wrong.client ~= nil and not mute     -- the answer may stand before its question
    -- of a protocol that nothing tells, the latest word may be the last one
    local owed = asker.has_been_answered(case)
    -- nor is who hands over so much, where nobody says a word: a print job, a file, a log
    local delivered = mute and not owed and case.c2s.unique_bytes >= DELIVERED_BYTES * sums.with_data
      and case.c2s.data_packets > sums.with_data
    return {
      -- who tries what a port might speak is owed nothing
      severity = (bent or is_file or scanned or delivered or mute and not asker.is_owed_a_word(case, sums.silent_answers)) and "info" or "warning",
      weight = 52,
      side = "server",
      -- where it never says a word to anybody, nobody may have asked
      confidence = (mute or relayed or bent or scanned or not owed or is_never_prompt(case)) and "low" or "medium",
      -- of a server that has spoken only the latest answer is known to be owed
      text = (mute and "On %s the client sent data and the server not a byte in answer, for up to %s: it owes one, or in this protocol only the client speaks."
        or owed and "On %s the server sent not a byte in answer to what the client had sent last, for up to %s."
        or "On %s the server sent not a byte in answer to what the client had sent last, for up to %s: it owes one, or that was a last word."):format(
        phrases.of(sums.silent_answers, sums.with_data, "connection"), phrases.ms(sums.max_silence_ms)),
      evidence = {
        counts = { connections = sums.silent_answers, max_silence_ms = sums.max_silence_ms },
        counter_evidence = relayed and { relayed }
          or bent and { "packets of the client stand in the file behind those that answer them: the answer may stand before its question" }
          or { mute and "protocols in which only the client speaks look the same"
            or "a last word to which no answer belongs looks the same" },
        frames = sums.silent_frames,
        display_filter = case.filter.client_to_server .. " && (tcp.len > 0 || tcp.flags.syn == 1)",
      },
      settle = "whether the protocol expects an answer at all",
    }
  end,
}

rules[#rules + 1] = {
  id = "one_way",
  about = "a client that speaks again and again, and waits for no answer",
  needs = { "both_sides", "roles" },
  check = function(case)
    local one_way = case.answers.one_way
    if one_way.connections == 0 then
      return
    end
    return {
      severity = "info",
      weight = 5,
      side = "client",
      confidence = "medium",
      text = ("On %s the client goes on sending, %s after a pause, and the server never sends a byte: a one-way protocol, such as logs or metrics, in which nobody waits for an answer."):format(
        phrases.of(one_way.connections, math.max(one_way.connections, case.sums.with_data), "connection"),
        phrases.times(one_way.count)),
      evidence = {
        counts = { connections = one_way.connections, messages = one_way.count },
        frames = one_way.frames,
        display_filter = case.filter.client_to_server .. " && tcp.len > 0",
      },
    }
  end,
}

for _, side in ipairs(SIDES) do
  rules[#rules + 1] = {
    id = "acks_of_" .. side.other .. "_missing",
    about = ("the %s sends on and on, and nothing in the capture acknowledges it"):format(side.name),
    check = function(case)
      local facts = case.answers[side.name]
      -- of a side that was not captured at all another rule speaks
      if facts.unheard == 0 or case.quality.one_sided then
        return
      end
      return {
        severity = facts.unheard * 2 >= case.sums.with_data and "warning" or "info",
        weight = 60,
        side = "capture",
        confidence = "medium",
        text = ("On %s the %s goes on sending while for seconds nothing acknowledges it, and repeats nothing: packets of the %s are missing in the capture.")
          :format(phrases.of(facts.unheard, math.max(facts.unheard, case.sums.with_data), "connection"), side.name,
            side.other),
        evidence = {
          counts = { connections = facts.unheard },
          frames = facts.unheard_frames,
          display_filter = case.filter[side.direction] .. " && (tcp.len > 0 || tcp.flags.syn == 1)",
        },
        settle = ("a capture that has the packets of the %s: another interface, another mirror port"):format(side.other),
      }
    end,
  }
end

for _, side in ipairs(SIDES) do
  rules[#rules + 1] = {
    id = side.name .. "_asks_small_segments",
    about = ("the %s's MSS option asks for segments shorter than any host must take"):format(side.name),
    check = function(case)
      local small = case.answers[side.name].small_mss
      if small.connections == 0 then
        return
      end
      return {
        severity = "warning",
        weight = 45,
        side = side.name,
        confidence = "medium",
        text = ("The %s asks for segments of at most %.0f bytes by the MSS option of its %s on %s, so the %s sends %s in %s."):format(
          side.name, small.mss, side.name == "client" and "SYN" or "SYN-ACK", phrases.count(small.connections, "connection"),
          side.other, phrases.bytes(small.payload_bytes), phrases.count(small.segments, "segment")),
        evidence = {
          counts = { mss = small.mss, connections = small.connections, data_packets = small.segments,
            payload_bytes = small.payload_bytes },
          counter_evidence = { "a device on the way may have written this MSS" },
          frames = small.frames,
          display_filter = case.filter[side.direction] .. " && tcp.flags.syn == 1 && tcp.options.mss_val < 536",
        },
        settle = ("who set that MSS: a capture at the %s shows whether its own stack did (CVE-2019-11479)"):format(side.name),
      }
    end,
  }
end

return rules
