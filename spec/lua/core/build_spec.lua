-- What the build promises: what the module shows and needs, and one version everywhere.

local lfs = require "lfs"
local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local root = here .. "../../../"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- The module under test.
local function module_path()
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", "mcpcap/core")
    if lfs.attributes(path, "mode") == "file" then
      return path
    end
  end
end

local function lines_of(command)
  local output, status = child.shell(command)
  if status ~= 0 then
    return nil
  end
  local lines = {}
  for line in output:gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

describe("the module", function()
  local path = child.quote(module_path())

  local function symbols(which)
    local lines = lines_of("nm -D " .. which .. " " .. path)
    local names = {}
    for _, line in ipairs(lines or {}) do
      local name = line:match("(%S+)$"):gsub("@.*$", "")
      names[#names + 1] = name
      names[name] = true
    end
    return lines and names
  end

  it("shows nothing but its entry", function()
    local names = symbols("--defined-only")
    if not names then
      return pending("nm is not installed")
    elseif child.is_sanitized then
      return pending("a sanitizer shows symbols of its own")
    end
    assert.same({ "luaopen_mcpcap_core" }, { (table.unpack or unpack)(names) }) -- luacheck: ignore
  end)

  it("calls nothing that is dangerous, that prints, ends, or changes the process", function()
    local names = symbols("--undefined-only")
    if not names then
      return pending("nm is not installed")
    elseif child.is_sanitized then
      return pending("a sanitizer has functions of its own")
    end
    assert.is_true(names.lua_error)
    for banned in ([[strcpy strcat stpcpy sprintf vsprintf gets atoi atol strtok strerror localtime gmtime ctime asctime
      inet_ntoa inet_addr gethostbyname system popen fork vfork execve exit _exit quick_exit abort printf vprintf puts
      putchar perror signal sigaction sigprocmask setlocale setenv putenv unsetenv chdir umask alarm setitimer tmpnam
      tempnam mktemp rand srand random alloca longjmp pcap_open_live]]):gmatch("%S+") do
      assert.is_nil(names[banned], banned)
      assert.is_nil(names[("__%s_chk"):format(banned)], banned)
    end
  end)

  it("needs no library of Lua, and others only when they are used", function()
    local lines = lines_of("readelf -d " .. path)
    if not lines then
      return pending("readelf is not installed")
    end
    local text = table.concat(lines, "\n")
    assert.matches("libc.so", text, 1, true)
    for _, library in ipairs({ "liblua", "libcurl", "libpcap", "libz.", "libzstd", "liblzma", "liblz4", "libbz2" }) do
      assert.is_nil(text:find(library, 1, true), library)
    end
    assert.is_nil(text:find("RUNPATH", 1, true))
    assert.is_nil(text:find("RPATH", 1, true))
    -- lua_close() must not unmap it; and no table of functions stays writable.
    assert.matches("NODELETE", text, 1, true)
    assert.matches("NOW", text, 1, true)
    text = table.concat(lines_of("readelf -lW " .. path), "\n")
    assert.matches("GNU_RELRO", text, 1, true)
    assert.matches("GNU_STACK[^\n]* RW ", text)
  end)
end)

describe("the version", function()
  local version = mcpcap.version

  it("is the same in every place that tells it", function()
    assert.matches("^%d+%.%d+%.%d+$", version)
    assert.matches("project(mcpcap VERSION " .. version .. " ", read(root .. "CMakeLists.txt"), 1, true)
    assert.matches('#define MC_VERSION "' .. version .. '"', read(root .. "include/mcpcap.h"), 1, true)
    assert.matches("## " .. version, read(root .. "CHANGELOG.md"), 1, true)
    assert.matches("mcpcap (" .. version .. ") ", read(root .. "debian/changelog"), 1, true)
    assert.matches('"mcpcap ' .. version .. '"', read(root .. "docs/mcpcap.1"), 1, true)
    assert.matches('"version": "' .. version .. '"', read(root .. "server.json"), 1, true)
    assert.equal("file", lfs.attributes(root .. "rockspecs/mcpcap-" .. version .. "-1.rockspec", "mode"))
  end)

  it("is all that parts the two rockspecs", function()
    local scm = read(root .. "mcpcap-scm-1.rockspec")
    local released = read(root .. "rockspecs/mcpcap-" .. version .. "-1.rockspec")
    assert.equal(scm, (released:gsub('version = "[^"]*"', 'version = "scm-1"', 1)
      :gsub('tag = "v[^"]*"', 'branch = "main"', 1)))
  end)
end)
