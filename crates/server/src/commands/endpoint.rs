//! `strongroom status` and `strongroom env`: they ask a running server over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

use super::print;
use crate::cli::EndpointOptions;
use crate::exit::Failure;
use crate::settings;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Health {
    status: String,
    version: String,
    auth: String,
    region: String,
    services: Vec<String>,
}

/// Prints whether the server is ready; exit code 5 if it is not.
pub(super) fn status(options: &EndpointOptions) -> Result<(), Failure> {
    let (address, _) = settings::endpoint(options)?;
    let health = ask(address)?;
    let Health {
        status,
        version,
        auth,
        region,
        services,
    } = health;
    let services = services.join(" ");
    print(
        format!(
            "status    {status}\nendpoint  http://{address}\nversion   {version}\nauth      {auth}\n\
             region    {region}\nservices  {services}\n"
        )
        .as_bytes(),
    )?;
    match status.as_str() {
        "ok" => Ok(()),
        _ => Err(Failure::unavailable(format!(
            "the server at {address} takes no calls: {status}"
        ))),
    }
}

/// Prints the `export` lines for AWS clients.
pub(super) fn environment(options: &EndpointOptions) -> Result<(), Failure> {
    let (address, region) = settings::endpoint(options)?;
    let health = ask(address)?;
    let region = region.unwrap_or(health.region);
    let mut lines =
        format!("export AWS_ENDPOINT_URL=http://{address}\nexport AWS_DEFAULT_REGION={region}\n");
    if health.auth == "off" {
        lines.push_str("export AWS_ACCESS_KEY_ID=000000000000\nexport AWS_SECRET_ACCESS_KEY=dev\n");
    }
    print(lines.as_bytes())
}

fn ask(address: SocketAddr) -> Result<Health, Failure> {
    let none = |error: &dyn std::fmt::Display| {
        Failure::unavailable(format!(
            "no server answers at {address}: {error}; start one with `strongroom serve`, or name \
             another place with --listen"
        ))
    };
    let answer = fetch(address).map_err(|error| none(&error))?;
    if !answer.starts_with("HTTP/") {
        return Err(Failure::unavailable(format!(
            "what listens at {address} does not speak plain HTTP; a server with --tls-cert says at \
             its admin port, under /readyz, whether it is ready"
        )));
    }
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| none(&"the answer is cut off"))?;
    serde_json::from_str(body).map_err(|error| none(&error))
}

fn fetch(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request =
        format!("GET /_strongroom/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
