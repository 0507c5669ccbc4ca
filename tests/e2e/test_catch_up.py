"""The other way to hear of a release: to ask.  What is asked, built, adopted, and told."""

from __future__ import annotations

from tests.cloud.releases import image_id
from tests.e2e.settings import AL2023, HOME, family, image, make_pipelines

OLD, NEW, NEWEST = "2023.9.20251020.0", "2023.9.20251027.0", "2023.10.20251104.0"
AMAZON, CANONICAL = "137112412989", "099720109477"
NAME = "al2023-ami-{v}-kernel-6.1-x86_64"
BUILD = {"every": "6h", "first": "build"}
KERNEL_6_1 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"


def release(cloud, version, region=HOME, name=NAME, owner=AMAZON, **given):
    """AWS has it, whether or not it says so; the image's id."""
    full = name.format(v=version)
    found = image_id(version, region, full)
    cloud.image(found, name=full, owner=owner, region=region, **given)
    return found


def found(running, **fields):
    """The decision about what catch-up found."""
    return running.wait_log("decided", source="catch-up", **fields)


def asked(cloud):
    """The questions for lists of images: [(region, filters as a dict, the rest)]."""
    return [(call["region"], {each["Name"]: each["Values"] for each in call["params"]["Filters"]},
             call["params"]) for call in cloud.calls("ec2", "DescribeImages")
            if "ImageIds" not in call["params"]]


def test_missed_while_down_is_built_once(cloud, worker):
    make_pipelines(cloud)
    first = worker()
    cloud.announce(release=OLD)
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    first.stop()
    missed = release(cloud, NEW)
    second = worker.again()
    line = found(second, outcome="start", image_id=missed)
    assert line["message_id"] == f"catch-up/{missed}"
    cloud.wait_for(executions={"count": 2})
    assert second.wait_log("missed_announcement", release=NEW)["level"] == "warning"
    cloud.announce(release=NEW)
    second.wait_log("decided", outcome="duplicate", reason="already_started", image_id=missed)
    second.stop()
    third = worker.again()
    third.wait_log("decided", source="catch-up", outcome="duplicate", image_id=missed)
    assert len(cloud.executions()) == 2


def test_what_waits_in_the_queue_comes_before_what_is_asked(cloud, worker):
    make_pipelines(cloud)
    sent = cloud.announce(release=NEW)
    running = worker()
    running.wait_log("decided", outcome="start", message_id=sent["message_id"])
    found(running, outcome="duplicate", reason="already_started", image_id=image(NEW))
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    assert len(cloud.executions()) == 1
    receives = [call["params"]["WaitTimeSeconds"] for call in cloud.calls("sqs", "ReceiveMessage")]
    assert receives[0] == 1 and receives == sorted(receives)


def test_the_first_run_adopts_and_a_later_release_is_built(cloud, worker, ledger):
    make_pipelines(cloud)
    there = release(cloud, OLD)
    running = worker()
    line = found(running, outcome="duplicate", reason="already_started", image_id=there)
    assert line["detail"] == "adopted: it was there at the first look"
    assert ledger.builds("image_id, state, release") == [(there, "adopted", OLD)]
    cloud.announce(release=NEW)
    cloud.wait_for(slack={"reply": True}, queue={"empty": True})
    assert [row[0] for row in ledger.builds("state")] == ["adopted", "finished"]
    assert running.log("missed_announcement") == []


def test_what_was_adopted_is_built_when_it_is_announced_at_last(cloud, worker, ledger):
    make_pipelines(cloud)
    there = release(cloud, OLD)
    found(worker(), outcome="duplicate", image_id=there)
    cloud.announce(release=OLD)
    cloud.wait_for(slack={"reply": True}, queue={"empty": True})
    assert ledger.builds("image_id, state") == [(there, "finished")]
    cloud.announce(release=OLD)
    cloud.wait_for(queue={"empty": True})
    assert len(cloud.executions()) == 1


def test_the_first_run_builds_when_it_is_told_to(cloud, worker):
    make_pipelines(cloud)
    newest = release(cloud, NEW)
    release(cloud, OLD)
    running = worker(catch_up=BUILD)
    found(running, outcome="start", image_id=newest)
    cloud.wait_for(slack={"count": 1})
    assert len(cloud.executions()) == 1


