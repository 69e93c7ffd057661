-- How the modules hang together, in Lua and in C: no circle, no room that looks up, no file that has grown too long.

local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local root = here .. "../../lua/"

local MAX_LINES = 600
local MAX_FILES = 26

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

-- The circles among modules: 'list' has them by name, 'needs' those that a module asks for.
local function circles_of(list, needs)
  local done, circles = {}, {}
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
    for _, need in ipairs(needs(list[name])) do
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
  return circles, count
end

describe("the Lua modules", function()
  it("require each other in no circle", function()
    local circles, count = circles_of(modules(), needs_of)
    assert.is_true(count > 40)
    assert.same({}, circles)
  end)

  it("are short", function()
    for name, text in pairs(modules()) do
      text = name == "mcpcap.report.page_assets" and "" or text     -- made of web/, whose files are short
      local _, lines = text:gsub("\n", "\n")
      assert.is_true(lines <= MAX_LINES, name .. ": " .. lines)
    end
  end)
end)

-- Each room of src/ and those that it may use: these, and what they use.
local BELOW = {
  base = {},
  stage = { "base" },
  decode = { "base" },
  capture = { "stage", "decode" },
  tcp = { "decode" },
  table = { "tcp" },
  facts = { "table" },
  outcomes = { "facts" },
  application = { "facts" },
  engine = { "outcomes", "application", "capture" },
  state = { "engine" },
  session = { "state" },
  points = { "engine" },
  compare = { "session", "points" },
  lua = { "compare" },
  command = { "lua" },
}

local function is_below(room, above)
  for _, name in ipairs(BELOW[above] or {}) do
    if name == room or is_below(room, name) then
      return true
    end
  end
  return false
end

-- What a C file defines for others, and the names of functions that it uses: without comments and texts.
local function bare(text)
  return (text:gsub("/%*.-%*/", " "):gsub('"[^"\n]*"', '""'))
end

local function definitions_of(text)
  local names = {}
  for head, name, rest in ("\n" .. text):gmatch("\n([%a_][^\n;={}#]-)%f[%w_](mc_[%w_]+)%(([^;{}]*)%f[;{}]{") do
    if not (" " .. head):find("%sstatic%s") and not rest:find("[;=]") then
      names[#names + 1] = name
    end
  end
  return names
end

-- Text of every C file by its name, "tcp/conn.h".
local function c_files()
  local list = {}
  local src = here .. "../../src/"
  for room in lfs.dir(src) do
    if room:sub(1, 1) ~= "." and lfs.attributes(src .. room, "mode") == "directory" then
      for name in lfs.dir(src .. room) do
        if name:find("%.[ch]$") then
          local file = assert(io.open(src .. room .. "/" .. name))
          list[room .. "/" .. name] = file:read("*a")
          file:close()
        end
      end
    end
  end
  return list
end

local function includes_of(text)
  local names = {}
  for name in ("\n" .. text):gmatch('\n#include "([^"]+)"') do
    names[#names + 1] = name
  end
  return names
end

describe("the C files", function()
  it("include each other in no circle", function()
    local circles, count = circles_of(c_files(), includes_of)
    assert.is_true(count > 200)
    assert.same({}, circles)
  end)

  it("call each other in no circle", function()
    local list, home, defined = {}, {}, 0
    for name, text in pairs(c_files()) do
      if name:find("%.c$") then
        list[name] = bare(text)
        for _, known in ipairs(definitions_of(list[name])) do
          assert.is_true((home[known] or name) == name, known .. " is defined in two files")
          home[known], defined = name, defined + 1
        end
      end
    end
    assert.is_true(defined > 300)
    local circles = circles_of(list, function(text)
      local needs, own = {}, {}
      for used in text:gmatch("%f[%w_](mc_[%w_]+)%s*%(") do
        local of = home[used]
        if of and list[of] ~= text and not own[of] then
          needs[#needs + 1], own[of] = of, true
        end
      end
      return needs
    end)
    assert.same({}, circles)
  end)

  it("use their own room and those below it", function()
    local list, wrong = c_files(), {}
    for name, text in pairs(list) do
      local room = name:match("^[^/]+")
      assert.is_table(BELOW[room], name)
      for _, need in ipairs(includes_of(text)) do
        local of = list[need] and need:match("^[^/]+")
        if of and of ~= room and not is_below(of, room) then
          wrong[#wrong + 1] = name .. " > " .. need
        end
      end
    end
    table.sort(wrong)
    assert.same({}, wrong)
  end)

  it("are short", function()
    local list = c_files()
    for name in lfs.dir(here .. "../../include") do
      if name:find("%.h$") then
        local file = assert(io.open(here .. "../../include/" .. name))
        list["include/" .. name] = file:read("*a")
        file:close()
      end
    end
    for name, text in pairs(list) do
      local _, lines = text:gsub("\n", "\n")
      assert.is_true(lines <= MAX_LINES, name .. ": " .. lines)
    end
  end)
end)

describe("the rooms", function()
  it("hold about two dozen files at most", function()
    local function look(folder)
      local count = 0
      for name in lfs.dir(folder) do
        local path = folder .. "/" .. name
        if name:sub(1, 1) ~= "." and lfs.attributes(path, "mode") == "directory" then
          look(path)
        elseif name:sub(1, 1) ~= "." then
          count = count + 1
        end
      end
      assert.is_true(count <= MAX_FILES, folder .. ": " .. count)
    end
    for _, folder in ipairs { "src", "lua", "include", "spec/c", "spec/lua", "docs", "tools", "lab", "bench" } do
      look(here .. "../../" .. folder)
    end
  end)
end)
