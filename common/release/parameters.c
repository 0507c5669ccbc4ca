#include "common/release/parameters.h"

#include <stddef.h>

#include "common/base/banned.h"

/* The alias kernel-default is left out: what it stands for changes without an announcement. */
#define AL "/aws/service/ami-amazon-linux-latest/"

const struct public_parameter parameters_al2023[] = {
	{ AL "al2023-ami-kernel-6.1-x86_64", false },
	{ AL "al2023-ami-kernel-6.1-arm64", false },
	{ AL "al2023-ami-kernel-6.12-x86_64", false },
	{ AL "al2023-ami-kernel-6.12-arm64", false },
	{ AL "al2023-ami-kernel-6.18-x86_64", false },
	{ AL "al2023-ami-kernel-6.18-arm64", false },
	{ AL "al2023-ami-minimal-kernel-6.1-x86_64", false },
	{ AL "al2023-ami-minimal-kernel-6.1-arm64", false },
	{ AL "al2023-ami-minimal-kernel-6.12-x86_64", false },
	{ AL "al2023-ami-minimal-kernel-6.12-arm64", false },
	{ AL "al2023-ami-minimal-kernel-6.18-x86_64", false },
	{ AL "al2023-ami-minimal-kernel-6.18-arm64", false },
	{ NULL, false },
};

const struct public_parameter parameters_al2[] = {
	{ AL "amzn2-ami-kernel-5.10-hvm-x86_64-gp2", false },
	{ AL "amzn2-ami-kernel-5.10-hvm-arm64-gp2", false },
	{ AL "amzn2-ami-hvm-x86_64-gp2", false },
	{ AL "amzn2-ami-hvm-x86_64-ebs", false },
	{ AL "amzn2-ami-hvm-arm64-gp2", false },
	{ AL "amzn2-ami-minimal-hvm-x86_64-ebs", false },
	{ AL "amzn2-ami-minimal-hvm-arm64-ebs", false },
	{ NULL, false },
};

const struct public_parameter parameters_al1[] = {
	{ AL "amzn-ami-hvm-x86_64-gp2", false },
	{ AL "amzn-ami-hvm-x86_64-ebs", false },
	{ AL "amzn-ami-hvm-x86_64-s3", false },
	{ AL "amzn-ami-pv-x86_64-ebs", false },
	{ AL "amzn-ami-pv-x86_64-s3", false },
	{ AL "amzn-ami-minimal-hvm-x86_64-ebs", false },
	{ AL "amzn-ami-minimal-hvm-x86_64-s3", false },
	{ AL "amzn-ami-minimal-pv-x86_64-ebs", false },
	{ AL "amzn-ami-minimal-pv-x86_64-s3", false },
	{ NULL, false },
};

#define ECS "/aws/service/ecs/optimized-ami/"

const struct public_parameter parameters_ecs[] = {
	{ ECS "amazon-linux-2/recommended/image_id", false },
	{ ECS "amazon-linux-2/arm64/recommended/image_id", false },
	{ ECS "amazon-linux-2/gpu/recommended/image_id", false },
	{ ECS "amazon-linux-2/inf/recommended/image_id", false },
	{ ECS "amazon-linux-2/kernel-5.10/recommended/image_id", false },
	{ NULL, false },
};

const struct public_parameter parameters_ecs_al2023[] = {
	{ ECS "amazon-linux-2023/recommended/image_id", false },
	{ ECS "amazon-linux-2023/arm64/recommended/image_id", false },
	{ ECS "amazon-linux-2023/gpu/recommended/image_id", false },
	{ ECS "amazon-linux-2023/neuron/recommended/image_id", false },
	{ NULL, false },
};

const struct public_parameter parameters_freebsd[] = {
	{ "/aws/service/freebsd/amd64/base/ufs", true },
	{ "/aws/service/freebsd/amd64/base/zfs", true },
	{ "/aws/service/freebsd/arm64/base/ufs", true },
	{ "/aws/service/freebsd/arm64/base/zfs", true },
	{ NULL, false },
};

