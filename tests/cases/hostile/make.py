#!/usr/bin/env python3
"""Makes the signed cases again: tests/cases/sns_gate and tests/cases/sns_certificate.

    build/venv/bin/python tests/cases/sns_gate/make.py

Run it after changing a case here. The same keys give the same bytes. A case of the gate is what
arrived (envelope.json, or lambda.json for Records[].Sns), what it must come to (want.txt: trust,
reason, and a word that the explanation must hold), and where it differs from the rest the
certificate (certificate.pem beside this file otherwise) and the policy (policy.json: topic, now,
max_age).
"""
import base64
import json
import shutil
import unicodedata
from datetime import datetime

import certificates
from certificates import certificate, key, name_of, pem
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

GATE = certificates.HERE
ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:ami-updates"
ID, OTHER_ID = "5b8f6c1e-2a3d-5f47-9c0b-7d1e4a6f8b20", "00000000-1111-5222-8333-444444444444"
TIME = "2026-08-18T01:00:00.123Z"
MESSAGE = '{"v1":{"ReleaseVersion":"2.0.20260818.0"}}'
SUBJECT = "Amazon Linux 2 AMI update"
DIGESTS = {"1": hashes.SHA1, "2": hashes.SHA256}
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation":
        ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]


def string_to_sign(fields):
    names = [name for name in SIGNED[fields["Type"]] if fields.get(name) is not None]
    return "".join(f"{name}\n{fields[name]}\n" for name in names).encode()


def sign(fields, signer="signer", scheme=None, digest=None):
    digest = digest or DIGESTS[fields["SignatureVersion"]]
    made = key(signer).sign(string_to_sign(fields), scheme or padding.PKCS1v15(), digest())
    return base64.b64encode(made).decode()


def url_of(made, region="us-east-1", suffix="amazonaws.com"):
    return f"https://sns.{region}.{suffix}/SimpleNotificationService-{name_of(made)}.pem"


def envelope(made=None, signer="signer", **fields):
    """A signed envelope. Fields given as None are left out."""
    whole = {
        "Type": "Notification", "MessageId": ID, "TopicArn": TOPIC, "Subject": SUBJECT,
        "Message": MESSAGE, "Timestamp": TIME, "SignatureVersion": "2",
    } | fields
    whole = {name: value for name, value in whole.items() if value is not None}
    whole["Signature"] = sign(whole, signer)
    whole["SigningCertURL"] = url_of(made or certificate())
    whole["UnsubscribeURL"] = "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"
    return whole


def confirmation(kind, **fields):
    return envelope(Type=kind, Subject=None, Token="2336412f37fb687f5d51e6e241d09c805a5a57b30d71",
                    Message="You have chosen to subscribe. To confirm, visit the SubscribeURL.",
                    SubscribeURL="https://sns.us-east-1.amazonaws.com/?Action=Confirm", **fields)


def changed(whole, **fields):
    """What an attacker makes of it: the signature stays."""
    return {name: value for name, value in (whole | fields).items() if value is not None}


def lambda_form(whole):
    """How SNS hands an envelope to a Lambda function."""
    record = {"Subject": None} | whole
    record["SigningCertUrl"] = record.pop("SigningCertURL")
    record["UnsubscribeUrl"] = record.pop("UnsubscribeURL")
    return record


def text_of(whole):
    return json.dumps(whole, indent=2) + "\n"


# ---- Cases of the gate: name -> what arrived, what it must come to, and what differs -------------

def case(what, want, **differs):
    return {"what": what, "want": want, **differs}


def regional(partition, region, suffix, name):
    topic = f"arn:{partition}:sns:{region}:{ACCOUNT}:ami-updates"
    made = certificate(name)
    whole = envelope(TopicArn=topic) | {"SigningCertURL": url_of(made, region, suffix)}
    return case(whole, "verified", certificate=pem(made), policy={"topic": topic})


