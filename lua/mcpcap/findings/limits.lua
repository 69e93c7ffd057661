--- Rules about what transfers were limited by, where nothing need be broken (docs/limits.md).
-- @module mcpcap.findings.limits

local say = require "mcpcap.phrases"

-- A shorter transfer is nobody's trouble; one that takes so long, and moves less than a megabit a second, is slow.
local SHORT_MS, LONG_MS, SLOW_BYTES_MS = 1000, 3000, 125

-- A best round trip that is less above the whole says nothing.
local HARDLY_FASTER = 1.5

-- A path that is worth an example of how much window it needs.
local EXAMPLE_BPS = 100e6

local DIRECTIONS = {
  { name = "client_to_server", key = "c2s", from = "client", to = "server" },
  { name = "server_to_client", key = "s2c", from = "server", to = "client" },
}

local rules = {}

-- The direction in which this limit took more time, with what it says about those connections.
local function most(case, kind)
  local found, direction
  for _, d in ipairs(DIRECTIONS) do
    local limits = case[d.key].limits
    local by = limits and limits.by[kind]
    if by and by.longest_ms >= SHORT_MS and (not found or by.time_ms > found.time_ms) then
      found, direction = by, d
    end
  end
  return found, direction
end

-- "2 transfers from the server (1.2 MB in 20 s)"
local function what(by, d)
  return ("%s from the %s (%s in %s)"):format(say.count(by.connections, "transfer"), d.from, say.bytes(by.payload_bytes),
    say.ms(by.time_ms))
end

local function its(by)
  return by.connections == 1 and "its" or "their"
end

-- The longest transfer in numbers: what it reached, what it did at its best, and what the receiver's window allows.
local function numbers_of(by)
  local one = by.longest
  local own_ms = by.longest_ms
  local window, round_trip = one.greatest_window, one.round_trip_ms
  return {
    own_ms = own_ms,
    payload = one.payload_bytes,
    reached = one.payload_bytes * 8000 / own_ms,
    best = one.best_bps,
    window = window,
    round_trip = round_trip,
    allowed = window and round_trip > 0 and window * 8000 / round_trip or nil,
    repair_ms = (one.shares.recovery + one.shares.timeouts) * one.time_ms,
    timeouts_ms = one.shares.timeouts * one.time_ms,
  }
end

-- Why the longest transfer was not over earlier, in shares of its own time: that is the time which the text names.
local function shares_of(by)
  local one, shares = by.longest, by.longest.shares
  local own = by.longest_ms / one.time_ms
  return {
    sender_idle_share = (shares.answering + shares.pausing + shares.writing) / own,
    window_share = (shares.receiver_window + shares.closed_window) / own,
    repair_share = (shares.recovery + shares.timeouts) / own,
    path_share = shares.path / own,
    sender_window_share = shares.sender_window / own,
  }
end

local function it(by)
  return by.connections == 1 and "It" or "The longest"
end

-- How much sooner it would have been over at the rate of its best round trip; "" where that was hardly faster.
local function at_its_best(by, n)
  if not n.best or n.best < HARDLY_FASTER * n.reached then
    return ""
  end
  return (" %s reached %s, and %s in its best round trip: at that rate it takes %s, not %s."):format(
    it(by), say.rate(n.reached), say.rate(n.best), say.ms(n.payload * 8000 / n.best), say.ms(n.own_ms))
end

-- What the window allows, and what a faster path would need (bandwidth-delay product).
local function by_the_window(n)
  if not n.allowed then
    return ""
  end
  local text = (" %s in each round trip of %s is %s at most, whatever the path carries"):format(
    say.bytes(n.window), say.ms(n.round_trip), say.rate(n.allowed))
  if n.allowed < EXAMPLE_BPS / 2 then
    text = text .. ("; to fill %s over it takes a window of %s"):format(
      say.rate(EXAMPLE_BPS), say.bytes(EXAMPLE_BPS / 8000 * n.round_trip))
  end
  return text .. "."
end

-- Headers of Ethernet, IPv6 and of a SYN with the options that stacks offer: what a shorter snapshot length has taken of
-- these may have scaled the windows (RFC 7323, 2.2).
local SYN_HEADERS = 94

local function may_be_scaled(case)
  return case.capture.sliced_frames > 0 and (case.capture.snaplen or SYN_HEADERS) < SYN_HEADERS
    and case.sums.options.scale_offered == 0
end

-- The connection with most time, where it is among those that are shown; and its receiver's side of it.
local function longest_row(case, by, d)
  for _, row in ipairs(case.rows) do
    if row.first_frame == by.frames[1] then
      return row, row[d.to .. "_to_" .. d.from], row[d.from .. "_to_" .. d.to]
    end
  end
