"""What the worker says to Slack, as the cases of its texts have it, under Slack's own limits.

Every message must pass as an edit too: a root is written anew under the stricter limit on texts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cloud import slack_limits, slack_text

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "slack").iterdir())


@pytest.mark.parametrize("case", [case for case in CASES if (case / "want.json").exists()],
                         ids=lambda case: case.name)
def test_harmless_and_within_limits(case):
    given = json.loads((case / "notice.json").read_text())
    payloads = [json.loads(line) for line in (case / "want.json").read_text().splitlines()]
    assert payloads
    for payload in payloads:
        assert payload["text"]
        assert slack_limits.fault(payload) is None
        assert slack_limits.fault(payload, updates=True) is None
        assert set(slack_text.pings(payload)) <= {given.get("mention")}
        assert slack_text.hazards(payload) == []
