"""Judges the signature of a request with botocore's own signer.

The canonical request is rebuilt by botocore.auth.SigV4Auth from exactly what was received: the
headers named in SignedHeaders, the body, and X-Amz-Date.  Our only part is to take the
Authorization header apart and to say what is wrong in AWS's words.
Source: "Troubleshoot Signature Version 4" and "Create a signed AWS API request", IAM user guide.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .errors import AuthError
from .http11 import Request
from .keyring import Key

MAX_SKEW_S = 300
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)
_MUST_BE_SIGNED = ("x-amz-date", "x-amz-security-token", "x-amz-target")


@dataclass(frozen=True)
class Claim:
    """What an Authorization header claims."""

    access_key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def read_claim(request: Request) -> Claim:
    """Takes the Authorization header apart; AuthError when there is none or it is malformed."""
    header = request.header("authorization")
    if not header:
        raise AuthError("missing", "Request is missing Authentication Token")
    match = _AUTHORIZATION.fullmatch(header)
    if not match:
        raise AuthError("incomplete", "Authorization header requires 'Credential' parameter, "
                        "'Signature' parameter and 'SignedHeaders' parameter.")
    key, day, region, service, names, signature = match.groups()
    return Claim(key, day, region, service, tuple(names.split(";")), signature)


def judge(request: Request, claim: Claim, service: str, key: Key, now: float) -> None:
    """Raises AuthError unless the key has signed the request as AWS demands, at this moment."""
    if claim.service != service:
        raise AuthError("signature",
                        f"Credential should be scoped to correct service: '{service}'.")
    key.check_token(request.header("x-amz-security-token"), now)
    stamp = _check_stamp(request, claim, now)
    _check_signed_headers(request, claim)
    if not hmac.compare_digest(_signature(request, claim, key.secret, stamp), claim.signature):
        raise AuthError("signature",
                        "The request signature we calculated does not match the signature you "
                        "provided. Check your AWS Secret Access Key and signing method. "
                        "Consult the service documentation for details.")


def _check_stamp(request: Request, claim: Claim, now: float) -> str:
    stamp = request.header("x-amz-date") or ""
    try:
        then = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise AuthError("incomplete", "Authorization header requires existence of either a "
                        "'X-Amz-Date' or a 'Date' header.") from None
    if not stamp.startswith(claim.day):
        raise AuthError("signature", "Date in Credential scope does not match YYYYMMDD from "
                        f"ISO-8601 version of date from HTTP: '{claim.day}' != '{stamp[:8]}', "
                        f"from '{stamp}'.")
    if then < now - MAX_SKEW_S:
        raise AuthError("signature", f"Signature expired: {stamp} is now earlier than "
                        f"{_stamp(now - MAX_SKEW_S)} ({_stamp(now)} - 5 min.)")
    if then > now + MAX_SKEW_S:
        raise AuthError("signature", f"Signature not yet current: {stamp} is still later than "
                        f"{_stamp(now + MAX_SKEW_S)} ({_stamp(now)} + 5 min.)")
    return stamp


def _check_signed_headers(request: Request, claim: Claim) -> None:
    if "host" not in claim.signed_headers:
        raise AuthError("signature", "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                        "Authorization.")
    if list(claim.signed_headers) != sorted(set(claim.signed_headers)):
        raise AuthError("signature", "SignedHeaders must be sorted and distinct.")
    for name in _MUST_BE_SIGNED:
        if request.header(name) is not None and name not in claim.signed_headers:
            raise AuthError("signature",
                            f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in claim.signed_headers:
        if request.header(name) is None:
            raise AuthError("signature", f"The signed header '{name}' was not sent.")
    declared = request.header("x-amz-content-sha256")
    if declared is not None and declared != hashlib.sha256(request.body).hexdigest():
        raise AuthError("signature", "The value of 'x-amz-content-sha256' is not the body's hash.")


def _signature(request: Request, claim: Claim, secret: str, stamp: str) -> str:
    """The right signature, by botocore."""
    signer = SigV4Auth(Credentials(claim.access_key, secret), claim.service, claim.region)
    received = AWSRequest(method=request.method, data=request.body,
                          url=f"http://{request.header('host')}{request.target}")
    for name, value in request.headers:
        if name.lower() in claim.signed_headers:
            received.headers.add_header(name, value)
    received.context["timestamp"] = stamp
    prepared = signer.string_to_sign(received, signer.canonical_request(received))
    return signer.signature(prepared, received)


def _stamp(moment: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
