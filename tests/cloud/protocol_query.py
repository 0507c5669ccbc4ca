"""The AWS query protocol, the server's side: a form comes in, XML goes out.

A form is read back into parameters along the operation's input shape, and judged by writing
those parameters out again with botocore's QuerySerializer: both forms must be the same, so a
misspelt key, a gap in a list or a surplus key is seen.
Source: "AWS query protocol", Smithy specification.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.model import OperationModel, Shape
from botocore.serialize import create_serializer

from . import models
from .errors import AwsError
from .http11 import Request, Response

FORM = "application/x-www-form-urlencoded"


def read_form(request: Request) -> dict[str, str]:
    """The form's keys and values; empty when the body is no form, or has a key twice."""
    try:
        pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True,
                          strict_parsing=True)
    except ValueError:
        return {}
    form = dict(pairs)
    return form if len(form) == len(pairs) else {}


def check_form(request: Request, form: dict[str, str], operation: OperationModel) -> list[str]:
    """What is wrong with the form, judged by botocore's serializer."""
    wrong = []
    if (request.header("content-type") or "").split(";")[0] != FORM:
        wrong.append(f"Content-Type is {request.header('content-type')!r} and must be {FORM!r}")
    if request.method != "POST" or request.target != "/":
        wrong.append(f"{request.method} {request.target} must be POST /")
    serializer = create_serializer("query", include_validation=False)
    expected = serializer.serialize_to_request(read(form, operation), operation)["body"]
    for key in form.keys() ^ expected.keys():
        wrong.append(f"{key} is {'unknown' if key in form else 'missing'}")
    return wrong


def read(form: dict[str, str], operation: OperationModel) -> dict[str, Any]:
    """The parameters that the form means, along the input shape."""
    if operation.input_shape is None:
        return {}
    return _read_structure(form, operation.input_shape, "") or {}


def _read(form: dict[str, str], shape: Shape, prefix: str) -> Any:
    """The value at a prefix, or None when the form holds nothing there."""
    readers = {"structure": _read_structure, "list": _read_list, "map": _read_map}
    if shape.type_name in readers:
        return readers[shape.type_name](form, shape, prefix)
    return _scalar(form[prefix], shape) if prefix in form else None


def _scalar(text: str, shape: Shape) -> Any:
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long"):
        return int(text) if text.lstrip("-").isdigit() else text
    return text


def _read_structure(form: dict[str, str], shape: Shape, prefix: str) -> dict | None:
    found = {}
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        value = _read(form, member, f"{prefix}.{key}" if prefix else key)
        if value is not None:
            found[name] = value
    return found or None


def _read_list(form: dict[str, str], shape: Shape, prefix: str) -> list | None:
    if form.get(prefix) == "":
        return []
    if not shape.serialization.get("flattened"):
        prefix = f"{prefix}.{shape.member.serialization.get('name', 'member')}"
    found = []
    while (value := _read(form, shape.member, f"{prefix}.{len(found) + 1}")) is not None:
        found.append(value)
    return found or None


def _read_map(form: dict[str, str], shape: Shape, prefix: str) -> dict | None:
    if not shape.serialization.get("flattened"):
        prefix = f"{prefix}.entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found: dict[str, Any] = {}
    while (key := form.get(f"{prefix}.{len(found) + 1}.{key_name}")) is not None:
        if key in found:
            break
        found[key] = _read(form, shape.value, f"{prefix}.{len(found) + 1}.{value_name}")
    return found or None


def check_params(params: dict[str, Any], operation: OperationModel) -> None:
    """Raises the error with which a query service refuses parameters that break the model."""
    for violation in models.violations(params, operation.input_shape):
        sts = operation.service_model.service_name == "sts"
        code = "ValidationError" if sts or violation.kind == "null" else "InvalidParameter"
        raise AwsError(code, f"1 validation error detected: {violation.text}")


def answer(members: dict[str, Any], operation: OperationModel, request_id: str) -> Response:
    name, shape = operation.name, operation.output_shape
    result = ""
    if shape is not None:
        inner = _write(members, shape)
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        result = f"<{wrapper}>{inner}</{wrapper}>"
    namespace = operation.service_model.metadata["xmlNamespace"]
    text = (f'<{name}Response xmlns="{namespace}">{result}<ResponseMetadata><RequestId>'
            f"{request_id}</RequestId></ResponseMetadata></{name}Response>")
    return Response(200, text.encode(), {"Content-Type": "text/xml"})


def refusal(service: str, error: AwsError, request_id: str) -> Response:
    namespace = models.service_model(service).metadata["xmlNamespace"]
    kind = "Sender" if error.status < 500 else "Receiver"
    text = (f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type>'
            f"<Code>{error.code}</Code><Message>{escape(error.message or '')}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>")
    return Response(error.status, text.encode(), {"Content-Type": "text/xml"})


def _write(value: Any, shape: Shape) -> str:
    """XML for a value along its shape."""
    if shape.type_name == "structure":
        return "".join(_element(member.serialization.get("name", name), value[name], member)
                       for name, member in shape.members.items() if name in value)
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        return "".join(_element(item, entry, shape.member) for entry in value)
    if shape.type_name == "map":
        return "".join(f"<entry>{_element('key', key, shape.key)}"
                       f"{_element('value', item, shape.value)}</entry>"
                       for key, item in value.items())
    if shape.type_name == "boolean":
        return "true" if value else "false"
    return escape(str(value))


def _element(name: str, value: Any, shape: Shape) -> str:
    return f"<{name}>{_write(value, shape)}</{name}>"
