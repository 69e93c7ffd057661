--- Opinions on two captures compared: what lies between the points, and what it settles.
--
-- A finding is as in `mcpcap.findings`, with `between = { "A", "B" }`; its evidence has frames and display
-- filters of each capture, and `single` says what a capture alone had said of the same.
-- @module mcpcap.compare.findings

local captures = require "mcpcap.compare.captures"
local phrases = require "mcpcap.phrases"

local compared = {}

local ENDS = { client_to_server = { "the clients", "the server" }, server_to_client = { "the server", "the clients" } }
local SHORT = { client_to_server = "to_server", server_to_client = "to_client" }
local DIRECTIONS = { "client_to_server", "server_to_client" }

local SEVERITIES = { error = 3, warning = 2, info = 1 }
local CONFIDENCES = { high = 3, medium = 2, low = 1 }

--- Findings of one capture that are of the same matter; "%s" stands for the direction.
compared.single = {
  loss = { "loss_%s", "capture_gaps" },
  lost_syns = { "unanswered", "syn_retries" },
  unanswered = { "unanswered" },
  resets = { "reset_not_by_endpoint", "reset_mid_data", "reset_idle", "reset_after_answer", "reset_half_closed" },
  options = { "options_not_agreed" },
  order = { "reordering_%s" },
  copies = { "duplicated_%s", "capture_mirrored" },
  answers = { "slow_server" },
  rebound = { "idle_connection_dropped", "idle_connection_forgotten", "reset_unknown_connection", "reset_stray" },
  answered = { "syn_acks_differ", "window_shut_at_start" },
  missed = { "capture_gaps", "capture_drops" },
}

