"""The process: one port for everything, and the files that point a worker at it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from pathlib import Path

from .control import Control
from .doors import Doors
from .gateway import Gateway
from .http11 import Connection
from .slack import TOKEN, WEBHOOK
from .sqs import queue_url
from .world import Settings, World


class Server:
    """Listens on one port; writes DIR/env, cloud.json, sns.pem and slack-token once it does."""

    def __init__(self, settings: Settings, folder: Path, advertise: str | None = None) -> None:
        self._settings, self._advertise = settings, advertise
        self._folder = folder.resolve()
        self._connections: set[Connection] = set()
        self._server: asyncio.base_events.Server | None = None
        self._world: World | None = None
        self._doors: Doors | None = None

    async def start(self, host: str, port: int) -> None:
        world = self._world = World(self._settings)
        control = Control(world, self.environment)
        gateway = Gateway(world, control)
        self._doors = control.doors = Doors(gateway.handle, world.now)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(gateway.handle, world.now, self._connections), host, port,
            backlog=512)
        if not self._advertise:
            bound = self._server.sockets[0].getsockname()[1]
            self._advertise = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{bound}"
        self._write_files()

    async def stop(self) -> None:
        """Ends every connection and everything that runs for it."""
        self._server.close()
        self._doors.shut_all()
        for connection in list(self._connections):
            connection.close()
        self._world.codepipeline.clear()
        await self._server.wait_closed()

    def environment(self) -> dict[str, str]:
        """What a worker and its configuration need to know, under its names."""
        url, settings = self._advertise, self._settings
        return {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": settings.access_key,
            "AWS_SECRET_ACCESS_KEY": settings.secret,
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
            "CLOUD_URL": url,
            "CLOUD_QUEUE_URL": queue_url(self._world.queue(None)),
            "CLOUD_CERTIFICATE": str(self._folder / "sns.pem"),
            "CLOUD_SLACK_API_URL": f"{url}/slack/api",
            "CLOUD_SLACK_TOKEN": TOKEN,
            "CLOUD_SLACK_TOKEN_FILE": str(self._folder / "slack-token"),
            "CLOUD_SLACK_WEBHOOK": f"{url}{WEBHOOK}",
        }

    def greeting(self) -> str:
        """The environment as shell lines, then where to look."""
        return (self._exports() + f"# files: {self._folder}\n"
                f"# look:  curl -s {self._advertise}/_cloud/state\n")

    def _exports(self) -> str:
        return "".join(f"export {name}={shlex.quote(value)}\n"
                       for name, value in self.environment().items())

    def _write_files(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "sns.pem").write_bytes(self._world.sns.signer.pem)
        (self._folder / "slack-token").write_text(TOKEN + "\n")
        (self._folder / "env").write_text(self._exports())
        described = json.dumps({**self.environment(), "pid": os.getpid()}, indent=2)
        partial = self._folder / "cloud.json.new"
        partial.write_text(described + "\n")
        partial.rename(self._folder / "cloud.json")
