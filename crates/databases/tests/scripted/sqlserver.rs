//! A SQL Server as its protocol describes it.

use std::sync::{Arc, Mutex};

use databases::{Engine, Failure, How, Tls, set_password, test};

use crate::network::{Peer, Scripted, Steady, login, single};

async fn send(peer: &mut Peer, message: &[u8]) {
    // In two packets: messages may end anywhere.
    let (first, second) = message.split_at(message.len() / 2);
    for (part, last) in [(first, 0), (second, 1)] {
        let length = u16::try_from(part.len() + 8).expect("short").to_be_bytes();
        let header = [4, last, length[0], length[1], 0, 0, 1, 0];
        peer.send([&header, part].concat()).await;
    }
}

async fn receive(peer: &mut Peer) -> (u8, Vec<u8>) {
    let mut message = Vec::new();
    loop {
        let header = peer.take(8).await;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        message.extend(peer.take(length - 8).await);
        if header[1] & 1 == 1 {
            return (header[0], message);
        }
    }
}

fn narrow(bytes: &[u8]) -> String {
    let units = bytes
        .chunks(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).expect("a text")
}

fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short").to_le_bytes();
    [&[kind][..], &length, body].concat()
}

fn done() -> Vec<u8> {
    [&[0xfd][..], &[0; 12]].concat()
}

