"""The AWS JSON protocols 1.0 and 1.1, the server's side.

Source: "AWS JSON 1.0/1.1 protocol", Smithy specification; error names as SQS, CodePipeline and
SSM really send them.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.model import OperationModel
from botocore.serialize import create_serializer

from . import models
from .errors import AwsError
from .http11 import Request, Response

_NAMESPACES = {"sqs": "com.amazonaws.sqs#"}
_CORAL = "com.amazon.coral.service#"
_LEGACY_OTHER = {"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
                 "QueueNameExists": "QueueAlreadyExists"}
_LEGACY_PREFIXED = frozenset({
    "BatchEntryIdsNotDistinct", "EmptyBatchRequest", "InvalidBatchEntryId", "MessageNotInflight",
    "TooManyEntriesInBatchRequest", "UnsupportedOperation"})


def check_form(request: Request, operation: OperationModel) -> list[str]:
    """What is wrong with the headers, by what botocore's serializer would have sent."""
    protocol = operation.service_model.metadata["protocol"]
    empty = _SkeletonSerializer(protocol).headers(operation)
    wrong = []
    for name in ("Content-Type", "X-Amz-Target"):
        if request.header(name) != empty[name]:
            wrong.append(f"{name} is {request.header(name)!r} and must be {empty[name]!r}")
    if request.method != "POST" or request.target != "/":
        wrong.append(f"{request.method} {request.target} must be POST /")
    return wrong


class _SkeletonSerializer:
    """botocore's serializer, asked only for the headers of an operation."""

    def __init__(self, protocol: str) -> None:
        self._serializer = create_serializer(protocol, include_validation=False)

    def headers(self, operation: OperationModel) -> dict[str, str]:
        return self._serializer.serialize_to_request({}, operation)["headers"]


def read(request: Request) -> dict[str, Any]:
    """The parameters as sent; AwsError when the body is no JSON object."""
    try:
        params = json.loads(request.body.decode("utf-8"), object_pairs_hook=_distinct,
                            parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", f"Could not read the body: {error}") from None
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "The body must be an object.")
    return {key: value for key, value in params.items() if value is not None}


def check_params(service: str, params: dict[str, Any], operation: OperationModel) -> None:
    """Raises the error with which AWS refuses parameters that break the model."""
    found = models.violations(params, operation.input_shape)
    for violation in found:
        if violation.kind in ("type", "unknown"):
            raise AwsError("SerializationException", violation.text)
    if not found:
        return
    if service == "sqs":
        raise _sqs_refusal(found[0])
    noun = "validation error" if len(found) == 1 else "validation errors"
    text = "; ".join(violation.text for violation in found)
    raise AwsError("ValidationException", f"{len(found)} {noun} detected: {text}")


def _sqs_refusal(violation: models.Violation) -> AwsError:
    if violation.kind == "null":
        return AwsError("MissingRequiredParameterException",
                        f"The request must contain the parameter {violation.path}.")
    if violation.kind == "enum":
        return AwsError("InvalidAttributeName", f"Unknown Attribute {violation.path}.")
    return AwsError("InvalidParameterValueException", violation.text)


def answer(answer_members: dict[str, Any], operation: OperationModel) -> Response:
    body = json.dumps(answer_members, separators=(",", ":"), ensure_ascii=False).encode()
    version = operation.service_model.metadata["jsonVersion"]
    return Response(200, body, {"Content-Type": f"application/x-amz-json-{version}"})


def refusal(service: str, error: AwsError, request: Request) -> Response:
    version = "1.0"
    if service != "unknown":
        version = models.service_model(service).metadata["jsonVersion"]
    body = {"__type": _full_name(service, error.code)}
    if error.message is not None:
        body["message"] = error.message
    headers = {"Content-Type": f"application/x-amz-json-{version}"}
    if service == "sqs" and request.header("x-amzn-query-mode") == "true":
        headers["x-amzn-query-error"] = f"{_legacy_code(error.code)};Sender"
    return Response(error.status, json.dumps(body).encode(), headers)


def _full_name(service: str, code: str) -> str:
    """SQS names its errors with a namespace, CodePipeline and SSM without."""
    if service not in _NAMESPACES:
        return code
    modelled = code in models.service_model(service).shape_names
    return (_NAMESPACES[service] if modelled else _CORAL) + code


def _legacy_code(code: str) -> str:
    """The name that SQS's query protocol had for an error: botocore still reports it."""
    if code in _LEGACY_OTHER:
        return _LEGACY_OTHER[code]
    return f"AWS.SimpleQueueService.{code}" if code in _LEGACY_PREFIXED else code


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
