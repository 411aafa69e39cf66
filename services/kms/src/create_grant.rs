//! `kms:CreateGrant`: lets a principal use a key, within constraints.

use api::kms::{CreateGrantRequest, CreateGrantResponse, GrantOperation};
use platform::{Authorized, Ctx, Result, validation};

use crate::condition_keys::{GrantKeys, RequestKeys};
use crate::dry_run::DryRun;
use crate::grant::{GrantRecord, Retiring};
use crate::grant_constraints::Terms;
use crate::grant_principal::GrantPrincipal;
use crate::key::{Key, KeyRecord};
use crate::kind::{Spec, Usage};
use crate::lookup::Found;
use crate::{access, grant_tokens};

pub(crate) async fn create_grant(
    ctx: &Ctx,
    req: CreateGrantRequest,
) -> Result<CreateGrantResponse> {
    let dry_run = DryRun::new(req.dry_run, &[])?;
    check_principals(&req)?;
    let terms = Terms::new(&req.operations, req.constraints.as_ref())?;
    grant_tokens::check(ctx, &req.grant_tokens)?;

    let found = Found::by_id(ctx, &req.key_id).await?;
    let request = RequestKeys {
        grant: Some(GrantKeys {
            terms: &terms,
            request: Some(&req),
        }),
        is_about_grants: true,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:CreateGrant", found, &request).await?;

    key.check_enabled()?;
    check_fits(&terms, &key.record)?;
    let grant = new_record(ctx, &key, &req, terms).await?;
    let before = grant.made_before(ctx).await?;
    if before.is_none() {
        grant.check_quota(ctx).await?;
    }
    dry_run.finish()?;
    let id = before.clone().unwrap_or_else(|| grant.id.clone());
    let grant_token = grant_tokens::seal(ctx, &grant, &id)?;
    if before.is_none() {
        grant.add(ctx).await?;
    }
    Ok(CreateGrantResponse {
        grant_token: Some(grant_token),
        grant_id: Some(id),
    })
}

/// Checks which principals a request names, and what a service as grantee needs.
fn check_principals(req: &CreateGrantRequest) -> Result<()> {
    let has_retiring = req.retiring_principal.is_some() || req.retiring_service_principal.is_some();
    let constraints = req.constraints.as_ref();
    let has_source = constraints.is_some_and(|it| it.source_arn.is_some());
    let refusal = match (&req.grantee_principal, &req.grantee_service_principal) {
        (None, None) | (Some(_), Some(_)) => {
            "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both."
        }
        _ if req.retiring_principal.is_some() && req.retiring_service_principal.is_some() => {
            "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both."
        }
        (_, Some(_)) if !has_source => {
            "You must specify a SourceArn grant constraint with a GranteeServicePrincipal."
        }
        (_, Some(_)) if !has_retiring => {
            "You must specify a RetiringPrincipal or a RetiringServicePrincipal with a \
             GranteeServicePrincipal."
        }
        _ => return Ok(()),
    };
    Err(validation(refusal))
}

/// A grant can only permit what its key can do, and constrain only encryption contexts that such a
/// key's calls have.
fn check_fits(terms: &Terms, key: &KeyRecord) -> Result<()> {
    let supported = operations(key.spec, key.usage);
    let of_any_key = [
        GrantOperation::CreateGrant,
        GrantOperation::RetireGrant,
        GrantOperation::DescribeKey,
    ];
    let valid = of_any_key.iter().chain(supported);
    let valid: Vec<_> = valid.map(|one| one.as_str()).collect();
    let others = terms.operations.iter().map(String::as_str);
    let others: Vec<_> = others.filter(|name| !valid.contains(name)).collect();
    if !others.is_empty() {
        let kind = match key.spec.is_asymmetric() {
            true => "an asymmetric",
            false => "a symmetric",
        };
        let text = format!(
            "Operations [{}] are not supported when creating a grant for {kind} KMS key with key \
             usage {}. Valid operations are [{}]",
            others.join(", "),
            key.usage.shown().as_str(),
            valid.join(", "),
        );
        return Err(validation(text));
    }
    if key.spec != Spec::SymmetricDefault && terms.context_pairs().is_some() {
        return Err(validation(
            "EncryptionContext is supported only when creating a grant for a symmetric encryption \
             KMS key.",
        ));
    }
    Ok(())
}

/// What a grant for such a key can permit beside what it can for any ("Grant operations").
fn operations(spec: Spec, usage: Usage) -> &'static [GrantOperation] {
    use GrantOperation::{
        Decapsulate, Decrypt, DeriveSharedSecret, Encapsulate, Encrypt, GenerateDataKey,
        GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext,
        GenerateMac, GetPublicKey, ReEncryptFrom, ReEncryptTo, Sign, Verify, VerifyMac,
    };
    match usage {
        Usage::EncryptDecrypt if spec == Spec::SymmetricDefault => &[
            Decrypt,
            Encrypt,
            GenerateDataKey,
            GenerateDataKeyPair,
            GenerateDataKeyPairWithoutPlaintext,
            GenerateDataKeyWithoutPlaintext,
            ReEncryptFrom,
            ReEncryptTo,
        ],
        Usage::EncryptDecrypt => &[Decrypt, Encrypt, ReEncryptFrom, ReEncryptTo, GetPublicKey],
        Usage::SignVerify => &[Sign, Verify, GetPublicKey],
        Usage::GenerateVerifyMac => &[GenerateMac, VerifyMac],
        Usage::KeyAgreement => &[DeriveSharedSecret, GetPublicKey],
        Usage::EncapsulateDecapsulate => &[Encapsulate, Decapsulate, GetPublicKey],
    }
}

