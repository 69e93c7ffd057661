-- mcpcap install and mcpcap doctor, as a user calls them; and the hand that changes one
-- member of a settings file.

local json = require "mcpcap.json"
local json_edit = require "mcpcap.cli.json_edit"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")

-- In a process of its own: luv is loaded once in a process.
local RUN = [[
  local words = { ... }
  words[0] = "mcpcap"
  os.exit(require("mcpcap.cli").main(words, io.stdout, io.stderr))
]]

local home

local function mcpcap(...)
  return child.run_in("HOME=" .. home, RUN, ...)
end

local function text_of(path)
  local file = io.open(home .. "/" .. path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function put(path, text)
  local file = assert(io.open(home .. "/" .. path, "wb"))
  assert(file:write(text))
  file:close()
end

before_each(function()
  home = child.shell("mktemp -d"):match("%S+")
  child.shell("mkdir " .. home .. "/captures")
end)

after_each(function()
  child.shell("rm -r " .. home)
end)

describe("a member of a JSON text", function()
  local VALUE = '{\n  "command": "x",\n  "args": ["a"]\n}'

  it("is set and taken out, and nothing else changes", function()
    for _, text in ipairs {
      '{}', '{ }', '{\n}', '{"a":1}', '{"mcpServers":{}}', '{\n  "a": "}\\\\\\"{",\n  "b": [1, {"c": "]"}]\n}\n',
      '{\n\t"mcpServers": {\n\t\t"o": {"x": []}\n\t},\n\t"z": null\n}', '{"mcpServers": {"mcpcap": {"q":1}, "k": 2}}',
      '{"mcpServers": {"j": "\\\\", "mcpcap": {"q":1}}, "t":[ ] }', '{"mcpServers": {"mcpcap": -1.5e3}}\r\n',
    } do
      local before = assert(json.decode(text))
      local with = json_edit.set(text, "mcpServers", "mcpcap", VALUE)
      local after = assert(json.decode(with), with)
      assert.same({ command = "x", args = { "a" } }, after.mcpServers.mcpcap)
      local without = json_edit.remove(with, "mcpServers", "mcpcap")
      after = assert(json.decode(without), without)
      before.mcpServers = before.mcpServers or {}
      before.mcpServers.mcpcap = nil
      assert.same(before, after)
      assert.equal(without, json_edit.remove(without, "mcpServers", "mcpcap"))
    end
  end)

  it("leaves the file as it was when it goes again", function()
    local text = '{\n\t"mcpServers": {\n\t\t"o": {"x": []}\n\t},\n\t"z": null\n}'
    assert.equal(text, json_edit.remove(json_edit.set(text, "mcpServers", "mcpcap", VALUE), "mcpServers", "mcpcap"))
  end)
end)

local describe_with_luv = child.has_luv() and describe or pending

describe_with_luv("mcpcap install", function()
  local FILE = ".cursor/mcp.json"

  it("shows first, and writes nothing", function()
    local output, status = mcpcap("install", "cursor", "--root", home .. "/captures")
    assert.equal(0, status, output)
    assert.matches('"args": ["serve", "--root", "' .. home .. '/captures"]', output, 1, true)
    assert.matches("Nothing is written yet", output, 1, true)
    assert.is_nil(text_of(FILE))
  end)

  it("enters the server beside others, keeps a copy and the file's rights, and takes it out again", function()
    local before = '{\n  "mcpServers": {\n    "other": {"command": "o"}\n  },\n  "theme": "dark"\n}\n'
    child.shell("mkdir " .. home .. "/.cursor")
    put(FILE, before)
    child.shell("chmod 600 " .. home .. "/" .. FILE)
    local output, status = mcpcap("install", "cursor", "--root", home .. "/captures", "--no-url", "--write")
    assert.equal(0, status, output)
    local settings = json.decode(text_of(FILE))
    assert.same({ "serve", "--root", home .. "/captures", "--no-url" }, settings.mcpServers.mcpcap.args)
    assert.equal("o", settings.mcpServers.other.command)
    assert.equal("dark", settings.theme)
    assert.equal(before, text_of(FILE .. ".before-mcpcap"))
    assert.matches("^%-rw%-%-%-%-%-%-%-", (child.shell("ls -l " .. home .. "/" .. FILE)))
    output, status = mcpcap("install", "cursor", "--root", home .. "/captures", "--no-url", "--write")
    assert.equal(0, status)
    assert.matches("is there already", output, 1, true)
    output, status = mcpcap("install", "cursor", "--remove", "--write")
    assert.equal(0, status, output)
    assert.equal(before, text_of(FILE))
  end)

  it("knows where each client looks", function()
    for client, place in pairs {
      ["claude-code"] = { ".claude.json", "mcpServers" }, vscode = { ".config/Code/User/mcp.json", "servers" },
      ["claude-desktop"] = { ".config/Claude/claude_desktop_config.json", "mcpServers" },
      windsurf = { ".codeium/windsurf/mcp_config.json", "mcpServers" },
      gemini = { ".gemini/settings.json", "mcpServers" },
      zed = { ".config/zed/settings.json", "context_servers" },
    } do
      local output, status = mcpcap("install", client, "--root", home .. "/captures", "--write")
      assert.equal(0, status, output)
      local entry = json.decode(text_of(place[1]))[place[2]].mcpcap
      assert.equal("serve", entry.args[1])
      assert.equal((client == "vscode" or client == "claude-code") and "stdio" or nil, entry.type)
    end
  end)

  it("leaves alone what it cannot read, and says what to enter by hand", function()
    for _, text in ipairs { "// mine\n{}", "[]", '{"mcpServers": []}', "{" } do
      put("x.json", text)
      local output, status = mcpcap("install", "cursor", "--file", home .. "/x.json", "--root", home .. "/captures",
        "--write")
      assert.equal(1, status)
      assert.matches('Enter it by hand, under "mcpServers"', output, 1, true)
      assert.matches("it is left alone", output, 1, true)
      assert.equal(text, text_of("x.json"))
    end
  end)

  it("says what is wrong with its words", function()
    local output, status = mcpcap("install", "notepad", "--root", "/")
    assert.equal(2, status)
    assert.matches("'notepad' is no client that is known", output, 1, true)
    output, status = mcpcap("install", "cursor")
    assert.equal(1, status)
    assert.matches("--root is missing", output, 1, true)
    output, status = mcpcap("install", "cursor", "--root", home .. "/nowhere")
    assert.equal(1, status)
    assert.matches("no such folder", output, 1, true)
    assert.equal(2, (select(2, mcpcap("install"))))
    output, status = mcpcap("install", "--help")
    assert.equal(0, status)
    assert.matches("claude-desktop", output, 1, true)
  end)
end)

describe("mcpcap doctor", function()
  it("names each part, and what is missing with what brings it", function()
    local output, status = mcpcap("doctor")
    local missing = 0
    for _, name in ipairs { "core", "libcurl", "libpcap", "gzip", "zstd", "xz", "lz4", "bzip2", "sandbox", "argparse",
      "luv" } do
      local state = (("\n" .. output):match("\n(%l+) +" .. name .. " "))
      assert.is_true(state == "ok" or state == "missing", name .. ": " .. output)
      missing = missing + (state == "missing" and 1 or 0)
    end
    assert.equal(missing == 0 and 0 or 1, status)
    assert.matches("^ok +core +mcpcap %d", output)
  end)

  it("finds that a library is not there", function()
    local output, status = child.run_in("HOME=" .. home, [[
      package.preload.luv = function() error("no") end
      os.exit(require("mcpcap.cli").main({ [0] = "mcpcap", "doctor" }, io.stdout, io.stderr))
    ]])
    assert.equal(1, status)
    assert.matches("missing  luv        mcpcap serve, watch and install\n +Debian: lua%-luv", output)
  end)

  it("takes no words", function()
    local _, status = mcpcap("doctor", "who")
    assert.equal(2, status)
  end)
end)
