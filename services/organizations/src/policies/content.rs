//! Whether a document is one of its type.

use api::organizations::MalformedPolicyDocumentException;
use platform::{Error, Result};
use policy::{Policy, PolicyKind};

use crate::organization::membership::{RESOURCE_CONTROL, SERVICE_CONTROL};
use crate::policies::{effective, limits};
use crate::refusals;

/// Refuses a document that is too long or not of its type.
pub(super) fn check(kind: &str, content: &str) -> Result<()> {
    if content.chars().count() > limits::characters(kind) {
        return Err(refusals::constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You have exceeded the maximum policy size.",
        ));
    }
    let is_sound = match kind {
        SERVICE_CONTROL => Policy::parse(content, PolicyKind::ServiceControl).is_ok(),
        RESOURCE_CONTROL => Policy::parse(content, PolicyKind::ResourceControl).is_ok(),
        _ => effective::is_sound(content),
    };
    if is_sound { Ok(()) } else { Err(malformed()) }
}

fn malformed() -> Error {
    let message = "The provided policy document does not meet the requirements of the specified \
                   policy type.";
    MalformedPolicyDocumentException::new(message).into()
}
