"""A world of its own for a process: a network, a hosts file, and certificates that are trusted.

enter() starts the running program again in new mount and network namespaces; furnish() makes them
what the tests need. In there every IPv4 and IPv6 address leads to the loopback device, so that
whoever is asked, the audit sees it and nobody outside does; names are those of the hosts file, and
a name server that says of every other name that there is none. The machine itself stays as it is.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "EVERGOLD_HOSTILE_NETWORK"
NAME_SERVER = "127.0.0.53"
BUNDLES = [Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pki/tls/certs/ca-bundle.crt")]
_OWN = (["unshare", "--mount", "--net"], ["unshare", "--map-root-user", "--mount", "--net"])


def missing() -> str | None:
    """Why there can be no such world here; None when there can."""
    for tool in ("unshare", "ip", "mount"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if not bundle():
        return "no bundle of trusted certificates is known"
    return None if _unshare() else "namespaces are not allowed here"


def bundle() -> Path | None:
    return next((path for path in BUNDLES if path.exists()), None)


def is_inside() -> bool:
    return INSIDE in os.environ


def enter() -> None:
    """Runs this very program again, inside. Does not return."""
    command = _unshare()
    assert command
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, *sys.orig_argv])


def furnish(folder: Path, hosts: dict[str, str], authority: bytes) -> None:
    """hosts: name -> address. authority: the one certificate that is trusted, PEM."""
    for command in ("link set lo up", "route add local 0.0.0.0/0 dev lo",
                    "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)
    names = {"localhost": "127.0.0.1", **hosts}
    _replace(Path("/etc/hosts"), folder, "".join(
        f"{address} {name}\n" for name, address in names.items()).encode())
    _replace(Path("/etc/resolv.conf"), folder, f"nameserver {NAME_SERVER}\n".encode())
    _replace(bundle(), folder, authority)


def _unshare() -> list[str] | None:
    for command in _OWN:
        if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return None


def _replace(path: Path, folder: Path, content: bytes) -> None:
    ours = folder / path.name
    ours.write_bytes(content)
    subprocess.run(["mount", "--bind", ours, path.resolve()], check=True)
