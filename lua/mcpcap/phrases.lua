--- Numbers in sentences.
-- @module mcpcap.phrases

local phrases_amount = require "mcpcap.phrases_amount"

local fixed = phrases_amount.fixed

local phrases = {}

--- "1 connection", "12 connections"; see `mcpcap.phrases_amount`.
phrases.count = phrases_amount.count

--- "512 bytes", "1.5 MB"; see `mcpcap.phrases_amount`.
phrases.bytes = phrases_amount.bytes

--- "10.0.0.2:443", or "10.0.0.2" where no port was asked for.
phrases.server = phrases_amount.server

--- "12 of 40 (30 %)"; a share below one per cent keeps two digits, and nothing but all is 100 %.
function phrases.share(n, of)
  if of <= 0 then
    return ("%.0f"):format(n)
  end
  local percent = 100 * n / of
  local digits = (n >= of or percent >= 10 and percent < 99.5) and 0 or percent >= 1 and 1 or 2
  local text = fixed(percent, digits)
  if n < of and text == "100.0" then
    text = "over 99.9"
  elseif n > 0 and text == "0.00" then
    text = "below 0.01"
  end
  return ("%.0f of %.0f (%s %%)"):format(n, of, text)
end

--- "was" for one, "were" for more.
function phrases.was(n)
  return n == 1 and "was" or "were"
end

--- "once", "twice", "3 times".
function phrases.times(n)
  return n == 1 and "once" or n == 2 and "twice" or ("%.0f times"):format(n)
end

--- "a", "a and b", "a, b and c".
function phrases.list(items)
  if #items < 2 then
    return items[1] or ""
  end
  return table.concat(items, ", ", 1, #items - 1) .. " and " .. items[#items]
end

--- "3 of 10 connections (30 %)", "all 10 connections", "both connections", "the only connection".
function phrases.of(n, of, noun, plural)
  plural = plural or noun .. "s"
  if n == of and of == 1 then
    return "the only " .. noun
  elseif n == of and of == 2 then
    return "both " .. plural
  elseif n == of then
    return ("all %.0f %s"):format(of, plural)
  end
  local share = phrases.share(n, of)
  local counts, percent = share:match("^(.-)( %(.*%))$")
  return (counts or share) .. " " .. (of == 1 and noun or plural) .. (percent or "")
end

--- The same with a capital letter at the start.
function phrases.of_capital(...)
  return (phrases.of(...):gsub("^%l", string.upper))
end

--- "0.42 ms", "37 ms", "1.2 s".
function phrases.ms(ms)
  if ms >= 10000 then
    return fixed(ms / 1000, 0) .. " s"
  elseif ms >= 1000 then
    return fixed(ms / 1000, 1) .. " s"
  elseif ms >= 10 then
    return fixed(ms, 0) .. " ms"
  elseif ms >= 1 then
    return fixed(ms, 1) .. " ms"
  end
  return fixed(ms, 2) .. " ms"
end

--- "12 s", "5.2 minutes", "3.1 hours", "7.1 days".
function phrases.long(seconds)
  for _, unit in ipairs { { 86400, "days" }, { 3600, "hours" }, { 60, "minutes" } } do
    if seconds >= 2 * unit[1] then
      return fixed(seconds / unit[1], 1) .. " " .. unit[2]
    end
  end
  return phrases.ms(seconds * 1000)
end

local RATES = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s" }

--- "300 bit/s", "64 kbit/s", "1.5 Mbit/s".
function phrases.rate(bps)
  local i = 1
  -- what is written as 1000 of a unit is 1 of the next
  while i < #RATES and bps >= 999.5 do
    bps, i = bps / 1000, i + 1
  end
  local has_tenths = i > 1 and bps < 9.95 or i == #RATES
  return fixed(bps, has_tenths and 1 or 0) .. " " .. RATES[i]
end

--- A display filter for just these frames; nil for none.
function phrases.frames_filter(frames)
  local parts = {}
  for i, frame in ipairs(frames or {}) do
    parts[i] = ("frame.number == %.0f"):format(frame)
  end
  return #parts > 0 and table.concat(parts, " || ") or nil
end

--- A display filter for `frames`, which are all of `count` or the first of them; `filter` is for more.
function phrases.filter_of(filter, frames, count)
  local exact = phrases.frames_filter(frames)
  if not exact then
    return filter
  end
  return count <= #frames and exact or ("(%s) || %s"):format(filter, exact)
end

--- "1412 bytes": what a ping must carry to be as long as segments with `payload`, by what `options` says of timestamps.
function phrases.ping(payload, options)
  -- the header of TCP has 12 bytes more than that of ICMP, and its timestamps take 12 more
  local plain = payload + 12
  if options.both_syns == 0 or options.ts_agreed > 0 and options.ts_agreed < options.both_syns then
    return ("%.0f bytes (%.0f where TCP timestamps are in use)"):format(plain, plain + 12)
  end
  return ("%.0f bytes"):format(options.ts_agreed > 0 and plain + 12 or plain)
end

--- The other side.
function phrases.other(side)
  return side == "client" and "server" or "client"
end

return phrases
