-- Runs busted in the Lua that runs this file: lua5.4 spec/run.lua [OPTION...] spec
-- (the command "busted" chooses a Lua of its own).
require "busted.runner"({ standalone = false })
