"""An SQS that does as little as it can, so that it is the worker that has to hurry.

It hands every message out once: a rejected one, which SQS would show again until it is in the
dead-letter queue, is not seen a second time. Requests are not judged; tests/cloud does that.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import threading
from collections import deque
from collections.abc import Iterable

from tests.soak.messages import Message

BATCH = 10
WAIT_S = 20
STAYS, LEAVES, LEFT = 1, 2, 3
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n"
_HANDLE = re.compile(rb'"ReceiptHandle":"AQEB-(\d+)"')
_ID = re.compile(rb'"Id":"(\d+)"')
_ATTRIBUTES = (b'{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:111122223333:ami-announcements",'
               b'"VisibilityTimeout":"120","RedrivePolicy":"{\\"deadLetterTargetArn\\":'
               b'\\"arn:aws:sqs:eu-west-1:111122223333:dead\\",\\"maxReceiveCount\\":5}"}}')


class Queue:
    """Serves the messages on a free port of localhost, in a thread."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = iter(messages)
        self._more: deque[Message] = deque()
        self._fates = bytearray()  # of each message that was given, by its number
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._news = threading.Condition()
        self._stirred = asyncio.Event()
        self._closed = False
        self.left = 0  # deleted
        self.wrong: list[str] = []
        self.url = ""

    def __enter__(self) -> Queue:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # For the one who watches.

    @property
    def given(self) -> int:
        return len(self._fates)

    @property
    def owed(self) -> int:
        """What was given, must be deleted, and is not."""
        return self._fates.count(LEAVES)

    def put(self, message: Message) -> None:
        """One more, before all others."""
        self._more.append(message)
        self._loop.call_soon_threadsafe(self._stirred.set)

    def close(self) -> None:
        """Long polls end, empty, from now on."""
        self._closed = True
        self._loop.call_soon_threadsafe(self._stirred.set)

    def wait_given(self, count: int, patience_s: float) -> bool:
        """Until so many were given; false when nothing was asked for that long."""
        with self._news:
            while self.given < count:
                before = self.given
                if not self._news.wait(patience_s) and self.given == before:
                    return False
        return True

    def wait_news(self, patience_s: float) -> None:
        with self._news:
            self._news.wait(patience_s)

    # The server.

    async def _start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _stop(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError,
                                 asyncio.CancelledError):
            while True:
                body = await self._answer(*await self._read(reader))
                writer.write((_HEAD % len(body)).encode() + body)
                with self._news:
                    self._news.notify_all()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        """Operation and body of a request."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        operation = head.split(b"x-amz-target:")[1].split(b"\r\n")[0].strip()
        return operation.split(b".")[1], await reader.readexactly(length)

    async def _answer(self, operation: bytes, body: bytes) -> bytes:
        if operation == b"receivemessage":
            return await self._receive()
        if operation == b"getqueueattributes":
            return _ATTRIBUTES
        if operation == b"deletemessagebatch":
            self._delete(body)
        elif operation != b"changemessagevisibilitybatch":
            self.wrong.append(f"{operation.decode()} was asked for")
        done = b",".join(b'{"Id":"%s"}' % each for each in _ID.findall(body))
        return b'{"Successful":[%s]}' % done

    async def _receive(self) -> bytes:
        batch = self._take()
        if not batch and not self._closed:
            self._stirred.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), WAIT_S)
            batch = self._take()
        return b'{"Messages":[%s]}' % b",".join(map(self._given, batch)) if batch else b"{}"

    def _take(self) -> list[Message]:
        if self._more:
            return [self._more.popleft() for _ in range(min(BATCH, len(self._more)))]
        return list(itertools.islice(self._messages, BATCH))

    def _given(self, message: Message) -> bytes:
        number = len(self._fates)
        self._fates.append(LEAVES if message.leaves else STAYS)
        return (b'{"MessageId":"00000000-0000-4000-8000-%012d","ReceiptHandle":"AQEB-%d",%s,'
                b'"Attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1760000000000"}}'
                % (number, number, message.members))

    def _delete(self, body: bytes) -> None:
        for number in map(int, _HANDLE.findall(body)):
            if self._fates[number] != LEAVES:
                self.wrong.append(f"message {number} was deleted")
            self._fates[number] = LEFT
            self.left += 1
