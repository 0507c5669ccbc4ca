"""Our reading of XML answers against botocore's parsers, over answers made at random.

Names, values and what lies between elements vary: entities, CDATA, comments, blanks, order, members
that nobody knows, members that are absent.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
SEED = 20261123
EACH = 200
TEXTS = "abcXYZ019-_.~ +&=%/:@,;$!*'()[]{}<>|\\^`\"#?äßé→☃𝄞"
SESSION = botocore.session.get_session()
IMAGE = {"imageId": "ImageId", "imageState": "State", "name": "Name",
         "architecture": "Architecture", "imageOwnerId": "OwnerId",
         "imageOwnerAlias": "ImageOwnerAlias", "rootDeviceType": "RootDeviceType",
         "virtualizationType": "VirtualizationType", "platform": "Platform",
         "creationDate": "CreationDate", "deprecationTime": "DeprecationTime"}
SUBSCRIPTION = ("TopicArn", "Endpoint", "Protocol", "Owner", "FilterPolicy", "FilterPolicyScope",
                "RawMessageDelivery", "PendingConfirmation")


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return "x" + "".join(self.random.choices(TEXTS, k=self.random.randint(0, 20)))

    def time(self) -> str:
        return f"20{self.random.randint(10, 99)}-{self.random.randint(1, 12):02}-" \
               f"{self.random.randint(1, 28):02}T{self.random.randint(0, 23):02}:59:07.000Z"

    def spelled(self, text: str) -> str:
        """The same text in one of the ways in which XML can say it."""
        return self.random.choice((
            escape(text),
            f"<![CDATA[{text}]]>",
            "".join(f"&#{ord(letter)};" for letter in text),
            "<!-- <b/> -->".join((escape(text[:1]), escape(text[1:])))))

    def between(self) -> str:
        return self.random.choice(("", "", "\n  ", "\t", "<!-- x -->", "\r\n"))

    def element(self, name: str, inner: str) -> str:
        return f"{self.between()}<{name}>{inner}</{name}>{self.between()}"

    def some_of(self, names: tuple[str, ...], needed: int) -> list[str]:
        """The first ones always."""
        return [name for at, name in enumerate(names)
                if at < needed or self.random.random() < 0.6]

    def members(self, names: tuple[str, ...], needed: int) -> str:
        """Some of the names in any order, and some that nobody knows."""
        chosen = self.some_of(names, needed)
        made = [self.element(name, self.spelled(self.value(name))) for name in chosen]
        made += [self.element("newer", self.element(names[0], self.text_of_xml()))
                 for _ in range(self.random.randint(0, 2))]
        self.random.shuffle(made)
        return "".join(made)

    def text_of_xml(self) -> str:
        return self.spelled(self.text())

    def value(self, name: str) -> str:
        if name in ("creationDate", "deprecationTime", "Expiration"):
            return self.time()
        if name in ("RawMessageDelivery", "PendingConfirmation"):
            return self.random.choice(("true", "false"))
        return self.text()

    def answer(self, operation: str, inner: str) -> str:
        head = self.random.choice(('<?xml version="1.0" encoding="UTF-8"?>\n', ""))
        return f'{head}<{operation}Response xmlns="https://example.org/doc/">{inner}' \
               f"</{operation}Response>\n"

    def result(self, operation: str, inner: str) -> str:
        meta = self.element("ResponseMetadata", "<RequestId>r</RequestId>")
        return self.answer(operation, self.element(f"{operation}Result", inner) + meta)

    # ---- Answers

    def assume_role(self) -> str:
        inner = self.members(("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"), 4)
        user = self.element("AssumedRoleUser", self.members(("Arn", "AssumedRoleId"), 2))
        return self.result("AssumeRole", user + self.element("Credentials", inner))

    def identity(self) -> str:
        return self.result("GetCallerIdentity", self.members(("Arn", "Account", "UserId"), 3))

    def subscription(self) -> str:
        chosen = [*self.some_of(SUBSCRIPTION, 3), "Newer"]
        self.random.shuffle(chosen)
        entries = "".join(self.element(
            "entry", self.element("key", name) + self.element(
                "value", self.spelled(self.value(name)))) for name in chosen)
        return self.result("GetSubscriptionAttributes", self.element("Attributes", entries))

    def images(self) -> str:
        items = "".join(self.element("item", self.members(tuple(IMAGE), 2))
                        for _ in range(self.random.randint(0, 30)))
        token = self.element("nextToken", self.text_of_xml()) if self.random.random() < 0.5 else ""
        return self.answer("DescribeImages", self.element("imagesSet", items) + token)


def read_by_us(operation: str, bodies: list[str]) -> list[dict]:
    given = "".join(json.dumps({"operation": operation, "body": body}) + "\n" for body in bodies)
    done = subprocess.run([TOOLS / "wire_answer"], input=given, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def read_by_botocore(service: str, operation: str, body: str) -> dict:
    model = SESSION.get_service_model(service)
    return create_parser(model.metadata["protocol"]).parse(
        {"status_code": 200, "headers": HeadersDict(), "body": body.encode()},
        model.operation_model(operation).output_shape)


def ms(time: str | datetime) -> int:
    when = datetime.fromisoformat(time.replace("Z", "+00:00")) if isinstance(time, str) else time
    return round(when.astimezone(timezone.utc).timestamp() * 1000)


def credentials(parsed: dict) -> dict:
    return {**parsed["Credentials"], "Expiration": ms(parsed["Credentials"]["Expiration"])}


def caller(parsed: dict) -> dict:
    return {name: parsed[name] for name in ("Arn", "Account", "UserId")}


def attributes(parsed: dict) -> dict:
    known = {name: value for name, value in parsed["Attributes"].items() if name in SUBSCRIPTION}
    return {"RawMessageDelivery": "false", "PendingConfirmation": "false", **known}


def image(parsed: dict) -> dict:
    times = ("CreationDate", "DeprecationTime")
    return {name: ms(parsed[name]) if name in times else parsed[name]
            for name in IMAGE.values() if name in parsed}


def page(parsed: dict) -> dict:
    token = {"NextToken": parsed["NextToken"]} if "NextToken" in parsed else {}
    return {"Images": [image(each) for each in parsed.get("Images", [])], **token}


@pytest.mark.parametrize(("service", "operation", "make", "seen"), [
    ("sts", "AssumeRole", Maker.assume_role, credentials),
    ("sts", "GetCallerIdentity", Maker.identity, caller),
    ("sns", "GetSubscriptionAttributes", Maker.subscription, attributes),
    ("ec2", "DescribeImages", Maker.images, page),
])
def test_answers_are_read_alike(service, operation, make, seen):
    maker = Maker(SEED)
    bodies = [make(maker) for _ in range(EACH)]
    for body, mine in zip(bodies, read_by_us(operation, bodies), strict=True):
        assert mine == seen(read_by_botocore(service, operation, body)), body
