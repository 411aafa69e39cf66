"""Temporary credentials: who gets them, what they may do, and when they end."""

import base64
import datetime
import json
import subprocess
import urllib.request

import pytest

from harness.clients import aws, client, environment
from harness.identities import allow, deny, new_user, policy, put_policy
from harness.server import Credentials, Server
from harness.sessions import assume, credentials, new_mfa, new_role, totp, trust
from harness.signed import Connection, error_code


def code(call, *arguments, **parameters):
    """The code of a call that must fail."""
    try:
        call(*arguments, **parameters)
    except call.__self__.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call succeeded")


def user_arn(server, name):
    """The ARN of a user without a path."""
    return f"arn:aws:iam::{server.account}:user/{name}"


def test_a_role_is_assumed_by_whom_it_trusts(server, name):
    trusted, other = new_user(server, name), new_user(server, f"{name}-other")
    role = new_role(server, f"{name}-role", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    session = assume(server, trusted, role, "work")
    caller = client(server, "sts", session).get_caller_identity()
    assert caller["Arn"] == f"arn:aws:sts::{server.account}:assumed-role/{name}-role/work"
    assert caller["UserId"].startswith("AROA") and caller["UserId"].endswith(":work")
    client(server, "kms", session).list_keys(Limit=1)
    assert code(client(server, "kms", session).create_key) == "AccessDeniedException"

    sts = client(server, "sts", other)
    with pytest.raises(sts.exceptions.ClientError) as refused:
        sts.assume_role(RoleArn=role, RoleSessionName="s1")
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"].startswith(
        f"User: {user_arn(server, f'{name}-other')} is not authorized to perform: sts:AssumeRole "
        f"on resource: {role}"
    )
    with pytest.raises(sts.exceptions.ClientError) as absent:
        sts.assume_role(RoleArn=f"{role}-absent", RoleSessionName="s1")
    shown = absent.value.response["Error"]["Message"].replace(f"{role}-absent", role)
    assert shown == error["Message"]


def test_the_root_user_assumes_no_role(server, name):
    role = new_role(server, name, {"AWS": server.account})
    assert code(client(server, "sts").assume_role, RoleArn=role, RoleSessionName="s1") == "AccessDenied"


def test_an_external_id_must_match(server, name):
    caller = new_user(server, name)
    document = trust({"AWS": user_arn(server, name)}, StringEquals={"sts:ExternalId": "42"})
    role = new_role(server, f"{name}-r", None, trust=document)
    sts = client(server, "sts", caller)
    for wrong in ({}, {"ExternalId": "43"}):
        assert code(sts.assume_role, RoleArn=role, RoleSessionName="s1", **wrong) == "AccessDenied"
    sts.assume_role(RoleArn=role, RoleSessionName="s1", ExternalId="42")


