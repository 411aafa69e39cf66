"""A webhook that collects what subscription filters of CloudWatch Logs send."""

import base64
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    """Keeps what it gets, as the documents that AWS describes."""

    def __init__(self):
        self.documents = []
        self.statuses = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = collector.statuses.pop(0) if collector.statuses else 200
                if status == 200:
                    data = base64.b64decode(json.loads(body)["awslogs"]["data"])
                    collector.documents.append(json.loads(gzip.decompress(data)))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/logs"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def data(self):
        """The documents that carry events."""
        return [each for each in self.documents if each["messageType"] == "DATA_MESSAGE"]

    @property
    def messages(self):
        """The messages of all events, in the order in which they came."""
        return [event["message"] for each in self.data for event in each["logEvents"]]
