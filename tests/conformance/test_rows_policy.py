"""What policies do to keys, one function a promise, through boto3.

Keys of other accounts have their tests in `test_cross_account`.
"""

import json

import pytest

from harness.clients import client
from harness.identities import allow, deny, new_user, policy, put_policy
from harness.places import reference
from harness.sessions import new_role


def refused(call, **parameters):
    """The code of a call that must fail."""
    with pytest.raises(call.__self__.exceptions.ClientError) as failed:
        call(**parameters)
    return failed.value.response["Error"]["Code"]


def note(name, **places):
    """A document of the reference data with its placeholders filled in."""
    path = reference(f"notes/{name}")
    if path is None:
        pytest.skip("the reference data is not beside the repository")
    text = path.read_text()
    for place, value in places.items():
        text = text.replace(place, value)
    return text


def delegation(server):
    """The statement that leaves decisions to the policies of the account's identities."""
    principal = {"AWS": f"arn:aws:iam::{server.account}:root"}
    return allow("kms:*", Principal=principal, Sid="Enable IAM User Permissions")


def arn(server, name):
    return f"arn:aws:iam::{server.account}:user/{name}"


def calls(kms, key_id, blob):
    """Uses and administration of a key: by name, what they ask, and whether they use it."""
    document = kms.get_key_policy(KeyId=key_id)["Policy"]
    return {
        "describe_key": ({"KeyId": key_id}, True),
        "encrypt": ({"KeyId": key_id, "Plaintext": b"x"}, True),
        "decrypt": ({"CiphertextBlob": blob}, True),
        "generate_data_key": ({"KeyId": key_id, "KeySpec": "AES_256"}, True),
        "generate_data_key_without_plaintext": ({"KeyId": key_id, "KeySpec": "AES_256"}, True),
        "re_encrypt": ({"CiphertextBlob": blob, "DestinationKeyId": key_id}, True),
        "get_key_policy": ({"KeyId": key_id}, False),
        "update_key_description": ({"KeyId": key_id, "Description": "d"}, False),
        "tag_resource": ({"KeyId": key_id, "Tags": [{"TagKey": "a", "TagValue": "b"}]}, False),
        "untag_resource": ({"KeyId": key_id, "TagKeys": ["a"]}, False),
        "disable_key": ({"KeyId": key_id}, False),
        "enable_key": ({"KeyId": key_id}, False),
        "put_key_policy": (
            {"KeyId": key_id, "Policy": document, "BypassPolicyLockoutSafetyCheck": True},
            False,
        ),
        "schedule_key_deletion": ({"KeyId": key_id}, False),
        "cancel_key_deletion": ({"KeyId": key_id}, False),
    }


@pytest.fixture
def of_the_notes(server, kms, name):
    """A key under the statements of the notes, its user and its manager."""
    user, manager = f"{name}-KeyUser", f"{name}-KeyManager"
    places = {"111122223333": server.account}
    use = note("n0-key-user-statement.json", **places, KeyUser=user)
    manage = note("n0-key-administrators-statement.json", **places, KeyManager=manager)
    people = {name: client(server, "kms", new_user(server, name)) for name in (user, manager)}
    document = policy(delegation(server), json.loads(use), json.loads(manage))
    key = kms.create_key(Policy=json.dumps(document))["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    return key, blob, people[user], people[manager], manager


def test_pol_01_the_default_policy_leaves_decisions_to_iam(server, kms, key_id, name):
    statement = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])["Statement"]
    expected = json.loads(
        note("n0-default-key-policy-statement.json", **{"111122223333": server.account})
    )
    assert statement == [expected]
    user = client(server, "kms", new_user(server, name))
    asked = {"KeyId": key_id, "Plaintext": b"x"}
    assert refused(user.encrypt, **asked) == "AccessDeniedException"
    put_policy(server, name, policy(allow("kms:Encrypt")))
    user.encrypt(**asked)


def test_pol_02_without_delegation_iam_alone_does_not_allow(server, kms, name):
    user = client(server, "kms", new_user(server, name, policy(allow("kms:*"))))
    other = f"{name}-other"
    new_user(server, other)
    document = policy(allow("kms:*", Principal={"AWS": arn(server, other)}))
    made = kms.create_key(Policy=json.dumps(document), BypassPolicyLockoutSafetyCheck=True)
    asked = {"KeyId": made["KeyMetadata"]["KeyId"], "Plaintext": b"x"}
    assert refused(user.encrypt, **asked) == "AccessDeniedException"
    assert refused(kms.encrypt, **asked) == "AccessDeniedException"


def test_pol_03_the_key_user_uses_and_does_not_administer(kms, of_the_notes):
    key, blob, user, _, _ = of_the_notes
    for operation, (asked, is_use) in calls(kms, key, blob).items():
        if is_use:
            getattr(user, operation)(**asked)
        else:
            assert refused(getattr(user, operation), **asked) == "AccessDeniedException", operation


