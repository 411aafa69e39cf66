"""Every operation of IAM and STS that is built, called through boto3 in an order in which it
succeeds."""

import json
import re
import time

from harness.identities import allow, policy
from harness.places import ROOT
from harness.server import Credentials
from harness.sessions import credentials, totp, trust

DOCUMENT = json.dumps(policy(allow("kms:ListKeys")))
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
TAGS = [{"Key": "team", "Value": "red"}]
PASSWORD = "Correct-horse-1-battery"


def certificate(name):
    """A text to upload."""
    return (ROOT / "services/iam/tests/certificates" / name).read_text()


def administrator(iam):
    """Makes a user who may do everything."""
    iam.create_user(UserName="admin")
    iam.attach_user_policy(UserName="admin", PolicyArn=EVERYTHING)
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def named_account(server):
    """The root user of an account with a name and an address, which the first one does not have."""
    made = server.command(
        "account", "create", "--name", "top", "--email", "top@example.com",
        "--listen", f"127.0.0.1:{server.port}",
        environment={
            "AWS_ACCESS_KEY_ID": server.root.access_key,
            "AWS_SECRET_ACCESS_KEY": server.root.secret_key,
        },
    )
    assert made.returncode == 0, made.stderr
    key = dict(re.findall(r"export (\w+)=(\S+)", made.stdout))
    return Credentials(key["AWS_ACCESS_KEY_ID"], key["AWS_SECRET_ACCESS_KEY"])


