"""The worker's queue on ElasticMQ; pipelines, parameters and Slack stay with the local cloud."""

from __future__ import annotations

import signal
import sqlite3

import boto3
import pytest

from tests.e2e.settings import SLOW, image, make_pipelines
from tests.interop.queues import Queue

VERSION = "2023.9.20251027.0"
MONTHS = range(1, 11)


@pytest.fixture
def sqs(elasticmq):
    return boto3.client("sqs", endpoint_url=elasticmq.url, region_name="eu-west-1",
                        aws_access_key_id="anybody", aws_secret_access_key="anything")


@pytest.fixture
def queue(sqs):
    return Queue(sqs)


@pytest.fixture
def worker(cloud, elasticmq, guest):
    make_pipelines(cloud, plan=SLOW)
    return lambda queue, **given: guest(queue, env={"AWS_ENDPOINT_URL_SQS": elasticmq.url}, **given)


def announcement(cloud, release=VERSION, **given):
    """What SNS would put into the queue."""
    return cloud.announce(release=release, **given)["envelope"]


def the_only_start(cloud):
    cloud.wait_for(executions={"count": 1})
    return cloud.executions()[0]["variables"]["BASE_AMI_ID"]


def test_an_announcement_starts_one_build_and_leaves_the_queue(cloud, worker, queue):
    worker(queue)
    queue.send(announcement(cloud))
    assert the_only_start(cloud) == image(VERSION)
    queue.wait()


def test_ten_at_once_are_all_decided_and_deleted(cloud, worker, queue, ledger):
    releases = [f"2023.9.2025{month:02}01.0" for month in MONTHS]
    queue.send(*(announcement(cloud, release) for release in releases))
    worker(queue)
    queue.wait()
    assert len(ledger.rows("SELECT * FROM announcements")) == len(MONTHS)
    assert (image(releases[-1]),) in ledger.rows("SELECT image_id FROM builds")


def test_the_same_twice_is_a_duplicate(cloud, worker, queue):
    body = announcement(cloud)
    queue.send(body)
    running = worker(queue)
    assert the_only_start(cloud) == image(VERSION)
    queue.send(body)
    running.wait_log("decided", outcome="duplicate")
    queue.wait()
    assert len(cloud.executions()) == 1


def test_a_forged_one_is_kept_and_becomes_a_dead_letter(cloud, worker, sqs):
    """Its 30 s of invisibility are longer than a poll, so one ends empty meanwhile."""
    queue = Queue(sqs, max_receives=2)
    forged = announcement(cloud, forge="signature")
    queue.send(forged)
    queue.glance()
    running = worker(queue, visibility_timeout="30s")
    running.wait_log("rejected", reason="signature_mismatch", receive_count=2)
    queue.wait(in_flight=1)
    assert queue.dead_letter() == forged
    queue.wait()
    assert sorted(line["event"] for line in running.log()
                  if line["level"] not in ("debug", "info")) == ["redrive", "rejected"]
    assert "maxReceiveCount" in running.wait_log("redrive")["detail"]
    assert cloud.executions() == []


def test_sigterm_hands_back_what_is_not_recorded(cloud, worker, queue, ledger):
    """A ledger that somebody else locks: the message is in hand, and nothing says so yet."""
    running = worker(queue)
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    queue.send(announcement(cloud))
    running.wait_log("record_failed")
    queue.wait(in_flight=1)
    running.signal(signal.SIGTERM)
    assert running.wait() == 0
    queue.wait(visible=1)
    other.close()
    worker(queue)
    assert the_only_start(cloud) == image(VERSION)
    queue.wait()


def test_a_server_that_goes_and_comes_back_is_found_again(cloud, elasticmq, worker, queue):
    """It forgets its queues meanwhile, so that they are not there at first."""
    running = worker(queue)
    elasticmq.stop()
    running.wait_log("receive_failed")
    elasticmq.start()
    queue.make()
    queue.send(announcement(cloud))
    assert the_only_start(cloud) == image(VERSION)
    queue.wait()
