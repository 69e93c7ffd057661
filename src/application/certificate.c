/*
 * certificate.c: a reader of DER, as much of it as certificates need.
 *
 * Each step takes one element off a view, which ends where its holder ends; nothing is read twice,
 * and depth is fixed.
 */
#include "application/certificate.h"

#define DER_BOOLEAN     0x01
#define DER_INTEGER     0x02
#define DER_OCTETS      0x04
#define DER_OID         0x06
#define DER_UTC_TIME    0x17
#define DER_TIME        0x18
#define DER_SEQUENCE    0x30
#define DER_SET         0x31
#define DER_VERSION     0xa0         /* [0] of a TBSCertificate */
#define DER_EXTENSIONS  0xa3         /* [3] of it */
#define DER_DNS_NAME    0x82         /* [2] of a GeneralName */

/* Takes one element off 'v'; what was cut off is missing at the end of its content.  False: there is none. */
static bool take(mc_view *v, uint8_t *tag, mc_view *content)
{
    const uint8_t *h = mc_take(v, 2);
    size_t length;

    if (h == NULL)
        return false;
    *tag = h[0];
    length = h[1];
    if (length > 0x80) {
        const size_t bytes = length & 0x7f;
        const uint8_t *p = bytes <= 4 ? mc_take(v, bytes) : NULL;
        size_t i;

        if (p == NULL)
            return false;
        for (length = 0, i = 0; i < bytes; i++)
            length = length << 8 | p[i];
    } else if (length == 0x80) {
        return false;                            /* no length: not DER */
    }
    content->p = v->p;
    content->len = length < v->len ? length : v->len;
    mc_take(v, content->len);
    return true;
}

/* The next element, if it has that tag. */
static bool take_a(mc_view *v, uint8_t tag, mc_view *content)
{
    uint8_t found;

    return take(v, &found, content) && found == tag;
}

/* ------------------------------------------------------------------- dates */

static int two(const uint8_t *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

/* Days from 1970-01-01, by the civil calendar. */
static int64_t days_of(int year, int month, int day)
{
    const int y = month <= 2 ? year - 1 : year;
    const int era = y / 400, of_era = y - era * 400;
    const int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* RFC 5280, 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ. */
static bool take_time(mc_view *v, int64_t *out)
{
    mc_view t;
    uint8_t tag;
    int year, part[5], i;

    if (!take(v, &tag, &t))
        return false;
    if (tag == DER_UTC_TIME && t.len == 13) {
        year = two(t.p);
        if (year < 0)
            return false;
        year += year < 50 ? 2000 : 1900;
        mc_take(&t, 2);
    } else if (tag == DER_TIME && t.len == 15) {
        if (two(t.p) < 0 || two(t.p + 2) < 0)
            return false;
        year = two(t.p) * 100 + two(t.p + 2);
        mc_take(&t, 4);
    } else {
        return false;
    }
    for (i = 0; i < 5; i++)
        part[i] = two(t.p + (size_t)i * 2);
    if (part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > 31 || part[2] < 0 || part[2] > 23 || part[3] < 0 ||
        part[3] > 59 || part[4] < 0 || part[4] > 60 || t.p[10] != 'Z')
        return false;
    *out = days_of(year, part[0], part[1]) * 86400 + part[2] * 3600 + part[3] * 60 + part[4];
    return true;
}

/* ------------------------------------------------------------------- names */

/* RFC 5280, 4.1.2.4: a sequence of sets of pairs of a type and a text. */
static mc_view name_of(mc_view names)
{
    static const uint8_t common[] = { 0x55, 4, 3 }, organization[] = { 0x55, 4, 10 };
    mc_view best = { names.p, 0 }, set, pair, type, text;
    bool is_common = false;
    uint8_t tag;

    while (!is_common && take_a(&names, DER_SET, &set))
        while (take_a(&set, DER_SEQUENCE, &pair)) {
            if (!take_a(&pair, DER_OID, &type) || !take(&pair, &tag, &text) || type.len != sizeof common)
                continue;
            if (memcmp(type.p, common, sizeof common) == 0)
                is_common = true;
            else if (memcmp(type.p, organization, sizeof organization) != 0 || best.len > 0)
                continue;
            best = text;
        }
    return best;
}

/* RFC 5280, 4.2.1.6. */
static mc_view alternative_name(mc_view extensions)
{
    static const uint8_t wanted[] = { 0x55, 0x1d, 17 };
    mc_view none = { NULL, 0 }, list, extension, type, value, names, name;
    uint8_t tag;

    if (!take_a(&extensions, DER_SEQUENCE, &list))
        return none;
    while (take_a(&list, DER_SEQUENCE, &extension)) {
        if (!take_a(&extension, DER_OID, &type) || type.len != sizeof wanted || memcmp(type.p, wanted, sizeof wanted) != 0)
            continue;
        if (!take(&extension, &tag, &value) || (tag == DER_BOOLEAN && !take(&extension, &tag, &value)) ||
            tag != DER_OCTETS || !take_a(&value, DER_SEQUENCE, &names))
            return none;
        while (take(&names, &tag, &name))
            if (tag == DER_DNS_NAME)
                return name;
        return none;
    }
    return none;
}

/*
 * RFC 5280, 4.1: Certificate { TBSCertificate { [0] version, serial, signature, issuer, validity, subject, key,
 * [1], [2], [3] extensions } ... }
 */
bool mc_certificate_read(mc_certificate *c, mc_view der)
{
    const uint8_t *const begin = der.p;
    mc_view outer, tbs, part, validity;
    bool first, last = false;
    uint8_t tag;

    memset(c, 0, sizeof *c);
    c->read = (uint32_t)der.len;
    if (!take_a(&der, DER_SEQUENCE, &outer) || !take_a(&outer, DER_SEQUENCE, &tbs) || !take(&tbs, &tag, &part))
        return false;
    if (tag == DER_VERSION && !take(&tbs, &tag, &part))
        return false;
    if (tag != DER_INTEGER || !take_a(&tbs, DER_SEQUENCE, &part) || !take_a(&tbs, DER_SEQUENCE, &part))
        return false;
    c->issuer = name_of(part);
    if (!take_a(&tbs, DER_SEQUENCE, &validity) || !take_time(&validity, &c->not_before) ||
        !take_time(&validity, &c->not_after))
        return false;
    if (take_a(&tbs, DER_SEQUENCE, &part))
        c->subject = name_of(part);
    for (first = true; take(&tbs, &tag, &part); first = false)
        if (tag == DER_EXTENSIONS) {
            c->name = alternative_name(part);
            last = tbs.len == 0;
        } else if (first) {
            c->key = (uint32_t)(part.p - begin);
            c->key_end = c->key + (uint32_t)part.len;
        }
    if (last && c->name.p != NULL)
        c->read = (uint32_t)(c->name.p + c->name.len - begin);
    if (c->key == 0)
        c->key = c->key_end = c->read;
    return true;
}
