"""What an operator asks of a running server: decisions explained, accounts, where calls come from."""

import json
import re

import pytest

from harness.clients import client
from harness.identities import allow, new_user, policy
from harness.server import Credentials, Server, run
from harness.signed import JSON, Connection, sign


@pytest.fixture(scope="module")
def server():
    """A server behind a proxy on this machine."""
    with Server("--trusted-proxy", "127.0.0.0/8") as running:
        yield running


def as_root(server, *arguments, credentials=None):
    """Runs a command that asks the server, with the root access key or another."""
    who = credentials or server.root
    keys = {"AWS_ACCESS_KEY_ID": who.access_key, "AWS_SECRET_ACCESS_KEY": who.secret_key}
    return run(*arguments, "--listen", f"127.0.0.1:{server.port}", environment=keys)


def test_explain_names_the_policy_that_decides(server):
    iam, kms = client(server, "iam"), client(server, "kms")
    iam.create_user(UserName="explained")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    arn = f"arn:aws:iam::{server.account}:user/explained"
    question = ("iam", "explain", "--principal", arn, "--action", "kms:Decrypt", "--resource", key)
    before = as_root(server, *question)
    assert before.returncode == 0, before.stderr
    assert before.stdout.startswith("implicitDeny: no identity-based policy allows it\n")
    statement = {"Sid": "Opens", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="explained", PolicyName="own", PolicyDocument=document)
    after = as_root(server, *question)
    assert after.stdout.splitlines()[0] == (
        "allowed: statement 1 (Opens) of the identity-based policy own allows it"
    )
    assert as_root(server, *question, "--context", "nonsense").returncode == 2


def test_accounts_are_made_and_listed_by_the_first_root_user_alone(server):
    made = as_root(server, "account", "create", "--name", "second", "--email", "two@example.com")
    assert made.returncode == 0, made.stderr
    exports = dict(re.findall(r"export (\w+)=(\S+)", made.stdout))
    second = Credentials(exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"])
    account = re.search(r"# account (\d{12})", made.stdout)[1]
    who = client(server, "sts", second).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{account}:root"
    listed = as_root(server, "account", "list").stdout
    assert account in listed and server.account in listed
    assert as_root(server, "account", "list", credentials=second).returncode == 4


def test_a_trusted_proxy_tells_where_calls_come_from(server):
    at_home = {"IpAddress": {"aws:SourceIp": "192.0.2.7"}}
    user = new_user(server, "remote", policy(allow("kms:ListKeys", Condition=at_home)))
    body = b"{}"
    for forwarded, status in [("192.0.2.7", 200), ("192.0.2.7, 198.51.100.1", 400), (None, 400)]:
        headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}
        headers = sign(server, "kms", headers, body, user)
        if forwarded:
            headers["X-Forwarded-For"] = forwarded
        assert Connection(server, user).send(headers, body)[0] == status, forwarded
