#include "worker/flows/queue.h"

#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

/* "https://sqs.eu-west-1.amazonaws.com" of ".../111122223333/name"; check has seen the URL. */
static struct span origin_of(struct span url)
{
	struct span rest = url;

	span_cut(&rest, '/');
	span_cut(&rest, '/');
	span_cut(&rest, '/');
	return rest.len ? span_part(url, 0, url.len - rest.len - 1) : url;
}

struct call *queue_start(const struct queue_request *request, aws_done_fn *done, void *ctx)
{
	const struct ports *ports = request->ports;
	char *origin = xspandup(origin_of(span_of(request->config->queue.url)));
	struct call *call = ports->aws(ports->world,
	                               &(struct aws_request){
					       .operation = request->operation,
					       .region = request->config->queue.region,
					       .origin = origin,
					       .body = buf_span(request->body),
				       },
	                               done, ctx);

	free(origin);
	return call;
}
