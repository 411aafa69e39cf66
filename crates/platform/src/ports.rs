//! What one service needs of another, as traits that the other implements; `server` wires them.
//! `services/iam` is the [`Directory`], `services/organizations` keeps [`Organizations`].

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crypto::{Random, Secret};
use policy::Policy;
use store::Txn;
use wire::Timestamp;
use wire::sigv4::{SigV4aKey, SigningKey};

use crate::caller::Caller;
use crate::fault::{Error, Result};
use crate::reported::{ReportAbout, Reported, Unreportable};
use crate::usage::Used;

/// A future that a port returns.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Access keys.
pub trait Credentials: Send + Sync {
    /// The credential behind `access_key_id`, if it exists and is active.
    fn find<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<Arc<Credential>>>;

    /// Remembers the last use of an access key, or of a role by its unique id.
    fn record_use<'a>(
        &'a self,
        txn: &'a mut Txn,
        id: &'a str,
        used: &'a Used,
    ) -> PortFuture<'a, ()> {
        let _ = (txn, id, used);
        Box::pin(std::future::ready(Ok(())))
    }

    /// Whether the principal that temporary credentials were issued for still exists: the same
    /// user or role, not one that took its name later, in an account that is not closed.
    fn lives<'a>(&'a self, txn: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, bool> {
        let _ = (txn, caller);
        Box::pin(std::future::ready(Ok(true)))
    }
}

/// What binds a principal: everything that a decision about it needs from whoever keeps identities.
#[derive(Default)]
pub struct Held {
    /// Identity-based policies: of the user with its groups, or of the role. A root user has none.
    pub identity: Vec<Arc<NamedPolicy>>,
    /// The permissions boundary, if one is set.
    pub boundary: Option<Arc<NamedPolicy>>,
    /// The managed policies that limit the session, for a session that names any.
    pub session: Vec<Arc<NamedPolicy>>,
    /// The tags of the user or role.
    pub tags: Vec<(String, String)>,
}

/// Policies of identities.
pub trait Policies: Send + Sync {
    /// What binds `caller`.
    fn held<'a>(&'a self, txn: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, Held>;

    /// The unique id of the user or role of this ARN, or the account number behind a root user's
    /// ARN; none if it does not exist. Services ask before they store a policy that names it: a
    /// name that somebody takes later must not inherit permissions.
    fn unique_id<'a>(
        &'a self,
        txn: &'a mut Txn,
        principal_arn: &'a str,
    ) -> PortFuture<'a, Option<String>>;

    /// The present ARN of the user or role with this unique id, in whatever account it is; none if
    /// it does not exist. A policy may name hundreds that are gone: one costs no more than a look.
    fn arn_of<'a>(
        &'a self,
        txn: &'a mut Txn,
        unique_id: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        let _ = (txn, unique_id);
        none()
    }

    /// The managed policy of this ARN as `account` sees it; none if it does not exist there.
    fn managed<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
        policy_arn: &'a str,
    ) -> PortFuture<'a, Option<Arc<NamedPolicy>>> {
        let _ = (txn, account, policy_arn);
        none()
    }
}

/// A policy with the name that explanations call it by.
pub struct NamedPolicy {
    /// The name, or ARN of a managed policy.
    pub name: String,
    /// The policy.
    pub policy: Policy,
}

