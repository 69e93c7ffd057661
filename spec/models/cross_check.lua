--- Compares random captures with the rules and with the tshark at hand, under its own rules.
--
--     lua5.4 spec/models/cross_check.lua FIRST_SEED LAST_SEED [rules | wireshark-4.x]
--
-- With "rules", or the name of a set of them, tshark is left out.  The module must be on the path.

local here = arg[0]:match("^(.*/)") or "./"
local compare_random = dofile(here .. "compare_random.lua")
local mcpcap = require "mcpcap"

local BATCH = 50 -- captures of one run of tshark

local first, last, only_rules = tonumber(arg[1]), tonumber(arg[2]), arg[3] == "rules"
local named = arg[3] and arg[3]:match("^wireshark%-.*")
local rules = named or compare_random.tshark.rules(compare_random.tshark.version()) or "wireshark-4.6"
local segments, bad, deviating, frames_deviating = 0, 0, 0, 0
local sums = {}

local function say(seed, what, differences)
  if #differences > 0 then
    bad = bad + 1
    print(("seed %d, %s: %s"):format(seed, what, table.concat(differences, "; ", 1, math.min(#differences, 5))))
  end
end

local function compare_product(seed, capture)
  local path = capture:save()
  local options = { connections = 1000000, rules = rules }
  local result = assert(mcpcap.analyze_traffic_flow(path, capture.sides.s.ip, 7777, options))
  os.remove(path)
  segments = segments + #capture.frames
  say(seed, "product and rules", compare_random.with_rules(capture, result))
end

local function compare_tshark(seed, captures)
  for i, found in ipairs(compare_random.with_tshark(captures, rules)) do
    say(seed + i - 1, "rules and tshark", found.differences)
    deviating = deviating + (found.on_purpose > 0 and 1 or 0)
    frames_deviating = frames_deviating + found.on_purpose
    for _, name in ipairs(compare_random.tshark.counters) do
      sums[name] = (sums[name] or 0) + (found.counts.c[name] or 0) + (found.counts.s[name] or 0)
    end
  end
end

for seed = first, last, BATCH do
  local captures = {}
  for i = 1, math.min(BATCH, last - seed + 1) do
    captures[i] = compare_random.random_tcp.make(compare_random.craft, seed + i - 1, i)
    compare_product(seed + i - 1, captures[i])
  end
  if not (only_rules or named) then
    compare_tshark(seed, captures)
  end
end
print(("%s: %d captures, %d segments, %d comparisons differ; on purpose: %d frames in %d captures"):format(
  rules, last - first + 1, segments, bad, frames_deviating, deviating))
for _, name in ipairs(compare_random.tshark.counters) do
  if sums[name] then
    print(("  %-26s %d"):format(name, sums[name]))
  end
end
os.exit(bad == 0 and 0 or 1)
