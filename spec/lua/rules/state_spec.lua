-- What is said of one connection: its end state and history, the handshake, who closed
-- or reset it and when, its options, bytes, round trips, and what late segments were.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local MS, SECOND = craft.MS, craft.SECOND
local FIN, RST, RST_ACK = { flags = "FA" }, { flags = "R" }, { flags = "RA" }

local function hs(o)
  return craft.new():hs(o)
end

-- The row of the only connection, and the result.
local function row_of(capture, options)
  local result = capture:analyze(options)
  assert.are.equal(1, result.connection_count)
  return result.connections[1], result
end

-- A handshake, data both ways, and the client's FIN.
local function half_closed()
  return hs():c(1001, 10):s_ack(1011):s(5001, 20):c(1011, 0, { ack = 5021 }):c(1011, 0, FIN)
end

describe("state and history", function()
  local cases = {
    { "S0", "S", craft.new():syn() },
    { "S0", "S", craft.new():syn():after(SECOND):syn() },
    { "S1", "ShA", hs() },
    { "S1", "ShADad", hs():c(1001, 10):s_ack(1011):s(5001, 20) },
    { "SF", "ShADadFf", half_closed():s(5021, 0, { flags = "FA", ack = 1012 }):c(1012, 0, { ack = 5022 }) },
    { "REJ", "Sr", craft.new():syn():s(0, 0, { flags = "RA", ack = 1001 }) },
    { "REJ", "ShRr", craft.new():syn():syn_ack():c(1001, 0, RST):s(5001, 0, RST) },
    { "RSTR", "ShADRr", hs():c(1001, 10):c(1011, 0, RST):s(5001, 0, RST) },
    { "S2", "ShADadF", half_closed() },
    { "S3", "ShAf", hs():s(5001, 0, FIN) },
    { "RSTO", "ShAR", hs():c(1001, 0, RST) },
    { "RSTR", "ShAr", hs():s(5001, 0, RST_ACK) },
    { "RSTOS0", "SR", craft.new():syn():c(1001, 0, RST) },
    { "RSTRH", "^hr", craft.new():syn_ack():s(5001, 0, RST) },
    { "SH", "SF", craft.new():syn():c(1001, 0, FIN) },
    { "SHR", "^hf", craft.new():syn_ack():s(5001, 0, FIN) },
    { "OTH", "D", craft.new():c(1001, 10) },
    { "OTH", "^d", craft.new():s(5001, 10) },
    { "OTH", "DdA", craft.new():c(1001, 10):s(5001, 10):c(1011, 0) },
    { "OTH", "R", craft.new():c(1001, 0, RST) },
    { "RSTRH", "^r", craft.new():s(5001, 0, RST) },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. ", history " .. case[2], function()
      local row, result = row_of(case[3])
      assert.are.equal(case[1], row.state)
      assert.are.equal(case[2], row.history)
      assert.are.same({ [case[1]] = 1 }, result.connection_sums.states)
    end)
  end

  it("begins again with a SYN of the same number after both sides have closed", function()
    local capture = half_closed():s(5021, 0, { flags = "FA", ack = 1012 }):c(1012, 0, { ack = 5022 })
    local result = capture:after(SECOND):syn():analyze()
    assert.are.equal(2, result.connection_count)
    assert.are.same({ S0 = 1, SF = 1 }, result.connection_sums.states)
  end)

  it("has letters for zero windows and repetitions at 1, 10, 100", function()
    local capture = hs()
    for _ = 1, 10 do
      capture:s_ack(1001, { win = 0 })
    end
    assert.are.equal("ShAaww", row_of(capture).history)
    capture = hs():c(1001, 10)
    for _ = 1, 10 do
      capture:after(SECOND):c(1001, 10)
    end
    assert.are.equal("ShADTT", row_of(capture).history)
  end)

  it("has letters for odd flags and bad checksums", function()
    assert.are.equal("ShAI", row_of(hs():c(1001, 0, { flags = "FR" })).history)
    assert.are.equal("Q", row_of(craft.new():tcp("c", 1000, 0, { flags = "SF" })).history)
    local bad = { bad_tcp_sum = true }
    local row = row_of(hs():c(1001, 10, bad):c(1011, 10, bad), { verify_checksums = true })
    assert.are.equal("ShADC", row.history)
  end)

  it("has S, H, F and R again when they come with another number", function()
    assert.are.equal("Shh", row_of(craft.new():syn():syn_ack():bases(1000, 9000):syn_ack()).history)
    assert.are.equal("ShAFF", row_of(hs():c(1001, 0, FIN):c(1002, 0, FIN)).history)
    assert.are.equal("ShAFR", row_of(hs():c(1001, 0, FIN):c(1002, 0, RST):c(1001, 0, FIN):c(1002, 0, RST)).history)
    assert.are.equal("ShARR", row_of(hs():c(1001, 0, RST):c(1001, 0, RST):c(1500, 0, RST)).history)
  end)

  it("says when there were more letters than are kept", function()
    local capture = hs()
    for i = 1, 30 do
      capture:c(1001 + i, 0, FIN)
    end
    local row = row_of(capture)
    assert.is_false(row.history_complete)
    assert.are.equal("ShAFFFFF", row.history:sub(1, 8))
  end)
end)

