"""Queries of Logs Insights as boto3 and the AWS CLI run them."""

import time

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from test_logs import group, logs, logs_key, put  # noqa: F401 (fixtures)


def start(logs, group, text, **more):
    now = int(time.time())
    query = {"startTime": now - 600, "endTime": now + 600, "queryString": text} | more
    return logs.start_query(logGroupNames=[group], **query)["queryId"]


def ended(logs, query):
    while True:
        answer = logs.get_query_results(queryId=query)
        if answer["status"] not in ("Scheduled", "Running"):
            return answer
        time.sleep(0.05)


def rows(answer):
    return [{field["field"]: field["value"] for field in row} for row in answer["results"]]


def test_events_are_filtered_counted_and_found_again(logs, group):
    put(logs, group, '{"status": 200, "ms": 5}', '{"status": 500, "ms": 7}', "plain text")
    text = "filter ispresent(status) | stats count(*) as n, max(ms) by status | sort status"
    answer = ended(logs, start(logs, group, text))
    assert answer["status"] == "Complete"
    assert rows(answer) == [
        {"status": "200", "n": "1", "max(ms)": "5"},
        {"status": "500", "n": "1", "max(ms)": "7"},
    ]
    assert answer["statistics"]["recordsScanned"] == 3
    assert answer["statistics"]["recordsMatched"] == 2
    found = rows(ended(logs, start(logs, group, "fields @message | filter @message like /plain/")))
    record = logs.get_log_record(logRecordPointer=found[0]["@ptr"])["logRecord"]
    assert record["@message"] == "plain text"
    fields = logs.get_log_group_fields(logGroupName=group, time=int(time.time()))
    assert {field["name"] for field in fields["logGroupFields"]} >= {"status", "@message"}


def test_a_query_that_is_not_understood_is_refused_with_its_place(logs, group):
    with pytest.raises(ClientError) as refused:
        start(logs, group, "fields @message | nosuch")
    assert refused.value.response["Error"]["Code"] == "MalformedQueryException"
    location = refused.value.response["queryCompileError"]["location"]
    assert location == {"startCharOffset": 18, "endCharOffset": 24}


def test_a_disabled_key_ends_queries_and_results(logs, kms, group, logs_key):
    logs.associate_kms_key(logGroupName=group, kmsKeyId=logs_key)
    put(logs, group, "secret")
    query = start(logs, group, "fields @message")
    assert rows(ended(logs, query))[0]["@message"] == "secret"
    kms.disable_key(KeyId=logs_key)
    with pytest.raises(ClientError) as refused:
        logs.get_query_results(queryId=query)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert ended(logs, start(logs, group, "stats count(*)"))["status"] == "Failed"
    kms.enable_key(KeyId=logs_key)
    assert rows(ended(logs, query))[0]["@message"] == "secret"


def test_queries_are_listed_stopped_and_saved(server, logs, group, name):
    query = start(logs, group, "fields @message")
    ended(logs, query)
    listed = logs.describe_queries(logGroupName=group)["queries"]
    assert [known["queryId"] for known in listed] == [query]
    with pytest.raises(ClientError) as refused:
        logs.stop_query(queryId=query)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
    saved = aws(
        server,
        *("logs", "put-query-definition", "--name", name, "--query-string", "stats count(*)"),
    )
    shown = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    assert shown[0]["queryString"] == "stats count(*)"
    identifier = saved["queryDefinitionId"]
    assert shown[0]["queryDefinitionId"] == identifier
    assert logs.delete_query_definition(queryDefinitionId=identifier)["success"]