def users(iam, _):
    """Users with policies, keys, boundaries and passwords."""
    iam.create_user(UserName="bob", Path="/a/", PermissionsBoundary=EVERYTHING, Tags=TAGS)
    iam.tag_user(UserName="bob", Tags=TAGS)
    iam.list_user_tags(UserName="bob")
    iam.put_user_policy(UserName="bob", PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.get_user_policy(UserName="bob", PolicyName="inline")
    iam.list_user_policies(UserName="bob")
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=EVERYTHING)
    iam.attach_user_policy(UserName="bob", PolicyArn=AUDIT)
    iam.list_attached_user_policies(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    iam.list_access_keys(UserName="bob")
    iam.get_access_key_last_used(AccessKeyId=key)
    iam.update_access_key(UserName="bob", AccessKeyId=key, Status="Inactive")
    iam.create_login_profile(UserName="bob", Password=PASSWORD, PasswordResetRequired=True)
    iam.get_login_profile(UserName="bob")
    iam.update_login_profile(UserName="bob", Password=f"{PASSWORD}2")
    iam.get_user(UserName="bob")
    iam.list_users()
    iam.delete_login_profile(UserName="bob")
    iam.delete_access_key(UserName="bob", AccessKeyId=key)
    iam.detach_user_policy(UserName="bob", PolicyArn=AUDIT)
    iam.delete_user_permissions_boundary(UserName="bob")
    iam.delete_user_policy(UserName="bob", PolicyName="inline")
    iam.untag_user(UserName="bob", TagKeys=["team"])
    iam.update_user(UserName="bob", NewUserName="robert", NewPath="/b/")
    iam.delete_user(UserName="robert")


def groups(iam, _):
    """Groups with members and policies."""
    iam.create_group(GroupName="team", Path="/a/")
    iam.add_user_to_group(GroupName="team", UserName="admin")
    iam.put_group_policy(GroupName="team", PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.get_group_policy(GroupName="team", PolicyName="inline")
    iam.list_group_policies(GroupName="team")
    iam.attach_group_policy(GroupName="team", PolicyArn=AUDIT)
    iam.list_attached_group_policies(GroupName="team")
    iam.get_group(GroupName="team")
    iam.list_groups()
    iam.list_groups_for_user(UserName="admin")
    iam.get_account_authorization_details()
    iam.detach_group_policy(GroupName="team", PolicyArn=AUDIT)
    iam.delete_group_policy(GroupName="team", PolicyName="inline")
    iam.remove_user_from_group(GroupName="team", UserName="admin")
    iam.update_group(GroupName="team", NewGroupName="crew", NewPath="/b/")
    iam.delete_group(GroupName="crew")


def roles(iam, recorder):
    """Roles, instance profiles, and a role that a service owns."""
    trusting = trust({"AWS": f"arn:aws:iam::{recorder.server.account}:root"})
    iam.create_role(
        RoleName="app", Path="/a/", AssumeRolePolicyDocument=trusting, Description="a role",
        MaxSessionDuration=7200, PermissionsBoundary=EVERYTHING, Tags=TAGS,
    )
    iam.tag_role(RoleName="app", Tags=TAGS)
    iam.list_role_tags(RoleName="app")
    iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.get_role_policy(RoleName="app", PolicyName="inline")
    iam.list_role_policies(RoleName="app")
    iam.attach_role_policy(RoleName="app", PolicyArn=AUDIT)
    iam.list_attached_role_policies(RoleName="app")
    iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=EVERYTHING)
    iam.update_assume_role_policy(RoleName="app", PolicyDocument=trusting)
    iam.update_role(RoleName="app", Description="a program", MaxSessionDuration=3600)
    iam.update_role_description(RoleName="app", Description="a machine")
    admin = iam.create_access_key(UserName="admin")["AccessKey"]
    key = Credentials(admin["AccessKeyId"], admin["SecretAccessKey"])
    arn = iam.get_role(RoleName="app")["Role"]["Arn"]
    assumed = {"RoleArn": arn, "RoleSessionName": "s1", "Policy": DOCUMENT}
    session = credentials(recorder.client("sts", key).assume_role(**assumed))
    recorder.client("sts", session).get_caller_identity()
    iam.delete_access_key(UserName="admin", AccessKeyId=key.access_key)
    iam.create_instance_profile(InstanceProfileName="app", Path="/a/", Tags=TAGS)
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    iam.tag_instance_profile(InstanceProfileName="app", Tags=TAGS)
    iam.list_instance_profile_tags(InstanceProfileName="app")
    iam.get_instance_profile(InstanceProfileName="app")
    iam.list_instance_profiles()
    iam.list_instance_profiles_for_role(RoleName="app")
    iam.get_role(RoleName="app")
    iam.list_roles()
    iam.get_account_authorization_details(Filter=["Role"])
    iam.remove_role_from_instance_profile(InstanceProfileName="app", RoleName="app")
    iam.untag_instance_profile(InstanceProfileName="app", TagKeys=["team"])
    iam.delete_instance_profile(InstanceProfileName="app")
    iam.delete_role_permissions_boundary(RoleName="app")
    iam.detach_role_policy(RoleName="app", PolicyArn=AUDIT)
    iam.delete_role_policy(RoleName="app", PolicyName="inline")
    iam.untag_role(RoleName="app", TagKeys=["team"])
    iam.delete_role(RoleName="app")
    made = iam.create_service_linked_role(AWSServiceName="ssm.amazonaws.com", Description="ssm")
    task = iam.delete_service_linked_role(RoleName=made["Role"]["RoleName"])["DeletionTaskId"]
    iam.get_service_linked_role_deletion_status(DeletionTaskId=task)


def policies(iam, _):
    """Managed policies and their versions."""
    made = iam.create_policy(
        PolicyName="keys", Path="/a/", PolicyDocument=DOCUMENT, Description="d", Tags=TAGS
    )
    arn = made["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    iam.list_policy_tags(PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    iam.get_policy_version(PolicyArn=arn, VersionId="v2")
    iam.list_policy_versions(PolicyArn=arn)
    iam.attach_user_policy(UserName="admin", PolicyArn=arn)
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn=arn)
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    iam.get_policy(PolicyArn=arn)
    iam.list_policies(Scope="Local")
    iam.list_entities_for_policy(PolicyArn=arn)
    iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])
    for call, name in [
        (iam.detach_user_policy, {"UserName": "admin"}),
        (iam.detach_group_policy, {"GroupName": "readers"}),
        (iam.detach_role_policy, {"RoleName": "reader"}),
    ]:
        call(PolicyArn=arn, **name)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    iam.delete_policy(PolicyArn=arn)


