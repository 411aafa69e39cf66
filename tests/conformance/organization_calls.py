"""Every operation of Organizations that is built, called through boto3 in an order in which it
succeeds, with those of IAM and STS that need an organization."""

import json

from conformance.identity_calls import DOCUMENT, TAGS
from harness.identities import allow, policy
from harness.sessions import credentials


def organization(recorder, admin):
    """An organization from its beginning to its end."""
    top = recorder.client("organizations", admin)
    top.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    top.enable_all_features()
    wanted = {"ActionType": "APPROVE_ALL_FEATURES"}
    [approval] = top.list_handshakes_for_organization(Filter=wanted)["Handshakes"]
    top.accept_handshake(HandshakeId=approval["Id"])
    top.describe_organization()
    [root] = top.list_roots()["Roots"]
    member_id = new_account(top, "member")
    member = entered(recorder, admin, member_id)
    units(top, root["Id"], member_id)
    control_policies(top, root["Id"], member_id)
    recorder.client("kms", member).list_keys(Limit=1)
    access_report(recorder.client("iam", admin), root["Arn"])
    delegation(recorder, admin, member, member_id)
    invitations(recorder, top, member, member_id)
    closed = new_account(top, "closed")
    top.close_account(AccountId=closed)
    top.list_accounts()


def access_report(iam, root_arn):
    """A report on who used what in the organization."""
    path = root_arn.partition(":root/")[2]
    job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
    report = iam.get_organizations_access_report(JobId=job, MaxItems=1000)
    assert report["JobStatus"] == "COMPLETED"


def new_account(top, name):
    """Makes a member account; its number."""
    made = top.create_account(AccountName=name, Email=f"{name}@example.com", Tags=TAGS)
    request = made["CreateAccountStatus"]["Id"]
    done = top.describe_create_account_status(CreateAccountRequestId=request)
    top.list_create_account_status()
    return done["CreateAccountStatus"]["AccountId"]


def entered(recorder, admin, number):
    """A session in a member account."""
    role = f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole"
    sts = recorder.client("sts", admin)
    return credentials(sts.assume_role(RoleArn=role, RoleSessionName="s1"))


def units(top, root, member):
    """Units, and the accounts in them."""
    unit = top.create_organizational_unit(ParentId=root, Name="one", Tags=TAGS)
    unit = unit["OrganizationalUnit"]["Id"]
    top.update_organizational_unit(OrganizationalUnitId=unit, Name="two")
    top.describe_organizational_unit(OrganizationalUnitId=unit)
    top.list_organizational_units_for_parent(ParentId=root)
    top.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    top.list_accounts_for_parent(ParentId=unit)
    top.list_children(ParentId=root, ChildType="ORGANIZATIONAL_UNIT")
    top.list_parents(ChildId=member)
    top.describe_account(AccountId=member)
    top.tag_resource(ResourceId=unit, Tags=TAGS)
    top.list_tags_for_resource(ResourceId=unit)
    top.untag_resource(ResourceId=unit, TagKeys=["team"])
    top.move_account(AccountId=member, SourceParentId=unit, DestinationParentId=root)
    top.delete_organizational_unit(OrganizationalUnitId=unit)


def control_policies(top, root, member):
    """Policies of an organization."""
    for kind in ("SERVICE_CONTROL_POLICY", "TAG_POLICY"):
        top.enable_policy_type(RootId=root, PolicyType=kind)
    top.list_roots()
    top.describe_organization()
    made = top.create_policy(
        Name="keys", Description="d", Type="SERVICE_CONTROL_POLICY", Content=DOCUMENT
    )
    one = {"PolicyId": made["Policy"]["PolicySummary"]["Id"]}
    top.attach_policy(**one, TargetId=member)
    top.describe_policy(**one)
    top.list_policies(Filter="SERVICE_CONTROL_POLICY")
    top.list_policies_for_target(TargetId=member, Filter="SERVICE_CONTROL_POLICY")
    top.list_targets_for_policy(**one)
    top.update_policy(**one, Name="few", Description="e", Content=DOCUMENT)
    top.detach_policy(**one, TargetId=member)
    top.delete_policy(**one)
    content = json.dumps({"tags": {"team": {"tag_key": {"@@assign": "team"}}}})
    made = top.create_policy(Name="tags", Description="", Type="TAG_POLICY", Content=content)
    top.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=member)
    top.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=member)
    top.disable_policy_type(RootId=root, PolicyType="TAG_POLICY")


def delegation(recorder, admin, member, member_id):
    """What the organization lends to its members and to services."""
    top, iam = recorder.client("organizations", admin), recorder.client("iam", admin)
    service = "iam.amazonaws.com"
    top.enable_aws_service_access(ServicePrincipal=service)
    top.list_aws_service_access_for_organization()
    top.register_delegated_administrator(AccountId=member_id, ServicePrincipal=service)
    top.list_delegated_administrators()
    top.list_delegated_services_for_account(AccountId=member_id)
    iam.enable_organizations_root_sessions()
    iam.enable_organizations_root_credentials_management()
    iam.list_organizations_features()
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    recorder.client("sts", admin).assume_root(TargetPrincipal=member_id, TaskPolicyArn=task)
    iam.disable_organizations_root_sessions()
    iam.disable_organizations_root_credentials_management()
    top.deregister_delegated_administrator(AccountId=member_id, ServicePrincipal=service)
    top.disable_aws_service_access(ServicePrincipal=service)
    statement = allow("organizations:List*")
    statement["Principal"] = {"AWS": f"arn:aws:iam::{member_id}:root"}
    top.put_resource_policy(Content=json.dumps(policy(statement)), Tags=TAGS)
    top.describe_resource_policy()
    top.delete_resource_policy()


def invitations(recorder, top, member, member_id):
    """An account leaves, is invited again, declines, joins, is removed, and has one of its own."""
    below = recorder.client("organizations", member)
    below.leave_organization()
    target = {"Target": {"Type": "ACCOUNT", "Id": member_id}, "Notes": "please"}
    for answer in (top.cancel_handshake, below.decline_handshake, below.accept_handshake):
        made = top.invite_account_to_organization(**target)["Handshake"]["Id"]
        below.describe_handshake(HandshakeId=made)
        below.list_handshakes_for_account()
        top.list_handshakes_for_organization()
        answer(HandshakeId=made)
    top.list_accounts()
    top.remove_account_from_organization(AccountId=member_id)
    below.create_organization(FeatureSet="ALL")
    below.delete_organization()
