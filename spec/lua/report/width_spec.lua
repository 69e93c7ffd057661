-- The text report fits a terminal of 80 columns, and no two texts of a line run into each other.

local mcpcap = require "mcpcap"
local escape = require "mcpcap.escape"
local lfs = require "lfs"
local report = require "mcpcap.report"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local samples = dofile(here .. "../sample_results.lua")

local WIDTH = 80

-- What may be longer: a line with one word that is there to be copied whole, and a filter.
local function may_be_long(line)
  if line:find("^     filter ") or line:find("^  mcpcap ") or line:find("tshark ", 1, true) then
    return true
  end
  for word in line:gmatch("%S+") do
    if escape.length(word) > WIDTH / 2 then
      return true
    end
  end
end

-- No line begins with the unit of a number that ends the line before.
local UNITS = { ms = true, s = true, kB = true, MB = true, ["%"] = true, ["bit/s"] = true, ["kbit/s"] = true }

local function check(text)
  local before = ""
  for line in text:gmatch("[^\n]+") do
    local first = line:match("^ +([%a/%%]+)") or line:match("^([%a/%%]+)") or ""
    assert.is_false(before:find("[ (]%d[%d.,]*$") ~= nil and UNITS[first] == true, before .. "\n" .. line)
    before = line
    assert.is_true(escape.length(line) <= WIDTH or may_be_long(line) or false, line)
  end
end

-- Labels of a table of facts end where their values begin, in each line of a section.
local function check_labels(text)
  local at
  for line in text:gmatch("[^\n]*") do
    if line == "" or not line:find("^  ") then
      at = nil
    elseif line:find("^  [%a]") and line:find("^  %a[%a ,:]-  +%S") then
      at = at or true
      assert.is_nil(line:find("^  %a[^ ]*:%d%d%d%d%d%d"), line)
    end
  end
end

local function with_folder(use)
  local was = lfs.currentdir()
  assert(lfs.chdir(here .. "../../fixtures"))
  local ok, problem = pcall(use)
  assert(lfs.chdir(was))
  assert(ok, problem)
end

describe("the text report", function()
  it("fits 80 columns: flows, overviews, connections, comparisons of all bundled captures", function()
    local list = bundled.list()
    with_folder(function()
      local before
      for _, known in ipairs(list) do
        local flow = assert(mcpcap.analyze_traffic_flow(known.file, known.server_ip, known.port))
        check(report.render(flow, "text"))
        check_labels(report.render(flow, "text", { ascii = true }))
        check(report.render(assert(mcpcap.overview(known.file)), "text"))
        local told = known.port and mcpcap.connection(known.file, known.server_ip, known.port, { number = 1 })
        if told then
          check(report.render(told, "text"))
        end
        if before and before.server_ip == known.server_ip and before.port == known.port then
          local both = mcpcap.compare({ before.file, known.file }, known.server_ip, known.port)
          if both then
            check(report.render(both, "text"))
          end
        end
        before = known
      end
    end)
  end)

  it("fits them with IPv6 addresses and long names", function()
    for _, make in ipairs { "ok", "no_match", "truncated" } do
      check(report.render(samples[make](), "text"))
    end
  end)
end)
