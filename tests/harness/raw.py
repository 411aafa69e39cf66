"""HTTP by hand, for requests that no client library would send."""

import socket


class RawConnection:
    """A TCP connection to the server."""

    def __init__(self, server, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends bytes, also where the server has stopped listening."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def finish_sending(self):
        """Tells the server that nothing more comes."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return self

    def answer(self):
        """Everything until the server closes or falls silent."""
        received = b""
        try:
            while data := self.socket.recv(65536):
                received += data
                if complete(received):
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        return received

    def status(self):
        """The status of the answer; 0 if the connection ended without one."""
        parts = self.answer().split(b" ", 2)
        return int(parts[1]) if parts[0].startswith(b"HTTP/1.") else 0


def complete(received):
    """Whether a response with a length is there as a whole."""
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False


def request(headers, body=b"", line="POST / HTTP/1.1"):
    """A request as bytes."""
    head = [line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(head).encode("latin-1") + body
