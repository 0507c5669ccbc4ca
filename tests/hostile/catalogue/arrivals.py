"""G: what is believed. T: types, topics, times. P: what a verified message may hold."""
import json
import unicodedata

from .case import Case, text_of
from .notary import ACCOUNT, lambda_form, url_at

UNICODE = "z\u00fcr \u65e5\u672c \U0001f427 " + unicodedata.normalize("NFD", "\u00e9\u00fc")
EXTRA = {
    "topicarn": "arn:aws:sns:us-east-1:999999999999:evil", "MESSAGE": "evil", "type": "evil",
    "MessageAttributes": {"a": {"Type": "String", "Value": "\u001b[31m\n" * 40}},
    "SequenceNumber": "10000000000000003000",
}
DEEP = "[" * 31 + "]" * 31

BELIEVED = {
    "G-01_version_1": ("signature version 1", lambda n: n.envelope(
        SignatureVersion="1", Subject=None)),
    "G-01_version_1_subject": ("signature version 1, with Subject", lambda n: n.envelope(
        SignatureVersion="1")),
    "G-01_version_2": ("signature version 2", lambda n: n.envelope(Subject=None)),
    "G-01_version_2_subject": ("signature version 2, with Subject", lambda n: n.envelope()),
    "G-02_both_spellings_equal": ("both spellings of the certificate's URL", lambda n:
                                  n.envelope() | {"SigningCertUrl": n.url}),
    "G-03_subject_null": ("null for a Subject that there is not", lambda n:
                          n.envelope(Subject=None) | {"Subject": None}),
    "G-03_subject_of_100_characters": ("the longest Subject", lambda n:
                                       n.envelope(Subject="\u00e9" * 100)),
    "G-03_subject_in_many_letters": ("a Subject of all sorts", lambda n:
                                     n.envelope(Subject=UNICODE)),
    "G-04_zero_milliseconds": ("a Timestamp that ends in .000Z", lambda n:
                               n.envelope(Timestamp=n.before(milliseconds=123))),
    "E-03_keys_of_other_case": ("unsigned keys that look like signed ones", lambda n:
                                n.envelope() | EXTRA),
    "E-13_attributes_of_20_kb": ("huge attributes, which nobody signs", lambda n: n.envelope() | {
        "MessageAttributes": {"a": {"Type": "String", "Value": "x" * 20000}}}),
    "E-13_unsubscribe_url_changed": ("an UnsubscribeURL that leads elsewhere", lambda n:
                                     n.envelope() | {"UnsubscribeURL": "http://169.254.169.254/"}),
    "E-13_subscribe_url_added": ("a SubscribeURL that nobody asked for", lambda n:
                                 n.envelope() | {"SubscribeURL": "http://169.254.169.254/",
                                                 "Token": "x"}),
    "E-13_token_of_other_kind": ("a Token that is a number, which only confirmations sign",
                                 lambda n: n.envelope() | {"Token": -1}),
    "E-13_subscribe_url_of_other_kind": ("a SubscribeURL that is an object", lambda n:
                                         n.envelope() | {"SubscribeURL": {"a": [None]}}),
    "E-07_depth_32": ("the deepest array that is read", lambda n: text_of(n.envelope()).replace(
        "{", '{\n  "deep": ' + DEEP + ",", 1)),
    "E-09_members_256": ("as many members as an object may have", lambda n: n.envelope() | {
        "many": {str(number): 0 for number in range(256)}}),
    "E-11_number_of_64_characters": ("a number of 64 characters", lambda n: text_of(
        n.envelope()).replace("{", '{\n  "n": 0.' + "1" * 62 + ",", 1)),
    "E-12_as_big_as_allowed": ("a mebibyte", lambda n: text_of(n.envelope()).ljust(1024 * 1024)),
    "E-05_in_one_line": ("an envelope without line ends", lambda n: json.dumps(n.envelope())),
    "E-05_all_escaped": ("every letter of Type as an escape", lambda n: text_of(
        n.envelope()).replace('"Notification"', '"' + "".join(
            f"\\u{ord(letter):04x}" for letter in "Notification") + '"')),
    "S-13_crlf_in_message": ("CRLF between the tokens of Message", lambda n:
                             n.envelope(Message=n.message.replace(" ", "\r\n"))),
    "S-13_line_end_after_message": ("a line end after Message", lambda n:
                                    n.envelope(Message=n.message + "\n")),
    "S-13_escapes": ("whatever can be escaped", lambda n: n.envelope(Message=n.message.replace(
        '"ReleaseNotes": ""', '"ReleaseNotes": ' + json.dumps('"\\/\b\f\n\r\t\u2028</script>')))),
}

