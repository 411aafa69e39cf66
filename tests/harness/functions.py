"""Functions of Lambda: packages, roles, and a server that runs them."""

import atexit
import functools
import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path

import boto3
import pytest

from harness.clients import client
from harness.server import Server

# boto3 and what it needs, which functions in AWS find too.
PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
INTERPRETER = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")

needs_python = pytest.mark.skipif(INTERPRETER is None, reason="skipped: no python3 of the system")

WRITES_LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "*",
}


def server(*arguments, **options):
    """A server that runs functions, with boto3 for them."""
    settings = ["--function-python", libraries(), "--function-interpreters", interpreters()]
    return Server("--log", "warn", *map(str, settings), *arguments, **options)


@functools.cache
def libraries():
    """Where boto3 is for users of functions, who may be let through fewer directories than we are."""
    installed = Path(os.path.realpath(boto3.__file__)).parents[1]
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in (installed, *installed.parents)):
        return installed
    copied = Path(tempfile.mkdtemp(prefix="strongroom-libraries-", dir="/var/tmp"))
    atexit.register(shutil.rmtree, copied, ignore_errors=True)
    copied.chmod(0o755)
    for package in filter(lambda it: it.exists(), (installed / name for name in PACKAGES)):
        copy = shutil.copytree if package.is_dir() else shutil.copy
        copy(package, copied / package.name)
    return copied


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
