"""Grants through boto3: users, roles, sessions and accounts that a grant lets use a key."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.clients import client
from harness.identities import allow, deny, new_user, policy
from harness.sessions import assume, new_role


def code(call, **parameters):
    """The code of a call that must fail."""
    with pytest.raises(ClientError) as failed:
        call(**parameters)
    return failed.value.response["Error"]["Code"]


@pytest.fixture
def user(server, name):
    """A user without policies: its ARN and its client."""
    login = new_user(server, name)
    arn = client(server, "sts", login).get_caller_identity()["Arn"]
    return arn, client(server, "kms", login)


def test_a_grant_is_effective_until_it_is_revoked(kms, key, user):
    arn, grantee = user
    call = {"KeyId": key["KeyId"], "Plaintext": b"x", "EncryptionContext": {"Department": "IT"}}
    assert code(grantee.encrypt, **call) == "AccessDeniedException"
    made = kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=arn,
        Operations=["Encrypt", "Decrypt"],
        Constraints={"EncryptionContextSubset": {"department": "IT"}},
        Name="conformance",
    )
    blob = grantee.encrypt(**call, GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    context = call["EncryptionContext"]
    assert grantee.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
    call["EncryptionContext"] = {"Department": "HR"}
    assert code(grantee.encrypt, **call) == "AccessDeniedException"

    (listed,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert listed["GrantId"] == made["GrantId"]
    assert listed["KeyId"] == key["Arn"]
    assert listed["GranteePrincipal"] == arn
    assert sorted(listed["Operations"]) == ["Decrypt", "Encrypt"]
    assert listed["Constraints"] == {"EncryptionContextSubset": {"department": "IT"}}

    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    call["EncryptionContext"] = context
    assert code(grantee.encrypt, **call) == "AccessDeniedException"
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_a_role_s_sessions_use_its_grant_as_far_as_they_may(server, kms, key, name):
    caller = new_user(server, name, policy(allow("sts:AssumeRole")))
    role = new_role(server, f"{name}-role", {"AWS": server.account}, Path="/team/")
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=role, Operations=["Encrypt", "DescribeKey"])
    session = client(server, "kms", assume(server, caller, role))
    session.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    only_describe = json.dumps(policy(allow("kms:DescribeKey")))
    narrow = client(server, "kms", assume(server, caller, role, Policy=only_describe))
    narrow.describe_key(KeyId=key["KeyId"])
    assert code(narrow.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "AccessDeniedException"
    forbidding = json.dumps(policy(allow("*"), deny("kms:DescribeKey")))
    denied = client(server, "kms", assume(server, caller, role, Policy=forbidding))
    assert code(denied.describe_key, KeyId=key["KeyId"]) == "AccessDeniedException"

    # One session alone.
    session_arn = f"arn:aws:sts::{server.account}:assumed-role/{name}-role/only"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=other, GranteePrincipal=session_arn, Operations=["Encrypt"])
    only = client(server, "kms", assume(server, caller, role, name="only"))
    only.encrypt(KeyId=other, Plaintext=b"x")
    assert code(session.encrypt, KeyId=other, Plaintext=b"x") == "AccessDeniedException"
    # What its policy does not allow is allowed all the same, what it denies is not.
    narrow = client(server, "kms", assume(server, caller, role, name="only", Policy=only_describe))
    narrow.encrypt(KeyId=other, Plaintext=b"x")
    forbidding = json.dumps(policy(allow("*"), deny("kms:Encrypt")))
    denied = client(server, "kms", assume(server, caller, role, name="only", Policy=forbidding))
    assert code(denied.encrypt, KeyId=other, Plaintext=b"x") == "AccessDeniedException"


def test_a_role_made_again_under_its_name_has_no_grant(server, kms, iam, key, name):
    caller = new_user(server, name, policy(allow("sts:AssumeRole")))
    role = new_role(server, f"{name}-role", {"AWS": server.account})
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=role, Operations=["Encrypt"])
    first = client(server, "kms", assume(server, caller, role))
    first.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    iam.delete_role(RoleName=f"{name}-role")
    assert new_role(server, f"{name}-role", {"AWS": server.account}) == role
    second = client(server, "kms", assume(server, caller, role))
    assert code(second.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "AccessDeniedException"
    (listed,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert listed["GranteePrincipal"].startswith("AROA")


def test_retiring(server, kms, key, name, user):
    arn, grantee = user
    retiree = new_role(server, f"{name}-retiring", {"AWS": server.account})
    caller = new_user(server, f"{name}-caller", policy(allow("sts:AssumeRole")))
    retiring = client(server, "kms", assume(server, caller, retiree))
    grant = {"KeyId": key["KeyId"], "GranteePrincipal": arn, "Operations": ["DescribeKey"]}
    made = kms.create_grant(**grant, RetiringPrincipal=retiree)
    (listed,) = kms.list_retirable_grants(RetiringPrincipal=retiree)["Grants"]
    assert listed["GrantId"] == made["GrantId"]
    assert code(grantee.retire_grant, GrantToken=made["GrantToken"]) == "AccessDeniedException"
    assert code(retiring.retire_grant, GrantToken="x") == "InvalidGrantTokenException"
    retiring.retire_grant(GrantToken=made["GrantToken"])
    assert code(grantee.describe_key, KeyId=key["KeyId"]) == "AccessDeniedException"
    assert kms.list_retirable_grants(RetiringPrincipal=retiree)["Grants"] == []

    grant["Operations"] = ["DescribeKey", "RetireGrant"]
    made = kms.create_grant(**grant)
    by_id = {"KeyId": key["Arn"], "GrantId": made["GrantId"]}
    assert code(retiring.retire_grant, **by_id) == "AccessDeniedException"
    grantee.retire_grant(**by_id)
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_pages(kms, key, user):
    arn, _ = user
    made = {
        kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn, Operations=["Encrypt"])["GrantId"]
        for _ in range(7)
    }
    pages = kms.get_paginator("list_grants").paginate(
        KeyId=key["KeyId"], PaginationConfig={"PageSize": 3}
    )
    listed = [grant["GrantId"] for page in pages for grant in page["Grants"]]
    assert sorted(listed) == sorted(made)


def test_refusals(kms, key, user):
    arn, grantee = user
    grant = {"KeyId": key["KeyId"], "GranteePrincipal": arn, "Operations": ["Encrypt"]}
    assert code(grantee.create_grant, **grant) == "AccessDeniedException"
    assert code(kms.create_grant, **grant, DryRun=True) == "DryRunOperationException"
    assert code(kms.create_grant, **(grant | {"Operations": ["Sign"]})) == "ValidationException"
    nobody = arn + "-nobody"
    assert code(kms.create_grant, **(grant | {"GranteePrincipal": nobody})) == "InvalidArnException"
    kms.disable_key(KeyId=key["KeyId"])
    assert code(kms.create_grant, **grant) == "DisabledException"
