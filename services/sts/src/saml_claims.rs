//! The attributes of a SAML assertion that AWS gives a meaning: those that it defines itself, and
//! those of directories, which are condition keys ("Configure SAML assertions for the
//! authentication response").

use api::sts::InvalidIdentityTokenException;
use wire::Fault;

/// What begins the names of AWS's own attributes.
const OWN: &str = "https://aws.amazon.com/SAML/Attributes/";

/// Names of directories' attributes, the condition keys that they are in lower case, and whether a
/// key has several values.
const MAPPED: &[(&str, &str, bool)] = &[
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1",
        "edupersonaffiliation",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.2",
        "edupersonnickname",
        true,
    ),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "edupersonorgdn", false),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.4",
        "edupersonorgunitdn",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.5",
        "edupersonprimaryaffiliation",
        false,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "edupersonprincipalname",
        false,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.7",
        "edupersonentitlement",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.8",
        "edupersonprimaryorgunitdn",
        false,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
        "edupersonscopedaffiliation",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",
        "edupersontargetedid",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.11",
        "edupersonassurance",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.2",
        "eduorghomepageuri",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.3",
        "eduorgidentityauthnpolicyuri",
        true,
    ),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "eduorglegalname", true),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.5",
        "eduorgsuperioruri",
        true,
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.6",
        "eduorgwhitepagesuri",
        true,
    ),
    ("urn:oid:2.5.4.3", "cn", true),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "name",
        false,
    ),
    (
        "http://schemas.xmlsoap.org/claims/CommonName",
        "commonname",
        false,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "givenname",
        false,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "surname",
        false,
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "mail",
        false,
    ),
    // AWS's table has it as `uid`, its list of keys as `primaryGroupSID`.
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid",
        "primarygroupsid",
        false,
    ),
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid",
        "uid",
        false,
    ),
    // These numbers are AWS's, missing dots included.
    ("2.5.4.3", "commonname", false),
    ("2.5.4.4", "surname", false),
    ("2.4.5.42", "givenname", false),
    ("2.5.4.45", "x500uniqueidentifier", false),
    ("0.9.2342.19200300100.1.1", "uid", false),
    ("0.9.2342.19200300100.1.3", "mail", false),
    ("0.9.2342.19200300.100.1.45", "organizationstatus", false),
];

/// An attribute by its name, with its values.
type Attribute = (String, Vec<String>);

/// AWS's own attributes.
pub(crate) struct Claims {
    /// `Role`: pairs of ARNs, in either order.
    pairs: Vec<(String, String)>,
    /// `RoleSessionName`.
    pub(crate) session_name: String,
    /// `SessionDuration`, in seconds.
    pub(crate) session_seconds: Option<i32>,
    /// `SourceIdentity`.
    pub(crate) source_identity: Option<String>,
    /// `PrincipalTag:`, keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// `TransitiveTagKeys`.
    pub(crate) transitive: Vec<String>,
}

impl Claims {
    /// Reads them out of all attributes.
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self, Fault> {
        let of = |name: &str| {
            let mut known = attributes.iter();
            let found = known.find(|(known, _)| known.strip_prefix(OWN) == Some(name));
            found.map(|(_, values)| values.as_slice())
        };
        Ok(Self {
            pairs: pairs(of("Role").unwrap_or_default()),
            session_name: session_name(of("RoleSessionName"))?,
            session_seconds: of("SessionDuration").map(session_seconds).transpose()?,
            source_identity: of("SourceIdentity").map(source_identity).transpose()?,
            tags: tags(attributes)?,
            transitive: of("TransitiveTagKeys").unwrap_or_default().to_vec(),
        })
    }

    /// Whether the provider lets the subject have this role.
    pub(crate) fn roles(&self, role: &str, provider: &str) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|(one, two)| (one == role && two == provider) || (two == role && one == provider))
    }
}

/// The condition keys of directories' attributes. A key that several attributes map to has the
/// values of the first.
pub(crate) fn mapped(attributes: &[Attribute]) -> Vec<Attribute> {
    let mut keys: Vec<Attribute> = Vec::new();
    for (name, values) in attributes {
        for (_, key, several) in MAPPED.iter().filter(|(known, ..)| known == name) {
            let key = format!("saml:{key}");
            let count = if *several { values.len() } else { 1 };
            let values: Vec<String> = values.iter().take(count).cloned().collect();
            if !values.is_empty() && !keys.iter().any(|(known, _)| *known == key) {
                keys.push((key, values));
            }
        }
    }
    keys
}

fn pairs(values: &[String]) -> Vec<(String, String)> {
    let pair = |value: &String| {
        let (one, two) = value.split_once(',')?;
        Some((one.trim().to_owned(), two.trim().to_owned()))
    };
    values.iter().filter_map(pair).collect()
}

fn session_name(values: Option<&[String]>) -> Result<String, Fault> {
    match values {
        Some([name]) if is_name(name) => Ok(name.clone()),
        None | Some([]) => Err(invalid("RoleSessionName is required in AuthnResponse")),
        Some(_) => Err(invalid(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        )),
    }
}

fn source_identity(values: &[String]) -> Result<String, Fault> {
    match values {
        [name] if is_name(name) && !name.to_ascii_lowercase().starts_with("aws:") => {
            Ok(name.clone())
        }
        _ => Err(invalid(
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
        )),
    }
}

fn session_seconds(values: &[String]) -> Result<i32, Fault> {
    let seconds = match values {
        [text] => text.parse().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (900..=43_200).contains(seconds));
    let message = "SessionDuration in AuthnResponse must be an integer from 900 to 43200";
    seconds.ok_or_else(|| invalid(message))
}

fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    (2..=64).contains(&name.len()) && name.chars().all(allowed)
}

/// Session tags, under the rules that `Tags` of a request has.
fn tags(attributes: &[Attribute]) -> Result<Vec<(String, String)>, Fault> {
    let mut tags = Vec::new();
    for (name, values) in attributes {
        let own = name.strip_prefix(OWN);
        let Some(key) = own.and_then(|name| name.strip_prefix("PrincipalTag:")) else {
            continue;
        };
        let [value] = values.as_slice() else {
            let message = format!("The principal tag {key} must have exactly one value");
            return Err(invalid(&message));
        };
        let is_key = (1..=128).contains(&key.chars().count()) && is_tag(key);
        if !is_key || value.chars().count() > 256 || !is_tag(value) {
            return Err(invalid(&format!("The principal tag {key} is invalid")));
        }
        tags.push((key.to_owned(), value.clone()));
    }
    Ok(tags)
}

/// Whether a text has characters of tags alone: letters, digits, spaces and `_.:/=+-@`.
fn is_tag(text: &str) -> bool {
    let allowed =
        |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    text.chars().all(allowed)
}

fn invalid(message: &str) -> Fault {
    InvalidIdentityTokenException::new(message)
}
