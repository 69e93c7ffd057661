/*
 * frames.h: what frames add up to, whatever they hold.
 */
#ifndef MC_FRAMES_H
#define MC_FRAMES_H

#include "decode/decode.h"
#include "mcpcap.h"

/* The next 'count' frames, all of them wanted; true if there are any and all are of one link that is common (decode_fast.h),
   with a time. */
bool mc_frames_note(mc_capture_facts *c, const mc_packet *p, size_t count);

#endif
