//! Which conditions keep a statement for everyone from being public ("The meaning of 'public'",
//! Amazon S3 user guide, which AWS's other services follow).

use super::{Condition, Test};
use crate::arn::ArnPattern;
use crate::operand::Network;
use crate::operator::Qualifier;

/// Keys that tell, with a fixed value, who calls or from where.
const KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];

impl Condition {
    /// Whether it holds for a fixed set of callers or places alone.
    pub(crate) fn narrows(&self) -> bool {
        let is_strict =
            !self.negated && !self.if_exists && self.qualifier != Qualifier::ForAllValues;
        is_strict && KEYS.contains(&&*self.key) && self.test.is_fixed()
    }
}

impl Test {
    fn is_fixed(&self) -> bool {
        match self {
            Self::Text(values) => values.iter().all(|value| value.literal().is_some()),
            Self::Arn(values) => values.iter().all(ArnPattern::names_account),
            Self::Ip(networks) => !networks.iter().any(is_everywhere),
            _ => false,
        }
    }
}

/// Whether a network has both of two addresses that nothing but all of the Internet has in common.
fn is_everywhere(network: &Network) -> bool {
    let far_apart = [["1.1.1.1", "200.0.0.1"], ["2000::1", "9000::1"]];
    far_apart.iter().any(|pair| {
        let mut addresses = pair.iter().map(|address| address.parse());
        addresses.all(|address| address.is_ok_and(|address| network.contains(address)))
    })
}

#[cfg(test)]
mod tests {
    use crate::{Policy, PolicyKind};

    fn is_public(members: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":"secretsmanager:*",
            "Resource":"*",{members}}}]}}"#
        );
        let parsed = Policy::parse(&text, PolicyKind::Resource);
        parsed.expect("a policy").allows_everyone()
    }

    #[test]
    fn everyone_is_public_unless_a_fixed_value_narrows() {
        let everyone = r#""Effect":"Allow","Principal":"*""#;
        let on = |condition: &str| is_public(&format!(r#"{everyone},"Condition":{{{condition}}}"#));
        assert!(is_public(everyone));
        assert!(is_public(r#""Effect":"Allow","Principal":{"AWS":"*"}"#));
        assert!(is_public(
            r#""Effect":"Allow","NotPrincipal":{"AWS":"111122223333"}"#
        ));
        assert!(!is_public(r#""Effect":"Deny","Principal":"*""#));
        assert!(!is_public(
            r#""Effect":"Allow","Principal":{"AWS":"111122223333"}"#
        ));
        for narrow in [
            r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}"#,
            r#""StringLike":{"aws:SourceVpce":"vpce-1"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}"#,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
            r#""ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r-b/"}"#,
        ] {
            assert!(!on(narrow), "{narrow}");
        }
        for broad in [
            r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdefghij"}"#,
            r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#,
            r#""ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r-b/"}"#,
            r#""StringLike":{"aws:SourceVpce":"vpce-*"}"#,
            r#""StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}"#,
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
            r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","::/0"]}"#,
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}"#,
        ] {
            assert!(on(broad), "{broad}");
        }
    }
}
