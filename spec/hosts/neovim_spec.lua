-- The Neovim command in a real, headless Neovim.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local support = dofile(here .. "support.lua")
local quote = support.quote

describe("the Neovim command", function()
  local why = support.missing("5.1", "nvim")
  if why then
    pending("cannot be tried: " .. why)
    return
  end

  local WAIT = "lua vim.wait(30000, function() return vim.fn.getline(1):find('^Reading') == nil end, 20)"

  -- Runs commands and gives what was written; `lua say(...)` writes.
  local function nvim(...)
    local words = { support.environment("5.1"), "nvim --headless -u NONE -i NONE",
      "--cmd", quote("set rtp^=" .. support.root .. "/examples/neovim"),
      "-c", quote("lua function say(...) io.stdout:write(table.concat({...}, '|'), '\\n') end"),
      "-c", quote("runtime plugin/mcpcap.lua") }
    for _, command in ipairs { ... } do
      words[#words + 1] = "-c " .. quote(command)
    end
    words[#words + 1] = "-c " .. quote("qa!")
    local output, status = support.run(table.concat(words, " "), 60)
    assert.equal(0, status, output)
    return output
  end

  local web = support.fixture("web-session.pcapng")

  it("shows the report in a buffer", function()
    local output = nvim("McpcapReport " .. web .. " 192.0.2.80 80", WAIT,
      "lua say(vim.fn.getline(1)) say(vim.bo.filetype, vim.bo.buftype, tostring(vim.bo.modifiable), "
        .. "tostring(vim.bo.modified)) say(vim.fn.search('## Findings') > 0 and 'findings' or 'none')")
    assert.matches("# 192.0.2.80:80 in ", output, 1, true)
    assert.matches("markdown|nofile|false|false", output, 1, true)
    assert.matches("\nfindings", output)
  end)

  it("shows two reports at once, also of one name", function()
    local output = nvim("McpcapReport " .. web .. " 192.0.2.80", WAIT, "McpcapReport " .. web .. " 192.0.2.80", WAIT,
      "lua say(#vim.api.nvim_list_wins(), vim.api.nvim_buf_get_name(0))")
    assert.matches("3|mcpcap://.* %(2%)", output)
  end)

  it("reads between the editor's other work, and stops when the buffer goes", function()
    local long = support.write(os.tmpname(), support.retargeted("loss-to-client-behind.pcap", 4567, 1200))
    local output = nvim("McpcapReport " .. long .. " 127.0.0.1 4567",
      "lua ticks = 0; timer = vim.loop.new_timer(); timer:start(0, 1, function() ticks = ticks + 1 end)", WAIT,
      "lua timer:stop() say(vim.fn.getline(1)) say(ticks > 5 and 'others had their turn' or ticks)",
      "McpcapReport " .. long .. " 127.0.0.1 4567", "bwipeout",
      "lua vim.wait(200) say('still there: ' .. vim.v.errmsg)")
    os.remove(long)
    assert.matches("# 127.0.0.1:4567 in ", output, 1, true)
    assert.matches("others had their turn", output, 1, true)
    assert.matches("still there: \n", output .. "\n")
  end)

  it("says what is wrong", function()
    assert.matches("mcpcap: .*none.pcap: No such file", nvim "McpcapReport none.pcap 192.0.2.80")
    assert.matches("mcpcap: server_ip: not an IPv4 or IPv6 address", nvim("McpcapReport " .. web .. " nowhere"))
    assert.matches("mcpcap: port: ", nvim("McpcapReport " .. web .. " 192.0.2.80 http"))
    assert.matches("mcpcap: port: ", nvim("McpcapReport " .. web .. " 192.0.2.80 0"))
    assert.matches("McpcapReport FILE SERVER [PORT]", nvim("McpcapReport " .. web), 1, true)
    assert.matches("No report: .*LICENSE: unknown file format", nvim("McpcapReport " .. support.root
      .. "/LICENSE 192.0.2.80", WAIT, "lua say(vim.fn.getline(1))"))
  end)
end)
