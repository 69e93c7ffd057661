--- Draws the ladder of a comparison as SVG: a lane for each point, each segment slanted by its delay.
-- @module mcpcap.report.ladder

local fields = require "mcpcap.report.fields"

local number, text, table_of = fields.number, fields.text, fields.table_of

local WIDTH, LEFT, RIGHT, TOP = 720, 150, 570, 34
local ROW = 22       -- at least so far apart, so that labels can be read
local MOST = 48

local FATES = {
  both = { "both", nil }, lost = { "lost", "lost" }, made = { "lost", "made here" },
  missed = { "soft", "not captured there" }, alone = { "soft", "at one point" },
}

-- Where times lie: in order, each row far enough from the one before; a long silence is not longer than three rows.
local function places(steps, names)
  local times, seen = {}, {}
  for _, step in ipairs(steps) do
    for _, name in ipairs(names) do
      local t = number(table_of(step, "at_ms"), name)
      if t and not seen[t] then
        seen[t] = true
        times[#times + 1] = t
      end
    end
  end
  table.sort(times)
  local at, y = {}, TOP + 16
  local total = #times > 1 and times[#times] - times[1] or 1
  local scale = ROW * #times / math.max(total, 1e-9)
  for i, t in ipairs(times) do
    if i > 1 then
      y = y + math.max(ROW * 0.55, math.min(3 * ROW, (t - times[i - 1]) * scale))
    end
    at[t] = y
  end
  return at, y
end

local function line(out, class, x1, y1, x2, y2)
  out[#out + 1] = ('<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>\n'):format(class, x1, y1, x2, y2)
end

local function words(out, class, x, y, anchor, value)
  out[#out + 1] = ('<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>\n'):format(class, x, y, anchor, value)
end

local function arrow(out, class, x, y, from_x, from_y)
  local dx, dy = x - from_x, y - from_y
  local length = math.sqrt(dx * dx + dy * dy)
  dx, dy = dx / length, dy / length
  out[#out + 1] = ('<polygon class="%s" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f"/>\n'):format(class, x, y,
    x - 8 * dx + 3 * dy, y - 8 * dy - 3 * dx, x - 8 * dx - 3 * dy, y - 8 * dy + 3 * dx)
end

local function draw_step(out, step, names, at, html)
  local when, frames = table_of(step, "at_ms"), table_of(step, "frames")
  local x = { LEFT, RIGHT }
  local first = step.from == "client" and 1 or 2
  local a, b = number(when, names[first]), number(when, names[3 - first])
  local fate = FATES[text(step, "fate") or ""] or FATES.alone
  local way = step.from == "client" and "up" or "down"
  local label = html(text(step, "label") or "")
  for k = 1, 2 do
    local t, frame = number(when, names[k]), number(frames, names[k])
    if t then
      local out_x = k == 1 and LEFT - 8 or RIGHT + 8
      words(out, "small", out_x, at[t] + 4, k == 1 and "end" or "start",
        ("%.3f ms%s"):format(t, frame and (" #%.0f"):format(frame) or ""))
    end
  end
  if a and b then
    line(out, "step " .. way, x[first], at[a], x[3 - first], at[b])
    arrow(out, way, x[3 - first], at[b], x[first], at[a])
    words(out, "label", (LEFT + RIGHT) / 2, (at[a] + at[b]) / 2 - 4, "middle", label)
    return
  end
  -- it vanishes on its way, or comes out of it
  local mid = (LEFT + RIGHT) / 2
  local y, why = at[a or b], " \194\183 " .. html(fate[2] or "")
  if a then
    local to = y + ROW * 0.4
    line(out, "step " .. fate[1], x[first], y, mid, to)
    out[#out + 1] = ('<path class="step %s" d="M%.1f %.1fl10 10m0 -10l-10 10"/>\n'):format(fate[1], mid - 5, to - 5)
    words(out, "label", (x[first] + mid) / 2, y - 2, "middle", label .. why)
  else
    line(out, "step " .. fate[1], mid, y - ROW * 0.4, x[3 - first], y)
    arrow(out, fate[1], x[3 - first], y, mid, y - ROW * 0.4)
    words(out, "label", (x[3 - first] + mid) / 2, y - ROW * 0.4, "middle", label .. why)
  end
end

local function sized(list)
  local out = {}
  for i = 1, math.min(#list, MOST) do
    out[i] = list[i]
  end
  return out
end

--- Draws a section with `names`, `clients` and `steps`.
-- @tparam table section
-- @tparam function html what escapes text
-- @treturn string
return function(section, html)
  local names, steps = section.names, sized(section.steps)
  local at, bottom = places(steps, names)
  local height = bottom + 24
  local about = html(("%.0f segments between %s and %s"):format(#steps, names[1], names[2]))
  local out = {
    '<div class="ladder">\n',
    ('<svg viewBox="0 0 %d %.0f" role="img" aria-label="%s">\n'):format(WIDTH, height, about),
  }
  for k, x in ipairs { LEFT, RIGHT } do
    line(out, "lane", x, TOP, x, height - 6)
    words(out, "name", x, 14, "middle", html(names[k]))
    words(out, "small", x, 28, "middle", html(text(section.clients, names[k]) or ""))
  end
  for _, step in ipairs(steps) do
    draw_step(out, step, names, at, html)
  end
  out[#out + 1] = "</svg>\n</div>\n"
  out[#out + 1] = '<p class="key"><span><i class="up"></i>from the client</span><span><i class="down"></i>'
    .. 'from the server</span><span><i class="lost"></i>lost or made between</span></p>\n'
  return table.concat(out)
end
