//! Functions that try to get out.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use functions::{Settings, Users};
use serde_json::Value;

use crate::stage::{PYTHON, Stage, failure, is_missing, success, tail};

/// Tries to do `what` for each of the arguments; returns what came of it, or the error's number.
const TRY: &str = r"
import ctypes, errno, glob, signal, socket
def attempt(what, *arguments):
    try:
        return [what(*arguments)]
    except OSError as error:
        return errno.errorcode.get(error.errno, error.errno)
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        return errno.errorcode[ctypes.get_errno()]
    return 'done'
def read(path): return open(path, 'rb').read(100).decode('latin-1')
def write(path): return open(path, 'wb').write(b'x')
";

async fn run(stage: &Stage, text: &str, event: &Value) -> Value {
    let function = stage.python(&format!("{TRY}{text}"));
    success(&stage.once(function, &event.to_string()).await)
}

#[tokio::test]
async fn files_of_others_are_out_of_reach() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let secret = stage.folder.path().join("secret");
    fs::write(&secret, "root key").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o666)).unwrap();
    // Another worker's directory, with a file that everybody may read.
    let neighbour = Arc::new(stage.python(
        "
def handler(event, context):
    os.umask(0)
    path = os.environ['TMPDIR'] + '/own'
    open(path, 'w').write('mine')
    os.chmod(os.environ['TMPDIR'], 0o777)
    return {'path': path, 'pid': os.getpid(), 'api': os.environ['AWS_LAMBDA_RUNTIME_API']}
",
    ));
    let theirs = success(&stage.invoke(&neighbour, "1").await);
    let pid = theirs["pid"].to_string();
    let server = std::process::id().to_string();
    let paths = [
        secret.display().to_string(),
        neighbour.package.join("app.py").display().to_string(),
        theirs["path"].as_str().unwrap().to_owned(),
        "/etc/shadow".to_owned(),
        "/root/.profile".to_owned(),
        format!("/proc/{server}/environ"),
        format!("/proc/{server}/mem"),
        format!("/proc/{server}/maps"),
        format!("/proc/{server}/cmdline"),
        format!("/proc/{pid}/environ"),
        "/proc/1/status".to_owned(),
        "/proc/self/root/etc/shadow".to_owned(),
        format!("/proc/self/cwd/../{}", "secret"),
        "/dev/mem".to_owned(),
        "/dev/vda".to_owned(),
        "/sys/kernel/debug".to_owned(),
    ];
    let seen = run(
        &stage,
        "def handler(event, context): return {path: [attempt(read, path), attempt(write, path), \
         attempt(os.listdir, os.path.dirname(path))] for path in event}",
        &serde_json::to_value(&paths).unwrap(),
    )
    .await;
    for path in &paths {
        for result in seen[path].as_array().unwrap().iter().take(2) {
            let error = result.as_str().unwrap_or_else(|| {
                panic!("{path} was reached: {result}");
            });
            assert!(
                ["EACCES", "EPERM", "ENOENT", "EISDIR"].contains(&error),
                "{path}: {error}"
            );
        }
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "root key");
    assert_eq!(seen["/etc/shadow"][0], "EACCES");
    assert_eq!(seen[&paths[0]][0], "EACCES");
    assert_eq!(seen[&paths[0]][2], "EACCES", "nor are names");
    assert_eq!(seen[&paths[2]][0], "EACCES");
}

