"""However often AWS says it, and in whichever message: one image, one start."""

from __future__ import annotations

from tests.e2e.settings import AL2, HOME, family, image, make_pipelines

TOPIC_AL2 = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates"
OLD, NEW = "2023.9.20251020.0", "2023.9.20251027.0"


def decided(worker, *, count=1, **fields):
    return worker.wait_log("decided", count=count, **fields)


def test_five_deliveries_of_one_message(cloud, worker):
    make_pipelines(cloud)
    cloud.announce(release=NEW, copies=5)
    running = worker()
    decided(running, outcome="duplicate", reason="already_started", count=4)
    cloud.wait_for(queue={"empty": True}, slack={"count": 1})
    assert len(running.log("decided", outcome="start")) == 1
    assert len(cloud.executions()) == 1


def test_the_same_message_again_after_the_build(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    sent = cloud.announce(release=NEW)
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    cloud.announce(release=NEW, message_id=sent["message_id"], timestamp=sent["timestamp"])
    decided(running, outcome="duplicate", message_id=sent["message_id"])
    cloud.wait_for(queue={"empty": True})
    assert len(cloud.calls("codepipeline", "StartPipelineExecution")) == 1


def test_the_same_release_in_another_message(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=NEW)
    decided(running, outcome="start")
    other = cloud.announce(release=NEW)
    decided(running, outcome="duplicate", message_id=other["message_id"])
    cloud.wait_for(queue={"empty": True}, slack={"count": 1})
    assert len(cloud.calls("codepipeline", "StartPipelineExecution")) == 1


def test_an_older_release_after_a_newer_one(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=NEW)
    decided(running, outcome="start")
    cloud.announce(release=OLD)
    line = decided(running, outcome="older", reason="older_release")
    assert line["release"] == OLD and NEW in line["detail"]
    cloud.wait_for(queue={"empty": True}, slack={"count": 1})
    assert [each["variables"]["BASE_AMI_ID"] for each in cloud.executions()] == [image(NEW)]


def test_a_newer_release_after_an_older_one_is_built(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release=OLD)
    decided(running, outcome="start")
    cloud.announce(release=NEW)
    cloud.wait_for(queue={"empty": True}, executions={"count": 2})
    assert [each["variables"]["BASE_AMI_ID"] for each in cloud.executions()] == [
        image(OLD), image(NEW)]


def test_fields_of_versions_are_numbers(cloud, worker):
    make_pipelines(cloud)
    running = worker()
    cloud.announce(release="2023.10.20251103.0")
    decided(running, outcome="start")
    cloud.announce(release="2023.9.20251110.0")
    decided(running, outcome="older")


def test_a_release_that_nobody_tracks_is_deleted(cloud, worker):
    make_pipelines(cloud)
    running = worker(trust={"topics": [TOPIC_AL2]})
    cloud.announce("amazon-linux-2", release="2.0.20251014.0")
    decided(running, outcome="ignored", reason="no_family")
    cloud.wait_for(queue={"empty": True})
    assert cloud.executions() == []


def test_why_a_release_does_not_concern_a_family(cloud, worker):
    families = [family("far", regions=["eu-south-2"]),
                family("none", images="al2023-ami-9.*"),
                family("left-out", exclude=["*6.1*"]),
                family("other", architecture="arm64")]
    make_pipelines(cloud, *families)
    running = worker(*families)
    cloud.announce(release=NEW)
    for name, reason in (("far", "no_image_in_region"), ("none", "name_mismatch"),
                         ("left-out", "excluded"), ("other", "architecture_mismatch")):
        decided(running, family=name, outcome="ignored", reason=reason)
    cloud.wait_for(queue={"empty": True})
    assert cloud.executions() == []


def test_several_images_that_fit_start_nothing(cloud, worker):
    broad = family("broad", images="al2023-ami-2023.*-x86_64")
    make_pipelines(cloud, broad)
    running = worker(broad)
    cloud.announce(release=NEW)
    line = decided(running, outcome="ambiguous", reason="several_images")
    assert line["level"] == "info" and "kernel-6.1-" in line["detail"]
    cloud.wait_for(queue={"empty": True})
    assert cloud.executions() == []


def test_families_of_two_publishers_in_one_batch(cloud, worker):
    old = family("al2", publisher="amazon-linux-2", images=AL2)
    new = family("al2023")
    make_pipelines(cloud, old, new)
    cloud.announce("amazon-linux-2", release="2.0.20251014.0")
    cloud.announce("amazon-linux-2023", release=NEW)
    worker(old, new)
    cloud.wait_for(queue={"empty": True}, executions={"count": 2})
    started = {each["pipeline"]: each["variables"]["BASE_AMI_ID"] for each in cloud.executions()}
    assert started == {
        "golden-al2023": image(NEW),
        "golden-al2": image("2.0.20251014.0", HOME, "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2")}


def test_ten_messages_are_one_receive_and_one_delete(cloud, worker):
    make_pipelines(cloud, events=False)  # an event would be one message more
    cloud.announce(release=NEW, copies=10)
    worker()
    cloud.wait_for(queue={"empty": True})
    assert len(cloud.calls("sqs", "DeleteMessageBatch")) == 1


def test_two_receivers_share_a_queue(cloud, worker):
    make_pipelines(cloud)
    running = worker(queue={"receivers": 2})
    cloud.announce(release=NEW)  # after the first answer both poll
    cloud.wait_for(queue={"polling": 2})
    for _ in range(11):
        cloud.announce(release=NEW)
    decided(running, outcome="duplicate", count=11)
    cloud.wait_for(queue={"empty": True}, slack={"count": 1})
    assert len(cloud.calls("codepipeline", "StartPipelineExecution")) == 1
