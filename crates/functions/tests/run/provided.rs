//! Packages that bring their own runtime.

use std::path::Path;
use std::sync::Arc;

use crate::stage::{PYTHON, Stage, failure, is_missing, json, success};

#[tokio::test]
async fn a_bootstrap_talks_to_the_runtime_api() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    // What AWS's documentation shows in shell, with another client.
    let text = r#"#!/usr/bin/python3
import os, urllib.request
base = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'
while True:
    event = urllib.request.urlopen(base + 'next')
    request = event.headers['Lambda-Runtime-Aws-Request-Id']
    body = b'{"handler":"%s"}' % os.environ['_HANDLER'].encode()
    urllib.request.urlopen(base + request + '/response', body)
"#;
    let function = Arc::new(stage.function("provided.al2023", "bootstrap", text));
    for _ in 0..3 {
        let outcome = stage.invoke(&function, "{}").await;
        assert_eq!(success(&outcome)["handler"], "bootstrap.handler");
    }
}

#[tokio::test]
async fn a_missing_bootstrap_is_told() {
    let stage = Stage::new();
    let function = stage.function("provided.al2023", "other", "");
    let outcome = stage.once(function, "{}").await;
    let error = failure(&outcome, "Runtime.InvalidEntrypoint");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with(
        "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    ));
}

#[tokio::test]
async fn a_bootstrap_that_is_no_program_is_told() {
    let stage = Stage::new();
    let function = stage.function("provided", "bootstrap", "no program");
    let outcome = stage.once(function, "{}").await;
    let error = failure(&outcome, "Runtime.InvalidEntrypoint");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.contains(" Error: fork/exec /")
            && message.ends_with("/bootstrap: exec format error"),
        "{message}"
    );
}

/// A runtime that does everything wrong, and then right.
#[tokio::test]
async fn nonsense_is_refused_with_awss_errors() {
    if is_missing(PYTHON) || !Path::new("/usr/bin/env").exists() {
        return;
    }
    let stage = Stage::new();
    let text = r#"#!/usr/bin/python3
import http.client, json, os, socket
address, _, secret = os.environ['AWS_LAMBDA_RUNTIME_API'].partition('/')
seen = []
def call(method, path, body=None, headers={}, prefix='/' + secret + '/2018-06-01/runtime'):
    connection = http.client.HTTPConnection(address)
    connection.request(method, prefix + path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    seen.append([answer.status, json.loads(content).get('errorType') if answer.status != 200 else None])
    return answer
call('POST', '/invocation/x/response', b'early')
call('GET', '/invocation/next', prefix='/2018-06-01/runtime')
call('GET', '/invocation/next', prefix='/0123/2018-06-01/runtime')
call('DELETE', '/invocation/next')
call('GET', '/nothing')
raw = socket.create_connection(address.split(':'))
raw.sendall(b'\x00\xff garbage\r\n\r\n')
raw.recv(1000)
event = call('GET', '/invocation/next')
request = event.headers['Lambda-Runtime-Aws-Request-Id']
call('GET', '/invocation/next')
call('POST', '/invocation/other/response', b'1')
call('POST', '/init/error', b'1')
call('POST', '/invocation/%s/response' % request, b'1', {'Lambda-Runtime-Function-Response-Mode': 'streaming'})
half = socket.create_connection(address.split(':'))
half.sendall(b'POST /%s/2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf'
             % (secret.encode(), request.encode()))
half.close()
call('POST', '/invocation/%s/response' % request, json.dumps(seen).encode())
call('POST', '/invocation/%s/response' % request, b'2')
call('POST', '/invocation/%s/error' % request, b'{}')
call('GET', '/invocation/next')
"#;
    let function = stage.function("provided.al2", "bootstrap", text);
    let outcome = stage.once(function, "{}").await;
    assert_eq!(
        success(&outcome),
        serde_json::json!([
            [400, "InvalidRequestID"],
            [403, "Forbidden"],
            [403, "Forbidden"],
            [404, "NotFound"],
            [404, "NotFound"],
            [200, null],
            [403, "InvalidStateTransition"],
            [400, "InvalidRequestID"],
            [403, "InvalidStateTransition"],
            [400, "InvalidFunctionResponseMode"],
        ])
    );
    assert!(json(&outcome).is_array());
}
