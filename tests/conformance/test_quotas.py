"""Quotas as clients see them: calls over a rate are throttled, and a rate can be raised."""

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.clients import REGION, aws, client
from harness.server import Server

CREATE_KEY = {"ServiceCode": "kms", "QuotaCode": "L-32B67F4A"}
TEXT = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


@pytest.fixture
def throttling():
    """A server that limits request rates, as it does by default."""
    with Server("--log", "warn", quotas=None) as running:
        yield running


def patient(server, mode):
    """A client that tries again, as clients do."""
    return boto3.client(
        "kms",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=server.root.access_key,
        aws_secret_access_key=server.root.secret_key,
        config=Config(retries={"mode": mode, "total_max_attempts": 10}),
    )


def refused(kms, calls):
    """The errors of so many calls of CreateKey."""
    errors = []
    for _ in range(calls):
        try:
            kms.create_key()
        except ClientError as error:
            errors.append(error.response)
    return errors


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_quo_1_a_client_that_tries_again_gets_through(throttling, mode):
    errors = refused(client(throttling, "kms"), 30)
    assert errors
    for error in errors:
        assert error["Error"] == {"Code": "ThrottlingException", "Message": TEXT}
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    kms = patient(throttling, mode)
    answers = [kms.create_key()["ResponseMetadata"] for _ in range(8)]
    assert sum(answer["RetryAttempts"] for answer in answers) > 0
    events = [json.loads(line) for line in throttled_events(throttling)]
    assert len(events) >= len(errors)
    assert {event["errorMessage"] for event in events} == {TEXT}


def throttled_events(server):
    """The lines of the journal about calls that were throttled."""
    server.stop()
    tail = server.command(
        "audit", "tail", "-n", "1000", "--data-dir", server.data_dir, "--key-file", server.key_file
    )
    return [line for line in tail.stdout.splitlines() if '"ThrottlingException"' in line]


def test_quo_1_quotas_off():
    with Server("--log", "warn", quotas="off") as server:
        assert refused(client(server, "kms"), 30) == []


def test_quo_3_a_raised_quota_holds_at_once_and_after_a_restart(throttling):
    quotas = client(throttling, "service-quotas")
    assert quotas.get_service_quota(**CREATE_KEY)["Quota"]["Value"] == 5
    assert refused(client(throttling, "kms"), 30)
    asked = quotas.request_service_quota_increase(**CREATE_KEY, DesiredValue=1000)
    assert asked["RequestedQuota"]["Status"] == "APPROVED"
    throttling.stop()
    throttling.start()
    assert refused(client(throttling, "kms"), 30) == []
    quotas = client(throttling, "service-quotas")
    assert quotas.get_service_quota(**CREATE_KEY)["Quota"]["Value"] == 1000
    assert quotas.get_aws_default_service_quota(**CREATE_KEY)["Quota"]["Value"] == 5
    history = quotas.list_requested_service_quota_change_history_by_quota(**CREATE_KEY)
    assert history["RequestedQuotas"] == [asked["RequestedQuota"]]
    # Another region's is as it was.
    elsewhere = client(throttling, "kms", region="eu-west-1")
    assert refused(elsewhere, 30)


def test_the_command_line_lists_and_tags_quotas(server):
    listed = aws(server, "service-quotas", "list-service-quotas", "--service-code", "kms")
    values = {quota["QuotaName"]: quota for quota in listed["Quotas"]}
    symmetric = values["Cryptographic operations (symmetric) request rate"]
    assert (symmetric["QuotaCode"], symmetric["Value"]) == ("L-6E3AF000", 100000)
    assert symmetric["UsageMetric"]["MetricDimensions"]["Service"] == "KMS"
    assert values["Customer Master Keys (CMKs)"]["Value"] == 100000
    assert not values["On-demand rotations per CMK"]["Adjustable"]
    # What a list in pages tells is all that there is.
    pages = client(server, "service-quotas").get_paginator("list_aws_default_service_quotas")
    pages = pages.paginate(ServiceCode="kms", PaginationConfig={"PageSize": 7})
    codes = [quota["QuotaCode"] for page in pages for quota in page["Quotas"]]
    assert sorted(codes) == sorted(quota["QuotaCode"] for quota in listed["Quotas"])

    arn = symmetric["QuotaArn"]
    tags = ["service-quotas", "tag-resource", "--resource-arn", arn, "--tags", "Key=team,Value=a"]
    aws(server, *tags)
    shown = aws(server, "service-quotas", "list-tags-for-resource", "--resource-arn", arn)
    assert shown["Tags"] == [{"Key": "team", "Value": "a"}]
