-- How the command starts: what it does not need it does not load, and no Lua is started twice.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local cli_options = require "mcpcap.cli.options"
local orders = require "mcpcap.cli.orders"

local root = here .. "../../../"

-- The file of a module as require finds it.
local function file_of(name, path)
  for template in path:gmatch("[^;]+") do
    local place = template:gsub("%?", (name:gsub("%.", "/")))
    local file = io.open(place, "rb")
    if file then
      file:close()
      return place
    end
  end
end

describe("words of flow without an option, or with a format alone", function()
  it("mean what they mean to argparse", function()
    local known = 0
    for _, words in ipairs {
      { "flow", "a.pcap" }, { "flow", "a.pcap", "192.0.2.80" }, { "flow", "a.pcap", "192.0.2.80", "443" },
      { "flow", "a.pcap", "b.pcap", "::1", "70000" }, { "flow", "-", "::1" }, { "flow", "192.0.2.80" },
      { "flow", "-", "-", "::1" }, { "flow", "a.html", "::1", "1" }, { "flow", "a.pcap", "1.2.3" },
      { "flow", "-f", "json", "a.pcap", "192.0.2.80", "443" }, { "flow", "a.pcap", "--format", "html", "192.0.2.80" },
      { "flow", "a.pcap", "::1", "443", "-f", "text" }, { "flow", "a.pcap", "-f", "markdown" },
      { "flow", "-f", "html", "a.pcap" },
    } do
      local order = cli_options.bare(words)
      assert.same(orders.parse(require "argparse", words), order, table.concat(words, " "))
      known = known + 1
    end
    assert.equal(14, known)
  end)

  it("are left to argparse where another stands, or none at all", function()
    for _, words in ipairs {
      {}, { "flow" }, { "flow", "" }, { "flow", "a.pcap", "--verbose" }, { "flow", "-h" }, { "flow", "--", "a.pcap" },
      { "flow", "-f", "json" }, { "flow", "a.pcap", "-f" }, { "flow", "a.pcap", "-f", "xml" },
      { "flow", "a.pcap", "-fjson" },
      { "flow", "-f", "json", "-f", "text", "a.pcap" }, { "flow", "-f", "-f", "json", "a.pcap" },
      { "compare", "a.pcap", "b.pcap", "::1" }, { "--version" },
    } do
      assert.is_nil(cli_options.bare(words), table.concat(words, " "))
    end
  end)
end)

describe("a command", function()
  it("knows the others in the help of all alone", function()
    local argparse = require "argparse"
    local all = orders.parse(argparse, { "--help" }).help
    for _, name in ipairs { "flow", "connection", "compare", "map", "reduce", "report", "watch", "doctor" } do
      assert.matches("\n%s+" .. name .. "%s", all)
    end
    assert.matches("CAPTURE", orders.parse(argparse, { "flow", "--help" }).help)
    assert.is_true(orders.parse(argparse, { "flow", "--version" }).version)
  end)
end)

describe("what a command loads", function()
  -- Which of `names` are loaded when it has shown a capture that is sound.
  local function loaded(format, names)
    local text, status = child.run([[
      local capture, format, names = ...
      local quiet = { write = function(self) return self end, flush = function(self) return self end }
      local status = require("mcpcap.cli").main({ "flow", "-f", format, capture, "192.0.2.80", "80" }, quiet, io.stderr)
      for name in names:gmatch("%S+") do
        if package.loaded["mcpcap." .. name] or package.loaded[name] then
          print(name)
        end
      end
      print(status)
    ]], here .. "../../fixtures/clean-http.pcap", format, names)
    assert.equal(0, status, text)
    return text
  end

  it("is what it needs", function()
    local never = " argparse calls cli.orders cli.parser escape_foreign fields json_read report.html"
      .. " report.icmp report.no_match"
    assert.equal("report.text\n0\n", loaded("text", "report.text json report.markdown report.plain" .. never))
    assert.equal("json\nreport.plain\n0\n", loaded("json", "json report.plain report.text report.units" .. never))
  end)
end)

describe("the installed launcher", function()
  local lua = "lua" .. (_VERSION:match("%d%.%d"))
  local core = file_of("mcpcap.core", package.cpath)
  local installed = not rawget(_G, "jit") and not child.is_sanitized
    and select(2, child.shell("command -v " .. lua)) == 0

  it("starts the Lua that fits once" .. (installed and "" or " (no " .. lua .. " here)"), function()
    if not installed then
      return
    end
    local at = os.tmpname()
    os.remove(at)
    local text, status = child.shell(([[
      set -e
      cd %s; root=$PWD; core=$(readlink -f %s); v=%s
      mkdir -p %s/bin %s/share/lua/$v %s/lib/any-linux/lua/$v/mcpcap %s/fake; cd %s
      cp "$root/bin/mcpcap" bin/; ln -s "$root/lua/mcpcap" share/lua/$v/
      ln -s "$core" lib/any-linux/lua/$v/mcpcap/core.so
      real=$(command -v lua$v)
      printf '#!/bin/sh\necho started\nexec %%s "$@"\n' "$real" >fake/lua$v; chmod +x fake/lua$v
      PATH=$PWD/fake:$PATH; unset LUA_PATH LUA_CPATH MCPCAP_LUA
      bin/mcpcap --version; ln -s ../bin/mcpcap fake/other; fake/other flow nothing.pcap ::1 || echo "status $?"
    ]]):format(child.quote(root), child.quote(core), lua:sub(4), at, at, at, at, at))
    child.shell("rm -rf " .. at)
    assert.equal(0, status, text)
    local _, starts = text:gsub("started\n", "")
    assert.equal(2, starts, text)
    assert.matches("mcpcap 0%.%d+%.%d+, Lua", text)
    assert.matches("nothing.pcap: .*status 1", text)
  end)
end)
