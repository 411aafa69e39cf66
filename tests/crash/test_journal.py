"""Kills the server while it packs, indexes and deletes segments of the journal.

Whatever it was at: the journal verifies, holds every call that was answered, and the next start
goes on with what was left undone.
"""

import json
import os
import random
import threading
import time
import urllib.request

from harness.clients import client
from harness.server import Credentials, Server
from harness.signed import Connection

CYCLES = int(os.environ.get("STRONGROOM_JOURNAL_CRASH_CYCLES", "12"))
SEED = int(os.environ.get("STRONGROOM_CRASH_SEED", random.SystemRandom().randrange(10**9)))
ACCOUNT = Credentials("123456789012", "anything")
# A segment has 16 MiB: events are made large, so that few calls fill one.
CONTEXT = {f"name{n}": "x" * 900 for n in range(8)}
PER_SEGMENT = (16 << 20) // 7000
DAYS = 90


def names(server, ending):
    """Numbers of the segments that have a file with this ending."""
    found = (server.data_dir / "journal").glob(f"*.{ending}")
    return sorted(int(path.stem) for path in found)


def fill(server, segments):
    """Makes calls until so many segments are begun; returns the ids of those that were answered."""
    answered, begun = [], len({*names(server, "log"), *names(server, "pack")})

    def write():
        connection = Connection(server, ACCOUNT)
        key = connection.call("CreateKey")[2]["KeyMetadata"]["KeyId"]
        while len({*names(server, "log"), *names(server, "pack")}) < begun + segments:
            status, headers, answer = connection.call(
                "Encrypt", KeyId=key, Plaintext="AAAA", EncryptionContext=CONTEXT
            )
            assert status == 200, answer
            answered.append(headers["x-amzn-RequestId"])
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(answered) > PER_SEGMENT // 4
    return answered


def where(server):
    return ["--data-dir", server.data_dir, "--key-file", server.key_file]


def verify(server):
    """What `audit verify` says of a sound journal."""
    verified = server.command("audit", "verify", *where(server))
    assert verified.returncode == 0, verified.stderr
    return verified.stdout


def query(server, *filters):
    """The ids of the requests that `audit query` finds."""
    found = server.command("audit", "query", *filters, *where(server))
    assert found.returncode == 0, found.stderr
    return [json.loads(line)["requestID"] for line in found.stdout.splitlines()]


def until(is_so, patience=180):
    """Waits for the keeper, which looks every few seconds."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_packing_and_indexing_survive_kill_9():
    print(f"STRONGROOM_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    with Server("--dev", "--log", "warn") as server:
        answered, stages = [], set()
        for cycle in range(CYCLES):
            if cycle % 4 == 0:
                answered += fill(server, 2)
            server.kill()
            stages.add((len(names(server, "log")), len(names(server, "pack")), len(names(server, "idx"))))
            verify(server)
            server.start()
            # The keeper begins at once with what is left.
            time.sleep(chance.uniform(0, 0.4))
        server.kill()
        assert set(answered) <= set(query(server, "--event-name", "Encrypt"))
        server.start()
        # All but the newest, which is begun with the first call.
        Connection(server, ACCOUNT).call("ListKeys")
        newest = names(server, "log")[-1]
        until(lambda: names(server, "log") == [newest] and names(server, "idx") == names(server, "pack"))
        assert names(server, "pack") == list(range(newest))
        assert not list((server.data_dir / "journal").glob("*.new"))
        print(f"{len(answered)} calls, {newest} segments, killed at {sorted(stages)}")
        # By the index, and by reading everything.
        every = query(server)
        assert set(answered) == set(query(server, "--event-name", "Encrypt"))
        assert len(every) == len(set(every)) > len(answered)
        key = client(server, "kms", ACCOUNT).list_keys()["Keys"][0]["KeyArn"]
        uses = query(server, "--resource", key)
        assert uses == query(server, "--resource", key.split("/")[1])
        assert 0 < len(uses) < len(every)
        found = client(server, "cloudtrail", ACCOUNT).lookup_events(
            LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": key}]
        )
        assert found["Events"]
        verify(server)


def test_retention_survives_kill_9():
    with Server("--dev", "--log", "info", "--journal-retention", str(DAYS)) as server:
        old = fill(server, 4)
        until(lambda: len(names(server, "pack")) >= 3)
        begun = names(server, "log")[-1]
        body = json.dumps({"advance_seconds": (DAYS + 2) * 86400}).encode()
        url = f"{server.endpoint}/_strongroom/dev/clock"
        urllib.request.urlopen(url, data=body, timeout=10).close()
        # The note of the new beginning is there, and the segments before it are about to go.
        until((server.data_dir / "journal" / "beginning").exists)
        server.kill()
        said = verify(server)
        assert "older records were deleted by retention" in said
        server.start()
        new = Connection(server, ACCOUNT).call("ListKeys")[1]["x-amzn-RequestId"]
        until(lambda: names(server, "pack")[0] == begun - 1)
        assert names(server, "idx")[0] >= begun - 1
        left = query(server)
        assert new in left
        assert len(set(old) & set(left)) < len(old) / 2
        assert server.stop() == 0
        assert "older records were deleted by retention" in verify(server)


def test_damage_is_told_of_once():
    with Server("--dev", "--log", "warn") as server:
        # A start reads the newest segment and where the one before it ended: it refuses damage there.
        for _ in range(3):
            Connection(server, ACCOUNT).call("ListKeys")
            server.kill()
            server.start()
        server.kill()
        # Both, where the kill came between them: what was written is then no more than left over.
        for form in ("log", "pack"):
            first = server.data_dir / "journal" / f"{0:020}.{form}"
            if first.exists():
                content = bytearray(first.read_bytes())
                content[300] ^= 1
                first.write_bytes(content)
        index = server.data_dir / "journal" / f"{0:020}.idx"
        index.unlink(missing_ok=True)
        server.start()
        told = "a segment of the journal could not be packed"
        until(lambda: told in server.log.read_text())
        time.sleep(11)
        assert server.log.read_text().count(told) == 1
        read = lambda path: urllib.request.urlopen(f"{server.admin}{path}", timeout=10).read().decode()
        assert "strongroom_journal_damaged_segments 1" in read("/metrics")
        assert json.loads(read("/readyz")) == {"status": "ok", "journal": "damaged"}
        assert Connection(server, ACCOUNT).call("ListKeys")[0] == 200
        assert server.command("audit", "verify", *where(server)).returncode != 0
