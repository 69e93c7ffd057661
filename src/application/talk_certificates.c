/*
 * talk_certificates.c: certificates of servers, each read once.
 */
#include "application/talk_part.h"

#include <stdlib.h>

#include "application/certificate.h"

/* The number of a certificate, from 1; 0: there is no room. */
static uint8_t note_names(mc_talks *t, const mc_heard *h, mc_certificate c)
{
    mc_tls_facts *f = &t->facts.tls;
    const char *const subject = mc_names_text(&t->names, mc_names_say(&t->names, c.subject, MC_NAME_OTHER));
    const char *const issuer = mc_names_text(&t->names, mc_names_say(&t->names, c.issuer, MC_NAME_OTHER));
    const char *const name = mc_names_text(&t->names, mc_names_say(&t->names, c.name, MC_NAME_OTHER));
    uint32_t i;

    for (i = 0; i < f->certificate_count; i++) {
        const mc_tls_certificate *x = &f->certificate[i];

        if (x->not_after == c.not_after && x->not_before == c.not_before && x->subject == subject && x->issuer == issuer &&
            x->name == name)                     /* each text is there once */
            break;
    }
    if (i == MC_TLS_CERTIFICATES)
        return 0;
    if (i == f->certificate_count)
        f->certificate[f->certificate_count++] =
            (mc_tls_certificate){ .subject = subject, .issuer = issuer, .name = name, .not_before = c.not_before,
                                  .not_after = c.not_after, .frame = h->frame, .seen_ns = h->now };
    return (uint8_t)(i + 1);
}

/* The one of 'len' bytes that begins with 'der', if it is among the latest: the bytes that tell are there, and the same. */
static const mc_talk_seen *find_seen(const mc_talks *t, mc_view der, size_t len)
{
    const mc_talk_seen *s;

    if (t->seen == NULL || len == 0)
        return NULL;
    for (s = t->seen; s < t->seen + MC_TALK_SEEN; s++)
        if (s->len == len && s->read <= der.len && memcmp(der.p, s->bytes, s->key) == 0 &&
            memcmp(der.p + s->key_end, s->bytes + s->key, s->read - s->key_end) == 0)
            return s;
    return NULL;
}

static void keep_seen(mc_talks *t, mc_view der, const mc_certificate *c, uint8_t number)
{
    mc_talk_seen *s;

    if (t->seen == NULL)
        t->seen = calloc(MC_TALK_SEEN, sizeof *t->seen);
    if (t->seen == NULL || c->key + (c->read - c->key_end) > MC_TALK_SEEN_BYTES)
        return;                                  /* it will be read again */
    s = &t->seen[t->seen_next++ % MC_TALK_SEEN];
    *s = (mc_talk_seen){ .len = (uint32_t)der.len, .key = c->key, .key_end = c->key_end, .read = c->read, .number = number };
    memcpy(s->bytes, der.p, c->key);
    memcpy(s->bytes + c->key, der.p + c->key_end, c->read - c->key_end);
}

uint8_t mc_talk_certificate(mc_talks *t, const mc_heard *h, mc_view der)
{
    const mc_talk_seen *s = find_seen(t, der, der.len);
    mc_certificate c;
    uint8_t number;

    if (s != NULL)
        return s->number;
    if (!mc_certificate_read(&c, der))
        return 0;
    number = note_names(t, h, c);
    keep_seen(t, der, &c, number);
    return number;
}

uint8_t mc_talk_certificate_again(const mc_talks *t, mc_view der, size_t len)
{
    const mc_talk_seen *s = find_seen(t, der, len);

    return s != NULL ? s->number : 0;
}
