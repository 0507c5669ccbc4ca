"""Pipelines in other accounts: their roles are assumed, denied, and outlived by builds."""

from __future__ import annotations

import pytest

from tests.e2e.settings import HOME, family, image, make_pipelines

VERSION = "2023.9.20251027.0"
THEIRS, OTHERS = "444455556666", "777788889999"
ELSEWHERE = "eu-central-1"
UNENDING = {"outcome": "Hang", "stages": [
    {"name": "Build", "actions": [{"name": "Bake", "outputs": {"GOLDEN_AMI_ID": "{ami}"}}]}]}


ABROAD = {"stages": [{"name": "Build", "actions": [
    {"name": "Bake", "outputs": {"GOLDEN_AMI_ID": f"{{ami:{HOME}}}"}}]}]}


def role(account: str = THEIRS, name: str = "start-golden") -> str:
    return f"arn:aws:iam::{account}:role/teams/{name}"


def session(account: str = THEIRS, name: str = "start-golden", of: str = "web") -> str:
    return f"arn:aws:sts::{account}:assumed-role/{name}/evergold-{of}"


def abroad(name: str = "web", account: str = THEIRS, **pipeline: str):
    """A family whose pipeline is in another account."""
    return family(name, base_parameter=f"/golden/{name}/base",
                  golden_parameter=f"/golden/{name}/ami", golden_output="GOLDEN_AMI_ID",
                  pipeline={"role_arn": role(account), **pipeline})


def assumptions(cloud):
    return [call for call in cloud.calls("sts") if call["operation"] == "AssumeRole"]


def test_everything_of_a_build_happens_in_the_account_of_its_role(cloud, worker):
    web = abroad(region=ELSEWHERE)
    cloud.role(role())
    make_pipelines(cloud, web, account=THEIRS, plan=ABROAD)
    worker(web, catch_up={"every": 0})  # which asks for public parameters in our own account
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "golden AMI built"})
    execution, = cloud.executions()
    assert (execution["account"], execution["started_by"]) == (THEIRS, session())
    assert cloud.parameters() == {}
    assert cloud.parameters(THEIRS).keys() == {f"{ELSEWHERE}:/golden/web/base",
                                               f"{HOME}:/golden/web/ami"}
    assert cloud.parameters(THEIRS)[f"{ELSEWHERE}:/golden/web/base"] == image(VERSION)
    assumed, = assumptions(cloud)
    assert (assumed["account"], assumed["region"]) == (cloud.account, ELSEWHERE)
    assert assumed["params"] == {"RoleArn": role(), "RoleSessionName": "evergold-web"}
    assert {call["principal"] for call in cloud.calls("codepipeline") + cloud.calls("ssm")} == {
        session()}
    assert {call["account"] for call in cloud.calls("sqs")} == {cloud.account}


def test_families_have_roles_of_their_own_or_none(cloud, worker):
    families = {THEIRS: abroad("web"), OTHERS: abroad("db", OTHERS), None: family("own")}
    for account, each in families.items():
        make_pipelines(cloud, each, account=account or cloud.account)
        if account:
            cloud.role(role(account))
    worker(*families.values())
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "golden AMI built", "reply": False, "count": 2}, timeout=40)
    cloud.wait_for(slack={"text": "build succeeded", "reply": False}, timeout=40)
    assert {(each["pipeline"], each["account"], each["started_by"])
            for each in cloud.executions()} == {
        ("golden-web", THEIRS, session()), ("golden-db", OTHERS, session(OTHERS, of="db")),
        ("golden-own", cloud.account, f"arn:aws:iam::{cloud.account}:user/evergold")}
    assert cloud.parameters(THEIRS).keys() == {f"{HOME}:/golden/web/{at}" for at in ("base", "ami")}
    assert cloud.parameters(OTHERS).keys() == {f"{HOME}:/golden/db/{at}" for at in ("base", "ami")}
    assert len(assumptions(cloud)) == 2


def test_a_role_that_is_denied_is_told_once_and_started_once_it_is_allowed(cloud, worker, ledger):
    web = abroad()
    make_pipelines(cloud, web, account=THEIRS)
    running = worker(web)
    cloud.announce(release=VERSION)
    cloud.wait_for(slack={"text": "AWS refuses to start the build"}, queue={"empty": True})
    error = running.wait_log("start_failed")["error"]
    assert f"{role()}: STS AssumeRole: AccessDenied: User: arn:aws:iam::{cloud.account}:" in error
    assert error.startswith("CODEPIPELINE GetPipeline: ")
    running.stop()
    ledger.time_passes()
    running = worker.again()
    running.wait_log("start_failed")
    running.stop()
    assert len(cloud.slack_roots()) == 1
    cloud.role(role())
    ledger.time_passes()
    worker.again()
    cloud.wait_for(slack={"text": "golden AMI built"})
    assert [each["account"] for each in cloud.executions()] == [THEIRS]


def started(cloud, worker, web, **given):
    """A worker whose build is running, until the test ends it."""
    cloud.role(role())
    make_pipelines(cloud, web, account=THEIRS, plan=UNENDING)
    running = worker(web, **given)
    cloud.announce(release=VERSION)
    cloud.wait_for(parameter={"name": "/golden/web/base", "account": THEIRS})
    return running


def test_a_build_keeps_its_role_when_the_configuration_names_another(cloud, worker):
    started(cloud, worker, abroad()).stop()
    worker(abroad(account=OTHERS))
    cloud.finish()
    cloud.wait_for(slack={"text": "golden AMI built"})
    assert {call["principal"] for call in cloud.calls("codepipeline") + cloud.calls("ssm")} == {
        session()}


@pytest.mark.no_violations_expected
def test_keys_of_a_role_that_expire_while_it_builds(cloud, worker):
    started(cloud, worker, abroad())
    assert cloud.expire_keys(account=THEIRS) == 1
    cloud.finish()
    cloud.wait_for(slack={"text": "golden AMI built"},
                   calls={"error": "ExpiredTokenException", "principal": session()})
    assert len(assumptions(cloud)) == 2
    assert len(cloud.executions()) == 1
    assert f"{HOME}:/golden/web/ami" in cloud.parameters(THEIRS)


def write_keys(folder, access_key: str, secret: str) -> None:
    (folder / ".aws").mkdir(exist_ok=True)
    (folder / ".aws" / "credentials").write_text(
        f"[default]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret}\n")


@pytest.mark.no_violations_expected
def test_our_own_keys_are_rotated_while_it_builds(cloud, worker, tmp_path):
    """Both end at once: those that the role was assumed with, and those of the role."""
    cloud.credentials("AKIDBEFORE", "secret-before")
    cloud.credentials("AKIDAFTER", "secret-after")
    write_keys(tmp_path, "AKIDBEFORE", "secret-before")
    started(cloud, worker, abroad(),
            env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    write_keys(tmp_path, "AKIDAFTER", "secret-after")
    assert cloud.expire_keys(access_key="AKIDBEFORE") == 1
    assert cloud.expire_keys(account=THEIRS) == 1
    cloud.finish()
    cloud.wait_for(slack={"text": "golden AMI built"})
    assert assumptions(cloud)[0]["access_key"] == "AKIDBEFORE"
    assert assumptions(cloud)[-1]["access_key"] == "AKIDAFTER"
    assert len(cloud.executions()) == 1
