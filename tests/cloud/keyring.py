"""The access keys that the local AWS knows: whose they are, and until when they are good.

A long-lived key belongs to a user.  A temporary one was issued for the session of a role, comes
with a session token, and ends.
Source: "Unique identifiers" and "Temporary security credentials in IAM", IAM user guide.
"""

from __future__ import annotations

import base64
import random
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from .errors import AuthError, Refused

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]+)")


@dataclass
class Key:
    """One access key.  ``principal`` is the ARN that GetCallerIdentity answers with."""

    access_key: str
    secret: str
    account: str
    principal: str
    token: str | None = None
    expires_at: float | None = None

    @property
    def user_id(self) -> str:
        """A user's unique id, or a role's with the name of its session."""
        kind, name = self.principal.split(":", 5)[5].split("/", 1)
        if kind == "user":
            return "AIDAEVERGOLDLOCALUSER"
        role, session = name.split("/", 1)
        return f"{role_id(self.account, role)}:{session}"

    def check_token(self, token: str | None, now: float) -> None:
        """Raises AuthError unless the token is this key's, and not over."""
        if token != self.token:
            raise unknown_key()
        if self.expires_at is not None and now >= self.expires_at:
            raise AuthError("expired_token",
                            "The security token included in the request is expired")

    def shown(self) -> dict[str, str]:
        """The members of STS's Credentials structure."""
        return {"AccessKeyId": self.access_key, "SecretAccessKey": self.secret,
                "SessionToken": self.token, "Expiration": _moment(self.expires_at)}


class Keyring:
    """Every key, by its id."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def clear(self) -> None:
        self._keys.clear()

    def add(self, key: Key) -> None:
        self._keys[key.access_key] = key

    def issue(self, role: str, session: str, expires_at: float) -> Key:
        """A new temporary key for a session of a role, which is given by its ARN."""
        partition, account, name = role_parts(role)
        key = Key("ASIA" + "".join(secrets.choice(_BASE32) for _ in range(16)),
                  secrets.token_urlsafe(30), account,
                  f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}",
                  base64.b64encode(secrets.token_bytes(300)).decode(), expires_at)
        self.add(key)
        return key

    def find(self, access_key: str) -> Key | None:
        return self._keys.get(access_key)

    def secrets(self) -> list[str]:
        """What was issued and must not be seen anywhere, of all temporary keys."""
        temporary = [key for key in self._keys.values() if key.token]
        return [text for key in temporary for text in (key.secret, key.token)]

    def expire(self, wanted: dict[str, Any], now: float) -> int:
        """Ends the keys whose members are those; how many there were that had not ended."""
        if not wanted or not wanted.keys() <= {"access_key", "account", "principal"}:
            raise Refused("name the keys by access_key, account or principal")
        ended = [key for key in self._keys.values()
                 if all(getattr(key, name) == value for name, value in wanted.items())
                 and (key.expires_at is None or key.expires_at > now)]
        for key in ended:
            key.expires_at = now
        return len(ended)


def user_arn(account: str) -> str:
    """The user to whom an account's long-lived keys belong."""
    return f"arn:aws:iam::{account}:user/evergold"


def role_parts(arn: str) -> tuple[str, str, str]:
    """Partition, account and name (without its path) of a role's ARN; Refused for another."""
    match = _ROLE.fullmatch(arn)
    if match is None:
        raise Refused(f"{arn!r} is not the ARN of a role")
    return match.groups()


def role_id(account: str, name: str) -> str:
    """The unique id of a role: always the same for the same role."""
    return "AROA" + "".join(random.Random(f"{account}/{name}").choices(_BASE32, k=17))


def unknown_key() -> AuthError:
    return AuthError("unknown_key", "The security token included in the request is invalid.")


def _moment(when: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