fn error(number: u32) -> Vec<u8> {
    let body = [&number.to_le_bytes()[..], &[1, 14, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    [token(0xaa, &body), done()].concat()
}

/// The text number `index` of a `LOGIN7` message.
fn text_of(message: &[u8], index: usize) -> &[u8] {
    let number = |at: usize| usize::from(u16::from_le_bytes([message[at], message[at + 1]]));
    let (begin, length) = (number(36 + 4 * index), number(38 + 4 * index));
    &message[begin..begin + 2 * length]
}

/// Knows one user with one password, which batches change to `new`, and says what encryption it wants.
async fn serve(
    mut peer: Peer,
    encryption: u8,
    password: Arc<Mutex<String>>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let (kind, prelogin) = receive(&mut peer).await;
    assert_eq!((kind, prelogin[10]), (0x12, 0xff));
    send(&mut peer, &[1, 0, 6, 0, 1, 0xff, encryption]).await;
    let (kind, message) = receive(&mut peer).await;
    assert_eq!(kind, 0x10);
    let hidden = text_of(&message, 2)
        .iter()
        .map(|byte| (byte ^ 0xa5).rotate_left(4));
    let given = narrow(&hidden.collect::<Vec<_>>());
    if narrow(text_of(&message, 1)) != "app" || given != *password.lock().expect("a lock") {
        return send(&mut peer, &error(18_456)).await;
    }
    let confirmed = [
        token(0xe3, b"change"),
        token(0xab, b"hello"),
        token(0xad, b"ack"),
        done(),
    ];
    send(&mut peer, &confirmed.concat()).await;
    loop {
        let (kind, batch) = receive(&mut peer).await;
        assert_eq!((kind, batch[0]), (0x01, 22));
        let statement = narrow(&batch[22..]);
        if statement.contains("ALTER LOGIN") {
            "new".clone_into(&mut password.lock().expect("a lock"));
        }
        heard.lock().expect("a lock").push(statement);
        send(&mut peer, &done()).await;
    }
}

#[tokio::test]
async fn a_login_alters_its_own_password() {
    let password = Arc::new(Mutex::new("old".to_owned()));
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let (known, told) = (Arc::clone(&password), Arc::clone(&heard));
    let network = Scripted::new(move |peer: Peer| {
        Box::pin(serve(peer, 2, Arc::clone(&known), Arc::clone(&told)))
    });
    for _ in 0..2 {
        let met = set_password(&network, &Steady, &single(Engine::SqlServer)).await;
        assert_eq!(met, Ok(()));
    }
    let met = test(&network, &Steady, &login(Engine::SqlServer, "new")).await;
    assert_eq!(met, Ok(()));
    let met = test(&network, &Steady, &login(Engine::SqlServer, "old")).await;
    assert_eq!(met, Err(Failure::Denied));
    let heard = heard.lock().expect("a lock");
    let changes: Vec<_> = heard.iter().filter(|it| it.contains("ALTER")).collect();
    assert_eq!(changes.len(), 1, "what works already is left alone");
    let set = "[app] WITH PASSWORD = N'new' OLD_PASSWORD = N'old'";
    assert!(changes[0].ends_with(&format!("ALTER USER {set} ELSE ALTER LOGIN {set}")));
}

#[tokio::test]
async fn names_and_passwords_end_no_text() {
    let password = Arc::new(Mutex::new("it's".to_owned()));
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let (known, told) = (Arc::clone(&password), Arc::clone(&heard));
    let network = Scripted::new(move |peer: Peer| {
        Box::pin(serve(peer, 2, Arc::clone(&known), Arc::clone(&told)))
    });
    let mut rotation = single(Engine::SqlServer);
    rotation.current = login(Engine::SqlServer, "it's");
    rotation.pending = login(Engine::SqlServer, "';DROP]--");
    assert_eq!(set_password(&network, &Steady, &rotation).await, Ok(()));
    let heard = heard.lock().expect("a lock");
    assert!(
        heard[0].contains("N''';DROP]--' OLD_PASSWORD = N'it''s'"),
        "{}",
        heard[0]
    );
}

#[tokio::test]
async fn encryption_is_what_both_want() {
    for (tls, encryption, plain, expected) in [
        (Tls::Required, 2, vec![false], Err(Failure::Tls)),
        (Tls::Required, 1, vec![false], Err(Failure::Tls)),
        (Tls::Preferred, 2, vec![false, true], Ok(())),
        (Tls::Preferred, 3, vec![false, true], Err(Failure::Tls)),
        (Tls::Off, 2, vec![true], Ok(())),
        (Tls::Off, 3, vec![true], Err(Failure::Tls)),
    ] {
        let password = Arc::new(Mutex::new("old".to_owned()));
        let network = Scripted::new(move |peer: Peer| {
            Box::pin(serve(
                peer,
                encryption,
                Arc::clone(&password),
                Arc::default(),
            ))
        });
        let mut login = login(Engine::SqlServer, "old");
        login.tls = tls;
        let met = test(&network, &Steady, &login).await;
        assert_eq!(met, expected, "{tls:?} {encryption}");
        assert_eq!(*network.plain.lock().expect("a lock"), plain);
    }
}

#[tokio::test]
async fn answers_without_an_end_or_a_confirmation_are_none() {
    for (answer, failure) in [
        (
            error(4060),
            Failure::Rejected {
                code: "4060".to_owned(),
            },
        ),
        (done(), Failure::Garbled),
        (token(0xad, b"ack"), Failure::Garbled),
        (
            [token(0xad, b"ack"), vec![0x81, 0, 0]].concat(),
            Failure::Garbled,
        ),
        (vec![0xaa, 1, 0, 0], Failure::Garbled),
    ] {
        let network = Scripted::new(move |mut peer: Peer| {
            let answer = answer.clone();
            Box::pin(async move {
                receive(&mut peer).await;
                send(&mut peer, &[1, 0, 6, 0, 1, 0xff, 2]).await;
                receive(&mut peer).await;
                send(&mut peer, &answer).await;
            })
        });
        let met = test(&network, &Steady, &login(Engine::SqlServer, "old")).await;
        assert_eq!(met, Err(failure));
    }
}

#[tokio::test]
async fn users_do_not_take_turns() {
    let password = Arc::new(Mutex::new("old".to_owned()));
    let network = Scripted::new(move |peer: Peer| {
        Box::pin(serve(peer, 2, Arc::clone(&password), Arc::default()))
    });
    let mut rotation = single(Engine::SqlServer);
    rotation.pending.username = "app_clone".to_owned();
    rotation.how = How::Alternating(Box::new(login(Engine::SqlServer, "old")));
    let met = set_password(&network, &Steady, &rotation).await;
    assert!(matches!(met, Err(Failure::Login(_))), "{met:?}");
}
