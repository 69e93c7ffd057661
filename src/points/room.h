/*
 * room.h: lists of numbers that grow.
 */
#ifndef MC_ROOM_H
#define MC_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* Room for 'count' numbers. */
static inline bool mc_room(uint32_t **list, uint32_t *room, uint32_t count)
{
    uint32_t more = *room > 0 ? *room : 256;
    uint32_t *grown;

    while (more < count)
        more *= 2;
    if (more == *room)
        return true;
    grown = realloc(*list, more * sizeof **list);
    if (grown == NULL)
        return false;
    *list = grown;
    *room = more;
    return true;
}

#endif