describe("roles", function()
  it("follow the SYN, also when the named server sends it", function()
    local capture = craft.new():tcp("s", 5000, 0, { flags = "S" }):tcp("c", 1000, 0, { flags = "SA", ack = 5001 })
      :s(5001, 0)
    local row = row_of(capture)
    assert.is_true(row.initiated_by_server)
    assert.are.equal("ShA", row.history)
    assert.are.equal(2, row.server_to_client.packet_count)
  end)

  it("follow the named server without a SYN", function()
    local row = row_of(craft.new():c(1001, 10))
    assert.is_false(row.initiated_by_server)
    assert.is_true(row.mid_stream)
    assert.is_false(row_of(craft.new():s(5001, 10)).initiated_by_server)
    assert.is_false(row_of(hs()).mid_stream)
  end)
end)

describe("handshake", function()
  it("takes its two steps", function()
    local row, result = row_of(craft.new():syn():after(30 * MS):syn_ack():after(5 * MS):c_ack(5001))
    assert.are.same({ syn_synack_ms = 30, synack_ack_ms = 5, total_ms = 35, syn_retransmits = 0 }, row.handshake)
    assert.are.equal(35, row.irtt_ms)
    assert.are.same({ client = 1, server = 0 }, result.analysis.handshakes.completed)
  end)

  it("is measured from the latest SYN and the latest SYN/ACK", function()
    local row = row_of(craft.new():syn():after(SECOND):syn():after(10 * MS):syn_ack():after(SECOND):syn_ack()
      :after(5 * MS):c_ack(5001))
    assert.are.same({ syn_synack_ms = 10, synack_ack_ms = 5, total_ms = 15, syn_retransmits = 1 }, row.handshake)
    assert.are.equal(1015, row.irtt_ms)
  end)

  it("may end with data", function()
    local row = row_of(craft.new():syn():after(10 * MS):syn_ack():after(7 * MS):c(1001, 100))
    assert.are.equal(7, row.handshake.synack_ack_ms)
  end)

  it("is half open without the last step", function()
    local row, result = row_of(craft.new():syn():after(10 * MS):syn_ack())
    assert.are.same({ syn_synack_ms = 10, syn_retransmits = 0 }, row.handshake)
    assert.is_nil(row.irtt_ms)
    assert.are.same({ client = 1, server = 0 }, result.analysis.handshakes.half_open)
  end)

  it("is not that of a SYN/ACK that answers something else", function()
    assert.are.same({ syn_retransmits = 0 }, row_of(craft.new():syn():syn_ack({ ack = 555 })).handshake)
  end)

  it("is unanswered, or refused", function()
    local _, result = row_of(craft.new():syn():after(SECOND):syn())
    assert.are.same({ client = 1, server = 0 }, result.analysis.handshakes.unanswered)
    assert.are.same({ client = 1, server = 0 }, result.analysis.handshakes.syn_retransmits)
    _, result = row_of(craft.new():syn():s(0, 0, { flags = "RA", ack = 1001 }))
    assert.are.same({ client = 1, server = 0 }, result.analysis.handshakes.refused)
  end)

  it("is absent in mid-stream", function()
    local row = row_of(craft.new():c(1001, 10):s_ack(1011))
    assert.are.same({}, row.handshake)
    assert.is_nil(row.irtt_ms)
  end)
end)

