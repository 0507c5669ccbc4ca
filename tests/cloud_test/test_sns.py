"""Announcements: their signatures are verified here without any code of the local cloud."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

RELEASE = "2023.9.20251027.0"
TOPIC = "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"


@pytest.fixture
def receive(cloud, aws):
    """Receives one message, deletes it, and gives its body."""
    sqs = aws("sqs")

    def receive(url=None):
        url = url or cloud.queue_url
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"]

    return receive


@pytest.fixture
def certificate(cloud):
    with open(cloud.certificate, "rb") as pem:
        return x509.load_pem_x509_certificate(pem.read())


def verify(envelope, certificate):
    """Raises InvalidSignature unless AWS's rules say that the envelope is genuine."""
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
    digest = {"1": hashes.SHA1, "2": hashes.SHA256}[envelope["SignatureVersion"]]()
    signature = base64.b64decode(envelope["Signature"], validate=True)
    certificate.public_key().verify(signature, text.encode(), padding.PKCS1v15(), digest)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("given", [{}, {"subject": None, "message": "plain ünicode\nlines"}])
def test_genuine(cloud, receive, certificate, version, given):
    given = {"release": RELEASE, "regions": ["eu-west-1"], **given}
    announced = cloud.announce(signature_version=version, **given)
    envelope = json.loads(receive())
    verify(envelope, certificate)
    assert envelope["MessageId"] == announced["message_id"]
    assert envelope["TopicArn"] == TOPIC
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", envelope["Timestamp"])
    assert len(envelope["Signature"]) == 344
    assert ("Subject" in envelope) == ("subject" not in given)


def test_certificate_is_like_the_real_one(certificate):
    now = datetime.datetime.now(datetime.timezone.utc)
    name = "CN=sns.amazonaws.com"
    assert certificate.subject.rfc4514_string() == name != certificate.issuer.rfc4514_string()
    extensions = {each.oid: each.value for each in certificate.extensions}
    names = extensions[x509.SubjectAlternativeName.oid].get_values_for_type(x509.DNSName)
    usage = extensions[x509.KeyUsage.oid]
    assert names == ["sns.amazonaws.com"]
    assert not extensions[x509.BasicConstraints.oid].ca
    assert usage.digital_signature and usage.key_encipherment and not usage.key_cert_sign
    assert list(extensions[x509.ExtendedKeyUsage.oid]) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert certificate.public_key().key_size == 2048
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc


def test_certificate_file_is_the_leaf_alone(cloud):
    with open(cloud.certificate) as pem:
        text = pem.read()
    assert text.count("-----BEGIN CERTIFICATE-----") == 1
    assert text.startswith("-----BEGIN") and text.endswith("-----END CERTIFICATE-----\n")


def test_certificate_url(cloud, receive, certificate):
    cloud.announce(release=RELEASE)
    digest = hashlib.md5(certificate.public_bytes(Encoding.DER)).hexdigest()
    assert json.loads(receive())["SigningCertURL"] == (
        f"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-{digest}.pem")


@pytest.mark.parametrize("how", ["signature", "key", "message", "topic", "subject", "message_id",
                                 "timestamp", "version"])
def test_forged(cloud, receive, certificate, how):
    cloud.announce(release=RELEASE, forge=how, queue="ami-announcements")
    with pytest.raises(InvalidSignature):
        verify(json.loads(receive()), certificate)


def test_forged_certificate_url_alone_leaves_the_signature(cloud, receive, certificate):
    cloud.announce(release=RELEASE, forge="cert_url")
    envelope = json.loads(receive())
    verify(envelope, certificate)
    assert envelope["SigningCertURL"].startswith(
        "https://sns.us-east-1.amazonaws.com.example.net/")


def test_patch_replaces_and_removes(cloud, receive):
    cloud.announce(release=RELEASE, patch={"Type": "Unknown", "Subject": None, "Extra": 1})
    envelope = json.loads(receive())
    assert (envelope["Type"], envelope["Extra"], "Subject" in envelope) == ("Unknown", 1, False)


def test_redelivery_is_the_same_envelope(cloud, receive):
    first = cloud.announce(release=RELEASE)
    again = cloud.announce(release=RELEASE, message_id=first["message_id"],
                           timestamp=first["timestamp"])
    assert receive() == receive() == first["envelope"] == again["envelope"]
    assert first["sqs_message_ids"] != again["sqs_message_ids"]


def test_raw_delivery_is_the_bare_message(cloud, receive):
    cloud.announce(message={"v1": {}}, raw=True)
    assert receive() == '{"v1":{}}'


def test_any_bytes(cloud, receive):
    cloud.put_body("\u0001 {not json")
    assert receive() == "\u0001 {not json"


def test_publish_by_boto3(cloud, aws, receive, certificate):
    sns = aws("sns")
    topic = sns.create_topic(Name="corp-linux", Attributes={"SignatureVersion": "2"})["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", ReturnSubscriptionArn=True,
                                 Endpoint="arn:aws:sqs:eu-west-1:111122223333:ami-announcements")
    attributes = sns.get_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
    assert (attributes["PendingConfirmation"], attributes["Protocol"]) == ("false", "sqs")
    published = sns.publish(
        TopicArn=topic, Message="a & b < c ~ ü +", Subject="New",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "release"}})
    envelope = json.loads(receive())
    verify(envelope, certificate)
    assert (envelope["MessageId"], envelope["Message"]) == (
        published["MessageId"], "a & b < c ~ ü +")
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "release"}}
    assert envelope["SignatureVersion"] == "2"
    assert cloud.violations() == []


def test_raw_subscription_carries_attributes(cloud, aws):
    sns, sqs = aws("sns"), aws("sqs")
    topic = sns.create_topic(Name="raw")["TopicArn"]
    url = sqs.create_queue(QueueName="raw")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Attributes={"RawMessageDelivery": "true"},
                  Endpoint="arn:aws:sqs:eu-west-1:111122223333:raw")
    attributes = {"kind": {"DataType": "String", "StringValue": "release"}}
    sns.publish(TopicArn=topic, Message="bare", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]) == ("bare", attributes)


@pytest.mark.parametrize(("region", "topic", "code"), [
    ("us-east-1", TOPIC, "AuthorizationError"),
    ("eu-west-1", TOPIC, "InvalidParameter"),
    ("us-east-1", "arn:aws:sns:us-east-1:111122223333:none", "NotFound"),
])
def test_publish_refused(aws, region, topic, code):
    with pytest.raises(ClientError, match=code):
        aws("sns", region).publish(TopicArn=topic, Message="x")
