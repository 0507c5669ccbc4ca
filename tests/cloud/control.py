"""The control interface under /_cloud/: what a test or a person asks of the local AWS.

POST takes and gives JSON; a request that makes no sense is answered 400 with {"error": "..."}.

| path | does |
|---|---|
| GET health, environment, state, calls?since=N, faults, certificate | look |
| POST wait | {condition..., "timeout": 10}: see waiting.py; {"held": true or false} |
| POST announce | publishes: see announce.py |
| POST queues | {name, region, max_receives, attributes} |
| POST subscribe | {topic, queue, raw} |
| POST sqs/expire, sqs/wake | {queue}: ends visibility timeouts; ends long polls empty |
| GET events?execution=ID | every event of executions, sent or not, as they happened |
| POST pipelines | {name, region, account, type, mode, variables, plan(s), events, reads, page} |
| POST pipelines/start | {name, region, account, variables, by, trigger}: somebody else's |
| POST pipelines/finish | {execution, outcome, ...}: ends a running execution at once |
| POST pipelines/retry | {execution, plan, all_actions}: as "Retry" in the console; {"stage": ...} |
| POST pipelines/stop | {execution, comments, abandon}: as "Stop execution" in the console |
| POST topics | {name, region, account, publishers}: an SNS topic to publish to; {"arn": ...} |
| POST buses | {name, region, account, failing}: an event bus, see eventbridge.py; {"arn": ...} |
| POST hooks | {name, secret, status, headers, body}: a receiver of webhooks; {"path": ...} |
| POST doors | {port, open}: opens one more port, opens it again, or shuts it; {"port": ...} |
| POST parameters | {name, value, region, account, type} |
| POST secrets | {name, value, region, account}: in Secrets Manager; {"arn": ...} |
| POST slack | {mode, states, scopes, refuse_blocks, rate_limit, ...}: the table in README.md |
| GET credentials | the secrets and session tokens of all temporary keys |
| POST credentials | {access_key, secret, session_token, expired, account} |
| POST credentials/issue | {role, session, lifetime_s}: a temporary key, as STS would show it |
| POST credentials/expire | {access_key, account, principal}: ends the keys that have these |
| POST roles | {arn, external_id, web_identity, lifetime_s, refuse}: see sts.py |
| POST faults | [rule, ...]: see faults.py; DELETE faults removes all |
| POST reset | back to the start |
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from . import announce, event_rule, waiting
from .doors import Doors
from .errors import Refused
from .eventbridge import bus_arn
from .executions import Execution, Pipeline, Start
from .http11 import Request, Response
from .keyring import Key, user_arn
from .plans import Plan
from .sqs import queue_url
from .world import World

PREFIX = "/_cloud/"


class Control:
    """Serves the control interface of one world; ``environment`` is what workers are given.

    ``doors`` is there once the server listens.
    """

    def __init__(self, world: World, environment: Callable[[], dict[str, str]]) -> None:
        self._world = world
        self._environment = environment
        self.doors: Doors | None = None
        self._routes: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "health"): lambda _: {"ok": True},
            ("GET", "environment"): lambda _: environment(),
            ("GET", "state"): lambda query: self._state("bodies" in query),
            ("GET", "calls"): lambda query: world.calls.since(int(query.get("since", 0))),
            ("GET", "events"): self._events,
            ("GET", "faults"): lambda _: world.faults.show(),
            ("GET", "certificate"): lambda _: {"pem": world.sns.signer.pem.decode()},
            ("GET", "credentials"): lambda _: world.keyring.secrets(),
            ("POST", "wait"): self._wait,
            ("POST", "announce"): lambda given: announce.announce(world, given),
            ("POST", "queues"): self._add_queue,
            ("POST", "subscribe"): self._subscribe,
            ("POST", "sqs/expire"): lambda given: {"shown": self._queue(given).expire()},
            ("POST", "sqs/wake"): lambda given: {"woken": self._queue(given).wake()},
            ("POST", "pipelines"): self._add_pipeline,
            ("POST", "pipelines/start"): self._start,
            ("POST", "pipelines/finish"): self._finish,
            ("POST", "pipelines/retry"): self._retry,
            ("POST", "pipelines/stop"): self._stop,
            ("POST", "images"): self._put_image,
            ("POST", "topics"): self._add_topic,
            ("POST", "buses"): self._add_bus,
            ("POST", "hooks"): lambda given: {"path": world.hooks.declare(given)},
            ("POST", "doors"): self._move_door,
            ("POST", "parameters"): self._put_parameter,
            ("POST", "secrets"): self._put_secret,
            ("POST", "slack"): world.slack.configure,
            ("POST", "credentials"): self._add_key,
            ("POST", "credentials/issue"): self._issue_key,
            ("POST", "credentials/expire"):
                lambda given: {"ended": world.keyring.expire(given, world.now())},
            ("POST", "roles"): world.sts.declare,
            ("POST", "faults"): world.faults.add,
            ("DELETE", "faults"): lambda _: world.faults.clear(),
            ("POST", "reset"): lambda _: world.reset(),
        }

    async def serve(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path[len(PREFIX):]))
        if route is None:
            return _answer(404, {"error": f"no {request.method} {request.path} here"})
        try:
            result = route(_given(request))
            result = await result if inspect.isawaitable(result) else result
        except (Refused, ValueError, KeyError, TypeError) as error:
            return _answer(400, {"error": f"{type(error).__name__}: {error}"})
        return _answer(200, result if result is not None else {"ok": True})

    async def _wait(self, given: dict[str, Any]) -> dict[str, bool]:
        condition = dict(given)
        timeout = condition.pop("timeout", 10)
        waiting.holds(self._world, condition)
        held = await self._world.changes.until(
            lambda: waiting.holds(self._world, condition), timeout)
        return {"held": held}

    def _queue(self, given: dict[str, Any]) -> Any:
        queue = self._world.queue((given or {}).get("queue"))
        if queue is None:
            raise Refused(f"no queue {given.get('queue')!r}")
        return queue

    def _add_queue(self, given: dict[str, Any]) -> dict[str, str]:
        queue = self._world.add_queue(**given)
        return {"url": queue_url(queue), "arn": queue.arn}

    def _subscribe(self, given: dict[str, Any]) -> dict[str, str]:
        topic = announce.topic_arn(given["topic"])
        attributes = {"RawMessageDelivery": "true"} if given.get("raw") else {}
        self._world.sns.topic(topic)
        subscription = self._world.sns.listen(topic, self._queue(given),
                                              self._world.settings.account, attributes)
        return {"arn": subscription.arn}

    def _add_pipeline(self, given: dict[str, Any]) -> dict[str, str]:
        settings = self._world.settings
        plans = given.get("plans") or [given.get("plan", {})]
        variables = [{"name": each} if isinstance(each, str) else each
                     for each in given.get("variables", [])]
        pipeline = Pipeline(
            given["name"], given.get("region", settings.region),
            given.get("account", settings.account),
            given.get("type", "V2"), given.get("mode", "QUEUED"), variables,
            [Plan.parse(plan) for plan in plans],
            event_rule.Rule.parse(given.get("events", False), self._world.queue,
                                  self._world.sns.signer),
            given.get("reads"), given.get("page", 100))
        self._world.codepipeline.add(pipeline)
        return {"arn": pipeline.arn}

    def _start(self, given: dict[str, Any]) -> dict[str, str]:
        settings, name = self._world.settings, given["name"]
        pipeline = self._world.codepipeline.pipeline(
            given.get("account", settings.account), given.get("region", settings.region), name)
        if pipeline is None:
            raise Refused(f"no pipeline {name!r}")
        variables = [{"name": each, "value": value}
                     for each, value in given.get("variables", {}).items()]
        by = given.get("by", f"arn:aws:iam::{settings.account}:user/somebody")
        start = Start(by, trigger_type=given.get("trigger", "StartPipelineExecution"))
        return {"execution": self._world.codepipeline.start(pipeline, variables,
                                                            start).execution_id}

    def _finish(self, given: dict[str, Any]) -> None:
        """Ends one execution, or without ``execution`` every running one."""
        wanted = dict(given or {})
        execution_id = wanted.pop("execution", None)
        if wanted.get("outcome") == "Hang":
            raise Refused("an execution cannot be ended by hanging")
        for execution in self._world.codepipeline.executions():
            if execution_id in (None, execution.execution_id):
                execution.finish(Plan.parse(wanted, execution.plan.actions))

    def _retry(self, given: dict[str, Any]) -> dict[str, str]:
        """Sets one execution going again at the stage where it ended."""
        execution = self._execution(given)
        plan = Plan.parse(given.get("plan", {}), execution.plan.actions)
        return {"stage": self._world.codepipeline.retry(execution, plan,
                                                        given.get("all_actions", False))}

    def _stop(self, given: dict[str, Any]) -> None:
        self._execution(given).stop(given.get("comments"), given.get("abandon", True))

    def _execution(self, given: dict[str, Any]) -> Execution:
        execution = self._world.codepipeline.execution(given["execution"])
        if execution is None:
            raise Refused(f"no execution {given['execution']!r}")
        return execution

    def _events(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Every event, sent or not, in the order in which things happened."""
        wanted = query.get("execution")
        return [event for execution in self._world.codepipeline.executions()
                if wanted in (None, execution.execution_id) for event in execution.told]

    def _put_image(self, given: dict[str, Any]) -> None:
        """Registers an image, or changes one that is there; a State of null deregisters it."""
        rest = dict(given)
        where = rest.pop("region", self._world.settings.region), rest.pop("image_id")
        if "name" in rest:
            self._world.ec2.register(*where, rest.pop("name"), rest.pop("owner"), **rest)
        else:
            self._world.ec2.change(*where, **rest)

    def _add_topic(self, given: dict[str, Any]) -> dict[str, str]:
        settings = self._world.settings
        arn = (f"arn:aws:sns:{given.get('region', settings.region)}:"
               f"{given.get('account', settings.account)}:{given['name']}")
        self._world.sns.topic(arn).publishers = set(given.get("publishers", []))
        return {"arn": arn}

    def _add_bus(self, given: dict[str, Any]) -> dict[str, str]:
        settings = self._world.settings
        arn = bus_arn(given.get("region", settings.region),
                      given.get("account", settings.account), given.get("name", "default"))
        self._world.events.declare(arn, given.get("failing"))
        return {"arn": arn}

    async def _move_door(self, given: dict[str, Any]) -> dict[str, int] | None:
        if given.get("open", True):
            return {"port": await self.doors.open(given.get("port", 0))}
        return self.doors.shut(given["port"])

    def _put_parameter(self, given: dict[str, Any]) -> None:
        settings = self._world.settings
        self._world.ssm.put(given.get("region", settings.region),
                            given.get("account", settings.account),
                            {"Name": given["name"], "Value": given["value"],
                             **({"Type": given["type"]} if "type" in given else {})})

    def _put_secret(self, given: dict[str, Any]) -> dict[str, str]:
        settings = self._world.settings
        return {"arn": self._world.secretsmanager.put(
            given.get("region", settings.region), given.get("account", settings.account),
            given["name"], given["value"])}

    def _add_key(self, given: dict[str, Any]) -> None:
        account = given.get("account", self._world.settings.account)
        self._world.keyring.add(Key(
            given["access_key"], given["secret"], account, user_arn(account),
            given.get("session_token"), self._world.now() if given.get("expired") else None))

    def _issue_key(self, given: dict[str, Any]) -> dict[str, str]:
        expires_at = self._world.now() + given["lifetime_s"]
        return self._world.keyring.issue(given["role"], given["session"], expires_at).shown()

    def _state(self, bodies: bool) -> dict[str, Any]:
        world = self._world
        return {
            "queues": [_shown_queue(queue, bodies) for queue in world.sqs.queues()],
            "executions": [_shown_execution(each) for each in world.codepipeline.executions()],
            "slack": world.slack.show(),
            "parameters": world.ssm.state(),
            "published": world.sns.published,
            "put_events": world.events.put,
        }


