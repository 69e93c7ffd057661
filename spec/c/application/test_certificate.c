/*
 * test_certificate.c: names and dates, in the orders that there are, and DER that is none.
 */
#include "application/certificate.h"
#include "check.h"
#include "says.h"

static said s;
static mc_certificate c;
static uint8_t *copy;

static bool read_cut(size_t len)
{
    free(copy);
    copy = says_copy(s.p, len);
    return mc_certificate_read(&c, (mc_view){ copy, len });
}

static bool read_certificate(certificate o)
{
    s.len = 0;
    says_der(&s, &o);
    return read_cut(s.len);
}

static bool is_text(mc_view v, const char *text)
{
    return v.len == strlen(text) && memcmp(v.p, text, v.len) == 0;
}

static const certificate usual = { .issuer = "Example CA", .subject = "www.example", .organization = "Example Ltd",
                                   .dns = "first.example" };

static void test_names(void)
{
    certificate o = usual;

    for (o.common_last = false;; o.common_last = true) {
        for (o.one_set = false;; o.one_set = true) {
            CHECK(read_certificate(o));
            CHECK(is_text(c.issuer, "Example CA"));
            CHECK(is_text(c.subject, "www.example"));
            CHECK(is_text(c.name, "first.example"));
            if (o.one_set)
                break;
        }
        if (o.common_last)
            break;
    }
    o.subject = NULL;                            /* then the organization */
    CHECK(read_certificate(o));
    CHECK(is_text(c.subject, "Example Ltd"));
    o.organization = NULL;
    CHECK(read_certificate(o));
    CHECK_EQ(c.subject.len, 0);
    CHECK(is_text(c.issuer, "Example CA"));
}

/* Of two organizations the first is told, and of two common names as well. */
static void test_the_first_of_a_kind(void)
{
    size_t i;
    certificate o = { .organization = "Org1", .dns = "d" };

    CHECK(read_certificate(o));
    CHECK(is_text(c.issuer, "Org1"));
    o.issuer = "Org2";
    CHECK(read_certificate(o));
    CHECK(is_text(c.issuer, "Org2"));
    for (i = 0; i + 4 < s.len; i++)              /* the common name becomes another organization */
        if (memcmp(s.p + i, "\x55\4\3", 3) == 0) {
            s.p[i + 2] = 10;
            break;
        }
    CHECK(read_cut(s.len));
    CHECK(is_text(c.issuer, "Org2"));            /* it stands first */
}

static void test_alternative_names(void)
{
    certificate o = usual;

    o.critical = o.keys = o.mail_first = true;
    CHECK(read_certificate(o));
    CHECK(is_text(c.name, "first.example"));
    o.dns = NULL;
    CHECK(read_certificate(o));
    CHECK_EQ(c.name.len, 0);
    o.no_version = true;
    CHECK(read_certificate(o));
    CHECK(is_text(c.subject, "www.example"));
}

static size_t find(const char *bytes, size_t len)
{
    size_t i = 0;

    while (i + len < s.len && memcmp(s.p + i, bytes, len) != 0)
        i++;
    CHECK(i + len < s.len);
    return i;
}

/* Alternative names that are none: everything else is told. */
static void test_alternative_names_that_are_none(void)
{
    certificate o = usual;
    size_t at;

    o.critical = true;
    CHECK(read_certificate(o));
    at = find("\6\3\x55\x1d\x11\1\1\xff\4", 9);
    s.p[at + 8] = 5;                             /* no octets behind the mark */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    s.p[at + 8] = 4;
    s.p[at + 12] = 0x31;                         /* a set */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    s.p[at + 12] = 0x30;
    s.p[at] = 5;                                 /* no type */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    s.p[at] = 6;
    s.p[at + 6] = 0x81;                          /* a mark that cannot be read */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    o.critical = false;
    CHECK(read_certificate(o));
    at = find("\x82\015first.example", 15);      /* names of another kind alone */
    s.p[at] = 0x81;
    s.p[find("\x82\016second", 8)] = 0x81;
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    at = find("\xa3\x82", 2);
    s.p[at + 4] = 0x31;                          /* no sequence of extensions */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
    CHECK(is_text(c.subject, "www.example"));
    s.p[at] = 0xa2;                              /* and no extensions */
    CHECK(read_cut(s.len));
    CHECK_EQ(c.name.len, 0);
}

