-- What a comparison says: findings and their near misses, sentences, reports, the command's words, misuse.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cases = dofile(here .. "cases.lua")
local craft_path = dofile(here .. "craft_path.lua")
local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local fixture = here .. "../../fixtures/web-session.pcapng"

describe("a comparison", function()
  it("says what each case must, and nothing else", function()
    cases.each(function(case, result)
      local said, wanted = {}, {}
      for _, finding in ipairs(result.analysis.findings) do
        said[#said + 1] = finding.id
      end
      for i, id in ipairs(case.says) do
        wanted[i] = id
      end
      table.sort(said)
      table.sort(wanted)
      assert.same(wanted, said, case.name)
      assert.equal(case.status, result.status, case.name)
    end)
  end)

  it("speaks in sentences", function()
    cases.each(function(case, result)
      local texts = { result.analysis.interpretation }
      for _, finding in ipairs(result.analysis.findings) do
        texts[#texts + 1] = finding.text
      end
      for _, text in ipairs(texts) do
        local where = case.name .. ": " .. text
        assert.matches("^[%u%d][^\n]*%.$", text)
        assert.is_nil(text:find("firewall", 1, true), where)
        assert.is_nil(text:find("  ", 1, true), where)
        assert.is_nil(text:find("%f[%d]1 %a+s %f[^%w](were|are|have)"), where)
        local _, stops = (text .. " "):gsub("%.%s", "")
        assert.is_true(stops >= 1 and stops <= 4, where)
      end
    end)
  end)

  it("has reports in all formats", function()
    cases.each(function(case, result)
      for _, name in ipairs(report.names()) do
        local text = report.render(result, name)
        assert.is_true(#text > 200, case.name)
        if name == "json" then
          local back = json.decode(text)
          assert.equal(#result.points, #back.points)
          assert.equal(text, report.render(back, name), case.name)
        else
          assert.truthy(text:find(name == "html" and "<h2>Findings" or "[Ff][Ii][Nn][Dd][Ii][Nn][Gg][Ss]"), case.name)
        end
      end
    end)
  end)

  it("keeps what the captures alone said", function()
    cases.each(function(case, result)
      if case.name == "loss between" then
        local finding = result.analysis.findings[1]
        assert.same({ "A", "B" }, finding.between)
        assert.equal("network", finding.side)
        assert.equal(1, #finding.single)
        assert.is_string(finding.changes)
        assert.same({ B = { 14 } }, finding.evidence.frames)
        assert.equal("frame.number == 14", finding.evidence.display_filters.B)
      end
    end)
  end)

  it("looks for findings that there are", function()
    local file = assert(io.open(here .. "../../../docs/findings.md"))
    local page = file:read("*a")
    file:close()
    for matter, ids in pairs(require("mcpcap.compare.findings").single) do
      for _, id in ipairs(ids) do
        for _, dir in ipairs { "to_server", "to_client" } do
          assert.truthy(page:find("\n| `" .. id:format(dir) .. "` |", 1, true), matter .. ": " .. id)
        end
      end
    end
  end)

  it("gives both single results as they would be alone", function()
    local result = assert(mcpcap.compare({ fixture, fixture }, "192.0.2.80", 80))
    local alone = assert(mcpcap.analyze_traffic_flow(fixture, "192.0.2.80", 80))
    for _, single in ipairs(result.singles) do
      single.analysis_timestamp = alone.analysis_timestamp
      assert.same(alone, single)
    end
  end)

  it("finds nothing between a capture and itself", function()
    local lfs = require "lfs"
    for name in lfs.dir(here .. "../../fixtures") do
      local path = here .. "../../fixtures/" .. name
      if name:find("%.pcap") then
        local ip = name:find("ipv6", 1, true) and "2001:db8::80" or "192.0.2.80"
        local r = assert(mcpcap.compare({ path, path }, ip))
        for _, dir in ipairs { "client_to_server", "server_to_client" } do
          local d = r[dir]
          for _, what in ipairs {
            "lost_between", "injected_between", "undecided", "outside_capture", "duplicated_between",
            "reordered_between",
          } do
            assert.equal(0, d[what], name .. ": " .. what)
          end
          assert.same({}, d.changed, name)
        end
        assert.same({}, r.connections.unpaired, name)
        assert.equal(0, r.connections.ambiguous, name)
      end
    end
  end)

  it("says first that two captures are of one point", function()
    local r = assert(mcpcap.compare({ fixture, fixture }, "192.0.2.80", 80))
    local text = r.analysis.interpretation
    assert.matches("^Both captures show the same: 818 segments of 9 connections, and nothing is lost", text)
    assert.matches("10 data segments from the server had to be sent again", text, 1, true)
  end)

  it("says whose traffic a capture has that has none of the server", function()
    local r = assert(mcpcap.compare({ fixture, fixture }, "192.0.2.80", 443))
    assert.equal("no_match", r.status)
    assert.matches("no traffic of 192.0.2.80:443", r.analysis.interpretation, 1, true)
    assert.matches("It has traffic of 192.0.2.80:80.", r.analysis.interpretation, 1, true)
  end)

  it("takes the last bytes before a capture's damage for damage, not for changed on the way", function()
    local c = craft_path.new { timestamps = true }:handshake():c(100):after(30 * craft_path.craft.MS):s(400)
      :after(30 * craft_path.craft.MS):c(0):s(400):captures()
    local a, b = c[1]:save(), c[2]:save()
    local file = assert(io.open(a, "rb"))
    local bytes = file:read("*a")
    file:close()
    for cut, says in pairs { [0] = true, [300] = false } do              -- the near miss: nothing is damaged
      file = assert(io.open(a, "wb"))
      file:write(bytes:sub(1, #bytes - 200), ("#"):rep(200), ("#"):rep(cut))
      file:close()
      local found = false
      for _, finding in ipairs(assert(mcpcap.compare({ a, b }, "10.0.0.2", 7777)).analysis.findings) do
        found = found or finding.id == "payload_changed_to_client"
      end
      assert.equal(says, found)
    end
    os.remove(a)
    os.remove(b)
  end)

  it("splits one file of two points", function()
    local path = here .. "../../fixtures/mirrored-routed.pcap"
    local result = assert(mcpcap.compare({ path }, "198.51.100.80", 80))
    assert.equal(2, #result.points)
    assert.is_true(result.connections.paired > 0)
    for _, dir in ipairs { "client_to_server", "server_to_client" } do
      assert.is_true(result[dir].segments_seen_at_both > 10)
      assert.equal(0, result[dir].lost_between + result[dir].injected_between + result[dir].undecided)
      assert.equal(1, result[dir].changed.ttl.hops_min)
    end
    assert.matches("%(1%)$", result.points[result.points[1].given].file)
    local none, message, code = mcpcap.compare({ here .. "../../fixtures/clean-http.pcap" }, "192.0.2.80", 80)
    assert.is_nil(none)
    assert.equal("invalid", code)
    assert.matches("tells two apart", message, 1, true)
  end)

  it("reads in slices", function()
    local opened = assert(mcpcap.open_comparison({ fixture, fixture }, "192.0.2.80", 80))
    local steps = 0
    while assert(opened:step(10)) == "more" do
      steps = steps + 1
    end
    assert.is_true(steps > 2)
    local done, total = opened:progress()
    assert.equal(total, done)
    assert.equal("ok", opened:result().status)
    opened:close()
    opened:close()
  end)

  it("refuses what makes no sense, by name", function()
    local function refuses(pattern, ...)
      local ok, message = pcall(mcpcap.compare, ...)
      assert.is_false(ok)
      assert.matches(pattern, message)
    end
    refuses("#1 to 'compare' %(sources: array expected, got boolean", true, "192.0.2.80")
    local none, why = mcpcap.compare(fixture, "192.0.2.80")              -- one alone, of one point
    assert.is_nil(none)
    assert.matches("one capture alone can be compared only if", why)
    refuses("#1 to 'compare' %(sources: from 1 to 6 captures expected, got 0", {}, "192.0.2.80")
    refuses("#2 to 'compare' %(server_ip", { fixture, fixture }, "nowhere")
    refuses("#3 to 'compare' %(port", { fixture, fixture }, "192.0.2.80", 70000)
    refuses("option 'nonsense': unknown", { fixture, fixture }, "192.0.2.80", 80, { nonsense = 1 })
    refuses("option 'window'", { fixture, fixture }, "192.0.2.80", 80, { window = 1 })
    local result, message, code = mcpcap.compare({ fixture, here .. "none.pcap" }, "192.0.2.80", 80)
    assert.is_nil(result)
    assert.matches("none.pcap", message, 1, true)
    assert.equal("not_found", code)
  end)
end)
