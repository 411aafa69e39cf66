"""Terraform with the unmodified AWS provider: buses, rules, targets and what they need."""

import json

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_events(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "events")
        terraform.apply()
        events, sqs = client(server, "events"), client(server, "sqs")
        bus = events.describe_event_bus(Name="shop")
        assert bus["DeadLetterConfig"]["Arn"].endswith(":dead")
        assert bus["Description"] == "orders that are open"
        put(events, "open", "closed")
        assert received(sqs) == [{"state": "open"}]
        assert received(sqs, "heard") == [{"heard": "open"}]

        terraform.set(state="closed", attempts="4")
        terraform.apply()
        put(events, "open", "closed")
        assert received(sqs) == [{"state": "closed"}]
        [target] = [
            each
            for each in events.list_targets_by_rule(Rule="orders", EventBusName="shop")["Targets"]
            if each["Id"] == "queue"
        ]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 4
        assert target["SqsParameters"] == {"MessageGroupId": "orders"}

        terraform.destroy()
        assert [each["Name"] for each in events.list_event_buses()["EventBuses"]] == ["default"]
        for listed, member in [
            (events.list_rules(), "Rules"),
            (events.list_archives(), "Archives"),
            (events.list_connections(), "Connections"),
            (events.list_api_destinations(), "ApiDestinations"),
        ]:
            assert listed[member] == []


def put(events, *states):
    entry = {"EventBusName": "shop", "Source": "app", "DetailType": "Order"}
    entries = [entry | {"Detail": json.dumps({"state": state})} for state in states]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0


def received(sqs, name="orders.fifo"):
    """What a queue has got; its first message is waited for."""
    queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=15)
    messages = answer.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]