/// A role that may be assumed.
pub struct Role {
    /// The ARN, with the path.
    pub arn: String,
    /// The account, 12 digits.
    pub account: String,
    /// The name without the path.
    pub name: String,
    /// `AROA..`.
    pub role_id: String,
    /// Who may assume it.
    pub trust: Policy,
    /// The longest session, in seconds.
    pub max_session_seconds: i32,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// An OpenID Connect provider of an account.
#[derive(Clone)]
pub struct OidcProvider {
    /// The ARN.
    pub arn: String,
    /// The issuer, with `https://`.
    pub url: String,
    /// The audiences that are accepted.
    pub client_ids: Vec<String>,
    /// SHA-1 fingerprints of certificates that the provider's TLS may end in, in lower case.
    pub thumbprints: Vec<String>,
}

/// A SAML 2.0 provider of an account.
#[derive(Clone)]
pub struct SamlProvider {
    /// The ARN.
    pub arn: String,
    /// The metadata document, as it was given.
    pub metadata: String,
    /// `SAMLProviderUUID`.
    pub uuid: String,
    /// When it ceases to be valid, in milliseconds since 1970.
    pub valid_until_millis: i64,
    /// Whether assertions have to be encrypted.
    pub encryption_required: bool,
}

/// Identities as STS needs them.
pub trait Identities: Send + Sync {
    /// The role of this ARN.
    fn role<'a>(
        &'a self,
        txn: &'a mut Txn,
        role_arn: &'a str,
    ) -> PortFuture<'a, Option<Arc<Role>>> {
        let _ = (txn, role_arn);
        none()
    }

    /// Whether `code` is the present code of the MFA device `serial` of `caller`, an IAM user or a
    /// root user. A code counts once: what was used is staged in the transaction.
    fn verify_mfa<'a>(
        &'a self,
        txn: &'a mut Txn,
        caller: &'a Caller,
        device: MfaCode<'a>,
    ) -> PortFuture<'a, bool> {
        let _ = (txn, caller, device);
        Box::pin(std::future::ready(Ok(false)))
    }

    /// The provider of `account` for the issuer `url`, given without `https://`.
    fn oidc_provider<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
        url: &'a str,
    ) -> PortFuture<'a, Option<OidcProvider>> {
        let _ = (txn, account, url);
        none()
    }

    /// The SAML provider of this ARN.
    fn saml_provider<'a>(
        &'a self,
        txn: &'a mut Txn,
        provider_arn: &'a str,
    ) -> PortFuture<'a, Option<SamlProvider>> {
        let _ = (txn, provider_arn);
        none()
    }

    /// The issuer URL of `account`'s web identity tokens, if outbound federation is enabled.
    fn outbound_federation<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        let _ = (txn, account);
        none()
    }

    /// The centralized root access of the organization with this id.
    fn root_features<'a>(
        &'a self,
        txn: &'a mut Txn,
        organization_id: &'a str,
    ) -> PortFuture<'a, RootFeatures> {
        let _ = (txn, organization_id);
        Box::pin(std::future::ready(Ok(RootFeatures::default())))
    }

    /// The account that an access key belongs to, if it is known.
    fn account_of_key<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        let _ = (txn, access_key_id);
        none()
    }
}

/// What centralized root access is enabled in an organization.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct RootFeatures {
    /// `RootCredentialsManagement`.
    pub credentials_management: bool,
    /// `RootSessions`: `sts:AssumeRoot` works.
    pub sessions: bool,
}

/// A code of a second factor.
#[derive(Clone, Copy)]
pub struct MfaCode<'a> {
    /// `SerialNumber`: the ARN of a virtual device.
    pub serial: &'a str,
    /// `TokenCode`, six digits.
    pub code: &'a str,
    /// The time of the call.
    pub now: Timestamp,
}

/// An account to make.
pub struct Founding<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The e-mail address of its root user, unique among all accounts.
    pub email: &'a str,
    /// A role that the management account may assume, with every permission; none for an account
    /// that stands alone.
    pub role_name: Option<&'a str>,
    /// The management account that this role trusts.
    pub management_account: Option<&'a str>,
    /// The time of the call.
    pub now: Timestamp,
    /// The source of the account number.
    pub random: &'a dyn Random,
}

/// Why an account cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundingError {
    /// Another account has the e-mail address.
    EmailTaken,
}

/// What is known of an account.
#[derive(Clone)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// The name; empty where none was given.
    pub name: String,
    /// The e-mail address; empty where none was given.
    pub email: String,
    /// When it was made, in milliseconds since 1970.
    pub created_millis: i64,
    /// Whether it was closed; nobody of a closed account can call anything.
    pub closed: bool,
}

/// Accounts, as Organizations needs them.
pub trait Accounts: Send + Sync {
    /// Makes an account and gives its number.
    fn found<'a>(
        &'a self,
        txn: &'a mut Txn,
        founding: Founding<'a>,
    ) -> PortFuture<'a, Result<String, FoundingError>> {
        let _ = (txn, founding);
        Box::pin(std::future::ready(Err(Error::internal(
            "nobody keeps accounts here",
        ))))
    }

    /// The account of this number.
    fn account<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<Account>> {
        let _ = (txn, account);
        none()
    }

    /// Whether the account of this number was closed. Nobody reaches what it owns any more.
    fn is_closed<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, bool> {
        Box::pin(async move {
            let found = self.account(txn, account).await?;
            Ok(found.is_some_and(|found| found.closed))
        })
    }

    /// Whether `account` is the one that the first start made, whose root user is the operator.
    fn is_home<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, bool> {
        let _ = (txn, account);
        Box::pin(std::future::ready(Ok(false)))
    }

    /// Closes an account for good.
    fn close<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, ()> {
        let _ = (txn, account);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A future of a key set.
pub type KeySetFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Arc<str>, KeySetError>> + Send + 'a>>;

/// The keys that OpenID Connect issuers sign with. A port, since fetching them is I/O.
pub trait KeySets: Send + Sync {
    /// The JSON Web Key Set (RFC 7517) of the provider's issuer. With `again`, a set that was
    /// fetched a while ago is fetched anew: it lacks a key that a token names.
    fn key_set<'a>(&'a self, provider: &'a OidcProvider, again: bool) -> KeySetFuture<'a>;
}

/// Why a key set cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySetError {
    /// The issuer does not answer as it should.
    Unreachable,
    /// The issuer's certificate is neither trusted nor pinned.
    Certificate,
}

