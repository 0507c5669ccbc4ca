"""Who is talked to in this network: every connection that is begun, every datagram, every name."""
from __future__ import annotations

import ipaddress
import socket
import struct
import threading

_ALL, _TCP, _UDP, _DNS, _SYN, _ACK = 3, 6, 17, 53, 0x02, 0x10
_NO_SUCH_NAME = 3


class Audit:
    """Listens from its making on. Seen are (protocol, address, port) and names that were asked."""

    def __init__(self, name_server: str) -> None:
        self.seen: set[tuple[str, str, int]] = set()
        self.names: set[str] = set()
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        self._wire.bind(("lo", 0))
        self._names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names.bind((name_server, _DNS))
        for work in (self._watch, self._answer):
            threading.Thread(target=work, daemon=True).start()

    def _watch(self) -> None:
        while True:
            found = _destination(self._wire.recv(65536)[14:])
            if found:
                self.seen.add(found)

    def _answer(self) -> None:
        while True:
            question, client = self._names.recvfrom(512)
            self.names.add(_name(question[12:]))
            flags = struct.pack(">H", 0x8180 | _NO_SUCH_NAME)
            self._names.sendto(question[:2] + flags + question[4:6] + bytes(6) + question[12:],
                               client)


def _destination(packet: bytes) -> tuple[str, str, int] | None:
    """Of a TCP connection's first packet, or of a datagram that is no name server's answer."""
    if packet[0] >> 4 == 6:
        protocol, address, body = packet[6], packet[24:40], packet[40:]
    else:
        protocol, address, body = packet[9], packet[16:20], packet[(packet[0] & 15) * 4:]
    if protocol == _TCP and body[13] & (_SYN | _ACK) == _SYN:
        return "tcp", str(ipaddress.ip_address(address)), int.from_bytes(body[2:4], "big")
    if protocol == _UDP and int.from_bytes(body[:2], "big") != _DNS:
        return "udp", str(ipaddress.ip_address(address)), int.from_bytes(body[2:4], "big")
    return None


def _name(labels: bytes) -> str:
    words = []
    while labels[0]:
        words.append(labels[1:labels[0] + 1].decode(errors="replace"))
        labels = labels[labels[0] + 1:]
    return ".".join(words)
