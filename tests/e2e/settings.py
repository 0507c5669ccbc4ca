"""Configurations for the tests, as the worker reads them (JSON is YAML, too)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.cloud import releases
from tests.cloud.client import Cloud
from tests.cloud.slack_channels import channel_id

HOME = "eu-west-1"
AL2023 = "al2023-ami-2023.*-kernel-6.1-x86_64"
AL2023_ARM = "al2023-ami-2023.*-kernel-6.1-arm64"
AL2 = "amzn2-ami-kernel-5.10-hvm-2.0.*-x86_64-gp2"
SLOW = {"outcome": "Hang"}
# Slack shows the history of a channel by its id alone, so no message comes twice there.
KNOWN_CHANNEL = {"channel": channel_id("golden-amis")}


def family(name: str = "web", **given: Any) -> dict[str, Any]:
    """A family with what it needs; members given here replace the defaults."""
    pipeline = {"name": f"golden-{name}", "variables": {"BASE_AMI_ID": "{image_id}"}}
    return {"name": name, "publisher": "amazon-linux-2023", "images": AL2023, "regions": [HOME],
            **given, "pipeline": {**pipeline, **given.get("pipeline", {})}}


def configuration(cloud: Cloud, folder: Path, *families: dict[str, Any],
                  **given: Any) -> dict[str, Any]:
    """All settings; a section given here replaces the defaults' members, None removes it."""
    config: dict[str, Any] = {
        "queue": {"url": cloud.queue_url, "receivers": 1, "visibility_timeout": "2m"},
        "trust": {"pinned_certificates": [cloud.certificate]},
        "families": list(families or [family()]),
        "slack": {"token": {"file": cloud.slack_token_file}, "channel": "#golden-amis",
                  "api_url": cloud.slack_api_url},
        "ledger": {"sqlite": str(folder / "ledger.db")},
        "log": {"level": "debug", "format": "json"},
    }
    for section, members in given.items():
        old = config.get(section)
        config[section] = {**old, **members} if old and isinstance(members, dict) else members
    return {section: members for section, members in config.items() if members is not None}


def write(folder: Path, config: dict[str, Any], name: str = "evergold.yaml") -> Path:
    path = folder / name
    path.write_text(json.dumps(config, indent=2) + "\n")
    return path


def places(each: dict[str, Any]) -> set[tuple[str, str]]:
    """(pipeline region, image region) of every build that a family can have."""
    return {(each["pipeline"].get("region", region), region) for region in each["regions"]}


def make_pipelines(cloud: Cloud, *families: dict[str, Any], **given: Any) -> None:
    """The pipelines that families name, telling by events how they end."""
    for each in families or [family()]:
        for where in sorted({pipeline for pipeline, _ in places(each)}):
            cloud.pipeline(each["pipeline"]["name"], region=where,
                           **{"variables": list(each["pipeline"]["variables"]), "events": True,
                              **given})


def image(version: str, region: str = HOME, name: str = "al2023-ami-{v}-kernel-6.1-x86_64") -> str:
    """The id of an image that the cloud announces."""
    return releases.image_id(version, region, name.format(v=version))


def token(each: dict[str, Any], region: str, image_id: str, attempt: int = 0) -> str:
    """The clientRequestToken, as the contract says it."""
    pipeline = each["pipeline"]
    parts = ("evergold/1", each["name"], pipeline.get("region", region), pipeline["name"], region,
             image_id, str(attempt))
    return hashlib.sha256("".join(part + "\n" for part in parts).encode()).hexdigest()
