--- How well a capture shows what happened: it decides which findings it can bear.
-- @module mcpcap.findings.quality

local phrases = require "mcpcap.phrases"

local quality = {}

-- A share of copies above this is a mirror port, not a network that doubles packets:
-- a mirror that sends both ways of a switch doubles every frame (a share of one half).
local MIRRORED_SHARE = 0.3
-- No mirror port and no interface shows a packet so often: somebody sends the same one again and again.
local COPIES_MOST = 16
-- Nobody sends so much of a stream again.
local CUT_AGAIN_SHARE = 0.9
-- So many connections with their first data lost are no accident.
local QUEUE_LEAST = 3
-- A protocol in which the server speaks first: so many connections, and most of those with data.
local GREETED_LEAST, GREETED_SHARE = 2, 0.9
-- So many acknowledgements of data that is not there tell of a capture without any.
local WITHOUT_PAYLOAD_LEAST = 3
-- A snapshot that holds the heads of most answers.
local HEAD_MOST = 1024
-- So many data segments are acknowledged at least once by a packet of its own.
local DATA_LEAST = 10

local function segments(case)
  return case.c2s.packet_count + case.s2c.packet_count
end

-- A TTL that a host sends with, far from the few hops of a traceroute.
local FAR_TTL = 32

-- So often no packet is merged from points of a path.
local ROUNDS_LEAST = 5

-- Packets of one direction go round: nobody answers what is captured again and again.
local function loop_towards(case, d, name, to, silent)
  local exceeded, frames, reporter = 0, nil, nil
  local back = d == case.c2s and case.s2c or case.c2s
  for _, icmp in ipairs(case.icmp) do
    local code = icmp.ip_version == 6 and icmp.type == 3 or icmp.ip_version ~= 6 and icmp.type == 11
    if code and icmp.code == 0 and icmp.about == name then
      exceeded, frames, reporter = exceeded + icmp.count, frames or icmp.frames, reporter or icmp.reporter
    end
  end
  local least
  for ttl in pairs(d.ttl or {}) do
    least = math.min(least or 255, tonumber(ttl) or 255)
  end
  -- without identification or timestamp only the time tells copies of data
  local n = math.max(d.repeated_frames, d.late_segments.duplicated)
  local times = n >= 3 and n < d.packet_count and d.packet_count / (d.packet_count - n) or 1
  -- a router has had each copy, as it has none of a traceroute's packets
  local routed = times >= 3 and d.repeated_other_ttl >= 0.9 * n
  -- twice may be two points of a path; more often, and a router that has seen the end of it, is a loop
  if exceeded > 0 and (routed or (least or 0) >= FAR_TTL and (silent or times >= 3)) then
    return { to = to, times = math.floor(times + 0.5), exceeded = exceeded, frames = frames, reporter = reporter }
  elseif routed and times >= ROUNDS_LEAST and silent and back.packet_count == 0 then
    return { to = to, times = math.floor(times + 0.5), exceeded = 0, frames = d.examples.capture_duplicates }
  end
end

--- Packets that never arrive go round between routers: what nobody answers is captured again and
-- again, or a router gives up on a packet that had many hops to go (RFC 792).
-- @tparam table case see mcpcap.findings
-- @treturn ?table { to, times, exceeded, frames, reporter }
function quality.loop_of(case)
  return loop_towards(case, case.c2s, "client_to_server", "server", case.sums.handshakes.unanswered.client > 0)
    or loop_towards(case, case.s2c, "server_to_client", "client", false)
end

--- Data segments of a side that were lost and sent again; what the other side has not taken is told as such.
-- @tparam table case
-- @tparam string side `client` or `server`
-- @treturn number
function quality.lost(case, side)
  local causes, unaccepted = case[side == "client" and "c2s" or "s2c"].resent_causes, case.sums.attempts.unaccepted_resent
  return causes.lost_before + causes.lost_behind - (unaccepted and unaccepted[side] or 0)
end

-- No stack sends data without ACK once it has begun, and none takes it (RFC 9293, 3.1 and 3.10.7.4): a tool has written it.
local function written_of(d, side)
  local n = d.odd_segments.no_ack
  return n > 0 and n * 2 >= d.data_packets
    and ("no acknowledgement is set in %.0f of the %.0f data segments of the %s: no host sends or takes these"):format(
      n, d.data_packets, side) or nil
