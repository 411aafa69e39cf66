"""Starts, stops and kills the program as an operator would."""

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness.places import binary

READY = re.compile(r"^strongroom is ready at (https?://127\.0\.0\.1:(\d+))$")
EXPORT = re.compile(r"^export (AWS_\w+)=(.*)$")
ADMIN = re.compile(r"account (\d{12}), metrics and probes at (http://\S+)")


@dataclass(frozen=True)
class Credentials:
    """An access key."""

    access_key: str
    secret_key: str
    token: str | None = None


class Server:
    """One data directory and the program that serves it, on ports that the kernel picks."""

    def __init__(self, *arguments, data=True, environment=None, umask=0o022, quotas="off"):
        self.place = Path(tempfile.mkdtemp(prefix="strongroom-test-"))
        self.data_dir = self.place / "data"
        self.key_file = self.place / "data.key"
        self.log = self.place / "log"
        self.exports = {}
        # Tests make more keys a second than AWS lets anybody make.
        self.arguments = ["--quotas", quotas, *arguments] if quotas else list(arguments)
        if data:
            self.arguments += ["--data-dir", str(self.data_dir)]
        self.environment = environment or {}
        self.umask = umask
        self.listen = "127.0.0.1:0"
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.place, ignore_errors=True)

    def start(self):
        """Returns once the ready line is printed; takes the export lines of a first start."""
        began = time.monotonic()
        self.stdout = self.spawn()
        for line in self.lines(deadline=began + 30):
            if export := EXPORT.match(line):
                self.exports[export[1]] = export[2]
            if ready := READY.match(line):
                self.endpoint, self.port = ready[1], int(ready[2])
                break
        self.startup_seconds = time.monotonic() - began
        self.account, self.admin = ADMIN.findall(self.log.read_text())[-1]
        return self

    def spawn(self):
        """Starts the process and returns its standard output."""
        ports = ["--listen", self.listen, "--admin-listen", "127.0.0.1:0"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", *ports, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=clean_environment() | self.environment,
                cwd=self.place,
                umask=self.umask,
            )
        return self.process.stdout

    def lines(self, deadline):
        """Lines of standard output. Fails if the program ends or the deadline passes first."""
        buffered = b""
        while time.monotonic() < deadline:
            if not select.select([self.stdout], [], [], 0.1)[0]:
                continue
            data = os.read(self.stdout.fileno(), 65536)
            if not data:
                self.process.wait()
                raise AssertionError(f"the server ended: {self.log.read_text()}")
            *whole, buffered = (buffered + data).split(b"\n")
            yield from (line.decode() for line in whole)
        raise AssertionError(f"the server was not ready in time: {self.log.read_text()}")

    @property
    def root(self):
        """The root access key, as printed on first start."""
        return Credentials(self.exports["AWS_ACCESS_KEY_ID"], self.exports["AWS_SECRET_ACCESS_KEY"])

    def stop(self):
        """SIGTERM. Returns the exit code."""
        return self.end(signal.SIGTERM)

    def kill(self):
        """SIGKILL, if it still runs."""
        if self.process and self.process.poll() is None:
            self.end(signal.SIGKILL)

    def end(self, kind):
        """Sends a signal and waits for the end."""
        self.process.send_signal(kind)
        try:
            return self.process.wait(timeout=40)
        finally:
            self.stdout.close()

    def command(self, *arguments, environment=None, **options):
        """Runs another command of the program to its end."""
        return run(*arguments, environment=self.environment | (environment or {}), **options)

    def resident_bytes(self):
        """The memory that the server has in use."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def clean_environment():
    """An environment without settings for the program or for AWS clients."""
    ours = ("STRONGROOM_", "AWS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run(*arguments, environment=None, **options):
    """Runs the program; output as text, and bounded in time."""
    options = {"capture_output": True, "text": True, "timeout": 60} | options
    return subprocess.run(
        [binary(), *map(str, arguments)], env=clean_environment() | (environment or {}), **options
    )
