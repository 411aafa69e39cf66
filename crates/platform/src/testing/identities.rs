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
    Account, Accounts, Credential, Credentials, Founding, FoundingError, Held, KeySetError,
    KeySetFuture, KeySets, Membership, MfaCode, NamedPolicy, OidcProvider, Organizations, Policies,
    PortFuture, Role, RootFeatures, SamlProvider, ServiceAccess,
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
    delegated: Vec<String>,
    issuers: BTreeMap<String, String>,
    key_sets: BTreeMap<String, String>,
    fetched: usize,
    founded: Vec<Account>,
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

    /// The credential of this access key.
    pub(super) fn credential(&self, access_key_id: &str) -> Option<Arc<Credential>> {
        self.known().credentials.get(access_key_id).cloned()
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

    /// Publishes a JSON Web Key Set under an issuer's URL.
    pub fn key_set(&self, issuer: &str, keys: &str) {
        let mut known = self.known();
        known.key_sets.insert(issuer.to_owned(), keys.to_owned());
    }

    /// How often a key set was asked for.
    pub fn fetched(&self) -> usize {
        self.known().fetched
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

    /// Lets an organization take privileged tasks in its members.
    pub fn allow_root_sessions(&self, organization_id: &str) {
        let mut known = self.known();
        known.root_sessions.insert(organization_id.to_owned());
    }

    /// Makes an account the delegated administrator of every service.
    pub fn delegate(&self, account: &str) {
        self.known().delegated.push(account.to_owned());
    }

    /// Lets an account have web identity tokens of this issuer.
    pub fn issuer(&self, account: &str, issuer: &str) {
        let mut known = self.known();
        known.issuers.insert(account.to_owned(), issuer.to_owned());
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
        let role = known.roles.get(principal_arn);
        let id = found.map(|caller| &caller.user_id);
        ready(id.or(role.map(|role| &role.role_id)).cloned())
    }

    fn arn_of<'a>(&'a self, _: &'a mut Txn, unique_id: &'a str) -> PortFuture<'a, Option<String>> {
        let known = self.known();
        let mut callers = known.credentials.values().map(|one| &one.caller);
        let found = callers.find(|caller| caller.user_id == unique_id);
        let mut roles = known.roles.values();
        let role = roles.find(|role| role.role_id == unique_id);
        let arn = found.map(|caller| &caller.arn);
        ready(arn.or(role.map(|role| &role.arn)).cloned())
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

    fn root_features<'a>(
        &'a self,
        _: &'a mut Txn,
        organization_id: &'a str,
    ) -> PortFuture<'a, RootFeatures> {
        ready(RootFeatures {
            credentials_management: false,
            sessions: self.known().root_sessions.contains(organization_id),
        })
    }

    fn outbound_federation<'a>(
        &'a self,
        _: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        ready(self.known().issuers.get(account).cloned())
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

impl KeySets for Identities {
    fn key_set<'a>(&'a self, provider: &'a OidcProvider, _: bool) -> KeySetFuture<'a> {
        let mut known = self.known();
        known.fetched += 1;
        let found = known.key_sets.get(&provider.url);
        let found = found.map(|keys| Arc::from(keys.as_str()));
        Box::pin(std::future::ready(found.ok_or(KeySetError::Unreachable)))
    }
}

impl Accounts for Identities {
    fn found<'a>(
        &'a self,
        _: &'a mut Txn,
        founding: Founding<'a>,
    ) -> PortFuture<'a, Result<String, FoundingError>> {
        let founded = &mut self.known().founded;
        let id = (200_000_000_001 + founded.len()).to_string();
        founded.push(Account {
            id: id.clone(),
            name: founding.name.to_owned(),
            email: founding.email.to_owned(),
            created_millis: founding.now.millis,
            closed: false,
        });
        ready(Ok(id))
    }

    fn close<'a>(&'a self, _: &'a mut Txn, account: &'a str) -> PortFuture<'a, ()> {
        let mut known = self.known();
        let mut founded = known.founded.iter_mut();
        if let Some(closed) = founded.find(|founded| founded.id == account) {
            closed.closed = true;
        }
        ready(())
    }

    fn account<'a>(&'a self, _: &'a mut Txn, account: &'a str) -> PortFuture<'a, Option<Account>> {
        let known = self.known();
        let mut founded = known.founded.iter();
        if let Some(founded) = founded.find(|founded| founded.id == account) {
            return ready(Some(founded.clone()));
        }
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

    fn service_access<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
        _: &'a str,
    ) -> PortFuture<'a, ServiceAccess> {
        ready(ServiceAccess {
            all_features: true,
            trusted: true,
            delegated_administrators: self.known().delegated.clone(),
        })
    }
}
