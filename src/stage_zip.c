/*
 * stage_zip.c: decompressors.
 */
#include "stage.h"

mc_status mc_zip_knows(const char **name, const uint8_t *magic, size_t length, mc_error *err)
{
    *name = NULL;
    if (length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
        return mc_fail(err, MC_UNSUPPORTED, 0, "gzip is not supported by this build");
    return MC_OK;
}

mc_status mc_stage_zip_push(mc_stage **st, const char *name, const uint8_t *begin, size_t length,
                            mc_error *err)
{
    (void)st;
    (void)begin;
    (void)length;
    return mc_fail(err, MC_UNSUPPORTED, 0, "%s is not supported by this build", name);
}