/// No issuer can be reached.
pub struct NoKeySets;

impl KeySets for NoKeySets {
    fn key_set<'a>(&'a self, _: &'a OidcProvider, _: bool) -> KeySetFuture<'a> {
        Box::pin(std::future::ready(Err(KeySetError::Unreachable)))
    }
}

/// Everything that whoever keeps identities answers.
pub trait Directory: Credentials + Policies + Identities + Accounts {}

impl<T: Credentials + Policies + Identities + Accounts> Directory for T {}

/// An account's place in an organization.
#[derive(Default)]
pub struct Membership {
    /// `o-..`.
    pub organization_id: String,
    /// The number of the management account.
    pub management_account: String,
    /// The value of `aws:PrincipalOrgPaths`: `o-../r-../ou-../`.
    pub path: String,
    /// The service control policies, one list a level from the root down to the account. Empty for
    /// the management account and where the type is not enabled.
    pub scps: Vec<Vec<Arc<NamedPolicy>>>,
    /// The resource control policies likewise.
    pub rcps: Vec<Vec<Arc<NamedPolicy>>>,
}

/// How far an organization lets a service in.
#[derive(Clone, Default)]
pub struct ServiceAccess {
    /// Whether the organization has all features, not consolidated billing alone.
    pub all_features: bool,
    /// Whether trusted access is enabled for the service.
    pub trusted: bool,
    /// The accounts that are delegated administrators for the service.
    pub delegated_administrators: Vec<String>,
}

/// Organizations. A port of its own, since another service keeps them.
pub trait Organizations: Send + Sync {
    /// The place of `account`, if it is in an organization.
    fn membership<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>>;

    /// How far the organization that `management_account` manages lets `service`, for example
    /// `iam.amazonaws.com`, in. Not at all where that account manages none.
    fn service_access<'a>(
        &'a self,
        txn: &'a mut Txn,
        management_account: &'a str,
        service: &'a str,
    ) -> PortFuture<'a, ServiceAccess>;

    /// The part of the organization that `management_account` manages which a report on the use of
    /// services is about. Unless told otherwise, there is none.
    fn reported<'a>(
        &'a self,
        txn: &'a mut Txn,
        management_account: &'a str,
        about: ReportAbout<'a>,
    ) -> PortFuture<'a, Result<Reported, Unreportable>> {
        let _ = (txn, management_account, about);
        Box::pin(std::future::ready(Ok(Err(Unreportable::UnknownPath))))
    }
}

/// No account is in an organization.
pub struct NoOrganizations;

impl Organizations for NoOrganizations {
    fn membership<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>> {
        none()
    }

    fn service_access<'a>(
        &'a self,
        _: &'a mut Txn,
        _: &'a str,
        _: &'a str,
    ) -> PortFuture<'a, ServiceAccess> {
        Box::pin(std::future::ready(Ok(ServiceAccess::default())))
    }
}

fn none<'a, T: Send + 'a>() -> PortFuture<'a, Option<T>> {
    Box::pin(std::future::ready(Ok(None)))
}

/// An access key with whoever owns it. It remembers the signing keys it derived, so it should
/// live as long as the record it was made from.
pub struct Credential {
    /// Who signs with it.
    pub caller: Arc<Caller>,
    secret: Secret<String>,
    derived: Mutex<Derived>,
}

#[derive(Default)]
struct Derived {
    /// Scope (date, region, service) and key, the latest last. A client signs for few scopes.
    v4: Vec<([String; 3], Arc<SigningKey>)>,
    v4a: Option<Arc<SigV4aKey>>,
}

/// How many scopes a credential remembers.
const REMEMBERED_SCOPES: usize = 16;

impl Credential {
    /// The credential of `caller` with its secret access key.
    pub fn new(caller: Arc<Caller>, secret: Secret<String>) -> Self {
        Self {
            caller,
            secret,
            derived: Mutex::default(),
        }
    }

    /// The key that signs requests of one day, region and service.
    pub fn signing_key(&self, date: &str, region: &str, service: &str) -> Arc<SigningKey> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let scope = [date, region, service];
        if let Some((_, key)) = derived.v4.iter().find(|(known, _)| known == &scope) {
            return Arc::clone(key);
        }
        let key = Arc::new(SigningKey::derive(
            self.secret.expose(),
            date,
            region,
            service,
        ));
        if derived.v4.len() >= REMEMBERED_SCOPES {
            derived.v4.remove(0);
        }
        derived
            .v4
            .push((scope.map(str::to_owned), Arc::clone(&key)));
        key
    }

    /// The key that verifies this credential's SigV4A signatures.
    pub fn v4a_key(&self) -> Option<Arc<SigV4aKey>> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if derived.v4a.is_none() {
            let key = SigV4aKey::derive(&self.caller.access_key_id, self.secret.expose());
            derived.v4a = Some(Arc::new(key?));
        }
        derived.v4a.clone()
    }
}
