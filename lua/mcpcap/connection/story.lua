--- What is said in words of a connection and of its segments.
-- @module mcpcap.connection.story

local ending = require "mcpcap.connection.ending"
local phrases = require "mcpcap.phrases"

local story = {}

-- An answer may take so long before it is worth a word, a name's as a server's.
local SLOW_NAME_MS = 200

local CAUSES = {
  lost_before = "sent again: the first copy never came by here",
  lost_behind = "sent again: the first copy passed here and did not arrive",
  arrived = "sent again needlessly: the first copy had arrived, its acknowledgement came late",
  acks_missing = "sent again: the acknowledgement had passed here in time and did not get through",
  asked_for = "sent again needlessly: duplicate acknowledgements had asked for it, and it had arrived",
  timer_too_short = "sent again sooner than any acknowledgement could be back",
  held_back = "sent again while the first copy waited before it came by here",
  tail_probe = "the last segment once more, to ask for an answer",
  probe = "a question: old data, or data that a closed window keeps out, or had kept out",
  to_reset = "sent again: the peer answers with a reset",
  to_silence = "sent again: the peer never says anything more",
  unsettled = "sent again: the capture ends before anything could tell why",
}

local BY = {
  repetition = "all its bytes had been seen", copy = "the packet is the same", timestamp = "its timestamp tells",
  ip_id = "its IP identification tells", ack = "the receiver had asked for it", time = "the time tells",
}

local VERDICTS = {
  resent = "sent again", reordered = "overtaken on its way", duplicated = "the same packet a second time",
  undecided = "late: sent again or overtaken, nothing tells which",
  not_late = "not late: it is compared with numbers of another connection or attempt",
}

-- One sentence about a segment, or nil.
local function words_of(row)
  local text = row.cause and CAUSES[row.cause] or row.verdict and VERDICTS[row.verdict]
  if not text then
    return row.copy and "captured twice" or nil
  end
  if row.verdict == "reordered" or row.verdict == "duplicated" then
    text = BY[row.verdict_by] and text .. ", " .. BY[row.verdict_by] or text
  elseif row.verdict == "resent" and row.since_first_ms then
    text = text .. (" (%s after the first copy)"):format(phrases.ms(row.since_first_ms))
  end
  return text
end

local function interpretation(result)
  local c = result.connection
  local c2s, s2c = c.client_to_server, c.server_to_client
  local parts = { ("%s to %s: %s"):format(result.client, result.server, ending(c.outcome)) }
  local numbers = { phrases.count(result.segment_count, "segment"),
    phrases.bytes(c2s.payload_bytes) .. " from the client", phrases.bytes(s2c.payload_bytes) .. " from the server" }
  local resent, overtaken = c2s.resent + s2c.resent, c2s.reordered + s2c.reordered
  if resent > 0 then
    numbers[#numbers + 1] = ("%.0f sent again"):format(resent)
  end
  if overtaken > 0 then
    numbers[#numbers + 1] = ("%.0f overtaken"):format(overtaken)
  end
  if c.duration_ms then
    numbers[#numbers + 1] = "in " .. phrases.ms(c.duration_ms)
  end
  parts[2] = table.concat(numbers, ", ")
  local dns = result.dns
  local waited = dns and dns.wait_ms + (dns.half_answered and dns.before_ms or 0)
  if waited and waited >= SLOW_NAME_MS then
    parts[3] = ("Before it the client waited %s for %s"):format(phrases.ms(waited),
      dns.name and "the name " .. dns.name or "a name")
  end
  return table.concat(parts, ". ") .. "."
end

--- Adds the words.
-- @tparam table result changed
-- @treturn table result
function story.tell(result)
  for _, row in ipairs(result.segments) do
    row.why = words_of(row)
  end
  result.interpretation = interpretation(result)
  return result
end

return story
