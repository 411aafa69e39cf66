//! Identities that tests make up: users, roles, managed policies, second factors, providers,
//! accounts and organizations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::Secret;
use policy::{Policy, PolicyKind};
use store::Txn;

use super::secret_of;
use crate::caller::{Caller, CallerKind};
use crate::ports::{
    Account, Accounts, Credential, Credentials, Held, Membership, MfaCode, NamedPolicy,
    OidcProvider, Organizations, Policies, PortFuture, Role, SamlProvider,
};

/// Everything that a directory knows.
#[derive(Default)]
pub struct Identities(Mutex<Known>);

/// A second factor: whose, which, and the code that counts, once.
#[derive(Clone)]
pub struct Device {
    /// The ARN of the user or root user.
    pub owner: String,
    /// The serial number.
    pub serial: String,
    /// The code.
    pub code: String,
}

#[derive(Default)]
struct Known {
    credentials: BTreeMap<String, Arc<Credential>>,
    /// By the ARN of the user or role.
    held: BTreeMap<String, Vec<Arc<NamedPolicy>>>,
    roles: BTreeMap<String, Arc<Role>>,
    made: usize,
    managed: BTreeMap<String, Arc<NamedPolicy>>,
    devices: Vec<Device>,
    oidc: Vec<OidcProvider>,
    saml: Vec<SamlProvider>,
    memberships: BTreeMap<String, Arc<Membership>>,
    root_sessions: BTreeSet<String>,
    delegated: BTreeSet<(String, String)>,
}

/// A policy of a test.
fn parse(name: String, text: &str, kind: PolicyKind) -> Arc<NamedPolicy> {
    match Policy::parse(text, kind) {
        Ok(policy) => Arc::new(NamedPolicy { name, policy }),
        Err(malformed) => unreachable!("a test's policy is well formed: {malformed}"),
    }
}

fn parse_all(texts: &[&str]) -> Vec<Arc<NamedPolicy>> {
    let named = texts.iter().enumerate();
    named
        .map(|(index, text)| parse(format!("policy-{index}"), text, PolicyKind::Identity))
        .collect()
}

impl Identities {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, caller: Caller, policies: &[&str]) {
        let mut known = self.known();
        known.held.insert(caller.arn.clone(), parse_all(policies));
        let id = caller.access_key_id.clone();
        let secret = Secret::new(secret_of(&id));
        let credential = Arc::new(Credential::new(Arc::new(caller), secret));
        known.credentials.insert(id, credential);
    }

    /// Makes a role of `arn` with its trust policy and its own policies. Made once more under the
    /// same ARN, it is another role.
    pub fn role(&self, arn: &str, trust: &str, policies: &[&str]) {
        self.role_with(arn, trust, policies, |_| ());
    }

    /// Makes a role that differs in what `change` does.
    pub fn role_with(
        &self,
        arn: &str,
        trust: &str,
        policies: &[&str],
        change: impl FnOnce(&mut Role),
    ) {
        let mut known = self.known();
        known.made += 1;
        let name = arn.rsplit('/').next().unwrap_or_default();
        let trust = match Policy::parse(trust, PolicyKind::Trust) {
            Ok(trust) => trust,
            Err(malformed) => unreachable!("a test's policy is well formed: {malformed}"),
        };
        let mut role = Role {
            arn: arn.to_owned(),
            account: arn.split(':').nth(4).unwrap_or_default().to_owned(),
            name: name.to_owned(),
            role_id: format!("AROA{:0>17}", known.made),
            trust,
            max_session_seconds: 3600,
            tags: Vec::new(),
        };
        change(&mut role);
        known.held.insert(arn.to_owned(), parse_all(policies));
        known.roles.insert(arn.to_owned(), Arc::new(role));
    }

    /// Takes a role away.
    pub fn remove_role(&self, arn: &str) {
        self.known().roles.remove(arn);
    }

    /// Makes a managed policy.
    pub fn managed_policy(&self, arn: &str, text: &str) {
        let policy = parse(arn.to_owned(), text, PolicyKind::Identity);
        self.known().managed.insert(arn.to_owned(), policy);
    }

    /// Gives somebody a second factor.
    pub fn device(&self, device: Device) {
        self.known().devices.push(device);
    }

    /// Makes an OpenID Connect provider.
    pub fn oidc(&self, provider: OidcProvider) {
        self.known().oidc.push(provider);
    }

    /// Makes a SAML provider.
    pub fn saml(&self, provider: SamlProvider) {
        self.known().saml.push(provider);
    }

    /// Puts an account into an organization.
    pub fn member(&self, account: &str, membership: Membership) {
        let membership = Arc::new(membership);
        self.known()
            .memberships
            .insert(account.to_owned(), membership);
    }

    /// Lets the organization of this management account take privileged tasks in its members.
    pub fn allow_root_sessions(&self, management_account: &str) {
        self.known()
            .root_sessions
            .insert(management_account.to_owned());
    }

    /// Makes an account its organization's delegated administrator for a service.
    pub fn delegate(&self, account: &str, service: &str) {
        let delegated = (account.to_owned(), service.to_owned());
        self.known().delegated.insert(delegated);
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> PortFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Credentials for Identities {
    fn find<'a>(
        &'a self,
        _: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<Arc<Credential>>> {
        ready(self.known().credentials.get(access_key_id).cloned())
    }

    fn lives<'a>(&'a self, _: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, bool> {
        ready(match &caller.kind {
            CallerKind::Role { role_arn, .. } => {
                let known = self.known();
                let role = known.roles.get(role_arn);
                role.is_some_and(|role| role.role_id == caller.unique_id())
            }
            _ => true,
        })
    }
}

impl Policies for Identities {
    fn held<'a>(&'a self, _: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, Held> {
        let known = self.known();
        let whose = match &caller.kind {
            CallerKind::Role { role_arn, .. } => role_arn,
            CallerKind::FederatedUser { founder_arn, .. } => founder_arn,
            _ => &caller.arn,
        };
        let session = caller.session.as_ref();
        let limits = session.and_then(|session| session.policies.as_ref());
        let arns = limits.into_iter().flat_map(|limits| &limits.arns);
        let role = known.roles.get(whose);
        ready(Held {
            identity: known.held.get(whose).cloned().unwrap_or_default(),
            boundary: None,
            session: arns
                .filter_map(|arn| known.managed.get(arn).cloned())
                .collect(),
            tags: role.map(|role| role.tags.clone()).unwrap_or_default(),
        })
    }

    fn unique_id<'a>(
        &'a self,
        _: &'a mut Txn,
        principal_arn: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        let known = self.known();
        let mut callers = known.credentials.values().map(|one| &one.caller);
        let found = callers.find(|caller| caller.arn == principal_arn);
        ready(found.map(|caller| caller.user_id.clone()))
    }

    fn managed<'a>(
        &'a self,
        _: &'a mut Txn,
        account: &'a str,
        policy_arn: &'a str,
    ) -> PortFuture<'a, Option<Arc<NamedPolicy>>> {
        let owner = policy_arn.split(':').nth(4);
        let visible = owner == Some(account) || owner == Some("aws");
        let known = self.known();
        ready(known.managed.get(policy_arn).filter(|_| visible).cloned())
    }
}

