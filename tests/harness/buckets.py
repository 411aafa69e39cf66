"""The objects that trails deliver, as S3 serves them and takes them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

METADATA = ".metadata.json"
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Buckets:
    """A directory with a folder for each bucket, and S3's GetBucketLocation, ListObjects,
    GetObject and HeadObject over it, path style; PutObject too for whoever signs with `key`."""

    def __init__(self, directory, key=None):
        self.directory = Path(directory)
        self.key = key
        self.refused = []

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

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        bucket, _, key = unquote(self.path).lstrip("/").partition("/")
        if wrong := self.wrong(body):
            self.buckets.refused.append(wrong)
            return self.answer(b"<Error><Code>SignatureDoesNotMatch</Code></Error>", status=403)
        if not (self.buckets.directory / bucket).is_dir():
            return self.answer(b"<Error><Code>NoSuchBucket</Code></Error>", status=404)
        path = self.buckets.path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        prefix = "x-amz-meta-"
        headers = {name.lower(): value for name, value in self.headers.items()}
        metadata = {k[len(prefix) :]: v for k, v in headers.items() if k.startswith(prefix)}
        if metadata:
            self.buckets.path(bucket, key + METADATA).write_text(json.dumps(metadata))
        path.write_bytes(body)
        return self.answer(b"")

    def wrong(self, body):
        """What is wrong with the signature, as botocore makes it of the same request."""
        said = self.headers["Authorization"] or ""
        names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        scope = said.partition("Credential=")[2].split(",")[0].split("/")
        if len(scope) != 5 or not self.buckets.key or scope[0] != self.buckets.key[0]:
            return f"no credential in {said!r}"
        url = f"http://{self.headers['Host']}{quote(unquote(self.path), safe='/~')}"
        headers = {name: self.headers[name] for name in names if name != "host"}
        request = AWSRequest("PUT", url, headers=headers, data=body)
        request.context["timestamp"] = self.headers["x-amz-date"]
        signer = S3SigV4Auth(Credentials(*self.buckets.key), "s3", scope[2])
        canonical = signer.canonical_request(request)
        expected = signer.signature(signer.string_to_sign(request, canonical), request)
        return None if said.endswith(f"Signature={expected}") else f"{expected} for {canonical}"

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
