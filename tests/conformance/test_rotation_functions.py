"""Rotation by functions of Lambda, in the shape that AWS documents, of real databases (row SM-4)."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from harness import functions, logins, rotators
from harness.clients import client
from harness.terraform import Terraform, needs_terraform

pytestmark = functions.needs_python

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
SECONDS = 60


@pytest.fixture(scope="module")
def server():
    """A server that runs functions."""
    with functions.server("--outbound-allow", "127.0.0.1", "--function-workers", "8") as running:
        yield running


@pytest.fixture(scope="module")
def secrets(server):
    """boto3 as root."""
    return client(server, "secretsmanager")


@pytest.fixture(scope="module")
def lambdas(server):
    """boto3 as root."""
    return client(server, "lambda")


def until(is_so):
    """What `is_so` returns once it holds."""
    deadline = time.monotonic() + SECONDS
    while not (found := is_so()):
        assert time.monotonic() < deadline, is_so
        time.sleep(0.05)
    return found


def stages(secrets, name):
    """Versions by staging label."""
    found = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    return {stage: version for version, labels in found.items() for stage in labels}


def ends(server, arn, version):
    """The last event on record of the rotation that makes a version, once it came to an end."""
    pages = client(server, "cloudtrail").get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "secretsmanager.amazonaws.com"}]
    )
    events = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
    own = [event for event in events if event["requestID"] == f"Rotation-{arn}-{version}"]
    return next((event for event in own if event["eventName"] != "RotationStarted"), None)


def steps_done(server, function):
    """The steps that a function printed, in order."""
    logs = client(server, "logs")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{function}", filterPattern='" of "'
    )
    found = sorted((event["timestamp"], event["message"]) for page in pages for event in page["events"])
    return [message.split(" of ")[0] for _, message in found]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_sm_4_a_function_rotates_a_user(request, server, secrets, name, engine):
    database = request.getfixturevalue(engine)
    login = logins.new_user(database, name.replace("-", "_"))
    arn = secrets.create_secret(Name=name, SecretString=json.dumps(login))["ARN"]
    first = stages(secrets, name)["AWSCURRENT"]
    function = rotators.create(server, name, f"for_{engine}", arn)

    # A test of the function changes nothing.
    secrets.rotate_secret(SecretId=name, RotationLambdaARN=function, RotateImmediately=False)
    until(lambda: ["AWSCURRENT"] == list(stages(secrets, name)))
    assert logins.works(login)

    version = secrets.rotate_secret(
        SecretId=name, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30}
    )["VersionId"]
    event = until(lambda: ends(server, arn, version))
    assert event["eventName"] == "RotationSucceeded", event
    # The label may stay, where the function does not take it away.
    assert stages(secrets, name) == {"AWSCURRENT": version, "AWSPENDING": version, "AWSPREVIOUS": first}
    after = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    assert {**after, "password": login["password"]} == login and len(after["password"]) == 24
    assert logins.works(after) and not logins.works(login)
    shown = secrets.describe_secret(SecretId=name)
    assert (shown["RotationEnabled"], shown["RotationLambdaARN"]) == (True, function)
    assert shown["LastRotatedDate"] < shown["NextRotationDate"]
    until(lambda: len(steps_done(server, name)) >= 5)
    assert steps_done(server, name) == ["testSecret", *STEPS]


def test_sm_4_what_a_function_does_not_do_is_not_done(server, secrets, name):
    other = secrets.create_secret(Name=f"{name}/other", SecretString="hush")["ARN"]
    value = {"username": "u", "password": "p", "fails": ["testSecret"]}
    arn = secrets.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]
    first = stages(secrets, name)["AWSCURRENT"]
    function = rotators.create(server, name, "for_anything", arn, OTHER_SECRET=other)
    version = secrets.rotate_secret(SecretId=name, RotationLambdaARN=function)["VersionId"]
    event = until(lambda: ends(server, arn, version))
    assert event["eventName"] == "RotationFailed"
    assert event["errorMessage"] == f"Error when executing lambda {function} during testSecret step"
    assert stages(secrets, name) == {"AWSCURRENT": first, "AWSPENDING": version}
    assert json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]) == value
    assert "LastRotatedDate" not in secrets.describe_secret(SecretId=name)
    with pytest.raises(ClientError, match="A previous rotation isn't complete"):
        secrets.rotate_secret(SecretId=name)


def test_sm_4_a_function_lets_secrets_manager_in_for_one_secret(server, secrets, lambdas, name):
    value = {"username": "u", "password": "p"}
    arns = [
        secrets.create_secret(Name=f"{name}/{each}", SecretString=json.dumps(value))["ARN"]
        for each in ("own", "other")
    ]
    function = rotators.create(server, name, "for_anything", arns[0], OTHER_SECRET=arns[1])
    with pytest.raises(ClientError) as refused:
        secrets.rotate_secret(SecretId=arns[1], RotationLambdaARN=function)
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"].startswith("Secrets Manager cannot invoke the specified Lambda function.")
    version = secrets.rotate_secret(SecretId=arns[0], RotationLambdaARN=function)["VersionId"]
    assert until(lambda: ends(server, arns[0], version))["eventName"] == "RotationSucceeded"

    lambdas.remove_permission(FunctionName=name, StatementId="secrets")
    with pytest.raises(ClientError, match="Secrets Manager cannot invoke the specified Lambda function."):
        secrets.rotate_secret(SecretId=arns[0])


@needs_terraform
def test_terraform_sets_up_rotation(server, secrets, postgres, tmp_path, name):
    login = logins.new_user(postgres, name.replace("-", "_"))
    (tmp_path / "package.zip").write_bytes(rotators.package("for_postgres"))
    terraform = Terraform(
        server,
        tmp_path,
        "rotation",
        package=str(tmp_path / "package.zip"),
        endpoint=server.endpoint,
        login=json.dumps(login),
    )
    terraform.apply()
    until(lambda: "AWSPREVIOUS" in stages(secrets, "tf/login"))
    after = json.loads(secrets.get_secret_value(SecretId="tf/login")["SecretString"])
    assert logins.works(after) and not logins.works(login)
    shown = secrets.describe_secret(SecretId="tf/login")
    assert shown["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert shown["RotationLambdaARN"].endswith(":function:tf-rotator")
    terraform.destroy()
    with pytest.raises(ClientError, match="can't find the specified secret"):
        secrets.describe_secret(SecretId="tf/login")
