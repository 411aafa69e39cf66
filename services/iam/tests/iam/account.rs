//! What the operations on the account itself answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::house::{ACCOUNT, House, create_role, encoded, harness, ok, one, xml};
use platform::{Membership, Organizations, PortFuture, ServiceAccess};
use store::Txn;

fn alias(operation: &str, alias: &str) -> String {
    format!("Action={operation}AccountAlias&AccountAlias={alias}")
}

#[tokio::test]
async fn an_account_has_one_alias() {
    let (house, root) = House::new().await;
    let list = "Action=ListAccountAliases";
    let aliases = || async { xml(&house.ok(&root, list).await.text, "member") };
    assert!(aliases().await.is_empty());
    house.ok(&root, &alias("Create", "one")).await;
    assert_eq!(aliases().await, ["one"]);
    let message = "The account alias one already exists.";
    let again = house.iam(&root, &alias("Create", "one")).await;
    again.refused(409, "EntityAlreadyExists", message);
    house.ok(&root, &alias("Create", "two")).await;
    assert_eq!(aliases().await, ["two"]);
    let message = "The account alias one cannot be found.";
    let gone = house.iam(&root, &alias("Delete", "one")).await;
    gone.refused(404, "NoSuchEntity", message);
    house.ok(&root, &alias("Delete", "two")).await;
    assert!(aliases().await.is_empty());
    for malformed in ["ab", "a--b", "-ab", "ab-", "Abc", "a.b"] {
        for operation in ["Create", "Delete"] {
            let answer = house.iam(&root, &alias(operation, malformed)).await;
            assert_eq!((answer.status, answer.code), (400, Some("ValidationError")));
        }
    }
}

