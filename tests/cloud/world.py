"""Everything that the local AWS and Slack hold, and what they hold at the start."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from .calls import CallLog, Changes
from .codepipeline import CodePipeline
from .ec2 import Ec2
from .eventbridge import EventBridge
from .executions import Execution, Surroundings
from .faults import Faults
from .hooks import Hooks
from .keyring import Key, Keyring, user_arn
from .message_queue import Queue
from .secretsmanager import SecretsManager
from .slack import Slack
from .sns import PUBLIC_TOPICS, Sns
from .sqs import Sqs
from .ssm import Ssm
from .sts import Sts

QUEUE, DEAD_LETTERS = "ami-announcements", "ami-announcements-dead"


@dataclass(frozen=True)
class Settings:
    """What is fixed for the life of the process.  ``speed`` divides the seconds of plans."""

    region: str = "eu-west-1"
    account: str = "111122223333"
    access_key: str = "EVERGOLDLOCALCLOUD00"
    secret: str = "local-cloud-secret-that-opens-nothing"
    speed: float = 1.0


class World:
    """The state behind every service."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.changes = Changes()
        self.calls = CallLog(self.changes)
        self.faults = Faults()
        self.keyring = Keyring()
        self.sqs = Sqs(self.changes.notify)
        self.sns = Sns(self.sqs.by_arn)
        self.ssm = Ssm(self.changes.notify)
        self.secretsmanager = SecretsManager()
        self.sts = Sts(self.keyring)
        self.ec2 = Ec2()
        self.codepipeline = CodePipeline(Surroundings(
            self.changes.notify, self.ssm.value, self._register_built))
        self.events = EventBridge(self.changes.notify)
        self.hooks = Hooks()
        self.slack = Slack(self.changes)
        self._seed()

    def now(self) -> float:
        return time.time()

    def service(self, name: str) -> Any:
        """The object that carries a service's operations."""
        return {"sqs": self.sqs, "sns": self.sns, "ssm": self.ssm, "sts": self.sts,
                "ec2": self.ec2, "events": self.events,
                "codepipeline": self.codepipeline, "secretsmanager": self.secretsmanager}[name]

    def queue(self, name: str | None) -> Queue | None:
        """A queue by name, ARN or URL; None is the one of the announcements."""
        return self.sqs.by_name(name or QUEUE)

    def add_queue(self, name: str, region: str | None = None, max_receives: int = 5,
                  attributes: dict[str, str] | None = None) -> Queue:
        """A queue with its dead-letter queue beside it; ``max_receives`` 0 makes none."""
        region, account = region or self.settings.region, self.settings.account
        given = dict(attributes or {})
        if max_receives:
            dead = self.sqs.make(DEAD_LETTERS if name == QUEUE else f"{name}-dead", region,
                                 account, {})
            given["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": dead.arn,
                                                 "maxReceiveCount": max_receives})
        return self.sqs.make(name, region, account, given)

    def _register_built(self, execution: Execution, region: str, image_id: str) -> None:
        """An image that a pipeline built, as its plan says."""
        pipeline, plan = execution.pipeline, execution.plan
        if plan.builds_in(region):
            self.ec2.register(region, image_id, f"{pipeline.name}-{execution.execution_id[:8]}",
                              pipeline.account, Public=False,
                              State=plan.images.get("state", "available"),
                              shared_with=plan.images.get("accounts", []))

    def reset(self) -> None:
        """Back to the start; calls keep counting."""
        for part in (self.faults, self.keyring, self.sts, self.ec2, self.codepipeline, self.sns,
                     self.sqs, self.ssm, self.secretsmanager, self.events, self.hooks, self.slack,
                     self.calls):
            part.clear()
        self._seed()
        self.changes.notify()

    def _seed(self) -> None:
        """One key, one queue with a dead-letter queue, subscribed to the public AMI topics."""
        settings = self.settings
        self.keyring.add(Key(settings.access_key, settings.secret, settings.account,
                             user_arn(settings.account)))
        self.codepipeline.speed = settings.speed
        queue = self.add_queue(QUEUE)
        for topic in PUBLIC_TOPICS:
            self.sns.listen(topic, queue, settings.account)
