//! The tables of the operator's service, in the form of those that are generated for AWS's.

use wire::shape::{
    Kind, List, Member, OperationTable, Range, ServiceTable, Shape, Structure, Text,
};
use wire::{Empty, FromValue, IntoValue, Members, Operation, Protocol, Value};
use zeroize::Zeroizing;

/// The service. Clients name its operations in `X-Amz-Target`, as those of JSON services of AWS.
pub(super) static SERVICE: ServiceTable = ServiceTable {
    name: "strongroom",
    service_id: "Strongroom",
    signing_name: "strongroom",
    api_version: "2026-01-01",
    target_prefix: Some("Strongroom"),
    xml_namespace: None,
    protocols: &[Protocol::Json11],
    operations: &[
        CreateAccount::TABLE,
        ExplainDecision::TABLE,
        ListAccounts::TABLE,
    ],
    unbuilt: &[],
    recording: wire::Recording::PLAIN,
};

macro_rules! structures {
    ($($shape:ident = [$($member:expr),*];)*) => {
        $(static $shape: Shape = Shape {
            name: stringify!($shape),
            kind: Kind::Structure(Structure { members: &[$($member),*], union: false }),
            sensitive: false,
        };)*
    };
}

macro_rules! texts {
    ($($shape:ident: $sensitive:expr, $max:expr;)*) => {
        $(static $shape: Shape = Shape {
            name: stringify!($shape),
            kind: Kind::String(Text {
                length: Range { min: Some(1), max: Some($max) },
                pattern: None,
                values: &[],
            }),
            sensitive: $sensitive,
        };)*
    };
}

macro_rules! lists {
    ($($shape:ident of $member:ident;)*) => {
        $(static $shape: Shape = Shape {
            name: stringify!($shape),
            kind: Kind::List(List {
                member: &$member,
                length: Range::ANY,
                flattened: false,
                member_name: "member",
            }),
            sensitive: false,
        };)*
    };
}

texts! {
    TEXT: false, 2048;
    SECRET: true, 2048;
    MESSAGE: false, 10_240;
}

lists! {
    TEXTS of TEXT;
    KEYS of KEY;
    FINDINGS of FINDING;
    ACCOUNTS of ACCOUNT;
}

structures! {
    KEY = [required("Name", &TEXT), required("Values", &TEXTS)];
    EXPLAIN_REQUEST = [
        required("Principal", &TEXT),
        required("Action", &TEXT),
        required("Resource", &TEXT),
        Member::new("Context", &KEYS)
    ];
    FINDING = [
        Member::new("Layer", &TEXT),
        Member::new("Policy", &TEXT),
        Member::new("Says", &TEXT)
    ];
    EXPLAIN_RESPONSE = [
        Member::new("Decision", &TEXT),
        Member::new("Reason", &TEXT),
        Member::new("Policies", &FINDINGS),
        Member::new("MissingKeys", &TEXTS),
        Member::new("EncodedMessage", &MESSAGE)
    ];
    CREATE_REQUEST = [Member::new("Name", &TEXT), Member::new("Email", &TEXT)];
    CREATE_RESPONSE = [
        Member::new("AccountId", &TEXT),
        Member::new("AccessKeyId", &TEXT),
        Member::new("SecretAccessKey", &SECRET)
    ];
    ACCOUNT = [
        Member::new("AccountId", &TEXT),
        Member::new("Name", &TEXT),
        Member::new("Email", &TEXT),
        Member::new("Status", &TEXT)
    ];
    LIST_RESPONSE = [Member::new("Accounts", &ACCOUNTS)];
}

const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member {
        required: true,
        ..Member::new(name, shape)
    }
}

/// Explains a decision.
pub(super) struct ExplainDecision;

impl Operation for ExplainDecision {
    type Input = ExplainRequest;
    type Output = ExplainResponse;
    const TABLE: &'static OperationTable = &OperationTable {
        name: "ExplainDecision",
        event_name: "ExplainDecision",
        http: None,
        input: &EXPLAIN_REQUEST,
        output: &EXPLAIN_RESPONSE,
        result_wrapper: None,
        errors: &[],
        read_only: true,
        unsigned: false,
        answer_on_record: false,
        lists_resources: true,
    };
}

/// Makes an account.
pub(super) struct CreateAccount;

