//! Why a document is refused, in AWS's words and in ours.

use crate::PolicyKind;
use thiserror::Error;

/// A refused policy document. `Display` gives AWS's sentence for this kind of
/// policy; [`Malformed::detail`] says precisely what is wrong and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", sentence(*.kind, .fault))]
pub struct Malformed {
    kind: PolicyKind,
    fault: Fault,
    detail: String,
}

/// The classes of error that AWS words differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON, nested too deeply, too long, or with a key given twice.
    Json,
    /// An unknown operator, a wrong type, contradicting elements.
    Syntax,
    /// An element that no policy or statement has.
    UnknownField(String),
    /// No `Statement`, or none in it.
    NoStatement,
    /// A `Version` that there never was.
    InvalidVersion,
    /// `Version` is missing or too old for this kind of policy.
    Version,
    /// A statement without `Effect`.
    NoEffect,
    /// An effect that is neither `Allow` nor `Deny`, in exactly this case.
    InvalidEffect(String),
    /// Accepted by the grammar, refused by AWS's older parser: an impossible
    /// date.
    LegacyParsing,
    /// A `Sid` with characters outside `[0-9A-Za-z]`.
    SidCharacters,
    /// The same `Sid` twice.
    SidRepeated,
    /// Neither `Action` nor `NotAction`.
    NoAction,
    /// Neither `Resource` nor `NotResource`.
    NoResource,
    /// No principal where one is required.
    NoPrincipal,
    /// A principal that is not one: `"type":"text"` as in the document.
    InvalidPrincipal(String),
    /// Everyone, written without a type, in a trust policy.
    BareStar,
    /// A trust in an identity provider that many share, whoever the token is for.
    AnyTenant {
        /// The provider as in the document.
        principal: String,
        /// The condition keys of which one must be evaluated, joined by `or`.
        keys: String,
    },
    /// An element this kind of policy may not have.
    Prohibited(&'static str),
    /// An action or condition key without `vendor:`.
    NoVendor,
    /// An action with more than one colon.
    ManyColons,
    /// Some actions of every vendor, `*:Untag*`.
    VendorWildcard,
    /// A vendor with forbidden characters.
    InvalidVendor(String),
    /// An action that its service does not have.
    UnknownAction(String),
    /// A resource that is neither `*` nor an ARN.
    ResourceFormat(String),
    /// A resource whose partition is not one of AWS's.
    ResourcePartition(String),
    /// A resource whose service segment has a wildcard.
    ResourceVendor,
    /// A resource with a region, of a service whose resources have none.
    ResourceRegion(String),
    /// A resource with an account, of a service whose resources have none.
    ResourceAccount(String),
    /// A resource of IAM that is of no type IAM has.
    IamPath,
    /// A trust policy for something else than assuming a role.
    NotAssumeRole,
}

impl Fault {
    /// In which pass over a document IAM finds it.
    pub(crate) fn pass(&self) -> u8 {
        match self {
            Self::InvalidEffect(effect) if is_miscased(effect) => 2,
            Self::Json
            | Self::Syntax
            | Self::UnknownField(_)
            | Self::NoStatement
            | Self::InvalidVersion
            | Self::NoEffect
            | Self::InvalidEffect(_) => 0,
            Self::Version => 1,
            Self::LegacyParsing => 2,
            Self::SidRepeated => 3,
            _ => 4,
        }
    }
}

impl Malformed {
    pub(crate) fn new(kind: PolicyKind, fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            kind,
            fault,
            detail: detail.into(),
        }
    }

    /// The class of the error.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What is wrong and where, e.g. `Statement[0].Effectt: unknown element`.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// AWS's sentence. Where a service gives one sentence for everything, that one.
fn sentence(kind: PolicyKind, fault: &Fault) -> String {
    match kind {
        PolicyKind::KeyPolicy => key_policy_sentence(fault),
        PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
            "The provided policy document does not meet the requirements of the specified policy type."
                .to_owned()
        }
        PolicyKind::Trust | PolicyKind::Resource => resource_sentence(fault),
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => iam_sentence(fault),
    }
}

/// Trust and bucket policies are read by a parser that names fields.
fn resource_sentence(fault: &Fault) -> String {
    match fault {
        Fault::Json => "This policy contains invalid Json".to_owned(),
        Fault::UnknownField(element) => format!("Unknown field {element}"),
        Fault::NoStatement => "Could not parse the policy: Statement is empty!".to_owned(),
        Fault::InvalidVersion => "The policy must contain a valid version string".to_owned(),
        Fault::SidRepeated => "The Statement Ids in the policy are not unique".to_owned(),
        Fault::NoEffect => "Missing required field Effect".to_owned(),
        Fault::InvalidEffect(effect) => format!("Invalid effect: {effect}"),
        Fault::NoAction => "Missing required field Action".to_owned(),
        Fault::NoResource => "Missing required field Resource".to_owned(),
        Fault::Prohibited(element) => format!("Has prohibited field {element}"),
        Fault::InvalidPrincipal(text) => principal_sentence(text),
        _ => iam_sentence(fault),
    }
}

