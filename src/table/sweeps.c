/*
 * sweeps.c: who asks many hosts for one port.
 */
#include "table/sweeps.h"

/* A row of which more places look like a sweep tells nobody apart. */
#define MOST_SWEPT (MC_SWEEP_SLOTS / 8)

/* With more, a place of another client's is met too often: each eighth in all three rows would be one of 500. */
#define MOST_IN_USE (MC_SWEEP_SLOTS / 8)

static uint64_t mixed(uint64_t h)
{
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93ull;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93ull;
    return h ^ h >> 32;
}

/* The network of 'addr', or 0s for all hosts. */
static void network_of(const uint64_t addr[2], bool near, uint64_t out[2])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    uint8_t bytes[16];

    memset(bytes, 0, sizeof bytes);
    if (near) {
        memcpy(bytes, addr, sizeof bytes);
        if (memcmp(bytes, mapped, sizeof mapped) == 0)
            bytes[15] = 0;
        else
            memset(bytes + 8, 0, 8);
    }
    memcpy(out, bytes, sizeof bytes);
}

/* Where it stands in each row. */
static uint64_t place_of(const uint64_t client[2], const uint64_t host[2], uint16_t port, bool near)
{
    uint64_t network[2];

    network_of(host, near, network);
    return mixed(mixed(mixed(client[0] ^ mixed(client[1])) ^ network[0] ^ mixed(network[1])) ^ port);
}

static uint64_t bit_of(const uint64_t host[2])
{
    return 1ull << (mixed(host[0] ^ mixed(host[1])) >> 58);
}

static unsigned slot_of(uint64_t place, unsigned row)
{
    return (unsigned)(place >> row * 20) % MC_SWEEP_SLOTS;
}

_Static_assert(MC_SWEEP_ROWS * 20 <= 64 && MC_SWEEP_SLOTS <= 1 << 20, "each row has bits of its own");

void mc_sweeps_note(mc_sweeps *t, const uint64_t client[2], const uint64_t host[2], uint16_t port, bool answer)
{
    const uint64_t bit = bit_of(host);
    unsigned near, row;

    for (near = 0; near < 2; near++) {
        const uint64_t place = place_of(client, host, port, near != 0);

        for (row = 0; row < MC_SWEEP_ROWS; row++) {
            mc_sweep_slot *s = &t->rows[row][slot_of(place, row)];

            if (answer)
                s->answered |= bit;
            else
                s->asked |= bit;
        }
    }
}

static mc_sweep count(uint64_t asked, uint64_t answered)
{
    mc_sweep s = { (uint32_t)__builtin_popcountll(asked), (uint32_t)__builtin_popcountll(asked & answered) };

    return s;
}

mc_sweep mc_sweeps_find(const mc_sweeps *t, const uint64_t client[2], const uint64_t server[2], uint16_t port, bool near)
{
    const uint64_t place = place_of(client, server, port, near);
    uint64_t asked = ~bit_of(server), answered = UINT64_MAX;
    unsigned row;

    for (row = 0; row < MC_SWEEP_ROWS; row++) {
        const mc_sweep_slot *s = &t->rows[row][slot_of(place, row)];

        asked &= s->asked;
        answered &= s->answered;
    }
    return count(asked, answered);
}

bool mc_sweeps_tell(const mc_sweeps *t)
{
    unsigned row, i;

    for (row = 0; t != NULL && row < MC_SWEEP_ROWS; row++) {
        unsigned used = 0;

        for (i = 0; i < MC_SWEEP_SLOTS; i++)
            used += t->rows[row][i].asked != 0;
        if (used > MOST_IN_USE)
            return false;
    }
    return t != NULL;
}

bool mc_sweeps_any(const mc_sweeps *t)
{
    unsigned row, i;

    for (row = 0; t != NULL && row < MC_SWEEP_ROWS; row++) {
        unsigned swept = 0;

        for (i = 0; i < MC_SWEEP_SLOTS; i++) {
            /* a server's own bit may be among them */
            const mc_sweep s = count(t->rows[row][i].asked, t->rows[row][i].answered);

            swept += s.asked >= MC_SWEEP_HOSTS && s.answered * MC_SWEEP_SHARE <= s.asked + MC_SWEEP_SHARE;
        }
        if (swept == 0 || swept > MOST_SWEPT)
            return false;
    }
    return t != NULL;
}
