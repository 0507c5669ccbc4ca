"""E-10, T-04 to T-07, S-07, S-10, E-16, E-17: one member of a good envelope is wrong."""
import json

from .case import Case
from .notary import ACCOUNT, TOPIC, changed

ID = "5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b20"
NEEDED = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature",
          "SigningCertURL")
KINDS = {"number": 5, "boolean": True, "array": ["x"], "object": {"x": "y"}}
PENGUINS = "\U0001f427" * 101

# Number, member, reason -> values.
WRONG = {
    ("T-04", "Type", "type_unexpected"): [
        "", "notification", "NOTIFICATION", "Notification ", "Notification\n", " Notification",
        "Notificatio", "Notifications", "Alarm", "SubscriptionConfirmation",
        "UnsubscribeConfirmation", "subscriptionconfirmation", "Notif\u0131cation",
        "Notification\u200b", "\uff2eotification", "Notification\x7f"],
    ("T-06", "TopicArn", "topic_not_allowed"): [
        "", TOPIC.replace(ACCOUNT, "444455556666"), TOPIC.replace("us-east-1", "mx-central-1"),
        TOPIC.replace("arn:aws:", "arn:aws-cn:"), TOPIC.replace("arn:aws:", "arn:aws-us-gov:"),
        TOPIC.replace("us-east-1", "us-gov-east-1"), TOPIC.replace("us-east-1", "cn-north-1"),
        TOPIC + "-evil", TOPIC[:-1], TOPIC.replace("ami-", "evil-ami-"),
        TOPIC.replace("ami-", "Ami-"), TOPIC.replace("arn:", "ARN:"), TOPIC + " ", " " + TOPIC,
        TOPIC + "\n", TOPIC + ":sub", TOPIC.replace("ami-updates", "*"), "*", TOPIC + ".fifo",
        TOPIC.replace("ami", "\u0430mi"), TOPIC.replace("sns", "sqs"), TOPIC + "/",
        TOPIC.replace(":", "%3a"), f"{TOPIC},{TOPIC}", TOPIC.replace(ACCOUNT, "0" + ACCOUNT),
        TOPIC.replace(ACCOUNT, "\uff11" + ACCOUNT[1:])],
    ("E-16", "MessageId", "field_format"): [
        "", ID.upper(), ID[:-1], ID + "0", ID.replace("-", ""), ID.replace("-", "_"), f"{{{ID}}}",
        ID[:-1] + "g", ID + "\n", " " + ID, ID.replace("-", "0", 1), "5b8f6c1-" + ID[8:],
        "../../etc/passwd", f"urn:uuid:{ID}", ID[:-1] + "\uff10", ID.replace("-", "\u2010"),
        f"{ID}\r\n", f"{ID}\nSubject\nx", "\U0001d7d8" * 36],
    ("T-07", "Timestamp", "field_format"): [
        "", "x", "2026-08-18", "2026-08-18T01:00:00", "2026-08-18T01:00:00.123",
        "2026-08-18T01:00:00.123z", "2026-08-18T01:00:00.123+00:00", "2026-08-18T01:00:00+02:00",
        "2026-08-18T01:00:00-00:00", "2026-08-18 01:00:00.123Z", "2026-08-18T01:00:00.Z",
        "2026-08-18T01:00:00,123Z", "2026-08-18T01:00:00.1234567Z", "2026-08-18T01:00Z",
        "2026-08-18T24:00:00.000Z", "2026-08-18T23:60:00.000Z", "2026-06-30T23:59:60.000Z",
        "2026-02-29T01:00:00.000Z", "2026-13-01T01:00:00.000Z", "2026-00-10T01:00:00.000Z",
        "2026-04-31T01:00:00.000Z", "26-08-18T01:00:00.123Z", "+2026-08-18T01:00:00.123Z",
        "-2026-08-18T01:00:00.123Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z",
        "2009-12-31T23:59:59.999Z", "3000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
        "10000-01-01T00:00:00.000Z", "2026-08-18T01:00:00.123Z\n", " 2026-08-18T01:00:00.123Z",
        "2026-08-18T01:00:00.123Z\nTopicArn", "1787014800123", "2026-W34-2T01:00:00Z",
        "2026-230T01:00:00Z", "2026-08-18T01:00:00.123Z[UTC]", "20260818T010000Z",
        "\uff12026-08-18T01:00:00.123Z", "2026-08-18T01:00:00.\u0661\u0662\u0663Z",
        "Tue, 18 Aug 2026 01:00:00 GMT", "2026-8-18T1:00:00Z", "2026-08-18T-1:00:00.000Z"],
    ("E-17", "Subject", "field_format"): [
        "", "a\nb", "a\rb", "\tx", "a\u007fb", "x" * 101, PENGUINS, "a\u001b[31m", "a\bb",
        "e\u0301" * 51],
    ("S-07", "SignatureVersion", "signature_version"): [
        "", "0", "3", "01", "1 ", " 2", "1\n", "1.0", "+1", "v1", "11", "12", "\u0662", "\u00b2",
        "true", "-1", "0x1", "1,2", "2\u200b", "\uff12", "null"],
    ("S-10", "Signature", "signature_format"): [
        "", " ", "=", "====", "A", "AA", "AAA", "AA=A", "AAA=AAAA", "AB==", "AA==\n", "AAAA AAAA",
        "AAAA\nAAAA", "-_-_", "AAA\u0410", "*", "AAAA=", "AAAA====", "=AAA", "AA==AA==",
        "data:;base64,AAAA", "AAA\uff0b", "%41AAA", "QUFB\u2028"],
}


def without(member):
    return lambda notary: changed(notary.envelope(), **{member: None})


def with_value(member, value):
    return lambda notary: notary.envelope() | {member: value}


def absent():
    for member in NEEDED:
        slug = f"E-10_{member.lower()}"
        yield Case(f"{slug}_missing", f"{member} is missing", "field_missing", without(member),
                   word=member)
        yield Case(f"{slug}_null", f"{member} is null", "field_missing", with_value(member, None),
                   word=member)


def of_other_kinds():
    for member in (*NEEDED, "Subject"):
        for kind, value in KINDS.items():
            yield Case(f"E-10_{member.lower()}_{kind}", f"{member} is of kind {kind}", "field_type",
                       with_value(member, value), word=member)


def wrong():
    for (number, member, reason), values in WRONG.items():
        for count, value in enumerate(values, 1):
            shown = json.dumps(value if len(value) < 60 else value[:20] + "\u2026")
            word = {"topic_not_allowed": "topic", "type_unexpected": ""}.get(reason, member)
            yield Case(f"{number}_{member.lower()}_{count:02}", f"{member} is {shown}", reason,
                       with_value(member, value), word=word, fetched=False)


def cases():
    yield from absent()
    yield from of_other_kinds()
    yield from wrong()
