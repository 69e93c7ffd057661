--- Numbers as people read them: counts, bytes, rates, times.
-- Pure functions of a number; the same text on every Lua.
-- @module mcpcap.report.units

local units = {}

local fixed = require "mcpcap.phrases_amount".fixed

--- A number with so many decimals, a half rounded up.
units.fixed = fixed

-- Three significant digits: 1.23, 12.3, 123.
local function short(n)
  if n < 9.995 then
    return fixed(n, 2)
  elseif n < 99.95 then
    return fixed(n, 1)
  end
  return fixed(n, 0)
end

-- The largest unit of a ladder in which the number is at least 1.
local function scaled(n, ladder, step)
  local i = 1
  while i < #ladder and n >= step * 0.9995 do
    n, i = n / step, i + 1
  end
  return (i == 1 and n == math.floor(n) and ("%.0f"):format(n) or short(n)) .. " " .. ladder[i]
end

--- 1234567 is "1,234,567"; a number with a fraction keeps two digits of it.
function units.count(n)
  if n ~= math.floor(n) then
    return fixed(n, 2)
  end
  local sign, digits = ("%.0f"):format(n):match("^(%-?)(%d+)$")
  digits = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. digits
end

local BYTES = { "B", "kB", "MB", "GB", "TB", "PB" }
local RATE = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" }

--- 1234567 is "1.23 MB".
function units.bytes(n)
  return scaled(n, BYTES, 1000)
end

--- 1234567 is "1.23 Mbit/s".
function units.rate(n)
  return scaled(n, RATE, 1000)
end

--- 0.0123 is "1.23 %".
function units.percent(n)
  if n > 0 and n < 0.0001 then
    return "< 0.01 %"
  elseif n >= 0.9995 and n < 1 - 1e-9 then
    return "> 99.9 %"
  end
  return (n == 0 and "0" or short(n * 100)) .. " %"
end

--- Milliseconds as a bare number, for columns that carry the unit: 0.123, 12.3, 1,234.
function units.ms_number(n)
  if n > 0 and n < 0.9995 then
    return fixed(n, 3)
  elseif n >= 999.5 then
    return units.count(math.floor(n + 0.5))
  end
  return n == 0 and "0" or short(n)
end

--- A length of time given in seconds: "0.31 ms", "340 ms", "12.4 s", "2 min 05 s", "3 h 07 min".
function units.duration(seconds)
  if seconds < 0.9995 then
    return units.ms_number(seconds * 1000) .. " ms"
  elseif seconds < 59.95 then
    return short(seconds) .. " s"
  end
  local whole = math.floor(seconds + 0.5)
  if whole < 3600 then
    return ("%.0f min %02.0f s"):format(math.floor(whole / 60), whole % 60)
  elseif whole < 172800 then
    return ("%.0f h %02.0f min"):format(math.floor(whole / 3600), math.floor(whole % 3600 / 60))
  end
  return ("%.0f d %02.0f h"):format(math.floor(whole / 86400), math.floor(whole % 86400 / 3600))
end

-- Seconds since 1970 of the year 10000, the first that does not fit "YYYY".
local YEAR_10000 = 253402300800

--- A moment, in UTC: "2026-11-23 02:11:40.125 UTC".  A capture may hold any
-- number here; what is no date of four digits is given in seconds.
function units.moment(seconds)
  local ms = math.floor(seconds * 1000 + 0.5)
  local whole = math.floor(ms / 1000)
  if whole < 0 or whole >= YEAR_10000 then
    return fixed(seconds, 3) .. " s after 1970"
  end
  -- Lua 5.3 and later take only integers here, and whole may be a float.
  local text = os.date("!%Y-%m-%d %H:%M:%S", tonumber(("%.0f"):format(whole)))
  return ("%s.%03.0f UTC"):format(text, ms - whole * 1000)
end

--- A key of a table as words: "reset_mid_data" is "reset mid data".
function units.words(key)
  return (tostring(key):gsub("_", " "))
end

-- How a value is shown, by the kind of its unit; whatever is counted is shown as a count.
local BY_UNIT = {
  ms = function(n) return units.ms_number(n) .. " ms" end,
  ["bit/s"] = units.rate,
  bytes = units.bytes,
  size = function(n) return units.count(n) .. (n == 1 and " byte" or " bytes") end,
  share = units.percent,
}

--- A value in its unit, as the field table has it: 12, "ms" is "12.0 ms".
-- @tparam number value
-- @tparam string unit of `mcpcap.fields`
-- @treturn string
function units.shown(value, unit)
  return (BY_UNIT[unit] or units.count)(value)
end

-- What a name carries for its unit stands behind the value.
local SUFFIX = { ms = "_ms$", ["bit/s"] = "_bps$", size = "_bytes$" }

--- The name of a key as words, without the unit: "zero_window_ms", "ms" is "zero window".
-- @tparam string key
-- @tparam string unit
-- @treturn string
function units.label(key, unit)
  return units.words(SUFFIX[unit] and key:gsub(SUFFIX[unit], "") or key)
end

return units
