//! CloudWatch Logs as other services call it, for themselves: the resource policies decide.

use api::{logs, sts};
use platform::testing::form_request;
use platform::{Ctx, Error, Service};

use crate::house::{ACCOUNT, Harness, House, NOW, REGION, Value, arn, json};

/// A service that makes one call to CloudWatch Logs, as its request says, for anybody.
fn caller_of_logs() -> Service {
    Service::new(&sts::SERVICE).op::<sts::DecodeAuthorizationMessage>(serve)
}

async fn serve(
    ctx: &Ctx,
    request: sts::DecodeAuthorizationMessageRequest,
) -> platform::Result<sts::DecodeAuthorizationMessageResponse> {
    ctx.needs_no_permission();
    let asked: Value = serde_json::from_str(&request.encoded_message).expect("JSON");
    let text = |name: &str| asked[name].as_str().expect("text").to_owned();
    let call = ctx.as_service(&text("as")).source(&text("source"));
    let (log_group_name, log_stream_name) = (text("group"), "delivered".to_owned());
    match asked["operation"].as_str() {
        Some("CreateLogGroup") => {
            let request = logs::CreateLogGroupRequest {
                log_group_name,
                ..Default::default()
            };
            call.call::<logs::CreateLogGroup>(request).await?;
        }
        Some("CreateLogStream") => {
            let request = logs::CreateLogStreamRequest {
                log_group_name,
                log_stream_name,
            };
            call.call::<logs::CreateLogStream>(request).await?;
        }
        Some("PutLogEvents") => {
            let event = logs::InputLogEvent {
                timestamp: NOW,
                message: "delivered".to_owned(),
            };
            let request = logs::PutLogEventsRequest {
                log_group_name,
                log_stream_name,
                log_events: vec![event],
                ..Default::default()
            };
            call.call::<logs::PutLogEvents>(request).await?;
        }
        _ => return Err(Error::internal("no such operation")),
    }
    Ok(sts::DecodeAuthorizationMessageResponse::default())
}

const RULE: &str = "rule/r";
const EVENTS: &str = "events.amazonaws.com";

/// What comes of a call that `principal` makes for EventBridge's resource `source`, `ACCOUNT:rule/r`:
/// the code of the error, if it fails.
async fn call(house: &House, operation: &str, principal: &str, source: &str) -> Result<(), String> {
    let asked = json!({
        "as": principal, "source": format!("arn:aws:events:{REGION}:{source}"),
        "operation": operation, "group": "/aws/events/g",
    });
    let letter = |byte: u8| format!("%{byte:02X}");
    let asked: String = asked.to_string().bytes().map(letter).collect();
    let form =
        format!("Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage={asked}");
    let harness = &house.harness;
    let answer = harness
        .send(REGION, "root", form_request(), form.into_bytes())
        .await;
    answer.code.map_or(Ok(()), Err)
}

async fn house() -> House {
    let harness = Harness::new(vec![service_logs::service(), caller_of_logs()]).await;
    let house = House { harness };
    house
        .ok("CreateLogGroup", json!({ "logGroupName": "/aws/events/g" }))
        .await;
    house
}

fn policy() -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": format!("{}:*", arn("/aws/events/*")),
        "Condition": {
            "ArnEquals": { "aws:SourceArn": format!("arn:aws:events:{REGION}:{ACCOUNT}:{RULE}") },
            "StringEquals": { "aws:SourceAccount": ACCOUNT },
        },
    }]})
    .to_string()
}

async fn allow(house: &House, document: String) {
    let input = json!({ "policyName": "events", "policyDocument": document });
    house.ok("PutResourcePolicy", input).await;
}

#[tokio::test]
async fn a_service_delivers_where_the_resource_policy_lets_it() {
    let house = house().await;
    let rule = format!("{ACCOUNT}:{RULE}");
    let denied = || Err("AccessDenied".to_owned());
    for operation in ["CreateLogStream", "PutLogEvents"] {
        assert_eq!(call(&house, operation, EVENTS, &rule).await, denied());
    }
    allow(&house, policy()).await;
    for principal in [EVENTS, "delivery.logs.amazonaws.com"] {
        let made = call(&house, "CreateLogStream", principal, &rule).await;
        // The second one finds the stream of the first.
        let expected = match principal {
            EVENTS => Ok(()),
            _ => Err("ResourceAlreadyExistsException".to_owned()),
        };
        assert_eq!(made, expected, "{principal}");
        assert_eq!(call(&house, "PutLogEvents", principal, &rule).await, Ok(()));
    }
    // Another rule, a rule of another account, another service, and what the policy does not name.
    let elsewhere = format!("444455556666:{RULE}");
    for (operation, principal, source) in [
        ("PutLogEvents", EVENTS, &*format!("{ACCOUNT}:rule/other")),
        ("PutLogEvents", EVENTS, &elsewhere),
        ("PutLogEvents", "s3.amazonaws.com", &rule),
        ("CreateLogGroup", EVENTS, &rule),
    ] {
        let answer = call(&house, operation, principal, source).await;
        assert_eq!(answer, denied(), "{operation} {principal} {source}");
    }
    let input = json!({ "logGroupName": "/aws/events/g", "logStreamName": "delivered" });
    let shown = house.ok("GetLogEvents", input).await;
    assert_eq!(crate::house::messages(&shown), ["delivered", "delivered"]);
}

#[tokio::test]
async fn a_denial_in_one_of_several_policies_counts() {
    let house = house().await;
    let rule = format!("{ACCOUNT}:{RULE}");
    allow(&house, policy()).await;
    assert_eq!(call(&house, "CreateLogStream", EVENTS, &rule).await, Ok(()));
    let deny = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": { "Service": EVENTS },
        "Action": "logs:PutLogEvents", "Resource": "*",
    }});
    let input = json!({
        "resourceArn": arn("/aws/events/g"), "policyDocument": deny.to_string(),
    });
    house.ok("PutResourcePolicy", input).await;
    let answer = call(&house, "PutLogEvents", EVENTS, &rule).await;
    assert_eq!(answer, Err("AccessDenied".to_owned()));
}
