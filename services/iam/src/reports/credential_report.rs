//! The credential report: one line of comma-separated values a user, the root user first.
//!
//! Source: "Generate credential reports for your AWS account" (IAM user guide).

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::{Ctx, LastCall, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::access_keys::record::AccessKeyRecord;
use crate::account::AccountRecord;
use crate::reports::last_access;
use crate::users::UserRecord;

/// How long a report counts, in milliseconds: 4 hours.
const LIFE_MILLIS: i64 = 4 * 3600 * 1000;

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// The last report of an account.
#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialReport {
    /// When it was made, in milliseconds since 1970.
    pub(crate) generated_millis: i64,
    /// Comma-separated values.
    pub(crate) content: String,
}

impl Record for CredentialReport {
    const TABLE: &'static str = "iam.credential-reports";
    const SERVICE: &'static str = "iam";
}

impl CredentialReport {
    /// Where the report of `account` is.
    pub(crate) fn key(account: &str) -> Key {
        Key::new(account, "", ["report"])
    }

    /// Whether it is too old to count.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        now.millis.saturating_sub(self.generated_millis) >= LIFE_MILLIS
    }

    /// The report of the caller's account as it stands.
    pub(crate) async fn make(ctx: &Ctx) -> Result<Self> {
        let account = AccountRecord::of_caller(ctx).await?;
        let users = ctx
            .scan_all::<UserRecord>(&UserRecord::prefix(ctx.account()))
            .await?;
        let mut users: Vec<Arc<UserRecord>> = users.into_iter().map(|(_, user)| user).collect();
        users.sort_by_cached_key(|user| user.name.to_ascii_lowercase());
        let of_users = users.iter().flat_map(|user| &user.access_keys);
        let ids: Vec<String> = account
            .root_access_keys
            .iter()
            .chain(of_users)
            .cloned()
            .collect();
        let mut keys = BTreeMap::new();
        for id in &ids {
            if let Some(key) = ctx
                .get::<AccessKeyRecord>(&AccessKeyRecord::key(id))
                .await?
            {
                keys.insert(id.clone(), key);
            }
        }
        let used = last_access::of_access_keys(ctx, ids).await?;
        let known = Known { keys, used };
        let mut content = format!("{COLUMNS}\n");
        content.push_str(&known.root(&account));
        for user in &users {
            content.push_str(&known.user(user));
        }
        Ok(Self {
            generated_millis: ctx.now.whole_secs().millis,
            content: content.trim_end().to_owned(),
        })
    }
}

/// The access keys of the account, with their last use.
struct Known {
    keys: BTreeMap<String, Arc<AccessKeyRecord>>,
    used: BTreeMap<String, LastCall>,
}

impl Known {
    fn root(&self, account: &AccountRecord) -> String {
        let arn = format!("arn:aws:iam::{}:root", account.account);
        let created = time(account.created_millis);
        let password = "not_supported,no_information,not_supported,not_supported";
        let keys = self.keys(&account.root_access_keys);
        format!("<root_account>,{arn},{created},{password},false,{keys},false,N/A,false,N/A\n")
    }

    fn user(&self, user: &UserRecord) -> String {
        let (name, arn, created) = (&user.name, user.arn(), time(user.created_millis));
        let (name, arn) = (field(name), field(&arn));
        let keys = self.keys(&user.access_keys);
        format!("{name},{arn},{created},false,N/A,N/A,N/A,false,{keys},false,N/A,false,N/A\n")
    }

    /// The columns of the first and the second access key.
    fn keys(&self, ids: &[String]) -> String {
        let column = |index: usize| match ids.get(index).and_then(|id| self.keys.get(id)) {
            None => "false,N/A,N/A,N/A,N/A".to_owned(),
            Some(key) => {
                let used = match self.used.get(&key.id) {
                    None => "N/A,N/A,N/A".to_owned(),
                    Some(call) => {
                        let at = time(call.at.millis);
                        format!("{at},{},{}", call.region, call.service)
                    }
                };
                format!("{},{},{used}", key.active, time(key.created_millis))
            }
        };
        [0, 1].map(column).join(",")
    }
}

/// A name may have a comma, which then separates nothing (RFC 4180).
fn field(text: &str) -> String {
    if text.contains(',') {
        return format!("\"{text}\"");
    }
    text.to_owned()
}

/// `2026-01-01T00:00:00+00:00`
fn time(millis: i64) -> String {
    let time = Timestamp { millis }.whole_secs().iso8601();
    time.replace('Z', "+00:00")
}