end

--- What was captured twice, on one side only, or not at all.
-- @tparam table case see mcpcap.findings
-- @treturn table {written, copies, copy_share, mirrored, two_points, one_sided, acked_unseen, missing_bytes}
function quality.of(case)
  local q = {}
  local c2s, s2c, sums = case.c2s, case.s2c, case.sums
  local copies = c2s.repeated_frames + s2c.repeated_frames
  local duplicated = c2s.late_segments.duplicated + s2c.late_segments.duplicated
  q.copies = math.max(copies, duplicated)
  q.copy_share = segments(case) > 0 and q.copies / segments(case) or 0
  -- a direction is doubled by its own share: a host may show its own packets twice
  q.doubled = {}
  for name, d in pairs({ client = c2s, server = s2c }) do
    local n = math.max(d.repeated_frames, d.late_segments.duplicated)
    -- a stack may say the same acknowledgement again at once; what copies packets copies data as well
    local data_once = d.data_packets >= 1 and d.late_segments.duplicated == 0
    -- and what the receiver has got twice (RFC 2883) was doubled on its way, not by who captures
    local told = (name == "client" and s2c or c2s).dsack_count
    local both = d.late_segments.doubled_arrived
    local arrived = told >= 3 and told * 2 >= d.late_segments.duplicated or both >= 1 and both * 2 >= d.late_segments.duplicated
    -- of one SYN again and again, and nothing else, nobody can say whether a tool has sent it so, if no router has had it since
    local lone = sums.total == 1 and d.syn_count == d.packet_count and d.repeated_other_ttl == 0
      and (name == "client" and s2c or c2s).repeated_frames == 0
    if not arrived and not lone and n >= 3 and n >= MIRRORED_SHARE * d.packet_count and not data_once
      and d.packet_count < COPIES_MOST * (d.packet_count - n) then
      q.doubled[name] = { copies = n, packets = d.packet_count, times = math.max(2, math.floor(d.packet_count / (d.packet_count - n) + 0.5)) }
    end
  end
  q.written = written_of(c2s, "client") or written_of(s2c, "server")
  q.looping = quality.loop_of(case)
  q.mirrored = (q.doubled.client or q.doubled.server) and not q.looping and true or false
  -- a mirror port shows the same packet again, another point of the path one that a router has had
  q.two_points = q.mirrored and (c2s.repeated_other_ttl + s2c.repeated_other_ttl) * 2 >= q.copies
  -- its copies are other pieces of the same bytes: a host joins segments at one of the points
  q.cut_again = {}
  for name, d in pairs({ client = c2s, server = s2c }) do
    if q.two_points and d.repeated_frames < MIRRORED_SHARE * d.packet_count and d.segments_over_mss > 0
      and d.retransmitted_bytes >= CUT_AGAIN_SHARE * d.unique_bytes then
      q.cut_again[name] = true
    end
  end
  -- acknowledged before it was written, and no byte occurs twice: the order of the file is wrong;
  -- behind a number that cannot be, all that follows looks late; so does, to the rules, what a reset answers each time,
  -- whose acknowledgement number means nothing where ACK is not set (RFC 9293, 3.1); and the byte of a keep-alive (3.8.4) where
  -- the capture has nothing of its sender before
  q.order_wrong = {}
  for name, d in pairs({ client = c2s, server = s2c }) do
    local back = name == "client" and s2c or c2s
    local n = d.spurious_retransmissions - math.max(0, d.odd_segments.keep_alives - d.keep_alives)
    if n > 0 and d.retransmitted_bytes == 0 and d.data_packets > 0
      and d.odd_segments.far_seq + back.odd_segments.far_ack == 0 and back.rst_count < n then
      q.order_wrong[name] = n
    end
  end
  -- packets with a damaged number or port are as good as lost, and leave a gap where they belong
  q.damaged = sums.strays or 0
  for _, odd in ipairs({ c2s.odd_segments, s2c.odd_segments }) do
    q.damaged = q.damaged + odd.far_seq + odd.far_ack
  end
  -- a server that speaks first, but on these connections
  local answers = case.answers
  q.ungreeted = answers ~= nil and answers.unspoken.connections > 0 and answers.server_first >= GREETED_LEAST
    and answers.server_first >= GREETED_SHARE * sums.with_data
  -- a tool that knows bytes only has written what was captured as what was on the wire
  local overlong = case.capture.overlong_ip_frames or 0
  q.lengths_lost = overlong >= 3 and overlong >= 0.05 * case.capture.frames

  local in_use = sums.one_sided.client + sums.one_sided.server
  if in_use > 0 and in_use * 2 >= sums.with_data and in_use * 2 >= sums.total - sums.handshakes.unanswered.client then
    q.one_sided = sums.one_sided.client > sums.one_sided.server and "client" or "server"
  end
  -- first data lost on several connections, SYNs too, and nothing else: a full accept queue drops both
  local first, back = sums.attempts.first_lost, s2c.resent_causes
  local lost = quality.lost(case, "client")
  if first and first.client >= QUEUE_LEAST and sums.handshakes.completed_retried.client > sums.handshakes.answers_missed.client then
    q.queue_full = sums.attempts.first_lost_segments.client == lost and lost or nil
  elseif first and first.client > 0 and sums.handshakes.answers_missed.client == 0
    and first.client + sums.handshakes.completed_retried.client >= QUEUE_LEAST then
    -- a FIN that is lost as well is the way's doing: who has answered has taken the connection
    local fins = c2s.late_segments.resent_fins - c2s.late_segments.resent_fins_needless
    q.first_only = lost > 0 and sums.attempts.first_lost_segments.client >= lost and back.lost_before + back.lost_behind == 0
      and fins <= 0 and first.client or nil
  end
  -- who opens asks, mostly: most connections were opened by the host that is called the server; a SYN that is a reset as
  -- well opens nothing (RFC 9293, 3.10.7.2): a packet made by hand, or damaged
  local stray = (sums.outcomes.stray_reset or {}).server
  local not_syns = math.min(stray and stray.connections or 0, sums.handshakes.unanswered_unproven.server)
  q.reversed = sums.handshakes.attempted.server - not_syns > sums.handshakes.attempted.client
  -- what was acknowledged and never came: the rules' flag is raised by less
  q.acked_unseen, q.missing_bytes = 0, 0
  for _, odd in ipairs({ c2s.odd_segments, s2c.odd_segments }) do
    if odd.unseen_bytes > 0 then
      q.acked_unseen = q.acked_unseen + odd.unseen_acks
      q.missing_bytes = q.missing_bytes + odd.unseen_bytes
    end
  end
  -- not a segment carries a byte, and those that did stand there
  local bare = 0
  for _, d in ipairs({ c2s, s2c }) do
    bare = bare + d.packet_count - d.syn_count - d.fin_count - d.rst_count
  end
  q.without_payload = c2s.data_packets + s2c.data_packets == 0 and q.acked_unseen >= WITHOUT_PAYLOAD_LEAST
    and bare >= q.acked_unseen
  -- lengths are known, and not a byte of what was said: a snapshot of the headers, or a tool that has cut behind them
  local payload, result = c2s.payload_bytes + s2c.payload_bytes, case.result
  q.speechless = payload > 0 and case.capture.sliced_bytes >= payload and not result.tls and not result.http
    and case.capture.sliced_frames >= c2s.data_packets + s2c.data_packets
  -- nor is all of the heads of answers, which tell a stream of events
  q.heads_cut = result.http ~= nil and (case.capture.snaplen or HEAD_MOST) < HEAD_MOST
    and case.capture.sliced_frames * 2 >= c2s.data_packets + s2c.data_packets
  -- a filter that wants data keeps no acknowledgement, and so nothing of what these say
  q.acks_left_out = {}
  for name, d in pairs({ client = c2s, server = s2c }) do
    local sender = name == "client" and s2c or c2s
    q.acks_left_out[name] = sender.data_packets >= DATA_LEAST
      and d.packet_count <= d.data_packets + d.syn_count + d.fin_count + d.rst_count
  end
  -- what is there under another port is not missing
  if q.missing_bytes <= (sums.stray_bytes or 0) then
    q.acked_unseen, q.missing_bytes = 0, 0
  end
  return q
