//! The policy simulator: what it answers is what the engine decides, and where.

use crate::house::{ACCOUNT, House, Login, encoded, policy, put_policy, xml};

/// The form that simulates `actions` on `resources` under the documents of the request.
fn custom(documents: &[&str], actions: &[&str], resources: &[&str]) -> String {
    let mut form = "Action=SimulateCustomPolicy".to_owned();
    list(&mut form, "PolicyInputList", documents);
    list(&mut form, "ActionNames", actions);
    list(&mut form, "ResourceArns", resources);
    form
}

fn principal(arn: &str, actions: &[&str], resources: &[&str]) -> String {
    let mut form = format!(
        "Action=SimulatePrincipalPolicy&PolicySourceArn={}",
        encoded(arn)
    );
    list(&mut form, "ActionNames", actions);
    list(&mut form, "ResourceArns", resources);
    form
}

fn list(form: &mut String, name: &str, values: &[&str]) {
    for (index, value) in values.iter().enumerate() {
        form.push_str(&format!("&{name}.member.{}={}", index + 1, encoded(value)));
    }
}

fn context(form: &mut String, key: &str, kind: &str, values: &[&str]) {
    form.push_str(&format!(
        "&ContextEntries.member.1.ContextKeyName={}&ContextEntries.member.1.ContextKeyType={kind}",
        encoded(key)
    ));
    list(form, "ContextEntries.member.1.ContextKeyValues", values);
}

async fn decisions(house: &House, who: &Login, form: &str) -> Vec<String> {
    xml(&house.ok(who, form).await.text, "EvalDecision")
}

#[tokio::test]
async fn the_example_of_the_command_line_interface_comes_out_as_aws_prints_it() {
    let (house, root) = House::new().await;
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
    let form = custom(&[document], &["dynamodb:CreateBackup"], &[]);
    let mut later = form.clone();
    context(
        &mut later,
        "aws:CurrentTime",
        "date",
        &["2019-04-25T11:00:00Z"],
    );
    let answer = house.ok(&root, &later).await;
    assert_eq!(answer.xml("EvalActionName"), "dynamodb:CreateBackup");
    assert_eq!(answer.xml("EvalResourceName"), "*");
    assert_eq!(answer.xml("EvalDecision"), "allowed");
    assert_eq!(answer.xml("SourcePolicyId"), "PolicyInputList.1");
    assert_eq!(answer.xml("SourcePolicyType"), "IAM Policy");
    assert_eq!(xml(&answer.text, "Line"), ["1", "1"]);
    assert_eq!(xml(&answer.text, "Column"), ["38", "167"]);
    assert!(
        !answer.text.contains("ResourceSpecificResults"),
        "{}",
        answer.text
    );
    assert_eq!(answer.xml("IsTruncated"), "false");

    let mut earlier = form.clone();
    context(
        &mut earlier,
        "aws:CurrentTime",
        "date",
        &["2014-04-25T11:00:00Z"],
    );
    let answer = house.ok(&root, &earlier).await;
    assert_eq!(answer.xml("EvalDecision"), "implicitDeny");
    assert!(xml(&answer.text, "SourcePolicyId").is_empty());
    assert!(!answer.text.contains("CurrentTime"), "{}", answer.text);

    let answer = house.ok(&root, &form).await;
    assert_eq!(answer.xml("EvalDecision"), "implicitDeny");
    let missing = "<MissingContextValues><member>aws:CurrentTime</member></MissingContextValues>";
    assert!(answer.text.contains(missing), "{}", answer.text);
}

#[tokio::test]
async fn every_resource_has_a_result_and_the_worst_is_the_action_s() {
    let (house, root) = House::new().await;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:*","Resource":"*"}},
        {{"Effect":"Deny","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:{ACCOUNT}:key/b"}}]}}"#
    );
    let keys = ["a", "b"].map(|id| format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{id}"));
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let answer = house
        .ok(
            &root,
            &custom(&[&document], &["kms:Decrypt", "kms:Encrypt"], &keys),
        )
        .await;
    assert_eq!(
        xml(&answer.text, "EvalDecision"),
        ["explicitDeny", "allowed"]
    );
    let each = ["allowed", "explicitDeny", "allowed", "allowed"];
    assert_eq!(xml(&answer.text, "EvalResourceDecision"), each);
    let template = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}";
    let names = xml(&answer.text, "EvalResourceName");
    assert_eq!(
        names.iter().filter(|name| *name == template).count(),
        2,
        "{names:?}"
    );
    let first = answer.text.split("kms:Encrypt").next().unwrap_or_default();
    // Of the denied action the result as a whole points to the denial alone.
    let lines = xml(first, "StartPosition").len();
    assert_eq!(lines, 3, "one in the whole, one each resource: {first}");
}