def _shown_queue(queue: Any, bodies: bool) -> dict[str, Any]:
    messages = [{"message_id": each.message_id, "receives": each.receives,
                 "in_flight": each.in_flight, **({"body": each.body} if bodies else {})}
                for each in queue.messages()]
    return {"name": queue.name, "region": queue.region, "url": queue_url(queue),
            **queue.counts(), "messages": messages}


def _shown_execution(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.execution_id, "pipeline": execution.pipeline.name,
        "region": execution.pipeline.region, "account": execution.pipeline.account,
        "started_by": execution.start.principal, "status": execution.status,
        "trigger": execution.start.trigger_type, "attempt": execution.attempt,
        "read": execution.read, "finished": execution.finished, "summary": execution.summary,
        "token": execution.start.token,
        "variables": execution.variables, "started": execution.started,
        "updated": execution.updated,
        "actions": [{"stage": run.plan.stage, "action": run.plan.name, "status": run.status,
                     "outputs": run.visible_outputs} for run in execution.actions]}


def _given(request: Request) -> Any:
    if request.method == "POST":
        return json.loads(request.body) if request.body else {}
    return {name: values[-1] for name, values in parse_qs(request.query, True).items()}


def _answer(status: int, members: Any) -> Response:
    body = json.dumps(members, ensure_ascii=False).encode() + b"\n"
    return Response(status, body, {"Content-Type": "application/json"})
