//! SAML responses: what an identity provider says of somebody, believed only once its signature,
//! issuer, audience, recipient and times hold.
//!
//! Source: "Configure SAML assertions for the authentication response" and "Troubleshoot SAML
//! federation with IAM" (IAM user guide), "Profiles for the OASIS Security Assertion Markup
//! Language" 2.0, section 4.1.4.3.

use api::sts::{ExpiredTokenException, IDPRejectedClaimException, InvalidIdentityTokenException};
use crypto::xmldsig::{self, Signed};
use platform::{Ctx, Result, SamlProvider};
use wire::saml::{self, Assertion, Confirmation, Metadata, Response, ResponseError, Signature};
use wire::{Fault, Timestamp, pem};

use crate::saml_claims::{self, Claims};

/// How far the issuer's clock may run ahead, and how old an assertion may be, in milliseconds.
const FIVE_MINUTES: i64 = 300_000;
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// What AWS leaves out of formats of names.
const FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
/// An audience that stands for every endpoint.
const AUDIENCE: &str = "urn:amazon:webservices";

/// Whom a verified response is about.
pub(crate) struct Identity {
    /// The ARN of the provider.
    pub(crate) provider: String,
    /// The account of the provider.
    pub(crate) account: String,
    /// `Issuer`.
    pub(crate) issuer: String,
    /// `NameID`.
    pub(crate) subject: String,
    /// The format of `NameID`, short where AWS shortens it.
    pub(crate) subject_type: String,
    /// `Recipient`.
    pub(crate) recipient: String,
    /// What makes the subject unique among all issuers and accounts.
    pub(crate) name_qualifier: String,
    /// Condition keys, in lower case.
    pub(crate) keys: Vec<(String, Vec<String>)>,
    /// When the provider's own session ends.
    pub(crate) session_ends: Option<Timestamp>,
    /// The attributes that AWS defines.
    pub(crate) claims: Claims,
}

/// Verifies a response in base64 against the provider of this ARN.
pub(crate) async fn verify(ctx: &Ctx, provider_arn: &str, response: &str) -> Result<Identity> {
    let response = parse(response)?;
    let (directory, mut txn) = ctx.directory().await;
    let provider = directory.saml_provider(&mut txn, provider_arn).await?;
    let provider = provider.ok_or_else(|| invalid("Specified provider doesn't exist"))?;
    let assertion = authentic(ctx.now, response, &provider)?;
    // Only now is anything that the response says more than a claim.
    check_times(ctx.now, &assertion)?;
    check_audience(&assertion, &provider)?;
    let recipient = recipient(ctx.now, &assertion, &provider)?;
    Ok(identity(&provider, recipient, assertion)?)
}

fn parse(response: &str) -> Result<Response, Fault> {
    let mut digits = response.to_owned();
    digits.retain(|letter| !letter.is_ascii_whitespace());
    let bytes = pem::decoded(&digits).ok_or_else(|| invalid("Invalid base64 SAMLResponse"))?;
    let malformed = || invalid("Invalid SAML response");
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    Response::parse(&text).map_err(|error| match error {
        ResponseError::Malformed => malformed(),
        ResponseError::Unsigned => invalid("Response signature invalid"),
        ResponseError::Encrypted => invalid("Encrypted assertions are not supported"),
    })
}

/// The assertion, if the provider signed it.
fn authentic(
    now: Timestamp,
    response: Response,
    provider: &SamlProvider,
) -> Result<Assertion, Fault> {
    let metadata = saml::parse(&provider.metadata);
    let metadata = metadata.map_err(|_| invalid("Issuer not present in specified provider"))?;
    if response.claimed_issuer() != metadata.entity_id {
        return Err(invalid("Issuer not present in specified provider"));
    }
    if provider.valid_until_millis <= now.millis {
        return Err(invalid(
            "The metadata of the specified provider has expired",
        ));
    }
    if provider.encryption_required {
        return Err(invalid(
            "The specified provider requires encrypted assertions",
        ));
    }
    if response.status() != SUCCESS {
        let message = "The identity provider reported that authentication failed";
        return Err(IDPRejectedClaimException::new(message));
    }
    let is_valid = |signature: &Signature| is_signed(signature, &metadata);
    let assertion = response.verified(is_valid);
    assertion.ok_or_else(|| invalid("Response signature invalid"))
}

/// Whether one of the keys in the metadata made the signature, over what is read.
fn is_signed(signature: &Signature, metadata: &Metadata) -> bool {
    let signed = Signed {
        algorithm: &signature.algorithm,
        message: &signature.signed,
        signature: &signature.value,
    };
    let (method, digest) = (&signature.digest_algorithm, &signature.digest);
    let mut certificates = metadata.certificates.iter();
    xmldsig::is_digest_of(method, digest, &signature.content)
        && certificates.any(|certificate| xmldsig::is_signed_by(&signed, certificate))
}

