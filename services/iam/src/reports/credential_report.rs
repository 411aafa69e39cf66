//! The credential report: one line of comma-separated values a user, the root user first.
//!
//! Source: "Generate credential reports for your AWS account" (IAM user guide).

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::{Ctx, Result, Used};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::access_keys::record::AccessKeyRecord;
use crate::account::AccountRecord;
use crate::credentials::CredentialsRecord;
use crate::last_used;
use crate::login_profiles::record::LoginProfileState;
use crate::password_policy::record::PasswordPolicyRecord;
use crate::users::UserRecord;

/// How long a report counts, in milliseconds: 4 hours.
const LIFE_MILLIS: i64 = 4 * 3600 * 1000;
const DAY_MILLIS: i64 = 24 * 3600 * 1000;

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
        let policy = PasswordPolicyRecord::of_caller(ctx).await?;
        let known = Known {
            keys: keys(ctx, &account, &users).await?,
            held: held(ctx).await?,
            password_days: policy.and_then(|policy| policy.max_age_days),
        };
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

/// The access keys of the account by id, each with its last use.
async fn keys(
    ctx: &Ctx,
    account: &AccountRecord,
    users: &[Arc<UserRecord>],
) -> Result<BTreeMap<String, KnownKey>> {
    let of_users = users.iter().flat_map(|user| &user.access_keys);
    let mut keys = BTreeMap::new();
    for id in account.root_access_keys.iter().chain(of_users) {
        let key = AccessKeyRecord::key(id);
        if let Some(record) = ctx.get::<AccessKeyRecord>(&key).await? {
            let used = last_used::of(ctx, id).await?;
            keys.insert(id.clone(), KnownKey { record, used });
        }
    }
    Ok(keys)
}

/// What else the users and the root user of the account have, by holder.
async fn held(ctx: &Ctx) -> Result<BTreeMap<String, Arc<CredentialsRecord>>> {
    let all = Key::new(ctx.account(), "", std::iter::empty::<String>());
    let rows = ctx.scan_all::<CredentialsRecord>(&all).await?;
    let by_holder = rows
        .into_iter()
        .map(|(_, held)| (held.holder.clone(), held));
    Ok(by_holder.collect())
}

/// What the account knows of its users' credentials.
struct Known {
    keys: BTreeMap<String, KnownKey>,
    held: BTreeMap<String, Arc<CredentialsRecord>>,
    /// The days after which a password has to be changed.
    password_days: Option<i32>,
}

struct KnownKey {
    record: Arc<AccessKeyRecord>,
    used: Option<Used>,
}

impl Known {
    fn root(&self, account: &AccountRecord) -> String {
        let held = self.held.get(&account.account);
        let login = held.and_then(|held| held.login.as_ref());
        let password = if login.is_some_and(LoginProfileState::has_password) {
            "true,no_information,not_supported,not_supported"
        } else {
            "false,N/A,not_supported,not_supported"
        };
        let arn = format!("arn:aws:iam::{}:root", account.account);
        let created = time(account.created_millis);
        let keys = self.keys(&account.root_access_keys);
        let (mfa, certificates) = (mfa(held), certificates(held));
        format!("<root_account>,{arn},{created},{password},{mfa},{keys},{certificates}\n")
    }

    fn user(&self, user: &UserRecord) -> String {
        let held = self.held.get(&user.user_id);
        let login = held.and_then(|held| held.login.as_ref());
        let password = self.password(login);
        let (name, arn, created) = (&user.name, user.arn(), time(user.created_millis));
        let (name, arn) = (field(name), field(&arn));
        let keys = self.keys(&user.access_keys);
        let (mfa, certificates) = (mfa(held), certificates(held));
        format!("{name},{arn},{created},{password},{mfa},{keys},{certificates}\n")
    }

    /// The columns of a user's password. Nobody signs in with one here, so none was ever used.
    fn password(&self, login: Option<&LoginProfileState>) -> String {
        let Some(login) = login.filter(|login| login.has_password()) else {
            return "false,N/A,N/A,N/A".to_owned();
        };
        let changed = time(login.changed_millis);
        let next = self.password_days.map_or_else(
            || "N/A".to_owned(),
            |days| time(login.changed_millis + i64::from(days) * DAY_MILLIS),
        );
        format!("true,no_information,{changed},{next}")
    }

    /// The columns of the first and the second access key.
    fn keys(&self, ids: &[String]) -> String {
        let column = |index: usize| match ids.get(index).and_then(|id| self.keys.get(id)) {
            None => "false,N/A,N/A,N/A,N/A".to_owned(),
            Some(KnownKey { record, used }) => {
                let used = match used {
                    None => "N/A,N/A,N/A".to_owned(),
                    Some(used) => {
                        let at = time(used.at.millis);
                        format!("{at},{},{}", used.region, used.service)
                    }
                };
                format!("{},{},{used}", record.active, time(record.changed_millis))
            }
        };
        [0, 1].map(column).join(",")
    }
}

/// Whether a second factor is enabled.
fn mfa(held: Option<&Arc<CredentialsRecord>>) -> bool {
    held.is_some_and(|held| !held.mfa.is_empty())
}

/// The columns of the first and the second signing certificate.
fn certificates(held: Option<&Arc<CredentialsRecord>>) -> String {
    let column = |index: usize| match held.and_then(|held| held.certificates.get(index)) {
        None => "false,N/A".to_owned(),
        Some(known) => format!("{},{}", known.active, time(known.changed_millis)),
    };
    [0, 1].map(column).join(",")
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
