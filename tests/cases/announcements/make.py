#!/usr/bin/env python3
"""Makes the signed announcements again that the flow tests receive.

    build/venv/bin/python tests/cases/announcements/make.py

N.json announces release N of Amazon Linux 2023, each newer than the one before. They are signed as
the cases of tests/cases/sns_gate are, with its key and for its certificate.
"""
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "sns_gate"))

import make as gate  # noqa: E402

RELEASES = 12
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"


def message(number):
    version = f"2023.9.202608{number + 1:02}.0"
    image = {"Name": f"al2023-ami-{version}-kernel-6.1-x86_64", "ImageId": f"ami-{number + 1:017x}"}
    return json.dumps({"v1": {
        "ReleaseVersion": version, "ImageVersion": version, "ReleaseNotes": "https://example.com/",
        "Regions": {"eu-west-1": [image]},
    }})


def announcement(number):
    return gate.envelope(
        MessageId=f"5b8f6c1e-2a3d-5f47-9c0b-{number + 1:012x}", TopicArn=TOPIC, Subject=None,
        Message=message(number), Timestamp=f"2026-08-18T00:{number:02}:00.000Z")


for number in range(RELEASES):
    (HERE / f"{number}.json").write_text(json.dumps(announcement(number)) + "\n", encoding="utf-8")
