"""The steps of a rotation, as AWS documents them: each may come again, and then does no harm."""

import json
import os

import boto3
from botocore.exceptions import ClientError

SECRETS = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])


def rotate(event, database):
    """Does the step that an event asks for; `database` has `works` and `set_password`."""
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    print(f"{step} of {token}")
    described = SECRETS.describe_secret(SecretId=arn)
    if not described["RotationEnabled"]:
        raise ValueError(f"{arn} is not enabled for rotation")
    labels = described["VersionIdsToStages"][token]
    if "AWSCURRENT" in labels:
        return
    if "AWSPENDING" not in labels:
        raise ValueError(f"{token} is not pending")
    steps = {"createSecret": create, "setSecret": put, "testSecret": try_out, "finishSecret": finish}
    steps[step](event, database)


def read(event, label, token=None):
    """The login that a version tells; none if there is no such version."""
    version = {"VersionId": token} if token else {}
    try:
        value = SECRETS.get_secret_value(SecretId=event["SecretId"], VersionStage=label, **version)
    except SECRETS.exceptions.ResourceNotFoundException:
        return None
    return json.loads(value["SecretString"])


def create(event, _):
    current, token = read(event, "AWSCURRENT"), event["ClientRequestToken"]
    if read(event, "AWSPENDING", token):
        return
    drawn = SECRETS.get_random_password(ExcludeCharacters=":/@\"'\\", PasswordLength=24)
    SECRETS.put_secret_value(
        SecretId=event["SecretId"],
        ClientRequestToken=token,
        RotationToken=event["RotationToken"],
        SecretString=json.dumps({**current, "password": drawn["RandomPassword"]}),
        VersionStages=["AWSPENDING"],
    )


def put(event, database):
    pending = read(event, "AWSPENDING", event["ClientRequestToken"])
    if database.works(pending):
        return
    for label in ("AWSCURRENT", "AWSPREVIOUS"):
        known = read(event, label)
        if known and known["username"] == pending["username"] and database.works(known):
            database.set_password(known, pending["password"])
            return
    raise ValueError("no password is known that works")


def try_out(event, database):
    if not database.works(read(event, "AWSPENDING", event["ClientRequestToken"])):
        raise ValueError("the pending password does not work")


def finish(event, _):
    arn, token = event["SecretId"], event["ClientRequestToken"]
    versions = SECRETS.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next(version for version, labels in versions.items() if "AWSCURRENT" in labels)
    SECRETS.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )


def may_not(call, **arguments):
    """Whether the role of the function is refused a call."""
    try:
        call(**arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"] == "AccessDeniedException"
    return False