fn check_times(now: Timestamp, assertion: &Assertion) -> Result<(), Fault> {
    if assertion.issued.millis.saturating_add(FIVE_MINUTES) <= now.millis {
        return Err(ExpiredTokenException::new(
            "Token must be redeemed within 5 minutes of issuance",
        ));
    }
    for begin in [Some(assertion.issued), assertion.not_before] {
        check_begin(now, begin)?;
    }
    for end in [assertion.not_on_or_after, assertion.session_ends] {
        check_end(now, end)?;
    }
    Ok(())
}

fn check_begin(now: Timestamp, begin: Option<Timestamp>) -> Result<(), Fault> {
    let latest = now.millis.saturating_add(FIVE_MINUTES);
    match begin {
        Some(begin) if begin.millis > latest => Err(invalid("Response is not valid yet")),
        _ => Ok(()),
    }
}

fn check_end(now: Timestamp, end: Option<Timestamp>) -> Result<(), Fault> {
    match end {
        // Sessions end at whole seconds: what has none left has ended.
        Some(end) if end.millis < now.whole_secs().millis.saturating_add(1000) => {
            Err(ExpiredTokenException::new("Response has expired"))
        }
        _ => Ok(()),
    }
}

/// Whether the assertion is for AWS. Every restriction has to hold, and there has to be one.
fn check_audience(assertion: &Assertion, provider: &SamlProvider) -> Result<(), Fault> {
    let is_aws = |audience: &String| audience == AUDIENCE || is_endpoint(audience, provider);
    let mut all = assertion.audiences.iter();
    let holds = all.all(|audiences| audiences.iter().any(is_aws));
    if assertion.audiences.is_empty() || !holds {
        return Err(invalid("Response does not contain the required audience."));
    }
    Ok(())
}

/// The `Recipient` of the one confirmation that a bearer needs.
fn recipient(
    now: Timestamp,
    assertion: &Assertion,
    provider: &SamlProvider,
) -> Result<String, Fault> {
    let [confirmation] = assertion.confirmations.as_slice() else {
        let message = "Response must contain exactly one SubjectConfirmation";
        return Err(invalid(message));
    };
    let Confirmation {
        method,
        recipient: Some(recipient),
        not_before,
        not_on_or_after: Some(end),
    } = confirmation
    else {
        let message = "SubjectConfirmationData must contain NotOnOrAfter and Recipient";
        return Err(invalid(message));
    };
    if method != BEARER || !is_endpoint(recipient, provider) {
        return Err(invalid("Response is not for the AWS sign-in endpoint"));
    }
    check_begin(now, *not_before)?;
    check_end(now, Some(*end))?;
    Ok(recipient.clone())
}

/// Whether a URL is where AWS takes responses: everywhere, in a region, or of one provider.
fn is_endpoint(url: &str, provider: &SamlProvider) -> bool {
    let Some((host, path)) = url
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let label = |letter: char| letter.is_ascii_lowercase() || "-0123456789".contains(letter);
    let is_region = |region: &str| !region.is_empty() && region.chars().all(label);
    let is_host = host == "signin.aws.amazon.com"
        || host
            .strip_suffix(".signin.aws.amazon.com")
            .is_some_and(is_region);
    let is_own = |id| id == provider.uuid;
    is_host && (path == "saml" || path.strip_prefix("saml/acs/").is_some_and(is_own))
}

fn identity(
    provider: &SamlProvider,
    recipient: String,
    assertion: Assertion,
) -> Result<Identity, Fault> {
    if assertion.subject.is_empty() {
        return Err(invalid("Response must contain a NameID"));
    }
    let account = provider.arn.split(':').nth(4).unwrap_or_default();
    let name = provider.arn.rsplit('/').next().unwrap_or_default();
    let qualified = format!("{}{account}/{name}", assertion.issuer);
    let name_qualifier = pem::base64(&crypto::sha1_name(qualified.as_bytes()));
    let format = assertion.subject_format.as_deref().unwrap_or(UNSPECIFIED);
    let subject_type = format.strip_prefix(FORMATS).unwrap_or(format).to_owned();
    let mut keys = saml_claims::mapped(&assertion.attributes);
    for (key, value) in [
        ("saml:aud", &recipient),
        ("saml:doc", &format!("{account}/{name}")),
        ("saml:iss", &assertion.issuer),
        ("saml:namequalifier", &name_qualifier),
        ("saml:sub", &assertion.subject),
        ("saml:sub_type", &subject_type),
    ] {
        keys.push((key.to_owned(), vec![value.clone()]));
    }
    Ok(Identity {
        provider: provider.arn.clone(),
        account: account.to_owned(),
        claims: Claims::read(&assertion.attributes)?,
        issuer: assertion.issuer,
        subject: assertion.subject,
        session_ends: assertion.session_ends,
        subject_type,
        recipient,
        name_qualifier,
        keys,
    })
}

fn invalid(message: &str) -> Fault {
    InvalidIdentityTokenException::new(message)
}
