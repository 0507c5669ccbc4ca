"""Every request comes in here: AWS by its headers, Slack, hooks and the control by their paths."""

from __future__ import annotations

import asyncio
import inspect
import uuid
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.model import OperationModel

from . import faults, hooks, models, protocol_json, protocol_query, sigv4, slack
from .calls import Call
from .control import Control
from .errors import AuthError, AwsError
from .http11 import Request, Response
from .keyring import Key, unknown_key
from .service import AwsCall
from .world import World


@dataclass
class Arrival:
    """An AWS request, as far as it could be understood before it was judged."""

    request: Request
    service: str = "unknown"
    operation: str = "unknown"
    protocol: str = "json"
    model: OperationModel | None = None
    claim: sigv4.Claim | None = None
    key: Key | None = None
    params: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    unreadable: AwsError | None = None


class Gateway:
    """Routes, records, strikes with faults, judges, and answers."""

    def __init__(self, world: World, control: Control) -> None:
        self._world = world
        self._control = control

    async def handle(self, request: Request) -> Response:
        if request.path.startswith("/_cloud/"):
            return await self._control.serve(request)
        if request.path.startswith("/slack/"):
            return await self._slack(request)
        if request.path.startswith(hooks.PREFIX):
            return self._hook(request)
        return await self._aws(request)

    async def _slack(self, request: Request) -> Response:
        method, payload = slack.method_of(request.path), slack.read(request)
        call = self._world.calls.begin("slack", method, None, payload)
        call.violations = slack.check_form(request, method, payload)
        rule = self._world.faults.strike(call)
        response = faults.response_instead(rule) if rule else None
        if rule and rule.kind == "slack_error":
            response = self._world.slack.refusal(method, rule.details)
        if response is None:
            response = await self._followed(call, self._world.slack.serve(request, method, payload))
        self._world.calls.end(call, response.status, slack.error_of(response))
        return self._sent(call, faults.bend(rule, response))

    def _hook(self, request: Request) -> Response:
        name = hooks.name_of(request)
        call = self._world.calls.begin("hook", name, None, hooks.shown(request))
        call.violations = self._world.hooks.check(name, request, self._world.now())
        rule = self._world.faults.strike(call)
        response = faults.response_instead(rule) if rule else None
        response = response or self._world.hooks.answer(name)
        self._world.calls.end(call, response.status)
        return self._sent(call, faults.bend(rule, response))

    async def _aws(self, request: Request) -> Response:
        arrival = _read(request)
        region = arrival.claim.region if arrival.claim else None
        call = self._world.calls.begin(arrival.service, arrival.operation, region,
                                       _without_secrets(arrival.params))
        self._identify(arrival, call)
        rule = self._world.faults.strike(call)
        request_id = str(uuid.uuid4())
        error = None
        try:
            response = await self._followed(call, self._serve(arrival, call, rule, request_id))
        except AwsError as refusal:
            response, error = _refusal(arrival, refusal, request_id), refusal.code
        response.headers.setdefault("x-amzn-RequestId", request_id)
        self._world.calls.end(call, response.status, error)
        return self._sent(call, faults.bend(rule, response))

    def _identify(self, arrival: Arrival, call: Call) -> None:
        """Finds whose key it is, and puts that on record."""
        if arrival.claim is None:
            return
        call.access_key = arrival.claim.access_key
        arrival.key = self._world.keyring.find(call.access_key)
        if arrival.key:
            call.account, call.principal = arrival.key.account, arrival.key.principal

    async def _followed(self, call: Call, work: Any) -> Any:
        """Runs the work; a client that leaves meanwhile is recorded as status -1."""
        try:
            return await work
        except asyncio.CancelledError:
            self._world.calls.end(call, -1, "client left")
            raise

    def _sent(self, call: Call, response: Response) -> Response:
        if response.manner in ("reset", "hang", "half", "endless"):
            call.status = -1
        return response

    async def _serve(self, arrival: Arrival, call: Call, rule: faults.Rule | None,
                     request_id: str) -> Response:
        refusal = self._judged(arrival, call, faults.skew(rule))
        if rule and rule.kind in faults.INSTEAD:
            if response := faults.response_instead(rule):
                return response
            raise faults.error_instead(rule, arrival.service)
        if refusal:
            raise refusal
        if rule and rule.kind == "early_empty":
            members: dict[str, Any] = {}
        else:
            members = await self._perform(arrival)
        call.violations += [f"our answer: {line}"
                            for line in models.answer_report(members, arrival.model)]
        members = faults.alter(rule, members)
        if arrival.protocol == "query":
            return protocol_query.answer(members, arrival.model, request_id)
        return protocol_json.answer(members, arrival.model)

    def _judged(self, arrival: Arrival, call: Call, skew: float) -> AwsError | None:
        """What AWS would answer to a request that is not in order, faults or not."""
        try:
            self._judge(arrival, call, skew)
        except AwsError as refusal:
            return refusal
        return None

    def _judge(self, arrival: Arrival, call: Call, skew: float) -> None:
        """Records every violation; raises AWS's answer to the first."""
        call.violations += arrival.wrong
        if arrival.model is None:
            call.violations.append(f"no such operation: {arrival.service}.{arrival.operation}")
            raise AwsError("UnknownOperationException", None, 404)
        try:
            _check_signature(arrival, self._world.now() + skew)
        except AuthError as error:
            call.violations.append(error.message)
            raise error.named_for(arrival.service, arrival.protocol) from None
        if arrival.unreadable:
            raise arrival.unreadable
        shape = arrival.model.input_shape
        report = models.botocore_report(arrival.params, shape)
        texts = [violation.text for violation in models.violations(arrival.params, shape)]
        call.violations += report + texts
        _check(arrival)

    async def _perform(self, arrival: Arrival) -> dict[str, Any]:
        """Runs the operation itself."""
        service = self._world.service(arrival.service)
        operation = getattr(service, xform_name(arrival.operation), None)
        if operation is None:
            raise AwsError("UnsupportedOperation", f"{arrival.operation} is not served here")
        region = arrival.claim.region if arrival.claim else self._world.settings.region
        result = operation(AwsCall(arrival.operation, arrival.params, region, arrival.key))
        return (await result if inspect.isawaitable(result) else result) or {}


