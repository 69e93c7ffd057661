-- What findings show: on each bundled capture each display filter selects, in tshark, the
-- frames that its finding names, and little else.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "bundled.lua")
local child = dofile(here .. "child.lua")
local craft = dofile(here .. "craft.lua")
local evidence = dofile(here .. "evidence.lua")

describe("on a bundled capture each display filter selects what its finding names #tshark", function()
  local ready, lack = evidence.ready(child)

  for _, known in ipairs(bundled.list()) do
    it(known.file, function()
      if not ready then
        return pending(lack)
      end
      local result = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port))
      for _, shown in ipairs(evidence.of(child, known.path, result.analysis.findings)) do
        assert.is_nil(evidence.fault(shown))
      end
    end)
  end
end)

describe("the check of display filters #tshark", function()
  local ready, lack = evidence.ready(child)

  local function faults(...)
    if not ready then
      pending(lack)
      return nil
    end
    local path = craft.new():hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 }):save()
    local found = {}
    for i, finding in ipairs({ ... }) do
      found[i] = { id = "one", evidence = { display_filter = finding[1], frames = finding[2] } }
    end
    local list = evidence.of(child, path, found)
    os.remove(path)
    for i, shown in ipairs(list) do
      list[i] = evidence.fault(shown) or "holds"
    end
    return list
  end

  it("tells what is not shown", function()
    local list = faults({ "tcp.flags.syn == 1", { 1, 2 } }, { "tcp.flags.syn == 1 && tcp.flags.ack == 1", { 1, 2 } },
      { "tcp.flags.reset == 1" }, { "tcp.len > 0", { 3, 4 } })
    if list then
      assert.are.same({ "holds", "one: tcp.flags.syn == 1 && tcp.flags.ack == 1 does not show frame 1",
        "one: tcp.flags.reset == 1 shows nothing", "one: tcp.len > 0 does not show frame 3" }, list)
    end
  end)

  it("knows a connection's end at its beginning", function()
    local list = faults({ "tcp.completeness == 15 && tcp.flags.syn == 1", { 1 } })
    if list then
      assert.are.same({ "holds" }, list)
    end
  end)
end)

describe("a filter that selects more than its finding names", function()
  local function fault(named, selected, side)
    local frames = {}
    for i = 1, named do
      frames[i] = i
    end
    return evidence.fault({
      id = "one", side = side or "client", filter = "tcp", frames = frames, missing = {}, selected = selected,
    })
  end

  it("is a fault where all frames are named", function()
    assert.is_nil(fault(1, 20))
    assert.is_string(fault(1, 60))
  end)
  it("is none where only the first are named, or where the finding is about the capture", function()
    assert.is_nil(fault(5, 1000))
    assert.is_nil(fault(1, 60, "capture"))
  end)
end)
