"""A queue half full of poison: what is good is done at once, what is not ends as a dead letter."""

from __future__ import annotations

from collections import Counter

from tests.e2e.settings import AL2, HOME, KNOWN_CHANNEL, family, make_pipelines

EACH, MAX_RECEIVES, RECEIVERS, BATCH = 100, 3, 3, 10
QUEUE, DEAD = "poisoned", "poisoned-dead"
WEB, LEGACY = family("web"), family("legacy", publisher="amazon-linux-2", images=AL2)
GOOD = ({"topic": "amazon-linux-2023", "release": "2023.9.20251027.0"},
        {"topic": "amazon-linux-2", "release": "2.0.20251014.0"})
POISON = ({"forge": "signature"}, {"forge": "message"}, {"patch": {"SignatureVersion": "3"}},
          {"patch": {"Message": 7}}, {"body": "no JSON"}, {"body": '{"Type": "Notification"'},
          {"body": "{\"Type\": \"\\u0000\"}"})


def fill(cloud):
    """Poison and good ones by turns; the bodies of the poison."""
    cloud.queue(QUEUE, max_receives=MAX_RECEIVES)
    ids = []
    for i in range(EACH):
        given = POISON[i % len(POISON)]
        if "body" in given:
            sent = cloud.put_body(given["body"], queue=QUEUE)
        else:
            sent = cloud.announce(**GOOD[i % 2], **given, queue=QUEUE)
        ids += sent["sqs_message_ids"]
        cloud.announce(**GOOD[i % 2], queue=QUEUE)
    bodies = {each["message_id"]: each["body"]
              for each in cloud.queue_state(QUEUE, bodies=True)["messages"]}
    return {message_id: bodies[message_id] for message_id in ids}


def receives(cloud):
    return len(cloud.calls("sqs", "ReceiveMessage"))


def test_poison_holds_nothing_up_and_is_kept(cloud, worker):
    make_pipelines(cloud, WEB, LEGACY, events=False)
    poison = fill(cloud)
    running = worker(WEB, LEGACY, slack=KNOWN_CHANNEL, queue={
        "url": cloud.queue_state(QUEUE)["url"], "receivers": RECEIVERS})
    cloud.wait_for(queue={"name": QUEUE, "visible": 0, "in_flight": EACH})
    assert receives(cloud) <= 2 * EACH // BATCH + 2 * RECEIVERS
    assert len({line["message_id"] for line in running.log("decided")}) == EACH
    for name in ("golden-web", "golden-legacy"):
        running.wait_log("build_started", pipeline=name, region=HOME)
    for received in range(1, MAX_RECEIVES + 1):
        running.wait_log("rejected", count=EACH, receive_count=received)
        cloud.expire(QUEUE)
    cloud.wait_for(queue={"name": DEAD, "visible": EACH})
    check_the_end(cloud, running, poison)


def test_a_queue_that_keeps_poison_is_warned_of_once(cloud, worker):
    make_pipelines(cloud, WEB, events=False)
    cloud.queue("plain", max_receives=0)
    running = worker(WEB, queue={"url": cloud.queue_state("plain")["url"], "receivers": 2})
    warning = running.wait_log("redrive")
    assert warning["level"] == "warning" and "no redrive policy" in warning["detail"]
    cloud.announce(**GOOD[0], queue="plain")
    running.wait_log("build_started", region=HOME)
    running.stop()
    assert len(running.log("redrive")) == len(cloud.calls("sqs", "GetQueueAttributes")) == 1


def check_the_end(cloud, running, poison):
    dead = {each["message_id"]: each["body"]
            for each in cloud.queue_state(DEAD, bodies=True)["messages"]}
    assert dead == poison and cloud.queue_depth(QUEUE) == 0
    told = Counter(line["sqs_message_id"] for line in running.log("rejected"))
    assert told == Counter(dict.fromkeys(poison, MAX_RECEIVES))
    deleted = [entry for call in cloud.calls("sqs", "DeleteMessageBatch")
               for entry in call["params"]["Entries"]]
    assert len(deleted) == EACH and len(cloud.executions()) == 2
