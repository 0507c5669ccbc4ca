"""Every source of credentials that a worker may be given, in the hands of a test.

A source says what the worker's environment is, writes the files that go with it, hands out keys of
the local cloud, and can be made to fail as FAILURES of credential_servers.py says.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from tests.cloud.client import Cloud
from tests.e2e.credential_servers import (
    FAILURES,
    ROLE,
    ContainerEndpoint,
    InstanceMetadata,
    KeyServer,
    Portal,
    Vault,
)

START_URL = "https://example.awsapps.com/start"
PROGRAM = """\
import sys, urllib.request
with open(sys.argv[2], "ab") as seen:
    for name in ("environ", "cmdline"):
        seen.write(open(f"/proc/self/{name}", "rb").read())
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())
"""


class Source:
    """What all have in common.

    ``renews``: other keys can be had from it. ``tells_end``: it says when its keys end. ``sick``:
    the failures that it can have; ``gives_up_s``: so long it is asked when it is down. ``where``
    begins each complaint about it. ``tokens``: what it is asked with, secrets besides the keys.
    """

    renews = True
    tells_end = True
    gives_up_s = 0.0
    sick: tuple[str, ...] = FAILURES
    where = ""
    complaints: dict[str, str] = {}

    def __init__(self, cloud: Cloud, home: Path, lifetime_s: float = 3600) -> None:
        self.cloud, self.home, self.lifetime_s = cloud, home, lifetime_s
        self.tokens: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Makes what is needed before a worker starts."""

    def env(self) -> dict[str, str]:
        """No keys in the environment, and no instance metadata."""
        return {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
                "AWS_EC2_METADATA_DISABLED": "true"}

    def end_keys(self) -> None:
        """The keys handed out so far are refused from now on."""
        self.cloud.expire_keys(principal=self.principal())

    def principal(self) -> str:
        return f"arn:aws:sts::{self.cloud.account}:assumed-role/evergold/instance"

    def seen_by_children(self) -> str:
        """Environment and arguments of all programs that the worker has started."""
        return ""

    def fail(self, failure: str) -> None:
        raise NotImplementedError

    def heal(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Ends what runs."""

    def profile(self, *lines: str) -> None:
        """The AWS config file: the default profile has these lines."""
        self.write(".aws/config", "\n".join(["[default]", *lines, ""]))

    def write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


# Keys that stand somewhere.

class Environment(Source):
    """The long-lived keys that the local cloud begins with; nothing about them changes."""

    renews = tells_end = False
    sick = ()

    def env(self) -> dict[str, str]:
        return {"AWS_EC2_METADATA_DISABLED": "true"}


class CredentialsFile(Source):
    """~/.aws/credentials, which somebody writes anew now and then."""

    tells_end = False
    sick = ("down",)
    where = "no credentials: "
    complaints = {"down": "not in profile default of "}

    def begin(self) -> None:
        self.heal()

    def heal(self) -> None:
        key = self.cloud.issue_key()
        self.write(".aws/credentials", "[default]\n"
                   f"aws_access_key_id = {key['AccessKeyId']}\n"
                   f"aws_secret_access_key = {key['SecretAccessKey']}\n"
                   f"aws_session_token = {key['SessionToken']}\n")

    def fail(self, failure: str) -> None:
        (self.home / ".aws/credentials").unlink()


# Servers.

class Served(Source):
    """Where a server of the test's own is asked."""

    server: KeyServer

    def serve(self, kind: type[KeyServer]) -> None:
        self.server = kind(self.cloud, self.lifetime_s)
        self.tokens.append(self.server.token)

    def fail(self, failure: str) -> None:
        self.server.fail(failure)

    def heal(self) -> None:
        self.server.heal()

    def close(self) -> None:
        self.server.close()

class Process(Served):
    """credential_process: a program that asks a vault. It may run for a minute: no test waits."""

    sick = ("down", "garbage")
    where = "profile "
    complaints = {"down": ": exit status 1", "garbage": "not acceptable JSON"}

    def begin(self) -> None:
        self.serve(Vault)
        self._seen = self.home / "seen"
        program = self.write("helper.py", PROGRAM)
        self.profile(f'credential_process = "{sys.executable}" "{program}" '
                     f"{self.server.url}/keys {self._seen}")

    def seen_by_children(self) -> str:
        return self._seen.read_text()


class Sso(Served):
    """IAM Identity Center after `aws sso login`."""

    where = "profile "
    complaints = {"down": "could not connect", "garbage": "not acceptable JSON",
                  "hang": "no answer within 10 s", "refusal": "status 403"}

    def begin(self) -> None:
        self.serve(Portal)
        self.profile(f"sso_start_url = {START_URL}", "sso_region = eu-west-1",
                     f"sso_account_id = {self.cloud.account}", f"sso_role_name = {ROLE}")
        login = {"accessToken": self.server.token, "expiresAt": "2999-01-01T00:00:00Z"}
        name = hashlib.sha1(START_URL.encode()).hexdigest()
        self.write(f".aws/sso/cache/{name}.json", json.dumps(login))

    def env(self) -> dict[str, str]:
        return {**super().env(), "AWS_ENDPOINT_URL_SSO": self.server.url}


class Container(Served):
    """A full URI, and the token in the environment, as a container's agent sets them."""

    gives_up_s = 2.0
    where = "container: "
    complaints = {"down": "could not connect", "garbage": "not acceptable JSON",
                  "hang": "no answer within 2 s", "refusal": "status 403"}

    def begin(self) -> None:
        self.serve(ContainerEndpoint)

    def env(self) -> dict[str, str]:
        return {**super().env(),
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.server.url}/v1/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.server.token}


