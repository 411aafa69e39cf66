"""EventBridge's connections with boto3 and the AWS CLI: the secrets that EventBridge keeps in the account."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import aws, client
from harness.identities import allow, new_user, policy

ROLE = "AWSServiceRoleForAmazonEventBridgeApiDestinations"
MANAGED = "The secret is managed by another service, and you must use that service to update it."
PARAMETERS = {
    "HeaderParameters": [{"Key": "x-own", "Value": "h", "IsValueSecret": True}],
    "BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": False}],
}
SAID = {
    "header_parameters": [{"key": "x-own", "value": "h", "is_value_secret": True}],
    "query_string_parameters": [],
    "body_parameters": [{"key": "scope", "value": "all", "is_value_secret": False}],
}
OAUTH = {
    "ClientParameters": {"ClientID": "i", "ClientSecret": "s"},
    "AuthorizationEndpoint": "https://127.0.0.1:1/token",
    "HttpMethod": "POST",
    "OAuthHttpParameters": PARAMETERS,
}
KINDS = {
    "BASIC": (
        {"BasicAuthParameters": {"Username": "u", "Password": "p"}},
        {"username": "u", "password": "p"},
    ),
    "API_KEY": (
        {
            "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "v"},
            "InvocationHttpParameters": PARAMETERS,
        },
        {"api_key_name": "x-key", "api_key_value": "v", "invocation_http_parameters": SAID},
    ),
    "OAUTH_CLIENT_CREDENTIALS": (
        {"OAuthParameters": OAUTH},
        {
            "client_id": "i",
            "client_secret": "s",
            "authorization_endpoint": "https://127.0.0.1:1/token",
            "http_method": "POST",
            "oauth_http_parameters": SAID,
        },
    ),
}


@pytest.fixture(scope="module")
def events(server):
    """boto3 as root."""
    return client(server, "events")


@pytest.fixture(scope="module")
def secrets(server):
    """boto3 as root."""
    return client(server, "secretsmanager")


def says(secrets, arn):
    return json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_has_a_secret(server, events, secrets, kind):
    parameters, expected = KINDS[kind]
    events.create_connection(Name=kind, AuthorizationType=kind, AuthParameters=parameters)
    arn = events.describe_connection(Name=kind)["SecretArn"]
    assert f":secret:events!connection/{kind}/" in arn
    assert says(secrets, arn) == expected
    shown = secrets.describe_secret(SecretId=arn)
    assert shown["OwningService"] == "events"
    assert {"Key": "aws:secretsmanager:owningService", "Value": "events"} in shown["Tags"]
    asked = ["--filters", "Key=owning-service,Values=events", "--query", "SecretList[].ARN"]
    listed = aws(server, "secretsmanager", "list-secrets", *asked)
    assert arn in listed
    events.delete_connection(Name=kind)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId=arn)


def test_the_account_gets_a_role_that_reads_secrets_of_connections(server, events):
    parameters = KINDS["BASIC"][0]
    events.create_connection(Name="role", AuthorizationType="BASIC", AuthParameters=parameters)
    iam = client(server, "iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    assert role["Path"] == "/aws-service-role/apidestinations.events.amazonaws.com/"
    [attached] = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert attached["PolicyName"] == "AmazonEventBridgeApiDestinationsServiceRolePolicy"


def test_the_secret_is_eventbridges(events, secrets):
    parameters = KINDS["BASIC"][0]
    events.create_connection(Name="own", AuthorizationType="BASIC", AuthParameters=parameters)
    arn = events.describe_connection(Name="own")["SecretArn"]
    for change in [
        lambda: secrets.put_secret_value(SecretId=arn, SecretString="mine"),
        lambda: secrets.update_secret(SecretId=arn, Description="mine"),
        lambda: secrets.tag_resource(SecretId=arn, Tags=[{"Key": "k", "Value": "v"}]),
        lambda: secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True),
    ]:
        with pytest.raises(secrets.exceptions.InvalidRequestException) as refused:
            change()
        assert refused.value.response["Error"]["Message"] == MANAGED
    with pytest.raises(secrets.exceptions.InvalidParameterException):
        secrets.create_secret(Name="events!connection/own/1", SecretString="mine")
    changed = {"BasicAuthParameters": {"Password": "other"}}
    events.update_connection(Name="own", AuthParameters=changed)
    assert says(secrets, arn) == {"username": "u", "password": "other"}


def test_a_key_of_ones_own(server, events, secrets):
    kms = client(server, "kms")
    tags = [{"TagKey": "EventBridgeApiDestinations", "TagValue": "true"}]
    key = kms.create_key(Tags=tags)["KeyMetadata"]["Arn"]
    events.create_connection(
        Name="key",
        AuthorizationType="BASIC",
        AuthParameters=KINDS["BASIC"][0],
        KmsKeyIdentifier=key,
    )
    shown = events.describe_connection(Name="key")
    assert shown["KmsKeyIdentifier"] == key
    arn = shown["SecretArn"]
    assert secrets.describe_secret(SecretId=arn)["KmsKeyId"] == key
    kms.disable_key(KeyId=key)
    with pytest.raises(secrets.exceptions.DecryptionFailure):
        says(secrets, arn)
    kms.enable_key(KeyId=key)
    events.update_connection(Name="key", KmsKeyIdentifier="")
    assert "KmsKeyIdentifier" not in events.describe_connection(Name="key")
    assert "KmsKeyId" not in secrets.describe_secret(SecretId=arn)
    with pytest.raises(ClientError) as refused:
        events.update_connection(Name="key", KmsKeyIdentifier="alias/none")
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_full_access_to_eventbridge_is_enough(server):
    who = new_user(server, "eventful")
    client(server, "iam").attach_user_policy(
        UserName="eventful", PolicyArn="arn:aws:iam::aws:policy/AmazonEventBridgeFullAccess"
    )
    events = client(server, "events", who)
    parameters = KINDS["API_KEY"][0]
    events.create_connection(Name="full", AuthorizationType="API_KEY", AuthParameters=parameters)
    events.delete_connection(Name="full")
    half = new_user(server, "half", policy(allow("events:*")))
    with pytest.raises(ClientError) as refused:
        client(server, "events", half).create_connection(
            Name="half", AuthorizationType="API_KEY", AuthParameters=parameters
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert "secretsmanager:CreateSecret" in error["Message"]
