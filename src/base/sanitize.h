/*
 * sanitize.h: text from outside (file names, URLs, server answers) made fit to stand in
 * a message: one line, nothing that moves a terminal's cursor or reorders text,
 * no secrets.
 */
#ifndef MC_SANITIZE_H
#define MC_SANITIZE_H

#include "base/base.h"

/* Room for one shown name; longer names lose their middle. */
#define MC_SANITIZED_SIZE 256

/*
 * Copies 'text' to 'out' with everything that is not a visible character written
 * as \xNN: control bytes (C0, DEL, C1), bytes that are no UTF-8, bidirectional
 * and invisible formatting characters, language tags.  Always terminated; cut in the
 * middle ("...") when it does not fit.  Returns 'out'.
 */
char *mc_sanitize_text(char *out, size_t size, const char *text);

#endif
