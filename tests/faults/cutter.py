"""Stands between the site and PostgreSQL and cuts the line when a request has been committed."""

import contextlib
import socket
import threading
from types import TracebackType

# "Command complete", then "ready for the next", as PostgreSQL says it.
COMMIT_DONE = b"COMMIT\x00Z"
# The site commits before this too: what it counts.
STORES_A_REQUEST = b'INSERT INTO "consults_consultrequest"'


class Cutter:
    def __init__(self, listen: int, forward: int) -> None:
        self.forward = forward
        self.cuts_next_commit = False
        self.is_storing = False
        self.cuts = 0
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", listen))

    def __enter__(self) -> "Cutter":
        self.threads = [threading.Thread(target=self._listen)]
        self.threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Call it when the site behind has stopped: its connections end here."""
        shut(self.listener)
        for thread in self.threads:
            thread.join()
        for end in [self.listener, *self.ends]:
            end.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.forward))
            self.ends += [client, server]
            for source, target in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pass_on, args=(source, target))
                self.threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                if self.cuts_next_commit and STORES_A_REQUEST in content:
                    self.is_storing = True
                if self.is_storing and COMMIT_DONE in content:
                    self.cuts_next_commit = self.is_storing = False
                    self.cuts += 1
                    break
                target.sendall(content)
        shut(source)
        shut(target)


def shut(end: socket.socket) -> None:
    """Wakes whoever waits for it; closing alone would not."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
