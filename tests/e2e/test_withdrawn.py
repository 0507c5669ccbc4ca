"""Images that are taken back, by a message or by being gone, and who hears of it."""

from __future__ import annotations

from tests.e2e.settings import AL2023_ARM, HOME, family, image, make_pipelines

WINDOWS = family("windows", publisher="windows", images="Windows_Server-2022-English-Core-Base-*",
                 golden_output="GOLDEN_AMI_ID", slack={"channel": "#golden-amis-test"})
RELEASE, BASE = "2025.08.13", "ami-0123456789abcdef0"
AL2023_RELEASE = "2023.9.20251027.0"
ARM_NAME = "al2023-ami-{v}-kernel-6.1-arm64"
ARM = family("arm", images=AL2023_ARM)
WEB = family(golden_output="GOLDEN_AMI_ID")
NAME = f"Windows_Server-2022-English-Core-Base-{RELEASE}"


def build_windows(cloud, worker, ledger):
    """A worker that has found a Windows image and built it; and the golden AMI of it."""
    make_pipelines(cloud, WINDOWS)
    cloud.image(BASE, region=HOME, name=NAME, owner="801119661308", Platform="windows")
    running = worker(WINDOWS, catch_up={"first": "build"})
    cloud.wait_for(slack={"text": "golden AMI built"})
    return running, *ledger.builds("golden_ami")[0]


def withdraw(cloud, **given):
    return cloud.announce("windows-withdrawn", subject=f"Windows AMIs dated {RELEASE} are private",
                          message="They are no longer public.", **given)


def remarks(cloud):
    return [message for message in cloud.slack_messages() if "withdrawn" in message["text"]]


def test_a_message_takes_a_release_back(cloud, worker, ledger):
    running, golden = build_windows(cloud, worker, ledger)
    sent = withdraw(cloud)
    withdraw(cloud, message_id=sent["message_id"], timestamp=sent["timestamp"])
    running.wait_log("decided", family="windows", outcome="held", reason="quarantined", count=2)
    cloud.wait_for(slack={"text": "images were withdrawn"}, queue={"empty": True})
    running.stop()
    told, = remarks(cloud)
    assert told["channel_name"] == "golden-amis-test"
    for words in ("windows: images were withdrawn", f"Windows Server {RELEASE}",
                  f"{golden} in {HOME}, built on 20"):
        assert words in told["text"]
    (what, reason), = ledger.rows("SELECT what, reason FROM quarantines WHERE family = 'windows'")
    assert what == RELEASE and reason.startswith("withdrawn by AWS on 20")
    assert ledger.rows("SELECT count(*) FROM builds WHERE withdrawn_ms > 0") == [(1,)]


def test_a_message_about_what_nobody_built_is_kept_quietly(cloud, worker, ledger):
    make_pipelines(cloud, WINDOWS)
    running = worker(WINDOWS)
    withdraw(cloud)
    running.wait_log("decided", family="windows", reason="quarantined")
    cloud.wait_for(queue={"empty": True})
    assert ledger.rows("SELECT what FROM quarantines") == [(RELEASE,)]
    assert ledger.rows("SELECT * FROM notices") == []


def test_a_message_without_a_release_is_passed_on(cloud, worker):
    make_pipelines(cloud, WINDOWS)
    worker(WINDOWS)
    cloud.announce("windows-withdrawn", subject="Some AMIs are private now", message="Sorry.")
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    told, = remarks(cloud)
    assert told["channel_name"] == "golden-amis" and "not of which release" in told["text"]


def build_both(cloud, worker, **given):
    """Golden AMIs of both families; the golden AMI of WEB."""
    make_pipelines(cloud, WEB, ARM)
    running = worker(WEB, ARM, **given)
    cloud.announce(release=AL2023_RELEASE, regions=[HOME])
    cloud.wait_for(slack={"reply": True, "count": 2}, queue={"empty": True})
    running.stop()


def look(worker, images=2):
    """One more life of the worker, until it has looked for the images."""
    running = worker.again()
    running.wait_log("images_looked_for", images=images)
    return running


def questions(cloud):
    """What was asked about many images at a time."""
    filters = [call["params"].get("Filters", [{}])[0]
               for call in cloud.calls("ec2", "DescribeImages")]
    return [each["Values"] for each in filters if each.get("Name") == "image-id"]


def test_an_image_that_is_gone_is_told_once(cloud, worker, ledger):
    build_both(cloud, worker)
    gone, there = image(AL2023_RELEASE), image(AL2023_RELEASE, name=ARM_NAME)
    cloud.image(gone, region=HOME, State=None)
    running = look(worker)
    assert running.log("image_withdrawn", family="web", image_id=gone)
    cloud.wait_for(slack={"text": "withdrawn"})
    running.stop()
    look(worker).stop()
    assert [sorted(asked) for asked in questions(cloud)] == [sorted([gone, there])] * 2
    told, = remarks(cloud)
    golden, = ledger.rows("SELECT golden_ami FROM builds WHERE family = 'web'")[0]
    assert f"{gone} (al2023" in told["text"] and f"{golden} in {HOME}" in told["text"]
    assert ledger.builds("family, withdrawn_ms > 0") == [("arm", 0), ("web", 1)]
    assert ledger.rows("SELECT family, what FROM quarantines") == [("web", gone)]


def test_an_image_that_comes_back_is_logged(cloud, worker):
    build_both(cloud, worker)
    back = image(AL2023_RELEASE)
    cloud.image(back, region=HOME, State="disabled")
    running = look(worker)
    cloud.wait_for(slack={"text": "withdrawn"})
    running.stop()
    cloud.image(back, region=HOME, State="available")
    assert look(worker).log("withdrawn_image_available", image_id=back)
    assert len(remarks(cloud)) == 1


def test_without_catch_up_nothing_is_looked_for(cloud, worker):
    build_both(cloud, worker, catch_up={"every": "0s"})
    running = worker.again()
    cloud.announce(release="2023.9.20251103.0", regions=[HOME])
    cloud.wait_for(executions={"count": 4}, queue={"empty": True})
    running.stop()
    assert questions(cloud) == []
