//! `iam:GetAccountSummary`: shows how much the account has and how much it may have.

use api::iam::{GetAccountSummaryResponse, SummaryKeyType};
use platform::{Ctx, Result};
use policy::limits;
use wire::{Empty, Entries};

use crate::account::record::AccountRecord;
use crate::account::settings::AccountSettings;
use crate::account::whole_account;
use crate::credentials::CredentialsRecord;
use crate::mfa::record::VirtualMfaRecord;
use crate::oidc_providers::record::OidcProviderRecord;
use crate::policies::ManagedPolicyRecord;
use crate::saml_providers::record::SamlProviderRecord;
use crate::server_certificates::record::ServerCertificateRecord;

/// The quotas that the map shows ("IAM and AWS STS quotas").
const QUOTAS: [(SummaryKeyType, usize); 18] = [
    (SummaryKeyType::AccessKeysPerUserQuota, 2),
    (
        SummaryKeyType::AssumeRolePolicySizeQuota,
        limits::TRUST_CHARACTERS,
    ),
    (SummaryKeyType::AttachedPoliciesPerGroupQuota, 10),
    (SummaryKeyType::AttachedPoliciesPerRoleQuota, 10),
    (SummaryKeyType::AttachedPoliciesPerUserQuota, 10),
    (
        SummaryKeyType::GroupPolicySizeQuota,
        limits::GROUP_INLINE_CHARACTERS,
    ),
    (SummaryKeyType::GroupsPerUserQuota, 10),
    (SummaryKeyType::GroupsQuota, 300),
    (SummaryKeyType::InstanceProfilesQuota, 1000),
    (SummaryKeyType::PoliciesQuota, 1500),
    (SummaryKeyType::PolicySizeQuota, limits::MANAGED_CHARACTERS),
    (SummaryKeyType::PolicyVersionsInUseQuota, 10_000),
    (
        SummaryKeyType::RolePolicySizeQuota,
        limits::ROLE_INLINE_CHARACTERS,
    ),
    (SummaryKeyType::RolesQuota, 1000),
    (SummaryKeyType::ServerCertificatesQuota, 20),
    (SummaryKeyType::SigningCertificatesPerUserQuota, 2),
    (
        SummaryKeyType::UserPolicySizeQuota,
        limits::USER_INLINE_CHARACTERS,
    ),
    (SummaryKeyType::UsersQuota, 5000),
];
/// How many versions a managed policy may have.
const VERSIONS_QUOTA: usize = 5;

pub(crate) async fn get_account_summary(ctx: &Ctx, _: Empty) -> Result<GetAccountSummaryResponse> {
    whole_account(ctx, "iam:GetAccountSummary").await?;
    let account = AccountRecord::of_caller(ctx).await?;
    let settings = AccountSettings::of_caller(ctx).await?;
    let counts = [
        (SummaryKeyType::Users, number(account.users)),
        (SummaryKeyType::Groups, number(account.groups)),
        (SummaryKeyType::Roles, number(account.roles)),
        (SummaryKeyType::Policies, number(account.policies)),
        (
            SummaryKeyType::InstanceProfiles,
            number(account.instance_profiles),
        ),
        (SummaryKeyType::PolicyVersionsInUse, versions(ctx).await?),
        (
            SummaryKeyType::AccountAccessKeysPresent,
            i32::from(!account.root_access_keys.is_empty()),
        ),
        (
            SummaryKeyType::GlobalEndpointTokenVersion,
            if settings.version_2_tokens { 2 } else { 1 },
        ),
        (
            SummaryKeyType::VersionsPerPolicyQuota,
            number(VERSIONS_QUOTA),
        ),
    ];
    let quotas = QUOTAS.map(|(key, quota)| (key, number(quota)));
    let entries = counts
        .into_iter()
        .chain(credentials(ctx).await?)
        .chain(quotas);
    let entries = entries.map(|(key, value)| (key.as_str().to_owned(), value));
    Ok(GetAccountSummaryResponse {
        summary_map: Some(Entries(entries.collect())),
    })
}

/// Providers and certificates of the account, and the credentials of its root user.
async fn credentials(ctx: &Ctx) -> Result<[(SummaryKeyType, i32); 7]> {
    let account = ctx.account();
    let root = ctx
        .get::<CredentialsRecord>(&CredentialsRecord::key(account, account))
        .await?
        .unwrap_or_default();
    let devices = ctx
        .scan_all::<VirtualMfaRecord>(&VirtualMfaRecord::prefix(account))
        .await?;
    let in_use = devices.iter().filter(|(_, device)| device.owner.is_some());
    let oidc = ctx
        .scan_all::<OidcProviderRecord>(&OidcProviderRecord::prefix(account))
        .await?;
    let saml = ctx
        .scan_all::<SamlProviderRecord>(&SamlProviderRecord::prefix(account))
        .await?;
    let certificates = ctx
        .scan_all::<ServerCertificateRecord>(&ServerCertificateRecord::prefix(account))
        .await?;
    Ok([
        (
            SummaryKeyType::AccountMFAEnabled,
            i32::from(!root.mfa.is_empty()),
        ),
        (
            SummaryKeyType::AccountPasswordPresent,
            i32::from(root.login.is_some()),
        ),
        (
            SummaryKeyType::AccountSigningCertificatesPresent,
            i32::from(!root.certificates.is_empty()),
        ),
        (SummaryKeyType::MFADevices, number(devices.len())),
        (SummaryKeyType::MFADevicesInUse, number(in_use.count())),
        (SummaryKeyType::Providers, number(oidc.len() + saml.len())),
        (
            SummaryKeyType::ServerCertificates,
            number(certificates.len()),
        ),
    ])
}

/// How many versions all managed policies of the account have together.
async fn versions(ctx: &Ctx) -> Result<i32> {
    let prefix = ManagedPolicyRecord::prefix(ctx.account());
    let rows = ctx.scan_all::<ManagedPolicyRecord>(&prefix).await?;
    let versions: usize = rows.iter().map(|(_, policy)| policy.versions.len()).sum();
    Ok(number(versions))
}

fn number(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
