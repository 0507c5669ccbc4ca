"""More ports that lead to the same place and can be shut: a shut one refuses connections.

What a client meets when the other side is down in earnest cannot be played on a port that also
serves the control interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import Refused
from .http11 import Connection, Handler


@dataclass
class Door:
    """One port; ``server`` is None while it is shut."""

    server: asyncio.base_events.Server | None = None
    connections: set[Connection] = field(default_factory=set)


class Doors:
    """Every such port, on the loopback address."""

    def __init__(self, handler: Handler, now: Callable[[], float]) -> None:
        self._handler, self._now = handler, now
        self._doors: dict[int, Door] = {}

    async def open(self, port: int = 0) -> int:
        """Opens a new port, or one again that was shut; its number."""
        if port and (port not in self._doors or self._doors[port].server):
            raise Refused(f"no door at port {port} is shut")
        door = self._doors.get(port, Door())
        door.server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._handler, self._now, door.connections), "127.0.0.1", port,
            reuse_address=True)
        port = door.server.sockets[0].getsockname()[1]
        self._doors[port] = door
        return port

    def shut(self, port: int) -> None:
        """Refuses connections from now on, and ends those that are open."""
        door = self._doors.get(port)
        if door is None or door.server is None:
            raise Refused(f"no door at port {port} is open")
        door.server.close()
        door.server = None
        for connection in list(door.connections):
            connection.close()

    def shut_all(self) -> None:
        for port, door in self._doors.items():
            if door.server:
                self.shut(port)
