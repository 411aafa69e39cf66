"""EventBridge with boto3: events that nobody puts, across a kill of the program."""

import datetime
import time

from harness.clients import client
from harness.server import Server


def until(condition, seconds=100):
    """Waits for something to hold."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come to hold"
        time.sleep(0.1)


def test_no_call_and_no_schedule_is_lost_to_a_kill(tmp_path):
    buckets = tmp_path / "buckets"
    (buckets / "logs").mkdir(parents=True)
    with Server("--trail-directory", str(buckets)) as server:
        trail = client(server, "cloudtrail")
        trail.create_trail(Name="all", S3BucketName="logs", IsMultiRegionTrail=True)
        trail.start_logging(Name="all")
        bus, keys = client(server, "events"), client(server, "kms")
        default = bus.describe_event_bus()["Arn"]
        made = bus.create_event_bus(Name="fired")["EventBusArn"]
        created = '{"source":["aws.kms"],"detail":{"eventName":["CreateKey"]}}'
        bus.create_archive(ArchiveName="keys", EventSourceArn=default, EventPattern=created)
        archive = bus.create_archive(ArchiveName="fired", EventSourceArn=made)["ArchiveArn"]
        bus.put_rule(Name="often", ScheduleExpression="cron(* * * * ? *)")
        failed = bus.put_targets(Rule="often", Targets=[{"Id": "bus", "Arn": made}])
        assert failed["FailedEntryCount"] == 0

        def count(name):
            return client(server, "events").describe_archive(ArchiveName=name)["EventCount"]

        # Each round ends by a kill right behind the answer to the last call.
        for round_ in range(1, 4):
            for _ in range(5):
                keys.create_key()
            server.kill()
            server.start()
            keys, bus = client(server, "kms"), client(server, "events")
            until(lambda: count("keys") >= 5 * round_)
            assert count("keys") == 5 * round_
        until(lambda: count("fired") >= 1)

        now = datetime.datetime.now(datetime.UTC)
        hour = datetime.timedelta(hours=1)
        destination = {"Arn": made}
        started = bus.start_replay(
            ReplayName="again",
            EventSourceArn=archive,
            EventStartTime=now - hour,
            EventEndTime=now + hour,
            Destination=destination,
        )
        assert started["State"] == "STARTING"
        until(lambda: bus.describe_replay(ReplayName="again")["State"] == "COMPLETED")
        shown = bus.describe_replay(ReplayName="again")
        assert shown["Destination"] == destination
        assert shown["EventLastReplayedTime"].second == 0
        assert [one["ReplayName"] for one in bus.list_replays()["Replays"]] == ["again"]
