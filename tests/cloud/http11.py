"""HTTP/1.1 (RFC 9112), as far as SDKs and libcurl speak it, and as badly as a test may ask.

A connection reads one request at a time, hands it to the handler as a task, and writes the
answer in the manner that the answer names: whole, half, dripping, or as a reset.  When the
client goes away, its running task is cancelled, so a long poll never takes a message for a
client that is dead.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import urlsplit

MAX_HEAD = 64 * 1024
MAX_BODY = 8 * 1024 * 1024
_PIECE = 64 * 1024  # of a body without an end


class BadRequest(Exception):
    """What came is not HTTP, or is too big."""


@dataclass
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass
class Response:
    """An answer, and how it reaches the client.

    manner: whole, reset (the connection is torn down instead), half (then closed),
    drip (the bytes spread over ``seconds``), hang (nothing, until the client gives up),
    endless (a head without a length, and pieces until the client gives up, ``seconds`` apart).
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    manner: str = "whole"
    seconds: float = 0.0
    clock_offset: float = 0.0

    def encode(self, now: float) -> bytes:
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        headers = {"Date": formatdate(now + self.clock_offset, usegmt=True), **self.headers}
        headers["Content-Length"] = str(len(self.body))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class RequestReader:
    """Turns the bytes of a connection into requests."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: Request | None = None

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Request | None:
        """The next complete request, or None until more has come."""
        if self._head is None:
            self._head = self._take_head()
        if self._head is None:
            return None
        body = self._take_body(self._head)
        if body is None:
            return None
        request, self._head = self._head, None
        request.body = body
        return request

    def waits_for_continue(self) -> bool:
        """True once, when the client holds its body back for a 100 (RFC 9110, 10.1.1)."""
        if self._head is None or (self._head.header("expect") or "").lower() != "100-continue":
            return False
        self._head.headers = [h for h in self._head.headers if h[0].lower() != "expect"]
        return True

    def _take_head(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadRequest("the head is too long")
            return None
        head = bytes(self._buffer[:end]).decode("latin-1")
        del self._buffer[: end + 4]
        return _parse_head(head)

    def _take_body(self, head: Request) -> bytes | None:
        if (head.header("transfer-encoding") or "").lower() == "chunked":
            return self._take_chunks()
        length = head.header("content-length") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            raise BadRequest("the content length is not usable")
        if len(self._buffer) < int(length):
            return None
        body = bytes(self._buffer[: int(length)])
        del self._buffer[: int(length)]
        return body

    def _take_chunks(self) -> bytes | None:
        body, at = bytearray(), 0
        while True:
            line_end = self._buffer.find(b"\r\n", at)
            if line_end < 0:
                return None
            size = _chunk_size(bytes(self._buffer[at:line_end]))
            start = line_end + 2
            if len(self._buffer) < start + size + 2:
                return None
            body += self._buffer[start : start + size]
            at = start + size + 2
            if size == 0:
                del self._buffer[:at]
                return bytes(body)
            if len(body) > MAX_BODY:
                raise BadRequest("the body is too long")


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise BadRequest("a chunk has no size") from None


def _parse_head(head: str) -> Request:
    request_line, *lines = head.split("\r\n")
    parts = request_line.split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequest("the request line is malformed")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest("a header is malformed")
        headers.append((name, value.strip(" \t")))
    return Request(parts[0], parts[1], headers)


Handler = Callable[[Request], Awaitable[Response]]


class Connection(asyncio.Protocol):
    """One client: its requests in order, one at a time."""

    def __init__(self, handler: Handler, now: Callable[[], float], open_set: set) -> None:
        self._handler = handler
        self._now = now
        self._open = open_set
        self._reader = RequestReader()
        self._task: asyncio.Task | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._open.add(self)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._task:
            self._task.cancel()

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._advance()

    def close(self) -> None:
        """Ends the connection at once; what runs for it is cancelled."""
        self._transport.abort()

    def _advance(self) -> None:
        if self._task:
            return
        try:
            request = self._reader.next()
        except BadRequest as error:
            answer = Response(400, str(error).encode(), {"Connection": "close"})
            self._transport.write(answer.encode(self._now()))
            self._transport.close()
            return
        if request:
            self._task = asyncio.ensure_future(self._serve(request))
            self._task.add_done_callback(self._ended)
        elif self._reader.waits_for_continue():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _ended(self, task: asyncio.Task) -> None:
        """A mistake of ours is shown, and the client must not wait for it."""
        if not task.cancelled() and (error := task.exception()):
            traceback.print_exception(type(error), error, error.__traceback__)
            self._transport.abort()

    async def _serve(self, request: Request) -> None:
        response = await self._handler(request)
        keep = (request.header("connection") or "").lower() != "close"
        if not keep:
            response.headers["Connection"] = "close"
        keep = await self._deliver(response) and keep
        self._task = None
        if keep:
            self._advance()
        else:
            self._transport.close()

    async def _deliver(self, response: Response) -> bool:
        """Writes the answer in its manner; False when the connection must not be kept."""
        data = response.encode(self._now())
        if response.manner == "hang":
            await asyncio.get_running_loop().create_future()
        elif response.manner == "reset":
            self._reset()
        elif response.manner == "half":
            self._transport.write(data[: len(data) - len(response.body) // 2 - 1])
        elif response.manner == "drip":
            await self._drip(data, response.seconds)
            return True
        elif response.manner == "endless":
            await self._flood(data, response)
        else:
            self._transport.write(data)
            return True
        return False

    async def _drip(self, data: bytes, seconds: float) -> None:
        step = max(1, len(data) // 50)
        pieces = [data[at : at + step] for at in range(0, len(data), step)]
        for piece in pieces:
            self._transport.write(piece)
            await asyncio.sleep(seconds / len(pieces))

    async def _flood(self, data: bytes, response: Response) -> None:
        """The answer is the beginning of it; the length that it told is taken away."""
        head = data[: len(data) - len(response.body)].replace(b"Content-Length", b"X-No-Length")
        self._transport.write(head + response.body)
        while not self._transport.is_closing():
            if self._transport.get_write_buffer_size() < _PIECE:
                self._transport.write(b" " * _PIECE)
            await asyncio.sleep(response.seconds)

    def _reset(self) -> None:
        """Tears the connection down so that the client sees ECONNRESET."""
        linger = struct.pack("ii", 1, 0)
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()