#[tokio::test]
async fn a_resource_policy_decides_with_the_caller() {
    let (house, root) = House::new().await;
    let bucket = "arn:aws:s3:::tims-fancy-bucket/only-here/some-obj";
    let identity = policy("Allow", "s3:DeleteObject", "*");
    let attached = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"*"}]}"#;
    let base = custom(&[&identity], &["s3:DeleteObject"], &[bucket]);
    let with = |caller: &str| {
        let (caller, attached) = (encoded(caller), encoded(attached));
        format!("{base}&ResourcePolicy={attached}&CallerArn={caller}")
    };
    let user = format!("arn:aws:iam::{ACCOUNT}:user/dummy");
    let answer = house.ok(&root, &with(&user)).await;
    assert_eq!(answer.xml("EvalDecision"), "explicitDeny");
    let whole = answer
        .text
        .split("ResourceSpecificResults")
        .next()
        .unwrap_or_default();
    let kinds = ["Resource Policy", "IAM Policy"];
    assert_eq!(xml(whole, "SourcePolicyType"), kinds);
    assert_eq!(
        xml(whole, "SourcePolicyId"),
        ["ResourcePolicy", "PolicyInputList.1"]
    );

    let role = format!("arn:aws:iam::{ACCOUNT}:role/dummy");
    let sentence = "Invalid caller - Caller must be an IAM user in this context.";
    house
        .iam(&root, &with(&role))
        .await
        .refused(400, "InvalidInput", sentence);
    assert_eq!(decisions(&house, &root, &base).await, ["allowed"]);
}

#[tokio::test]
async fn another_account_s_resource_takes_both_policies() {
    let (house, root) = House::new().await;
    let identity = policy("Allow", "sqs:*", "*");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let attached = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{user}"}},"Action":"sqs:SendMessage","Resource":"*"}}}}"#
    );
    let queue = "arn:aws:sqs:us-east-1:444455556666:q";
    let form = |actions: &[&str]| {
        let base = custom(&[&identity], actions, &[queue]);
        let (user, attached) = (encoded(&user), encoded(&attached));
        format!("{base}&CallerArn={user}&ResourcePolicy={attached}")
    };
    let answer = house.ok(&root, &form(&["sqs:SendMessage"])).await;
    assert_eq!(answer.xml("EvalDecision"), "allowed");
    let answer = house.ok(&root, &form(&["sqs:ReceiveMessage"])).await;
    assert_eq!(answer.xml("EvalDecision"), "implicitDeny");
    let details = answer.xml("EvalDecisionDetails");
    assert_eq!(xml(&details, "key"), ["IAM Policy", "Resource Policy"]);
    assert_eq!(xml(&details, "value"), ["allowed", "implicitDeny"]);
}

#[tokio::test]
async fn boundaries_and_organization_policies_limit() {
    let (house, root) = House::new().await;
    let identity = policy("Allow", "*", "*");
    let mut form = custom(&[&identity], &["s3:GetObject", "kms:Decrypt"], &[]);
    list(
        &mut form,
        "PermissionsBoundaryPolicyInputList",
        &[&policy("Allow", "s3:*", "*")],
    );
    let answer = house.ok(&root, &form).await;
    assert_eq!(
        xml(&answer.text, "EvalDecision"),
        ["allowed", "implicitDeny"]
    );
    assert_eq!(
        xml(&answer.text, "AllowedByPermissionsBoundary"),
        ["true", "false"]
    );
    assert!(!answer.text.contains("OrganizationsDecisionDetail"));

    let mut form = custom(&[&identity], &["s3:GetObject", "kms:Decrypt"], &[]);
    for (level, document) in [policy("Allow", "*", "*"), policy("Allow", "s3:*", "*")]
        .iter()
        .enumerate()
    {
        let name = format!(
            "OrderedOrganizationPolicyInputList.member.{}.ServiceControlPolicyInputList",
            level + 1
        );
        list(&mut form, &name, &[document]);
    }
    let answer = house.ok(&root, &form).await;
    assert_eq!(
        xml(&answer.text, "EvalDecision"),
        ["allowed", "implicitDeny"]
    );
    assert_eq!(
        xml(&answer.text, "AllowedByOrganizations"),
        ["true", "false"]
    );
}

