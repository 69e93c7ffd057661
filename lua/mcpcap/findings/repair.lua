--- When nothing matched: which servers the capture has, the likely slip, and what is said.
-- @module mcpcap.findings.repair

local say = require "mcpcap.phrases"

local repair = {}

local MAX_CANDIDATES = 10

local function is_v6(ip)
  return ip:find(":", 1, true) ~= nil
end

local function name_of(ip, port)
  return (is_v6(ip) and "[" .. ip .. "]" or ip) .. (port and (":%d"):format(port) or "")
end

-- Changes of one character that make `b` of `a`; more than two is "many".
local function distance(a, b)
  local previous = {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost)
    end
    previous = row
  end
  return previous[#b]
end

local function why(candidate, asked)
  local reasons = {}
  if candidate.ip == asked.ip then
    reasons[#reasons + 1] = "the address asked for, on another port"
  elseif asked.port and candidate.port == asked.port then
    reasons[#reasons + 1] = "the port asked for, on another address"
  end
  if candidate.syns > 0 then
    reasons[#reasons + 1] = say.count(candidate.syns, "SYN") .. " to it"
  end
  if candidate.syn_acks > 0 then
    reasons[#reasons + 1] = say.count(candidate.syn_acks, "SYN-ACK") .. " from it"
  end
  if #reasons == 0 then
    reasons[#reasons + 1] = "by its port"
  end
  return table.concat(reasons, ", ")
end

-- {kind, text, server_ip, server_port}: what the caller probably meant.
local function slip_of(list, asked, client_seen)
  local first = list[1]
  for _, candidate in ipairs(list) do
    if candidate.ip == asked.ip then
      return {
        kind = "port", server_ip = candidate.ip, server_port = candidate.port,
        text = ("%s is there, but its port %s is in no packet; its busiest is %d (%s)."):format(
          asked.ip, asked.port, candidate.port, say.count(candidate.packets, "packet")),
      }
    end
  end
  if client_seen then
    return first and {
      kind = "roles", server_ip = first.ip, server_port = first.port,
      text = ("%s appears only as a client; the busiest server is %s."):format(
        asked.ip, name_of(first.ip, first.port)),
    }
  end
  local near
  for _, candidate in ipairs(list) do
    local d = is_v6(candidate.ip) == is_v6(asked.ip) and distance(candidate.ip, asked.ip)
    if d and d <= 2 and (not near or d < near.distance) then
      near = { distance = d, candidate = candidate }
    end
  end
  if near then
    local c = near.candidate
    return {
      kind = "address", server_ip = c.ip, server_port = c.port,
      text = ("%s is in no packet; did you mean %s?"):format(asked.ip, name_of(c.ip, c.port)),
    }
  end
  for _, candidate in ipairs(list) do
    if asked.port and candidate.port == asked.port then
      return {
        kind = is_v6(candidate.ip) ~= is_v6(asked.ip) and "family" or "address",
        server_ip = candidate.ip, server_port = candidate.port,
        text = ("%s is in no packet; port %d is served by %s."):format(
          asked.ip, asked.port, name_of(candidate.ip, candidate.port)),
      }
    end
  end
  return first and {
    kind = is_v6(first.ip) ~= is_v6(asked.ip) and "family" or "address",
    server_ip = first.ip, server_port = first.port,
    text = ("%s is in no packet; the busiest server is %s."):format(asked.ip, name_of(first.ip, first.port)),
  }
end

--- Ranks the servers that the capture has.
-- @tparam table result with `candidates` and `address_seen`
-- @tparam table asked {ip, port}
-- @treturn table candidates: `{ server, ip, port, packets, bytes, syns, syn_acks, why }`
-- @treturn ?table the likely slip: `{ kind, text, server_ip, server_port }`
function repair.of(result, asked)
  local list = {}
  for i, candidate in ipairs(result.candidates) do
    if i > MAX_CANDIDATES then
      break
    end
    candidate.server = name_of(candidate.ip, candidate.port)
    candidate.why = why(candidate, asked)
    list[i] = candidate
  end
  return list, slip_of(list, asked, result.address_seen)
end

-- "None of the 8 packets", "Not even the only packet".
local function none_of(n, noun)
  return n == 1 and "Not even the only " .. noun or "None of the " .. say.count(n, noun)
end

-- What a filter of IPv4 and IPv6 without tags and extension headers misses, and what does not.
local WIDER = "tcp or ip6 protochain 6 or (vlan and tcp)"

-- Nothing is left: not an empty capture, but one that the filter or the time window emptied.
local function left_out_of(result)
  local left_out, outside = result.capture.filtered_frames, result.capture.outside_window_frames or 0
  if outside == left_out then
    return ("%s outside the time window, so nothing can be said about %s."):format(
      left_out == 1 and "The only packet lies" or ("All %.0f packets lie"):format(left_out), say.server(result))
  end
  return ("The filter let %s through, so nothing can be said about %s. A bare `tcp port 80` matches neither VLAN-tagged frames nor IPv6 with extension headers: `%s` does, and server and port are picked anyway."):format(
    left_out == 1 and "not even the only packet" or ("none of the %.0f packets"):format(left_out), say.server(result), WIDER)
end

--- What sums a result up in which nothing is of the server.
-- @tparam table result with `status`, and `likely_slip` where there is one
-- @treturn string one or two sentences
function repair.interpretation(result)
  if result.status == "no_match" then
    local text = ("%s belongs to %s."):format(none_of(result.tcp_packets_found, "TCP segment"), say.server(result))
    local left_out = result.capture and result.capture.filtered_frames or 0
    if left_out > 0 then
      text = text:gsub("%.$", "") .. (" (%s left out by the filter or the time window)."):format(
        say.count(left_out, "packet was", "packets were"))
    end
    return result.likely_slip and text .. " " .. result.likely_slip.text or text
  elseif result.total_packets == 0 and (result.capture.filtered_frames or 0) > 0 then
    return left_out_of(result)
  elseif result.total_packets == 0 then
    return "The capture holds no packets, so nothing can be said about " .. say.server(result) .. "."
  end
  return ("%s is TCP, so nothing can be said about %s."):format(
    none_of(result.total_packets, "packet"), say.server(result))
end

return repair