describe("completeness", function()
  local cases = {
    { 1, craft.new():syn() }, { 3, craft.new():syn():syn_ack() }, { 7, hs() }, { 15, hs():c(1001, 10) },
    { 31, hs():c(1001, 10):c(1011, 0, FIN) }, { 47, hs():c(1001, 10):c(1011, 0, RST) },
    { 39, hs():c(1001, 0, RST) }, { 33, craft.new():syn():s(0, 0, { flags = "R" }) },
    { 37, craft.new():syn():s(0, 0, { flags = "RA", ack = 1001 }) }, { 12, craft.new():c(1001, 10):s_ack(1011) },
    { 7, hs():c(1001, 0, { flags = "F" }) }, { 9, craft.new():tcp("c", 1000, 20, { flags = "S" }) },
  }
  for _, case in ipairs(cases) do
    it("is " .. case[1], function()
      assert.are.equal(case[1], (row_of(case[2])).completeness)
    end)
  end
end)

describe("the end", function()
  it("is that of the side that sends the first FIN or RST", function()
    local row = row_of(half_closed():s(5021, 0, FIN))
    assert.are.equal("client", row.closed_by)
    assert.are.equal("fin", row.closed_with)
    row = row_of(hs():s(5001, 0, RST):c(1001, 0, FIN))
    assert.are.equal("server", row.closed_by)
    assert.are.equal("rst", row.closed_with)
    assert.is_nil(row_of(hs()).closed_by)
  end)
end)

describe("silence", function()
  it("is a gap above one second", function()
    assert.are.equal(0, row_of(hs():after(SECOND):c(1001, 10)).idle_gaps)
    local row, result = row_of(hs():after(SECOND + 1):c(1001, 10):after(3 * SECOND):s_ack(1011))
    assert.are.equal(2, row.idle_gaps)
    assert.are.equal(3000, row.max_idle_ms)
    assert.are.equal(2, result.connection_sums.idle_gaps)
  end)

  it("is none when time runs backwards", function()
    local row, result = row_of(hs({ step = 20 * MS }):after(-5 * SECOND):c(1001, 10))
    assert.are.equal(0, row.idle_gaps)
    assert.are.equal(20, row.max_idle_ms)
    assert.are.equal(1, result.capture.time_regressions)
  end)
end)

