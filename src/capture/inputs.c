/*
 * inputs.c: copies of inputs and options.
 */
#include "capture/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sanitize.h"
#include "stage/url_policy.h"

static void free_list(const char *const *list, size_t count)
{
    char **own;
    size_t i;

    if (list == NULL)
        return;
    memcpy(&own, &list, sizeof own);
    for (i = 0; i < count; i++)
        free(own[i]);
    free(own);
}

/* Copies a list of strings; false: no memory. */
static bool copy_list(const char *const **out, const char *const *list, size_t count)
{
    char **own;
    size_t i;

    *out = NULL;
    if (list == NULL)
        return true;
    own = calloc(count + 1, sizeof *own);
    if (own == NULL)
        return false;
    memcpy(out, &own, sizeof own);
    for (i = 0; i < count; i++) {
        own[i] = strdup(list[i]);
        if (own[i] == NULL)
            return false;
    }
    return true;
}

static bool copy_options(mc_inputs *in, const mc_options *options)
{
    in->options = *options;
    in->options.filter = NULL;
    in->options.roots = NULL;
    in->options.root_count = 0;
    in->options.url_hosts = NULL;
    in->options.url_ca_file = NULL;
    in->options.switches = NULL;
    if (options->switches != NULL)
        in->switches = *options->switches;
    if (options->url_ca_file != NULL) {
        in->options.url_ca_file = strdup(options->url_ca_file);
        if (in->options.url_ca_file == NULL)
            return false;
    }
    return copy_list(&in->options.url_hosts, options->url_hosts, options->url_host_count);
}

/* False: no memory; what is there is dropped with the rest. */
static bool copy_input(mc_kept *one, const mc_input *input)
{
    char shown[MC_SANITIZED_SIZE];

    one->stream = input->stream;
    if (one->stream != NULL)
        snprintf(shown, sizeof shown, fileno(one->stream) == STDIN_FILENO ? "standard input" : "file handle");
    else if (mc_url_is(input->path))
        mc_sanitize_url(shown, sizeof shown, input->path);
    else if (input->path[0] == '\0')
        snprintf(shown, sizeof shown, "empty file name");
    else
        mc_sanitize_text(shown, sizeof shown, input->path);
    one->shown = strdup(shown);
    one->path = one->stream != NULL ? NULL : strdup(input->path);
    return one->shown != NULL && (one->stream != NULL || one->path != NULL);
}

static void drop_input(mc_kept *one)
{
    if (one->is_held)
        close(one->fd);
    free(one->path);
    free(one->shown);
}

static bool copy_inputs(mc_inputs *in, const mc_input *inputs, size_t count)
{
    size_t i;

    in->list = calloc(count + 1, sizeof *in->list);
    if (in->list == NULL)
        return false;
    in->count = count;
    for (i = 0; i < count; i++)
        if (!copy_input(&in->list[i], &inputs[i]))
            return false;
    return true;
}

mc_status mc_inputs_keep(mc_inputs *in, const mc_input *inputs, size_t count,
                         const mc_options *options, mc_error *err)
{
    mc_error cause;
    mc_status status;

    if (!copy_options(in, options) || !copy_inputs(in, inputs, count))
        return mc_fail(err, MC_NOMEM, ENOMEM, "%s", mc_status_text(MC_NOMEM));
    status = mc_roots_open(&in->roots, options, &cause);
    if (status != MC_OK)
        return mc_fail(err, status, cause.detail, "allowed folder: %.*s", MC_ERRMSG_SIZE - 32,
                       cause.msg);
    return MC_OK;
}

void mc_inputs_drop(mc_inputs *in)
{
    char *ca_file;
    size_t i;

    mc_early_close(in->early);
    mc_roots_close(in->roots);
    for (i = 0; in->list != NULL && i < in->count; i++)
        drop_input(&in->list[i]);
    free(in->list);
    free_list(in->options.url_hosts, in->options.url_host_count);
    memcpy(&ca_file, &in->options.url_ca_file, sizeof ca_file);
    free(ca_file);
}

/* The same as mc_inputs_check(), which keeps no file open. */
static mc_status check(mc_inputs *in, mc_kept *one, mc_error *cause)
{
    mc_status status;
    mc_url url;

    if (one->stream != NULL)
        return MC_OK;
    if (mc_url_is(one->path)) {
        status = mc_url_split(&url, one->path, cause);
        return status != MC_OK ? status : mc_url_check(&url, &in->options, cause);
    }
    status = mc_file_open(&one->fd, &one->total, one->path, in->roots, cause);
    one->is_held = one->total_known = status == MC_OK;
    return status;
}

mc_status mc_inputs_check(mc_inputs *in, size_t at, mc_error *cause)
{
    mc_kept *one = &in->list[at];
    mc_status status = check(in, one, cause);

    if (one->is_held)
        close(one->fd);
    one->is_held = false;
    return status;
}

mc_status mc_inputs_add(mc_inputs *in, const mc_input *input, mc_error *err)
{
    mc_kept *list = realloc(in->list, (in->count + 2) * sizeof *list), *one;
    mc_error cause;
    mc_status status;

    if (list == NULL)
        return mc_fail(err, MC_NOMEM, ENOMEM, "%s", mc_status_text(MC_NOMEM));
    in->list = list;
    one = &list[in->count];
    *one = (mc_kept){ 0 };
    if (!copy_input(one, input)) {
        drop_input(one);
        return mc_fail(err, MC_NOMEM, ENOMEM, "%s", mc_status_text(MC_NOMEM));
    }
    status = check(in, one, &cause);
    if (status == MC_OK) {
        in->count++;
        return MC_OK;
    }
    mc_fail(err, status, cause.detail, "%.*s: %s", MC_ERRMSG_SIZE / 2, one->shown, cause.msg);
    drop_input(one);
    return status;
}

/* ------------------------------------------------------------------- turns */

void mc_inputs_inflate_early(mc_inputs *in)
{
    const char **paths;
    size_t i;

    if (in->options.jobs < 2 || in->count == 0)
        return;
    paths = calloc(in->count, sizeof *paths);
    for (i = 0; paths != NULL && i < in->count; i++)
        paths[i] = in->list[i].path != NULL && !mc_url_is(in->list[i].path) ? in->list[i].path : NULL;
    if (paths != NULL)                           /* without memory each waits for its turn */
        in->early = mc_early_open(paths, in->count, in->roots, in->options.jobs);
    free(paths);
}

mc_status mc_inputs_open(mc_inputs *in, size_t at, mc_stage **out, bool *inflated, mc_error *cause)
{
    mc_kept *one = &in->list[at];

    *inflated = false;
    if (one->stream != NULL)
        return mc_stage_handle_open(out, one->stream, cause);
    if (one->is_held) {
        one->is_held = false;
        return mc_stage_file_take(out, one->fd, cause);
    }
    if (mc_url_is(one->path))
        return mc_stage_url_open(out, one->path, &in->options, cause);
    *inflated = in->early != NULL && mc_early_take(in->early, at, out);
    return *inflated ? MC_OK : mc_stage_file_open(out, one->path, in->roots, cause);
}
