//! Who called what, and when last: an index over the journal.
//!
//! It lives in memory and keeps its place in the journal, so that asking again reads only the
//! events that came since. What it says follows from the journal alone and is made again from it
//! after a start.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
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

/// The last successful use of a resource, by one of the operations that its service names for
/// that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// When the call arrived.
    pub at: Timestamp,
    /// The operation: `Decrypt`.
    pub operation: String,
    /// The event's id.
    pub event_id: String,
    /// The id that the answer carried.
    pub request_id: String,
}

/// The operations that use a resource: the source of the event, and its name.
pub(crate) type Uses = BTreeSet<(String, &'static str)>;

/// Everything that was called, as far as the index has read.
#[derive(Default)]
pub struct Activity {
    /// By account and unique id of the user, role or root user, then by service and operation.
    principals: BTreeMap<(String, String), BTreeMap<(String, String), LastCall>>,
    /// By ARN.
    resources: BTreeMap<String, LastUse>,
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

    /// The last call of each operation by each user, role and root user of the account.
    pub fn of_account<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a LastCall> {
        let from = (account.to_owned(), String::new());
        let principals = self.principals.range(from..);
        let own = principals.take_while(move |((of, _), _)| of == account);
        own.flat_map(|(_, calls)| calls.values())
    }

    /// The last successful use of the resource with this ARN.
    pub fn last_use(&self, arn: &str) -> Option<&LastUse> {
        self.resources.get(arn)
    }

    fn note(&mut self, entry: &Entry, uses: &Uses) {
        // Events that other parts of the program write may look otherwise.
        let Ok(event) = serde_json::from_slice::<CallEvent<'_>>(&entry.payload) else {
            return;
        };
        let service = event.event_source.split('.').next().unwrap_or_default();
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let at = Timestamp { millis }.whole_secs();
        if event.is_use(uses) {
            self.note_use(&event, at);
        }
        let Some(principal) = event.principal() else {
            return;
        };
        let call = LastCall {
            at,
            region: event.aws_region.into_owned(),
            service: service.to_owned(),
            action: event.event_name.into_owned(),
        };
        let operation = (call.service.clone(), call.action.clone());
        let calls = self.principals.entry(principal).or_default();
        calls.insert(operation, call);
    }

    fn note_use(&mut self, event: &CallEvent<'_>, at: Timestamp) {
        for resource in &event.resources {
            let last = LastUse {
                at,
                operation: event.event_name.to_string(),
                event_id: event.event_id.to_string(),
                request_id: event.request_id.to_string(),
            };
            self.resources.insert(resource.arn.to_string(), last);
        }
    }
}

/// The index with its place in the journal.
pub(crate) struct ActivityIndex {
    store: Store,
    state: Arc<Mutex<State>>,
    uses: Arc<Uses>,
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    activity: Activity,
}

impl ActivityIndex {
    pub(crate) fn new(store: Store, uses: Uses) -> Self {
        Self {
            store,
            state: Arc::default(),
            uses: Arc::new(uses),
        }
    }

    /// Reads what is new in the journal, and gives all of it to `read`. Blocks on files: it runs off
    /// the threads that serve.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Activity) -> T + Send + 'static,
    ) -> Result<T> {
        let (store, state) = (self.store.clone(), Arc::clone(&self.state));
        let uses = Arc::clone(&self.uses);
        let reading = tokio::task::spawn_blocking(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.catch_up(&store, &uses)?;
            Ok(read(&state.activity))
        });
        reading.await.map_err(Error::internal)?
    }
}

impl State {
    fn catch_up(&mut self, store: &Store, uses: &Uses) -> Result<()> {
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
            self.activity.note(&entry, uses);
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
    #[serde(borrow, rename = "requestID", default)]
    request_id: Cow<'a, str>,
    #[serde(borrow, rename = "eventID", default)]
    event_id: Cow<'a, str>,
    #[serde(borrow)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default, alias = "touched")]
    resources: Vec<Touched<'a>>,
}

#[derive(Deserialize)]
struct Touched<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    // A service that acts for itself has neither.
    #[serde(borrow, default)]
    principal_id: Cow<'a, str>,
    #[serde(borrow, default)]
    account_id: Cow<'a, str>,
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
    /// Whether a resource was used: the operation is one of those, and it succeeded.
    fn is_use(&self, uses: &Uses) -> bool {
        let called = |(source, name): &(String, &str)| {
            *source == self.event_source && *name == self.event_name
        };
        self.error_code.is_none() && uses.iter().any(called)
    }

