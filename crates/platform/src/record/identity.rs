//! Who called, as events tell it (CloudTrail `userIdentity` element).

use wire::Timestamp;
use wire::json::Writer;

use super::text;
use crate::caller::{Caller, CallerKind};
use crate::ctx::Vouched;
use crate::session::Session;

/// The identity of a call without signature that an identity provider vouches for.
pub(super) fn provided_identity(out: &mut Writer, vouched: &Vouched) {
    out.name("userIdentity");
    out.begin_object();
    text(out, "type", vouched.kind);
    text(out, "principalId", &vouched.principal_id);
    text(out, "userName", &vouched.user_name);
    text(out, "identityProvider", &vouched.provider);
    out.end_object();
}

/// The identity of a call that nobody vouches for.
pub(super) fn unknown_identity(out: &mut Writer) {
    out.name("userIdentity");
    out.begin_object();
    text(out, "type", "Unknown");
    text(out, "principalId", "");
    out.end_object();
}

/// `sessionContext` (CloudTrail `userIdentity` element).
pub(super) fn session_context(out: &mut Writer, caller: &Caller, session: &Session) {
    out.name("sessionContext");
    out.begin_object();
    if let CallerKind::Role { name, role_arn, .. } = &caller.kind {
        issuer(
            out,
            ("Role", name),
            (role_arn, caller.unique_id(), &caller.account),
        );
    }
    if let CallerKind::FederatedUser {
        founder_arn,
        founder_id,
        ..
    } = &caller.kind
    {
        let (kind, name) = match founder_arn.rsplit_once('/') {
            Some((_, name)) => ("IAMUser", name),
            None => ("Root", ""),
        };
        issuer(
            out,
            (kind, name),
            (founder_arn, founder_id, &caller.account),
        );
    }
    web_identity(out, session);
    out.name("attributes");
    out.begin_object();
    let issued = Timestamp {
        millis: session.issued_millis,
    };
    text(out, "creationDate", &issued.whole_secs().iso8601());
    let has_mfa = session.mfa_millis.is_some();
    text(
        out,
        "mfaAuthenticated",
        if has_mfa { "true" } else { "false" },
    );
    out.end_object();
    if let Some(source_identity) = &session.source_identity {
        text(out, "sourceIdentity", source_identity);
    }
    if is_for_a_task(caller, session) {
        text(out, "assumedRoot", "true");
    }
    out.end_object();
}

/// Who vouched for a session that a web identity began. CloudTrail says nothing of that identity
/// there: its token is named where the session begins.
fn web_identity(out: &mut Writer, session: &Session) {
    let provider = session.provider.as_deref();
    let Some(provider) = provider.filter(|provider| !provider.contains(":saml-provider/")) else {
        return;
    };
    out.name("webIdFederationData");
    out.begin_object();
    text(out, "federatedProvider", provider);
    out.name("attributes");
    out.begin_object();
    out.end_object();
    out.end_object();
}

/// Whether `sts:AssumeRoot` began the session ("Track privileged tasks in CloudTrail", IAM user
/// guide).
fn is_for_a_task(caller: &Caller, session: &Session) -> bool {
    let policies = session.policies.as_ref();
    let mut arns = policies.iter().flat_map(|policies| &policies.arns);
    caller.kind == CallerKind::Root && arns.any(|arn| arn.contains(":policy/root-task/"))
}

fn issuer(out: &mut Writer, (kind, name): (&str, &str), (arn, id, account): (&str, &str, &str)) {
    out.name("sessionIssuer");
    out.begin_object();
    text(out, "type", kind);
    text(out, "principalId", id);
    text(out, "arn", arn);
    text(out, "accountId", account);
    if !name.is_empty() {
        text(out, "userName", name);
    }
    out.end_object();
}
