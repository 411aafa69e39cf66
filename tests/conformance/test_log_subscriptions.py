"""Subscription filters of CloudWatch Logs, with a webhook that collects what they send."""

import json
import threading
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from harness.clients import REGION, client
from harness.collector import Collector
from harness.server import Server

# The collector is on this machine, where webhooks are not by themselves.
REACHABLE = ["--log", "warn", "--outbound-allow", "127.0.0.0/8", "--outbound-http"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def collector():
    with Collector() as collector:
        yield collector


def subscribe(server, collector, group, pattern):
    """A group with the stream `s`, whose events that match go to the collector."""
    logs, iam = client(server, "logs"), client(server, "iam")
    role = iam.create_role(RoleName=group, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    account = role["Arn"].split(":")[4]
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    target = f"arn:aws:logs:{REGION}:{account}:webhook:{collector.url}"
    destination = logs.put_destination(
        destinationName=group, targetArn=target, roleArn=role["Arn"]
    )["destination"]
    logs.put_subscription_filter(
        logGroupName=group,
        filterName="f",
        filterPattern=pattern,
        destinationArn=destination["arn"],
    )
    return logs


def put(logs, group, *messages):
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": text} for text in messages]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def wait_for(condition):
    """Until it holds, or for a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


def test_what_matches_reaches_the_webhook(collector):
    with Server(*REACHABLE) as server:
        logs = subscribe(server, collector, "app", '{ $.level = "ERROR" }')
        put(logs, "app", '{"level": "ERROR", "n": 1}', '{"level": "INFO"}', '{"level": "ERROR"}')
        wait_for(lambda: collector.data)
        [document] = collector.data
        assert collector.documents[0]["messageType"] == "CONTROL_MESSAGE"
        assert document["owner"] == server.account
        assert (document["logGroup"], document["logStream"]) == ("app", "s")
        assert document["subscriptionFilters"] == ["f"]
        shown = logs.filter_log_events(logGroupName="app", filterPattern="ERROR")["events"]
        assert [event["id"] for event in document["logEvents"]] == [e["eventId"] for e in shown]
        assert [event["message"] for event in document["logEvents"]] == [
            event["message"] for event in shown
        ]
        # One that is busy gets it again.
        collector.statuses = [503]
        put(logs, "app", '{"level": "ERROR", "n": 2}')
        wait_for(lambda: len(collector.data) == 2)


def test_metric_filters_count_for_operators():
    with Server("--log", "warn") as server:
        logs = client(server, "logs")
        logs.create_log_group(logGroupName="app")
        logs.create_log_stream(logGroupName="app", logStreamName="s")
        transformation = {
            "metricName": "Bytes",
            "metricNamespace": "App",
            "metricValue": "$.bytes",
        }
        logs.put_metric_filter(
            logGroupName="app",
            filterName="bytes",
            filterPattern="{ $.bytes > 10 }",
            metricTransformations=[transformation],
        )
        put(logs, "app", '{"bytes": 20}', '{"bytes": 2}', '{"bytes": 22}')
        put(logs, "app", '{"bytes": 100}')
        labels = f'{{account="{server.account}",region="{REGION}",namespace="App",name="Bytes"}}'

        def shown():
            with urllib.request.urlopen(f"{server.admin}/metrics") as answer:
                return answer.read().decode().splitlines()

        wait_for(lambda: f"strongroom_log_metric_sum{labels} 142.0" in shown())
        assert f"strongroom_log_metric_samples{labels} 3.0" in shown()


def test_sec_nothing_on_this_machine_is_reached_by_itself(collector):
    before = len(collector.documents)
    with Server("--log", "warn") as server:
        logs = subscribe(server, collector, "app", "")
        put(logs, "app", "hello")
        [shown] = logs.describe_subscription_filters(logGroupName="app")["subscriptionFilters"]
        assert shown["filterName"] == "f"
        time.sleep(1)
        assert len(collector.documents) == before


def test_while_the_key_is_disabled_nothing_is_sent(collector):
    with Server(*REACHABLE) as server:
        before = len(collector.documents)
        logs, kms = subscribe(server, collector, "sealed", ""), client(server, "kms")
        # The control message is through: what is refused below is the secret.
        wait_for(lambda: len(collector.documents) > before)
        statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
        root = {"AWS": f"arn:aws:iam::{server.account}:root"}
        service = {"Service": f"logs.{REGION}.amazonaws.com"}
        policy = [statement | {"Principal": who} for who in (root, service)]
        policy = json.dumps({"Version": "2012-10-17", "Statement": policy})
        key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        logs.associate_kms_key(logGroupName="sealed", kmsKeyId=key)
        collector.statuses = [503] * 1000
        put(logs, "sealed", "a secret")
        wait_for(lambda: len(collector.statuses) < 1000)
        kms.disable_key(KeyId=key)
        # An attempt that began before is refused, too.
        time.sleep(1)
        collector.statuses = []
        with pytest.raises(ClientError):
            logs.get_log_events(logGroupName="sealed", logStreamName="s")
        time.sleep(3)
        assert "a secret" not in collector.messages
        kms.enable_key(KeyId=key)
        wait_for(lambda: "a secret" in collector.messages)


def test_what_was_acknowledged_survives_kill_9_and_reaches_the_webhook(collector):
    acknowledged = []

    def write(logs, nth):
        number = 0
        try:
            while True:
                text = f"{nth}-{time.monotonic_ns()}-{number}"
                put(logs, "crash", text)
                acknowledged.append(text)
                number += 1
        except Exception:
            # The server was killed in the middle of a call: that one was not acknowledged.
            pass

    with Server(*REACHABLE) as server:
        subscribe(server, collector, "crash", "")
        for _ in range(5):
            clients = [client(server, "logs") for _ in range(4)]
            writers = [
                threading.Thread(target=write, args=(logs, nth), daemon=True)
                for nth, logs in enumerate(clients)
            ]
            for writer in writers:
                writer.start()
            time.sleep(0.7)
            server.kill()
            for writer in writers:
                writer.join(timeout=60)
            server.start()
        assert len(acknowledged) > 50
        logs = client(server, "logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="crash")
        kept = [event["message"] for page in pages for event in page["events"]]
        assert set(acknowledged) <= set(kept)
        wait_for(lambda: set(acknowledged) <= set(collector.messages))
        # Nothing is sent of what never was, and nothing is kept twice.
        sent = [text for text in collector.messages if text.count("-") == 2]
        assert set(sent) <= set(kept)
        assert len(kept) == len(set(kept))