def good_cases():
    unicode = "z\u00fcr \u65e5\u672c \U0001f427 " + unicodedata.normalize("NFD", "\u00e9\u00fc")
    last_second = certificate(end=datetime(2026, 8, 18, 1, 0, 0))
    extra = {
        "topicarn": "arn:aws:sns:us-east-1:999999999999:evil", "MESSAGE": "evil", "type": "evil",
        "MessageAttributes": {"a": {"Type": "String", "Value": "\u001b[31m\n" * 40}},
        "SequenceNumber": "10000000000000003000",
    }
    return {
        "v1": envelope(SignatureVersion="1", Subject=None),
        "v1_subject": envelope(SignatureVersion="1"),
        "v2": envelope(Subject=None),
        "v2_subject": envelope(),
        "both_spellings_equal": envelope() | {"SigningCertUrl": url_of(certificate())},
        "crlf_in_message": envelope(Message="one\r\ntwo\r\n"),
        "empty_message": envelope(Message=""),
        "escapes": envelope(Message='"\\/\b\f\n\r\t\u007f\u2028</script>'),
        "message_that_looks_signed":
            envelope(Message=f"x\nMessageId\n{OTHER_ID}\nSubject\ny", Subject=None),
        "signed_at_last_second": case(envelope(last_second), "verified",
                                      certificate=pem(last_second)),
        "subject_null": envelope(Subject=None) | {"Subject": None},
        "subject_of_100_characters": envelope(Subject="\u00e9" * 100),
        "timestamp_with_zero_ms": envelope(Timestamp="2026-08-18T01:00:00.000Z"),
        "trailing_line_end_in_message": envelope(Message=MESSAGE + "\n"),
        "unicode": envelope(Subject=unicode, Message=unicode),
        "unsigned_members": envelope() | extra,
        "unsubscribe_url_changed": changed(envelope(), UnsubscribeURL="http://169.254.169.254/"),
        "lambda_form": case(lambda_form(envelope(Subject=None)), "verified", form="lambda"),
        "lambda_form_subject": case(lambda_form(envelope()), "verified", form="lambda"),
        "region_opt_in": regional("aws", "af-south-1", "amazonaws.com",
                                  "sns-signing.af-south-1.amazonaws.com"),
        "region_gov": regional("aws-us-gov", "us-gov-east-1", "amazonaws.com",
                               "sns-us-gov-west-1.amazonaws.com"),
        "region_cn": regional("aws-cn", "cn-north-1", "amazonaws.com.cn",
                              "sns-cn-north-1.amazonaws.com.cn"),
        "region_eusc": regional("aws-eusc", "eusc-de-east-1", "amazonaws.eu",
                                "sns-signing.eusc-de-east-1.amazonaws.eu"),
        "as_old_as_allowed": case(envelope(), "verified",
                                  policy={"now": "2026-09-02T01:00:00.123Z",
                                          "max_age": 15 * 86400}),
        "as_far_ahead_as_allowed": case(envelope(), "verified",
                                        policy={"now": "2026-08-18T00:45:00.123Z"}),
    }


