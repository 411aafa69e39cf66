"""Functions that run, as boto3 and the AWS CLI invoke them (LAM-1)."""

import base64
import json
import os
import re
import time
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from harness import functions
from harness.clients import aws, client

pytestmark = functions.needs_python

ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture(scope="module")
def server():
    """A server that runs functions."""
    with functions.server("--dev", "--auth", "enforce", "--function-workers", "8", data=False) as running:
        yield running


@pytest.fixture(scope="module")
def lambdas(server):
    return client(server, "lambda")


@pytest.fixture(scope="module")
def role(server):
    """The ARN of a role that may write logs."""
    return functions.role(server, "logging", functions.WRITES_LOGS)


@pytest.fixture
def make(server, role, name):
    """Makes a function of a text."""

    def made(text, **more):
        functions.create(server, name, text, more.pop("Role", role), **more)
        return name

    return made


def invoke(lambdas, name, event=None, **more):
    """What a function answers: the error's header, and its JSON."""
    payload = {} if event is None else {"Payload": json.dumps(event)}
    answer = lambdas.invoke(FunctionName=name, **payload, **more)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response


def test_lam_1_a_function_answers_its_event(lambdas, make):
    name = make(ECHO)
    event = {"a": [1, 2.5, None, "ä"]}
    answer = lambdas.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    assert json.loads(answer["Payload"].read()) == event
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    tail = base64.b64decode(answer["LogResult"]).decode()
    request = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request} Version: $LATEST" in tail
    assert re.search(rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms", tail)
    assert "LogResult" not in lambdas.invoke(FunctionName=name)
    assert invoke(lambdas, name) == (None, {})


def test_the_command_line_invokes_versions_and_dry(server, lambdas, make, tmp_path):
    name = make("def handler(event, context):\n    return context.function_version\n", Publish=True)
    out = tmp_path / "out"
    shown = aws(server, "lambda", "invoke", "--function-name", f"{name}:1", out)
    assert (shown["StatusCode"], shown["ExecutedVersion"], out.read_text()) == (200, "1", '"1"')
    dry = lambdas.invoke(FunctionName=name, InvocationType="DryRun")
    assert (dry["StatusCode"], dry["Payload"].read()) == (204, b"")


def test_errors_have_aws_shapes(lambdas, make):
    name = make(
        "import sys, time\n"
        "class Odd(Exception): pass\n"
        "def handler(event, context):\n"
        "    if event == 'raise': raise Odd('no')\n"
        "    if event == 'exit': sys.exit(3)\n"
        "    if event == 'sleep': time.sleep(60)\n"
        "    return object()\n",
        Timeout=1,
    )
    error, body = invoke(lambdas, name, "raise")
    assert (error, body["errorType"], body["errorMessage"]) == ("Unhandled", "Odd", "no")
    assert body["stackTrace"] and "requestId" in body
    error, body = invoke(lambdas, name, "marshal")
    assert (error, body["errorType"]) == ("Unhandled", "Runtime.MarshalError")
    error, body = invoke(lambdas, name, "exit")
    assert (error, body["errorType"]) == ("Unhandled", "Runtime.ExitError")
    error, body = invoke(lambdas, name, "sleep")
    assert error == "Unhandled" and body["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_requests_that_are_none(lambdas, make):
    name = make(ECHO)
    bad = refused(lambdas.invoke, FunctionName=name, Payload=b"{")
    assert bad["Error"]["Code"] == "InvalidRequestContentException"
    bad = refused(lambdas.invoke, FunctionName=name, Payload=b'"' + b"x" * 6_291_455 + b'"')
    assert (bad["Error"]["Code"], bad["ResponseMetadata"]["HTTPStatusCode"]) == ("RequestTooLargeException", 413)
    largest = lambdas.invoke(FunctionName=name, Payload=b'"' + b"x" * 6_291_454 + b'"')
    assert len(largest["Payload"].read()) == 6_291_456
    bad = refused(lambdas.invoke, FunctionName="absent")
    assert bad["Error"]["Code"] == "ResourceNotFoundException"
    assert re.fullmatch(r"Function not found: arn:aws:lambda:us-east-1:\d{12}:function:absent", bad["Error"]["Message"])
    bad = refused(lambdas.invoke, FunctionName=name, Qualifier="7")
    assert bad["Error"]["Message"].endswith(f"function:{name}:7")


def test_lam_1_a_function_is_its_role(server, lambdas, make, role):
    name = make(
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n",
        Timeout=20,
        MemorySize=256,
    )
    account = role.split(":")[4]
    expected = f"arn:aws:sts::{account}:assumed-role/logging/{name}"
    assert invoke(lambdas, name) == (None, expected)


def test_logs_go_where_the_role_may_write(server, lambdas, make, name):
    logs = client(server, "logs")
    make("def handler(event, context):\n    print('seen by nobody else')\n")
    invoke(lambdas, name)
    group = f"/aws/lambda/{name}"
    messages = []
    deadline = time.monotonic() + 60
    while not any(message.startswith("REPORT") for message in messages) and time.monotonic() < deadline:
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            messages = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert "seen by nobody else\n" in messages
    assert messages[0].startswith(("INIT_START", "START RequestId: "))
    [stream] = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream["logStreamName"])


def test_logs_in_json_go_to_a_group_of_their_own(server, lambdas, make, name):
    logs = client(server, "logs")
    text = "import logging\ndef handler(event, context):\n    logging.info('no')\n    logging.warning('seen')\n"
    group = f"/own/{name}"
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO", "LogGroup": group}
    make(text, LoggingConfig=config)
    invoke(lambdas, name)
    lines = []
    deadline = time.monotonic() + 60
    while len(lines) < 3 and time.monotonic() < deadline:
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            lines = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    start, seen, report = lines
    arn = lambdas.get_function_configuration(FunctionName=name)["FunctionArn"]
    request = start["record"]["requestId"]
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": request, "functionArn": arn, "version": "$LATEST"}
    assert (seen["level"], seen["message"], seen["requestId"]) == ("WARNING", "seen", request)
    assert (report["type"], report["record"]["status"]) == ("platform.report", "success")
    assert report["record"]["metrics"]["memorySizeMB"] == 128
    assert logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"] == []


def test_a_role_without_logs_runs_all_the_same(server, lambdas, make, name):
    silent = functions.role(server, f"silent-{name}")
    make(ECHO, Role=silent)
    assert invoke(lambdas, name, 1) == (None, 1)
    groups = client(server, "logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
    assert groups["logGroups"] == []


def test_lam_1_an_environment_is_read_with_its_key(server, lambdas, make, name):
    kms = client(server, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    text = "import os\ndef handler(event, context):\n    return os.environ['WORD']\n"
    make(text, Environment={"Variables": {"WORD": "secret"}}, KMSKeyArn=key)
    assert invoke(lambdas, name) == (None, "secret")
    lambdas.update_function_configuration(FunctionName=name, Timeout=5)
    kms.disable_key(KeyId=key)
    failed = refused(lambdas.invoke, FunctionName=name)
    assert (failed["Error"]["Code"], failed["ResponseMetadata"]["HTTPStatusCode"]) == ("KMSDisabledException", 502)
    kms.enable_key(KeyId=key)
    assert invoke(lambdas, name) == (None, "secret")
    managed = f"{name}-managed"
    role = lambdas.get_function_configuration(FunctionName=name)["Role"]
    functions.create(server, managed, text, role, Environment={"Variables": {"WORD": "ours"}})
    assert invoke(lambdas, managed) == (None, "ours")


def test_a_role_that_is_gone_runs_nothing(server, lambdas, make, name):
    gone = f"gone-{name}"
    make(ECHO, Role=functions.role(server, gone))
    client(server, "iam").delete_role(RoleName=gone)
    failed = refused(lambdas.invoke, FunctionName=name)["Error"]
    assert failed["Code"] == "AccessDeniedException"
    assert failed["Message"] == "The role defined for the function cannot be assumed by Lambda."


def test_no_more_run_than_are_reserved(lambdas, make):
    name = make(ECHO)
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    throttled = refused(lambdas.invoke, FunctionName=name)
    assert throttled["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert throttled["Error"]["Code"] == "TooManyRequestsException"
    assert throttled["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for number in range(5):
        assert invoke(lambdas, name, number) == (None, number)


def test_new_code_runs_at_once(lambdas, make):
    name = make("def handler(event, context):\n    return 1\n")
    assert invoke(lambdas, name) == (None, 1)
    lambdas.update_function_code(
        FunctionName=name, ZipFile=functions.package("def handler(event, context):\n    return 2\n")
    )
    assert invoke(lambdas, name) == (None, 2)


def test_a_client_has_a_context(lambdas, make):
    name = make("def handler(event, context):\n    return context.client_context.custom\n")
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    assert invoke(lambdas, name, ClientContext=context) == (None, {"a": "b"})
    bad = refused(lambdas.invoke, FunctionName=name, ClientContext="e30x")
    assert bad["Error"]["Code"] == "InvalidRequestContentException"


@pytest.fixture
def letters(server, name):
    """A queue for events that nobody could handle: its URL and ARN."""
    sqs = client(server, "sqs")
    url = sqs.create_queue(QueueName=f"letters-{name}")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


@pytest.fixture
def sending(server, name):
    """The ARN of a role that may send messages."""
    sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    return functions.role(server, f"sending-{name}", sends)


def received(server, url, seconds=10):
    """The next message of a queue."""
    found = client(server, "sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"]
    )
    return found.get("Messages", [None])[0]


def advance(server, seconds):
    body = json.dumps({"advance_seconds": seconds}).encode()
    urllib.request.urlopen(f"{server.endpoint}/_strongroom/dev/clock", data=body).close()


def test_events_run_some_time_soon(server, lambdas, make, letters, sending):
    url, _ = letters
    text = (
        "import boto3, json\n"
        "def handler(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl={url!r}, MessageBody=json.dumps(event))\n"
    )
    name = make(text, Role=sending, Timeout=20, MemorySize=256)
    answer = lambdas.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a":1}')
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert json.loads(received(server, url)["Body"]) == {"a": 1}
    large = refused(lambdas.invoke, FunctionName=name, InvocationType="Event", Payload=b'"' + b"x" * 1_048_575 + b'"')
    assert large["Error"]["Code"] == "RequestTooLargeException"


def test_events_that_nobody_can_handle_become_dead_letters(server, lambdas, make, letters, sending, name):
    url, arn = letters
    make(
        "def handler(event, context):\n    print('attempt')\n    raise ValueError('never')\n",
        Role=sending,
        DeadLetterConfig={"TargetArn": arn},
    )
    answer = lambdas.invoke(FunctionName=name, InvocationType="Event", Payload=b"[7]")
    for seconds in (61, 121):
        assert received(server, url, seconds=2) is None
        advance(server, seconds)
    letter = received(server, url)
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    request = answer["ResponseMetadata"]["RequestId"]
    assert letter["Body"] == "[7]"
    assert attributes == {"RequestID": request, "ErrorCode": "200", "ErrorMessage": "never"}


def test_destinations_get_records_of_invocations(server, lambdas, make, letters, sending):
    url, arn = letters
    name = make("def handler(event, context):\n    return event['n'] * 2\n", Role=sending, Publish=True)
    lambdas.put_function_event_invoke_config(
        FunctionName=name, Qualifier="1", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    answer = lambdas.invoke(FunctionName=name, Qualifier="1", InvocationType="Event", Payload=b'{"n": 21}')
    record = json.loads(received(server, url)["Body"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("timestamp"))
    function = lambdas.get_function_configuration(FunctionName=name, Qualifier="1")["FunctionArn"]
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": answer["ResponseMetadata"]["RequestId"],
            "functionArn": function,
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"n": 21},
        "responseContext": {"statusCode": 200, "executedVersion": "1"},
        "responsePayload": 42,
    }


def test_events_wait_for_a_function_that_may_not_run(server, lambdas, make, letters, sending, name):
    url, arn = letters
    make(ECHO, Role=sending, DeadLetterConfig={"TargetArn": arn})
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    lambdas.invoke(FunctionName=name, InvocationType="Event", Payload=b"1")
    assert received(server, url)["Body"] == "1"


def test_functions_find_what_their_layers_bring(lambdas, make):
    first = lambdas.publish_layer_version(
        LayerName="first",
        Content={"ZipFile": functions.package("WHOSE = 'first'\n", "python/brought.py")},
    )
    second = lambdas.publish_layer_version(
        LayerName="second",
        Content={"ZipFile": functions.package("WHOSE = 'second'\n", "python/brought.py")},
    )
    text = "import brought\n\ndef handler(event, context):\n    return brought.WHOSE\n"
    layers = [first["LayerVersionArn"], second["LayerVersionArn"]]
    assert invoke(lambdas, make(text, Layers=layers)) == (None, "second")
    lambdas.delete_layer_version(LayerName="second", VersionNumber=1)
    assert invoke(lambdas, make_again(lambdas, text)) == (None, "second")


def make_again(lambdas, text):
    """The same function with its code read anew."""
    name = next(function["FunctionName"] for function in lambdas.list_functions()["Functions"] if function.get("Layers"))
    lambdas.update_function_code(FunctionName=name, ZipFile=functions.package(text + "# again\n"))
    return name


def directory(running):
    """Where a server has its functions: it keeps that open."""
    opened = (os.path.realpath(link) for link in Path(f"/proc/{running.process.pid}/fd").iterdir())
    [found] = [path for path in opened if path.startswith("/var/tmp/strongroom-functions-")]
    return Path(found)


def test_what_a_killed_server_left_is_removed(server, lambdas, make):
    name = make(ECHO)
    assert invoke(lambdas, name, 1) == (None, 1)
    with functions.server("--dev", "--functions", "confined", data=False) as killed:
        left = directory(killed)
        killed.kill()
        assert left.is_dir()
        killed.start()
        deadline = time.monotonic() + 60
        while left.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left.exists()
        assert directory(killed).is_dir()
    assert directory(server).is_dir(), "another server's stays"
    assert invoke(lambdas, name, 2) == (None, 2)
