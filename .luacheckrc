std = "min"
max_line_length = 120
files["spec/**/*_spec.lua"] = { std = "+busted" }
files["examples/openresty/**/*.lua"] = { std = "ngx_lua" }
files["examples/nse/*.nse"] = {
  std = "lua53",
  globals = { "description", "author", "license", "categories", "action",
    "prerule", "hostrule", "portrule", "postrule" },
  read_globals = { "SCRIPT_NAME", "SCRIPT_TYPE", "SCRIPT_PATH" },
}
-- sentences stand in one piece
files["lua/mcpcap/findings_*.lua"] = { max_line_length = 230 }
