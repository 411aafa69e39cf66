"""Secrets Manager as boto3, the AWS CLI and Terraform use it."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.identities import allow, new_user, policy
from harness.server import Server
from harness.sessions import member_account
from harness.terraform import Terraform, needs_terraform


@pytest.fixture(scope="module")
def secrets(server):
    """boto3 as root."""
    return client(server, "secretsmanager")


def code_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_gen_6_a_secret_is_read_as_json(secrets, name):
    secrets.create_secret(Name=name, SecretString=json.dumps({"password": "p4ss"}))
    response = secrets.get_secret_value(SecretId=name)
    assert json.loads(response["SecretString"])["password"] == "p4ss"


def test_the_command_line_makes_changes_and_deletes(server, secrets, name):
    made = aws(server, "secretsmanager", "create-secret", "--name", name, "--secret-string", "one")
    put = aws(server, "secretsmanager", "put-secret-value", "--secret-id", name, "--secret-string", "two")
    assert put["VersionStages"] == ["AWSCURRENT"]
    shown = aws(server, "secretsmanager", "describe-secret", "--secret-id", made["ARN"])
    assert sorted(shown["VersionIdsToStages"].values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
    previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert (previous["SecretString"], previous["VersionId"]) == ("one", made["VersionId"])
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    assert code_of(secrets.get_secret_value, SecretId=name) == "InvalidRequestException"
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert code_of(secrets.describe_secret, SecretId=name) == "ResourceNotFoundException"


def test_sm_2_a_value_has_65536_bytes_and_none_more(secrets, name):
    secrets.create_secret(Name=name, SecretBinary=bytes(65536))
    assert secrets.get_secret_value(SecretId=name)["SecretBinary"] == bytes(65536)
    assert code_of(secrets.put_secret_value, SecretId=name, SecretBinary=bytes(65537)) == "ValidationException"


def test_sm_11_pages_and_batches(secrets, name):
    names = [f"{name}/{each:02}" for each in range(25)]
    for each in names:
        secrets.create_secret(Name=each, SecretString=each)
    filters = [{"Key": "name", "Values": [f"{name}/"]}]
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=filters, SortBy="name", PaginationConfig={"PageSize": 7}
    )
    assert [each["Name"] for page in pages for each in page["SecretList"]] == names
    page = secrets.batch_get_secret_value(Filters=filters)
    values = [each["SecretString"] for each in page["SecretValues"]]
    assert len(values) == 20
    page = secrets.batch_get_secret_value(Filters=filters, NextToken=page["NextToken"])
    values += [each["SecretString"] for each in page["SecretValues"]]
    assert (sorted(values), page.get("NextToken")) == (names, None)


def test_sm_7_replicas_follow_under_their_own_keys_and_are_promoted(server, secrets, name):
    there = client(server, "secretsmanager", region="us-west-2")
    key = client(server, "kms", region="us-west-2").create_key()["KeyMetadata"]["Arn"]
    made = secrets.create_secret(Name=name, SecretString="one")
    status = secrets.replicate_secret_to_regions(
        SecretId=name, AddReplicaRegions=[{"Region": "us-west-2", "KmsKeyId": key}]
    )["ReplicationStatus"]
    followed = {"Status": "InSync", "StatusMessage": "Replication succeeded"}
    assert status == [{"Region": "us-west-2", "KmsKeyId": key} | followed]
    secrets.put_secret_value(SecretId=name, SecretString="two")
    read = there.get_secret_value(SecretId=name)
    primary_region = made["ARN"].split(":")[3]
    assert read["SecretString"] == "two"
    assert read["ARN"] == made["ARN"].replace(primary_region, "us-west-2")
    assert there.describe_secret(SecretId=name)["PrimaryRegion"] == primary_region
    assert code_of(there.put_secret_value, SecretId=name, SecretString="x") == "InvalidParameterException"
    assert code_of(secrets.delete_secret, SecretId=name) == "InvalidParameterException"
    there.stop_replication_to_replica(SecretId=name)
    there.put_secret_value(SecretId=name, SecretString="own")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
    failed = secrets.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{"Region": "us-west-2"}])
    assert failed["ReplicationStatus"][0]["Status"] == "Failed"
    left = secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=["us-west-2"])
    assert left["ReplicationStatus"] == []
    assert there.get_secret_value(SecretId=name)["SecretString"] == "own"
    secrets.delete_secret(SecretId=name)


def test_a_secret_of_another_account_follows_until_either_ends_it():
    with Server("--log", "warn") as server:
        account, session = member_account(server)
        there = client(server, "secretsmanager", session)
        here = client(server, "secretsmanager")
        key = client(server, "kms", session).create_key(Policy=json.dumps(policy(
            allow("kms:*", Principal={"AWS": f"arn:aws:iam::{account}:root"}),
            allow("kms:Encrypt", Principal={"AWS": f"arn:aws:iam::{server.account}:root"}),
        )))["KeyMetadata"]["Arn"]  # fmt: skip
        primary = here.create_secret(Name="shared", SecretString="one")["ARN"]
        asked = {"Name": "copy", "CrossAccountPrimaryARN": primary}
        assert code_of(there.create_secret, **asked) == "InvalidParameterException"
        replica = there.create_secret(KmsKeyId=key, **asked)["ARN"]
        shown = there.describe_secret(SecretId="copy")["CrossAccountPrimary"]
        assert shown == {"PrimarySecretARN": primary, "ReplicationStatus": "Pending"}
        assert code_of(there.get_secret_value, SecretId="copy") == "ResourceNotFoundException"

        pair = {"SecretId": "shared", "CrossAccountReplicaARN": replica}
        stranger = new_user(server, "stranger", policy(allow("secretsmanager:*")))
        denied = client(server, "secretsmanager", stranger).associate_cross_account_replica
        assert code_of(denied, **pair) == "AccessDeniedException"
        answer = here.associate_cross_account_replica(**pair)
        assert (answer["ARN"], answer["CrossAccountReplicaARN"]) == (primary, replica)
        assert answer["ReplicationStatus"] == "InSync"
        assert there.get_secret_value(SecretId="copy")["SecretString"] == "one"
        here.put_secret_value(SecretId="shared", SecretString="two")
        read = there.get_secret_value(SecretId=replica)
        assert (read["SecretString"], read["ARN"]) == ("two", replica)
        assert read["VersionId"] == here.get_secret_value(SecretId="shared")["VersionId"]
        shown = here.describe_secret(SecretId="shared")["CrossAccountReplicas"]
        followed = {"ReplicationStatus": "InSync", "StatusMessage": "Replication succeeded"}
        assert shown == [{"ReplicaSecretARN": replica} | followed]
        assert code_of(there.put_secret_value, SecretId="copy", SecretString="x") == "InvalidParameterException"

        answer = here.disassociate_cross_account_replica(**pair)
        assert (answer["ARN"], answer["CrossAccountReplicaARN"]) == (primary, replica)
        here.put_secret_value(SecretId="shared", SecretString="three")
        assert there.get_secret_value(SecretId="copy")["SecretString"] == "two"
        assert code_of(here.disassociate_cross_account_replica, **pair) == "ResourceNotFoundException"
        assert there.describe_secret(SecretId="copy")["CrossAccountPrimary"]["ReplicationStatus"] == "Detached"
        there.stop_replication_to_replica(SecretId="copy")
        there.put_secret_value(SecretId="copy", SecretString="own")
        assert "CrossAccountPrimary" not in there.describe_secret(SecretId="copy")


@needs_terraform
def test_terraform(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "secrets")
        outputs = terraform.apply()
        assert outputs["read"] == "one"
        terraform.set(value="two")
        assert terraform.apply()["read"] == "two"
        terraform.destroy()
        assert client(server, "secretsmanager").list_secrets()["SecretList"] == []
