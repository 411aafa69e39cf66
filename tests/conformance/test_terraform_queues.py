"""Terraform with the unmodified AWS provider: every argument of queues is made, read, changed in place,
taken in and destroyed, and no plan finds a difference."""

import json

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_queues(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "queues")
        read = terraform.apply()["read"]
        assert read == {"tags": {"team": "shop"}, "orders": ["orders", "orders.fifo"]}
        sqs = client(server, "sqs")

        def shown(name):
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

        orders = shown("orders")
        assert orders["VisibilityTimeout"] == "45" and orders["DelaySeconds"] == "5"
        assert "events.amazonaws.com" in orders["Policy"]
        assert shown("orders.fifo")["FifoThroughputLimit"] == "perMessageGroupId"
        assert json.loads(shown("dead")["RedriveAllowPolicy"])["redrivePermission"] == "byQueue"
        terraform.change(changed="true")
        orders = shown("orders")
        assert orders["VisibilityTimeout"] == "50" and orders["DelaySeconds"] == "0"
        assert orders["KmsMasterKeyId"] == "alias/aws/sqs"
        assert json.loads(shown("bills")["RedrivePolicy"])["maxReceiveCount"] == 2
        assert shown("bills")["SqsManagedSseEnabled"] == "false"
        terraform.take_in()
        terraform.destroy()
        assert "QueueUrls" not in sqs.list_queues()
