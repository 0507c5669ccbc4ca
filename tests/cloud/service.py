"""What every AWS service here shares: the call as a service sees it, ARNs, pages."""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from .errors import AwsError
from .keyring import Key


@dataclass(frozen=True)
class AwsCall:
    """One judged request.

    ``region`` is the one that it was signed for, ``key`` what it was signed with: None where an
    operation wants no signature.
    """

    operation: str
    params: dict[str, Any]
    region: str
    key: Key | None

    @property
    def account(self) -> str:
        """The account in which the caller acts."""
        return self.key.account

    @property
    def principal(self) -> str:
        """The ARN of the caller."""
        return self.key.principal


def page(items: list[Any], token: str | None, size: int,
         error: str) -> tuple[list[Any], str | None]:
    """One page of a list and the token of the next, or None; ``error`` names a bad token."""
    start = 0
    if token is not None:
        try:
            start = int(base64.b64decode(token, validate=True))
        except ValueError:
            raise AwsError(error, "The next token was specified in an invalid format.") from None
    end = start + size
    more = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
    return items[start:end], more


def attributes_md5(attributes: dict[str, Any]) -> str:
    """MD5 of message attributes ("Amazon SQS message metadata", developer guide)."""
    packed = b""
    for name in sorted(attributes):
        value = attributes[name]
        packed += _sized(name.encode()) + _sized(value["DataType"].encode())
        if "BinaryValue" in value:
            packed += b"\x02" + _sized(base64.b64decode(value["BinaryValue"]))
        else:
            packed += b"\x01" + _sized(value["StringValue"].encode())
    return hashlib.md5(packed).hexdigest()


def _sized(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data
