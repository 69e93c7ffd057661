/*
 * test_doubt.c: numbers far away, bytes that may be padding, and what the next segment says of them.
 */
#include "tcp/doubt.h"

#include "check.h"
#include "tcp/rules.h"

#define C 0
#define S 1
#define FAR (1u << 24)

static mc_conn conn;
static mc_pool pool;

/* The client has sent up to 1,000 and the server up to 5,000, all of it acknowledged. */
static void talked(void)
{
    unsigned i;

    mc_pool_destroy(&pool);
    memset(&conn, 0, sizeof conn);
    for (i = 0; i < 2; i++) {
        mc_endpoint_state *d = &conn.endpoint[i];

        mc_endpoint_state_init(d);
        d->known = MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_ACK | MC_KNOWN_BYTES;
        d->options |= MC_OPT_SEEN;
        d->base = i == C ? 0 : 4000;
        d->highest_end = d->nxt = i == C ? 1000 : 5000;
        d->last_ack = i == C ? 5000 : 1000;
        d->max_raw_window = 60000;
        d->scale = MC_SCALE_NONE;
    }
}

static mc_segment sent(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    return (mc_segment){ .flags = flags, .seq = seq, .ack = ack, .len = len, .len_known = true, .ip_version = 4 };
}

static mc_doubt_kind doubt(uint8_t flags, uint32_t seq, uint32_t len, bool zeros)
{
    const mc_segment s = sent(flags, seq, 5000, len);

    return mc_doubt_of(&conn, C, &s, zeros);
}

/* A segment of the client is in doubt, at 1 s in frame 7. */
static void keep(uint8_t flags, uint32_t seq, uint32_t len, mc_doubt_kind kind)
{
    const mc_segment s = sent(flags, seq, 5000, len);

    CHECK(mc_doubt_keep(&conn, C, &s, kind, MC_NS_PER_S, 7, &pool));
    CHECK(mc_in_doubt(&conn.endpoint[C]));
}

static mc_doubt_news next(uint8_t flags, uint32_t seq, uint32_t len)
{
    const mc_segment s = sent(flags, seq, 5000, len);
    mc_doubt_news news = { 0 };

    mc_doubt_next(&conn, C, &s, &news);
    return news;
}

static mc_doubt_news acknowledged(uint32_t ack)
{
    mc_doubt_news news = { 0 };

    mc_doubt_acknowledged(&conn, C, ack, &news);
    return news;
}

static void test_how_far_is_far(void)
{
    talked();
    CHECK_EQ(mc_far_limit(&conn.endpoint[S]), 2 << 16);
    conn.endpoint[S].scale = MC_SCALE_UNKNOWN;
    CHECK_EQ(mc_far_limit(&conn.endpoint[S]), 16 << 20);
    conn.endpoint[S].scale = 2;
    CHECK_EQ(mc_far_limit(&conn.endpoint[S]), 1 << 20);      /* 240,000 are less */
    conn.endpoint[S].scale = 7;
    CHECK_EQ(mc_far_limit(&conn.endpoint[S]), 60000 << 7);
}

