"""Parameter Store as boto3 and the AWS CLI use it, row by row of what is promised of it."""

import json
import threading

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.identities import allow, new_user, policy


@pytest.fixture(scope="module")
def ssm(server):
    """boto3 as root."""
    return client(server, "ssm")


@pytest.fixture
def path(name):
    """A path of its own."""
    return f"/{name}"


def code_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_ssm_1_a_secret_is_read_by_the_command_line_and_boto3(server, ssm, path):
    name = f"{path}/db/password"
    ssm.put_parameter(Name=name, Value="p4ss", Type="SecureString")
    shown = aws(server, "ssm", "get-parameter", "--name", name, "--with-decryption")
    assert shown["Parameter"]["Value"] == "p4ss"
    param = ssm.get_parameter(Name=name, WithDecryption=True)
    assert param["Parameter"]["Value"] == "p4ss"
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] != "p4ss"


def test_ssm_2_several_by_name(server, ssm, path):
    ssm.put_parameter(Name=f"{path}/db-url", Value="url", Type="String")
    ssm.put_parameter(Name=f"{path}/db-password", Value="p4ss", Type="SecureString")
    names = [f"{path}/db-url", f"{path}/db-password", f"{path}/absent"]
    shown = aws(server, "ssm", "get-parameters", "--names", *names, "--with-decryption")
    assert [each["Value"] for each in shown["Parameters"]] == ["p4ss", "url"]
    assert shown["InvalidParameters"] == [f"{path}/absent"]


def test_ssm_3_by_path(server, ssm, path):
    for name in ["a", "b/c", "b/d/e"]:
        ssm.put_parameter(Name=f"{path}/{name}", Value=name, Type="SecureString")
    arguments = ["ssm", "get-parameters-by-path", "--path", f"{path}/", "--with-decryption"]
    shown = aws(server, *arguments)
    assert [each["Value"] for each in shown["Parameters"]] == ["a"]
    shown = aws(server, *arguments, "--recursive")
    assert sorted(each["Value"] for each in shown["Parameters"]) == ["a", "b/c", "b/d/e"]


def test_ssm_4_levels_and_permissions_on_paths(server, ssm, path, name):
    ssm.put_parameter(Name=f"{path}/dev/db-url", Value="v", Type="String")
    ssm.put_parameter(Name=f"{path}/prod/db-url", Value="v", Type="String")
    fifteen, sixteen = path + "/l" * 14, path + "/l" * 15
    ssm.put_parameter(Name=fifteen, Value="v", Type="String")
    refused = code_of(ssm.put_parameter, Name=sixteen, Value="v", Type="String")
    assert refused == "HierarchyLevelLimitExceededException"
    only_dev = policy(allow("ssm:GetParameter*", resource=f"arn:aws:ssm:*:*:parameter{path}/dev/*"))
    reader = client(server, "ssm", new_user(server, name, only_dev))
    reader.get_parameter(Name=f"{path}/dev/db-url")
    reader.get_parameters_by_path(Path=f"{path}/dev/")
    assert code_of(reader.get_parameter, Name=f"{path}/prod/db-url") == "AccessDeniedException"
    assert code_of(reader.get_parameters_by_path, Path=f"{path}/prod/") == "AccessDeniedException"


def test_ssm_5_decryption_is_put_on_record_as_the_callers(server, ssm, kms, path, name):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secret = f"{path}/secret"
    ssm.put_parameter(Name=secret, Value="p4ss", Type="SecureString", KeyId=key)
    reader = client(server, "ssm", new_user(server, name, policy(allow("ssm:GetParameter"))))
    refused = code_of(reader.get_parameter, Name=secret, WithDecryption=True)
    assert refused == "AccessDeniedException"
    ssm.get_parameter(Name=secret, WithDecryption=True)
    attribute = [{"AttributeKey": "ResourceName", "AttributeValue": key}]
    events = client(server, "cloudtrail").lookup_events(LookupAttributes=attribute)["Events"]
    events = [json.loads(event["CloudTrailEvent"]) for event in events]
    decrypted = [event for event in events if event["eventName"] == "Decrypt"]
    [opened] = [event for event in decrypted if "errorCode" not in event]
    assert opened["userIdentity"]["invokedBy"] == "ssm.amazonaws.com"
    context = opened["requestParameters"]["encryptionContext"]
    assert context["PARAMETER_ARN"].endswith(f":parameter{secret}")


def test_ssm_6_sizes_and_tiers(ssm, path):
    ssm.put_parameter(Name=f"{path}/a", Value="a" * 4096, Type="String")
    with pytest.raises(ClientError) as refused:
        ssm.put_parameter(Name=f"{path}/b", Value="a" * 4097, Type="String")
    assert "Standard tier parameters support" in refused.value.response["Error"]["Message"]
    put = ssm.put_parameter(
        Name=f"{path}/b", Value="a" * 8192, Type="SecureString", Tier="Intelligent-Tiering"
    )
    assert put["Tier"] == "Advanced"
    shown = ssm.get_parameter(Name=f"{path}/b", WithDecryption=True)["Parameter"]
    assert shown["Value"] == "a" * 8192
    down = {"Name": f"{path}/b", "Value": "a", "Overwrite": True, "Tier": "Standard"}
    assert code_of(ssm.put_parameter, **down) == "ValidationException"


def test_ssm_8_versions_labels_and_history(ssm, path):
    for value in ["one", "two", "three"]:
        ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
    ssm.label_parameter_version(Name=path, ParameterVersion=2, Labels=["prod"])
    assert ssm.get_parameter(Name=f"{path}:prod")["Parameter"]["Value"] == "two"
    assert ssm.get_parameter(Name=f"{path}:1")["Parameter"]["Selector"] == ":1"
    history = ssm.get_paginator("get_parameter_history").paginate(
        Name=path, PaginationConfig={"PageSize": 2}
    )
    shown = [each for page in history for each in page["Parameters"]]
    assert [each["Version"] for each in shown] == [1, 2, 3]
    assert [each["Labels"] for each in shown] == [[], ["prod"], []]
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name=f"{path}:4")


def test_ssm_9_nobody_writes_where_public_parameters_are(ssm):
    name = "/aws/service/ami-amazon-linux-latest/mine"
    refused = code_of(ssm.put_parameter, Name=name, Value="v", Type="String")
    assert refused == "AccessDeniedException"


def test_updates_at_once_each_make_a_version(server, ssm, path):
    ssm.put_parameter(Name=path, Value="0", Type="String")
    versions = []

    def update():
        own = client(server, "ssm")
        for _ in range(5):
            put = own.put_parameter(Name=path, Value="v", Overwrite=True)
            versions.append(put["Version"])

    threads = [threading.Thread(target=update) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == list(range(2, 22))


def test_errors_have_the_names_that_clients_know(ssm, path):
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=path)
    ssm.put_parameter(Name=path, Value="v", Type="String")
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name=path, Value="v", Type="String")
    with pytest.raises(ssm.exceptions.InvalidFilterKey):
        filters = [{"Key": "Name", "Values": ["a"]}]
        ssm.get_parameters_by_path(Path="/", ParameterFilters=filters)
    with pytest.raises(ssm.exceptions.InvalidKeyId):
        ssm.put_parameter(Name=f"{path}x", Value="v", Type="SecureString", KeyId="alias/absent")
