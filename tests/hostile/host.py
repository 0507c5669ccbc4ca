"""The hosts that keep signing certificates, each as good or as bad as its cases need it.

One address each, all on port 443. What is asked for is found by the path alone, for a name has 32
digits of its own: `pages` says what is answered, and everything else is not there.
"""
from __future__ import annotations

import contextlib
import datetime
import gzip
import itertools
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.hostile.tls import Authority

GOOD = ["us-east-1.amazonaws.com", "af-south-1.amazonaws.com", "us-gov-east-1.amazonaws.com",
        "cn-north-1.amazonaws.com.cn", "eusc-de-east-1.amazonaws.eu",
        "ap-northeast-3.amazonaws.com"]
# Region -> its host's address, as the cases of F-04, F-05 and F-08 want it.
BAD = {"sa-east-1": "127.0.1.1", "us-west-2": "127.0.1.2", "us-west-1": "127.0.1.3",
       "ap-south-1": "127.0.1.4", "eu-west-1": "127.0.1.5", "eu-central-1": "127.0.1.6",
       "eu-west-2": "127.0.1.7", "eu-north-1": "127.0.1.8", "eu-west-3": "127.0.1.9",
       "ap-northeast-1": "127.0.1.10"}
ADDRESS = "127.0.1.53"
PORT = 443
TEXTS = {"text": b"no\n", "empty": b"", "html": b"<html><body>Please log in</body></html>\n",
         "xml": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>\n",
         "17 KiB": b"x" * 17 * 1024, "10 MiB": b"x" * 10 * 1024 * 1024}


def names() -> dict[str, str]:
    """For the hosts file."""
    return {**{f"sns.{name}": ADDRESS for name in GOOD},
            **{f"sns.{region}.amazonaws.com": address for region, address in BAD.items()}}


class Page:
    """What is answered for one name: a certificate, or what a case wants served instead."""

    def __init__(self, pem: bytes, served: dict[str, Any] | None = None) -> None:
        self.pem, self.served = pem, served or {}


class Host:
    """pages: by the 32 digits in a path. requests: how often each path was asked for."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.pages: dict[str, Page | Iterator[Page]] = {}
        self.requests: Counter[str] = Counter()
        self.heads: list[str] = []
        self.released = threading.Event()
        self._news = threading.Condition()
        self._stuck: list[socket.socket] = []
        self._listen(ADDRESS, authority.context(folder, [f"sns.{name}" for name in GOOD]))
        for region, context in _bad_contexts(authority, folder).items():
            self._listen(BAD[region], context)
        self._refuse()

    def begin(self) -> None:
        """Serves nothing, and forgets what was asked."""
        self.pages.clear()
        self.requests.clear()
        self.heads.clear()
        self.released.clear()

    def wait_for(self, path: str) -> None:
        """Until it was asked for that."""
        with self._news:
            assert self._news.wait_for(lambda: self.requests[path] > 0, 30), f"{path}: not asked"

    # What listens where.

    def _listen(self, address: str, context: ssl.SSLContext | None) -> None:
        listener = socket.create_server((address, PORT), backlog=200)

        def each(client: socket.socket) -> None:
            client.settimeout(30)
            with contextlib.suppress(OSError, ValueError), (
                    context.wrap_socket(client, server_side=True) if context else client) as tls:
                self._serve(tls)
        _accept(listener, each)

    def _refuse(self) -> None:
        """Hosts that do not come as far as TLS."""
        _accept(socket.create_server((BAD["us-west-2"], PORT)), _reset)
        _accept(socket.create_server((BAD["ap-south-1"], PORT)), self._stuck.append)
        full = socket.create_server((BAD["us-west-1"], PORT), backlog=0)
        self._stuck += [full, *(_begin_connection(BAD["us-west-1"]) for _ in range(4))]

    # One request.

    def _serve(self, client: socket.socket) -> None:
        head = _read_head(client)
        path = head.split(" ")[1]
        with self._news:
            self.requests[path] += 1
            self.heads.append(head)
            self._news.notify_all()
        page = self.pages.get(path[-36:-4])
        page = page if isinstance(page, (Page, type(None))) else next(page)
        if page is None:
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        elif page.served.get("pace"):
            self._pace(client, page)
        else:
            _answer(client, page)

    def _pace(self, client: socket.socket, page: Page) -> None:
        pace = page.served["pace"]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(page.pem)}\r\n\r\n".encode()
        if pace == "close":
            return
        if pace == "headers":
            head = head[:-2]
        if pace in ("stall", "headers", "drip", "hold"):
            client.sendall(head + (page.pem[:10] if pace == "stall" else b""))
        for byte in page.pem[:60] if pace == "drip" else b"":
            client.sendall(bytes([byte]))
            time.sleep(1)  # the pace of this case, not a wait for anything
        self.released.wait(60)
        if pace == "hold":
            client.sendall(page.pem)


def _bad_contexts(authority: Authority, folder: Path) -> dict[str, ssl.SSLContext | None]:
    def named(region: str) -> list[str]:
        return [f"sns.{region}.amazonaws.com"]

    old = authority.context(folder, named("eu-central-1"))
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    return {
        "eu-west-1": authority.context(folder, named("eu-west-1"),
                                       until=datetime.timedelta(days=-1)),
        "eu-west-2": authority.context(folder, named("eu-west-2"), self_signed=True),
        "eu-west-3": authority.context(folder, ["sns.amazonaws.com"]),
        "eu-north-1": Authority().context(folder, named("eu-north-1")),
        "eu-central-1": old,
        "ap-northeast-1": None,
    }


def _accept(listener: socket.socket, each: Callable[[socket.socket], None]) -> None:
    def work() -> None:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=each, args=(client,), daemon=True).start()
    threading.Thread(target=work, daemon=True).start()


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _begin_connection(address: str) -> socket.socket:
    """Fills the queue of a listener that takes nothing."""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((address, PORT))
    return client


def _read_head(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(4096)
        if not more:
            raise ValueError("half a request")
        head += more
    return head.decode("latin-1")


def _body(page: Page) -> bytes:
    kind = page.served.get("body", "certificate")
    if kind == "gzip":
        return gzip.compress(page.pem)
    if kind == "bomb":
        return gzip.compress(bytes(8 << 20))
    return TEXTS.get(kind, page.pem)


def _answer(client: socket.socket, page: Page) -> None:
    served, body = page.served, _body(page)
    kind = served.get("body")
    if kind == "noise":
        client.sendall(b"\x00\x01\x02 no HTTP\r\n\r\n")
    elif kind == "bare":
        client.sendall(page.pem)
    elif kind == "chunks":
        _for_ever(client, b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n")
    elif kind == "headers":
        _for_ever(client, b"", b"X-Filler: " + b"x" * 1000 + b"\r\n")
    else:
        headers = {"Content-Length": str(len(body)), "Connection": "close",
                   **served.get("headers", {})}
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        client.sendall(f"HTTP/1.1 {served.get('status', 200)} X\r\n{text}\r\n".encode() + body)


def _for_ever(client: socket.socket, head: bytes, again: bytes) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n" + head)
    for _ in itertools.count():
        client.sendall(again)