def test_a_session_policy_only_takes_away(server, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    narrow = json.dumps(policy(allow("kms:CreateKey", "kms:ListAliases")))
    kms = client(server, "kms", assume(server, caller, role, Policy=narrow))
    assert code(kms.list_keys) == "AccessDeniedException"
    assert code(kms.create_key) == "AccessDeniedException"
    wide = json.dumps(policy(allow("*")))
    kms = client(server, "kms", assume(server, caller, role, Policy=wide))
    kms.list_keys(Limit=1)
    assert code(kms.create_key) == "AccessDeniedException"
    arns = [{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}]
    kms = client(server, "kms", assume(server, caller, role, PolicyArns=arns))
    assert code(kms.list_keys) == "AccessDeniedException"


def test_session_tags_decide_and_pass_on(server, name):
    caller = new_user(server, name)
    actions = ["sts:AssumeRole", "sts:TagSession"]
    first = new_role(
        server, f"{name}-1", None, allow("sts:AssumeRole", "sts:TagSession"),
        trust=trust({"AWS": user_arn(server, name)}, *actions),
    )
    second = new_role(
        server, f"{name}-2", None,
        allow("kms:ListKeys", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        trust=trust({"AWS": first}, *actions),
    )
    tags = [{"Key": "team", "Value": "red"}, {"Key": "left", "Value": "behind"}]
    one = assume(server, caller, first, Tags=tags, TransitiveTagKeys=["team"])
    two = assume(server, one, second)
    client(server, "kms", two).list_keys(Limit=1)
    plain = assume(server, assume(server, caller, first), second)
    assert code(client(server, "kms", plain).list_keys) == "AccessDeniedException"
    sts = client(server, "sts", one)
    again = {"RoleArn": second, "RoleSessionName": "s1", "Tags": [{"Key": "Team", "Value": "blue"}]}
    assert code(sts.assume_role, **again) == "InvalidParameterValue"
    long = {"RoleArn": second, "RoleSessionName": "s1", "DurationSeconds": 7200}
    assert code(sts.assume_role, **long) == "ValidationError"


def test_durations_have_limits(server, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, MaxSessionDuration=7200)
    sts = client(server, "sts", caller)
    for seconds in (7201, 43200):
        wrong = {"RoleArn": role, "RoleSessionName": "s1", "DurationSeconds": seconds}
        assert code(sts.assume_role, **wrong) == "ValidationError"
    sts.assume_role(RoleArn=role, RoleSessionName="s1", DurationSeconds=7200)


def test_sec_s8_a_token_is_good_for_its_own_key_alone(server, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    one, two = (assume(server, caller, role, f"s{number}") for number in (1, 2))
    raw = base64.b64decode(one.token)
    wrong = [None, two.token, one.token[:-4], "A" + one.token[1:], one.token + "AAAA"]
    for index in range(0, len(raw), 37):
        flipped = bytearray(raw)
        flipped[index] ^= 4
        wrong.append(base64.b64encode(flipped).decode())
    for token in wrong:
        stranger = Credentials(one.access_key, one.secret_key, token)
        assert code(client(server, "kms", stranger).list_keys) == "UnrecognizedClientException"
    keeper = Credentials(caller.access_key, caller.secret_key, one.token)
    assert code(client(server, "kms", keeper).list_keys) == "UnrecognizedClientException"
    mixed = Credentials(one.access_key, two.secret_key, one.token)
    assert code(client(server, "kms", mixed).list_keys) == "InvalidSignatureException"
    client(server, "kms", one).list_keys(Limit=1)


def test_sec_i5_a_role_that_was_made_again_has_no_old_sessions(server, iam, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    session = assume(server, caller, role)
    iam.delete_role_policy(RoleName=f"{name}-r", PolicyName="test")
    assert code(client(server, "kms", session).list_keys) == "AccessDeniedException"
    iam.delete_role(RoleName=f"{name}-r")
    assert code(client(server, "kms", session).list_keys) == "UnrecognizedClientException"
    new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    assert code(client(server, "kms", session).list_keys) == "UnrecognizedClientException"
    client(server, "kms", assume(server, caller, role)).list_keys(Limit=1)


def test_sec_i5_a_user_that_was_made_again_is_not_trusted(server, iam, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)})
    assume(server, caller, role)
    iam.delete_access_key(UserName=name, AccessKeyId=caller.access_key)
    iam.delete_user(UserName=name)
    again = new_user(server, name)
    call = client(server, "sts", again).assume_role
    assert code(call, RoleArn=role, RoleSessionName="s1") == "AccessDenied"
    shown = iam.get_role(RoleName=f"{name}-r")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"].startswith("AIDA")


def test_sessions_expire():
    with Server("--dev", "--auth", "enforce") as server:
        caller = new_user(server, "alice")
        role = new_role(server, "app", {"AWS": user_arn(server, "alice")}, allow("kms:ListKeys"))
        session = assume(server, caller, role, DurationSeconds=900)
        advance(server, 890)
        assert call_ahead(server, session, 890)[0] == 200
        advance(server, 20)
        status, answer = call_ahead(server, session, 910)
        assert (status, error_code(answer)) == (400, "ExpiredTokenException")


def advance(server, seconds):
    """Moves the server's clock."""
    body = json.dumps({"advance_seconds": seconds}).encode()
    urllib.request.urlopen(f"{server.endpoint}/_strongroom/dev/clock", data=body).close()


def call_ahead(server, session, seconds):
    """Status and answer of a call by a client whose clock is ahead."""
    connection = Connection(server, session, ahead=datetime.timedelta(seconds=seconds))
    status, _, answer = connection.call("ListKeys")
    return status, answer


def test_a_second_factor_opens_what_asks_for_it(server, name):
    put = allow("kms:ListKeys", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    caller = new_user(server, name, policy(put))
    serial, seed = new_mfa(server, name)
    sts = client(server, "sts", caller)
    assert code(client(server, "kms", caller).list_keys) == "AccessDeniedException"
    without = credentials(sts.get_session_token())
    assert code(client(server, "kms", without).list_keys) == "AccessDeniedException"
    wrong = {"SerialNumber": serial, "TokenCode": "000000" if totp(seed) != "000000" else "000001"}
    assert code(sts.get_session_token, **wrong) == "AccessDenied"
    right = {"SerialNumber": serial, "TokenCode": totp(seed, step=1)}
    session = credentials(sts.get_session_token(**right))
    client(server, "kms", session).list_keys(Limit=1)
    # A code counts once.
    assert code(sts.get_session_token, **right) == "AccessDenied"


def test_a_session_without_second_factor_cannot_call_iam(server, name):
    caller = new_user(server, name, policy(allow("iam:*", "sts:*")))
    session = credentials(client(server, "sts", caller).get_session_token())
    client(server, "iam", caller).list_users(MaxItems=1)
    # AWS calls it the token's fault, not a lack of permission.
    assert code(client(server, "iam", session).list_users) == "InvalidClientTokenId"
    sts = client(server, "sts", session)
    sts.get_caller_identity()
    assert code(sts.get_federation_token, Name="xx") in {"AccessDenied", "InvalidClientTokenId"}


def test_federated_users_are_limited_to_what_is_passed(server, name):
    caller = new_user(server, name, policy(allow("kms:ListKeys", "sts:GetFederationToken")))
    sts = client(server, "sts", caller)
    bare = credentials(sts.get_federation_token(Name="bob"))
    assert code(client(server, "kms", bare).list_keys) == "AccessDeniedException"
    answer = sts.get_federation_token(Name="bob", Policy=json.dumps(policy(allow("kms:*"))))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{server.account}:federated-user/bob"
    session = credentials(answer)
    client(server, "kms", session).list_keys(Limit=1)
    assert code(client(server, "kms", session).create_key) == "AccessDeniedException"
    assert code(client(server, "iam", session).list_users) == "InvalidClientTokenId"


def test_a_boundary_holds_sessions_too(server, iam, name):
    caller = new_user(server, name)
    ceiling = iam.create_policy(
        PolicyName=name, PolicyDocument=json.dumps(policy(allow("kms:ListAliases")))
    )["Policy"]["Arn"]
    role = new_role(
        server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:*"),
        PermissionsBoundary=ceiling,
    )
    kms = client(server, "kms", assume(server, caller, role))
    kms.list_aliases(Limit=1)
    with pytest.raises(kms.exceptions.ClientError, match="no permissions boundary allows"):
        kms.list_keys()


def test_the_cli_assumes_a_role_by_its_profile(server, name, tmp_path):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, deny("kms:*"))
    config = tmp_path / "config"
    config.write_text(
        f"[profile app]\nrole_arn = {role}\nsource_profile = base\nregion = us-east-1\n"
        f"[profile base]\naws_access_key_id = {caller.access_key}\n"
        f"aws_secret_access_key = {caller.secret_key}\n"
    )
    settings = environment(server) | {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "app"}
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        settings.pop(variable)
    done = subprocess.run(
        ["aws", "--output", "json", "sts", "get-caller-identity"],
        env=settings, capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert f":assumed-role/{name}-r/" in json.loads(done.stdout)["Arn"]


def test_a_regional_endpoint_issues_what_works_everywhere(server, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)}, allow("kms:ListKeys"))
    sts = client(server, "sts", caller, region="eu-west-2")
    session = credentials(sts.assume_role(RoleArn=role, RoleSessionName="s1"))
    client(server, "kms", session, region="ap-southeast-2").list_keys(Limit=1)


def test_changes_count_with_the_next_call(server, iam, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)})
    kms = client(server, "kms", assume(server, caller, role))
    document = json.dumps(policy(allow("kms:ListKeys")))
    arn = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    for _ in range(20):
        iam.attach_role_policy(RoleName=f"{name}-r", PolicyArn=arn)
        kms.list_keys(Limit=1)
        iam.detach_role_policy(RoleName=f"{name}-r", PolicyArn=arn)
        assert code(kms.list_keys) == "AccessDeniedException"


