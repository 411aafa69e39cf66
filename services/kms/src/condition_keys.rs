//! The condition keys of KMS (AWS KMS developer guide, "AWS KMS condition keys"). Each value comes
//! from the request as it is carried out or from the key's record.

use std::borrow::Cow;

use api::kms::{
    AlgorithmSpec, CreateGrantRequest, DataKeyPairSpec, EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec, ExpirationModelType, KeyAgreementAlgorithmSpec, MacAlgorithmSpec,
    MessageType, SigningAlgorithmSpec, WrappingKeySpec,
};
use platform::{ConditionKeys, Ctx};
use policy::Values;
use wire::Timestamp;

use crate::encryption_context::EncryptionContext;
use crate::grant_constraints::Terms;
use crate::key::Key;
use crate::recipient::Recipient;

/// What a request says beside the key it names.
#[derive(Clone, Copy, Default)]
pub(crate) struct RequestKeys<'a> {
    /// For operations that encrypt or decrypt.
    pub(crate) encryption: Option<(EncryptionAlgorithmSpec, &'a EncryptionContext)>,
    /// For operations that sign or verify signatures.
    pub(crate) signing: Option<(SigningAlgorithmSpec, MessageType)>,
    /// For operations that make or verify MACs.
    pub(crate) mac: Option<MacAlgorithmSpec>,
    /// For DeriveSharedSecret.
    pub(crate) key_agreement: Option<KeyAgreementAlgorithmSpec>,
    /// For operations that encapsulate or decapsulate.
    pub(crate) encapsulation: Option<EncapsulationAlgorithmSpec>,
    /// For operations that generate data key pairs.
    pub(crate) data_key_pair: Option<DataKeyPairSpec>,
    /// For ReEncrypt.
    pub(crate) re_encrypt_on_same_key: Option<bool>,
    /// For ScheduleKeyDeletion.
    pub(crate) pending_window_in_days: Option<i32>,
    /// For EnableKeyRotation.
    pub(crate) rotation_period_in_days: Option<i32>,
    /// For GetParametersForImport.
    pub(crate) wrapping: Option<(AlgorithmSpec, WrappingKeySpec)>,
    /// For ImportKeyMaterial: how the material expires, and when.
    pub(crate) expiration: Option<(ExpirationModelType, Option<Timestamp>)>,
    /// For DisableKey and ScheduleKeyDeletion: the whole days since the key was last used.
    pub(crate) days_without_use: Option<i64>,
    /// For ReplicateKey.
    pub(crate) replica_region: Option<&'a str>,
    /// For UpdatePrimaryRegion.
    pub(crate) primary_region: Option<&'a str>,
    /// For PutKeyPolicy and ReplicateKey.
    pub(crate) bypass_lockout_check: Option<bool>,
    /// For operations that answer an attested recipient.
    pub(crate) recipient: Option<&'a Recipient>,
    /// For CreateGrant and RetireGrant.
    pub(crate) grant: Option<GrantKeys<'a>>,
    /// For CreateGrant, ListGrants and RevokeGrant.
    pub(crate) is_about_grants: bool,
    /// For TagResource.
    pub(crate) tags: &'a [(String, String)],
    /// For UntagResource.
    pub(crate) tag_keys: &'a [String],
}

/// What a request says about a grant.
#[derive(Clone, Copy)]
pub(crate) struct GrantKeys<'a> {
    pub(crate) terms: &'a Terms,
    /// For CreateGrant.
    pub(crate) request: Option<&'a CreateGrantRequest>,
}

impl RequestKeys<'_> {
    /// For the operations on grants that say nothing about the grant itself.
    pub(crate) fn about_grants() -> Self {
        Self {
            is_about_grants: true,
            ..Self::default()
        }
    }
}

/// The keys of one decision about a key.
pub(crate) struct KeyConditions<'a> {
    caller_account: &'a str,
    /// The service that makes the call on behalf of its caller.
    via_service: Option<&'a str>,
    key: Option<&'a Key>,
    request: &'a RequestKeys<'a>,
}

/// A request that says nothing beside the key it names.
const NOTHING: &RequestKeys<'static> = &RequestKeys {
    encryption: None,
    signing: None,
    mac: None,
    key_agreement: None,
    encapsulation: None,
    data_key_pair: None,
    re_encrypt_on_same_key: None,
    pending_window_in_days: None,
    rotation_period_in_days: None,
    wrapping: None,
    expiration: None,
    days_without_use: None,
    replica_region: None,
    primary_region: None,
    bypass_lockout_check: None,
    recipient: None,
    grant: None,
    is_about_grants: false,
    tags: &[],
    tag_keys: &[],
};

impl<'a> KeyConditions<'a> {
    /// For a decision about `key`.
    pub(crate) fn of(ctx: &'a Ctx, key: &'a Key, request: &'a RequestKeys<'a>) -> Self {
        Self::new(ctx, Some(key), request)
    }

    /// For a decision about a key that may be absent.
    pub(crate) fn new(ctx: &'a Ctx, key: Option<&'a Key>, request: &'a RequestKeys<'a>) -> Self {
        Self {
            caller_account: ctx.account(),
            via_service: ctx.via_service(),
            key,
            request,
        }
    }

    /// For a decision that no key takes part in.
    pub(crate) fn without_key(ctx: &'a Ctx) -> Self {
        Self::new(ctx, None, NOTHING)
    }

