//! `strongroom agent`: secrets and parameters for programs on this machine.

use std::sync::Arc;

use platform::environment;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{print, say};
use crate::agent::config::Config;
use crate::agent::{Agent, Sources, token};
use crate::cli::{AgentOptions, ServerOptions};
use crate::client::{SECRETS_MANAGER, SSM, STS};
use crate::exit::Failure;
use crate::listen::{self, Door};
use crate::{logging, process, settings};

/// Serves until it is told to stop.
pub(super) fn run(options: &AgentOptions) -> Result<(), Failure> {
    let config = configuration(options)?;
    let token = token::find(&config.ssrf_env_variables, environment::variable);
    let token = token.map_err(Failure::usage)?;
    let server = ServerOptions {
        endpoint: options.endpoint.clone(),
        region: options.region.clone().or_else(|| config.region.clone()),
        insecure_http: options.insecure_http,
        config: None,
    };
    let _ = logging::start(&config.log_level, None)?;
    process::harden();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(async {
        if config.validate_credentials {
            validate(&server, config.ignore_transient_errors).await?;
        }
        let sources = Sources {
            secrets: settings::client(&server, SECRETS_MANAGER)?,
            parameters: settings::client(&server, SSM)?,
        };
        let listen = config.listen;
        let place = TcpListener::bind(listen).await;
        let listener = place
            .map_err(|error| Failure::unavailable(format!("cannot listen at {listen}: {error}")))?;
        serve(listener, Agent::new(config, token, sources)).await
    })
}

fn configuration(options: &AgentOptions) -> Result<Config, Failure> {
    let Some(path) = &options.config else {
        return Config::parse("").map_err(Failure::usage);
    };
    let wrong = |what: String| Failure::usage(format!("`{}`: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Config::parse(&text).map_err(wrong)
}

/// Tries the credentials, so that wrong ones are found out before anybody asks for a secret.
async fn validate(server: &ServerOptions, ignore_transient_errors: bool) -> Result<(), Failure> {
    let client = settings::client(server, STS)?;
    match client.query(STS, ("GetCallerIdentity", "2011-06-15")).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_transient() && ignore_transient_errors => {
            say(&format!("the credentials could not be tried: {error}"));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn serve(listener: TcpListener, agent: Agent) -> Result<(), Failure> {
    let (mut terminate, mut interrupt) = (
        listen_for(SignalKind::terminate())?,
        listen_for(SignalKind::interrupt())?,
    );
    let address = listener.local_addr();
    let address =
        address.map_err(|error| Failure::failed(format!("no address to listen at: {error}")))?;
    print(format!("strongroom agent is ready at http://{address}\n").as_bytes())?;
    let (stop, stopping) = watch::channel(false);
    let door = Door::new(listener, None);
    let serving = tokio::spawn(listen::serve(door, Arc::new(agent), stopping));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = stop.send(true);
    serving
        .await
        .map_err(|error| Failure::failed(format!("the listener ended: {error}")))
}

fn listen_for(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))
}
