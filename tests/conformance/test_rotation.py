"""Rotation of secrets: what is refused without a function, and passwords of a real database."""

import json
import subprocess
import time

import pytest
from botocore.exceptions import ClientError

from harness import databases
from harness.clients import aws, client
from harness.server import Server

FUNCTION = "arn:aws:lambda:us-east-1:{}:function:rotate"


@pytest.fixture(scope="module")
def running():
    """A server that may reach databases on loopback."""
    with Server("--outbound-allow", "127.0.0.0/8", "--outbound-http", "--log", "warn") as server:
        yield server


@pytest.fixture(scope="module")
def secrets(running):
    """boto3 as root."""
    return client(running, "secretsmanager")


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_sm_4_rules_that_aws_refuses(secrets, name):
    secrets.create_secret(Name=name, SecretString="one")
    for rules, text in [
        (
            {"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"},
            "You cannot specify both rotation frequency and schedule expression together.",
        ),
        ({"ScheduleExpression": "rate(3 hours)"}, "Rate in hour should be least 4 and less than 24."),
        ({"ScheduleExpression": "cron(5 8 * * ? *)"}, "Invalid schedule expression."),
        (
            {"ScheduleExpression": "cron(0 22 * * ? *)", "Duration": "3h"},
            "Starting hour and duration must be within a day.",
        ),
    ]:
        told = refused(secrets.rotate_secret, SecretId=name, RotationRules=rules)
        assert told == ("InvalidParameterException", text)
    told = refused(secrets.rotate_secret, SecretId=name, RotationRules={"AutomaticallyAfterDays": 1})
    assert told == (
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
    )
    account = secrets.describe_secret(SecretId=name)["ARN"].split(":")[4]
    code, text = refused(
        secrets.rotate_secret, SecretId=name, RotationLambdaARN=FUNCTION.format(account)
    )
    assert code == "AccessDeniedException"
    assert text.startswith("Secrets Manager cannot invoke the specified Lambda function.")
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=name)


def test_sm_5_the_password_of_a_real_database_is_rotated(running, secrets, postgres, name):
    sql(postgres, f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'first'")
    login = {
        "engine": "postgres",
        "host": postgres.host,
        "port": postgres.port,
        "username": name,
        "password": "first",
        "dbname": "postgres",
    }
    secrets.create_secret(Name=name, SecretString=json.dumps(login))
    rules = json.dumps({"ScheduleExpression": "cron(0 16 1,15 * ? *)", "Duration": "2h"})
    begun = aws(
        running, "secretsmanager", "rotate-secret", "--secret-id", name, "--rotation-rules", rules
    )
    shown = settled(secrets, name)
    assert shown["RotationEnabled"] and "LastRotatedDate" in shown
    assert shown["NextRotationDate"].strftime("%M:%S") == "59:59"
    current = [id for id, labels in shown["VersionIdsToStages"].items() if "AWSCURRENT" in labels]
    assert current == [begun["VersionId"]]
    now = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    assert now == {**login, "password": now["password"]} and now["password"] != "first"
    assert sql(postgres, "SELECT current_user", name, now["password"]) == name
    with pytest.raises(subprocess.CalledProcessError):
        sql(postgres, "SELECT 1", name, "first")
    cancelled = secrets.cancel_rotate_secret(SecretId=name)
    assert "VersionId" not in cancelled
    assert not secrets.describe_secret(SecretId=name)["RotationEnabled"]


def settled(secrets, name):
    """The secret, when no version is pending any more."""
    while True:
        shown = secrets.describe_secret(SecretId=name)
        if ["AWSPENDING"] not in shown["VersionIdsToStages"].values():
            return shown
        time.sleep(0.05)


def sql(database, statement, username=None, password=None):
    """What a statement answers, as a user or as the one who may do everything."""
    command = [
        databases.find("psql"),
        *("-h", database.host, "-p", str(database.port), "-U", username or database.username),
        *("-d", "postgres", "-v", "ON_ERROR_STOP=1", "-Atc", statement),
    ]
    variables = {**databases.environment(), "PGPASSWORD": password or database.password}
    told = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    return told.stdout.strip()
