"""What a power cut leaves of a folder, out of what a program has done to it (shim.c).

Bytes and lengths are on the disk when their file was synced, names when their folder was; neither
says anything about the other. A folder that was made is there.
"""

from __future__ import annotations

import random
import struct

HEADER = struct.Struct("=QQQQ")
SECTOR = 512
LOSSES = ("unsynced", "some", "none")


class File:
    """One file: its bytes on the disk, and what was done to it since."""

    def __init__(self, kept: bytes = b"") -> None:
        self.kept, self.changes = kept, []

    def seen(self) -> bytes:
        return self.after(self.changes)

    def after(self, changes) -> bytes:
        found = bytearray(self.kept)
        for change in changes:
            change(found)
        return bytes(found)

    def sync(self) -> None:
        self.kept, self.changes = self.seen(), []

    def left(self, loss: str, draw: random.Random) -> bytes:
        if loss == "none":
            return self.seen()
        if loss == "unsynced":
            return self.kept
        order = draw.sample(self.changes, len(self.changes))
        return self.after(each for each in order if draw.random() < 0.5)


def _written(offset: int, data: bytes):
    """One for each sector, since a write may be torn between them."""
    def put(start: int, end: int):
        def change(found: bytearray) -> None:
            found.extend(bytes(max(0, offset + end - len(found))))
            found[offset + start:offset + end] = data[start:end]
        return change

    cuts = [0, *range(SECTOR - offset % SECTOR, len(data), SECTOR), len(data)]
    return [put(start, end) for start, end in zip(cuts, cuts[1:], strict=False)]


def _resized(length: int):
    def change(found: bytearray) -> None:
        found.extend(bytes(max(0, length - len(found))))
        del found[length:]
    return [change]


class Remains:
    """A folder as it was before the program, and what became of it by a log of shim.c."""

    def __init__(self, before: dict[str, bytes], log: bytes) -> None:
        self.seen = {name: File(data) for name, data in before.items()}
        self.kept = dict(self.seen)
        self._inodes: dict[int, File | str] = {}
        for kind, *what in _records(log):
            getattr(self, f"_{kind}")(*what)

    def left(self, loss: str, seed: int) -> dict[str, bytes]:
        draw = random.Random(seed)
        names = {}
        for name in sorted(self.seen.keys() | self.kept.keys()):
            kept = loss == "unsynced" or (loss == "some" and draw.random() < 0.5)
            file = (self.kept if kept else self.seen).get(name)
            if file:
                names[name] = file.left(loss, draw)
        return names

    def _f(self, inode: int, _offset: int, data: bytes) -> None:
        name = _names(data)[0]
        if name in self.seen:
            self._inodes[inode] = self.seen[name]
        else:
            self._inodes[inode] = name  # a folder

    def _m(self, inode: int, _offset: int, data: bytes) -> None:
        self.seen[_names(data)[0]] = self._inodes[inode] = File()

    def _w(self, inode: int, offset: int, data: bytes) -> None:
        self._inodes[inode].changes += _written(offset, data)

    def _t(self, inode: int, offset: int, _data: bytes) -> None:
        self._inodes[inode].changes += _resized(offset)

    def _s(self, inode: int, _offset: int, _data: bytes) -> None:
        synced = self._inodes[inode]
        if isinstance(synced, File):
            synced.sync()
            return
        inside = {name for name in self.seen.keys() | self.kept.keys()
                  if name.rpartition("/")[0] == synced}
        for name in inside:
            self.kept.pop(name, None)
            if name in self.seen:
                self.kept[name] = self.seen[name]

    def _r(self, _inode: int, _offset: int, data: bytes) -> None:
        self.seen.pop(_names(data)[0], None)

    def _n(self, _inode: int, _offset: int, data: bytes) -> None:
        before, after = _names(data)
        self.seen[after] = self.seen.pop(before)


def _names(data: bytes) -> list[str]:
    return [name.decode() for name in data.split(b"\0")[:-1]]


def _records(log: bytes):
    at = 0
    while at + HEADER.size <= len(log):
        kind, inode, offset, size = HEADER.unpack_from(log, at)
        at += HEADER.size
        if at + size <= len(log):  # else the program died in the midst of it
            yield chr(kind), inode, offset, log[at:at + size]
        at += size
