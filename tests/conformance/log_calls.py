"""Every operation of CloudWatch Logs that is built, called through boto3 with all members of requests
that it takes, in an order in which it succeeds."""

import json
import time

from conformance.record_calls import NAMED, service_key, service_role
from harness.clients import REGION
from harness.identities import allow, policy


def logs(recorder):
    """CloudWatch Logs."""
    logs = recorder.client("logs")
    account = recorder.server.account
    key = service_key(recorder, f"logs.{REGION}.amazonaws.com")
    logs.create_log_group(
        logGroupName="app/one", kmsKeyId=key, tags=NAMED, logGroupClass="STANDARD",
        deletionProtectionEnabled=True,
    )
    group = f"arn:aws:logs:{REGION}:{account}:log-group:app/one"
    for name in ("app/two", "app/three"):
        logs.create_log_group(logGroupName=name)
    logs.put_log_group_deletion_protection(
        logGroupIdentifier="app/one", deletionProtectionEnabled=False
    )
    logs.disassociate_kms_key(logGroupName="app/one")
    logs.associate_kms_key(logGroupName="app/one", kmsKeyId=key)
    logs.disassociate_kms_key(resourceIdentifier=group)
    logs.associate_kms_key(resourceIdentifier=group, kmsKeyId=key)
    logs.put_retention_policy(logGroupName="app/two", retentionInDays=7)
    logs.delete_retention_policy(logGroupName="app/two")
    tags(logs, group)
    groups(logs, account)
    events(logs, group)
    queries(logs, group)
    filters(logs)
    policies(logs, group)
    destinations(recorder, logs, account)
    logs.delete_log_stream(logGroupName="app/one", logStreamName="s1")
    logs.delete_log_group(logGroupName="app/one")


def tags(logs, group):
    """Tags of a log group, by its ARN and by its name."""
    logs.tag_resource(resourceArn=group, tags={"stage": "test"})
    logs.untag_resource(resourceArn=group, tagKeys=["stage"])
    logs.list_tags_for_resource(resourceArn=group)
    logs.tag_log_group(logGroupName="app/one", tags={"stage": "test"})
    logs.untag_log_group(logGroupName="app/one", tags=["stage"])
    logs.list_tags_log_group(logGroupName="app/one")


def groups(logs, account):
    """Log groups."""
    asked = {
        "accountIdentifiers": [account],
        "logGroupNamePrefix": "app/",
        "limit": 1,
        "includeLinkedAccounts": True,
        "logGroupClass": "STANDARD",
    }
    page = logs.describe_log_groups(**asked)
    logs.describe_log_groups(nextToken=page["nextToken"], **asked)
    logs.describe_log_groups(logGroupNamePattern="one")
    logs.describe_log_groups(logGroupIdentifiers=["app/one"])
    asked = {
        "logGroupNamePattern": "^app/",
        "logGroupClass": "STANDARD",
        "includeLinkedAccounts": True,
        "accountIdentifiers": [account],
        "limit": 1,
    }
    page = logs.list_log_groups(**asked)
    logs.list_log_groups(nextToken=page["nextToken"], **asked)
    logs.list_log_groups(logGroupTags=[{"key": "team", "values": ["red"]}])


