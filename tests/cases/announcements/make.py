#!/usr/bin/env python3
"""Makes the signed announcements again that the flow tests receive.

    build/venv/bin/python tests/cases/announcements/make.py

N.json announces release N of Amazon Linux 2023, each newer than the one before; several.json one
with two images for one pattern, unreadable.json something in a shape that nobody knows. They are
signed as the cases of tests/cases/hostile are, with its key and for its certificate.
"""
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from tests.hostile.catalogue.certificates import Authority  # noqa: E402
from tests.hostile.catalogue.notary import MOMENT, Notary  # noqa: E402

RELEASES = 12
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"


def message(number, ids=("",)):
    version = f"2023.9.202608{number + 1:02}.0"
    images = [{"Name": f"al2023-ami-{version}-kernel-6.1-x86_64",
               "ImageId": f"ami-{more}{number + 1:0{17 - len(more)}x}"} for more in ids]
    return json.dumps({"v1": {
        "ReleaseVersion": version, "ImageVersion": version, "ReleaseNotes": "https://example.com/",
        "Regions": {"eu-west-1": images},
    }})


def write(name, number, body, subject=None):
    announcement = Notary(Authority(MOMENT)).envelope(
        MessageId=f"5b8f6c1e-2a3d-5f47-9c0b-{number + 1:012x}", TopicArn=TOPIC, Subject=subject,
        Message=body, Timestamp=f"2026-08-18T00:{number:02}:00.000Z")
    (HERE / f"{name}.json").write_text(json.dumps(announcement) + "\n", encoding="utf-8")


for number in range(RELEASES):
    write(number, number, message(number))
write("several", RELEASES, message(RELEASES, ids=("a", "b")))
write("unreadable", RELEASES + 1, json.dumps({"v2": {"Version": "2023.10"}}),
      "A new way <to say> it")
