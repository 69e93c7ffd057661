--- Cuts a capture into files of about as many records each: FOLDER/p001.pcap and so on.
--
--     lua5.4 cluster/cut.lua CAPTURE FOLDER COUNT

local here = arg[0]:match("^(.*/)") or "./"
local cutting = dofile(here .. "../spec/lua/cutting.lua")

local file = assert(io.open(arg[1], "rb"))
local bytes = file:read("*a")
file:close()
local _, records = cutting.records_of(bytes)
local count, ends = tonumber(arg[3]), {}
for i = 1, count - 1 do
  ends[i] = math.floor(#records * i / count)
end
for i, piece in ipairs(cutting.cut(bytes, ends)) do
  local out = assert(io.open(("%s/p%03d.pcap"):format(arg[2], i), "wb"))
  assert(out:write(piece))
  assert(out:close())
end