describe("options", function()
  it("are those of each side's SYN", function()
    local row = row_of(craft.new():hs({
      c = { mss = 1460, scale = 15, sack_ok = true, ts = { 1, 0 }, win = 64240 }, s = { mss = 1400, win = 65535 },
    }))
    local c, s = row.client_to_server, row.server_to_client
    assert.are.same({ 1460, 14, true, true, 64240 },
      { c.mss, c.window_scale, c.sack_permitted, c.timestamps, c.initial_window })
    assert.are.same({ 1400, false, false, 65535 }, { s.mss, s.sack_permitted, s.timestamps, s.initial_window })
    assert.is_nil(s.window_scale)
    assert.are.same({ false, false, false }, { row.window_scaling, row.sack, row.timestamps })
  end)

  it("are agreed when both sides offer them", function()
    local all = { mss = 1460, scale = 7, sack_ok = true, ts = { 1, 0 } }
    local row, result = row_of(craft.new():hs({ c = all, s = all }))
    assert.are.same({ true, true, true }, { row.window_scaling, row.sack, row.timestamps })
    assert.are.equal(1, result.connection_sums.options.sack_agreed)
  end)

  it("are unknown without both SYNs", function()
    local row = row_of(craft.new():syn({ sack_ok = true }))
    assert.is_nil(row.sack)
    assert.is_true(row.client_to_server.sack_permitted)
    assert.is_nil(row.server_to_client.sack_permitted)
  end)

  it("stop at the end of the list or at a length below 2", function()
    assert.is_nil(row_of(craft.new():syn({ options = "\0\0\0\0\2\4\5\180" })).client_to_server.mss)
    assert.is_nil(row_of(craft.new():syn({ options = "\99\1\1\1\2\4\5\180" })).client_to_server.mss)
    assert.are.equal(1460, row_of(craft.new():syn({ options = "\99\4\1\1\2\4\5\180" })).client_to_server.mss)
  end)

  it("beyond the captured bytes are absent", function()
    local row = row_of(craft.new():syn({ mss = 1460, sack_ok = true, cut_tcp = 24 }))
    assert.are.equal(1460, row.client_to_server.mss)
    assert.is_false(row.client_to_server.sack_permitted)
  end)

  it("of ECN are flags", function()
    local function ecn(c, s)
      return (row_of(craft.new():syn({ flags = c }):syn_ack({ flags = s }))).ecn
    end
    assert.are.equal("negotiated", ecn("SEC", "SAE"))
    assert.are.equal("offered", ecn("SEC", "SA"))
    assert.are.equal("offered", ecn("SEC", "SAEC"))
    assert.are.equal("none", ecn("S", "SA"))
    assert.is_nil(row_of(craft.new():c(1001, 10)).ecn)
  end)

  it("of ECN are counted without SYN", function()
    local _, result = row_of(craft.new():hs({ c = { flags = "SEC" }, s = { flags = "SAE" } })
      :c(1001, 10, { flags = "AC" }):s_ack(1011, { flags = "AE" }):s_ack(1011, { flags = "AE" }))
    assert.are.equal(1, result.client_to_server.cwr_count)
    assert.are.equal(0, result.client_to_server.ece_count)
    assert.are.equal(2, result.server_to_client.ece_count)
  end)
end)

describe("the time with a zero window", function()
  local shut = { win = 0 }

  local function closed_ms(capture)
    local row, result = row_of(capture)
    assert.are.equal(row.server_to_client.zero_window_ms, result.server_to_client.zero_window_ms)
    return row.server_to_client.zero_window_ms
  end

  it("ends with the next window of that side", function()
    assert.are.equal(300, closed_ms(hs():s_ack(1001, shut):after(100 * MS):s_ack(1001, shut)
      :after(200 * MS):s_ack(1001)))
  end)

  it("is the sum of its parts", function()
    assert.are.equal(30, closed_ms(hs():s_ack(1001, shut):after(10 * MS):s_ack(1001):after(50 * MS):s_ack(1001, shut)
      :after(20 * MS):s_ack(1001)))
  end)

  it("lasts until the connection is last seen", function()
    assert.are.equal(500, closed_ms(hs():s_ack(1001, shut):after(500 * MS):c(1001, 1)))
  end)

  it("ends with a reset", function()
    assert.are.equal(40, closed_ms(hs():s_ack(1001, shut):after(40 * MS):s(5001, 0, { flags = "R", win = 0 })
      :after(SECOND):c(1001, 0, RST)))
  end)

  it("begins with the SYN-ACK, and is not that of a SYN or a RST", function()
    assert.are.equal(1010, closed_ms(craft.new():hs({ s = shut }):after(SECOND):s(5001, 0, { flags = "R", win = 0 })))
    assert.are.equal(0, closed_ms(hs():after(SECOND):s(5001, 0, { flags = "R", win = 0 }):c(1001, 0)))
    local _, result = row_of(craft.new():hs({ c = shut }):after(SECOND):c(1001, 1))
    assert.are.equal(0, result.client_to_server.zero_window_ms)
  end)
end)

