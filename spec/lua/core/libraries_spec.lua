-- The C libraries are loaded when something needs them, and named when they are missing.

local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local capture = here .. "../../fixtures/clean-http.pcap"

local has_maps = lfs.attributes("/proc/self/maps", "mode") == "file"

local folder

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
  return path
end

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
end)

teardown(function()
  child.shell("rm -rf " .. child.quote(folder))
end)

local ANALYSE = [[
  local path, filter = ...
  local mcpcap = require "mcpcap"
  local result, message, code = mcpcap.analyze_traffic_flow(path, "192.0.2.80", 80, { filter = filter })
  if not result then
    print(code .. ": " .. message)
    return
  end
  for line in io.lines("/proc/self/maps") do
    local name = line:match("/(lib%w+)%.so[%d.]*$")
    if name and (" libpcap libz libzstd liblzma liblz4 libbz2 libisal libcurl "):find(" " .. name .. " ", 1, true) then
      print(name)
    end
  end
]]

describe("the libraries", function()
  it("are left alone by a plain file", function()
    if not has_maps then
      return pending("no /proc/self/maps")
    elseif child.is_sanitized then
      return pending("a sanitizer loads libraries of its own")
    end
    assert.equal("", (child.run(ANALYSE, capture)))
    assert.matches("libpcap\n", (child.run(ANALYSE, capture, "tcp")), 1, true)
  end)

  -- An empty file of its name hides a library from the loader.
  for _, case in ipairs({
    { "libpcap", { "libpcap.so.0.8", "libpcap.so.1" }, "what is this\n" },
    { "libpcap", { "libpcap.so.0.8", "libpcap.so.1" }, nil, "tcp" },
    { "zlib", { "libz.so.1", "libisal.so.2" }, "\31\139\8\0\0\0\0\0\0\3" .. ("\0"):rep(20) },
    { "libzstd", { "libzstd.so.1" }, "\40\181\47\253" .. ("\0"):rep(20) },
    { "liblzma", { "liblzma.so.5" }, "\253" .. "7zXZ\0" .. ("\0"):rep(20) },
    { "liblz4", { "liblz4.so.1" }, "\4\34\77\24" .. ("\0"):rep(20) },
    { "libbz2", { "libbz2.so.1.0", "libbz2.so.1" }, "BZh91AY&SY" .. ("\0"):rep(20) },
  }) do
    local library, files, text, filter = case[1], case[2], case[3], case[4]
    it(("are named where %s is missing%s"):format(library, filter and " for a filter" or ""), function()
      for _, name in ipairs(files) do
        write(name, "")
      end
      local path = text and write("capture", text) or capture
      local output, status = child.run_in("LD_LIBRARY_PATH=" .. child.quote(folder), ANALYSE, path, filter)
      for _, name in ipairs(files) do
        os.remove(folder .. "/" .. name)
      end
      assert.equal(0, status, output)
      if output:find("not supported by this build", 1, true) then
        return pending("this build is without " .. library)
      end
      assert.matches("^unsupported: ", output)
      assert.matches("needs " .. library .. ", which cannot be loaded: ", output, 1, true)
    end)
  end
end)
