"""Every operation of CloudTrail, CloudWatch Logs, EventBridge and SQS that is built, called through
boto3 with all members of requests that it takes, in an order in which it succeeds."""

import datetime
import json

from harness.clients import REGION
from harness.identities import allow, policy

TAGS = [{"Key": "team", "Value": "red"}]
NAMED = {"team": "red"}
HOUR = datetime.timedelta(hours=1)


def service_role(recorder, name, service):
    """The ARN of a role that a service may take on."""
    trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    iam = recorder.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return made["Role"]["Arn"]


def service_key(recorder, *services):
    """The ARN of a key that services may use."""
    account = recorder.server.account
    every = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    document = policy(
        every | {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}},
        every | {"Principal": {"Service": list(services)}},
    )
    made = recorder.client("kms").create_key(Policy=json.dumps(document))
    return made["KeyMetadata"]["Arn"]


def open_topic(recorder, name, service):
    """The ARN of a topic that a service may publish to."""
    sns = recorder.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    document = policy(allow("sns:Publish", resource=topic, Principal={"Service": service}))
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(document)
    )
    return topic


def open_queue(recorder, name, service, **attributes):
    """The ARN of a queue that a service may send to."""
    sqs = recorder.client("sqs")
    document = policy(allow("sqs:SendMessage", Principal={"Service": service}))
    url = sqs.create_queue(
        QueueName=name, Attributes={"Policy": json.dumps(document), **attributes}
    )["QueueUrl"]
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return shown["Attributes"]["QueueArn"]


def log_group(recorder):
    """What puts the events of a trail into a log group."""
    role = service_role(recorder, "trails", "cloudtrail.amazonaws.com")
    document = policy(allow("logs:CreateLogStream", "logs:PutLogEvents"))
    recorder.client("iam").put_role_policy(
        RoleName="trails", PolicyName="logs", PolicyDocument=json.dumps(document)
    )
    recorder.client("logs").create_log_group(logGroupName="trails")
    group = f"arn:aws:logs:{REGION}:{recorder.server.account}:log-group:trails:*"
    return {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role}


def trails(recorder):
    """CloudTrail."""
    trail = recorder.client("cloudtrail")
    key = service_key(recorder, "cloudtrail.amazonaws.com")
    settings = {
        "S3BucketName": "logs",
        "S3KeyPrefix": "a/b",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "EnableLogFileValidation": True,
        "IsOrganizationTrail": False,
        "KmsKeyId": key,
        "RecursiveLogging": True,
        "SnsTopicName": open_topic(recorder, "files", "cloudtrail.amazonaws.com"),
        **log_group(recorder),
    }
    arn = trail.create_trail(Name="audit", TagsList=TAGS, **settings)["TrailARN"]
    trail.update_trail(Name=arn, **settings)
    trail.add_tags(ResourceId=arn, TagsList=[{"Key": "stage", "Value": "test"}])
    trail.remove_tags(ResourceId=arn, TagsList=[{"Key": "stage", "Value": "test"}])
    trail.list_tags(ResourceIdList=[arn])
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::pictures/"]}],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }
    trail.put_event_selectors(TrailName="audit", EventSelectors=[selector])
    trail.get_event_selectors(TrailName="audit")
    insights = [
        {"InsightType": name, "EventCategories": ["Management"]}
        for name in ("ApiCallRateInsight", "ApiErrorRateInsight")
    ]
    trail.put_insight_selectors(TrailName="audit", InsightSelectors=insights)
    trail.get_insight_selectors(TrailName="audit")
    trail.put_insight_selectors(TrailName="audit", InsightSelectors=[])
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::a"], "NotStartsWith": ["arn:aws:s3:::ab"]},
        {"Field": "eventName", "EndsWith": ["Object"], "NotEndsWith": ["TObject"], "NotEquals": ["X"]},
    ]
    advanced = [{"Name": "objects", "FieldSelectors": fields}]
    trail.put_event_selectors(TrailName="audit", AdvancedEventSelectors=advanced)
    trail.get_event_selectors(TrailName="audit")
    trail.start_logging(Name="audit")
    trail.stop_logging(Name="audit")
    trail.get_trail_status(Name=arn)
    trail.get_trail(Name="audit")
    trail.describe_trails(trailNameList=["audit"], includeShadowTrails=True)
    trail.list_trails()
    now = datetime.datetime.now(datetime.UTC)
    trail.list_public_keys(StartTime=now - HOUR, EndTime=now + HOUR)
    asked = {
        "LookupAttributes": [{"AttributeKey": "EventSource", "AttributeValue": "cloudtrail.amazonaws.com"}],
        "StartTime": now - HOUR,
        "EndTime": now + HOUR,
        "MaxResults": 1,
    }
    page = trail.lookup_events(**asked)
    trail.lookup_events(NextToken=page["NextToken"], **asked)
    trail.lookup_events(EventCategory="insight")
    trail.delete_trail(Name="audit")


