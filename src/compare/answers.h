/*
 * answers.h: whose is the SYN-ACK that came to the client's side: the server's, or that of a device that answers SYNs for it (a SYN proxy)?
 */
#ifndef MC_COMPARE_ANSWERS_H
#define MC_COMPARE_ANSWERS_H

#include "points/parts.h"

/* Two SYN-ACKs that are taken for the same one; 'other': no copy of each other.  True: it is not sure whose they are, and their times are
   told to the clock later, if at all. */
bool mc_answers_hold(mc_pair *p, const mc_seen *s0, const mc_seen *s1, bool other);

/* Another segment of the pair came by at both points. */
void mc_answers_note(const mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1);

/* What came by at both points since tells whose they are; 'final': nothing more comes. */
void mc_answers_settle(mc_between *b, mc_pair *p, bool final);

/* Is it a part of a handshake that something between the points makes with each end? */
bool mc_answers_is_part(const mc_between *b, const mc_pair *p, unsigned side, const mc_seen *s);

#endif
