"""A mail server that can be told to refuse, stall, object, or die half-way.

Written on plain sockets: a server library would be too well-behaved.
"""

import contextlib
import email
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import IO

from tests.faults.cutter import shut


@dataclass
class Mail:
    recipients: list[str] = field(default_factory=list)
    content: bytes = b""

    @property
    def message(self) -> Message:
        return email.message_from_bytes(self.content)


class Postbox:
    """Takes mail on one port. `script` maps a command to what happens in place of the usual yes.

    A value is an answer to send, or a function called with the connection.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.accepted: list[Mail] = []
        self.tried = 0  # conversations begun
        self.script: dict[str, str | Callable[[socket.socket], None]] = {}
        self.before_yes: Callable[[Mail], None] = lambda mail: None
        self.listener: socket.socket | None = None
        self.connections: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self.open()

    def open(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._listen, self.listener)

    def close(self) -> None:
        """Ends every conversation. From now on every connection is refused."""
        if self.listener is None:
            return
        for end in [self.listener, *self.connections]:
            shut(end)
        for thread in list(self.threads):
            thread.join()
        self.listener.close()
        self.listener = None

    def _start(self, target: Callable[[socket.socket], None], end: socket.socket) -> None:
        thread = threading.Thread(target=target, args=(end,))
        self.threads.append(thread)
        thread.start()

    def wait_for(self, count: int, seconds: float = 20) -> list[Mail]:
        """The mails taken, as soon as there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.accepted) < count:
            assert time.monotonic() < deadline, f"{len(self.accepted)} mails of {count} came"
            time.sleep(0.05)
        return self.accepted

    def wait_for_a_try(self, count: int = 1, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while self.tried < count:
            assert time.monotonic() < deadline, "nobody tried to send"
            time.sleep(0.05)

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        self.tried += 1
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as reader:
            self._talk(connection, reader)

    def _talk(self, connection: socket.socket, reader: IO[bytes]) -> None:
        mail = Mail()
        if not self._answer(connection, "CONNECT", "220 here"):
            return
        for line in reader:
            command = line[:4].decode().strip().upper()
            if command == "QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            if command == "RCPT":
                mail.recipients.append(line.decode().partition("<")[2].partition(">")[0])
            usual = {"EHLO": "250 here", "DATA": "354 go on"}.get(command, "250 ok")
            if not self._answer(connection, command, usual):
                return
            if command == "DATA" and "DATA" not in self.script:
                mail.content = b"".join(iter(reader.readline, b".\r\n"))
                self.before_yes(mail)
                self.accepted.append(mail)
                if not self._answer(connection, "END", "250 taken"):
                    return
                mail = Mail()

    def _answer(self, connection: socket.socket, command: str, usual: str) -> bool:
        """Says what the script says. False when the conversation is over."""
        answer = self.script.get(command, usual)
        if callable(answer):
            answer(connection)
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return True


def hang(connection: socket.socket) -> None:
    """Says nothing until the other side gives up."""
    while connection.recv(1000):
        pass


def die(connection: socket.socket) -> None:
    """Is gone in the middle of a sentence."""
    shut(connection)
