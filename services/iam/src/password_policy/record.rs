//! The password policy of an account ("Set an account password policy for IAM users").

use std::sync::Arc;

use api::iam::{NoSuchEntityException, PasswordPolicy};
use platform::{CallerKind, Ctx, NamedPolicy, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::account::AccountRecord;
use crate::aws_managed::{self, AwsManaged};

/// The most passwords that a policy may remember (`PasswordReusePrevention`).
pub(crate) const MAX_REMEMBERED: usize = 24;
/// The symbols that count (`RequireSymbols`).
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// The shortest password of an account without a policy of its own.
const DEFAULT_LENGTH: usize = 8;

/// A password policy.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PasswordPolicyRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The fewest characters.
    pub(crate) minimum_length: i32,
    /// Whether a symbol has to be among them.
    pub(crate) symbols: bool,
    /// Whether a digit has to be among them.
    pub(crate) numbers: bool,
    /// Whether a capital letter has to be among them.
    pub(crate) uppercase: bool,
    /// Whether a small letter has to be among them.
    pub(crate) lowercase: bool,
    /// Whether all users may change their passwords in a console.
    pub(crate) users_change: bool,
    /// The days after which a password expires.
    pub(crate) max_age_days: Option<i32>,
    /// How many passwords back may not be used again.
    pub(crate) reuse_prevention: Option<i32>,
    /// Whether a password that expired can be changed by an administrator alone.
    pub(crate) hard_expiry: bool,
}

impl Record for PasswordPolicyRecord {
    const TABLE: &'static str = "iam.password-policies";
    const SERVICE: &'static str = "iam";
}

impl PasswordPolicyRecord {
    /// Where the policy of an account is.
    pub(crate) fn key(account: &str) -> Key {
        Key::new(account, "", ["policy"])
    }

    /// The policy of the caller's account, if it has one of its own.
    pub(crate) async fn of_caller(ctx: &Ctx) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(ctx.account())).await
    }

    /// What the account permits all of its users, where it lets them change their own passwords
    /// ("Set an account password policy for IAM users", IAM user guide).
    pub(crate) async fn for_users(ctx: &Ctx) -> Result<Option<Arc<NamedPolicy>>> {
        let CallerKind::User { .. } = ctx.caller.kind else {
            return Ok(None);
        };
        let policy = Self::of_caller(ctx).await?;
        if !policy.is_some_and(|policy| policy.users_change) {
            return Ok(None);
        }
        let change = aws_managed::find("arn:aws:iam::aws:policy/IAMUserChangePassword");
        change.map(AwsManaged::policy).transpose()
    }

    /// The policy of the caller's account, or AWS's answer that there is none.
    pub(crate) async fn require(ctx: &Ctx) -> Result<Arc<Self>> {
        Self::of_caller(ctx).await?.ok_or_else(|| {
            let account = ctx.account();
            let message =
                format!("The Password Policy with domain name {account} cannot be found.");
            NoSuchEntityException::new(message).into()
        })
    }

    /// How many passwords back may not be used again.
    pub(crate) fn remembered(&self) -> usize {
        let count = self.reuse_prevention.unwrap_or(0);
        usize::try_from(count).unwrap_or(0).min(MAX_REMEMBERED)
    }

    /// What a password lacks, in AWS's words.
    pub(crate) fn violation(&self, password: &str) -> Option<String> {
        let minimum = usize::try_from(self.minimum_length).unwrap_or(0);
        let has = Makeup::of(password);
        if has.length < minimum {
            return Some(format!(
                "Password should have a minimum length of {minimum}"
            ));
        }
        let rules = [
            (self.uppercase, has.uppercase, "one uppercase letter"),
            (self.lowercase, has.lowercase, "one lowercase letter"),
            (self.numbers, has.numbers, "one number"),
        ];
        for (wanted, has, what) in rules {
            if wanted && !has {
                return Some(format!("Password should have at least {what}"));
            }
        }
        (self.symbols && !has.symbols).then(|| {
            let symbols: Vec<String> = SYMBOLS.chars().map(String::from).collect();
            let symbols = symbols.join(" ");
            format!("Password should have at least one of the following symbols: {symbols}")
        })
    }

    /// What a password lacks where the account has no policy: three of four kinds of characters,
    /// and not the name or the e-mail address of the account.
    pub(crate) fn default_violation(password: &str, account: &AccountRecord) -> Option<String> {
        let has = Makeup::of(password);
        if has.length < DEFAULT_LENGTH {
            let message = format!("Password should have a minimum length of {DEFAULT_LENGTH}");
            return Some(message);
        }
        let kinds = [has.uppercase, has.lowercase, has.numbers, has.symbols];
        if kinds.into_iter().filter(|has| *has).count() < 3 {
            let message = "Password should have at least three of the following: uppercase letters, lowercase letters, numbers, and symbols";
            return Some(message.to_owned());
        }
        [&account.name, &account.email]
            .contains(&&password.to_owned())
            .then(|| {
                "Password should not be identical to the name or email address of the account"
                    .to_owned()
            })
    }

    /// The policy as AWS shows it.
    pub(crate) fn shown(&self) -> PasswordPolicy {
        // What does not expire does not expire hard either, and AWS says nothing of it.
        let tells_hard_expiry = self.hard_expiry || self.max_age_days.is_some();
        PasswordPolicy {
            minimum_password_length: Some(self.minimum_length),
            require_symbols: Some(self.symbols),
            require_numbers: Some(self.numbers),
            require_uppercase_characters: Some(self.uppercase),
            require_lowercase_characters: Some(self.lowercase),
            allow_users_to_change_password: Some(self.users_change),
            expire_passwords: Some(self.max_age_days.is_some()),
            max_password_age: self.max_age_days,
            password_reuse_prevention: self.reuse_prevention,
            hard_expiry: tells_hard_expiry.then_some(self.hard_expiry),
        }
    }
}

