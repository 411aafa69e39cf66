"""The journal at work: packed and indexed while the server runs, and read by the audit commands."""

import gzip
import json
import subprocess
import threading
import time

import pytest

from harness.clients import client
from harness.identities import new_user
from harness.places import binary
from harness.server import Server, run
from harness.signed import Connection, error_code

POLICY_FILL = 30_000
SEGMENT = 16 << 20


def filled(root, count):
    """Makes a key, and fills segments of the journal with large calls; returns the key's ARN."""
    _, _, made = root.call("CreateKey")
    key = made["KeyMetadata"]["Arn"]
    policy = {
        "Version": "2012-10-17",
        "Id": "x" * POLICY_FILL,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{key.split(':')[4]}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    text = json.dumps(policy)
    for _ in range(count):
        status, _, _ = root.call("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=text)
        assert status == 200
    return key


def journal(server, ending):
    return sorted((server.data_dir / "journal").glob(f"*.{ending}"))


def wait_for(what):
    for _ in range(600):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def where(server):
    return ["--data-dir", server.data_dir, "--key-file", server.key_file]


def events(output):
    assert output.returncode == 0, output.stderr
    return [json.loads(line) for line in output.stdout.splitlines()]


@pytest.fixture(scope="module")
def kept():
    """A server whose journal has packed segments, and the key that its calls are about."""
    with Server() as server:
        key = filled(Connection(server), 1200)
        wait_for(lambda: len(journal(server, "idx")) >= 2 and len(journal(server, "log")) == 1)
        yield server, key


def test_closed_segments_are_packed_and_nothing_is_lost(kept):
    server, key = kept
    assert [it.stem for it in journal(server, "pack")] == [it.stem for it in journal(server, "idx")]
    for packed in journal(server, "pack"):
        assert packed.stat().st_size < SEGMENT / 10
    verified = run("audit", "verify", *where(server))
    assert verified.returncode == 0 and verified.stdout.startswith("ok: "), verified.stderr
    for lookup in range(2):
        trail = client(server, "cloudtrail")
        found = {
            value: len(
                trail.lookup_events(
                    LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": value}]
                )["Events"]
            )
            for value in ["CreateKey", "PutKeyPolicy", "Decrypt"]
        }
        assert found == {"CreateKey": 1, "PutKeyPolicy": 50, "Decrypt": 0}
        if lookup == 0:
            server.kill()
            server.start()
    [made] = events(run("audit", "query", "--event-name", "CreateKey", *where(server)))
    assert made["resources"][0]["ARN"] == key


def test_query_finds_what_is_asked_for(kept):
    server, key = kept
    query = lambda *asked: events(run("audit", "query", *asked, *where(server)))
    assert len(query("--event-name", "PutKeyPolicy", "--source", "kms")) == 1200
    assert len(query("--resource", key.rpartition("/")[2], "--limit", "7")) == 7
    mallory = new_user(server, "mallory")
    refused = Connection(server, mallory).call("DescribeKey", KeyId=key)
    assert error_code(refused[2]) == "AccessDeniedException"
    for asked in [
        ["--user", "mallory"],
        ["--error", "AccessDenied"],
        ["--error", "any", "--from", "1h"],
        ["--access-key", mallory.access_key],
    ]:
        [event] = query(*asked, "--event-name", "DescribeKey")
        assert event["errorCode"] == "AccessDenied"
    assert query("--user", "mallory", "--to", "1h") == []
    assert query("--region", "eu-north-1") == query("--account", "999999999999") == []
    table = run("audit", "query", "--table", "--user", "mallory", *where(server))
    heading, line = table.stdout.splitlines()
    assert heading.startswith("TIME") and "kms:DescribeKey" in line and "AccessDenied" in line
    wrong = run("audit", "query", "--from", "yesterday", *where(server))
    assert wrong.returncode == 2 and "2026-01-31" in wrong.stderr


def test_export_is_a_log_file(kept, tmp_path):
    server, _ = kept
    plain, packed = tmp_path / "log.json", tmp_path / "log.json.gz"
    for path in [plain, packed]:
        done = run("audit", "export", "--output", path, "--event-name", "CreateKey", *where(server))
        assert done.returncode == 0, done.stderr
        assert path.stat().st_mode & 0o777 == 0o600
    [record] = json.loads(plain.read_text())["Records"]
    assert record["eventName"] == "CreateKey"
    assert gzip.decompress(packed.read_bytes()).decode() == plain.read_text()
    again = run("audit", "export", "--output", plain, *where(server))
    assert again.returncode == 1 and "log.json" in again.stderr
    nothing = run("audit", "export", "--user", "nobody", *where(server))
    assert json.loads(nothing.stdout) == {"Records": []}


def test_tail_follows_a_server_that_is_writing(kept):
    server, key = kept
    command = [binary(), "audit", "tail", "-f", "-n", "0", *map(str, where(server))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tail:
        try:
            # It has begun when it shows a call; what it shows then has no gaps.
            root, calls = Connection(server), 0
            def call():
                nonlocal calls
                while calls < 400 and tail.poll() is None:
                    root.call("ListAliases", KeyId=key, Limit=calls % 100 + 1)
                    calls += 1

            caller = threading.Thread(target=call)
            caller.start()
            seen = []
            for line in tail.stdout:
                seen.append(json.loads(line)["requestParameters"]["limit"])
                if len(seen) == 100:
                    break
            assert tail.poll() is None
            caller.join()
        finally:
            tail.kill()
    first = seen[0]
    assert seen == [(first - 1 + n) % 100 + 1 for n in range(100)]


def test_retention_is_checked(tmp_path):
    refused = run("serve", "--journal-retention", "30", "--data-dir", tmp_path / "data")
    assert refused.returncode == 2 and "90 days" in refused.stderr
