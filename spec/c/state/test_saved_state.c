/*
 * test_saved_state.c: an analysis that is saved and goes on, or that is put together from parts, comes to what one reading of
 * all comes to, on every bundled capture; and what is no state, or not the one that is due, is refused by name.
 */
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "saved.h"
#include "session_same.h"
#include "state/logger.h"
#include "state/play.h"
#include "talk_kinds.h"
#include "temp_folder.h"

static mc_rules usual_rules;

/* A file in the folder of this test. */
static const char *leaf(const char *kind, unsigned n)
{
    char name[32];

    snprintf(name, sizeof name, "%s%u", kind, n);
    return name_of(name);
}

static bytes contents(const char *path)
{
    bytes b = { .big = false };
    FILE *f = fopen(path, "rb");
    char buffer[4096];
    size_t n;

    CHECK(f != NULL);
    while (f != NULL && (n = fread(buffer, 1, sizeof buffer, f)) > 0)
        put(&b, buffer, n);
    if (f != NULL)
        fclose(f);
    return b;
}

/* Cuts a pcap file into PIECES, each of so many records; false: it is of another kind. */
static bool cut(const char *path, char names[PIECES][160])
{
    bytes b = contents(path);
    const bool is_pcap = b.len > 24 && (mc_le32(b.p) == 0xa1b2c3d4u || mc_le32(b.p) == 0xa1b23c4du);
    size_t at = 24, records = 0, each, n = 0, from = 24;
    unsigned piece = 0;

    for (; is_pcap && at + 16 <= b.len; records++)
        at += 16 + mc_le32(b.p + at + 8);
    each = records / PIECES + 1;
    for (at = 24; is_pcap && piece < PIECES;) {
        const bool ends = at + 16 > b.len;

        if (!ends) {
            at += 16 + mc_le32(b.p + at + 8);
            n++;
        }
        if (ends || n == each) {
            bytes out = { .big = false };

            put(&out, b.p, 24);
            put(&out, b.p + from, at - from);
            snprintf(names[piece], sizeof names[0], "%s", write_file(piece == 0 ? "p0" : piece == 1 ? "p1" : "p2", out.p, out.len));
            free(out.p);
            piece++;
            from = at;
            n = 0;
        }
    }
    free(b.p);
    return is_pcap;
}

/* Rows that say what connections said hold references: of these the counts are compared. */
static void compare(mc_session *a, mc_session *b, bool bare)
{
    const mc_facts *x, *y;
    unsigned i;

    if (bare) {
        compare_sessions(a, b);
        return;
    }
    x = mc_session_facts(a);
    y = mc_session_facts(b);
    for (i = 0; i < 2; i++)
        CHECK(memcmp(&x->direction[i], &y->direction[i], sizeof x->direction[i]) == 0);
    CHECK(memcmp(&x->connections, &y->connections, sizeof x->connections) == 0);
    CHECK_EQ(x->top_count, y->top_count);
    for (i = 0; i < x->top_count && i < y->top_count; i++) {
        CHECK_EQ(x->top_connections[i].client_port, y->top_connections[i].client_port);
        CHECK_EQ(x->top_connections[i].state, y->top_connections[i].state);
    }
    CHECK_EQ(x->capture.frames, y->capture.frames);
    CHECK_EQ(x->capture.not_tcp_frames, y->capture.not_tcp_frames);
}

