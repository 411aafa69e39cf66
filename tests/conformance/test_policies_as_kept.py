"""Policies as SNS and SQS keep them, not as they were put: elements in the order of the grammar, no
space, a value for a list of one, an account by its ARN. EventBridge writes its own statements so."""

import json

import pytest

from harness.clients import client

OTHER = "arn:aws:iam::444455556666:root"


def put(account, arn, action):
    """A policy as nobody would write it."""
    return json.dumps(
        {
            "Statement": {
                "Resource": [arn], "Action": [action, action.upper()],
                "Condition": {"StringEquals": {"aws:SourceAccount": [account]}},
                "Principal": {"AWS": [account]}, "Effect": "Allow", "Sid": "Given",
            },
            "Version": "2012-10-17",
        },
        indent=2,
    )


def kept(account, arn, action, *more):
    """The same, as it is kept, with more statements."""
    given = {
        "Sid": "Given", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": [action, action.upper()], "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    document = {"Version": "2012-10-17", "Statement": [given, *more]}
    return json.dumps(document, separators=(",", ":"))


def added(action, arn):
    """The statement that AddPermission makes."""
    return {
        "Sid": "Added", "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": action, "Resource": arn,
    }


def test_topics(server, name):
    sns = client(server, "sns")
    arn = sns.create_topic(Name=name)["TopicArn"]

    def shown(attribute="Policy"):
        return sns.get_topic_attributes(TopicArn=arn)["Attributes"][attribute]

    initial = json.loads(shown())
    assert list(initial) == ["Version", "Id", "Statement"]
    [statement] = initial["Statement"]
    assert list(statement) == ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"]
    assert shown("EffectiveDeliveryPolicy") == (
        '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,'
        '"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},'
        '"disableSubscriptionOverrides":false,'
        '"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}'
    )
    policy = put(server.account, arn, "SNS:Publish")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    assert shown() == kept(server.account, arn, "SNS:Publish")
    sns.add_permission(
        TopicArn=arn, Label="Added", AWSAccountId=["444455556666"], ActionName=["Publish"]
    )
    assert shown() == kept(server.account, arn, "SNS:Publish", added("SNS:Publish", arn))
    sns.remove_permission(TopicArn=arn, Label="Added")
    assert shown() == kept(server.account, arn, "SNS:Publish")


@pytest.mark.parametrize("at_once", [False, True])
def test_queues(server, name, at_once):
    sqs = client(server, "sqs")
    arn = f"arn:aws:sqs:us-east-1:{server.account}:{name}"
    attributes = {"Policy": put(server.account, arn, "SQS:SendMessage")}
    queue = sqs.create_queue(QueueName=name, Attributes=attributes if at_once else {})["QueueUrl"]
    if not at_once:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=attributes)

    def shown():
        asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
        return asked["Attributes"]["Policy"]

    assert shown() == kept(server.account, arn, "SQS:SendMessage")
    sqs.add_permission(
        QueueUrl=queue, Label="Added", AWSAccountIds=["444455556666"], Actions=["SendMessage"]
    )
    assert shown() == kept(server.account, arn, "SQS:SendMessage", added("SQS:SendMessage", arn))
    sqs.remove_permission(QueueUrl=queue, Label="Added")
    assert shown() == kept(server.account, arn, "SQS:SendMessage")


def test_buses(server, name):
    events = client(server, "events")
    arn = events.create_event_bus(Name=name)["EventBusArn"]
    events.put_permission(
        EventBusName=name, Action="events:PutEvents", Principal="444455556666", StatementId="Added"
    )
    document = {"Version": "2012-10-17", "Statement": [added("events:PutEvents", arn)]}
    shown = events.describe_event_bus(Name=name)["Policy"]
    assert shown == json.dumps(document, separators=(",", ":"))
