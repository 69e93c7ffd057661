-- Results that are kept for the next question.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local FIXTURES = here .. "../../fixtures"

local cache = require "mcpcap.mcp.cache"
local mcpcap = require "mcpcap"
local tools = require "mcpcap.mcp.tools"

describe("the results that are kept", function()
  local opened, stamps, context

  -- The library, which counts how often it is asked.
  local function counting(name)
    return function(...)
      opened = opened + 1
      return mcpcap[name](...)
    end
  end

  before_each(function()
    opened, stamps = 0, {}
    context = {
      library = { open = counting "open", open_overview = counting "open_overview",
        open_comparison = counting "open_comparison" },
      policy = tools.policy { roots = { FIXTURES } },
      cache = cache.new(function(path) return stamps[path] ~= false and (stamps[path] or "1") or nil end),
      keep = function(object) return object end,
      pause = function() end,
    }
  end)

  local function tool(name)
    for _, one in ipairs(tools.list) do
      if one.name == name then
        return function(arguments)
          return assert(one.handler(arguments, context))
        end
      end
    end
  end

  local function asked(more)
    local arguments = { pcap_file = FIXTURES .. "/slow-server.pcap", server_ip = "192.0.2.80", server_port = 80 }
    for key, value in pairs(more or {}) do
      arguments[key] = value
    end
    return tool "analyze_traffic_flow"(arguments)
  end

  it("answer the same question again, whatever the format", function()
    local first = asked()
    assert.same(first, asked())
    assert.equal(first.structured.analysis_timestamp, asked { format = "text" }.structured.analysis_timestamp)
    assert.not_same(first.texts, asked { format = "text" }.texts)
    assert.equal(1, opened)
  end)

  it("answer no other question", function()
    local others = { {}, { server_port = 81 }, { max_packets = 1000 }, { connections = 3 }, { filter = "tcp" } }
    for _, other in ipairs(others) do
      asked(other)
    end
    assert.equal(5, opened)
  end)

  it("are those of the file as it is now", function()
    asked()
    stamps[FIXTURES .. "/slow-server.pcap"] = "2"
    asked()
    assert.equal(2, opened)
    stamps[FIXTURES .. "/slow-server.pcap"] = false            -- a URL, or gone
    asked()
    asked()
    assert.equal(4, opened)
  end)

  it("are not of a file that changes meanwhile, nor a part", function()
    local number = 0
    context.cache = cache.new(function()
      number = number + 1
      return tostring(number)
    end)
    asked()
    asked()
    assert.equal(2, opened)
    local path = os.tmpname()
    local whole = assert(io.open(FIXTURES .. "/slow-server.pcap", "rb"))
    local cut = assert(io.open(path, "wb"))
    cut:write(whole:read(999))
    whole:close()
    cut:close()
    context.cache = cache.new(function() return "1" end)
    context.policy = tools.policy { roots = { FIXTURES, path:match("^(.*)/") } }
    assert.truthy(asked({ pcap_file = path }).structured.capture.truncated)
    asked { pcap_file = path }
    os.remove(path)
    assert.equal(4, opened)
  end)

  it("cannot be changed by who was given them", function()
    local kept = cache.new(function() return "1" end)
    local key = kept:key("open", "a", {})
    local result = { findings = { "one" } }
    kept:put(key, result)
    result.findings[1] = "other"
    kept:get(key).findings[1] = "another"
    assert.same({ findings = { "one" } }, kept:get(key))
    assert.is_nil(kept:get(kept:key("open", "b", {})))
    assert.is_nil(kept:get(nil))
  end)

  it("are few", function()
    local kept = cache.new(function() return "1" end)
    local function key(n)
      return kept:key("open", "a", { n = n })
    end
    for i = 1, 4 do
      kept:put(key(i), { n = i })
    end
    assert.same({ n = 1 }, kept:get(key(1)))
    kept:put(key(5), { n = 5 })
    assert.is_nil(kept:get(key(2)))                -- the one that was asked for longest ago
    for _, n in ipairs { 1, 3, 4, 5 } do
      assert.same({ n = n }, kept:get(key(n)))
    end
  end)

  it("serve overviews and comparisons too", function()
    local overview, compare = tool "list_servers", tool "compare_captures"
    local first = overview { pcap_file = FIXTURES .. "/slow-server.pcap" }
    assert.same(first, overview { pcap_file = FIXTURES .. "/slow-server.pcap" })
    assert.equal(1, opened)
    local both = { FIXTURES .. "/loss-to-client-before.pcap", FIXTURES .. "/loss-to-client-behind.pcap" }
    local second = compare { pcap_files = both, server_ip = "192.0.2.80" }
    assert.same(second, compare { pcap_files = both, server_ip = "192.0.2.80" })
    assert.equal(2, opened)
  end)
end)
