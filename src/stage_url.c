/*
 * stage_url.c: transfers.
 */
#include "stage.h"

mc_status mc_stage_url_open(mc_stage **out, const char *url, const mc_options *options,
                            mc_error *err)
{
    (void)out;
    (void)url;
    (void)options;
    return mc_fail(err, MC_UNSUPPORTED, 0, "URLs are not supported by this build");
}
