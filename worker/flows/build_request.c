#include "worker/flows/build_request.h"

#include "common/aws/wire_sts.h"

#include "common/base/banned.h"

struct call *build_request_start(const struct build_request *request, aws_done_fn *done, void *ctx)
{
	const struct ports *ports = request->ports;
	const struct build *build = request->build;
	char session_name[STS_SESSION_NAME_SIZE];
	const struct aws_role role = {
		.arn = request->role_arn ? request->role_arn : build->role_arn,
		.session_name = session_name,
		.region = build->pipeline_region,
	};
	struct call *call;

	sts_session_name(span_of(build->family), session_name);
	call = ports->aws(ports->world,
	                  &(struct aws_request){
				  .operation = request->operation,
				  .region = request->region,
				  .role = role.arn ? &role : NULL,
				  .body = buf_span(request->body),
			  },
	                  done, ctx);
	buf_clear(request->body);
	return call;
}
