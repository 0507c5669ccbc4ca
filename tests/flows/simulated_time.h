/*
 * simulated_time: a struct timers whose clock moves only when the test says so.
 *
 * Nothing waits: simulation_run_next() jumps to the moment of the earliest timer and runs it, so an
 * hour of back-off takes no time and always happens in the same order. Timers of one moment run in
 * the order in which they were started; one that is started with delay 0 runs at the next turn,
 * as on the loop. Random numbers are the same in every run.
 */
#ifndef TESTS_FLOWS_SIMULATED_TIME_H
#define TESTS_FLOWS_SIMULATED_TIME_H

#include "common/base/attr.h"
#include "worker/adapters/timers.h"

#include <stdbool.h>
#include <stddef.h>

#define SIMULATION_START_MS 1764547200000 /* 2025-12-01T00:00:00Z */

struct simulation;

void simulation_free(struct simulation *simulation); /* drops what still waits */
struct simulation *simulation_new(void) OWNED(simulation_free);

struct timers *simulation_timers(struct simulation *simulation); /* borrowed */

/* Jumps to the earliest timer and runs it. False: nothing waits. */
bool simulation_run_next(struct simulation *simulation);

/* Moves the clock by this much and runs all that falls due on the way, also what starts there. */
void simulation_advance(struct simulation *simulation, int64_t ms);

void simulation_forget(struct simulation *simulation); /* all that waits, without freeing it */

size_t simulation_waiting(const struct simulation *simulation);
int64_t simulation_next_ms(const struct simulation *simulation); /* until the next one; -1: none */

/* Moves the wall clock alone, as an administrator would; steady_ms() does not notice. */
void simulation_set_wall(struct simulation *simulation, int64_t now_ms);

#endif
