#include "common/release/catalogue.h"

#include "common/release/parameters.h"

#include <assert.h>

#include "common/base/banned.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* In most regions the topic's account owns the images; in some only the alias is the same. */
#define AMAZON LIST("amazon")

#define ECS_TOPIC(region, account) \
	"arn:aws:sns:" region ":" account ":ecs-optimized-amazon-ami-update"

const struct publisher catalogue[] = {
	{
		.name = "amazon-linux-2023",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates",
		.shape = SHAPE_V1,
		.owners = AMAZON,
		.title = "Amazon Linux 2023",
		.name_pattern =
			"^al2023-ami-(minimal-)?2023\\.[0-9]+\\.[0-9]{8}\\.[0-9]+-kernel-[0-9]+\\."
			"[0-9]+-(x86_64|arm64)$",
		.search = LIST("al2023-ami-2023.*", "al2023-ami-minimal-2023.*"),
		.parameters = parameters_al2023,
		.examples = LIST("al2023-ami-2023.9.20251014.0-kernel-6.1-x86_64",
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
	                         "al2023-ami-minimal-2023.9.20251014.0-kernel-6.18-arm64"),
		.notes = "https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes.html",
	},
	{
		.name = "amazon-linux-2",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates",
		.shape = SHAPE_V1,
		.owners = AMAZON,
		.title = "Amazon Linux 2",
		.name_pattern =
			"^amzn2-ami-(minimal-|kernel-5\\.10-)?hvm-(2\\.0|2017\\.12\\.0)\\.[0-9]{8}"
			"(\\.[0-9]+)?-(x86_64|arm64)-(gp2|ebs)$",
		.search = LIST("amzn2-ami-hvm-*", "amzn2-ami-minimal-hvm-*", "amzn2-ami-kernel-*"),
		.parameters = parameters_al2,
		.examples = LIST("amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-x86_64-gp2",
	                         "amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-x86_64-ebs",
	                         "amzn2-ami-kernel-5.10-hvm-2.0.20251014.0-arm64-gp2",
	                         "amzn2-ami-hvm-2.0.20251014.0-x86_64-gp2",
	                         "amzn2-ami-hvm-2.0.20251014.0-x86_64-ebs",
	                         "amzn2-ami-hvm-2.0.20251014.0-arm64-gp2",
	                         "amzn2-ami-minimal-hvm-2.0.20251014.0-x86_64-ebs",
	                         "amzn2-ami-minimal-hvm-2.0.20251014.0-arm64-ebs"),
		.notes = "https://docs.aws.amazon.com/AL2/latest/relnotes/relnotes-al2.html",
	},
	{
		.name = "amazon-linux",
		.topic = "arn:aws:sns:us-east-1:137112412989:amazon-linux-ami-updates",
		.shape = SHAPE_V1,
		.owners = AMAZON,
		.title = "Amazon Linux 2018 (ended in 2023)",
		.name_pattern =
			"^amzn-ami-(minimal-)?(hvm|pv|vpc-nat-hvm|vpc-nat-pv)-20[0-9]{2}\\.[0-9]{2}"
			"\\.[0-9]+\\.[0-9]{8}(\\.[0-9]+)?-(x86_64|i386)-(ebs|gp2|s3)$",
		.search = LIST("amzn-ami-hvm-*", "amzn-ami-pv-*", "amzn-ami-minimal-*",
	                       "amzn-ami-vpc-nat-*"),
		.virtualization = "any",
		.root_device = "any",
		.parameters = parameters_al1,
		.examples = LIST("amzn-ami-hvm-2018.03.0.20231218.0-x86_64-gp2",
	                         "amzn-ami-hvm-2018.03.0.20231218.0-x86_64-ebs",
	                         "amzn-ami-hvm-2018.03.0.20231218.0-x86_64-s3",
	                         "amzn-ami-minimal-hvm-2018.03.0.20231218.0-x86_64-ebs",
	                         "amzn-ami-minimal-hvm-2018.03.0.20231218.0-x86_64-s3",
	                         "amzn-ami-vpc-nat-hvm-2018.03.0.20231218.0-x86_64-ebs"),
		.notes = "https://aws.amazon.com/amazon-linux-ami/",
	},
	{
		.name = "freebsd",
		.topic = "arn:aws:sns:us-east-1:782442783595:FreeBSDAMI",
		.shape = SHAPE_V1,
		.owners = LIST("782442783595"),
		.title = "FreeBSD",
		.name_pattern = "^FreeBSD "
				"[0-9]+\\.[0-9]+-[A-Z]+[0-9]*-(amd64|arm64)(-[0-9]{4}-?[0-9]{2}-?["
				"0-9]{2})?( .+)?$",
		.version_pattern = "([0-9]+\\.[0-9]+)-[A-Z]+[0-9]*(-[a-z0-9]+-([0-9]{4})-?([0-9]{2}"
				   ")-?([0-9]{2}))?",
		.search = LIST("FreeBSD *"),
		.parameters = parameters_freebsd,
		.examples = LIST("FreeBSD 14.3-RELEASE-amd64 UEFI-PREFERRED base UFS",
	                         "FreeBSD 14.3-RELEASE-amd64 UEFI-PREFERRED base ZFS",
	                         "FreeBSD 14.3-RELEASE-arm64 UEFI-PREFERRED base UFS",
	                         "FreeBSD 14.3-RELEASE-arm64 UEFI-PREFERRED base ZFS",
	                         "FreeBSD 14.3-STABLE-amd64-20251016 UEFI-PREFERRED base UFS",
	                         "FreeBSD 14.3-STABLE-amd64-20251016 UEFI-PREFERRED base ZFS",
	                         "FreeBSD 14.3-STABLE-arm64-20251016 UEFI-PREFERRED base UFS",
	                         "FreeBSD 14.3-STABLE-arm64-20251016 UEFI-PREFERRED base ZFS",
	                         "FreeBSD 14.3-RELEASE-amd64 UEFI-PREFERRED cloud-init UFS",
	                         "FreeBSD 14.3-RELEASE-amd64 UEFI-PREFERRED small UFS"),
		.notes = "https://www.freebsd.org/releases/",
	},
	{
		.name = "ecs-optimized",
		.topic = ECS_TOPIC("us-east-1", "177427601217"),
		.more_topics = LIST(ECS_TOPIC("us-east-2", "177427601217"),
	                            ECS_TOPIC("us-west-1", "177427601217"),
	                            ECS_TOPIC("us-west-2", "177427601217"),
	                            ECS_TOPIC("ap-east-1", "177427601217"),
	                            ECS_TOPIC("ap-northeast-1", "177427601217"),
	                            ECS_TOPIC("ap-northeast-2", "177427601217"),
	                            ECS_TOPIC("ap-southeast-1", "177427601217"),
	                            ECS_TOPIC("ap-southeast-2", "177427601217"),
	                            ECS_TOPIC("ap-south-1", "177427601217"),
	                            ECS_TOPIC("ca-central-1", "177427601217"),
	                            ECS_TOPIC("eu-west-1", "177427601217"),
	                            ECS_TOPIC("eu-west-2", "177427601217"),
	                            ECS_TOPIC("eu-west-3", "177427601217"),
	                            ECS_TOPIC("eu-central-1", "177427601217"),
	                            ECS_TOPIC("sa-east-1", "177427601217"),
	                            ECS_TOPIC("us-west-2", "917786371007")),
		.shape = SHAPE_ECS,
		.owners = LIST("amazon", "591542846629"),
		.title = "ECS-optimized Amazon Linux 2 and 1 (announced until 2021)",
		.name_pattern = "^(amzn2-ami-ecs-(kernel-5\\.10-)?(gpu-|inf-|kepler-gpu-)?hvm-2\\."
				"0\\.[0-9]{8}-(x86_64|arm64)-ebs|amzn-ami-20[0-9]{2}\\.[0-9]{2}\\.("
				"[a-z]|[0-9]{8})-amazon-ecs-optimized)$",
		.version_pattern = "-hvm-([0-9]+\\.[0-9]+\\.[0-9]{8})|-ami-([0-9]{4}\\.[0-9]{2})\\."
				   "([a-z]|[0-9]{8})-amazon-ecs",
		.search = LIST("amzn2-ami-ecs-*", "amzn-ami-*-amazon-ecs-optimized"),
		.architecture = "x86_64",
		.parameters = parameters_ecs,
		.examples = LIST("amzn2-ami-ecs-hvm-2.0.20251014-x86_64-ebs",
	                         "amzn2-ami-ecs-hvm-2.0.20251014-arm64-ebs",
	                         "amzn2-ami-ecs-kernel-5.10-hvm-2.0.20251014-x86_64-ebs",
	                         "amzn2-ami-ecs-kernel-5.10-hvm-2.0.20251014-arm64-ebs",
	                         "amzn2-ami-ecs-gpu-hvm-2.0.20251014-x86_64-ebs",
	                         "amzn2-ami-ecs-inf-hvm-2.0.20251014-x86_64-ebs",
	                         "amzn-ami-2018.03.y-amazon-ecs-optimized"),
		.notes = "https://github.com/aws/amazon-ecs-ami/blob/main/CHANGELOG.md",
	},
	{
		.name = "windows",
		.topic = "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update",
		.more_topics = LIST(
			"arn:aws-us-gov:sns:us-gov-west-1:077303321853:ec2-windows-ami-update"),
		.shape = SHAPE_NOTICE,
		.notice_pattern = "([0-9]{4}\\.[0-9]{2}\\.[0-9]{2})",
		.dated = true,
		.owners = AMAZON,
		.title = "Windows Server",
		.name_pattern = "^(EC2LaunchV2-|TPM-)?Windows_Server-20[0-9]{2}-[A-Za-z_]+-(Full|"
				"Core)-.+-20[0-9]{2}\\.[0-9]{2}\\.[0-9]{2}$",
		.version_pattern = "-([0-9]{4}\\.[0-9]{2}\\.[0-9]{2})$",
		.search = LIST("*Windows_Server-*"),
		.architecture = "x86_64",
		.parameters = parameters_windows,
		.examples = LIST("Windows_Server-2025-English-Full-Base-2025.10.15",
	                         "Windows_Server-2025-English-Core-Base-2025.10.15",
	                         "Windows_Server-2025-English-Full-SQL_2022_Standard-2025.10.15",
	                         "Windows_Server-2025-English-Full-ECS_Optimized-2025.10.15",
	                         "Windows_Server-2022-English-Full-Base-2025.10.15",
	                         "Windows_Server-2022-English-Core-Base-2025.10.15",
	                         "Windows_Server-2022-English-Full-SQL_2022_Standard-2025.10.15",
	                         "Windows_Server-2022-English-Full-ECS_Optimized-2025.10.15",
	                         "EC2LaunchV2-Windows_Server-2019-English-Full-Base-2025.10.15",
	                         "EC2LaunchV2-Windows_Server-2019-English-Core-Base-2025.10.15",
	                         "Windows_Server-2019-English-Full-Base-2025.10.15",
	                         "Windows_Server-2019-English-Core-Base-2025.10.15",
	                         "Windows_Server-2016-English-Full-Base-2025.10.15",
	                         "Windows_Server-2016-English-Core-Base-2025.10.15",
	                         "Windows_Server-2022-English-Core-EKS_Optimized-1.33-2025.10.15",
	                         "TPM-Windows_Server-2022-English-Full-Base-2025.10.15",
	                         "Windows_Server-2022-German-Full-Base-2025.10.15"),
		.notes = "https://docs.aws.amazon.com/ec2/latest/windows-ami-reference/"
			 "windows-ami-versions.html",
	},
	{
		.name = "windows-withdrawn",
		.topic = "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private",
		.shape = SHAPE_NOTICE,
		.notice_pattern = "([0-9]{4}\\.[0-9]{2}\\.[0-9]{2})",
		.withdraws = "windows",
		.owners = AMAZON,
		.title = "Windows Server images that are no longer public",
		.notes = "https://docs.aws.amazon.com/ec2/latest/windows-ami-reference/"
			 "windows-ami-versions.html",
	},
	{
		.name = "deep-learning",
		.topic = "arn:aws:sns:us-west-2:767397762724:dlami-updates",
		.more_topics = LIST(
			"arn:aws:sns:us-west-2:265886551188:pcs-ready-dlami-release-notifications"),
		.shape = SHAPE_NOTICE,
		.notice_pattern =
			"(20[0-9]{2}[.-]?[01][0-9][.-]?[0-3][0-9])|[vV]([0-9]+\\.[0-9.]*[0-9])",
		.owners = AMAZON,
		.title = "Deep Learning AMIs",
		.name_pattern =
			"^(Deep Learning .+ \\(.+\\) 20[0-9]{6}|aws-pcs-ready-dlami-base-.+)$",
		.version_pattern = "[ -](20[0-9]{6})",
		.search = LIST("Deep Learning *", "aws-pcs-ready-dlami-base-*"),
		.architecture = "x86_64",
		.parameters = parameters_deep_learning,
		.examples = LIST(
			"Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04) 20251010",
			"Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) 20251010",
			"Deep Learning Base OSS Nvidia Driver GPU AMI (Amazon Linux 2023) 20251010",
			"Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.7 (Ubuntu 22.04) "
			"20251010",
			"Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.7 (Amazon Linux 2023) "
			"20251010",
			"Deep Learning AMI Neuron (Ubuntu 22.04) 20251010",
			"Deep Learning ARM64 Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04) "
			"20251010",
			"Deep Learning ARM64 AMI OSS Nvidia Driver GPU PyTorch 2.7 (Ubuntu 22.04) "
			"20251010"),
		.notes = "https://docs.aws.amazon.com/dlami/latest/devguide/"
			 "appendix-ami-release-notes.html",
	},
	{
		.name = "ubuntu",
		.shape = SHAPE_NONE,
		.owners = LIST("099720109477", "513442679011", "837727238323"),
		.title = "Ubuntu Server",
		.name_pattern = "^ubuntu/images/hvm-ssd(-gp3)?/"
				"ubuntu-[a-z]+-[0-9]{2}\\.[0-9]{2}-(amd64|arm64)-server-[0-9]{8}("
				"\\.[0-9]+)?$",
		.version_pattern =
			"-([0-9]{2}\\.[0-9]{2})-[a-z0-9]+-server-([0-9]{8})(\\.([0-9]+))?$",
		.search = LIST("ubuntu/images/hvm-ssd*/ubuntu-*-server-*"),
		.parameters = parameters_ubuntu,
		.examples = LIST(
			"ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20260515",
			"ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-arm64-server-20260515",
			"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260515",
			"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260515",
			"ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20260515",
			"ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-20260515",
			"ubuntu/images/hvm-ssd/ubuntu-focal-20.04-amd64-server-20260515",
			"ubuntu/images/hvm-ssd/ubuntu-focal-20.04-arm64-server-20260515"),
		.notes = "https://cloud-images.ubuntu.com/locator/ec2/",
	},
	{
		.name = "debian",
		.shape = SHAPE_NONE,
		.owners = LIST("136693071363"),
		.title = "Debian",
		.name_pattern = "^debian-[0-9]+-(amd64|arm64)-[0-9]{8}-[0-9]+$",
		.version_pattern = "^debian-([0-9]+)-[a-z0-9]+-([0-9]{8})-([0-9]+)$",
		.search = LIST("debian-*"),
		.parameters = parameters_debian,
		.examples = LIST("debian-13-amd64-20251006-2257", "debian-13-arm64-20251006-2257",
	                         "debian-12-amd64-20251006-2257", "debian-12-arm64-20251006-2257",
	                         "debian-11-amd64-20251006-2257", "debian-11-arm64-20251006-2257"),
		.notes = "https://wiki.debian.org/Cloud/AmazonEC2Image",
	},
	{
		.name = "rhel",
		.shape = SHAPE_NONE,
		.owners = LIST("309956199498", "219670896067"),
		.title = "Red Hat Enterprise Linux",
		.name_pattern = "^RHEL-[0-9]+\\.[0-9]+(\\.[0-9]+)?_HVM(_GA|_BETA)?-[0-9]{8}-(x86_"
				"64|arm64)-[0-9]+-(Hourly2|Access2)-GP[23]$",
		.version_pattern = "^RHEL-([0-9]+\\.[0-9]+)(\\.([0-9]+))?_HVM[A-Z_]*-([0-9]{8})-[a-"
				   "z0-9_]+-([0-9]+)-",
		.search = LIST("RHEL-*_HVM*"),
		.examples = LIST("RHEL-10.0.0_HVM-20251021-x86_64-0-Hourly2-GP3",
	                         "RHEL-10.0.0_HVM-20251021-x86_64-0-Access2-GP3",
	                         "RHEL-10.0.0_HVM-20251021-arm64-0-Hourly2-GP3",
	                         "RHEL-10.0.0_HVM-20251021-arm64-0-Access2-GP3",
	                         "RHEL-9.6.0_HVM-20251021-x86_64-0-Hourly2-GP3",
	                         "RHEL-9.6.0_HVM-20251021-x86_64-0-Access2-GP3",
	                         "RHEL-9.6.0_HVM-20251021-arm64-0-Hourly2-GP3",
	                         "RHEL-9.6.0_HVM-20251021-arm64-0-Access2-GP3",
	                         "RHEL-8.10.0_HVM-20251021-x86_64-0-Hourly2-GP3",
	                         "RHEL-8.10.0_HVM-20251021-x86_64-0-Access2-GP3",
	                         "RHEL-8.10.0_HVM-20251021-arm64-0-Hourly2-GP3",
	                         "RHEL-8.10.0_HVM-20251021-arm64-0-Access2-GP3"),
		.notes = "https://docs.redhat.com/en/documentation/red_hat_enterprise_linux",
	},
	{
		.name = "suse",
		.shape = SHAPE_NONE,
		.owners = LIST("013907871322"),
		.title = "SUSE Linux Enterprise Server",
		.name_pattern = "^suse-sle(s|-hpc)-[0-9]+-(sp)?[0-9]+(-[a-z-]+)?-v[0-9]{8}(-[a-z]+)"
				"?-hvm-ssd-(x86_64|arm64)$",
		.version_pattern = "-([0-9]+)-(sp)?([0-9]+)(-[a-z-]+)?-v([0-9]{8})",
		.search = LIST("suse-sle*-hvm-ssd-*"),
		.parameters = parameters_suse,
		.examples = LIST("suse-sles-16-0-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-16-0-v20251014-hvm-ssd-arm64",
	                         "suse-sles-16-0-byos-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-16-0-byos-v20251014-hvm-ssd-arm64",
	                         "suse-sles-15-sp7-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-15-sp7-v20251014-hvm-ssd-arm64",
	                         "suse-sles-15-sp7-byos-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-15-sp7-byos-v20251014-hvm-ssd-arm64",
	                         "suse-sles-15-sp6-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-15-sp6-v20251014-hvm-ssd-arm64",
	                         "suse-sles-15-sp6-byos-v20251014-hvm-ssd-x86_64",
	                         "suse-sles-15-sp6-byos-v20251014-hvm-ssd-arm64",
	                         "suse-sles-15-sp6-sapcal-v20251014-hvm-ssd-x86_64"),
		.notes = "https://www.suse.com/releasenotes/",
	},
	{
		.name = "rocky",
		.shape = SHAPE_NONE,
		.owners = LIST("792107900819"),
		.title = "Rocky Linux",
		.name_pattern = "^Rocky-[0-9]+-EC2-(Base|LVM)-[0-9]+\\.[0-9]+-[0-9]{8}\\.[0-9]+\\.("
				"x86_64|aarch64)$",
		.version_pattern = "-([0-9]+\\.[0-9]+)-([0-9]{8}\\.[0-9]+)\\.",
		.search = LIST("Rocky-*-EC2-*"),
		.examples = LIST("Rocky-10-EC2-Base-10.0-20250614.0.x86_64",
	                         "Rocky-10-EC2-Base-10.0-20250614.0.aarch64",
	                         "Rocky-10-EC2-LVM-10.0-20250614.0.x86_64",
	                         "Rocky-10-EC2-LVM-10.0-20250614.0.aarch64",
	                         "Rocky-9-EC2-Base-9.6-20250614.0.x86_64",
	                         "Rocky-9-EC2-Base-9.6-20250614.0.aarch64",
	                         "Rocky-9-EC2-LVM-9.6-20250614.0.x86_64",
	                         "Rocky-9-EC2-LVM-9.6-20250614.0.aarch64",
	                         "Rocky-8-EC2-Base-8.10-20250614.0.x86_64",
	                         "Rocky-8-EC2-Base-8.10-20250614.0.aarch64",
	                         "Rocky-8-EC2-LVM-8.10-20250614.0.x86_64",
	                         "Rocky-8-EC2-LVM-8.10-20250614.0.aarch64"),
		.notes = "https://docs.rockylinux.org/release_notes/",
	},
	{
		.name = "almalinux",
		.shape = SHAPE_NONE,
		.owners = LIST("764336703387"),
		.title = "AlmaLinux OS",
		.name_pattern = "^AlmaLinux OS [0-9]+\\.[0-9]+\\.[0-9]{8} (x86_64|aarch64)$",
		.version_pattern = "^AlmaLinux OS ([0-9]+\\.[0-9]+\\.[0-9]{8}) ",
		.search = LIST("AlmaLinux OS *"),
		.examples = LIST(
			"AlmaLinux OS 10.0.20250529 x86_64", "AlmaLinux OS 10.0.20250529 aarch64",
			"AlmaLinux OS 9.6.20250529 x86_64", "AlmaLinux OS 9.6.20250529 aarch64",
			"AlmaLinux OS 8.10.20250529 x86_64", "AlmaLinux OS 8.10.20250529 aarch64"),
		.notes = "https://wiki.almalinux.org/release-notes/",
	},
	{
		.name = "bottlerocket",
		.shape = SHAPE_NONE,
		.owners = LIST("amazon", "092701018921"),
		.title = "Bottlerocket",
		.name_pattern = "^bottlerocket-aws-(k8s-1\\.[0-9]+|ecs-[0-9]+)(-nvidia|-fips)*-("
				"x86_64|aarch64)-v[0-9.]+-[0-9a-f]{8}$",
		.version_pattern = "-v([0-9]+\\.[0-9]+\\.[0-9]+)-[0-9a-f]+$",
		.search = LIST("bottlerocket-aws-*"),
		.parameters = parameters_bottlerocket,
		.examples = LIST("bottlerocket-aws-k8s-1.34-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.34-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.34-nvidia-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.34-nvidia-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.34-fips-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.34-fips-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-nvidia-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-nvidia-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-fips-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-k8s-1.33-fips-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-ecs-2-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-ecs-2-aarch64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-ecs-2-nvidia-x86_64-v1.49.0-713f44ce",
	                         "bottlerocket-aws-ecs-2-nvidia-aarch64-v1.49.0-713f44ce"),
		.notes = "https://github.com/bottlerocket-os/bottlerocket/releases",
	},
	{
		.name = "eks",
		.shape = SHAPE_NONE,
		.owners = LIST("amazon", "602401143452"),
		.title = "EKS-optimized Amazon Linux",
		.name_pattern = "^amazon-eks-(node-al2023-(x86_64|arm64)-(standard|nvidia|neuron)|("
				"gpu-|arm64-)?node)-1\\.[0-9]+-v[0-9]{8}$",
		.version_pattern = "-v([0-9]{8})$",
		.search = LIST("amazon-eks-*node-*"),
		.architecture = "x86_64",
		.parameters = parameters_eks,
		.examples = LIST("amazon-eks-node-al2023-x86_64-standard-1.34-v20251016",
	                         "amazon-eks-node-al2023-arm64-standard-1.34-v20251016",
	                         "amazon-eks-node-al2023-x86_64-nvidia-1.34-v20251016",
	                         "amazon-eks-node-al2023-arm64-nvidia-1.34-v20251016",
	                         "amazon-eks-node-al2023-x86_64-neuron-1.34-v20251016",
	                         "amazon-eks-node-al2023-x86_64-standard-1.33-v20251016",
	                         "amazon-eks-node-al2023-arm64-standard-1.33-v20251016",
	                         "amazon-eks-node-al2023-x86_64-nvidia-1.33-v20251016",
	                         "amazon-eks-node-al2023-arm64-nvidia-1.33-v20251016",
	                         "amazon-eks-node-al2023-x86_64-neuron-1.33-v20251016",
	                         "amazon-eks-node-1.32-v20251016",
	                         "amazon-eks-arm64-node-1.32-v20251016",
	                         "amazon-eks-gpu-node-1.32-v20251016"),
		.notes = "https://github.com/awslabs/amazon-eks-ami/releases",
	},
	{
		.name = "ecs-al2023",
		.shape = SHAPE_NONE,
		.owners = LIST("amazon", "591542846629"),
		.title = "ECS-optimized Amazon Linux 2023",
		.name_pattern = "^al2023-ami-ecs-(gpu-|neuron-)?hvm-2023\\.0\\.[0-9]{8}-kernel-[0-"
				"9]+\\.[0-9]+-(x86_64|arm64)(-ebs)?$",
		.version_pattern = "-hvm-([0-9]+\\.[0-9]+\\.[0-9]{8})-",
		.search = LIST("al2023-ami-ecs-*"),
		.parameters = parameters_ecs_al2023,
		.examples = LIST("al2023-ami-ecs-hvm-2023.0.20251015-kernel-6.1-x86_64",
	                         "al2023-ami-ecs-hvm-2023.0.20251015-kernel-6.1-arm64",
	                         "al2023-ami-ecs-gpu-hvm-2023.0.20251015-kernel-6.1-x86_64-ebs",
	                         "al2023-ami-ecs-neuron-hvm-2023.0.20251015-kernel-6.1-x86_64"),
		.notes = "https://github.com/aws/amazon-ecs-ami/blob/main/CHANGELOG.md",
	},
};

const size_t catalogue_size = ARRAY_LEN(catalogue);

static_assert(ARRAY_LEN(catalogue) <= CATALOGUE_MOST, "callers have room for all rows");

const struct publisher *catalogue_find(struct span name)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		if (span_is(name, catalogue[i].name))
			return &catalogue[i];
	}
	return NULL;
}

bool publisher_has_topic(const struct publisher *publisher, struct span topic)
{
	const char *const *more = publisher->more_topics;

	if (topic.len && span_is(topic, publisher->topic))
		return true;
	while (more && *more && !span_is(topic, *more))
		more++;
	return more && *more;
}

bool publisher_withdraws(const struct publisher *publisher, const struct publisher *other)
{
	return publisher && publisher->withdraws &&
	       span_is(span_of(other->name), publisher->withdraws);
}

const char *shape_word(enum shape shape)
{
	static const char *const words[] = {
		[SHAPE_V1] = "v1",           [SHAPE_NONE] = "none",     [SHAPE_ECS] = "ecs",
		[SHAPE_GENERIC] = "generic", [SHAPE_NOTICE] = "notice",
	};

	return words[shape];
}
