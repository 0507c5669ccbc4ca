/*
 * fit: is what EC2 describes the image that was announced?
 *
 * An image id in a message is believed only when EC2 says that it is available, that one of the
 * publisher's owners owns it (an account id or an alias such as "amazon"), and that it has the name
 * and the architecture that were announced. Anybody can register an image under any name.
 */
#ifndef EVERGOLD_DECIDE_FIT_H
#define EVERGOLD_DECIDE_FIT_H

#include "common/aws/wire_ec2.h"
#include "common/base/limits.h"
#include "common/decide/build.h"
#include "common/decide/config.h"

enum fit { FIT_YES, FIT_NOT_YET, FIT_NEVER };

struct fit_question {
	const struct build *build;
	const struct publisher *publisher; /* NULL: not known any more, so nobody may own it */
	const struct ec2_image *image;     /* NULL: there is none with this id */
};

/* Unless it fits, *detail says why, for people. */
enum fit fit_judge(const struct fit_question *question, char ret_detail[LIMIT_WHY]);

bool fit_owner(const struct publisher *publisher, const struct ec2_image *image);

#endif