/// The record of a new grant. Principals are looked up only now: whoever may not make grants does
/// not learn which users and roles exist.
async fn new_record(
    ctx: &Ctx,
    key: &Authorized<Key>,
    req: &CreateGrantRequest,
    terms: Terms,
) -> Result<GrantRecord> {
    let (arn, service) = (&req.grantee_principal, &req.grantee_service_principal);
    let Some(grantee) = principal(ctx, arn.as_deref(), service.as_deref()).await? else {
        return Err(validation("You must specify a GranteePrincipal."));
    };
    let (arn, service) = (&req.retiring_principal, &req.retiring_service_principal);
    let retiring = principal(ctx, arn.as_deref(), service.as_deref()).await?;
    let account = arn.as_deref().and_then(|arn| arn.split(':').nth(4));
    let account = account.unwrap_or_default().to_owned();
    let retiring = retiring.map(|principal| Retiring { principal, account });
    let KeyRecord {
        account,
        region,
        id: key_id,
        ..
    } = &*key.record;
    Ok(GrantRecord {
        account: account.clone(),
        region: region.clone(),
        key_id: key_id.clone(),
        id: new_id(ctx)?,
        name: req.name.clone(),
        created_millis: ctx.now.millis,
        grantee,
        retiring,
        issuer: ctx.account().to_owned(),
        terms,
    })
}

async fn principal(
    ctx: &Ctx,
    arn: Option<&str>,
    service: Option<&str>,
) -> Result<Option<GrantPrincipal>> {
    match arn {
        Some(arn) => GrantPrincipal::of_arn(ctx, arn).await.map(Some),
        None => Ok(service.map(|name| GrantPrincipal::Service(name.to_owned()))),
    }
}

fn new_id(ctx: &Ctx) -> Result<String> {
    let bytes: [u8; 32] = ctx.random_bytes()?;
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(digits.map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_grants_fits_some_kind_of_key() {
        let kinds = [
            (Spec::SymmetricDefault, Usage::EncryptDecrypt),
            (Spec::Rsa2048, Usage::EncryptDecrypt),
            (Spec::EccNistP256, Usage::SignVerify),
            (Spec::Hmac256, Usage::GenerateVerifyMac),
            (Spec::EccNistP256, Usage::KeyAgreement),
            (Spec::MlKem512, Usage::EncapsulateDecapsulate),
        ];
        let mut known: Vec<_> = kinds
            .iter()
            .flat_map(|(spec, usage)| operations(*spec, *usage))
            .map(|operation| operation.as_str())
            .collect();
        known.sort_unstable();
        known.dedup();
        // 19 in the API's list, three of which fit every key.
        assert_eq!(known.len(), 16, "{known:?}");
    }
}
