--- The server that a verdict on a whole capture is about.
-- @module mcpcap.overview.worst

local TROUBLE = { error = true, warning = true }

--- Chooses it among the rows of an overview, those in trouble first.
-- @tparam table servers rows
-- @treturn ?table the first in trouble; where there is none, the first whose capture has faults of its own
return function(servers)
  local faulty
  for _, row in ipairs(servers) do
    if TROUBLE[row.severity] then
      if row.side ~= "capture" then
        return row
      end
      faulty = faulty or row
    end
  end
  return faulty
end
