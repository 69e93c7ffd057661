--- The name under which hosts load `mcpcap.mcp.http`.
-- @module mcpcap.mcp_http
return require "mcpcap.mcp.http"
