"""Writes the cases publishers_*: what others than Amazon Linux announce.

    build/venv/bin/python -m tests.cases.replay.publishers

Nothing is pinned for them, so that all of it is decided as unchecked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tests.cases.replay.make import SIGNER, lines, message_id, record, write
from tests.cloud import envelope

TOPICS = {
    "freebsd": "arn:aws:sns:us-east-1:782442783595:FreeBSDAMI",
    "ecs-optimized": "arn:aws:sns:us-east-1:177427601217:ecs-optimized-amazon-ami-update",
    "windows": "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update",
    "windows-withdrawn": "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private",
    "corp-os": "arn:aws:sns:eu-west-1:111122223333:corp-os",
}
FREEBSD = "FreeBSD 14.3-STABLE-{}-20251016 UEFI-PREFERRED base {}"
ECS = "amzn-ami-2017.09.{}-amazon-ecs-optimized"
CORP = "corp-os-9.10.0-{}"
NOTICE = ("A new version of the Windows AMIs is out. The earlier ones will be deprecated on"
          " Monday, March 11th.\n\nNew AMIs are dated 2024.02.14. (look for them in the console,"
          " or with PowerShell ‘Get-EC2ImageByName’)\n\nChanges:\n• Security updates"
          " current to February 2024\n• The agent’s newest release\n")
PUSH = {"AWS.SNS.MOBILE.MPNS.Type": {"DataType": "String", "StringValue": "token"},
        "AWS.SNS.MOBILE.WNS.Type": {"DataType": "String", "StringValue": "wns/badge"}}


def image_id(name: str, region: str) -> str:
    return "ami-0" + hashlib.sha256(f"{name}\n{region}".encode()).hexdigest()[:16]


def image(name: str, region: str, **more: str) -> dict[str, str]:
    return {"Name": name, **more, "ImageId": image_id(name, region)}


def notice(publisher: str, number: int, message: Any, **given: Any) -> dict[str, Any]:
    """An envelope; its signature is genuine, but nobody has the certificate."""
    text = message if isinstance(message, str) else json.dumps(message, indent=2)
    return envelope.seal(envelope.Notice(
        TOPICS[publisher], text, message_id=message_id(number),
        timestamp="2025-10-20T12:00:00.000Z", **given), SIGNER)


def decided(publisher: str, number: int, family: str, region: str,
            **given: Any) -> dict[str, Any]:
    return record("input", number, TOPICS[publisher], trust="unchecked", publisher=publisher,
                  family=family, region=region, pipeline=f"golden-{family}",
                  pipeline_region=region, **given)


def started(publisher: str, number: int, family: str, region: str, name: str,
            release: str) -> dict[str, Any]:
    parts = ("evergold/1", family, region, f"golden-{family}", region, image_id(name, region), "0")
    token = hashlib.sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
    return decided(publisher, number, family, region, outcome="start", reason="matched",
                   release=release, image_id=image_id(name, region), image_name=name,
                   token=token)


def missed(publisher: str, number: int, family: str, region: str, reason: str,
           **given: Any) -> dict[str, Any]:
    return decided(publisher, number, family, region, outcome="ignored", reason=reason, **given)


def held(publisher: str, number: int, reason: str, detail: str) -> list[dict[str, Any]]:
    return [decided(publisher, number, "win2022", region, outcome="held", reason=reason,
                    release="2024.02.14", detail=detail) for region in ("eu-west-1", "us-east-1")]


def freebsd(number: int, architecture: str, filesystem: str) -> dict[str, Any]:
    """One message for each architecture and file system, all of one ImageVersion."""
    name = FREEBSD.format(architecture, filesystem)
    spoken = {"amd64": "x86_64"}.get(architecture, architecture)
    return notice("freebsd", number, {"v1": {
        "ReleaseVersion": "14.3-STABLE", "ImageVersion": "stable/14@d3d1ccc0ffee",
        "Regions": {region: [image(name, region, Architecture=spoken)]
                    for region in ("us-east-1", "eu-west-1")}}},
                  subject="New 14.3-STABLE AMIs")


def freebsd_want(number: int, architecture: str, filesystem: str) -> Iterable[dict[str, Any]]:
    name = FREEBSD.format(architecture, filesystem)
    for family, wanted in (("bsd-amd64", ("amd64", "UFS")), ("bsd-arm64", ("arm64", "ZFS"))):
        if wanted == (architecture, filesystem):
            yield started("freebsd", number, family, "eu-west-1", name, "14.3.2025.10.16")
        else:
            yield missed("freebsd", number, family, "eu-west-1", "name_mismatch",
                         release="stable/14@d3d1ccc0ffee", detail=f"nearest: {name}")


def write_freebsd() -> None:
    flavours = [(number, architecture, filesystem) for number, (architecture, filesystem)
                in enumerate((a, f) for a in ("amd64", "arm64") for f in ("UFS", "ZFS"))]
    write("publishers_freebsd", lines(*[freebsd(*flavour) for flavour in flavours]),
          [each for flavour in flavours for each in freebsd_want(*flavour)],
          "--config ../publishers.yaml")


def ecs(number: int, respin: str, regions: Iterable[str]) -> dict[str, Any]:
    """One object, not an array of them, for each region, whatever its partition; no Subject."""
    return notice("ecs-optimized", number, {
        "ECSAgent": {"ReleaseVersion": "1.17.2"},
        "ECSAmis": [{"ReleaseVersion": f"2017.09.{respin}", "AgentVersion": "1.17.2",
                     "ReleaseNotes": "", "OsType": "linux", "OperatingSystemName": "Amazon Linux",
                     "Regions": {region: image(ECS.format(respin), region)
                                 for region in regions}}]})


def write_ecs() -> None:
    want = [started("ecs-optimized", 1, "ecs", region, ECS.format("k"), "2017.09.11")
            for region in ("eu-west-1", "cn-north-1")]
    name = ECS.format("j")
    want.append(decided("ecs-optimized", 2, "ecs", "eu-west-1", outcome="older",
                        reason="older_release", release="2017.09.10", image_name=name,
                        image_id=image_id(name, "eu-west-1"),
                        detail="2017.09.11 was started before"))
    want.append(missed("ecs-optimized", 2, "ecs", "cn-north-1", "no_image_in_region",
                       release="2017.09.j"))
    write("publishers_ecs", lines(ecs(1, "k", ("cn-north-1", "eu-west-1", "us-gov-west-1")),
                                  ecs(2, "j", ("eu-west-1",))), want,
          "--config ../publishers.yaml")


def write_windows() -> None:
    inputs = (notice("windows", 1, NOTICE, subject="New AMIs dated 2024.02.14 now available",
                     attributes=PUSH),
              notice("windows", 2, NOTICE.replace("2024", "soon"), subject="New AMIs"),
              notice("windows-withdrawn", 3, "The AMIs dated 2024.02.14 are private now.",
                     subject="Windows AMIs made private", attributes=PUSH))
    want = held("windows", 1, "not_available_yet",
                "the announcement names no images; those dated 2024.02.14 are looked up")
    want.append(record("input", 2, TOPICS["windows"], trust="unchecked", publisher="windows",
                       outcome="rejected", reason="payload",
                       detail="not an announcement in the shape notice: neither its subject nor"
                              " its text has a date such as 2018.01.05"))
    want += held("windows-withdrawn", 3, "quarantined",
                 "the publisher has withdrawn images dated 2024.02.14")
    write("publishers_windows", envelope.write(inputs[0]), want[:2], "--config ../publishers.yaml")
    write("publishers_windows_withdrawn", lines(*inputs), want, "--config ../publishers.yaml")


def corp(name: str, region: str) -> dict[str, Any]:
    return {"name": name, "disk": {"size": 8}, "ami": image_id(name, region)}


def write_generic() -> None:
    wanted, other = CORP.format("x86_64"), CORP.format("arm64")
    message = {"by": "corp", "release": "9.10.0", "images": {
        "eu-west-1": corp(wanted, "eu-west-1"),
        "us-east-1": [corp(other, "us-east-1"), corp(wanted, "us-east-1")]}}
    want = [started("corp-os", 1, "corp", region, wanted, "9.10.0")
            for region in ("eu-west-1", "us-east-1")]
    want.append(record("input", 2, TOPICS["corp-os"], trust="unchecked", publisher="corp-os",
                       outcome="rejected", reason="payload",
                       detail='not an announcement in the shape generic: nothing at the pointer'
                              ' "/images"'))
    write("publishers_generic", lines(notice("corp-os", 1, message),
                                      notice("corp-os", 2, {"release": "9.10.1"})), want,
          "--config ../publishers.yaml")


if __name__ == "__main__":
    write_freebsd()
    write_ecs()
    write_windows()
    write_generic()
