"""Every operation of CloudTrail, CloudWatch Logs, EventBridge and SQS that is built takes through
boto3 every member that AWS's model knows, and its answers are what the model says."""

import re

import pytest

from conformance import log_calls, record_calls
from harness.answers import Recorder, asked, check_types, known, missing_required, model
from harness.coverage import built
from harness.server import Server

SERVICES = ("cloudtrail", "events", "logs", "sqs")
# What these calls cannot make succeed, and why.
NOT_DRIVEN = {("logs", "StopQuery"): "queries this small end before anybody stops them"}
# Members that no request here has, by operation, as patterns of their places; and why.
NOT_SENT = {
    ("cloudtrail", ".*InsightSelectors"): "EventDataStore|InsightsDestination",  # CloudTrail Lake
    ("cloudtrail", "List.*"): "NextToken",  # no operation gives one
    ("events", "CreateEventBus"): "EventSourceName",  # partners
    ("events", ".*EventBus"): "KmsKeyIdentifier|LogConfig.*",
    ("events", ".*Connection"): ".*ConnectivityParameters.*",  # private networks
    ("events", "PutEvents"): "EndpointId",  # global endpoints
    # Targets that are in no service here.
    ("events", "PutTargets"): (
        r"Targets\[\]\.(AppSync|Batch|Ecs|Kinesis|RedshiftData|RunCommand|SageMakerPipeline)"
        r"Parameters.*"
    ),
    ("logs", "ListLogGroups"): "dataSources.*|fieldIndexNames",
    # Fields that centralized logs have, and roles of destinations that are in no service here.
    ("logs", "PutMetricFilter|PutSubscriptionFilter"): "emitSystemField.*|fieldSelection.*|roleArn",
}
# Required by the model, and left out by AWS where there is nothing to say.
LEFT_OUT = {"Failed", "Successful"}


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    """All calls, and what was answered."""
    buckets = tmp_path_factory.mktemp("buckets")
    (buckets / "logs").mkdir()
    with Server("--log", "warn", "--trail-directory", str(buckets)) as server:
        recorder = Recorder(server)
        record_calls.trails(recorder)
        record_calls.buses(recorder)
        record_calls.queues(recorder)
        log_calls.logs(recorder)
        yield recorder


@pytest.mark.parametrize("service", SERVICES)
def test_every_built_operation_succeeds(recorder, service):
    driven = {operation for name, operation in recorder.answers if name == service}
    excused = {operation for name, operation in NOT_DRIVEN if name == service}
    assert driven | excused == built(service)
    assert not driven & excused


@pytest.mark.parametrize("service", SERVICES)
def test_every_member_is_taken(recorder, service):
    driven = built(service) - {operation for name, operation in NOT_DRIVEN if name == service}
    for operation in sorted(driven):
        members = set(known(model(service).operation_model(operation).input_shape))
        sent = asked(recorder.requests, service, operation)
        patterns = [
            pattern
            for (name, operations), pattern in NOT_SENT.items()
            if name == service and re.fullmatch(operations, operation)
        ]
        excused = {at for at in members for it in patterns if re.fullmatch(it, at.removeprefix("."))}
        assert members - sent <= excused, operation


@pytest.mark.parametrize("service", SERVICES)
def test_answers_are_what_the_model_says(recorder, service):
    missing, checked = missing_required(recorder.answers, service)
    assert [place for place in missing if place[2] not in LEFT_OUT] == []
    assert checked > 0
    assert check_types(recorder.answers, service) > 100
