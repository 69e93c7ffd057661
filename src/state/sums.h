/*
 * sums.h: what the frames of a piece add up to, and how the sums of two neighbours become those of both.
 */
#ifndef MC_SUMS_H
#define MC_SUMS_H

#include "mcpcap.h"
#include "state/pack.h"

/*
 * 'b' follows 'a': 'a' becomes both.  Of the facts that a server's analysis knows, only the frames that
 * hold a segment of it are among them; other_tcp_frames are all with TCP.
 */
void mc_sums_join(mc_capture_facts *a, const mc_capture_facts *b);

/* So many more frames of a link type. */
void mc_sums_add_link_type(mc_capture_facts *c, const mc_link_type *more);

/* Room for the names that a piece says itself. */
typedef struct mc_sums_words {
    char format[32], compression[32], reader[32];
} mc_sums_words;

void mc_sums_pack(mc_packer *k, const mc_capture_facts *c);

/* Names lie in 'words', which must live as long as 'c'. */
void mc_sums_unpack(mc_unpacker *u, mc_capture_facts *c, mc_sums_words *words);

/* Takes away what 'later' has more than 'earlier', of the sums that a frame adds to. */
void mc_sums_less(mc_capture_facts *c, const mc_capture_facts *later, const mc_capture_facts *earlier);

#endif
