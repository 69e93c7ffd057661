/*
 * answers.h: what the connections say of who answers, who waits and who pauses.
 */
#ifndef MC_ANSWERS_H
#define MC_ANSWERS_H

#include "facts/dialogue.h"

/* Adds what one connection says. */
void mc_answers_add(mc_answer_facts *f, const mc_speech *t, const mc_conn *c);

/* Adds what all say together; 'answers' of them were measured. */
void mc_answers_finish(mc_answer_facts *f, const mc_speech *t, uint64_t answers);

/* The client does not wait for an answer, or nothing that the server sends is in the capture. */
bool mc_answers_are_unwanted(const mc_speech *t, const mc_conn *c);

#endif
