/*
 * error.c: the texts of the status list.
 */
#include "base/base.h"

static const struct {
    const char *code, *text;
} statuses[MC_STATUS_COUNT] = {
#define X(id, code, text) [MC_##id] = { code, text },
    MC_STATUS_MAP(X)
#undef X
};

const char *mc_status_code(mc_status status)
{
    return (unsigned)status < MC_STATUS_COUNT ? statuses[status].code : "unknown";
}

const char *mc_status_text(mc_status status)
{
    return (unsigned)status < MC_STATUS_COUNT ? statuses[status].text : "unknown status";
}