impl Operation for CreateAccount {
    type Input = CreateAccountRequest;
    type Output = CreateAccountResponse;
    const TABLE: &'static OperationTable = &OperationTable {
        name: "CreateAccount",
        event_name: "CreateAccount",
        http: None,
        input: &CREATE_REQUEST,
        output: &CREATE_RESPONSE,
        result_wrapper: None,
        errors: &[],
        read_only: false,
        unsigned: false,
        answer_on_record: true,
        lists_resources: true,
    };
}

/// Lists the accounts.
pub(super) struct ListAccounts;

impl Operation for ListAccounts {
    type Input = Empty;
    type Output = ListAccountsResponse;
    const TABLE: &'static OperationTable = &OperationTable {
        name: "ListAccounts",
        event_name: "ListAccounts",
        http: None,
        input: &wire::typed::EMPTY,
        output: &LIST_RESPONSE,
        result_wrapper: None,
        errors: &[],
        read_only: true,
        unsigned: false,
        answer_on_record: false,
        lists_resources: true,
    };
}

/// Whose call of what on what.
pub(super) struct ExplainRequest {
    /// The ARN of a user, a role or the account's root user.
    pub(super) principal: String,
    /// `kms:Decrypt`
    pub(super) action: String,
    /// An ARN, or `*`.
    pub(super) resource: String,
    /// Further condition keys.
    pub(super) context: Vec<ContextKey>,
}

impl FromValue for ExplainRequest {
    fn from_value(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            principal: members.required()?,
            action: members.required()?,
            resource: members.required()?,
            context: members.or_default()?,
        })
    }
}

/// A condition key with its values.
pub(super) struct ContextKey {
    /// `aws:SourceIp`
    pub(super) name: String,
    /// Its values.
    pub(super) values: Vec<String>,
}

impl FromValue for ContextKey {
    fn from_value(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            name: members.required()?,
            values: members.required()?,
        })
    }
}

/// A decision and why.
pub(super) struct ExplainResponse {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub(super) decision: String,
    /// What decided, in a sentence.
    pub(super) reason: String,
    /// Every policy that was looked at.
    pub(super) policies: Vec<Finding>,
    /// Condition keys that policies ask for and that were not given.
    pub(super) missing_keys: Vec<String>,
    /// A refusal as `sts:DecodeAuthorizationMessage` opens it.
    pub(super) encoded_message: Option<String>,
}

impl IntoValue for ExplainResponse {
    fn into_value(self) -> Value {
        Value::Structure(vec![
            Some(self.decision.into_value()),
            Some(self.reason.into_value()),
            Some(self.policies.into_value()),
            Some(self.missing_keys.into_value()),
            self.encoded_message.map(IntoValue::into_value),
        ])
    }
}

/// What one policy says.
pub(super) struct Finding {
    /// The kind of policy.
    pub(super) layer: String,
    /// Its name or ARN.
    pub(super) policy: String,
    /// Which statements allow or deny.
    pub(super) says: String,
}

impl IntoValue for Finding {
    fn into_value(self) -> Value {
        let texts = [self.layer, self.policy, self.says];
        Value::Structure(texts.map(|text| Some(text.into_value())).into())
    }
}

/// What the new account is called.
pub(super) struct CreateAccountRequest {
    /// The name.
    pub(super) name: Option<String>,
    /// The e-mail address of its root user.
    pub(super) email: Option<String>,
}

impl FromValue for CreateAccountRequest {
    fn from_value(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            name: members.take()?,
            email: members.take()?,
        })
    }
}

/// The new account, with the only sight of its root access key.
pub(super) struct CreateAccountResponse {
    /// 12 digits.
    pub(super) account_id: String,
    /// `AKIA..`
    pub(super) access_key_id: String,
    /// The secret access key.
    pub(super) secret_access_key: Zeroizing<String>,
}

impl IntoValue for CreateAccountResponse {
    fn into_value(self) -> Value {
        Value::Structure(vec![
            Some(self.account_id.into_value()),
            Some(self.access_key_id.into_value()),
            Some(self.secret_access_key.into_value()),
        ])
    }
}

/// The accounts of the installation.
pub(super) struct ListAccountsResponse {
    /// By number.
    pub(super) accounts: Vec<platform::Account>,
}

impl IntoValue for ListAccountsResponse {
    fn into_value(self) -> Value {
        let account = |account: platform::Account| {
            let status = if account.closed { "CLOSED" } else { "ACTIVE" };
            let texts = [account.id, account.name, account.email, status.to_owned()];
            Value::Structure(texts.map(|text| Some(text.into_value())).into())
        };
        let accounts = self.accounts.into_iter().map(account);
        Value::Structure(vec![Some(Value::List(accounts.collect()))])
    }
}
