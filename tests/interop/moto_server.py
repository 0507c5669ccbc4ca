"""moto_server, an AWS of others, in Python, which recomputes signatures with botocore's signer."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3

from tests.e2e.settings import image
from tests.interop.server import Server

VERSION = "2023.9.20251027.0"
IMAGE = image(VERSION)  # the only one in its EC2, as the local cloud announces it

_READY = r"Running on http://127\.0\.0\.1:(\d+)"
_IMAGES = [{"ami_id": IMAGE, "name": f"al2023-ami-{VERSION}-kernel-6.1-x86_64", "public": True,
            "owner_id": "137112412989", "architecture": "x86_64", "state": "available",
            "virtualization_type": "hvm", "hypervisor": "xen", "description": "Amazon Linux 2023",
            "image_type": "machine", "root_device_name": "/dev/xvda", "root_device_type": "ebs"}]


def installed() -> bool:
    return bool(importlib.util.find_spec("moto") and importlib.util.find_spec("flask_cors"))


class Moto(Server):
    """Serves once there are users with keys and roles; from then on it refuses whatever is signed
    by nobody, wrongly, or by somebody who is not allowed to do that."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="evergold-")
        images = Path(self._folder.name) / "images.json"
        images.write_text(json.dumps(_IMAGES))
        super().__init__(["env", f"MOTO_AMIS_PATH={images}",
                          sys.executable, "-m", "moto.server", "-p", "{port}"], _READY)
        self.key: dict[str, str] = {}
        self.visitor_key: dict[str, str] = {}
        self.role = self.service_role = ""

    def start(self) -> None:
        super().start()
        self.key = {"AccessKeyId": "nobody", "SecretAccessKey": "nothing"}
        iam = self.client("iam")
        self.service_role = _make_role(iam, "pipelines", {"Service": "codepipeline.amazonaws.com"})
        self.role = _make_role(iam, "worker", {"AWS": "*"})
        _make_user(iam, "visitor", "sts:AssumeRole")
        _make_user(iam, "rotating", "*")
        _make_user(iam, "evergold", "*")
        self.visitor_key, self.key = self.make_key("visitor"), self.make_key("evergold")
        self.authenticate()

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        """boto3's, with the key of a user who may do anything."""
        return boto3.client(service, endpoint_url=self.url, region_name=region,
                            aws_access_key_id=self.key["AccessKeyId"],
                            aws_secret_access_key=self.key["SecretAccessKey"])

    def make_key(self, user: str) -> dict[str, str]:
        """One more, of two at most: AccessKeyId, SecretAccessKey, UserName."""
        return self.client("iam").create_access_key(UserName=user)["AccessKey"]

    def delete_key(self, key: dict[str, str]) -> None:
        self.client("iam").delete_access_key(UserName=key["UserName"],
                                             AccessKeyId=key["AccessKeyId"])

    def authenticate(self, after: int = 0) -> None:
        """So many requests are served unseen from here on, and then none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/moto-api/reset-auth", str(after),
                           {"Content-Type": "text/plain"})
        assert connection.getresponse().status == 200
        connection.close()


def _make_user(iam: Any, name: str, action: str) -> None:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=_policy(action))


def _make_role(iam: Any, name: str, principal: dict[str, str]) -> str:
    """Its ARN. Who has it may do anything."""
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy("*"))
    return made["Role"]["Arn"]


def _policy(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"}]})
