//! Metric filters, and the test of patterns.

use crate::house::{House, NOW, json};

fn filter(name: &str, metric: &str) -> serde_json::Value {
    json!({
        "logGroupName": "g", "filterName": name, "filterPattern": "{ $.a = 1 }",
        "metricTransformations": [{
            "metricName": metric, "metricNamespace": "n", "metricValue": "$.b",
            "dimensions": { "d": "$.c" }, "unit": "Count",
        }],
    })
}

#[tokio::test]
async fn filters_are_kept_counted_and_deleted() {
    let house = House::furnished().await;
    house.ok("PutMetricFilter", filter("f", "m")).await;
    house.ok("PutMetricFilter", filter("e", "other")).await;
    let group = house.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(group["logGroups"][0]["metricFilterCount"], 2);
    let shown = house
        .ok("DescribeMetricFilters", json!({ "logGroupName": "g" }))
        .await;
    assert_eq!(shown["metricFilters"][0]["filterName"], "e");
    let mut expected = filter("f", "m");
    expected["creationTime"] = json!(NOW);
    expected["applyOnTransformedLogs"] = json!(false);
    assert_eq!(shown["metricFilters"][1], expected);
    let by_metric = json!({ "metricName": "m", "metricNamespace": "n" });
    let shown = house.ok("DescribeMetricFilters", by_metric).await;
    assert_eq!(shown["metricFilters"], json!([expected]));
    let by_prefix = json!({ "logGroupName": "g", "filterNamePrefix": "f" });
    let shown = house.ok("DescribeMetricFilters", by_prefix).await;
    assert_eq!(shown["metricFilters"], json!([expected]));
    let input = json!({ "logGroupName": "g", "filterName": "f" });
    house.ok("DeleteMetricFilter", input.clone()).await;
    assert_eq!(
        house.fails("DeleteMetricFilter", input).await.0,
        "ResourceNotFoundException"
    );
    house
        .ok("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;
    let shown = house.ok("DescribeMetricFilters", json!({})).await;
    assert_eq!(shown["metricFilters"], json!([]));
}

#[tokio::test]
async fn what_could_never_take_effect_is_refused() {
    let house = House::furnished().await;
    let changed = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut input = filter("f", "m");
        change(&mut input);
        input
    };
    let wrong = [
        changed(&|input| input["filterPattern"] = json!("{ $.a }")),
        changed(&|input| input["metricTransformations"][0]["metricValue"] = json!("x")),
        changed(&|input| input["metricTransformations"][0]["defaultValue"] = json!(0.0)),
        changed(&|input| input["applyOnTransformedLogs"] = json!(true)),
        changed(&|input| input["emitSystemFieldDimensions"] = json!(["@aws.account"])),
        changed(&|input| {
            let four = json!({ "a": "$.a", "b": "$.b", "c": "$.c", "d": "$.d" });
            input["metricTransformations"][0]["dimensions"] = four;
        }),
    ];
    for input in wrong {
        let (code, _) = house.fails("PutMetricFilter", input.clone()).await;
        assert_eq!(code, "InvalidParameterException", "{input}");
    }
    let cheap = json!({ "logGroupName": "cheap", "logGroupClass": "INFREQUENT_ACCESS" });
    house.ok("CreateLogGroup", cheap).await;
    let input = changed(&|input| input["logGroupName"] = json!("cheap"));
    assert_eq!(
        house.fails("PutMetricFilter", input).await.0,
        "ValidationException"
    );
}

#[tokio::test]
async fn patterns_are_tested() {
    let house = House::new().await;
    let input = json!({
        "filterPattern": "[ip, ..., status = 4*]",
        "logEventMessages": ["1.2.3.4 x 200", "1.2.3.4 x 404"],
    });
    let shown = house.ok("TestMetricFilter", input).await;
    let expected = json!([{
        "eventNumber": 2,
        "eventMessage": "1.2.3.4 x 404",
        "extractedValues": { "$ip": "1.2.3.4", "$2": "x", "$status": "404" },
    }]);
    assert_eq!(shown["matches"], expected);
}

#[tokio::test]
async fn what_filters_find_is_counted_once() {
    let house = House::furnished().await;
    let filter = |name: &str, pattern: &str, value: &str, default: Option<f64>| {
        json!({
            "logGroupName": "g", "filterName": name, "filterPattern": pattern,
            "metricTransformations": [{
                "metricName": name, "metricNamespace": "app", "metricValue": value,
                "defaultValue": default,
            }],
        })
    };
    for input in [
        filter("errors", "ERROR", "1", Some(0.0)),
        filter("sizes", "{ $.level = \"*\" }", "$.size", None),
        filter("bytes", "[level, bytes > 10]", "$bytes", None),
        filter("absent", "{ $.level = \"*\" }", "$.absent", None),
    ] {
        house.ok("PutMetricFilter", input).await;
    }
    let batches: [&[&str]; 3] = [
        &["ERROR 7", "ERROR 30", "{\"level\":\"ERROR\",\"size\":2.5}"],
        &[
            "{\"level\":\"INFO\",\"size\":\"4\"}",
            "{\"level\":\"INFO\",\"size\":\"many\"}",
        ],
        &["fine"],
    ];
    for batch in batches {
        let events: Vec<_> = batch.iter().map(|message| (NOW, *message)).collect();
        house.put("s", &events).await;
    }
    house.harness.run_deliveries().await;
    house.harness.run_deliveries().await;
    let upkeep = house.harness.pipeline.upkeep();
    let metrics = service_logs::metrics(&upkeep, 10).await.ok();
    let metrics = metrics.expect("metrics");
    let mut counted: Vec<_> = metrics
        .iter()
        .map(|metric| (&*metric.name, metric.samples, metric.sum))
        .collect();
    counted.sort_by_key(|(name, ..)| *name);
    // Three errors, and the default twice.
    assert_eq!(
        counted,
        [("bytes", 1, 30.0), ("errors", 5, 3.0), ("sizes", 2, 6.5)]
    );
    assert_eq!(metrics[0].namespace, "app");
}
