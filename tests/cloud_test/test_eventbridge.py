"""PutEvents: what is kept, what fails alone, what fails whole."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def events(aws):
    return aws("events")


def entry(**given):
    return {"Source": "evergold", "DetailType": "Build finished", "Detail": '{"a": 1}', **given}


def codes(answer):
    return [each.get("ErrorCode") for each in answer["Entries"]]


def test_kept(cloud, events):
    arn = cloud.bus("builds")
    answer = events.put_events(Entries=[
        entry(Resources=["arn:aws:ec2:eu-west-1::image/ami-1"]), entry(EventBusName="builds"),
        entry(EventBusName=arn)])
    assert answer["FailedEntryCount"] == 0
    put = cloud.put_events()
    assert [each["bus"].split("/")[1] for each in put] == ["default", "builds", "builds"]
    assert [each["id"] for each in put] == [each["EventId"] for each in answer["Entries"]]
    assert (put[0]["source"], put[0]["type"], put[0]["detail"]) == (
        "evergold", "Build finished", {"a": 1})
    assert put[0]["resources"] == ["arn:aws:ec2:eu-west-1::image/ami-1"]
    assert cloud.violations() == []


@pytest.mark.parametrize(("given", "code"), [
    ({"EventBusName": "none"}, "InvalidArgument"), ({"Detail": "[]"}, "MalformedDetail"),
    ({"Detail": "{"}, "MalformedDetail"), ({"Source": ""}, "InvalidArgument"),
    ({"DetailType": "x" * 129}, "InvalidArgument"),
    ({"Source": "aws.ec2"}, "NotAuthorizedForSourceException")])
def test_one_entry_is_refused(cloud, events, given, code):
    answer = events.put_events(Entries=[entry(), entry(**given)])
    assert (answer["FailedEntryCount"], codes(answer)) == (1, [None, code])
    assert len(cloud.put_events()) == 1


def test_entries_fail_on_request(cloud, events):
    cloud.bus(failing={"count": 1, "code": "ThrottlingException", "entries": [1]})
    answers = [events.put_events(Entries=[entry(), entry()]) for _ in range(2)]
    assert [codes(answer) for answer in answers] == [[None, "ThrottlingException"], [None, None]]
    assert [answer["FailedEntryCount"] for answer in answers] == [1, 0]
    assert len(cloud.put_events()) == 3


def test_too_much_at_once(events):
    detail = json.dumps({"a": "x" * 30_000})
    with pytest.raises(events.exceptions.ClientError, match="over the limit"):
        events.put_events(Entries=[entry(Detail=detail)] * 9)
    with pytest.raises(events.exceptions.ClientError, match="less than or equal to 10"):
        events.put_events(Entries=[entry()] * 11)


def test_accounts_and_regions_are_apart(cloud, aws):
    key = cloud.issue_key(account="444455556666")
    other = aws("events", "us-east-1", key=key["AccessKeyId"], secret=key["SecretAccessKey"],
                token=key["SessionToken"])
    cloud.bus("builds")
    answer = other.put_events(Entries=[entry(EventBusName="builds"), entry()])
    assert codes(answer) == ["InvalidArgument", None]
    put, = cloud.put_events()
    assert put["bus"] == "arn:aws:events:us-east-1:444455556666:event-bus/default"
