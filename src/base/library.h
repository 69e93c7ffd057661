/*
 * library.h: shared libraries that are loaded when they are first needed.
 *
 * Linked in, a library costs every process that loads this one, whether it is used or
 * not, and so do the libraries that it needs itself.  An executable that must run where
 * none of them is installed has them built in (MCPCAP_BUILT_IN): then nothing is loaded,
 * and the tables are filled with what was linked.
 */
#ifndef MC_LIBRARY_H
#define MC_LIBRARY_H

#include "base/base.h"

/* A function to be found, and where its address goes in the table of functions. */
typedef struct mc_library_function {
    const char *name;
    size_t offset;
    void (*built_in)(void);          /* NULL: looked up by name */
} mc_library_function;

#ifdef MCPCAP_BUILT_IN
#define MC_LIBRARY_FUNCTION(function, table, member) \
    { #function, offsetof(table, member), (void (*)(void))function }
#else
#define MC_LIBRARY_FUNCTION(function, table, member) { #function, offsetof(table, member), NULL }
#endif

typedef struct mc_library {
    const char *who;                 /* needs it, for messages: "URLs need" */
    const char *name;                /* "libcurl" */
    const char *const *files;        /* to be tried in this order */
    size_t file_count;
    const mc_library_function *functions;
    size_t function_count;
} mc_library;

/*
 * Loads the library for the life of the process and fills 'table', a struct of 'size'
 * bytes with nothing but pointers to functions.  MC_UNSUPPORTED, with the library's
 * name, when it is not there or too old; then 'table' is left alone.  Not locked: the
 * caller sees to it that a table is filled once, and read after that.
 */
mc_status mc_library_load(const mc_library *library, void *table, size_t size, mc_error *err);

/*
 * The same where 'table' is static and '*loaded' says whether it is filled: whoever has
 * called this with success may read the table.  A failure is tried anew the next time.
 */
mc_status mc_library_load_once(const mc_library *library, void *table, size_t size, bool *loaded,
                               mc_error *err);

#endif
