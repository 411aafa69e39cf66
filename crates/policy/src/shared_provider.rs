//! Identity providers that many organizations share under one URL.
//!
//! A token of such a provider says by one of its claims whose it is. IAM refuses a trust policy
//! that trusts the provider and does not evaluate that claim, since anybody's token would do
//! ("Identity-provider controls for shared OIDC providers", IAM user guide).

use crate::condition::texts;
use crate::json::Json;
use crate::malformed::{Fault, Refusal};
use crate::named_principal::NamedPrincipal;
use crate::operator::{Family, Operator, Qualifier};
use crate::outline::Outline;
use crate::statement::Effect;

/// What a claim of a provider's tokens is called as a condition key, of which one must be
/// evaluated.
type Keys = &'static [&'static str];

/// Provider -> condition keys. Those without a colon are claims of the provider's tokens.
const CONTROLS: &[(&str, Keys)] = &[
    ("agent.buildkite.com", &["sub"]),
    ("api.pulumi.com/oidc", &["aud"]),
    ("app.terraform.io", &["sub"]),
    ("cognito-identity.amazonaws.com", &["aud"]),
    ("gitlab.com", &["sub"]),
    (
        "oidc-configuration.audit-log.githubusercontent.com",
        &["sub"],
    ),
    ("oidc.codefresh.io", &["sub"]),
    (
        "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
        &["sub"],
    ),
    (
        "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
        &["sub"],
    ),
    ("oidc.vercel.com", &["aud"]),
    ("proidc.upbound.io", &["sub"]),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
        &["sub"],
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
        &["sub"],
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
        &["sub"],
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
        &["sub"],
    ),
    ("sandboxes.cloud", &["aud"]),
    ("scalr.io", &["sub"]),
    (
        "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d",
        &["sts:RoleSessionName"],
    ),
    ("studio.datachain.ai/api", &["sub"]),
    (
        "token.actions.githubusercontent.com",
        &["sub", "job_workflow_ref"],
    ),
    ("tokens.cloud.shisho.dev", &["sub"]),
    ("vstoken.actions.githubusercontent.com", &["sub"]),
];

/// Refuses a statement that allows whoever has any token of a shared provider.
pub(crate) fn check(outline: &Outline<'_>) -> Result<(), Refusal> {
    if outline.effect == Effect::Deny {
        return Ok(());
    }
    let named = outline.principals.iter().flat_map(|list| &list.items);
    for principal in named {
        let NamedPrincipal::Federated(trusted) = principal else {
            continue;
        };
        let Some(keys) = controls(trusted) else {
            continue;
        };
        if !keys.iter().any(|key| evaluates(outline.condition, key)) {
            let detail = format!("any token of `{trusted}` would do");
            let (principal, keys) = (trusted.clone(), keys.join(" or "));
            return Err(Refusal::new(Fault::AnyTenant { principal, keys }, detail));
        }
    }
    Ok(())
}

/// The condition keys of which a trust in this provider must evaluate one, if it is shared.
fn controls(trusted: &str) -> Option<Vec<String>> {
    let provider = match trusted.split_once(":oidc-provider/") {
        Some((_, provider)) => provider,
        None => trusted,
    };
    let (provider, keys) = CONTROLS.iter().find(|(shared, _)| *shared == provider)?;
    let key = |key: &&str| match key.contains(':') {
        true => (*key).to_owned(),
        false => format!("{provider}:{key}"),
    };
    Some(keys.iter().map(key).collect())
}

/// Whether `condition` lets through some values of `key` only.
fn evaluates(condition: Option<&Json>, key: &str) -> bool {
    let Some(Json::Object(blocks)) = condition else {
        return false;
    };
    let of_key = blocks.iter().filter(|(name, _)| compares_text(name));
    let mut values = of_key.filter_map(|(_, block)| match block {
        Json::Object(keys) => keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)),
        _ => None,
    });
    values.any(|(_, values)| texts(values).is_ok_and(|texts| are_scoped(&texts)))
}

/// `StringEquals`, `StringLike` and `StringEqualsIgnoreCase`; not where absence or an empty set
/// would do.
fn compares_text(name: &str) -> bool {
    Operator::parse(name).is_some_and(|operator| {
        let texts = matches!(
            operator.family,
            Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike
        );
        let vacuous = operator.if_exists || operator.qualifier == Qualifier::ForAllValues;
        texts && !operator.negated && !vacuous
    })
}

/// Whether no value stands for everything: each has more than wildcards.
fn are_scoped(values: &[&str]) -> bool {
    let scoped = |value: &&str| {
        value
            .chars()
            .any(|character| !matches!(character, '*' | '?'))
    };
    !values.is_empty() && values.iter().all(scoped)
}
