"""`evergold check --online`: what it says of the way to AWS, and where the region comes from."""

from __future__ import annotations

import json

import pytest

from .credential_servers import InstanceMetadata
from .settings import HOME, configuration, family, write

ROLE = "arn:aws:iam::444455556666:role/start-golden"
REGION = "eu-south-2"
PIPELINE = "golden-web"
LOOK = f"pipeline {PIPELINE} in {HOME}"
VPC_QUEUE = "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/111122223333/ami"
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
           "AWS_EC2_METADATA_DISABLED": "true"}
NO_REGION = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}


@pytest.fixture
def check(evergold, cloud, tmp_path):
    """check(family(...), env={}, ...settings): its exit status, and each result by its check."""
    def run(*families, env=None, **given):
        config = write(tmp_path, configuration(cloud, tmp_path, *families, **given))
        done = evergold("check", "--online", "--format", "json", "--config", config, cloud=cloud,
                        env=env)
        results = [json.loads(line) for line in done.out.splitlines()]
        for result in results:
            assert list(result) == ["check", "status", "detail", "hint"]
        done.results = {result["check"]: result for result in results}
        done.statuses = {result["check"]: result["status"] for result in results}
        assert done.statuses.pop("signatures", "ok") == "ok"
        return done
    return run


class Instance(InstanceMetadata):
    """Instance metadata that hand out keys and tell the region; paths are what was asked for."""

    def __init__(self, cloud) -> None:
        self.paths: list[str] = []
        super().__init__(cloud)

    def reply(self, asked):
        self.paths.append(asked.path)
        status, text = super().reply(asked)
        if (status, asked.path) == (404, "/latest/meta-data/placement/region"):
            return 200, REGION
        return status, text


@pytest.fixture
def instance(cloud):
    server = Instance(cloud)
    yield server
    server.close()


def on_instance(server) -> dict[str, str]:
    return {**NO_KEYS, **NO_REGION, "AWS_EC2_METADATA_DISABLED": "",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}


@pytest.fixture(autouse=True)
def pipelines(cloud):
    """What the families of these tests start."""
    for region in (HOME, REGION):
        cloud.pipeline(PIPELINE, region=region, variables=["BASE_AMI_ID"])


# All is well.

def test_people_read_lines(evergold, cloud, tmp_path):
    cloud.role(ROLE)
    cloud.pipeline(PIPELINE, account="444455556666", variables=["BASE_AMI_ID"])
    started = {"name": PIPELINE, "role_arn": ROLE}
    families = [family(pipeline=started), family("second", pipeline=started)]
    config = write(tmp_path, configuration(cloud, tmp_path, *families))
    done = evergold("check", "--online", "--format", "text", "--config", config, cloud=cloud)
    assert (done.returncode, done.err) == (0, "")
    fine, signatures, *lines = done.out.splitlines()
    assert fine == f"{config}: fine: 2 families, 1 topic"
    assert signatures == "ok      signatures: SHA-1 and SHA-256 signatures can be verified here"
    assert [line.split(": ")[0] for line in lines] == [
        "ok      credentials", "ok      identity", "ok      queue", f"ok      role {ROLE}",
        f"ok      {LOOK} as {ROLE}"]
    key = cloud.env()["AWS_ACCESS_KEY_ID"]
    assert lines[0].endswith(f": from environment, access key {key}, which does not expire")
    assert lines[1].endswith(f": account {cloud.account}, "
                             f"arn:aws:iam::{cloud.account}:user/evergold")
    assert "ami-announcements, about 0 messages waiting, to arn:" in lines[2]
    assert ": account 444455556666, arn:aws:sts::444455556666:assumed-role/start-golden" in lines[3]
    assert lines[4].endswith(": V2, QUEUED")


def test_programs_read_json_without_asking_for_it(evergold, cloud, tmp_path):
    config = write(tmp_path, configuration(cloud, tmp_path))
    done = evergold("check", "--online", "--config", config, cloud=cloud)
    assert (done.returncode, done.err) == (0, "")
    results = [json.loads(line) for line in done.out.splitlines()]
    assert [(each["check"], each["status"], each["hint"]) for each in results] == [
        (name, "ok", None) for name in ("signatures", "credentials", "identity", "queue", LOOK)]


def test_only_what_has_to_be_asked_is_asked(check, cloud):
    check()
    assert [call["operation"] for call in cloud.calls()] == [
        "GetCallerIdentity", "GetQueueAttributes", "GetPipeline"]


# What fails, and what repairs it.

@pytest.mark.no_violations_expected
def test_a_wrong_key(check):
    done = check(env={"AWS_SECRET_ACCESS_KEY": "another"})
    assert done.returncode == 1
    assert done.statuses == {"credentials": "ok", "identity": "fail", "queue": "fail",
                             LOOK: "fail"}
    assert "SignatureDoesNotMatch" in done.results["identity"]["detail"]
    for name in ("identity", "queue", LOOK):
        assert done.results[name]["hint"].startswith("the secret access key is not the one")
    for line in done.err.splitlines():
        assert json.loads(line)["level"] == "warning"
    assert "another" not in done.out + done.err


