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

struct queue queue_of_announcements(const struct ports *ports, const struct config *config)
{
	return (struct queue){
		.ports = ports,
		.url = config->queue.url,
		.region = config->queue.region,
		.visibility_timeout_s = config->queue.visibility_timeout_s,
	};
}

struct queue queue_of_events(const struct ports *ports, const struct config *config)
{
	return (struct queue){
		.ports = ports,
		.url = config->queue.events_url,
		.region = config->queue.events_region,
		.visibility_timeout_s = config->queue.visibility_timeout_s,
	};
}

struct call *queue_start(const struct queue_request *request, aws_done_fn *done, void *ctx)
{
	const struct queue *queue = request->queue;
	const struct ports *ports = queue->ports;
	char *origin = xspandup(origin_of(span_of(queue->url)));
	struct call *call = ports->aws(ports->world,
	                               &(struct aws_request){
					       .operation = request->operation,
					       .region = queue->region,
					       .origin = origin,
					       .body = buf_span(request->body),
				       },
	                               done, ctx);

	free(origin);
	return call;
}
