"""Nothing is allowed that no policy allows, and changes count from the next call on."""

from harness.clients import client
from harness.identities import allow, deny, new_user, policy, put_policy

BY_NOBODY = "because no identity-based policy allows the {} action"


def refusal(call, *arguments, **parameters):
    """Code and message of a call that must fail."""
    try:
        call(*arguments, **parameters)
    except call.__self__.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call succeeded")


def test_kms_says_access_denied_as_aws_does_until_a_policy_allows(server, key, name):
    user = new_user(server, name)
    kms = client(server, "kms", user)
    code, message = refusal(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    arn = f"arn:aws:iam::{server.account}:user/{name}"
    assert code == "AccessDeniedException"
    assert message == (
        f"User: {arn} is not authorized to perform: kms:Encrypt on resource: {key['Arn']} "
        + BY_NOBODY.format("kms:Encrypt")
    )
    put_policy(server, name, policy(allow("kms:Encrypt", resource=key["Arn"])))
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["KeyId"] == key["Arn"]
    assert refusal(kms.describe_key, KeyId=key["KeyId"])[0] == "AccessDeniedException"
    put_policy(server, name, policy(allow("kms:*"), deny("kms:Encrypt")))
    code, message = refusal(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert code == "AccessDeniedException"
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_iam_says_access_denied_as_aws_does_until_a_policy_allows(server, name):
    user = new_user(server, name)
    iam = client(server, "iam", user)
    code, message = refusal(iam.list_users)
    assert code == "AccessDenied"
    assert message == (
        f"User: arn:aws:iam::{server.account}:user/{name} is not authorized to perform: "
        f"iam:ListUsers on resource: arn:aws:iam::{server.account}:user/ "
        + BY_NOBODY.format("iam:ListUsers")
    )
    put_policy(server, name, policy(allow("iam:ListUsers")))
    assert name in {listed["UserName"] for listed in iam.list_users(MaxItems=1000)["Users"]}


def test_a_user_may_always_ask_who_it_is(server, name):
    user = new_user(server, name, policy(deny("*")))
    assert client(server, "sts", user).get_caller_identity()["Account"] == server.account


def test_an_inactive_or_deleted_access_key_is_refused_at_once(server, iam, name):
    user = new_user(server, name, policy(allow("kms:*")))
    kms = client(server, "kms", user)
    kms.list_keys(Limit=1)
    states = {"Inactive": False, "Active": True}
    for status, works in [*states.items()] * 2:
        iam.update_access_key(UserName=name, AccessKeyId=user.access_key, Status=status)
        if works:
            kms.list_keys(Limit=1)
        else:
            assert refusal(kms.list_keys, Limit=1)[0] == "UnrecognizedClientException"
    iam.delete_access_key(UserName=name, AccessKeyId=user.access_key)
    assert refusal(kms.list_keys, Limit=1)[0] == "UnrecognizedClientException"
    code, _ = refusal(client(server, "iam", user).list_users)
    assert code == "InvalidClientTokenId"


def test_a_policy_variable_stands_for_the_callers_name(server, iam, name):
    own = f"arn:aws:iam::{server.account}:user/${{aws:username}}"
    user = new_user(server, name, policy(allow("iam:GetUser", resource=own)))
    as_user = client(server, "iam", user)
    assert as_user.get_user()["User"]["UserName"] == name
    iam.create_user(UserName=f"{name}-other")
    assert refusal(as_user.get_user, UserName=f"{name}-other")[0] == "AccessDenied"


def test_an_absent_user_looks_like_one_that_may_not_be_seen(server, iam, name):
    user = client(server, "iam", new_user(server, name))
    iam.create_user(UserName=f"{name}-present")
    present = refusal(user.get_user, UserName=f"{name}-present")
    absent = refusal(user.get_user, UserName=f"{name}-absent")
    assert present[0] == absent[0] == "AccessDenied"
    assert present[1].replace("-present", "") == absent[1].replace("-absent", "")


def test_a_condition_on_the_encryption_context_holds(server, key_id, name):
    condition = {"StringEquals": {"kms:EncryptionContext:team": "blue"}}
    user = new_user(server, name, policy(allow("kms:Encrypt", Condition=condition)))
    kms = client(server, "kms", user)
    kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"team": "blue"})
    # The name in the condition key is not case-sensitive, the value is.
    kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"Team": "blue"})
    for context in ({"team": "red"}, {"team": "Blue"}, {"teams": "blue"}, {}):
        code, _ = refusal(kms.encrypt, KeyId=key_id, Plaintext=b"x", EncryptionContext=context)
        assert code == "AccessDeniedException"


def test_no_header_sets_a_condition_key(server, key_id, name):
    service = "s3.us-east-1.amazonaws.com"
    condition = {"StringEquals": {"kms:ViaService": service}}
    user = new_user(server, name, policy(allow("kms:DescribeKey", Condition=condition)))
    kms = client(server, "kms", user)
    spoofed = ["kms-viaservice", "kms-via-service", "x-amz-via-service", "x-amz-kms-viaservice"]

    def spoof(request, **_):
        for header in [*spoofed, "viaservice", "x-amz-calledvia", "aws-calledvia"]:
            request.headers[header] = service

    kms.meta.events.register("before-sign.kms", spoof)
    assert refusal(kms.describe_key, KeyId=key_id)[0] == "AccessDeniedException"