end

--- Why a packet that is not there, or stands behind another one, proves nothing here.
-- @tparam table case see mcpcap.findings
-- @treturn ?string the reason; nil: as far as is known the capture has every packet, in the order of their times
function quality.doubt_of(case)
  local q, capture = case.quality, case.capture
  if q.acked_unseen > 0 then
    return ("the capture misses packets (%s data that is not in it), and what is missing may say otherwise"):format(
      phrases.count(q.acked_unseen, "acknowledgement covers", "acknowledgements cover"))
  elseif (capture.dropped_by_capture or 0) > 0 then
    return "the capturing system has dropped packets, and what is missing may say otherwise"
  elseif capture.time_regressions > 0 then
    return ("time runs backwards at %s, so the order of packets is not sure"):format(
      phrases.count(capture.time_regressions, "segment"))
  end
end

--- Why signs of another sender prove nothing: they tell by the order of packets, or by numbers that what is missing has moved.
-- @tparam table case see mcpcap.findings
-- @tparam string by whose resets: "client", "server"
-- @treturn ?string the reason
function quality.doubt_of_signs(case, by)
  local signs, back = case.sums.resets.signs, by == "client" and case.s2c or case.c2s
  local by_run = signs.ttl[by] + signs.race[by] + signs.soon[by] == 0 and back.acked_unseen > 0
  return (signs.ttl[by] + signs.ip_id[by] == 0 or by_run) and quality.doubt_of(case) or nil
