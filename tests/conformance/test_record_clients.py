"""CloudTrail, CloudWatch Logs, EventBridge and SQS as people use them: boto3's resources and
paginators, and the commands of the AWS CLI."""

import json
import time

import boto3
import pytest

from harness.clients import REGION, aws, client
from harness.coverage import built
from harness.server import Server


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A server with three of each thing that can be listed."""
    buckets = tmp_path_factory.mktemp("buckets")
    (buckets / "logs").mkdir()
    with Server("--log", "warn", "--trail-directory", str(buckets)) as server:
        fill(server)
        yield server


def fill(server):
    trail, events, logs, sqs = (
        client(server, name) for name in ("cloudtrail", "events", "logs", "sqs")
    )
    logs.create_log_group(logGroupName="g")
    group = f"arn:aws:logs:{REGION}:{server.account}:log-group:g"
    bus = events.describe_event_bus()["Arn"]
    dead = f"arn:aws:sqs:{REGION}:{server.account}:dead"
    sqs.create_queue(QueueName="dead")
    now = int(time.time() * 1000)
    for number in ("1", "2", "3"):
        trail.create_trail(Name=f"trail-{number}", S3BucketName="logs")
        events.create_event_bus(Name=f"bus-{number}")
        events.create_archive(ArchiveName=f"archive-{number}", EventSourceArn=bus)
        events.put_rule(Name=f"rule-{number}", EventPattern='{"source": ["s"]}')
        events.put_targets(Rule=f"rule-{number}", Targets=[{"Id": "t", "Arn": group}])
        events.put_targets(Rule="rule-1", Targets=[{"Id": number, "Arn": group}])
        logs.create_log_group(logGroupName=f"g{number}")
        logs.create_log_stream(logGroupName="g", logStreamName=number)
        told = [{"timestamp": now, "message": f"m{number}"}]
        logs.put_log_events(logGroupName="g", logStreamName=number, logEvents=told)
        metric = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName="g", filterName=number, filterPattern="", metricTransformations=[metric]
        )
        redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
        sqs.create_queue(QueueName=f"q-{number}", Attributes={"RedrivePolicy": redrive})


PAGES = [
    ("cloudtrail", "list_trails", {}, "Trails", 3),
    ("cloudtrail", "lookup_events",
     {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateTrail"}]}, "Events", 3),
    ("events", "list_rules", {}, "Rules", 3),
    ("events", "list_rule_names_by_target", {"TargetArn": "GROUP"}, "RuleNames", 3),
    ("events", "list_targets_by_rule", {"Rule": "rule-1"}, "Targets", 4),
    ("logs", "describe_log_groups", {}, "logGroups", 4),
    ("logs", "describe_log_streams", {"logGroupName": "g"}, "logStreams", 3),
    ("logs", "describe_metric_filters", {"logGroupName": "g"}, "metricFilters", 3),
    ("logs", "filter_log_events", {"logGroupName": "g"}, "events", 3),
    ("sqs", "list_queues", {}, "QueueUrls", 4),
    ("sqs", "list_dead_letter_source_queues", {"QueueUrl": "DEAD"}, "queueUrls", 3),
]


@pytest.mark.parametrize(("service", "operation", "given", "member", "number"), PAGES)
def test_paginators_walk_every_page(filled, service, operation, given, member, number):
    group = f"arn:aws:logs:{REGION}:{filled.account}:log-group:g"
    dead = client(filled, "sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    given = json.loads(json.dumps(given).replace("GROUP", group).replace("DEAD", dead))
    asking = client(filled, service)
    paginator = asking.get_paginator(operation)
    # Some operations have pages of no chosen size, and all of it in one.
    sized = {"PaginationConfig": {"PageSize": 1}} if paginator._limit_key else {}
    pages = [page.get(member, []) for page in paginator.paginate(**given, **sized)]
    found = [item for page in pages for item in page]
    assert len(found) == number
    assert len(pages) >= number or not sized
    every = [json.dumps(item, sort_keys=True, default=str) for item in found]
    assert len(set(every)) == number


def test_every_paginator_of_what_is_built_is_walked(filled):
    excused = {
        ("cloudtrail", "list_public_keys"): "no page follows the first",
        ("cloudtrail", "list_tags"): "no page follows the first",
        ("logs", "describe_destinations"): "walked in test_every_record_operation",
        ("logs", "describe_queries"): "walked in test_every_record_operation",
        ("logs", "describe_query_definitions"): "walked in test_every_record_operation",
        ("logs", "describe_resource_policies"): "walked in test_every_record_operation",
        ("logs", "describe_subscription_filters"): "walked in test_every_record_operation",
        ("logs", "get_query_results"): "walked in test_every_record_operation",
        ("logs", "list_log_groups"): "walked in test_every_record_operation",
    }
    walked = {(service, operation) for service, operation, *_ in PAGES}
    for service in ("cloudtrail", "events", "logs", "sqs"):
        asking = client(filled, service)
        known = {
            (service, method)
            for method, operation in asking.meta.method_to_api_mapping.items()
            if operation in built(service) and asking.can_paginate(method)
        }
        assert known - walked <= set(excused)


def test_queues_are_resources(filled):
    sqs = boto3.resource(
        "sqs",
        endpoint_url=filled.endpoint,
        region_name=REGION,
        aws_access_key_id=filled.root.access_key,
        aws_secret_access_key=filled.root.secret_key,
    )
    queue = sqs.create_queue(QueueName="resource", Attributes={"DelaySeconds": "0"})
    assert sqs.get_queue_by_name(QueueName="resource").url == queue.url
    assert queue.url in [one.url for one in sqs.queues.filter(QueueNamePrefix="res")]
    sent = queue.send_messages(Entries=[{"Id": str(n), "MessageBody": f"m{n}"} for n in range(3)])
    assert len(sent["Successful"]) == 3
    [first, *others] = queue.receive_messages(MaxNumberOfMessages=10)
    first.change_visibility(VisibilityTimeout=60)
    first.delete()
    queue.delete_messages(
        Entries=[{"Id": m.message_id, "ReceiptHandle": m.receipt_handle} for m in others]
    )
    queue.set_attributes(Attributes={"DelaySeconds": "5"})
    queue.reload()
    assert queue.attributes["DelaySeconds"] == "5"
    assert queue.attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
    dead = sqs.get_queue_by_name(QueueName="dead")
    assert len(list(dead.dead_letter_source_queues.all())) == 3
    queue.purge()
    queue.delete()


def test_the_command_line_of_logs_and_trails(filled):
    found = aws(
        filled, "logs", "filter-log-events", "--log-group-name", "g", "--filter-pattern", "m2",
        "--query", "events[].message",
    )
    assert found == ["m2"]
    names = aws(
        filled, "logs", "describe-log-groups", "--page-size", "1", "--query", "logGroups[].logGroupName"
    )
    assert names == ["g", "g1", "g2", "g3"]
    now = int(time.time())
    query = ["--start-time", now - 60, "--end-time", now + 60, "--query-string", "fields @message"]
    started = aws(filled, "logs", "start-query", "--log-group-name", "g", *query)
    while (answer := aws(filled, "logs", "get-query-results", *query_id(started)))["status"] != "Complete":
        time.sleep(0.1)
    assert len(answer["results"]) == 3
    selector = '[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]'
    put = ["--trail-name", "trail-1", "--event-selectors", selector]
    aws(filled, "cloudtrail", "put-event-selectors", *put)
    shown = aws(filled, "cloudtrail", "get-event-selectors", "--trail-name", "trail-1")
    assert shown["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    attributes = "AttributeKey=EventName,AttributeValue=PutEventSelectors"
    found = aws(
        filled, "cloudtrail", "lookup-events", "--lookup-attributes", attributes, "--max-items", "5"
    )
    assert [event["EventName"] for event in found["Events"]] == ["PutEventSelectors"]


def query_id(started):
    return ["--query-id", started["queryId"]]


def test_the_command_line_of_event_buses(filled):
    pattern = '{"source": ["cli"]}'
    aws(filled, "events", "put-rule", "--name", "cli", "--event-pattern", pattern, "--tags", "Key=a,Value=b")
    group = f"arn:aws:logs:{REGION}:{filled.account}:log-group:g"
    done = aws(filled, "events", "put-targets", "--rule", "cli", "--targets", f"Id=1,Arn={group}")
    assert done["FailedEntryCount"] == 0
    entry = json.dumps([{"Source": "cli", "DetailType": "t", "Detail": "{}"}])
    done = aws(filled, "events", "put-events", "--entries", entry)
    assert done["FailedEntryCount"] == 0
    refused = aws(filled, "events", "delete-rule", "--name", "cli", check=False)
    assert "(ValidationException) when calling the DeleteRule operation" in refused.stderr
    aws(filled, "events", "remove-targets", "--rule", "cli", "--ids", "1")
    aws(filled, "events", "delete-rule", "--name", "cli")