def test_pol_04_the_key_manager_administers_and_uses_only_what_he_grants_himself(
    server, kms, of_the_notes
):
    key, blob, _, manager, name = of_the_notes
    for operation, (asked, is_use) in calls(kms, key, blob).items():
        if is_use and operation != "describe_key":
            code = refused(getattr(manager, operation), **asked)
            assert code == "AccessDeniedException", operation
        else:
            getattr(manager, operation)(**asked)
    kms.enable_key(KeyId=key)
    # `kms:Create*` has CreateGrant among it.
    granted = {"KeyId": key, "GranteePrincipal": arn(server, name), "Operations": ["Decrypt"]}
    manager.create_grant(**granted)
    assert manager.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_pol_05_a_policy_may_not_lock_its_author_out(server, kms, key_id, name):
    other = f"{name}-other"
    new_user(server, other)
    author = client(server, "kms", new_user(server, name, policy(allow("kms:*"))))
    locking = json.dumps(policy(allow("kms:*", Principal={"AWS": arn(server, other)})))
    before = kms.get_key_policy(KeyId=key_id)["Policy"]
    put = {"KeyId": key_id, "Policy": locking}
    assert refused(author.put_key_policy, **put) == "MalformedPolicyDocumentException"
    assert refused(author.create_key, Policy=locking) == "MalformedPolicyDocumentException"
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == before
    nobody = locking.replace(other, "nobody-of-that-name")
    put["Policy"] = nobody
    code = refused(author.put_key_policy, **put, BypassPolicyLockoutSafetyCheck=True)
    assert code == "MalformedPolicyDocumentException", "principals have to exist"
    put["Policy"] = locking
    author.put_key_policy(**put, BypassPolicyLockoutSafetyCheck=True)
    assert refused(author.put_key_policy, **put) == "AccessDeniedException"


def test_pol_09_a_misspelt_statement_is_malformed(server, kms, key_id, name):
    iam = client(server, "iam")
    role = new_role(server, name, {"AWS": f"arn:aws:iam::{server.account}:root"})
    assert iam.get_role(RoleName=name)["Role"]["Arn"] == role
    statement = json.loads(note("n4-malformed-statement.json", REGION="us-east-1"))

    def put(statement):
        document = json.dumps(policy(delegation(server), statement))
        return {"KeyId": key_id, "Policy": document}

    malformed = "MalformedPolicyDocumentException"
    assert refused(kms.put_key_policy, **put(statement)) == malformed
    right = {
        "Sid": statement["Sid"],
        "Effect": statement["Effectt"],
        "Principal": {"AWS": role},
        "Action": ["kms:Decrypt", "kms:CreateGrant"],
        "Resource": "*",
        "Condition": statement["Conditio"],
    }
    # Each of its mistakes alone is one too many.
    for wrong, value in (
        ("Effectt", "Allow"),
        ("Conditio", statement["Conditio"]),
        ("Principal", statement["Principal"]),
    ):
        assert refused(kms.put_key_policy, **put(right | {wrong: value})) == malformed, wrong
    kms.put_key_policy(**put(right))


def test_pol_10_the_target_policy_suffices_for_a_copy_and_for_nothing_else(server, kms, key, name):
    document = note(
        "n0-copy-snapshot-target-policy.json",
        **{"us-west-2": "us-east-1", "TARGET_ACCOUNT_ID": server.account, "TARGET_KEY_ID": key["KeyId"]},
    )
    user = client(server, "kms", new_user(server, name, json.loads(document)))
    key_id = key["KeyId"]
    user.describe_key(KeyId=key_id)
    blob = user.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    for operation in ("generate_data_key", "generate_data_key_without_plaintext"):
        getattr(user, operation)(KeyId=key_id, KeySpec="AES_256")
    denied = "AccessDeniedException"
    assert refused(user.decrypt, CiphertextBlob=blob) == denied
    grant = {"KeyId": key_id, "GranteePrincipal": arn(server, name), "Operations": ["Encrypt"]}
    assert refused(user.create_grant, **grant) == denied
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert refused(user.encrypt, KeyId=other, Plaintext=b"x") == denied


def test_pol_11_the_policy_for_logs_is_accepted_and_kept(server, kms, key_id):
    text = note("n2-logs-key-policy.json", Your_account_ID=server.account, region="us-east-1")
    kms.put_key_policy(KeyId=key_id, Policy=text)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == text