def _read(request: Request) -> Arrival:
    """Understands as much of an AWS request as can be understood; never raises."""
    arrival = Arrival(request)
    try:
        arrival.claim = sigv4.read_claim(request)
    except AuthError:
        arrival.claim = None
    if request.header("x-amz-target"):
        _read_json(arrival)
    else:
        _read_query(arrival)
    return arrival


def _read_json(arrival: Arrival) -> None:
    prefix, _, arrival.operation = arrival.request.header("x-amz-target").partition(".")
    arrival.service = models.TARGET_PREFIXES.get(prefix, "unknown")
    if arrival.service == "unknown":
        return
    arrival.model = models.operation_model(arrival.service, arrival.operation)
    try:
        arrival.params = protocol_json.read(arrival.request)
    except AwsError as error:
        arrival.unreadable = error
        arrival.wrong = [error.message]
    if arrival.model:
        arrival.wrong += protocol_json.check_form(arrival.request, arrival.model)


def _read_query(arrival: Arrival) -> None:
    form = protocol_query.read_form(arrival.request)
    arrival.protocol = "query"
    arrival.service = models.QUERY_VERSIONS.get(form.get("Version", ""), "unknown")
    arrival.operation = form.get("Action", "unknown")
    if arrival.service == "unknown":
        arrival.protocol = "json"
        return
    arrival.model = models.operation_model(arrival.service, arrival.operation)
    if arrival.model:
        arrival.params = protocol_query.read(form, arrival.model)
        arrival.wrong = protocol_query.check_form(arrival.request, form, arrival.model)


def _check_signature(arrival: Arrival, now: float) -> None:
    """Raises AuthError unless the request is signed, where its operation wants that."""
    if arrival.model.auth_type == "none" and not arrival.request.header("authorization"):
        return
    claim = arrival.claim or sigv4.read_claim(arrival.request)
    if arrival.key is None:
        raise unknown_key()
    sigv4.judge(arrival.request, claim, arrival.service, arrival.key, now)


def _check(arrival: Arrival) -> None:
    """Raises what AWS answers to a request that is signed well and made badly."""
    if arrival.protocol == "query":
        protocol_query.check_params(arrival.params, arrival.model)
        if arrival.wrong:
            raise AwsError("InvalidParameter", "; ".join(arrival.wrong))
        return
    if arrival.wrong:
        raise AwsError("UnknownOperationException", None, 404)
    protocol_json.check_params(arrival.service, arrival.params, arrival.model)


def _refusal(arrival: Arrival, error: AwsError, request_id: str) -> Response:
    if arrival.protocol == "query":
        return protocol_query.refusal(arrival.service, error, request_id)
    return protocol_json.refusal(arrival.service, error, arrival.request)


def _without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    """A SecureString's value is not for the record, nor a token that proves an identity."""
    secret = {"WebIdentityToken"} | ({"Value"} if params.get("Type") == "SecureString" else set())
    return {name: "(secret)" if name in secret else value for name, value in params.items()}
