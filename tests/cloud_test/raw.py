"""Requests made by hand, signed by botocore, so that each part can be made wrong."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.cloud.client import Cloud

SLACK_JSON = "application/json; charset=utf-8"
TARGETS = {"sqs": "AmazonSQS", "codepipeline": "CodePipeline_20150709", "ssm": "AmazonSSM"}


@dataclass
class Raw:
    """One request; what is not given is right."""

    service: str
    operation: str
    params: Any = field(default_factory=dict)
    region: str = "eu-west-1"
    offset_s: float = 0
    secret: str | None = None
    key: str | None = None
    token: str | None = None
    scope: str | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    unsigned: dict[str, str] = field(default_factory=dict)
    sent_body: bytes | None = None
    without: tuple[str, ...] = ()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The short error code of a JSON answer."""
        return json.loads(self.body)["__type"].rsplit("#", 1)[-1]

    @property
    def message(self) -> str:
        return json.loads(self.body)["message"]


def send(cloud: Cloud, raw: Raw) -> Answer:
    """Signs and sends the request on a connection of its own."""
    request = sign(cloud, raw)
    address = urlsplit(cloud.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        body = raw.sent_body if raw.sent_body is not None else request.body or b""
        connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
        for name, value in {**dict(request.headers.items()), **raw.unsigned}.items():
            if name.lower() not in raw.without:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def sign(cloud: Cloud, raw: Raw) -> AWSRequest:
    env = cloud.env()
    body = json.dumps(raw.params).encode() if raw.body is None else raw.body
    version = "1.0" if raw.service == "sqs" else "1.1"
    headers = {
        "Host": urlsplit(cloud.url).netloc,
        "Content-Type": f"application/x-amz-json-{version}",
        "X-Amz-Target": f"{TARGETS.get(raw.service)}.{raw.operation}",
        **raw.headers,
    }
    if raw.service not in TARGETS:
        del headers["X-Amz-Target"]
    request = AWSRequest("POST", cloud.url + "/", headers, body)
    credentials = Credentials(raw.key or env["AWS_ACCESS_KEY_ID"],
                              raw.secret or env["AWS_SECRET_ACCESS_KEY"], raw.token)
    signer = SigV4Auth(credentials, raw.scope or raw.service, raw.region)
    moment = time.gmtime(time.time() + raw.offset_s)
    request.context["timestamp"] = time.strftime("%Y%m%dT%H%M%SZ", moment)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if raw.token:
        request.headers["X-Amz-Security-Token"] = raw.token
    text = signer.string_to_sign(request, signer.canonical_request(request))
    names = signer.signed_headers(signer.headers_to_sign(request))
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, "
        f"Signature={signer.signature(text, request)}")
    return request


@dataclass
class Reply:
    """What Slack answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def slack_call(cloud: Cloud, method: str, payload: Any, token: str | None, kind: str) -> Reply:
    """One request to the Web API, or to the webhook, on a connection of its own."""
    url = cloud.slack_webhook if method == "webhook" else f"{cloud.slack_api_url}/{method}"
    form = method.startswith("conversations.") or not kind.startswith("application/json")
    headers = {"Content-Type": "application/x-www-form-urlencoded" if form else kind}
    if token and method != "webhook":
        headers["Authorization"] = f"Bearer {token}"
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        body = urlencode(payload) if form else json.dumps(payload)
        connection.request("POST", address.path, body.encode(), headers)
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())
    finally:
        connection.close()
