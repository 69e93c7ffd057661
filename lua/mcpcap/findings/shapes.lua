--- Shapes of many attempts: a scan, a flood, a client that uses many ports.
-- @module mcpcap.findings.shapes

-- The shape of a flood: so many attempts, hardly one of them completed, from many
-- sources (RFC 4987, section 2: the attacker does not, or cannot, send the last ACK).
local FLOOD_ATTEMPTS = 20
local FLOOD_INCOMPLETE_SHARE = 0.8
local FLOOD_SOURCES_SHARE = 0.5
local FLOOD_MANY = 100
-- Real clients repeat a SYN that stays without answer; floods seldom do.
local FLOOD_RETRIED_SHARE = 0.2
-- ... and so many a second: a server keeps a half-open connection for a minute or so, and a
-- hundred of them at least.
local FLOOD_RATE = 2
-- The shape of a scan: many ports of the server tried by few clients, hardly one in use.
local SCAN_PORTS = 10
local SCAN_PORTS_PER_CLIENT = 5
local SCAN_FAILED_SHARE = 0.5

local shapes = {}

--- How many connections this side has tried to open.
function shapes.attempts(case, by)
  return case.sums.handshakes.attempted[by]
end

--- How many of these did not open.
function shapes.failed(case, by)
  local h = case.sums.handshakes
  return h.refused[by] + h.unanswered[by] + h.half_open[by]
end

--- How connections were begun, where that was out of the ordinary.
function shapes.begun(case, name, by)
  local pair = case.sums.attempts[name]
  return pair and pair[by or "client"] or 0
end

--- The shape of a port scan.
function shapes.looks_like_scan(case)
  local sums = case.sums
  -- ports that the host itself has opened are none that somebody tried
  return sums.server_ports >= SCAN_PORTS and shapes.attempts(case, "client") >= SCAN_PORTS and sums.server_ports >= SCAN_PORTS_PER_CLIENT * sums.clients
    and shapes.failed(case, "client") + sums.handshakes.without_data
      >= SCAN_FAILED_SHARE * math.max(1, shapes.attempts(case, "client"))
end

--- Most of the attempts are a scan's, of this port or of others too.
function shapes.is_scanned(case)
  return shapes.looks_like_scan(case) or shapes.begun(case, "scanned") * 2 >= math.max(1, shapes.attempts(case, "client"))
end

--- Most attempts repeat their SYN sooner than any timer runs out (RFC 6298, 2.4): a tool writes them, and no host has given up.
function shapes.are_written(case)
  return shapes.begun(case, "soon") * 2 >= math.max(1, shapes.attempts(case, "client"))
end

--- Most attempts here opened, and both sides spoke: the connections were used for what they are for.
function shapes.are_used(case)
  local h, unseen = case.sums.handshakes, case.c2s.odd_segments.unseen_bytes
  -- who sends or takes data at ports that it was told, as FTP does (RFC 959, 3.2), and closes in order: every try opens and is used
  if h.completed.client == shapes.attempts(case, "client") and h.completed.client > 0 and h.without_data == 0
    and case.c2s.data_packets + case.s2c.data_packets > 0 and case.c2s.fin_count >= h.completed.client and case.s2c.fin_count >= h.completed.client
    and case.c2s.rst_count + case.s2c.rst_count == 0 then
    return true
  end
  return h.completed.client * 2 > shapes.attempts(case, "client") and h.without_data * 2 < h.completed.client
    and case.c2s.data_packets > 0 and case.s2c.data_packets + unseen > 0
end

--- Connections of those who scan on which data passed, at least: where both sides spoke more than once for each.  Who asks what
-- is spoken says one thing, and is answered once.
function shapes.talks_of_scanner(case)
  local h = case.sums.handshakes
  local others = shapes.attempts(case, "client") - shapes.begun(case, "scanned")
  local talks = h.completed.client - h.without_data - others
  return talks > 0 and math.min(case.c2s.data_packets, case.s2c.data_packets) >= 3 * (talks + others) and talks or 0
end

local function syn_seconds(case)
  local c2s = case.c2s
  return c2s.first_time and c2s.last_time and c2s.last_time - c2s.first_time or 0
end

-- A host repeats a SYN after a timer (RFC 6298, 2.1); what comes sooner is no host's repetition.
local function waited(case)
  return case.sums.handshakes.retried.client - shapes.begun(case, "soon")
end

--- So many hosts at once, each for itself, and not one that opens: a flood whose sender repeats its SYNs, or a way that fails.
function shapes.is_crowd_in_vain(case)
  local sums, h = case.sums, case.sums.handshakes
  return sums.clients >= FLOOD_MANY and h.completed.client == 0 and sums.clients >= FLOOD_SOURCES_SHARE * shapes.attempts(case, "client")
    and shapes.attempts(case, "client") >= FLOOD_RATE * syn_seconds(case)
end

--- The shape of a SYN flood.
function shapes.looks_like_flood(case)
  local sums, h = case.sums, case.sums.handshakes
  -- who answers the SYN-ACK with a reset exists, and leaves nothing open (RFC 4987, section 2)
  local open = h.unanswered.client + h.half_open.client - shapes.begun(case, "withdrawn")
  if sums.total > 2 * shapes.attempts(case, "client") then
    -- a moment of a server in use: what it had just begun when the capture ended is no attempt in vain (RFC 6298, 2.1)
    open = open - shapes.begun(case, "young") - (h.unanswered_unproven.client - shapes.begun(case, "single"))
  end
  return shapes.attempts(case, "client") >= FLOOD_ATTEMPTS
    and shapes.attempts(case, "client") >= FLOOD_RATE * syn_seconds(case)
    and open >= FLOOD_INCOMPLETE_SHARE * shapes.attempts(case, "client")
    and (sums.clients >= FLOOD_SOURCES_SHARE * open or shapes.attempts(case, "client") >= FLOOD_MANY)
    and waited(case) <= FLOOD_RETRIED_SHARE * open
end

return shapes
