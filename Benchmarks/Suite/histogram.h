// A histogram of times in nanoseconds with a fixed room: eight buckets for each power of two, so that every value is
// told within an eighth. Recording costs a few instructions, because the generator shares the machine with the server.

#ifndef HOLDFAST_HISTOGRAM_H
#define HOLDFAST_HISTOGRAM_H

#include <stdint.h>

enum { STEPS = 8, BUCKETS = 64 * STEPS };

typedef struct {
    uint64_t count;
    uint64_t buckets[BUCKETS];
} histogram;

static inline void histogram_add(histogram *times, uint64_t nanoseconds) {
    int power = nanoseconds < STEPS ? 3 : 63 - __builtin_clzll(nanoseconds);
    int step = nanoseconds < STEPS ? (int)nanoseconds : (int)(nanoseconds >> (power - 3)) & 7;
    times->buckets[power * STEPS + step]++;
    times->count++;
}

/// The middle of the bucket below which this share of the values lies.
static inline double histogram_at(const histogram *times, double share) {
    uint64_t wanted = (uint64_t)((double)times->count * share), seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        seen += times->buckets[bucket];
        if (seen > wanted) {
            double width = (double)(1ull << (bucket / STEPS - 3 > 0 ? bucket / STEPS - 3 : 0));
            return width * ((bucket % STEPS) + STEPS + 0.5);
        }
    }
    return 0;
}

#endif
