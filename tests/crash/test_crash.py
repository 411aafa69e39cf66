"""Kills the server again and again while clients write, and looks for what was acknowledged.

After every kill -9: the server starts, in less than a second; everything that a client was told
had happened has happened; the journal verifies, and holds every call that was answered.
"""

import base64
import json
import os
import random
import threading
import time

import pytest

from harness.server import Server
from harness.signed import Connection

CYCLES = int(os.environ.get("STRONGROOM_CRASH_CYCLES", "100"))
SEED = int(os.environ.get("STRONGROOM_CRASH_SEED", random.SystemRandom().randrange(10**9)))
WRITERS = 4


class Acknowledged:
    """What clients were told; every writer adds its own, so no lock is needed."""

    def __init__(self):
        self.keys = []
        self.aliases = []
        self.tags = []
        self.blobs = []
        self.requests = []


class Writer(threading.Thread):
    """A client that writes until the server is gone."""

    def __init__(self, server, seed, told):
        super().__init__(daemon=True)
        self.connection = Connection(server)
        self.random = random.Random(seed)
        self.told = told
        self.wrong = None

    def run(self):
        try:
            self.key = self.create_key()
            while True:
                self.random.choice(
                    [self.create_key, self.create_alias, self.tag, self.encrypt, self.describe]
                )()
        except AssertionError as wrong:
            self.wrong = wrong
        except Exception:
            # The server was killed in the middle of a call: that one was not acknowledged.
            pass

    def call(self, operation, **parameters):
        """A call that was answered with success, and noted as such."""
        status, headers, answer = self.connection.call(operation, **parameters)
        assert status == 200, (operation, status, answer)
        self.told.requests.append(headers["x-amzn-RequestId"])
        return answer

    def name(self):
        """A new name."""
        return f"{self.random.getrandbits(64):016x}"

    def create_key(self):
        description = self.name()
        key = self.call("CreateKey", Description=description)["KeyMetadata"]["KeyId"]
        self.told.keys.append((key, description))
        return key

    def create_alias(self):
        alias = f"alias/{self.name()}"
        key = self.create_key()
        self.call("CreateAlias", AliasName=alias, TargetKeyId=key)
        self.told.aliases.append((alias, key))

    def tag(self):
        key, tag = self.create_key(), self.name()
        self.call("TagResource", KeyId=key, Tags=[{"TagKey": tag, "TagValue": tag}])
        self.told.tags.append((key, tag))

    def encrypt(self):
        plaintext = base64.b64encode(self.name().encode()).decode()
        blob = self.call("Encrypt", KeyId=self.key, Plaintext=plaintext)["CiphertextBlob"]
        self.told.blobs.append((blob, plaintext))

    def describe(self):
        self.call("DescribeKey", KeyId=self.key)


class History:
    """One server with everything that it ever acknowledged."""

    def __init__(self, server):
        self.server = server
        self.random = random.Random(SEED)
        self.keys, self.aliases, self.requests = {}, {}, set()
        self.starts = []

    def cycle(self):
        """Writes, kills, starts and looks."""
        told = [Acknowledged() for _ in range(WRITERS)]
        writers = [Writer(self.server, self.random.random(), each) for each in told]
        for writer in writers:
            writer.start()
        time.sleep(self.random.uniform(0.02, 0.35))
        self.server.kill()
        for writer in writers:
            writer.join(timeout=30)
            assert not writer.is_alive()
            assert writer.wrong is None, writer.wrong
        new = [request for each in told for request in each.requests]
        self.verify_journal(new)
        self.server.start()
        self.starts.append(self.server.startup_seconds)
        self.look(told)
        return len(new)

    def verify_journal(self, new):
        """The journal is whole and holds every call that was answered since the last kill.

        What the store committed and the journal lacks is appended at the next start, so that
        the journal is read before the start only for what it must hold already.
        """
        where = ["--data-dir", self.server.data_dir, "--key-file", self.server.key_file]
        newest = ["-n", str(len(new) + 2000)]
        tail = self.server.command("audit", "tail", *newest, *where)
        assert tail.returncode == 0, tail.stderr
        recorded = {json.loads(line)["requestID"] for line in tail.stdout.splitlines()}
        assert set(new) <= recorded, f"{len(set(new) - recorded)} answered calls are not on record"
        self.requests |= set(new)

    def look(self, told):
        """Everything that was acknowledged is there."""
        connection = Connection(self.server)
        for each in told:
            for key, description in each.keys:
                status, _, answer = connection.call("DescribeKey", KeyId=key)
                assert status == 200, f"key {key} is lost: {answer}"
                assert answer["KeyMetadata"]["Description"] == description
            for alias, key in each.aliases:
                answer = connection.call("DescribeKey", KeyId=alias)[2]
                assert answer["KeyMetadata"]["KeyId"] == key, f"{alias} is lost"
                self.aliases[alias] = key
            for key, tag in each.tags:
                answer = connection.call("ListResourceTags", KeyId=key)[2]
                assert answer["Tags"] == [{"TagKey": tag, "TagValue": tag}], f"tag of {key} is lost"
            for blob, plaintext in each.blobs:
                answer = connection.call("Decrypt", CiphertextBlob=blob)[2]
                assert answer["Plaintext"] == plaintext
            self.keys |= dict(each.keys)
        connection.close()


@pytest.fixture(scope="module")
def history():
    """One data directory for all cycles."""
    with Server("--log", "warn") as server:
        yield History(server)


@pytest.mark.parametrize("cycle", range(CYCLES))
def test_what_was_acknowledged_survives_kill_9(history, cycle):
    print(f"seed {SEED}, cycle {cycle}")
    count = history.cycle()
    print(f"{count} calls acknowledged, started in {history.starts[-1]:.3f} s")
    assert history.starts[-1] < 1


def test_everything_of_all_cycles_is_there(history, capsys):
    server = history.server
    connection = Connection(server)
    listed, marker = set(), {}
    while True:
        page = connection.call("ListKeys", Limit=1000, **marker)[2]
        listed |= {key["KeyId"] for key in page["Keys"]}
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert set(history.keys) <= listed
    assert server.stop() == 0
    where = ["--data-dir", server.data_dir, "--key-file", server.key_file]
    verified = server.command("audit", "verify", *where)
    assert verified.returncode == 0, verified.stderr
    tail = server.command("audit", "tail", "-n", "10000000", *where)
    recorded = {json.loads(line)["requestID"] for line in tail.stdout.splitlines()}
    assert history.requests <= recorded
    assert len(history.requests) > CYCLES
    size = sum(path.stat().st_size for path in server.data_dir.rglob("*") if path.is_file())
    with capsys.disabled():
        print(
            f"\nseed {SEED}: {CYCLES} kills, {len(history.requests)} acknowledged calls, "
            f"{len(history.keys)} keys, {size >> 20} MiB on disk, slowest start "
            f"{max(history.starts):.3f} s"
        )