describe("stream bytes", function()
  -- {unique, retransmitted, missing} of the client, in the row and in the sum
  local function bytes(capture)
    local row, result = row_of(capture)
    local out = {}
    for i, name in ipairs({ "unique_bytes", "retransmitted_bytes", "missing_bytes" }) do
      assert.are.equal(row.client_to_server[name], result.client_to_server[name])
      out[i] = row.client_to_server[name]
    end
    assert.is_false(row.approximate_bytes)
    return out
  end

  it("are counted once", function()
    assert.are.same({ 200, 0, 0 }, bytes(hs():c(1001, 100):c(1101, 100)))
    assert.are.same({ 100, 200, 0 }, bytes(hs():c(1001, 100):c(1001, 100):c(1001, 100)))
    assert.are.same({ 150, 50, 0 }, bytes(hs():c(1001, 100):c(1051, 100)))
  end)

  it("are missing below those that were seen", function()
    assert.are.same({ 100, 0, 100 }, bytes(hs():c(1101, 100)))
    assert.are.same({ 200, 0, 0 }, bytes(hs():c(1101, 100):c(1001, 100)))
    assert.are.same({ 250, 50, 50 }, bytes(hs():c(1001, 100):c(1201, 100):c(1251, 50):c(1101, 50)))
  end)

  it("are not missing before the first one in mid-stream", function()
    assert.are.same({ 200, 0, 100 }, bytes(craft.new():c(1001, 100):c(1201, 100)))
    assert.are.same({ 200, 0, 50 }, bytes(craft.new():c(1201, 100):c(1051, 100)))
  end)

  it("fill holes in any order", function()
    local capture = hs()
    for _, i in ipairs({ 9, 3, 7, 1, 5, 0, 2, 4, 8, 6 }) do
      capture:c(1001 + 100 * i, 100)
    end
    assert.are.same({ 1000, 0, 0 }, bytes(capture))
    capture:c(1001, 1000)
    assert.are.same({ 1000, 1000, 0 }, bytes(capture))
  end)

  it("are not those of a RST or a keep-alive", function()
    assert.are.same({ 10, 0, 0 }, bytes(hs():c(1001, 10):c(1010, 1):c(1011, 5, RST)))
  end)

  it("take a number for SYN", function()
    assert.are.same({ 25, 0, 0 }, bytes(craft.new():tcp("c", 1000, 20, { flags = "S" }):syn_ack({ ack = 1021 })
      :c(1021, 5)))
  end)

  it("wrap", function()
    assert.are.same({ 300, 100, 100 }, bytes(craft.new():bases(0xffffff9b, 5000):hs():c(0xffffff9c, 100):c(0, 100)
      :c(0xffffff9c, 100):c(200, 100)))
  end)

  it("are approximate past 64 holes, and say so", function()
    local capture = hs()
    for i = 1, 100 do
      capture:c(1001 + 20 * i, 10)
    end
    local row, result = row_of(capture)
    assert.is_true(row.approximate_bytes)
    assert.are.equal(1, result.connection_sums.with_approximate_bytes)
    local c = row.client_to_server
    assert.are.same({ 1000, 0, 1010 }, { c.unique_bytes, c.retransmitted_bytes, c.missing_bytes })
  end)
end)

