--- Rules about numbers that cannot be: far from everything, counted by nobody, never sent.
-- @module mcpcap.findings.numbers

local say = require "mcpcap.phrases"

-- So many are no accident but the work of a device.
local FAR_LEAST, FAR_SHARE = 10, 0.01
local SACK_LEAST = 3

local function both(case, name)
  local client, server = case.c2s.odd_segments[name], case.s2c.odd_segments[name]
  return client + server, client, server
end

-- The frames of both directions, in order, five at most.
local function frames_of(case, name)
  local frames = {}
  for _, key in ipairs({ "c2s", "s2c" }) do
    for _, frame in ipairs(case[key].examples[name]) do
      frames[#frames + 1] = frame
    end
  end
  table.sort(frames)
  while #frames > 5 do
    table.remove(frames)
  end
  return frames
end

-- "12 of the clients and 3 of the server"; "all of the server" where the other has none.
local function whose(client, server)
  local n, parts = client + server, {}
  if n > 1 and (client == 0 or server == 0) then
    return client > 0 and "all of the clients" or "all of the server"
  end
  if client > 0 then
    parts[1] = ("%.0f of the clients"):format(client)
  end
  if server > 0 then
    parts[#parts + 1] = ("%.0f of the server"):format(server)
  end
  return say.list(parts)
end

local rules = {}

rules[#rules + 1] = {
  id = "acknowledgement_loop",
  about = "two ends answer each other's acknowledgements without end",
  check = function(case)
    local n, client, server = both(case, "ack_loop")
    if n == 0 then
      return
    end
    return {
      severity = "warning",
      weight = 80,
      side = "network",
      confidence = "medium",
      text = ("%s (%s) without data answer each other: each end acknowledges other numbers than its peer sends, and says so again. Injected packets, or a device that shifts numbers, have put them out of step (RFC 5961, 5 and 7).")
        :format(say.count(n, "acknowledgement"), whose(client, server)),
      evidence = {
        counts = { acknowledgements = n, of_clients = client, of_server = server },
        frames = frames_of(case, "ack_loop"),
        display_filter = case.filter.all .. " && tcp.analysis.duplicate_ack && tcp.len == 0",
      },
      settle = "a capture at the other end: which numbers arrive there?",
    }
  end,
}

rules[#rules + 1] = {
  id = "sack_never_sent",
  about = "SACK blocks name bytes that were never sent: a device rewrites numbers without translating SACK",
  check = function(case)
    local n, client, server = both(case, "sack_outside")
    if n == 0 then
      return
    end
    local frames = frames_of(case, "sack_outside")
    return {
      severity = n >= SACK_LEAST and "warning" or "info",
      weight = 60,
      side = "network",
      confidence = n >= SACK_LEAST and "high" or "medium",
      text = ("%s (%s) name%s bytes that were never sent: a device on the way rewrites sequence numbers without translating SACK, so losses are repaired slowly or not at all.")
        :format(say.count(n, "SACK option"), whose(client, server), n == 1 and "s" or ""),
      evidence = {
        counts = { sack_never_sent = n, of_clients = client, of_server = server },
        frames = frames,
        display_filter = say.filter_of(case.filter.all .. " && tcp.options.sack_le", frames, n),
      },
      settle = "captures before and behind the device; switch its randomisation of sequence numbers off",
    }
  end,
}

rules[#rules + 1] = {
  id = "impossible_numbers",
  about = "sequence or acknowledgement numbers far from anything sent: damaged packets, or not of this connection",
  check = function(case)
    local n = both(case, "far_seq") + both(case, "far_ack")
    if n == 0 then
      return
    end
    local segments = case.c2s.packet_count + case.s2c.packet_count
    -- where packets stand in another order than they came, what is new seems to be taken back
    local many = n >= FAR_LEAST and n >= FAR_SHARE * segments and case.capture.time_regressions < n
    local frames = frames_of(case, "far_numbers")
    local far = math.max(case.c2s.odd_segments.far_bytes, case.s2c.odd_segments.far_bytes)
    return {
      severity = many and "warning" or "info",
      weight = 12,
      side = many and "network" or "capture",
      confidence = "medium",
      text = ("%s %s numbers that cannot be, beyond every window%s or taken back at once: damaged, of another connection, or rewritten on the way. No verdict rests on %s.")
        :format(say.count(n, "segment"), n == 1 and "carries" or "carry",
          far > 0 and (" (up to %s from anything sent)"):format(say.bytes(far)) or "", n == 1 and "it" or "them"),
      evidence = {
        counts = { far_sequence = both(case, "far_seq"), far_acknowledgement = both(case, "far_ack"),
          far_bytes = far, segments = segments },
        frames = frames,
        display_filter = say.filter_of(case.filter.all
          .. " && (tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.retransmission)", frames, n),
      },
      settle = "the option verify_checksums: are their checksums wrong?",
    }
  end,
}

rules[#rules + 1] = {
  id = "stray_packets",
  about = "single packets with the numbers of another connection: a damaged port, or a rewritten one",
  check = function(case)
    local n, frames = case.sums.strays or 0, case.sums.stray_frames
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 11,
      side = "capture",
      confidence = "medium",
      text = ("%s %s the numbers of another connection of the same host, and a port of %s own: a damaged port (a flipped bit), or one that was rewritten on the way. %s that connection's, and no verdict rests on %s.")
        :format(say.count(n, "single packet"), n == 1 and "carries" or "carry", n == 1 and "its" or "their",
          n == 1 and "It is" or "They are", n == 1 and "it" or "them"),
      evidence = {
        counts = { packets = n, payload_bytes = case.sums.stray_bytes },
        frames = frames,
        display_filter = say.filter_of(case.filter.all .. " && !(tcp.completeness & 1)", frames, n),
      },
      settle = "the option verify_checksums: are their checksums wrong?",
    }
  end,
}

rules[#rules + 1] = {
  id = "padding_in_ip_length",
  about = "acknowledgements with bytes that no number counts: Ethernet padding inside the IP length",
  check = function(case)
    local n, client, server = both(case, "padding")
    if n == 0 then
      return
    end
    return {
      severity = "info",
      weight = 13,
      side = "network",
      confidence = "high",
      text = ("%s (%s) carr%s up to 6 zero bytes that the numbers do not count: a device on the way has written the padding of short Ethernet frames into the IP length. They are no data, and nothing was lost with them.")
        :format(say.count(n, "acknowledgement"), whose(client, server), n == 1 and "ies" or "y"),
      evidence = {
        counts = { padded = n, of_clients = client, of_server = server },
        frames = frames_of(case, "padding"),
        display_filter = case.filter.all .. " && tcp.len > 0 && tcp.len <= 6 && tcp.flags.push == 0",
      },
      settle = "a capture before the device that does it",
    }
  end,
}

return rules
