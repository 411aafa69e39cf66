"""Who may use functions of AWS Lambda, their aliases and their layers."""

import io
import json
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.server import Server
from harness.terraform import Terraform, needs_terraform

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def package():
    """A package of one file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        content = "def handler(event, context): return event"
        archive.writestr(zipfile.ZipInfo("index.py"), content)
    return made.getvalue()


@pytest.fixture(scope="module")
def functions(server):
    """boto3 as root."""
    return client(server, "lambda")


@pytest.fixture(scope="module")
def role(iam):
    """The ARN of a role that trusts Lambda."""
    made = iam.create_role(RoleName="lambda-permitted", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made["Role"]["Arn"]


@pytest.fixture
def function(functions, role, name):
    """The configuration of a new function with a version 1."""
    made = functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": package()},
        Publish=True,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return made


def test_permissions(functions, function):
    name = function["FunctionName"]
    arn = function["FunctionArn"].removesuffix(":1")
    source = "arn:aws:sns:eu-west-2:444455556666:t"
    given = functions.add_permission(
        FunctionName=name,
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=source,
        SourceAccount="444455556666",
    )
    statement = {
        "Sid": "topic",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "444455556666"},
            "ArnLike": {"AWS:SourceArn": source},
        },
    }
    assert json.loads(given["Statement"]) == statement
    shown = functions.get_policy(FunctionName=arn)
    document = {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    assert json.loads(shown["Policy"]) == document
    again = {"FunctionName": name, "StatementId": "topic", "Action": "lambda:*", "Principal": "*"}
    with pytest.raises(functions.exceptions.ResourceConflictException, match="already exists"):
        functions.add_permission(**again)
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="principal"):
        functions.add_permission(**{**again, "Principal": "nobody"})
    with pytest.raises(functions.exceptions.PreconditionFailedException):
        functions.remove_permission(FunctionName=name, StatementId="topic", RevisionId="x")
    functions.remove_permission(
        FunctionName=name, StatementId="topic", RevisionId=shown["RevisionId"]
    )
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName=name)


def test_aliases(functions, function):
    name = function["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    functions.publish_version(FunctionName=name)
    made = functions.create_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.125}},
    )
    assert made["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.125}}
    shown = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    assert (shown["Version"], shown["FunctionArn"]) == ("1", made["AliasArn"])
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.delete_function(FunctionName=name, Qualifier="2")
    changed = functions.update_alias(
        FunctionName=name, Name="live", FunctionVersion="2", RoutingConfig={}
    )
    assert "RoutingConfig" not in changed
    pages = functions.get_paginator("list_aliases").paginate(FunctionName=name)
    assert [one["Name"] for page in pages for one in page["Aliases"]] == ["live"]
    functions.put_function_event_invoke_config(
        FunctionName=name, Qualifier="live", MaximumRetryAttempts=1
    )
    config = functions.get_function_event_invoke_config(FunctionName=name, Qualifier="live")
    assert config["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    functions.delete_alias(FunctionName=name, Name="live")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_event_invoke_config(FunctionName=name, Qualifier="live")


def test_layers(functions, function, name):
    layer = f"layer-{name}"
    made = functions.publish_layer_version(
        LayerName=layer, Content={"ZipFile": package()}, CompatibleRuntimes=["python3.12"]
    )
    assert made["Version"] == 1
    shown = functions.get_layer_version_by_arn(Arn=made["LayerVersionArn"])
    assert shown["Content"]["CodeSha256"] == made["Content"]["CodeSha256"]
    with urllib.request.urlopen(shown["Content"]["Location"], timeout=30) as answer:
        assert answer.read() == package()
    changed = functions.update_function_configuration(
        FunctionName=function["FunctionName"], Layers=[made["LayerVersionArn"]]
    )
    assert changed["Layers"] == [{"Arn": made["LayerVersionArn"], "CodeSize": len(package())}]
    given = functions.add_layer_version_permission(
        LayerName=layer,
        VersionNumber=1,
        StatementId="all",
        Action="lambda:GetLayerVersion",
        Principal="*",
    )
    policy = functions.get_layer_version_policy(LayerName=layer, VersionNumber=1)
    assert policy["RevisionId"] == given["RevisionId"]
    assert json.loads(policy["Policy"])["Statement"] == [json.loads(given["Statement"])]
    functions.remove_layer_version_permission(LayerName=layer, VersionNumber=1, StatementId="all")
    listed = functions.list_layers(CompatibleRuntime="python3.12")["Layers"]
    assert layer in [one["LayerName"] for one in listed]
    functions.delete_layer_version(LayerName=layer, VersionNumber=1)
    assert functions.list_layer_versions(LayerName=layer)["LayerVersions"] == []
    with pytest.raises(ClientError, match="The resource you requested does not exist"):
        functions.get_layer_version(LayerName=layer, VersionNumber=1)


def test_cli(server, function):
    name = function["FunctionName"]
    of = ("--function-name", name)
    aws(
        server,
        "lambda",
        "add-permission",
        *of,
        *("--statement-id", "s", "--action", "lambda:InvokeFunction"),
        *("--principal", "events.amazonaws.com"),
    )
    policy = json.loads(aws(server, "lambda", "get-policy", *of)["Policy"])
    assert policy["Statement"][0]["Principal"] == {"Service": "events.amazonaws.com"}
    aws(server, "lambda", "remove-permission", *of, "--statement-id", "s")
    made = aws(
        server, "lambda", "create-alias", *of, "--name", "live", "--function-version", "1"
    )
    assert made["AliasArn"].endswith(":live")


@needs_terraform
def test_terraform(tmp_path):
    path = tmp_path / "code.zip"
    path.write_bytes(package())
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "function-permissions", package=str(path))
        assert terraform.apply()["alias"].endswith(":function:tf-permitted:live")
        terraform.set(source_account="777788889999")
        terraform.apply()
        functions = client(server, "lambda")
        policy = json.loads(functions.get_policy(FunctionName="tf-permitted")["Policy"])
        equals = policy["Statement"][0]["Condition"]["StringEquals"]
        assert equals == {"AWS:SourceAccount": "777788889999"}
        terraform.destroy()
        assert functions.list_layers()["Layers"] == []
