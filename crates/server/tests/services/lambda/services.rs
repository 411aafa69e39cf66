//! Functions that other services run.

use std::sync::Arc;

use lambda::{LambdaFunctions, Running};
use platform::testing::{ACCOUNT, Harness, REGION};
use platform::{FunctionCaller, FunctionFailure, Functions};
use serde_json::{Value, json};

use crate::lambda::house::{arn, done, house, new};

fn functions(harness: &Harness) -> Arc<dyn Functions> {
    Arc::new(LambdaFunctions {
        running: Running::default(),
        work: harness.pipeline.own_work(),
    })
}

fn caller(function: &str) -> FunctionCaller {
    FunctionCaller {
        function: function.to_owned(),
        service: "secretsmanager.amazonaws.com".to_owned(),
        source_arn: format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s-abcdef"),
        source_account: ACCOUNT.to_owned(),
    }
}

#[tokio::test]
async fn whom_no_policy_lets_in_learns_nothing_and_is_on_record() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let (functions, upkeep) = (functions(&harness), harness.pipeline.upkeep());
    let refused = |failure: FunctionFailure| (failure.code, failure.is_transient);
    for name in ["f", "absent"] {
        let caller = caller(&arn(name));
        let ctx = harness.pipeline.own_work();
        let ctx = ctx.begin("secretsmanager.amazonaws.com", REGION);
        let ctx = ctx.ok().expect("a context");
        let asked = functions.may_run(&ctx, &caller).await;
        let ran = functions.run(&upkeep, &caller, "{}".into()).await;
        let queued = functions.queue(&upkeep, &caller, "{}".into()).await;
        let denied = ("AccessDeniedException".to_owned(), false);
        assert_eq!(asked.map_err(refused), Err(denied.clone()), "{name}");
        assert_eq!(ran.err().map(refused), Some(denied.clone()), "{name}");
        assert_eq!(queued.map_err(refused), Err(denied), "{name}");
    }
    let mut reader = harness.pipeline.store().journal_reader(1);
    let mut invokes: Vec<Value> = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
        invokes.extend((event["eventName"] == "Invoke").then_some(event));
    }
    assert_eq!(invokes.len(), 4, "asking is on no record");
    for event in &invokes {
        assert_eq!(event["errorCode"], "AccessDenied");
        assert_eq!(
            event["userIdentity"]["invokedBy"],
            "secretsmanager.amazonaws.com"
        );
        assert_eq!(event["eventCategory"], "Data");
        assert!(event["requestParameters"].get("payload").is_none());
    }
}

#[tokio::test]
async fn whom_the_policy_lets_in_gets_as_far_as_the_function() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let permission = json!({
        "FunctionName": "f",
        "StatementId": "rotation",
        "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": ACCOUNT,
        "SourceArn": format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s-*"),
    });
    done(&harness, "AddPermission", permission).await;
    let (functions, upkeep) = (functions(&harness), harness.pipeline.upkeep());
    let own = caller(&arn("f"));
    let others = [
        FunctionCaller {
            source_account: "444455556666".to_owned(),
            ..own.clone()
        },
        FunctionCaller {
            source_arn: own.source_arn.replace(":s-", ":t-"),
            ..own.clone()
        },
        FunctionCaller {
            service: "events.amazonaws.com".to_owned(),
            ..own.clone()
        },
        FunctionCaller {
            function: format!("{}:1", own.function),
            ..own.clone()
        },
    ];
    let ctx = harness.pipeline.own_work();
    let ctx = ctx.begin("secretsmanager.amazonaws.com", REGION);
    let ctx = ctx.ok().expect("a context");
    assert_eq!(functions.may_run(&ctx, &own).await, Ok(()));
    let ran = functions.run(&upkeep, &own, "{}".into()).await.err();
    let text = ran.map(|failure| failure.text);
    assert_eq!(text.as_deref(), Some("This server does not run functions."));
    for other in &others {
        let asked = functions.may_run(&ctx, other).await.err();
        let ran = functions.run(&upkeep, other, "{}".into()).await.err();
        for refused in [asked, ran] {
            let code = refused.map(|failure| failure.code);
            assert_eq!(code.as_deref(), Some("AccessDeniedException"), "{other:?}");
        }
    }
}

#[tokio::test]
async fn a_policy_lets_in_the_service_by_the_name_that_it_says() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let functions = functions(&harness);
    let names = [
        "logs.amazonaws.com".to_owned(),
        format!("logs.{REGION}.amazonaws.com"),
        "logs.ap-south-2.amazonaws.com".to_owned(),
    ];
    let source_arn = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g:*");
    for let_in in &names {
        let permission = json!({
            "FunctionName": "f", "StatementId": "logs", "Action": "lambda:InvokeFunction",
            "Principal": let_in, "SourceAccount": ACCOUNT, "SourceArn": source_arn,
        });
        done(&harness, "AddPermission", permission).await;
        for name in &names {
            let ctx = harness.pipeline.own_work().begin(name, REGION);
            let caller = FunctionCaller {
                service: name.clone(),
                source_arn: source_arn.clone(),
                ..caller(&arn("f"))
            };
            let may = functions
                .may_run(&ctx.ok().expect("a context"), &caller)
                .await;
            assert_eq!(may.is_ok(), name == let_in, "{let_in} {name}");
        }
        let statement = json!({ "FunctionName": "f", "StatementId": "logs" });
        done(&harness, "RemovePermission", statement).await;
    }
}

#[tokio::test]
async fn only_arns_of_functions_are_functions() {
    let harness = house().await;
    let (functions, upkeep) = (functions(&harness), harness.pipeline.upkeep());
    for wrong in [
        "f",
        "arn:aws:sqs:eu-west-2:111122223333:f",
        "arn:aws:lambda",
    ] {
        let ran = functions.run(&upkeep, &caller(wrong), "{}".into()).await;
        let code = ran.err().map(|failure| failure.code);
        assert_eq!(
            code.as_deref(),
            Some("InvalidParameterValueException"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_server_without_functions_says_so() {
    let harness = house().await;
    done(&harness, "CreateFunction", new("f")).await;
    let input = json!({ "FunctionName": "f" });
    let (code, text) = crate::lambda::house::refused(&harness, "Invoke", input).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "This server does not run functions.");
}
