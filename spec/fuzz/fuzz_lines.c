/*
 * fuzz_lines.c: lines of a client of the MCP server, through Lua: each is answered by one line of JSON or by nothing, and no Lua
 * error comes out.
 *
 * An input is the lines of one conversation.  The way through the Lua files guides the fuzzer: each line of theirs that runs
 * counts as an edge.  Captures lie in no place that the service may read, so tools fail early; what they do with a capture
 * is the other targets' work.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own: replay_lines [-n N] changes conversations of its own; -w FOLDER
 * writes them.
 */
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "base/base.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "replay.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int luaopen_mcpcap_core(lua_State *L);

static const char chunk[] =
    "package.path = ...\n"
    "package.cpath = ''\n"
    "local mcp, json = require 'mcpcap.mcp', require 'mcpcap.json'\n"
    "local service = mcp.new { policy = { roots = { '/nonexistent' } } }\n"
    "local function check(text)\n"
    "  if text ~= nil then\n"
    "    assert(not text:find('[\\n\\r]'), 'more than a line')\n"
    "    local value, why = json.decode(text)\n"
    "    assert(value, why)\n"
    "  end\n"
    "end\n"
    "return function(conversation)\n"
    "  local peer = service:peer()\n"
    "  for line in (conversation .. '\\n'):gmatch('(.-)\\n') do\n"
    "    local reply, call = peer:receive(line)\n"
    "    local steps = 0\n"
    "    while call and steps < 100 and call:step() ~= 'done' do\n"
    "      check(call:progress(steps))\n"
    "      steps = steps + 1\n"
    "    end\n"
    "    check(reply)\n"
    "    check(call and call.reply)\n"
    "  end\n"
    "end\n";

#ifndef MCPCAP_FUZZ_REPLAY
/* libFuzzer takes these for edges. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[1u << 14];

static void count_line(lua_State *L, lua_Debug *ar)
{
    uint32_t hash = 2166136261u;
    const char *p;

    lua_getinfo(L, "Sl", ar);
    for (p = ar->short_src; *p != '\0'; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    hash = (hash ^ (uint32_t)ar->currentline) * 16777619u;
    counters[(hash ^ hash >> 15) % sizeof counters]++;
}
#endif

static lua_State *L;

static void begin(void)
{
    L = luaL_newstate();
    if (L == NULL)
        abort();
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_mcpcap_core);
    lua_setfield(L, -2, "mcpcap.core");
    lua_settop(L, 0);
    if (luaL_loadstring(L, chunk) != 0)
        abort();
    lua_pushstring(L, LUA_DIR "/?.lua;" LUA_DIR "/?/init.lua");
    if (lua_pcall(L, 1, 1, 0) != 0) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
#ifndef MCPCAP_FUZZ_REPLAY
    lua_sethook(L, count_line, LUA_MASKLINE, 0);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (L == NULL)
        begin();
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 0, 0) != 0) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY
#define META \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"a\"," \
    "\"version\":\"1\"},\"io.modelcontextprotocol/clientCapabilities\":{},\"progressToken\":7}"

static const char *const conversations[] = {
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
    "\"clientInfo\":{\"name\":\"a\",\"version\":\"1\"}}}\n"
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":\"two\",\"method\":\"tools/call\",\"params\":{\"name\":\"analyze_traffic_flow\","
    "\"arguments\":{\"pcap_file\":\"/nonexistent/a.pcap\",\"server_ip\":\"192.0.2.80\",\"server_port\":80}}}\n"
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"two\"}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{" META ",\"name\":\"compare_captures\",\"arguments\":"
    "{\"captures\":[\"a.pcap\",\"b.pcap\"],\"server_ip\":\"192.0.2.80\"}}}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/read\",\"params\":{" META ",\"uri\":\"ui://mcpcap/page\"}}\n",
    "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}]\n"
    "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"prompts/get\",\"params\":{\"name\":\"diagnose\",\"arguments\":{\"capture\":\"\\u00e9\"}}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"list_servers\",\"arguments\":{\"pcap_file\":\"x\"}}}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/call\",\"params\":{\"name\":\"show_connection\",\"arguments\":{\"pcap_file\":\"x\","
    "\"server_ip\":\"::1\",\"client\":\"192.0.2.7:4000\",\"frame\":1e3}}}\n",
};

static mc_view seed(unsigned number)
{
    return (mc_view){ (const uint8_t *)conversations[number], strlen(conversations[number]) };
}

int main(int argc, char **argv)
{
    const int status = replay_seeds(argc, argv, MC_ARRAY_LEN(conversations), seed);

    if (L != NULL)
        lua_close(L);
    return status;
}
#endif