end

local LARGEST_UNSCALED = 65535

-- Who keeps the longest transfer's window from growing past what 16 bits hold (RFC 7323, 2): "opener", whose SYN offers no
-- scaling, or "answer", whose SYN-ACK does not take it up.
local function unscaled_by(case, by, d)
  local row, to, from = longest_row(case, by, d)
  local window = by.longest.greatest_window
  if not row or row.window_scaling ~= false or not window or window > LARGEST_UNSCALED
    or window + (to.mss or 0) <= LARGEST_UNSCALED then
    return -- the window is as small as that for another reason
  end
  local opener = row.initiated_by_server and "server" or "client"
  local syn = d.from == opener and from or to
  return syn.window_scale and "answer" or "opener", opener
end

-- Windows of SYNs are never scaled, and those behind them are (RFC 7323, 2.2); no receiver takes back what it has allowed (RFC
-- 9293, 3.8.6.2.1).  So windows that are the SYN-ACK's less some bits, where it bears no scale, come from a host that does scale.
local function is_scaled_unsaid(case, by, d)
  local row, to, from = longest_row(case, by, d)
  local window = by.longest.greatest_window
  if not row or row.window_scaling ~= false or not window or to.window_scale or not from.window_scale
    or (row.initiated_by_server and "server" or "client") ~= d.from then
    return false
  end
  for bits = 2, 14 do
    if math.abs(window - math.floor(to.initial_window / 2 ^ bits)) <= 1 and window >= 16 then
      return bits
    end
  end
  return false
end

local function is_slow(by)
  return by.longest_ms >= LONG_MS and by.payload_bytes < SLOW_BYTES_MS * by.time_ms
end

-- 'side' is whom it concerns, by direction; 'text' says it (with its numbers), 'unless' another
-- finding does; 'grade' may be more than "info".
local function rule(id, kind, about, o)
  rules[#rules + 1] = {
    id = id,
    about = about,
    needs = { "both_sides" },
    check = function(case)
      local by, d = most(case, kind)
      if not by or (o.unless and o.unless(case, by, d)) then
        return
      end
      local n, counts = numbers_of(by), shares_of(by)
      counts.connections, counts.payload_bytes, counts.time_ms, counts.longest_ms = by.connections, by.payload_bytes, by.time_ms,
        by.longest_ms
      counts.throughput_bps = by.payload_bytes * 8 / by.time_ms * 1000
      counts.longest_bps, counts.best_bps, counts.window_bps = n.reached, n.best, n.allowed
      counts.greatest_window, counts.round_trip_ms = n.window, n.round_trip
      return {
        severity = o.grade and o.grade(by, case) or "info",
        weight = o.weight or 10,
        side = o.side(d, case, by),
        confidence = o.confidence or "medium",
        text = o.text(by, d, n, case),
        evidence = {
          counts = counts,
          counter_evidence = o.against and (o.against[1] and o.against or o.against.of(case, by, d)),
          frames = by.frames,
          display_filter = say.frames_filter(by.frames),
        },
        settle = o.settle(d),
      }
    end,
  }
end

local function sender(d)
  return d.from
end

local function receiver(d)
  return d.to
end

local function network()
  return "network"
end

rule("paced_by_application", "application", "the sender's process has its data in pieces: nothing else holds the transfer back", {
  side = sender,
  unless = function(case, by, d)       -- server_drips says it
    return d.from == "server" and case.answers.drips.connections >= by.connections
  end,
  text = function(by, d, n)
    return ("The %s itself sets the pace: %s spent most of %s time waiting for its process to write, while all that it had "
      .. "sent was acknowledged or on the way.%s"):format(d.from, what(by, d), its(by), at_its_best(by, n))
  end,
  against = { "who streams, types or sends what happens has nothing to send before" },
  settle = function(d)
    return ("what the %s's process waits for between two writes"):format(d.from)
  end,
})

rule("scaling_taken_out", "small_window", "windows are scaled, and the SYN-ACK that said so has come here without it", {
  side = network,
  weight = 70,
  unless = function(case, by, d)
    return not is_scaled_unsaid(case, by, d)
  end,
  grade = function(by)
    return is_slow(by) and "error" or "warning"
  end,
  text = function(by, d, n, case)
    local _, to = longest_row(case, by, d)
    return ("A device between the %s and here takes window scaling out of SYN-ACKs: the %s allowed %s there and %s behind it, "
      .. "which is the same less %.0f bits, so it does scale, and the %s does not know. That held back %s.%s"):format(
      d.to, d.to, say.bytes(to.initial_window), say.bytes(n.window), is_scaled_unsaid(case, by, d), d.from,
      what(by, d), by_the_window(n))
  end,
  against = { "a process that asks for a small receive buffer as soon as it has accepted looks the same" },
  settle = function(d)
    return ("the SYN-ACK captured on the %s itself: does it bear window scaling there?"):format(d.to)
  end,
})