static void test_what_is_in_doubt(void)
{
    mc_segment s;

    talked();
    CHECK_EQ(doubt(MC_TH_ACK, 1000, 10, false), MC_DOUBT_NONE);
    CHECK_EQ(doubt(MC_TH_ACK, FAR, 10, false), MC_DOUBT_FAR);
    CHECK_EQ(doubt(MC_TH_ACK, (uint32_t)-1 - FAR, 10, false), MC_DOUBT_FAR);
    CHECK_EQ(doubt(MC_TH_RST, FAR, 0, false), MC_DOUBT_NONE);        /* RFC 9293, 3.10.7.4: it has rules of its own */
    CHECK_EQ(doubt(MC_TH_SYN | MC_TH_ACK, FAR, 4, true), MC_DOUBT_OLD_PADDING);
    conn.endpoint[S].last_ack = FAR;                                 /* the peer knows these numbers */
    CHECK_EQ(doubt(MC_TH_ACK, FAR, 10, false), MC_DOUBT_NONE);
    talked();
    conn.flags |= MC_C_SELF;
    CHECK_EQ(doubt(MC_TH_ACK, FAR, 10, false), MC_DOUBT_NONE);
    talked();
    conn.endpoint[C].known &= (uint8_t)~MC_KNOWN_BYTES;              /* its SYN says where it is */
    CHECK_EQ(doubt(MC_TH_ACK, FAR, 10, false), MC_DOUBT_FAR);
    CHECK_EQ(doubt(MC_TH_ACK, 1, 6, true), MC_DOUBT_PADDING);
    conn.endpoint[C].options = 0;                                    /* nothing does */
    CHECK_EQ(doubt(MC_TH_ACK, FAR, 10, false), MC_DOUBT_NONE);

    talked();
    CHECK_EQ(doubt(MC_TH_ACK, 1000, 6, true), MC_DOUBT_PADDING);
    CHECK_EQ(doubt(MC_TH_ACK, 1000, 6, false), MC_DOUBT_NONE);
    CHECK_EQ(doubt(MC_TH_ACK, 994, 6, true), MC_DOUBT_NONE);         /* sent again: zeros that were counted */
    CHECK_EQ(doubt(MC_TH_ACK, 1001, 6, true), MC_DOUBT_NONE);
    conn.endpoint[C].once |= MC_ONCE_FIN;
    CHECK_EQ(doubt(MC_TH_ACK, 1001, 6, true), MC_DOUBT_OLD_PADDING); /* the last acknowledgement, behind the FIN */
    CHECK_EQ(doubt(MC_TH_SYN, 1001, 6, true), MC_DOUBT_OLD_PADDING);
    s = sent(MC_TH_ACK, 1000, 5000, 6);
    s.ip_version = 6;                                                /* its frames are longer than the shortest */
    CHECK_EQ(mc_doubt_of(&conn, C, &s, true), MC_DOUBT_NONE);
    s.flags = MC_TH_SYN;
    CHECK_EQ(mc_doubt_of(&conn, C, &s, true), MC_DOUBT_NONE);
    s.flags = MC_TH_ACK;
    s.ip_version = 4;
    s.has = MC_HAS_TS;
    CHECK_EQ(mc_doubt_of(&conn, C, &s, true), MC_DOUBT_NONE);
}

static void test_padding(void)
{
    mc_doubt_news news;

    /* the next segment begins where the padding began: no number counts it */
    talked();
    keep(MC_TH_ACK, 1000, 6, MC_DOUBT_PADDING);
    news = next(MC_TH_ACK, 1000, 100);
    CHECK(news.padding && !news.accepted);
    CHECK_EQ(news.frame, 7);
    CHECK(!mc_in_doubt(&conn.endpoint[C]));
    /* where there is padding, zeros below what was sent are some too; a probe's one byte is not */
    CHECK_EQ(doubt(MC_TH_ACK, 994, 6, true), MC_DOUBT_OLD_PADDING);
    CHECK_EQ(doubt(MC_TH_ACK, 999, 1, true), MC_DOUBT_NONE);
    CHECK_EQ(doubt(MC_TH_ACK, 1020, 6, true), MC_DOUBT_NONE);

    /* it begins behind: they are data */
    talked();
    keep(MC_TH_ACK, 1000, 6, MC_DOUBT_PADDING);
    news = next(MC_TH_ACK, 1006, 100);
    CHECK(news.accepted && !news.padding);
    CHECK_EQ(news.segment.seq, 1000);
    CHECK_EQ(news.segment.len, 6);
    CHECK_EQ(news.time_ns, MC_NS_PER_S);

    /* one from before says nothing yet */
    talked();
    keep(MC_TH_ACK, 1000, 6, MC_DOUBT_PADDING);
    news = next(MC_TH_ACK, 900, 100);
    CHECK(!news.accepted && !news.padding);
    CHECK(mc_in_doubt(&conn.endpoint[C]));
    /* nor does a reset */
    news = next(MC_TH_RST, 1006, 0);
    CHECK(!news.accepted && !news.padding);

    /* padding of a FIN: the number of the FIN counts */
    talked();
    keep(MC_TH_ACK | MC_TH_FIN, 1000, 6, MC_DOUBT_PADDING);
    news = next(MC_TH_ACK, 1001, 0);
    CHECK(news.padding && !news.accepted);
}

