/*
 * test_library.c: libraries that are loaded when they are needed, and what is said when
 * they are not there.
 */
#include <dlfcn.h>

#include "check.h"
#include "base/library.h"
#include "mcpcap.h"
#include "capture/pcap_table.h"
#include "capture/reader.h"

typedef struct two_functions {
    double (*floor)(double);
    double (*other)(double);
} two_functions;

static const char *const files[] = { "libmcpcap-nowhere.so.1", "libm.so.6" };

static mc_status load(size_t file_count, const char *other, two_functions *out, mc_error *err)
{
    const mc_library_function functions[] = {
        { "floor", offsetof(two_functions, floor), NULL }, { other, offsetof(two_functions, other), NULL },
    };
    const mc_library library = { "This test needs", "libsums", files, file_count, functions, 2 };

    return mc_library_load(&library, out, sizeof *out, err);
}

static void test_a_missing_library_is_named(void)
{
    two_functions table = { NULL, NULL };
    mc_error err = { .status = MC_OK };

    CHECK_EQ(load(1, "ceil", &table, &err), MC_UNSUPPORTED);
    CHECK_EQ(err.status, MC_UNSUPPORTED);
    CHECK(strstr(err.msg, "This test needs libsums, which cannot be loaded: ") == err.msg);
    CHECK(strstr(err.msg, "libmcpcap-nowhere.so.1") != NULL);
    CHECK(table.floor == NULL);
}

static void test_a_missing_function_is_named(void)
{
    two_functions table = { NULL, NULL };
    mc_error err = { .status = MC_OK };

    CHECK_EQ(load(2, "no_such_function", &table, &err), MC_UNSUPPORTED);
    CHECK_STR(err.msg, "This test needs a newer libsums: this one has no no_such_function()");
    CHECK(table.floor == NULL && table.other == NULL);
}

static void test_the_next_file_is_tried(void)
{
    two_functions table = { NULL, NULL };
    mc_error err;

    CHECK_EQ(load(2, "ceil", &table, &err), MC_OK);
    CHECK(table.floor != NULL && table.floor(1.5) == 1.0);
    CHECK(table.other != NULL && table.other(1.5) == 2.0);
}

/* Whether libpcap is in this process; the names are those of pcap_table.c. */
static bool has_libpcap(void)
{
    static const char *const names[] = { "libpcap.so.0.8", "libpcap.so.1" };
    void *handle = NULL;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(names) && handle == NULL; i++)
        handle = dlopen(names[i], RTLD_NOW | RTLD_NOLOAD);
    if (handle != NULL)
        dlclose(handle);
    return handle != NULL;
}

static mc_status analyse(const char *path, const mc_options *options)
{
    mc_input input = { .path = path };
    mc_endpoint server;
    mc_session *s = NULL;
    mc_error err;
    mc_status status = mc_endpoint_parse(&server, "192.0.2.80", 80, &err);

    if (status == MC_OK)
        status = mc_session_open(&s, &input, 1, &server, options, &err);
    if (status != MC_OK)
        return status;
    while ((status = mc_session_step(s, 65536, 100, &err)) == MC_OK)
        ;
    if (status == MC_END && mc_session_facts(s)->capture.frames == 0)
        status = MC_FORMAT;
    mc_session_close(s);
    return status;
}

static void test_libpcap_is_loaded_when_it_is_needed(void)
{
    const mc_options plain = MC_OPTIONS_INIT;
    mc_options filter = MC_OPTIONS_INIT;

    CHECK(!has_libpcap());
    CHECK_EQ(analyse(FIXTURES "/clean-http.pcap", &plain), MC_END);
    CHECK_EQ(analyse(FIXTURES "/web-session.pcapng", &plain), MC_END);
    CHECK_STR(mc_linktype_name(1), "EN10MB");
    CHECK(!has_libpcap());
    filter.filter = "tcp port 80";
    CHECK_EQ(analyse(FIXTURES "/clean-http.pcap", &filter), MC_END);
    CHECK(has_libpcap());
}

static void test_link_types_have_the_names_of_libpcap(void)
{
    const mc_pcap *pcap, *again;
    const char *name, *wanted;
    mc_error err;
    uint32_t i;

    CHECK_EQ(mc_pcap_load(&pcap, &err), MC_OK);
    CHECK_EQ(mc_pcap_load(&again, &err), MC_OK);
    CHECK(pcap == again);
    for (i = 0; i < 1000; i++) {
        name = mc_linktype_name(i);
        wanted = pcap->datalink_val_to_name(mc_linktype_to_dlt(i));
        CHECK(name == NULL ? wanted == NULL : wanted != NULL && strcmp(name, wanted) == 0);
    }
    CHECK_STR(mc_linktype_name(101), "RAW");     /* whose DLT_ value is another */
    CHECK(mc_linktype_name(UINT32_MAX) == NULL);
}

int main(void)
{
    RUN(test_a_missing_library_is_named);
    RUN(test_a_missing_function_is_named);
    RUN(test_the_next_file_is_tried);
    RUN(test_libpcap_is_loaded_when_it_is_needed);
    RUN(test_link_types_have_the_names_of_libpcap);
    return DONE();
}
