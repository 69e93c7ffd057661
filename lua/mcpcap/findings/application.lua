--- Rules about what connections say in plain text: TLS handshakes, certificates, answers of HTTP.
-- @module mcpcap.findings.application

local outcomes = require "mcpcap.findings.outcomes"
local say = require "mcpcap.phrases"
local shapes = require "mcpcap.findings.shapes"

-- A server that takes so long of its own for a ServerHello, and so often, is slow at it.
local SLOW_LEAST, SLOW_SHARE, SLOW_MS = 3, 0.1, 1000
-- Nobody uses a certificate so long before it is valid: then the clock of the capture is wrong.
local EARLY_DAYS = 30
-- A share of answers that fail, from which on it is not an odd one.
local FAILING_SHARE, FAILING_LEAST = 0.1, 5
-- Failures that come so many times sooner, or later, than other answers.
local APART = 4
local DAY = 86400

local rules = {}

-- Alerts of one side that end a handshake; those that only say goodbye are left out.
local GOODBYE = { close_notify = true, user_canceled = true, no_renegotiation = true }
-- With these a server says that it does not serve the name: alone, or where a name was asked for.
local NO_SUCH_NAME = { unrecognized_name = true }

-- What the client's alert is about.
local CLIENT_SAYS = {
  unknown_ca = "it does not trust who issued the server's certificate",
  certificate_unknown = "it does not accept the server's certificate",
  bad_certificate = "it does not accept the server's certificate",
  certificate_expired = "it takes the server's certificate for expired",
  certificate_revoked = "it takes the server's certificate for revoked",
  unsupported_certificate = "it cannot use the server's certificate",
  protocol_version = "the server's version is not one that it takes",
  insufficient_security = "what the server chose is too weak for it",
}
local SERVER_SAYS = {
  handshake_failure = "both have no cipher, group or certificate in common",
  protocol_version = "it takes none of the versions that the client offers",
  insufficient_security = "what the client offers is too weak for it",
  no_application_protocol = "it speaks none of the protocols that the client offers",
  certificate_required = "it wants a certificate of the client",
  bad_certificate = "it does not accept the client's certificate",
  certificate_unknown = "it does not accept the client's certificate",
  unknown_ca = "it does not trust who issued the client's certificate",
  certificate_expired = "it takes the client's certificate for expired",
}

local function is_name_refused(alert)
  return alert.by == "server" and alert.fatal and alert.instead_of_hello and NO_SUCH_NAME[alert.name] and alert.sni
end

-- The fatal alerts of a side, those of refused names left out: the most frequent, and how many there are.
local function alerts_of(tls, side)
  local total, most = 0, nil
  for _, alert in ipairs(tls.alerts or {}) do
    if alert.by == side and alert.fatal and not GOODBYE[alert.name] and not is_name_refused(alert) then
      total = total + alert.count
      if not most or alert.count > most.count then
        most = alert
      end
    end
  end
  return most, total
end

local function alert_rule(side)
  local says = side == "client" and CLIENT_SAYS or SERVER_SAYS
  return {
    id = "tls_alert_of_" .. side,
    about = ("the %s ends TLS handshakes with an alert"):format(side),
    check = function(case)
      local tls = case.result.tls
      local most, total = alerts_of(tls or {}, side)
      if not most then
        return
      end
      local meaning = says[most.name]
      local how = total > most.count and ("with alerts, %.0f of them"):format(most.count) or "with the alert"
      return {
        severity = "warning",
        weight = 60,
        side = side,
        confidence = "medium",
        text = ("The %s broke off %s %s %s%s."):format(side, say.count(total, "TLS handshake"), how, most.name,
          meaning and ": " .. meaning or ""),
        evidence = {
          counts = { alerts = total, of = tls.connections },
          frames = most.frames,
          display_filter = case.filter.all .. " && tls.alert_message.level == 2",
        },
        settle = ("the %s's own log of these handshakes"):format(side),
      }
    end,
  }
end