static void test_padding_that_is_acknowledged(void)
{
    mc_doubt_news news;

    talked();
    keep(MC_TH_ACK, 1000, 6, MC_DOUBT_PADDING);
    news = acknowledged(1000);
    CHECK(!news.accepted && !news.padding);
    CHECK(mc_in_doubt(&conn.endpoint[C]));
    news = acknowledged(1006);
    CHECK(news.accepted);
    CHECK_EQ(news.segment.len, 6);

    talked();
    keep(MC_TH_ACK | MC_TH_FIN, 1000, 6, MC_DOUBT_PADDING);
    news = acknowledged(1001);
    CHECK(news.padding && !news.accepted);
    CHECK_EQ(news.frame, 7);
    CHECK(!mc_in_doubt(&conn.endpoint[C]));

    talked();
    keep(MC_TH_ACK | MC_TH_FIN, 1000, 6, MC_DOUBT_PADDING);
    news = acknowledged(1007);                   /* six bytes and the FIN */
    CHECK(news.accepted && !news.padding);
}

static void test_far_numbers(void)
{
    mc_doubt_news news;

    /* the next one goes on there: the capture has missed what lies between */
    talked();
    keep(MC_TH_ACK, FAR, 10, MC_DOUBT_FAR);
    news = next(MC_TH_ACK, FAR + 10, 10);
    CHECK(news.accepted && !news.far_seq);
    CHECK_EQ(news.segment.seq, FAR);
    CHECK_EQ(news.far_bytes, FAR - 1000);

    /* it goes on with what was before: the number was wrong */
    talked();
    keep(MC_TH_ACK, FAR, 10, MC_DOUBT_FAR);
    news = next(MC_TH_ACK, 1000, 10);
    CHECK(news.far_seq && !news.accepted);
    CHECK(!mc_in_doubt(&conn.endpoint[C]));

    /* it leaves just their place: the bytes belong there, with another number */
    talked();
    keep(MC_TH_ACK, FAR, 10, MC_DOUBT_FAR);
    news = next(MC_TH_ACK, 1010, 10);
    CHECK(news.far_seq && news.accepted);
    CHECK_EQ(news.segment.seq, 1000);

    /* so says the peer that has got them */
    talked();
    keep(MC_TH_ACK, FAR, 10, MC_DOUBT_FAR);
    news = acknowledged(1010);
    CHECK(news.far_seq && news.accepted);
    CHECK_EQ(news.segment.seq, 1000);
    CHECK_EQ(news.far_bytes, FAR - 1000);

    /* or that it is as it seems */
    talked();
    keep(MC_TH_ACK, FAR, 10, MC_DOUBT_FAR);
    news = acknowledged(1000);
    CHECK(!news.accepted && !news.far_seq);
    news = acknowledged(FAR + 10);
    CHECK(news.accepted && !news.far_seq);

    /* what holds no bytes has no place */
    talked();
    keep(MC_TH_ACK, FAR, 0, MC_DOUBT_FAR);
    news = acknowledged(1000);
    CHECK(!news.accepted && !news.far_seq);
    news = next(MC_TH_ACK, 1000, 0);
    CHECK(news.far_seq && !news.accepted);
}

static void test_what_is_told_of_a_segment_again(void)
{
    mc_segment s = sent(MC_TH_ACK, 1000, 5000, 6);
    mc_doubt_news news;

    talked();
    s.has = MC_HAS_TS | MC_HAS_IPID;
    s.ts_val = 77;
    s.ip_id = 5;
    CHECK(mc_doubt_keep(&conn, C, &s, MC_DOUBT_FAR, MC_NS_PER_S, 7, &pool));
    news = next(MC_TH_ACK, 1006, 1);
    CHECK_EQ(news.segment.has, MC_HAS_TS | MC_HAS_IPID);
    CHECK_EQ(news.segment.ts_val, 77);
    CHECK_EQ(news.segment.ip_id, 5);
    s.ip_id = 0;                                 /* as of hosts that set none */
    CHECK(mc_doubt_keep(&conn, C, &s, MC_DOUBT_FAR, MC_NS_PER_S, 7, &pool));
    news = next(MC_TH_ACK, 1006, 1);
    CHECK_EQ(news.segment.has, MC_HAS_TS);
}

static bool far_ack(uint8_t flags, uint32_t ack, const uint32_t *before)
{
    const mc_segment s = sent(flags, 1000, ack, 0);
    uint64_t far_bytes;

    return mc_doubt_ack(&conn, C, &s, before, &far_bytes);
}