def test_a_queue_that_is_not_there(check, cloud):
    done = check(queue={"url": cloud.queue_url + "-gone"})
    assert done.returncode == 1
    assert done.statuses == {"credentials": "ok", "identity": "ok", "queue": "fail", LOOK: "ok"}
    assert "queue.url" in done.results["queue"]["hint"]


def test_no_credentials(check, cloud):
    done = check(family(pipeline={"role_arn": ROLE}), env=NO_KEYS)
    assert done.returncode == 1
    assert done.statuses == {"credentials": "fail", "identity": "skipped", "queue": "skipped",
                             f"role {ROLE}": "skipped", f"{LOOK} as {ROLE}": "skipped"}
    assert "not in the environment" in done.results["credentials"]["detail"]
    assert cloud.calls() == []


def test_a_role_that_may_not_be_assumed(check):
    done = check(family(pipeline={"role_arn": ROLE}))
    assert done.returncode == 1
    for name in (f"role {ROLE}", f"{LOOK} as {ROLE}"):
        assert done.statuses[name] == "fail"
        assert "AccessDenied" in done.results[name]["detail"]
        assert "sts:AssumeRole" in done.results[name]["hint"]


def test_permissions_that_are_missing(check, cloud):
    cloud.faults({"service": "sqs", "operation": "GetQueueAttributes", "kind": "status",
                  "status": 403, "code": "AccessDenied", "message": "not you"})
    done = check()
    assert (done.returncode, done.statuses["queue"]) == (1, "fail")
    assert "sqs:GetQueueAttributes" in done.results["queue"]["hint"]


