/*
 * proxies.h: the same data at both points: one connection, or two that a proxy joins?
 */
#ifndef MC_COMPARE_PROXIES_H
#define MC_COMPARE_PROXIES_H

#include "points/parts.h"

/* Of a pair that was found by its bytes, with these prints of it at each point; how its numbers differ is known, if any SYNs were seen. */
bool mc_is_proxied(const mc_between *b, const mc_pair *p, const mc_print *print0, const mc_print *print1);

#endif
