#include "common/release/catalogue.h"

#include "common/base/banned.h"

/* In most regions the topic's account owns the images; in some only the alias is the same. */
static const char *const amazon[] = { "amazon", NULL };

const struct publisher catalogue[] = {
	{
		.name = "amazon-linux-2023",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates",
		.shape = SHAPE_V1,
		.owners = amazon,
		.title = "Amazon Linux 2023",
		.name_pattern =
			"^al2023-ami-(minimal-)?2023\\.[0-9]+\\.[0-9]{8}\\.[0-9]+-kernel-[0-9]+\\."
			"[0-9]+-(x86_64|arm64)$",
		.examples =
			(const char *const[]){
				"al2023-ami-2023.9.20251014.0-kernel-6.1-x86_64",
				"al2023-ami-2023.9.20251014.0-kernel-6.12-x86_64",
				"al2023-ami-2023.9.20251014.0-kernel-6.18-x86_64",
				"al2023-ami-2023.9.20251014.0-kernel-6.1-arm64",
				"al2023-ami-2023.9.20251014.0-kernel-6.12-arm64",
				"al2023-ami-2023.9.20251014.0-kernel-6.18-arm64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.1-x86_64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.12-x86_64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.18-x86_64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.1-arm64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.12-arm64",
				"al2023-ami-minimal-2023.9.20251014.0-kernel-6.18-arm64",
				NULL,
			},
		.notes = "https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes.html",
	},
	{
		.name = "amazon-linux-2",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates",
		.shape = SHAPE_V1,
		.owners = amazon,
		.title = "Amazon Linux 2",
		.name_pattern =
			"^amzn2-ami-(minimal-|kernel-5\\.10-)?hvm-(2\\.0|2017\\.12\\.0)\\.[0-9]{8}"
			"(\\.[0-9]+)?-(x86_64|arm64)-(gp2|ebs)$",
		.examples =
			(const char *const[]){
				"amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-x86_64-gp2",
				"amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-x86_64-ebs",
				"amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-arm64-gp2",
				"amzn2-ami-hvm-2.0.20251014.0-x86_64-gp2",
				"amzn2-ami-hvm-2.0.20251014.0-x86_64-ebs",
				"amzn2-ami-hvm-2.0.20251014.0-arm64-gp2",
				"amzn2-ami-minimal-hvm-2.0.20251014.0-x86_64-ebs",
				"amzn2-ami-minimal-hvm-2.0.20251014.0-arm64-ebs",
				NULL,
			},
		.notes = "https://docs.aws.amazon.com/AL2/latest/relnotes/relnotes-al2.html",
	},
	{
		.name = "amazon-linux",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-ami-updates",
		.shape = SHAPE_V1,
		.owners = amazon,
		.title = "Amazon Linux 2018 (ended in 2023)",
		.name_pattern =
			"^amzn-ami-(minimal-)?(hvm|pv|vpc-nat-hvm|vpc-nat-pv)-20[0-9]{2}\\.[0-9]{2}"
			"\\.[0-9]+\\.[0-9]{8}(\\.[0-9]+)?-(x86_64|i386)-(ebs|gp2|s3)$",
		.examples =
			(const char *const[]){
				"amzn-ami-hvm-2018.03.0.20231218.0-x86_64-gp2",
				"amzn-ami-hvm-2018.03.0.20231218.0-x86_64-ebs",
				"amzn-ami-hvm-2018.03.0.20231218.0-x86_64-s3",
				"amzn-ami-minimal-hvm-2018.03.0.20231218.0-x86_64-ebs",
				"amzn-ami-minimal-hvm-2018.03.0.20231218.0-x86_64-s3",
				"amzn-ami-vpc-nat-hvm-2018.03.0.20231218.0-x86_64-ebs",
				NULL,
			},
		.notes = "https://aws.amazon.com/amazon-linux-ami/",
	},
};

const size_t catalogue_size = ARRAY_LEN(catalogue);

const struct publisher *catalogue_find(struct span name)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		if (span_is(name, catalogue[i].name))
			return &catalogue[i];
	}
	return NULL;
}

const char *shape_word(enum shape shape)
{
	static const char *const words[] = { [SHAPE_V1] = "v1" };

	return words[shape];
}
