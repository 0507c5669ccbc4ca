#include "common/decide/build.h"

#include "common/base/buf.h"
#include "common/base/limits.h"

#include "common/base/banned.h"

const char *build_state_word(enum build_state state)
{
	static const char *const words[] = {
		[BUILD_WANTED] = "wanted",
		[BUILD_STARTED] = "started",
		[BUILD_FINISHED] = "finished",
	};

	return words[state];
}

void build_derive_token(struct build *build)
{
	struct buf identity = buf_with_max(LIMIT_AWS_BODY);

	buf_addf(&identity, "evergold/1\n%s\n%s\n%s\n%s\n%s\n%d\n", build->family,
	         build->pipeline_region, build->pipeline, build->region, build->image_id,
	         build->attempt);
	digest_sha256_hex(buf_span(&identity), build->token);
	buf_clear(&identity);
}
