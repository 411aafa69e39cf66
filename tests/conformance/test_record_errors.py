"""Errors of CloudTrail, CloudWatch Logs, EventBridge and SQS as boto3 sees them: code, status, text."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.server import Server

SECOND = {"Source": "s", "DetailType": "t", "Detail": "{}"}


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Clients by service, and something that calls can get wrong."""
    buckets = tmp_path_factory.mktemp("buckets")
    (buckets / "logs").mkdir()
    with Server("--log", "warn", "--trail-directory", str(buckets)) as server:
        made = {name: client(server, name) for name in ("cloudtrail", "events", "logs", "sqs")}
        made["account"] = server.account
        made["cloudtrail"].create_trail(Name="one", S3BucketName="logs")
        made["logs"].create_log_group(logGroupName="one")
        made["logs"].create_log_stream(logGroupName="one", logStreamName="s")
        made["logs"].create_log_group(logGroupName="sent", logGroupClass="DELIVERY")
        made["events"].put_rule(Name="one", EventPattern='{"source": ["s"]}')
        made["sqs"].create_queue(QueueName="one")
        yield made


ERRORS = [
    ("cloudtrail", "create_trail", {"Name": "one", "S3BucketName": "logs"},
     "TrailAlreadyExistsException", "Trail one already exists for customer: ACCOUNT"),
    ("cloudtrail", "create_trail", {"Name": "two", "S3BucketName": "absent"},
     "S3BucketDoesNotExistException", "S3 bucket absent does not exist!"),
    ("cloudtrail", "get_trail", {"Name": "absent"},
     "TrailNotFoundException", "Unknown trail: absent for the user: ACCOUNT"),
    ("cloudtrail", "get_trail", {"Name": "arn:aws:x"}, "CloudTrailARNInvalidException", None),
    ("cloudtrail", "get_trail", {"Name": "x"}, "InvalidTrailNameException", None),
    ("cloudtrail", "get_insight_selectors", {"TrailName": "one"}, "InsightNotEnabledException", None),
    ("cloudtrail", "put_event_selectors", {"TrailName": "one"}, "InvalidEventSelectorsException", None),
    ("cloudtrail", "update_trail", {"Name": "one", "IsOrganizationTrail": True},
     "OrganizationsNotInUseException", None),
    ("cloudtrail", "update_trail",
     {"Name": "one", "IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": False},
     "InvalidParameterCombinationException", None),
    ("cloudtrail", "update_trail", {"Name": "one", "KmsKeyId": "alias/absent"},
     "KmsKeyNotFoundException", None),
    ("cloudtrail", "lookup_events", {"NextToken": "x"}, "InvalidNextTokenException", None),
    ("cloudtrail", "lookup_events", {"StartTime": 9, "EndTime": 1}, "InvalidTimeRangeException", None),
    ("cloudtrail", "list_public_keys", {"NextToken": "x"}, "InvalidTokenException", None),
    ("logs", "create_log_group", {"logGroupName": "one"},
     "ResourceAlreadyExistsException", "The specified log group already exists"),
    ("logs", "create_log_stream", {"logGroupName": "one", "logStreamName": "s"},
     "ResourceAlreadyExistsException", "The specified log stream already exists"),
    ("logs", "get_log_events", {"logGroupName": "absent", "logStreamName": "s"},
     "ResourceNotFoundException", "The specified log group does not exist."),
    ("logs", "get_log_events", {"logGroupName": "one", "logStreamName": "absent"},
     "ResourceNotFoundException", "The specified log stream does not exist."),
    ("logs", "put_retention_policy", {"logGroupName": "sent", "retentionInDays": 7},
     "ValidationException", "This operation is not supported for Delivery log class"),
    ("logs", "describe_subscription_filters", {"logGroupName": "sent"},
     "ValidationException", "This operation is only supported on the Standard log class."),
    ("logs", "filter_log_events", {"logGroupName": "one", "filterPattern": "{ $.a = "},
     "InvalidParameterException", "Invalid metric filter pattern"),
    ("logs", "create_log_stream", {"logGroupName": "one", "logStreamName": "a:b"},
     "InvalidParameterException",
     "1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member "
     "must satisfy regular expression pattern: [^:*]*"),
    ("logs", "start_query",
     {"logGroupName": "one", "startTime": 0, "endTime": 1 << 32, "queryString": "bogus x"},
     "MalformedQueryException", None),
    ("logs", "delete_resource_policy", {"policyName": "absent"},
     "ResourceNotFoundException", "Policy with name [absent] does not exist."),
    ("events", "describe_rule", {"Name": "absent"},
     "ResourceNotFoundException", "Rule absent does not exist on EventBus default."),
    ("events", "describe_event_bus", {"Name": "absent"},
     "ResourceNotFoundException", "Event bus absent does not exist."),
    ("events", "create_event_bus", {"Name": "default"},
     "ResourceAlreadyExistsException", "Event bus default already exists."),
    ("events", "put_rule", {"Name": "two"}, "ValidationException",
     "Parameter(s) EventPattern or ScheduleExpression must be specified."),
    ("events", "put_rule", {"Name": "two", "EventPattern": '{"a": "b"}'},
     "InvalidEventPatternException", None),
    ("events", "put_rule", {"Name": "two", "ScheduleExpression": "rate(1 minutes)"},
     "ValidationException", "Parameter ScheduleExpression is not valid."),
    ("events", "put_rule",
     {"Name": "two", "EventPattern": "{\"a\": [1]}", "RoleArn": "arn:aws:iam::ACCOUNT:role/absent"},
     "ValidationException",
     "Provided role 'arn:aws:iam::ACCOUNT:role/absent' cannot be assumed by principal "
     "'events.amazonaws.com'."),
    ("events", "put_events", {"Entries": [SECOND] * 11}, "ValidationException", None),
    ("events", "remove_permission", {"StatementId": "x"},
     "ResourceNotFoundException", "Statement with the provided id does not exist."),
    ("events", "describe_archive", {"ArchiveName": "absent"},
     "ResourceNotFoundException", "Archive absent does not exist."),
    ("sqs", "get_queue_url", {"QueueName": "absent"},
     "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."),
    ("sqs", "create_queue", {"QueueName": "one", "Attributes": {"VisibilityTimeout": "31"}},
     "QueueAlreadyExists",
     "A queue already exists with the same name and a different value for attribute VisibilityTimeout"),
    ("sqs", "create_queue", {"QueueName": "two", "Attributes": {"Bogus": "1"}},
     "InvalidAttributeName", "Unknown Attribute Bogus."),
    ("sqs", "create_queue", {"QueueName": "two", "Attributes": {"DelaySeconds": "901"}},
     "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."),
    ("sqs", "send_message", {"QueueUrl": "QUEUE", "MessageBody": ""},
     "MissingParameter", "The request must contain the parameter MessageBody."),
    ("sqs", "send_message", {"QueueUrl": "QUEUE", "MessageBody": "\0"}, "InvalidMessageContents", None),
    ("sqs", "send_message_batch", {"QueueUrl": "QUEUE", "Entries": []},
     "AWS.SimpleQueueService.EmptyBatchRequest",
     "There should be at least one SendMessageBatchRequestEntry in the request."),
    ("sqs", "delete_message", {"QueueUrl": "QUEUE", "ReceiptHandle": "x"},
     "ReceiptHandleIsInvalid", 'The input receipt handle "x" is not a valid receipt handle.'),
    ("sqs", "receive_message", {"QueueUrl": "QUEUE", "ReceiveRequestAttemptId": "a"},
     "InvalidParameterValue",
     "Value a for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter "
     "that is not valid for this queue type."),
]


