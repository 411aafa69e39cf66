//! What the operations on instance profiles answer.

use crate::house::{ACCOUNT, Answer, House, Login, create_role, encoded, policy, put_policy, xml};

const ADD: &str = "Action=AddRoleToInstanceProfile&InstanceProfileName=web&RoleName=app";

async fn web(house: &House, root: &Login) -> Answer {
    let form = "Action=CreateInstanceProfile&InstanceProfileName=web&Path=/x/\
                &Tags.member.1.Key=Team&Tags.member.1.Value=red";
    house.ok(root, form).await
}

#[tokio::test]
async fn an_instance_profile_shows_its_role() {
    let (house, root) = House::new().await;
    let made = web(&house, &root).await;
    house.ok(&root, &create_role("App")).await;
    house.ok(&root, ADD).await;
    let got = house
        .ok(&root, "Action=GetInstanceProfile&InstanceProfileName=WEB")
        .await;
    let listed = house.ok(&root, "Action=ListInstanceProfiles").await;
    let of_role = house
        .ok(&root, "Action=ListInstanceProfilesForRole&RoleName=APP")
        .await;
    for answer in [&made, &got, &listed, &of_role] {
        assert_eq!(answer.xml("InstanceProfileName"), "web");
        let arn = format!("arn:aws:iam::{ACCOUNT}:instance-profile/x/web");
        assert!(xml(&answer.text, "Arn").contains(&arn), "{}", answer.text);
        let id = answer.xml("InstanceProfileId");
        assert!(id.starts_with("AIPA") && id.len() == 21, "{id}");
        assert_eq!(id, made.xml("InstanceProfileId"));
        assert_eq!(answer.xml("CreateDate"), "2026-01-01T00:00:00Z");
    }
    assert!(made.text.contains("<Roles/>") || made.text.contains("<Roles></Roles>"));
    for answer in [&got, &listed, &of_role] {
        assert_eq!(answer.xml("RoleName"), "App");
        assert!(answer.xml("RoleId").starts_with("AROA"));
        assert!(answer.text.contains("<AssumeRolePolicyDocument>"));
    }
    for (answer, tags) in [(&made, 1), (&got, 1), (&listed, 0), (&of_role, 0)] {
        assert_eq!(xml(&answer.text, "Value").len(), tags);
    }
}

#[tokio::test]
async fn errors_are_aws_errors() {
    let (house, root) = House::new().await;
    web(&house, &root).await;
    let again = "Action=CreateInstanceProfile&InstanceProfileName=WEB";
    let message = "Instance Profile WEB already exists.";
    house
        .iam(&root, again)
        .await
        .refused(409, "EntityAlreadyExists", message);
    let message = "The role with name app cannot be found.";
    house
        .iam(&root, ADD)
        .await
        .refused(404, "NoSuchEntity", message);
    let bare = "InstanceProfile&InstanceProfileName=bare";
    house.ok(&root, &format!("Action=Create{bare}")).await;
    let shown = house.ok(&root, &format!("Action=Get{bare}")).await;
    assert!(shown.text.contains("<Tags"), "{}", shown.text);
    house.ok(&root, &create_role("app")).await;
    house.ok(&root, &create_role("other")).await;
    house.ok(&root, ADD).await;
    let message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
    for form in [ADD.to_owned(), ADD.replace("app", "other")] {
        house
            .iam(&root, &form)
            .await
            .refused(409, "LimitExceeded", message);
    }
    let delete = "Action=DeleteInstanceProfile&InstanceProfileName=web";
    let message = "Cannot delete entity, must remove roles from instance profile first.";
    house
        .iam(&root, delete)
        .await
        .refused(409, "DeleteConflict", message);
    let remove = ADD.replace("AddRoleTo", "RemoveRoleFrom");
    let wrong = house.iam(&root, &remove.replace("app", "other")).await;
    let message = "Role other in Instance Profile web cannot be found.";
    wrong.refused(404, "NoSuchEntity", message);
    let nobody = house.iam(&root, &remove.replace("app", "none")).await;
    let message = "The role with name none cannot be found.";
    nobody.refused(404, "NoSuchEntity", message);
    house.ok(&root, &remove).await;
    house.ok(&root, delete).await;
    let message = "Instance Profile web cannot be found.";
    for form in [
        delete,
        ADD,
        remove.as_str(),
        "Action=GetInstanceProfile&InstanceProfileName=web",
        "Action=ListInstanceProfileTags&InstanceProfileName=web",
        "Action=UntagInstanceProfile&InstanceProfileName=web&TagKeys.member.1=a",
    ] {
        house
            .iam(&root, form)
            .await
            .refused(404, "NoSuchEntity", message);
    }
}

