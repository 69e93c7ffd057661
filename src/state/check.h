/*
 * check.h: CRC-32 (ISO 3309), to find damage; not to find forgery.
 */
#ifndef MC_CHECK_H
#define MC_CHECK_H

#include "base/base.h"

/* Goes on from 'before', which is 0 at the beginning. */
uint32_t mc_check(uint32_t before, const void *bytes, size_t len);

#endif