def test_groups_give_to_their_users(server, iam, name):
    caller = new_user(server, name)
    kms = client(server, "kms", caller)
    iam.create_group(GroupName=name)
    document = json.dumps(policy(allow("kms:ListKeys")))
    iam.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=document)
    assert code(kms.list_keys) == "AccessDeniedException"
    iam.add_user_to_group(GroupName=name, UserName=name)
    kms.list_keys(Limit=1)
    iam.remove_user_from_group(GroupName=name, UserName=name)
    assert code(kms.list_keys) == "AccessDeniedException"


def test_a_source_identity_stays_with_the_session(server, name):
    caller = new_user(server, name)
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    named = allow("kms:ListKeys", Condition={"StringEquals": {"aws:SourceIdentity": "alice"}})
    role = new_role(
        server, f"{name}-r", None, named,
        trust=trust({"AWS": user_arn(server, name)}, *actions),
    )
    session = assume(server, caller, role, SourceIdentity="alice")
    client(server, "kms", session).list_keys(Limit=1)
    other = assume(server, caller, role, SourceIdentity="bob")
    assert code(client(server, "kms", other).list_keys) == "AccessDeniedException"


def test_the_cli_sees_sessions(server, name):
    caller = new_user(server, name)
    role = new_role(server, f"{name}-r", {"AWS": user_arn(server, name)})
    made = aws(
        server, "sts", "assume-role", "--role-arn", role, "--role-session-name", "cli",
        credentials=caller,
    )
    session = credentials(made)
    assert aws(server, "sts", "get-caller-identity", credentials=session)["Arn"].endswith("/cli")
    put_policy(server, name, policy(allow("sts:GetAccessKeyInfo")))
    info = aws(
        server, "sts", "get-access-key-info", "--access-key-id", caller.access_key,
        credentials=caller,
    )
    assert info["Account"] == server.account
