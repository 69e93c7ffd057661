/*
 * command.h: Lua files that are part of the executable; tools/embed.lua writes the list.
 */
#ifndef MC_COMMAND_H
#define MC_COMMAND_H

#include <stddef.h>

typedef struct mc_lua_file {
    const char *module;              /* "mcpcap.cli" */
    const char *chunk;               /* its name in messages: "@mcpcap/cli/init.lua" */
    const char *text;                /* or what it was compiled to */
    size_t length;
} mc_lua_file;

extern const mc_lua_file mc_lua_files[];
extern const size_t mc_lua_file_count;

#endif
