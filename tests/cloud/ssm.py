"""AWS Systems Manager Parameter Store: versions, history, paths; accounts and regions apart.

Source: Systems Manager API reference, PutParameter and GetParameter.  As in AWS, a value of data
type aws:ec2:image is checked after the answer: 200 does not mean that it was stored.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from typing import Any

from .errors import AwsError
from .service import AwsCall, page

MAX_VERSIONS = 100
_PARAMETER = ("Name", "Type", "Value", "Version", "Selector", "LastModifiedDate", "ARN",
              "DataType")
_HISTORY = ("Name", "Type", "Value", "Version", "LastModifiedDate", "LastModifiedUser", "DataType",
            "Tier")
_IMAGE_ID = re.compile(r"ami-[0-9a-f]{8}([0-9a-f]{9})?")


class Ssm:
    """The parameters of every account and region, each a list of versions."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._store: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    def clear(self) -> None:
        self._store.clear()

    def put(self, region: str, account: str, given: dict[str, Any],
            by: str | None = None) -> dict[str, Any]:
        """Adds a version and returns it; what is not given is as in the version before."""
        name = given["Name"]
        key = _key(account, region, name)
        versions = self._store.setdefault(key, [])
        before = versions[-1] if versions else {"Type": "String", "DataType": "text"}
        version = {
            "Name": name, "Value": given["Value"], "Version": len(versions) + 1,
            "Type": given.get("Type", before["Type"]),
            "DataType": given.get("DataType", before["DataType"]),
            "LastModifiedDate": round(time.time(), 3), "Tier": "Standard",
            "LastModifiedUser": by or f"arn:aws:iam::{account}:user/somebody",
            "ARN": f"arn:aws:ssm:{region}:{key[0]}:parameter/{name.lstrip('/')}"}
        versions.append(version)
        self._notify()
        return version

    def value(self, account: str, region: str, name: str) -> str | None:
        """What a parameter holds now; None when there is none."""
        versions = self._store.get(_key(account, region, name))
        return versions[-1]["Value"] if versions else None

    def state(self) -> list[dict[str, Any]]:
        """Every parameter with its history of values, for the control interface."""
        return [{"account": account, "region": region, "name": name,
                 "value": versions[-1]["Value"], "version": versions[-1]["Version"],
                 "history": [version["Value"] for version in versions],
                 "by": [version["LastModifiedUser"] for version in versions]}
                for (account, region, name), versions in self._store.items()]

    # The operations.

    def put_parameter(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        known = self._store.get(_key(call.account, call.region, params["Name"]))
        _check_put(params, known)
        wrong = params.get("DataType") == "aws:ec2:image" and not _IMAGE_ID.fullmatch(
            params["Value"])
        if wrong:
            return {"Version": len(known or []) + 1, "Tier": "Standard"}
        version = self.put(call.region, call.account, params, call.principal)
        return {"Version": version["Version"], "Tier": "Standard"}

    def get_parameter(self, call: AwsCall) -> dict[str, Any]:
        return {"Parameter": self._get(call, call.params["Name"])}

    def get_parameters(self, call: AwsCall) -> dict[str, Any]:
        found, invalid = [], []
        for name in call.params["Names"]:
            try:
                found.append(self._get(call, name))
            except AwsError:
                invalid.append(name)
        return {"Parameters": found, "InvalidParameters": invalid}

    def get_parameters_by_path(self, call: AwsCall) -> dict[str, Any]:
        prefix = call.params["Path"].rstrip("/") + "/"
        deep = call.params.get("Recursive", False)
        matching = [_shown(call, versions[-1]) for key, versions in sorted(self._store.items())
                    if key == _key(call.account, call.region, key[2])
                    and key[2].startswith(prefix)
                    and (deep or "/" not in key[2][len(prefix):])]
        shown, more = page(matching, call.params.get("NextToken"),
                           call.params.get("MaxResults", 10), "InvalidNextToken")
        return {"Parameters": shown, **({"NextToken": more} if more else {})}

    def get_parameter_history(self, call: AwsCall) -> dict[str, Any]:
        versions = self._store.get(_key(call.account, call.region, call.params["Name"]))
        if not versions:
            raise AwsError("ParameterNotFound")
        shown, more = page([_shown(call, version, _HISTORY) for version in versions],
                           call.params.get("NextToken"), call.params.get("MaxResults", 50),
                           "InvalidNextToken")
        return {"Parameters": shown, **({"NextToken": more} if more else {})}

    def delete_parameter(self, call: AwsCall) -> dict[str, Any]:
        key = _key(call.account, call.region, call.params["Name"])
        if self._store.pop(key, None) is None:
            raise AwsError("ParameterNotFound")
        return {}

    def _get(self, call: AwsCall, name: str) -> dict[str, Any]:
        return _shown(call, self._version(call, name))

    def _version(self, call: AwsCall, name: str) -> dict[str, Any]:
        """The latest version, or the one that ``name:version`` selects."""
        if name.startswith("arn:"):
            return self._by_arn(call, name)
        base, colon, selector = name.partition(":")
        versions = self._store.get(_key(call.account, call.region, base))
        if not versions:
            raise AwsError("ParameterNotFound")
        if not colon:
            return versions[-1]
        if not selector.isdigit() or not 1 <= int(selector) <= len(versions):
            raise AwsError("ParameterVersionNotFound", f"Systems Manager could not find version "
                           f"{selector} of {base}.")
        return {**versions[int(selector) - 1], "Selector": colon + selector}

    def _by_arn(self, call: AwsCall, arn: str) -> dict[str, Any]:
        for (_, region, _), versions in self._store.items():
            if region == call.region and versions[-1]["ARN"] == arn:
                return versions[-1]
        raise AwsError("ParameterNotFound")


def _shown(call: AwsCall, version: dict[str, Any],
           members: tuple[str, ...] = _PARAMETER) -> dict[str, Any]:
    """A SecureString is text that means nothing, unless it is to be decrypted."""
    version = {name: version[name] for name in members if name in version}
    if version["Type"] != "SecureString" or call.params.get("WithDecryption"):
        return version
    cipher = hashlib.sha256(version["Value"].encode()).digest()
    return {**version, "Value": base64.b64encode(cipher).decode()}


def _key(account: str, region: str, name: str) -> tuple[str, str, str]:
    """Where a parameter is kept; what AWS publishes belongs to no account."""
    return ("" if name.startswith("/aws/service/") else account, region, name)


def _check_put(params: dict[str, Any], known: list[dict[str, Any]] | None) -> None:
    if known and not params.get("Overwrite"):
        raise AwsError("ParameterAlreadyExists", "The parameter already exists. To overwrite this "
                       "value, set the overwrite option in the request to true.")
    if not known and "Type" not in params:
        raise AwsError("ValidationException", "A parameter type is required when you create a "
                       "parameter.")
    if params.get("Overwrite") and "Tags" in params:
        raise AwsError("ValidationException", "Invalid request: tags and overwrite can't be used "
                       "together.")
    if len(params["Value"].encode()) > 4096:
        raise AwsError("ValidationException", "Standard tier parameters support a maximum "
                       "parameter value of 4096 characters.")
    if known and len(known) >= MAX_VERSIONS:
        raise AwsError("ParameterMaxVersionLimitExceeded", "The parameter has too many versions.")
