"""Writes the cases of this folder: saved notifications, and the records that they should give.

    build/venv/bin/python -m tests.cases.replay.make

A case is a folder: `input` (a file or a folder), what the command line says besides in `arguments`,
and `want.jsonl`. What is wanted is worked out here, from the contract and not by the program. The
key is a new one each time and is thrown away: nothing that is wanted depends on it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.cloud import certificate, envelope, releases

HERE = Path(__file__).parent
AL2 = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2-ami-updates"
AL2023 = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
WINDOWS = "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-update"
PUBLISHERS = {AL2: "amazon-linux-2", AL2023: "amazon-linux-2023", WINDOWS: "windows"}
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
BUILT = "this image has its build already"
# family: topic, pipeline, its region (None: the image's), image regions, image name
FAMILIES = {
    "web": (AL2023, "golden-web", "eu-west-1", ("eu-west-1", "us-east-1"),
            "al2023-ami-{v}-kernel-6.1-x86_64"),
    "arm": (AL2023, "golden-arm", None, ("ap-south-1",), "al2023-ami-{v}-kernel-6.12-arm64"),
    "old": (AL2, "golden-old", None, ("eu-west-1",),
            "amzn2-ami-kernel-5.10-hvm-{v}-x86_64-gp2"),
}


class FixedSigner(certificate.Signer):
    """A signer whose certificate is valid for the times of the cases."""

    @property
    def _certificate(self) -> x509.Certificate:
        if not hasattr(self, "_made"):
            self._made = leaf(self._key)
        return self._made


def leaf(key: Any) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    names = x509.SubjectAlternativeName([x509.DNSName("sns.amazonaws.com")])
    return (x509.CertificateBuilder().subject_name(name)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cases CA")]))
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(datetime.datetime(2025, 1, 1))
            .not_valid_after(datetime.datetime(2035, 1, 1))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))


SIGNER = FixedSigner()


def notice(topic: str, release: str, number: int, **given: Any) -> dict[str, Any]:
    """A genuine envelope; the number makes its MessageId."""
    message, subject = releases.announcement(topic, release, REGIONS)
    fields = {"message": message, "subject": subject, "version": "1", **given}
    return envelope.seal(envelope.Notice(
        topic, message_id=message_id(number), timestamp=f"2025-10-2{number % 10}T12:00:00.000Z",
        **fields), SIGNER)


def message_id(number: int) -> str:
    return f"00000000-0000-5000-8000-{number:012d}"


def record(source: str, number: int, topic: str, **given: Any) -> dict[str, Any]:
    """A decision record with its keys in their order."""
    keys = ("source", "message_id", "topic", "trust", "publisher", "release", "family", "region",
            "outcome", "reason", "image_id", "image_name", "pipeline", "pipeline_region", "token",
            "detail")
    known = {"source": source, "message_id": message_id(number), "topic": topic,
             "trust": "verified", "publisher": PUBLISHERS.get(topic), **given}
    return {key: known.get(key) for key in keys}


def decided(source: str, number: int, topic: str, release: str, outcome: str = "start",
            reason: str = "matched", **given: Any) -> list[dict[str, Any]]:
    """What a release means to every family of its publisher, region by region."""
    return [one_region(record(source, number, topic, release=release, outcome=outcome,
                              reason=reason, **given), family, region)
            for family, line in FAMILIES.items() if line[0] == topic for region in line[3]]


def one_region(made: dict[str, Any], family: str, region: str) -> dict[str, Any]:
    _, pipeline, pipeline_region, _, form = FAMILIES[family]
    name = form.format(v=made["release"])
    image = releases.image_id(made["release"], region, name)
    made.update(family=family, region=region, image_id=image, image_name=name, pipeline=pipeline,
                pipeline_region=pipeline_region or region)
    if made["outcome"] == "start":
        parts = ("evergold/1", family, made["pipeline_region"], pipeline, region, image, "0")
        made["token"] = hashlib.sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
    return made


def rejected(source: str, number: int, topic: str | None, reason: str,
             **given: Any) -> list[dict[str, Any]]:
    return [record(source, number, topic, trust="untrusted", outcome="rejected", reason=reason,
                   **given)]


def lambda_event(*notices: dict[str, Any]) -> str:
    """As Lambda gets them: Sns members, and two URLs spelled another way."""
    spelled = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
    return json.dumps({"Records": [
        {"EventSource": "aws:sns", "EventVersion": "1.0",
         "EventSubscriptionArn": f"{each['TopicArn']}:0",
         "Sns": {**{spelled.get(key, key): value for key, value in each.items()},
                 "MessageAttributes": {}}} for each in notices]}, indent=2)


def received(*bodies: str) -> str:
    """As `aws sqs receive-message` prints it."""
    return json.dumps({"Messages": [
        {"MessageId": message_id(90 + number), "ReceiptHandle": f"AQEB{number}", "Body": body,
         "MD5OfBody": hashlib.md5(body.encode()).hexdigest(),
         "Attributes": {"ApproximateReceiveCount": "1"}}
        for number, body in enumerate(bodies)]}, indent=4)


def event() -> str:
    return json.dumps({"version": "0", "source": "aws.codepipeline", "region": "eu-west-1",
                       "detail-type": "CodePipeline Pipeline Execution State Change",
                       "detail": {"pipeline": "golden-web", "state": "SUCCEEDED",
                                  "execution-id": message_id(99), "version": 1.0}})


def lines(*notices: dict[str, Any]) -> str:
    return "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in notices)


def write(case: str, inputs: str | dict[str, str], want: list[dict[str, Any]],
          arguments: str = "") -> None:
    folder = HERE / case
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in ({"input": inputs} if isinstance(inputs, str) else inputs).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if arguments:
        (folder / "arguments").write_text(arguments + "\n")
    (folder / "want.jsonl").write_text(lines(*want))


def known_before(source: str, number: int, reason: str, detail: str) -> list[dict[str, Any]]:
    """A later message about what the first one has started."""
    release = {"already_started": "2023.9.20251027.0", "older_release": "2023.9.20251020.0"}
    outcome = {"already_started": "duplicate", "older_release": "older"}
    return decided(source, number, AL2023, release[reason], outcome[reason], reason, detail=detail)


def main() -> None:
    new, old, al2 = "2023.9.20251027.0", "2023.9.20251020.0", "2.0.20251014.0"
    genuine = notice(AL2023, new, 1)
    first = decided("input", 1, AL2023, new)
    write("envelope", envelope.write(genuine), first)
    write("envelope_of_signature_version_2",
          envelope.write(notice(AL2, al2, 2, version="2", subject=None)),
          decided("input", 2, AL2, al2))
    write("lines", lines(genuine, notice(AL2023, new, 3), genuine, notice(AL2023, old, 4),
                         notice(AL2, al2, 5)),
          first + known_before("input", 3, "already_started", BUILT)
          + known_before("input", 1, "already_started", BUILT)
          + known_before("input", 4, "older_release", f"{new} was started before")
          + decided("input", 5, AL2, al2))
    write("receive_response",
          received(envelope.write(genuine), event(),
                   envelope.write(envelope.forge(notice(AL2, al2, 6), "message")), "rubbish"),
          first + rejected("input", 6, AL2, "signature_mismatch",
                           detail="the certificate's key has not signed this message")
          + [record("input", 0, None, message_id=None, trust="untrusted", outcome="rejected",
                    reason="json",
                    detail="the envelope is not a JSON object")])
    write("lambda_event", lambda_event(genuine, notice(AL2, al2, 5)),
          first + decided("input", 5, AL2, al2))
    write("folder", {"input/b.json": envelope.write(genuine), "input/.hidden": "rubbish",
                     "input/a/2.jsonl": lines(notice(AL2023, new, 3)),
                     "input/a/10.json": lambda_event(notice(AL2, al2, 5))},
          decided("input/a/10.json", 5, AL2, al2) + decided("input/a/2.jsonl", 3, AL2023, new)
          + known_before("input/b.json", 1, "already_started", BUILT))
    write("bare_message", releases.al2(al2, REGIONS),
          [{**each, "message_id": None} for each in
           decided("input", 0, AL2, al2, trust="unchecked")], f"--topic {AL2}")
    write("unpinned", envelope.write(genuine), decided("input", 1, AL2023, new, trust="unchecked"),
          "--config ../unpinned.yaml")
    write("unpinned_and_evil", envelope.write(envelope.forge(genuine, "cert_url")),
          decided("input", 1, AL2023, new, trust="unchecked",
                  detail="the worker would reject it as cert_url"), "--config ../unpinned.yaml")
    write("other_publisher", envelope.write(notice(WINDOWS, al2, 7, message="[]")),
          rejected("input", 7, WINDOWS, "topic_not_allowed",
                   detail="the topic is not one of those listened to"))
    write("empty", "", [])
    write_rejected(genuine)
    (HERE / "certificate.pem").write_bytes(SIGNER._certificate.public_bytes(
        serialization.Encoding.PEM))


def write_rejected(genuine: dict[str, Any]) -> None:
    changes = {
        "signature_version": ({"SignatureVersion": "3"}, "SignatureVersion is neither 1 nor 2"),
        "signature_format": ({"Signature": "!"}, "Signature is not base64 of as many bytes as the"
                             " certificate's key has"),
        "type_unexpected": ({"Type": "UnsubscribeConfirmation"},
                            "UnsubscribeConfirmation is not a Notification"),
        "field_type": ({"Message": {}}, "wrong type of value for Message"),
        "field_format": ({"Timestamp": "yesterday"},
                         "Timestamp is not a UTC time between 2010 and 2999"),
        "cert_url": ({"SigningCertURL": "https://example.net/x.pem"},
                     "SigningCertURL is not where SNS keeps certificates for us-east-1"),
    }
    want = [rejected("input", 1, AL2023, reason, detail=detail)[0]
            for reason, (_, detail) in changes.items()]
    write("rejected", lines(*[{**genuine, **change} for change, _ in changes.values()]), want)


if __name__ == "__main__":
    main()
