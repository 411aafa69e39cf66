"""Functions of Lambda: packages, roles, and a server that runs them."""

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import boto3
import pytest

from harness.clients import client
from harness.server import Server

# Where boto3 is, which functions in AWS find too.
LIBRARIES = Path(os.path.realpath(boto3.__file__)).parents[1]
INTERPRETER = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")

needs_python = pytest.mark.skipif(INTERPRETER is None, reason="skipped: no python3 of the system")

WRITES_LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "*",
}


def server(*arguments, **options):
    """A server that runs functions, with boto3 for them."""
    settings = ["--function-python", LIBRARIES, "--function-interpreters", interpreters()]
    return Server("--log", "warn", *map(str, settings), *arguments, **options)


def interpreters():
    """The system's Python, whatever version a function asks for."""
    return ",".join(f"python3.{minor}={INTERPRETER}" for minor in range(9, 15))


def package(text, name="index.py"):
    """A deployment package of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return out.getvalue()


def role(running, name, *statements):
    """A role that Lambda may assume; its ARN."""
    iam = client(running, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return made["Role"]["Arn"]


def create(running, name, text, role_arn, **more):
    """A function in Python; its configuration."""
    return client(running, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="index.handler",
        Role=role_arn,
        Code={"ZipFile": package(text)},
        **more,
    )
