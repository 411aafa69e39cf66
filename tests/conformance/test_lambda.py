"""AWS Lambda's control plane as boto3, the AWS CLI and Terraform use it."""

import base64
import hashlib
import io
import json
import urllib.error
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


def package(content="def handler(event, context): return event"):
    """A package of one file, as Python makes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        # A time of its own would make it another package each time.
        archive.writestr(zipfile.ZipInfo("index.py"), content)
    return made.getvalue()


@pytest.fixture(scope="module")
def functions(server):
    """boto3 as root."""
    return client(server, "lambda")


@pytest.fixture(scope="module")
def role(iam):
    """The ARN of a role that trusts Lambda."""
    made = iam.create_role(RoleName="lambda-worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made["Role"]["Arn"]


@pytest.fixture
def function(functions, role, name):
    """The name of a new function."""
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": package()},
        Environment={"Variables": {"COLOR": "red"}},
        Tags={"team": "red"},
        Publish=True,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def test_life_of_a_function(functions, function):
    shown = functions.get_function(FunctionName=function)
    configuration = shown["Configuration"]
    digest = base64.b64encode(hashlib.sha256(package()).digest()).decode()
    assert configuration["CodeSha256"] == digest
    assert configuration["CodeSize"] == len(package())
    assert configuration["Environment"] == {"Variables": {"COLOR": "red"}}
    assert shown["Tags"] == {"team": "red"}
    changed = functions.update_function_configuration(
        FunctionName=function,
        Timeout=9,
        Environment={"Variables": {"COLOR": "blue"}},
        RevisionId=configuration["RevisionId"],
    )
    assert changed["LastUpdateStatus"] == "InProgress"
    functions.get_waiter("function_updated_v2").wait(FunctionName=function)
    with pytest.raises(functions.exceptions.PreconditionFailedException):
        functions.update_function_configuration(
            FunctionName=function, Timeout=8, RevisionId=configuration["RevisionId"]
        )
    functions.update_function_code(FunctionName=function, ZipFile=package("pass"))
    functions.get_waiter("function_updated_v2").wait(FunctionName=function)
    assert functions.publish_version(FunctionName=function)["Version"] == "2"
    pages = functions.get_paginator("list_versions_by_function").paginate(
        FunctionName=function, PaginationConfig={"PageSize": 1}
    )
    versions = [one["Version"] for page in pages for one in page["Versions"]]
    assert versions == ["$LATEST", "1", "2"]
    first = functions.get_function_configuration(FunctionName=function, Qualifier="1")
    assert first["Environment"] == {"Variables": {"COLOR": "red"}}
    functions.delete_function(FunctionName=configuration["FunctionArn"])
    with pytest.raises(functions.exceptions.ResourceNotFoundException) as refused:
        functions.get_function(FunctionName=function)
    error = refused.value.response
    assert error["Error"]["Message"] == f"Function not found: {configuration['FunctionArn']}"
    assert (error["Type"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("User", 404)


def test_code_comes_back_by_its_link(functions, function):
    code = functions.get_function(FunctionName=function)["Code"]
    assert code["RepositoryType"] == "S3"
    with urllib.request.urlopen(code["Location"], timeout=30) as answer:
        assert answer.headers["content-type"] == "application/zip"
        assert answer.read() == package()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(code["Location"][:-2], timeout=30)


def test_tags_concurrency_and_settings(functions, function):
    arn = functions.get_function_configuration(FunctionName=function)["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"a b": "c/d=é", "x": ""})
    functions.untag_resource(Resource=arn, TagKeys=["team", "x"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"a b": "c/d=é"}
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=3)
    reserved = functions.get_function_concurrency(FunctionName=function)
    assert reserved["ReservedConcurrentExecutions"] == 3
    limit = functions.get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] == limit["ConcurrentExecutions"] - 3
    functions.delete_function_concurrency(FunctionName=function)
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName=function
    )


def test_a_large_package(functions, role, name):
    # Bytes that deflate cannot shorten.
    content = b"".join(hashlib.sha512(bytes([n, m])).digest() for n in range(256) for m in range(256))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(3):
            archive.writestr(f"data-{number}", content)
    zipped = made.getvalue()
    assert len(zipped) > 12_000_000
    functions.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Role=role,
        Handler="bootstrap",
        Code={"ZipFile": zipped},
    )
    link = functions.get_function(FunctionName=name)["Code"]["Location"]
    with urllib.request.urlopen(link, timeout=60) as answer:
        assert answer.read() == zipped
    functions.delete_function(FunctionName=name)


def test_what_is_refused(functions, role, name):
    request = {
        "FunctionName": name,
        "Runtime": "python3.12",
        "Role": role,
        "Handler": "index.handler",
        "Code": {"ZipFile": package()},
    }
    for change, message in [
        ({"Code": {"ZipFile": b"no archive"}}, "Could not unzip uploaded file"),
        ({"Runtime": "python2.7"}, "no longer supported"),
        ({"Role": role + "-x"}, "cannot be assumed by Lambda"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "Reserved keys used"),
    ]:
        with pytest.raises(functions.exceptions.InvalidParameterValueException, match=message):
            functions.create_function(**{**request, **change})
    with pytest.raises(ClientError, match="ValidationException"):
        functions.create_function(**{**request, "Handler": "a b"})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        functions.delete_function(FunctionName=name)


def test_cli(server, role, name, tmp_path):
    (tmp_path / "code.zip").write_bytes(package())
    made = aws(
        server,
        "lambda",
        "create-function",
        *("--function-name", name, "--runtime", "python3.12", "--role", role),
        *("--handler", "index.handler", "--zip-file", f"fileb://{tmp_path}/code.zip"),
        *("--environment", "Variables={COLOR=red}"),
    )
    assert (made["State"], made["Version"]) == ("Pending", "$LATEST")
    aws(server, "lambda", "wait", "function-active-v2", "--function-name", name)
    listed = aws(server, "lambda", "list-functions", "--query", "Functions[].FunctionName")
    assert name in listed
    shown = aws(server, "lambda", "get-function", "--function-name", made["FunctionArn"])
    assert shown["Configuration"]["Environment"] == {"Variables": {"COLOR": "red"}}
    aws(server, "lambda", "delete-function", "--function-name", name)


@needs_terraform
def test_terraform(tmp_path):
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    one.write_bytes(package())
    two.write_bytes(package("pass"))
    with Server("--log", "warn") as server:
        terraform = Terraform(server, tmp_path, "functions", package=str(one))
        made = terraform.apply()
        assert (made["version"], made["read"]) == ("1", {"COLOR": "red"})
        terraform.set(color="blue", package=str(two))
        made = terraform.apply()
        assert made["read"] == {"COLOR": "blue"}
        terraform.destroy()
        assert client(server, "lambda").list_functions()["Functions"] == []