describe("round trips", function()
  local function rtt(capture)
    local _, result = row_of(capture)
    return result.client_to_server.rtt_ms, result.client_to_server.rtt_samples_raw
  end

  it("are those of data, measured on the ack that ends with it", function()
    local samples, raw = rtt(hs():c(1001, 100):after(30 * MS):s_ack(1101):c(1101, 100):after(50 * MS):s_ack(1201))
    assert.are.same({ 2, 30, 50, 40 }, { samples.count, samples.min, samples.max, samples.mean })
    assert.are.equal(3, raw)                         -- and that of the SYN
  end)

  it("are not taken of what an ack covers besides", function()
    local samples = rtt(hs():c(1001, 100):c(1101, 100):after(30 * MS):s_ack(1201))
    assert.are.same({ 1, 30 }, { samples.count, samples.max })
    samples = rtt(hs():c(1001, 100):after(30 * MS):s_ack(1050))
    assert.are.equal(0, samples.count)
  end)

  it("are not taken of what was sent twice (Karn)", function()
    local samples, raw = rtt(hs():c(1001, 100):after(300 * MS):c(1001, 100):after(30 * MS):s_ack(1101))
    assert.are.equal(0, samples.count)
    assert.are.equal(2, raw)
    -- the byte sent again is one of the first segment's, not of the second's
    samples = rtt(hs():c(1001, 100):c(1101, 100):after(300 * MS):c(1001, 1):after(30 * MS):s_ack(1101):s_ack(1201))
    assert.are.equal(1, samples.count)
  end)

  it("are taken of an ack of part of a segment's bytes that were sent once", function()
    local samples = rtt(hs():c(1001, 100):after(30 * MS):s_ack(1050):after(10 * MS):s_ack(1101))
    assert.are.same({ 1, 40 }, { samples.count, samples.max })
  end)
end)