    fn of_recipient(&self, key: &str) -> Option<Values<'_>> {
        let name = key.strip_prefix("recipientattestation:")?;
        self.request.recipient?.condition(name).map(Values::from)
    }

    fn of_request(&self, key: &str) -> Option<Values<'_>> {
        let request = self.request;
        match key {
            "reencryptonsamekey" => request.re_encrypt_on_same_key.map(boolean),
            "bypasspolicylockoutsafetycheck" => request.bypass_lockout_check.map(boolean),
            "schedulekeydeletionpendingwindowindays" => request
                .pending_window_in_days
                .map(|days| Values::from(days.to_string())),
            "rotationperiodindays" => request
                .rotation_period_in_days
                .map(|days| Values::from(days.to_string())),
            "trailingdayswithoutkeyusage" => request
                .days_without_use
                .map(|days| Values::from(days.to_string())),
            "encryptionalgorithm" => request
                .encryption
                .map(|(algorithm, _)| Values::from(algorithm.as_str())),
            "signingalgorithm" => request.signing.map(|(asked, _)| asked.as_str().into()),
            "messagetype" => request.signing.map(|(_, message)| message.as_str().into()),
            "macalgorithm" => request.mac.map(|asked| asked.as_str().into()),
            "keyagreementalgorithm" => request.key_agreement.map(|asked| asked.as_str().into()),
            "encapsulationalgorithm" => request.encapsulation.map(|asked| asked.as_str().into()),
            "datakeypairspec" => request.data_key_pair.map(|asked| asked.as_str().into()),
            "wrappingalgorithm" => request.wrapping.map(|(asked, _)| asked.as_str().into()),
            "wrappingkeyspec" => request.wrapping.map(|(_, asked)| asked.as_str().into()),
            "expirationmodel" => request.expiration.map(|(model, _)| model.as_str().into()),
            "validto" => {
                let (_, valid_to) = request.expiration?;
                valid_to.map(|at| Values::from(at.iso8601()))
            }
            "grantisforawsresource" => request
                .is_about_grants
                .then(|| boolean(self.via_service.is_some())),
            "replicaregion" => request.replica_region.map(Values::from),
            "primaryregion" => request.primary_region.map(Values::from),
            "encryptioncontextkeys" => set(self.context()?.map(|(key, _)| key.as_str())),
            _ => {
                let Some(name) = key.strip_prefix("encryptioncontext:") else {
                    return self.of_recipient(key).or_else(|| self.of_grant(key));
                };
                // Names of condition keys do not distinguish case, keys of a context do: all
                // that the name may mean take part.
                let meant = self
                    .context()?
                    .filter(|(key, _)| key.to_lowercase() == name);
                set(meant.map(|(_, value)| value.as_str()))
            }
        }
    }

    /// The encryption context of the request: for requests about a grant, what the constraints of
    /// the grant say of it.
    fn context(&self) -> Option<impl Iterator<Item = &(String, String)>> {
        let request = self.request;
        let own = request.encryption.map(|(_, context)| context.pairs());
        let constrained = request.grant.and_then(|grant| grant.terms.context_pairs());
        let is_there = own.is_some() || constrained.is_some();
        let pairs = own
            .into_iter()
            .flatten()
            .chain(constrained.into_iter().flatten());
        is_there.then_some(pairs)
    }

    fn of_grant(&self, key: &str) -> Option<Values<'_>> {
        let GrantKeys { terms, request } = self.request.grant?;
        let text = |text: &'a Option<String>| text.as_deref().map(Values::from);
        match (key, request) {
            ("grantconstrainttype", _) => set(terms.constraint_types()),
            ("grantconstraintsourcearn", Some(_)) => text(&terms.source_arn),
            ("grantoperations", Some(_)) => set(terms.operations.iter().map(String::as_str)),
            ("granteeprincipal", Some(request)) => text(&request.grantee_principal),
            ("granteeserviceprincipal", Some(request)) => text(&request.grantee_service_principal),
            ("retiringprincipal", Some(request)) => text(&request.retiring_principal),
            ("retiringserviceprincipal", Some(request)) => {
                text(&request.retiring_service_principal)
            }
            _ => None,
        }
    }

    fn of_key(&self, key: &str) -> Option<Values<'_>> {
        let Key { record, alias, .. } = self.key?;
        match key {
            "keyspec" | "customermasterkeyspec" => Some(record.spec.shown().as_str().into()),
            "keyusage" | "customermasterkeyusage" => Some(record.usage.shown().as_str().into()),
            "keyorigin" => Some(record.origin.shown().as_str().into()),
            "multiregion" => Some(boolean(record.family.is_some())),
            "multiregionkeytype" => Some(record.multi_region_type()?.as_str().into()),
            "requestalias" => alias.as_deref().map(Values::from),
            "resourcealiases" if record.aliases.is_empty() => None,
            "resourcealiases" => Some(Values::Many(&record.aliases)),
            _ => None,
        }
    }
}

impl ConditionKeys for KeyConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let key = key.strip_prefix("kms:")?;
        match key {
            // A service that acts for itself has no account.
            "calleraccount" if self.caller_account.is_empty() => None,
            "calleraccount" => Some(self.caller_account.into()),
            "viaservice" => self.via_service.map(Values::from),
            _ => self.of_key(key).or_else(|| self.of_request(key)),
        }
    }
}

/// The value of a Boolean key.
pub(crate) fn boolean<'a>(value: bool) -> Values<'a> {
    Values::from(if value { "true" } else { "false" })
}

fn set<'a>(values: impl Iterator<Item = &'a str>) -> Option<Values<'a>> {
    let values: Vec<_> = values.map(Cow::Borrowed).collect();
    (!values.is_empty()).then_some(Values::Set(values))
}
