--- Rules about hardware addresses: who answers for the server's address, and through whom.
-- @module mcpcap.findings.hardware

local say = require "mcpcap.phrases"

-- Addresses that several routers share, so that a real one beside them is no second host: VRRP (RFC 9568, 7.3), HSRP, GLBP.
local SHARED = { "^00:00:5e:00:0[12]:", "^00:00:0c:07:ac:", "^00:00:0c:9f:f", "^00:05:73:a0:0", "^00:07:b4:" }
-- Fewer resets than these may be one odd connection.
local LEAST_RESETS = 2
-- Before and after a change for good there are so many answers.
local LEAST_ANSWERS = 2
-- Around a change so many retransmissions, and so many times their usual share, are a sign of it.
local LEAST_RESENT, TIMES_RESENT = 5, 3
local BEFORE_MS, AFTER_MS = 1000, 3000

local rules = {}

local function is_shared(mac)
  for _, pattern in ipairs(SHARED) do
    if mac:find(pattern) then
      return true
    end
  end
end

local function macs_of(addresses)
  local list = {}
  for i, a in ipairs(addresses) do
    list[i] = a.mac
  end
  return say.list(list)
end

rules[#rules + 1] = {
  id = "address_conflict",
  about = "two hosts claim the server's address (ARP, neighbour advertisements), one after the other and back again",
  check = function(case)
    local h = case.result.hardware
    local arp = h and h.arp
    if not arp or #arp.addresses < 2 or arp.switches < 2 then
      return                                     -- once is a take-over
    end
    local a, b = arp.addresses[1], arp.addresses[2]
    if is_shared(a.mac) or is_shared(b.mac) then
      return
    end
    local v6 = case.result.server_ip:find(":", 1, true) ~= nil
    local both = #h.from_server.addresses > 1 and h.from_server.switches > 1
    return {
      severity = both and "warning" or "info",
      weight = 60,
      side = "server",
      confidence = both and "medium" or "low",
      text = ("Two hardware addresses claim the server's address by turns: %s."):format(macs_of(arp.addresses))
        .. (both and " Its answers come from both: connections may end at a host that does not know them." or ""),
      evidence = {
        counts = { claims = a.claims + b.claims, addresses = #h.from_server.addresses },
        counter_evidence = {
          v6 and "a router that claims the addresses of others, and two cards of one host, look the same"
            or "a router that answers ARP for others (proxy ARP), and two cards of one host, look the same",
          both and "a capture that was merged of two places shows different hardware addresses for the same packets" or nil,
        },
        frames = { a.first_frame, b.first_frame },
        display_filter = (v6 and "icmpv6.nd.na.target_address == %s" or "arp.src.proto_ipv4 == %s"):format(
          case.result.server_ip),
      },
      settle = "which hosts have these hardware addresses: the address tables of the switch, and "
        .. (v6 and "`ndisc6` for the address" or "`arping` for the address"),
    }
  end,
}

rules[#rules + 1] = {
  id = "resets_of_other_hardware",
  about = "resets in the server's name come from other hardware than its SYN-ACKs",
  needs = { "single_copies" },
  check = function(case)
    local side = case.result.hardware and case.result.hardware.from_server
    if not side or #side.addresses ~= 2 or side.others > 0 or side.switches < 2 then
      return
    end
    local a, b = side.addresses[1], side.addresses[2]
    if a.syn_acks == 0 then
      a, b = b, a
    end
    if b.syn_acks > 0 or b.resets < LEAST_RESETS or a.syn_acks < LEAST_ANSWERS then
      return
    end
    return {
      severity = "warning",
      weight = 61,
      side = "network",
      confidence = "medium",
      text = ("%s in the server's name from the hardware address %s, while its SYN-ACKs come from %s: another host "
        .. "has the address, too, or a device on the way breaks connections off."):format(
          say.count(b.resets, "reset") .. (b.resets == 1 and " comes" or " come"), b.mac, a.mac),
      evidence = {
        counts = { other_resets = b.resets, syn_acks = a.syn_acks },
        counter_evidence = { "two routers that share the way back may each carry what is its part" },
        frames = { b.first_frame },
        display_filter = ("%s && tcp.flags.reset == 1 && eth.src == %s"):format(case.filter.server_to_client, b.mac),
      },
      settle = "which device has this hardware address: the address tables of the switch",
    }
  end,
}

-- Retransmissions of both sides near a time, and their share there against everywhere else.
local function resent_around(result, from_ms, to_ms)
  local t = result.timeline
  local near, near_packets, rest, rest_packets = 0, 0, 0, 0
  local width = t and t.bucket_ms
  if not width then
    return 0, false
  end
  for _, side in ipairs { "client_to_server", "server_to_client" } do
    for i, resent in ipairs(t[side].retransmissions) do
      if i * width >= from_ms and (i - 1) * width <= to_ms then
        near, near_packets = near + resent, near_packets + t[side].packets[i]
      else
        rest, rest_packets = rest + resent, rest_packets + t[side].packets[i]
      end
    end
  end
  local apart = rest_packets > 0 and near * rest_packets >= TIMES_RESENT * rest * near_packets
  return near, near >= LEAST_RESENT and apart
end

-- A side of which all is of one address, then all of another one.
local function changed(side, all)
  if #side.addresses ~= 2 or side.others > 0 or side.switches ~= 1 then
    return
  end
  local a, b = side.addresses[1], side.addresses[2]
  if a.syn_acks >= LEAST_ANSWERS and b.syn_acks >= LEAST_ANSWERS and (all or a.several_clients and b.several_clients) then
    return a, b
  end
end

local function change_rule(id, about, side, key, sentence, settle)
  return {
    id = id,
    about = about,
    check = function(case)
      local h = case.result.hardware
      local a, b
      if h then                          -- absent where the link has no addresses
        a, b = changed(h[key], key == "from_server")
      end
      if not a then
        return
      end
      local resent, suffers = resent_around(case.result, a.last_ms - BEFORE_MS, b.first_ms + AFTER_MS)
      return {
        severity = suffers and "warning" or "info",
        weight = 40,
        side = side,
        confidence = "medium",
        text = sentence:format(a.mac, b.mac, say.ms(b.first_ms)) .. (suffers
          and (" Around that time %s sent again, far more than otherwise."):format(
            say.count(resent, "segment") .. " " .. say.was(resent)) or ""),
        evidence = {
          counts = { syn_acks_before = a.syn_acks, syn_acks_after = b.syn_acks, resent_around = resent },
          counter_evidence = { "files of several places, one after the other, show the same" },
          frames = { a.last_frame, b.first_frame },
          display_filter = say.frames_filter { a.last_frame, b.first_frame },
        },
        settle = settle,
      }
    end,
  }
end

rules[#rules + 1] = change_rule("server_hardware_changed",
  "the hardware address that the server's answers come from changed for good", "server", "from_server",
  "The server's answers came from the hardware address %s, and from %s since %s into the capture: a take-over, or another "
    .. "router on its side.",
  "the log of the cluster or of the routers on the server's side at that time")
rules[#rules + 1] = change_rule("gateway_changed",
  "the router that the server's answers go to changed for good", "network", "to_clients",
  "Answers to several clients went to the hardware address %s, and to %s since %s into the capture: another router took over.",
  "the log of the routers at that time")

return rules
