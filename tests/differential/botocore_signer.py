"""What botocore's signer makes of a request: the texts in between and the Authorization header.

botocore is asked for its steps one by one, since its add_auth() takes the time from the clock.  Two
things it decides by service and we by flag: whether the path is normalised, and whether the body's
hash is a header.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from urllib.parse import quote, unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass
class Request:
    """A request to be signed; path and query as they go on the wire."""

    method: str = "POST"
    path: str = "/"
    query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    access_key_id: str = "AKIDEXAMPLE"
    secret_access_key: str = "a+secret/EXAMPLEKEYforTests0123456789+/=="
    session_token: str | None = None
    region: str = "eu-west-1"
    service: str = "sqs"
    timestamp: str = "2026-11-23T01:05:11Z"
    sign_body: bool = False
    normalize: bool = True
    token_after: bool = False

    def stamp(self) -> str:
        """The time in the form of X-Amz-Date."""
        return self.timestamp.replace("-", "").replace(":", "")

    def context(self) -> dict:
        """Everything that is no part of the request itself."""
        wire = ("method", "path", "query", "headers", "body")
        return {key: value for key, value in asdict(self).items() if key not in wire}


@dataclass(frozen=True)
class Signed:
    canonical_request: str
    string_to_sign: str
    authorization: str


class _Signer(SigV4Auth):
    def __init__(self, request: Request) -> None:
        keys = Credentials(request.access_key_id, request.secret_access_key, request.session_token)
        super().__init__(keys, request.service, request.region)
        self._normalize = request.normalize

    def _normalize_url_path(self, path: str) -> str:
        return super()._normalize_url_path(path) if self._normalize else quote(path, safe="/~")


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = (piece.partition("=") for piece in query.split("&")) if query else ()
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _aws_request(request: Request, signer: _Signer) -> AWSRequest:
    prepared = AWSRequest(method=request.method, url=f"https://host.invalid{request.path}",
                          params=_parameters(request.query), data=request.body.encode())
    prepared.context["timestamp"] = request.stamp()
    for name, value in request.headers:
        prepared.headers.add_header(name, value)
    prepared.headers["X-Amz-Date"] = request.stamp()
    if request.session_token and not request.token_after:
        prepared.headers["X-Amz-Security-Token"] = request.session_token
    if request.sign_body:
        prepared.headers["X-Amz-Content-SHA256"] = signer.payload(prepared)
    return prepared


def sign(request: Request) -> Signed:
    signer = _Signer(request)
    prepared = _aws_request(request, signer)
    canonical = signer.canonical_request(prepared)
    to_sign = signer.string_to_sign(prepared, canonical)
    signature = signer.signature(to_sign, prepared)
    names = signer.signed_headers(signer.headers_to_sign(prepared))
    authorization = (f"AWS4-HMAC-SHA256 Credential={signer.scope(prepared)}, "
                     f"SignedHeaders={names}, Signature={signature}")
    return Signed(canonical, to_sign, authorization)
