#include "worker/flows/step.h"

#include "common/base/banned.h"

void build_settle_parameters(struct build_flow *flow)
{
	if (flow->build.status == EXECUTION_SUCCEEDED)
		build_move_golden(flow);
	else
		build_return_base(flow);
}
