-- The tool compare_captures: its answer keeps to its schema, and wrong calls say what is wrong.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft_path = dofile(here .. "craft_path.lua")
local cases = dofile(here .. "cases.lua")
local json = require "mcpcap.json"
local mcp = require "mcpcap.mcp"
local report = require "mcpcap.report"
local schema = require "mcpcap.mcp.schema"
local schemas = require "mcpcap.mcp.tools_schema"

local FIXTURES = here .. "../../fixtures"

local function call(peer, arguments)
  local text = peer:handle(json.encode {
    jsonrpc = "2.0", id = 1, method = "tools/call", params = { name = "compare_captures", arguments = arguments },
  })
  return assert(json.decode(text)).result, text
end

describe("compare_captures", function()
  it("answers within its schema", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(require("lfs").mkdir(folder))
    local p = craft_path.new { timestamps = true }:handshake():c(100):after(30e6):s(1000):lost():after(250e6)
    p:s(1000, { seq = p.seq.s - 1000 }):after(30e6):c(0):close()
    local files = {}
    for i, capture in ipairs(p:captures()) do
      files[i] = capture:save(("%s/%d.pcap"):format(folder, i))
    end
    local peer = mcp.new { policy = { roots = { folder } } }:peer()
    for _, format in ipairs { "markdown", "text", "json" } do
      local arguments = { pcap_files = files, server_ip = "10.0.0.2", server_port = 7777, format = format }
      local result, text = call(peer, arguments)
      assert.is_nil(result.isError)
      assert.truthy(#text < 256 * 1024)
      assert.is_true(schema.check(result.structuredContent, schemas.compare_result))
      assert.equal("ok", result.structuredContent.status)
      assert.equal(1, result.structuredContent.server_to_client.lost_between)
      assert.truthy(result.content[1].text:find("lost", 1, true))
    end
    for _, file in ipairs(files) do
      os.remove(file)
    end
    os.remove(folder)
  end)

  it("has a schema that fits each case", function()
    cases.each(function(case, result)
      local fits, list = schema.check(report.plain(result, "comparison"), schemas.compare_result)
      assert.is_true(fits, case.name .. ": " .. (list and table.concat(list, "\n") or ""))
    end)
  end)

  it("says what a failing call should have been", function()
    local peer = mcp.new { policy = { roots = { FIXTURES } } }:peer()
    local ok = FIXTURES .. "/clean-http.pcap"
    local function text_of(arguments)
      local result = call(peer, arguments)
      assert.is_true(result.isError)
      return result.content[1].text
    end
    assert.truthy(text_of({ server_ip = "192.0.2.80" }):find("pcap_files: is missing", 1, true))
    assert.truthy(text_of({ pcap_files = json.array {}, server_ip = "192.0.2.80" }):find("at least 1 items", 1, true))
    assert.truthy(text_of({ pcap_files = { ok }, server_ip = "192.0.2.80" }):find("tells two apart", 1, true))
    assert.truthy(text_of({ pcap_files = { ok, ok }, server_ip = "x" }):find("server_ip: not an IPv4", 1, true))
    assert.truthy(text_of({ pcap_files = { ok, FIXTURES .. "/none.pcap" }, server_ip = "192.0.2.80" })
      :find("No such file", 1, true))
    assert.truthy(text_of({ pcap_files = { ok, "/etc/passwd" }, server_ip = "192.0.2.80" }):find("folders", 1, true))
  end)
end)
