-- docs/findings.md names every rule, as the rules and their cases are.

local rules = require("mcpcap.findings.rules").load()

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("docs/findings.md", function()
  local page = read(here .. "../../docs/findings.md")

  it("names every rule", function()
    for _, rule in ipairs(rules) do
      assert.truthy(page:find("| `" .. rule.id .. "` |", 1, true), rule.id)
    end
  end)

  it("has the table that spec/lua/findings_table.lua makes", function()
    local made = dofile(here .. "findings_table.lua").table_of()
    local written = page:match("<!%-%- rules: [^\n]*\n(.-)<!%-%- end of rules %-%->")
    assert.are.equal(made, written)
  end)
end)
