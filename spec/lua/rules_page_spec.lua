-- docs/rules.md has every rule that the sources speak of, and every counter of a result.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "craft.lua")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("docs/rules.md", function()
  local page = read(here .. "../../docs/rules.md")

  local function has_row(id)
    return page:find("\n| " .. id .. " |", 1, true) ~= nil
  end

  it("has all rules under their numbers", function()
    for prefix, last in pairs({ [""] = 24, ["CO-"] = 4, ["IN-"] = 14, W = 14, D = 10 }) do
      for i = 1, last do
        assert.are.equal(prefix .. i ~= "10", has_row(prefix .. i), prefix .. i)
      end
    end
  end)

  it("has every outcome with what it says", function()
    local header, count = read(here .. "../../src/facts/outcome.h"), 0
    for code, text in header:gmatch('X%(%u[%u_]*, *"([%l_]+)",%s*("[^)\n].-")%)[ \n]') do
      local says = text:gsub('"%s*\\?%s*"', ""):gsub('^"', ""):gsub('"$', "")
      assert.truthy(page:find(("\n| `%s` | %s |"):format(code, says), 1, true), code)
      count = count + 1
    end
    assert.is_true(count >= 29, count)
  end)

  it("names every counter of a direction", function()
    local result = craft.new():hs():c(1001, 100):s(5001, 100, { ack = 1101 }):analyze()
    for name, value in pairs(result.client_to_server) do
      if type(value) == "number" and not name:find("_time$") and name ~= "max_segment"
        and name ~= "throughput_bps" and name ~= "goodput_bps" and name ~= "retransmission_rate" then
        assert.truthy(page:find("`" .. name .. "`", 1, true), name)
      end
    end
  end)
end)
