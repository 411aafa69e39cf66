//! What each kind of policy may say, beyond what it must not.

use policy::{Fault, Policy, PolicyKind};
use serde_json::{Value, json};

use crate::support::document;
use PolicyKind::{Boundary, Identity, ResourceControl, ServiceControl, Session, Trust};

fn parse(kind: PolicyKind, statement: &Value) -> Option<Fault> {
    let parsed = Policy::parse(&document(&json!([statement])), kind);
    parsed.err().map(|malformed| malformed.fault().clone())
}

/// "SCP syntax" (Organizations user guide): since September 2025 the whole language of IAM but
/// principals.
#[test]
fn service_control_policies_speak_the_whole_language() {
    let bucket = "arn:aws:s3:::b/*";
    for statement in [
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": bucket}),
        json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
        json!({"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}),
        json!({"Effect": "Deny", "Action": "s3:*", "NotResource": bucket}),
        json!({"Effect": "Allow", "Action": "s3:*", "NotResource": [bucket]}),
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}),
        json!({"Effect": "Deny", "Action": ["s3:*Object", "s3:Get*Tag*"], "Resource": "*"}),
    ] {
        assert_eq!(parse(ServiceControl, &statement), None, "{statement}");
    }
    let named = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"});
    let prohibited = Some(Fault::Prohibited("Principal"));
    assert_eq!(parse(ServiceControl, &named), prohibited);
}

/// "RCP syntax" (Organizations user guide).
#[test]
fn resource_control_policies_may_have_conditions_and_resources() {
    let elsewhere = json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
    for statement in [
        json!({"Sid": "Own organization alone", "Effect": "Deny", "Principal": "*",
            "Action": ["s3:*", "sts:AssumeRole"], "Resource": "*", "Condition": elsewhere}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt",
            "Resource": ["arn:aws:kms:*:*:key/*"]}),
    ] {
        assert_eq!(parse(ResourceControl, &statement), None, "{statement}");
    }
}

/// `AssumeRole` and its like, `TagSession`, `SetSourceIdentity` and `SetContext`; nothing else of
/// STS, and no resource ("Actions defined by AWS Security Token Service").
#[test]
fn trust_policies_name_what_assumes_a_role() {
    let principal = json!({"AWS": "111111111111"});
    let with = |action: Value| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
        parse(Trust, &statement)
    };
    for action in [
        json!("sts:AssumeRole"),
        json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]),
        json!(["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"]),
        json!(["sts:AssumeRole", "sts:SetContext"]),
        json!("sts:AssumeRole*"),
        json!("STS:assumerole"),
    ] {
        assert_eq!(with(action.clone()), None, "{action}");
    }
    for action in [
        "*",
        "sts:GetSessionToken",
        "sts:TagSessions",
        "iam:PassRole",
    ] {
        let refused = Some(Fault::NotAssumeRole);
        assert_eq!(with(json!([action, "sts:AssumeRole"])), refused, "{action}");
    }
    let principals = |principal: Value| {
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        parse(Trust, &statement)
    };
    assert_eq!(principals(json!({"AWS": "*"})), None);
    assert_eq!(principals(json!("*")), Some(Fault::BareStar));
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole"});
    statement["NotResource"] = json!("*");
    assert_eq!(
        parse(Trust, &statement),
        Some(Fault::Prohibited("NotResource"))
    );
}