def simulations(iam, _, __):
    """What would be decided, who used what, and what is known of everybody."""
    keyed = policy(allow("kms:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}))
    iam.put_user_policy(UserName="admin", PolicyName="keyed", PolicyDocument=json.dumps(keyed))
    source = iam.get_user(UserName="admin")["User"]["Arn"]
    iam.get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(keyed)])
    iam.get_context_keys_for_principal_policy(PolicySourceArn=source)
    iam.simulate_custom_policy(
        PolicyInputList=[DOCUMENT, json.dumps(keyed)], ActionNames=["kms:ListKeys"]
    )
    iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=["kms:ListKeys"])
    iam.list_policies_granting_service_access(Arn=source, ServiceNamespaces=["iam", "kms"])
    job = iam.generate_service_last_accessed_details(Arn=EVERYTHING)["JobId"]
    iam.get_service_last_accessed_details(JobId=job, MaxItems=1000)
    iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
    iam.generate_credential_report()
    iam.get_credential_report()
    iam.delete_user_policy(UserName="admin", PolicyName="keyed")


def multi_factor(iam, recorder):
    """Second factors."""
    iam.create_user(UserName="carol")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=TAGS)
    serial = made["VirtualMFADevice"]["SerialNumber"]
    seed = made["VirtualMFADevice"]["Base32StringSeed"].decode()
    both = {"UserName": "carol", "SerialNumber": serial}
    moment = time.time()

    def codes(first):
        """Two codes in a row."""
        numbers = [totp(seed, moment, step) for step in (first, first + 1)]
        return {"AuthenticationCode1": numbers[0], "AuthenticationCode2": numbers[1]}

    iam.enable_mfa_device(**both, **codes(-1))
    iam.resync_mfa_device(**both, **codes(1))
    iam.tag_mfa_device(SerialNumber=serial, Tags=TAGS)
    iam.list_mfa_device_tags(SerialNumber=serial)
    iam.list_mfa_devices(UserName="carol")
    iam.list_virtual_mfa_devices()
    iam.get_mfa_device(**both)
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["team"])
    iam.deactivate_mfa_device(**both)
    iam.delete_virtual_mfa_device(SerialNumber=serial)