def buses(recorder):
    """EventBridge: buses, rules and targets, archives and replays."""
    events = recorder.client("events")
    role = service_role(recorder, "events", "events.amazonaws.com")
    dead = {"Arn": open_queue(recorder, "dead", "events.amazonaws.com")}
    bus = events.create_event_bus(
        Name="bus", Description="one", Tags=TAGS, DeadLetterConfig=dead
    )["EventBusArn"]
    events.create_event_bus(Name="bus-2")
    events.update_event_bus(Name="bus", Description="two", KmsKeyIdentifier="", DeadLetterConfig=dead)
    default = events.describe_event_bus()["Arn"]
    page = events.list_event_buses(NamePrefix="bus", Limit=1)
    events.list_event_buses(NamePrefix="bus", Limit=1, NextToken=page["NextToken"])
    pattern = json.dumps({"source": ["shop"]})
    on_bus = {"EventBusName": "bus"}
    for name in ("rule", "rule-2"):
        made = events.put_rule(
            Name=name, EventPattern=pattern, State="DISABLED", Description="d", RoleArn=role,
            Tags=TAGS, **on_bus,
        )
    events.put_rule(Name="often", ScheduleExpression="rate(5 minutes)")
    events.enable_rule(Name="rule", **on_bus)
    events.disable_rule(Name="rule", **on_bus)
    events.describe_rule(Name="rule", **on_bus)
    page = events.list_rules(NamePrefix="rule", Limit=1, **on_bus)
    events.list_rules(NamePrefix="rule", Limit=1, NextToken=page["NextToken"], **on_bus)
    arn = made["RuleArn"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "test"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["stage"])
    events.list_tags_for_resource(ResourceARN=arn)
    targets(recorder, events, (role, default, dead))
    parts = {"StatementId": "all", "Action": "events:PutEvents", "Principal": "*"}
    of_organization = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    events.put_permission(Condition=of_organization, **parts, **on_bus)
    principal = {"Principal": {"AWS": recorder.server.account}, "Sid": "own"}
    document = policy(allow("events:PutEvents", resource=bus, **principal))
    events.put_permission(Policy=json.dumps(document), **on_bus)
    events.describe_event_bus(Name="bus")
    events.remove_permission(StatementId="own", RemoveAllPermissions=False, **on_bus)
    events.remove_permission(RemoveAllPermissions=True, **on_bus)
    archives(events, bus)
    events.delete_event_bus(Name="bus")


