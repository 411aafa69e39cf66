"""Kills the server while a trail delivers, and looks for each event and each digest.

Hours pass while clients call and the server is killed again and again. In the end every call that
was answered is in a log file, and `aws cloudtrail validate-logs` finds all files and the whole
chain of digests valid.
"""

import os
import random
import time

from harness.buckets import Buckets
from harness.clients import client
from harness.server import Server
from harness.trails import ACCOUNT, Trail

CYCLES = int(os.environ.get("STRONGROOM_TRAIL_CRASH_CYCLES", "20"))
SEED = int(os.environ.get("STRONGROOM_CRASH_SEED", random.SystemRandom().randrange(10**9)))


def test_no_event_is_lost_and_no_chain_broken(tmp_path):
    print(f"STRONGROOM_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    (tmp_path / "logs").mkdir()
    with (
        Server("--dev", "--trail-directory", str(tmp_path)) as server,
        Buckets(tmp_path) as buckets,
    ):
        trail = Trail(server, buckets)
        answered, passed = set(), 0
        for _ in range(CYCLES):
            kms = client(server, "kms", ACCOUNT)
            for _ in range(chance.randrange(1, 20)):
                answer = kms.list_keys()
                answered.add(answer["ResponseMetadata"]["RequestId"])
            # A new process begins at the present: it has to come to where the last one was.
            hours = chance.randrange(0, 2)
            passed += 3600 * hours + 60
            trail.advance(passed)
            time.sleep(chance.uniform(0, 0.05))
            server.kill()
            server.start()
            trail.client = client(server, "cloudtrail", ACCOUNT)
        for _ in range(2):
            passed += 3700
            trail.advance(passed)
            passed = 0
            delivered = lambda: {event["requestID"] for event in trail.events()}
            trail.until(lambda: answered <= delivered())
        digests = len(trail.digests())
        trail.advance(3700)
        trail.until(lambda: len(trail.digests()) > digests)
        done = trail.validate()
        assert done.returncode == 0, done.stdout
        assert "INVALID" not in done.stdout, done.stdout
        assert f"{len(trail.digests())}/{len(trail.digests())} digest files valid" in done.stdout
        print(f"{len(answered)} calls, {len(trail.logs())} log files, {len(trail.digests())} digests")
