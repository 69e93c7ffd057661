-- One or two sentences that sum a result up.

local interpretation = require("mcpcap.result").interpretation

local function result(findings)
  return {
    status = "ok", server = "192.0.2.80:80", connection_count = 1, total_packets = 10, tcp_packets_found = 10,
    client_to_server = { packet_count = 6, payload_bytes = 100 },
    server_to_client = { packet_count = 4, payload_bytes = 20000 },
    analysis = { findings = findings },
  }
end

local function finding(severity, side, text)
  return { severity = severity, side = side, text = text }
end

describe("the interpretation", function()
  local QUIET = "No trouble shows in 1 connection to 192.0.2.80:80: 6 packets and 100 bytes of data from the client, "
    .. "4 packets and 20 kB from the server."

  it("says what passed when nothing was found", function()
    assert.are.equal(QUIET, interpretation(result({})))
  end)

  it("speaks of clients where there may be several", function()
    local many = result({})
    many.connection_count = 2
    assert.truthy(interpretation(many):find("6 packets and 100 bytes of data from the clients, ", 1, true))
  end)

  it("adds a remark, but none about the capture", function()
    assert.are.equal(QUIET .. " It is far.", interpretation(result({ finding("info", "network", "It is far.") })))
    assert.are.equal(QUIET, interpretation(result({ finding("info", "capture", "It is cut.") })))
  end)

  it("is the first finding, and the second where it is more than a remark", function()
    local first, second = finding("error", "server", "A."), finding("warning", "network", "B.")
    assert.are.equal("A.", interpretation(result({ first })))
    assert.are.equal("A. B.", interpretation(result({ first, second })))
    assert.are.equal("A.", interpretation(result({ first, finding("info", "network", "B.") })))
  end)

  it("says that there is nothing to speak of", function()
    assert.are.equal("None of the 3 packets is TCP, so nothing can be said about s.",
      interpretation({ status = "no_tcp", total_packets = 3, server = "s" }))
    assert.are.equal("None of the 3 TCP segments belongs to s.",
      interpretation({ status = "no_match", tcp_packets_found = 3, server = "s" }))
    assert.are.equal("None of the 3 TCP segments belongs to s. Try t.",
      interpretation({ status = "no_match", tcp_packets_found = 3, server = "s", likely_slip = { text = "Try t." } }))
  end)
end)
