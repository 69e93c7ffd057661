--- Resources: texts that a model can read when it needs them.
-- @module mcpcap.mcp.resources

local GUIDE = [[
# How to read the results of mcpcap

All figures are facts of the capture; `findings` are opinions on them, each with its evidence.
Times are seconds since 1970 (UTC), names in `_ms` are milliseconds, names in `_bps` bits per second.
A ratio or a percentile that cannot be formed is absent.

## First

- `status`: `ok`; `no_match`: there is TCP, but none of this server (see `candidates` and `likely_slip`); `no_tcp`.
- `capture`: what was read. `truncated`: the file or transfer ended early. `stopped`: a limit ended the work. Both mean
  that the figures cover only a part. `frames` is the sum of `matched_frames`, `other_tcp_frames`, `not_tcp_frames`,
  `undecoded_frames`, `fragment_frames`, `sliced_header_frames` and `malformed_frames`; `filtered_frames` were left out.

## analysis

- `interpretation`: one or two sentences, no more than the counts bear.
- `findings`, the weightiest first: `severity` error, warning, info; `side`: whom it concerns (client, server, network,
  capture); `confidence` high, medium, low; `evidence.counts`, `evidence.counter_evidence` (what speaks against it),
  `evidence.frames` (frame numbers as in Wireshark), `evidence.display_filter`; `settle`: what would settle it.
- `withheld`: rules that did not speak, since this capture cannot bear them, and why.
- `handshakes`: attempted, completed, refused, unanswered, half_open; each by who opened the connection.
- `resets`: connections by the phase of their first reset: refused (the answer to a SYN), half_open, without_data
  (after the handshake, before any), mid_data, half_closed, late, after_close (benign), stray (nothing else was
  captured).
- `latency`, with count, min, median, p95, max: handshake and data round trips from the capture point to each side and
  back, `server_response_ms` (end of a request to the first byte of the answer), `client_think_ms`. Near a side, its
  own round trip is close to zero: that tells where the capture was taken.
- `asymmetry`: packets, wire bytes, payload bytes, client to server against server to client.

## client_to_server, server_to_client

- `retransmissions`, `out_of_order`, `duplicate_acks` and their like follow Wireshark's rules (`rules` names them), so
  they can be checked there. They judge by time and call many resent segments out of order.
- `late_segments` is the verdict of this program: `resent`, `reordered`, `duplicated`, `undecided`. `resent_unseen`: the
  first copy was not captured, so it was lost before the capture point; `resent_seen`: it was captured, so it was lost
  behind it (or its acknowledgement was); `resent_needless`: it had been acknowledged.
- `syn_count` holds SYN-ACKs too; `byte_count` is bytes on the wire; `data_packets` carry TCP payload.
- `zero_windows`: this sender's application does not read fast enough. `keep_alives` are no retransmissions.

## connections

The most telling ones, with the total in `connection_count`. `state` is that of Zeek's conn.log: SF closed by both
sides, REJ refused, S0 no answer, S1 open, S2 and S3 closed by one side, RSTO and RSTR reset by the opener or the
other side, SH and SHR closed by one side with nothing seen of the other, OTH picked up in mid-stream. `history`
spells what happened: S SYN, H SYN-ACK, A ack, D data, F FIN, R RST; capitals are the opener's.
]]

return {
  {
    uri = "mcpcap://guide/results",
    name = "results-guide",
    title = "How to read the results",
    description = "What the fields of a result mean, and what they do not say.",
    mimeType = "text/markdown",
    read = function() return GUIDE end,
  },
  {
    uri = "mcpcap://guide/keys",
    name = "result-keys",
    title = "Every key of a result",
    description = "Name, type, unit and meaning of every key of every result, and display filters that count the same.",
    mimeType = "text/markdown",
    read = function() return require("mcpcap.fields.page").text() end,
  },
  {
    -- An MCP App: the page that a host shows beside an answer.  It loads nothing and runs one script.
    uri = "ui://mcpcap/report.html",
    name = "report-page",
    title = "The report as a page",
    description = "Charts, the ladder of a connection and a table that is searched, for hosts that show MCP Apps.",
    mimeType = "text/html;profile=mcp-app",
    read = function() return require("mcpcap.report.html").app() end,
    content_meta = { ui = { prefersBorder = true } },
  },
}
