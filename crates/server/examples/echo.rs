//! The bare limit of the HTTP stack: the server's own listener, answering each request with its
//! body. `cargo xtask bench` compares AWS calls with it.
#![expect(clippy::print_stdout, reason = "a program of its own")]

use std::sync::Arc;

use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use server::listen::{self, Answer, Answered, Conversation, Door};
use tokio::net::TcpListener;
use tokio::sync::watch;

struct Echo;

impl Answer for Echo {
    async fn answer(_: Arc<Conversation<Self>>, request: Request<Incoming>) -> Answered {
        let body = request.into_body().collect().await;
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        Ok(Response::new(Full::new(body)))
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("echo is ready at http://{}", listener.local_addr()?);
    let (_stop, stopping) = watch::channel(false);
    listen::serve(
        Door {
            listener,
            tls: None,
        },
        Arc::new(Echo),
        stopping,
    )
    .await;
    Ok(())
}
