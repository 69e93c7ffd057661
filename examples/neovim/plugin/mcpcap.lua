-- :McpcapReport FILE SERVER [PORT]
--
-- Shows what happens between clients and a server in a capture.  FILE is a path
-- (blanks as "\ ") or a URL.  Put the folder above this one on 'runtimepath'; the
-- module mcpcap must be built for Lua 5.1 and be found through LUA_PATH and
-- LUA_CPATH, or installed.

if vim.g.loaded_mcpcap then
  return
end
vim.g.loaded_mcpcap = 1

vim.api.nvim_create_user_command("McpcapReport", function(command)
  require("mcpcap_neovim").report(command.fargs[1], command.fargs[2], command.fargs[3], command.fargs[4])
end, {
  nargs = "+",
  complete = function(lead, line)
    local _, words = line:gsub("[^\\]%s+", "")
    return words <= 1 and vim.fn.getcompletion(lead, "file") or {}
  end,
  desc = "What happens between clients and a server in a packet capture",
})
