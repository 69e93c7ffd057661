/*
 * lua_args.h: reads the arguments of mcpcap.core.open(), and raises what is wrong with them,
 * at the place of the caller's call.
 */
#ifndef MC_LUA_ARGS_H
#define MC_LUA_ARGS_H

#include "base/base.h"
#include "lua/lua_compat.h"

#define MC_MAX_INTEGER 9007199254740992.0   /* 2^53: what every Lua's numbers hold exactly */

/* How far above this function the public one's caller is: methods of a session are called
   directly, but for facts(); above core.open() lie two Lua functions. */
enum { MC_CALLER = 1, MC_CALLER_OF_RESULT, MC_CALLER_OF_OPEN };

/* Raises a misuse of argument 'arg' of the public function 'fname'. */
int mc_misuse(lua_State *L, const char *fname, int arg, const char *what);

/* The string at 'i', without NUL bytes; 'name' is what the argument is called. */
const char *mc_check_text(lua_State *L, const char *fname, int arg, int i, const char *name);

/* The number at 'i': whole unless 'fraction', min..max. */
double mc_check_number(lua_State *L, const char *fname, int arg, int i, const char *name, double min, double max,
                       bool fraction);

/* The inputs at 'i'; the array of them is a userdata left on the stack. */
mc_input *mc_check_inputs(lua_State *L, const char *fname, int i, size_t *count);

/* There may be none, in an empty table. */
mc_input *mc_check_inputs_or_none(lua_State *L, const char *fname, int i, size_t *count);

/* The server from the address at 3 and the port at 4. */
void mc_check_server(lua_State *L, const char *fname, mc_endpoint *server);

/* The table of options at 'i'.  Strings and lists stay on the stack or in the table. */
void mc_check_options(lua_State *L, const char *fname, int arg, int i, mc_options *out);

#endif
