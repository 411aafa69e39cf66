//! Refusals of AWS that somebody put on record: what was sent, and what AWS said.

use policy::{Policy, PolicyKind};

use PolicyKind::{Identity, KeyPolicy, ServiceControl, Trust};

/// One refusal.
struct Recorded {
    kind: PolicyKind,
    /// The policy, or a statement of one.
    sent: &'static str,
    said: &'static str,
    /// Where it can be read.
    seen: &'static str,
}

const RECORDED: &[Recorded] = &[
    Recorded {
        kind: Identity,
        sent: "not JSON",
        said: "Syntax errors in policy.",
        seen: "https://github.com/ministackorg/ministack/pull/1738",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Version": "2012-10-17"}"#,
        said: "Syntax errors in policy.",
        seen: "https://github.com/ministackorg/ministack/pull/1738",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Maybe", "Action": "s3:GetObject", "Resource": "*"}"#,
        said: "Syntax errors in policy.",
        seen: "https://github.com/ministackorg/ministack/pull/1738",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Sid": "1", "Effect": "allow", "Action": "es:ESHttp*", "Resource": "*"}"#,
        said: "The policy failed legacy parsing",
        seen: "https://github.com/hashicorp/terraform/issues/10057",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": "s3:GetObject"}"#,
        said: "Policy statement must contain resources.",
        seen: "https://github.com/ministackorg/ministack/pull/1738",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": []}"#,
        said: "Policy statement must contain resources.",
        seen: "https://github.com/terraform-aws-modules/terraform-aws-iam/issues/364",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::dummy-bucket/*",
            "Principal": {"AWS": "arn:aws:iam::111122223333:user/dummy-user"}}"#,
        said: "Policy document should not specify a principal.",
        seen: "https://github.com/hashicorp/terraform-provider-aws/issues/10419",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": ["*:Untag*", "s3:GetObject"], "Resource": "*"}"#,
        said: "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards",
        seen: "https://github.com/boogy/iam-policy-validator/pull/172",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": "codebuild:codebuild:Get*", "Resource": "*"}"#,
        said: "Actions/Condition can contain only one colon.",
        seen: "https://github.com/garnaat/kappa/issues/111",
    },
    Recorded {
        kind: Identity,
        sent: r#"{"Effect": "Allow", "Action": "s3:ListBucket",
            "Resource": "s3-bucket-ukcloud-replica"}"#,
        said: "Resource s3-bucket-ukcloud-replica must be in ARN format or \"*\".",
        seen: "https://github.com/ministryofjustice/modernisation-platform-environments/pull/590",
    },
    Recorded {
        kind: KeyPolicy,
        sent: r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": "arn:aws::111122223333:root"}}"#,
        said: "Policy contains a statement with one or more invalid principals.",
        seen: "https://github.com/cloudposse/terraform-aws-vpc-flow-logs-s3-bucket/pull/27",
    },
    Recorded {
        kind: KeyPolicy,
        sent: r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#,
        said: "Policy contains a statement with no principal.",
        seen: "https://github.com/terraform-aws-modules/terraform-aws-eks/pull/2163",
    },
    Recorded {
        kind: ServiceControl,
        sent: r#"{"Effect": "Deny", "Action": "s3:*"}"#,
        said: "The provided policy document does not meet the requirements of the specified policy type.",
        seen: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html",
    },
    Recorded {
        kind: Trust,
        sent: "ecs-assume-role-policy.yaml",
        said: "This policy contains invalid Json",
        seen: "https://github.com/aws-samples/aws-microservices-deploy-options/issues/118",
    },
    Recorded {
        kind: Trust,
        sent: r#"{"Effect": "Allow", "Action": ["route53:ChangeResourceRecordSets"],
            "Resource": ["arn:aws:route53:::hostedzone/*"]}"#,
        said: "Has prohibited field Resource",
        seen: "https://github.com/kubernetes-sigs/external-dns/issues/3085",
    },
    Recorded {
        kind: Trust,
        sent: r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole", "Resource": "*"}"#,
        said: "Has prohibited field Resource",
        seen: "https://github.com/devopsacademyau/academy/pull/1368",
    },
    Recorded {
        kind: Trust,
        sent: r#"{"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"},
            "Action": ["sts:SetSourceIdentity", "sts:AssumeRole", "sts:TagSessions"]}"#,
        said: "AssumeRole policy may only specify STS AssumeRole actions.",
        seen: "https://github.com/hashicorp/terraform-provider-aws/issues/32872",
    },
    Recorded {
        kind: Trust,
        sent: r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": {},
            "Principal": {"AWS": "arn:aws:iam::12345678910:role/Orchestration_Role"}}"#,
        said: "Invalid principal in policy: \"AWS\":\"arn:aws:iam::12345678910:role/Orchestration_Role\"",
        seen: "https://github.com/aws-actions/configure-aws-credentials/issues/332",
    },
    Recorded {
        kind: Trust,
        sent: r#"{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::111122223333:oidc provider"}}"#,
        said: "Federated principals must be valid domain names or SAML metadata ARNs",
        seen: "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2594",
    },
];

/// Refusals that stand in public code and logs, which have no page that could be cited.
const QUOTED: &[(PolicyKind, &str, &str)] = &[
    (
        Identity,
        r#"{"Effect": "Allow", "Action": "iam:PassRole",
            "Resource": "arn:aws:iam:us-east-1:123456789012:role/GlueJobRole"}"#,
        "IAM resource arn:aws:iam:us-east-1:123456789012:role/GlueJobRole cannot contain region information.",
    ),
    (
        Identity,
        r#"{"Effect": "Allow", "Action": "route53:ListTagsForResource",
            "Resource": "arn:aws:route53:eu-west-1:955935045027:hostedzone/*"}"#,
        "Resource arn:aws:route53:eu-west-1:955935045027:hostedzone/* can not contain region information.",
    ),
    (
        Identity,
        r#"{"Effect": "Allow", "Action": "route53:ListTagsForResource",
            "Resource": "arn:aws:route53::955935045027:hostedzone/*"}"#,
        "Resource arn:aws:route53::955935045027:hostedzone/* cannot contain an account id.",
    ),
    (
        Identity,
        r#"{"Effect": "Allow", "Action": "iam:GetRole",
            "Resource": "arn:aws:iam::123456789012:*/cdk-hnb659fds-*"}"#,
        "IAM resource path must either be \"*\", root, or start with user/, federated-user/, role/, \
         group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, \
         oidc-provider/, report/, access-report/.",
    ),
    (
        Identity,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:*:*:111122223333:*nonprod*"}"#,
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    (
        Identity,
        r#"{"Sid": "read-objects", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#,
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
         expression [0-9A-Za-z]*",
    ),
    (
        Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}"#,
        "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".",
    ),
    (
        Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated":
            "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"},
            "Condition": {"StringEquals":
            {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}"#,
        "Trust policy with trusted principal \
         arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com must evaluate, \
         using StringEquals, StringLike or StringEqualsIgnoreCase, \
         token.actions.githubusercontent.com:sub or \
         token.actions.githubusercontent.com:job_workflow_ref which is not scoped to all.",
    ),
    (
        Trust,
        r#"{"Version": "2012-10-17", "statement": []}"#,
        "Unknown field statement",
    ),
    (
        Trust,
        r#"{"Version": "2012-10-17", "_comment": "x", "Statement": []}"#,
        "Unknown field _comment",
    ),
    (
        Trust,
        r#"{"Version": "2012-10-17", "Statement": []}"#,
        "Could not parse the policy: Statement is empty!",
    ),
    (
        Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda"}}"#,
        "Invalid principal in policy: \"SERVICE\":\"lambda\"",
    ),
];

/// A statement on its own becomes the statement of a policy.
fn policy(sent: &str) -> String {
    if sent.starts_with('{') && !sent.contains("\"Version\"") {
        return format!(r#"{{"Version": "2012-10-17", "Statement": [{sent}]}}"#);
    }
    sent.to_owned()
}

#[test]
fn aws_said_it_in_these_words() {
    for recorded in RECORDED {
        let refused = Policy::parse(&policy(recorded.sent), recorded.kind);
        let said = refused.expect_err(recorded.sent).to_string();
        assert_eq!(said, recorded.said, "{} {}", recorded.sent, recorded.seen);
        assert!(recorded.seen.starts_with("https://"));
    }
    for (kind, sent, expected) in QUOTED {
        let said = Policy::parse(&policy(sent), *kind).expect_err(sent);
        assert_eq!(said.to_string(), *expected, "{sent}");
    }
}

#[test]
fn a_statement_alone_is_wrapped_and_a_policy_is_not() {
    let wrapped = policy(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    assert!(Policy::parse(&wrapped, Identity).is_ok());
    assert_eq!(policy(&wrapped), wrapped);
    assert_eq!(policy("x"), "x");
}
