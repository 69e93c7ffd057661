--- Who has sent a reset: what of it speaks for the endpoint, and what for somebody else.
-- @module mcpcap.findings.senders

local say = require "mcpcap.phrases"

local senders = {}

-- {key of the sums, what is said of n resets of a side}
senders.AGAINST = {
  { "soon", "%s sooner than the way to the %s and back takes" },
  { "ttl", "%s with a TTL apart from the %s's other packets" },
  { "ip_id", "%s with an IP identification out of the %s's run" },
  { "sequence", "%s with a sequence number that is not the %s's next" },
  { "echo", "%s with a sequence number of the side that it goes to, and none of the %s's" },
  { "race", "after %s the %s goes on sending" },
}
senders.FOR = {
  { "against_ttl", "%s with the same TTL as the %s's other packets" },
  { "against_ip_id", "%s with the next IP identification of the %s's run" },
}

--- The signs of a side's resets in words.
-- @tparam table case see mcpcap.findings
-- @tparam string by "client" or "server"
-- @tparam table names `senders.AGAINST` or `senders.FOR`
-- @treturn table
function senders.signs_of(case, by, names)
  local list = {}
  for _, sign in ipairs(names) do
    local n = case.sums.resets.signs[sign[1]][by]
    if n > 0 then
      list[#list + 1] = sign[2]:format(say.count(n, "reset"), by)
    end
  end
  return list
end

-- Nobody but the side itself can have sent its resets: the capture is beside it, or they carry the TTL of its other
-- packets, which have come over routers, as those of a device on the way have not (RFC 1812, 5.3.1).  A device as far
-- away as the side looks the same otherwise.
local function is_its_own(case, by)
  local signs, hops = case.sums.resets.signs, case.vantage.hops
  return case.vantage.place == by
    or signs.against_ttl[by] > 0 and signs.ttl[by] == 0 and hops ~= nil and (hops[by] or 0) > 0
end

--- How sure it is that a side's resets are its own: "high" or "medium".
function senders.sure_if_its_own(case, by)
  return is_its_own(case, by) and "high" or "medium"
end

return senders
