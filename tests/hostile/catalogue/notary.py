"""Signs envelopes as SNS does, with a test key, at a moment that is given."""
import base64
import dataclasses
import functools
import hashlib
import json
import uuid
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .certificates import Authority, key, name_of

MOMENT = datetime(2026, 8, 18, 1, 0, 0, 123000)
ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:ami-updates"
SUBJECT = "Golden image update"
DIGESTS = {"1": hashes.SHA1, "2": hashes.SHA256}
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation":
        ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]


def stamp(moment):
    """A moment as SNS writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def string_to_sign(fields):
    names = [name for name in SIGNED[fields["Type"]] if fields.get(name) is not None]
    return "".join(f"{name}\n{fields[name]}\n" for name in names).encode()


def sign(fields, signer="signer", scheme=None, digest=None):
    digest = digest or DIGESTS[fields["SignatureVersion"]]
    made = key(signer).sign(string_to_sign(fields), scheme or padding.PKCS1v15(), digest())
    return base64.b64encode(made).decode()


def url_at(name, region="us-east-1", suffix="amazonaws.com"):
    """Where SNS keeps the certificate of this name, 32 digits."""
    return f"https://sns.{region}.{suffix}/SimpleNotificationService-{name}.pem"


def changed(whole, **fields):
    """What an attacker makes of it: the signature stays. None takes a member away."""
    return {name: value for name, value in (whole | fields).items() if value is not None}


def lambda_form(whole):
    """How SNS hands an envelope to a Lambda function."""
    record = {"Subject": None} | whole
    record["SigningCertUrl"] = record.pop("SigningCertURL")
    record["UnsubscribeUrl"] = record.pop("UnsubscribeURL")
    return record


@dataclasses.dataclass(frozen=True)
class Notary:
    """Makes the message of one case: its id and its image are the case's own."""

    authority: Authority
    case: str = ""

    @property
    def moment(self):
        return self.authority.moment

    @property
    def time(self):
        return stamp(self.moment)

    def before(self, **ago):
        """A Timestamp so long before the moment; negative is after."""
        return stamp(self.moment - timedelta(**ago))

    @property
    def id(self):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.case))

    @property
    def other_id(self):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.case}, another"))

    @property
    def url(self):
        """Of the usual certificate."""
        return url_at(usual_name(self.authority))

    @property
    def own_url(self):
        """Of a certificate that is this case's alone."""
        return url_at(hashlib.md5(self.case.encode()).hexdigest())

    @property
    def message(self):
        """A release with one image that a family waits for: believed, it starts a build."""
        image = {"Name": f"corp-linux-{self.case}",
                 "ImageId": f"ami-{hashlib.md5(self.case.encode()).hexdigest()[:17]}"}
        return json.dumps({"v1": {"ReleaseVersion": "2026.8.18", "ImageVersion": "2026.8.18",
                                  "ReleaseNotes": "", "Regions": {"us-east-1": [image]}}})

    def envelope(self, url=None, signer="signer", **fields):
        """A signed envelope. Fields given as None are left out."""
        whole = {
            "Type": "Notification", "MessageId": self.id, "TopicArn": TOPIC, "Subject": SUBJECT,
            "Message": self.message, "Timestamp": self.time, "SignatureVersion": "2",
        } | fields
        whole = {name: value for name, value in whole.items() if value is not None}
        whole["Signature"] = sign(whole, signer)
        whole["SigningCertURL"] = url or self.url
        whole["UnsubscribeURL"] = "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"
        return whole

    def confirmation(self, kind, **fields):
        confirm = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"
        return self.envelope(**{
            "Type": kind, "Subject": None, "SubscribeURL": confirm,
            "Token": "2336412f37fb687f5d51e6e241d09c805a5a57b30d71",
            "Message": "You have chosen to subscribe. To confirm, visit the SubscribeURL.",
            **fields})


@functools.cache
def usual_name(authority):
    return name_of(authority.certificate())
