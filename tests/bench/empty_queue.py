"""A queue in which nothing ever arrives: answers every long poll empty after its 20 s.

For what the local cloud cannot give a benchmark: an answer to the bare poll, which signs nothing,
https, and the moment at which a request arrives, on this process's own clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time

WAIT_S = 20
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n"


class EmptyQueue:
    """Serves on a free port of localhost, in a thread.

    ``tls`` makes it https; with ``keep`` false each connection is closed after one answer.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, keep: bool = True) -> None:
        self._tls, self._keep = tls, keep
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._first = 0.0
        self._news = threading.Condition()
        self.url = ""

    def __enter__(self) -> EmptyQueue:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def first_poll(self, timeout: float = 10) -> float:
        """When (time.monotonic()) the very first request had arrived; waits for it."""
        with self._news:
            if not self._news.wait_for(lambda: self._first, timeout):
                raise TimeoutError(f"nobody polled {self.url} within {timeout} s")
            return self._first

    async def _start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        port = server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://localhost:{port}"

    async def _stop(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError,
                                 asyncio.CancelledError):
            await self._answer(reader, writer)
            while self._keep:
                await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._read(reader)
        await asyncio.sleep(WAIT_S)
        writer.write(_HEAD + (b"" if self._keep else b"Connection: close\r\n") + b"\r\n{}")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        with self._news:
            self._first = self._first or time.monotonic()
            self._news.notify_all()
        length = head.split(b"content-length:")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