end

-- An address of a private network or of this host (RFC 1918, 3927, 4193).
local function is_private(ip)
  local a, b = ip:match("^(%d+)%.(%d+)%.%d+%.%d+$")
  a, b = tonumber(a), tonumber(b)
  if not a then
    return ip == "::1" or ip:match("^f[cd]") ~= nil or ip:match("^fe[89ab]") ~= nil
  end
  return a == 10 or a == 127 or a == 172 and b >= 16 and b <= 31 or a == 192 and b == 168 or a == 169 and b == 254
end

--- How long the way there and back is.  One step of a handshake that was late is no distance, where most of the data was
-- acknowledged in less than half of that.
-- @tparam table handshake of `latency.handshake_rtt_ms`
-- @tparam table data `rtt_ms` of the same side
-- @treturn number milliseconds; 0: not known
function quality.distance(handshake, data)
  local median = handshake.median or 0
  return data.count > 2 * handshake.count and data.median * 2 < median and data.median or median
end

--- The way from the client to the server and back, as handshakes tell it; 0: not known.
-- @tparam table case see mcpcap.findings
-- @treturn number milliseconds
function quality.round_trip(case)
  local rtt = case.latency.handshake_rtt_ms
  return (rtt.client.median or 0) + (rtt.server.median or 0)
end

--- What may lie behind another host that answers in the server's name.
-- @tparam table case see mcpcap.findings
-- @treturn ?string why what is told of the server may be the way's, or that host's
function quality.relayed_note(case)
  local n = case.answers.relayed_handshakes
  return n > 0 and n * 2 >= case.sums.with_data
    and "another host than the server's own seems to have answered the handshake: what lies behind it may not be the server's fault"
    or nil
end

-- A capture that lacks so much of the data lacks answers, too.
local SPARSE_SHARE = 0.05

--- Does the capture not bear that something was not answered, or not yet taken?
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function quality.is_sparse(case)
  local missing = case.quality.missing_bytes
  return missing >= SPARSE_SHARE * (case.c2s.unique_bytes + case.s2c.unique_bytes) and missing > 0
end

--- What may be said against a server where that is so.
quality.SPARSE = "the capture lacks much of the data, so the answer may be among what it lacks"
quality.HEADS_CUT = "the heads of answers are cut off, which would say whether they are streams of events"
quality.SPEECHLESS = "no payload is in the capture: what was said, and so whether anybody waited for it, is not known"
quality.ANSWERED_BESIDE = "no router lies between the client and who answers in the server's name, whose address is not of "
  .. "the client's network: a proxy or a virtual machine's host would answer so, and ask the server itself"

--- Every client is in a private network and the server is not, and no router has passed on what either sends: who answers
-- stands beside the client, and may have asked somebody else.
-- @tparam table case see mcpcap.findings
-- @treturn boolean
function quality.is_answered_beside(case)
  local hops = case.vantage.hops
  if hops.client ~= 0 or hops.server ~= 0 or is_private(case.result.server_ip) then
    return false
  end
  for _, connection in ipairs(case.rows) do
    if not is_private(connection.client_ip) then
      return false
    end
  end
  return #case.rows > 0
end

return quality
