"""Parameters: bases that go back, and golden AMIs that arrive wherever they are wanted."""

from __future__ import annotations

from tests.e2e.settings import HOME, family, image, make_pipelines

FIRST = "2023.9.20251027.0"
EARLIER = "ami-0123456789abcdef0"
BASE, GOLDEN = "/golden/web/base", "/golden/web/ami"
THEIRS, US = "444455556666", "us-east-1"
PUBLISH = f"arn:aws:iam::{THEIRS}:role/publish-golden"
WEB = family("web", golden_parameter=GOLDEN, golden_output="GOLDEN_AMI_ID")
V1 = family("web", base_parameter=BASE, golden_parameter=GOLDEN, golden_output="GOLDEN_AMI_ID",
            stop_after_failures=0)
V1["pipeline"]["variables"] = {}


def ended(running, release, status):
    running.wait_log("build_finished", image_id=image(release), status=status)


def settled(running):
    """The first build succeeded, and that is durable."""
    ended(running, FIRST, "Succeeded")
    running.stop()


def baked(outputs=None, **plan):
    """A plan whose one action names what it has baked."""
    return {**plan, "stages": [{"name": "Build", "actions": [
        {"name": "Bake", "outputs": outputs or {"GOLDEN_AMI_ID": "{ami}"}}]}]}


def history(cloud, name):
    """All values that the parameter has had."""
    return [value for each in cloud.state()["parameters"] if each["name"] == name
            for value in each["history"]]


def test_the_base_of_a_v1_pipeline_goes_back_to_the_last_that_was_good(cloud, worker):
    """Two failures in a row, where the reference stack brings back the first of them."""
    failed = {"outcome": "Failed"}
    cloud.parameter(BASE, EARLIER)
    make_pipelines(cloud, V1, type="V1", reads=BASE,
                   plans=[failed, baked(), failed, failed])
    running = worker(V1)
    releases = [f"2023.9.2025102{day}.0" for day in range(5, 9)]
    ends = ("Failed", "Succeeded", "Failed", "Failed")
    for release, status in zip(releases, ends, strict=True):
        cloud.announce(release=release)
        ended(running, release, status)
    bases = [image(release) for release in releases]
    assert history(cloud, BASE) == [EARLIER, bases[0], EARLIER, bases[1], bases[2], bases[1],
                                    bases[3], bases[1]]
    assert len(history(cloud, GOLDEN)) == 1


def test_a_golden_ami_goes_to_several_regions_and_accounts(cloud, worker, ledger):
    web = family("web", golden_output="GOLDEN_AMI_ID", golden_parameter=[
        GOLDEN, {"name": "/shared/web", "role_arn": PUBLISH},
        {"name": GOLDEN, "region": US, "output": "IN_US"}])
    outputs = {"GOLDEN_AMI_ID": "{ami}", "IN_US": f"{{ami:{US}}}"}
    cloud.role(PUBLISH)
    cloud.parameter("/shared/web", EARLIER, account=THEIRS)
    make_pipelines(cloud, web, plan=baked(outputs, images={"accounts": [THEIRS]}))
    running = worker(web)
    cloud.announce(release=FIRST)
    settled(running)
    execution, = cloud.executions()
    told = execution["actions"][-1]["outputs"]
    assert cloud.parameters() == {f"{HOME}:{GOLDEN}": told["GOLDEN_AMI_ID"],
                                  f"{US}:{GOLDEN}": told["IN_US"]}
    assert cloud.parameters(THEIRS) == {f"{HOME}:/shared/web": told["GOLDEN_AMI_ID"]}
    assert ledger.rows("SELECT target, previous, state FROM golden_moves ORDER BY position") == [
        (f"{HOME}::{GOLDEN}", "", "written"), (f"{HOME}:{THEIRS}:/shared/web", EARLIER, "written"),
        (f"{US}::{GOLDEN}", "", "written")]
    assert ledger.builds("golden_written, trouble") == [(1, None)]


def test_one_that_may_not_be_written_is_told_and_the_others_are_written(cloud, worker, ledger):
    web = family("web", golden_output="GOLDEN_AMI_ID", golden_parameter=[
        {"name": "/shared/web", "role_arn": PUBLISH}, GOLDEN])
    make_pipelines(cloud, web, plan=baked())
    running = worker(web)
    cloud.announce(release=FIRST)
    running.wait_log("golden_written", parameter=GOLDEN)
    running.wait_log("golden_waits", parameter="/shared/web", count=2)
    (written, trouble), = ledger.builds("golden_written, trouble")
    assert not written
    assert trouble.startswith("a golden parameter cannot be written now: ")
    assert PUBLISH in trouble
    assert cloud.parameters().keys() == {f"{HOME}:{GOLDEN}"}


def test_an_ami_that_came_to_nothing_is_told(cloud, worker, ledger):
    make_pipelines(cloud, WEB, plan=baked(images={"state": "failed"}))
    running = worker(WEB)
    cloud.announce(release=FIRST)
    settled(running)
    trouble, = ledger.builds("trouble")[0]
    assert trouble.startswith(f"{GOLDEN} in {HOME} was not written: ami-")
    assert trouble.endswith(" is failed")
    assert cloud.parameters() == {}


def test_an_ami_that_is_still_pending_is_waited_for(cloud, worker):
    make_pipelines(cloud, WEB, plan=baked(images={"state": "pending"}))
    running = worker(WEB)
    cloud.announce(release=FIRST)
    ami = running.wait_log("golden_waits")["golden_ami"]
    assert cloud.parameters() == {}
    cloud.image(ami, State="available")
    settled(running)
    assert cloud.parameters() == {f"{HOME}:{GOLDEN}": ami}


def test_a_parameter_that_somebody_moves_meanwhile_is_left_alone(cloud, worker, ledger):
    cloud.parameter(GOLDEN, EARLIER)
    cloud.faults({"service": "ssm", "operation": "PutParameter", "kind": "status", "status": 500,
                  "count": 3})
    make_pipelines(cloud, WEB, plan=baked())
    running = worker(WEB)
    cloud.announce(release=FIRST)
    running.wait_log("golden_waits")
    cloud.parameter(GOLDEN, "ami-0fedcba9876543210")
    settled(running)
    assert history(cloud, GOLDEN) == [EARLIER, "ami-0fedcba9876543210"]
    (written, trouble), = ledger.builds("golden_written, trouble")
    assert not written and "somebody wrote ami-0fedcba9876543210 meanwhile" in trouble


def test_a_base_in_quarantine_makes_no_golden_ami(cloud, worker, ledger, evergold, tmp_path):
    """Its stage is retried in the console all the same."""
    cloud.parameter(GOLDEN, EARLIER)
    make_pipelines(cloud, WEB, plan={"outcome": "Failed"})
    running = worker(WEB)
    cloud.announce(release=FIRST)
    ended(running, FIRST, "Failed")
    done = evergold("quarantine", FIRST, "--family", "web", "--reason", "it panics",
                    "--config", tmp_path / "evergold.yaml")
    assert done.returncode == 0, done.err
    cloud.retry_stage(cloud.executions()[-1]["id"])
    settled(running)
    assert history(cloud, GOLDEN) == [EARLIER]
    assert "its base is in quarantine" in ledger.builds("trouble")[0][0]