#[tokio::test]
async fn a_user_is_simulated_with_what_it_holds() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=CreateUser&UserName=Alice&Path=/a/&Tags.member.1.Key=Team&Tags.member.1.Value=red").await;
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","s3:ExistingObjectTag/x":"y"}}}]}"#;
    house.ok(&root, &put_policy("Alice", "mine", own)).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/a/Alice");
    let mut form = principal(&arn, &["s3:GetObject"], &["arn:aws:s3:::b/Alice/1"]);
    let answer = house.ok(&root, &form).await;
    assert_eq!(answer.xml("EvalDecision"), "implicitDeny");
    assert_eq!(
        answer.xml("MissingContextValues"),
        "<member>s3:ExistingObjectTag/x</member>"
    );
    let keys = format!(
        "Action=GetContextKeysForPrincipalPolicy&PolicySourceArn={}",
        encoded(&arn)
    );
    let answer = house.ok(&root, &keys).await;
    let names = xml(&answer.text, "member");
    assert_eq!(
        names,
        [
            "aws:username",
            "aws:PrincipalTag/team",
            "s3:ExistingObjectTag/x"
        ]
    );

    context(&mut form, "s3:ExistingObjectTag/x", "string", &["y"]);
    let answer = house.ok(&root, &form).await;
    assert_eq!(answer.xml("EvalDecision"), "allowed");
    assert_eq!(answer.xml("SourcePolicyId"), "user_Alice_mine");
    let without = format!("{form}&PolicyExclusionList.member.1.PolicyType=inline");
    assert_eq!(decisions(&house, &root, &without).await, ["implicitDeny"]);
    let elsewhere = form.replace("b%2FAlice%2F1", "b%2FBob%2F1");
    assert_eq!(decisions(&house, &root, &elsewhere).await, ["implicitDeny"]);
}

#[tokio::test]
async fn results_come_in_pages() {
    let (house, root) = House::new().await;
    let actions: Vec<String> = (0..5).map(|index| format!("s3:Action{index}")).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let form = custom(&[&policy("Allow", "*", "*")], &actions, &[]);
    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let answer = house.ok(&root, &format!("{form}&MaxItems=2{marker}")).await;
        seen.extend(xml(&answer.text, "EvalActionName"));
        if answer.xml("IsTruncated") == "false" {
            break;
        }
        marker = format!("&Marker={}", answer.xml("Marker"));
    }
    assert_eq!(seen, actions);
    let wrong = house.iam(&root, &format!("{form}&Marker=x")).await;
    wrong.refused(400, "InvalidInput", "Invalid Marker: x");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (house, root) = House::new().await;
    let allow = policy("Allow", "*", "*");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/eve");
    let twice = format!(
        "{}&PermissionsBoundaryPolicyInputList.member.2={}",
        {
            let mut form = custom(&[&allow], &["s3:GetObject"], &[]);
            list(&mut form, "PermissionsBoundaryPolicyInputList", &[&allow]);
            form
        },
        encoded(&allow)
    );
    let mut number = custom(&[&allow], &["s3:GetObject"], &[]);
    context(&mut number, "s3:max-keys", "numeric", &["many"]);
    for (form, code, message) in [
        (
            custom(&[&allow], &["s3:*"], &[]),
            "InvalidInput",
            "ActionNames are not in a valid format: s3:*.".to_owned(),
        ),
        (
            custom(&[&allow], &["s3:GetObject"], &["bucket"]),
            "InvalidInput",
            "ResourceNames are not in a valid ARN format: bucket.".to_owned(),
        ),
        (
            custom(&["{}"], &["s3:GetObject"], &[]),
            "InvalidInput",
            "Invalid Input Policy PolicyInputList.1: Syntax errors in policy.".to_owned(),
        ),
        (
            twice,
            "InvalidInput",
            "Only one permissions boundary policy can be simulated.".to_owned(),
        ),
        (
            number,
            "InvalidInput",
            "Invalid value for context key s3:max-keys: many is not of type numeric.".to_owned(),
        ),
        (
            principal(
                "arn:aws:sts::111122223333:assumed-role/a/b",
                &["s3:GetObject"],
                &[],
            ),
            "InvalidInput",
            "Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/a/b does not clearly \
             define entity type and name."
                .to_owned(),
        ),
        (
            principal("arn:aws:iam::444455556666:user/bob", &["s3:GetObject"], &[]),
            "InvalidInput",
            format!(
                "Invalid Policy Source Arn: caller's account {ACCOUNT} does not have access to \
                 policies in account 444455556666"
            ),
        ),
    ] {
        house.iam(&root, &form).await.refused(400, code, &message);
    }
    let answer = house
        .iam(&root, &principal(&user, &["s3:GetObject"], &[]))
        .await;
    answer.refused(
        404,
        "NoSuchEntity",
        "The user with name eve cannot be found.",
    );
    let handled = format!(
        "{}&ResourceHandlingOption=EC2-VPC-EBS",
        custom(
            &[&allow],
            &["ec2:RunInstances"],
            &["arn:aws:ec2:us-east-1:1:instance/*"]
        )
    );
    let message = "The resource type image is required for EC2-VPC-EBS.";
    house
        .iam(&root, &handled)
        .await
        .refused(400, "InvalidInput", message);
}