describe("a late segment", function()
  -- The verdicts on the client's late segments that are not 0.
  local function verdicts(capture)
    local _, result = row_of(capture)
    local found = {}
    for name, count in pairs(result.client_to_server.late_segments) do
      found[name] = count > 0 and count or nil
    end
    return found
  end

  local function timestamp(value)
    return { ts = { value, 0 } }
  end

  it("is resent when all of it was seen before", function()
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1 },
      verdicts(hs():c(1001, 100, { id = 7 }):c(1001, 100, { id = 8 })))
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1, resent_needless = 1 },
      verdicts(hs():c(1001, 100, { id = 7 }):s_ack(1101):after(SECOND):c(1001, 100, { id = 8 })))
  end)

  it("is resent when new bytes follow old ones", function()
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1 }, verdicts(hs():c(1001, 100):c(1051, 100)))
  end)

  it("is a copy of the packet with the same IP identification", function()
    assert.are.same({ duplicated = 1, by_copy = 1 }, verdicts(hs():c(1001, 100, { id = 7 }):copy()))
  end)

  it("is a copy, without identification, when no round trip fits between", function()
    assert.are.same({ duplicated = 1, by_time = 1 }, verdicts(hs():c(1001, 100):copy(nil, MS - 1)))
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1 }, verdicts(hs():c(1001, 100):copy(nil, MS)))
    -- half of the round trip of 1 ms
    assert.are.same({ duplicated = 1, by_time = 1 },
      verdicts(craft.new():hs({ step = MS / 2 }):c(1001, 100):copy(nil, MS / 2 - 1)))
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1 },
      verdicts(craft.new():hs({ step = MS / 2 }):c(1001, 100):copy(nil, MS / 2)))
    assert.are.same({ undecided = 1 }, verdicts(craft.new():c(1001, 100):copy(nil, MS - 1)))
  end)

  -- Without identification, and within one tick of the timestamps, what is sent again looks like a copy.
  it("is a copy, although later than an answer could be, where the capture doubles packets", function()
    local client, server = { ts = { 100, 200 } }, { ts = { 200, 100 } }
    local function after(packets, doubled)
      local x = craft.new({ win = 60000 }):hs({ step = MS, c = client, s = server, ack = client })
      for i = 0, packets - 1 do
        x:after(MS / 50):c(1001 + 100 * i, 100, client)
      end
      for i = 1, 6 do
        x:after(MS / 50):s_ack(1001 + 100 * (doubled and packets - 7 + i or packets - 2), server)
        if doubled then
          x:copy()
        end
      end
      return verdicts(x:after(4 * MS):c(1001 + 100 * (packets - 1), 100, client))
    end
    assert.are.same({ duplicated = 1, by_copy = 1 }, after(8, true))
    -- the same acknowledgement again and again is alike too; but of many packets
    assert.are.same({ resent = 1, resent_seen = 1, by_repetition = 1, lost_untold = 1 }, after(100, false))
  end)

  it("is resent or reordered by its TCP timestamp", function()
    local function late(value)
      return verdicts(hs():c(1101, 100, timestamp(50)):c(1001, 100, timestamp(value)))
    end
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_timestamp = 1 }, late(49))
    assert.are.same({ resent = 1, resent_unseen = 1, by_timestamp = 1 }, late(51))
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_time = 1 }, late(50))
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_timestamp = 1 },
      verdicts(hs():c(1101, 100, timestamp(3)):c(1001, 100, timestamp(0xfffffff0))))
  end)

  it("is resent or reordered by its IP identification where that counts up", function()
    local function late(id, first)
      return verdicts(craft.new():hs({ c = { id = first or 1 }, ack = { id = 2 } }):c(1101, 100, { id = 4 })
        :after(15 * MS):c(1001, 100, { id = id }))
    end
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_ip_id = 1 }, late(3))
    assert.are.same({ resent = 1, resent_unseen = 1, by_ip_id = 1 }, late(5))
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_ip_id = 1 }, late(3, 30000))     -- just behind
    assert.are.same({ undecided = 1 }, late(65000, 30000))
    assert.are.same({ undecided = 1 }, late(0))
  end)

  it("is resent when the receiver had asked for it", function()
    local function holes()
      return hs():c(1001, 100):s_ack(1101):c(1201, 100)
    end
    assert.are.same({ resent = 1, resent_unseen = 1, by_ack = 1 },
      verdicts(holes():s_ack(1101):s_ack(1101):after(15 * MS):c(1101, 100)))
    assert.are.same({ undecided = 1 }, verdicts(holes():s_ack(1101):after(15 * MS):c(1101, 100)))
    assert.are.same({ resent = 1, resent_unseen = 1, by_ack = 1 },
      verdicts(holes():s_ack(1101, { sack = { { 1201, 1301 } } }):after(15 * MS):c(1101, 100)))
  end)

  it("is reordered below half a round trip, resent after a timeout", function()
    local function late(ns)
      return verdicts(hs():c(1101, 100):after(ns):c(1001, 100))
    end
    assert.are.same({ reordered = 1, reordered_bursts = 1, by_time = 1 }, late(10 * MS - 1))
    assert.are.same({ undecided = 1 }, late(10 * MS))
    assert.are.same({ undecided = 1 }, late(200 * MS - 1))
    assert.are.same({ resent = 1, resent_unseen = 1, by_time = 1 }, late(200 * MS))
  end)

  it("is undecided below the first data of a stream that was picked up midway", function()
    assert.are.same({ undecided = 1 }, verdicts(craft.new():c(1001, 100):after(SECOND):c(901, 100)))
  end)

  it("is undecided when time runs backwards", function()
    assert.are.same({ undecided = 1 }, verdicts(hs():c(1101, 100):after(-MS):c(1001, 100)))
  end)

  it("after a timeout is counted as such", function()
    local function timeouts(ns)
      local _, result = row_of(hs():c(1001, 100):after(ns):c(1001, 100))
      return result.client_to_server.timeout_retransmissions
    end
    assert.are.equal(0, timeouts(200 * MS - 1))
    assert.are.equal(1, timeouts(200 * MS))
  end)
end)

