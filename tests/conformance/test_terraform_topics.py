"""Terraform with the unmodified AWS provider: a topic, its policy and its subscription are made, read,
changed in place and destroyed, and no plan finds a difference."""

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_topics(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "topics")
        topic = terraform.apply()["topic"]
        sns, sqs = client(server, "sns"), client(server, "sqs")
        sns.publish(
            TopicArn=topic,
            Message="m",
            MessageAttributes={"kind": {"DataType": "String", "StringValue": "order"}},
        )
        queue = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)
        assert received["Messages"][0]["Body"] == "m"
        terraform.set(display="Renamed")
        terraform.apply()
        shown = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        assert (shown["DisplayName"], shown["SubscriptionsConfirmed"]) == ("Renamed", "1")
        assert "444455556666" in shown["Policy"]
        terraform.destroy()
        assert sns.list_topics()["Topics"] == []
        assert sns.list_subscriptions()["Subscriptions"] == []
