/*
 * sanitize.c: foreign text made fit to be shown.
 */
#include "base/sanitize.h"

/* Length of the UTF-8 sequence at 'p' and its code point, or 0: none (RFC 3629, 4). */
static size_t utf8_next(const unsigned char *p, size_t left, uint32_t *code)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
                  { 0xf8, 0xf0, 0x10000 } };
    size_t n, i;

    for (n = 0; n < MC_ARRAY_LEN(forms); n++) {
        if ((p[0] & forms[n].mask) != forms[n].lead)
            continue;
        if (n + 1 > left)
            return 0;
        *code = p[0] & (uint32_t)(unsigned char)~forms[n].mask;
        for (i = 1; i <= n; i++) {
            if ((p[i] & 0xc0) != 0x80)
                return 0;
            *code = *code << 6 | (p[i] & 0x3fu);
        }
        if (*code < forms[n].least || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
            return 0;
        return n + 1;
    }
    return 0;
}

/*
 * Characters that show nothing or change what stands around them: C0, DEL, C1,
 * soft hyphen, zero-width and bidirectional marks, line and paragraph
 * separators, byte-order mark, interlinear marks, language tags.
 */
static bool is_hidden(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },       { 0x61c, 0x61c },
        { 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
        { 0xfeff, 0xfeff },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },   { 0xe0000, 0xe0fff },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(ranges); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Writes one character, escaped if need be, to 'out' (17 bytes); returns its length. */
static size_t sanitize_one(char *out, const unsigned char *p, size_t left, size_t *taken)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t code = 0;
    size_t n = utf8_next(p, left, &code), i;

    *taken = n == 0 ? 1 : n;
    if (n != 0 && !is_hidden(code)) {
        memcpy(out, p, n);
        return n;
    }
    for (i = 0; i < *taken; i++) {
        out[4 * i] = '\\';
        out[4 * i + 1] = 'x';
        out[4 * i + 2] = hex[p[i] >> 4];
        out[4 * i + 3] = hex[p[i] & 15];
    }
    return 4 * *taken;
}

/* Nothing but visible ASCII, as most texts are? */
static bool is_plain(const char *text, size_t len)
{
    size_t i;
    unsigned bad = 0;

    for (i = 0; i < len; i++)
        bad |= (unsigned char)(text[i] - 0x20) > 0x7e - 0x20;
    return bad == 0;
}

static void sanitize_bytes(char *out, size_t size, const char *text, size_t text_len)
{
    const unsigned char *p = (const unsigned char *)text;
    char one[17];
    size_t len = 0, total = 0, pos, n, taken;
    size_t head, tail;

    if (text_len < size && is_plain(text, text_len)) {
        memcpy(out, text, text_len);
        out[text_len] = '\0';
        return;
    }
    for (pos = 0; pos < text_len; pos += taken)
        total += sanitize_one(one, p + pos, text_len - pos, &taken);

    /* When it does not fit: two thirds of the room for the beginning, then the
       dots, then as much of the end. */
    head = total < size ? total : (size - 4) * 2 / 3;
    for (pos = 0; pos < text_len; pos += taken) {
        n = sanitize_one(one, p + pos, text_len - pos, &taken);
        if (len + n > head)
            break;
        memcpy(out + len, one, n);
        len += n;
    }
    if (pos < text_len) {
        memcpy(out + len, "...", 3);
        len += 3;
        tail = size - 1 - len;
        for (total -= len - 3; pos < text_len; pos += taken) {
            n = sanitize_one(one, p + pos, text_len - pos, &taken);
            if (total <= tail) {
                memcpy(out + len, one, n);
                len += n;
            }
            total -= n;
        }
    }
    out[len] = '\0';
}

char *mc_sanitize_text(char *out, size_t size, const char *text)
{
    if (size < 16) {
        if (size > 0)
            out[0] = '\0';
        return out;
    }
    sanitize_bytes(out, size, text, strlen(text));
    return out;
}