def providers(iam, recorder):
    """Identity providers."""
    made = iam.create_open_id_connect_provider(
        Url="https://builds.example.com", ClientIDList=["one"], ThumbprintList=["a" * 40], Tags=TAGS
    )
    oidc = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    iam.add_client_id_to_open_id_connect_provider(**oidc, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(**oidc, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(**oidc, ThumbprintList=["b" * 40])
    iam.tag_open_id_connect_provider(**oidc, Tags=TAGS)
    iam.list_open_id_connect_provider_tags(**oidc)
    iam.get_open_id_connect_provider(**oidc)
    iam.list_open_id_connect_providers()
    iam.untag_open_id_connect_provider(**oidc, TagKeys=["team"])
    iam.delete_open_id_connect_provider(**oidc)
    metadata = certificate("saml-metadata.xml")
    made = iam.create_saml_provider(Name="staff", SAMLMetadataDocument=metadata, Tags=TAGS)
    saml = {"SAMLProviderArn": made["SAMLProviderArn"]}
    key = certificate("leaf-key-pkcs8.pem")
    iam.update_saml_provider(**saml, AssertionEncryptionMode="Allowed", AddPrivateKey=key)
    iam.tag_saml_provider(**saml, Tags=TAGS)
    iam.list_saml_provider_tags(**saml)
    iam.get_saml_provider(**saml)
    iam.list_saml_providers()
    iam.untag_saml_provider(**saml, TagKeys=["team"])
    iam.delete_saml_provider(**saml)


def user_credentials(iam, _, __):
    """What a user proves who it is with, beside access keys."""
    key = iam.upload_ssh_public_key(UserName="carol", SSHPublicKeyBody=certificate("key.pub"))
    ssh = {"UserName": "carol", "SSHPublicKeyId": key["SSHPublicKey"]["SSHPublicKeyId"]}
    iam.get_ssh_public_key(**ssh, Encoding="PEM")
    iam.list_ssh_public_keys(UserName="carol")
    iam.update_ssh_public_key(**ssh, Status="Inactive")
    iam.delete_ssh_public_key(**ssh)
    made = iam.upload_signing_certificate(UserName="carol", CertificateBody=certificate("leaf.pem"))
    signing = {"UserName": "carol", "CertificateId": made["Certificate"]["CertificateId"]}
    iam.list_signing_certificates(UserName="carol")
    iam.update_signing_certificate(**signing, Status="Inactive")
    iam.delete_signing_certificate(**signing)
    for service, days in (("codecommit", {}), ("bedrock", {"CredentialAgeDays": 10})):
        made = iam.create_service_specific_credential(
            UserName="carol", ServiceName=f"{service}.amazonaws.com", **days
        )
        made = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
        one = {"UserName": "carol", "ServiceSpecificCredentialId": made}
        iam.list_service_specific_credentials(UserName="carol")
        iam.reset_service_specific_credential(**one)
        iam.update_service_specific_credential(**one, Status="Inactive")
        iam.delete_service_specific_credential(**one)


def server_certificates(iam, _, __):
    """Server certificates."""
    iam.upload_server_certificate(
        ServerCertificateName="site", Path="/a/", CertificateBody=certificate("leaf.pem"),
        PrivateKey=certificate("leaf-key-pkcs8.pem"), CertificateChain=certificate("chain.pem"),
        Tags=TAGS,
    )
    one = {"ServerCertificateName": "site"}
    iam.tag_server_certificate(**one, Tags=TAGS)
    iam.list_server_certificate_tags(**one)
    iam.get_server_certificate(**one)
    iam.list_server_certificates()
    iam.untag_server_certificate(**one, TagKeys=["team"])
    iam.update_server_certificate(**one, NewServerCertificateName="page", NewPath="/b/")
    iam.delete_server_certificate(ServerCertificateName="page")


def account(iam, recorder, _):
    """What is the account's own."""
    iam.create_account_alias(AccountAlias="strongroom-test")
    iam.list_account_aliases()
    iam.delete_account_alias(AccountAlias="strongroom-test")
    iam.update_account_password_policy(
        MaxPasswordAge=90, PasswordReusePrevention=5, AllowUsersToChangePassword=True
    )
    iam.get_account_password_policy()
    iam.create_login_profile(UserName="carol", Password=PASSWORD)
    key = iam.create_access_key(UserName="carol")["AccessKey"]
    carol = recorder.client("iam", Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    carol.change_password(OldPassword=PASSWORD, NewPassword=f"{PASSWORD}2")
    iam.delete_account_password_policy()
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    iam.get_account_summary()
    iam.enable_outbound_web_identity_federation()
    iam.get_outbound_web_identity_federation_info()


def sessions(iam, recorder, admin):
    """The Security Token Service."""
    sts = recorder.client("sts", admin)
    sts.get_caller_identity()
    sts.get_access_key_info(AccessKeyId=admin.access_key)
    sts.get_session_token()
    token = sts.get_federation_token(Name="bob", Policy=DOCUMENT, Tags=TAGS)
    recorder.client("sts", credentials(token)).get_caller_identity()
    sts.get_web_identity_token(Audience=["audience"], SigningAlgorithm="ES384")
    iam.disable_outbound_web_identity_federation()


def federation(recorder, issuer):
    """A program that an identity provider knows."""
    iam, host = recorder.client("iam"), issuer.host
    arn = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["builds"])
    arn = arn["OpenIDConnectProviderArn"]
    trusting = trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity")
    role = iam.create_role(RoleName="builds", AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
    recorder.client("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="s1", WebIdentityToken=issuer.token("builds", "job-1"),
        Policy=DOCUMENT,
    )