#[tokio::test]
async fn an_alias_is_one_accounts_alone() {
    let harness = harness().await;
    harness.root_of("444455556666", "other");
    let create = alias("Create", "shared");
    let (mine, theirs) = tokio::join!(
        harness.query("root", "iam", &create),
        harness.query("other", "iam", &create)
    );
    let mut answers = [mine.status, theirs.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
    // Who has it does not show, and nobody else can take it away.
    let loser = if mine.status == 200 { "other" } else { "root" };
    let deleted = harness
        .query(loser, "iam", &alias("Delete", "shared"))
        .await;
    assert_eq!(deleted.code.as_deref(), Some("NoSuchEntity"));
    let listed = harness
        .query(loser, "iam", "Action=ListAccountAliases")
        .await;
    assert!(!listed.text.contains("shared"));
    // A former alias is free.
    let winner = if mine.status == 200 { "root" } else { "other" };
    let renamed = harness
        .query(winner, "iam", &alias("Create", "renamed"))
        .await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let taken = harness.query(loser, "iam", &create).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
}

#[tokio::test]
async fn roles_and_profiles_of_another_account_are_not_there() {
    let harness = harness().await;
    harness.root_of("444455556666", "other");
    ok(&harness, &create_role("app")).await;
    ok(
        &harness,
        "Action=CreateInstanceProfile&InstanceProfileName=ip",
    )
    .await;
    for form in [
        "Action=GetRole&RoleName=app",
        "Action=DeleteRole&RoleName=app",
        "Action=GetInstanceProfile&InstanceProfileName=ip",
        "Action=DeleteInstanceProfile&InstanceProfileName=ip",
    ] {
        let there = harness.query("other", "iam", form).await;
        assert_eq!(there.code.as_deref(), Some("NoSuchEntity"), "{form}");
        let absent = form.replace("=app", "=nil").replace("=ip", "=no");
        let absent = harness.query("other", "iam", &absent).await;
        let name = if form.contains("=app") {
            ("app", "nil")
        } else {
            ("ip", "no")
        };
        assert_eq!(
            one(&there.text, "Message").replace(name.0, name.1),
            one(&absent.text, "Message")
        );
    }
    for form in ["Action=ListRoles", "Action=ListInstanceProfiles"] {
        let listed = harness.query("other", "iam", form).await;
        assert!(!listed.text.contains("AROA") && !listed.text.contains("AIPA"));
    }
}

#[tokio::test]
async fn the_summary_counts_exactly() {
    let (house, root) = House::new().await;
    let summary = || async {
        let answer = house.ok(&root, "Action=GetAccountSummary").await;
        let keys = xml(&answer.text, "key").into_iter();
        let values = xml(&answer.text, "value").into_iter();
        keys.zip(values)
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = summary().await;
    // Every key of the API model.
    assert_eq!(before.len(), 34);
    for (key, value) in [
        ("Users", "0"),
        ("AccountAccessKeysPresent", "1"),
        ("GlobalEndpointTokenVersion", "1"),
        ("RolesQuota", "1000"),
        ("UsersQuota", "5000"),
        ("GroupsQuota", "300"),
        ("PoliciesQuota", "1500"),
        ("InstanceProfilesQuota", "1000"),
        ("AssumeRolePolicySizeQuota", "2048"),
        ("UserPolicySizeQuota", "2048"),
        ("GroupPolicySizeQuota", "5120"),
        ("RolePolicySizeQuota", "10240"),
        ("PolicySizeQuota", "6144"),
        ("PolicyVersionsInUseQuota", "10000"),
        ("VersionsPerPolicyQuota", "5"),
        ("AccessKeysPerUserQuota", "2"),
        ("GroupsPerUserQuota", "10"),
    ] {
        assert_eq!(before[key], value, "{key}");
    }
    house.ok(&root, "Action=CreateUser&UserName=u").await;
    house.ok(&root, "Action=CreateUser&UserName=v").await;
    house.ok(&root, "Action=CreateGroup&GroupName=g").await;
    house.ok(&root, &create_role("r")).await;
    house
        .ok(&root, "Action=CreateInstanceProfile&InstanceProfileName=i")
        .await;
    let document = encoded(&crate::house::policy("Allow", "s3:*", "*"));
    let create = format!("Action=CreatePolicy&PolicyName=p&PolicyDocument={document}");
    house.ok(&root, &create).await;
    let arn = encoded(&format!("arn:aws:iam::{ACCOUNT}:policy/p"));
    let version = format!("Action=CreatePolicyVersion&PolicyArn={arn}&PolicyDocument={document}");
    house.ok(&root, &version).await;
    let prefer = "Action=SetSecurityTokenServicePreferences&GlobalEndpointTokenVersion=v2Token";
    house.ok(&root, prefer).await;
    for name in ["m", "n"] {
        let form = format!("Action=CreateVirtualMFADevice&VirtualMFADeviceName={name}");
        house.ok(&root, &form).await;
    }
    let url = encoded("https://issuer.example.com");
    let provider = format!(
        "Action=CreateOpenIDConnectProvider&Url={url}&ThumbprintList.member.1={}",
        "a".repeat(40)
    );
    house.ok(&root, &provider).await;
    let after = summary().await;
    for (key, value) in [
        ("MFADevices", "2"),
        ("MFADevicesInUse", "0"),
        ("Providers", "1"),
        ("ServerCertificates", "0"),
        ("AccountMFAEnabled", "0"),
        ("Users", "2"),
        ("Groups", "1"),
        ("Roles", "1"),
        ("InstanceProfiles", "1"),
        ("Policies", "1"),
        ("PolicyVersionsInUse", "2"),
        ("GlobalEndpointTokenVersion", "2"),
    ] {
        assert_eq!(after[key], value, "{key}");
    }
    for form in [
        "Action=DeleteUser&UserName=u",
        "Action=DeleteRole&RoleName=r",
        "Action=DeleteInstanceProfile&InstanceProfileName=i",
        "Action=SetSecurityTokenServicePreferences&GlobalEndpointTokenVersion=v1Token",
    ] {
        house.ok(&root, form).await;
    }
    let end = summary().await;
    for (key, value) in [
        ("Users", "1"),
        ("Roles", "0"),
        ("InstanceProfiles", "0"),
        ("GlobalEndpointTokenVersion", "1"),
    ] {
        assert_eq!(end[key], value, "{key}");
    }
}

#[tokio::test]
async fn an_account_keeps_its_issuer() {
    let (house, root) = House::new().await;
    let get = "Action=GetOutboundWebIdentityFederationInfo";
    let enable = "Action=EnableOutboundWebIdentityFederation";
    let disable = "Action=DisableOutboundWebIdentityFederation";
    for form in [get, disable] {
        let answer = house.iam(&root, form).await;
        assert_eq!((answer.status, answer.code), (404, Some("FeatureDisabled")));
    }
    let issuer = house.ok(&root, enable).await.xml("IssuerIdentifier");
    assert!(
        issuer.starts_with("https://") && issuer.ends_with(".tokens.sts.global.api.aws"),
        "{issuer}"
    );
    let directory = service_iam::IdentityDirectory::new(Arc::clone(&house.keyring));
    let seen = || async {
        let mut txn = house.store.begin();
        let seen = platform::Identities::outbound_federation(&directory, &mut txn, ACCOUNT);
        seen.await.unwrap_or_else(|_| panic!("the store answers"))
    };
    assert_eq!(seen().await.as_deref(), Some(issuer.as_str()));
    let answer = house.iam(&root, enable).await;
    assert_eq!((answer.status, answer.code), (409, Some("FeatureEnabled")));
    let info = house.ok(&root, get).await;
    assert_eq!(
        (info.xml("IssuerIdentifier"), info.xml("JwtVendingEnabled")),
        (issuer.clone(), "true".into())
    );
    house.ok(&root, disable).await;
    assert_eq!(seen().await, None);
    assert_eq!(house.iam(&root, get).await.code, Some("FeatureDisabled"));
    assert_eq!(
        house.ok(&root, enable).await.xml("IssuerIdentifier"),
        issuer
    );
}

/// An organization that [`ACCOUNT`] may or may not manage.
#[derive(Default)]
struct Organization(Mutex<State>);

#[derive(Default)]
struct State {
    management_account: Option<String>,
    access: ServiceAccess,
}

impl Organization {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Organizations for Organization {
    fn membership<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>> {
        let manager = self.state().management_account.clone();
        let member = manager.map(|management_account| Membership {
            organization_id: "o-exampleorgid".to_owned(),
            management_account,
            ..Membership::default()
        });
        Box::pin(std::future::ready(Ok(member.map(Arc::new))))
    }

    fn service_access<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
        service: &'a str,
    ) -> PortFuture<'a, ServiceAccess> {
        assert_eq!(service, "iam.amazonaws.com");
        Box::pin(std::future::ready(Ok(self.state().access.clone())))
    }
}

#[tokio::test]
async fn root_access_is_managed_by_who_manages_the_organization() {
    let organization = Arc::new(Organization::default());
    let (house, root) = House::in_organizations(Arc::clone(&organization) as _).await;
    let enable = "Action=EnableOrganizationsRootSessions";
    let list = "Action=ListOrganizationsFeatures";
    let codes = || async {
        (
            house.iam(&root, enable).await.code,
            house.iam(&root, list).await.code,
        )
    };
    let both = |code: &'static str| (Some(code), Some(code));
    let manager = |account: &str| {
        organization.state().management_account = Some(account.to_owned());
    };
    assert_eq!(codes().await, both("OrganizationNotFoundException"));
    manager("444455556666");
    let outsider = "AccountNotManagementOrDelegatedAdministratorException";
    assert_eq!(codes().await, both(outsider));
    organization.state().access = ServiceAccess {
        all_features: true,
        trusted: true,
        delegated_administrators: vec![ACCOUNT.to_owned()],
    };
    assert_eq!(
        codes().await,
        (Some("CallerIsNotManagementAccountException"), None)
    );
    manager(ACCOUNT);
    organization.state().access.trusted = false;
    assert_eq!(codes().await, both("ServiceAccessNotEnabledException"));
    organization.state().access.all_features = false;
    assert_eq!(
        codes().await,
        both("OrganizationNotInAllFeaturesModeException")
    );
    organization.state().access = ServiceAccess {
        all_features: true,
        trusted: true,
        ..ServiceAccess::default()
    };

    for (operation, enabled) in [
        ("EnableOrganizationsRootSessions", vec!["RootSessions"]),
        (
            "EnableOrganizationsRootCredentialsManagement",
            vec!["RootCredentialsManagement", "RootSessions"],
        ),
        (
            "DisableOrganizationsRootSessions",
            vec!["RootCredentialsManagement"],
        ),
        ("DisableOrganizationsRootCredentialsManagement", vec![]),
    ] {
        let changed = house.ok(&root, &format!("Action={operation}")).await;
        let listed = house.ok(&root, list).await;
        for answer in [changed, listed] {
            assert_eq!(answer.xml("OrganizationId"), "o-exampleorgid");
            assert_eq!(xml(&answer.text, "member"), enabled, "{operation}");
        }
    }
}
