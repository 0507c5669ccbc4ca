"""The AWS query protocols, the server's side: a form comes in, XML goes out.

A form is read back into parameters along the operation's input shape, and judged by writing
those parameters out again with botocore's serializer: both forms must be the same, so a
misspelt key, a gap in a list or a surplus key is seen.  EC2 speaks a dialect: lists are always
flat, names begin with a capital, and answers and errors are wrapped in its own way.
Source: "AWS query protocol" and "AWS EC2 query protocol", Smithy specification.
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
    protocol = operation.service_model.metadata["protocol"]
    serializer = create_serializer(protocol, include_validation=False)
    expected = serializer.serialize_to_request(read(form, operation), operation)["body"]
    for key in form.keys() ^ expected.keys():
        wrong.append(f"{key} is {'unknown' if key in form else 'missing'}")
    return wrong


def read(form: dict[str, str], operation: OperationModel) -> dict[str, Any]:
    """The parameters that the form means, along the input shape."""
    if operation.input_shape is None:
        return {}
    dialect = _Ec2Reader if _is_ec2(operation) else _Reader
    return dialect(form).structure(operation.input_shape, "") or {}


def _is_ec2(operation: OperationModel) -> bool:
    return operation.service_model.metadata["protocol"] == "ec2"


class _Reader:
    """Finds the values of shapes in a form."""

    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    def value(self, shape: Shape, prefix: str) -> Any:
        """The value at a prefix, or None when the form holds nothing there."""
        readers = {"structure": self.structure, "list": self.list, "map": self.map}
        if shape.type_name in readers:
            return readers[shape.type_name](shape, prefix)
        return _scalar(self._form[prefix], shape) if prefix in self._form else None

    def structure(self, shape: Shape, prefix: str) -> dict | None:
        found = {}
        for name, member in shape.members.items():
            key = self.key_of(member, name)
            value = self.value(member, f"{prefix}.{key}" if prefix else key)
            if value is not None:
                found[name] = value
        return found or None

    def list(self, shape: Shape, prefix: str) -> list | None:
        if self._form.get(prefix) == "":
            return []
        prefix = self.items_at(shape, prefix)
        found = []
        while (value := self.value(shape.member, f"{prefix}.{len(found) + 1}")) is not None:
            found.append(value)
        return found or None

    def map(self, shape: Shape, prefix: str) -> dict | None:
        if not shape.serialization.get("flattened"):
            prefix = f"{prefix}.entry"
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        found: dict[str, Any] = {}
        while (key := self._form.get(f"{prefix}.{len(found) + 1}.{key_name}")) is not None:
            if key in found:
                break
            found[key] = self.value(shape.value, f"{prefix}.{len(found) + 1}.{value_name}")
        return found or None

    def key_of(self, member: Shape, name: str) -> str:
        """What the form calls a member."""
        return member.serialization.get("name", name)

    def items_at(self, shape: Shape, prefix: str) -> str:
        """What the numbers of a list's items follow."""
        if shape.serialization.get("flattened"):
            return prefix
        return f"{prefix}.{shape.member.serialization.get('name', 'member')}"


class _Ec2Reader(_Reader):
    def key_of(self, member: Shape, name: str) -> str:
        if "queryName" in member.serialization:
            return member.serialization["queryName"]
        key = member.serialization.get("name", name)
        return key[0].upper() + key[1:]

    def items_at(self, shape: Shape, prefix: str) -> str:
        return prefix


def _scalar(text: str, shape: Shape) -> Any:
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long"):
        return int(text) if text.lstrip("-").isdigit() else text
    return text


def check_params(params: dict[str, Any], operation: OperationModel) -> None:
    """Raises the error with which a query service refuses parameters that break the model."""
    for violation in models.violations(params, operation.input_shape):
        sts = operation.service_model.service_name == "sts"
        code = "ValidationError" if sts or violation.kind == "null" else "InvalidParameter"
        raise AwsError(code, f"1 validation error detected: {violation.text}")


def answer(members: dict[str, Any], operation: OperationModel, request_id: str) -> Response:
    inner = _write(members, operation.output_shape) if operation.output_shape else ""
    if _is_ec2(operation):
        result = f"<requestId>{request_id}</requestId>{inner}"
    else:
        result = (f"{_wrapped(inner, operation)}<ResponseMetadata><RequestId>{request_id}"
                  "</RequestId></ResponseMetadata>")
    namespace = operation.service_model.metadata["xmlNamespace"]
    text = f'<{operation.name}Response xmlns="{namespace}">{result}</{operation.name}Response>'
    return Response(200, text.encode(), {"Content-Type": "text/xml"})


def _wrapped(inner: str, operation: OperationModel) -> str:
    if operation.output_shape is None:
        return ""
    wrapper = operation.output_shape.serialization.get("resultWrapper",
                                                       f"{operation.name}Result")
    return f"<{wrapper}>{inner}</{wrapper}>"


def refusal(service: str, error: AwsError, request_id: str) -> Response:
    metadata = models.service_model(service).metadata
    kind = "Sender" if error.status < 500 else "Receiver"
    told = f"<Code>{error.code}</Code><Message>{escape(error.message or '')}</Message>"
    if metadata["protocol"] == "ec2":
        text = (f"<Response><Errors><Error>{told}</Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>")
    else:
        text = (f'<ErrorResponse xmlns="{metadata["xmlNamespace"]}"><Error><Type>{kind}</Type>'
                f"{told}</Error><RequestId>{request_id}</RequestId></ErrorResponse>")
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