def signature_cases():
    good, signature = envelope(), envelope()["Signature"]
    unsigned = changed(good, Signature=None)
    raw = base64.b64decode(signature)

    def with_bytes(data):
        return changed(good, Signature=base64.b64encode(data).decode())

    return {
        "mismatch": {
            "message_changed": changed(good, Message=MESSAGE.replace("0818", "0819")),
            "message_without_trailing_line_end":
                changed(envelope(Message=MESSAGE + "\n"), Message=MESSAGE),
            "message_lf_for_crlf": changed(envelope(Message="a\r\nb"), Message="a\nb"),
            "message_nfc_for_nfd": changed(envelope(Message="e\u0301"), Message="\u00e9"),
            "message_id_changed": changed(good, MessageId=OTHER_ID),
            "timestamp_changed": changed(good, Timestamp="2026-08-18T01:00:00.124Z"),
            "timestamp_rewritten": changed(envelope(Timestamp="2026-08-18T01:00:00.000Z"),
                                           Timestamp="2026-08-18T01:00:00Z"),
            "subject_changed": changed(good, Subject=SUBJECT.replace("a", "\u0430")),
            "subject_removed": changed(good, Subject=None),
            "subject_added": changed(envelope(Subject=None), Subject="x"),
            "other_key": envelope(signer="other"),
            "version_1_for_2": changed(good, SignatureVersion="1"),
            "version_2_for_1": changed(envelope(SignatureVersion="1"), SignatureVersion="2"),
            "padding_pss": changed(good, Signature=sign(unsigned, scheme=padding.PSS(
                padding.MGF1(hashes.SHA256()), 0))),
            "digest_sha512": changed(good, Signature=sign(unsigned, digest=hashes.SHA512)),
            "all_zero": with_bytes(bytes(256)),
            "all_ones": with_bytes(b"\xff" * 256),
            "reversed": with_bytes(raw[::-1]),
        },
        "format": {
            "1_byte": with_bytes(b"x"),
            "255_bytes": with_bytes(raw[:-1]),
            "257_bytes": with_bytes(raw + b"\0"),
            "512_bytes": with_bytes(raw + raw),
            "2048_bytes": with_bytes(raw * 8),
            "line_end": changed(good, Signature=signature + "\n"),
            "line_ends_inside": changed(good, Signature=signature[:76] + "\n" + signature[76:]),
            "unpadded": changed(good, Signature=signature.rstrip("=")),
            "url_alphabet": changed(good, Signature="-_" + signature[2:]),
            "bits_after_end": changed(good, Signature=signature[:-3] + "R=="),
        },
    }


def refused_cases():
    """Reason -> name -> case or what arrived."""
    good = envelope()
    evil = certificate(public=key("other").public_key())
    by_evil = envelope(evil, signer="other")
    other_topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:somebody-elses"
    looks_signed = envelope(Message=f"x\nMessageId\n{OTHER_ID}\nSubject\ny", Subject=None)
    resplit = changed(looks_signed, Message="x", MessageId=OTHER_ID,
                      Subject=f"y\nMessageId\n{ID}")
    folded = changed(good, MessageId=f"{ID}\nSubject\n{SUBJECT}", Subject=None)
    subscribe = confirmation("SubscriptionConfirmation")

    def with_certificate(name):
        return case(good, None, certificate=certificates.cases()[name][0])

    return {
        "field_format": {
            "subject_folded_into_message_id": case(folded, "MessageId"),
            "message_id_folded_into_subject": case(resplit, "Subject"),
            "subject_emptied": case(changed(good, Subject=""), "Subject"),
            "subject_empty_and_signed": case(envelope(Subject=""), "Subject"),
            "subject_of_101_characters": case(envelope(Subject="x" * 101), "Subject"),
            "subject_with_control_character": case(envelope(Subject="a\u001b[31m"), "Subject"),
            "spellings_differ": case(good | {"SigningCertUrl": url_of(evil)}, "SigningCertUrl"),
        },
        "field_missing": {
            "lambda_spelling_in_queue":
                case(lambda_form(good), "SigningCertURL", form="envelope"),
            "queue_spelling_in_lambda": case(good, "SigningCertUrl", form="lambda"),
            "raw_delivery": case(MESSAGE, "Type"),
        },
        "type_unexpected": {
            "subscription_confirmation": subscribe,
            "subscription_confirmation_forged":
                changed(subscribe, SubscribeURL="http://169.254.169.254/", Signature="AAAA"),
            "unsubscribe_confirmation": confirmation("UnsubscribeConfirmation"),
        },
        "topic_not_allowed": {
            "somebody_elses_topic": envelope(TopicArn=other_topic),
        },
        "cert_url": {
            "signed_by_evil_at_evil_url": case(changed(
                by_evil, SigningCertURL=by_evil["SigningCertURL"].replace(
                    "amazonaws.com", "amazonaws.com.evil.test")), None, certificate=pem(evil)),
        },
        "cert_body": {"certificate_in_xml": with_certificate("body_inside_xml")},
        "cert_key": {"certificate_of_ca": with_certificate("key_ca")},
        "cert_name": {"certificate_of_region": with_certificate("name_of_region")},
        "cert_time": {
            "certificate_expired": with_certificate("time_expired"),
            "certificate_not_yet_valid": with_certificate("time_not_yet"),
        },
        "too_old": {
            "just_too_old": case(good, "15 s", policy={"now": "2026-08-18T01:00:15.124Z",
                                                       "max_age": 15}),
        },
        "in_future": {
            "just_too_far_ahead": case(good, "future", policy={"now": "2026-08-18T00:45:00.122Z"}),
        },
    }


