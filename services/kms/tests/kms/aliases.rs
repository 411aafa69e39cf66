//! Aliases.

use crate::house::{ACCOUNT, delegation};
use crate::house::{Kms, NO_KEY, Value, alias_arn, allow, arn, json, key_policy, text};

fn naming(name: &str, target: &str) -> Value {
    json!({ "AliasName": name, "TargetKeyId": target })
}

async fn names(kms: &Kms, input: Value) -> Vec<String> {
    let listed = kms.ok("root", "ListAliases", input).await;
    assert_eq!(listed["Truncated"], json!(false));
    let aliases = listed["Aliases"].as_array().expect("a list").clone();
    aliases
        .iter()
        .map(|alias| text(&alias["AliasName"]))
        .collect()
}

#[tokio::test]
async fn kms_18_aliases_are_made_moved_listed_and_deleted() {
    let kms = Kms::new().await;
    let (one, two) = (kms.key().await, kms.key().await);
    kms.ok("root", "CreateAlias", naming("alias/b/x", &one))
        .await;
    kms.ok("root", "CreateAlias", naming("alias/a_y-z", &arn(&one)))
        .await;
    let listed = kms.ok("root", "ListAliases", json!({ "KeyId": one })).await;
    let made = 1_767_225_600;
    let entry = |name: &str| {
        json!({
            "AliasName": name,
            "AliasArn": alias_arn(name),
            "TargetKeyId": one,
            "CreationDate": made,
            "LastUpdatedDate": made,
        })
    };
    let aliases = [entry("alias/a_y-z"), entry("alias/b/x")];
    assert_eq!(listed, json!({ "Aliases": aliases, "Truncated": false }));

    kms.harness.clock.advance(60);
    kms.ok("root", "UpdateAlias", naming("alias/b/x", &two))
        .await;
    assert_eq!(names(&kms, json!({ "KeyId": one })).await, ["alias/a_y-z"]);
    let moved = kms
        .ok("root", "ListAliases", json!({ "KeyId": arn(&two) }))
        .await;
    assert_eq!(moved["Aliases"][0]["TargetKeyId"], json!(two));
    assert_eq!(moved["Aliases"][0]["CreationDate"], json!(made));
    assert_eq!(moved["Aliases"][0]["LastUpdatedDate"], json!(made + 60));

    kms.ok("root", "DeleteAlias", json!({ "AliasName": "alias/a_y-z" }))
        .await;
    assert_eq!(kms.own_aliases().await, ["alias/b/x"]);
    assert_eq!(names(&kms, json!({ "KeyId": one })).await, [""; 0]);
    let failed = kms
        .fails("root", "DescribeKey", json!({ "KeyId": "alias/a_y-z" }))
        .await;
    let absent = format!("Alias {} is not found.", alias_arn("alias/a_y-z"));
    assert_eq!(failed, ("NotFoundException".to_owned(), absent.clone()));
    for (operation, input) in [
        ("DeleteAlias", json!({ "AliasName": "alias/a_y-z" })),
        ("UpdateAlias", naming("alias/a_y-z", &two)),
    ] {
        let failed = kms.fails("root", operation, input).await;
        assert_eq!(failed, ("NotFoundException".to_owned(), absent.clone()));
    }
}

#[tokio::test]
async fn kms_18_names_are_checked_and_unique() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    kms.ok("root", "CreateAlias", naming("alias/x", &id)).await;
    let failed = kms
        .fails("root", "CreateAlias", naming("alias/x", &id))
        .await;
    let text = format!(
        "An alias with the name {} already exists",
        alias_arn("alias/x")
    );
    assert_eq!(failed, ("AlreadyExistsException".to_owned(), text));
    for operation in ["CreateAlias", "UpdateAlias"] {
        for (name, target, code) in [
            ("x", id.as_str(), "ValidationException"),
            ("alias/", &id, "InvalidAliasNameException"),
            ("alias/a:b", &id, "InvalidAliasNameException"),
            ("alias/a b", &id, "ValidationException"),
            ("alias/aws/s3", &id, "NotAuthorizedException"),
            ("alias/y", "alias/x", "ValidationException"),
            ("alias/y", "nonsense", "NotFoundException"),
            ("alias/x", NO_KEY, "NotFoundException"),
        ] {
            let input = naming(name, target);
            assert_eq!(
                kms.code("root", operation, input).await,
                code,
                "{operation} {name}"
            );
        }
        let long = format!("alias/{}", "x".repeat(251));
        let code = kms.code("root", operation, naming(&long, &id)).await;
        assert_eq!(code, "ValidationException");
    }
    let code = kms
        .code(
            "root",
            "DeleteAlias",
            json!({ "AliasName": "alias/aws/s3" }),
        )
        .await;
    assert_eq!(code, "NotAuthorizedException");
    let (_, message) = kms.fails("root", "CreateAlias", naming("x", &id)).await;
    assert!(
        message.starts_with("Alias must start with the prefix \"alias/\"."),
        "{message}"
    );
}

