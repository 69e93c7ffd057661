--- Modules that may be missing.
-- @module mcpcap.cli.needed

local needed = {}

--- Whether an error is that which the interpreter raises at Ctrl-C ("... interrupted!").
-- @param problem
-- @treturn boolean
function needed.is_interrupt(problem)
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- A module, if it can be had.  Ctrl-C while it is loaded is no missing module: it goes on.
-- @tparam string name
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it
function needed.load(name)
  local found, module = pcall(require, name)
  if found then
    return module
  elseif needed.is_interrupt(module) then
    error(module, 0)
  end
  return nil, tostring(module)
end

return needed
