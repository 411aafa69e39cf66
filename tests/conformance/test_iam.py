"""Users, access keys and user policies through boto3."""

import json

import pytest

from harness.clients import client
from harness.identities import allow, new_user, policy

POLICY = policy(allow("kms:ListKeys"))


def code(refused):
    """The error's code."""
    return refused.value.response["Error"]["Code"]


def test_users_live_and_die(server, iam, name):
    made = iam.create_user(UserName=name, Path="/a/b/", Tags=[{"Key": "k", "Value": "v"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{server.account}:user/a/b/{name}"
    assert made["UserId"].startswith("AIDA")
    assert made["Path"] == "/a/b/"
    read = iam.get_user(UserName=name)["User"]
    assert read["UserId"] == made["UserId"]
    assert read["Tags"] == [{"Key": "k", "Value": "v"}]
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException, match="already exists"):
        iam.create_user(UserName=name.upper())
    iam.delete_user(UserName=name)
    with pytest.raises(iam.exceptions.NoSuchEntityException) as refused:
        iam.get_user(UserName=name)
    message = refused.value.response["Error"]["Message"]
    assert message == f"The user with name {name} cannot be found."


def test_list_users_is_paged(iam, name):
    made = [f"{name}-{number}" for number in range(5)]
    for user in made:
        iam.create_user(UserName=user, Path=f"/{name}/")
    paginator = iam.get_paginator("list_users")
    pages = list(paginator.paginate(PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 2}))
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert [user["UserName"] for page in pages for user in page["Users"]] == made


def test_access_keys(iam, name):
    iam.create_user(UserName=name)
    keys = [iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
    assert all(key["AccessKeyId"].startswith("AKIA") for key in keys)
    assert all(len(key["AccessKeyId"]) == 20 and len(key["SecretAccessKey"]) == 40 for key in keys)
    with pytest.raises(iam.exceptions.LimitExceededException, match="AccessKeysPerUser: 2"):
        iam.create_access_key(UserName=name)
    listed = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert {key["AccessKeyId"] for key in listed} == {key["AccessKeyId"] for key in keys}
    assert all("SecretAccessKey" not in key for key in listed)
    iam.update_access_key(UserName=name, AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    states = {
        key["AccessKeyId"]: key["Status"]
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    }
    assert states == {keys[0]["AccessKeyId"]: "Inactive", keys[1]["AccessKeyId"]: "Active"}
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_user(UserName=name)
    for key in keys:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def test_user_policies(iam, name):
    iam.create_user(UserName=name)
    document = json.dumps(POLICY, indent=2)
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=document)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["one"]
    read = iam.get_user_policy(UserName=name, PolicyName="one")
    assert read["PolicyDocument"] == POLICY
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_user(UserName=name)
    iam.delete_user_policy(UserName=name, PolicyName="one")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user_policy(UserName=name, PolicyName="one")


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        json.dumps({"Version": "2012-10-17"}),
        json.dumps(policy({"Effectt": "Allow", "Action": "*", "Resource": "*"})),
        json.dumps(policy({"Effect": "Allow", "Action": "nonsense", "Resource": "*"})),
        json.dumps(policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})),
    ],
)
def test_malformed_policies_are_refused(iam, name, document):
    iam.create_user(UserName=name)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.put_user_policy(UserName=name, PolicyName="bad", PolicyDocument=document)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []


def test_who_am_i(server, name):
    as_root = client(server, "sts").get_caller_identity()
    assert as_root["Account"] == as_root["UserId"] == server.account
    assert as_root["Arn"] == f"arn:aws:iam::{server.account}:root"
    user = new_user(server, name)
    as_user = client(server, "sts", user).get_caller_identity()
    assert as_user["Arn"] == f"arn:aws:iam::{server.account}:user/{name}"
    assert as_user["UserId"] == client(server, "iam").get_user(UserName=name)["User"]["UserId"]


def test_operations_that_are_not_built_say_so(iam):
    with pytest.raises(iam.exceptions.ClientError) as refused:
        iam.list_delegation_requests()
    assert "ListDelegationRequests" in refused.value.response["Error"]["Message"]
    assert "not built" in refused.value.response["Error"]["Message"]
