"""Our endpoints against botocore's endpoint rules: every service and region, in every variant."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
LOADER = botocore.session.get_session().get_component("data_loader")
PARTITIONS = LOADER.load_data("partitions")
MODELS = {"SQS": "sqs", "CODEPIPELINE": "codepipeline", "SSM": "ssm", "DYNAMODB": "dynamodb",
          "SECRETS_MANAGER": "secretsmanager", "STS": "sts", "SNS": "sns", "EC2": "ec2",
          "EVENTBRIDGE": "events", "CODEBUILD": "codebuild", "SSO": "sso"}
# One that no list has yet, in each partition but GovCloud, whose regions SNS lists one by one.
NEW_REGIONS = ("eu-north-7", "cn-south-3", "us-iso-north-9", "us-isob-west-9", "eu-isoe-north-9",
               "us-isof-west-9", "eusc-de-west-9")


def regions() -> list[str]:
    """Without the names that stand for a whole partition (aws-global)."""
    listed = [name for partition in PARTITIONS["partitions"] for name in partition["regions"]
              if name[-1].isdigit()]
    assert len(listed) > 40
    return [*listed, *NEW_REGIONS]


def flags(service: str) -> list[str]:
    letters = "fdg" if service == "STS" else "fd"
    return ["".join(some) or "-" for n in range(len(letters) + 1)
            for some in itertools.combinations(letters, n)]


def theirs(rules: EndpointProvider, service: str, region: str, variant: str) -> str:
    given = {"Region": region, "UseFIPS": "f" in variant, "UseDualStack": "d" in variant}
    if service == "STS":
        given["UseGlobalEndpoint"] = "g" in variant
    endpoint = rules.resolve_endpoint(**given)
    schemes = endpoint.properties.get("authSchemes", [])
    signing = [scheme["signingRegion"] for scheme in schemes if "signingRegion" in scheme]
    return f"{endpoint.url} {signing[0] if signing else region}"


def ours(asked: list[tuple[str, str, str]]) -> list[str]:
    done = subprocess.run([TOOLS / "endpoints"], text=True, capture_output=True, check=True,
                          input="".join(" ".join(each) + "\n" for each in asked), timeout=60)
    return done.stdout.splitlines()


@pytest.mark.parametrize("service", MODELS)
def test_each_endpoint_is_botocore_s(service):
    rules = EndpointProvider(LOADER.load_service_model(MODELS[service], "endpoint-rule-set-1"),
                             PARTITIONS)
    asked = [(service, region, variant) for region in regions() for variant in flags(service)]
    want = [(*each, theirs(rules, *each)) for each in asked]
    got = ours(asked)
    assert [(*each, line) for each, line in zip(asked, got, strict=True)] == want
