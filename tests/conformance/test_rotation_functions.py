"""Rotation by functions of Lambda, in the shape that AWS documents, of real databases (row SM-4)."""

import importlib.util
import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from harness import functions, logins
from harness.clients import client
from harness.identities import allow
from harness.terraform import Terraform, needs_terraform

pytestmark = functions.needs_python

SOURCES = Path(__file__).parent / "rotation_functions"
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
DRIVERS = {
    "for_postgres": ("pg8000", "scramp", "asn1crypto", "dateutil", "six"),
    "for_mariadb": ("pymysql",),
    "for_anything": (),
}
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


def package(module):
    """A function's package: its module, the steps, and the driver it needs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (module, "rotation"):
            archive.write(SOURCES / f"{name}.py", f"{name}.py")
        for driver in DRIVERS[module]:
            origin = Path(importlib.util.find_spec(driver).origin)
            single = origin.name != "__init__.py"
            for file in [origin] if single else sorted(origin.parent.rglob("*.py")):
                archive.write(file, file.relative_to(origin.parent if single else origin.parents[1]))
    return out.getvalue()


@pytest.fixture
def rotator(server, lambdas, name):
    """Makes a function that rotates one secret, and lets Secrets Manager run it."""

    def make(module, secret, **variables):
        role = functions.role(
            server,
            name,
            functions.WRITES_LOGS,
            allow("secretsmanager:GetRandomPassword"),
            allow(
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
                resource=secret,
            ),
        )
        arn = lambdas.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler=f"{module}.handler",
            Role=role,
            Timeout=30,
            Code={"ZipFile": package(module)},
            Environment={"Variables": {"SECRETS_MANAGER_ENDPOINT": server.endpoint, **variables}},
        )["FunctionArn"]
        lambdas.get_waiter("function_active_v2").wait(FunctionName=name)
        let_in(lambdas, name, secret)
        return arn

    return make


def let_in(lambdas, function, secret):
    """Lets Secrets Manager run a function for this secret alone."""
    lambdas.add_permission(
        FunctionName=function,
        StatementId="secrets",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceArn=secret,
        SourceAccount=secret.split(":")[4],
    )


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
def test_sm_4_a_function_rotates_a_user(request, server, secrets, rotator, name, engine):
    database = request.getfixturevalue(engine)
    login = logins.new_user(database, name.replace("-", "_"))
    arn = secrets.create_secret(Name=name, SecretString=json.dumps(login))["ARN"]
    first = stages(secrets, name)["AWSCURRENT"]
    function = rotator(f"for_{engine}", arn)
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
    until(lambda: len(steps_done(server, name)) >= 4)
    assert steps_done(server, name) == STEPS


def test_sm_4_what_a_function_does_not_do_is_not_done(server, secrets, rotator, name):
    other = secrets.create_secret(Name=f"{name}/other", SecretString="hush")["ARN"]
    value = {"username": "u", "password": "p", "fails": ["testSecret"]}
    arn = secrets.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]
    first = stages(secrets, name)["AWSCURRENT"]
    function = rotator("for_anything", arn, OTHER_SECRET=other)
    version = secrets.rotate_secret(SecretId=name, RotationLambdaARN=function)["VersionId"]
    event = until(lambda: ends(server, arn, version))
    assert event["eventName"] == "RotationFailed"
    assert event["errorMessage"] == f"Error when executing lambda {function} during testSecret step"
    assert stages(secrets, name) == {"AWSCURRENT": first, "AWSPENDING": version}
    assert json.loads(secrets.get_secret_value(SecretId=name)["SecretString"]) == value
    assert "LastRotatedDate" not in secrets.describe_secret(SecretId=name)
    with pytest.raises(ClientError, match="A previous rotation isn't complete"):
        secrets.rotate_secret(SecretId=name)


def test_sm_4_a_function_lets_secrets_manager_in_for_one_secret(server, secrets, lambdas, rotator, name):
    value = {"username": "u", "password": "p"}
    arns = [
        secrets.create_secret(Name=f"{name}/{each}", SecretString=json.dumps(value))["ARN"]
        for each in ("own", "other")
    ]
    function = rotator("for_anything", arns[0], OTHER_SECRET=arns[1])
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
    (tmp_path / "package.zip").write_bytes(package("for_postgres"))
    terraform = Terraform(
        server,
        tmp_path,
        "rotation",
        package=str(tmp_path / "package.zip"),
        endpoint=server.endpoint,
        login=json.dumps(login),
    )
    terraform.run("apply", "-auto-approve", "-input=false")
    until(lambda: "AWSPREVIOUS" in stages(secrets, "tf/login"))
    after = json.loads(secrets.get_secret_value(SecretId="tf/login")["SecretString"])
    assert logins.works(after) and not logins.works(login)
    terraform.change(days="10")
    shown = secrets.describe_secret(SecretId="tf/login")
    assert shown["RotationRules"] == {"AutomaticallyAfterDays": 10}
    assert shown["RotationLambdaARN"].endswith(":function:tf-rotator")
    terraform.destroy()
    with pytest.raises(ClientError, match="can't find the specified secret"):
        secrets.describe_secret(SecretId="tf/login")