def targets(recorder, events, known):
    """Targets of a rule, and events."""
    role, default, dead = known
    on_bus = {"EventBusName": "bus"}
    destination = webhook(events)
    group = f"arn:aws:logs:{REGION}:{recorder.server.account}:log-group:/aws/events/all"
    retry = {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60}
    http = {
        "PathParameterValues": ["1"],
        "HeaderParameters": {"X-A": "b"},
        "QueryStringParameters": {"q": "$.id"},
    }
    transformed = {"InputPathsMap": {"id": "$.id"}, "InputTemplate": '{"id": <id>}'}
    call = {"Arn": destination, "RoleArn": role, "HttpParameters": http, "RetryPolicy": retry}
    events.put_targets(
        Rule="rule",
        Targets=[
            {"Id": "bus", "Arn": default, "RoleArn": role},
            {"Id": "log", "Arn": group},
            {"Id": "transformed", "InputTransformer": transformed, **call},
            {"Id": "constant", "Input": "{}", **call},
            {"Id": "part", "InputPath": "$.detail", **call},
        ],
        **on_bus,
    )
    ordered = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    queue = open_queue(recorder, "ordered.fifo", "events.amazonaws.com", **ordered)
    topic = open_topic(recorder, "heard", "events.amazonaws.com")
    sent = [
        {"Id": "queue", "Arn": queue, "SqsParameters": {"MessageGroupId": "g"}},
        {"Id": "topic", "Arn": topic, "DeadLetterConfig": dead},
    ]
    events.put_rule(Name="sent", EventPattern='{"source": ["shop"]}')
    assert events.put_targets(Rule="sent", Targets=sent)["FailedEntryCount"] == 0
    events.remove_targets(Rule="sent", Ids=["queue", "topic"])
    events.delete_rule(Name="sent")
    page = events.list_targets_by_rule(Rule="rule", Limit=1, **on_bus)
    events.list_targets_by_rule(Rule="rule", Limit=4, NextToken=page["NextToken"], **on_bus)
    events.put_targets(Rule="rule-2", Targets=[{"Id": "log", "Arn": group}], **on_bus)
    page = events.list_rule_names_by_target(TargetArn=group, Limit=1, **on_bus)
    events.list_rule_names_by_target(TargetArn=group, Limit=1, NextToken=page["NextToken"], **on_bus)
    entry = {
        "Time": datetime.datetime.now(datetime.UTC),
        "Source": "shop",
        "Resources": ["arn:aws:shop:::order/1"],
        "DetailType": "Paid",
        "Detail": "{}",
        "EventBusName": "bus",
        "TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793",
    }
    events.put_events(Entries=[entry, entry | {"Detail": "no JSON"}])
    event = {
        "id": "1", "account": recorder.server.account, "source": "shop", "region": REGION,
        "time": "2030-01-01T00:00:00Z", "resources": [], "detail-type": "Paid", "detail": {},
    }
    events.test_event_pattern(EventPattern='{"source": ["shop"]}', Event=json.dumps(event))
    for rule in ("rule", "rule-2"):
        ids = [target["Id"] for target in events.list_targets_by_rule(Rule=rule, **on_bus)["Targets"]]
        events.remove_targets(Rule=rule, Ids=ids, Force=True, **on_bus)
        events.delete_rule(Name=rule, Force=True, **on_bus)
    events.delete_api_destination(Name="hook")
    for name in ("key", "basic", "oauth"):
        events.delete_connection(Name=name)