#[tokio::test]
async fn adding_a_role_takes_the_permission_to_pass_it_to_instances() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    web(&house, &root).await;
    house
        .ok(&root, &format!("{}&Path=/jobs/", create_role("app")))
        .await;
    let add = policy("Allow", "iam:AddRoleToInstanceProfile", "*");
    house.ok(&root, &put_policy("alice", "add", &add)).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/jobs/app");
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: iam:PassRole on \
         resource: {role} because no identity-based policy allows the iam:PassRole action"
    );
    house
        .iam(&alice, ADD)
        .await
        .refused(403, "AccessDenied", &message);
    // A role that does not exist is refused alike.
    let absent = house.iam(&alice, &ADD.replace("app", "none")).await;
    let message = message.replace("jobs/app", "none");
    absent.refused(403, "AccessDenied", &message);

    let passing = |service: &str, resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:PassRole",
            "Resource":"{role}","Condition":{{"StringEquals":{{"iam:PassedToService":"{service}"}},
            "ArnLike":{{"iam:AssociatedResourceArn":"{resource}"}}}}}}}}"#
        )
    };
    let instances = format!("arn:aws:ec2:*:{ACCOUNT}:instance/*");
    for (service, resource) in [
        ("lambda.amazonaws.com", instances.as_str()),
        ("ec2.amazonaws.com", "arn:aws:ec2:*:444455556666:instance/*"),
    ] {
        let document = passing(service, resource);
        house
            .ok(&root, &put_policy("alice", "pass", &document))
            .await;
        assert_eq!(house.iam(&alice, ADD).await.status, 403, "{service}");
    }
    let document = passing("ec2.amazonaws.com", &instances);
    house
        .ok(&root, &put_policy("alice", "pass", &document))
        .await;
    house.ok(&alice, ADD).await;
}

#[tokio::test]
async fn two_roles_at_once_leave_one() {
    let (house, root) = House::new().await;
    web(&house, &root).await;
    house.ok(&root, &create_role("app")).await;
    house.ok(&root, &create_role("other")).await;
    let other = ADD.replace("app", "other");
    let (one, two) = tokio::join!(house.iam(&root, ADD), house.iam(&root, &other));
    let mut answers = [one.status, two.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
}

#[tokio::test]
async fn lists_keep_to_their_path_and_page() {
    let (house, root) = House::new().await;
    for (name, path) in [("b", "/x/"), ("A", "/x/y/"), ("c", "/z/")] {
        let path = encoded(path);
        let form = format!("Action=CreateInstanceProfile&InstanceProfileName={name}&Path={path}");
        house.ok(&root, &form).await;
    }
    let list = "Action=ListInstanceProfiles&PathPrefix=/x/";
    let names = |answer: &Answer| xml(&answer.text, "InstanceProfileName");
    assert_eq!(names(&house.ok(&root, list).await), ["A", "b"]);
    let first = house.ok(&root, &format!("{list}&MaxItems=1")).await;
    assert_eq!(
        (names(&first), first.xml("Marker")),
        (vec!["A".into()], "A".into())
    );
    let rest = house.ok(&root, &format!("{list}&Marker=A")).await;
    assert_eq!(
        (names(&rest), rest.xml("IsTruncated")),
        (vec!["b".into()], "false".into())
    );
}
