"""Runs the demo: a local cloud, the real worker, and a day of releases.

    python -m tests.demo                          everything, here (EVERGOLD names the binary)
    python -m tests.demo --cloud URL --no-worker  only the day, on a cloud and a worker elsewhere
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.cloud.client import Cloud, CloudTimeout

from .day import Day
from .narrator import Narrator
from .worker import Worker


def main() -> int:
    arguments = _arguments()
    narrator = Narrator(sys.stdout)
    with ExitStack() as stack:
        narrator.title(
            "A day of AMI releases, on a local AWS and Slack. Nothing leaves this machine.")
        cloud = (Cloud.at(arguments.cloud) if arguments.cloud
                 else stack.enter_context(Cloud(speed=arguments.speed)))
        worker = None
        if not arguments.no_worker:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evergold-")))
            worker = stack.enter_context(Worker(cloud, folder, narrator))
        try:
            return Day(cloud, worker, narrator).run()
        except CloudTimeout as trouble:
            narrator.trouble(str(trouble))
            return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", help="URL of a local cloud that runs already")
    parser.add_argument("--no-worker", action="store_true", help="a worker runs already")
    parser.add_argument("--speed", type=float, default=float(os.environ.get("SPEED", "0.3")),
                        help="how fast pipelines are (1: a build takes about a second)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