def webhook(events):
    """Connections of all kinds, and the ARN of an API destination."""
    def pair(key, secret):
        return [{"Key": key, "Value": "v", "IsValueSecret": secret}]

    http = {
        "HeaderParameters": pair("h", True),
        "QueryStringParameters": pair("q", False),
        "BodyParameters": pair("b", True),
    }
    oauth = {
        "ClientParameters": {"ClientID": "id", "ClientSecret": "secret"},
        "AuthorizationEndpoint": "https://tokens.example/oauth",
        "HttpMethod": "POST",
        "OAuthHttpParameters": http,
    }
    kinds = {
        "key": ("API_KEY", {"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}}),
        "basic": ("BASIC", {"BasicAuthParameters": {"Username": "n", "Password": "v"}}),
        "oauth": ("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth}),
    }
    arns = {}
    for name, (kind, parameters) in kinds.items():
        given = {
            "Name": name,
            "Description": "d",
            "AuthorizationType": kind,
            "AuthParameters": parameters | {"InvocationHttpParameters": http},
            "KmsKeyIdentifier": "",
        }
        arns[name] = events.create_connection(**given)["ConnectionArn"]
        events.update_connection(**given)
        events.describe_connection(Name=name)
    events.deauthorize_connection(Name="basic")
    asked = {"NamePrefix": "key", "ConnectionState": "AUTHORIZED", "Limit": 1}
    events.list_connections(**asked)
    page = events.list_connections(Limit=1)
    events.list_connections(Limit=1, NextToken=page["NextToken"])
    given = {
        "Name": "hook",
        "Description": "d",
        "ConnectionArn": arns["key"],
        "InvocationEndpoint": "https://hooks.example/*",
        "HttpMethod": "POST",
        "InvocationRateLimitPerSecond": 3,
    }
    destination = events.create_api_destination(**given)["ApiDestinationArn"]
    events.create_api_destination(**given | {"Name": "hook-2"})
    events.update_api_destination(**given)
    events.describe_api_destination(Name="hook")
    asked = {"NamePrefix": "hook", "ConnectionArn": arns["key"], "Limit": 1}
    page = events.list_api_destinations(**asked)
    events.list_api_destinations(NextToken=page["NextToken"], **asked)
    events.delete_api_destination(Name="hook-2")
    return destination


def archives(events, bus):
    """Archives and replays of a bus."""
    given = {"Description": "d", "EventPattern": '{"source": ["shop"]}', "RetentionDays": 3}
    for name in ("archive", "archive-2"):
        made = events.create_archive(
            ArchiveName=name, EventSourceArn=bus, KmsKeyIdentifier="", **given
        )
    events.update_archive(ArchiveName="archive", KmsKeyIdentifier="", **given)
    events.describe_archive(ArchiveName="archive")
    page = events.list_archives(NamePrefix="archive", Limit=1)
    events.list_archives(NamePrefix="archive", Limit=1, NextToken=page["NextToken"])
    events.list_archives(EventSourceArn=bus)
    events.list_archives(State="ENABLED")
    now = datetime.datetime.now(datetime.UTC)
    filters = [bus.replace(":event-bus/bus", ":rule/bus/none")]
    for name in ("replay", "replay-2"):
        events.start_replay(
            ReplayName=name, Description="d", EventSourceArn=made["ArchiveArn"],
            EventStartTime=now - HOUR, EventEndTime=now,
            Destination={"Arn": bus, "FilterArns": filters},
        )
    events.cancel_replay(ReplayName="replay")
    events.describe_replay(ReplayName="replay")
    page = events.list_replays(NamePrefix="replay", Limit=1)
    events.list_replays(NamePrefix="replay", Limit=1, NextToken=page["NextToken"])
    events.list_replays(EventSourceArn=made["ArchiveArn"])
    events.list_replays(State="CANCELLED")
    for name in ("archive", "archive-2"):
        events.delete_archive(ArchiveName=name)


def queues(recorder):
    """SQS."""
    sqs = recorder.client("sqs")
    account = recorder.server.account
    attributes = {"VisibilityTimeout": "30", "ReceiveMessageWaitTimeSeconds": "0"}
    url = sqs.create_queue(QueueName="one", Attributes=attributes, tags=NAMED)["QueueUrl"]
    fifo = sqs.create_queue(QueueName="two.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.get_queue_url(QueueName="one", QueueOwnerAWSAccountId=account)
    sqs.tag_queue(QueueUrl=url, Tags={"stage": "test"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["stage"])
    sqs.list_queue_tags(QueueUrl=url)
    given = {"QueueUrl": url, "Label": "own"}
    sqs.add_permission(AWSAccountIds=[account], Actions=["SendMessage"], **given)
    sqs.remove_permission(**given)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for name in ("sources-1", "sources-2"):
        source = sqs.create_queue(QueueName=name)["QueueUrl"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": redrive})
    asked = {"QueueUrl": url, "MaxResults": 1}
    page = sqs.list_dead_letter_source_queues(**asked)
    sqs.list_dead_letter_source_queues(NextToken=page["NextToken"], **asked)
    asked = {"QueueNamePrefix": "sources", "MaxResults": 1}
    page = sqs.list_queues(**asked)
    sqs.list_queues(NextToken=page["NextToken"], **asked)
    messages(sqs, url, fifo)
    sqs.purge_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)


def messages(sqs, url, fifo):
    """Messages of a standard queue and of a FIFO one."""
    own = {
        "text": {"DataType": "String", "StringValue": "v"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
    said = {
        "MessageBody": "m",
        "MessageAttributes": own,
        "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}},
    }
    sqs.send_message(QueueUrl=url, DelaySeconds=0, MessageGroupId="g", **said)
    sqs.send_message(QueueUrl=fifo, MessageGroupId="g", MessageDeduplicationId="1", **said)
    entry = said | {"Id": "a", "DelaySeconds": 0}
    sqs.send_message_batch(QueueUrl=url, Entries=[entry, entry | {"Id": "b", "DelaySeconds": 901}])
    entry = said | {"Id": "c", "MessageGroupId": "h", "MessageDeduplicationId": "2"}
    sqs.send_message_batch(QueueUrl=fifo, Entries=[entry])
    asked = {
        "AttributeNames": ["All"],
        "MessageSystemAttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
        "MaxNumberOfMessages": 10,
        "VisibilityTimeout": 30,
        "WaitTimeSeconds": 0,
    }
    sqs.receive_message(QueueUrl=fifo, ReceiveRequestAttemptId="attempt", **asked)
    first, second = sqs.receive_message(QueueUrl=url, **asked)["Messages"]
    one = {"ReceiptHandle": first["ReceiptHandle"]}
    sqs.change_message_visibility(QueueUrl=url, VisibilityTimeout=60, **one)
    entries = [{"Id": "a", **one}, {"Id": "b", "ReceiptHandle": "x"}]
    longer = [entry | {"VisibilityTimeout": 60} for entry in entries]
    sqs.change_message_visibility_batch(QueueUrl=url, Entries=longer)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    sqs.delete_message_batch(QueueUrl=url, Entries=entries)
