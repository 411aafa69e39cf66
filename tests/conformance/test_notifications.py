"""Topics that hear of the log files of a trail, with boto3."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.buckets import Buckets
from harness.clients import REGION, client
from harness.identities import allow, policy
from harness.server import Server
from harness.trails import ACCOUNT, Trail


@pytest.fixture
def buckets(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


def new_topic(server):
    """The ARN of a topic, and the URL of a queue that hears what it does."""
    sns, sqs = client(server, "sns", ACCOUNT), client(server, "sqs", ACCOUNT)
    topic = sns.create_topic(Name="files")["TopicArn"]
    document = policy(allow("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}))
    attributes = {"Policy": json.dumps(document)}
    queue = sqs.create_queue(QueueName="files", Attributes=attributes)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT.access_key}:files"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def let_in(sns, topic, trail):
    """The policy of the user guide."""
    document = policy(
        allow(
            "SNS:Publish",
            resource=topic,
            Principal={"Service": "cloudtrail.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceArn": trail}},
        )
    )
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(document)
    )


def heard(server, queue):
    """What the topic was told, which is waited for."""
    sqs = client(server, "sqs", ACCOUNT)
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    [message] = received["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])["Message"]


def test_a_topic_hears_of_each_file(buckets):
    directory = ["--trail-directory", str(buckets)]
    with Server("--dev", *directory, data=False) as server, Buckets(buckets) as files:
        arn, queue = new_topic(server)
        trail = Trail(server, files, SnsTopicName="files")
        assert trail.client.get_trail(Name="trail")["Trail"]["SnsTopicARN"] == arn
        assert heard(server, queue) == "CloudTrail validation message."
        trail.advance(60)
        trail.until(trail.logs)
        [key] = trail.logs()
        assert json.loads(heard(server, queue)) == {"s3Bucket": "logs", "s3ObjectKey": [key]}
        status = trail.client.get_trail_status(Name="trail")
        assert status["LatestNotificationTime"] == status["LatestDeliveryTime"]
        assert "LatestNotificationError" not in status


def test_a_topic_has_to_let_cloudtrail_in(buckets):
    with Server("--log", "warn", "--trail-directory", str(buckets)) as server:
        sns, trail = client(server, "sns"), client(server, "cloudtrail")
        arn = sns.create_topic(Name="files")["TopicArn"]
        own = f"arn:aws:cloudtrail:{REGION}:{server.account}:trail/trail"
        let_in(sns, arn, own + "2")
        closed, invalid = "InsufficientSnsTopicPolicyException", "InvalidSnsTopicNameException"
        for name, code in [
            ("files", closed),
            (arn, closed),
            ("none", closed),
            ("files.fifo", invalid),
            ("arn:aws:sns:files", invalid),
        ]:
            with pytest.raises(ClientError) as refused:
                trail.create_trail(Name="trail", S3BucketName="logs", SnsTopicName=name)
            assert refused.value.response["Error"]["Code"] == code
        assert trail.describe_trails()["trailList"] == []
        let_in(sns, arn, own)
        made = trail.create_trail(Name="trail", S3BucketName="logs", SnsTopicName=arn)
        assert (made["SnsTopicName"], made["SnsTopicARN"]) == (arn, arn)
