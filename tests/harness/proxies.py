"""A TCP proxy in front of a server, which refuses connections, keeps them waiting, or stops at a chosen
message."""

import contextlib
import socket
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """Where a connection stops for ever: at what a client sends with these bytes in it, or at what is
    answered to that. Connections count from 1."""

    connection: int
    sent: bytes
    answer: bool = False


class Proxy:
    """Passes on what comes to `port`, over connections that are not encrypted."""

    def __init__(self, to):
        self.to = to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        # Whether connections are taken, and whether those that are go on.
        self.is_open = True
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.prepare(None)
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def prepare(self, stop):
        """Counts connections anew, and stops at the one that `stop` says."""
        self.connections = 0
        self.stop = stop
        self.stopped = threading.Event()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_open:
                client.close()
                continue
            self.connections += 1
            connection = Connection(self, self.connections, client)
            threading.Thread(target=connection.run, daemon=True).start()


class Connection:
    """One connection through a proxy."""

    def __init__(self, proxy, number, client):
        self.proxy, self.client = proxy, client
        self.stop = proxy.stop if proxy.stop and proxy.stop.connection == number else None
        self.stopped = proxy.stopped
        # Whether requests, and whether answers, go no further.
        self.holds_requests = self.holds_answers = False

    def run(self):
        self.proxy.goes_on.wait()
        self.server = socket.create_connection(("127.0.0.1", self.proxy.to))
        threading.Thread(target=self.pass_on_answers, daemon=True).start()
        self.pass_on_requests()

    def pass_on_requests(self):
        with self.client, self.server, contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                if self.stop and self.stop.sent in data:
                    self.holds_answers = self.stop.answer
                    self.holds_requests = not self.stop.answer
                if self.holds_requests:
                    self.stopped.set()
                else:
                    self.server.sendall(data)

    def pass_on_answers(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                if self.holds_answers:
                    self.stopped.set()
                else:
                    self.client.sendall(data)
            self.client.shutdown(socket.SHUT_RDWR)
