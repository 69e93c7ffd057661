--- One or two sentences that sum a result up: only what the counts bear.
-- @module mcpcap.verdict

local amount = require "mcpcap.say_amount"

local verdict = {}

local function traffic_of(result)
  local c2s, s2c = result.client_to_server, result.server_to_client
  return ("%s to %s: %s and %s of data from the clients, %s and %s from the server"):format(
    amount.count(result.connection_count, "connection"), result.server,
    amount.count(c2s.packet_count, "packet"), amount.bytes(c2s.payload_bytes),
    amount.count(s2c.packet_count, "packet"), amount.bytes(s2c.payload_bytes))
end

-- "None of the 8 packets", "Not even the only packet".
local function none_of(n, noun)
  return n == 1 and "Not even the only " .. noun or "None of the " .. amount.count(n, noun)
end

--- The interpretation of a result.
-- @tparam table result with `status`, `analysis.findings`, and `likely_slip` where nothing matched
-- @treturn string one or two sentences
function verdict.of(result)
  if result.status == "no_tcp" then
    if result.total_packets == 0 then
      return "The capture holds no packets, so nothing can be said about " .. result.server .. "."
    end
    return ("%s is TCP, so nothing can be said about %s."):format(
      none_of(result.total_packets, "packet"), result.server)
  elseif result.status == "no_match" then
    local text = ("%s belongs to %s."):format(none_of(result.tcp_packets_found, "TCP segment"), result.server)
    return result.likely_slip and text .. " " .. result.likely_slip.text or text
  end
  local findings = result.analysis.findings
  local first, second = findings[1], findings[2]
  if not first or first.severity == "info" then
    local text = "No trouble shows in " .. traffic_of(result) .. "."
    if first and first.side ~= "capture" then
      text = text .. " " .. first.text
    end
    return text
  end
  if second and second.severity ~= "info" then
    return first.text .. " " .. second.text
  end
  return first.text
end

return verdict
