-- `mcpcap points`: a manifest of several points, each with a series of captures.

local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cutting = dofile(here .. "../cutting.lua")
local FIXTURES = here .. "../../fixtures/"

describe("mcpcap points", function()
  local cli = require "mcpcap.cli"
  local folder, files

  local function write(name, bytes)
    files[#files + 1] = folder .. name
    local file = assert(io.open(folder .. name, "wb"))
    assert(file:write(bytes))
    assert(file:close())
    return folder .. name
  end

  before_each(function()
    folder, files = os.tmpname(), {}
    os.remove(folder)
    folder = folder .. "."
    for _, name in ipairs { "before", "behind" } do
      local file = assert(io.open(FIXTURES .. "loss-to-client-" .. name .. ".pcap", "rb"))
      for i, bytes in ipairs(cutting.cut(file:read("*a"), { 200, 300 })) do
        write(name .. i .. ".pcap", bytes)
      end
      file:close()
    end
  end)

  after_each(function()
    for _, name in ipairs(files) do
      os.remove(name)
    end
  end)

  local function captures(name)
    local prefix = folder:match("[^/]*$") .. name -- paths start at the manifest's folder
    return { prefix .. "1.pcap", prefix .. "2.pcap", prefix .. "3.pcap" }
  end

  local function manifest(change)
    local given = { server = "192.0.2.80", port = 80, points = {
      { name = "clients", captures = captures "before" }, { name = "server", captures = captures "behind" },
    } }
    if change then
      change(given)
    end
    return write("manifest.json", json.encode(given))
  end

  local function run(...)
    local out, err = {}, {}
    local function stream(list)
      return {
        write = function(self, ...)
          for _, text in ipairs { ... } do
            list[#list + 1] = text
          end
          return self
        end,
        flush = function() return true end,
      }
    end
    local status = cli.main({ "points", ... }, stream(out), stream(err))
    return status, table.concat(out), table.concat(err)
  end

  local function plain(result, kind)
    result = json.decode(json.encode(report.plain(result, kind)))
    result.analysis_timestamp = nil
    return result
  end

  it("needs no luv", function()
    local loaded, preload = package.loaded.luv, package.preload.luv
    package.loaded.luv, package.preload.luv = nil, function() error "not here" end
    local status, _, err = run(manifest())
    package.loaded.luv, package.preload.luv = loaded, preload
    assert.equal(0, status, err)
  end)

  it("reports on each series by itself, as one reading of its captures does", function()
    local status, out, err = run(manifest(), "--format", "json")
    assert.equal(0, status, err)
    local told = assert(json.decode(out))
    assert.is_nil(told.comparison)
    assert.equal(2, #told.points)
    for i, name in ipairs { "before", "behind" } do
      local paths = captures(name)
      for k, path in ipairs(paths) do
        paths[k] = folder:match("^(.*/)") .. path
      end
      local want = plain(assert(mcpcap.analyze_traffic_flow(paths, "192.0.2.80", 80)))
      told.points[i].result.analysis_timestamp = nil
      assert.same(want, told.points[i].result)
    end
    assert.equal("clients", told.points[1].name)
  end)

  it("compares them where that is asked for", function()
    local status, out, err = run(manifest(function(given)
      given.points[2].port = 80        -- as the others have it
    end), "--format", "json", "--compare")
    assert.equal(0, status, err)
    local told = assert(json.decode(out))
    assert.equal("comparison", told.comparison.kind)
    assert.equal(2, #told.comparison.points)
    local from_server = told.comparison.server_to_client
    assert.equal(14, from_server.lost_between)
    status, out = run(manifest(), "--compare")
    assert.equal(0, status)
    for _, line in ipairs { "== clients (1 of 2 points)", "== server (2 of 2 points)", "== the points compared" } do
      assert.truthy(out:find(line, 1, true), line)
    end
  end)

  it("says what is wrong with a manifest, and reports on nothing", function()
    local function refused(says, change, ...)
      local status, out, err = run(manifest(change), ...)
      assert.equal(1, status)
      assert.equal("", out)
      assert.truthy(err:find(says, 1, true), err)
    end
    refused("stands there already (clients)", function(g) g.points[2].captures[1] = g.points[1].captures[3] end)
    refused("has no name of its own", function(g) g.points[2].name = "clients" end)
    refused("nobody knows \"files\"", function(g) g.points[2].files = {} end)
    refused("is no IP address", function(g) g.server = "web" end)
    refused("is no port", function(g) g.points[1].port = 80.5 end)
    refused("the server's address is missing", function(g) g.server = nil end)
    refused("no captures", function(g) g.points[1].captures = json.array {} end)
    refused("\"captures\" is no list", function(g) g.points[1].captures = "a.pcap" end)
    refused("0 points", function(g) g.points = json.array {} end)
    refused("two to six points", function(g) g.points[2] = nil end, "--compare")
    refused("server: ", function(g) g.points[2].captures[2] = "is_not_there.pcap" end)
    local status, out, err = run(write("none.json", "{"))
    assert.same({ 1, "" }, { status, out })
    assert.truthy(err:find("no manifest", 1, true))
    assert.equal(1, (run("/nonexistent/manifest")))
    assert.equal(2, (run()))
  end)
end)