static void test_far_acknowledgements(void)
{
    const mc_segment s = sent(MC_TH_ACK, 1000, FAR, 0);
    const uint32_t before = 5000, near = FAR - 100;
    mc_segment near_one;
    mc_doubt_news news;

    talked();
    CHECK(!far_ack(MC_TH_ACK, 5000, NULL));
    CHECK(!far_ack(MC_TH_ACK, 4000, NULL));
    CHECK(far_ack(MC_TH_ACK, FAR, NULL));
    CHECK(far_ack(MC_TH_ACK, FAR, &before));
    CHECK(!far_ack(MC_TH_ACK, FAR, &near));      /* it has acknowledged these before */
    CHECK(!far_ack(MC_TH_ACK | MC_TH_RST, FAR, NULL));
    CHECK(!far_ack(0, FAR, NULL));
    conn.endpoint[S].known = conn.endpoint[S].options = 0;
    CHECK(!far_ack(MC_TH_ACK, FAR, NULL));

    /* the next one of the same side takes it back, or goes on there */
    talked();
    mc_doubt_keep_ack(&conn, C, &s, FAR - 5000, 9, &pool);
    CHECK(mc_in_doubt(&conn.endpoint[C]));
    news = next(MC_TH_ACK, 1000, 0);
    CHECK(news.far_ack);
    CHECK_EQ(news.ack_frame, 9);
    CHECK_EQ(news.ack_far_bytes, FAR - 5000);
    CHECK(!mc_in_doubt(&conn.endpoint[C]));
    near_one = sent(MC_TH_ACK, 1000, 5100, 0);
    mc_doubt_keep_ack(&conn, C, &near_one, 100, 9, &pool);
    news = next(0, 1000, 0);                     /* no acknowledgement */
    CHECK(!news.far_ack && mc_in_doubt(&conn.endpoint[C]));
    news = next(MC_TH_ACK, 1000, 0);
    CHECK(!news.far_ack && !mc_in_doubt(&conn.endpoint[C]));
}

static bool takes_back(uint8_t flags, uint32_t ack)
{
    const mc_segment s = sent(flags, 1000, ack, 0);
    uint64_t at = 0;
    const bool does = mc_doubt_takes_back(&conn, C, &s, &at);

    CHECK(!does || at == 9);
    return does;
}

static void test_acknowledged_and_taken_back(void)
{
    talked();
    CHECK(!takes_back(MC_TH_ACK, 5000));         /* nothing to take back */
    mc_doubt_keep_unseen(&conn, C, 5500, 9, &pool);
    CHECK(mc_doubt_is_unseen(&conn.endpoint[C]));
    CHECK(!takes_back(MC_TH_ACK | MC_TH_RST, 5000));
    CHECK(takes_back(MC_TH_ACK, 5000));
    CHECK(!mc_doubt_is_unseen(&conn.endpoint[C]));
    mc_doubt_keep_unseen(&conn, C, 5500, 9, &pool);
    CHECK(!takes_back(MC_TH_ACK, 5500));         /* it stands by it */
    mc_doubt_keep_unseen(&conn, C, 5500, 9, &pool);
    conn.endpoint[S].highest_end = 5500;         /* it has come since */
    CHECK(!takes_back(MC_TH_ACK, 5000));
}

static void test_numbers_of_the_rules_far_ahead(void)
{
    talked();
    CHECK(!mc_is_far_ahead(&conn.endpoint[C]));
    conn.endpoint[C].nxt = FAR;
    CHECK(mc_is_far_ahead(&conn.endpoint[C]));
    conn.endpoint[C].known &= (uint8_t)~MC_KNOWN_NXT;
    CHECK(!mc_is_far_ahead(&conn.endpoint[C]));
    conn.endpoint[C].known |= MC_KNOWN_CONTIGUOUS;
    conn.endpoint[C].contiguous_end = FAR;
    CHECK(mc_is_far_ahead(&conn.endpoint[C]));
    conn.endpoint[C].known &= (uint8_t)~MC_KNOWN_CONTIGUOUS;
    CHECK(!mc_is_far_ahead(&conn.endpoint[C]));
}

int main(void)
{
    RUN(test_how_far_is_far);
    RUN(test_what_is_in_doubt);
    RUN(test_padding);
    RUN(test_padding_that_is_acknowledged);
    RUN(test_far_numbers);
    RUN(test_what_is_told_of_a_segment_again);
    RUN(test_far_acknowledgements);
    RUN(test_acknowledged_and_taken_back);
    RUN(test_numbers_of_the_rules_far_ahead);
    mc_pool_destroy(&pool);
    return DONE();
}
