-- `mcpcap compare`: what a shell script is told of captures that cannot be read, or not to their end.

local cli = require "mcpcap.cli"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local BEFORE = here .. "../../fixtures/loss-to-client-before.pcap"
local BEHIND = here .. "../../fixtures/loss-to-client-behind.pcap"

describe("mcpcap compare", function()
  local made

  before_each(function()
    made = {}
  end)

  after_each(function()
    for _, name in ipairs(made) do
      os.remove(name)
    end
  end)

  local function write(bytes)
    local name = os.tmpname()
    made[#made + 1] = name
    local file = assert(io.open(name, "wb"))
    assert(file:write(bytes))
    assert(file:close())
    return name
  end

  local function start_of(path, length)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read(length)
    file:close()
    return bytes
  end

  -- The status, the report, and what stands on standard error.
  local function run(format, ...)
    local texts = {}
    local function stream(i)
      texts[i] = ""
      return {
        write = function(s, ...)
          texts[i] = texts[i] .. table.concat({ ... })
          return s
        end,
        flush = function(s) return s end,
      }
    end
    local words = { "compare", ... }
    for _, word in ipairs { "192.0.2.80", "80", "--format", format } do
      words[#words + 1] = word
    end
    return cli.main(words, stream(1), stream(2), { isatty = function() return false end }), texts[1], texts[2]
  end

  it("ends with 0 and no word where both captures are whole", function()
    local status, out, err = run("text", BEFORE, BEHIND)
    assert.equal(0, status)
    assert.matches("BETWEEN A AND B", out, 1, true)
    assert.equal("", err)
  end)

  it("ends with 1 where nothing can be read of a capture: there is a report, and no comparison", function()
    local bad = write(("no capture "):rep(300))
    local sets = { { BEFORE, bad }, { bad, BEHIND }, { bad, write "neither is this" }, { BEFORE, BEHIND, bad } }
    for _, three in ipairs(sets) do
      for _, format in ipairs { "text", "json" } do
        local status, out, err = run(format, three[1], three[2], three[3])
        assert.equal(1, status)
        assert.matches("cannot be read (unknown file format)", (out:gsub("%s+", " ")), 1, true)
        assert.matches("mcpcap: warning: %u: The work was stopped: [^\n]*unknown file format", err)
        assert.matches(bad, err, 1, true)
      end
    end
  end)

  it("ends with 0 and a warning where a capture ends early: the part before is compared", function()
    local cut = write(start_of(BEHIND, 20000))
    local status, out, err = run("json", BEFORE, cut)
    assert.equal(0, status)
    assert.matches('"status": ?"ok"', out)
    assert.matches("^mcpcap: warning: %u: The capture ends early in [^\n]*\n$", err)
    assert.matches(cut .. " at byte ", err, 1, true)
  end)

  it("ends with 0 where a capture can be read and holds no packet: that is an answer", function()
    local status, out = run("text", BEFORE, write(start_of(BEHIND, 24)))
    assert.equal(0, status)
    assert.matches("holds no packet", (out:gsub("%s+", " ")), 1, true)
  end)
end)