/* All ways to read these pieces come to the same. */
static void compare_ways(char names[PIECES][160], bool bare)
{
    const char *const paths[PIECES] = { names[0], names[1], names[2] };
    char parts[PIECES][160], state[160], joined[160], some[160];
    const char *const all[PIECES] = { parts[0], parts[1], parts[2] };
    const char *const tree[2] = { some, parts[2] };
    mc_session *one = read_of(paths, PIECES, &usual), *other;
    mc_state_facts facts;
    unsigned i;

    snprintf(state, sizeof state, "%s", leaf("state", 0));
    snprintf(joined, sizeof joined, "%s", leaf("joined", 0));
    snprintf(some, sizeof some, "%s", leaf("some", 0));
    CHECK(one != NULL);
    for (i = 0; one != NULL && i < PIECES; i++) {            /* saved behind each piece */
        CHECK(save_of(paths, i + 1, usual, state));
        other = go_on(state, paths + i + 1, PIECES - 1 - i);
        CHECK(other != NULL);
        if (other != NULL)
            compare(one, other, bare);
        mc_session_close(other);
    }
    for (i = 0; one != NULL && i < PIECES; i++) {            /* saved behind each from what was saved before */
        mc_options options = usual;

        options.state = i > 0 ? state : NULL;
        CHECK(save_of(paths + i, 1, options, i % 2 == 0 ? some : joined));
        CHECK(rename(i % 2 == 0 ? some : joined, state) == 0);
    }
    other = go_on(state, NULL, 0);
    CHECK(other != NULL);
    if (one != NULL && other != NULL)
        compare(one, other, bare);
    mc_session_close(other);
    for (i = 0; i < PIECES; i++) {
        snprintf(parts[i], sizeof parts[0], "%s", leaf("part", i));
        CHECK(save_part(paths[i], i + 1, PIECES, parts[i]));
        CHECK_EQ(mc_state_describe(parts[i], &facts, &failure), MC_OK);
        CHECK(facts.alone && facts.server.port == target.port);
    }
    CHECK_EQ(mc_state_join(all, 2, some, &failure), MC_OK);
    CHECK_EQ(mc_state_join(tree, 2, joined, &failure), MC_OK);
    other = go_on(joined, NULL, 0);
    CHECK(other != NULL);
    if (one != NULL && other != NULL) {
        compare(one, other, bare);
        CHECK_STR(mc_session_name(other, 2), paths[2]);
    }
    mc_session_close(other);
    mc_session_close(one);
}

static void test_every_bundled_capture_in_pieces(void)
{
    char names[PIECES][160];
    glob_t found;
    size_t i, cuts = 0;

    CHECK(glob(FIXTURES "/*.pcap", 0, NULL, &found) == 0);
    for (i = 0; i < found.gl_pathc; i++)
        if (cut(found.gl_pathv[i], names)) {
            const int before = check_failures;

            compare_ways(names, true);
            cuts++;
            if (check_failures != before)
                fprintf(stderr, "%s differs\n", found.gl_pathv[i]);
        }
    CHECK(cuts > 30);
    globfree(&found);
}

static void test_what_is_no_segment_travels_too(void)
{
    char names[PIECES][160];
    const mc_endpoint before = target;
    unsigned host;
    talk t;

    talk_of_all_kinds(&t);
    for (host = SERVER; host <= SERVER + 1; host++) {         /* the second one is in no packet */
        target = talk_host(host, host == SERVER ? 80 : 0);
        CHECK(cut(write_file("talk", t.file.p, t.file.len), names));
        compare_ways(names, false);
    }
    target = talk_host(SERVER, 80);
    CHECK(cut(write_file("talk", t.file.p, t.file.len), names));
    for (host = 0; host < 6; host++) {                        /* what may be asked for otherwise */
        usual.application = host != 0;
        usual.verify_checksums = host == 1;
        usual.has_start = usual.has_end = host == 2;
        usual.start_ns = 1000300 * MC_NS_PER_MS;
        usual.end_ns = 1000900 * MC_NS_PER_MS;
        usual.rules = host == 3 ? MC_RULES_WIRESHARK_4_0 : usual_rules;
        usual.max_connections = host == 4 ? 2 : 1000;
        usual.filter = host == 5 ? "tcp or udp" : NULL;
        compare_ways(names, false);
    }
    usual.filter = NULL;
    target = before;
    talk_free(&t);
}

static void test_other_ports_of_the_server_travel_too(void)
{
    char names[PIECES][160];
    const mc_endpoint before = target;

    target = talk_host(SERVER, 80);
    CHECK(cut(FIXTURES "/port-scan.pcap", names));
    compare_ways(names, true);
    CHECK(cut(FIXTURES "/rejected-by-icmp.pcap", names));
    compare_ways(names, true);
    target = before;
}

