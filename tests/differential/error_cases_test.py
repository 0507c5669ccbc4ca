"""Our reading of failed answers against the error cases that botocore publishes.

They come with the source distribution of the very botocore that is installed (Apache-2.0), under
tests/unit/protocols/output; none of it is kept here. Where it cannot be had, this is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import botocore
import pytest

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
CACHE = Path("build/botocore-sdist")
FILES = {"json": "json", "json_1_0": "json", "json_1_0-query-compatible": "json",
         "query": "query", "ec2": "ec2"}
# We do not ask for the codes of SQS's older protocol, which this header would tell.
NOT_ASKED_FOR = {"QueryCompatibleAwsJson10CustomCodeError": "CustomCodeError"}


@pytest.fixture(scope="module")
def distribution() -> Path:
    """The archive, fetched once."""
    path = CACHE / f"botocore-{botocore.__version__}.tar.gz"
    if not path.exists():
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary",
             "botocore", "--dest", CACHE, f"botocore=={botocore.__version__}"],
            capture_output=True, text=True)
        if fetched.returncode or not path.exists():
            pytest.skip("botocore's source distribution cannot be had: "
                        f"{(fetched.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return path


def error_cases(archive: Path, name: str) -> list[dict]:
    inside = f"botocore-{botocore.__version__}/tests/unit/protocols/output/{name}.json"
    with tarfile.open(archive) as tar:
        suites = json.load(tar.extractfile(inside))
    return [case for suite in suites for case in suite["cases"] if "errorCode" in case]


def as_input(case: dict, protocol: str) -> dict:
    response = case["response"]
    headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
    given = {"protocol": protocol, "status": response["status_code"],
             "error_type": headers.get("x-amzn-errortype"), "body": response.get("body", "")}
    return {name: value for name, value in given.items() if value is not None}


def read_by_us(inputs: list[dict]) -> list[dict]:
    text = "".join(json.dumps(each) + "\n" for each in inputs)
    done = subprocess.run([TOOLS / "wire_error"], input=text, text=True, capture_output=True,
                          timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_published_error_cases(distribution, name):
    cases = error_cases(distribution, name)
    assert cases
    for case, ours in zip(cases, read_by_us([as_input(each, FILES[name]) for each in cases]),
                          strict=True):
        assert ours["code"] == NOT_ASKED_FOR.get(case["id"], case["errorCode"]), case["id"]
        if "errorMessage" in case:
            assert ours["message"] == case["errorMessage"], case["id"]
