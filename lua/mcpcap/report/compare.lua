--- What a report of a comparison says, before any format.
-- @module mcpcap.report.compare

local fields = require "mcpcap.report.fields"
local evidence_words = require "mcpcap.report.evidence"
local findings = require "mcpcap.report.findings"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of

local TONES = { error = "bad", warning = "warning" }
local DIRECTIONS = {
  { "client_to_server", "from the clients" }, { "server_to_client", "from the server" },
}

-- Names of a table in order.
local function keys_of(t)
  local list = {}
  for key in pairs(t) do
    list[#list + 1] = tostring(key)
  end
  table.sort(list)
  return list
end

-- "A: 6, 9; B: 7" of lists by point.
local function by_point(t, show)
  local parts = {}
  for _, name in ipairs(keys_of(t)) do
    local value = t[name]
    if type(value) == "table" then
      local list = {}
      for i, item in ipairs(value) do
        list[i] = ("%.0f"):format(tonumber(item) or 0)
      end
      value = table.concat(list, ", ")
    elseif show then
      value = show(value)
    end
    parts[#parts + 1] = name .. ": " .. tostring(value)
  end
  return #parts > 0 and table.concat(parts, "; ") or nil
end

local function said_text(item)
  local parts = {}
  for _, said in ipairs(table_of(item, "single")) do
    local words = text(said, "text")
    if words then
      parts[#parts + 1] = ("%s alone said: %s"):format(text(said, "point") or "one", words)
    end
  end
  local changes = text(item, "changes")
  if #parts > 0 and changes then
    parts[#parts + 1] = "Now: " .. changes .. "."
  end
  return #parts > 0 and table.concat(parts, " ") or nil
end

local function finding(item)
  local evidence = table_of(item, "evidence")
  return {
    id = text(item, "id"), severity = text(item, "severity") or "notice", tone = TONES[item.severity] or "notice",
    side = text(item, "side"), confidence = text(item, "confidence"), text = text(item, "text") or "finding",
    facts = evidence_words.facts(table_of(evidence, "counts"), "compared_counts"),
    against = said_text(item), settle = text(item, "settle"),
    frames = by_point(table_of(evidence, "frames")), filter = by_point(table_of(evidence, "display_filters")),
  }
end

local function findings_section(result)
  local items = {}
  for _, item in ipairs(table_of(table_of(result, "analysis"), "findings")) do
    items[#items + 1] = finding(item)
  end
  return { id = "findings", title = "Findings", kind = "findings", items = items,
    empty = result.status == "ok" and "Nothing that came by at one point is missing at the other."
      or "There is nothing to compare." }
end

local function points_section(result)
  local rows, compared = {}, result.status == "ok"
  local order = table_of(table_of(result, "stretches")[1] or result, "order_by")
  for _, point in ipairs(table_of(result, "points")) do
    local clock = table_of(point, "clock")
    local offset = number(clock, "offset_ms")
    rows[#rows + 1] = {
      text(point, "name"), compared and text(point, "place") or "", text(point, "file"),
      units.count(number(point, "packets") or 0), units.count(number(point, "connections") or 0),
      compared and offset and ("%+.3f ms \194\177 %.3f"):format(offset, number(clock, "uncertainty_ms") or 0) or "",
      compared and number(clock, "drift_ppm") and ("%+.1f ppm"):format(clock.drift_ppm) or "",
    }
  end
  local title = not compared and "Points" or #order > 0 and "Points, from the client on" or "Points, as they were given"
  return { id = "points", title = title, kind = "table", rows = rows, columns = {
    { "point" }, { "place" }, { "capture", flexible = true }, { "packets", right = true },
    { "connections", right = true }, { "clock", right = true }, { "drift", right = true },
  } }
end

local SUMS = {
  { "segments seen at both", "segments_seen_at_both" }, { "lost between", "lost_between" },
  { "  bytes", "lost_bytes" }, { "made between", "injected_between" }, { "doubled between", "duplicated_between" },
  { "overtaken between", "reordered_between" }, { "missed by a capture", "missed_by_capture" },
  { "undecided", "undecided" }, { "outside of the other capture", "outside_capture" },
}

local function total(value)
  if type(value) ~= "table" then
    return value or 0
  end
  local sum = 0
  for _, n in pairs(value) do
    sum = sum + (type(n) == "number" and n or 0)
  end
  return sum
end

local function sums_section(stretch, names)
  local rows = {}
  for _, row in ipairs(SUMS) do
    local cells = { row[1] }
    for i, dir in ipairs(DIRECTIONS) do
      cells[i + 1] = units.count(total(table_of(stretch, dir[1])[row[2]]))
    end
    rows[#rows + 1] = cells
  end
  local changes = {}
  for _, dir in ipairs(DIRECTIONS) do
    for what in pairs(table_of(table_of(stretch, dir[1]), "changed")) do
      changes[what] = true
    end
  end
  for _, what in ipairs(keys_of(changes)) do
    local cells = { "changed: " .. units.words(what) }
    for i, dir in ipairs(DIRECTIONS) do
      local change = table_of(table_of(table_of(stretch, dir[1]), "changed"), what)
      cells[i + 1] = units.count(number(change, "packets") or 0)
    end
    rows[#rows + 1] = cells
  end
  for _, which in ipairs { "median", "p95", "max" } do
    local cells, any = { "delay above the smallest, " .. which }, false
    for i, dir in ipairs(DIRECTIONS) do
      local ms = number(table_of(table_of(stretch, dir[1]), "delay_ms"), which)
      any = any or ms ~= nil
      cells[i + 1] = ms and ("%.3f ms"):format(ms) or ""
    end
    if any then
      rows[#rows + 1] = cells
    end
  end
  return { id = "between", title = ("Between %s and %s"):format(names[1], names[2]), kind = "table", rows = rows,
    columns = { { "segments" }, { "from the clients", right = true }, { "from the server", right = true } } }
end

local function facts_section(stretch, names)
  local c, items = table_of(stretch, "connections"), {}
  local function add(name, value)
    items[#items + 1] = { name, value }
  end
  add("connections at both", units.count(number(c, "paired") or 0))
  for _, key in ipairs { "translated", "sequence_shift", "proxied", "syn_answered_between", "rebound", "ambiguous",
    "segments_given_up" } do
    if (number(c, key) or 0) > 0 then
      add(units.words(key), units.count(c[key]))
    end
  end
  for _, why in ipairs(keys_of(table_of(c, "unpaired"))) do
    add("at one point only, " .. units.words(why), by_point(c.unpaired[why], units.count))
  end
  local way = number(stretch, "round_trip_ms")
  if way then
    add("the way there and back", ("%.3f ms"):format(way))
  end
  local order = table_of(stretch, "order_by")
  add("order of the points", #order > 0 and "by " .. table.concat(order, " and ")
    or "as they were given: nothing tells it")
  local answers = table_of(stretch, "answers")
  local near, far, mid = table_of(answers, "near_ms"), table_of(answers, "far_ms"), table_of(answers, "between_ms")
  if (number(near, "count") or 0) > 0 and number(far, "median") and number(mid, "median") then
    add(("waits for %s"):format(near.count == 1 and "an answer" or units.count(near.count) .. " answers"),
      ("median %.3f ms at %s, of which %.3f ms behind %s and %.3f ms between"):format(near.median, names[1], far.median,
        names[2], mid.median))
  end
  return { id = "connections", title = ("Connections at %s and %s"):format(names[1], names[2]), kind = "facts",
    items = items }
end

local function pairs_section(stretch, names)
  local rows = {}
  for _, pair in ipairs(table_of(stretch, "pairs")) do
    local clients, first = table_of(pair, "clients"), table_of(pair, "first_frames")
    local lost, made = 0, 0
    for _, dir in ipairs(DIRECTIONS) do
      local d = table_of(pair, dir[1])
      lost = lost + (number(d, "lost_between") or 0)
      made = made + (number(d, "injected_between") or 0)
    end
    local a, b = text(clients, names[1]) or "", text(clients, names[2]) or ""
    rows[#rows + 1] = {
      a == b and a or a .. " / " .. b, by_point(first, units.count) or "", units.count(lost), units.count(made),
      units.count(total(table_of(pair, "client_to_server").segments_seen_at_both)
        + total(table_of(pair, "server_to_client").segments_seen_at_both)),
    }
  end
  local title = ("Connections that tell most at %s and %s"):format(names[1], names[2])
  return { id = "pairs", title = title, kind = "table", rows = rows, columns = {
    { "client" }, { "first frame" }, { "lost", right = true }, { "made", right = true }, { "at both", right = true },
  } }
end

-- Drawn in HTML, a table elsewhere.
local function ladder_section(stretch, ends)
  local ladder, rows = table_of(stretch, "ladder"), {}
  local names = { tostring(ends[1]), tostring(ends[2]) }
  for i, step in ipairs(table_of(ladder, "steps")) do
    rows[i] = { text(step, "from"), text(step, "label"), text(step, "fate") }
    for k, name in ipairs(names) do
      local ms = number(table_of(step, "at_ms"), name)
      rows[i][3 + k] = ms and ("%.3f ms"):format(ms) or ""
    end
  end
  return #rows > 0 and {
    id = "ladder", title = ("One connection between %s and %s"):format(names[1], names[2]),
    kind = "ladder", names = names,
    clients = table_of(ladder, "clients"), steps = ladder.steps, rows = rows,
    columns = { { "from" }, { "segment" }, { "seen at" }, { names[1], right = true }, { names[2], right = true } },
  } or nil
end

-- "A=a.pcap (client), B=b.pcap (server)"
local function points_text(result)
  local parts = {}
  for i, point in ipairs(table_of(result, "points")) do
    local place = result.status == "ok" and text(point, "place")
    parts[i] = ("%s=%s%s"):format(text(point, "name") or "?", text(point, "file") or "?",
      place and place ~= "unknown" and " (" .. place .. ")" or "")
  end
  return table.concat(parts, ", ")
end

local function tone_of(result)
  local tone = "good"
  for _, item in ipairs(table_of(table_of(result, "analysis"), "findings")) do
    if item.severity == "error" then
      return "bad"
    elseif item.severity == "warning" then
      tone = "warning"
    elseif tone == "good" then
      tone = "notice"
    end
  end
  return result.status == "ok" and tone or "warning"
end

--- Builds the outline of a comparison, as `mcpcap.report.outline` does of a result.
-- @tparam table result of `mcpcap.compare`
-- @tparam function partial sentences about what a result does not cover
-- @treturn table outline
return function(result, partial)
  local sections = { findings_section(result), points_section(result) }
  if result.status == "ok" or result.status == "not_paired" then
    for i, stretch in ipairs(result.stretches or { result }) do
      local ends, from = table_of(stretch, "between"), #sections + 1
      sections[from] = ladder_section(stretch, ends)
      sections[#sections + 1] = sums_section(stretch, ends)
      sections[#sections + 1] = facts_section(stretch, ends)
      if #table_of(stretch, "pairs") > 0 then
        sections[#sections + 1] = pairs_section(stretch, ends)
      end
      for k = from, i > 1 and #sections or 0 do            -- each has a name of its own in a page
        sections[k].id = sections[k].id .. "-" .. i
      end
    end
  end
  return {
    title = ("Captures of %s points compared: %s"):format(#table_of(result, "points"), text(result, "server") or "?"),
    subtitle = points_text(result), whose = findings.whose(result), tone = tone_of(result),
    verdict = { text(table_of(result, "analysis"), "interpretation") or "" },
    warnings = partial(result), sections = sections,
  }
end
