"""AWS's own description of its services, and judgement by it.

The service models come with botocore; they are loaded when a service is first called.  What a
client sends is judged twice: by botocore's ParamValidator (types, required and unknown members,
minimum lengths), and by our walk over the same shapes for what AWS enforces but botocore leaves
to the server (maximum, pattern, enumeration).  What we answer is judged by the same models.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

TARGET_PREFIXES = {
    "AmazonSQS": "sqs",
    "CodePipeline_20150709": "codepipeline",
    "AmazonSSM": "ssm",
    "AWSEvents": "events",
    "secretsmanager": "secretsmanager",
}
QUERY_VERSIONS = {"2010-03-31": "sns", "2011-06-15": "sts", "2016-11-15": "ec2"}


@functools.cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def operation_model(service: str, operation: str) -> OperationModel | None:
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None


@dataclass(frozen=True)
class Violation:
    """One breach of the model: what kind, where, and AWS's words for it."""

    kind: str  # null, type, unknown, length, range, pattern, enum
    path: str
    text: str


def botocore_report(params: Any, shape: Shape | None) -> list[str]:
    """What botocore itself says against these parameters."""
    if shape is None:
        return [] if not params else ["Unknown parameters: the operation takes none"]
    report = ParamValidator().validate(params, shape)
    return report.generate_report().splitlines() if report.has_errors() else []


def violations(params: Any, shape: Shape | None) -> list[Violation]:
    """Everything that AWS would hold against these parameters."""
    return list(_walk(params, shape, "")) if shape is not None else []


def _walk(value: Any, shape: Shape, path: str) -> Iterator[Violation]:
    if not _has_type(value, shape.type_name):
        yield Violation("type", path, f"Unexpected type at '{path}': {shape.type_name} expected")
    elif shape.type_name == "structure":
        yield from _walk_structure(value, shape, path)
    elif shape.type_name == "list":
        yield from _bounds("length", len(value), shape, path)
        for number, item in enumerate(value, 1):
            yield from _walk(item, shape.member, f"{path}.{number}.member")
    elif shape.type_name == "map":
        yield from _bounds("length", len(value), shape, path)
        for key, item in value.items():
            yield from _walk(key, shape.key, f"{path}.{key}")
            yield from _walk(item, shape.value, f"{path}.{key}.member")
    elif shape.type_name == "string":
        yield from _walk_string(value, shape, path)
    elif shape.type_name in ("integer", "long"):
        yield from _bounds("range", value, shape, path)


def _walk_structure(value: dict, shape: Shape, path: str) -> Iterator[Violation]:
    for name in shape.required_members:
        if name not in value:
            where = _join(path, name)
            yield Violation("null", where, _constraint("null ", where, "Member must not be null"))
    for name, item in value.items():
        if name not in shape.members:
            where = _join(path, name)
            yield Violation("unknown", where, f"Unknown member '{where}'")
        else:
            yield from _walk(item, shape.members[name], _join(path, name))


def _walk_string(value: str, shape: Shape, path: str) -> Iterator[Violation]:
    yield from _bounds("length", len(value), shape, path)
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern and not pattern.fullmatch(value):
        text = f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"
        yield Violation("pattern", path, _constraint("", path, text))
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        text = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        yield Violation("enum", path, _constraint("", path, text))


def _bounds(kind: str, size: int, shape: Shape, path: str) -> Iterator[Violation]:
    what = "Member must have length" if kind == "length" else "Member must have value"
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        text = f"{what} greater than or equal to {low}"
        yield Violation(kind, path, _constraint("", path, text))
    if high is not None and size > high:
        text = f"{what} less than or equal to {high}"
        yield Violation(kind, path, _constraint("", path, text))


def _constraint(value: str, path: str, text: str) -> str:
    return f"Value {value}at '{path}' failed to satisfy constraint: {text}"


def _has_type(value: Any, type_name: str) -> bool:
    if isinstance(value, bool):
        return type_name == "boolean"
    expected = {
        "structure": dict, "map": dict, "list": list, "string": str, "blob": (str, bytes),
        "integer": int, "long": int, "float": (int, float), "double": (int, float),
        "timestamp": (int, float, str), "boolean": bool,
    }
    return isinstance(value, expected[type_name])


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@functools.cache
def _compiled(pattern: str | None) -> re.Pattern | None:
    """The pattern, or None where it uses classes that Python does not know (\\p{L})."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def answer_report(answer: dict, operation: OperationModel) -> list[str]:
    """What the model holds against our own answer; empty is right.

    Two liberties that AWS itself takes are allowed: stray ``__type`` members, and a batch
    answer without its ``Failed`` list although the model requires one.
    """
    plain = _without_type(answer)
    if operation.name.endswith("Batch"):
        plain.setdefault("Failed", [])
        plain.setdefault("Successful", [])
    return botocore_report(plain, operation.output_shape)


def _without_type(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_type(item) for key, item in value.items() if key != "__type"}
    if isinstance(value, list):
        return [_without_type(item) for item in value]
    return value
