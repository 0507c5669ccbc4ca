/*
 * call: one asynchronous operation that has been started.
 *
 * Whoever offers `x_start(...)` returns a call and promises: start never fails and never calls
 * back before it returns; `done` runs exactly once, from the loop; or the caller cancels, and it
 * never runs. After either the call is gone: the first line of a `done` forgets the handle.
 * Implementations embed struct call as their first member.
 */
#ifndef EVERGOLD_ADAPTERS_CALL_H
#define EVERGOLD_ADAPTERS_CALL_H

struct call {
	void (*cancel)(struct call *call); /* releases the call; done will not run */
};

void call_cancel(struct call *call); /* NULL is fine */

#endif