def test_what_the_base_parameter_names_is_known(cloud, worker, ledger):
    web = family("web", base_parameter="/golden/web/base")
    make_pipelines(cloud, web)
    there = release(cloud, OLD)
    cloud.parameter("/golden/web/base", there)
    running = worker(web, catch_up=BUILD)
    line = found(running, outcome="duplicate", image_id=there)
    assert line["detail"] == "adopted: the base parameter names it"
    assert ledger.builds("state") == [("adopted",)]
    cloud.announce(release=OLD)
    cloud.wait_for(queue={"empty": True})
    assert ledger.builds("state") == [("adopted",)]
    assert cloud.executions() == []


def test_what_the_base_parameter_does_not_name_is_built(cloud, worker):
    web = family("web", base_parameter="/golden/web/base")
    make_pipelines(cloud, web)
    cloud.parameter("/golden/web/base", "ami-0123456789abcdef0")
    there = release(cloud, OLD)
    running = worker(web, catch_up=BUILD)
    found(running, outcome="start", image_id=there)
    cloud.wait_for(parameter={"name": "/golden/web/base", "value": there}, slack={"count": 1})


def test_the_question_is_narrow_and_goes_to_the_image_s_region(cloud, worker):
    web = family("web", regions=[HOME, "us-east-1"], architecture="x86_64",
                 pipeline={"region": HOME})
    make_pipelines(cloud, web)
    there = [release(cloud, OLD, region) for region in (HOME, "us-east-1")]
    release(cloud, NEWEST, owner="666666666666")
    release(cloud, NEWEST, State="pending", name="al2023-ami-{v}-kernel-6.1-x86_64")
    running = worker(web)
    for each in there:
        found(running, outcome="duplicate", image_id=each)
    questions = asked(cloud)
    assert [region for region, _, _ in questions] == [HOME, "us-east-1"]
    for _, filters, params in questions:
        assert params["Owners"] == ["amazon"] and params["MaxResults"] == 1000
        assert filters == {"name": [AL2023], "architecture": ["x86_64"], "state": ["available"],
                           "virtualization-type": ["hvm"], "root-device-type": ["ebs"]}


def test_pages_and_a_publisher_without_topic(cloud, worker):
    name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-{v}"
    noble = family("noble", publisher="ubuntu", images=name.format(v="*"))
    make_pipelines(cloud, noble)
    for number in range(1005):
        release(cloud, f"2024{number // 28 % 12 + 1:02}{number % 28 + 1:02}.{number}", name=name,
                owner=CANONICAL)
    newest = release(cloud, "20260515", name=name, owner=CANONICAL)
    running = worker(noble, catch_up=BUILD)
    line = found(running, outcome="start", image_id=newest)
    assert line["release"] == "24.04.20260515"
    cloud.wait_for(slack={"count": 1})
    pages = [params.get("NextToken") for _, _, params in asked(cloud)]
    assert len(pages) == 2 and pages[0] is None and pages[1]
    assert running.log("missed_announcement") == []


def test_what_aws_recommends_goes_before_what_is_newest(cloud, worker):
    make_pipelines(cloud)
    recommended = release(cloud, NEW)
    release(cloud, NEWEST)
    cloud.parameter(KERNEL_6_1, recommended)
    running = worker(catch_up=BUILD)
    found(running, outcome="start", image_id=recommended)
    cloud.wait_for(slack={"count": 1})
    assert len(cloud.executions()) == 1


def test_a_pointer_to_an_older_image_may_be_late(cloud, worker, ledger):
    make_pipelines(cloud)
    older = release(cloud, NEW)
    cloud.announce(release=NEWEST)
    cloud.parameter(KERNEL_6_1, older)
    running = worker()
    line = running.wait_log("moved_back", image_id=older)
    assert (line["level"], line["release"], line["newest"]) == ("warning", NEW, NEWEST)
    cloud.wait_for(slack={"count": 1})
    assert len(cloud.executions()) == 1
    assert ledger.rows("SELECT kind FROM notices WHERE kind = 'withdrawn'") == []


def test_parameters_that_nobody_allows_are_no_failure(cloud, worker):
    make_pipelines(cloud)
    there = release(cloud, OLD)
    cloud.faults({"service": "ssm", "operation": "GetParameters", "kind": "status",
                  "status": 400, "code": "AccessDeniedException", "count": None})
    running = worker()
    found(running, image_id=there)
    assert running.wait_log("parameters_unreadable")["level"] == "debug"
    assert running.log("catch_up_failed") == []


