--- From where a capture was taken.
-- @module mcpcap.findings.vantage

local vantage = {}

-- A handshake half below this share of the whole: the capture is at that end.
local NEAR_SHARE = 0.15
-- Round trips shorter than this cannot place a capture: the host's own delay is as long.
local SHORTEST_ROUND_TRIP_MS = 0.5
-- TTLs that stacks begin with (Linux and BSD, Windows, routers).
local INITIAL_TTL = { 64, 128, 255 }

local function is_loopback(ip)
  return ip == "::1" or ip:match("^127%.") ~= nil
end

-- The most frequent TTL, and how many routers lie behind it (0: the same segment).
local function hops_of(ttl)
  local best, most = nil, 0
  for key, count in pairs(ttl or {}) do
    local value = tonumber(key)
    if value and (count > most or (count == most and (not best or value < best))) then
      best, most = value, count
    end
  end
  if not best then
    return nil
  end
  for _, initial in ipairs(INITIAL_TTL) do
    if best <= initial then
      return initial - best
    end
  end
end

--- Where the capture was taken: beside the client, beside the server, between them.
-- @tparam table result
-- @treturn table {place, confidence, why, hops = {client, server}}
function vantage.of(result)
  local latency, answers = result.analysis.latency, result.connection_sums.answers
  local to_server, to_client = latency.handshake_rtt_ms.server, latency.handshake_rtt_ms.client
  local v = {
    place = "unknown", confidence = "low",
    hops = { client = hops_of(result.client_to_server.ttl), server = hops_of(result.server_to_client.ttl) },
  }
  local hops = v.hops
  if is_loopback(result.server_ip) then
    v.place, v.confidence, v.why = "server", "high", "a loopback address: client and server are one host"
    return v
  end
  if to_server.count > 0 and to_client.count > 0 then
    local a, b = to_server.median, to_client.median
    local whole = a + b
    if whole >= SHORTEST_ROUND_TRIP_MS then
      local why = ("handshake: %.3f ms to the server and back, %.3f ms to the client and back"):format(a, b)
      -- what another host has answered says where that host is
      local relayed = answers and answers.relayed_handshakes or 0
      v.confidence = relayed * 2 >= to_server.count and "low" or to_server.count >= 3 and "high" or "medium"
      v.why = why
      if b < NEAR_SHARE * whole then
        v.place = "client"
      elseif a < NEAR_SHARE * whole then
        v.place = "server"
      else
        v.place = "between"
      end
      -- a last step that was lost and came late says nothing of the way
      local other = v.place == "client" and "server" or "client"
      local behind = hops[v.place] or 0
      if v.place ~= "between" and hops[other] == 0 and behind > 0 then
        v.place, v.confidence = "unknown", "low"
        v.why = ("%s; but %s between here and that end, and none on the other side"):format(why,
          behind == 1 and "1 router lies" or ("%d routers lie"):format(behind))
      end
      return v
    end
    v.why = ("the round trip of %.3f ms is too short to tell"):format(whole)
  end
  if hops.client == 0 and (hops.server or 0) > 0 then
    v.place, v.why = "client", ("no router between the client and the capture, %d behind it"):format(hops.server)
  elseif hops.server == 0 and (hops.client or 0) > 0 then
    v.place, v.why = "server", ("no router between the server and the capture, %d behind it"):format(hops.client)
  elseif (hops.client or 0) > 0 and (hops.server or 0) > 0 then
    v.place = "between"
    v.why = ("%d routers on the client's side, %d on the server's"):format(hops.client, hops.server)
  end
  return v
end

return vantage
