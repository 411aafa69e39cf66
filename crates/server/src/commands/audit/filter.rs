//! Which events are asked for, and what a table shows of them (CloudTrail record contents).

use std::borrow::Cow;

use platform::HistorySearch;
use serde::Deserialize;
use store::journal::Entry;
use wire::Timestamp;

use crate::cli::EventFilter;

/// Events are in the order in which calls ended, and have the time when they arrived.
const DISORDER: i64 = 24 * 60 * 60 * 1000;

/// What the events must have.
pub(super) struct Filter<'a> {
    asked: &'a EventFilter,
    /// Milliseconds since 1970.
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    source: Option<String>,
}

/// The members of an event that can be asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Known<'a> {
    #[serde(borrow, default)]
    user_identity: Identity<'a>,
    #[serde(borrow, default)]
    event_time: Cow<'a, str>,
    #[serde(borrow, default)]
    event_name: Cow<'a, str>,
    #[serde(borrow, default)]
    event_source: Cow<'a, str>,
    #[serde(borrow, default)]
    aws_region: Cow<'a, str>,
    #[serde(borrow, default, rename = "sourceIPAddress")]
    source_address: Cow<'a, str>,
    #[serde(borrow, default)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    recipient_account_id: Cow<'a, str>,
    #[serde(borrow, default, alias = "touched")]
    resources: Vec<Touched<'a>>,
}

#[derive(Deserialize)]
struct Touched<'a> {
    #[serde(borrow, rename = "ARN", default)]
    arn: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Identity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    principal_id: Cow<'a, str>,
    #[serde(borrow)]
    arn: Cow<'a, str>,
    #[serde(borrow)]
    user_name: Cow<'a, str>,
    #[serde(borrow)]
    access_key_id: Cow<'a, str>,
    #[serde(borrow)]
    invoked_by: Cow<'a, str>,
    #[serde(borrow)]
    session_context: Option<Session<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    #[serde(borrow)]
    session_issuer: Option<Issuer<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Issuer<'a> {
    #[serde(borrow)]
    arn: Cow<'a, str>,
    #[serde(borrow)]
    user_name: Cow<'a, str>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(asked: &'a EventFilter, now: Timestamp) -> Self {
        let source = asked.source.as_ref();
        let source = source.map(|source| match source.contains('.') {
            true => source.clone(),
            false => format!("{source}.amazonaws.com"),
        });
        Self {
            asked,
            from: asked.from.map(|from| from.millis(now)),
            to: asked.to.map(|to| to.millis(now)),
            source,
        }
    }

    pub(super) fn has_time(&self, millis: i64) -> bool {
        self.from.is_none_or(|from| millis >= from) && self.to.is_none_or(|to| millis < to)
    }

    /// Whether what follows this event is too young.
    pub(super) fn is_over(&self, entry: &Entry) -> bool {
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let to = self.to.map(|to| to.saturating_add(DISORDER));
        to.is_some_and(|to| millis >= to)
    }

    /// As much of it as an index tells; the rest is compared.
    pub(super) fn search(&self) -> HistorySearch {
        let asked = self.asked;
        // What an event has not got is equal to nothing, and the index has no row of it.
        let named = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let times = (self.from, self.to);
        HistorySearch {
            account: asked.account.clone(),
            region: asked.region.clone(),
            name: asked.event_name.clone(),
            source: self.source.clone(),
            access_key: named(&asked.access_key),
            resource: named(&asked.resource).filter(|it| is_arn(it)),
            times: (times != (None, None))
                .then(|| (times.0.unwrap_or(i64::MIN), times.1.unwrap_or(i64::MAX))),
        }
    }

    /// Whether an event has all that is asked for.
    pub(super) fn fits(&self, payload: &[u8]) -> bool {
        let Some(event) = Known::read(payload) else {
            return false;
        };
        let asked = self.asked;
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == value)
        };
        let identity = &event.user_identity;
        is(&asked.event_name, &event.event_name)
            && is(&self.source, &event.event_source)
            && is(&asked.account, &event.recipient_account_id)
            && is(&asked.region, &event.aws_region)
            && is(&asked.access_key, &identity.access_key_id)
            && asked.user.as_deref().is_none_or(|user| identity.is(user))
            && asked.resource.as_deref().is_none_or(|it| event.touches(it))
            && asked.error.as_deref().is_none_or(|it| event.failed(it))
    }
}

/// Whether it names a resource in full; an ARN may not end with another.
fn is_arn(resource: &str) -> bool {
    resource.starts_with("arn:")
}

impl<'a> Known<'a> {
    /// The event; none of what is no JSON object.
    pub(super) fn read(payload: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }

    /// A line of a table: when, what, who, from where, and how it ended.
    pub(super) fn line(&self) -> String {
        let source = self.event_source.trim_end_matches(".amazonaws.com");
        let ended = self.error_code.as_deref().unwrap_or("ok");
        let name = format!("{source}:{}", self.event_name);
        let line = format!(
            "{:<20} {:<12} {:<14} {:<36} {:<28} {:<16} {}",
            self.event_time,
            self.recipient_account_id,
            self.aws_region,
            name,
            self.user_identity.name(),
            self.source_address,
            ended
        );
        // Of what callers choose, nothing may move a terminal's cursor.
        line.replace(char::is_control, "?") + "\n"
    }

