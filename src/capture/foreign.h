/*
 * foreign.h: capture formats that are not read here, by their first bytes.
 */
#ifndef MC_FOREIGN_H
#define MC_FOREIGN_H

#include "base/base.h"

/* As many first bytes as tell them apart. */
#define MC_FOREIGN_MAGIC 40

/* "Sun snoop"; NULL: it is none that is known. */
const char *mc_foreign_name(const uint8_t *magic, size_t length);

#endif