UNREADABLE = {
    "P-01_empty": ("an empty Message", ""),
    "P-01_text": ("prose", "New images are there.\nMessageId\nx\nSubject\nx"),
    "P-01_array": ("an array", "[]"),
    "P-01_number": ("a number", "1"),
    "P-01_other_shape": ("another shape", '{"v2":{"Version":"1"}}'),
    "P-01_regions_array": ("regions as an array", '{"v1":{"ReleaseVersion":"1","Regions":[]}}'),
    "P-01_key_twice": ("a key twice", '{"v1":{"Regions":{}},"v1":{"Regions":{}}}'),
    "P-01_deep": ("100 levels", "[" * 100 + "]" * 100),
    "P-01_truncated": ("cut short", '{"v1":{"ReleaseVersion":"1"'),
    "P-01_nul": ("an escaped NUL", '{"v1":{"ReleaseVersion":"1\\u0000","Regions":{}}}'),
    "P-01_half_surrogate": ("half a surrogate", '{"v1":{"ReleaseVersion":"\\ud83d"}}'),
    "P-01_huge_number": ("1e400", '{"v1":{"ReleaseVersion":1e400,"Regions":{}}}'),
    "P-01_another_envelope": ("an envelope inside the envelope", None),
}


def image(name="corp-linux-x", image_id="ami-0123456789abcdef0", region="us-east-1", **more):
    return json.dumps({"v1": {"ReleaseVersion": "2026.8.18", "ImageVersion": "2026.8.18", **more,
                              "Regions": {region: [{"Name": name, "ImageId": image_id}]}}})


def regional(name, partition, region, suffix="amazonaws.com", certificate="good"):
    topic = f"arn:{partition}:sns:{region}:{ACCOUNT}:ami-updates"
    title = f"a topic in {region}"
    own = name.encode().hex()[-32:].rjust(32, "0")
    return Case(name, title, "matched", lambda n: n.envelope(
        url=url_at(own, region, suffix), TopicArn=topic), certificate=certificate, own_url=True)


def regions():
    yield regional("G-05_opt_in", "aws", "af-south-1", certificate="name_of_opt_in_region_af")
    yield regional("G-05_government", "aws-us-gov", "us-gov-east-1",
                   certificate="name_of_government")
    yield regional("G-05_china", "aws-cn", "cn-north-1", "amazonaws.com.cn", "name_of_china")
    yield regional("G-05_sovereign", "aws-eusc", "eusc-de-east-1", "amazonaws.eu",
                   "name_of_sovereign_region")
    yield regional("G-05_default", "aws", "ap-northeast-3")
    yield Case("C-20_default_name_in_opt_in_region", "an opt-in region's topic, the default name",
               "cert_name", lambda n: n.envelope(
                   url=url_at("c20" + "0" * 29, "af-south-1"),
                   TopicArn=f"arn:aws:sns:af-south-1:{ACCOUNT}:ami-updates"), own_url=True)
    yield Case("U-32_china_at_other_host", "a topic in China, a host elsewhere", "cert_url",
               lambda n: n.envelope(TopicArn=f"arn:aws-cn:sns:cn-north-1:{ACCOUNT}:ami-updates"),
               word="cn-north-1")


