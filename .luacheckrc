std = "min"
max_line_length = 120
files["spec/**/*_spec.lua"] = { std = "+busted" }
files["examples/busted/*_spec.lua"] = {
  std = "+busted",
  read_globals = { assert = { other_fields = true } },
}
files["examples/openresty/**/*.lua"] = { std = "ngx_lua" }
files["examples/nse/*.nse"] = {
  std = "lua53",
  globals = { "description", "author", "license", "categories", "action",
    "prerule", "hostrule", "portrule", "postrule" },
  read_globals = { "SCRIPT_NAME", "SCRIPT_TYPE", "SCRIPT_PATH" },
}
-- sentences stand in one piece
files["lua/mcpcap/findings/*.lua"] = { max_line_length = 230 }
files["lua/mcpcap/findings/*/*.lua"] = { max_line_length = 230 }
files["examples/wireshark/*.lua"] = {
  read_globals = { "Dumper", "Field", "Listener", "ProgDlg", "TextWindow", "MENU_TOOLS_UNSORTED", "gui_enabled",
    "new_dialog", "register_menu", "retap_packets", "wtap_filetypes", "wtap_name_to_file_type_subtype" },
}
files["examples/neovim/**/*.lua"] = { std = "luajit", read_globals = { "vim" }, globals = { "vim.g" } }

-- made of web/ by tools/page-assets
files["lua/mcpcap/report/page_assets.lua"] = { max_line_length = false }
-- one entry of the field table a line
files["lua/mcpcap/fields"] = { max_line_length = 140 }
