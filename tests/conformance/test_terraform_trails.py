"""Terraform with the unmodified AWS provider: every argument of trails is made, read, changed in place,
taken in and destroyed, and no plan finds a difference."""

from harness.clients import client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

pytestmark = needs_terraform


def test_trails(tmp_path):
    for bucket in "logs", "others":
        (tmp_path / "buckets" / bucket).mkdir(parents=True)
    with Server("--log", "warn", "--trail-directory", str(tmp_path / "buckets")) as server:
        terraform = Terraform(server, tmp_path / "configuration", "trail")
        arn = terraform.apply()["trails"]["audit"]
        trail = client(server, "cloudtrail")
        shown = trail.get_trail(Name=arn)["Trail"]
        assert (shown["S3KeyPrefix"], shown["IsMultiRegionTrail"]) == ("a/b", False)
        assert shown["SnsTopicARN"].endswith(":files") and shown["SnsTopicName"] == "files"
        assert shown["HasCustomEventSelectors"] and trail.get_trail_status(Name=arn)["IsLogging"]
        [tagged] = trail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
        assert tagged["TagsList"] == [{"Key": "Team", "Value": "red"}]

        terraform.change(changed="true")
        shown = trail.get_trail(Name=arn)["Trail"]
        assert shown["IsMultiRegionTrail"] and not shown["LogFileValidationEnabled"]
        assert shown["S3BucketName"] == "others" and "S3KeyPrefix" not in shown
        assert not {"KmsKeyId", "S3KeyPrefix", "SnsTopicARN"} & set(shown)
        assert trail.get_trail(Name="writes")["Trail"]["SnsTopicName"] == "files"
        assert not trail.get_trail_status(Name=arn)["IsLogging"]
        assert not trail.get_trail(Name="plain")["Trail"]["HasCustomEventSelectors"]
        terraform.take_in()
        terraform.destroy()
        assert trail.describe_trails()["trailList"] == []
