"""A trail of a development server, whose hours pass at once."""

import gzip
import json
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from harness.buckets import Buckets
from harness.clients import client, environment
from harness.server import Credentials, Server

ACCOUNT = Credentials("123456789012", "anything")
FORM = "%Y-%m-%dT%H:%M:%SZ"


class Trail:
    """The trail `trail`, which delivers into the bucket `logs` and is validated."""

    def __init__(self, server, buckets, **settings):
        self.server, self.buckets = server, buckets
        self.client = client(server, "cloudtrail", ACCOUNT)
        self.made = datetime.now(timezone.utc)
        self.arn = self.client.create_trail(
            Name="trail", S3BucketName="logs", EnableLogFileValidation=True, **settings
        )["TrailARN"]
        self.client.start_logging(Name="trail")
        self.hours = 0

    def hour(self):
        """Lets an hour pass in which something happens; returns once its digest is there."""
        files = len(self.logs())
        self.client.list_trails()
        self.advance(60)
        self.until(lambda: len(self.logs()) > files)
        self.hours += 1
        self.advance(3600)
        self.until(lambda: len(self.digests()) >= self.hours)

    def advance(self, seconds):
        """Moves the server's clock, which makes it do what is due."""
        body = json.dumps({"advance_seconds": seconds}).encode()
        url = f"{self.server.endpoint}/_strongroom/dev/clock"
        urllib.request.urlopen(url, data=body, timeout=10).close()

    def until(self, is_so):
        """Waits for the jobs."""
        deadline = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < deadline, self.buckets.keys("logs")
            time.sleep(0.05)

    def logs(self):
        """The keys of log files."""
        return self.buckets.keys("logs", "/CloudTrail/")

    def digests(self):
        """The keys of digest files."""
        return self.buckets.keys("logs", "/CloudTrail-Digest/")

    def events(self):
        """All events that were delivered."""
        files = [self.buckets.path("logs", key) for key in self.logs()]
        return [event for file in files for event in records(file)]

    def validate(self, *arguments):
        """What `aws cloudtrail validate-logs --verbose` prints about all of it."""
        start, end = self.made - timedelta(minutes=1), self.made + timedelta(days=2)
        variables = environment(self.server, ACCOUNT)
        return subprocess.run(
            ["aws", "cloudtrail", "validate-logs", "--trail-arn", self.arn, "--verbose"]
            + ["--start-time", start.strftime(FORM), "--end-time", end.strftime(FORM)]
            + list(arguments),
            env=variables | {"AWS_ENDPOINT_URL_S3": self.buckets.endpoint},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )


@contextmanager
def delivering(folder, **settings):
    """A trail of a server of its own, which delivers into a folder."""
    (folder / "logs").mkdir()
    with (
        Server("--dev", "--trail-directory", str(folder), data=False) as server,
        Buckets(folder) as buckets,
    ):
        yield Trail(server, buckets, **settings)


def records(file):
    """The events of a log file."""
    return json.loads(gzip.decompress(file.read_bytes()))["Records"]
