/*
 * early.c: threads that inflate, and the stages that hand on what they have.
 *
 * A block is what one read of the decompressor gave, and says how much of the file had been read by then: whoever
 * reads on in smaller pieces meets the same counts as with the decompressor itself.
 */
#include "stage/early.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define BLOCK      (128u * 1024)
#define AHEAD      (8u * 1024 * 1024) /* of the file whose turn it is: what a cache may hold */
#define FIRST_READ 4096u             /* as source.c has it, so that counts are the same */

typedef struct early_block {
    struct early_block *next;
    size_t count;
    uint64_t done;                   /* of the file, when these had come */
    uint8_t front[MC_STAGE_FRONT];   /* takes no memory until somebody writes there */
    uint8_t bytes[BLOCK];
} early_block;

typedef enum early_state {
    EARLY_WAITS,                     /* nobody has looked at it */
    EARLY_COMES,                     /* it is compressed, and what is in it comes */
    EARLY_NOT                        /* to be opened at its turn */
} early_state;

typedef struct early_file {
    const char *path;
    early_state state;
    const char *format;
    uint64_t total;
    early_block *first, **last;      /* what has come and was not taken */
    size_t held;                     /* memory of that */
    mc_status end;                   /* MC_OK while more may come */
    mc_error error;                  /* why it ended ... */
    uint64_t done;                   /* ... and where */
    bool taken;                      /* it is its turn */
    bool dropped;                    /* nobody wants the rest */
} early_file;

struct mc_early {
    pthread_mutex_t lock;            /* of all that follows, but for what does not change */
    pthread_cond_t more, room;       /* something has come, or is known; something was taken */
    const mc_roots *roots;
    early_file *files;
    size_t count, next;              /* the first one that no thread has */
    size_t turn, window;             /* whose turn it is; so many from there on are begun */
    early_block *unused;             /* the latest first, which is likely in a cache */
    bool closing;
    unsigned thread_count;
    pthread_t threads[];
};

/* ----------------------------------------------------------------- threads */

/* The decompressor over a file; NULL: it is none, or something fails, which will be said at its turn. */
static mc_stage *open_packed(const early_file *f, const mc_roots *roots)
{
    uint8_t begin[FIRST_READ];
    const char *name = NULL;
    mc_status status;
    mc_stage *stage;
    mc_error err;
    size_t length;

    if (f->path == NULL || mc_stage_file_open(&stage, f->path, roots, &err) != MC_OK)
        return NULL;
    status = mc_stage_read(stage, begin, sizeof begin, &length, 0, &err);
    if (status != MC_OK || length < MC_ZIP_MAGIC || mc_zip_knows(&name, begin, length, &err) != MC_OK || name == NULL ||
        mc_stage_zip_push(&stage, name, begin, length, &err) != MC_OK) {
        mc_stage_close(stage);
        return NULL;
    }
    return stage;
}

/* Waits for room for a block more, which may be one that is not used: else NULL.  False: the rest is not wanted. */
static bool wait_for_room(mc_early *e, const early_file *f, early_block **unused)
{
    bool wanted;

    pthread_mutex_lock(&e->lock);
    if (f->held >= (f->taken ? AHEAD : MC_EARLY_BYTES))
        while (f->held > (f->taken ? AHEAD / 2 : MC_EARLY_BYTES - 1) && !f->dropped && !e->closing)
            pthread_cond_wait(&e->room, &e->lock);
    wanted = !f->dropped && !e->closing;
    *unused = wanted ? e->unused : NULL;
    if (*unused != NULL)
        e->unused = (*unused)->next;
    pthread_mutex_unlock(&e->lock);
    return wanted;
}

/* 'b': what has come, or NULL where 'end' says why nothing more does. */
static void hand_on(mc_early *e, early_file *f, early_block *b, mc_status end, const mc_error *err, uint64_t done)
{
    pthread_mutex_lock(&e->lock);
    if (b != NULL) {
        b->next = NULL;
        *f->last = b;
        f->last = &b->next;
        f->held += BLOCK;
    } else {
        f->end = end;
        f->error = *err;
        f->done = done;
    }
    pthread_cond_broadcast(&e->more);
    pthread_mutex_unlock(&e->lock);
}

