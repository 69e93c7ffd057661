/*
 * lua_push.h: facts as Lua tables.
 */
#ifndef MC_LUA_PUSH_H
#define MC_LUA_PUSH_H

#include "lua/lua_compat.h"
#include "mcpcap.h"

/* Pushes the result without what is opinion; raises when memory is short. */
void mc_push_facts(lua_State *L, const mc_facts *facts);

/* Whether no rule of lua/mcpcap/findings has anything to say on these: the rules are not loaded then. */
bool mc_facts_quiet(const mc_facts *f);

/* Pushes what was read, and how well. */
void mc_push_capture(lua_State *L, const mc_capture_facts *c, uint64_t port_reuses);

/* Pushes one connection of 'f'. */
void mc_push_connection(lua_State *L, const mc_facts *f, const mc_top_connection *row);

/* Pushes the sums over all connections; the next two are parts of 'analysis'. */
void mc_push_connection_sums(lua_State *L, const mc_connection_facts *c);
void mc_push_handshakes(lua_State *L, const mc_connection_facts *c);
void mc_push_resets(lua_State *L, const mc_connection_facts *c);

/* Sets what all SYNs of one side agree on; what they differ in is left out. */
void mc_set_syn_options(lua_State *L, const mc_connection_facts *c, int side);

/* Sets what the first bytes say, where they say something: of all connections, and of one. */
void mc_set_application(lua_State *L, const mc_application_facts *f);

/* Into the table on top: 'hardware', where there is any; 'origin' is the first time of the capture. */
void mc_set_hardware(lua_State *L, const mc_hardware_facts *h, int64_t origin);
void mc_push_mac(lua_State *L, const uint8_t mac[6]);
void mc_set_row_application(lua_State *L, const mc_row_application *r);

/* Pushes who answers, who waits and who pauses. */
void mc_push_answers(lua_State *L, const mc_answer_facts *f);

/* Sets 'limits' of one side of a connection, and of a direction; nothing where none is known. */
void mc_set_limit_shares(lua_State *L, const mc_limit_shares *s);
void mc_set_limits(lua_State *L, const mc_limit_facts *f);

/* Pushes which side has more of what. */
void mc_push_balances(lua_State *L, const mc_facts *f);

#endif
