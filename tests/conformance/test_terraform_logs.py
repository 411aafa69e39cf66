"""Terraform with the unmodified AWS provider: every argument of trails, log groups and queues is
made, read, changed in place, taken in and destroyed, and no plan finds a difference."""

import json

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def in_place(terraform, **variables):
    """Applies a change that must replace nothing; the outputs."""
    terraform.set(**variables)
    changes = terraform.changes()
    assert changes and all(actions == ["update"] for actions in changes.values()), changes
    return terraform.apply()


def test_queues(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "queues")
        read = terraform.apply()["read"]
        assert read == {"tags": {"team": "shop"}, "orders": ["orders", "orders.fifo"]}
        sqs = client(server, "sqs")

        def shown(name):
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

        orders = shown("orders")
        assert orders["VisibilityTimeout"] == "45" and orders["DelaySeconds"] == "5"
        assert "events.amazonaws.com" in orders["Policy"]
        assert shown("orders.fifo")["FifoThroughputLimit"] == "perMessageGroupId"
        assert json.loads(shown("dead")["RedriveAllowPolicy"])["redrivePermission"] == "byQueue"
        in_place(terraform, changed="true")
        orders = shown("orders")
        assert orders["VisibilityTimeout"] == "50" and orders["DelaySeconds"] == "0"
        assert orders["KmsMasterKeyId"] == "alias/aws/sqs"
        assert json.loads(shown("bills")["RedrivePolicy"])["maxReceiveCount"] == 2
        assert shown("bills")["SqsManagedSseEnabled"] == "false"
        terraform.take_in()
        terraform.destroy()
        assert "QueueUrls" not in sqs.list_queues()


def test_logs(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "logs")
        made = terraform.apply()
        assert made["read"] == {
            "class": "STANDARD",
            "retention": 14,
            "tags": {"Team": "red"},
            "groups": ["/app/one", "/app/rare", "/app/short", "/app/two"],
        }
        logs = client(server, "logs")
        [app] = logs.describe_log_groups(logGroupNamePrefix="/app/one")["logGroups"]
        assert (app["logGroupArn"], app["retentionInDays"]) == (made["group"], 14)
        assert app["kmsKeyId"].startswith("arn:aws:kms:")
        assert app["metricFilterCount"] == 2
        [filter] = logs.describe_subscription_filters(logGroupName="/app/one")["subscriptionFilters"]
        [destination] = logs.describe_destinations()["destinations"]
        assert filter["destinationArn"] == destination["arn"]
        assert "444455556666" in destination["accessPolicy"]

        changed = in_place(terraform, changed="true")
        assert changed["read"] == made["read"] | {
            "retention": 0,
            "tags": {"Team": "blue", "Stage": "test"},
        }
        [query] = logs.describe_query_definitions()["queryDefinitions"]
        assert query["name"] == "teams/slowest"
        assert query["logGroupNames"] == ["/app/one", "/app/two"]
        [errors] = logs.describe_metric_filters(filterNamePrefix="errors", logGroupName="/app/one")[
            "metricFilters"
        ]
        assert errors["metricTransformations"] == [
            {
                "metricName": "Errors",
                "metricNamespace": "App",
                "metricValue": "$.count",
                "defaultValue": 0.5,
                "unit": "Count",
            }
        ]
        terraform.set(query=changed["query"])
        terraform.take_in()
        terraform.destroy()
        assert logs.describe_log_groups()["logGroups"] == []
        assert logs.describe_destinations()["destinations"] == []
        assert logs.describe_query_definitions()["queryDefinitions"] == []


def test_trails(tmp_path):
    for bucket in "logs", "others":
        (tmp_path / "buckets" / bucket).mkdir(parents=True)
    with Server("--log", "warn", "--trail-directory", str(tmp_path / "buckets")) as server:
        terraform = Terraform(server, tmp_path / "configuration", "trail")
        arn = terraform.apply()["trails"]["audit"]
        trail = client(server, "cloudtrail")
        shown = trail.get_trail(Name=arn)["Trail"]
        assert (shown["S3KeyPrefix"], shown["IsMultiRegionTrail"]) == ("a/b", False)
        assert shown["HasCustomEventSelectors"] and trail.get_trail_status(Name=arn)["IsLogging"]
        [tagged] = trail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
        assert tagged["TagsList"] == [{"Key": "Team", "Value": "red"}]

        in_place(terraform, changed="true")
        shown = trail.get_trail(Name=arn)["Trail"]
        assert shown["IsMultiRegionTrail"] and not shown["LogFileValidationEnabled"]
        assert shown["S3BucketName"] == "others" and "S3KeyPrefix" not in shown
        assert not {"KmsKeyId", "S3KeyPrefix"} & set(shown)
        assert not trail.get_trail_status(Name=arn)["IsLogging"]
        assert not trail.get_trail(Name="plain")["Trail"]["HasCustomEventSelectors"]
        terraform.take_in()
        terraform.destroy()
        assert trail.describe_trails()["trailList"] == []
