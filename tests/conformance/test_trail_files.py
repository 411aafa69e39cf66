"""What trails deliver, as the unmodified AWS CLI validates it (`aws cloudtrail validate-logs`)."""

import json
import shutil

import pytest

from harness.buckets import Buckets
from harness.clients import client, environment
from harness.server import Server
from harness.trails import ACCOUNT, Trail, delivering


@pytest.fixture
def trail(tmp_path):
    """A trail after three hours, each with a log file and a digest."""
    with delivering(tmp_path, S3KeyPrefix="a/b") as trail:
        for _ in range(3):
            trail.hour()
        yield trail


def lines(done, key):
    """What is said about a file."""
    return [line for line in done.stdout.splitlines() if key in line]


def test_all_that_was_delivered_is_valid(trail):
    done = trail.validate()
    assert done.returncode == 0, done.stdout
    assert "INVALID" not in done.stdout
    digests, logs = trail.digests(), trail.logs()
    assert f"{len(digests)}/{len(digests)} digest files valid" in done.stdout
    for key in [*digests, *logs[:-1]]:
        assert lines(done, key) and lines(done, key)[0].endswith("\tvalid"), (key, done.stdout)


@pytest.mark.parametrize("kind", ["digests", "logs"])
def test_a_flipped_byte_is_found(trail, kind):
    key = getattr(trail, kind)()[1]
    path = trail.buckets.path("logs", key)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    done = trail.validate()
    assert done.returncode == 1
    assert lines(done, key) and "INVALID" in lines(done, key)[0], done.stdout


@pytest.mark.parametrize("kind", ["digests", "logs"])
def test_a_deleted_file_is_missed(trail, kind):
    key = getattr(trail, kind)()[1]
    trail.buckets.path("logs", key).unlink()
    done = trail.validate()
    assert done.returncode == 1
    assert lines(done, key) and "INVALID: not found" in lines(done, key)[0], done.stdout


def test_digests_in_each_others_places_are_found(trail):
    first, second = trail.digests()[:2]
    for suffix in ("", ".metadata.json"):
        one, other = (trail.buckets.path("logs", key + suffix) for key in (first, second))
        kept = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(kept)
    done = trail.validate()
    assert done.returncode == 1
    for key in (first, second):
        moved = "INVALID: has been moved from its original location"
        assert lines(done, key) and moved in lines(done, key)[0], done.stdout


def test_a_signature_of_another_digest_is_found(trail):
    first, second = (trail.buckets.path("logs", key + ".metadata.json") for key in trail.digests()[:2])
    first.write_bytes(second.read_bytes())
    done = trail.validate()
    assert done.returncode == 1
    assert "INVALID: signature verification failed" in lines(done, trail.digests()[0])[0]


def test_another_s3_gets_the_files(tmp_path):
    key = ("AKIAENDPOINTENDPOINT", "a secret of the endpoint")
    with Buckets(tmp_path, key) as buckets:
        settings = {
            "STRONGROOM_TRAIL_ENDPOINT": buckets.endpoint,
            "STRONGROOM_TRAIL_ACCESS_KEY_ID": key[0],
            "STRONGROOM_TRAIL_SECRET_ACCESS_KEY": key[1],
        }
        with Server("--dev", data=False, environment=settings) as server:
            trail = Trail(server, buckets, S3KeyPrefix="a(b)/c")
            trail.client.list_trails()
            trail.advance(60)
            failed = lambda: trail.client.get_trail_status(Name="trail").get("LatestDeliveryError")
            trail.until(lambda: failed() == "NoSuchBucket")
            (tmp_path / "logs").mkdir()
            for _ in range(2):
                trail.hour()
            assert buckets.refused == []
            done = trail.validate()
            assert done.returncode == 0, done.stdout
            assert "2/2 digest files valid" in done.stdout, done.stdout
            assert failed() is None
            names = [event["eventName"] for event in trail.events()]
            assert names.count("StartLogging") == 1 and "GetTrailStatus" in names


def test_a_file_under_a_key_opens_for_who_may_decrypt(tmp_path):
    (tmp_path / "logs").mkdir()
    with (
        Server("--trail-directory", str(tmp_path), "--dev", data=False) as server,
        Buckets(tmp_path) as buckets,
    ):
        kms = client(server, "kms", ACCOUNT)
        statements = [
            {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT.access_key}:root"}, "Action": "kms:*"},
            {
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:GenerateDataKey*",
            },
        ]
        statements = [each | {"Effect": "Allow", "Resource": "*"} for each in statements]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        trail = Trail(server, buckets, KmsKeyId=key)
        trail.hour()
        path = buckets.path("logs", trail.logs()[0])
        assert b"StartLogging" not in path.read_bytes()
        mine = environment(server, ACCOUNT)
        done = server.command("audit", "open", str(path), environment=mine)
        assert done.returncode == 0, done.stderr
        names = [event["eventName"] for event in json.loads(done.stdout)["Records"]]
        assert "StartLogging" in names
        digest = buckets.path("logs", trail.digests()[0])
        done = server.command("audit", "open", str(digest), environment=mine)
        assert json.loads(done.stdout)["digestS3Bucket"] == "logs"

        moved = tmp_path / "moved.json.gz"
        for suffix in ("", ".metadata.json"):
            shutil.copy(f"{path}{suffix}", f"{moved}{suffix}")
        done = server.command("audit", "open", str(moved), environment=mine)
        assert done.returncode != 0 and "moved" in done.stderr
        kms.disable_key(KeyId=key)
        done = server.command("audit", "open", str(path), environment=mine)
        assert done.returncode != 0 and "DisabledException" in done.stderr
