//! How accounts begin and end.

use platform::{Derived, Founding, FoundingError, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

use crate::account::{AccountEntry, AccountRecord};
use crate::ids::{self, Prefix, unique_id};
use crate::permissions::Permissions;
use crate::policies::PolicyUse;
use crate::roles::RoleRecord;
use crate::unique_ids;

/// The policy of the role that a management account uses.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Says which account has an e-mail address.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountEmail {
    /// The account, 12 digits.
    pub(crate) account: String,
}

impl Record for AccountEmail {
    const TABLE: &'static str = "iam.account-emails";
    const SERVICE: &'static str = "iam";
}

impl AccountEmail {
    fn key(email: &str) -> Key {
        Key::new("", "", [email.to_lowercase()])
    }
}

/// Makes an account, with the role by which its management account enters it.
pub(crate) async fn found(
    txn: &mut Txn,
    founding: Founding<'_>,
) -> Result<std::result::Result<String, FoundingError>> {
    if !founding.email.is_empty() {
        let key = AccountEmail::key(founding.email);
        if txn.get::<AccountEmail>(&key).await?.is_some() {
            return Ok(Err(FoundingError::EmailTaken));
        }
    }
    let account = unused_account(txn, &founding).await?;
    if !founding.email.is_empty() {
        let entry = AccountEmail {
            account: account.clone(),
        };
        txn.put(AccountEmail::key(founding.email), entry);
    }
    let now_millis = founding.now.whole_secs().millis;
    let mut record = AccountRecord::new(&account, now_millis);
    founding.name.clone_into(&mut record.name);
    founding.email.clone_into(&mut record.email);
    if let (Some(role_name), Some(management)) = (founding.role_name, founding.management_account) {
        let role = entry_role(&account, role_name, management, &founding)?;
        unique_ids::note(txn, &role.role_id, role.arn());
        txn.put(RoleRecord::key(&account, role_name), role);
        let uses = PolicyUse {
            attachments: 1,
            boundaries: 0,
        };
        txn.put(PolicyUse::key(&account, ADMINISTRATOR), uses);
        record.roles = 1;
    }
    txn.put(AccountEntry::key(&account), AccountEntry::new(&account));
    txn.put(AccountRecord::key(&account), record);
    Ok(Ok(account))
}

/// A number that no account has. Having read its place, the commit fails if another call takes it.
async fn unused_account(txn: &mut Txn, founding: &Founding<'_>) -> Result<String> {
    loop {
        let account = ids::account_id(founding.random)?;
        let key = AccountRecord::key(&account);
        if txn.get::<AccountRecord>(&key).await?.is_none() {
            return Ok(account);
        }
    }
}

/// The role with every permission that the management account's principals may assume.
fn entry_role(
    account: &str,
    name: &str,
    management: &str,
    founding: &Founding<'_>,
) -> Result<RoleRecord> {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{management}:root"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    Ok(RoleRecord {
        account: account.to_owned(),
        name: name.to_owned(),
        path: "/".to_owned(),
        role_id: unique_id(Prefix::Role, founding.random)?,
        created_millis: founding.now.whole_secs().millis,
        description: String::new(),
        max_session_seconds: 3600,
        trust,
        tags: Vec::new(),
        permissions: Permissions {
            attached: vec![ADMINISTRATOR.to_owned()],
            ..Permissions::default()
        },
        linked_service: None,
        assumable: Derived::default(),
    })
}

/// Closes an account: from now on nobody of it can call anything.
pub(crate) async fn close(txn: &mut Txn, account: &str) -> Result<()> {
    let key = AccountRecord::key(account);
    if let Some(found) = txn.get::<AccountRecord>(&key).await? {
        let mut closed = AccountRecord::clone(&found);
        closed.closed = true;
        txn.put(key, closed);
    }
    Ok(())
}
