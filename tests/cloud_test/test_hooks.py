"""Receivers of webhooks: what they keep, what they hold against it, how they answer."""

from __future__ import annotations

import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cloud.hooks import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def send(url, body=BODY, kind="application/json", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with urlopen(Request(url, body, {"Content-Type": kind, **named})) as answer:
        return answer.status, answer.read()


def signed(body=BODY, at=None, secret=SECRET):
    at = str(int(time.time() if at is None else at))
    return {"webhook_id": "msg_1", "webhook_timestamp": at,
            "webhook_signature": f"v1,bm9wZQ== {sign(secret, 'msg_1', at, body)}"}


def test_the_specifications_own_vector():
    assert sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", BODY) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")


def test_kept(cloud):
    assert send(cloud.hook("ci", secret=SECRET), **signed()) == (200, b"")
    call, = cloud.hook_calls("ci")
    assert (call["status"], call["params"]["body"]) == (200, json.loads(BODY))
    assert call["params"]["headers"]["webhook-id"] == "msg_1"
    assert call["violations"] == []


@pytest.mark.parametrize(("headers", "wrong"), [
    ({}, ["no webhook-id", "no webhook-timestamp", "no webhook-signature"]),
    (signed(body=b"{}"), ["no webhook-signature is the secret's"]),
    (signed(secret="whsec_AAAA"), ["no webhook-signature is the secret's"]),
    ({**signed(), "webhook_id": "a.b"}, ["webhook-id has a dot in it"])])
def test_judged(cloud, headers, wrong):
    send(cloud.hook("ci", secret=SECRET), **headers)
    assert cloud.violations()[:len(wrong)] == [f"hook.ci: {line}" for line in wrong]


def test_an_old_timestamp(cloud):
    send(cloud.hook("ci", secret=SECRET), **signed(at=time.time() - 600))
    assert "is not of now" in cloud.violations()[0]


def test_forms_are_no_json(cloud):
    send(cloud.hook("ci"), kind="text/plain")
    assert cloud.violations() == ["hook.ci: Content-Type is 'text/plain'"]


def test_standing_and_single_answers(cloud):
    url = cloud.hook("ci", status=503, headers={"Retry-After": "7"}, body="later")
    with pytest.raises(HTTPError) as refused:
        send(url)
    assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "7")
    assert refused.value.read() == b"later"
    cloud.hook("ci")
    cloud.faults({"service": "hook", "kind": "status", "status": 410},
                 {"service": "hook", "kind": "lost_answer"}, {"service": "hook", "kind": "reset"})
    with pytest.raises(HTTPError, match="410"):
        send(url)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            send(url)
    assert send(url)[0] == 200
    assert [call["status"] for call in cloud.hook_calls("ci")] == [503, 410, -1, -1, 200]


def test_unknown(cloud):
    with pytest.raises(HTTPError, match="404"):
        send(cloud.url + "/hooks/none")
    assert cloud.violations() == ["hook.none: no hook 'none'"]
