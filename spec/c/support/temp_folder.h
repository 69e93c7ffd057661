/*
 * temp_folder.h: a folder of this process with captures in it, for tests.
 */
#ifndef TEMP_FOLDER_H
#define TEMP_FOLDER_H

#include "capture_bytes.h"
#include "check.h"

static char folder[64];

static inline bool make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/mcpcap_XXXXXX");
    return mkdtemp(folder) != NULL;
}

static inline void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (strncmp(folder, "/tmp/mcpcap_", 12) == 0 && system(command) != 0)
        check_failures++;
}

/* A name in the folder of this process; four are valid at a time. */
static inline const char *name_of(const char *leaf)
{
    static char names[4][160];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(names[turn], sizeof names[0], "%s/%s", folder, leaf);
    return names[turn];
}

static inline const char *write_file(const char *leaf, const void *data, size_t length)
{
    const char *name = name_of(leaf);
    FILE *f = fopen(name, "wb");

    CHECK(f != NULL && fwrite(data, 1, length, f) == length && fclose(f) == 0);
    return name;
}

/* 'count' packets of 'length' bytes, the first of them at second 'from'. */
static inline bytes capture_of(unsigned from, unsigned count, size_t length)
{
    bytes b = { .big = false };
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (i = from; i < from + count; i++) {
        put_pcap_record(&b, false, i, 0, (uint32_t)length, (uint32_t)length);
        put_payload(&b, i, length);
    }
    return b;
}

static inline outcome read_path(const char *path, const mc_options *options)
{
    mc_input input = { .path = path };

    return read_inputs(&input, 1, options, 16);
}

#endif