CONDITIONS = [
    ({"StringEquals": {"kms:EncryptionContext:Dept": "IT"}}, {"Dept": "IT"}, True),
    ({"StringEquals": {"kms:EncryptionContext:Dept": "IT"}}, {"Dept": "it"}, False),
    ({"StringEquals": {"kms:EncryptionContext:Dept": "IT"}}, {}, False),
    ({"StringEqualsIgnoreCase": {"kms:EncryptionContext:Dept": "IT"}}, {"Dept": "it"}, True),
    ({"StringEqualsIfExists": {"kms:EncryptionContext:Dept": "IT"}}, {}, True),
    ({"StringNotEquals": {"kms:EncryptionContext:Dept": "HR"}}, {}, True),
    ({"StringLike": {"kms:EncryptionContext:Dept": "I?"}}, {"Dept": "IT"}, True),
    ({"StringNotLike": {"kms:EncryptionContext:Dept": "I*"}}, {"Dept": "IT"}, False),
    ({"NumericLessThan": {"kms:EncryptionContext:Level": "10"}}, {"Level": "9"}, True),
    ({"NumericLessThan": {"kms:EncryptionContext:Level": "10"}}, {"Level": "nine"}, False),
    ({"Null": {"kms:EncryptionContextKeys": "true"}}, {}, True),
    ({"Null": {"kms:EncryptionContextKeys": "true"}}, {"a": "b"}, False),
    ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a", "b"]}}, {"a": "1"}, True),
    ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a", "b"]}}, {"c": "1"}, False),
    ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a", "b"]}}, {}, True),
    ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["a"]}}, {"a": "1", "c": "1"}, True),
    ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["a"]}}, {}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, {}, False),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, False),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, {}, True),
    ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, True),
    ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, False),
    ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, {}, True),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}, {}, True),
    ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}, {}, False),
]


def test_pol_12_wildcards_negations_and_conditions_decide(server, kms, key_id, name):
    user = client(server, "kms", new_user(server, name))
    data_key = {"KeyId": key_id, "KeySpec": "AES_256"}
    put_policy(server, name, policy(allow("kms:GenerateDataKey*")))
    user.generate_data_key_without_plaintext(**data_key)
    put_policy(server, name, policy({"Effect": "Allow", "NotAction": "kms:Enc*", "Resource": "*"}))
    user.generate_data_key(**data_key)
    assert refused(user.encrypt, KeyId=key_id, Plaintext=b"x") == "AccessDeniedException"
    for condition, context, is_allowed in CONDITIONS:
        put_policy(server, name, policy(allow("kms:Encrypt", Condition=condition)))
        asked = {"KeyId": key_id, "Plaintext": b"x", "EncryptionContext": context}
        if is_allowed:
            user.encrypt(**asked)
        else:
            assert refused(user.encrypt, **asked) == "AccessDeniedException", (condition, context)
    # Everybody but one is denied, whatever allows.
    put_policy(server, name, policy(allow("kms:*")))
    but = {"AWS": [f"arn:aws:iam::{server.account}:root"]}
    denial = {**deny("kms:Encrypt"), "NotPrincipal": but}
    kms.put_key_policy(KeyId=key_id, Policy=json.dumps(policy(delegation(server), denial)))
    assert refused(user.encrypt, KeyId=key_id, Plaintext=b"x") == "AccessDeniedException"
    kms.encrypt(KeyId=key_id, Plaintext=b"x")


def test_pol_13_a_grant_gives_what_it_says_until_it_ends(server, kms, key_id, name):
    user = client(server, "kms", new_user(server, name))
    context = {"Dept": "IT"}
    wide = {"KeyId": key_id, "Plaintext": b"x", "EncryptionContext": context | {"more": "y"}}
    exact = wide | {"EncryptionContext": context}
    denied = "AccessDeniedException"
    grant = {"KeyId": key_id, "GranteePrincipal": arn(server, name), "Operations": ["Encrypt"]}
    for constraint, allowed, refusals in (
        ("EncryptionContextSubset", [wide, exact], [wide | {"EncryptionContext": {}}]),
        ("EncryptionContextEquals", [exact], [wide]),
    ):
        made = kms.create_grant(**grant, Constraints={constraint: context})
        for asked in allowed:
            user.encrypt(**asked, GrantTokens=[made["GrantToken"]])
            user.encrypt(**asked)
        for asked in refusals:
            assert refused(user.encrypt, **asked) == denied
        assert refused(user.generate_data_key, KeyId=key_id, KeySpec="AES_256") == denied
        kms.revoke_grant(KeyId=key_id, GrantId=made["GrantId"])
        assert refused(user.encrypt, **exact) == denied
    made = kms.create_grant(**grant, RetiringPrincipal=arn(server, name))
    user.encrypt(**exact)
    user.retire_grant(GrantToken=made["GrantToken"])
    assert refused(user.encrypt, **exact) == denied
    source = f"arn:aws:ec2:us-east-1:{server.account}:instance/*"
    service = {"KeyId": key_id, "GranteeServicePrincipal": "ec2.amazonaws.com"}
    service |= {"RetiringServicePrincipal": "ec2.amazonaws.com"}
    service |= {"Operations": ["Decrypt"], "Constraints": {"SourceArn": source}}
    made = kms.create_grant(**service)
    listed = {entry["GrantId"]: entry for entry in kms.list_grants(KeyId=key_id)["Grants"]}
    shown = listed[made["GrantId"]]
    assert shown["Constraints"] == {"SourceArn": source}
    assert shown["GranteeServicePrincipal"] == "ec2.amazonaws.com"
