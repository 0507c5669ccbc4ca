"""Builds that wait: for their soak, a window, a running build or their image."""

from __future__ import annotations

import time

from tests.e2e.settings import HOME, SLOW, family, image, make_pipelines

R1, R2, R3 = "2023.9.20251013.0", "2023.9.20251020.0", "2023.9.20251027.0"
WEB = family()


def started(cloud):
    return [each["variables"]["BASE_AMI_ID"] for each in cloud.executions()]


def announce(cloud, running, release, reason):
    cloud.announce(release=release)
    return running.wait_log("decided", image_id=image(release), reason=reason)


def closed_now():
    """A window that opens in six hours."""
    hour = (time.gmtime().tm_hour + 6) % 24
    return f"{hour:02}:00-{hour:02}:30"


def test_of_two_that_soak_the_first_to_mature_is_not_starved_by_the_next(cloud, worker, ledger):
    soaking = family(soak="3s")
    make_pipelines(cloud, soaking)
    running = worker(soaking)
    announce(cloud, running, R1, "soaking")
    running.wait_log("build_started", image_id=image(R1))
    announce(cloud, running, R2, "soaking")
    running.wait_log("build_started", image_id=image(R2))
    cloud.wait_for(slack={"count": 2}, queue={"empty": True})
    assert started(cloud) == [image(R1), image(R2)]
    for wait_ms, in ledger.rows("SELECT started_ms - announced_ms FROM builds"):
        assert wait_ms >= 3000


def test_what_has_soaked_together_is_built_once_the_newest(cloud, worker):
    soaking = family(soak="6h")
    make_pipelines(cloud, soaking)
    running = worker(soaking)
    announce(cloud, running, R2, "soaking")
    announce(cloud, running, R1, "soaking")
    running.stop()
    hasty = worker(WEB)  # its configuration lets nothing soak
    hasty.wait_log("build_started", image_id=image(R2))
    hasty.wait_log("build_superseded", image_id=image(R1), detail=f"{R2} was started")
    assert started(cloud) == [image(R2)]


def test_a_window_that_is_closed_holds_until_it_opens(cloud, worker, ledger):
    office = family(window=closed_now())
    make_pipelines(cloud, office)
    running = worker(office)
    announce(cloud, running, R1, "outside_window")
    line = announce(cloud, running, R2, "outside_window")
    assert line["detail"].startswith("opens at ")
    assert started(cloud) == []
    for held, wait_ms in ledger.builds("held, due_ms - wanted_ms"):
        assert held == "outside_window" and 5 * 3600_000 <= wait_ms <= 6 * 3600_000
    running.stop()
    opened = worker(WEB)
    opened.wait_log("build_superseded", image_id=image(R1))
    assert started(cloud) == [image(R2)]


def test_while_one_runs_the_newest_of_the_next_waits(cloud, worker):
    make_pipelines(cloud, WEB, plans=[SLOW, {}])
    running = worker(WEB)
    cloud.announce(release=R1)
    first = running.wait_log("build_started", image_id=image(R1))
    announce(cloud, running, R2, "pipeline_busy")
    announce(cloud, running, R3, "pipeline_busy")
    assert started(cloud) == [image(R1)]
    cloud.finish(first["execution_id"])
    running.wait_log("build_started", image_id=image(R3))
    running.wait_log("build_superseded", image_id=image(R2))
    cloud.wait_for(slack={"count": 2}, queue={"empty": True})
    assert started(cloud) == [image(R1), image(R3)]


def test_an_image_that_is_announced_too_early_is_built_when_it_is_there(cloud, worker, ledger):
    make_pipelines(cloud, WEB)
    running = worker(WEB)
    cloud.announce(release=R1, images=False)
    line = running.wait_log("build_held", image_id=image(R1))
    assert (line["reason"], line["detail"]) == (
        "not_available_yet", f"{image(R1)} in {HOME} is not there")
    assert started(cloud) == []
    cloud.image(image(R1), region=HOME, name=f"al2023-ami-{R1}-kernel-6.1-x86_64",
                owner="137112412989")
    running.stop()
    again = worker(WEB)
    again.wait_log("build_started", image_id=image(R1))
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})


def test_an_image_of_somebody_else_is_given_up_and_told(cloud, worker, ledger):
    make_pipelines(cloud, WEB)
    cloud.image(image(R1), region=HOME, name=f"al2023-ami-{R1}-kernel-6.1-x86_64",
                owner="666666666666")
    worker(WEB)
    cloud.announce(release=R1, images=False)
    cloud.wait_for(slack={"reply": True}, queue={"empty": True})
    message = cloud.slack_messages()[-1]
    assert "owned by 666666666666" in message["text"] + str(message["blocks"])
    assert ledger.builds() == [("web", HOME, "finished", "Unknown")] and started(cloud) == []
