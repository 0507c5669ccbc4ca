"""Announcements as archives keep them, dated as a test wishes, and configurations for them."""

from __future__ import annotations

import json
import uuid

TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
FAMILY = {"name": "web", "publisher": "amazon-linux-2023", "regions": ["eu-west-1"],
          "images": "al2023-ami-2023.*-kernel-6.1-x86_64", "pipeline": {"name": "golden-web"}}


def version(number):
    return f"2023.9.{number}.0"


def image(number, region="eu-west-1", kernel="6.1"):
    return f"ami-{uuid.uuid5(uuid.NAMESPACE_URL, f'{number}/{region}/{kernel}').hex[:17]}"


def announcement(number, at):
    """An envelope that nobody signed, of "2025-10-20T12:00" or the like."""
    regions = {region: [{"Name": f"al2023-ami-{version(number)}-kernel-{kernel}-x86_64",
                         "ImageId": image(number, region, kernel)} for kernel in ("6.1", "6.12")]
               for region in ("eu-west-1", "us-east-1")}
    return {"Type": "Notification", "MessageId": f"00000000-0000-5000-8000-{number:012}",
            "TopicArn": TOPIC, "Subject": "new images",
            "Message": json.dumps({"v1": {"ReleaseVersion": "2023.9",
                                          "ImageVersion": version(number), "ReleaseNotes": "",
                                          "Regions": regions}}),
            "Timestamp": f"{at}:00.000Z", "SignatureVersion": "1", "Signature": "bm9uZQ==",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/"
                              "SimpleNotificationService-" + "0" * 32 + ".pem"}


def write_archive(path, *announcements):
    path.write_text("".join(json.dumps(each) + "\n" for each in announcements))
    return path


def write_config(path, *families):
    """JSON is YAML, too."""
    families = [{**FAMILY, **family} for family in families or ({},)]
    path.write_text(json.dumps({"region": "eu-west-1", "families": families,
                                "ledger": {"sqlite": "/nonexistent/ledger.db"}}))
    return path
