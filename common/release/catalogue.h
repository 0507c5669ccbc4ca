/*
 * catalogue: the publishers that evergold knows by itself.
 *
 * One row each has all that is particular to a publisher: where and how it announces, who owns its
 * images, what they are called, how their names hold a version, and where AWS can be asked for the
 * current ones. What is not known is NULL.
 */
#ifndef EVERGOLD_RELEASE_CATALOGUE_H
#define EVERGOLD_RELEASE_CATALOGUE_H

#include "common/base/span.h"

/* How announcements are written; shape.h has the parser of each. */
enum shape {
	SHAPE_V1,
	SHAPE_NONE, /* it announces nothing: AWS is asked for its images */
	SHAPE_ECS,
	SHAPE_GENERIC,
	SHAPE_NOTICE,
};

/* Into an announcement of the shape generic; the last two inside one image's entry. */
struct pointers {
	const char *version, *regions, *name, *id;
};

/* A public parameter whose value is an image's id; or, listed, a path below which they are. */
struct public_parameter {
	const char *path; /* "/aws/service/…" */
	bool listed;      /* by GetParametersByPath, recursively */
};

struct publisher {
	const char *name;               /* "amazon-linux-2023" */
	const char *topic;              /* ARN of the SNS topic; NULL when the shape is none */
	const char *const *more_topics; /* of other regions and partitions; NULL-ended */
	enum shape shape;
	struct pointers pointers;    /* when the shape is generic */
	const char *notice_pattern;  /* finds the version in a notice (groups.h) */
	bool dated;                  /* a notice without a version is none of its */
	const char *withdraws;       /* the publisher whose images its messages take back */
	const char *const *owners;   /* account ids or aliases that may own images; NULL-ended */
	const char *title;           /* "Amazon Linux 2023", for people */
	const char *name_pattern;    /* POSIX extended regular expression of its image names */
	const char *version_pattern; /* finds the version in a name; NULL: version_in_name() */
	const char *const *search;   /* name filters of DescribeImages that take all of its names */
	const char *architecture;    /* of an image whose name says none */
	const char *virtualization, *root_device;  /* NULL: hvm and ebs; "any" */
	const struct public_parameter *parameters; /* ended by one without path */
	const char *const *examples;               /* an image name of each flavour; NULL-ended */
	const char *notes;                         /* where its release notes are */
};

#define CATALOGUE_MOST   32 /* rows */
#define CATALOGUE_TOPICS 64 /* at most, of all rows together */

extern const struct publisher catalogue[];
extern const size_t catalogue_size;

const struct publisher *catalogue_find(struct span name); /* NULL: unknown */
const char *shape_word(enum shape shape);                 /* "v1" */

/* In any region or partition. */
bool publisher_has_topic(const struct publisher *publisher, struct span topic);

bool publisher_withdraws(const struct publisher *publisher, const struct publisher *other);

#endif