describe("a reset", function()
  local function reset(capture)
    local row, result = row_of(capture)
    local ledger = result.analysis.resets[row.reset.phase]
    assert.are.equal(1, ledger[row.reset.by])
    assert.are.same({ row.reset.frame }, ledger.frames[row.reset.by])
    return row.reset
  end

  local function phase(capture)
    local found = reset(capture)
    return found.by .. " " .. found.phase
  end

  it("has a phase", function()
    assert.are.equal("server refused", phase(craft.new():syn():s(0, 0, { flags = "RA", ack = 1001 })))
    assert.are.equal("client half_open", phase(craft.new():syn():syn_ack():c(1001, 0, RST)))
    assert.are.equal("server half_open", phase(craft.new():syn():syn_ack():s(5001, 0, RST)))
    assert.are.equal("client half_open", phase(craft.new():syn():c(1001, 0, RST)))
    assert.are.equal("server without_data", phase(hs():s(5001, 0, RST)))
    assert.are.equal("server mid_data", phase(hs():c(1001, 10):s(5001, 0, RST)))
    assert.are.equal("server half_closed", phase(hs():c(1001, 10):c(1011, 0, FIN):s(5001, 0, RST)))
    assert.are.equal("client late", phase(hs():c(1001, 10):c(1011, 0, FIN):s(5001, 10):c(1012, 0, RST)))
    assert.are.equal("client after_close", phase(half_closed():s(5021, 0, FIN):c(1012, 0, RST)))
    assert.are.equal("server stray", phase(craft.new():s(5001, 0, RST)))
  end)

  it("is the first one, with its frame and the time before it", function()
    local found = reset(hs():c(1001, 10):after(1500 * MS):s(5001, 0, { flags = "R", ttl = 60 }):c(1011, 0, RST))
    assert.are.equal(5, found.frame)
    assert.are.equal(1500, found.after_ms)
    assert.are.equal(60, found.ttl)
  end)

  it("may come from elsewhere, by its TTL", function()
    assert.are.same({ "against_ttl" }, reset(hs():c(1001, 10):s(5001, 0, RST)).signs)
    assert.are.same({ "ttl" }, reset(hs():c(1001, 10):s(5001, 0, { flags = "R", ttl = 63 })).signs)
  end)

  it("may come from elsewhere, by its IP identification", function()
    local function signs(id)
      local capture = craft.new():hs({ s = { id = 100 } }):s(5001, 10, { id = 101 }):s(5011, 10, { id = 102 })
      return reset(capture:s(5021, 0, { flags = "R", id = id })).signs
    end
    assert.are.same({ "against_ttl", "against_ip_id" }, signs(103))
    assert.are.same({ "against_ttl", "against_ip_id" }, signs(102 + 256))
    assert.are.same({ "ip_id", "against_ttl" }, signs(102 + 257))
    assert.are.same({ "ip_id", "against_ttl" }, signs(50))
    assert.are.same({ "against_ttl" }, signs(0))
  end)

  it("may come from elsewhere, by its sequence number", function()
    assert.are.same({ "sequence", "against_ttl" }, reset(hs():c(1001, 10):s(7000, 0, RST)).signs)
    -- it answers an acknowledgement, or would have to have come before that was there
    local function answering(wait)
      return reset(hs():s(5001, 100):c(1001, 10, { ack = 5051 }):after(wait):s(5051, 0, RST)).signs
    end
    assert.are.same({ "against_ttl" }, answering(20 * MS))
    assert.are.same({ "against_ttl", "soon" }, answering(MS))
  end)

  it("may come from elsewhere when its sender goes on", function()
    local found = reset(hs():c(1001, 10):s(5001, 0, RST):s(5001, 100))
    assert.are.same({ "race", "against_ttl" }, found.signs)
  end)

  it("may come from elsewhere when both sides get one at once", function()
    local function signs(ns)
      return reset(hs():c(1001, 10):s(5001, 0, RST):after(ns):c(1011, 0, RST)).signs
    end
    assert.are.same({ "both", "against_ttl" }, signs(MS - 1))
    assert.are.same({ "against_ttl" }, signs(MS))
  end)
end)
