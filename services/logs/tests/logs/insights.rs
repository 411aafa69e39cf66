//! Queries of Logs Insights: from StartQuery to the rows, and what is kept of them.

use wire::Timestamp;

use crate::house::{ACCOUNT, HOUR, House, NOW, Value, json, statement};

const SECS: i64 = NOW / 1000;

/// A query of the last hour over the group `g`.
fn query(text: &str) -> Value {
    json!({
        "logGroupName": "g", "queryString": text,
        "startTime": SECS - 3600, "endTime": SECS,
    })
}

impl House {
    async fn with_events() -> Self {
        let house = Self::furnished().await;
        let events = [
            (NOW - 3000, r#"{"level":"INFO","ms":5}"#),
            (NOW - 2000, r#"{"level":"ERROR","ms":7.5}"#),
            (NOW - 1000, "plain"),
        ];
        house.put("s", &events).await;
        house
    }

    /// Starts a query, and runs it. Returns its id.
    async fn run(&self, input: Value) -> String {
        let started = self.ok("StartQuery", input).await;
        self.harness.run_deliveries().await;
        started["queryId"].as_str().expect("an id").to_owned()
    }

    async fn results(&self, id: &str) -> Value {
        self.ok("GetQueryResults", json!({ "queryId": id })).await
    }
}

/// The rows of an answer as text, without their pointers.
fn rows(answer: &Value) -> Vec<String> {
    let row = |row: &Value| {
        let fields = row.as_array().expect("fields").iter();
        let fields = fields.filter(|field| field["field"] != "@ptr");
        let fields = fields.map(|field| {
            let text = |member: &str| field[member].as_str().expect("text").to_owned();
            format!("{}={}", text("field"), text("value"))
        });
        fields.collect::<Vec<_>>().join(" ")
    };
    answer["results"]
        .as_array()
        .expect("rows")
        .iter()
        .map(row)
        .collect()
}

#[tokio::test]
async fn a_query_is_run_once_its_call_has_committed() {
    let house = House::with_events().await;
    let started = house
        .ok("StartQuery", query("fields level, ms | sort ms desc"))
        .await;
    let id = started["queryId"].as_str().expect("an id");
    let before = house.results(id).await;
    assert_eq!(
        (&before["status"], rows(&before).len()),
        (&json!("Scheduled"), 0)
    );
    assert_eq!(house.harness.run_deliveries().await, 1);
    let after = house.results(id).await;
    assert_eq!(after["status"], "Complete");
    assert_eq!(after["queryLanguage"], "CWLI");
    assert_eq!(rows(&after), ["level=ERROR ms=7.5", "level=INFO ms=5", ""]);
    let expected = json!({
        "recordsMatched": 3.0, "recordsScanned": 3.0, "bytesScanned": 54.0,
        "estimatedRecordsSkipped": 0.0, "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 1.0, "resultCount": 3.0,
    });
    assert_eq!(after["statistics"], expected);
}

#[tokio::test]
async fn a_pointer_leads_to_all_of_its_event() {
    let house = House::with_events().await;
    let id = house.run(query("fields ms | filter level = 'ERROR'")).await;
    let found = house.results(&id).await;
    let pointer = &found["results"][0][1];
    assert_eq!(pointer["field"], "@ptr");
    let input = json!({ "logRecordPointer": pointer["value"] });
    let shown = house.ok("GetLogRecord", input.clone()).await;
    let expected = json!({
        "@timestamp": (NOW - 2000).to_string(), "@ingestionTime": NOW.to_string(),
        "@message": r#"{"level":"ERROR","ms":7.5}"#, "@log": format!("{ACCOUNT}:g"),
        "@logStream": "s", "@ptr": pointer["value"], "level": "ERROR", "ms": "7.5",
    });
    assert_eq!(shown["logRecord"], expected);
    house.harness.user("nobody", &[]);
    let refused = house.call("nobody", "GetLogRecord", input.clone()).await;
    assert_eq!(refused.code.as_deref(), Some("AccessDeniedException"));
    let name = json!({ "logGroupName": "g", "logStreamName": "s" });
    house.ok("DeleteLogStream", name).await;
    assert_eq!(
        house.fails("GetLogRecord", input).await.0,
        "ResourceNotFoundException"
    );
    let wrong = json!({ "logRecordPointer": "x" });
    assert_eq!(
        house.fails("GetLogRecord", wrong).await.0,
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn the_time_of_a_query_includes_both_ends() {
    let house = House::furnished().await;
    let start = SECS - 10;
    let events = [
        (start * 1000 - 1, "too early"),
        (start * 1000, "first"),
        ((start + 5) * 1000 + 999, "last"),
        ((start + 6) * 1000, "too late"),
    ];
    house.put("s", &events).await;
    let input = json!({
        "logGroupNames": ["g"], "queryString": "fields @message",
        "startTime": start, "endTime": start + 5,
    });
    // The query's end is earlier than the group here, which AWS refuses.
    let (code, _) = house.fails("StartQuery", input.clone()).await;
    assert_eq!(code, "MalformedQueryException");
    let later = House::furnished().await;
    later.harness.clock.advance(3600);
    let moved = events.map(|(millis, message)| (millis + HOUR, message));
    later.put("s", &moved).await;
    let input = json!({
        "logGroupNames": ["g"], "queryString": "fields @message",
        "startTime": start + 3600, "endTime": start + 3605,
    });
    let id = later.run(input).await;
    assert_eq!(
        rows(&later.results(&id).await),
        ["@message=last", "@message=first"]
    );
}

#[tokio::test]
async fn a_query_that_is_not_understood_says_where() {
    let house = House::furnished().await;
    let answer = house
        .call("root", "StartQuery", query("fields é | nosuch x"))
        .await;
    assert_eq!(answer.code.as_deref(), Some("MalformedQueryException"));
    let error = &answer.body["queryCompileError"];
    assert_eq!(
        error["location"],
        json!({ "startCharOffset": 11, "endCharOffset": 17 })
    );
    assert_eq!(
        error["message"],
        "unexpected symbol found nosuch at line 1 and position 11"
    );
    assert_eq!(answer.message(), error["message"]);
}

#[tokio::test]
async fn requests_that_cannot_be_served_are_refused() {
    let house = House::furnished().await;
    let changed = |member: &str, value: Value| {
        let mut input = query("fields a");
        input[member] = value;
        input
    };
    let many: Vec<_> = (0..51).map(|number| format!("g{number}")).collect();
    let mut too_many = changed("logGroupNames", json!(many));
    too_many
        .as_object_mut()
        .expect("an object")
        .remove("logGroupName");
    for (input, code) in [
        (
            changed("logGroupName", Value::Null),
            "InvalidParameterException",
        ),
        (
            changed("logGroupNames", json!(["g"])),
            "InvalidParameterException",
        ),
        (too_many, "InvalidParameterException"),
        (
            changed("logGroupName", json!("none")),
            "ResourceNotFoundException",
        ),
        (
            changed("queryLanguage", json!("SQL")),
            "InvalidParameterException",
        ),
        (
            changed("startTime", json!(SECS + 1)),
            "InvalidParameterException",
        ),
        (
            changed("limit", json!(100_001)),
            "InvalidParameterException",
        ),
        (
            changed("queryString", json!("x".repeat(10_001))),
            "InvalidParameterException",
        ),
    ] {
        assert_eq!(
            house.fails("StartQuery", input.clone()).await.0,
            code,
            "{input}"
        );
    }
}

#[tokio::test]
async fn every_group_has_to_be_allowed() {
    let house = House::with_events().await;
    house
        .ok("CreateLogGroup", json!({ "logGroupName": "h" }))
        .await;
    let only_g = statement("logs:*", &format!("{}:*", crate::house::arn("g")));
    house.harness.user("u", &[&only_g]);
    let mut both = query("stats count(*)");
    both["logGroupName"] = Value::Null;
    both["logGroupNames"] = json!(["g", "h"]);
    let refused = house.call("u", "StartQuery", both.clone()).await;
    assert_eq!(refused.code.as_deref(), Some("AccessDeniedException"));
    let allowed = house.call("u", "StartQuery", query("stats count(*)")).await;
    assert_eq!(allowed.status, 200, "{}", allowed.text);
    // The results of a query of both are not for who may see one.
    let id = house.run(both).await;
    for id in [id.as_str(), "none"] {
        let refused = house
            .call("u", "GetQueryResults", json!({ "queryId": id }))
            .await;
        assert_eq!(
            refused.code.as_deref(),
            Some("AccessDeniedException"),
            "{id}"
        );
    }
    assert_eq!(rows(&house.results(&id).await), ["count(*)=3"]);
    let unknown = json!({ "queryId": "none" });
    assert_eq!(
        house.fails("GetQueryResults", unknown).await.0,
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn a_query_can_be_stopped_until_it_has_ended() {
    let house = House::with_events().await;
    let started = house.ok("StartQuery", query("fields a")).await;
    let id = json!({ "queryId": started["queryId"] });
    assert_eq!(house.ok("StopQuery", id.clone()).await["success"], true);
    house.harness.run_deliveries().await;
    assert_eq!(
        house.ok("GetQueryResults", id.clone()).await["status"],
        "Cancelled"
    );
    assert_eq!(
        house.fails("StopQuery", id).await.0,
        "InvalidParameterException"
    );
    let unknown = json!({ "queryId": "none" });
    assert_eq!(
        house.fails("StopQuery", unknown).await.0,
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn results_come_page_by_page() {
    let house = House::furnished().await;
    let messages: Vec<_> = (0..2500).map(|number| format!("{number}")).collect();
    let events: Vec<_> = messages
        .iter()
        .map(|text| (NOW - 1000, text.as_str()))
        .collect();
    house.put("s", &events).await;
    let id = house
        .run(query("fields @message | sort @message asc"))
        .await;
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = json!({ "queryId": id, "maxItems": 700, "nextToken": token });
        let page = house.ok("GetQueryResults", input).await;
        assert!(rows(&page).len() <= 700);
        seen.extend(rows(&page));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let expected: Vec<_> = (0..2500)
        .map(|number| format!("@message={number}"))
        .collect();
    assert_eq!(seen, expected);
    let other = json!({ "queryId": id, "nextToken": "other/700" });
    assert_eq!(
        house.fails("GetQueryResults", other).await.0,
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn no_more_than_a_hundred_queries_are_under_way() {
    let house = House::with_events().await;
    for _ in 0..100 {
        house.ok("StartQuery", query("fields a")).await;
    }
    let (code, text) = house.fails("StartQuery", query("fields a")).await;
    assert_eq!(code, "LimitExceededException");
    assert_eq!(
        text,
        "Account maximum query concurrency limit of [100] reached."
    );
    while house.harness.run_deliveries().await > 0 {}
    house.ok("StartQuery", query("fields a")).await;
    let listed = house
        .ok(
            "DescribeQueries",
            json!({ "status": "Complete", "maxResults": 60 }),
        )
        .await;
    assert_eq!(listed["queries"].as_array().map(Vec::len), Some(60));
    let input = json!({ "status": "Complete", "nextToken": listed["nextToken"] });
    let rest = house.ok("DescribeQueries", input).await;
    assert_eq!(rest["queries"].as_array().map(Vec::len), Some(40));
    assert_eq!(rest["queries"][0]["logGroupName"], "g");
    assert_eq!(rest["queries"][0]["queryString"], "fields a");
    let other = house
        .ok("DescribeQueries", json!({ "logGroupName": "h" }))
        .await;
    assert_eq!(other["queries"], json!([]));
}

#[tokio::test]
async fn queries_are_gone_after_a_week() {
    let house = House::with_events().await;
    let id = house.run(query("fields ms")).await;
    house.harness.clock.advance(7 * 86_400 - 1);
    assert_eq!(rows(&house.results(&id).await).len(), 3);
    house.harness.clock.advance(1);
    let input = json!({ "queryId": id });
    assert_eq!(
        house.fails("GetQueryResults", input).await.0,
        "ResourceNotFoundException"
    );
    assert_eq!(
        house.ok("DescribeQueries", json!({})).await["queries"],
        json!([])
    );
    let upkeep = house.harness.pipeline.upkeep();
    let now = Timestamp::from_secs(SECS + 7 * 86_400);
    assert_eq!(service_logs::expire(&upkeep, now).await.ok(), Some(1));
    assert_eq!(service_logs::expire(&upkeep, now).await.ok(), Some(0));
}

#[tokio::test]
async fn the_fields_of_a_group_are_counted() {
    let house = House::with_events().await;
    let shown = house
        .ok("GetLogGroupFields", json!({ "logGroupName": "g" }))
        .await;
    let fields = shown["logGroupFields"].as_array().expect("fields").iter();
    let fields =
        fields.map(|field| format!("{} {}", field["name"].as_str().unwrap(), field["percent"]));
    let fields: Vec<_> = fields.collect();
    assert_eq!(
        fields,
        [
            "@ingestionTime 100",
            "@log 100",
            "@logStream 100",
            "@message 100",
            "@timestamp 100",
            "level 66",
            "ms 66"
        ]
    );
    let long_ago = json!({ "logGroupName": "g", "time": SECS - 3600 });
    assert_eq!(
        house.ok("GetLogGroupFields", long_ago).await["logGroupFields"],
        json!([])
    );
}

#[tokio::test]
async fn queries_are_saved_and_deleted() {
    let house = House::new().await;
    let token = "t".repeat(36);
    let input = json!({
        "name": "b", "queryString": "fields a", "logGroupNames": ["g"], "clientToken": token,
        "parameters": [{ "name": "p", "defaultValue": "d" }],
    });
    let made = house.ok("PutQueryDefinition", input.clone()).await;
    assert_eq!(house.ok("PutQueryDefinition", input).await, made);
    let other = json!({ "name": "a", "queryString": "fields b" });
    house.ok("PutQueryDefinition", other).await;
    let id = made["queryDefinitionId"].clone();
    let listed = house.ok("DescribeQueryDefinitions", json!({})).await;
    assert_eq!(listed["queryDefinitions"].as_array().map(Vec::len), Some(2));
    let prefix = json!({ "queryDefinitionNamePrefix": "b" });
    let listed = house.ok("DescribeQueryDefinitions", prefix.clone()).await;
    let expected = json!([{
        "queryDefinitionId": id, "name": "b", "queryString": "fields a", "queryLanguage": "CWLI",
        "lastModified": NOW, "logGroupNames": ["g"],
        "parameters": [{ "name": "p", "defaultValue": "d" }],
    }]);
    assert_eq!(listed["queryDefinitions"], expected);
    let change = json!({ "name": "b2", "queryString": "fields c", "queryDefinitionId": id });
    house.ok("PutQueryDefinition", change).await;
    let listed = house.ok("DescribeQueryDefinitions", prefix.clone()).await;
    assert_eq!(listed["queryDefinitions"][0]["logGroupNames"], json!([]));
    let unknown = json!({ "name": "n", "queryString": "q", "queryDefinitionId": "none" });
    assert_eq!(
        house.fails("PutQueryDefinition", unknown).await.0,
        "ResourceNotFoundException"
    );
    let input = json!({ "queryDefinitionId": id });
    assert_eq!(
        house.ok("DeleteQueryDefinition", input.clone()).await["success"],
        true
    );
    assert_eq!(
        house.fails("DeleteQueryDefinition", input).await.0,
        "ResourceNotFoundException"
    );
}
