//! A PostgreSQL server that wants more than it should get.

use databases::{Engine, Failure, Tls, test};

use crate::network::{Peer, Scripted, Steady, login};

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("short").to_be_bytes();
    [&[kind][..], &length, body].concat()
}

fn request(code: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&code.to_be_bytes(), body].concat())
}

/// What the startup message of `app` has in bytes.
async fn started(peer: &mut Peer) {
    let length: [u8; 4] = peer.take(4).await.try_into().expect("four");
    peer.take(u32::from_be_bytes(length) as usize - 4).await;
}

async fn meets(script: Vec<Vec<u8>>) -> (Result<(), Failure>, Vec<u8>) {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let network = Scripted::new(move |mut peer: Peer| {
        let (script, told) = (script.clone(), told.clone());
        Box::pin(async move {
            started(&mut peer).await;
            for message in script {
                peer.send(message).await;
                let answer = tokio::time::timeout(std::time::Duration::from_millis(50), async {
                    let kind = peer.take(5).await;
                    let length = u32::from_be_bytes(kind[1..].try_into().expect("four"));
                    let body = peer.take(length as usize - 4).await;
                    let _ = told.send([kind, body].concat());
                });
                let _ = answer.await;
            }
        })
    });
    let met = test(&network, &Steady, &login(Engine::Postgres, "geheim")).await;
    let mut all = Vec::new();
    while let Ok(answer) = heard.try_recv() {
        all.extend(answer);
    }
    (met, all)
}

#[tokio::test]
async fn the_password_never_goes_in_clear_without_tls() {
    let (met, heard) = meets(vec![request(3, b"")]).await;
    assert_eq!(
        met,
        Err(Failure::Method {
            method: "password".to_owned()
        })
    );
    assert!(heard.is_empty(), "nothing is said after that");
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_no_server() {
    let nonce = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    let nonce = &nonce[..24];
    let challenge = format!("r={nonce}more,s=c2FsdA==,i=4096");
    let lie = "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (met, heard) = meets(vec![
        request(10, b"SCRAM-SHA-256\0\0"),
        request(11, challenge.as_bytes()),
        [
            request(12, lie.as_bytes()),
            request(0, b""),
            message(b'Z', b"I"),
        ]
        .concat(),
    ])
    .await;
    assert_eq!(met, Err(Failure::Denied));
    let heard = String::from_utf8_lossy(&heard).into_owned();
    assert!(heard.contains(&format!("n,,n=,r={nonce}")), "{heard}");
    assert!(
        heard.contains(",p=") && !heard.contains("geheim"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_server_cannot_choose_the_nonce_the_work_or_the_method() {
    for (challenge, failure) in [
        ("r=mine,s=c2FsdA==,i=4096", Failure::Garbled),
        (
            "r=BwcHBwcHBwcHBwcHBwcHBwcHx,s=c2FsdA==,i=4000000000",
            Failure::Garbled,
        ),
    ] {
        let script = vec![
            request(10, b"SCRAM-SHA-256\0\0"),
            request(11, challenge.as_bytes()),
        ];
        assert_eq!(meets(script).await.0, Err(failure), "{challenge}");
    }
    let (met, _) = meets(vec![request(7, b"")]).await;
    assert_eq!(
        met,
        Err(Failure::Method {
            method: "7".to_owned()
        })
    );
}

#[tokio::test]
async fn errors_are_told_by_their_codes() {
    for (body, failure) in [
        (&b"SFATAL\0C28P01\0Mgeheim\0\0"[..], Failure::Denied),
        (
            b"C53300\0Mtoo many\0\0",
            Failure::Rejected {
                code: "53300".to_owned(),
            },
        ),
        (b"Mno code\0\0", Failure::Garbled),
        (b"", Failure::Garbled),
    ] {
        assert_eq!(meets(vec![message(b'E', body)]).await.0, Err(failure));
    }
}

#[tokio::test]
async fn tls_is_asked_for_first_and_required_where_it_says_so() {
    for (tls, answer, plain, failure) in [
        (Tls::Required, b"N", vec![false], Failure::Tls),
        (Tls::Required, b"S", vec![false], Failure::Tls),
        (
            Tls::Preferred,
            b"N",
            vec![false, true],
            Failure::Unreachable,
        ),
        (
            Tls::Preferred,
            b"S",
            vec![false, true],
            Failure::Unreachable,
        ),
        (Tls::Preferred, b"?", vec![false], Failure::Garbled),
        (Tls::Off, b"N", vec![true], Failure::Unreachable),
    ] {
        let network = Scripted::new(move |mut peer: Peer| {
            Box::pin(async move {
                peer.take(8).await;
                peer.send(answer).await;
            })
        });
        let mut login = login(Engine::Postgres, "geheim");
        login.tls = tls;
        let met = test(&network, &Steady, &login).await;
        assert_eq!(met, Err(failure), "{tls:?} {answer:?}");
        assert_eq!(
            *network.plain.lock().expect("a lock"),
            plain,
            "{tls:?} {answer:?}"
        );
    }
}
