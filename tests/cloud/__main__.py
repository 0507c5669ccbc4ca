"""python -m tests.cloud: runs the local AWS and Slack until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from .server import Server
from .world import Settings


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cloud", description="A local AWS and Slack for evergold.",
        epilog="Control it under URL/_cloud/; see tests/cloud/README.md.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (%(default)s)")
    parser.add_argument("--advertise", metavar="URL",
                        help="the URL that workers are given, where it differs from the bound one")
    parser.add_argument("--dir", type=Path, metavar="DIR",
                        help="where env, cloud.json, sns.pem and slack-token go (a new folder)")
    parser.add_argument("--region", default=Settings.region, help="home region (%(default)s)")
    parser.add_argument("--speed", type=float, default=1.0,
                        help="divides the seconds that pipelines take (%(default)s)")
    parser.add_argument("--quiet", action="store_true", help="print nothing")
    parser.add_argument("--until-eof", action="store_true",
                        help="stop when standard input ends: nothing outlives who started it")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if options.until_eof:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    folder = options.dir or Path(tempfile.mkdtemp(prefix="evergold-cloud-"))
    settings = Settings(region=options.region, speed=options.speed)
    server = Server(settings, folder, options.advertise)
    await server.start(options.host, options.port)
    if not options.quiet:
        sys.stdout.write(server.greeting())
        sys.stdout.flush()
    await stopped.wait()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(_run(_options()))
