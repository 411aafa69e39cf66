"""Nothing but the secret: a step fails if the secret says so, and what the role of the function may not do
is tried."""

import os

import rotation


def handler(event, context):
    login = rotation.read(event, "AWSCURRENT")
    if event["Step"] in login.get("fails", []):
        raise RuntimeError(f"{event['Step']} fails")
    other = os.environ["OTHER_SECRET"]
    assert rotation.may_not(rotation.SECRETS.get_secret_value, SecretId=other)
    assert rotation.may_not(rotation.SECRETS.delete_secret, SecretId=event["SecretId"])
    rotation.rotate(event, Anything)


class Anything:
    """Takes every password."""

    @staticmethod
    def works(login):
        return "password" in login
