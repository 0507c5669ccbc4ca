"""AWS STS: who am I.  Source: AWS STS API reference, 2011-06-15."""

from __future__ import annotations

from typing import Any

from .service import AwsCall


class Sts:
    def clear(self) -> None:
        """Holds nothing."""

    def get_caller_identity(self, call: AwsCall) -> dict[str, Any]:
        return {"UserId": "AIDAEVERGOLDLOCALUSER", "Account": call.account,
                "Arn": f"arn:aws:iam::{call.account}:user/evergold"}