#[tokio::test]
async fn its_own_directory_is_all_that_a_function_writes_to() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let seen = run(
        &stage,
        "
def handler(event, context):
    own, task = os.environ['TMPDIR'], os.environ['LAMBDA_TASK_ROOT']
    os.mkdir(own + '/d')
    os.symlink('/etc/shadow', own + '/l')
    places = [own + '/f', own + '/d/f', own + '/l', task + '/app.py', task + '/new', '/usr/x', '/etc/x',
              '/dev/shm/x', '/dev/null', '/var/x', '/proc/self/oom_score_adj']
    return [attempt(write, place) for place in places]
",
        &Value::Null,
    )
    .await;
    let denied = "EACCES";
    let expected = serde_json::json!([
        [1],
        [1],
        denied,
        denied,
        denied,
        denied,
        denied,
        denied,
        [1],
        denied,
        denied
    ]);
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn nobody_else_is_killed_or_traced() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let neighbour = Arc::new(stage.python("def handler(event, context): return os.getpid()"));
    let pid = success(&stage.invoke(&neighbour, "1").await);
    let seen = run(
        &stage,
        "
def handler(event, context):
    results = []
    for pid in [os.getppid(), event, 1, -event]:
        results.append(attempt(os.kill, pid, 0))
        results.append(attempt(os.kill, pid, 9))
    results.append(attempt(signal.pidfd_send_signal, os.pidfd_open(event), 9))
    results.append(call(101, 16, event, 0, 0))
    results.append(call(101, 16, os.getppid(), 0, 0))
    results.append(call(101 | 0x40000000, 16, event, 0, 0))
    return results
",
        &pid,
    )
    .await;
    let results: Vec<&str> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result.as_str().unwrap_or("reached"))
        .collect();
    assert!(
        results
            .iter()
            .all(|result| ["EPERM", "ENOSYS"].contains(result)),
        "{results:?}"
    );
    assert_eq!(success(&stage.invoke(&neighbour, "1").await), pid);
}

#[tokio::test]
async fn the_kernel_is_out_of_reach() {
    if is_missing(PYTHON) || std::env::consts::ARCH != "x86_64" {
        return;
    }
    let stage = Stage::new();
    // By their numbers on x86-64.
    let calls = [
        ("setsid", 112, "EPERM"),
        ("setpgid", 109, "EPERM"),
        ("unshare", 272, "EPERM"),
        ("mount", 165, "EPERM"),
        ("chroot", 161, "EPERM"),
        ("setns", 308, "EPERM"),
        ("keyctl", 250, "EPERM"),
        ("bpf", 321, "EPERM"),
        ("perf_event_open", 298, "EPERM"),
        ("userfaultfd", 323, "EPERM"),
        ("reboot", 169, "EPERM"),
        ("init_module", 175, "EPERM"),
        ("process_vm_readv", 310, "EPERM"),
        ("pidfd_getfd", 438, "EPERM"),
        ("open_by_handle_at", 304, "EPERM"),
        ("io_uring_setup", 425, "ENOSYS"),
        ("clone3", 435, "ENOSYS"),
        ("memfd_create", 319, "ENOSYS"),
        ("shmget", 29, "ENOSYS"),
        // The same with narrow pointers.
        ("setsid, narrow", 112 | 0x4000_0000, "EPERM"),
    ];
    let numbers: Vec<i64> = calls.iter().map(|(_, number, _)| *number).collect();
    let seen = run(
        &stage,
        "
def handler(event, context):
    results = [call(number, 0, 0, 0, 0, 0) for number in event]
    for flag in [0x10000000, 0x20000, 0x40000000, 0x20000000]:
        results.append(call(56, flag | 17, 0, 0, 0, 0))
    results += [attempt(socket.socket, family, socket.SOCK_STREAM) for family in [1, 38, 40, 17]]
    return results
",
        &serde_json::to_value(numbers).unwrap(),
    )
    .await;
    for (at, (name, _, expected)) in calls.iter().enumerate() {
        assert_eq!(seen[at], *expected, "{name}");
    }
    let rest = &seen.as_array().unwrap()[calls.len()..];
    assert!(rest[..4].iter().all(|result| result == "EPERM"), "{rest:?}");
    assert!(
        rest[4..].iter().all(|result| result == "EACCES"),
        "{rest:?}"
    );
}