def events(logs, group):
    """Log streams, and what is in them."""
    one = {"logGroupName": "app/one", "logStreamName": "s1"}
    for name in ("s1", "s2"):
        logs.create_log_stream(logGroupName="app/one", logStreamName=name)
    now = int(time.time() * 1000)
    told = [{"timestamp": now + nth, "message": f'{{"level": "ERROR", "n": {nth}}}'} for nth in range(3)]
    days = 86_400_000
    keys = {"Type": "Service", "Name": "app", "Environment": "test"}
    entity = {"keyAttributes": keys, "attributes": {"PlatformType": "AWS::EC2"}}
    logs.put_log_events(logEvents=told, sequenceToken="1", entity=entity, **one)
    logs.put_log_events(logEvents=[{"timestamp": now - 15 * days, "message": "old"}], **one)
    logs.put_log_events(logEvents=[{"timestamp": now + days, "message": "new"}], **one)
    logs.put_retention_policy(logGroupName="app/one", retentionInDays=1)
    logs.put_log_events(logEvents=[{"timestamp": now - 2 * days, "message": "over"}], **one)
    logs.delete_retention_policy(logGroupName="app/one")
    asked = {"logGroupName": "app/one", "logStreamNamePrefix": "s", "limit": 1, "descending": True}
    page = logs.describe_log_streams(orderBy="LogStreamName", **asked)
    logs.describe_log_streams(nextToken=page["nextToken"], **asked)
    logs.describe_log_streams(logGroupIdentifier=group, orderBy="LastEventTime")
    asked = one | {"startTime": now, "endTime": now + 9, "limit": 1, "startFromHead": True}
    page = logs.get_log_events(unmask=False, **asked)
    logs.get_log_events(nextToken=page["nextForwardToken"], **asked)
    logs.get_log_events(logGroupIdentifier=group, logStreamName="s1")
    asked = {
        "logGroupName": "app/one",
        "startTime": now,
        "endTime": now + 9,
        "filterPattern": "ERROR",
        "limit": 1,
        "interleaved": True,
        "unmask": False,
    }
    page = logs.filter_log_events(logStreamNames=["s1"], **asked)
    logs.filter_log_events(logStreamNames=["s1"], nextToken=page["nextToken"], **asked)
    logs.filter_log_events(logGroupIdentifier=group, logStreamNamePrefix="s", startFromHead=True)
    logs.get_log_group_fields(logGroupName="app/one", time=now // 1000)
    logs.get_log_group_fields(logGroupIdentifier=group)


def queries(logs, group):
    """CloudWatch Logs Insights."""
    seconds = int(time.time())
    asked = {"startTime": seconds - 60, "endTime": seconds + 60, "queryString": "fields @message"}
    wheres = (
        {"logGroupName": "app/one"}, {"logGroupNames": ["app/one"]}, {"logGroupIdentifiers": [group]},
    )
    for where in wheres:
        made = logs.start_query(queryLanguage="CWLI", limit=2, **where, **asked)
    while (found := logs.get_query_results(queryId=made["queryId"]))["status"] != "Complete":
        time.sleep(0.05)
    page = logs.get_query_results(queryId=made["queryId"], maxItems=1)
    logs.get_query_results(queryId=made["queryId"], maxItems=1, nextToken=page["nextToken"])
    [pointer] = [field["value"] for field in found["results"][0] if field["field"] == "@ptr"]
    logs.get_log_record(logRecordPointer=pointer, unmask=False)
    asked = {"logGroupName": "app/one", "status": "Complete", "maxResults": 1, "queryLanguage": "CWLI"}
    page = logs.describe_queries(**asked)
    logs.describe_queries(nextToken=page["nextToken"], **asked)
    said = {
        "queryLanguage": "CWLI",
        "queryString": "fields @message | limit {{most}}",
        "logGroupNames": ["app/one"],
        "parameters": [{"name": "most", "defaultValue": "5", "description": "rows"}],
    }
    for name in ("team/a", "team/b"):
        token = f"{name}-".ljust(36, "x").replace("/", "-")
        kept = logs.put_query_definition(name=name, clientToken=token, **said)
    identifier = {"queryDefinitionId": kept["queryDefinitionId"]}
    logs.put_query_definition(name="team/b", **identifier, **said)
    asked = {"queryLanguage": "CWLI", "queryDefinitionNamePrefix": "team/", "maxResults": 1}
    page = logs.describe_query_definitions(**asked)
    logs.describe_query_definitions(nextToken=page["nextToken"], **asked)
    logs.delete_query_definition(**identifier)


def filters(logs):
    """Metric filters."""
    metric = {
        "metricName": "Errors",
        "metricNamespace": "App",
        "metricValue": "$.n",
        "unit": "Count",
    }
    said = {"logGroupName": "app/one", "filterPattern": "{ $.n > 1 }", "applyOnTransformedLogs": False}
    with_dimensions = metric | {"dimensions": {"Level": "$.level"}}
    logs.put_metric_filter(filterName="a", metricTransformations=[with_dimensions], **said)
    logs.put_metric_filter(
        filterName="b", metricTransformations=[metric | {"defaultValue": 0.5}], **said
    )
    asked = {"logGroupName": "app/one", "limit": 1}
    page = logs.describe_metric_filters(**asked)
    logs.describe_metric_filters(nextToken=page["nextToken"], **asked)
    logs.describe_metric_filters(logGroupName="app/one", filterNamePrefix="b")
    logs.describe_metric_filters(metricName="Errors", metricNamespace="App")
    logs.test_metric_filter(filterPattern="[a, b]", logEventMessages=["x y", "z"])
    logs.delete_metric_filter(logGroupName="app/one", filterName="a")


def policies(logs, group):
    """Resource policies, of the account and of a log group."""
    service = {"Principal": {"Service": "events.amazonaws.com"}}
    for name in ("a", "b"):
        document = json.dumps(policy(allow("logs:PutLogEvents", **service)))
        logs.put_resource_policy(policyName=name, policyDocument=document)
    document = json.dumps(policy(allow("logs:PutLogEvents", resource=f"{group}:*", **service)))
    kept = logs.put_resource_policy(resourceArn=group, policyDocument=document)
    kept = logs.put_resource_policy(
        resourceArn=group, policyDocument=document, expectedRevisionId=kept["revisionId"]
    )
    page = logs.describe_resource_policies(limit=1, policyScope="ACCOUNT")
    logs.describe_resource_policies(limit=1, policyScope="ACCOUNT", nextToken=page["nextToken"])
    logs.describe_resource_policies(resourceArn=group, policyScope="RESOURCE")
    logs.delete_resource_policy(resourceArn=group, expectedRevisionId=kept["revisionId"])
    logs.delete_resource_policy(policyName="a")


def destinations(recorder, logs, account):
    """Destinations, and the subscription filters that send to them."""
    role = service_role(recorder, "logs", "logs.amazonaws.com")
    for name in ("a", "b"):
        made = logs.put_destination(
            destinationName=name,
            targetArn=f"arn:aws:logs:{REGION}:{account}:webhook:https://collector.example/logs",
            roleArn=role,
            tags=NAMED,
        )["destination"]
    principal = {"Principal": {"AWS": account}}
    document = policy(allow("logs:PutSubscriptionFilter", resource=made["arn"], **principal))
    logs.put_destination_policy(
        destinationName="b", accessPolicy=json.dumps(document), forceUpdate=True
    )
    page = logs.describe_destinations(limit=1)
    logs.describe_destinations(limit=1, nextToken=page["nextToken"])
    logs.describe_destinations(DestinationNamePrefix="b")
    for name in ("a", "b"):
        logs.put_subscription_filter(
            logGroupName="app/one", filterName=name, filterPattern="ERROR", distribution="Random",
            destinationArn=made["arn"], applyOnTransformedLogs=False,
        )
    asked = {"logGroupName": "app/one", "limit": 1}
    page = logs.describe_subscription_filters(**asked)
    logs.describe_subscription_filters(nextToken=page["nextToken"], **asked)
    logs.describe_subscription_filters(logGroupName="app/one", filterNamePrefix="b")
    logs.delete_subscription_filter(logGroupName="app/one", filterName="a")
    logs.delete_destination(destinationName="a")