@pytest.mark.parametrize(("service", "operation", "given", "code", "text"), ERRORS)
def test_errors_are_those_of_aws(clients, service, operation, given, code, text):
    queue = clients["sqs"].get_queue_url(QueueName="one")["QueueUrl"]
    filled = json.dumps(given).replace("ACCOUNT", clients["account"]).replace("QUEUE", queue)
    with pytest.raises(ClientError) as refused:
        getattr(clients[service], operation)(**json.loads(filled))
    answer = refused.value.response
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["Error"]["Message"], "an error says something"
    if text:
        assert answer["Error"]["Message"] == text.replace("ACCOUNT", clients["account"])


def test_errors_that_the_model_knows_are_exceptions_of_the_client(clients):
    for service, operation, _, code, _ in ERRORS:
        exceptions = clients[service].exceptions
        model = clients[service].meta.service_model
        of_operation = model.operation_model(
            clients[service].meta.method_to_api_mapping[operation]
        ).error_shapes
        codes = {shape.error_code for shape in of_operation}
        if code in codes:
            assert exceptions.from_code(code) is not ClientError, (service, code)


def test_a_wrong_query_says_where(clients):
    with pytest.raises(clients["logs"].exceptions.MalformedQueryException) as refused:
        clients["logs"].start_query(
            logGroupName="one", startTime=0, endTime=1 << 32, queryString="fields @message | bogus"
        )
    location = refused.value.response["queryCompileError"]["location"]
    assert location == {"startCharOffset": 18, "endCharOffset": 23}
