#include "worker/cli/rebuild.h"

#include "worker/cli/complain.h"
#include "worker/cli/options.h"

#include "common/base/banned.h"

int rebuild(const struct rebuild_request *request)
{
	(void)request;
	complain("rebuild is not there yet");
	return EXIT_COULD_NOT;
}