def json_cases():
    text = text_of(envelope())
    evil = '"TopicArn": "arn:aws:sns:us-east-1:999999999999:evil",\n  "Message"'
    return {
        "array": f"[{text}]", "bare_false": "false", "bare_null": "null", "bare_number": "1",
        "bare_string": '"Notification"', "empty": "", "spaces": "  \n",
        "byte_order_mark": b"\xef\xbb\xbf" + text.encode(),
        "comment": "// an envelope\n" + text,
        "duplicate_key": text.replace('"Message"', evil),
        "duplicate_key_escaped": text.replace('"Message"', evil.replace('"T', '"\\u0054')),
        "half_surrogate": text.replace(SUBJECT, "\\ud83d"),
        "huge_exponent": text.replace("{", '{\n  "n": 1e400,', 1),
        "huge_integer": text.replace("{", '{\n  "n": 9223372036854775808,', 1),
        "line_end_in_string": text.replace("Linux 2", "Linux\n2"),
        "nan": text.replace("{", '{\n  "n": NaN,', 1),
        "not_utf8": text.encode().replace(b"Linux 2", b"Linux \xff"),
        "nul_after_end": text + "\0",
        "nul_escaped_in_key": text.replace('"Type"', '"Type\\u0000"'),
        "nul_escaped_in_value": text.replace("Linux 2", "Linux\\u00002"),
        "nul_in_value": text.replace("Linux 2", "Linux\x002"),
        "overlong_utf8": text.encode().replace(b"Linux 2", b"Linux\xc0\xaf"),
        "single_quotes": text.replace('"', "'"),
        "text_after_end": text + "x",
        "trailing_comma": text.replace("\n}", ",\n}"),
        "truncated": text[:-3],
        "two_documents": text + text,
    }


def gate_cases():
    cases = {}
    for name, what in good_cases().items():
        cases[name if name.startswith("region_") else f"verified_{name}"] = (
            what if "want" in what else case(what, "verified"))
    for kind, group in signature_cases().items():
        for name, what in group.items():
            cases[f"signature_{kind}_{name}"] = case(what, f"untrusted signature_{kind}")
    for name, what in json_cases().items():
        cases[f"json_{name}"] = case(what, "untrusted json")
    cases["fields_none"] = case("{}", "untrusted field_missing Type")
    for reason, group in refused_cases().items():
        for name, what in group.items():
            found = what if "want" in what else case(what, None)
            word = f" {found['want']}" if found["want"] else ""
            cases[f"{reason}_{name}"] = found | {"want": f"untrusted {reason}{word}"}
    return cases


# ---- Writing -------------------------------------------------------------------------------------

def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def forget(folder):
    for old in folder.iterdir():
        if old.is_dir():
            shutil.rmtree(old)


def write_gate():
    forget(GATE)
    write(GATE / "certificate.pem", pem(certificate()))
    for name, found in gate_cases().items():
        what, want = found["what"], found["want"]
        want += " matched" if want == "verified" else ""
        text = text_of(what) if isinstance(what, dict) else what
        write(GATE / name / f"{found.get('form', 'envelope')}.json", text)
        write(GATE / name / "want.txt", want + "\n")
        if "certificate" in found:
            write(GATE / name / "certificate.pem", found["certificate"])
        if "policy" in found:
            write(GATE / name / "policy.json", text_of(found["policy"]))


def write_certificates():
    folder = GATE.parent / "sns_certificate"
    folder.mkdir(exist_ok=True)
    forget(folder)
    for name, (text, want) in certificates.cases().items():
        write(folder / name / "certificate.pem", text)
        write(folder / name / "want.txt", want + "\n")


if __name__ == "__main__":
    write_gate()
    write_certificates()