def test_nobody_at_the_endpoint(check):
    done = check(env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert done.returncode == 1
    assert done.statuses == {"credentials": "ok", "identity": "fail", "queue": "fail",
                             LOOK: "fail"}
    assert "127.0.0.1:9" in done.results["queue"]["detail"]
    assert "NO_PROXY" in done.results["queue"]["hint"]


def test_a_queue_without_dead_letters_is_a_warning(check, cloud):
    queue = cloud.queue("bare", max_receives=0)
    done = check(queue={"url": queue["url"]})
    assert (done.returncode, done.statuses["queue"]) == (0, "warn")
    assert "no redrive policy" in done.results["queue"]["detail"]


def test_without_a_queue_that_check_is_skipped(check):
    done = check(queue=None)
    assert (done.returncode, done.statuses["queue"]) == (0, "skipped")


# Pipelines.

def test_each_pipeline_is_looked_at_once_where_it_is(check, cloud):
    shared = family("second", regions=[HOME, REGION], pipeline={"name": PIPELINE})
    done = check(family(), shared)
    assert (done.returncode, done.statuses[LOOK]) == (0, "ok")
    assert [(call["operation"], call["region"], call["params"])
            for call in cloud.calls("codepipeline")] == [
        ("GetPipeline", region, {"name": PIPELINE}) for region in (HOME, REGION)]


def test_a_pipeline_that_is_not_there(check):
    done = check(family("gone"))
    result = done.results[f"pipeline golden-gone in {HOME}"]
    assert (done.returncode, result["status"]) == (1, "fail")
    assert "PipelineNotFound" in result["detail"]
    assert "pipeline.name" in result["hint"]


def test_a_pipeline_that_may_not_be_seen(check, cloud):
    cloud.faults({"service": "codepipeline", "operation": "GetPipeline", "kind": "status",
                  "status": 400, "code": "AccessDeniedException", "message": "not you"})
    done = check()
    assert (done.returncode, done.statuses[LOOK]) == (1, "fail")
    assert "codepipeline:GetPipeline" in done.results[LOOK]["hint"]


@pytest.mark.parametrize(("pipeline", "status", "detail"), [
    ({"type": "V1", "mode": "SUPERSEDED"}, "fail",
     "V1, SUPERSEDED, ignores the variables that 'web' sends, shared by 2 families"),
    ({"variables": [{"name": "BASE_AMI", "defaultValue": "x"}]}, "fail",
     "V2, QUEUED, does not declare 'BASE_AMI_ID' that 'web' sends (did you mean 'BASE_AMI'?)"),
    ({"variables": ["BASE_AMI_ID", "OWNER"]}, "fail",
     "V2, QUEUED, 'OWNER' has no default and 'web' does not send it"),
    ({"variables": ["BASE_AMI_ID"], "mode": "SUPERSEDED"}, "warn",
     "V2, SUPERSEDED, shared by 2 families"),
    ({"variables": ["BASE_AMI_ID"], "mode": "PARALLEL"}, "ok", "V2, PARALLEL"),
], ids=["v1", "undeclared", "without-value", "superseded", "parallel"])
def test_what_a_pipeline_is_made_for(check, cloud, pipeline, status, detail):
    cloud.pipeline(PIPELINE, region=HOME, **pipeline)
    done = check(family(), family("second", pipeline={"name": PIPELINE}))
    result = done.results[LOOK]
    assert (done.returncode, result["status"]) == (1 if status == "fail" else 0, status)
    assert result["detail"] == detail
    assert (result["hint"] is None) == (status == "ok")


# A wrong configuration goes nowhere.

def test_a_fault_in_the_file_comes_first(check, cloud):
    done = check(families=[{"name": "web"}])
    assert (done.returncode, done.out) == (2, "")
    assert ": error: " in done.err
    assert cloud.calls() == []


@pytest.mark.parametrize("command", [["check"], ["check", "--online"], ["run"]])
@pytest.mark.parametrize("variable", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_a_queue_s_own_endpoint_has_no_variant(evergold, cloud, tmp_path, command, variable):
    config = write(tmp_path, configuration(cloud, tmp_path, queue={"url": VPC_QUEUE}))
    done = evergold(*command, "--config", config, env={variable: "true"})
    assert done.returncode == 2
    assert f"queue.url: the queue's own endpoint and {variable}=true exclude" in done.out + done.err


@pytest.mark.parametrize("command", ["check", "run"])
def test_an_endpoint_override_has_no_variant(evergold, cloud, tmp_path, command):
    config = write(tmp_path, configuration(cloud, tmp_path))
    done = evergold(command, "--config", config, cloud=cloud, env={"AWS_USE_FIPS_ENDPOINT": "true"})
    assert done.returncode == 2
    assert "AWS_ENDPOINT_URL: an endpoint of one's own and" in done.out + done.err


# The region.

def regionless():
    """A family that has no region of its own."""
    return {name: value for name, value in family().items() if name != "regions"}


def test_the_instance_tells_its_region(check, cloud, instance):
    done = check(regionless(), queue=None, env=on_instance(instance))
    assert done.returncode == 0, done.out + done.err
    assert done.results["credentials"]["detail"].startswith("from instance metadata, ")
    assert [call["region"] for call in cloud.calls("sts")] == [REGION]


def test_a_role_of_the_profile_is_assumed_where_the_instance_is(check, cloud, instance, tmp_path):
    arn = f"arn:aws:iam::{cloud.account}:role/start-golden"
    cloud.role(arn)
    profile = tmp_path / "aws-config"
    profile.write_text(f"[default]\nrole_arn = {arn}\ncredential_source = Ec2InstanceMetadata\n")
    done = check(regionless(), queue=None,
                 env={**on_instance(instance), "AWS_CONFIG_FILE": str(profile)})
    assert done.returncode == 0, done.out + done.err
    assert [(call["operation"], call["region"]) for call in cloud.calls("sts")] == [
        ("AssumeRole", REGION), ("GetCallerIdentity", REGION)]


def test_the_instance_is_asked_only_online(evergold, cloud, tmp_path, instance):
    config = write(tmp_path, configuration(cloud, tmp_path, regionless(), queue=None))
    (tmp_path / "saved").mkdir()
    env = on_instance(instance)
    for command in (["check"], ["replay", "saved"]):
        done = evergold(*command, "--config", config, env=env)
        assert done.returncode == 2
        assert "no default region either" in done.out + done.err
    assert instance.paths == []
    done = evergold("replay", "--live", "saved", "--config", config, env=env)
    assert (done.returncode, done.err) == (0, "")
    assert instance.paths == ["/latest/api/token", "/latest/meta-data/placement/region"]


@pytest.mark.parametrize(("given", "env", "each"), [
    ({"region": "eu-west-1"}, {}, regionless()),
    ({}, {"AWS_REGION": "eu-west-1"}, regionless()),
    ({}, {}, family()),
], ids=["file", "environment", "not-needed"])
def test_the_instance_is_asked_only_if_nobody_else_knows(check, instance, given, env, each):
    assert check(each, env={**on_instance(instance), **env}, **given).returncode == 0
    assert "/latest/meta-data/placement/region" not in instance.paths


@pytest.mark.parametrize("failure", ["down", "garbage", "refusal"])
def test_metadata_that_cannot_be_had_are_told(check, instance, failure):
    instance.fail(failure)
    done = check(regionless(), queue=None, env=on_instance(instance))
    assert (done.returncode, done.out) == (2, "")
    assert "no default region either" in done.err
    assert "AWS_REGION or the AWS profile names one; the instance metadata cannot" in done.err


def test_metadata_that_are_disabled_are_not_asked(check, instance):
    done = check(regionless(), queue=None,
                 env={**on_instance(instance), "AWS_EC2_METADATA_DISABLED": "true"})
    assert (done.returncode, instance.paths) == (2, [])
    assert "AWS_EC2_METADATA_DISABLED is true" in done.err