#[tokio::test]
async fn kms_18_a_key_has_at_most_50_aliases() {
    let kms = Kms::new().await;
    let (one, two) = (kms.key().await, kms.key().await);
    for number in 0..50 {
        kms.ok(
            "root",
            "CreateAlias",
            naming(&format!("alias/{number}"), &one),
        )
        .await;
    }
    let over = kms
        .code("root", "CreateAlias", naming("alias/more", &one))
        .await;
    assert_eq!(over, "LimitExceededException");
    kms.ok("root", "CreateAlias", naming("alias/more", &two))
        .await;
    let over = kms
        .code("root", "UpdateAlias", naming("alias/more", &one))
        .await;
    assert_eq!(over, "LimitExceededException");
    assert_eq!(names(&kms, json!({ "KeyId": two })).await, ["alias/more"]);
    // An alias that points here already may be pointed here again.
    kms.ok("root", "UpdateAlias", naming("alias/7", &one)).await;
    kms.ok("root", "DeleteAlias", json!({ "AliasName": "alias/7" }))
        .await;
    kms.ok("root", "UpdateAlias", naming("alias/more", &one))
        .await;
}

#[tokio::test]
async fn kms_18_alias_operations_need_the_alias_and_every_key() {
    let kms = Kms::new().await;
    let (one, two) = (kms.key().await, kms.key().await);
    let alias = alias_arn("alias/x");
    let allowing = |resources: &[&str]| {
        let (effect, action) = ("Allow", "kms:*Alias");
        crate::house::statement(
            &json!({ "Effect": effect, "Action": action, "Resource": resources }),
        )
    };
    let (one_arn, two_arn) = (arn(&one), arn(&two));
    kms.harness
        .user("no-alias", &[&allowing(&[&one_arn, &two_arn])]);
    kms.harness
        .user("no-one", &[&allowing(&[&alias, &two_arn])]);
    kms.harness
        .user("no-two", &[&allowing(&[&alias, &one_arn])]);
    kms.harness
        .user("all", &[&allowing(&[&alias, &one_arn, &two_arn])]);
    let make = naming("alias/x", &one);
    for who in ["no-alias", "no-one"] {
        let code = kms.code(who, "CreateAlias", make.clone()).await;
        assert_eq!(code, "AccessDeniedException", "{who}");
    }
    kms.ok("no-two", "CreateAlias", make).await;
    for who in ["no-alias", "no-one", "no-two"] {
        let code = kms.code(who, "UpdateAlias", naming("alias/x", &two)).await;
        assert_eq!(code, "AccessDeniedException", "{who}");
    }
    kms.ok("all", "UpdateAlias", naming("alias/x", &two)).await;
    for who in ["no-alias", "no-two"] {
        let code = kms
            .code(who, "DeleteAlias", json!({ "AliasName": "alias/x" }))
            .await;
        assert_eq!(code, "AccessDeniedException", "{who}");
    }
    kms.ok("no-one", "DeleteAlias", json!({ "AliasName": "alias/x" }))
        .await;
}

#[tokio::test]
async fn operations_on_the_key_itself_do_not_take_aliases() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    kms.ok("root", "CreateAlias", naming("alias/x", &id)).await;
    for (operation, more) in [
        ("EnableKey", json!({})),
        ("DisableKey", json!({})),
        ("ScheduleKeyDeletion", json!({})),
        ("CancelKeyDeletion", json!({})),
        ("UpdateKeyDescription", json!({ "Description": "x" })),
        ("GetKeyPolicy", json!({})),
        (
            "PutKeyPolicy",
            json!({ "Policy": key_policy(&[delegation(ACCOUNT)]).to_string() }),
        ),
        ("ListKeyPolicies", json!({})),
        (
            "TagResource",
            json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        ),
        ("UntagResource", json!({ "TagKeys": ["a"] })),
        ("ListResourceTags", json!({})),
        ("ListAliases", json!({})),
    ] {
        let mut input = more;
        input["KeyId"] = json!("alias/x");
        let failed = kms.fails("root", operation, input.clone()).await;
        let text = "Key Aliases are not supported for this operation.".to_owned();
        assert_eq!(
            failed,
            ("InvalidArnException".to_owned(), text),
            "{operation}"
        );
        input["KeyId"] = json!(alias_arn("alias/x"));
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "InvalidArnException", "{operation}");
    }
}

