-- How a connection ended, in words.

local ending = require "mcpcap.connection.ending"
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

describe("the sentence on how a connection ended", function()
  it("is there for every outcome, names its side and leaves nothing to be filled in", function()
    local file = assert(io.open(here .. "../../../docs/rules.md"))
    local rules = file:read("*a")
    file:close()
    local codes = rules:match("\n| code |[^\n]*\n|[^\n]*\n(.-)\n\n")
    local n = 0
    for code, text in codes:gmatch("| `([%w_]+)` | ([^\n]*) |") do
      for _, side in ipairs { "client", "server" } do
        local said = ending { code = code, text = text, by = side, ms = 6900, bytes = 211 }
        assert.falsy(said:find("$", 1, true), code)
        assert.falsy(said:find("^who") or said:find(" ms "), code .. ": " .. said)
        assert.truthy(said ~= text or code == "stray_reset", code .. " has no sentence")
        if text:find("^who") then
          assert.truthy(said:find("the " .. side, 1, true), said)
        end
        if text:find(" ms ", 1, true) and code ~= "dropped_on_way" then
          assert.truthy(said:find("6.9 s", 1, true), said)
        end
      end
      n = n + 1
    end
    assert.truthy(n >= 35, n .. " outcomes")
    assert.equal("the client opened it and sent its first data again and again for 6.9 s: nothing came back, a "
      .. "repeated SYN-ACK neither", ending { code = "swallowed", text = "x", by = "client", ms = 6900, bytes = 0 })
  end)

  it("is the outcome's own where the core knows one more", function()
    assert.equal("something new", ending { code = "new", text = "something new", by = "client", ms = 0, bytes = 0 })
    assert.equal("who closed", ending { code = "half_closed", text = "who closed", ms = 0, bytes = 0 })
  end)
end)
