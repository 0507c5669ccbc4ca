"""Draws the messages of the README into docs/slack, with Chromium: ``make pictures``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import SHOWN, as_html

TARGET = Path("docs/slack")
WIDTH = 720
_MEASURE = "<script>document.title = document.documentElement.scrollHeight</script>"


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        sys.exit(f"pictures: none of {', '.join(names)} is installed")
    return found


def run(page: Path, *options: str) -> str:
    common = ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=2"]
    return subprocess.run([chromium(), *common, *options, page.as_uri()], check=True,
                          capture_output=True, text=True, timeout=60).stdout


def draw(name: str, folder: Path) -> None:
    page = folder / f"{name}.html"
    page.write_text(as_html(name) + _MEASURE, "utf-8")
    shown = run(page, "--dump-dom", f"--window-size={WIDTH},100")
    height = re.search(r"<title>(\d+)</title>", shown)
    assert height, shown
    run(page, f"--window-size={WIDTH},{height[1]}", f"--screenshot={TARGET / f'{name}.png'}")


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in SHOWN:
            draw(name, Path(folder))


main()
