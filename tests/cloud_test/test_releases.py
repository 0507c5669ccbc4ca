"""The bodies of announcements."""

from __future__ import annotations

import json
import re

from tests.cloud import releases

AL2023 = re.compile(r"al2023-ami-(minimal-)?2023\.\d+\.\d{8}\.\d+-kernel-\d+\.\d+-(x86_64|arm64)")
AL2 = re.compile(r"amzn2-ami-(minimal-|kernel-5\.10-)?hvm-2\.0\.\d{8}(\.\d+)?-(x86_64|arm64)"
                 r"-(gp2|ebs)")


def regions(text):
    v1 = json.loads(text)["v1"]
    assert set(v1) == {"ReleaseVersion", "ImageVersion", "ReleaseNotes", "Regions"}
    return v1["Regions"]


def test_amazon_linux_2023():
    text = releases.al2023("2023.9.20251027.0", ["eu-west-1", "us-east-1"])
    assert json.loads(text)["v1"]["ReleaseVersion"] == "2023.9"
    for images in regions(text).values():
        assert len({image["Name"] for image in images}) == 12
        assert all(AL2023.fullmatch(image["Name"]) for image in images)
        assert all(re.fullmatch("ami-[0-9a-f]{17}", image["ImageId"]) for image in images)


def test_amazon_linux_2():
    (images,) = regions(releases.al2("2.0.20251014.0", ["eu-west-1"])).values()
    assert len({image["Name"] for image in images}) == 8
    assert all(AL2.fullmatch(image["Name"]) for image in images)


def test_ids_are_everywhere_different_and_always_the_same():
    first, again = (regions(releases.al2023("2023.9.20251027.0")) for _ in range(2))
    assert first == again
    ids = [image["ImageId"] for images in first.values() for image in images]
    assert len(set(ids)) == len(ids) == 12 * len(releases.REGIONS)
    assert releases.image_id("2023.9.20251027.0", "eu-west-1",
                             "al2023-ami-2023.9.20251027.0-kernel-6.1-x86_64") in ids
