-- Runs a piece of Lua in a fresh interpreter of the same kind, with the same paths:
--
--     local child = dofile(here .. "child.lua")
--     local output, status = child.run [[print(_VERSION)]]
--
-- What is printed on either stream comes back as one text.  The status is 0 when the
-- piece ended well.

local child = {}

--- The interpreter that runs the specs.
child.interpreter = (arg and arg[-1]) or "lua5.4"

--- Whether a sanitizer watches: its memory is not ours to judge.
child.is_sanitized = child.interpreter:find("lua_host", 1, true) ~= nil

--- A word of a shell command.
function child.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Runs a shell command; its output and its exit status.
function child.shell(command)
  local pipe = assert(io.popen("( " .. command .. " ) </dev/null 2>&1; echo \" $?\"", "r"))
  local text = pipe:read("*a")
  pipe:close()
  local output, status = text:match("^(.*) (%d+)\n$")
  return output, tonumber(status)
end

--- Runs a piece of Lua with settings of the environment before the command; the words
-- after it are its `...`.
function child.run_in(environment, code, ...)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  assert(file:write(("package.path = %q\npackage.cpath = %q\n"):format(package.path, package.cpath), code))
  file:close()
  local words = { environment, "exec timeout -k 5 120", child.quote(child.interpreter), child.quote(path) }
  for _, word in ipairs { ... } do
    words[#words + 1] = child.quote(word)
  end
  local output, status = child.shell(table.concat(words, " "))
  os.remove(path)
  return output, status
end

--- Runs a piece of Lua; the words after it are its `...`.
function child.run(code, ...)
  return child.run_in("", code, ...)
end

--- Whether there is luv, which not every Lua has.  Another process is asked, as it is loaded once in one.
function child.has_luv()
  return select(2, child.run 'require "luv"') == 0
end

return child
