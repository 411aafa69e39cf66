//! The server is killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::stage::{PYTHON, Stage, is_alive, is_missing, success};

#[tokio::test]
async fn nothing_outlives_a_server_that_was_killed() {
    if is_missing(PYTHON) {
        return;
    }
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::server", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(server.stdout.take().unwrap());
    let pids = said
        .lines()
        .map(|line| line.unwrap())
        .find_map(|line| serde_json::from_str::<Value>(line.strip_prefix("pids ")?).ok())
        .unwrap();
    let pids = pids.as_array().unwrap();
    assert_eq!(pids.len(), 4);
    assert!(pids.iter().all(is_alive));
    server.kill().unwrap();
    server.wait().unwrap();
    while pids.iter().any(is_alive) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
#[ignore = "another test starts it as a process of its own"]
async fn server() {
    let stage = Stage::new();
    let text = r"
def handler(event, context):
    child = os.fork()
    if child == 0:
        time.sleep(600)
    pids = [os.getpid(), child]
    if event is None:
        return pids
    open(event, 'w')
    print(json.dumps(pids))
    time.sleep(600)
";
    let stopped = success(&stage.invoke(&Arc::new(stage.python(text)), "null").await);
    let mut running = stage.python(text);
    running.timeout = Duration::from_secs(600);
    let running = Arc::new(running);
    let invocation = stage.invoke(&running, "\"/dev/null\"");
    let printed = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let lines = stage.logs.lines.lock().unwrap().clone();
            if let Some(line) = lines.iter().find(|line| line.starts_with('[')) {
                break serde_json::from_str::<Vec<Value>>(line).unwrap();
            }
        }
    };
    let together = async {
        let mut pids = stopped.as_array().unwrap().clone();
        pids.extend(printed.await);
        println!("\npids {}", Value::from(pids));
    };
    tokio::join!(invocation, together);
}
