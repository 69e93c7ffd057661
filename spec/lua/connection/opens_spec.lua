-- Every frame that a finding names opens a connection (mcpcap connection --frame N), in the bundled captures and in the
-- cases of the findings; but for frames that are no segments of the server.

local mcpcap = require "mcpcap"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local cases_at = here .. "../findings/"
local pieces = dofile(cases_at .. "pieces.lua")

-- What these name are ICMP errors, ARP messages, questions for names, SYNs to other ports, whole captures.
local NO_SEGMENTS = {
  path_mtu_told = true, rejected_by_icmp = true, routing_loop = true, address_conflict = true, name_slow = true,
  name_lost = true,
}

-- The findings of which a frame does not open one: "id, frame: why".
local function closed(path, result)
  local list = {}
  for _, finding in ipairs(result.analysis.findings) do
    for _, frame in ipairs(not NO_SEGMENTS[finding.id] and finding.evidence.frames or {}) do
      local told, why = mcpcap.connection(path, result.server_ip, result.server_port, { frame = frame })
      if not told then
        list[#list + 1] = ("%s, frame %d: %s"):format(finding.id, frame, why)
      end
    end
  end
  return list
end

describe("a connection that a finding names", function()
  it("can be opened, in each bundled capture", function()
    for _, known in ipairs(bundled.list()) do
      assert.same({}, closed(known.path, assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port))))
    end
  end)

  for _, group in ipairs(pieces.groups) do
    it("can be opened, in each case of " .. group, function()
      local first = #pieces.cases + 1
      assert(loadfile(cases_at .. group .. ".lua"))(pieces)
      local wrong = {}
      for i = first, #pieces.cases do
        local case = pieces.cases[i]
        if not case.alter and not case.cut and case.want then
          local x = case.make()
          local path, server = x:save(), x.sides.s
          local port = case.port
          if port == nil then
            port = server.port
          end
          local ok, result = pcall(mcpcap.analyze_traffic_flow, path, server.ip, port or nil, case.options)
          for _, one in ipairs(ok and result and result.analysis and closed(path, result) or {}) do
            wrong[#wrong + 1] = case.about .. ": " .. one
          end
          os.remove(path)
        end
      end
      assert.same({}, wrong)
    end)
  end
end)
