"""The story of the demo: what is announced, and what must have come of it at the end."""

from __future__ import annotations

from collections import Counter

from tests.cloud.client import Cloud

from .narrator import Narrator
from .worker import Worker

MORNING, EVENING = "2023.9.20251027.0", "2023.9.20251110.0"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2", "ap-southeast-2"]
PATIENCE_S = 40


class Day:
    """Publishes one release after the other, waits for what each causes, and sums up."""

    def __init__(self, cloud: Cloud, worker: Worker | None, narrator: Narrator) -> None:
        self._cloud, self._worker, self._narrator = cloud, worker, narrator
        self._shown = 0

    def run(self) -> int:
        self._make_pipelines()
        morning = self._new_release()
        self._same_again(morning)
        self._nobody_tracks()
        self._forged()
        self._build_fails()
        return self._sum_up()

    def _make_pipelines(self) -> None:
        for region in ("eu-west-1", "us-east-1"):
            self._cloud.pipeline("golden-al2023", region=region, events=True,
                                 variables=["BASE_AMI_ID", "BASE_AMI_NAME"])
        self._cloud.pipeline("golden-al2023-arm", region="eu-west-1", events=True,
                             variables=["BASE_AMI_ID"],
                             plans=[{}, {"outcome": "Failed", "at": "Build/BuildGoldenAMI"}])

    def _new_release(self) -> dict:
        self._narrator.chapter("07:00  AWS releases Amazon Linux 2023")
        announced = self._announce(MORNING)
        self._wait_for_builds(3)
        return announced

    def _same_again(self, morning: dict) -> None:
        self._narrator.chapter("07:01  SNS delivers the same message again")
        self._announce(MORNING, message_id=morning["message_id"],
                       timestamp=morning["timestamp"])
        self._wait_for_log("decided", outcome="duplicate", count=3)

    def _nobody_tracks(self) -> None:
        self._narrator.chapter("09:30  AWS releases Amazon Linux 2, which no family tracks")
        self._announce("2.0.20251103.0", topic="amazon-linux-2")
        self._wait_for_log("decided", outcome="ignored")

    def _forged(self) -> None:
        self._narrator.chapter("11:15  Somebody forges a release")
        self._announce("2023.99.20991231.0", forge="signature")
        self._wait_for_log("rejected")

    def _build_fails(self) -> None:
        self._narrator.chapter("16:45  The next release, and one build fails")
        self._announce(EVENING)
        self._wait_for_builds(6)

    def _announce(self, release: str, topic: str = "amazon-linux-2023", **given: object) -> dict:
        note = "with a wrong signature" if given.get("forge") else ""
        self._narrator.say("AWS", f"announces  {topic} {release}", note)
        return self._cloud.announce(topic, release=release, regions=REGIONS, **given)

    def _wait_for_builds(self, count: int) -> None:
        """Until so many executions have ended, and Slack tells the end of each, with details."""
        for told in range(self._shown + 1, count + 1):
            self._cloud.wait_for(PATIENCE_S, slack={"reply": True, "count": told})
            messages = self._cloud.slack_messages()
            reply = [each for each in messages if each["thread_ts"]][told - 1]
            root = next(each for each in messages if each["ts"] == reply["thread_ts"])
            self._narrator.slack(root, reply)
        self._shown = count
        self._cloud.wait_for(PATIENCE_S, executions={"finished": True, "count": count})

    def _wait_for_log(self, event: str, count: int = 1, **fields: object) -> None:
        """Until the worker has said so; one elsewhere says it in its own log, and has then read."""
        if self._worker:
            self._worker.wait_for(event, count, PATIENCE_S, **fields)
        else:
            self._cloud.wait_for(PATIENCE_S, queue={"visible": 0})

    def _sum_up(self) -> int:
        executions = self._cloud.executions()
        builds = Counter((each["pipeline"], each["region"], each["variables"]["BASE_AMI_ID"])
                         for each in executions)
        outcomes = Counter(each["status"] for each in executions)
        rows = [
            ("announcements published", "5, one of them twice, one of them forged"),
            ("pipelines started", f"{len(executions)}: {outcomes['Succeeded']} succeeded, "
                                  f"{outcomes['Failed']} failed"),
            ("started twice", str(sum(count - 1 for count in builds.values()))),
            ("Slack messages", str(len(self._cloud.slack_messages()))),
            ("requests that AWS's own code found wrong", str(len(self._cloud.violations()))),
        ]
        rows += [(f"golden AMI {name}", value)
                 for name, value in sorted(self._cloud.parameters().items())]
        if self._worker:
            rows.append(("worker stopped with exit status", str(self._worker.stop())))
        self._narrator.chapter("The day in figures")
        self._narrator.table(rows)
        fine = (len(builds) == len(executions) == 6 and self._shown == 6
                and not self._cloud.violations() and outcomes["Failed"] == 1)
        self._narrator.title("Each tracked image was built exactly once." if fine
                             else "This is not what should have happened.")
        return 0 if fine else 1
