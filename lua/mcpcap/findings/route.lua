--- Rules about what the path is: what its routers tell, its round-trip time, its loops.
-- @module mcpcap.findings.route

local quality = require "mcpcap.findings.quality"
local say = require "mcpcap.phrases"

-- Round trips: a path across an ocean, and a queue that grows to several times the base.
local LONG_PATH_MS = 150
local QUEUE_FACTOR, QUEUE_MS, QUEUE_SAMPLES = 4, 100, 10

local DIRECTIONS = {
  { name = "client_to_server", key = "c2s", from = "client", to = "server" },
  { name = "server_to_client", key = "s2c", from = "server", to = "client" },
}

local rules = {}

rules[#rules + 1] = {
  id = "path_mtu_told",
  about = "routers tell the sender a smaller MTU: path MTU discovery at work",
  check = function(case)
    for _, icmp in ipairs(case.icmp) do
      if icmp.mtu then
        return {
          severity = "info",
          weight = 9,
          side = "network",
          confidence = "high",
          text = ("%s tell%s that the path takes at most %.0f bytes a packet: path MTU discovery at work."):format(
            say.count(icmp.count, "ICMP error"), icmp.count == 1 and "s" or "", icmp.mtu),
          evidence = {
            counts = { icmp_errors = icmp.count, mtu = icmp.mtu },
            frames = icmp.frames,
            display_filter = case.filter.all .. " && "
              .. (icmp.ip_version == 6 and "icmpv6.type == 2" or "icmp.type == 3 && icmp.code == 4"),
          },
        }
      end
    end
  end,
}

rules[#rules + 1] = {
  id = "long_path",
  about = "a long round trip",
  needs = { "both_sides" },
  check = function(case)
    local a, b = case.latency.handshake_rtt_ms.server, case.latency.handshake_rtt_ms.client
    local to_server, to_client = quality.distance(a, case.c2s.rtt_ms), quality.distance(b, case.s2c.rtt_ms)
    if a.count == 0 or b.count == 0 or to_server + to_client < LONG_PATH_MS then
      return
    end
    local far = to_server >= to_client and "server" or "client"
    return {
      severity = "info",
      weight = 20,
      side = "network",
      confidence = "high",
      text = ("The round trip takes %s, %s of it between here and the %s: every question costs that much before any work is done.")
        :format(say.ms(to_server + to_client), say.ms(math.max(to_server, to_client)), far),
      evidence = { display_filter = case.filter.all .. " && tcp.analysis.initial_rtt",
        counts = { server_handshake_rtt_ms = to_server, client_handshake_rtt_ms = to_client, handshakes = a.count } },
    }
  end,
}

rules[#rules + 1] = {
  id = "queueing",
  about = "round trips that grow to many times the shortest",
  needs = { "acks" },
  check = function(case)
    for _, d in ipairs(DIRECTIONS) do
      local rtt = case[d.key].rtt_ms
      local relayed = d.key == "c2s" and case.answers.relayed_handshakes > 0       -- the best may be another host's
      if not relayed and rtt.count >= QUEUE_SAMPLES and rtt.p95 >= QUEUE_MS and rtt.p95 >= QUEUE_FACTOR * math.max(rtt.min, 0.1)
        and rtt.median >= 2 * rtt.min and rtt.median >= QUEUE_MS / 2 then
        return {
          severity = "info",
          weight = 22,
          side = "network",
          confidence = "medium",
          text = ("Between here and the %s the round trip is %s at best, but %s for one packet in twenty: data waits in a queue on the way.")
            :format(d.to, say.ms(rtt.min), say.ms(rtt.p95)),
          evidence = {
            counts = { rtt_min_ms = rtt.min, rtt_median_ms = rtt.median, rtt_p95_ms = rtt.p95, samples = rtt.count },
            counter_evidence = { "acknowledgements that are delayed by the receiver add up to 40 or 200 ms" },
            display_filter = case.filter[d.key == "c2s" and "server_to_client" or "client_to_server"]
              .. (" && tcp.analysis.ack_rtt > %.6f"):format(QUEUE_FACTOR * math.max(rtt.min, 0.1) / 1000),
          },
          settle = "the round trip while nothing else is sent",
        }
      end
    end
  end,
}

rules[#rules + 1] = {
  id = "routing_loop",
  about = "packets go round between routers until their TTL is used up",
  check = function(case)
    local loop = case.quality.looping
    if not loop then
      return
    end
    local seen = loop.times >= 3 and (" Here each passes about %s, with a lower TTL each time."):format(say.times(loop.times)) or ""
    local told = loop.exceeded > 0
      and (", and a router says that its TTL was used up on the way (%s)"):format(
        say.count(loop.exceeded, "ICMP time exceeded", "times ICMP time exceeded")) or ""
    return {
      severity = "error",
      weight = 96,
      side = "network",
      confidence = "medium",
      text = ("A routing loop: what is sent to the %s never arrives%s.%s"):format(loop.to, told, seen),
      evidence = {
        counts = { time_exceeded = loop.exceeded, unanswered = case.sums.handshakes.unanswered.client,
          repeated_frames = case[loop.to == "server" and "c2s" or "s2c"].repeated_frames },
        frames = loop.frames,
        display_filter = say.frames_filter(loop.frames),
      },
      settle = ("the routes to the %s of %s, and of its neighbour"):format(loop.to,
        loop.exceeded > 0 and "the router that sends the ICMP error" or "the router beside the capture point"),
    }
  end,
}

return rules
