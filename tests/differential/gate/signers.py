"""Which host keeps SNS's certificates for a region, and in whose name they are.

Source: AWS SDK for Java 2, SnsHostProvider; the endpoints of SNS.
"""

from __future__ import annotations

import re

# They share one certificate; regions that came later have one of their own.
FIRST = {"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
         "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1",
         "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"}
# Partition -> how its regions begin, their suffix, the certificate's name.
OTHERS = {
    "aws-us-gov": ("us-gov-", "amazonaws.com", "sns-us-gov-west-1.amazonaws.com"),
    "aws-cn": ("cn-", "amazonaws.com.cn", "sns-{region}.amazonaws.com.cn"),
    "aws-eusc": ("eusc-", "amazonaws.eu", "sns-signing.{region}.amazonaws.eu"),
    "aws-iso": ("us-iso-", "c2s.ic.gov", "sns-us-iso-east-1.c2s.ic.gov"),
    "aws-iso-b": ("us-isob-", "sc2s.sgov.gov", "sns-us-isob-east-1.sc2s.sgov.gov"),
    "aws-iso-e": ("eu-isoe-", "cloud.adc-e.uk", "sns-signing.{region}.cloud.adc-e.uk"),
    "aws-iso-f": ("us-isof-", "csp.hci.ic.gov", "sns-signing.{region}.csp.hci.ic.gov"),
}
ARN = re.compile(r"arn:(aws[a-z-]{0,29}):sns:((?:[a-z]+-){2,}[0-9]{1,2}):[0-9]{12}:"
                 r"([A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo)", re.ASCII)


def parts(arn: str) -> tuple[str, str] | None:
    """Partition and region of a topic, or None if it is the name of none."""
    found = ARN.fullmatch(arn)
    return (found[1], found[2]) if found and len(found[2]) <= 32 else None


def signer(partition: str, region: str) -> tuple[str, str] | None:
    """Host and certificate's name, or None: the region is none of the partition."""
    if partition in OTHERS:
        begin, suffix, name = OTHERS[partition]
        here = region.startswith(begin)
        return (f"sns.{region}.{suffix}", name.format(region=region)) if here else None
    if partition != "aws" or region.startswith(tuple(row[0] for row in OTHERS.values())):
        return None
    name = "sns" if region in FIRST else f"sns-signing.{region}"
    return f"sns.{region}.amazonaws.com", f"{name}.amazonaws.com"
