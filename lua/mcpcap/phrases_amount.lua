--- How many and how much, in words: all that a sound capture needs to be told.
-- @module mcpcap.phrases_amount

local phrases_amount = {}

--- "1 connection", "12 connections".
function phrases_amount.count(n, noun, plural)
  return ("%.0f %s"):format(n, n == 1 and noun or plural or noun .. "s")
end

--- "512 bytes", "1.5 MB" (powers of ten).
function phrases_amount.bytes(n)
  if n >= 1e9 then
    return ("%.1f GB"):format(n / 1e9)
  elseif n >= 1e6 then
    return ("%.1f MB"):format(n / 1e6)
  elseif n >= 1e4 then
    return ("%.0f kB"):format(n / 1e3)
  end
  return phrases_amount.count(n, "byte")
end

return phrases_amount