rules[#rules + 1] = alert_rule("client")
rules[#rules + 1] = alert_rule("server")

rules[#rules + 1] = {
  id = "tls_name_refused",
  about = "the server does not know the name that clients ask for",
  check = function(case)
    local found, total = nil, 0
    for _, alert in ipairs(case.result.tls and case.result.tls.alerts or {}) do
      if is_name_refused(alert) then
        found, total = found or alert, total + alert.count
      end
    end
    if not found then
      return
    end
    return {
      severity = "warning", -- who asks for a wrong name, or a wrong server, fails alone
      weight = 65,
      side = "server",
      confidence = "medium",
      text = ('The server refused %s as of a name that it does not serve%s "%s".'):format(
        say.count(total, "TLS handshake"), total == 1 and ":" or "; the first was", found.sni),
      evidence = {
        counts = { alerts = total, of = case.result.tls.connections },
        frames = found.frames,
        display_filter = case.filter.server_to_client .. " && tls.alert_message.desc == 112",
      },
      settle = "the names in the server's configuration, and whether this is the server that the client means",
    }
  end,
}

rules[#rules + 1] = {
  id = "tls_no_server_hello",
  about = "the server acknowledges the ClientHello and does not answer it",
  needs = { "acks" },
  check = function(case)
    local tls = case.result.tls
    local silent = tls and tls.unanswered
    if not silent then
      return
    end
    local closed = silent.server_ended
    local how = "no byte of an answer followed"
    if closed == silent.count then
      how = "the server ended the connection without an answer"
    elseif closed > 0 then
      how = ("no byte of an answer followed, and the server ended %s of them"):format(("%.0f"):format(closed))
    end
    local relayed = case.answers.relayed_handshakes
    relayed = relayed > 0 and relayed * 2 >= case.sums.with_data
    -- who scans says a word of each protocol to a port that is open, and TLS may not be what is spoken there
    local probed = tls.server_hellos == 0 and shapes.begun(case, "scanned") >= silent.count
    local against = {}
    against[#against + 1] = relayed and "another host than the server's own seems to have answered the handshake, and may "
      .. "have acknowledged in its name" or nil
    against[#against + 1] = probed and ("the client tried %.0f other ports of the server in this capture, as a scan does: "
      .. "TLS may be one of the things that it tries here"):format(case.sums.attempts.scan_ports) or nil
    return {
      -- once it may be the way, or a client that tries what else is spoken there
      severity = (silent.count == 1 or probed) and "info" or tls.server_hellos == 0 and "error" or "warning",
      weight = 62,
      side = "server",
      confidence = silent.count > 1 and not relayed and not probed and "medium" or "low",
      text = ("On %s the server acknowledged the whole ClientHello, and %s%s."):format(
        say.of(silent.count, tls.connections, "TLS connection"), how,
        closed < silent.count and (" within %s"):format(say.ms(silent.longest_ms)) or ""),
      evidence = {
        counts = { connections = silent.count, of = tls.connections, longest_ms = silent.longest_ms,
          ended_by_server = closed, ended_by_client = silent.client_ended },
        counter_evidence = against[1] and against or nil,
        frames = silent.frames,
        display_filter = case.filter.client_to_server .. " && tls.handshake.type == 1",
      },
      settle = "whether the server speaks TLS on this port, and what its process does with such connections",
    }
  end,
}

rules[#rules + 1] = {
  id = "tls_hello_cut",
  about = "the beginning of a ClientHello arrives, and its rest never comes",
  needs = { "acks" },
  check = function(case)
    local tls = case.result.tls
    local cut = tls and tls.hello_cut
    if not cut then
      return
    end
    local beside = case.vantage.place == "client"
    return {
      severity = cut.count > 1 and "warning" or "info",
      weight = 61,
      side = beside and "client" or "network",
      confidence = cut.count > 1 and "medium" or "low",
      text = ("On %s the beginning of the ClientHello came and was acknowledged, and its rest never came by here: the server cannot answer half of it. %s."):format(
        say.of(cut.count, tls.connections, "TLS connection"),
        beside and "The client, beside which this was captured, did not send it"
          or "The rest is lost on its way from the client, each time that it is sent, or the client gave up"),
      evidence = {
        counts = { connections = cut.count, of = tls.connections },
        counter_evidence = { "a capture that misses packets of the client looks the same" },
        frames = cut.frames,
        display_filter = say.frames_filter(cut.frames),
      },
      settle = "a capture beside the client: does it send the rest, and again?",
    }
  end,
}

rules[#rules + 1] = {
  id = "tls_slow_handshake",
  about = "the server takes long for its ServerHello",
  check = function(case)
    local tls = case.result.tls
    if not tls or tls.slow < SLOW_LEAST or tls.slow < SLOW_SHARE * tls.server_hello_ms.count then
      return
    end
    local took, lossy = tls.server_hello_ms, case.c2s.late_segments.resent + case.s2c.late_segments.resent
    -- what was sent again was late on the way
    local doubtful = lossy >= took.count
    return {
      -- less may be a way that is longer than the handshake of TCP tells: a box near by that answers for the server
      severity = took.median >= SLOW_MS and not doubtful and "warning" or "info",
      weight = 58,
      side = "server",
      confidence = doubtful and "low" or "medium",
      text = ("The server took 200 ms or more of its own for the ServerHello of %s, and %s at most. Half of all took no more "
        .. "than %s."):format(say.of(tls.slow, took.count, "TLS handshake"), say.ms(took.max), say.ms(took.median)),
      evidence = {
        counts = { slow = tls.slow, answers = took.count, median_ms = took.median, longest_ms = took.max },
        counter_evidence = lossy > 0 and { ("%s sent again delay%s answers too"):format(say.count(lossy, "segment"),
          lossy == 1 and "s" or "") } or nil,
        frames = tls.slow_frames,
        display_filter = case.filter.server_to_client .. " && tls.handshake.type == 2",
      },
      settle = "the load of the server when it accepts connections: its processors, its queue, where its keys are kept",
    }
  end,
}

-- The certificate that was sent most often in spite of its dates.
local function out_of_date(case, key)
  local worst
  for _, c in ipairs(case.result.tls and case.result.tls.certificates or {}) do
    if c[key] > 0 and (not worst or c[key] > worst[key]) then
      worst = c
    end
  end
  return worst
end

local function certificate_rule(id, key, about, sentence)
  return {
    id = id,
    about = about,
    check = function(case)
      local c = out_of_date(case, key)
      if not c then
        return
      end
      local seconds = key == "expired" and c.seen_time - c.not_after_time or c.not_before_time - c.seen_time
      local name = c.subject or c.name
      local days = math.max(0, math.floor(seconds / DAY)) -- the first of them may have been in time
      local by_clock = key == "not_yet_valid" and days > EARLY_DAYS
      return {
        severity = by_clock and "info" or "warning",
        weight = by_clock and 2 or 64,
        side = by_clock and "capture" or "server",
        confidence = "medium", -- by a clock that may be wrong
        text = sentence:format(name and ('"%s" '):format(name) or "", say.count(c[key], "connection"),
          days >= 1 and say.count(days, "day") or "less than a day"),
        evidence = {
          counts = { connections = c[key], days = days },
          counter_evidence = { "a capture whose clock is wrong shows the same" .. (by_clock and ", and is more likely" or "") },
          frames = { c.frame },
          display_filter = case.filter.server_to_client .. " && tls.handshake.type == 11",
        },
        settle = "the server's certificate as it is now, and the clock of the host that captured",
      }
    end,
  }
end

rules[#rules + 1] = certificate_rule("certificate_expired", "expired", "the server sends a certificate that has expired",
  "The server's certificate %shad expired when it was sent on %s: by the capture's clock, %s before.")
rules[#rules + 1] = certificate_rule("certificate_not_yet_valid", "not_yet_valid",
  "the server sends a certificate that is not valid yet",
  "The server's certificate %swas not valid yet when it was sent on %s: by the capture's clock, it is so %s later.")

-- "500, 501", as many as there are of these statuses.
local function statuses(http, wanted)
  local list = {}
  for code = 500, 599 do
    local key = ("%d"):format(code)
    if http.status[key] and wanted(code) then
      list[#list + 1] = key
    end
  end
  return list
end

local function is_gateway(code)
  return code >= 502 and code <= 504
end

-- How failures compare with other answers.
local function pace(failed, fine)
  local a, b = failed.answer_ms.median, fine and fine.answer_ms.median
  if not a or not b or failed.answer_ms.count < 2 or fine.answer_ms.count < 2 then
    return ""
  elseif a * APART <= b then
    return (" They came at once, half of them within %s, other answers within %s."):format(say.ms(a), say.ms(b))
  elseif a >= b * APART and a >= 100 then
    return (" They came late, half of them after %s and more, other answers within %s."):format(say.ms(a), say.ms(b))
  end
  return ""
end

local function errors_rule(id, kind, about, wanted, sentence)
  return {
    id = id,
    about = about,
    check = function(case)
      local http = case.result.http
      local failed = http and http[kind]
      if not failed then
        return
      end
      local often = failed.count >= FAILING_LEAST and failed.count >= FAILING_SHARE * http.answers
      local codes = statuses(http, wanted)
      -- such a method the server does not know at all (RFC 9110, 15.6.2): it is the request that is out of the ordinary
      local unknown = #codes == 1 and codes[1] == "501"
      return {
        severity = unknown and "info" or often and "error" or "warning",
        weight = unknown and 9 or 66,
        side = unknown and "client" or "server",
        confidence = "medium",
        text = unknown and ("The server answered %s with 501: it does not know the method that the client asked by."):format(
            say.of(failed.count, http.answers, "request"))
          or sentence:format(say.of(failed.count, http.answers, "request"), say.list(codes)) .. pace(failed, http.fine),
        evidence = {
          counts = { failures = failed.count, answers = http.answers, median_ms = failed.answer_ms.median,
            longest_ms = failed.answer_ms.max },
          frames = failed.frames,
          display_filter = ("%s && http.response.code >= %s && http.response.code <= %s"):format(
            case.filter.server_to_client, codes[1], codes[#codes]),
        },
        settle = kind == "gateway" and "the log of the server or proxy: what it had asked, and what came of it"
          or "the server's log at the time of these answers",
      }
    end,
  }
end

rules[#rules + 1] = errors_rule("http_errors", "failed", "the server answers requests with a server error (5xx)",
  function(code) return not is_gateway(code) end,
  "The server answered %s with a server error (%s).")
rules[#rules + 1] = errors_rule("http_gateway_errors", "gateway",
  "a proxy, or a server that is not ready, answers 502, 503 or 504", is_gateway,
  "The server answered %s with %s: it is a proxy and what lies behind it failed, or it was not ready itself.")

rules[#rules + 1] = {
  id = "http_unanswered",
  about = "a request of HTTP is acknowledged and not answered",
  needs = { "acks" },
  check = function(case)
    local http = case.result.http
    local silent = http and http.unanswered
    -- a request that stands in the file behind its acknowledgement may stand behind its answer, too
    local behind = case.quality.order_wrong.client or 0
    if not silent or behind >= silent.count then
      return
    end
    local how = (", for %s at most"):format(say.ms(silent.longest_ms))
    if silent.server_ended == silent.count then
      how = (": the server ended %s instead"):format(silent.count == 1 and "it" or "them")
    elseif silent.client_ended > 0 then
      how = (", for %s at most: the client ended %s"):format(say.ms(silent.longest_ms),
        silent.count == 1 and "it" or ("%.0f of them"):format(silent.client_ended))
    end
    -- what of the server is not in the capture may be the answer
    local unseen = case.c2s.odd_segments.unseen_bytes > 0
    -- who tries what a port might speak is owed nothing
    local scanned = shapes.is_scanned(case)
    local plain = silent.server_ended > 0 and not unseen and not scanned and behind == 0
    return {
      -- whose fault a silence is, or a reset, other rules say: this one says what was asked; who closes instead is named here only
      severity = plain and "warning" or "info",
      weight = plain and 50 or 5,
      side = "server",
      confidence = silent.count > 1 and not unseen and not scanned and behind == 0 and "medium" or "low",
      text = ("On %s the last HTTP request was acknowledged and not answered%s."):format(
        say.count(silent.count, "connection"), how),
      evidence = {
        counts = { connections = silent.count, requests = http.requests, longest_ms = silent.longest_ms,
          ended_by_server = silent.server_ended, ended_by_client = silent.client_ended },
        frames = silent.frames,
        display_filter = case.filter.client_to_server .. " && http.request",
      },
      settle = "the server's log of these requests: did it begin them, and what does it wait for",
    }
  end,
}

-- Messages that end before the length that their head told: what came of them its receiver cannot use, or takes for the whole.
local CUT = {
  { id = "answer_cut_short", side = "server", key = "answers_cut_short", of = "answers", what = "answer",
    about = "the server closes in the middle of an answer: less came than its head said",
    why = "its process has failed, or what it passes on ended too early",
    settle = "the server's log of these answers; where it is a proxy, also that of what lies behind it" },
  { id = "request_cut_short", side = "client", key = "requests_cut_short", of = "requests", what = "request",
    about = "the client closes in the middle of a request: less came than its head said",
    why = "its process has failed, or its user has given up",
    settle = "the client's own log: why did it end there" },
}

for _, cut in ipairs(CUT) do
  rules[#rules + 1] = {
    id = cut.id,
    about = cut.about,
    needs = { "lengths" },
    check = function(case)
      local http = case.result.http
      local short = http and http[cut.key]
      if not short then
        return
      end
      -- of resets amid data other rules speak; where all that had come was acknowledged, the length alone tells
      local done = cut.side == "server" and outcomes.sum(case, { "reset_done" }, "server")
      local by_reset = done and math.min(short.reset, done.connections) or 0
      local count = short.closed + by_reset
      if count == 0 then
        return
      end
      return {
        severity = "warning",
        weight = 61,
        side = cut.side,
        confidence = "medium",
        text = ("The %s %s in the middle of %s: %s or more of what the head of the message had announced never came. Either %s."):format(
          cut.side, by_reset == 0 and "closed" or short.closed == 0 and "reset the connection" or "closed, or reset the connection,",
          say.of(count, http[cut.of], cut.what), say.count(short.missing_bytes, "byte"), cut.why),
        evidence = {
          counts = { connections = count, [cut.of] = http[cut.of], missing_bytes = short.missing_bytes },
          frames = short.frames,
          display_filter = say.frames_filter(short.frames), -- Wireshark shows no message that is not whole
        },
        settle = cut.settle,
      }
    end,
  }
end

-- How those ended: the client gave up, the capture ended.
local function ends_of(stalled)
  local open = stalled.not_ended
  return open == 0 and ", and gave up" or open == stalled.count and ", and was waiting when the capture ended"
    or ", and gave up or was waiting when the capture ended"
end

-- Where the client has room, and nothing is outstanding, nobody but the server keeps the rest back (RFC 9293, 3.8.6).
rules[#rules + 1] = {
  id = "answer_stalled",
  about = "the server stops in the middle of an answer, until the client gives up or the capture ends",
  needs = { "acks", "lengths" },
  check = function(case)
    local http = case.result.http
    local stalled = http and http.answers_stalled
    -- of several files one is damaged: what is missing there may be the rest of the answer
    local is_torn = case.capture.truncated and (case.capture.inputs or 1) > 1
    if not stalled or is_torn and stalled.not_ended > 0 then
      return
    end
    return {
      severity = "warning",
      weight = 62,
      side = "server",
      confidence = "medium",
      text = ("The server stopped in the middle of %s: the client had acknowledged %s of the %s that %s told, had room for more, heard nothing for %s%s."):format(
        say.of(stalled.count, http.answers, "answer"), say.bytes(stalled.taken_bytes), say.bytes(stalled.whole_bytes),
        stalled.count == 1 and "its head had" or "their heads had",
        (stalled.count > 1 and "up to " or "") .. say.ms(stalled.longest_ms), ends_of(stalled)),
      evidence = {
        counts = { connections = stalled.count, answers = http.answers, taken_bytes = stalled.taken_bytes,
          whole_bytes = stalled.whole_bytes, longest_ms = stalled.longest_ms, not_ended = stalled.not_ended },
        counter_evidence = case.vantage.place ~= "server"
          and { "where the way fails for that long, the server's packets are missing as well" } or nil,
        frames = stalled.frames,
        display_filter = say.frames_filter(stalled.frames), -- Wireshark shows no message that is not whole
      },
      settle = "the server's log of these answers: what did it wait for; where it is a proxy, that of what lies behind it",
    }
  end,
}

-- One that errs among many that do not is its own affair: a scan, an old link.
local FEW = 0.1

local function weighed(case, count)
  return count < FEW * case.sums.with_data and "info" or "warning"
end

rules[#rules + 1] = {
  id = "tls_to_plain_port",
  about = "the client speaks TLS to a server that does not: wrong port, or TLS is not switched on",
  check = function(case)
    local tls = case.result.tls
    local other = tls and tls.not_spoken
    if not other then
      return
    end
    local what = ""
    if other.http > 0 then
      what = other.http == other.count and ", but HTTP in plain text" or (", but HTTP in plain text on %.0f of them"):format(other.http)
    end
    return {
      severity = weighed(case, other.count),
      weight = 67,
      side = "client",
      confidence = "medium",
      text = ("On %s the client began with TLS, and the server does not speak it there%s: the client has the wrong port, or TLS "
        .. "is not switched on at the server."):format(say.of(other.count, case.sums.with_data, "connection"), what),
      evidence = {
        counts = { connections = other.count, of = case.sums.with_data, answered_with_http = other.http },
        counter_evidence = tls.server_hellos > 0
          and { ("on %s the server does speak TLS there"):format(say.count(tls.server_hellos, "other connection")) } or nil,
        frames = other.frames,
        display_filter = say.frames_filter(other.frames),
      },
      settle = "the port in the client's configuration, and whether TLS is switched on there at the server",
    }
  end,
}

-- Ports that are registered for protocols inside of TLS (IANA): HTTPS, SMTP, LDAP, IMAP, POP3, AMQP, MQTT.
local OF_TLS = { [443] = true, [8443] = true, [465] = true, [636] = true, [993] = true, [995] = true, [5671] = true,
  [8883] = true }

-- No request has got an answer, the server has ended all of them, and the port is one of TLS.
local function is_hung_up_on(case)
  local http, tls = case.result.http, case.result.tls
  local silent = http and http.unanswered
  if not silent or http.answers > 0 or silent.server_ended < silent.count then
    return false
  end
  return OF_TLS[case.result.server_port or 0] or tls and tls.server_hellos > 0
end

rules[#rules + 1] = {
  id = "plain_to_tls_port",
  about = "the client speaks plain HTTP to a server that wants TLS there",
  check = function(case)
    local http = case.result.http
    local tls = http and http.to_tls
    local hung_up = not tls and is_hung_up_on(case)
    if not tls and not hung_up then
      return
    end
    local count = tls and tls.alerts + tls.told or http.unanswered.count
    local how = "and the server ended them without an answer, on a port of TLS"
    if tls then
      how = tls.told == 0 and "and the server answered with an alert of TLS"
        or tls.alerts == 0 and "and the server answered with 400, and says that it wants TLS"
        or "and the server answered with an alert of TLS, or with 400, and says that it wants TLS"
    end
    return {
      severity = weighed(case, count),
      weight = tls and 67 or 51,
      side = "client",
      confidence = tls and "medium" or "low",
      text = ("On %s the client began with plain HTTP, %s."):format(say.of(count, case.sums.with_data, "connection"), how),
      evidence = {
        counts = { connections = count, of = case.sums.with_data, answered_with_alerts = tls and tls.alerts or 0,
          told = tls and tls.told or 0 },
        counter_evidence = hung_up and { "a server of plain HTTP that has failed, or denies the client, looks the same" } or nil,
        frames = tls and tls.frames or http.unanswered.frames,
        display_filter = say.frames_filter(tls and tls.frames or http.unanswered.frames),
      },
      settle = "the scheme and the port in the client's configuration: https, or another port",
    }
  end,
}

return rules
