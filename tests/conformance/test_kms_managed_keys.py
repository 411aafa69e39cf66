"""Keys that AWS makes, as boto3 sees them."""

import datetime
import json

import pytest
from botocore.exceptions import ClientError

ALIAS = "alias/aws/redshift"


def listed(kms):
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 10})
    return {alias["AliasName"]: alias for page in pages for alias in page["Aliases"]}


def test_kms_10_a_predefined_alias_gets_its_key(server, kms):
    assert "TargetKeyId" not in listed(kms)[ALIAS]
    with pytest.raises(kms.exceptions.NotFoundException, match=f"{ALIAS} is not found"):
        kms.encrypt(KeyId=ALIAS, Plaintext=b"x")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert key["KeyManager"] == "AWS"
    assert key["MultiRegion"] is False
    assert key["Description"] == (
        "Default key that protects my Redshift clusters when no other key is defined"
    )
    assert listed(kms)[ALIAS]["TargetKeyId"] == key["KeyId"]
    keys = kms.get_paginator("list_keys").paginate()
    assert key["KeyId"] in [entry["KeyId"] for page in keys for entry in page["Keys"]]

    policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    assert policy["Id"] == "auto-redshift-3"
    condition = policy["Statement"][0]["Condition"]["StringEquals"]
    assert condition == {
        "kms:ViaService": "redshift.us-east-1.amazonaws.com",
        "kms:CallerAccount": server.account,
    }
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 365
    assert status["NextRotationDate"] - key["CreationDate"] == datetime.timedelta(days=365)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("disable_key", {}),
        ("schedule_key_deletion", {}),
        ("disable_key_rotation", {}),
        ("rotate_key_on_demand", {}),
        ("put_key_policy", {"Policy": "{}"}),
        ("tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("update_key_description", {"Description": "mine"}),
    ],
)
def test_kms_10_nobody_changes_it_or_uses_it_directly(kms, operation, arguments):
    key_id = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError, match="no resource-based policy allows") as refused:
        getattr(kms, operation)(KeyId=key_id, **arguments)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
