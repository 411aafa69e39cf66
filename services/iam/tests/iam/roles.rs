//! What the operations on roles answer: AWS's members, codes, texts and limits.

use crate::house::{ACCOUNT, Answer, House, Login, encoded, policy, trust, xml};

const NOW_TEXT: &str = "2026-01-01T00:00:00Z";

/// The form that makes a role whose trust policy is `document`.
fn create(name: &str, document: &str) -> String {
    let document = encoded(document);
    format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={document}")
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// The trust policy of a role as `GetRole` shows it.
async fn shown_trust(house: &House, root: &Login, name: &str) -> String {
    let form = format!("Action=GetRole&RoleName={name}");
    decoded(&house.ok(root, &form).await.xml("AssumeRolePolicyDocument"))
}

/// Percent-decoding of a document, whose characters are ASCII.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let plain = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(plain, |decoded, piece| {
        let (code, rest) = piece.split_at(2);
        let byte = u8::from_str_radix(code, 16).unwrap_or(b'?');
        decoded + &char::from(byte).to_string() + rest
    })
}

fn members(answer: &Answer) -> Vec<&'static str> {
    let known = [
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "PermissionsBoundary",
        "Tags",
        "RoleLastUsed",
    ];
    known
        .into_iter()
        .filter(|name| {
            let [open, empty] = [format!("<{name}>"), format!("<{name}/>")];
            answer.text.contains(&open) || answer.text.contains(&empty)
        })
        .collect()
}

