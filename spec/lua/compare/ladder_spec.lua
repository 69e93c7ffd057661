-- The ladder of a comparison: the most telling moment, segment by segment, and how HTML draws it.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft_path = dofile(here .. "craft_path.lua")
local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local MS = craft_path.craft.MS

local function loss(o)
  local p = craft_path.new(o):handshake():c(100):after(30 * MS)
  p:s(1000):s(1000):lost():s(1000):after(30 * MS):c(0, { ack = 6001 })
  return p:after(200 * MS):s(1000, { seq = 6001 }):after(30 * MS):c(0):close()
end

local function compared(captures, options)
  local files = {}
  for i, capture in ipairs(captures) do
    files[i] = capture:save()
  end
  local result = assert(mcpcap.compare(files, "10.0.0.2", 7777, options or { ladder = true }))
  for _, file in ipairs(files) do
    os.remove(file)
  end
  return result
end

local function fates(steps)
  local count = {}
  for _, step in ipairs(steps) do
    count[step.fate] = (count[step.fate] or 0) + 1
  end
  return count
end

describe("a ladder", function()
  it("has each segment at both points, and the lost one at one", function()
    for _, o in ipairs {
      { timestamps = true }, { offset = { 0, 300 * 1000 * MS }, timestamps = true },
      { client = { "10.0.0.1", "192.0.2.9" }, client_port = { 40000, 61234 }, timestamps = true },
      { shift = { { 0, 0 }, { 123456789, 987654321 } }, timestamps = true },
    } do
      local ladder = compared(loss(o):captures()).ladder
      assert.same({ both = 12, lost = 1 }, fates(ladder.steps))
      for _, step in ipairs(ladder.steps) do
        if step.fate == "lost" then
          assert.equal("server", step.from)
          assert.equal("data 1000", step.label)
          assert.is_nil(step.at_ms.A)
          assert.is_number(step.at_ms.B)
        else
          local way = step.at_ms.B - step.at_ms.A
          assert.near(step.from == "client" and 10 or -10, way, 0.1)
        end
      end
    end
  end)

  it("goes on downwards in time at each point, whatever is lost", function()
    local p = craft_path.new { timestamps = true, way = 60 * MS }:handshake():c(100):after(130 * MS)
    for n = 1, 12 do
      p:s(1000)
      if n % 4 == 3 then
        p:lost()
      end
      p:after(MS)
    end
    for n = 1, 5 do
      p:c(0, { ack = 5001 + 1000 * n }):after(MS)
    end
    local ladder = compared(p:captures()).ladder
    local last, lost = {}, 0
    for _, step in ipairs(ladder.steps) do
      for name, ms in pairs(step.at_ms) do
        local before = last[name .. step.from] or ms
        assert.is_true(before <= ms)
        last[name .. step.from] = ms
      end
      lost = lost + (step.fate ~= "both" and 1 or 0)
    end
    assert.is_true(lost >= 2)
  end)

  it("has a place of its own for each two points in a page", function()
    local page = report.render(compared(loss({ timestamps = true, points = 3 }):captures()), "html")
    local ids = {}
    for id in page:gmatch('<section id="([^"]+)"') do
      assert.is_nil(ids[id])
      ids[id] = true
    end
    assert.is_true(ids.ladder and ids["ladder-2"])
  end)

  it("is there only where it is asked for, and there is a connection to show", function()
    local captures = loss({ timestamps = true }):captures()
    assert.is_nil(compared(captures, {}).ladder)
    local other = craft_path.new { port = 41000 }
    other.seq = { c = 77777, s = 99999 }
    other:handshake():c(50):after(30 * MS):s(70)
    assert.is_nil(compared({ captures[1], other:captures()[2] }).ladder)
  end)

  it("is data for the page's script, with a table beside it, and a table elsewhere", function()
    local result = compared(loss({ timestamps = true }):captures())
    result.ladder.clients.A = "<script>&\"x"
    result.ladder.steps[1].label = "<b>"
    local page = report.render(result, "html")
    local data = json.decode(assert(page:match('id="mcpcap%-data">(.-)</script>')))
    local ladder = data.ladders[1]
    assert.equal("ladder", ladder.id)
    assert.equal(#result.ladder.steps, #ladder.steps)
    assert.equal("<script>&\"x", ladder.about[1])
    assert.equal("<b>", ladder.steps[1].label)
    assert.truthy(page:find('<section id="ladder">', 1, true))
    assert.truthy(page:find('<th scope="row">server</th><td>data 1000</td><td>lost</td>', 1, true))
    assert.truthy(page:find('<th scope="row">client</th><td>&lt;b&gt;</td>', 1, true))
    for _, format in ipairs { "text", "markdown" } do
      assert.truthy(report.render(result, format):lower():find("one connection between a and b", 1, true))
    end
  end)
end)