#[tokio::test]
async fn a_function_is_nobody() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let seen = run(
        &stage,
        "
def handler(event, context):
    status = dict(line.split(':', 1) for line in open('/proc/self/status'))
    names = ['Uid', 'Groups', 'CapEff', 'CapPrm', 'NoNewPrivs', 'Seccomp']
    descriptors = {}
    for name in os.listdir('/proc/self/fd'):
        try: descriptors[name] = os.readlink('/proc/self/fd/' + name)
        except OSError: pass
    return {'status': {name: status[name].split() for name in names}, 'descriptors': descriptors,
            'parent': os.getppid(), 'root': attempt(os.setuid, 0)}
",
        &Value::Null,
    )
    .await;
    let status = &seen["status"];
    assert_eq!(status["NoNewPrivs"][0], "1");
    assert_eq!(status["Seccomp"][0], "2");
    assert_eq!(status["CapEff"][0], "0000000000000000");
    if rustix::process::geteuid().is_root() {
        let uid: u32 = status["Uid"][0].as_str().unwrap().parse().unwrap();
        assert!((60_578..60_600).contains(&uid));
        assert_eq!(status["CapPrm"][0], "0000000000000000");
        assert_eq!(status["Groups"], serde_json::json!([]));
        assert_eq!(seen["root"], "EPERM");
    }
    // Nothing is open but what it opened: its connection, and what it reads just now.
    for (name, target) in seen["descriptors"].as_object().unwrap() {
        let target = target.as_str().unwrap();
        let is_own = match name.as_str() {
            "0" => target == "/dev/null",
            "1" | "2" => target.starts_with("pipe:"),
            _ => target.starts_with("socket:") || target.starts_with("/proc/"),
        };
        assert!(is_own, "{name}: {target}");
    }
}

#[tokio::test]
async fn processes_without_end_are_ended() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let mut function = stage.python(
        "
def handler(event, context):
    while True:
        try: os.fork()
        except OSError: pass
",
    );
    function.timeout = Duration::from_secs(2);
    function.memory_mb = 4096;
    let outcome = stage.once(function, "1").await;
    assert!(outcome.is_error, "{}", tail(&outcome));
    let own = stage.folder.path().display().to_string();
    // Those that were killed may take a moment to go.
    loop {
        let left = processes_in(&own);
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let other = stage.python("def handler(event, context): return 1");
    assert_eq!(success(&stage.once(other, "1").await), 1);
}

/// How many processes have `folder` in their environment.
fn processes_in(folder: &str) -> usize {
    let own = std::process::id().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let environments = processes
        .filter(|process| process.file_name() != own.as_str())
        .filter_map(|process| fs::read(process.path().join("environ")).ok());
    environments
        .filter(|environment| String::from_utf8_lossy(environment).contains(folder))
        .count()
}

#[tokio::test]
async fn children_end_with_the_worker() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = stage.python(
        "
def handler(event, context):
    if os.fork() == 0:
        try: os.setsid()
        except OSError: pass
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    time.sleep(0.2)
    os._exit(1)
",
    );
    let outcome = stage.once(function, "1").await;
    failure(&outcome, "Runtime.ExitError");
    let own = stage.folder.path().display().to_string();
    while processes_in(&own) > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_api_of_another_worker_is_closed() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let neighbour = Arc::new(
        stage.python("def handler(event, context): return os.environ['AWS_LAMBDA_RUNTIME_API']"),
    );
    let api = success(&stage.invoke(&neighbour, "1").await);
    let address = api.as_str().unwrap().split('/').next().unwrap().to_owned();
    let seen = run(
        &stage,
        "
import http.client
def handler(event, context):
    own = os.environ['AWS_LAMBDA_RUNTIME_API'].split('/')[1]
    statuses = []
    for path in ['/2018-06-01', '/%s/2018-06-01' % own, '//2018-06-01', '/%s/2018-06-01' % ('0' * 32)]:
        connection = http.client.HTTPConnection(event)
        connection.request('GET', path + '/runtime/invocation/next')
        statuses.append(connection.getresponse().status)
    return statuses
",
        &address.into(),
    )
    .await;
    assert_eq!(seen, serde_json::json!([403, 403, 403, 403]));
    assert_eq!(success(&stage.invoke(&neighbour, "1").await), api);
}