impl crate::ports::Identities for Identities {
    fn role<'a>(&'a self, _: &'a mut Txn, role_arn: &'a str) -> PortFuture<'a, Option<Arc<Role>>> {
        ready(self.known().roles.get(role_arn).cloned())
    }

    fn verify_mfa<'a>(
        &'a self,
        _: &'a mut Txn,
        caller: &'a Caller,
        code: MfaCode<'a>,
    ) -> PortFuture<'a, bool> {
        let known = self.known();
        let mut devices = known.devices.iter();
        ready(devices.any(|device| {
            device.owner == caller.arn && device.serial == code.serial && device.code == code.code
        }))
    }

    fn oidc_provider<'a>(
        &'a self,
        _: &'a mut Txn,
        account: &'a str,
        url: &'a str,
    ) -> PortFuture<'a, Option<OidcProvider>> {
        let wanted = format!("arn:aws:iam::{account}:oidc-provider/{url}");
        let known = self.known();
        ready(known.oidc.iter().find(|one| one.arn == wanted).cloned())
    }

    fn saml_provider<'a>(
        &'a self,
        _: &'a mut Txn,
        provider_arn: &'a str,
    ) -> PortFuture<'a, Option<SamlProvider>> {
        let known = self.known();
        ready(
            known
                .saml
                .iter()
                .find(|one| one.arn == provider_arn)
                .cloned(),
        )
    }

    fn root_sessions<'a>(
        &'a self,
        _: &'a mut Txn,
        management_account: &'a str,
    ) -> PortFuture<'a, bool> {
        ready(self.known().root_sessions.contains(management_account))
    }

    fn account_of_key<'a>(
        &'a self,
        _: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        let known = self.known();
        let found = known.credentials.get(access_key_id);
        ready(found.map(|found| found.caller.account.clone()))
    }
}

impl Accounts for Identities {
    fn account<'a>(&'a self, _: &'a mut Txn, account: &'a str) -> PortFuture<'a, Option<Account>> {
        let known = self.known();
        let mut callers = known.credentials.values().map(|one| &one.caller);
        let exists = callers.any(|caller| caller.account == account);
        ready(exists.then(|| Account {
            id: account.to_owned(),
            name: String::new(),
            email: String::new(),
            created_millis: 0,
            closed: false,
        }))
    }
}

impl Organizations for Identities {
    fn membership<'a>(
        &'a self,
        _: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>> {
        ready(self.known().memberships.get(account).cloned())
    }

    fn is_delegated_administrator<'a>(
        &'a self,
        _: &'a mut Txn,
        account: &'a str,
        service: &'a str,
    ) -> PortFuture<'a, bool> {
        let delegated = (account.to_owned(), service.to_owned());
        ready(self.known().delegated.contains(&delegated))
    }
}
