"""What needs people is told once, however often it is delivered, announced or begun anew."""

from __future__ import annotations

from tests.e2e.settings import AL2023_ARM, HOME, family, make_pipelines

RELEASE, NEXT = "2023.9.20251020.0", "2023.9.20251027.0"
BROAD = family("broad", images="al2023-ami-2023.*-x86_64", slack={"channel": "#golden-amis-test"})
ARM = family("arm", images=AL2023_ARM)
UNREADABLE = {"v1": {"Regions": []}}


def told_before_a_build(cloud, release):
    """All messages, when one of a build has come: whatever was to be told before it is there."""
    cloud.announce(release=release, regions=[HOME])
    cloud.wait_for(slack={"text": "build succeeded"})
    return [(each["channel_name"], each["text"]) for each in cloud.slack_messages()]


def test_several_images_that_fit(cloud, worker):
    make_pipelines(cloud, BROAD)
    running = worker(BROAD)
    sent = cloud.announce(release=RELEASE)
    cloud.announce(release=RELEASE, message_id=sent["message_id"], timestamp=sent["timestamp"])
    running.wait_log("decided", outcome="ambiguous", count=2)
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    running.stop()
    running = worker.again()
    cloud.announce(release=RELEASE)
    running.wait_log("decided", outcome="ambiguous")
    cloud.announce(release=NEXT)
    cloud.wait_for(slack={"count": 2}, queue={"empty": True})
    texts = [each["text"] for each in cloud.slack_messages()]
    assert {each["channel_name"] for each in cloud.slack_messages()} == {"golden-amis-test"}
    for text, release in zip(texts, (RELEASE, NEXT), strict=True):
        assert "broad: several images fit, none is built" in text and release in text
        assert f"al2023-ami-{release}-kernel-6.1-x86_64" in text


def test_an_announcement_that_cannot_be_read(cloud, worker):
    make_pipelines(cloud, ARM)
    running = worker(ARM)
    cloud.announce(message=UNREADABLE, subject="<!channel> New")
    for received in (1, 2):
        running.wait_log("rejected", reason="payload", receive_count=received)
        cloud.expire()
    running.wait_log("rejected", reason="payload", receive_count=3)
    running.stop()
    cloud.expire()
    worker.again().wait_log("rejected", reason="payload", receive_count=4)
    (channel, remark), (_, built) = told_before_a_build(cloud, RELEASE)
    assert channel == "golden-amis" and "an announcement cannot be read" in remark
    assert "&lt;!channel&gt; New" in remark and "<!channel>" not in remark
    assert "arm: build succeeded" in built


def test_what_nobody_signed_is_told_to_nobody(cloud, worker):
    make_pipelines(cloud, ARM)
    running = worker(ARM)
    cloud.announce(message=UNREADABLE, forge="signature")
    running.wait_log("rejected", reason="signature_mismatch")
    (_, built), = told_before_a_build(cloud, RELEASE)
    assert "arm: build succeeded" in built


def test_a_webhook_is_told_too(cloud, worker, tmp_path):
    (tmp_path / "webhook").write_text(cloud.slack_webhook)
    broad = family("broad", images=BROAD["images"])
    make_pipelines(cloud, broad)
    worker(broad, slack={"webhook": {"file": str(tmp_path / "webhook")}, "token": None})
    cloud.announce(release=RELEASE)
    cloud.wait_for(slack={"text": "several images fit", "count": 1}, queue={"empty": True})


def look_again(cloud, worker, ledger):
    """One more life in which the build that waits is looked at."""
    ledger.time_passes()
    asked = len(cloud.calls("codepipeline", "ListPipelineExecutions"))
    running = worker.again()
    cloud.wait_calls("codepipeline", "ListPipelineExecutions", asked + 1)
    return running


def test_a_family_that_keeps_failing(cloud, worker, ledger):
    web = family(stop_after_failures=1)
    make_pipelines(cloud, web, plan={"outcome": "Failed"})
    running = worker(web)
    cloud.announce(release=RELEASE)
    cloud.wait_for(slack={"text": "build failed"})
    cloud.announce(release=NEXT)
    running.wait_log("decided", outcome="held", reason="failing")
    cloud.wait_for(slack={"text": "they keep failing"}, queue={"empty": True})
    running.stop()
    look_again(cloud, worker, ledger).stop()
    _, waits = cloud.slack_roots()
    assert "web: no more builds, they keep failing" in waits["text"] and NEXT in waits["text"]
    assert "To go on: `evergold release web`" in str(waits["blocks"])
