"""The names by which the worker reaches the cloud, in a network of its own where there may be one.

There a name can be known no more, or lead to where nobody listens, and whoever else is talked to is
seen (tests/hostile/network.py).  Where namespaces are not allowed the cloud is reached by its
address; steps that would move a name do nothing, and the run says so.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tests.hostile import network
from tests.hostile.audit import Audit

NAME, HOME, NOWHERE = "cloud.faults.test", "127.0.0.1", "127.0.0.66"


class Names:
    """None of the moving kind; also what is used where there is no network of our own."""

    moves = False

    def of(self, url: str) -> str:
        return url

    def begin(self) -> None:
        """All is well, and nobody was talked to yet."""

    def lead(self, where: str) -> None:
        """home, gone, elsewhere, or two ways: elsewhere and home."""

    def strangers(self, url: str) -> list[str]:
        return []


class OwnNames(Names):
    """In the network that network.enter() has made; listens from its making on."""

    moves = True

    def __init__(self, folder: Path) -> None:
        network.furnish(folder, {NAME: HOME}, network.bundle().read_bytes())
        self._hosts = folder / "hosts"
        self._audit = Audit(network.NAME_SERVER)

    def of(self, url: str) -> str:
        return url.replace(HOME, NAME, 1)

    def begin(self) -> None:
        self.lead("home")
        self._audit.seen.clear()
        self._audit.names.clear()

    def lead(self, where: str) -> None:
        addresses = {"home": [HOME], "elsewhere": [NOWHERE], "two ways": [NOWHERE, HOME]}
        lines = "".join(f"{address} {NAME}\n" for address in addresses.get(where, []))
        self._hosts.write_text(f"127.0.0.1 localhost\n{lines}")

    def strangers(self, url: str) -> list[str]:
        port = urlsplit(url).port
        allowed = {("tcp", HOME, port), ("tcp", NOWHERE, port),
                   ("udp", network.NAME_SERVER, 53)}
        return [*(f"{protocol} {address} port {at}" for protocol, address, at in
                  sorted(self._audit.seen - allowed)), *sorted(self._audit.names - {NAME})]
