#include "worker/adapters/call.h"

#include <stddef.h>

#include "common/base/banned.h"

void call_cancel(struct call *call)
{
	if (call)
		call->cancel(call);
}
