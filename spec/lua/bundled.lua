-- The bundled captures, and what is expected of each.
--
--     local bundled = dofile(here .. "bundled.lua")
--     for _, known in ipairs(bundled.list()) do
--       print(known.path, known.server_ip, known.port)
--     end

local json = require "mcpcap.json"
local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local folder = here .. "../fixtures/"

local bundled = {}

--- What `spec/fixtures/*.expected.json` say, in the order of the captures' names; with `path`, and `port`: the one
-- to ask for, nil where the capture is about all ports of its server.
function bundled.list()
  local list = {}
  for name in lfs.dir(folder) do
    if name:match("%.expected%.json$") then
      local file = assert(io.open(folder .. name, "rb"))
      local known = assert(json.decode(file:read("*a")))
      file:close()
      known.path = folder .. known.file
      known.port = known.truth.ask ~= "any" and known.server_port or nil
      list[#list + 1] = known
    end
  end
  table.sort(list, function(a, b)
    return a.file < b.file
  end)
  return list
end

return bundled
