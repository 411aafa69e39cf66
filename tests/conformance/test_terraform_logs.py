"""Terraform with the unmodified AWS provider: every argument of log groups is made, read, changed in place,
taken in and destroyed, and no plan finds a difference."""

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


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

        changed = terraform.change(changed="true")
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
