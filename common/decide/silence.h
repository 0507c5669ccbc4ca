/*
 * silence: how long a publisher usually is quiet.
 *
 * The usual gap is the median of the last SILENCE_GAPS gaps between announcements. Some publishers
 * write several messages for one release, so that what comes within SILENCE_BURST_MS counts as one.
 */
#ifndef EVERGOLD_DECIDE_SILENCE_H
#define EVERGOLD_DECIDE_SILENCE_H

#include <stddef.h>
#include <stdint.h>

#define SILENCE_GAPS     10
#define SILENCE_LEAST    3 /* announcements; of fewer nothing is learned */
#define SILENCE_BURST_MS (6 * 3600 * INT64_C(1000))

/* Times newest first. 0: too few to say. */
int64_t silence_usual_ms(const int64_t *at_ms, size_t n);

/* So much later than the last announcement somebody should look. */
int64_t silence_patience_ms(int64_t usual_ms);

#endif