/* The next block, in 'b' unless that is NULL; NULL: the end. */
static early_block *read_block(mc_stage *stage, early_block *b, mc_status *end, mc_error *err)
{
    size_t got = 0;

    if (b == NULL)
        b = malloc(sizeof *b);
    *end = b == NULL ? mc_fail(err, MC_NOMEM, 0, "%s", mc_status_text(MC_NOMEM)) : MC_OK;
    while (*end == MC_OK && got == 0)
        *end = mc_stage_read(stage, b->bytes, BLOCK, &got, 0, err);
    if (*end != MC_OK) {
        free(b);
        return NULL;
    }
    b->count = got;
    b->done = mc_stage_lowest(stage)->done;
    return b;
}

static void serve(mc_early *e, early_file *f)
{
    mc_stage *stage = open_packed(f, e->roots);
    mc_error err = { .status = MC_OK };
    mc_status end = MC_OK;
    early_block *b;

    pthread_mutex_lock(&e->lock);
    f->state = stage != NULL ? EARLY_COMES : EARLY_NOT;
    if (stage != NULL) {
        f->format = stage->format;
        f->total = mc_stage_lowest(stage)->total;
    }
    pthread_cond_broadcast(&e->more);
    pthread_mutex_unlock(&e->lock);
    while (stage != NULL && end == MC_OK && wait_for_room(e, f, &b)) {
        b = read_block(stage, b, &end, &err);
        hand_on(e, f, b, end, &err, mc_stage_lowest(stage)->done);
    }
    mc_stage_close(stage);
}

static void *work(void *argument)
{
    mc_early *e = argument;
    early_file *f;

    for (;;) {
        pthread_mutex_lock(&e->lock);
        while (e->next < e->count && e->next >= e->turn + e->window && !e->closing)
            pthread_cond_wait(&e->room, &e->lock);
        f = e->next < e->count && !e->closing ? &e->files[e->next++] : NULL;
        pthread_mutex_unlock(&e->lock);
        if (f == NULL)
            return NULL;
        serve(e, f);
    }
}

/* ------------------------------------------------------------------ stages */

typedef struct early_stage {
    mc_stage base;
    mc_early *owner;
    early_file *file;
    early_block *block;              /* in hand, or NULL ... */
    size_t at;                       /* ... and what of it was read or lent */
    early_block *lent;               /* the one before that, or NULL */
} early_stage;

/* The next block of the file, for which it waits; false: there is none, and the end is known. */
static bool take_block(early_stage *st)
{
    mc_early *e = st->owner;
    early_file *f = st->file;
    early_block *next;

    pthread_mutex_lock(&e->lock);
    while (f->first == NULL && f->end == MC_OK)
        pthread_cond_wait(&e->more, &e->lock);
    next = f->first;
    if (next != NULL) {
        f->first = next->next;
        if (st->lent != NULL) {
            st->lent->next = e->unused;
            e->unused = st->lent;
        }
        if (f->first == NULL)
            f->last = &f->first;
        f->held -= BLOCK;
        if (f->held == AHEAD / 2)
            pthread_cond_broadcast(&e->room);
    }
    pthread_mutex_unlock(&e->lock);
    if (next == NULL)
        return false;
    st->lent = st->block;
    st->block = next;
    st->at = 0;
    return true;
}

static mc_status early_lend(mc_stage *base, uint8_t **at, size_t *got, mc_error *err)
{
    early_stage *st = (early_stage *)base;

    *got = 0;
    if ((st->block == NULL || st->at == st->block->count) && !take_block(st)) {
        base->done = st->file->done;             /* at its end nobody else touches the file */
        *err = st->file->error;
        return st->file->end;
    }
    *at = st->block->bytes + st->at;
    *got = st->block->count - st->at;
    st->at = st->block->count;
    base->done = st->block->done;
    return MC_OK;
}

