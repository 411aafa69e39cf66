"""Terraform with the unmodified AWS provider: everything of IAM that it knows is made, read, changed in
place, taken in by name and destroyed, and no plan finds a difference."""

import json

import pytest

from harness.clients import client
from harness.identities import allow, policy
from harness.places import ROOT
from harness.server import Credentials, Server
from harness.terraform import Terraform, needs_terraform

CERTIFICATES = ROOT / "services/iam/tests/certificates"

pytestmark = needs_terraform


def test_identities(tmp_path):
    with Server("--log", "warn") as server:
        terraform = Terraform(
            server, tmp_path, "identity", prefix="tf", certificates=str(CERTIFICATES)
        )
        made = terraform.apply()
        check_read(server, made["read"])
        deployer = Credentials(made["key"], made["secret"])
        check_deployer(server, deployer, made["role"])

        terraform.set(changed="true")
        changed = terraform.apply()
        check_changed(server, made, changed["read"])
        sts = client(server, "sts", deployer)
        with pytest.raises(sts.exceptions.ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()

        iam = client(server, "iam")
        intrude(iam)
        assert terraform.changes() == {
            "aws_iam_group_membership.people": ["update"],
            "aws_iam_group_policies_exclusive.people": ["update"],
            "aws_iam_role_policies_exclusive.shared": ["update"],
            "aws_iam_role_policy_attachments_exclusive.shared": ["update"],
            "aws_iam_user_policy_attachments_exclusive.person": ["update"],
        }
        terraform.run("apply", "-input=false", "planned")
        terraform.take_in()
        terraform.destroy()
        assert iam.list_users()["Users"] == []
        assert iam.list_groups()["Groups"] == []
        assert iam.list_roles()["Roles"] == []
        assert iam.list_instance_profiles()["InstanceProfiles"] == []
        assert iam.list_policies(Scope="Local")["Policies"] == []
        assert iam.list_account_aliases()["AccountAliases"] == []
        assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []
        assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
        assert iam.list_saml_providers()["SAMLProviderList"] == []
        assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def check_read(server, read):
    """What the data sources tell of what was declared."""
    iam = client(server, "iam")
    chain = (CERTIFICATES / "chain.pem").read_text().strip()
    policy_arn = f"arn:aws:iam::{server.account}:policy/teams/tf-read-keys"
    policy_id = iam.get_policy(PolicyArn=policy_arn)["Policy"]["PolicyId"]
    assert read == {
        "alias": "tf-alias",
        "people": ["tf-person-0", "tf-person-1"],
        "profile_role": "tf-machine",
        "profiles": ["tf-machine"],
        "policy_id": policy_id,
        "policy_id_by_name": policy_id,
        "policy_tags": {"team": "red"},
        "policy_of_aws": "arn:aws:iam::aws:policy/SecurityAudit",
        "role_description": "What the program runs as.",
        "roles": ["tf-shared"],
        "user_arn": f"arn:aws:iam::{server.account}:user/programs/tf-deployer",
        "users": ["tf-person-0", "tf-person-1"],
        "issuer": f"arn:aws:iam::{server.account}:role/programs/tf-app",
        "keys": ["Active"],
        "certificate": "/cloudfront/sites/",
        "certificate_chain": chain,
        "clients": ["sts.amazonaws.com", "tests"],
        "thumbprints": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        "saml_until": "2100-01-01T00:00:00Z",
        "ssh_key": "Active",
        "decisions": {
            "kms:DescribeKey": "allowed",
            "kms:GenerateRandom": "allowed",
            "kms:ScheduleKeyDeletion": "explicitDeny",
        },
    }


def check_changed(server, made, read):
    """What the data sources tell after the change: the same things, otherwise declared."""
    assert read == made["read"] | {
        "people": ["tf-person-0", "tf-person-1", "tf-person-2-renamed"],
        "profile_role": "tf-app",
        "policy_tags": {"team": "blue", "stage": "prod"},
        "role_description": "",
        "user_arn": f"arn:aws:iam::{server.account}:user/machines/tf-deployer",
        "keys": ["Inactive"],
        "clients": ["deploys", "sts.amazonaws.com"],
        "thumbprints": ["d89e3bd43d5d909b47a18977aa9d5ce36cee184c"],
        "saml_until": "2101-01-01T00:00:00Z",
        "ssh_key": "Inactive",
        "decisions": {
            "kms:DescribeKey": "allowed",
            "kms:GenerateRandom": "explicitDeny",
            "kms:ScheduleKeyDeletion": "explicitDeny",
        },
    }


def check_deployer(server, deployer, role):
    """The access key works, within what the policies say."""
    sts = client(server, "sts", deployer)
    arn = f"arn:aws:iam::{server.account}:user/programs/tf-deployer"
    assert sts.get_caller_identity()["Arn"] == arn
    # The group's policy counts, the boundary allows it.
    client(server, "kms", deployer).generate_random(NumberOfBytes=16)
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="s1")
    session = sts.assume_role(
        RoleArn=role, RoleSessionName="s1", ExternalId="build-42", DurationSeconds=7200
    )
    assert session["AssumedRoleUser"]["Arn"].endswith(":assumed-role/tf-app/s1")


def intrude(iam):
    """Adds to everything that Terraform owns as a whole."""
    document = json.dumps(policy(allow("kms:ListKeys")))
    audit = "arn:aws:iam::aws:policy/SecurityAudit"
    iam.add_user_to_group(GroupName="tf-people", UserName="tf-deployer")
    iam.put_group_policy(GroupName="tf-people", PolicyName="more", PolicyDocument=document)
    iam.put_role_policy(RoleName="tf-shared", PolicyName="more", PolicyDocument=document)
    iam.attach_role_policy(RoleName="tf-shared", PolicyArn=audit)
    admin = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="tf-person-1", PolicyArn=admin)
