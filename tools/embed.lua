-- embed.lua: Lua files as a C file, for the command as one executable.
--
--   lua tools/embed.lua [--compiled] OUTPUT FOLDER FILE...
--
-- A FILE is relative to FOLDER and gives the module of its path; an absolute one gives
-- the module of its name.  The output depends on their text and relative names alone.
-- "--compiled": they are compiled already, with their lines, by the Lua that runs this; the
-- one that is inside the command must be of the same release.

local compiled = arg[1] == "--compiled"
if compiled then
  table.remove(arg, 1)
end
local output, folder = arg[1], arg[2]

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["?"] = "\\?" }

-- One literal for each line; the octal form is always three digits, so that no digit
-- behind it is taken in.
local function literals(text)
  local list = {}
  for line in text:gmatch("[^\n]*\n?") do
    if line ~= "" then
      list[#list + 1] = '"' .. line:gsub('[%c"\\?\128-\255]', function(c)
        return ESCAPES[c] or ("\\%03o"):format(c:byte())
      end) .. '"'
    end
  end
  return table.concat(list, "\n    ")
end

local texts, rows, names, paths = {}, {}, {}, {}
for i = 3, #arg do
  local is_absolute = arg[i]:sub(1, 1) == "/"
  local short = is_absolute and arg[i]:match("[^/]+$") or arg[i]
  names[#names + 1] = short
  paths[short] = is_absolute and arg[i] or folder .. "/" .. arg[i]
end
table.sort(names)
for i, short in ipairs(names) do
  local text = read(paths[short])
  if compiled then
    text = string.dump(assert(load(text, "@" .. short)))
  end
  local module = short:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
  texts[i] = ("static const char text_%d[] =\n    %s;\n"):format(i, literals(text))
  rows[i] = ('    { "%s", "@%s", text_%d, sizeof text_%d - 1 },\n'):format(module, short, i, i)
end

local file = assert(io.open(output, "wb"))
assert(file:write('/* Written by tools/embed.lua. */\n#include "command/command.h"\n\n', table.concat(texts, "\n"),
  "\nconst mc_lua_file mc_lua_files[] = {\n", table.concat(rows), "};\n",
  "const size_t mc_lua_file_count = sizeof mc_lua_files / sizeof mc_lua_files[0];\n"))
assert(file:close())
