//! What a worker finds in its environment (AWS: "Defined runtime environment variables").

use std::path::{Path, PathBuf};

use crate::{Credentials, Function, Logging, Runtime, Settings};

/// What a worker's environment is made of.
pub(super) struct Surrounding<'a> {
    pub(super) function: &'a Function,
    pub(super) settings: &'a Settings,
    pub(super) credentials: &'a Credentials,
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(super) api: &'a str,
    pub(super) log_stream: &'a str,
    /// Where the bootstraps are.
    pub(super) runtime_directory: &'a Path,
    /// The worker's own directory to write to.
    pub(super) temporary: &'a Path,
}

/// The whole environment. Nothing of the server's own is in it.
///
/// Variables of the function's configuration replace the defaults of the system, and are replaced by
/// what AWS reserves.
pub(super) fn environment(of: &Surrounding<'_>) -> Vec<(String, String)> {
    let mut variables = defaults(of);
    let configured = of.function.variables.iter();
    let configured = configured.map(|(name, value)| (name.clone(), value.to_string()));
    for (name, value) in configured.chain(reserved(of)) {
        variables.retain(|(other, _)| *other != name);
        variables.push((name, value));
    }
    variables
}

fn defaults(of: &Surrounding<'_>) -> Vec<(String, String)> {
    let package = of.function.package.display();
    let layers = of.function.layers.as_ref().map(|layers| layers.display());
    let mut path = "/usr/local/bin:/usr/bin:/bin".to_owned();
    let mut libraries = format!("{package}:{package}/lib");
    let mut python = Vec::new();
    let mut node = Vec::new();
    if let Some(layers) = layers {
        path = format!("{path}:{layers}/bin");
        libraries = format!("{libraries}:{layers}/lib");
        python.push(format!("{layers}/python"));
        if let Runtime::Python(minor) = of.function.runtime {
            python.push(format!("{layers}/python/lib/python3.{minor}/site-packages"));
        }
        node.push(format!("{layers}/nodejs/node_modules"));
    }
    let brought =
        |libraries: &Option<PathBuf>| libraries.as_ref().map(|path| path.display().to_string());
    python.extend(brought(&of.settings.python_libraries));
    node.extend(brought(&of.settings.node_libraries));
    let mut variables = vec![
        ("LANG".to_owned(), "en_US.UTF-8".to_owned()),
        ("TZ".to_owned(), ":UTC".to_owned()),
        ("PATH".to_owned(), path),
        ("LD_LIBRARY_PATH".to_owned(), libraries),
        ("TMPDIR".to_owned(), of.temporary.display().to_string()),
    ];
    match of.function.runtime {
        Runtime::Python(_) => {
            // The locale of the name above may not be installed.
            variables.push(("PYTHONUTF8".to_owned(), "1".to_owned()));
            variables.push(("PYTHONPATH".to_owned(), python.join(":")));
        }
        Runtime::Node(_) => variables.push(("NODE_PATH".to_owned(), node.join(":"))),
        Runtime::Provided(_) => {}
    }
    variables
}

fn reserved(of: &Surrounding<'_>) -> Vec<(String, String)> {
    let function = of.function;
    let text = |path: &Path| path.display().to_string();
    let credentials = of.credentials;
    let mut variables = vec![
        ("_HANDLER", function.handler.clone()),
        ("LAMBDA_TASK_ROOT", text(&function.package)),
        ("LAMBDA_RUNTIME_DIR", text(of.runtime_directory)),
        ("AWS_LAMBDA_RUNTIME_API", of.api.to_owned()),
        ("AWS_REGION", function.region.clone()),
        ("AWS_DEFAULT_REGION", function.region.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", function.version.clone()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory_mb.to_string(),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", of.log_stream.to_owned()),
        (
            "AWS_LAMBDA_LOG_FORMAT",
            function.logging.format().to_owned(),
        ),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        (
            "AWS_SECRET_ACCESS_KEY",
            credentials.secret_access_key.to_string(),
        ),
        ("AWS_SESSION_TOKEN", credentials.session_token.to_string()),
    ];
    if let Runtime::Python(_) | Runtime::Node(_) = function.runtime {
        let name = format!("AWS_Lambda_{}", function.runtime.identifier());
        variables.push(("AWS_EXECUTION_ENV", name));
    }
    if let Logging::Json { application, .. } = function.logging {
        variables.push(("AWS_LAMBDA_LOG_LEVEL", application.name().to_owned()));
    }
    if let Some(endpoint) = &function.endpoint_url {
        variables.push(("AWS_ENDPOINT_URL", endpoint.clone()));
    }
    let owned = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    owned.collect()
}
