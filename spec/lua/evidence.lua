-- Holds findings against tshark: each finding's display filter must select the frames that
-- the finding names.
--
--     local evidence = dofile(here .. "evidence.lua")
--     for _, shown in ipairs(evidence.of(child, path, findings)) do
--       print(shown.id, shown.selected, #shown.missing)
--     end
--
-- One run of tshark takes all filters of a capture: each is that of a listener, in a script of
-- Wireshark's own Lua.

local evidence = {}

-- A finding that names fewer frames than it may (five) names all that it is about: each may stand
-- for a handshake or an exchange, and a filter that selects more than so many for each shows
-- something else.
local MOST_NAMED, LITTLE_ELSE = 5, 25

local LISTENER = [[
do
  local listener = Listener.new("frame", %q)
  function listener.packet(pinfo)
    io.write("\nevidence %d ", pinfo.number, "\n")
  end
end
]]

local NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "

-- What comes before "tshark": decided at the first run.
local user

local function output_of(child, as, path, script)
  local name, copy = os.tmpname(), os.tmpname()
  local file = assert(io.open(name, "wb"))
  assert(file:write(script))
  file:close()
  -- twice: in one pass a connection's completeness is not known before its end
  local output = child.shell(("cp %s %s; chmod 644 %s %s; %stshark -2 -n -q -r %s -X lua_script:%s"):format(
    child.quote(path), copy, name, copy, as, copy, name))
  os.remove(name)
  os.remove(copy)
  return output
end

-- Root's scripts are left out, without a word, by a tshark (4.4) whose global init.lua does not
-- allow them: then it runs as nobody, on a copy that anybody may read.
local function run(child, path, script)
  if not user then
    user = output_of(child, "", path, "io.write('heard')"):find("heard", 1, true) and "" or NOBODY
  end
  return output_of(child, user, path, script)
end

--- Whether there is a tshark that can do it: nil and what is lacking where there is none.
function evidence.ready(child)
  if child.shell("command -v tshark") == "" then
    return nil, "tshark is not installed"
  end
  local version = child.shell("tshark -v")
  if not version:find("with Lua", 1, true) and not version:find("+Lua", 1, true) then
    return nil, "this tshark is without Lua"
  end
  return true
end

--- What the filters of these findings select in the capture at 'path'.
-- @treturn table a list of `{ id, side, filter, frames, selected, missing }`: how many frames the
-- filter selects, and which of those that the finding names it does not; findings without a
-- filter are left out
function evidence.of(child, path, findings)
  local list, script, selected = {}, {}, {}
  for _, finding in ipairs(findings) do
    local filter = finding.evidence.display_filter
    if filter then
      list[#list + 1] = {
        id = finding.id, side = finding.side, filter = filter, frames = finding.evidence.frames or {}, missing = {},
      }
      script[#list], selected[#list] = LISTENER:format(filter, #list), {}
    end
  end
  if #list == 0 then
    return list
  end
  local output = run(child, path, table.concat(script))
  for i, frame in output:gmatch("\nevidence (%d+) (%d+)") do
    selected[tonumber(i)][tonumber(frame)] = true
  end
  for i, shown in ipairs(list) do
    shown.selected = 0
    for _ in pairs(selected[i]) do
      shown.selected = shown.selected + 1
    end
    for _, frame in ipairs(shown.frames) do
      if not selected[i][frame] then
        shown.missing[#shown.missing + 1] = frame
      end
    end
  end
  return list
end

--- Why it does not hold, or nil.
function evidence.fault(shown)
  if shown.selected == 0 then
    return ("%s: %s shows nothing"):format(shown.id, shown.filter)
  elseif #shown.missing > 0 then
    return ("%s: %s does not show frame %s"):format(shown.id, shown.filter, table.concat(shown.missing, ", "))
  elseif shown.side ~= "capture" and #shown.frames > 0 and #shown.frames < MOST_NAMED
    and shown.selected > LITTLE_ELSE * #shown.frames then
    return ("%s: %s shows %d frames for %d"):format(shown.id, shown.filter, shown.selected, #shown.frames)
  end
end

return evidence