/* A client asks sixty hosts for the port of the server, twenty in each piece, and the server last. */
static void test_hosts_that_a_client_asks_travel_too(void)
{
    char names[PIECES][160];
    const mc_endpoint before = target;
    const char *const all[PIECES] = { names[0], names[1], names[2] };
    mc_session *one;
    unsigned i;
    talk t = { .client_port = 0 };
    frame f;

    for (i = 0; i < 60; i++) {
        frame_tcp_options(&f, "\2\4\5\xb4", 4, 0);
        frame_set16(&f, 0, 41000 + i);
        frame_set16(&f, 2, 80);
        frame_start(&f)[13] = SYN;
        talk_ip(&t, 10.0 * i, CLIENT, 100 + i, 6, &f);
    }
    frame_tcp_options(&f, "\2\4\5\xb4", 4, 0);         /* the server answers at another port, too */
    frame_set16(&f, 0, 22);
    frame_set16(&f, 2, 41000);
    frame_start(&f)[13] = SYN_ACK;
    talk_ip(&t, 900, SERVER, CLIENT, 6, &f);
    talk_tcp(&t, 1000, CLIENT, SYN, 100, 0, "", 0);
    talk_tcp(&t, 1001, SERVER, RST | ACK, 0, 101, "", 0);
    target = talk_host(SERVER, 80);
    CHECK(cut(write_file("sweep", t.file.p, t.file.len), names));
    compare_ways(names, true);
    one = read_of(all, PIECES, &usual);
    CHECK(one != NULL);
    if (one != NULL) {
        const mc_attempt_facts *a = &mc_session_facts(one)->connections.attempts;

        CHECK_EQ(a->scanned_refused[MC_CLIENT], 1u);
        CHECK_EQ(a->swept_near[MC_CLIENT], 1u);
        CHECK_EQ(a->other_ports_answered, 1u);
        CHECK_EQ(a->other_ports_answered_frames.frame[0], 61u);
        CHECK(a->sweep_hosts >= 30);             /* a piece alone has twenty of them */
    }
    mc_session_close(one);
    talk_free(&t);
    target = before;
}

/* Three parts of a small capture, as names. */
static void make_parts(char parts[PIECES][160], char names[PIECES][160], bool numbered)
{
    talk t = { .client_port = 0 };
    unsigned i;

    for (i = 0; i < 4; i++) {
        t.client_port = 42000 + i;
        talk_opens(&t, 100.0 * i);
        talk_asks_and_ends(&t, 100.0 * i + 30, 10);
    }
    CHECK(cut(write_file("small", t.file.p, t.file.len), names));
    for (i = 0; i < PIECES; i++) {
        snprintf(parts[i], sizeof parts[0], "%s", leaf("one", i));
        CHECK(save_part(names[i], numbered ? i + 1 : 0, numbered ? PIECES : 0, parts[i]));
    }
    talk_free(&t);
}

static void check_join(const char *a, const char *b, const char *word)
{
    const char *const both[2] = { a, b };
    char to[160];

    snprintf(to, sizeof to, "%s", leaf("refused", 0));
    CHECK(mc_state_join(both, 2, to, &failure) != MC_OK);
    CHECK(strstr(failure.msg, word) != NULL);
    if (strstr(failure.msg, word) == NULL)
        fprintf(stderr, "%s, not %s\n", failure.msg, word);
    CHECK(access(to, F_OK) != 0);
}

static void check_state(const char *state, const mc_options *options, const char *word)
{
    mc_options asked = *options;
    mc_session *s;

    asked.state = state;
    s = read_of(NULL, 0, &asked);
    CHECK(s == NULL);
    CHECK(strstr(failure.msg, word) != NULL);
    if (strstr(failure.msg, word) == NULL)
        fprintf(stderr, "%s, not %s\n", failure.msg, word);
    mc_session_close(s);
}

static void test_what_is_not_due_is_refused(void)
{
    char parts[PIECES][160], names[PIECES][160], state[160];
    const char *const first[1] = { names[0] };
    const mc_endpoint asked = target;
    mc_options options = usual;

    make_parts(parts, names, true);
    check_join(parts[0], parts[2], "part 2 is missing");
    check_join(parts[1], parts[0], "not in order");
    check_join(parts[0], parts[0], "doubled");
    check_join(parts[0], "/nonexistent/part", "No such file");
    check_join(parts[0], names[1], "no state and no part");
    check_state(parts[1], &usual, "part 1 is missing");
    check_state(parts[0], &usual, "part 2 of 3 is missing");
    check_state("/nonexistent/state", &usual, "No such file");
    check_state(names[0], &usual, "no state and no part");
    CHECK(mc_state_join((const char *const[]){ parts[0] }, 1, "/nonexistent/folder/to", &failure) != MC_OK);
    CHECK(mc_state_describe(names[0], &(mc_state_facts){ .alone = false }, &failure) != MC_OK);

    make_parts(parts, names, false);
    check_join(parts[0], parts[0], "doubled");
    snprintf(state, sizeof state, "%s", leaf("whole", 0));
    CHECK(save_of(first, 1, usual, state));
    check_join(parts[0], state, "can only be the first");
    target.port = 81;
    check_state(state, &usual, "another port");
    CHECK(save_part(names[1], 0, 0, leaf("other", 0)));
    target = asked;
    check_join(state, name_of("other0"), "another port");
    options.verify_checksums = true;
    CHECK(save_of(first, 1, options, name_of("sums")));
    check_join(state, name_of("sums"), "");
    options = usual;
    options.has_start = true;
    options.start_ns = 1;
    CHECK(save_of(first, 1, options, name_of("window")));
    check_join(state, name_of("window"), "");
    CHECK(!save_of(first, 1, usual, "/nonexistent/folder/state"));
}

