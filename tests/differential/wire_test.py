"""Our request bodies and our reading of errors against botocore's, over values made at random.

The pairs of a form must be the same to the byte, their order is ours; JSON must say the same, since
botocore puts blanks into it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

TOOLS = Path(os.environ.get("EVERGOLD_TOOLS", "build/tests/tools"))
SEED = 20261123
TEXTS = "abcXYZ019-_.~ +&=%/:@,;$!*'()[]{}<>|\\^`\"#?äßé→☃𝄞"
SESSION = botocore.session.get_session()


@dataclass
class Asked:
    """An operation with its parameters twice: as rows for our tool and as botocore has them."""

    service: str
    operation: str
    rows: list[list[str]] = field(default_factory=list)
    params: dict = field(default_factory=dict)

    def say(self, row: str, value: str, name: str, given: object = None) -> Asked:
        self.rows.append([row, value])
        self.params[name] = value if given is None else given
        return self


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def flag(self) -> bool:
        return self.random.random() < 0.5

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def text(self, least: int = 1) -> str:
        return "".join(self.random.choices(TEXTS, k=self.number(least, 20)))

    def texts(self, most: int = 4) -> list[str]:
        return [self.text() for _ in range(self.number(0, most))]

    def maybe(self, asked: Asked, row: str, name: str) -> None:
        if self.flag():
            asked.say(row, self.text(), name)

    def maybe_number(self, asked: Asked, row: str, name: str, bounds: tuple[int, int]) -> None:
        if self.flag():
            number = self.number(*bounds)
            asked.say(row, str(number), name, number)

    # ---- STS, SNS, EC2

    def role(self, operation: str) -> Asked:
        asked = Asked("sts", operation)
        asked.say("role_arn", self.text(), "RoleArn").say("session_name", self.text(),
                                                          "RoleSessionName")
        self.maybe_number(asked, "duration_s", "DurationSeconds", (900, 43200))
        return asked

    def assume_role(self) -> Asked:
        asked = self.role("AssumeRole")
        self.maybe(asked, "external_id", "ExternalId")
        return asked

    def web_identity(self) -> Asked:
        return self.role("AssumeRoleWithWebIdentity").say("token", self.text(),
                                                          "WebIdentityToken")

    def identity(self) -> Asked:
        return Asked("sts", "GetCallerIdentity")

    def subscribe(self) -> Asked:
        asked = Asked("sns", "Subscribe").say("topic_arn", self.text(), "TopicArn")
        asked.params["Protocol"] = "sqs"
        asked.say("queue_arn", self.text(), "Endpoint")
        raw = self.flag()
        asked.rows += [["raw", "true"]] if raw else []
        attributes = asked.params["Attributes"] = {"RawMessageDelivery": str(raw).lower()}
        for row, name in ("filter_policy", "FilterPolicy"), ("filter_scope", "FilterPolicyScope"):
            if self.flag():
                attributes[name] = self.text()
                asked.rows.append([row, attributes[name]])
        asked.params["ReturnSubscriptionArn"] = True
        return asked

    def subscription(self) -> Asked:
        return Asked("sns", "GetSubscriptionAttributes").say("subscription_arn", self.text(),
                                                             "SubscriptionArn")

    def topic(self) -> Asked:
        return Asked("sns", "GetTopicAttributes").say("topic_arn", self.text(), "TopicArn")

    def publish(self) -> Asked:
        asked = Asked("sns", "Publish").say("topic_arn", self.text(), "TopicArn")
        asked.say("message", self.text(), "Message")
        self.maybe(asked, "subject", "Subject")
        if self.flag():
            asked.say("structured", "true", "MessageStructure", "json")
        attributes = {self.text(): self.text() for _ in range(self.number(0, 3))}
        asked.rows += [["attribute", *pair] for pair in attributes.items()]
        asked.params["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in attributes.items()}
        return asked

    def images(self) -> Asked:
        asked = Asked("ec2", "DescribeImages")
        for row, name in ("image_id", "ImageIds"), ("owner", "Owners"):
            if values := self.texts():
                asked.rows += [[row, value] for value in values]
                asked.params[name] = values
        filters = [(self.text(), [self.text(), *self.texts(3)]) for _ in range(self.number(0, 3))]
        asked.rows += [["filter", name, *values] for name, values in filters]
        if filters:
            asked.params["Filters"] = [{"Name": name, "Values": values} for name, values in filters]
        if self.flag():
            asked.say("deprecated", "true", "IncludeDeprecated", True)
        self.maybe_number(asked, "max_results", "MaxResults", (5, 1000))
        self.maybe(asked, "next_token", "NextToken")
        return asked

    # ---- SSM, CodePipeline, Secrets Manager, EventBridge

    def get_parameter(self) -> Asked:
        asked = Asked("ssm", "GetParameter").say("name", self.text(), "Name")
        return self.switch(asked, "decrypt", "WithDecryption")

    def switch(self, asked: Asked, row: str, name: str) -> Asked:
        asked.params[name] = self.flag()
        asked.rows += [[row, "true"]] if asked.params[name] else []
        return asked

    def by_path(self) -> Asked:
        asked = Asked("ssm", "GetParametersByPath", params={"MaxResults": 10})
        self.switch(asked.say("path", self.text(), "Path"), "recursive", "Recursive")
        self.maybe(asked, "next_token", "NextToken")
        return asked

    def put_parameter(self) -> Asked:
        asked = Asked("ssm", "PutParameter", params={"Type": "String", "DataType": "text"})
        asked.say("name", self.text(), "Name").say("value", self.text(), "Value")
        self.maybe(asked, "data_type", "DataType")
        return self.switch(asked, "overwrite", "Overwrite")

    def get_pipeline(self) -> Asked:
        return Asked("codepipeline", "GetPipeline").say("name", self.text(), "name")

    def executions(self) -> Asked:
        asked = Asked("codepipeline", "ListPipelineExecutions", params={"maxResults": 100})
        self.maybe(asked.say("name", self.text(), "pipelineName"), "next_token", "nextToken")
        return asked

    def get_secret(self) -> Asked:
        return Asked("secretsmanager", "GetSecretValue").say("secret_id", self.text(), "SecretId")

    def put_events(self) -> Asked:
        event = Asked("events", "PutEvents").say("source", self.text(), "Source")
        event.say("detail_type", self.text(), "DetailType").say("detail", self.text(), "Detail")
        self.maybe(event, "bus", "EventBusName")
        self.maybe_number(event, "time_s", "Time", (1, 2**31 - 1))
        if resources := self.texts():
            event.rows += [["resource", resource] for resource in resources]
            event.params["Resources"] = resources
        event.params = {"Entries": [event.params]}
        return event

    def describe_bus(self) -> Asked:
        return Asked("events", "DescribeEventBus").say("name", self.text(), "Name")

    # ---- DynamoDB

    def attributes(self, asked: Asked, row: str, least: int = 1) -> dict:
        made = {}
        for name in {self.text() for _ in range(self.number(least, 5))}:
            kind = self.random.choice(("S", "N", "BOOL", "NULL"))
            value = {"S": self.text(0), "N": str(self.number(-10**15, 10**15)),
                     "BOOL": self.random.choice(("true", "false")), "NULL": "true"}[kind]
            asked.rows.append([row, name, kind, value])
            made[name] = {kind: value if kind in "SN" else value == "true"}
        return made

    def words(self, asked: Asked) -> None:
        names = {self.text(): self.text() for _ in range(self.number(0, 2))}
        asked.rows += [["name", *pair] for pair in names.items()]
        if names:
            asked.params["ExpressionAttributeNames"] = names
        if values := self.attributes(asked, "value", 0):
            asked.params["ExpressionAttributeValues"] = values

    def write(self, operation: str, item: str) -> Asked:
        asked = Asked("dynamodb", operation).say("table", "ledger", "TableName")
        asked.params[item] = self.attributes(asked, "item")
        if self.flag():
            asked.say("condition", self.text(), "ConditionExpression")
            asked.params["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        self.words(asked)
        return asked

    def put_item(self) -> Asked:
        return self.write("PutItem", "Item")

    def update_item(self) -> Asked:
        asked = self.write("UpdateItem", "Key").say("update", self.text(), "UpdateExpression")
        asked.params["ReturnValues"] = "ALL_NEW"
        return asked

    def get_item(self) -> Asked:
        asked = Asked("dynamodb", "GetItem", params={"ConsistentRead": True})
        asked.say("table", "ledger", "TableName").params["Key"] = self.attributes(asked, "item")
        return asked

    def query(self) -> Asked:
        asked = Asked("dynamodb", "Query", params={"ScanIndexForward": True, "Limit": 256})
        asked.say("table", "ledger", "TableName")
        asked.say("condition", self.text(), "KeyConditionExpression")
        self.maybe(asked, "index", "IndexName")
        asked.params["ConsistentRead"] = "IndexName" not in asked.params
        self.maybe(asked, "filter", "FilterExpression")
        self.words(asked)
        if self.flag():
            asked.say("backwards", "true", "ScanIndexForward", False)
        self.maybe_number(asked, "limit", "Limit", (1, 256))
        if start := self.attributes(asked, "item", 0):
            asked.params["ExclusiveStartKey"] = start
        return asked


OPERATIONS = (Maker.assume_role, Maker.web_identity, Maker.identity, Maker.subscribe,
              Maker.subscription, Maker.topic, Maker.publish, Maker.images, Maker.get_parameter,
              Maker.by_path, Maker.put_parameter, Maker.get_pipeline, Maker.executions,
              Maker.get_secret, Maker.put_events, Maker.describe_bus, Maker.put_item,
              Maker.update_item, Maker.get_item, Maker.query)
EACH = 100


def through(tool: str, lines: list) -> list[dict]:
    given = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([TOOLS / tool], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def botocores(asked: Asked) -> dict:
    model = SESSION.get_service_model(asked.service)
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    made = serializer.serialize_to_request(asked.params, model.operation_model(asked.operation))
    request = AWSRequest("POST", "https://host.invalid/", made["headers"], made["body"])
    body = request.prepare().body
    return {"content_type": made["headers"]["Content-Type"],
            "target": made["headers"].get("X-Amz-Target", ""),
            "body": body if isinstance(body, str) else body.decode()}


def parts(body: str) -> list[str] | dict:
    """What a body says; the order of the members of a form is ours."""
    return json.loads(body) if body.startswith("{") else sorted(body.split("&"))


@pytest.mark.parametrize("make", OPERATIONS, ids=lambda make: make.__name__)
def test_bodies_are_equal(make):
    maker = Maker(SEED)
    all_asked = [make(maker) for _ in range(EACH)]
    ours = through("wire_body", [[[asked.operation], *asked.rows] for asked in all_asked])
    for asked, mine in zip(all_asked, ours, strict=True):
        theirs = botocores(asked)
        mine["body"], theirs["body"] = parts(mine["body"]), parts(theirs["body"])
        assert mine == theirs, asked


# ---- Errors

CODES = ("Throttling", "InvalidAMIID.NotFound", "AWS.SimpleQueueService.NonExistentQueue", "X")
DECORATED = ("{}", "aws.x#{}", "{}:http://internal.example/a/", "aws.x#{}:http://internal.example/")


def json_error(maker: Maker) -> dict:
    """The code is in __type: this botocore does not look where else the protocol allows it."""
    body = {"__type": maker.random.choice(DECORATED).format(maker.random.choice(CODES)),
            maker.random.choice(("message", "Message")): maker.text().strip()}
    return {"protocol": "json", "status": maker.random.choice((400, 403, 500)),
            "body": json.dumps(body)}


def xml_error(maker: Maker, protocol: str) -> dict:
    said = [f"<Code>{maker.random.choice(CODES)}</Code>",
            f"<Message>{escape(maker.text().strip())}</Message>"]
    maker.random.shuffle(said)
    inner = "\n  ".join(["<Error>", "<Type>Sender</Type>" if protocol == "query" else "", *said,
                         "</Error>"])
    body = (f"<ErrorResponse>{inner}<RequestId>r</RequestId></ErrorResponse>"
            if protocol == "query" else
            f"<Response><Errors>{inner}</Errors><RequestID>r</RequestID></Response>")
    return {"protocol": protocol, "status": maker.random.choice((400, 404, 503)), "body": body}


def botocore_reads(error: dict) -> dict:
    parsed = create_parser(error["protocol"]).parse(
        {"status_code": error["status"], "headers": HeadersDict(), "body": error["body"].encode()},
        None)
    return {"code": parsed["Error"]["Code"], "message": parsed["Error"].get("Message", "")}


@pytest.mark.parametrize("protocol", ["json", "query", "ec2"])
def test_errors_are_read_alike(protocol):
    maker = Maker(SEED)
    errors = [json_error(maker) if protocol == "json" else xml_error(maker, protocol)
              for _ in range(300)]
    for error, mine in zip(errors, through("wire_error", errors), strict=True):
        assert mine == botocore_reads(error), error
