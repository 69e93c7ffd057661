-- How the Lua modules hang together: no circle of requires, no file that has grown too long.

local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local root = here .. "../../lua/"

local MAX_LINES = 600

-- Text of every module by its name.
local function modules()
  local list = {}
  local function add(folder, prefix)
    for name in lfs.dir(root .. folder) do
      local path = folder .. "/" .. name
      if name ~= "." and name ~= ".." and lfs.attributes(root .. path, "mode") == "directory" then
        add(path, prefix .. name .. ".")
      elseif name:find("%.lua$") then
        local file = assert(io.open(root .. path))
        local module = prefix .. name:gsub("%.lua$", "")
        list[module:gsub("%.init$", "")] = file:read("*a")
        file:close()
      end
    end
  end
  add("mcpcap", "mcpcap.")
  return list
end

-- Names of the modules that a text requires, when it is loaded or later.
local function needs_of(text)
  local needs = {}
  for name in text:gsub("%-%-[^\n]*", ""):gmatch('require%s*%(?%s*"(mcpcap[%w_.]*)"') do
    needs[#needs + 1] = name
  end
  return needs
end

describe("the Lua modules", function()
  it("require each other in no circle", function()
    local list, done, circles = modules(), {}, {}
    local function visit(name, way)
      if done[name] or not list[name] then
        return
      end
      for i, before in ipairs(way) do
        if before == name then
          circles[#circles + 1] = table.concat(way, " > ", i) .. " > " .. name
          return
        end
      end
      way[#way + 1] = name
      for _, need in ipairs(needs_of(list[name])) do
        visit(need, way)
      end
      way[#way] = nil
      done[name] = true
    end
    local count = 0
    for name in pairs(list) do
      count = count + 1
      visit(name, {})
    end
    assert.is_true(count > 40)
    assert.same({}, circles)
  end)

  it("are short", function()
    for name, text in pairs(modules()) do
      local _, lines = text:gsub("\n", "\n")
      assert.is_true(lines <= MAX_LINES, name .. ": " .. lines)
    end
  end)
end)
