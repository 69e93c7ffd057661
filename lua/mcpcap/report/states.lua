--- What state a connection was left in, in words with client and server.
-- @module mcpcap.report.states

local fields = require "mcpcap.report.fields"

local table_of, text = fields.table_of, fields.text

--- Zeek's words, with the sides by their names; where both sides have reset, Zeek knows the one that did not begin.
-- @tparam table row a connection
-- @treturn string|nil
return function(row)
  local opener, other = "client", "server"
  if row.initiated_by_server == true then
    opener, other = other, opener
  end
  if text(row, "state") == "RSTR" and text(table_of(row, "reset"), "by") == opener then
    return "reset by both sides"
  end
  local words = text(row, "state_text")
  return words and (words:gsub("%a+", { originator = opener, responder = other }))
end
