/*
 * foreign.h: capture formats that are not read here, by their first bytes.
 */
#ifndef MC_FOREIGN_H
#define MC_FOREIGN_H

#include "base/base.h"

/* As many first bytes as tell them apart. */
#define MC_FOREIGN_MAGIC 40

/*
 * "Sun snoop"; NULL: it is none that is known.  'zoned': its times are those of a time zone that
 * it does not name, so that Wireshark takes them for those of the zone it runs in.
 */
const char *mc_foreign_name(const uint8_t *magic, size_t length, bool *zoned);

#endif
