"""What the README shows of Slack is what the worker says."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import SHOWN, as_html, as_text

README = Path("README.md")


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_it_as_it_is_sent(name: str) -> None:
    assert f"```\n{as_text(name)}```" in README.read_text("utf-8")


@pytest.mark.parametrize("name", SHOWN)
def test_it_can_be_drawn(name: str) -> None:
    drawn = as_html(name)
    assert "```" not in drawn and "<!subteam" not in drawn