/// "Identity-provider controls for shared OIDC providers" (IAM user guide).
#[test]
fn a_trust_in_a_shared_provider_says_whose_tokens_it_means() {
    let trust = |effect: &str, provider: &str, condition: Value| {
        let statement = json!({"Effect": effect, "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition});
        match parse(Trust, &statement) {
            None => true,
            Some(Fault::AnyTenant { .. }) => false,
            Some(other) => panic!("{other:?}"),
        }
    };
    let github = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    let sub = "token.actions.githubusercontent.com:sub";
    let workflow = "token.actions.githubusercontent.com:job_workflow_ref";
    for condition in [
        json!({"StringLike": {sub: "repo:org/app:*"}}),
        json!({"StringEquals": {sub: ["repo:org/app:ref:refs/heads/main", "repo:org/b:*"]}}),
        json!({"stringequalsignorecase": {sub.to_uppercase(): "repo:org/app"}}),
        json!({"ForAnyValue:StringLike": {sub: "repo:org/*"}}),
        json!({"StringLike": {workflow: "org/app/.github/*"}}),
    ] {
        assert!(trust("Allow", github, condition.clone()), "{condition}");
    }
    for condition in [
        json!({}),
        json!({"StringLike": {sub: "*"}}),
        json!({"StringLike": {sub: "?*"}}),
        json!({"StringLike": {sub: ""}}),
        json!({"StringLike": {sub: []}}),
        json!({"StringLike": {sub: ["repo:org/app:*", "*"]}}),
        json!({"StringNotLike": {sub: "repo:other/*"}}),
        json!({"StringLikeIfExists": {sub: "repo:org/app:*"}}),
        json!({"ForAllValues:StringLike": {sub: "repo:org/app:*"}}),
        json!({"Null": {sub: "false"}}),
        json!({"StringEquals": {"gitlab.com:sub": "x"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ] {
        assert!(!trust("Allow", github, condition.clone()), "{condition}");
        assert!(trust("Deny", github, condition));
    }
    for (provider, key) in [
        (
            "cognito-identity.amazonaws.com",
            "cognito-identity.amazonaws.com:aud",
        ),
        (
            "arn:aws:iam::1:oidc-provider/sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d",
            "sts:RoleSessionName",
        ),
        ("arn:aws:iam::1:oidc-provider/gitlab.com", "gitlab.com:sub"),
        (
            "arn:aws:iam::1:oidc-provider/oidc.vercel.com",
            "oidc.vercel.com:aud",
        ),
    ] {
        let condition = json!({"StringEquals": {key: "mine"}});
        assert!(trust("Allow", provider, condition), "{provider}");
        assert!(!trust("Allow", provider, json!({})), "{provider}");
    }
    for own in [
        "arn:aws:iam::1:oidc-provider/idp.example.com",
        "arn:aws:iam::1:oidc-provider/gitlab.com.example.com",
        "accounts.google.com",
        "arn:aws:iam::1:saml-provider/gitlab.com",
    ] {
        assert!(trust("Allow", own, json!({})), "{own}");
    }
}

#[test]
fn resources_of_iam_have_a_type_and_no_region() {
    let of = |kind: PolicyKind, resource: &str| {
        let statement = json!({"Effect": "Allow", "Action": "iam:*", "Resource": resource});
        parse(kind, &statement)
    };
    for kind in [Identity, Boundary, Session] {
        for resource in [
            "arn:aws:iam::111111111111:*",
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::*:role/app-*",
            "arn:aws:iam::111111111111:user/${aws:username}",
            "arn:aws:iam::${aws:PrincipalAccount}:user/x",
            "arn:aws:iam::111111111111:mfa/*",
            "arn:aws:iam::aws:policy/job-function/*",
            "arn:aws:iam::111111111111:access-report/*",
            "arn:aws:iam::111111111111:delegation-request/*",
            "arn:aws:s3:eu-west-1:111111111111:accesspoint/a",
            "arn:aws:s3:::b",
            "arn:aws:route53:::hostedzone/*",
        ] {
            assert_eq!(of(kind, resource), None, "{resource}");
        }
        for resource in [
            "arn:aws:iam::1:Role/x",
            "arn:aws:iam::1:roles/x",
            "arn:aws:iam::1:role",
        ] {
            assert_eq!(of(kind, resource), Some(Fault::IamPath), "{resource}");
        }
        for resource in [
            "arn:aws:iam:*:111111111111:role/x",
            "arn:aws:s3:eu-west-1::b",
            "arn:aws:route53:us-east-1::hostedzone/*",
        ] {
            let region = Some(Fault::ResourceRegion(resource.into()));
            assert_eq!(of(kind, resource), region, "{resource}");
        }
    }
}

/// A key that no service has is accepted, and absent from every request ("Condition", IAM user
/// guide), even one without a vendor.
#[test]
fn condition_keys_of_identities_need_not_exist() {
    let with = |condition: Value| {
        let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": condition});
        parse(Identity, &statement)
    };
    assert_eq!(with(json!({"StringEquals": {"aws:NoSuchKey": "x"}})), None);
    assert_eq!(
        with(json!({"StringEquals": {"made-up:key/with/path": "x"}})),
        None
    );
    assert_eq!(with(json!({"StringEquals": {"NoSuchKey": "x"}})), None);
    assert_eq!(
        with(json!({"StringIs": {"aws:username": "x"}})),
        Some(Fault::Syntax)
    );
    assert_eq!(with(json!({})), None);
}
