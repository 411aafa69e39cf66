"""Keys, aliases, tags and policies through boto3."""

import datetime
import json
import re

import pytest

from harness.clients import client

ARN = re.compile(r"arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}")


def test_kms_1_a_key_has_the_defaults_of_aws(server, kms):
    key = kms.create_key(Description="first", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    assert ARN.fullmatch(key["Arn"])
    assert key["Arn"].endswith(key["KeyId"])
    assert key["AWSAccountId"] == server.account
    age = datetime.datetime.now(datetime.UTC) - key["CreationDate"]
    assert abs(age.total_seconds()) < 60
    assert re.fullmatch("[0-9a-f]{64}", key["CurrentKeyMaterialId"])
    expected = {
        "Description": "first",
        "Enabled": True,
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "Origin": "AWS_KMS",
        "MultiRegion": False,
    }
    assert {name: key[name] for name in expected} == expected
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key


def test_kms_2_disabled_and_pending_keys_do_not_work(kms, key):
    arn, key_id = key["Arn"], key["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key_id)
    with pytest.raises(kms.exceptions.DisabledException, match=f"{arn} is disabled"):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    with pytest.raises(kms.exceptions.DisabledException):
        kms.decrypt(CiphertextBlob=blob)
    kms.enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

    pending = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert pending["KeyId"] == arn
    assert pending["KeyState"] == "PendingDeletion"
    assert pending["PendingWindowInDays"] == 7
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="pending deletion"):
        kms.decrypt(CiphertextBlob=blob)
    assert kms.cancel_key_deletion(KeyId=key_id)["KeyId"] == arn
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


@pytest.mark.parametrize("days", [6, 31])
def test_the_deletion_window_is_7_to_30_days(kms, key_id, days):
    with pytest.raises(kms.exceptions.ClientError) as refused:
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def test_the_default_deletion_window_is_30_days(kms, key_id):
    pending = kms.schedule_key_deletion(KeyId=key_id)
    left = pending["DeletionDate"] - datetime.datetime.now(datetime.UTC)
    assert pending["PendingWindowInDays"] == 30
    assert 29 <= left.days <= 30


def test_a_description_can_change(kms, key_id):
    kms.update_key_description(KeyId=key_id, Description="second")
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "second"


def test_kms_12_lists_are_paged(server):
    """The paginator walks every page, and no key comes twice or is left out."""
    kms = client(server, "kms", region="ap-south-1")
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(7)}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Keys"]) for page in pages] == [3, 3, 1]
    assert [page["Truncated"] for page in pages] == [True, True, False]
    listed = [key["KeyId"] for page in pages for key in page["Keys"]]
    assert sorted(listed) == sorted(made)
    with pytest.raises(kms.exceptions.InvalidMarkerException):
        kms.list_keys(Marker="bm90IGEgbWFya2Vy")


def test_kms_18_aliases(kms, key, name):
    other = kms.create_key()["KeyMetadata"]
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == key["Arn"]
    with pytest.raises(kms.exceptions.AlreadyExistsException, match=alias):
        kms.create_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    kms.update_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == other["Arn"]
    [listed] = kms.list_aliases(KeyId=other["KeyId"])["Aliases"]
    assert listed["AliasName"] == alias
    assert listed["TargetKeyId"] == other["KeyId"]
    assert listed["AliasArn"] == key["Arn"].partition("key/")[0] + alias
    kms.delete_alias(AliasName=alias)
    with pytest.raises(kms.exceptions.NotFoundException, match=f"{alias} is not found"):
        kms.describe_key(KeyId=alias)


def test_kms_18_a_key_has_at_most_50_aliases(kms, key_id, name):
    for number in range(50):
        kms.create_alias(AliasName=f"alias/{name}/{number:02}", TargetKeyId=key_id)
    with pytest.raises(kms.exceptions.LimitExceededException):
        kms.create_alias(AliasName=f"alias/{name}/50", TargetKeyId=key_id)
    pages = kms.get_paginator("list_aliases").paginate(KeyId=key_id, PaginationConfig={"PageSize": 20})
    listed = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
    assert listed == [f"alias/{name}/{number:02}" for number in range(50)]


@pytest.mark.parametrize("alias", ["alias/aws/mine", "mine", "alias/with space", "alias/a:b"])
def test_kms_18_alias_names_that_are_refused(kms, key_id, alias):
    with pytest.raises(kms.exceptions.ClientError) as refused:
        kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    code = refused.value.response["Error"]["Code"]
    assert code in {"InvalidAliasNameException", "NotAuthorizedException", "ValidationException"}


def test_kms_19_manual_rotation(kms, key_id, name):
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    before = kms.encrypt(KeyId=alias, Plaintext=b"before")["CiphertextBlob"]
    newer = kms.create_key()["KeyMetadata"]
    kms.update_alias(AliasName=alias, TargetKeyId=newer["KeyId"])
    assert kms.encrypt(KeyId=alias, Plaintext=b"after")["KeyId"] == newer["Arn"]
    assert kms.decrypt(CiphertextBlob=before)["Plaintext"] == b"before"


def test_kms_22_regions_are_separate(server, kms, key):
    elsewhere = client(server, "kms", region="eu-central-1")
    with pytest.raises(elsewhere.exceptions.NotFoundException):
        elsewhere.describe_key(KeyId=key["KeyId"])
    with pytest.raises(elsewhere.exceptions.NotFoundException):
        elsewhere.describe_key(KeyId=key["Arn"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(elsewhere.exceptions.ClientError) as refused:
        elsewhere.decrypt(CiphertextBlob=blob)
    codes = {"InvalidCiphertextException", "AccessDeniedException"}
    assert refused.value.response["Error"]["Code"] in codes


def test_tags(kms, key_id):
    tags = [{"TagKey": f"key-{number}", "TagValue": str(number)} for number in range(5)]
    kms.tag_resource(KeyId=key_id, Tags=tags)
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "key-3", "TagValue": "changed"}])
    kms.untag_resource(KeyId=key_id, TagKeys=["key-0"])
    pages = kms.get_paginator("list_resource_tags").paginate(
        KeyId=key_id, PaginationConfig={"PageSize": 2}
    )
    listed = {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]}
    assert listed == {"key-1": "1", "key-2": "2", "key-3": "changed", "key-4": "4"}
    with pytest.raises(kms.exceptions.TagException):
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "aws:mine", "TagValue": ""}])


def test_pol_1_the_default_policy(server, kms, key_id):
    assert kms.list_key_policies(KeyId=key_id)["PolicyNames"] == ["default"]
    policy = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])
    assert policy == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


def test_a_key_policy_is_echoed_byte_for_byte(kms, key_id):
    policy = kms.get_key_policy(KeyId=key_id)["Policy"].replace("\n", " \n\t")
    kms.put_key_policy(KeyId=key_id, Policy=policy)
    assert kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"] == policy


@pytest.mark.parametrize(
    "key_id",
    [
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/absent",
        "not-a-key-id",
    ],
)
def test_absent_keys_are_not_found(server, kms, key_id):
    key_id = key_id.replace("111122223333", server.account)
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=key_id)


@pytest.mark.parametrize(
    "parameters",
    [
        {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"},
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"},
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1234567890abcdef0"},
        {"CustomKeyStoreId": "cks-1234567890abcdef0"},
    ],
)
def test_keys_that_are_not_built_are_refused_in_words(kms, parameters):
    with pytest.raises(kms.exceptions.UnsupportedOperationException) as refused:
        kms.create_key(**parameters)
    assert len(refused.value.response["Error"]["Message"]) > 20