-- What the captures alone said of a matter.
local function said(points, matter, dir)
  local out = {}
  for _, point in ipairs(points) do
    for _, finding in ipairs(point.findings or {}) do
      for _, id in ipairs(compared.single[matter] or {}) do
        id = id:format(SHORT[dir])
        if finding.id == id then
          out[#out + 1] = { point = point.name, id = id, side = finding.side, text = finding.text }
        end
      end
    end
  end
  return out
end

local function filters_of(frames)
  local out = {}
  for name, list in pairs(frames or {}) do
    out[name] = phrases.frames_filter(list)
  end
  return out
end

-- The case of one stretch: both points, the numbers, and where findings are collected.
local case = {}
case.__index = case

function case:add(id, severity, side, confidence, text, o)
  o = o or {}
  local finding = {
    id = id, severity = severity, side = side, confidence = confidence, text = text,
    between = { self.names[1], self.names[2] },
    evidence = {
      counts = o.counts or {}, frames = o.frames or {},
      display_filters = filters_of(o.frames),
    },
    single = said(self.points, o.single, o.dir), changes = o.changes, settle = o.settle,
  }
  self.found[#self.found + 1] = finding
end

local function between(self)
  return ("between %s and %s"):format(self.names[1], self.names[2])
end

-- The points that a direction passes first and last.
local function way(self, dir)
  if dir == "client_to_server" then
    return self.names[1], self.names[2], 1, 2
  end
  return self.names[2], self.names[1], 2, 1
end

-- ---------------------------------------------------------------------- loss

local function lost(self, dir)
  local d = self.stretch[dir]
  local kinds = d.lost_kinds
  local n = d.lost_between - kinds.syn
  if n <= 0 then
    return
  end
  local first, last = way(self, dir)
  local all = n + d.segments_seen_at_both
  local severe = kinds.data > 0 and n / all >= 0.001
  self:add("lost_between_" .. SHORT[dir], severe and "error" or "warning", "network", "high",
    ("%s from %s to %s passed %s and never came to %s: %s lost %s."):format(
      phrases.of_capital(n, all, "segment"), ENDS[dir][1], ENDS[dir][2], first, last,
      n == 1 and "it was" or "they were", between(self)), {
      counts = {
        lost_between = d.lost_between, lost_bytes = d.lost_bytes, segments_seen_at_both = d.segments_seen_at_both,
      },
      frames = d.frames.lost_between, single = "loss", dir = dir,
      changes = ("the loss lies %s, and not beyond these points"):format(between(self)),
    })
end

-- Loss that the captures see and that does not lie between them.
local function lost_elsewhere(self, dir)
  local d = self.stretch[dir]
  local outer = dir == "client_to_server" and { self.first, self.last } or { self.last, self.first }
  local first, last, i, k = way(self, dir)
  local before = self.singles[i][dir].resent_causes.lost_before
  -- what was made or doubled between looks, to the capture behind it, like a repetition
  local behind = self.singles[k][dir].resent_causes.lost_behind - d.injected_kinds.data - d.duplicated_between
  local suffix = d.lost_between == 0 and (", and none %s"):format(between(self)) or ""
  -- what a capture missed looks, to that capture alone, like a loss before it
  if outer[1] and before > 0 and d.missed_by_capture[first] == 0 then
    self:add("lost_before_" .. SHORT[dir], "error", "network", "high",
      ("%s from %s had to be sent again because the first copy never came to %s%s: the loss lies between %s and %s.")
      :format(phrases.count(before, "data segment"), ENDS[dir][1], first, suffix, ENDS[dir][1], first), {
        counts = { resent_lost_before = before, lost_between = d.lost_between }, single = "loss", dir = dir,
      })
  end
  if outer[2] and behind > 0 then
    self:add("lost_behind_" .. SHORT[dir], "error", "network", "high",
      ("%s from %s passed %s and %s lost behind it%s: the loss lies between %s and %s."):format(
        phrases.count(behind, "data segment"), ENDS[dir][1], last, phrases.was(behind), suffix, last, ENDS[dir][2]), {
        counts = { resent_lost_behind = behind, lost_between = d.lost_between }, single = "loss", dir = dir,
      })
  end
end

local function lost_syns(self)
  local d = self.stretch.client_to_server
  local n = d.lost_kinds.syn
  if n == 0 then
    return
  end
  local unanswered = self.stretch.connections.unpaired.unanswered
  local never = unanswered and unanswered[self.names[1]] or 0
  local text = ("%s of clients passed %s and never came to %s"):format(
    phrases.count(n, "SYN"), self.names[1], self.names[2])
  if never > 0 then
    text = ("%s; %s did not open for that."):format(text, phrases.count(never, "connection"))
  else
    text = text .. "."
  end
  self:add("syns_lost_between", "error", "network", "high", text, {
    counts = { lost_between = n, connections = never }, frames = d.frames.lost_between,
    single = "lost_syns",
    changes = ("the server never saw them: the cause lies %s"):format(between(self)),
  })
end

-- SYNs that arrive, and are not answered.
local function unanswered_behind(self)
  local far = self.singles[2].analysis.handshakes
  local n = far and far.unanswered and far.unanswered.client or 0
  if n == 0 or self.stretch.client_to_server.lost_kinds.syn > 0 then
    return
  end
  self:add("syns_arrive_unanswered", "error", "server", "high",
    ("The SYNs of %s come to %s and are not answered there: the server, or what lies between it and %s, drops them.")
    :format(phrases.count(n, "connection"), self.names[2], self.names[2]), {
      counts = { connections = n }, changes = ("nothing %s takes them"):format(between(self)),
      single = "unanswered",
    })
end

-- ------------------------------------------------------------ made and changed

local function injected(self, dir)
  local d = self.stretch[dir]
  local n, resets = d.injected_between, d.injected_kinds.rst
  if n == 0 then
    return
  end
  local first, last = way(self, dir)
  if resets > 0 then
    self:add("reset_injected_" .. SHORT[dir], "error", "network", "high",
      ("%s in the name of %s came to %s and had never passed %s: %s made %s."):format(
        phrases.count(resets, "reset"), ENDS[dir][1], last, first, resets == 1 and "it was" or "they were",
        between(self)), {
        counts = { injected_between = resets }, frames = d.frames.injected_between,
        single = "resets",
        changes = ("%s sent no such reset"):format(ENDS[dir][1]),
      })
  end
  if n > resets then
    local data = d.injected_kinds.data
    self:add("segments_injected_" .. SHORT[dir], data > 0 and "error" or "warning", "network",
      data > 0 and "high" or "medium",
      ("%s in the name of %s came to %s and had never passed %s: %s made %s."):format(
        phrases.count(n - resets, "segment"), ENDS[dir][1], last, first, n - resets == 1 and "it was" or "they were",
        between(self)), {
        counts = { injected_between = n - resets }, frames = d.frames.injected_between,
      })
  end
end

local OPTIONS = {
  { "window_scale", "error", "the window scale option" }, { "sack_permitted", "warning", "SACK permitted" },
  { "timestamps", "warning", "the timestamps" },
}

local function changed(self, dir)
  local d = self.stretch[dir]
  for _, option in ipairs(OPTIONS) do
    local change = d.changed[option[1]]
    if change then
      self:add(option[1] .. "_changed_" .. SHORT[dir], option[2], "network", "high",
        ("%s of %s %s changed %s, on %s."):format((option[3]:gsub("^%l", string.upper)), ENDS[dir][1],
          option[1] == "timestamps" and "are" or "is", between(self),
          phrases.count(change.connections, "connection")), {
          counts = { packets = change.packets, connections = change.connections }, frames = change.frames,
          single = option[1] ~= "timestamps" and "options" or nil,
          changes = "not an end, but something on the way does it",
        })
    end
  end
  local mss = d.changed.mss
  if mss then
    local to = mss.before and mss.behind and (" from %.0f to %.0f"):format(mss.before, mss.behind) or ""
    self:add("mss_changed_" .. SHORT[dir], "info", "network", "high",
      ("The MSS that %s is changed%s %s, on %s."):format(
        ENDS[dir][1] .. (dir == "client_to_server" and " offer" or " offers"), to, between(self),
        phrases.count(mss.connections, "connection")), {
        counts = { packets = mss.packets, connections = mss.connections }, frames = mss.frames,
      })
  end
  if d.changed.payload and captures.is_garbled(self, d.changed.payload) then
    d.changed.payload = nil
  end
  for what, words in pairs {
    payload = { "error", "The payload of %s from %s is changed %s." },
    checksum = { "warning", "The checksums of %s from %s are wrong at one point only, %s." },
  } do
    local change = d.changed[what]
    if change then
      self:add(what .. "_changed_" .. SHORT[dir], words[1], "network", "high",
        words[2]:format(phrases.count(change.packets, "segment"), ENDS[dir][1], between(self)), {
          counts = { packets = change.packets, connections = change.connections }, frames = change.frames,
        })
    end
  end
end

-- -------------------------------------------------------------- order and time

local function order(self, dir)
  local d = self.stretch[dir]
  local all = d.segments_seen_at_both
  if d.reordered_between > 0 then
    local severity = d.reordered_between / all >= 0.01 and "warning" or "info"
    self:add("reordered_between_" .. SHORT[dir], severity, "network", "high",
      ("%s from %s %s overtaken %s."):format(phrases.count(d.reordered_between, "segment"), ENDS[dir][1],
        phrases.was(d.reordered_between), between(self)), {
        counts = { reordered_between = d.reordered_between, segments_seen_at_both = all },
        frames = d.frames.reordered_between, single = "order", dir = dir,
      })
  end
  if d.duplicated_between > 0 then
    self:add("duplicated_between_" .. SHORT[dir], "warning", "network", "high",
      ("%s from %s came once to %s and twice to %s: something %s doubles packets, or the capture there does."):format(
        phrases.count(d.duplicated_between, "segment"), ENDS[dir][1], (way(self, dir)), (select(2, way(self, dir))),
        between(self)), {
        counts = { duplicated_between = d.duplicated_between }, frames = d.frames.duplicated_between,
        single = "copies", dir = dir,
      })
  end
end

local QUEUE_MS = 20      -- what a delay must vary by before it matters to a person or a timer

local function queueing(self, dir)
  local delay = self.stretch[dir].delay_ms
  local answered = self.stretch.connections.syn_answered_between
  -- the SYN and the last step of a handshake that something between the points makes wait for that
  if dir == "client_to_server" and answered > 0 and 2 * answered >= 0.05 * delay.count then
    return
  end
  if not delay.p95 or delay.count < 20 or delay.p95 < QUEUE_MS then
    return
  end
  self:add("delay_varies_" .. SHORT[dir], "warning", "network", "high",
    ("Segments from %s take up to %s longer %s than the quickest one, half of them %s or more: packets queue there.")
    :format(ENDS[dir][1], phrases.ms(delay.max), between(self), phrases.ms(delay.median)), {
      counts = { delay_median_ms = delay.median, delay_p95_ms = delay.p95, delay_max_ms = delay.max },
    })
end

local SLOW_MS = 200      -- an answer that a person waits for

local function answers(self)
  local a = self.stretch.answers
  local near, far, mid = a.near_ms, a.far_ms, a.between_ms
  if near.count == 0 or (near.p95 or 0) < SLOW_MS then
    return
  end
  local counts = {
    answers = near.count, near_median_ms = near.median, far_median_ms = far.median, between_median_ms = mid.median,
  }
  if far.p95 >= near.p95 / 2 then
    self:add("answers_wait_behind", "warning", "server", "high",
      ("The slow answers take their time behind %s: of %s (95th percentile, at %s) %s pass until %s sees the answer.")
      :format(self.names[2], phrases.ms(near.p95), self.names[1], phrases.ms(far.p95), self.names[2]), {
        counts = counts, single = "answers", changes = ("the way %s is not what takes the time"):format(between(self)),
      })
  else
    self:add("answers_wait_between", "warning", "network", "high",
      ("The slow answers take their time %s: of %s (95th percentile, at %s) only %s pass behind %s."):format(
        between(self), phrases.ms(near.p95), self.names[1], phrases.ms(far.p95), self.names[2]), {
        counts = counts, single = "answers", changes = "the server answers in time",
      })
  end
end

-- -------------------------------------------------------------- the captures

local function missed(self)
  for _, name in ipairs(self.names) do
    local n, frames, undecided = 0, {}, 0
    for _, dir in ipairs(DIRECTIONS) do
      local d = self.stretch[dir]
      n = n + d.missed_by_capture[name]
      undecided = undecided + d.undecided
      for point, list in pairs(d.frames.missed_by_capture or {}) do
        if point ~= name then
          frames[point] = frames[point] or list
        end
      end
    end
    if n > 0 then
      local text = ("The capture at %s missed %s that passed there."):format(name, phrases.count(n, "segment"))
      if undecided > 0 then
        text = text .. (" Of %s more nothing tells whether it was lost or missed."):format(
          phrases.count(undecided, "segment"))
      end
      self:add("missed_by_capture", "warning", "capture", "high", text, {
        counts = { missed_by_capture = n, undecided = undecided }, frames = frames,
        single = "missed",
        changes = "these are no losses", settle = "a capture with a larger buffer, or on a machine of its own",
      })
    end
  end
end

-- Acknowledgements and the like, which leave no trace where they vanish.
local function undecided(self)
  local n, missed_any = 0, false
  for _, dir in ipairs(DIRECTIONS) do
    local d = self.stretch[dir]
    n = n + d.undecided
    for _, name in ipairs(self.names) do
      missed_any = missed_any or d.missed_by_capture[name] > 0
    end
  end
  if n > 0 and not missed_any then
    self:add("seen_at_one_point", "info", "capture", "high",
      ("%s %s seen at one point only, and nothing tells whether the way lost or a capture missed %s."):format(
        phrases.count(n, "segment"), phrases.was(n), n == 1 and "it" or "them"), {
        counts = { undecided = n }, settle = "what the capturing programs say of packets dropped",
      })
  end
end

-- Connections that only one point has, though the other capture covers their time.
local function without_partner(self)
  local c, out = self.stretch.connections.unpaired.no_partner or {}, {}
  for _, name in ipairs(self.names) do
    if (c[name] or 0) > 0 then
      out[#out + 1] = ("%s of %s"):format(phrases.count(c[name], "connection"), name)
    end
  end
  return out, (c[self.names[1]] or 0) + (c[self.names[2]] or 0)
end

local function nature(self)
  local c = self.stretch.connections
  local alone, count = without_partner(self)
  local noun = (count > 0 or c.ambiguous > 0) and "paired connection" or "connection"
  if c.proxied > 0 then
    self:add("proxy_between", "info", "network", "high",
      ("A proxy %s ends TCP: %s %s the same data under other numbers, so the segments cannot be compared."):format(
        between(self), phrases.count(c.proxied, "connection"), c.proxied == 1 and "has" or "have"),
      { counts = { connections = c.proxied } })
  end
  if c.syn_answered_between > 0 then
    self:add("syn_proxy_between", "info", "network", "medium",
      ("Something %s answers SYNs for the server: of %s the SYN-ACK came to %s before the server had sent its own, "
        .. "under another number. What follows is passed on."):format(
        between(self), phrases.of(c.syn_answered_between, c.paired, noun), self.names[1]), {
        counts = { connections = c.syn_answered_between }, frames = c.frames and c.frames.syn_answered_between,
        single = "answered",
        changes = ("the handshake is that of what lies %s, and not the server's"):format(between(self)),
      })
  end
  if c.rebound > 0 then
    self:add("rebound_between", "warning", "network", "medium",
      ("Something %s forgot %s, after %s of silence at least, and went on with %s under another address or port of the "
        .. "client: behind it that is no connection that the other end knows."):format(between(self),
        phrases.of(c.rebound, c.paired, noun), phrases.ms(c.rebound_after_ms), c.rebound == 1 and "it" or "them"), {
        counts = { connections = c.rebound, silence_ms = c.rebound_after_ms }, frames = c.frames and c.frames.rebound,
        single = "rebound", changes = ("what lies %s ended them, and not an end"):format(between(self)),
        settle = "how long the translator there keeps an idle connection, and keep-alives that come sooner",
      })
  end
  if c.translated > 0 then
    self:add("addresses_translated", "info", "network", "high", ("Addresses or ports of %s are translated %s."):format(
      phrases.of(c.translated, c.paired, noun), between(self)), { counts = { connections = c.translated } })
  end
  if c.sequence_shift > 0 then
    self:add("numbers_shifted", "info", "network", "high", ("Sequence numbers of %s are rewritten %s."):format(
      phrases.of(c.sequence_shift, c.paired, noun), between(self)),
      { counts = { connections = c.sequence_shift } })
  end
  if count > 0 and c.paired > 0 then
    self:add("connections_unpaired", "info", "capture", "high",
      ("%s %s nothing like %s at the other point, so %s not compared."):format(phrases.list(alone),
        count == 1 and "has" or "have", count == 1 and "it" or "them", count == 1 and "it is" or "they are"),
      { counts = { connections = count },
        settle = "whether a translator between the points changes more than addresses, ports and numbers" })
  end
  if c.ambiguous > 0 then
    self:add("connections_ambiguous", "info", "capture", "high",
      ("%s could not be told apart and %s left out."):format(phrases.count(c.ambiguous, "connection"),
        phrases.was(c.ambiguous)), { counts = { connections = c.ambiguous },
        settle = "captures with more bytes of each packet, or of a time with fewer alike" })
  end
  if c.segments_given_up > 0 then
    self:add("too_many_waited", "warning", "capture", "high",
      ("%s without a partner %s given up because too many waited: what is said here leaves them out."):format(
        phrases.count(c.segments_given_up, "segment"), phrases.was(c.segments_given_up)),
      { counts = { packets = c.segments_given_up },
        settle = "a larger window, or captures that begin at the same time" })
  end
  if self.stretch.clock_steps > 0 then
    self:add("clock_stepped", "warning", "capture", "high",
      ("A clock of the two captures was set during the capture, %s; the largest step is %s."):format(
        phrases.times(self.stretch.clock_steps), phrases.ms(math.abs(self.stretch.clock_step_ms))),
      { counts = { steps = self.stretch.clock_steps } })
  end
end

-- --------------------------------------------------------------------- sums up

-- What a capture lacks comes behind what is said of the network.
local function is_of_capture(finding)
  return finding.side == "capture" and finding.severity ~= "error"
end

-- Of what only says what lies between, that which bears on all the rest.
local FIRST = { proxy_between = 2, syn_proxy_between = 1 }

local function by_weight(a, b)
  if is_of_capture(a) ~= is_of_capture(b) then
    return is_of_capture(b)
  end
  if a.severity == b.severity and (FIRST[a.id] or 0) ~= (FIRST[b.id] or 0) then
    return (FIRST[a.id] or 0) > (FIRST[b.id] or 0)
  elseif a.severity ~= b.severity then
    return SEVERITIES[a.severity] > SEVERITIES[b.severity]
  elseif a.confidence ~= b.confidence then
    return CONFIDENCES[a.confidence] > CONFIDENCES[b.confidence]
  elseif a.id ~= b.id then
    return a.id < b.id
  end
  return a.between[1] < b.between[1]
end

local function seen_at_both(stretches)
  local both = 0
  for _, stretch in ipairs(stretches) do
    both = both + stretch.client_to_server.segments_seen_at_both + stretch.server_to_client.segments_seen_at_both
  end
  return both
end

-- One point seen twice, or a capture and its copy.
local function is_same_point(stretches)
  return stretches[1].same_point and #stretches == 1
end

local function sound(result, stretches)
  local both = seen_at_both(stretches)
  local paired = stretches[1].connections.paired
  if is_same_point(stretches) then
    return ("Both captures show the same: %s of %s, and nothing is lost, made or changed between them."):format(
      phrases.count(both, "segment"), phrases.count(paired, "connection"))
  end
  local answered = 0
  for _, stretch in ipairs(stretches) do
    answered = answered + stretch.connections.syn_answered_between
  end
  return ("Nothing is lost%s or held up between %s and %s: %s of %s came by at both."):format(
    answered == 0 and ", made" or "", result.points[1].name, result.points[#result.points].name,
    phrases.count(both, "segment"), phrases.count(paired, "connection"))
end

local function interpretation(result, stretches, found)
  for i, point in ipairs(result.points) do
    local fault = point.status ~= "ok" and captures.fault(result.singles[i], point.file)
    if fault then
      return ("The capture %s %s, so there is nothing to compare."):format(tostring(point.file), fault)
    elseif point.status ~= "ok" then
      return ("The capture %s has no traffic of %s, so there is nothing to compare: none comes to that point, or the "
        .. "server's address is another one there, which can be said (option servers, --server).%s"):format(
        tostring(point.file), result.server, captures.likely(result.singles[i]))
    end
  end
  for i, stretch in ipairs(result.status == "not_paired" and stretches or {}) do
    if stretch.connections.paired == 0 then
      return captures.why_not_paired(stretch, { result.singles[i], result.singles[i + 1] },
        { result.points[i], result.points[i + 1] })
    end
  end
  local first, second = found[1], found[2]
  if first and seen_at_both(stretches) == 0 then      -- a proxy: nothing was compared that could be sound
    return first.text
  elseif not first or first.severity == "info" or first.side == "capture" or is_same_point(stretches) then
    return sound(result, stretches) .. (first and " " .. first.text or "")
  elseif second and second.severity ~= "info" then
    return first.text .. " " .. second.text
  end
  return first.text
end

--- Findings and a sentence.
-- @tparam table result of the comparison, with `points` and `singles`
-- @tparam table stretches what lies between each two neighbours
-- @treturn table `{ findings, interpretation }`
function compared.of(result, stretches)
  local found = {}
  if result.status == "ok" then
    for i, stretch in ipairs(stretches) do
      local self = setmetatable({
        stretch = stretch, names = stretch.between, found = found,
        first = i == 1, last = i == #stretches,
        points = { result.points[i], result.points[i + 1] }, singles = { result.singles[i], result.singles[i + 1] },
      }, case)
      for _, dir in ipairs(DIRECTIONS) do
        lost(self, dir)
        lost_elsewhere(self, dir)
        injected(self, dir)
        changed(self, dir)
        order(self, dir)
        queueing(self, dir)
      end
      lost_syns(self)
      unanswered_behind(self)
      answers(self)
      missed(self)
      undecided(self)
      nature(self)
      captures.one_direction(self)
    end
  end
  captures.incomplete(result.points, function(point, text)
    found[#found + 1] = {
      id = "capture_incomplete", severity = "warning", side = "capture", confidence = "high", text = text,
      between = { point.name, point.name }, evidence = { counts = {}, frames = {}, display_filters = {} }, single = {},
    }
  end)
  table.sort(found, by_weight)
  return { findings = found, interpretation = interpretation(result, stretches, found) }
end

return compared
