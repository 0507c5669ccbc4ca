"""Announcement bodies in the shape of Amazon Linux: ``{"v1": {...}}``.

Source: "Receiving notifications on new updates", Amazon Linux 2 user guide (the schema), and
the names of published images.  Image ids are invented: they follow from version, region and
name, so the same release always has the same ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-central-1", "eu-north-1",
           "eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1", "ap-northeast-2",
           "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "sa-east-1")
ARCHITECTURES = ("arm64", "x86_64")
KERNELS = ("6.1", "6.12", "6.18")
_AL2_FORMS = (
    "amzn2-ami-hvm-{v}-arm64-gp2", "amzn2-ami-hvm-{v}-x86_64-ebs",
    "amzn2-ami-hvm-{v}-x86_64-gp2", "amzn2-ami-kernel-5.10-hvm-{v}-arm64-gp2",
    "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2", "amzn2-ami-minimal-hvm-{v}-arm64-ebs",
    "amzn2-ami-minimal-hvm-{v}-x86_64-ebs", "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-ebs")


def image_id(version: str, region: str, name: str) -> str:
    """The invented id of one image: 17 hex digits that depend on nothing else."""
    digest = hashlib.sha256(f"{version}\n{region}\n{name}".encode()).hexdigest()
    return f"ami-0{digest[:16]}"


def al2023_names(version: str) -> list[str]:
    """The 12 images of a region: minimal and not, three kernels, two architectures."""
    return [f"al2023-ami-{flavour}{version}-kernel-{kernel}-{architecture}"
            for flavour in ("", "minimal-") for kernel in KERNELS
            for architecture in ARCHITECTURES]


def al2_names(version: str) -> list[str]:
    """The 8 images of a region."""
    return [form.format(v=version) for form in _AL2_FORMS]


def al2023(version: str, regions: Iterable[str] = REGIONS) -> str:
    """An Amazon Linux 2023 release, compact as AWS writes it."""
    major, minor = version.split(".")[:2]
    notes = f"https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes-{version}.html"
    return _v1(f"{major}.{minor}", version, notes, al2023_names(version), regions)


def al2(version: str, regions: Iterable[str] = REGIONS) -> str:
    """An Amazon Linux 2 release, e.g. 2.0.20251014.0."""
    notes = f"https://docs.aws.amazon.com/AL2/latest/relnotes/relnotes-{version.split('.')[2]}.html"
    return _v1("2.0", version, notes, al2_names(version), regions)


def announcement(topic: str, version: str, regions: Iterable[str] = REGIONS) -> tuple[str, str]:
    """Body and Subject of a release on one of the two Amazon Linux topics (or a like one)."""
    if "amazon-linux-2-" in topic:
        return al2(version, regions), f"Amazon Linux 2 AMI: new images are available ({version})"
    return (al2023(version, regions),
            f"Amazon Linux 2023 AMI: new images are available ({version})")


def _v1(release: str, version: str, notes: str, names: list[str], regions: Iterable[str]) -> str:
    body = {"v1": {
        "ReleaseVersion": release, "ImageVersion": version, "ReleaseNotes": notes,
        "Regions": {region: [{"Name": name, "ImageId": image_id(version, region, name)}
                             for name in names] for region in regions}}}
    return json.dumps(body, separators=(",", ":"))
