/*
 * check.c: eight bytes a step, by tables that are made when they are first needed.
 */
#include "state/check.h"

#include <pthread.h>

#define POLYNOMIAL 0xedb88320u

static uint32_t table[8][256];

static void make_tables(void)
{
    uint32_t i, k, c;

    for (i = 0; i < 256; i++) {
        for (c = i, k = 0; k < 8; k++)
            c = (c & 1) != 0 ? c >> 1 ^ POLYNOMIAL : c >> 1;
        table[0][i] = c;
    }
    for (i = 0; i < 256; i++)
        for (k = 1; k < 8; k++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

uint32_t mc_check(uint32_t before, const void *bytes, size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const uint8_t *p = bytes;
    uint32_t c = ~before, low, high;

    pthread_once(&once, make_tables);
    for (; len >= 8; p += 8, len -= 8) {
        low = mc_le32(p) ^ c;
        high = mc_le32(p + 4);
        c = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
            table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
    }
    for (; len > 0; p++, len--)
        c = c >> 8 ^ table[0][(c ^ *p) & 0xff];
    return ~c;
}
