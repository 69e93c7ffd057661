--- The numbers that a finding rests on, in words.
-- @module mcpcap.report.evidence

local units_of = require "mcpcap.fields.units"
local read = require "mcpcap.report.fields"
local units = require "mcpcap.report.units"

local evidence = {}

local ACRONYMS = {
  syn = "SYN", syns = "SYNs", fin = "FIN", fins = "FINs", ack = "ACK", acks = "ACKs", sack = "SACK", dsack = "D-SACK",
  rtt = "round trip", mss = "MSS", mtu = "MTU", ttl = "TTL", ip = "IP", id = "identification", icmp = "ICMP",
}

-- Units whose values carry their own unit; whatever else has one is counted.
local MEASURED = { ms = true, ["bit/s"] = true, bytes = true, size = true, share = true, ["-"] = true }

-- Keys that do not read well beside a number.
local NAMES = {
  tail_probe = "tail loss probes", probe = "probes",
  longest_bps = "rate of the longest", best_bps = "rate of its best round trip", window_bps = "the window allows",
  sender_idle_share = "nothing to send", window_share = "receiver's window full", repair_share = "under repair",
  path_share = "queued on the way", sender_window_share = "waiting for ACKs",
  both_syns = "handshakes seen whole", completed_retried = "opened by repeated SYNs",
  scale_offered = "offers of window scaling", scale_agreed = "agreed on window scaling",
  sack_offered = "offers of SACK", sack_agreed = "agreed on SACK",
  acked_unseen = "ACKs of data not captured", unique_bytes = "data captured", missing_bytes = "data missing",
}

local function words_of(name, unit)
  local key = NAMES[name] or unit == "bytes" and name:gsub("_bytes$", "") or name
  local words = units.label(key, unit):gsub("%w+", function(word) return ACRONYMS[word] end)
  return (words:gsub("^SYN ACK", "SYN-ACK"):gsub(" count$", "s"))
end

-- The first noun of many things, of one: "ACKs missing" is "ACK missing".
local function singular(words)
  local before, noun, rest = words:match("^(.-)(%f[%a]%a*[^%Wsu]s)%f[%A](.*)$")
  if not noun or noun == "goes" or noun == "bytes" then
    return words
  end
  return before .. noun:gsub("ies$", "y"):gsub("s$", "") .. rest
end

local function counted(name, unit, value)
  local words = words_of(name, unit)
  return units.count(value) .. " " .. (value == 1 and singular(words) or words)
end

-- How many of how many stands in one piece.
local function shares(counts)
  local of, n = read.number(counts, "of"), read.number(counts, "connections")
  if of and n and of >= n then
    return ("%s of %s connection%s"):format(units.count(n), units.count(of), of == 1 and "" or "s")
  end
  return nil
end

-- The names that the field table knows, in its order, and what they count.
local function known_of(counts, part)
  local known, place, unit, names = units_of[part], {}, {}, {}
  for name in pairs(counts) do
    local _, at = known:find(" " .. tostring(name) .. "=", 1, true)
    if at then
      names[#names + 1], place[name], unit[name] = name, at, known:match("^[^;]+", at + 1)
    end
  end
  table.sort(names, function(a, b) return place[a] < place[b] end)
  return names, unit
end

--- The counts of a finding in the order of the field table; what is 0 is not told.
-- @tparam table counts
-- @tparam string part of the field table that knows them
-- @treturn table list of strings
function evidence.facts(counts, part)
  local facts = {}
  local both = shares(counts)
  local names, units_by_name = known_of(counts, part)
  for _, name in ipairs(read.ordered_keys(counts, names)) do
    local value, unit = read.number(counts, name), units_by_name[name] or "-"
    if both and (name == "of" or name == "connections") then
      facts[#facts + 1] = name == "connections" and both or nil
    elseif name == "of" and value then
      facts[#facts + 1] = ("%s connection%s in all"):format(units.count(value), value == 1 and "" or "s")
    elseif value and value ~= 0 then
      facts[#facts + 1] = MEASURED[unit] and words_of(name, unit) .. " " .. units.shown(value, unit)
        or counted(name, unit, value)
    end
  end
  return facts
end

return evidence
