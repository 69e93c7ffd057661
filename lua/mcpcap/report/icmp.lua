--- The ICMP errors of a result as a section of its report.
-- @module mcpcap.report.icmp

local fields = require "mcpcap.report.fields"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of

-- Type and code as words, by IP version (RFC 792, RFC 1812, RFC 4443).
local ICMP = {
  [4] = {
    ["3/0"] = "network unreachable", ["3/1"] = "host unreachable", ["3/3"] = "port unreachable",
    ["3/4"] = "too big, fragmentation not allowed", ["3/9"] = "network prohibited", ["3/10"] = "host prohibited",
    ["3/13"] = "prohibited by a filter", ["11/0"] = "time to live exceeded",
  },
  [6] = {
    ["1/0"] = "no route", ["1/1"] = "prohibited by a filter", ["1/3"] = "address unreachable",
    ["1/4"] = "port unreachable", ["2/0"] = "too big", ["3/0"] = "hop limit exceeded",
  },
}

return function(result)
  local rows = {}
  for _, item in ipairs(table_of(result, "icmp")) do
    local kind, code, count = number(item, "type"), number(item, "code"), number(item, "count")
    if kind and code and count then
      local key = ("%.0f/%.0f"):format(kind, code)
      local mtu = number(item, "mtu")
      rows[#rows + 1] = {
        (table_of(ICMP, number(item, "ip_version"))[key] or "type/code " .. key)
          .. (mtu and (", MTU %.0f"):format(mtu) or ""),
        units.count(count), text(item, "reporter") or "-",
        units.words(text(item, "about") or "-"),
      }
    end
  end
  return {
    id = "icmp", title = "ICMP errors about these connections", kind = "table", rows = rows,
    columns = { { "error" }, { "count", right = true }, { "first from" }, { "about a packet" } },
  }
end