class PodIdentity(Container):
    """The token in a file, as EKS writes it: another one every few hours."""

    def begin(self) -> None:
        super().begin()
        self.token_file = self.write("eks-pod-identity-token", self.server.token)

    def env(self) -> dict[str, str]:
        return {**super().env(), "AWS_CONTAINER_AUTHORIZATION_TOKEN": "",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(self.token_file)}

    def end_keys(self) -> None:
        self.server.token += "-of-tomorrow"
        self.tokens.append(self.server.token)
        self.token_file.write_text(self.server.token)
        super().end_keys()


class Instance(Served):
    """EC2's metadata, version 2."""

    where = "instance metadata: "
    complaints = {"down": "could not connect", "garbage": "no name of a role",
                  "hang": "hop limit has to be 2", "refusal": "no role is there"}

    def begin(self) -> None:
        self.serve(InstanceMetadata)

    def env(self) -> dict[str, str]:
        return {**super().env(), "AWS_EC2_METADATA_DISABLED": "",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.server.url}


# Roles: STS is the local cloud's.

class Role(Source):
    """A role of the profile, assumed with the keys of another one."""

    operation = "AssumeRole"
    sick = ("down", "garbage", "refusal")
    where = "profile "
    complaints = {"down": "503", "garbage": "no AssumeRole",
                  "hang": "no answer within 10 s", "refusal": "AccessDenied"}

    def begin(self) -> None:
        self.arn = f"arn:aws:iam::{self.cloud.account}:role/{ROLE}"
        self.heal()
        self.profile(f"role_arn = {self.arn}", "role_session_name = matrix", *self.base())

    def base(self) -> list[str]:
        """Settings that say with whose keys: here with those of another role, and so on."""
        given, middle = self.cloud.env(), self.arn + "-middle"
        self.cloud.role(middle)
        self.write(".aws/credentials", "[base]\n"
                   f"aws_access_key_id = {given['AWS_ACCESS_KEY_ID']}\n"
                   f"aws_secret_access_key = {given['AWS_SECRET_ACCESS_KEY']}\n")
        return ["source_profile = middle",
                "[profile middle]", f"role_arn = {middle}", "source_profile = base"]

    def declare(self, **given: str) -> None:
        self.cloud.role(self.arn, lifetime_s=self.lifetime_s, **given)

    def principal(self) -> str:
        return f"arn:aws:sts::{self.cloud.account}:assumed-role/{ROLE}/matrix"

    def fail(self, failure: str) -> None:
        rule = {"service": "sts", "operation": self.operation, "count": None}
        if failure == "refusal":
            self.declare(refuse="AccessDenied")
        elif failure == "down":
            self.cloud.faults({**rule, "kind": "status", "status": 503})
        else:
            self.cloud.faults({**rule, "kind": {"garbage": "html200", "hang": "hang"}[failure]})

    def heal(self) -> None:
        self.declare()
        self.cloud.clear_faults()


class RoleOfInstance(Role):
    """A role that is assumed with the keys of the instance."""

    sick = ("down",)

    def base(self) -> list[str]:
        self.server = InstanceMetadata(self.cloud)
        self.tokens.append(self.server.token)
        return ["credential_source = Ec2InstanceMetadata"]

    def env(self) -> dict[str, str]:
        return {**super().env(), "AWS_EC2_METADATA_DISABLED": "",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.server.url}

    def close(self) -> None:
        self.server.close()


class WebIdentity(Role):
    """What EKS sets for a service account's role (IRSA)."""

    operation = "AssumeRoleWithWebIdentity"
    sick = FAILURES
    where = "AWS_WEB_IDENTITY_TOKEN_FILE: "
    TOKEN = "identity-of-a-test"

    def begin(self) -> None:
        self.arn = f"arn:aws:iam::{self.cloud.account}:role/{ROLE}"
        self.tokens.append(self.TOKEN)
        self.heal()

    def declare(self, **given: str) -> None:
        super().declare(web_identity=self.TOKEN, **given)

    def env(self) -> dict[str, str]:
        token = self.write("token", self.TOKEN)
        return {**super().env(), "AWS_ROLE_ARN": self.arn, "AWS_ROLE_SESSION_NAME": "matrix",
                "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}


SOURCES: dict[str, type[Source]] = {
    "environment": Environment,
    "credentials-file": CredentialsFile,
    "process": Process,
    "role": Role,
    "role-of-instance": RoleOfInstance,
    "web-identity": WebIdentity,
    "sso": Sso,
    "container": Container,
    "pod-identity": PodIdentity,
    "instance": Instance,
}