    fn touches(&self, wanted: &str) -> bool {
        let is = |arn: &str| {
            let before = arn.strip_suffix(wanted);
            let ends = |before: &str| !is_arn(wanted) && before.ends_with(['/', ':']);
            before.is_some_and(|before| before.is_empty() || ends(before))
        };
        self.resources.iter().any(|resource| is(&resource.arn))
    }

    fn failed(&self, wanted: &str) -> bool {
        let code = self.error_code.as_deref();
        code.is_some_and(|code| wanted == "any" || code == wanted)
    }
}

/// The header of a table of [`Known::line`]s.
pub(super) fn heading() -> String {
    format!(
        "{:<20} {:<12} {:<14} {:<36} {:<28} {:<16} {}\n",
        "TIME", "ACCOUNT", "REGION", "CALL", "USER", "FROM", "ENDED"
    )
}

impl Identity<'_> {
    fn session(&self) -> Option<&str> {
        let session = self.principal_id.split_once(':');
        session.map(|(_, session)| session)
    }

    fn issuer(&self) -> Option<&Issuer<'_>> {
        self.session_context.as_ref()?.session_issuer.as_ref()
    }

    fn is(&self, wanted: &str) -> bool {
        let issuer = self.issuer();
        let is_root = self.kind == "Root" && wanted == "root";
        is_root
            || self.user_name == wanted
            || self.arn == wanted
            || self.session() == Some(wanted)
            || issuer.is_some_and(|issuer| issuer.user_name == wanted || issuer.arn == wanted)
    }

    fn name(&self) -> String {
        let issuer = self.issuer().map(|issuer| &*issuer.user_name);
        match (&*self.kind, self.session()) {
            ("Root", _) => "root".to_owned(),
            (_, Some(session)) => format!("{}/{session}", issuer.unwrap_or_default()),
            _ if !self.user_name.is_empty() => self.user_name.to_string(),
            _ if !self.invoked_by.is_empty() => self.invoked_by.to_string(),
            _ => self.principal_id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"userIdentity":{"type":"AssumedRole","principalId":"AROA1:night",
        "arn":"arn:aws:sts::111122223333:assumed-role/backup/night","accessKeyId":"ASIA1",
        "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/backup",
        "userName":"backup"}}},"eventTime":"2026-01-01T00:00:00Z","eventName":"Decrypt",
        "eventSource":"kms.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"10.0.0.1",
        "errorCode":"AccessDenied","recipientAccountId":"111122223333",
        "resources":[{"ARN":"arn:aws:kms:eu-west-1:111122223333:key/abc"}]}"#;

    fn fits(change: impl FnOnce(&mut EventFilter, &mut dyn FnMut(&str) -> Option<String>)) -> bool {
        let mut asked = EventFilter::default();
        change(&mut asked, &mut |text| Some(text.to_owned()));
        Filter::new(&asked, Timestamp::from_secs(0)).fits(EVENT.as_bytes())
    }

    #[test]
    fn every_member_is_asked_for() {
        assert!(fits(|_, _| {}));
        assert!(fits(|it, some| it.event_name = some("Decrypt")));
        assert!(!fits(|it, some| it.event_name = some("decrypt")));
        for (source, has) in [("kms", true), ("kms.amazonaws.com", true), ("s3", false)] {
            assert_eq!(fits(|it, some| it.source = some(source)), has);
        }
        for user in ["night", "backup", "arn:aws:iam::111122223333:role/backup"] {
            assert!(fits(|it, some| it.user = some(user)), "{user}");
        }
        assert!(!fits(|it, some| it.user = some("root")));
        assert!(fits(|it, some| it.access_key = some("ASIA1")));
        assert!(!fits(|it, some| it.access_key = some("ASIA2")));
        for (arn, has) in [("abc", true), ("key/abc", true), ("bc", false), ("", false)] {
            assert_eq!(fits(|it, some| it.resource = some(arn)), has, "{arn}");
        }
        assert!(fits(|it, some| it.error = some("any")));
        assert!(fits(|it, some| it.error = some("AccessDenied")));
        assert!(!fits(|it, some| it.error = some("Throttling")));
        assert!(!fits(|it, some| it.account = some("444455556666")));
        assert!(!fits(|it, some| it.region = some("us-east-1")));
        // All that is asked for, not any of it.
        assert!(!fits(|it, some| {
            it.user = some("night");
            it.event_name = some("Encrypt");
        }));
    }

    #[test]
    fn a_line_moves_no_cursor() {
        let line = Known::read(EVENT.as_bytes()).unwrap().line();
        assert!(line.contains("kms:Decrypt") && line.contains("backup/night"));
        assert!(line.ends_with("AccessDenied\n"));
        let evil = EVENT.replace("AROA1:night", "AROA1:\\u001b[2J");
        let line = Known::read(evil.as_bytes()).unwrap().line();
        assert!(line.contains("backup/?[2J"));
    }
}
