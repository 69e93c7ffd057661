/*
 * test_names.c: texts of captures, each once and fit to be shown; how many there may be.
 */
#include "application/names.h"
#include "check.h"

#include <stdlib.h>

static mc_names names;
static const uint64_t seed[2] = { 1, 2 };

static void begin(uint32_t most)
{
    mc_names_free(&names);
    mc_names_init(&names, most, seed);
}

static uint16_t say(const char *text, mc_name_kind kind)
{
    return mc_names_say(&names, (mc_view){ (const uint8_t *)text, strlen(text) }, kind);
}

static void test_each_text_once(void)
{
    begin(100);
    CHECK(mc_names_text(&names, 0) == NULL);
    CHECK_EQ(say("", MC_NAME_SNI), 0);
    CHECK_EQ(say("a.example", MC_NAME_SNI), 1);
    CHECK_EQ(say("b.example", MC_NAME_SNI), 2);
    CHECK_EQ(say("a.example", MC_NAME_OTHER), 1);
    CHECK_STR(mc_names_text(&names, 1), "a.example");
    CHECK_STR(mc_names_text(&names, 2), "b.example");
    CHECK_EQ(names.count, 2);
}

/* What was said lately is found by some of its bytes, and is not taken for what is like it. */
static void test_texts_that_are_alike(void)
{
    static const char *const text[] = { "aXb.example.org", "aYb.example.org", "www.AAAA.example.org", "www.BBBB.example.org",
                                        "www.AAAAxxxxxxx.example.org", "www.AAAAyyyyyyy.example.org", "h2", "h3", "hx2", "hy2",
                                        "12345678", "12345679", "123456789" };
    unsigned i, k;

    begin(100);
    for (k = 0; k < 5; k++)
        for (i = 0; i < MC_ARRAY_LEN(text); i++) {
            const uint16_t number = say(text[i], MC_NAME_SNI);

            CHECK_EQ(number, i + 1);
            CHECK_STR(mc_names_text(&names, number), text[i]);
            CHECK_EQ(names.at[i]->connections[MC_NAME_SNI], k + 1);
        }
    CHECK_EQ(names.count, MC_ARRAY_LEN(text));
}

static void test_fit_to_be_shown(void)
{
    static char longest[1000];

    begin(100);
    CHECK_STR(mc_names_text(&names, mc_names_say(&names, (mc_view){ (const uint8_t *)"a\0b", 3 }, MC_NAME_SNI)), "a?b");
    CHECK(strchr(mc_names_text(&names, say("red\x1b[31m", MC_NAME_SNI)), 0x1b) == NULL);
    memset(longest, 'l', sizeof longest - 1);
    CHECK(strlen(mc_names_text(&names, say(longest, MC_NAME_SNI))) < MC_NAME_MOST);
    CHECK_EQ(say(longest, MC_NAME_SNI), names.count);        /* the same text, once */
}

static void test_the_most_frequent(void)
{
    mc_said said[MC_SAID_MOST];
    char text[20];
    int i, k;

    begin(100);
    mc_names_rank(&names, MC_NAME_SNI, said);
    CHECK(said[0].text == NULL);
    for (i = 0; i < 12; i++)
        for (k = 0; k <= (i * 5) % 12; k++) {
            snprintf(text, sizeof text, "n%d", (i * 5) % 12);
            say(text, MC_NAME_SNI);
        }
    say("h2", MC_NAME_ALPN);
    mc_names_rank(&names, MC_NAME_SNI, said);
    for (i = 0; i < MC_SAID_MOST; i++) {
        snprintf(text, sizeof text, "n%d", 11 - i);
        CHECK_STR(said[i].text, text);
        CHECK_EQ(said[i].connections, 12 - i);
    }
    mc_names_rank(&names, MC_NAME_ALPN, said);
    CHECK_STR(said[0].text, "h2");
    CHECK_EQ(said[0].connections, 1);
    CHECK(said[1].text == NULL);
}

/* Full: what is there is counted on, what is new has no number. */
static void test_a_table_that_is_full(void)
{
    char text[20];
    unsigned i;

    begin(1000000);
    for (i = 1; i <= MC_NAMES_MOST; i++) {
        snprintf(text, sizeof text, "n%u", i);
        if (say(text, MC_NAME_SNI) != i)
            break;
    }
    CHECK_EQ(i, MC_NAMES_MOST + 1);
    CHECK_EQ(say("new", MC_NAME_SNI), 0);
    CHECK_EQ(say("n4000", MC_NAME_SNI), 4000);
    CHECK(!names.no_memory);
    begin(2);
    CHECK_EQ(say("a", MC_NAME_SNI), 1);
    CHECK_EQ(say("b", MC_NAME_SNI), 2);
    CHECK_EQ(say("c", MC_NAME_SNI), 0);
    CHECK_EQ(say("b", MC_NAME_SNI), 2);
}

int main(void)
{
    RUN(test_each_text_once);
    RUN(test_texts_that_are_alike);
    RUN(test_fit_to_be_shown);
    RUN(test_the_most_frequent);
    RUN(test_a_table_that_is_full);
    mc_names_free(&names);
    return DONE();
}
