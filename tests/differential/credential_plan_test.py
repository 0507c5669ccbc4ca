"""Our plans of credentials against what botocore does with the same environment and files.

Every case of tests/cases/credential_plan is given to botocore's resolver; whatever would leave this
process is replaced by something that takes down what it was asked for.  What the resolver finds is
then written in the form of the case's want.txt.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

import botocore.credentials
import botocore.session
import pytest
from botocore.compat import compat_shell_split
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher, SSOTokenLoader

CASES = Path("tests/cases/credential_plan")
NEVER = "2099-01-01T00:00:00Z"

# Where we are stricter: what botocore would send, or start, only to fail then.
DIFFERENT = {
    "fault-container-no-host": "botocore takes any URI with https",
    "fault-container-port": "botocore looks at the host only",
    "fault-container-scheme": "botocore looks at the host only",
    "fault-environment-line-end": "botocore signs what HTTP cannot carry",
    "fault-environment-no-id": "botocore passes over a secret without an id",
    "fault-half-pair-no-id": "botocore passes over a secret without an id",
    "fault-imds-timeout": "botocore waits for no time at all",
    "fault-process-no-program": "botocore starts a program without a name",
    "fault-role-chain-too-long": "botocore knows no end",
    "fault-role-duration-long": "botocore lets STS refuse it",
    "fault-role-duration-negative": "botocore lets STS refuse it",
    "fault-role-duration-short": "botocore lets STS refuse it",
    "fault-role-duration-word": "botocore passes over it",
    "fault-role-mfa": "botocore asks a person for a code",
    "fault-sso-region-is-a-host": "botocore finds out when it makes the host's name",
}


@dataclass
class World:
    """What was asked for by the one source that asks."""

    lines: list[str] = field(default_factory=list)

    def process(self, _provider: object, command: str) -> dict:
        argv = compat_shell_split(command)
        self.lines = ["process", *(f"  argument: <{word}>" for word in argv)]
        return {"access_key": "a", "secret_key": "s", "token": "t", "expiry_time": NEVER}

    def container(self, _fetcher: object, url: str, headers: dict | None, **_: object) -> dict:
        token = (headers or {}).get("Authorization")
        file = token.removeprefix("token file: ") if token else None
        self.lines = ["container", *(["  token file: " + file] if token != file else []),
                      "  uri: " + url, *(["  token: " + token] if token and token == file else [])]
        return {"AccessKeyId": "a", "SecretAccessKey": "s", "Token": "t", "Expiration": NEVER}

    def imds(self, fetcher: InstanceMetadataFetcher) -> dict:
        if fetcher._disabled:
            return {}
        self.lines = ["imds", "  imds: " + fetcher._base_url.rstrip("/"),
                      f"  timeout ms: {int(fetcher._timeout * 1000)}",
                      f"  attempts: {fetcher._num_attempts}"]
        return {"role_name": "r", "access_key": "a", "secret_key": "s", "token": "t",
                "expiry_time": NEVER}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(botocore.credentials.ProcessProvider, "_retrieve_credentials_using",
                        lambda provider, command: world.process(provider, command))
    monkeypatch.setattr(ContainerMetadataFetcher, "_retrieve_credentials",
                        lambda fetcher, url, headers, *_: world.container(fetcher, url, headers))
    monkeypatch.setattr(InstanceMetadataFetcher, "retrieve_iam_role_credentials",
                        lambda fetcher: world.imds(fetcher))
    monkeypatch.setattr(botocore.credentials, "open",
                        lambda path: io.StringIO(f"token file: {path}"), raising=False)
    return world


def lines_of(names: dict[str, object]) -> list[str]:
    return [f"  {name}: {value}" for name, value in names.items() if value]


def static(found: object) -> list[str]:
    expiry = getattr(found, "_expiry_time", None)
    return ["static", *lines_of({
        "access key": found.access_key, "secret key": found.secret_key,
        "session token": found.token,
        "expires ms": expiry and int(expiry.timestamp() * 1000)})]


def role(fetcher: object) -> dict[str, object]:
    asked = fetcher._assume_kwargs
    made_up = fetcher._using_default_session_name
    return {"role": asked["RoleArn"], "session": None if made_up else asked["RoleSessionName"],
            "external id": asked.get("ExternalId"), "duration s": asked.get("DurationSeconds")}


def sso(fetcher: object) -> list[str]:
    key = SSOTokenLoader()._generate_cache_key(fetcher._start_url, fetcher._sso_session_name)
    return ["sso", *lines_of({
        "sso region": fetcher._sso_region, "sso account": fetcher._account_id,
        "sso role": fetcher._role_name, "sso cache": key + ".json"})]


def described(found: object, world: World) -> list[str]:
    """One source, and what it is based on."""
    if found.method in ("env", "shared-credentials-file", "config-file"):
        return static(found)
    if found.method in ("custom-process", "container-role", "iam-role"):
        return world.lines
    if not hasattr(found._refresh_using, "__self__"):
        return ["asks a person for a code"]
    fetcher = found._refresh_using.__self__
    if found.method == "sso":
        return sso(fetcher)
    if found.method == "assume-role":
        return ["assume-role", *lines_of(role(fetcher)),
                *described(fetcher._source_credentials, world)]
    path = fetcher._web_identity_token_loader._web_identity_token_path
    return ["web-identity", *lines_of({**role(fetcher), "token file": path})]


def botocores(case: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(case / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(case / "credentials"))
    if (case / "env").exists():
        for line in (case / "env").read_bytes().decode().split("\n"):
            name, _, value = line.partition("=")
            if value:
                monkeypatch.setenv(name, value)
    try:
        found = botocore.session.Session().get_credentials()
    except Exception as error:  # noqa: BLE001 - botocore raises what it likes
        print(repr(error))
        return ["fault"]
    return described(found, world) if found else ["fault"]


def ours(case: Path) -> list[str]:
    """The plan without its places, which botocore does not tell."""
    lines = (case / "want.txt").read_text().splitlines()
    return [line if line.startswith(" ") else line.split()[0].rstrip(":")
            for line in lines if not line.startswith("  sso login")]


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_same_plan(case: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = botocores(case, world, monkeypatch)
    if case.name in DIFFERENT:
        assert theirs != ours(case), "no longer: " + DIFFERENT[case.name]
    else:
        assert theirs == ours(case)
