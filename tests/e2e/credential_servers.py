"""Those who hand out credentials over HTTP, on loopback: a container's endpoint, EC2's instance
metadata, the portal of IAM Identity Center, and one for programs.

Each gives out a new key of the local cloud at every question, in the form of its kind, and demands
what the real one demands. It may also be out of order; see FAILURES.
"""

from __future__ import annotations

import calendar
import json
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.cloud.client import Cloud

ROLE = "golden-role"
GARBAGE = "<html>You are not logged in</html>"

# down: nobody listens. garbage: 200 with a text that is something else. hang: no answer ever.
# refusal: an answer that is final.
FAILURES = ("down", "garbage", "hang", "refusal")


class KeyServer:
    """One server of a kind: a subclass says how keys look, and who may have them.

    ``token`` is what it wants to see of who asks.
    """

    refusal = 403

    def __init__(self, cloud: Cloud, lifetime_s: float = 3600) -> None:
        self.lifetime_s = lifetime_s
        self.token = secrets.token_urlsafe(40)
        self.failure: str | None = None
        self._cloud = cloud
        self._healthy = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._address = ("127.0.0.1", 0)
        self._held: socket.socket | None = None
        self._listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._address[1]}"

    # Its life.

    def fail(self, failure: str) -> None:
        assert failure in FAILURES
        self.failure = failure
        self._healthy.clear()
        if failure == "down":
            self._deafen()

    def heal(self) -> None:
        self.failure = None
        self._healthy.set()
        if not self._server:
            self._listen()

    def close(self) -> None:
        self._healthy.set()
        if self._server:
            self._deafen()
        self._held.close()

    def _listen(self) -> None:
        if self._held:
            self._held.close()
        self._server = ThreadingHTTPServer(self._address, self._handler())
        self._server.daemon_threads = True
        self._address = self._server.server_address
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _deafen(self) -> None:
        """Keeps the port, so that nobody else is there meanwhile, and refuses connections."""
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(self._address)

    # Its answers.

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self)

            do_PUT = do_GET

            def log_message(self, *_: object) -> None:
                """Nothing: the tests tell what they miss."""

        return Handler

    def _answer(self, asked: BaseHTTPRequestHandler) -> None:
        if self.failure == "hang":
            self._healthy.wait()
            return
        status, text = self.reply(asked)
        if self.failure == "garbage":
            status, text = 200, GARBAGE
        elif self.failure == "refusal":
            status, text = self.refusal, ""
        asked.send_response(status)
        asked.send_header("Content-Length", str(len(text)))
        asked.end_headers()
        asked.wfile.write(text.encode())

    def reply(self, asked: BaseHTTPRequestHandler) -> tuple[int, str]:
        """Status and body of an answer when all is well."""
        return (200, self.keys()) if self.allows(asked) else (401, "")

    def allows(self, asked: BaseHTTPRequestHandler) -> bool:
        raise NotImplementedError

    def keys(self) -> str:
        """A new key, as this kind writes it."""
        return json.dumps(self.shown(self._cloud.issue_key(lifetime_s=self.lifetime_s)))

    def shown(self, key: dict[str, str]) -> dict[str, object]:
        raise NotImplementedError


class ContainerEndpoint(KeyServer):
    """As the agents of ECS and EKS Pod Identity answer; the token is in Authorization."""

    def allows(self, asked: BaseHTTPRequestHandler) -> bool:
        return (asked.path, asked.headers["Authorization"]) == ("/v1/credentials", self.token)

    def shown(self, key: dict[str, str]) -> dict[str, object]:
        names = ("AccessKeyId", "SecretAccessKey", "Expiration")
        return {"Token": key["SessionToken"], **{name: key[name] for name in names}}


class InstanceMetadata(ContainerEndpoint):
    """IMDSv2: a session is begun with PUT, and only within one there is anything to see."""

    refusal = 404
    _ROLES = "/latest/meta-data/iam/security-credentials/"

    def reply(self, asked: BaseHTTPRequestHandler) -> tuple[int, str]:
        ttl = asked.headers["X-aws-ec2-metadata-token-ttl-seconds"]
        if (asked.command, asked.path) == ("PUT", "/latest/api/token"):
            return (200, self.token) if ttl and 0 < int(ttl) <= 21600 else (400, "")
        if asked.headers["X-aws-ec2-metadata-token"] != self.token:
            return 401, ""
        known = {self._ROLES: lambda: ROLE, self._ROLES + ROLE: self.keys}
        return (200, known[asked.path]()) if asked.path in known else (404, "")

    def shown(self, key: dict[str, str]) -> dict[str, object]:
        return {"Code": "Success", "Type": "AWS-HMAC", **super().shown(key)}


class Portal(KeyServer):
    """The portal of IAM Identity Center, for who has logged in."""

    def allows(self, asked: BaseHTTPRequestHandler) -> bool:
        wanted = f"/federation/credentials?role_name={ROLE}&account_id={self._cloud.account}"
        return (asked.path, asked.headers["x-amz-sso_bearer_token"]) == (wanted, self.token)

    def shown(self, key: dict[str, str]) -> dict[str, object]:
        ends = time.strptime(key["Expiration"], "%Y-%m-%dT%H:%M:%SZ")
        return {"roleCredentials": {
            "accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"],
            "sessionToken": key["SessionToken"], "expiration": calendar.timegm(ends) * 1000}}


class Vault(KeyServer):
    """What a credential_process asks, to print the answer."""

    def allows(self, asked: BaseHTTPRequestHandler) -> bool:
        return asked.path == "/keys"

    def shown(self, key: dict[str, str]) -> dict[str, object]:
        return {"Version": 1, **key}
