"""CloudWatch Logs as boto3 and the AWS CLI use it."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from harness.clients import REGION, aws, client

ACCOUNT_POLICY = {
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Action": "kms:*",
    "Resource": "*",
}
LOGS_POLICY = {
    "Effect": "Allow",
    "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
    "Action": [
        "kms:Encrypt*",
        "kms:Decrypt*",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:Describe*",
    ],
    "Resource": "*",
}


@pytest.fixture(scope="module")
def logs(server):
    """boto3 as root."""
    return client(server, "logs")


@pytest.fixture
def logs_key(server, kms):
    """The ARN of a key whose policy lets CloudWatch Logs in, as the user guide writes it."""
    account = client(server, "sts").get_caller_identity()["Account"]
    statement = ACCOUNT_POLICY | {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    policy = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement, LOGS_POLICY]}
    return kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]


@pytest.fixture
def group(logs, name):
    """A new group with the stream `s`."""
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def put(logs, group, *messages):
    now = int(time.time() * 1000)
    events = [{"timestamp": now + nth, "message": text} for nth, text in enumerate(messages)]
    return logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_events_are_written_read_and_filtered(logs, group):
    put(logs, group, *(f"event {number}" for number in range(2500)))
    shown = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True, limit=10)
    assert [event["message"] for event in shown["events"]] == [f"event {n}" for n in range(10)]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern="event", PaginationConfig={"PageSize": 400}
    )
    found = [event["message"] for page in pages for event in page["events"]]
    assert found == [f"event {number}" for number in range(2500)]


def test_a_batch_as_large_as_aws_takes(logs, group):
    # Each of these characters takes six bytes in JSON.
    put(logs, group, "\x01" * (1_048_576 - 26))
    shown = logs.get_log_events(logGroupName=group, logStreamName="s")
    assert len(shown["events"][0]["message"]) == 1_048_576 - 26
    with pytest.raises(ClientError) as refused:
        put(logs, group, "x" * (1_048_576 - 25))
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": "Upload too large: 1048577 bytes exceeds limit of 1048576",
    }


def test_cwl_1_pol_11_the_commands_of_the_user_guide(server, kms, logs, logs_key, name):
    hello = f"/aws/lambda/hello-world-{name}"
    logs.create_log_group(logGroupName=hello)
    command = ["logs", "associate-kms-key", "--log-group-name", hello]
    aws(server, *command, "--kms-key-id", logs_key, "--region", REGION)
    encrypted = f"/example-encrypted-{name}"
    command = ["logs", "create-log-group", "--log-group-name", encrypted]
    aws(server, *command, "--kms-key-id", logs_key, "--region", REGION)
    for group in hello, encrypted:
        logs.create_log_stream(logGroupName=group, logStreamName="s")
        put(logs, group, "hello")
    kms.disable_key(KeyId=logs_key)
    for group in hello, encrypted:
        with pytest.raises(ClientError) as refused:
            logs.get_log_events(logGroupName=group, logStreamName="s")
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    kms.enable_key(KeyId=logs_key)
    shown = logs.get_log_events(logGroupName=hello, logStreamName="s")
    assert [event["message"] for event in shown["events"]] == ["hello"]


def test_pol_11_another_key_policy_refuses(kms, logs, key, group):
    with pytest.raises(ClientError) as refused:
        logs.associate_kms_key(logGroupName=group, kmsKeyId=key["Arn"])
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert "does not exist or is not allowed to be used with Arn" in error["Message"]


def test_patterns(logs):
    matches = logs.test_metric_filter(
        filterPattern='{ $.code >= 400 && $.user.name = "a*" }',
        logEventMessages=[
            '{"code": 404, "user": {"name": "alice"}}',
            '{"code": 200, "user": {"name": "alice"}}',
            '{"code": 500, "user": {"name": "bob"}}',
        ],
    )["matches"]
    assert [match["eventNumber"] for match in matches] == [1]
    assert matches[0]["extractedValues"] == {}
