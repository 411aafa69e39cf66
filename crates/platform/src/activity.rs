//! Who called what, and when last: an index over the journal.
//!
//! It lives in memory and keeps its place in the journal, so that asking again reads only the
//! events that came since. What it says follows from the journal alone and is made again from it
//! after a start.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use store::Store;
use store::journal::{Entry, Reader};
use wire::Timestamp;

use crate::fault::{Error, Result};

/// The last call of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCall {
    /// When it arrived.
    pub at: Timestamp,
    /// The region that it was signed for.
    pub region: String,
    /// What its service's actions begin with: `kms`.
    pub service: String,
    /// The operation: `Decrypt`.
    pub action: String,
}

/// Everything that was called, as far as the index has read.
#[derive(Default)]
pub struct Activity {
    /// By account and unique id of the user, role or root user, then by service and operation.
    principals: BTreeMap<(String, String), BTreeMap<(String, String), LastCall>>,
    /// By access key id.
    access_keys: BTreeMap<String, LastCall>,
}

impl Activity {
    /// The last call of each operation by the user or role with this unique id, or by the root user
    /// of the account where the id is the account's number. Refused calls count, as AWS counts them.
    pub fn of(&self, account: &str, unique_id: &str) -> impl Iterator<Item = &LastCall> {
        let key = (account.to_owned(), unique_id.to_owned());
        self.principals
            .get(&key)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// The last call that was signed with an access key.
    pub fn of_access_key(&self, access_key_id: &str) -> Option<&LastCall> {
        self.access_keys.get(access_key_id)
    }

    fn note(&mut self, entry: &Entry) {
        // Events that other parts of the program write may look otherwise.
        let Ok(event) = serde_json::from_slice::<CallEvent<'_>>(&entry.payload) else {
            return;
        };
        let Some(principal) = event.principal() else {
            return;
        };
        let service = event.event_source.split('.').next().unwrap_or_default();
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let call = LastCall {
            at: Timestamp { millis }.whole_secs(),
            region: event.aws_region.into_owned(),
            service: service.to_owned(),
            action: event.event_name.into_owned(),
        };
        // Keys of sessions end too soon for anybody to ask, and anybody may get as many as it likes.
        let kept = event.user_identity.access_key_id;
        if let Some(id) = kept.filter(|id| !id.starts_with("ASIA")) {
            self.access_keys.insert(id.into_owned(), call.clone());
        }
        let operation = (call.service.clone(), call.action.clone());
        let calls = self.principals.entry(principal).or_default();
        calls.insert(operation, call);
    }
}

/// The index with its place in the journal.
pub(crate) struct ActivityIndex {
    store: Store,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    activity: Activity,
}

impl ActivityIndex {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            state: Arc::default(),
        }
    }

    /// Reads what is new in the journal, and gives all of it to `read`. Blocks on files: it runs off
    /// the threads that serve.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Activity) -> T + Send + 'static,
    ) -> Result<T> {
        let (store, state) = (self.store.clone(), Arc::clone(&self.state));
        let reading = tokio::task::spawn_blocking(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.catch_up(&store)?;
            Ok(read(&state.activity))
        });
        reading.await.map_err(Error::internal)?
    }
}

impl State {
    fn catch_up(&mut self, store: &Store) -> Result<()> {
        let behind = store.journal_head().seq + 1;
        if self
            .reader
            .as_ref()
            .is_some_and(|reader| reader.position() > behind)
        {
            // A development server was reset: its journal began anew.
            *self = Self::default();
        }
        let reader = self.reader.get_or_insert_with(|| store.journal_reader(1));
        while let Some(entry) = reader.next().map_err(Error::internal)? {
            self.activity.note(&entry);
        }
        Ok(())
    }
}

/// The members of an event that the index needs (CloudTrail record contents).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallEvent<'a> {
    #[serde(borrow)]
    user_identity: Identity<'a>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow)]
    principal_id: Cow<'a, str>,
    #[serde(borrow)]
    account_id: Cow<'a, str>,
    #[serde(borrow)]
    access_key_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    session_context: Option<SessionContext<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(borrow)]
    session_issuer: Option<Issuer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issuer<'a> {
    #[serde(borrow)]
    principal_id: Cow<'a, str>,
}

impl CallEvent<'_> {
    /// Account and unique id of the user, role or root user; none for anonymous callers.
    fn principal(&self) -> Option<(String, String)> {
        let identity = &self.user_identity;
        let issuer = identity.session_context.as_ref();
        let issuer = issuer.and_then(|session| session.session_issuer.as_ref());
        let id = issuer.map_or(&identity.principal_id, |issuer| &issuer.principal_id);
        let account = identity.account_id.to_string();
        (!account.is_empty() && !id.is_empty()).then(|| (account, id.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, identity: &str, source: &str, name: &str) -> Entry {
        let payload = format!(
            r#"{{"userIdentity":{identity},"eventSource":"{source}","eventName":"{name}","awsRegion":"eu-west-2"}}"#
        );
        Entry {
            seq,
            commit_seq: 0,
            now_millis: seq * 1000 + 7,
            payload: payload.into_bytes(),
        }
    }

    #[test]
    fn the_last_call_of_each_operation_is_known_by_principal_and_key() {
        let user = r#"{"principalId":"AIDA1","accountId":"1","accessKeyId":"AKIA1"}"#;
        let role = r#"{"principalId":"AROA1:s","accountId":"1","accessKeyId":"ASIA1",
            "sessionContext":{"sessionIssuer":{"principalId":"AROA1"}}}"#;
        let nobody = r#"{"principalId":"anonymous","accountId":""}"#;
        let mut activity = Activity::default();
        for (seq, identity, source, name) in [
            (1, user, "kms.amazonaws.com", "Decrypt"),
            (2, user, "iam.amazonaws.com", "GetUser"),
            (3, user, "kms.amazonaws.com", "Decrypt"),
            (4, role, "kms.amazonaws.com", "Encrypt"),
            (5, nobody, "kms.amazonaws.com", "Encrypt"),
        ] {
            activity.note(&entry(seq, identity, source, name));
        }
        let of = |id: &str| -> Vec<(String, i64)> {
            let calls = activity.of("1", id);
            calls
                .map(|call| (format!("{}:{}", call.service, call.action), call.at.secs()))
                .collect()
        };
        let expected = [("iam:GetUser".to_owned(), 2), ("kms:Decrypt".to_owned(), 3)];
        assert_eq!(of("AIDA1"), expected);
        assert_eq!(of("AROA1"), [("kms:Encrypt".to_owned(), 4)]);
        assert!(of("AROA1:s").is_empty() && of("anonymous").is_empty());
        let last = activity.of_access_key("AKIA1").unwrap();
        assert_eq!(
            (last.action.as_str(), last.region.as_str()),
            ("Decrypt", "eu-west-2")
        );
        assert_eq!(activity.principals.len(), 2);
        assert!(activity.of_access_key("ASIA1").is_none());
    }

    #[test]
    fn events_of_another_form_are_passed_over() {
        let mut activity = Activity::default();
        let mut entry = entry(1, "{}", "a", "b");
        activity.note(&entry);
        entry.payload = b"no JSON".to_vec();
        activity.note(&entry);
        assert!(activity.principals.is_empty());
    }
}