/// Which kinds of characters a password has, and how many.
struct Makeup {
    length: usize,
    uppercase: bool,
    lowercase: bool,
    numbers: bool,
    symbols: bool,
}

impl Makeup {
    fn of(password: &str) -> Self {
        Self {
            length: password.chars().count(),
            uppercase: password.chars().any(|char| char.is_ascii_uppercase()),
            lowercase: password.chars().any(|char| char.is_ascii_lowercase()),
            numbers: password.chars().any(|char| char.is_ascii_digit()),
            symbols: password.chars().any(|char| SYMBOLS.contains(char)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicyRecord {
        PasswordPolicyRecord {
            account: String::new(),
            minimum_length: 6,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            users_change: false,
            max_age_days: None,
            reuse_prevention: None,
            hard_expiry: false,
        }
    }

    #[test]
    fn every_rule_refuses_what_breaks_it_alone() {
        type Rule = fn(&mut PasswordPolicyRecord);
        let rules: [(Rule, &str, &str); 5] = [
            (|policy| policy.minimum_length = 9, "aaaaaaaa", "aaaaaaaaa"),
            (|policy| policy.uppercase = true, "aaaaaa1!", "aaaaaA"),
            (|policy| policy.lowercase = true, "AAAAAA1!", "AAAAAa"),
            (|policy| policy.numbers = true, "aaaaaA!", "aaaaa1"),
            (|policy| policy.symbols = true, "aaaaaA1.", "aaaaa'"),
        ];
        for (rule, bad, good) in rules {
            let mut policy = policy();
            assert_eq!(policy.violation(bad), None, "{bad}");
            rule(&mut policy);
            assert!(policy.violation(bad).is_some(), "{bad}");
            assert_eq!(policy.violation(good), None, "{good}");
        }
    }

    #[test]
    fn without_a_policy_three_kinds_are_asked_for() {
        let mut account = AccountRecord::new("111122223333", 0);
        account.email = "Root1@example.com".to_owned();
        let violation = |text: &str| PasswordPolicyRecord::default_violation(text, &account);
        for bad in ["Aa1!Aa1", "aaaaaaaa1", "AAAAaaaa", "Root1@example.com"] {
            assert!(violation(bad).is_some(), "{bad}");
        }
        for good in ["Aaaaaaa1", "aaaaaa1!", "AAAAAA1!", "AAAAaaa!"] {
            assert_eq!(violation(good), None, "{good}");
        }
    }

    #[test]
    fn letters_beyond_ascii_are_one_character_each_and_of_no_kind() {
        let mut policy = policy();
        assert!(policy.violation("äöüäö").is_some());
        assert_eq!(policy.violation("äöüäöü"), None);
        policy.lowercase = true;
        assert!(policy.violation("äöüäöü").is_some());
    }
}
