/*
 * The core without Lua: who resets the connections of a server?
 *
 *     cc resets.c $(pkg-config --cflags --libs mcpcap) -o resets
 *     ./resets capture.pcap 192.0.2.80 80
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mcpcap.h>

static int fail(const mc_error *err)
{
    fprintf(stderr, "resets: %s (%s)\n", err->msg, mc_status_code(err->status));
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { NULL, NULL };
    mc_endpoint server;
    mc_session *session = NULL;
    const mc_facts *facts;
    mc_status status;
    mc_error err;

    if (argc != 4) {
        fprintf(stderr, "usage: resets CAPTURE SERVER_IP PORT\n");
        return 2;
    }
    input.path = argv[1];
    if (mc_endpoint_parse(&server, argv[2], (unsigned)strtoul(argv[3], NULL, 10), &err) != MC_OK ||
        mc_session_open(&session, &input, 1, &server, &options, &err) != MC_OK)
        return fail(&err);
    do
        status = mc_session_step(session, 0, 1000, &err);
    while (status == MC_OK);
    facts = status == MC_END ? mc_session_facts(session) : NULL;
    if (facts == NULL) {
        mc_session_close(session);
        return fail(&err);
    }
    printf("%" PRIu64 " connections, %" PRIu64 " segments\n", facts->connections.total,
           facts->capture.matched_segments);
    printf("resets: client %" PRIu64 ", server %" PRIu64 "\n",
           facts->direction[MC_CLIENT_TO_SERVER].counts.rst_count,
           facts->direction[MC_SERVER_TO_CLIENT].counts.rst_count);
    mc_session_close(session);
    return EXIT_SUCCESS;
}