/* Least of all a part that is being joined. */
static void test_what_lies_beside_the_output_stays(void)
{
    char parts[PIECES][160], names[PIECES][160], beside[160];
    bytes before, after;

    make_parts(parts, names, false);
    snprintf(beside, sizeof beside, "%s", name_of("all.part"));
    CHECK_EQ(rename(parts[0], beside), 0);
    before = contents(beside);
    CHECK_EQ(mc_state_join((const char *const[]){ beside, parts[1] }, 2, name_of("all"), &failure), MC_OK);
    after = contents(beside);
    CHECK(before.len == after.len && memcmp(before.p, after.p, before.len) == 0);
    CHECK_EQ(access(name_of("all.part1"), F_OK), -1);
    free(before.p);
    free(after.p);
}

/* What is no file is left as it is; behind a link the file is replaced, and not the link. */
static void test_only_a_file_is_replaced(void)
{
    char parts[PIECES][160], names[PIECES][160], fifo[160], link[160], target_of_it[160], loose[160], end[168];
    const char *const first[1] = { parts[0] };
    struct stat st;
    bytes made;

    make_parts(parts, names, false);
    snprintf(fifo, sizeof fifo, "%s", name_of("fifo"));
    snprintf(link, sizeof link, "%s", name_of("link"));
    snprintf(loose, sizeof loose, "%s", name_of("loose"));
    snprintf(target_of_it, sizeof target_of_it, "%s", write_file("behind", (const uint8_t *)"old", 3));
    CHECK(mkfifo(fifo, 0600) == 0 && symlink(target_of_it, link) == 0 && symlink("/nonexistent/file", loose) == 0);

    CHECK_EQ(mc_state_join(first, 1, fifo, &failure), MC_NOT_FILE);
    CHECK(strstr(failure.msg, fifo) != NULL && strstr(failure.msg, "not a regular file") != NULL);
    CHECK(lstat(fifo, &st) == 0 && S_ISFIFO(st.st_mode));
    CHECK_EQ(mc_state_join(first, 1, name_of("."), &failure), MC_NOT_FILE);
    CHECK_EQ(mc_state_join(first, 1, loose, &failure), MC_IO);
    CHECK(strstr(failure.msg, loose) != NULL);
    snprintf(end, sizeof end, "%s.part", fifo);
    CHECK_EQ(access(end, F_OK), -1);

    CHECK_EQ(mc_state_join(first, 1, link, &failure), MC_OK);
    CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    made = contents(target_of_it);
    CHECK(made.len > 3);
    free(made.p);
}

static void test_damage_is_found_wherever_it_is(void)
{
    char parts[PIECES][160], names[PIECES][160], joined[160];
    const char *const all[PIECES] = { parts[0], parts[1], parts[2] };
    bytes b;
    size_t i;

    make_parts(parts, names, true);
    snprintf(joined, sizeof joined, "%s", leaf("joined", 1));
    CHECK_EQ(mc_state_join(all, PIECES, joined, &failure), MC_OK);
    b = contents(joined);
    for (i = 0; i < b.len; i += 11) {
        b.p[i] ^= 0x21;
        check_state(write_file("damaged", b.p, b.len), &usual, "damaged");
        b.p[i] ^= 0x21;
        if (i % 3 == 0)
            check_state(write_file("damaged", b.p, i), &usual, "damaged");
    }
    free(b.p);
}

