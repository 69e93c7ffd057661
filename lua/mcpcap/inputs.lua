--- What may be read as a capture.
-- @module mcpcap.inputs

local inputs = {}

--- Is an open file handle among it?  That is at its end when it was read once; a path and a
-- URL can be read again.
-- @tparam string|file|table source a path, a URL, an open file handle, or an array of these
-- @treturn boolean
function inputs.has_handle(source)
  for _, one in ipairs(type(source) == "table" and source or { source }) do
    if type(one) == "userdata" then
      return true
    end
  end
  return false
end

return inputs
