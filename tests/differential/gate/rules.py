"""The second gate, in the order in which each message is asked: cheap first.

size, JSON, fields: strings, all there, Type, topic, forms, signature's version and form,
certificate's URL | certificate: file, key, name, dates | signature's length, signature, age

Everything before the bar happens without a connection. Sources: Amazon SNS developer guide,
"Verifying the signatures of Amazon SNS messages"; where that is silent, docs/hostile.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timezone

from . import signers, strict_json
from .question import Question, Verdict
from .signing_certificate import BadBody, BadKey, SigningCertificate, Undecided

UNDECIDED = "undecided"  # by these rules
BODY_MAX, SUBJECT_MAX, SIGNATURE_MAX, AHEAD_MS = 1024 * 1024, 100, 1024, 15 * 60 * 1000
NEEDED = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature")
URL_KEYS = ("SigningCertURL", "SigningCertUrl")  # in a queue, in an event of Lambda
SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z")
CONTROL = re.compile("[\0-\x1f\x7f]")


class _Rejected(Exception):
    """Its argument is the reason."""


def judge(question: Question) -> Verdict:
    try:
        fields = _read(question)
        _check_forms(fields)
        _check_signature_and_url(fields, question)
    except _Rejected as rejected:
        return Verdict(str(rejected), fetched=False)
    try:
        _check_certificate_and_signature(fields, question.certificate)
        _check_age(fields, question)
    except _Rejected as rejected:
        return Verdict(str(rejected), fetched=True)
    return Verdict("matched", fetched=True)


def _require(held: object, reason: str) -> None:
    if not held:
        raise _Rejected(reason)


def _read(question: Question) -> Mapping[str, str]:
    """The fields, with the certificate's URL under "url" and in its other spelling "other"."""
    _require(len(question.body) <= BODY_MAX, "too_big")
    try:
        whole = strict_json.parse(question.body)
    except strict_json.Refused:
        raise _Rejected("json") from None
    _require(isinstance(whole, dict), "json")
    url, other = reversed(URL_KEYS) if question.is_lambda else URL_KEYS
    whole = {key: value for key, value in whole.items() if value is not None}
    read = (*NEEDED, url, other, "Subject")
    _require(all(isinstance(whole.get(key, ""), str) for key in read), "field_type")
    _require(all(key in whole for key in (*NEEDED, url)), "field_missing")
    _require(whole["Type"] == "Notification", "type_unexpected")
    _require(whole["TopicArn"] in dict(question.topics), "topic_not_allowed")
    return {key: whole[key] for key in read if key in whole} | {
        "url": whole[url], "other": whole.get(other, whole[url])}


def _timestamp_ms(text: str) -> int | None:
    if not TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    if not 2010 <= moment.year < 3000:
        return None
    return int(moment.timestamp()) * 1000 + int(text[20:-1].ljust(3, "0"))


def _check_forms(fields: Mapping[str, str]) -> None:
    subject = fields.get("Subject", "x")
    _require(UUID.fullmatch(fields["MessageId"]) and _timestamp_ms(fields["Timestamp"]) is not None
             and signers.parts(fields["TopicArn"]) and not CONTROL.search(subject)
             and 0 < len(subject) <= SUBJECT_MAX and fields["url"] == fields["other"],
             "field_format")


def _signature(text: str) -> bytes:
    """As the one text that stands for these bytes; else empty."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def _check_signature_and_url(fields: Mapping[str, str], question: Question) -> None:
    version = fields["SignatureVersion"]
    wanted = {arn: wanted for arn, wanted in reversed(question.topics)}[fields["TopicArn"]]
    _require(version in ("1", "2") and wanted in (version, "any"), "signature_version")
    _require(0 < len(_signature(fields["Signature"])) <= SIGNATURE_MAX, "signature_format")
    found = signers.signer(*signers.parts(fields["TopicArn"]))
    begin = f"https://{found[0]}/SimpleNotificationService-" if found else None
    rest = fields["url"].removeprefix(begin) if begin else ""
    _require(begin and fields["url"] == begin + rest and
             re.fullmatch(r"[0-9a-f]{32}\.pem", rest), "cert_url")


def _check_certificate_and_signature(fields: Mapping[str, str], pem: bytes) -> None:
    try:
        certificate = SigningCertificate(pem)
    except Undecided:
        raise _Rejected(UNDECIDED) from None
    except BadBody:
        raise _Rejected("cert_body") from None
    except BadKey:
        raise _Rejected("cert_key") from None
    _, name = signers.signer(*signers.parts(fields["TopicArn"]))
    _require(certificate.is_named(name), "cert_name")
    _require(certificate.is_valid_at(_timestamp_ms(fields["Timestamp"]) // 1000), "cert_time")
    signature = _signature(fields["Signature"])
    _require(len(signature) == certificate.size, "signature_format")
    text = "".join(f"{key}\n{fields[key]}\n" for key in SIGNED if key in fields)
    _require(certificate.has_signed(text.encode(), signature, fields["SignatureVersion"]),
             "signature_mismatch")


def _check_age(fields: Mapping[str, str], question: Question) -> None:
    age_ms = question.now_ms - _timestamp_ms(fields["Timestamp"])
    _require(age_ms <= question.max_age_s * 1000, "too_old")
    _require(age_ms >= -AHEAD_MS, "in_future")
