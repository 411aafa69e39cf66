"""POL-6 and POL-7: a key of one account used from another needs the yes of both."""

import json

import pytest

from harness.clients import client
from harness.identities import allow, policy
from harness.places import reference
from harness.server import Credentials, Server
from harness.sessions import member_account


@pytest.fixture(scope="module")
def accounts():
    """The management account with an administrator, and a member account as its administrator."""
    with Server("--log", "warn") as server:
        member, session = member_account(server)
        yield server, member, session


def user(iam, name, *statements):
    """A user with an inline policy."""
    iam.create_user(UserName=name)
    put(iam, name, *statements)


def put(iam, name, *statements):
    """Replaces the inline policy of a user."""
    document = json.dumps(policy(*statements))
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)


def login(iam, name):
    """An access key of a user."""
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def refused(call, **parameters):
    """The code of a call that must fail."""
    try:
        call(**parameters)
    except call.__self__.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call succeeded")


def root_statement(account, *actions, **more):
    """A statement for a whole account."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return allow(*actions, Principal=principal, **more)


def test_both_sides_must_allow(accounts):
    server, member, session = accounts
    owner = client(server, "kms")
    key = owner.create_key()["KeyMetadata"]
    owner.create_alias(AliasName="alias/shared", TargetKeyId=key["KeyId"])
    iam = client(server, "iam", session)
    user(iam, "bob", allow("kms:*"))
    kms = client(server, "kms", login(iam, "bob"))
    call = {"KeyId": key["Arn"], "Plaintext": b"x"}

    assert refused(kms.encrypt, **call) == "AccessDeniedException"
    both = policy(
        root_statement(server.account, "kms:*"), root_statement(member, "kms:Encrypt", "kms:Decrypt")
    )
    owner.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(both))
    blob = kms.encrypt(**call)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    # Only what the key policy names, and only by ARN.
    assert refused(kms.describe_key, KeyId=key["Arn"]) == "AccessDeniedException"
    assert refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "NotFoundException"
    assert refused(kms.encrypt, KeyId="alias/shared", Plaintext=b"x") == "NotFoundException"

    put(iam, "bob", allow("kms:ListKeys"))
    assert refused(kms.encrypt, **call) == "AccessDeniedException"
    put(iam, "bob", allow("kms:Encrypt", resource=key["Arn"]))
    kms.encrypt(**call)
    assert refused(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"

    named = policy(
        root_statement(server.account, "kms:*"),
        allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{member}:user/bob"}),
    )
    owner.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(named))
    # Naming the user does not spare the policy of its own account.
    assert refused(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    put(iam, "bob", allow("kms:Decrypt"))
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_statement_for_grants_of_services_gives_no_direct_use(accounts):
    server, member, session = accounts
    path = reference("notes/n0-cross-account-key-policy.json")
    if path is None:
        pytest.skip("the reference data is not beside the repository")
    text = path.read_text().replace("ACCOUNT_A_ID", server.account)
    owner = client(server, "kms")
    key = owner.create_key()["KeyMetadata"]
    owner.put_key_policy(KeyId=key["KeyId"], Policy=text.replace("ACCOUNT_B_ID", member))
    blob = owner.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    iam = client(server, "iam", session)
    user(iam, "carol", allow("kms:*"))
    kms = client(server, "kms", login(iam, "carol"), region="us-east-1")
    assert refused(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert refused(kms.describe_key, KeyId=key["Arn"]) == "AccessDeniedException"
