-- The page of promises names tests that exist.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local root = here .. "../../"

local function text_of(path)
  local file = io.open(root .. path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

-- Each test of a cell: the file, and the functions or words that the page adds to it.
local function tests_of(cell)
  local list = {}
  for piece in (cell .. ";"):gmatch("%s*(.-);") do
    for path in piece:gmatch("`(spec/[^`]+)`") do
      local test = { path = path, names = {} }
      for name in piece:gmatch("`(test_[%w_]+)`") do
        test.names[#test.names + 1] = name
      end
      for words in piece:gmatch('"([^"]+)"') do
        test.names[#test.names + 1] = words
      end
      list[#list + 1] = test
    end
  end
  return list
end

describe("docs/promises.md", function()
  it("names a test that exists for every promise", function()
    local promises, tests = 0, 0
    local parts = text_of("tools/test"):match('all_parts="(.-)"')
    for promise, cell in text_of("docs/promises.md"):gmatch("\n| ([^|]+) | ([^|]+) |") do
      if promise ~= "promise" then
        promises = promises + 1
        local known = tests_of(cell)
        assert.is_true(#known > 0 or cell:find("the parts? `") ~= nil, promise)
        for name in (cell:match("the parts? (`.*) of `tools/test`") or ""):gmatch("`([%l%d%-%.]+)`") do
          assert.is_truthy((" " .. parts):find(" " .. name .. ":", 1, true), name)
        end
        for _, test in ipairs(known) do
          local text = text_of(test.path)
          assert.is_string(text, test.path)
          for _, name in ipairs(test.names) do
            tests = tests + 1
            assert.is_truthy(text:find(name, 1, true), test.path .. ": " .. name)
          end
        end
      end
    end
    assert.is_true(promises >= 35 and tests >= 45, promises .. " promises, " .. tests .. " tests")
  end)

  it("promises the coverage that is asked for", function()
    local lines, branches = text_of("docs/promises.md"):match("(%d+) %% of the lines and (%d+) %% of the branches")
    local asked = ("--fail-under-line %s --fail-under-branch %s "):format(lines, branches)
    assert.is_truthy(text_of("tools/test"):find(asked, 1, true), asked)
  end)
end)