def types():
    for kind, number in (("SubscriptionConfirmation", "T-01"), ("UnsubscribeConfirmation", "T-03")):
        yield Case(f"{number}_genuine", f"a genuine {kind}", "type_unexpected",
                   lambda n, kind=kind: n.confirmation(kind), word=kind)
        yield Case(f"{number}_version_1", f"a genuine {kind}, version 1", "type_unexpected",
                   lambda n, kind=kind: n.confirmation(kind, SignatureVersion="1"), word=kind)
    yield Case("T-02_metadata", "a forged confirmation that leads to metadata", "type_unexpected",
               lambda n: n.confirmation("SubscriptionConfirmation") | {
                   "SubscribeURL": "http://169.254.169.254/", "Signature": "AAAA"})
    yield Case("T-02_file", "a forged confirmation that leads to a file", "type_unexpected",
               lambda n: n.confirmation("SubscriptionConfirmation") | {
                   "SubscribeURL": "file:///etc/passwd"})
    yield Case("T-02_incomplete", "a confirmation without Token", "type_unexpected",
               lambda n: {name: value for name, value in n.confirmation(
                   "SubscriptionConfirmation").items() if name != "Token"})
    yield Case("T-05_topic_of_a_stranger", "genuine, on somebody else's topic", "topic_not_allowed",
               lambda n: n.envelope(
                   TopicArn="arn:aws:sns:us-east-1:999999999999:ami-updates"), word="topic")
    yield Case("T-05_topic_of_a_neighbour", "genuine, on another topic of the same account",
               "topic_not_allowed", lambda n: n.envelope(
                   TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:somebody-elses"), word="topic")


def times():
    yield Case("T-08_16_days_old", "older than max_age", "too_old",
               lambda n: n.envelope(Timestamp=n.before(days=16)), word="1296000 s")
    yield Case("T-08_200_days_old", "much older", "too_old",
               lambda n: n.envelope(Timestamp=n.before(days=200)))
    yield Case("T-09_tomorrow", "of tomorrow", "in_future",
               lambda n: n.envelope(Timestamp=n.before(days=-1)), word="future")
    yield Case("T-09_half_a_year_ahead", "of next year", "in_future",
               lambda n: n.envelope(Timestamp=n.before(days=-100)), word="future")
    yield Case("T-08_14_days_old", "as old as a queue lets it become", "matched",
               lambda n: n.envelope(Timestamp=n.before(days=14)))
    day = 86400
    yield Case("T-08_as_old_as_allowed", "as old as allowed, to the millisecond", "matched",
               lambda n: n.envelope(), after_s=15 * day)
    yield Case("T-08_just_too_old", "a millisecond older", "too_old",
               lambda n: n.envelope(), after_s=15 * day + 0.001)
    yield Case("T-09_as_far_ahead_as_allowed", "as far ahead as allowed", "matched",
               lambda n: n.envelope(), after_s=-900)
    yield Case("T-09_just_too_far_ahead", "a millisecond further", "in_future",
               lambda n: n.envelope(), after_s=-900.001)


def payloads():
    for name, (title, message) in UNREADABLE.items():
        yield Case(name, f"verified, and holds {title}", "payload",
                   lambda n, message=message: n.envelope(
                       Message=text_of(n.envelope()) if message is None else message))
    yield Case("P-02_other_name", "an image that no family wants", "name_mismatch",
               lambda n: n.envelope(Message=image("other-linux")))
    yield Case("P-02_other_region", "no image in the family's region", "no_image_in_region",
               lambda n: n.envelope(Message=image(region="eu-north-1")))
    yield Case("P-05_image_id_of_path", "an image id that is a path", "payload",
               lambda n: n.envelope(Message=image(image_id="../../../etc/passwd")))
    yield Case("P-05_image_id_with_line_end", "an image id with a line end", "payload",
               lambda n: n.envelope(Message=image(image_id="ami-0123456789abcdef0\n")))
    yield Case("P-05_name_with_escape", "an image name with an escape", "payload",
               lambda n: n.envelope(Message=image(name="corp-linux-\u001b[2J")))
    yield Case("P-05_name_with_direction_mark", "an image name that is shown backwards", "payload",
               lambda n: n.envelope(Message=image(name="corp-linux-\u202e")))


def cases():
    for name, (title, make) in BELIEVED.items():
        yield Case(name, title, "matched", make)
    yield Case("G-02_lambda_form", "as a function gets it", "matched",
               lambda n: lambda_form(n.envelope()), form="lambda")
    yield Case("G-02_lambda_form_no_subject", "the same, without Subject", "matched",
               lambda n: lambda_form(n.envelope(Subject=None)), form="lambda")
    yield from regions()
    yield from types()
    yield from times()
    yield from payloads()