static int64_t time_of(const char *time)
{
    certificate o = usual;

    o.from = time;
    return read_certificate(o) ? c.not_before : -1;
}

static void test_dates(void)
{
    CHECK_EQ(time_of("700101000000Z"), 0);
    CHECK_EQ(time_of("700101000001Z"), 1);
    CHECK_EQ(time_of("230101000000Z"), 1672531200);
    CHECK_EQ(time_of("491231235959Z"), 2524607999);          /* up to 49: of this century */
    CHECK(read_certificate((certificate){ .from = "500101000000Z" }));
    CHECK_EQ(c.not_before, -631152000);
    CHECK_EQ(time_of("20500101000000Z"), 2524608000);
    CHECK_EQ(time_of("20000229120000Z"), 951825600);         /* a leap day */
    CHECK_EQ(time_of("20000301000000Z"), 951868800);
    CHECK_EQ(time_of("21000301000000Z"), 4107542400);        /* 2100 has none */
    CHECK_EQ(time_of("99991231235960Z"), 253402300800);      /* RFC 5280: no end; a leap second */
    CHECK(read_certificate((certificate){ .from = "20240101000000Z", .to = "250101000000Z" }));
    CHECK_EQ(c.not_after - c.not_before, 366 * 86400);
}

static void test_dates_that_are_none(void)
{
    static const char *const wrong[] = {
        "230001000000Z",   "231301000000Z",   "230100000000Z",   "230132000000Z",   "230101240000Z",  "230101006000Z",
        "230101000061Z",   "230101000000+",   "2301010000Z",     "23010100000Z",    "a30101000000Z",  "3a0101000000Z",
        "23a101000000Z",   "230/01000000Z",   "2301:1000000Z",   "23010100000aZ",   "2301010000a0Z",  "2301010a0000Z",
        "a0230101000000Z", "20a30101000000Z", "20231301000000Z", "2023010100000000Z", "20230101000000X",
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(wrong); i++) {
        certificate o = usual;

        o.from = wrong[i];
        CHECK(!read_certificate(o));
        o.from = NULL;
        o.to = wrong[i];
        CHECK(!read_certificate(o));
    }
    CHECK(read_certificate(usual));
    s.p[find("\x17\015" "23", 4)] = 0x16;        /* a text that is no time */
    CHECK(!read_cut(s.len));
}

/* Cut anywhere: from the dates on they are told, and of names nothing else than what there is. */
static void test_certificates_that_are_cut_off(void)
{
    size_t len, dates;

    CHECK(read_certificate(usual));
    dates = find("330101000000Z", 13) + 13;
    for (len = 0; len <= s.len; len++) {
        CHECK_EQ(read_cut(len), len >= dates);
        if (len < dates)
            continue;
        CHECK_EQ(c.not_after, 1988150400);
        CHECK(is_text(c.issuer, "Example CA"));
        CHECK(c.subject.len == 0 || memcmp(c.subject.p, "www.example", c.subject.len) == 0 ||
              memcmp(c.subject.p, "Example Ltd", c.subject.len) == 0);
        CHECK(c.name.len == 0 || memcmp(c.name.p, "first.example", c.name.len) == 0);
    }
}

static bool read_bytes(const char *p, size_t len)
{
    s.len = 0;
    say(&s, p, len);
    return read_cut(len);
}

