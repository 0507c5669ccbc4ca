"""Certificates that are really fetched: once, from nobody else, and never at others' expense."""

from __future__ import annotations

import dataclasses
import itertools
import uuid

import pytest

from tests.hostile.catalogue import certificates
from tests.hostile.catalogue.case import text_of
from tests.hostile.catalogue.notary import url_at
from tests.hostile.conftest import programs
from tests.hostile.host import Page
from tests.hostile.trial import QUEUE, Trial, image_of

PROXY = "http://203.0.113.7:3128"
AGAIN = 10000  # receives, until the redrive policy takes a message away


@pytest.fixture(params=programs())
def trial(request, cloud, host, tmp_path):
    trial = Trial(programs()[request.param], cloud, host, tmp_path)
    trial.begin(max_receives=AGAIN)
    return trial


def announce(trial, name, **given):
    """One genuine message of its own; its SNS id."""
    notary = dataclasses.replace(trial.notary, case=name)
    trial.put(text_of(notary.envelope(**given)))
    return notary.id


def path_of(url):
    return "/" + url.rsplit("/", 1)[1]


def emptied(trial):
    trial.cloud.wait_for(60, queue={"name": QUEUE, "empty": True})


def receive_until_empty(trial):
    """Shows what is in the queue again and again, until it is deleted."""
    while trial.cloud.queue_depth(QUEUE):
        trial.cloud.wait_for(60, queue={"name": QUEUE, "visible": 0})
        trial.cloud.expire(QUEUE)


def test_100_messages_make_one_fetch(trial, host):
    for number in range(100):
        announce(trial, f"flood-{number}")
    with trial.worker():
        emptied(trial)
    assert host.requests == {path_of(trial.notary.url): 1}


def test_novel_urls_do_not_hold_up_a_known_one(trial, host):
    with trial.worker() as running:
        running.wait_log("decided", message_id=announce(trial, "known"))
        for number in range(1000):
            announce(trial, f"novel-{number}", url=url_at(f"{number:032x}"))
        running.wait_log("decided", message_id=announce(trial, "known-again"))
        running.wait_log("not_judged", count=900)
    asked = sum(host.requests.values()) - host.requests[path_of(trial.notary.url)]
    assert 0 < asked <= 20  # ten a minute, and a minute may have gone by
    assert host.requests[path_of(trial.notary.url)] == 1
    assert trial.cloud.queue_depth(QUEUE) == 1000


def test_a_fetch_that_fails_at_first_is_no_verdict(trial, host):
    url = url_at("1" * 32)
    trial.serve(url, itertools.chain([Page(b"", {"status": 503})],
                                     itertools.repeat(Page(trial.pems["good"]))))
    with trial.worker() as running:
        wanted = announce(trial, "late", url=url)
        receive_until_empty(trial)
        running.wait_log("decided", message_id=wanted)
    assert {line["reason"] for line in running.log("rejected")} == {"cert_fetch"}
    assert host.requests[path_of(url)] == 2


def test_a_host_that_serves_another_certificate_later(trial, host):
    url, other = url_at("2" * 32), certificates.key("other").public_key()
    stranger = certificates.pem(trial.notary.authority.certificate(public=other))
    trial.serve(url, iter([Page(trial.pems["good"]), Page(stranger.encode())]))
    with trial.worker() as running:
        running.wait_log("decided", message_id=announce(trial, "first", url=url))
        refused = announce(trial, "second", url=url, signer="other")
        running.wait_log("rejected", message_id=refused, reason="signature_mismatch")
        running.wait_log("decided", message_id=announce(trial, "third", url=url))
    assert host.requests[path_of(url)] == 1


def test_a_certificate_is_kept_beside_the_ledger(trial, host, tmp_path):
    """A restart needs no fetch, and neither does a message whose certificate is gone from SNS."""
    with trial.worker(folder=tmp_path) as running:
        running.wait_log("decided", message_id=announce(trial, "before"))
    kept, = (tmp_path / "ledger.db-certificates").iterdir()
    assert kept.read_bytes() == trial.pems["good"] and kept.stat().st_mode & 0o777 == 0o600
    host.begin()
    with trial.worker(folder=tmp_path) as running:
        running.wait_log("decided", message_id=announce(trial, "after"))
    assert host.requests == {}


@pytest.mark.parametrize("content", [b"", b"<html>", b"x" * 100000, None])
def test_a_kept_certificate_that_was_spoiled_is_fetched_again(trial, host, tmp_path, content):
    with trial.worker(folder=tmp_path) as running:
        running.wait_log("decided", message_id=announce(trial, "before"))
    kept, = (tmp_path / "ledger.db-certificates").iterdir()
    kept.unlink()
    if content is None:
        kept.symlink_to("/dev/zero")
    else:
        kept.write_bytes(content)
    with trial.worker(folder=tmp_path) as running:
        running.wait_log("decided", message_id=announce(trial, "after"))
    assert host.requests == {path_of(trial.notary.url): 2}
    assert not kept.is_symlink() and kept.read_bytes() == trial.pems["good"]


def test_a_proxy_of_the_environment_is_not_used(trial, audit):
    with trial.worker(HTTPS_PROXY=PROXY, https_proxy=PROXY) as running:
        running.wait_log("decided", message_id=announce(trial, "direct"))
    assert not [seen for seen in audit.seen if seen[1].startswith("203.")]


def test_a_netrc_beside_it_is_not_used(trial, host, tmp_path):
    (tmp_path / ".netrc").write_text("default login somebody password something\n")
    (tmp_path / ".curlrc").write_text('header = "X-From: curlrc"\ncookie = "a=b"\n')
    with trial.worker(HOME=str(tmp_path), CURL_HOME=str(tmp_path)) as running:
        running.wait_log("decided", message_id=announce(trial, "bare"))
    head = host.heads[0].lower()
    for never in ("authorization", "cookie", "x-from", "x-amz", "accept-encoding"):
        assert never not in head


def test_sigterm_while_a_certificate_is_fetched(trial, host):
    url = url_at("3" * 32)
    trial.serve(url, Page(trial.pems["good"], {"pace": "hold"}))
    announce(trial, "held", url=url)
    with trial.worker() as running:
        host.wait_for(path_of(url))
        running.stop()
    host.released.set()
    assert trial.cloud.queue_depth(QUEUE) == 1 and trial.cloud.executions() == []


def test_the_same_message_again_is_built_once(trial):
    notary = dataclasses.replace(trial.notary, case="twice")
    trial.release("twice")
    with trial.worker() as running:
        for _ in range(3):
            trial.put(text_of(notary.envelope()))
        emptied(trial)
        trial.cloud.wait_for(60, executions={"count": 1, "finished": True})
        trial.put(text_of(notary.envelope()))
        running.wait_log("decided", outcome="duplicate", count=3)
    assert [each["variables"] for each in trial.cloud.executions()] == [
        {"BASE_AMI_ID": image_of("twice")}]


def test_a_message_id_that_was_used_before_hides_nothing(trial):
    """Another message under the id of one that was believed is judged by itself."""
    for name in ("one", "two"):
        trial.release(name)
    first = str(uuid.uuid4())
    with trial.worker() as running:
        announce(trial, "one", MessageId=first)
        announce(trial, "two", MessageId=first, signer="other")
        running.wait_log("rejected", message_id=first, reason="signature_mismatch")
        running.wait_log("decided", message_id=first, image_id=image_of("one"))
