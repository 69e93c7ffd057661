-- Which connections of a result are read once more, and how often the capture is read for them.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")
local mcpcap = require "mcpcap"
local telling = require "mcpcap.connection.telling"

describe("connections that are told", function()
  -- What is opened, and what each is asked for.
  local function counting()
    local asked = {}
    return asked, {
      open_connection = function(sources, ip, port, options)
        asked[#asked + 1] = options
        return mcpcap.open_connection(sources, ip, port, options)
      end,
    }
  end

  local function tell(library, path, result)
    local t = telling.open(library, path, result)
    while t:step(50000, 0) == "more" do -- luacheck: ignore 542
    end
    local done, all = t:progress()
    t:close()
    assert.equal(all, done)
    return t:result()
  end

  -- The client's port serves twice: a connection that ends well, and one that the server resets.
  local function reused()
    local x = craft.new({ win = 60000 }):hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
    x:c(1101, 0, { flags = "FA", ack = 5101 }):s(5101, 0, { flags = "FA", ack = 1102 }):c(1102, 0, { ack = 5102 })
    x:after(60 * craft.SECOND)
    x.sides.c.base, x.sides.s.base = 900000, 700000
    x.sides.c.ack, x.sides.s.ack = 700001, 900001
    x:hs():c(900001, 100):s(700001, 0, { flags = "RA", ack = 900101 })
    return x:save()
  end

  it("are two where one port of a client served for two", function()
    local path = reused()
    local result = assert(mcpcap.analyze_traffic_flow(path, "10.0.0.2", 7777))
    assert.equal(2, #result.connections)
    assert.equal(result.connections[1].client, result.connections[2].client)
    local firsts = {}
    for _, told in ipairs(mcpcap.tell(path, result)) do
      firsts[#firsts + 1] = told.connection.first_frame
    end
    table.sort(firsts)
    assert.same({ 1, 10 }, firsts)
    os.remove(path)
  end)

  it("are not read again when a finding has shown them", function()
    local path = reused()
    local result = assert(mcpcap.analyze_traffic_flow(path, "10.0.0.2", 7777))
    local asked, library = counting()
    result.analysis.findings = { { severity = "error", evidence = { frames = { 13 } } } }
    local told = tell(library, path, result)
    assert.equal(10, told[1].connection.first_frame)
    assert.equal(1, told[2].connection.first_frame)
    assert.same({ 13, 1 }, { asked[1].frame, asked[2].frame })
    assert.equal(2, #asked)
    os.remove(path)
  end)

  it("cost no more bytes than allowed, one that a frame names twice", function()
    local rows, asked = {}, 0
    for i = 1, 5 do
      rows[i] = { client = "10.0.0.1:" .. i, server_port = 80, first_frame = i, outcome = { code = tostring(i) } }
    end
    local library = {
      open_connection = function(_, _, _, options)
        asked = asked + (options.client and 1 or 2)
        return {
          step = function() return "done" end, close = function() end,
          result = function() return { connection = { first_frame = options.frame } } end,
        }
      end,
    }
    local result = {
      status = "ok", server_ip = "10.0.0.2", connections = rows, capture = { bytes_total = 1, bytes_read = 4e8 },
      analysis = { findings = { { severity = "error", evidence = { frames = { 99 } } } } },
    }
    assert.equal(4, #tell(library, "x.pcap", result)) -- of 2 GB, 0.8 for the first
    assert.equal(5, asked)
    result.capture.bytes_read = 1.1e9
    assert.equal(0, #tell(library, "x.pcap", result))
    assert.equal(5, asked)
  end)

  it("are none of what lies in a state, whose captures may be gone", function()
    local cli = require "mcpcap.cli"
    local path, state = reused(), os.tmpname()
    local function page(...)
      local out, err = {}, {}
      local function stream(list)
        return {
          write = function(s, ...)
            list[#list + 1] = table.concat { ... }
            return s
          end,
          flush = function(s) return s end,
        }
      end
      local status = cli.main({ ... }, stream(out), stream(err), { isatty = function() return false end })
      return status, table.concat(out), table.concat(err)
    end
    os.remove(state)
    assert.equal(0, (page("flow", path, "10.0.0.2", "7777", "--save-state", state)))
    for _, words in ipairs { { "report", state }, { "flow", "--from-state", state, path } } do
      local status, out, err = page(words[1], "--format=html", words[2], words[3], words[4])
      assert.equal("", err)
      assert.equal(0, status)
      assert.matches("</html>", out, 1, true)
    end
    os.remove(state)
    os.remove(path)
  end)
end)
