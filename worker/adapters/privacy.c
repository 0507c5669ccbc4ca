#include "worker/adapters/privacy.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/base/banned.h"

void privacy_keep(void)
{
	struct rlimit no_core = { 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (getrlimit(RLIMIT_CORE, &no_core) == 0) {
		no_core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &no_core);
	}
}
