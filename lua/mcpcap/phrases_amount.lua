--- How many and how much, in words: all that a sound capture needs to be told.
-- @module mcpcap.phrases_amount

local phrases_amount = {}

--- A number with so many decimals; a half goes to the even digit, as where "%.1f" rounds what is exactly one: LuaJIT
-- rounds it up, and all Luas shall say the same.
function phrases_amount.fixed(n, decimals)
  local scale = 10 ^ decimals
  local scaled = n * scale
  local whole = math.floor(scaled + 0.5)
  if whole - scaled == 0.5 and whole % 2 == 1 then
    whole = whole - 1
  end
  return ("%." .. decimals .. "f"):format(whole / scale)
end

local fixed = phrases_amount.fixed

--- "1 connection", "12 connections".
function phrases_amount.count(n, noun, plural)
  return ("%.0f %s"):format(n, n == 1 and noun or plural or noun .. "s")
end

--- "512 bytes", "1.5 MB" (powers of ten).
function phrases_amount.bytes(n)
  if n >= 1e9 then
    return fixed(n / 1e9, 1) .. " GB"
  elseif n >= 1e6 then
    return fixed(n / 1e6, 1) .. " MB"
  elseif n >= 1e4 then
    return fixed(n / 1e3, 0) .. " kB"
  end
  return phrases_amount.count(n, "byte")
end

return phrases_amount
