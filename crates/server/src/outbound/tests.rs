//! Others on the loopback interface: polite ones, hostile ones, and some that must not be reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::{Outbound as _, OutboundFailure, OutboundRequest, OutboundResponse};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Sender;
use crate::settings::OutboundSettings;

/// Somebody who says the same to everyone.
struct Other {
    url: String,
    connections: Arc<AtomicUsize>,
}

/// What comes after what is said.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Silence,
    MoreForEver,
}

impl Other {
    async fn saying(said: &str, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, said) = (Arc::clone(&connections), said.to_owned());
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(talk(connection, said.clone(), then));
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}/hook?x=1"),
            connections,
        }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn talk(mut connection: TcpStream, said: String, then: Then) {
    let mut head = [0; 4096];
    let length = connection.read(&mut head).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let said = said.replace("ECHO", head.lines().next().unwrap_or_default());
    let _ = connection.write_all(said.as_bytes()).await;
    match then {
        Then::Close => {}
        Then::Silence => {
            let _ = connection.read(&mut [0]).await;
        }
        Then::MoreForEver => while connection.write_all(&[b'x'; 4096]).await.is_ok() {},
    }
}

fn sender(allow: &[&str], http: bool) -> Sender {
    let allow = allow.iter().map(|one| one.parse().expect("an opening"));
    let settings = OutboundSettings {
        allow: allow.collect(),
        http,
        ca: None,
    };
    Sender::new(&settings).unwrap_or_else(|_| panic!("a sender"))
}

async fn send(sender: &Sender, url: &str) -> Result<OutboundResponse, OutboundFailure> {
    let mut request = OutboundRequest::new("POST", url, "body").header("x-one", "1");
    request.patience = Duration::from_millis(700);
    request.largest_answer = 1000;
    sender.send(request).await
}

#[tokio::test]
async fn what_others_answer_comes_back_whatever_its_status() {
    let said = "HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\ncontent-length: 23\r\n\r\nECHO";
    let other = Other::saying(said, Then::Silence).await;
    let answer = send(&sender(&["127.0.0.0/8"], true), &other.url).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.is_success()), (429, false));
    assert_eq!(answer.header_value("Retry-After"), Some("7"));
    assert_eq!(answer.body, "POST /hook?x=1 HTTP/1.1");
}

#[tokio::test]
async fn plain_http_goes_only_where_both_are_opened() {
    let other = Other::saying("HTTP/1.1 204 No Content\r\n\r\n", Then::Close).await;
    for (allow, http, refused) in [
        (&[][..], false, OutboundFailure::Plain),
        (&["127.0.0.1"][..], false, OutboundFailure::Plain),
        (&[][..], true, OutboundFailure::Refused),
        (&["10.0.0.0/8"][..], true, OutboundFailure::Refused),
    ] {
        let sent = send(&sender(allow, http), &other.url).await;
        assert_eq!(sent, Err(refused), "{allow:?} {http}");
    }
    assert_eq!(other.connections(), 0);
    let sent = send(&sender(&["127.0.0.1"], true), &other.url).await;
    assert_eq!(sent.map(|answer| answer.status), Ok(204));
    let named = other.url.replace("127.0.0.1", "localhost");
    let sent = send(&sender(&["localhost"], true), &named).await;
    assert_eq!(sent.map(|answer| answer.status), Ok(204));
    assert_eq!(other.connections(), 2);
}

#[tokio::test]
async fn sec_w1_a_redirect_is_an_answer_and_goes_nowhere() {
    let inside = Other::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::Close).await;
    for location in [
        inside.url.as_str(),
        "http://169.254.169.254/latest/meta-data/",
    ] {
        let said = format!("HTTP/1.1 307 X\r\nLocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let other = Other::saying(&said, Then::Close).await;
        let answer = send(&sender(&["127.0.0.1"], true), &other.url).await;
        assert_eq!(answer.map(|answer| answer.status), Ok(307));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn sec_w1_nobody_inside_is_even_connected_to() {
    let inside = Other::saying("HTTP/1.1 200 OK\r\n\r\n", Then::Close).await;
    let closed = sender(&[], true);
    for host in [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "0.0.0.0",
        "2130706433",
        "0177.0.0.1",
        "127.1",
    ] {
        for scheme in ["http", "https"] {
            let url = inside.url.replace("127.0.0.1", host);
            let url = url.replacen("http", scheme, 1);
            let sent = send(&closed, &url).await;
            let expected = [OutboundFailure::Refused, OutboundFailure::Unresolved];
            assert!(
                sent.as_ref()
                    .is_err_and(|failure| expected.contains(failure)),
                "{url} {sent:?}"
            );
        }
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn sec_w1_answers_that_never_end_are_given_up() {
    let opened = sender(&["127.0.0.1"], true);
    for (said, then, expected) in [
        ("", Then::Silence, OutboundFailure::TimedOut),
        (
            "HTTP/1.1 200 OK\r\nx",
            Then::Silence,
            OutboundFailure::TimedOut,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx",
            Then::Silence,
            OutboundFailure::TimedOut,
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            Then::MoreForEver,
            OutboundFailure::TooLarge,
        ),
        (
            "HTTP/1.1 200 OK\r\nx: ",
            Then::MoreForEver,
            OutboundFailure::Garbled,
        ),
    ] {
        let other = Other::saying(said, then).await;
        let sent = send(&opened, &other.url).await;
        assert_eq!(sent, Err(expected), "{said:?}");
    }
}

#[tokio::test]
async fn sec_w1_answers_that_are_too_large_or_garbled_are_failures() {
    let opened = sender(&["127.0.0.1"], true);
    let headers = "x: y\r\n".repeat(1000);
    let body = "x".repeat(1001);
    for (said, expected) in [
        ("garbage\r\n\r\n".to_owned(), OutboundFailure::Garbled),
        (
            "HTTP/1.1 999999 X\r\n\r\n".to_owned(),
            OutboundFailure::Garbled,
        ),
        (
            format!("HTTP/1.1 200 OK\r\n{headers}\r\n"),
            OutboundFailure::Garbled,
        ),
        (
            format!("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n{body}"),
            OutboundFailure::TooLarge,
        ),
        (
            format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
            OutboundFailure::TooLarge,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx".to_owned(),
            OutboundFailure::Unreachable,
        ),
        (
            "HTTP/1.1 200 OK\r\n".to_owned(),
            OutboundFailure::Unreachable,
        ),
    ] {
        let other = Other::saying(&said, Then::Close).await;
        let sent = send(&opened, &other.url).await;
        assert_eq!(sent, Err(expected), "{:?}", &said[..said.len().min(60)]);
    }
    let said = format!("HTTP/1.1 200 OK\r\nx-odd: \u{fe}\r\n\r\n{}", &body[..1000]);
    let other = Other::saying(&said, Then::Close).await;
    let answer = send(&opened, &other.url).await.expect("just small enough");
    assert_eq!(
        (answer.body.len(), answer.header_value("x-odd")),
        (1000, None)
    );
}