    /// Account and unique id of the user, role or root user; none for anonymous callers.
    fn principal(&self) -> Option<(String, String)> {
        let identity = &self.user_identity;
        if identity.kind == "AWSAccount" {
            // What the owner of a resource learns; the caller's own event tells who it was.
            return None;
        }
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
    fn the_last_call_of_each_operation_is_known_by_principal() {
        let user = r#"{"principalId":"AIDA1","accountId":"1","accessKeyId":"AKIA1"}"#;
        let role = r#"{"principalId":"AROA1:s","accountId":"1","accessKeyId":"ASIA1",
            "sessionContext":{"sessionIssuer":{"principalId":"AROA1"}}}"#;
        let other = r#"{"principalId":"AIDA1","accountId":"12"}"#;
        let nobody = r#"{"principalId":"anonymous","accountId":""}"#;
        let mut activity = Activity::default();
        for (seq, identity, source, name) in [
            (1, user, "kms.amazonaws.com", "Decrypt"),
            (2, user, "iam.amazonaws.com", "GetUser"),
            (3, user, "kms.amazonaws.com", "Decrypt"),
            (4, role, "kms.amazonaws.com", "Encrypt"),
            (5, nobody, "kms.amazonaws.com", "Encrypt"),
            (6, other, "kms.amazonaws.com", "Sign"),
        ] {
            activity.note(&entry(seq, identity, source, name), &Uses::new());
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
        let actions = activity.of_account("1").map(|call| call.action.as_str());
        let actions: Vec<&str> = actions.collect();
        assert_eq!(actions, ["GetUser", "Decrypt", "Encrypt"]);
        assert_eq!(activity.of_account("12").count(), 1);
        assert_eq!(activity.of_account("").count(), 0);
        let last = activity.of("1", "AIDA1").last().unwrap();
        assert_eq!(
            (last.action.as_str(), last.region.as_str()),
            ("Decrypt", "eu-west-2")
        );
        assert_eq!(activity.principals.len(), 3);
    }

    #[test]
    fn events_of_another_form_are_passed_over() {
        let mut activity = Activity::default();
        let mut entry = entry(1, "{}", "a", "b");
        activity.note(&entry, &Uses::new());
        entry.payload = b"no JSON".to_vec();
        activity.note(&entry, &Uses::new());
        assert!(activity.principals.is_empty());
    }

    #[test]
    fn the_last_use_of_a_resource_is_the_last_success_of_an_operation_that_uses_it() {
        let uses = Uses::from([
            ("kms.amazonaws.com".to_owned(), "Decrypt"),
            ("kms.amazonaws.com".to_owned(), "Encrypt"),
        ]);
        let mut activity = Activity::default();
        for (seq, source, name, failure, arns) in [
            (1, "kms.amazonaws.com", "Decrypt", "", &["k1", "k2"][..]),
            (2, "kms.amazonaws.com", "Encrypt", "", &["k1"]),
            (
                3,
                "kms.amazonaws.com",
                "Decrypt",
                r#""errorCode":"AccessDenied","#,
                &["k1"],
            ),
            (4, "kms.amazonaws.com", "DescribeKey", "", &["k1"]),
            (5, "sts.amazonaws.com", "Decrypt", "", &["k1"]),
        ] {
            let resources: Vec<_> = arns
                .iter()
                .map(|arn| format!(r#"{{"ARN":"{arn}"}}"#))
                .collect();
            let payload = format!(
                r#"{{"userIdentity":{{"principalId":"A","accountId":"1"}},"eventSource":"{source}","eventName":"{name}","awsRegion":"r",{failure}"requestID":"r{seq}","eventID":"e{seq}","resources":[{}]}}"#,
                resources.join(","),
            );
            let payload = payload.into_bytes();
            let (commit_seq, now_millis) = (0, seq * 1000);
            let entry = Entry {
                seq,
                commit_seq,
                now_millis,
                payload,
            };
            activity.note(&entry, &uses);
        }
        let of = |arn: &str| {
            let last = activity.last_use(arn)?;
            let (operation, at) = (last.operation.as_str(), last.at.secs());
            Some((
                operation,
                at,
                last.event_id.as_str(),
                last.request_id.as_str(),
            ))
        };
        assert_eq!(of("k1"), Some(("Encrypt", 2, "e2", "r2")));
        assert_eq!(of("k2"), Some(("Decrypt", 1, "e1", "r1")));
        assert_eq!(of("k3"), None);
        assert_eq!(activity.resources.len(), 2);
    }
}