def test_a_line_that_fails_does_not_stop_the_others(cloud, worker):
    web = family("web", regions=[HOME, "us-east-1"], pipeline={"region": HOME})
    make_pipelines(cloud, web)
    there = release(cloud, OLD, "us-east-1")
    cloud.faults({"service": "ec2", "operation": "DescribeImages", "region": HOME,
                  "kind": "status", "status": 403, "code": "UnauthorizedOperation"})
    running = worker(web)
    assert running.wait_log("catch_up_failed", region=HOME)["again_in_ms"] >= 30000
    found(running, image_id=there, region="us-east-1")


def test_a_late_region_is_built_when_it_comes(cloud, worker):
    web = family("web", regions=[HOME, "us-east-1"], pipeline={"region": HOME})
    make_pipelines(cloud, web)
    running = worker(web)
    cloud.announce(release=NEW, regions=[HOME])
    running.wait_log("decided", reason="no_image_in_region", region="us-east-1")
    cloud.wait_for(slack={"count": 1})
    running.stop()
    late = release(cloud, NEW, "us-east-1")
    second = worker.again()
    found(second, outcome="start", image_id=late, region="us-east-1")
    cloud.wait_for(executions={"count": 2})
    assert second.log("missed_announcement") == []


def test_windows_prose_is_resolved(cloud, worker):
    name = "Windows_Server-2022-English-Full-Base-{v}"
    win = family("win", publisher="windows", images=name.format(v="*"))
    make_pipelines(cloud, win)
    release(cloud, "2025.09.10", name=name, owner="801119661308")
    running = worker(win)
    found(running, outcome="duplicate")
    there = release(cloud, "2025.10.15", name=name, owner="801119661308")
    cloud.announce(topic="windows", subject="New AMIs dated 2025.10.15 now available",
                   message="New AMIs are dated 2025.10.15. The previous ones will go.")
    running.wait_log("decided", outcome="held", reason="not_available_yet")
    found(running, outcome="start", image_id=there)
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    assert running.log("missed_announcement") == []
    assert len(cloud.executions()) == 1


def test_off_asks_only_for_what_an_announcement_left_open(cloud, worker):
    make_pipelines(cloud)
    release(cloud, OLD)
    running = worker(catch_up={"every": 0})
    cloud.announce(release=NEW, regions=["us-east-1"])
    running.wait_log("decided", reason="no_image_in_region")
    cloud.wait_calls("ec2", "DescribeImages")
    assert len(asked(cloud)) == 1


def test_the_reference_stack_s_daily_lambda(cloud, worker):
    """The configuration in the README under "Instead of a daily Lambda"."""
    al2 = "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2"
    base = {"name": "base", "publisher": "amazon-linux-2", "images": "amzn2-ami-kernel-*-hvm-*",
            "exclude": ["*-ebs"], "architecture": "x86_64", "regions": [HOME],
            "base_parameter": "/golden-ami/base_ami_id", "pipeline": {"name": "golden-ami"}}
    cloud.pipeline("golden-ami", region=HOME, type="V1", events=True)
    known = release(cloud, "2.0.20251014.0", name=al2)
    release(cloud, "2.0.20251014.0", name=al2.replace("gp2", "ebs"))
    cloud.parameter("/golden-ami/base_ami_id", known)
    first = worker(base, catch_up={"every": "24h", "first": "build"})
    found(first, outcome="duplicate", image_id=known)
    assert cloud.executions() == []
    first.stop()
    newer = release(cloud, "2.0.20251020.1", name=al2)
    second = worker.again()
    found(second, outcome="start", image_id=newer)
    cloud.wait_for(parameter={"name": "/golden-ami/base_ami_id", "value": newer},
                   slack={"count": 1})
    _, filters, params = asked(cloud)[0]
    assert params["Owners"] == ["amazon"]
    assert filters == {"name": ["amzn2-ami-kernel-*-hvm-*"], "architecture": ["x86_64"],
                       "state": ["available"], "virtualization-type": ["hvm"],
                       "root-device-type": ["ebs"]}
    assert len(cloud.executions()) == 1
