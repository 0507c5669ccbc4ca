"""The errors that AWS answers with.

An error is a code, perhaps a message, and an HTTP status.  How it looks on the wire
(JSON with ``__type``, or XML) is the protocol's affair: see json_protocol and query_protocol.
"""

from __future__ import annotations


class AwsError(Exception):
    """One refusal, as AWS words it.  ``message`` None means that AWS sends none."""

    def __init__(self, code: str, message: str | None = None, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Refused(Exception):
    """The control interface was asked for something that makes no sense."""


# What the two protocols call the same refusal of a signature: JSON name, query name.
# Source: "Common Errors" in the API references of SQS, SSM, SNS and STS.
_AUTH_CODES = {
    "missing": ("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
    "incomplete": ("IncompleteSignatureException", "IncompleteSignature"),
    "unknown_key": ("UnrecognizedClientException", "InvalidClientTokenId"),
    "signature": ("InvalidSignatureException", "SignatureDoesNotMatch"),
    "expired_token": ("ExpiredTokenException", "ExpiredToken"),
}

# Source: "Error codes for the Amazon EC2 API".
_EC2_AUTH_CODES = {"unknown_key": ("AuthFailure", 401), "expired_token": ("RequestExpired", 400)}


class AuthError(Exception):
    """A refusal of the signature, before the protocol has given it a name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    def named_for(self, service: str, protocol: str) -> AwsError:
        """The error under the name and status that this service's protocol uses."""
        json_code, query_code = _AUTH_CODES[self.kind]
        if service == "ec2" and self.kind in _EC2_AUTH_CODES:
            code, status = _EC2_AUTH_CODES[self.kind]
            return AwsError(code, self.message, status)
        if protocol == "query":
            return AwsError(query_code, self.message, 400 if self.kind == "incomplete" else 403)
        return AwsError(json_code, self.message, 403 if service == "sqs" else 400)