#[tokio::test]
async fn each_operation_shows_the_members_that_aws_shows() {
    let (house, root) = House::new().await;
    let document = trust(r#"{"Service":"lambda.amazonaws.com"}"#).replace(',', ",\n ");
    let boundary = encoded("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let form = format!(
        "{}&Path=/app/&Description=d%20e&MaxSessionDuration=7200&PermissionsBoundary={boundary}\
         &Tags.member.1.Key=Team&Tags.member.1.Value=red",
        create("App", &document)
    );
    let made = house.ok(&root, &form).await;
    let outline = [
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
    ];
    let named = |more: &[&'static str]| [&outline, more].concat();
    assert_eq!(members(&made), named(&["PermissionsBoundary", "Tags"]));
    let got = house.ok(&root, "Action=GetRole&RoleName=APP").await;
    let all = [
        "Description",
        "MaxSessionDuration",
        "PermissionsBoundary",
        "Tags",
        "RoleLastUsed",
    ];
    assert_eq!(members(&got), named(&all));
    let listed = house.ok(&root, "Action=ListRoles").await;
    assert_eq!(
        members(&listed),
        named(&["Description", "MaxSessionDuration"])
    );
    for answer in [&made, &got, &listed] {
        assert_eq!(answer.xml("RoleName"), "App");
        assert_eq!(answer.xml("Path"), "/app/");
        assert_eq!(
            answer.xml("Arn"),
            format!("arn:aws:iam::{ACCOUNT}:role/app/App")
        );
        assert_eq!(answer.xml("CreateDate"), NOW_TEXT);
        assert_eq!(decoded(&answer.xml("AssumeRolePolicyDocument")), document);
        let id = answer.xml("RoleId");
        assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
        assert_eq!(id, made.xml("RoleId"));
    }
    assert_eq!(got.xml("Description"), "d e");
    assert_eq!(got.xml("MaxSessionDuration"), "7200");
    assert_eq!(
        got.xml("PermissionsBoundaryArn"),
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
    assert_eq!(got.xml("PermissionsBoundaryType"), "Policy");
    assert_eq!(
        (got.xml("Key"), got.xml("Value")),
        ("Team".into(), "red".into())
    );

    let plain = house.ok(&root, &create("plain", &document)).await;
    assert_eq!(members(&plain), outline);
    let plain = house.ok(&root, "Action=GetRole&RoleName=plain").await;
    assert_eq!(
        members(&plain),
        named(&["MaxSessionDuration", "RoleLastUsed"])
    );
    assert_eq!(plain.xml("MaxSessionDuration"), "3600");
}

#[tokio::test]
async fn roles_are_changed_and_deleted() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    house.ok(&root, &create("app", &lambda)).await;
    let refused = |message: &'static str| (409, "EntityAlreadyExists", message);
    let (status, code, message) = refused("Role with name APP already exists.");
    let again = house.iam(&root, &create("APP", &lambda)).await;
    again.refused(status, code, message);

    house
        .ok(&root, "Action=UpdateRole&RoleName=app&Description=one")
        .await;
    house
        .ok(
            &root,
            "Action=UpdateRole&RoleName=app&MaxSessionDuration=43200",
        )
        .await;
    let got = house.ok(&root, "Action=GetRole&RoleName=app").await;
    assert_eq!(
        (got.xml("Description"), got.xml("MaxSessionDuration")),
        ("one".into(), "43200".into())
    );
    let described = house
        .ok(
            &root,
            "Action=UpdateRoleDescription&RoleName=app&Description=two",
        )
        .await;
    assert_eq!(described.xml("Description"), "two");
    assert!(!described.text.contains("MaxSessionDuration"));
    let events = trust(r#"{"Service":"events.amazonaws.com"}"#);
    let update = format!(
        "Action=UpdateAssumeRolePolicy&RoleName=app&PolicyDocument={}",
        encoded(&events)
    );
    house.ok(&root, &update).await;
    assert_eq!(shown_trust(&house, &root, "app").await, events);

    house.ok(&root, "Action=DeleteRole&RoleName=App").await;
    let gone = "The role with name app cannot be found.";
    for form in [
        "Action=GetRole&RoleName=app",
        "Action=DeleteRole&RoleName=app",
        "Action=UpdateRole&RoleName=app",
        "Action=UpdateRoleDescription&RoleName=app&Description=x",
        "Action=ListRolePolicies&RoleName=app",
        "Action=ListAttachedRolePolicies&RoleName=app",
        "Action=ListRoleTags&RoleName=app",
        "Action=ListInstanceProfilesForRole&RoleName=app",
        "Action=DeleteRolePermissionsBoundary&RoleName=app",
        "Action=UntagRole&RoleName=app&TagKeys.member.1=a",
        update.as_str(),
    ] {
        house
            .iam(&root, form)
            .await
            .refused(404, "NoSuchEntity", gone);
    }
}

#[tokio::test]
async fn policies_of_a_role_come_and_go_and_hold_it() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    house.ok(&root, &create("app", &lambda)).await;
    let document = policy("Allow", "s3:*", "*");
    let put = format!(
        "Action=PutRolePolicy&RoleName=app&PolicyName=Inline&PolicyDocument={}",
        encoded(&document)
    );
    house.ok(&root, &put).await;
    let got = house
        .ok(&root, "Action=GetRolePolicy&RoleName=APP&PolicyName=inline")
        .await;
    assert_eq!(
        (got.xml("RoleName"), got.xml("PolicyName")),
        ("app".into(), "Inline".into())
    );
    assert_eq!(decoded(&got.xml("PolicyDocument")), document);
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let attach = format!(
        "Action=AttachRolePolicy&RoleName=app&PolicyArn={}",
        encoded(managed)
    );
    house.ok(&root, &attach).await;
    house.ok(&root, &attach).await;
    let listed = house
        .ok(&root, "Action=ListAttachedRolePolicies&RoleName=app")
        .await;
    assert_eq!(xml(&listed.text, "PolicyArn"), [managed]);
    assert_eq!(listed.xml("PolicyName"), "ReadOnlyAccess");
    house
        .ok(&root, "Action=CreateInstanceProfile&InstanceProfileName=ip")
        .await;
    let profile = "&InstanceProfileName=ip&RoleName=app";
    house
        .ok(&root, &format!("Action=AddRoleToInstanceProfile{profile}"))
        .await;

    let detach = attach.replace("Attach", "Detach");
    for (what, removal) in [
        (
            "remove roles from instance profile",
            format!("Action=RemoveRoleFromInstanceProfile{profile}"),
        ),
        ("detach all policies", detach.clone()),
        (
            "delete policies",
            "Action=DeleteRolePolicy&RoleName=app&PolicyName=INLINE".to_owned(),
        ),
    ] {
        let message = format!("Cannot delete entity, must {what} first.");
        let delete = house.iam(&root, "Action=DeleteRole&RoleName=app").await;
        delete.refused(409, "DeleteConflict", &message);
        house.ok(&root, &removal).await;
    }
    let missing = "The role policy with name none cannot be found.";
    for operation in ["GetRolePolicy", "DeleteRolePolicy"] {
        let form = format!("Action={operation}&RoleName=app&PolicyName=none");
        house
            .iam(&root, &form)
            .await
            .refused(404, "NoSuchEntity", missing);
    }
    let not_attached = format!("Policy {managed} was not found.");
    house
        .iam(&root, &detach)
        .await
        .refused(404, "NoSuchEntity", &not_attached);
    // A boundary goes with its role.
    let bound = format!(
        "Action=PutRolePermissionsBoundary&RoleName=app&PermissionsBoundary={}",
        encoded(managed)
    );
    house.ok(&root, &bound).await;
    house.ok(&root, "Action=DeleteRole&RoleName=app").await;
}

#[tokio::test]
async fn limits_are_aws_limits() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    house.ok(&root, &create("app", &lambda)).await;
    let filler = |length: usize| {
        let empty = policy("Allow", "s3:Get", "arn:aws:s3:::");
        let fill = "x".repeat(length - policy::limits::significant_length(&empty));
        policy("Allow", "s3:Get", &format!("arn:aws:s3:::{fill}"))
    };
    let put = |length| {
        let document = encoded(&filler(length));
        format!("Action=PutRolePolicy&RoleName=app&PolicyName=p&PolicyDocument={document}")
    };
    house.ok(&root, &put(10_240)).await;
    let message = "Maximum policy size of 10240 bytes exceeded for role app";
    house
        .iam(&root, &put(10_241))
        .await
        .refused(409, "LimitExceeded", message);

    let trusting = |length: usize| {
        let empty = trust(r#"{"Service":"lambda.amazonaws.com"},"Sid":"""#);
        let sid = "x".repeat(length - policy::limits::significant_length(&empty));
        trust(&format!(
            r#"{{"Service":"lambda.amazonaws.com"}},"Sid":"{sid}""#
        ))
    };
    house.ok(&root, &create("fits", &trusting(2048))).await;
    let message = "Cannot exceed quota for ACLSizePerRole: 2048";
    let too_long = house.iam(&root, &create("longer", &trusting(2049))).await;
    too_long.refused(409, "LimitExceeded", message);

    for (form, member) in [
        ("&MaxSessionDuration=3599", "maxSessionDuration"),
        ("&MaxSessionDuration=43201", "maxSessionDuration"),
    ] {
        let answer = house
            .iam(&root, &format!("{}{form}", create("x", &lambda)))
            .await;
        assert_eq!((answer.status, answer.code), (400, Some("ValidationError")));
        assert!(answer.text.contains(member), "{}", answer.text);
    }
    for path in [
        "/aws-service-role/",
        "/aws-service-role/x.amazonaws.com/",
        "/aws-reserved/sso/",
    ] {
        let form = format!("{}&Path={}", create("x", &lambda), encoded(path));
        let answer = house.iam(&root, &form).await;
        assert_eq!(
            (answer.status, answer.code),
            (400, Some("InvalidInput")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_quota_of_roles_counts_what_there_is() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    for index in 0..1000 {
        house
            .ok(&root, &create(&format!("r{index}"), &lambda))
            .await;
    }
    let message = "Cannot exceed quota for RolesPerAccount: 1000";
    let full = house.iam(&root, &create("one-more", &lambda)).await;
    full.refused(409, "LimitExceeded", message);
    // The quota does not keep services from making theirs.
    let linked = "Action=CreateServiceLinkedRole&AWSServiceName=ssm.amazonaws.com";
    house.ok(&root, linked).await;
    house.ok(&root, "Action=DeleteRole&RoleName=r7").await;
    house.ok(&root, "Action=DeleteRole&RoleName=r8").await;
    house.ok(&root, &create("one-more", &lambda)).await;
    let first = house.ok(&root, "Action=ListRoles").await;
    assert_eq!(xml(&first.text, "RoleName").len(), 100);
    assert_eq!(first.xml("IsTruncated"), "true");
    let marker = encoded(&first.xml("Marker"));
    let rest = format!("Action=ListRoles&MaxItems=1000&Marker={marker}");
    let rest = house.ok(&root, &rest).await;
    assert_eq!(xml(&rest.text, "RoleName").len(), 900);
    assert_eq!(rest.xml("IsTruncated"), "false");
}

#[tokio::test]
async fn lists_keep_to_their_path() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    for (name, path) in [("b", "/x/"), ("A", "/x/y/"), ("c", "/xy/")] {
        let form = format!("{}&Path={}", create(name, &lambda), encoded(path));
        house.ok(&root, &form).await;
    }
    let names = |answer: &Answer| xml(&answer.text, "RoleName");
    let listed = house.ok(&root, "Action=ListRoles&PathPrefix=/x/").await;
    assert_eq!(names(&listed), ["A", "b"]);
    let listed = house.ok(&root, "Action=ListRoles&PathPrefix=/x").await;
    assert_eq!(names(&listed), ["A", "b", "c"]);
}

#[tokio::test]
async fn malformed_trust_policies_are_refused_in_aws_words() {
    let (house, root) = House::new().await;
    let principal = |text: &str| trust(&format!(r#"{{"AWS":"{text}"}}"#));
    let invalid = |text: &str| format!("Invalid principal in policy: \"AWS\":\"{text}\"");
    let ghost = user_arn("ghost");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app");
    for (document, message) in [
        (
            "{".to_owned(),
            "This policy contains invalid Json".to_owned(),
        ),
        (
            trust(r#""*","Resource":"*""#),
            "Has prohibited field Resource".to_owned(),
        ),
        (principal(&ghost), invalid(&ghost)),
        (
            principal("AIDAAAAAAAAAAAAAAAAAA"),
            invalid("AIDAAAAAAAAAAAAAAAAAA"),
        ),
        (principal(&session), invalid(&session)),
        (principal("ghost"), invalid("ghost")),
    ] {
        let answer = house.iam(&root, &create("app", &document)).await;
        answer.refused(400, "MalformedPolicyDocument", &message);
    }
    // Nothing is known about the accounts of others.
    let elsewhere = principal("arn:aws:iam::999988887777:user/who");
    house.ok(&root, &create("app", &elsewhere)).await;
    assert_eq!(shown_trust(&house, &root, "app").await, elsewhere);
}

#[tokio::test]
async fn sec_i5_a_role_trusts_a_user_and_not_a_name() {
    let (house, root) = House::new().await;
    house.user(&root, "bob").await;
    let bob = house
        .ok(&root, "Action=GetUser&UserName=bob")
        .await
        .xml("UserId");
    let document = trust(&format!(
        r#"{{ "AWS" : [ "{}", "{ACCOUNT}" ] }}"#,
        user_arn("bob")
    ));
    house.ok(&root, &create("app", &document)).await;
    assert_eq!(shown_trust(&house, &root, "app").await, document);

    // The same user under another name and path is still trusted, and shown as it is called.
    let rename = "Action=UpdateUser&UserName=bob&NewUserName=robert&NewPath=/x/";
    house.ok(&root, rename).await;
    let renamed = document.replace(&user_arn("bob"), &user_arn("x/robert"));
    assert_eq!(shown_trust(&house, &root, "app").await, renamed);
    let listed = house.ok(&root, "Action=ListRoles").await;
    assert_eq!(decoded(&listed.xml("AssumeRolePolicyDocument")), renamed);

    // Another user under the old name is nobody to the role.
    house.ok(&root, "Action=CreateUser&UserName=bob").await;
    assert_eq!(shown_trust(&house, &root, "app").await, renamed);
    house
        .ok(&root, "Action=UpdateUser&UserName=robert&NewPath=/")
        .await;
    let key = house
        .ok(&root, "Action=ListAccessKeys&UserName=robert")
        .await;
    let key = key.xml("AccessKeyId");
    let delete = format!("Action=DeleteAccessKey&UserName=robert&AccessKeyId={key}");
    house.ok(&root, &delete).await;
    house.ok(&root, "Action=DeleteUser&UserName=robert").await;
    house.ok(&root, "Action=CreateUser&UserName=robert").await;
    let orphaned = document.replace(&user_arn("bob"), &bob);
    assert_eq!(shown_trust(&house, &root, "app").await, orphaned);
}

#[tokio::test]
async fn sec_i5_a_role_trusts_a_role_and_not_a_name() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    let made = house.ok(&root, &create("first", &lambda)).await;
    let first = format!("arn:aws:iam::{ACCOUNT}:role/first");
    let document = trust(&format!(r#"{{"AWS":"{first}"}}"#));
    house.ok(&root, &create("second", &document)).await;
    assert_eq!(shown_trust(&house, &root, "second").await, document);
    house.ok(&root, "Action=DeleteRole&RoleName=first").await;
    house.ok(&root, &create("first", &lambda)).await;
    let orphaned = document.replace(&first, &made.xml("RoleId"));
    assert_eq!(shown_trust(&house, &root, "second").await, orphaned);
    // What is shown of somebody who is gone cannot be put again.
    let put = format!(
        "Action=UpdateAssumeRolePolicy&RoleName=second&PolicyDocument={}",
        encoded(&orphaned)
    );
    let answer = house.iam(&root, &put).await;
    assert_eq!(answer.code, Some("MalformedPolicyDocument"));
}

#[tokio::test]
async fn tags_come_and_go() {
    let (house, root) = House::new().await;
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#);
    house.ok(&root, &create("app", &lambda)).await;
    house
        .ok(
            &root,
            "Action=CreateInstanceProfile&InstanceProfileName=app",
        )
        .await;
    for (kind, member) in [
        ("Role", "RoleName"),
        ("InstanceProfile", "InstanceProfileName"),
    ] {
        let tag = |key: &str, value: &str| {
            format!(
                "Action=Tag{kind}&{member}=app&Tags.member.1.Key={key}&Tags.member.1.Value={value}"
            )
        };
        for (key, value) in [("b", "1"), ("A", "2"), ("B", "3")] {
            house.ok(&root, &tag(key, value)).await;
        }
        let list = format!("Action=List{kind}Tags&{member}=app");
        let listed = house.ok(&root, &list).await;
        assert_eq!(xml(&listed.text, "Key"), ["A", "B"]);
        assert_eq!(xml(&listed.text, "Value"), ["2", "3"]);
        let page = house.ok(&root, &format!("{list}&MaxItems=1")).await;
        assert_eq!(
            (page.xml("Key"), page.xml("IsTruncated")),
            ("A".into(), "true".into())
        );
        let reserved = "Tag keys beginning with aws: are reserved for internal use.";
        let refused = house.iam(&root, &tag("aws%3Ax", "1")).await;
        refused.refused(400, "InvalidInput", reserved);
        let untag = format!("Action=Untag{kind}&{member}=app&TagKeys.member.1=a");
        house.ok(&root, &untag).await;
        assert_eq!(xml(&house.ok(&root, &list).await.text, "Key"), ["B"]);
    }
}