static mc_status early_read(mc_stage *base, uint8_t *out, size_t size, size_t *got, unsigned wait_ms, mc_error *err)
{
    early_stage *st = (early_stage *)base;
    uint8_t *at;
    mc_status status = early_lend(base, &at, got, err);

    (void)wait_ms;
    if (status != MC_OK)
        return status;
    if (*got > size) {
        st->at -= *got - size;
        *got = size;
    }
    memcpy(out, at, *got);
    return MC_OK;
}

static void early_close(mc_stage *base)
{
    early_stage *st = (early_stage *)base;
    mc_early *e = st->owner;

    pthread_mutex_lock(&e->lock);
    st->file->dropped = true;
    pthread_cond_broadcast(&e->room);
    pthread_mutex_unlock(&e->lock);
    free(st->lent);
    free(st->block);
    free(st);
}

bool mc_early_take(mc_early *e, size_t at, mc_stage **out)
{
    static const mc_stage_ops ops = { early_read, early_close, early_lend };
    early_stage *st = calloc(1, sizeof *st);
    early_file *f = &e->files[at];
    bool comes;

    pthread_mutex_lock(&e->lock);
    e->turn = at;
    pthread_cond_broadcast(&e->room);
    while (f->state == EARLY_WAITS)
        pthread_cond_wait(&e->more, &e->lock);
    comes = f->state == EARLY_COMES;
    f->taken = true;
    f->dropped = st == NULL;
    pthread_cond_broadcast(&e->room);
    pthread_mutex_unlock(&e->lock);
    if (!comes || st == NULL) {
        free(st);
        return false;
    }
    st->base.ops = &ops;
    st->base.format = f->format;
    st->base.total = f->total;
    st->base.limited = true;
    st->owner = e;
    st->file = f;
    *out = &st->base;
    return true;
}

/* ------------------------------------------------------------- open, close */

/* Threads that no signal of the process goes to. */
static void begin_threads(mc_early *e, unsigned threads)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (e->thread_count < threads && pthread_create(&e->threads[e->thread_count], NULL, work, e) == 0)
        e->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

mc_early *mc_early_open(const char *const *paths, size_t count, const mc_roots *roots, unsigned threads)
{
    mc_early *e;
    size_t i;

    threads = (unsigned)mc_min_u64(mc_min_u64(threads, MC_EARLY_THREADS), count);
    e = calloc(1, sizeof *e + threads * sizeof e->threads[0]);
    if (e == NULL)
        return NULL;
    e->files = calloc(count + 1, sizeof *e->files);
    if (e->files == NULL) {
        free(e);
        return NULL;
    }
    for (i = 0; i < count; i++) {
        e->files[i].path = paths[i];
        e->files[i].last = &e->files[i].first;
    }
    e->count = count;
    e->roots = roots;
    e->window = 2 * (size_t)threads;         /* a thread goes on while others, and the reader, are in theirs */
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->more, NULL);
    pthread_cond_init(&e->room, NULL);
    begin_threads(e, threads);
    if (e->thread_count > 0)
        return e;
    mc_early_close(e);
    return NULL;
}

static void free_blocks(early_block *b)
{
    early_block *next;

    for (; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
}

void mc_early_close(mc_early *e)
{
    unsigned t;
    size_t i;

    if (e == NULL)
        return;
    pthread_mutex_lock(&e->lock);
    e->closing = true;
    pthread_cond_broadcast(&e->room);
    pthread_mutex_unlock(&e->lock);
    for (t = 0; t < e->thread_count; t++)
        pthread_join(e->threads[t], NULL);
    for (i = 0; i < e->count; i++)
        free_blocks(e->files[i].first);
    free_blocks(e->unused);
    pthread_cond_destroy(&e->room);
    pthread_cond_destroy(&e->more);
    pthread_mutex_destroy(&e->lock);
    free(e->files);
    free(e);
}
