--- Checks what must hold of every result on the captures of a list, by hand.
--
--     lua5.4 spec/models/check_properties.lua LIST FOLDER
--
-- LIST has one JSON object a line: file (below FOLDER), server_ip, server_port.

local here = arg[0]:match("^(.*/)") or "./"
local json = require "mcpcap.json"
local properties = dofile(here .. "properties.lua")

local captures, segments, bad = 0, 0, 0
for line in io.lines(arg[1]) do
  local row = json.decode(line)
  local port = row.server_port > 0 and row.server_port or nil
  local failures, result = properties.check(arg[2] .. "/" .. row.file, row.server_ip, port, { 1, 7, 1000 })
  captures = captures + 1
  segments = segments + (result and result.capture.matched_segments or 0)
  if #failures > 0 then
    bad = bad + 1
    print(row.file .. ": " .. table.concat(failures, "; ", 1, math.min(#failures, 4)))
  end
end
print(("%d captures, %d segments of the server, %d with something wrong"):format(captures, segments, bad))
os.exit(bad == 0 and 0 or 1)
