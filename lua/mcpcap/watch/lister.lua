--- Lists folders for a ring, with luv.
-- @module mcpcap.watch.lister

local lister = {}

--- The regular files of a folder, as `mcpcap.watch.ring` takes them.
-- @tparam table uv the module luv
-- @treturn function of a folder: an array of files, or nil and a message
function lister.new(uv)
  return function(folder)
    local scan, message = uv.fs_scandir(folder)
    if not scan then
      return nil, message
    end
    local files = {}
    for name in uv.fs_scandir_next, scan do
      local facts = uv.fs_stat(folder .. "/" .. name)
      if facts and facts.type == "file" then
        local born = facts.birthtime
        files[#files + 1] = {
          name = name, size = facts.size, changed = facts.mtime.sec + facts.mtime.nsec / 1e9,
          id = ("%d:%d:%s"):format(facts.dev, facts.ino, born.sec > 0 and born.sec .. "." .. born.nsec or name),
        }
      end
    end
    return files
  end
end

-- The header of a pcap file and that of its first packet, which has its time.
local HEAD = 24 + 16

--- The first bytes of a file: what tells that it is written anew.
-- @tparam string path
-- @treturn string|nil
function lister.head(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read(HEAD)
  if file then
    file:close()
  end
  return bytes
end

return lister
