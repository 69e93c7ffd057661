/*
 * dns_name.c: labels.
 */
#include "facts/dns_name.h"

#include "base/sanitize.h"

size_t mc_dns_name_length(const uint8_t *p, size_t left)
{
    size_t at = 0;

    while (at < left && at < MC_NAME_BYTES) {
        if (p[at] == 0)
            return at + 1;
        if (p[at] > 63)
            return 0;
        at += 1u + p[at];
    }
    return 0;
}

size_t mc_dns_name_begin(const uint8_t *p, size_t left)
{
    size_t at = 0;

    if (left >= MC_NAME_BYTES)
        return 0;
    while (at < left) {
        if (p[at] == 0 || p[at] > 63)
            return 0;
        at += 1u + p[at];
    }
    return left;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool mc_dns_is_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t i;

    if (a_len != b_len)
        return false;
    for (i = 0; i < a_len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

uint64_t mc_dns_hash(const uint8_t *name, size_t len)
{
    uint64_t h = 0xcbf29ce484222325ull;
    size_t i;

    for (i = 0; i < len; i++)
        h = (h ^ lower(name[i])) * 0x100000001b3ull;
    return h;
}

void mc_dns_spell(char out[MC_DNS_NAME], const uint8_t *name, size_t len)
{
    char text[MC_DNS_NAME];
    size_t at = 0, n = 0, i;

    while (at < len && name[at] != 0) {
        if (n > 0)
            text[n++] = '.';
        for (i = 1; i <= name[at] && at + i < len; i++) {
            const uint8_t c = name[at + i];

            text[n++] = c == 0 ? '?' : (char)c;
        }
        at += 1u + name[at];
    }
    for (i = 0; at >= len && len > 0 && i < 3 && n + 1 < sizeof text; i++)
        text[n++] = '.';                         /* no root: it is cut */
    text[n] = 0;
    mc_sanitize_text(out, MC_DNS_NAME, n > 0 ? text : ".");
}

bool mc_dns_skip_name(mc_view *v)
{
    const uint8_t *p;

    for (;;) {
        p = mc_take(v, 1);
        if (p == NULL)
            return false;
        if (p[0] == 0)
            return true;
        if (p[0] >= 0xc0)
            return mc_take(v, 1) != NULL;
        if (p[0] > 63 || mc_take(v, p[0]) == NULL)
            return false;
    }
}
