local evidence = require "mcpcap.report.evidence"

-- The facts of some counts as one text.
local function facts(counts, part)
  return table.concat(evidence.facts(counts, part or "counts"), "; ")
end

describe("the numbers of a finding in words", function()
  it("stand in the order of the field table, the number first", function()
    assert.equal("374 data packets; 10 resent; 10 lost before capture; 88 duplicate ACKs",
      facts { resent = 10, data_packets = 374, duplicate_acks = 88, lost_before_capture = 10 })
  end)

  it("carry their unit where they are measured", function()
    assert.equal("longest 263 ms; 29 answers; round trip 32.8 ms",
      facts { longest_ms = 263, answers = 29, round_trip_ms = 32.8 })
    assert.equal("segment 1,448 bytes; throughput 1.20 Mbit/s", facts { segment_bytes = 1448, throughput_bps = 1.2e6 })
    assert.equal(
      "rate of the longest 24.0 kbit/s; rate of its best round trip 30.0 kbit/s; the window allows 521 Mbit/s",
      facts { longest_bps = 24e3, best_bps = 30e3, window_bps = 521e6 })
  end)

  it("are of one thing or of many", function()
    assert.equal("1 reset with two signs; 1 sender goes on; 1 ACK missing; 1 D-SACK",
      facts { resets_with_two_signs = 1, sender_goes_on = 1, acks_missing = 1, dsack_count = 1 })
    assert.equal("2 resets with two signs; 2 ACKs missing; 2 tail loss probes; 2 D-SACKs",
      facts { resets_with_two_signs = 2, acks_missing = 2, tail_probe = 2, dsack_count = 2 })
    assert.equal("1 segment over MSS", facts { segments_over_mss = 1 })
    assert.equal("1 connection", facts { connections = 1 })
  end)

  it("say how many of how many in one piece", function()
    assert.equal("3 of 12 connections", facts { connections = 3, of = 12 })
    assert.equal("1 of 1 connection", facts { connections = 1, of = 1 })
    assert.equal("2 connections in all; 1 subflow", facts { subflows = 1, of = 2 })
    assert.equal("1 connection in all; 1 subflow", facts { subflows = 1, of = 1 })
  end)

  it("leave out what did not happen", function()
    assert.equal("5 attempted; 5 refused", facts { attempted = 5, completed = 0, refused = 5 })
    assert.equal("", facts {})
  end)

  it("take what no table knows, and of comparisons", function()
    assert.equal("news of tomorrow 3", facts { news_of_tomorrow = 3 })
    assert.equal("10 lost between; lost 14.5 kB", facts({ lost_bytes = 14480, lost_between = 10 }, "compared_counts"))
  end)
end)
