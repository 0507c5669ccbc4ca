"""The local cloud in the hands of a test: start it, act on it, wait for what it observes.

    with Cloud() as cloud:
        cloud.pipeline("golden", variables=["BASE_AMI_ID"])
        cloud.announce("amazon-linux-2023", release="2023.9.20251027.0")
        subprocess.Popen([...], env={**os.environ, **cloud.env()})
        cloud.wait_for(executions={"finished": True})

Nothing here sleeps or asserts; wait_for() raises CloudTimeout with what was seen last.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
READY = "# look:"
_STOP_S = 10
_SEEN = ("channel_name", "text", "blocks", "attachments", "broadcast")


class CloudTimeout(AssertionError):
    """A condition did not come to hold in time."""


class CloudError(Exception):
    """The control interface refused, or the process did not start."""


class Cloud:
    """One local cloud in a process of its own, on a free port."""

    def __init__(self, *, speed: float = 1.0, region: str = "eu-west-1",
                 directory: str | os.PathLike | None = None, python: str = sys.executable) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="evergold-cloud-")
        self.directory = Path(directory or self._scratch.name).resolve()
        self._command = [python, "-m", "tests.cloud", "--until-eof", "--dir", str(self.directory),
                         "--speed", str(speed), "--region", region]
        self._process: subprocess.Popen | None = None
        self._environment: dict[str, Any] = {}

    # Life.

    def __enter__(self) -> Cloud:
        return self.start()

    def __exit__(self, *_: Any) -> None:
        self.stop()

    def start(self) -> Cloud:
        """Starts the process and waits for its greeting: then it listens."""
        self._process = subprocess.Popen(self._command, cwd=ROOT, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not any(line.startswith(READY) for line in self._process.stdout):
            self.stop()
            raise CloudError(f"the local cloud did not start: {' '.join(self._command)}")
        self._environment = json.loads((self.directory / "cloud.json").read_text())
        return self

    def stop(self) -> int | None:
        """Stops the process; its exit status."""
        process, self._process = self._process, None
        self._scratch.cleanup()
        if process is None:
            return None
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode

    @classmethod
    def at(cls, url: str) -> Cloud:
        """A cloud that runs already, in another container say; stop() leaves it alone."""
        cloud = cls()
        cloud._environment = {"CLOUD_URL": url}
        cloud._environment = cloud.ask("GET", "environment")
        cloud._environment["CLOUD_URL"] = url
        return cloud

    # What a worker is given.

    def env(self) -> dict[str, str]:
        """The AWS environment of a worker, by the standard names alone."""
        return {name: value for name, value in self._environment.items()
                if name.startswith("AWS_")}

    @property
    def url(self) -> str:
        return self._environment["CLOUD_URL"]

    @property
    def region(self) -> str:
        return self._environment["AWS_REGION"]

    @property
    def queue_url(self) -> str:
        return self._environment["CLOUD_QUEUE_URL"]

    @property
    def account(self) -> str:
        return urlsplit(self.queue_url).path.split("/")[1]

    @property
    def certificate(self) -> str:
        """Path of the certificate for trust.pinned_certificates."""
        return self._environment["CLOUD_CERTIFICATE"]

    @property
    def slack_api_url(self) -> str:
        return self._environment["CLOUD_SLACK_API_URL"]

    @property
    def slack_token(self) -> str:
        return self._environment["CLOUD_SLACK_TOKEN"]

    @property
    def slack_token_file(self) -> str:
        return self._environment["CLOUD_SLACK_TOKEN_FILE"]

    @property
    def slack_webhook(self) -> str:
        return self._environment["CLOUD_SLACK_WEBHOOK"]

    # What happens in the cloud.

    def announce(self, topic: str = "amazon-linux-2023", **given: Any) -> dict[str, Any]:
        """Publishes an announcement; the members are those of announce.py."""
        return self.ask("POST", "announce", {"topic": topic, **given})

    def put_body(self, body: str, **given: Any) -> dict[str, Any]:
        """Puts any text into the queue as it is."""
        return self.ask("POST", "announce", {"body": body, **given})

    def pipeline(self, name: str, **given: Any) -> dict[str, Any]:
        """Makes a pipeline: region, account, type, mode, variables, plan or plans, events,
        reads (a parameter), page (the most that a list's page holds)."""
        return self.ask("POST", "pipelines", {"name": name, **given})

    def start_pipeline(self, name: str, **given: Any) -> str:
        """An execution that somebody else starts; region, account, variables, by, trigger.
        Its id."""
        return self.ask("POST", "pipelines/start", {"name": name, **given})["execution"]

    def finish(self, execution: str | None = None, outcome: str = "Succeeded",
               **given: Any) -> None:
        """Ends one running execution, or all."""
        self.ask("POST", "pipelines/finish",
                 {"execution": execution, "outcome": outcome, **given})

    def retry_stage(self, execution: str, **given: Any) -> str:
        """Sets an execution going again, same id, at the stage where it ended: plan (its new
        end; success), all_actions.  The stage's name."""
        return self.ask("POST", "pipelines/retry", {"execution": execution, **given})["stage"]

    def stop_execution(self, execution: str, comments: str | None = None,
                       abandon: bool = True) -> None:
        """Stops by hand; without ``abandon`` it is Stopping until its running action ends."""
        self.ask("POST", "pipelines/stop",
                 {"execution": execution, "comments": comments, "abandon": abandon})

    def queue(self, name: str, **given: Any) -> dict[str, str]:
        """Makes a queue (with a dead-letter queue); its url and arn."""
        return self.ask("POST", "queues", {"name": name, **given})

    def subscribe(self, topic: str, queue: str | None = None, raw: bool = False) -> None:
        self.ask("POST", "subscribe", {"topic": topic, "queue": queue, "raw": raw})

    def image(self, image_id: str, **given: Any) -> None:
        """Registers an image with ``name`` and ``owner``, or changes one; members of AWS's
        description (State, …) are given as they are, a State of None deregisters."""
        self.ask("POST", "images", {"image_id": image_id, **given})

    def parameter(self, name: str, value: str, **given: Any) -> None:
        self.ask("POST", "parameters", {"name": name, "value": value, **given})

    def topic(self, name: str, **given: Any) -> str:
        """Makes an SNS topic: region, account, publishers (accounts that may).  Its ARN."""
        return self.ask("POST", "topics", {"name": name, **given})["arn"]

    def bus(self, name: str = "default", **given: Any) -> str:
        """Makes an event bus: region, account; failing {count, code, entries}.  Its ARN."""
        return self.ask("POST", "buses", {"name": name, **given})["arn"]

    def hook(self, name: str, **given: Any) -> str:
        """Makes a receiver of webhooks: secret (then signatures are judged), status, headers,
        body.  Its URL; for single answers there are faults of the service "hook"."""
        return self.url + self.ask("POST", "hooks", {"name": name, **given})["path"]

    def door(self) -> Door:
        """One more way in, which can be shut."""
        return Door(self, self.ask("POST", "doors", {})["port"])

    def credentials(self, access_key: str, secret: str, **given: Any) -> None:
        self.ask("POST", "credentials", {"access_key": access_key, "secret": secret, **given})

    def issue_key(self, lifetime_s: float = 3600, account: str | None = None,
                  session: str = "instance") -> dict[str, str]:
        """A temporary key of a role, as STS shows it: AccessKeyId, SecretAccessKey,
        SessionToken, Expiration.  For a test that plays who hands out credentials."""
        role = f"arn:aws:iam::{account or self.account}:role/evergold"
        return self.ask("POST", "credentials/issue",
                        {"role": role, "session": session, "lifetime_s": lifetime_s})

    def issued_secrets(self) -> list[str]:
        """The secrets and session tokens of all temporary keys, which nobody else may see."""
        return self.ask("GET", "credentials")

    def expire_keys(self, **wanted: str) -> int:
        """Ends the keys of this access_key, account or principal; how many there were."""
        return self.ask("POST", "credentials/expire", wanted)["ended"]

    def role(self, arn: str, **given: Any) -> None:
        """Makes or changes a role: external_id, web_identity, lifetime_s, refuse."""
        self.ask("POST", "roles", {"arn": arn, **given})

    def faults(self, *rules: dict[str, Any]) -> None:
        """Adds rules: see faults.py."""
        self.ask("POST", "faults", list(rules))

    def clear_faults(self) -> None:
        self.ask("DELETE", "faults")

    def secret(self, name: str, value: str, **given: Any) -> str:
        """Puts a secret into Secrets Manager; its ARN."""
        return self.ask("POST", "secrets", {"name": name, "value": value, **given})["arn"]

    def slack(self, **given: Any) -> None:
        """mode, states, scopes, refuse_blocks, rate_limit, …: the table in README.md."""
        self.ask("POST", "slack", given)

    def expire(self, queue: str | None = None) -> int:
        """Ends every visibility timeout; how many messages came back."""
        return self.ask("POST", "sqs/expire", {"queue": queue})["shown"]

    def wake(self, queue: str | None = None) -> int:
        """Ends every long poll, empty; how many there were."""
        return self.ask("POST", "sqs/wake", {"queue": queue})["woken"]

    def reset(self) -> None:
        self.ask("POST", "reset")

    # What was observed.

    def wait_for(self, timeout: float = 20, **condition: Any) -> None:
        """Waits until the condition holds (see waiting.py), or raises CloudTimeout."""
        held = self.ask("POST", "wait", {**condition, "timeout": timeout}, timeout)["held"]
        if not held:
            last = [_line(call) for call in self.calls()[-15:]]
            raise CloudTimeout(f"{condition} did not hold within {timeout} s; the last calls:\n  "
                               + "\n  ".join(last))

    def wait_calls(self, service: str, operation: str, count: int = 1, timeout: float = 20,
                   **wanted: Any) -> list[dict[str, Any]]:
        """Waits for so many calls and returns those that there are."""
        match = {"service": service, "operation": operation, **wanted}
        self.wait_for(timeout, calls={**match, "count": count})
        return self.calls(service, operation, since=wanted.get("since", 0))

    def calls(self, service: str | None = None, operation: str | None = None,
              since: int = 0) -> list[dict[str, Any]]:
        """The recorded calls, oldest first."""
        every = self.ask("GET", "calls?" + urlencode({"since": since}))
        return [call for call in every if service in (None, call["service"])
                and operation in (None, call["operation"])]

    def violations(self) -> list[str]:
        """Everything that was ever wrong with a request (or with an answer of the cloud)."""
        return [f"{call['service']}.{call['operation']}: {line}"
                for call in self.calls() for line in call["violations"]]

    def state(self, bodies: bool = False) -> dict[str, Any]:
        return self.ask("GET", "state?bodies=1" if bodies else "state")

    def executions(self, pipeline: str | None = None) -> list[dict[str, Any]]:
        """Every execution, oldest first."""
        return [each for each in self.state()["executions"]
                if pipeline in (None, each["pipeline"])]

    def events(self, execution: str | None = None) -> list[dict[str, Any]]:
        """Every event of executions as it happened, sent or not: for a test that sends them
        itself, with put_body()."""
        return self.ask("GET", "events?" + urlencode({"execution": execution} if execution else {}))

    def slack_messages(self) -> list[dict[str, Any]]:
        """Every message as its channel shows it now; replies in threads are among them."""
        return self.state()["slack"]

    def slack_roots(self) -> list[dict[str, Any]]:
        """The messages that stand in their channels; a build has one."""
        return [each for each in self.slack_messages() if not each["thread_ts"]]

    def slack_threads(self, channel: str | None = None) -> list[dict[str, Any]]:
        """What people see in the end: each root with its replies, without times and ids.

        Two runs that end alike have equal threads, however they came there.
        """
        every = [each for each in self.slack_messages()
                 if channel in (None, each["channel_name"])]
        seen = {each["ts"]: {**{name: each[name] for name in _SEEN}, "replies": []}
                for each in every}
        for each in every:
            if each["thread_ts"] in seen:
                seen[each["thread_ts"]]["replies"].append(seen[each["ts"]])
        return [seen[each["ts"]] for each in every if each["thread_ts"] not in seen]

    def published(self, topic: str | None = None) -> list[dict[str, Any]]:
        """What SNS accepted, oldest first: topic, subject, message, attributes, account."""
        return [each for each in self.state()["published"] if topic in (None, each["topic"])]

    def put_events(self) -> list[dict[str, Any]]:
        """What EventBridge accepted, oldest first: bus, source, type, detail, account."""
        return self.state()["put_events"]

    def hook_calls(self, name: str) -> list[dict[str, Any]]:
        """The calls of a receiver; params are the request's headers, text and body."""
        return self.calls("hook", name)

    def parameters(self, account: str | None = None) -> dict[str, str]:
        """An account's values by "region:name"."""
        return {f"{each['region']}:{each['name']}": each["value"]
                for each in self.state()["parameters"]
                if each["account"] in ("", account or self.account)}

    def queue_state(self, name: str = "ami-announcements", bodies: bool = False) -> dict[str, Any]:
        return next(each for each in self.state(bodies)["queues"] if each["name"] == name)

    def queue_depth(self, name: str = "ami-announcements") -> int:
        """Messages that are visible, in flight or delayed."""
        return len(self.queue_state(name)["messages"])

    def dead_letters(self) -> list[dict[str, Any]]:
        return self.queue_state("ami-announcements-dead", bodies=True)["messages"]

    def ask(self, method: str, path: str, given: Any = None, patience: float = 0) -> Any:
        """One request to the control interface."""
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname, address.port, timeout=patience + 30)
        try:
            body = None if given is None else json.dumps(given)
            connection.request(method, f"/_cloud/{path}", body)
            answer = connection.getresponse()
            members = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise CloudError(members["error"])
        return members


class Door:
    """A port that leads to the cloud while it is open, and refuses connections while it is shut."""

    def __init__(self, cloud: Cloud, port: int) -> None:
        self._cloud, self._port = cloud, port
        self.url = f"http://127.0.0.1:{port}"

    def shut(self) -> None:
        self._cloud.ask("POST", "doors", {"port": self._port, "open": False})

    def open(self) -> None:
        self._cloud.ask("POST", "doors", {"port": self._port})


def _line(call: dict[str, Any]) -> str:
    trouble = "; ".join(filter(None, [call["error"], call["fault"], *call["violations"]]))
    return f"{call['seq']} {call['service']}.{call['operation']} {call['status']} {trouble}"
