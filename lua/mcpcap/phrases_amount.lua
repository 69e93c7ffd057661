--- How many and how much, in words: all that a sound capture needs to be told.
-- @module mcpcap.phrases_amount

local phrases_amount = {}

--- A number with so many decimals, a half rounded up, as people do.  Not "%.1f": LuaJIT rounds a half up there, other
-- Luas to the even digit, and all Luas, tables and sentences shall say the same.
function phrases_amount.fixed(n, decimals)
  if n < 0 then
    return "-" .. phrases_amount.fixed(-n, decimals)
  elseif decimals == 0 or n >= 1e15 then
    return ("%.0f"):format(n >= 1e15 and n or math.floor(n + 0.5))
  end
  local digits = ("%.0f"):format(math.floor(n * 10 ^ decimals + 0.5))
  digits = ("0"):rep(decimals + 1 - #digits) .. digits
  return digits:sub(1, -decimals - 1) .. "." .. digits:sub(-decimals)
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

--- The server of a result in a sentence: "10.0.0.2:443", or "10.0.0.2" where no port was asked for.
function phrases_amount.server(result)
  local address = result.server:match("^(.*):any$")
  return address and address:gsub("[%[%]]", "") or result.server
end

return phrases_amount