#[tokio::test]
async fn conditions_on_aliases_see_the_one_used_and_all_there_are() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    kms.ok("root", "CreateAlias", naming("alias/app-one", &id))
        .await;
    kms.ok("root", "CreateAlias", naming("alias/other", &id))
        .await;
    let under = |operator: &str, key: &str, value: &str| {
        crate::house::statement(&json!({
            "Effect": "Allow",
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": { operator: { key: value } },
        }))
    };
    let request = under("StringLike", "kms:RequestAlias", "alias/app-*");
    let resource = under(
        "ForAnyValue:StringLike",
        "kms:ResourceAliases",
        "alias/app-*",
    );
    let neither = under(
        "ForAnyValue:StringLike",
        "kms:ResourceAliases",
        "alias/web-*",
    );
    kms.harness.user("request", &[&request]);
    kms.harness.user("resource", &[&resource]);
    kms.harness.user("neither", &[&neither]);
    for (who, name, is_allowed) in [
        ("request", "alias/app-one", true),
        ("request", "alias/other", false),
        ("request", id.as_str(), false),
        ("resource", "alias/other", true),
        ("resource", id.as_str(), true),
        ("neither", "alias/app-one", false),
    ] {
        let answer = kms.call(who, "DescribeKey", json!({ "KeyId": name })).await;
        assert_eq!(
            answer.status == 200,
            is_allowed,
            "{who} {name}: {}",
            answer.text
        );
    }
    // An alias that moves away takes the permission with it.
    let away = kms.key().await;
    kms.ok("root", "UpdateAlias", naming("alias/app-one", &away))
        .await;
    let code = kms
        .code("resource", "DescribeKey", json!({ "KeyId": id }))
        .await;
    assert_eq!(code, "AccessDeniedException");
    kms.ok("resource", "DescribeKey", json!({ "KeyId": away }))
        .await;
}

#[tokio::test]
async fn the_reserved_prefix_is_whole_and_aliases_may_resemble_it() {
    let kms = Kms::new().await;
    let id = kms.key().await;
    for name in ["alias/aws", "alias/awsome/x", "alias/AWS/s3"] {
        kms.ok("root", "CreateAlias", naming(name, &id)).await;
    }
    kms.harness.user("alice", &[&allow("kms:*", "*")]);
    let code = kms
        .code("alice", "CreateAlias", naming("alias/aws/s3", &id))
        .await;
    assert_eq!(code, "NotAuthorizedException");
}

/// Between kinds that are used alike, and no others (UpdateAlias).
#[tokio::test]
async fn an_alias_stays_with_one_sort_of_keys() {
    let kms = Kms::new().await;
    let kinds = [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", 0),
        ("RSA_2048", "ENCRYPT_DECRYPT", 1),
        ("RSA_2048", "SIGN_VERIFY", 2),
        ("ECC_NIST_P256", "SIGN_VERIFY", 2),
        ("ML_DSA_44", "SIGN_VERIFY", 2),
        ("ECC_NIST_P256", "KEY_AGREEMENT", 3),
        ("HMAC_256", "GENERATE_VERIFY_MAC", 4),
        ("HMAC_512", "GENERATE_VERIFY_MAC", 4),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", 5),
    ];
    let mut keys = Vec::new();
    for (spec, usage, sort) in kinds {
        keys.push((kms.key_of(spec, usage).await, sort));
    }
    for (number, (from, sort)) in keys.iter().enumerate() {
        for (to, other) in &keys {
            let name = format!("alias/of-{number}");
            let alias = |key: &str| json!({ "AliasName": name, "TargetKeyId": key });
            kms.ok("root", "CreateAlias", alias(from)).await;
            let answer = kms.call("root", "UpdateAlias", alias(to)).await;
            let expected = (sort != other).then_some("ValidationException");
            assert_eq!(answer.code.as_deref(), expected, "{}", answer.text);
            let named = json!({ "KeyId": name });
            let described = kms.ok("root", "DescribeKey", named).await;
            let holder = if sort == other { to } else { from };
            assert_eq!(described["KeyMetadata"]["KeyId"], json!(holder));
            kms.ok("root", "DeleteAlias", json!({ "AliasName": name }))
                .await;
        }
    }
}
