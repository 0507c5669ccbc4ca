"""A system that forbids SHA-1 in signatures, and one whose OpenSSL can do nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .settings import configuration, family, make_pipelines, write

RELEASE = os.environ.get("EVERGOLD_RELEASE", "build/evergold")  # sanitizers want to come first
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
SHIM = Path(__file__).with_name("forbid_sha1.c")


@pytest.fixture(autouse=True)
def release(monkeypatch):
    monkeypatch.setenv("EVERGOLD", RELEASE)


@pytest.fixture(scope="session")
def forbidding(tmp_path_factory):
    """The environment of such a system."""
    shim = tmp_path_factory.mktemp("shim") / "forbid_sha1.so"
    subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-o", shim, SHIM], check=True)
    return {"LD_PRELOAD": str(shim)}


@pytest.fixture
def said(evergold, cloud, tmp_path):
    """said("doctor", env, **settings): what the command says of signatures, and its status."""
    def run(*command, env, **given):
        make_pipelines(cloud, family())
        config = write(tmp_path, configuration(cloud, tmp_path, **given))
        done = evergold(*command, "--format", "json", "--config", config, cloud=cloud, env=env)
        return json.loads(done.out.splitlines()[0]), done.returncode
    return run


def test_check_says_what_lifts_it(said, forbidding):
    result, status = said("check", "--online", env=forbidding)
    assert (result["check"], result["status"], status) == ("signatures", "fail", 1)
    assert "forbids SHA-1 in signatures" in result["detail"]
    assert "update-crypto-policies --set DEFAULT:SHA1" in result["hint"]


def test_doctor_has_the_command(said, forbidding):
    result, status = said("doctor", env=forbidding)
    assert (result["check"], result["status"], status) == ("signatures", "fail", 1)
    assert result["repair"] == "update-crypto-policies --set DEFAULT:SHA1"


def test_where_no_topic_needs_it_all_is_well(said, forbidding):
    trust = {"topics": [{"arn": TOPIC, "signature": 2}]}
    result, status = said("check", "--online", env=forbidding, trust=trust)
    assert (result["check"], result["status"], status) == ("signatures", "ok", 0)
    assert "no topic needs it" in result["detail"]


def test_the_worker_says_so_and_judges_nothing_that_is_signed_so(cloud, worker, forbidding):
    make_pipelines(cloud, family(), events=False)
    running = worker(env=forbidding)
    assert running.wait_log("signature_version_unusable")["version"] == "1"
    cloud.announce(release="2023.9.20251027.0", signature_version="1")
    running.wait_log("not_judged")
    cloud.announce(release="2023.9.20251103.0", signature_version="2")
    cloud.wait_for(executions={"count": 1})
    cloud.wait_for(queue={"visible": 0, "in_flight": 1})


@pytest.fixture
def crippled(tmp_path):
    """OpenSSL is asked for what no provider has, so that not even SHA-256 works."""
    file = tmp_path / "openssl.cnf"
    file.write_text("openssl_conf = c\n[c]\nalg_section = a\n[a]\ndefault_properties = fips=yes\n")
    return {"OPENSSL_CONF": str(file)}


def test_without_sha256_nothing_else_is_asked(said, cloud, crippled):
    result, status = said("check", "--online", env=crippled)
    assert (result["check"], result["status"], status) == ("signatures", "fail", 1)
    assert "SHA-256 signatures cannot be verified" in result["detail"]
    assert "OPENSSL_CONF" in result["hint"]
    assert cloud.calls() == []


def test_without_sha256_there_is_no_worker(evergold, cloud, tmp_path, crippled):
    config = write(tmp_path, configuration(cloud, tmp_path))
    done = evergold("run", "--config", config, cloud=cloud, env=crippled)
    assert (done.returncode, done.out) == (1, "")
    assert "SHA-256 does not work here" in done.err and len(done.err.splitlines()) == 1
