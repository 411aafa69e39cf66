//! Step 3: from a signature to a caller.

use std::sync::Arc;

use http::request::Parts;
use store::Txn;
use wire::sigv4::{Algorithm, Presented, RequestHead, SignatureError, VerifyingKey};
use wire::{Common, Fault, Timestamp};

use crate::caller::{Caller, is_account};
use crate::fault::Error;
use crate::ports::{Credential, Directory};
use crate::regions::is_region;
use crate::route::header;
use crate::session::Sessions;

/// The view of a request that its signature covers.
pub(crate) fn head(parts: &Parts) -> RequestHead<'_> {
    RequestHead {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
    }
}

/// A verified caller and the region it signed for.
pub(crate) struct Identity {
    pub(crate) caller: Arc<Caller>,
    pub(crate) region: String,
}

/// What an identification needs beside the request.
pub(crate) struct Gate<'a> {
    pub(crate) directory: &'a dyn Directory,
    pub(crate) sessions: &'a Sessions,
    pub(crate) service: &'a str,
    pub(crate) now: Timestamp,
}

/// Verifies the signature. Nothing is looked up before everything that needs no secret holds.
pub(crate) async fn identify(
    gate: &Gate<'_>,
    txn: &mut Txn,
    parts: &Parts,
    body: &[u8],
    presented: &Result<Option<Presented<'_>>, SignatureError>,
) -> Result<Identity, Error> {
    let head = head(parts);
    let Some(presented) = presented.as_ref().map_err(refusal)? else {
        return Err(refusal(&SignatureError::MissingToken));
    };
    presented
        .check(&head, gate.service, gate.now)
        .map_err(|error| refusal(&error))?;
    let credential = credential(gate, txn, presented).await?;
    match presented.algorithm {
        Algorithm::V4 => {
            let key =
                credential.signing_key(&presented.date, &presented.region, &presented.service);
            presented
                .verify(&head, body, &VerifyingKey::V4(&key))
                .map_err(|error| refusal(&error))?;
        }
        Algorithm::V4a => {
            let key = credential.v4a_key().ok_or_else(unknown_key)?;
            presented
                .verify(&head, body, &VerifyingKey::V4a(&key))
                .map_err(|error| refusal(&error))?;
        }
    }
    let region = region_of(presented)?;
    check_session(gate, txn, &credential.caller).await?;
    Ok(Identity {
        caller: Arc::clone(&credential.caller),
        region,
    })
}

/// The credential behind an access key: one that an owner keeps, or one that its session token
/// carries. Neither stands in for the other.
async fn credential(
    gate: &Gate<'_>,
    txn: &mut Txn,
    presented: &Presented<'_>,
) -> Result<Arc<Credential>, Error> {
    let id = &presented.access_key_id;
    let found = match &presented.session_token {
        None => gate.directory.find(txn, id).await?,
        Some(token) => gate.sessions.open(id, token),
    };
    found.ok_or_else(unknown_key)
}

/// Temporary credentials end at their time, and with whom they were issued for.
async fn check_session(gate: &Gate<'_>, txn: &mut Txn, caller: &Caller) -> Result<(), Error> {
    let Some(session) = &caller.session else {
        return Ok(());
    };
    if session.expires_millis <= gate.now.millis {
        return Err(Error::Fault(Fault::common(
            Common::ExpiredToken,
            "The security token included in the request is expired",
        )));
    }
    if gate.directory.lives(txn, caller).await? {
        Ok(())
    } else {
        Err(unknown_key())
    }
}

/// The caller of an operation that carries no signature. Its region is that of the host it was
/// sent to, `sts.eu-west-2.amazonaws.com`.
pub(crate) fn nobody(parts: &Parts) -> Identity {
    let host = header(&parts.headers, &http::header::HOST).unwrap_or_default();
    let mut labels = host.split('.').skip(1);
    let region = labels.next().filter(|label| is_region(label));
    Identity {
        caller: Arc::new(Caller::anonymous()),
        region: region.unwrap_or(DEFAULT_REGION).to_owned(),
    }
}

/// With authorization off, any credentials will do: an access key of 12 digits is the account.
/// A session token still tells whose session it is.
pub(crate) fn assume(
    sessions: &Sessions,
    presented: &Result<Option<Presented<'_>>, SignatureError>,
) -> Identity {
    let presented = presented.as_ref().ok().and_then(Option::as_ref);
    let key = presented.map_or("", |presented| &*presented.access_key_id);
    let account = if is_account(key) { key } else { "000000000000" };
    let region = presented.and_then(|presented| region_of(presented).ok());
    let token = presented.and_then(|presented| presented.session_token.as_deref());
    let session = token.and_then(|token| sessions.open(key, token));
    Identity {
        caller: match session {
            Some(session) => Arc::clone(&session.caller),
            None => Arc::new(Caller::root(account, key)),
        },
        region: region.unwrap_or_else(|| DEFAULT_REGION.to_owned()),
    }
}

const DEFAULT_REGION: &str = "us-east-1";

/// The region that a call is for: that of the scope. A SigV4A signature names a set: the first
/// region that it names in full, or the default one where its patterns cover that. A signature that
/// was made for other regions alone must not work in the default one.
fn region_of(presented: &Presented<'_>) -> Result<String, Error> {
    let named = match presented.algorithm {
        Algorithm::V4 => Some(&*presented.region).filter(|region| is_region(region)),
        Algorithm::V4a => {
            let mut named = presented.region.split(',').map(str::trim);
            let covered = presented
                .covers_region(DEFAULT_REGION)
                .then_some(DEFAULT_REGION);
            named.find(|region| is_region(region)).or(covered)
        }
    };
    named.map(str::to_owned).ok_or_else(|| {
        let text = "Credential should be scoped to a valid region.";
        Error::Fault(Fault::common(Common::InvalidSignature, text))
    })
}

fn refusal(error: &SignatureError) -> Error {
    Error::Fault(Fault::common(error.common(), error.to_string()))
}

fn unknown_key() -> Error {
    Error::Fault(Fault::common(
        Common::InvalidClientTokenId,
        "The security token included in the request is invalid.",
    ))
}