#[tokio::test]
async fn each_worker_has_a_tmp_of_its_own() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::outside_tmp();
    let text = "
def handler(event, context):
    open('/tmp/mine', 'a').write('x')
    return [os.environ['TMPDIR'], os.listdir('/tmp'), open('/tmp/mine').read()]
";
    let function = Arc::new(stage.python(text));
    let outcome = stage.invoke(&function, "1").await;
    if outcome.is_error {
        println!("skipped: no mounts of one's own here");
        failure(&outcome, "PermissionError");
        return;
    }
    let mine = |count| serde_json::json!(["/tmp", ["mine"], "x".repeat(count)]);
    assert_eq!(success(&outcome), mine(1));
    assert_eq!(success(&stage.invoke(&function, "1").await), mine(2));
    assert_eq!(success(&stage.once(stage.python(text), "1").await), mine(1));
    assert!(!std::path::Path::new("/tmp/mine").exists());
    let seen = run(
        &stage,
        "def handler(event, context): return [attempt(read, '/tmp/../etc/shadow'), attempt(write, '/tmp/../x')]",
        &Value::Null,
    )
    .await;
    assert_eq!(seen, serde_json::json!(["EACCES", "EACCES"]));
}

#[tokio::test]
async fn what_cannot_be_confined_does_not_run() {
    // With a process in between that outlives the server.
    let stage = Stage::with(|settings| {
        let between = ["/bin/sh", "-c", "\"$0\" \"$1\"; exit $?"].map(Into::into);
        settings.program.splice(0..0, between);
    });
    let function = stage.function("provided", "bootstrap", "#!/bin/sh\necho ran");
    let result = stage.try_invoke(&Arc::new(function), "1").await;
    let why = result.err().unwrap().to_string();
    assert_eq!(why, "failed to start a worker: the server has ended");
    assert!(
        stage
            .logs
            .lines
            .lock()
            .unwrap()
            .iter()
            .all(|line| line != "ran")
    );
}

#[tokio::test]
async fn a_directory_of_somebody_else_is_left_alone() {
    let text = Stage::try_with(|settings| settings.directory = "/proc/self/environ".into());
    let text = text.err().unwrap().to_string();
    assert_eq!(text, "`/proc/self/environ` is not this program's directory");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("precious"), "").unwrap();
    let same = folder.path().to_owned();
    Stage::try_with(move |settings| settings.directory = same).unwrap();
    assert!(folder.path().join("precious").exists());
}

#[tokio::test]
async fn layers_lie_in_opt() {
    if is_missing(PYTHON) || is_missing("/opt") {
        return;
    }
    let stage = Stage::outside_tmp();
    let mut function =
        stage.python("def handler(event, context): return open('/opt/bin/tool').read()");
    let layers = stage.folder.path().join("layers");
    fs::create_dir_all(layers.join("bin")).unwrap();
    fs::write(layers.join("bin/tool"), "of a layer").unwrap();
    function.layers = Some(layers);
    let outcome = stage.once(function, "1").await;
    if outcome.is_error {
        println!("skipped: no mounts of one's own here");
        assert!(
            ["PermissionError", "FileNotFoundError"]
                .contains(&crate::stage::json(&outcome)["errorType"].as_str().unwrap())
        );
        return;
    }
    assert_eq!(success(&outcome), "of a layer");
}

#[tokio::test]
async fn settings_that_protect_nothing_are_refused() {
    let refused = |change: fn(&mut Settings)| Stage::try_with(change).err().unwrap().to_string();
    let text = refused(|settings| settings.protected.push("/usr/share".into()));
    assert_eq!(
        text,
        "`/usr/share` lies in `/usr`, which functions may read"
    );
    if rustix::process::geteuid().is_root() {
        let text = refused(|settings| settings.users = None);
        assert_eq!(
            text,
            "functions would run as root: they need users of their own"
        );
    } else {
        let text = refused(|settings| settings.users = Some(Users::DEFAULT));
        assert_eq!(text, "only root can run functions as other users");
    }
}
