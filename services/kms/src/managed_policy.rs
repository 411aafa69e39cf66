//! The key policies of keys that AWS makes: of AWS managed keys, and of AWS owned keys.

use crate::key_id::partition;
use crate::managed_services::{ManagedService, Statement};

/// Where a key is, and whose.
pub(crate) struct Home<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

impl ManagedService {
    /// The key policy, in AWS's own spacing.
    pub(crate) fn policy(&self, home: &Home<'_>) -> String {
        let statements = self.statements.iter().map(|it| it.written(home));
        policy(self.policy_id, &statements.collect::<Vec<_>>())
    }
}

/// The policy of a key that AWS owns: it is used by one service principal, under its names.
pub(crate) fn owned_policy(principals: &[String; 2]) -> String {
    let principals = principals.each_ref().map(String::as_str);
    let principals = list(&principals);
    policy(
        "aws-owned-1",
        &[format!(
            r#"{{
    "Sid" : "Allow the service that the key is for to use it",
    "Effect" : "Allow",
    "Principal" : {{
      "Service" : {principals}
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ],
    "Resource" : "*"
  }}"#
        )],
    )
}

fn policy(id: &str, statements: &[String]) -> String {
    let statements = statements.join(", ");
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"{id}\",\n  \"Statement\" : [ {statements} ]\n}}"
    )
}

impl Statement {
    fn written(&self, home: &Home<'_>) -> String {
        let Home { account, region } = home;
        match self {
            Self::Through { sid, actions, via } if via.contains('*') => {
                let condition = format!(
                    r#""StringEquals" : {{
        "kms:CallerAccount" : "{account}"
      }},
      "StringLike" : {{
        "kms:ViaService" : "{via}"
      }}"#
                );
                through(sid, actions, &condition)
            }
            Self::Through { sid, actions, via } => {
                let via = via.replace("{region}", region);
                let condition = format!(
                    r#""StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{via}"
      }}"#
                );
                through(sid, actions, &condition)
            }
            Self::Metadata { actions } => {
                let arn = format!("arn:{}:iam::{account}:root", partition(region));
                let sid = "Allow direct access to key metadata to the account";
                direct(sid, &format!(r#""AWS" : "{arn}""#), actions)
            }
            Self::Describes { sid, service } => {
                let actions = ["kms:Describe*", "kms:Get*", "kms:List*"];
                direct(sid, &format!(r#""Service" : "{service}""#), &actions)
            }
            Self::Other(text) => text
                .replace("{account}", account)
                .replace("{region}", region),
        }
    }
}

fn through(sid: &str, actions: &[&str], condition: &str) -> String {
    let actions = list(actions);
    format!(
        r#"{{
    "Sid" : "{sid}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : {actions},
    "Resource" : "*",
    "Condition" : {{
      {condition}
    }}
  }}"#
    )
}

fn direct(sid: &str, principal: &str, actions: &[&str]) -> String {
    let actions = list(actions);
    format!(
        r#"{{
    "Sid" : "{sid}",
    "Effect" : "Allow",
    "Principal" : {{
      {principal}
    }},
    "Action" : {actions},
    "Resource" : "*"
  }}"#
    )
}

/// One text alone, several as a list.
fn list(texts: &[&str]) -> String {
    match texts {
        [one] => format!("\"{one}\""),
        _ => format!("[ \"{}\" ]", texts.join("\", \"")),
    }
}

#[cfg(test)]
mod tests {
    use policy::{Policy, PolicyKind};

    use super::*;
    use crate::managed_services::SERVICES;

    #[test]
    fn every_policy_is_a_key_policy_and_speaks_of_its_place() {
        for region in ["eu-west-2", "cn-north-1"] {
            let home = Home {
                account: "111122223333",
                region,
            };
            for service in SERVICES {
                let text = service.policy(&home);
                assert!(text.contains("111122223333"), "{}", service.name);
                assert!(
                    !text.contains("{account}") && !text.contains("{region}"),
                    "{text}"
                );
                Policy::parse(&text, PolicyKind::KeyPolicy)
                    .unwrap_or_else(|error| panic!("{}: {error}", service.name));
            }
        }
        let names = ["a.amazonaws.com", "a.eu-west-2.amazonaws.com"].map(str::to_owned);
        assert!(Policy::parse(&owned_policy(&names), PolicyKind::KeyPolicy).is_ok());
    }

    #[test]
    fn the_table_is_sorted_and_each_service_may_use_its_key() {
        assert!(SERVICES.is_sorted_by_key(|service| service.name));
        for service in SERVICES {
            let home = Home {
                account: "111122223333",
                region: "eu-west-2",
            };
            let text = service.policy(&home);
            for endpoint in service.endpoints {
                let vias =
                    ["eu-west-2", "*"].map(|it| format!("\"{endpoint}.{it}.amazonaws.com\""));
                assert!(vias.iter().any(|via| text.contains(via)), "{endpoint}");
            }
        }
    }
}
