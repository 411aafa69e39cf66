"""Which resources a call touched: the journal knows of every call, and event history finds them. The
management events of Secrets Manager and others do not list them, wherever CloudTrail tells of a call."""

import json

import pytest

from harness.clients import client
from harness.trails import ACCOUNT, delivering


@pytest.fixture
def trail(tmp_path):
    with delivering(tmp_path) as trail:
        yield trail


def messages(sqs, url):
    """The details of all events that come to a queue until none has come for a while."""
    found = []
    while True:
        came = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=3)
        if not came.get("Messages"):
            return found
        for message in came["Messages"]:
            found.append(json.loads(message["Body"])["detail"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_a_secret_is_found_by_calls_that_list_no_resource(trail):
    names = ["secretsmanager", "kms", "sqs", "events"]
    secrets, kms, sqs, events = (client(trail.server, name, ACCOUNT) for name in names)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": arn,
        },
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(document)})
    wanted = {"detail": {"eventName": ["CreateSecret", "PutSecretValue", "DisableKey"]}}
    events.put_rule(Name="r", EventPattern=json.dumps(wanted))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])

    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    secret = secrets.create_secret(Name="s", SecretString="1")["ARN"]
    secrets.put_secret_value(SecretId="s", SecretString="2")
    trail.hour()

    told = {
        "history": [
            json.loads(event["CloudTrailEvent"])
            for event in trail.client.lookup_events()["Events"]
        ],
        "files": trail.events(),
        "bus": messages(sqs, url),
    }
    for place, found in told.items():
        by_name = {event["eventName"]: event for event in found}
        for name in "CreateSecret", "PutSecretValue":
            assert not {"resources", "touched"} & by_name[name].keys(), (place, by_name[name])
        assert by_name["DisableKey"]["resources"][0]["ARN"] == key, place

    attribute = [{"AttributeKey": "ResourceName", "AttributeValue": secret}]
    about = trail.client.lookup_events(LookupAttributes=attribute)["Events"]
    assert [event["EventName"] for event in about] == ["PutSecretValue"]
    listed = [{"ResourceType": "AWS::SecretsManager::Secret", "ResourceName": secret}]
    assert about[0]["Resources"] == listed
