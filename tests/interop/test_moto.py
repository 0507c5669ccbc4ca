"""The worker with all of its AWS in moto, which refuses what is signed wrongly; Slack is local."""

from __future__ import annotations

import json
import signal
import sqlite3

import pytest

from tests.e2e.settings import HOME, family
from tests.interop.moto_server import IMAGE, VERSION
from tests.interop.queues import Queue

WEB = family(base_parameter="/golden/web/base")
PIPELINE = WEB["pipeline"]["name"]
NONE_GIVEN = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


@pytest.fixture
def queue(moto):
    return Queue(moto.client("sqs"))


@pytest.fixture
def announced(cloud, queue):
    """The queue, with an announcement in it."""
    queue.send(announcement(cloud))
    return queue


@pytest.fixture(autouse=True)
def pipeline(moto):
    """Without executions yet; each has succeeded as soon as it is started."""
    codepipeline = moto.client("codepipeline")
    codepipeline.create_pipeline(pipeline=definition(moto.service_role))
    yield codepipeline
    codepipeline.delete_pipeline(name=PIPELINE)


def definition(role):
    source = {"name": "source", "actionTypeId": {"category": "Source", "owner": "AWS",
                                                 "provider": "S3", "version": "1"}}
    return {"name": PIPELINE, "roleArn": role, "version": 1, "pipelineType": "V2",
            "variables": [{"name": each} for each in WEB["pipeline"]["variables"]],
            "artifactStore": {"type": "S3", "location": "anywhere"},
            "stages": [{"name": stage, "actions": [source]} for stage in ("Source", "Build")]}


@pytest.fixture
def worker(guest, moto, tmp_path):
    """worker(queue, "lines of the credentials file", more environment...)"""
    def start(queue, credentials, **env):
        file = tmp_path / "credentials"
        file.write_text(credentials)
        return guest(queue, WEB, env={"AWS_ENDPOINT_URL": moto.url, "AWS_SHARED_CREDENTIALS_FILE":
                                      str(file), **NONE_GIVEN, **env})
    return start


def profile(key, name="default"):
    return (f"[{name}]\naws_access_key_id = {key['AccessKeyId']}\n"
            f"aws_secret_access_key = {key['SecretAccessKey']}\n")


def announcement(cloud, **given):
    return cloud.announce(release=VERSION, **given)["envelope"]


def ended(execution):
    """The event by which AWS tells that it ended; it makes the worker ask at once."""
    return json.dumps({"source": "aws.codepipeline", "region": HOME, "account": "123456789012",
                       "detail-type": "CodePipeline Pipeline Execution State Change",
                       "detail": {"pipeline": PIPELINE, "execution-id": execution,
                                  "state": "SUCCEEDED"}})


def check_a_build(cloud, moto, pipeline, running, queue):
    """From the announcement to Slack, every request of it signed with what the worker has."""
    running.wait_log("build_started")
    started = pipeline.list_pipeline_executions(pipelineName=PIPELINE)["pipelineExecutionSummaries"]
    assert len(started) == 1
    queue.send(ended(started[0]["pipelineExecutionId"]))
    cloud.wait_for(slack={"text": PIPELINE})
    queue.wait()
    base = moto.client("ssm").get_parameter(Name="/golden/web/base")["Parameter"]["Value"]
    assert base == IMAGE


def test_a_build_with_the_keys_of_a_user(cloud, moto, pipeline, worker, announced):
    running = worker(announced, profile(moto.key))
    check_a_build(cloud, moto, pipeline, running, announced)


def test_a_build_with_a_role(cloud, moto, pipeline, worker, announced, tmp_path):
    """Of a user who may do nothing but assume it."""
    config = tmp_path / "config"
    config.write_text(f"[profile worker]\nrole_arn = {moto.role}\nsource_profile = visitor\n"
                      "role_session_name = golden\nexternal_id = anything\n")
    running = worker(announced, profile(moto.visitor_key, "visitor"),
                     AWS_CONFIG_FILE=str(config), AWS_PROFILE="worker")
    check_a_build(cloud, moto, pipeline, running, announced)


def test_a_build_with_web_identity(cloud, moto, pipeline, worker, announced, tmp_path):
    """That request is not signed, as AWS has it and moto's authentication does not."""
    moto.authenticate(after=1)
    token = tmp_path / "token"
    token.write_text("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJldmVyZ29sZCJ9.c2lnbmF0dXJl")
    running = worker(announced, "", AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=moto.role)
    check_a_build(cloud, moto, pipeline, running, announced)


def test_a_wrong_secret_is_refused_until_the_file_is_corrected(cloud, moto, pipeline, worker,
                                                               announced, tmp_path):
    running = worker(announced, profile({**moto.key, "SecretAccessKey": "wrong"}))
    failed = running.wait_log("receive_failed")
    assert "request signature we calculated" in failed["error"] and failed["request_id"]
    (tmp_path / "credentials").write_text(profile(moto.key))
    check_a_build(cloud, moto, pipeline, running, announced)


def test_a_key_that_was_replaced_is_taken_from_the_file(cloud, moto, pipeline, worker, queue,
                                                        tmp_path):
    """As when somebody rotates it: a new one is made and written, then the old one is deleted."""
    old, new = moto.make_key("rotating"), moto.make_key("rotating")
    running = worker(queue, profile(old))
    queue.send(ended("00000000-0000-4000-8000-000000000000"))
    running.wait_log("event")
    (tmp_path / "credentials").write_text(profile(new))
    moto.delete_key(old)
    queue.send(announcement(cloud))
    check_a_build(cloud, moto, pipeline, running, queue)


def test_sigterm_hands_back_what_is_not_recorded(cloud, moto, worker, queue, ledger):
    running = worker(queue, profile(moto.key))
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    queue.send(announcement(cloud))
    running.wait_log("record_failed")
    queue.wait(in_flight=1)
    running.signal(signal.SIGTERM)
    assert running.wait() == 0
    queue.wait(visible=1)
    other.close()


def test_a_forged_one_is_rejected_and_kept(cloud, moto, worker, queue):
    queue.send(announcement(cloud, forge="signature"))
    worker(queue, profile(moto.key)).wait_log("rejected", reason="signature_mismatch")
    queue.wait(in_flight=1)
