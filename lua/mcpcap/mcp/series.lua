--- A folder, or a pattern of file names, as one capture: the files of a series, in the order of their first frames.
-- @module mcpcap.mcp.series

local lister = require "mcpcap.watch.lister"
local ring = require "mcpcap.watch.ring"

local series = {}

local MOST_FILES = 1000
local SHOWN_FILES = 20

local function is_in(path, roots)
  for _, root in ipairs(roots) do
    if path == root or root == "/" or path:sub(1, #root + 1) == root .. "/" then
      return true
    end
  end
  return false
end

--- What finds the files of a place.
-- @tparam table uv the module luv
-- @tparam table roots folders that may be looked into, resolved
-- @treturn function of a text: an array of paths; nothing where it is one file, a URL or nothing that is there, which
-- is for the reader to say; or nil, a message and a code
function series.finder(uv, roots)
  local list = lister.new(uv)
  return function(place)
    if place:find("^%a[%w+.-]*://") then
      return nil
    end
    local facts = uv.fs_stat(place)
    local one = ring.new(facts and facts.type == "directory" and place:gsub("(.)/+$", "%1") or place, list)
    local is_folder = facts and facts.type == "directory"
    if facts and not is_folder or not facts and not one.pattern then
      return nil
    elseif is_folder then
      one.folder, one.pattern = place, nil       -- also where its name has a bracket
    end
    local folder = uv.fs_realpath(one.folder)
    if not folder then
      return nil
    elseif not is_in(folder, roots) then
      return nil, place .. ": outside of the allowed folders", "denied"
    end
    one.folder = folder
    local paths, message = one:look()
    if not paths then
      return nil, message, "io"
    elseif #paths == 0 then
      return nil, place .. ": no captures there", "not_found"
    elseif #paths > MOST_FILES then
      return nil, ("%s: %d captures, and %d can be one series"):format(place, #paths, MOST_FILES), "limit"
    end
    return paths
  end
end

-- The time of a file's first frame.
local function first_time(context, path, options)
  local session, message, code = context.library.open_overview(path,
    { roots = options.roots, url = options.url, max_packets = 1 })
  if not session then
    return nil, message, code
  end
  context.keep(session)
  local state
  repeat
    state, message, code = session:step()
  until state ~= "more"
  local result = state and session:result()
  session:close()
  if not result then
    return nil, message, code
  end
  return result.capture.first_time or math.huge
end

--- The files that a place stands for.
-- @tparam table context of the call
-- @tparam string|table place what was asked for
-- @tparam table options of the library
-- @treturn[1] string|table what is to be read
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function series.of(context, place, options)
  if not context.files or type(place) ~= "string" then
    return place
  end
  local paths, message, code = context.files(place)
  if not paths then
    if message then
      return nil, message, code
    end
    return place
  end
  local times, stands = {}, {}
  for i, path in ipairs(paths) do
    times[path], message, code = first_time(context, path, options)
    if not times[path] then
      return nil, message, code
    end
    stands[path] = i
    context.pause(0, 0)
  end
  table.sort(paths, function(a, b)
    if times[a] ~= times[b] then
      return times[a] < times[b]
    end
    return stands[a] < stands[b]
  end)
  return paths
end

--- Names a series in a result: the place, instead of a list that may be longer than the rest.
-- @tparam table result
-- @tparam string place
-- @tparam table paths
function series.name(result, place, paths)
  if type(result) == "table" and result.file then
    result.file = ("%s (%d files)"):format(place, #paths)
    result.files = #paths <= SHOWN_FILES and result.files or nil
  end
end

return series
