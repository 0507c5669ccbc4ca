"""AWS STS: who am I, and who may I be.

A role exists once the control interface has declared it.  Whoever may not assume one learns
nothing about it: that it is not there, and that the external id is another, are one AccessDenied.
Source: AWS STS API reference, 2011-06-15; "How to use an external ID", IAM user guide.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from .errors import AwsError
from .keyring import Keyring, role_parts
from .service import AwsCall

DURATION_S = MAX_DURATION_S = 3600


@dataclass(frozen=True)
class Role:
    """A role that can be assumed.

    ``external_id`` is what its trust policy demands, ``web_identity`` the token of the identity
    that it trusts besides the keys of any account.  ``lifetime_s`` is the life of its keys,
    whatever is asked for.  ``refuse`` is the code with which every question is refused.
    """

    arn: str
    external_id: str | None = None
    web_identity: str | None = None
    lifetime_s: float | None = None
    refuse: str | None = None


class Sts:
    """The roles, and the temporary keys that are issued for them."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._roles: dict[str, Role] = {}

    def clear(self) -> None:
        self._roles.clear()

    def declare(self, given: dict[str, Any]) -> None:
        """Makes a role, or changes it; keys that it gave out stay as they are."""
        role = Role(**given)
        role_parts(role.arn)
        self._roles[role.arn] = role

    # The operations.

    def get_caller_identity(self, call: AwsCall) -> dict[str, Any]:
        return {"UserId": call.key.user_id, "Account": call.account, "Arn": call.principal}

    def assume_role(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        role = self._roles.get(params["RoleArn"])
        if role is None or role.external_id not in (None, params.get("ExternalId")):
            raise AwsError("AccessDenied", f"User: {call.principal} is not authorized to perform: "
                           f"sts:AssumeRole on resource: {params['RoleArn']}", 403)
        return self._issued(role, params)

    def assume_role_with_web_identity(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        role = self._roles.get(params["RoleArn"])
        if role is None or role.web_identity is None:
            raise AwsError("AccessDenied",
                           "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
        if role.web_identity != params["WebIdentityToken"]:
            raise AwsError("InvalidIdentityToken",
                           "The ID Token provided is not a valid JWT. (You may see this error if "
                           "you sent an Access Token)")
        return {**self._issued(role, params), "SubjectFromWebIdentityToken": "evergold",
                "Audience": "sts.amazonaws.com", "Provider": "https://oidc.example.net"}

    def _issued(self, role: Role, params: dict[str, Any]) -> dict[str, Any]:
        if role.refuse:
            raise AwsError(role.refuse, f"The role {role.arn} refuses", 403)
        lifetime_s = params.get("DurationSeconds", DURATION_S)
        if lifetime_s > MAX_DURATION_S:
            raise AwsError("ValidationError", "The requested DurationSeconds exceeds the "
                           "MaxSessionDuration set for this role.")
        lifetime_s = role.lifetime_s or lifetime_s
        key = self._keyring.issue(role.arn, params["RoleSessionName"], time.time() + lifetime_s)
        return {"Credentials": key.shown(),
                "AssumedRoleUser": {"AssumedRoleId": key.user_id, "Arn": key.principal}}
