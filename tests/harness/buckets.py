"""The objects that trails deliver into a directory, as S3 serves them: for clients that read only."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

METADATA = ".metadata.json"
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Buckets:
    """A directory with a folder for each bucket, and S3's GetBucketLocation, ListObjects,
    GetObject and HeadObject over it, path style."""

    def __init__(self, directory):
        self.directory = Path(directory)

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"buckets": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.http.server_port}"
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def keys(self, bucket, containing=""):
        """The keys of a bucket, sorted as S3 lists them."""
        place = self.directory / bucket
        files = (path for path in place.rglob("*") if path.is_file())
        keys = (path.relative_to(place).as_posix() for path in files)
        return sorted(
            key for key in keys if containing in key and not key.endswith((METADATA, ".part"))
        )

    def path(self, bucket, key):
        """The file of an object."""
        return self.directory / bucket / key

    def metadata(self, bucket, key):
        """The metadata of an object."""
        path = self.path(bucket, key + METADATA)
        return json.loads(path.read_text()) if path.exists() else {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(url.query, True).items()}
        if key:
            self.object(bucket, key)
        elif "location" in query:
            self.answer(f"<LocationConstraint {NAMESPACE}/>".encode())
        else:
            self.list(bucket, query)

    do_HEAD = do_GET

    def list(self, bucket, query):
        keys = self.buckets.keys(bucket)
        keys = [key for key in keys if key.startswith(query.get("prefix", ""))]
        keys = [key for key in keys if key > query.get("marker", "")]
        listed = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys)
        answer = f"<IsTruncated>false</IsTruncated>{listed}"
        self.answer(f"<ListBucketResult {NAMESPACE}>{answer}</ListBucketResult>".encode())

    def object(self, bucket, key):
        path = self.buckets.path(bucket, key)
        if not path.is_file():
            error = b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
            return self.answer(error, status=404)
        metadata = self.buckets.metadata(bucket, key)
        headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        return self.answer(path.read_bytes(), headers)

    def answer(self, body, headers=None, status=200):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass
