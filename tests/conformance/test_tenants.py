"""Accounts on one server do not see each other: what belongs to another account, and what does not
exist, answer alike, in every field that can name something."""

import json

import pytest

from harness.clients import client
from harness.identities import allow, policy
from harness.server import Credentials, Server
from harness.sessions import credentials, trust


class Tenant:
    """An account of the organization, entered as its administrator."""

    def __init__(self, server, admin, number):
        organizations = client(server, "organizations", admin)
        status = organizations.create_account(
            AccountName=f"tenant-{number}", Email=f"tenant-{number}@example.com"
        )["CreateAccountStatus"]
        done = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
        self.account = done["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{self.account}:role/OrganizationAccountAccessRole"
        sts = client(server, "sts", admin)
        self.key = credentials(sts.assume_role(RoleArn=role, RoleSessionName="admin"))
        self.server = server

    def client(self, service):
        """boto3 as the administrator of the account."""
        return client(self.server, service, self.key)


@pytest.fixture(scope="module")
def tenants():
    """Two accounts, the second one with one of everything."""
    with Server("--log", "warn") as server:
        root = client(server, "iam")
        root.create_user(UserName="admin")
        root.attach_user_policy(
            UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
        made = root.create_access_key(UserName="admin")["AccessKey"]
        admin = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
        client(server, "organizations").create_organization(FeatureSet="ALL")
        one, two = Tenant(server, admin, 1), Tenant(server, admin, 2)
        furnish(two)
        yield one, two


def furnish(tenant):
    """Makes one of everything under known names."""
    iam, kms = tenant.client("iam"), tenant.client("kms")
    everything = json.dumps(policy(allow("kms:*")))
    iam.create_user(UserName="alice", Path="/a/")
    tenant.access_key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.create_group(GroupName="team")
    trusts = trust({"AWS": f"arn:aws:iam::{tenant.account}:root"})
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trusts)
    iam.create_policy(PolicyName="all", PolicyDocument=everything)
    iam.create_instance_profile(InstanceProfileName="app")
    key = kms.create_key()["KeyMetadata"]
    tenant.key_arn, tenant.key_id = key["Arn"], key["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=tenant.key_id)
    tenant.blob = kms.encrypt(KeyId=tenant.key_id, Plaintext=b"x")["CiphertextBlob"]


def answer(call, **parameters):
    """Code and text of an answer; None where it succeeded."""
    try:
        call(**parameters)
    except call.__self__.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return None


# Service, operation, the parameter that names, what it names, what else the call needs.
NAMES = [
    ("iam", "get_user", "UserName", "alice", "nobody", {}),
    ("iam", "delete_user", "UserName", "alice", "nobody", {}),
    ("iam", "list_access_keys", "UserName", "alice", "nobody", {}),
    ("iam", "get_group", "GroupName", "team", "none", {}),
    ("iam", "delete_group", "GroupName", "team", "none", {}),
    ("iam", "get_role", "RoleName", "app", "nil", {}),
    ("iam", "delete_role", "RoleName", "app", "nil", {}),
    ("iam", "list_role_policies", "RoleName", "app", "nil", {}),
    ("iam", "get_instance_profile", "InstanceProfileName", "app", "nil", {}),
    ("kms", "describe_key", "KeyId", "alias/app", "alias/nil", {}),
]


@pytest.mark.parametrize(("service", "operation", "member", "name", "absent", "more"), NAMES)
def test_names_of_another_account_name_nothing(tenants, service, operation, member, name, absent, more):
    one, _ = tenants
    call = getattr(one.client(service), operation)
    code, text = answer(call, **{member: name}, **more)
    other_code, other_text = answer(call, **{member: absent}, **more)
    assert (code, text.replace(name, "*")) == (other_code, other_text.replace(absent, "*"))


def arns(tenants):
    """Service, operation, member, an ARN of the other tenant, one that does not exist."""
    one, two = tenants
    there = f"arn:aws:iam::{two.account}"
    key_absent = two.key_arn.replace(two.key_id, "00000000-0000-4000-8000-000000000000")
    alias = f"arn:aws:kms:us-east-1:{two.account}:alias"
    user = {"UserName": "probe"}
    role = {"RoleSessionName": "s1"}
    return [
        ("iam", "get_policy", "PolicyArn", f"{there}:policy/all", f"{there}:policy/nil", {}),
        ("iam", "list_policy_versions", "PolicyArn", f"{there}:policy/all", f"{there}:policy/nil", {}),
        ("iam", "delete_policy", "PolicyArn", f"{there}:policy/all", f"{there}:policy/nil", {}),
        ("iam", "attach_user_policy", "PolicyArn", f"{there}:policy/all", f"{there}:policy/nil", user),
        ("iam", "put_user_permissions_boundary", "PermissionsBoundary", f"{there}:policy/all", f"{there}:policy/nil", user),
        ("iam", "list_entities_for_policy", "PolicyArn", f"{there}:policy/all", f"{there}:policy/nil", {}),
        ("iam", "simulate_principal_policy", "PolicySourceArn", f"{there}:user/a/alice", f"{there}:user/nil", {"ActionNames": ["kms:Encrypt"]}),
        ("iam", "get_context_keys_for_principal_policy", "PolicySourceArn", f"{there}:user/a/alice", f"{there}:user/nil", {}),
        ("iam", "generate_service_last_accessed_details", "Arn", f"{there}:user/a/alice", f"{there}:user/nil", {}),
        ("sts", "assume_role", "RoleArn", f"{there}:role/app", f"{there}:role/nil", role),
        ("kms", "describe_key", "KeyId", two.key_arn, key_absent, {}),
        ("kms", "encrypt", "KeyId", two.key_arn, key_absent, {"Plaintext": b"x"}),
        ("kms", "disable_key", "KeyId", two.key_arn, key_absent, {}),
        ("kms", "get_key_policy", "KeyId", two.key_arn, key_absent, {}),
        ("kms", "generate_data_key", "KeyId", f"{alias}/app", f"{alias}/nil", {"KeySpec": "AES_256"}),
    ]


def test_sec_i13_arns_of_another_account_name_nothing(tenants):
    one, _ = tenants
    if answer(one.client("iam").create_user, UserName="probe") not in (None,):
        raise AssertionError("the probe exists already")
    for service, operation, member, arn, absent, more in arns(tenants):
        call = getattr(one.client(service), operation)
        found, missing = answer(call, **{member: arn}, **more), answer(call, **{member: absent}, **more)
        assert found and missing, f"{operation}: {found} {missing}"
        shown = (found[0], found[1].replace(arn, "*"))
        assert shown == (missing[0], missing[1].replace(absent, "*")), operation


def test_sec_i13_access_keys_and_ciphertexts_of_another_account(tenants):
    one, two = tenants
    iam, kms = one.client("iam"), one.client("kms")
    keys = (two.access_key, "AKIAAAAAAAAAAAAAAAAA")
    for operation in (iam.update_access_key, iam.delete_access_key):
        more = {"Status": "Inactive"} if operation == iam.update_access_key else {}
        answers = [answer(operation, UserName="nobody", AccessKeyId=key, **more) for key in keys]
        assert answers[0] == answers[1]
    assert answer(kms.decrypt, CiphertextBlob=two.blob)[0] == "AccessDeniedException"


def test_sec_i13_lists_show_what_is_ones_own(tenants):
    one, two = tenants
    iam, kms = one.client("iam"), one.client("kms")
    shown = json.dumps(
        [
            iam.list_users(), iam.list_groups(), iam.list_roles(), iam.list_instance_profiles(),
            iam.list_policies(Scope="Local"), iam.get_account_authorization_details(),
            iam.get_account_summary(), kms.list_keys(), kms.list_aliases(),
        ],
        default=str,
    )
    assert two.account not in shown
    assert two.key_id not in shown
    assert iam.get_account_summary()["SummaryMap"]["Users"] <= 1


def test_a_closed_account_is_over(tenants):
    one, two = tenants
    organizations = client(one.server, "organizations")
    organizations.close_account(AccountId=two.account)
    code, _ = answer(two.client("sts").get_caller_identity)
    assert code == "InvalidClientTokenId"
    with pytest.raises(organizations.exceptions.ClientError):
        one.client("kms").decrypt(CiphertextBlob=two.blob)


CONFUSABLES = ["adm\u0456n", "admin\u200b", "\uff41dmin", "admin\u0000", "../admin", "admin/../x", "%2e%2e", "a b", " admin", "admin\n"]


@pytest.mark.parametrize("confusable", CONFUSABLES)
def test_sec_i4_names_have_one_spelling(tenants, confusable):
    one, _ = tenants
    iam = one.client("iam")
    document = trust({"AWS": one.account})
    for call, member, more in (
        (iam.create_user, "UserName", {}),
        (iam.create_group, "GroupName", {}),
        (iam.create_role, "RoleName", {"AssumeRolePolicyDocument": document}),
        (iam.create_policy, "PolicyName", {"PolicyDocument": json.dumps(policy(allow("kms:*")))}),
        (iam.create_instance_profile, "InstanceProfileName", {}),
    ):
        code, _ = answer(call, **{member: confusable}, **more)
        assert code in {"ValidationError", "InvalidInput"}, confusable


def test_names_do_not_distinguish_case(tenants):
    one, _ = tenants
    iam = one.client("iam")
    iam.create_role(RoleName="Mixed", AssumeRolePolicyDocument=trust({"AWS": one.account}))
    code, _ = answer(iam.create_role, RoleName="mIXED", AssumeRolePolicyDocument=trust({"AWS": one.account}))
    assert code == "EntityAlreadyExists"
    assert iam.get_role(RoleName="MIXED")["Role"]["RoleName"] == "Mixed"
