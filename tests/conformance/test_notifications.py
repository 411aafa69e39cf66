"""Topics that hear of the log files of a trail, with boto3."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.buckets import Buckets
from harness.clients import REGION, client
from harness.identities import allow, policy
from harness.server import Server
from harness.trails import ACCOUNT, Trail

TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT.access_key}:trail/trail"


@pytest.fixture
def server(tmp_path):
    (tmp_path / "logs").mkdir()
    with Server("--dev", "--trail-directory", str(tmp_path), data=False) as server:
        yield server


@pytest.fixture
def topic(server):
    """The ARN of a topic, and the URL of a queue that hears what it does."""
    sns, sqs = client(server, "sns", ACCOUNT), client(server, "sqs", ACCOUNT)
    topic = sns.create_topic(Name="files")["TopicArn"]
    document = policy(allow("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}))
    attributes = {"Policy": json.dumps(document)}
    queue = sqs.create_queue(QueueName="files", Attributes=attributes)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT.access_key}:files"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def let_in(server, topic, trail):
    """The policy of the user guide."""
    document = policy(
        allow(
            "SNS:Publish",
            resource=topic,
            Principal={"Service": "cloudtrail.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceArn": trail}},
        )
    )
    client(server, "sns", ACCOUNT).set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(document)
    )


def heard(server, queue):
    """What the topic was told, which is waited for."""
    sqs = client(server, "sqs", ACCOUNT)
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    [message] = received["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])["Message"]


def test_a_topic_hears_of_each_file(server, topic, tmp_path):
    arn, queue = topic
    let_in(server, arn, TRAIL)
    with Buckets(tmp_path) as buckets:
        trail = Trail(server, buckets, SnsTopicName="files")
        assert trail.client.get_trail(Name="trail")["Trail"]["SnsTopicARN"] == arn
        assert heard(server, queue) == "CloudTrail validation message."
        trail.advance(60)
        trail.until(trail.logs)
        [key] = trail.logs()
        assert json.loads(heard(server, queue)) == {"s3Bucket": "logs", "s3ObjectKey": [key]}
        status = trail.client.get_trail_status(Name="trail")
        assert status["LatestNotificationTime"] == status["LatestDeliveryTime"]

        let_in(server, arn, TRAIL + "2")
        trail.advance(600)
        # The file is there before the status says so.
        error = "LatestNotificationError"
        trail.until(lambda: error in trail.client.get_trail_status(Name="trail"))
        assert len(trail.logs()) > 1
        status = trail.client.get_trail_status(Name="trail")
        assert status["LatestNotificationError"] == "AuthorizationError"
        assert "LatestDeliveryError" not in status


@pytest.mark.parametrize(
    "name, code",
    [
        ("files", "InsufficientSnsTopicPolicyException"),
        ("none", "InsufficientSnsTopicPolicyException"),
        ("files.fifo", "InvalidSnsTopicNameException"),
        ("arn:aws:sns:files", "InvalidSnsTopicNameException"),
    ],
)
def test_a_topic_has_to_let_cloudtrail_in(server, topic, name, code):
    let_in(server, topic[0], TRAIL + "2")
    trail = client(server, "cloudtrail", ACCOUNT)
    with pytest.raises(ClientError) as refused:
        trail.create_trail(Name="trail", S3BucketName="logs", SnsTopicName=name)
    assert refused.value.response["Error"]["Code"] == code
    assert trail.describe_trails()["trailList"] == []
