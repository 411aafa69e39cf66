//! Which account a principal is in whose unique id stands in a policy.

use platform::Result;
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

use crate::binding;

/// Where to look for the user or role with a unique id that some policy names.
#[derive(Serialize, Deserialize)]
struct RememberedPrincipal {
    /// The ARN that the policy named, which a user may have changed since.
    arn: String,
}

impl Record for RememberedPrincipal {
    const TABLE: &'static str = "iam.remembered-principals";
    const SERVICE: &'static str = "iam";
}

impl RememberedPrincipal {
    fn key(unique_id: &str) -> Key {
        Key::new("", "", [unique_id])
    }
}

/// The unique id of the user or role of this ARN; remembers it for [`arn`].
pub(crate) async fn remember(txn: &mut Txn, principal_arn: &str) -> Result<Option<String>> {
    let Some(id) = binding::unique_id(txn, principal_arn).await? else {
        return Ok(None);
    };
    let key = RememberedPrincipal::key(&id);
    let known = txn.get::<RememberedPrincipal>(&key).await?;
    if known.is_none_or(|known| known.arn != principal_arn) {
        let arn = principal_arn.to_owned();
        txn.put(key, RememberedPrincipal { arn });
    }
    Ok(Some(id))
}

/// The present ARN of the user or role with this remembered unique id, if it still exists.
pub(crate) async fn arn(txn: &mut Txn, unique_id: &str) -> Result<Option<String>> {
    let key = RememberedPrincipal::key(unique_id);
    let Some(known) = txn.get::<RememberedPrincipal>(&key).await? else {
        return Ok(None);
    };
    if binding::unique_id(txn, &known.arn).await?.as_deref() == Some(unique_id) {
        return Ok(Some(known.arn.clone()));
    }
    // A role keeps its ARN as long as it lives; a user may have got another one.
    if unique_id.starts_with("AROA") {
        return Ok(None);
    }
    let account = known.arn.split(':').nth(4).unwrap_or_default();
    binding::arn_of(txn, account, unique_id).await
}
