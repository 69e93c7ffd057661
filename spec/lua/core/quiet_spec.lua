-- What is loaded for a capture: nobody waits for rules that have nothing to say.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local fixtures = here .. "../../fixtures/"

-- The modules that an analysis loads, by name; it begins with none of ours but the core.
local function loaded_by(name, server, port)
  local before = {}
  for module, value in pairs(package.loaded) do
    if module:find("^mcpcap") and module ~= "mcpcap.core" then
      before[module] = value
    end
  end
  for module in pairs(before) do
    package.loaded[module] = nil
  end
  local result = require("mcpcap").analyze_traffic_flow(fixtures .. name, server, port)
  local modules = {}
  for module in pairs(package.loaded) do
    modules[module] = module:find("^mcpcap") and true or nil
  end
  for module in pairs(modules) do
    package.loaded[module] = module == "mcpcap.core" and package.loaded[module] or before[module]
  end
  for module, value in pairs(before) do
    package.loaded[module] = value
  end
  return modules, result
end

describe("an analysis", function()
  it("loads no rules for a capture that gives them nothing to say", function()
    local modules, result = loaded_by("clean-http.pcap", "192.0.2.80", 80)
    assert.are.equal("ok", result.status)
    assert.are.same({}, result.analysis.findings)
    assert.is_string(result.analysis.vantage.place)
    assert.are.same({ mcpcap = true, ["mcpcap.core"] = true, ["mcpcap.result"] = true, ["mcpcap.phrases_amount"] = true,
      ["mcpcap.findings.vantage"] = true }, modules)
  end)

  it("loads those of a group that has", function()
    local modules, result = loaded_by("loss-to-client-before.pcap", "192.0.2.80", 80)
    assert.is_true(#result.analysis.findings > 0)
    assert.is_true(modules["mcpcap.findings.path"])
    assert.is_nil(modules["mcpcap.findings.open"])
    assert.is_nil(modules["mcpcap.findings.route"])
  end)
end)