/* Two records of a log whose second says how far window and identification step. */
static void test_steps_of_any_size_are_taken(void)
{
    static const uint8_t ends[8] = { 192, 0, 2, 7, 192, 0, 2, 80 };
    const unsigned bits = MC_LOG_NEXT_FRAME | MC_LOG_NEXT_SEQ | MC_LOG_ACK_SAME | MC_LOG_ID_OTHER;
    const uint8_t both[4] = { (uint8_t)bits, (uint8_t)((bits | MC_LOG_MORE) >> 8), (uint8_t)(bits | MC_LOG_SAME_SLOT),
                              (uint8_t)(bits >> 8) };
    mc_packer fields = { 0 }, chunk = { 0 };
    mc_logged one;
    mc_play p;

    mc_pack(&fields, 5);                         /* the slot */
    mc_pack(&fields, MC_LOG_KEY);
    mc_pack(&fields, 4);
    mc_pack_bytes(&fields, ends, sizeof ends);
    mc_pack(&fields, 40000);
    mc_pack(&fields, 80);
    mc_pack_signed(&fields, 1);
    mc_pack_signed(&fields, 2);
    mc_pack_signed(&fields, INT64_MAX);
    mc_pack_signed(&fields, INT64_MAX);
    mc_pack(&chunk, 2);
    mc_pack(&chunk, sizeof both);
    mc_pack(&chunk, 2);
    mc_pack(&chunk, fields.count);
    mc_pack(&chunk, 0);
    mc_pack_bytes(&chunk, both, sizeof both);
    mc_pack_bytes(&chunk, "\0\0", 2);            /* the times */
    mc_pack_bytes(&chunk, fields.bytes, fields.count);
    CHECK(mc_play_init(&p));
    mc_play_chunk(&p, chunk.bytes, chunk.count);
    CHECK(mc_play_next(&p, &one));
    CHECK_EQ(one.segment.win, 1);
    CHECK_EQ(one.segment.ip_id, 2);
    CHECK(mc_play_next(&p, &one));
    CHECK_EQ(one.segment.win, 0);
    CHECK_EQ(one.segment.ip_id, 1);
    CHECK(!mc_play_next(&p, &one) && !p.bad);
    mc_play_free(&p);
    free(fields.bytes);
    free(chunk.bytes);
}

/* A batch of connections that each begin with as much as a segment can hold is more than a chunk can. */
static void test_a_batch_may_be_more_than_a_chunk(void)
{
    enum { COUNT = 80 };
    FILE *spool = tmpfile();
    mc_logger *l = mc_logger_open(spool, true, 0);
    uint8_t *payload = calloc(1, MC_LOG_CAPTURED);
    static mc_segment segments[COUNT];
    static mc_match matches[COUNT];
    static mc_packet packets[COUNT];
    unsigned i;

    CHECK(l != NULL && payload != NULL);
    for (i = 0; l != NULL && i < COUNT; i++) {
        segments[i] = (mc_segment){ .ip_version = 4, .sport = (uint16_t)(40000 + i), .dport = 80, .flags = MC_TH_ACK, .len = MC_LOG_CAPTURED,
                                    .captured = MC_LOG_CAPTURED, .payload = payload };
        packets[i] = (mc_packet){ .time_ns = i, .wirelen = MC_LOG_CAPTURED + 40 };
        matches[i] = (mc_match){ .segment = &segments[i], .packet = &packets[i] };
    }
    mc_logger_segments(l, matches, COUNT, packets, 1, MC_NO_TIME);
    CHECK(mc_logger_flush(l));
    mc_logger_close(l);
    free(payload);
    fclose(spool);
}

/* What was chosen is said before, while and after something is read. */
static void test_what_was_chosen_is_told(void)
{
    const char *const paths[1] = { FIXTURES "/clean-http.pcap" };
    char words[MC_CHOICES_WORDS];
    mc_session *s = read_of(paths, 1, &usual);

    CHECK(s != NULL);
    if (s != NULL) {
        mc_session_choices(s, words);
        CHECK(strncmp(words, "reading: ", 9) == 0 && strstr(words, "\npages: ") != NULL);
    }
    mc_session_close(s);
}

int main(void)
{
    usual = (mc_options)MC_OPTIONS_INIT;
    usual.max_connections = 1000;
    usual_rules = usual.rules;
    if (!make_folder() || mc_endpoint_parse(&target, "192.0.2.80", 0, &failure) != MC_OK)
        return 1;
    RUN(test_every_bundled_capture_in_pieces);
    RUN(test_what_is_no_segment_travels_too);
    RUN(test_other_ports_of_the_server_travel_too);
    RUN(test_hosts_that_a_client_asks_travel_too);
    RUN(test_what_is_not_due_is_refused);
    RUN(test_what_lies_beside_the_output_stays);
    RUN(test_only_a_file_is_replaced);
    RUN(test_damage_is_found_wherever_it_is);
    RUN(test_steps_of_any_size_are_taken);
    RUN(test_a_batch_may_be_more_than_a_chunk);
    RUN(test_what_was_chosen_is_told);
    remove_folder();
    return DONE();
}
