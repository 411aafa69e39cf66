"""Roles, sessions and second factors."""

import base64
import hashlib
import hmac
import json
import struct
import time

from harness.clients import client
from harness.identities import policy
from harness.server import Credentials


def credentials(answer):
    """The temporary credentials of an answer of STS."""
    made = answer["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def trust(principal, *actions, **condition):
    """A trust policy for one principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions or ["sts:AssumeRole"])}
    if condition:
        statement["Condition"] = condition
    return json.dumps(policy(statement))


def new_role(server, name, principal, *statements, **more):
    """Creates a role with an inline policy of these statements; its ARN."""
    iam = client(server, "iam")
    document = more.pop("trust", None) or trust(principal)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"]
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="test", PolicyDocument=json.dumps(policy(*statements))
        )
    return role["Arn"]


def assume(server, caller, role_arn, name="session", **more):
    """A session of a role."""
    sts = client(server, "sts", caller)
    return credentials(sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **more))


def totp(seed, moment=None, step=0):
    """The code of RFC 6238 for a seed in Base32."""
    counter = int(moment or time.time()) // 30 + step
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def new_mfa(server, user):
    """A virtual device of a user; its serial number and seed."""
    iam = client(server, "iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"].decode()
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=serial,
        AuthenticationCode1=totp(seed, step=-1),
        AuthenticationCode2=totp(seed),
    )
    return serial, seed


def member_account(server, name="b"):
    """An account of an organization of the server's account: its number, and a session of its
    administrator."""
    organizations = client(server, "organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
    asked = made["CreateAccountStatus"]["Id"]
    made = organizations.describe_create_account_status(CreateAccountRequestId=asked)
    account = made["CreateAccountStatus"]["AccountId"]
    iam = client(server, "iam")
    iam.create_user(UserName="admin")
    document = json.dumps(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    iam.put_user_policy(UserName="admin", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    # Root users cannot assume roles.
    sts = client(server, "sts", Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    return account, credentials(sts.assume_role(RoleArn=role, RoleSessionName="admin"))