static void test_what_is_no_der(void)
{
    CHECK(!read_bytes("", 0));
    CHECK(!read_bytes("\x30", 1));
    CHECK(!read_bytes("\x31\x02\x30\x00", 4));
    CHECK(!read_bytes("\x30\x80\x30\x80\x02\x01\x07", 7));   /* no length: BER */
    CHECK(!read_bytes("\x30\x85\0\0\0\0\1\x30", 8));         /* a length of five bytes */
    CHECK(!read_bytes("\x30\x82\0", 3));                     /* a length that is cut off */
    CHECK(!read_bytes("\x30\x84\xff\xff\xff\xff\x30", 7));
    CHECK(!read_bytes("\x30\x05\x30\x03\xa0\x01\x00", 7));   /* nothing behind the version */
    CHECK(!read_bytes("\x30\x06\x30\x04\xa0\x00\x04\x00", 8));           /* no serial number */
    CHECK(!read_bytes("\x30\x05\x30\x03\x02\x01\x07", 7));
    CHECK(!read_bytes("\x30\x09\x30\x07\x02\x01\x07\x30\x00\x31\x00", 11));
}

/* Every byte, changed to every other: nothing crashes, and what is told lies within. */
static void test_bytes_that_are_changed(void)
{
    static said whole;
    size_t i;
    unsigned bit;

    CHECK(read_certificate(usual));
    whole = s;
    for (i = 0; i < whole.len; i++)
        for (bit = 0; bit < 8; bit++) {
            s = whole;
            s.p[i] ^= (uint8_t)(1u << bit);
            if (!read_cut(s.len))
                continue;
            CHECK(c.issuer.p >= copy && c.issuer.p + c.issuer.len <= copy + s.len);
            CHECK(c.subject.p == NULL || c.subject.p + c.subject.len <= copy + s.len);
            CHECK(c.name.p == NULL || c.name.p + c.name.len <= copy + s.len);
        }
}

/* All but the bytes that it says it rests on may be others, and nothing changes. */
static void test_what_it_rests_on(void)
{
    certificate o = usual;
    unsigned kind;

    for (kind = 0; kind < 16; kind++) {
        mc_certificate first;
        size_t len, i;

        o.dns = (kind & 1) != 0 ? NULL : usual.dns;
        o.keys = (kind & 2) != 0;
        o.mail_first = (kind & 4) != 0;
        o.key = (kind & 8) != 0 ? 400 : 0;
        CHECK(read_certificate(o));
        CHECK_EQ(c.key_end - c.key, o.key > 0 ? o.key : 20);
        CHECK(o.dns == NULL ? c.read == s.len : c.read < s.len && c.name.p + c.name.len == copy + c.read);
        for (len = s.len; len > 100; len--) {
            const bool told = read_cut(len);
            const uint8_t *was = copy;

            first = c;
            if (!told)
                continue;
            CHECK(c.key <= c.key_end && c.key_end <= c.read && c.read <= len);
            for (i = 0; i < len; i++)
                if ((i >= c.key && i < c.key_end) || i >= c.read)
                    copy[i] ^= 0xff;
            CHECK(mc_certificate_read(&c, (mc_view){ copy, len }));
            CHECK(c.not_before == first.not_before && c.not_after == first.not_after && was == copy);
            CHECK(c.issuer.p == first.issuer.p && c.issuer.len == first.issuer.len);
            CHECK(c.subject.p == first.subject.p && c.subject.len == first.subject.len);
            CHECK(c.name.p == first.name.p && c.name.len == first.name.len);
        }
    }
}

int main(void)
{
    RUN(test_what_it_rests_on);
    RUN(test_names);
    RUN(test_the_first_of_a_kind);
    RUN(test_alternative_names);
    RUN(test_alternative_names_that_are_none);
    RUN(test_dates);
    RUN(test_dates_that_are_none);
    RUN(test_certificates_that_are_cut_off);
    RUN(test_what_is_no_der);
    RUN(test_bytes_that_are_changed);
    free(copy);
    return DONE();
}
