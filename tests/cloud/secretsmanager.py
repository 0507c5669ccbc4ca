"""AWS Secrets Manager: secrets and their current version, accounts and regions apart.

Source: Secrets Manager API reference, GetSecretValue and "Secrets Manager secret ARN": six
characters at the end of an ARN tell apart secrets that had one name after the other.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from .errors import AwsError
from .service import AwsCall

_NOT_FOUND = "Secrets Manager can't find the specified secret."


class SecretsManager:
    """The secrets by their ARN, as GetSecretValue shows them."""

    def __init__(self) -> None:
        self._store: dict[str, dict[str, Any]] = {}

    def clear(self) -> None:
        self._store.clear()

    def put(self, region: str, account: str, name: str, value: str) -> str:
        """Makes the secret or its next version; its ARN."""
        suffix = hashlib.sha256(f"{account} {region} {name}".encode()).hexdigest()[:6]
        arn = f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}"
        now = round(time.time(), 3)
        version = hashlib.sha256(f"{arn} {now} {value}".encode()).hexdigest()[:32]
        self._store[arn] = {"ARN": arn, "Name": name, "VersionId": version, "SecretString": value,
                            "VersionStages": ["AWSCURRENT"], "CreatedDate": now}
        return arn

    # The operation.

    def get_secret_value(self, call: AwsCall) -> dict[str, Any]:
        """By ARN, or by name in the caller's own account."""
        wanted = call.params["SecretId"]
        place = f"arn:aws:secretsmanager:{call.region}:"
        for arn, secret in self._store.items():
            own = arn.startswith(f"{place}{call.account}:") and secret["Name"] == wanted
            if arn.startswith(place) and (arn == wanted or own):
                return secret
        raise AwsError("ResourceNotFoundException", _NOT_FOUND)
