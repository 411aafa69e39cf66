//! What AWS's runtimes for JavaScript do.

use std::sync::Arc;

use functions::Function;
use serde_json::json;

use crate::stage::{NODE, Stage, failure, is_missing, success, tail};

fn node(stage: &Stage, file: &str, text: &str) -> Function {
    stage.function("nodejs20.x", file, text)
}

#[tokio::test]
async fn handlers_promise_or_call_back() {
    if is_missing(NODE) {
        return;
    }
    let stage = Stage::new();
    for (file, text, result) in [
        (
            "index.js",
            "exports.handler = async (event, context) => ({ ...event, name: context.functionName });",
            json!({"a": "ü", "name": "f0"}),
        ),
        (
            "index.mjs",
            "const value = await Promise.resolve(5); export const handler = async () => value;",
            json!(5),
        ),
        (
            "index.cjs",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'called'), 5); };",
            json!("called"),
        ),
        (
            "index.js",
            "exports.handler = (event, context, callback) => {
                 context.callbackWaitsForEmptyEventLoop = false;
                 setTimeout(() => {}, 60000);
                 callback(null, context.memoryLimitInMB);
             };",
            json!("256"),
        ),
        ("index.js", "exports.handler = () => {};", json!(null)),
        (
            "index.js",
            "exports.handler = () => new Promise(() => {});",
            json!(null),
        ),
    ] {
        let outcome = stage.once(node(&stage, file, text), r#"{"a":"ü"}"#).await;
        assert_eq!(success(&outcome), result, "{text}");
    }
}

#[tokio::test]
async fn workers_stay_warm() {
    if is_missing(NODE) {
        return;
    }
    let stage = Stage::new();
    let text = "let count = 0; exports.handler = async () => { console.log('hi\\nthere', {a: 1}); return ++count; };";
    let function = Arc::new(node(&stage, "index.js", text));
    for count in 1..=3 {
        let outcome = stage.invoke(&function, "{}").await;
        assert_eq!(success(&outcome), count);
        assert!(tail(&outcome).contains("\tINFO\thi\rthere { a: 1 }\n"));
    }
}

#[tokio::test]
async fn errors_are_told_as_awss_runtimes_tell_them() {
    if is_missing(NODE) {
        return;
    }
    let stage = Stage::new();
    for (file, text, kind, message) in [
        (
            "index.js",
            "exports.handler = async () => { throw new TypeError('no good'); };",
            "TypeError",
            "no good",
        ),
        (
            "index.js",
            "exports.handler = (e, c, callback) => callback('a text');",
            "string",
            "a text",
        ),
        (
            "index.js",
            "exports.other = 1;",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        (
            "index.js",
            "exports.handler = 1;",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        (
            "other.txt",
            "",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'other'",
        ),
        (
            "index.js",
            "exports.handler = (",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected end of input",
        ),
        (
            "index.js",
            "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}); };",
            "Runtime.UnhandledPromiseRejection",
            "Error: lost",
        ),
        (
            "index.js",
            "exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError('late'); }, 1));",
            "RangeError",
            "late",
        ),
    ] {
        let outcome = stage.once(node(&stage, file, text), "{}").await;
        let error = failure(&outcome, kind);
        assert_eq!(error["errorMessage"], message, "{text}");
        assert!(error["trace"].is_array());
    }
}

#[tokio::test]
async fn the_process_ends() {
    if is_missing(NODE) {
        return;
    }
    let stage = Stage::new();
    let function = node(
        &stage,
        "index.js",
        "exports.handler = async () => process.exit(4);",
    );
    let outcome = stage.once(function, "{}").await;
    let error = failure(&outcome, "Runtime.ExitError");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("exit status 4")
    );
}