#[tokio::test]
async fn simulating_takes_exactly_its_permission() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let own = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let other = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    let absent = format!("arn:aws:iam::{ACCOUNT}:user/eve");
    house.ok(&root, "Action=CreateUser&UserName=bob").await;
    let keys = |arn: &str| {
        format!(
            "Action=GetContextKeysForPrincipalPolicy&PolicySourceArn={}",
            encoded(arn)
        )
    };
    let mut custom_keys = "Action=GetContextKeysForCustomPolicy".to_owned();
    list(
        &mut custom_keys,
        "PolicyInputList",
        &[&policy("Allow", "*", "*")],
    );
    let cases = [
        (
            "iam:SimulatePrincipalPolicy",
            own.as_str(),
            principal(&own, &["s3:GetObject"], &[]),
        ),
        ("iam:GetContextKeysForPrincipalPolicy", &own, keys(&own)),
        (
            "iam:SimulateCustomPolicy",
            "*",
            custom(&[&policy("Allow", "*", "*")], &["s3:GetObject"], &[]),
        ),
        ("iam:GetContextKeysForCustomPolicy", "*", custom_keys),
    ];
    for (action, resource, form) in &cases {
        let refused = house.iam(&alice, form).await;
        let message = format!(
            "User: {own} is not authorized to perform: {action} on resource: {resource} because no \
             identity-based policy allows the {action} action"
        );
        refused.refused(403, "AccessDenied", &message);
        house
            .ok(
                &root,
                &put_policy("alice", "p", &policy("Allow", action, resource)),
            )
            .await;
        house.ok(&alice, form).await;
        house
            .ok(&root, "Action=DeleteUserPolicy&UserName=alice&PolicyName=p")
            .await;
    }
    // Who exists shows to nobody without permission.
    for form in [principal(&other, &["s3:GetObject"], &[]), keys(&other)] {
        let there = house.iam(&alice, &form).await;
        let not = house.iam(&alice, &form.replace("bob", "eve")).await;
        assert_eq!((there.status, not.status), (403, 403));
        assert_eq!(
            there.xml("Message"),
            not.xml("Message").replace(&absent, &other)
        );
    }
}

/// A document that allows `count` actions, each a statement.
fn wide(count: usize) -> String {
    let statement =
        |index: usize| format!(r#"{{"Effect":"Allow","Action":"s3:*a*b*{index}","Resource":"*"}}"#);
    let statements: Vec<String> = (0..count).map(statement).collect();
    let statements = statements.join(",");
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

#[tokio::test]
async fn sec_i16_a_simulation_does_only_so_much_at_a_time() {
    let (house, root) = House::new().await;
    let document = wide(1000);
    let arns: Vec<String> = (0..100).map(|one| format!("arn:aws:s3:::{one}")).collect();
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    let actions = ["s3:A", "s3:B", "s3:C", "s3:D", "s3:E", "s3:F"];

    // A page holds as much as can be weighed at once, and the next one goes on from there.
    let form = custom(&[&document], &actions, &arns);
    let (mut seen, mut pages, mut next) = (Vec::new(), 0, form.clone());
    loop {
        let answer = house.ok(&root, &next).await;
        seen.extend(xml(&answer.text, "EvalActionName"));
        pages += 1;
        if answer.xml("IsTruncated") == "false" {
            break;
        }
        next = format!("{form}&Marker={}", answer.xml("Marker"));
    }
    assert_eq!(seen, actions);
    assert!(pages > 1, "{pages}");

    // What cannot be weighed even for one action is refused: too many resources or values.
    let many = vec!["arn:aws:s3:::b"; 900];
    let answer = house
        .iam(&root, &custom(&[&document], &["s3:A"], &many))
        .await;
    let text = "The policies, resources and context values are too large to be evaluated together.";
    answer.refused(500, "PolicyEvaluation", text);
    let mut form = custom(&[&document], &["s3:A"], &[]);
    let value = "v".repeat(200);
    let values = vec![value.as_str(); 900];
    context(&mut form, "aws:x", "stringList", &values);
    let answer = house.iam(&root, &form).await;
    answer.refused(500, "PolicyEvaluation", text);
}
