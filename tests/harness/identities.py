"""Users with access keys and policies."""

import json

from harness.clients import client
from harness.server import Credentials


def new_user(server, name, policy=None):
    """Creates a user with an access key, and with a policy document if one is given."""
    iam = client(server, "iam")
    iam.create_user(UserName=name)
    if policy:
        put_policy(server, name, policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def put_policy(server, name, document, policy_name="test"):
    """Attaches an inline policy to a user."""
    client(server, "iam").put_user_policy(
        UserName=name, PolicyName=policy_name, PolicyDocument=json.dumps(document)
    )


def policy(*statements):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions, resource="*", **more):
    """A statement that allows actions."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions, resource="*", **more):
    """A statement that denies actions."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}
