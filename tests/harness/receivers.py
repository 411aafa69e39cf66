"""Where the audit journal is forwarded: receivers of syslog over TLS, OTLP and webhooks."""

import base64
import gzip
import hashlib
import hmac
import http.server
import json
import re
import select
import socket
import ssl
import subprocess
import threading
import time

MESSAGE = re.compile(
    rb"<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z) (\S+) strongroom - (\S+) "
    rb'\[meta sequenceId="(\d+)"\]\[origin software="strongroom" swVersion="[^"]+"\] (.*)',
    re.DOTALL,
)


class Authority:
    """A certificate authority in a folder, with certificates for servers and clients."""

    def __init__(self, folder):
        self.folder = folder
        self.cert, self.key = folder / "ca.pem", folder / "ca.key"
        openssl(
            *["req", "-x509", "-subj", "/CN=test authority", "-days", "2", *new_key(self.key)],
            *["-out", self.cert, "-addext", "keyUsage=critical,keyCertSign"],
        )

    def issue(self, name):
        """Certificate and key, for 127.0.0.1 and localhost."""
        cert, key, request = (self.folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        openssl("req", "-new", "-subj", f"/CN={name}", *new_key(key), "-out", request)
        names = self.folder / "names"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl(
            *["x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key, "-days", "2"],
            *["-CAcreateserial", "-extfile", names, "-out", cert],
        )
        return cert, key


def new_key(path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Receiver:
    """What arrived, as (sequence, event), in the order of arrival."""

    def __init__(self):
        self.events = []
        self.failures = []
        self.refuses = False
        self.changed = threading.Condition()

    def take(self, events):
        with self.changed:
            self.events += events
            self.changed.notify_all()

    def wait(self, enough, seconds=60):
        """Waits until `enough` says so of the events, and returns them."""
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self.events), seconds), (
                len(self.events),
                self.failures,
            )
            return list(self.events)


class Syslog(Receiver):
    """A syslog receiver that asks for a client's certificate of its authority."""

    def __init__(self, authority, answers="close_notify"):
        super().__init__()
        self.answers = answers
        self.heads = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.issue("syslog"))
        self.context.load_verify_locations(authority.cert)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            try:
                self.receive(connection)
            except (OSError, ValueError, AssertionError) as failure:
                self.failures.append(failure)
            finally:
                connection.close()

    def receive(self, plain):
        with self.context.wrap_socket(plain, server_side=True) as connection:
            if self.refuses:
                select.select([connection], [], [])
                reset(connection)
                return
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
            # What is kept is kept before the end of the connection confirms it.
            self.take(list(self.messages(data)))
            if self.answers == "close_notify":
                connection.unwrap()

    def messages(self, data):
        while data:
            length, data = data.split(b" ", 1)
            message, data = data[: int(length)], data[int(length) :]
            assert len(message) == int(length)
            priority, _, _, kind, sequence, event = MESSAGE.fullmatch(message).groups()
            event = json.loads(event)
            assert event["eventType"] == kind.decode()
            assert int(priority) == (108 if "errorCode" in event else 110)
            yield int(sequence), event


def reset(connection):
    """Ends a connection as a process does that dies with data unread."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


class Http(Receiver):
    """A receiver of POST requests of `most` events at most, over TLS if it has an authority."""

    def __init__(self, authority=None, most=1000):
        super().__init__()
        self.most = most
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = 503 if receiver.refuses else 200
                if status == 200:
                    try:
                        events = receiver.read(self.headers, body)
                        status = 413 if len(events) > receiver.most else 200
                        receiver.take(events if status == 200 else [])
                    except (KeyError, ValueError, AssertionError) as failure:
                        receiver.failures.append(failure)
                        status = 400
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*authority.issue("http"))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Otlp(Http):
    """An OTLP/HTTP receiver of logs in JSON."""

    def read(self, headers, body):
        assert headers["content-type"] == "application/json"
        assert headers["authorization"] == "Bearer token"
        assert headers["content-encoding"] == "gzip"
        events = []
        for resource in json.loads(gzip.decompress(body))["resourceLogs"]:
            assert attributes(resource["resource"])["service.name"] == "strongroom"
            for record in resource["scopeLogs"][0]["logRecords"]:
                event = json.loads(record["body"]["stringValue"])
                described = attributes(record)
                assert described["log.record.uid"] == event["eventID"]
                assert described["rpc.method"] == event["eventName"]
                assert described.get("error.type") == event.get("errorCode")
                assert abs(int(record["timeUnixNano"]) / 1e9 - time.time()) < 600
                events.append((int(described["strongroom.journal.sequence"]), event))
        return events


def attributes(of):
    """Attributes by their keys."""
    return {one["key"]: next(iter(one["value"].values())) for one in of["attributes"]}


class Webhook(Http):
    """A receiver that verifies what it gets as Standard Webhooks says."""

    SECRET = b"0123456789abcdef0123456789abcdef"

    def read(self, headers, body):
        identifier, sent = headers["webhook-id"], headers["webhook-timestamp"]
        signed = f"{identifier}.{sent}.".encode() + body
        expected = base64.b64encode(hmac.digest(self.SECRET, signed, hashlib.sha256)).decode()
        assert f"v1,{expected}" in headers["webhook-signature"].split(" ")
        assert abs(int(sent) - time.time()) < 600
        _, first, last = identifier.split("-")
        events = json.loads(body)
        numbers = range(int(first), int(last) + 1)
        assert len(numbers) == len(events)
        return list(zip(numbers, events))
