"""Unmodified AWS clients, pointed at a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.config import Config

from harness.server import clean_environment

REGION = "us-east-1"


def client(server, service, credentials=None, region=REGION, verify=None, **config):
    """A boto3 client. It does not retry: a test wants to see the first answer.

    `verify` names the certificates that it trusts, for a server that speaks TLS.
    """
    credentials = credentials or server.root
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name=region,
        verify=verify,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=20, **config),
    )


def environment(server, credentials=None, region=REGION):
    """What a client needs in its environment, and nothing else of AWS."""
    credentials = credentials or server.root
    settings = {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
    }
    if credentials.token:
        settings["AWS_SESSION_TOKEN"] = credentials.token
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return clean_environment() | settings | {"PATH": path}


def aws(server, *arguments, credentials=None, region=REGION, check=True):
    """Runs the AWS CLI; its answer as a Python value, or the finished process with check=False."""
    done = subprocess.run(
        ["aws", "--output", "json", *map(str, arguments)],
        env=environment(server, credentials, region),
        capture_output=True,
        text=True,
        timeout=60,
    )
    if not check:
        return done
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None
