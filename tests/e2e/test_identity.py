"""Requests of the query protocol, whose form and signature the local cloud judges with botocore."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.worker import environment

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
WHO_AM_I = "Action=GetCallerIdentity&Version=2011-06-15"


def ask(cloud, home: Path, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run([TOOLS / "aws_call", "GetCallerIdentity", "eu-west-1"], text=True,
                          input=WHO_AM_I, capture_output=True,
                          env=environment(cloud, home, **env), timeout=60)


def test_sts_knows_who_asks(cloud, tmp_path):
    asked = ask(cloud, tmp_path)
    assert (asked.stderr, asked.returncode) == ("", 0)
    request_id, answer = asked.stdout.split("\n", 1)
    assert re.search(r"<Arn>arn:aws:iam::\d{12}:user/evergold</Arn>", answer)
    assert request_id
    assert len(cloud.calls("sts", "GetCallerIdentity")) == 1


def test_the_profile_may_say_where_sts_is(cloud, tmp_path):
    config = tmp_path / "config"
    config.write_text("[default]\nservices = local\n[services local]\nsts =\n"
                      f"  endpoint_url = {cloud.url}\n")
    asked = ask(cloud, tmp_path, AWS_CONFIG_FILE=str(config), AWS_ENDPOINT_URL="")
    assert (asked.stderr, asked.returncode) == ("", 0)
    assert len(cloud.calls("sts", "GetCallerIdentity")) == 1


@pytest.mark.no_violations_expected
def test_a_wrong_key_is_refused(cloud, tmp_path):
    asked = ask(cloud, tmp_path, AWS_SECRET_ACCESS_KEY="another")
    assert asked.returncode == 1
    assert "STS GetCallerIdentity: SignatureDoesNotMatch" in asked.stderr
