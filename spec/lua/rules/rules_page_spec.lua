-- docs/rules.md has every rule that the sources speak of, and every outcome of a connection.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("docs/rules.md", function()
  local page = read(here .. "../../../docs/rules.md")

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
    local header, count = read(here .. "../../../src/outcomes/outcome.h"), 0
    for code, text in header:gmatch('X%(%u[%u_]*, *"([%l_]+)",%s*("[^)\n].-")%)[ \n]') do
      local says = text:gsub('"%s*\\?%s*"', ""):gsub('^"', ""):gsub('"$', "")
      assert.truthy(page:find(("\n| `%s` | %s |"):format(code, says), 1, true), code)
      count = count + 1
    end
    assert.is_true(count >= 29, count)
  end)
end)