/// The type of the principal is shown in capitals, and identity providers have a sentence of
/// their own.
fn principal_sentence(text: &str) -> String {
    let typed = text
        .strip_prefix('"')
        .and_then(|rest| rest.split_once("\":"));
    match typed {
        Some(("Federated", _)) => {
            "Federated principals must be valid domain names or SAML metadata ARNs".to_owned()
        }
        Some((class, value)) => {
            let class = class.to_ascii_uppercase();
            format!("Invalid principal in policy: \"{class}\":{value}")
        }
        None => format!("Invalid principal in policy: {text}"),
    }
}

fn key_policy_sentence(fault: &Fault) -> String {
    match fault {
        Fault::InvalidPrincipal(_) => {
            "Policy contains a statement with one or more invalid principals.".to_owned()
        }
        Fault::NoPrincipal => "Policy contains a statement with no principal.".to_owned(),
        Fault::UnknownAction(_) => {
            "Policy contains a statement with one or more invalid actions.".to_owned()
        }
        _ => iam_sentence(fault),
    }
}

fn iam_sentence(fault: &Fault) -> String {
    match fault {
        Fault::InvalidEffect(effect) if is_miscased(effect) => LEGACY.to_owned(),
        Fault::Json
        | Fault::Syntax
        | Fault::UnknownField(_)
        | Fault::NoStatement
        | Fault::InvalidVersion
        | Fault::NoEffect
        | Fault::InvalidEffect(_) => "Syntax errors in policy.".to_owned(),
        Fault::Version => "Policy document must be version 2012-10-17 or greater.".to_owned(),
        Fault::LegacyParsing => LEGACY.to_owned(),
        Fault::SidCharacters => "Statement IDs (SID) must be alpha-numeric. Check that your input \
             satisfies the regular expression [0-9A-Za-z]*"
            .to_owned(),
        Fault::SidRepeated => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
        Fault::NoAction => "Policy statement must contain actions.".to_owned(),
        Fault::NoResource => "Policy statement must contain resources.".to_owned(),
        Fault::NoPrincipal => "Missing required field Principal".to_owned(),
        Fault::InvalidPrincipal(text) => format!("Invalid principal in policy: {text}"),
        Fault::BareStar => {
            "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".".to_owned()
        }
        Fault::AnyTenant { principal, keys } => format!(
            "Trust policy with trusted principal {principal} must evaluate, using StringEquals, \
             StringLike or StringEqualsIgnoreCase, {keys} which is not scoped to all."
        ),
        Fault::Prohibited(_) => "Policy document should not specify a principal.".to_owned(),
        Fault::NoVendor => {
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
        }
        Fault::ManyColons => "Actions/Condition can contain only one colon.".to_owned(),
        Fault::VendorWildcard => {
            "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards".to_owned()
        }
        Fault::InvalidVendor(vendor) => format!("Vendor {vendor} is not valid"),
        Fault::UnknownAction(action) => format!("Action {action} is not valid"),
        Fault::ResourceFormat(resource) => {
            format!("Resource {resource} must be in ARN format or \"*\".")
        }
        Fault::ResourcePartition(resource) => {
            let partition = resource.split(':').nth(1).unwrap_or_default();
            format!("Partition \"{partition}\" is not valid for resource \"{resource}\".")
        }
        Fault::ResourceVendor => {
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
        }
        Fault::ResourceRegion(resource) if resource.split(':').nth(2) == Some("iam") => {
            format!("IAM resource {resource} cannot contain region information.")
        }
        Fault::ResourceRegion(resource) => {
            format!("Resource {resource} can not contain region information.")
        }
        Fault::ResourceAccount(resource) => {
            format!("Resource {resource} cannot contain an account id.")
        }
        Fault::IamPath => {
            "IAM resource path must either be \"*\", root, or start with user/, federated-user/, \
             role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, \
             saml-provider/, oidc-provider/, report/, access-report/."
                .to_owned()
        }
        Fault::NotAssumeRole => {
            "AssumeRole policy may only specify STS AssumeRole actions.".to_owned()
        }
    }
}

/// What AWS says of documents that only its newer parser understands.
const LEGACY: &str = "The policy failed legacy parsing";

/// Whether `effect` would be one if case did not count.
fn is_miscased(effect: &str) -> bool {
    effect.eq_ignore_ascii_case("allow") || effect.eq_ignore_ascii_case("deny")
}

/// A fault whose policy kind is not known yet at the place that finds it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            fault,
            detail: detail.into(),
        }
    }

    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(Fault::Syntax, detail)
    }

    pub(crate) fn unknown_field(name: &str) -> Self {
        let fault = Fault::UnknownField(name.to_owned());
        Self::new(fault, "unknown element").at(name)
    }

    /// The same refusal, its place within the document named.
    pub(crate) fn at(self, place: impl std::fmt::Display) -> Self {
        Self {
            detail: format!("{place}: {}", self.detail),
            fault: self.fault,
        }
    }

    pub(crate) fn of(self, kind: PolicyKind) -> Malformed {
        Malformed::new(kind, self.fault, self.detail)
    }
}