rule("paced_by_small_window", "small_window", "the receiver's window stays open, and is smaller than what the way holds", {
  side = function(d, case, by)
    local who, opener = unscaled_by(case, by, d)
    return who == "answer" and say.other(opener) or who == "opener" and opener or d.to
  end,
  unless = is_scaled_unsaid,           -- scaling_taken_out says it
  grade = function(by, case)
    return is_slow(by) and not may_be_scaled(case) and "warning" or "info"
  end,
  text = function(by, d, n, case)
    local who = unscaled_by(case, by, d)
    return ("The %s's receive window sets the pace: it stays open and is read from, but %s filled it for most of %s time, "
      .. "for it holds less than the way does in a round trip.%s%s"):format(d.to, what(by, d), its(by), by_the_window(n),
      who == "answer" and " It cannot be larger: the SYN offers window scaling, and the SYN-ACK does not take it up."
      or who == "opener" and " It cannot be larger: the SYN does not offer window scaling." or "")
  end,
  against = { of = function(case, by, d)
    local who, opener = unscaled_by(case, by, d)
    return who and case.vantage.place ~= (who == "opener" and opener or say.other(opener))
      and { "a device on the way that strips options looks the same" } or nil
  end },
  settle = function(d)
    return ("a larger receive buffer on the %s, and window scaling"):format(d.to)
  end,
})

rule("paced_by_slow_reader", "slow_reader", "the receiver's window shrinks and closes: its process reads more slowly than data comes", {
  side = receiver,
  text = function(by, d, n)
    return ("The %s's process sets the pace: it reads more slowly than data comes, so its window shrank or closed, and %s "
      .. "waited for it most of %s time.%s"):format(d.to, what(by, d), its(by), at_its_best(by, n))
  end,
  against = { "a player or a slow disk may read no faster on purpose" },
  settle = function(d)
    return ("what the %s's process does between two reads"):format(d.to)
  end,
})

rule("paced_by_losses", "loss", "losses and their repair take most of a transfer's time", {
  side = network,
  unless = function(case, _, d)        -- what came again had been kept out by a closed window, and nothing was lost
    local causes = case[d.key].resent_causes
    return causes.probe > 0 and causes.lost_before + causes.lost_behind == 0
  end,
  text = function(by, d, n)
    return ("Losses set the pace: %s spent most of %s time repairing them, or with the congestion window that they "
      .. "left. %s reached %s; repairs took %s of %s%s."):format(what(by, d), its(by), it(by), say.rate(n.reached),
      say.ms(n.repair_ms), say.ms(n.own_ms), n.timeouts_ms >= 1 and (", %s after timeouts"):format(say.ms(n.timeouts_ms)) or "")
  end,
  settle = function()
    return "captures at both ends, to see where segments are lost"
  end,
})

rule("paced_by_path", "path", "segments queue on the way: the path's own rate", {
  side = network,
  text = function(by, d, n)
    return ("The path's own rate sets the pace: %s had segments queued on the way for most of %s time. %s reached %s, which "
      .. "is what the path left to it."):format(
      what(by, d), its(by), it(by), say.rate(n.reached))
  end,
  settle = function()
    return "the rate of the narrowest link on the way"
  end,
})

rule("paced_by_sender", "sender", "the sender waits for acknowledgements, with room in the receiver's window and no queue on the way", {
  side = sender,
  confidence = "low",
  text = function(by, d, n)
    local more = n.allowed and n.allowed >= HARDLY_FASTER * n.reached
      and (" %s reached %s, where the receiver's window allows %s."):format(it(by), say.rate(n.reached), say.rate(n.allowed))
    return ("The %s waited for acknowledgements: %s had room in the receiver's window and found no queue on the way. Its send "
      .. "buffer, its congestion window, a process that writes no faster, or a path whose rate it meets exactly: a capture "
      .. "cannot tell these apart.%s"):format(d.from, what(by, d), more or "")
  end,
  settle = function(d)
    return ("ss -ti on the %s: busy, sndbuf_limited, cwnd"):format(d.from)
  end,
})

return rules