/* Also holds other publishers' images; those are told apart by their owner and name. */
const struct public_parameter parameters_windows[] = {
	{ "/aws/service/ami-windows-latest", true },
	{ NULL, false },
};

const struct public_parameter parameters_deep_learning[] = {
	{ "/aws/service/deeplearning/ami/x86_64", true },
	{ "/aws/service/deeplearning/ami/arm64", true },
	{ NULL, false },
};

#define UBUNTU(line, volume)                                                                     \
	{ "/aws/service/canonical/ubuntu/server/" line "/stable/current/amd64/hvm/" volume       \
	  "/ami-id",                                                                             \
	  false },                                                                               \
	{                                                                                        \
		"/aws/service/canonical/ubuntu/server/" line "/stable/current/arm64/hvm/" volume \
		"/ami-id",                                                                       \
			false                                                                    \
	}

const struct public_parameter parameters_ubuntu[] = {
	UBUNTU("20.04", "ebs-gp2"),
	UBUNTU("22.04", "ebs-gp2"),
	UBUNTU("24.04", "ebs-gp3"),
	UBUNTU("26.04", "ebs-gp3"),
	{ NULL, false },
};

#define DEBIAN "/aws/service/debian/release/"

const struct public_parameter parameters_debian[] = {
	{ DEBIAN "11/latest/amd64", false },
	{ DEBIAN "11/latest/arm64", false },
	{ DEBIAN "12/latest/amd64", false },
	{ DEBIAN "12/latest/arm64", false },
	{ DEBIAN "13/latest/amd64", false },
	{ DEBIAN "13/latest/arm64", false },
	{ NULL, false },
};

#define SUSE "/aws/service/suse/sles/"

const struct public_parameter parameters_suse[] = {
	{ SUSE "15-sp6/x86_64/latest", false },
	{ SUSE "15-sp6/arm64/latest", false },
	{ SUSE "15-sp7/x86_64/latest", false },
	{ SUSE "15-sp7/arm64/latest", false },
	{ SUSE "16.0/x86_64/latest", false },
	{ SUSE "16.0/arm64/latest", false },
	{ NULL, false },
};

#define BOTTLEROCKET(variant)                                                            \
	{ "/aws/service/bottlerocket/aws-" variant "/x86_64/latest/image_id", false },   \
	{                                                                                \
		"/aws/service/bottlerocket/aws-" variant "/arm64/latest/image_id", false \
	}

const struct public_parameter parameters_bottlerocket[] = {
	BOTTLEROCKET("ecs-2"),    BOTTLEROCKET("ecs-2-nvidia"),
	BOTTLEROCKET("k8s-1.31"), BOTTLEROCKET("k8s-1.31-nvidia"),
	BOTTLEROCKET("k8s-1.32"), BOTTLEROCKET("k8s-1.32-nvidia"),
	BOTTLEROCKET("k8s-1.33"), BOTTLEROCKET("k8s-1.33-nvidia"),
	BOTTLEROCKET("k8s-1.34"), BOTTLEROCKET("k8s-1.34-nvidia"),
	BOTTLEROCKET("k8s-1.35"), BOTTLEROCKET("k8s-1.35-nvidia"),
	BOTTLEROCKET("k8s-1.36"), BOTTLEROCKET("k8s-1.36-nvidia"),
	{ NULL, false },
};

#define EKS(minor, flavour)                                                           \
	{                                                                             \
		"/aws/service/eks/optimized-ami/" minor "/amazon-linux-2023/" flavour \
		"/recommended/image_id",                                              \
			false                                                         \
	}
#define EKS_LINE(minor)                                                                           \
	EKS(minor, "x86_64/standard"), EKS(minor, "arm64/standard"), EKS(minor, "x86_64/nvidia"), \
		EKS(minor, "arm64/nvidia"), EKS(minor, "x86_64/neuron")

const struct public_parameter parameters_eks[] = {
	EKS_LINE("1.30"), EKS_LINE("1.31"), EKS_LINE("1.32"), EKS_LINE("1.33"),
	EKS_LINE("1.34"), EKS_LINE("1.35"), EKS_LINE("1.36"), { NULL, false },
};
