//! A MySQL 8 server: `caching_sha2_password`, and tricks.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use databases::{Engine, Failure, set_password, test};
use tokio::sync::mpsc::UnboundedSender;

use crate::network::{Peer, Scripted, Steady, login, single};

const NONCE: &[u8; 20] = b"abcdefghijklmnopqrst";

async fn send(peer: &mut Peer, number: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("short").to_le_bytes();
    peer.send([&length[..3], &[number], payload].concat()).await;
}

async fn receive(peer: &mut Peer) -> Vec<u8> {
    let head = peer.take(4).await;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    peer.take(length as usize).await
}

fn greeting(plugin: &str) -> Vec<u8> {
    let capabilities = 0x0008_8200_u32.to_le_bytes();
    [
        &b"\x0a8.0.36\0\x01\0\0\0"[..],
        &NONCE[..8],
        &[0],
        &capabilities[..2],
        &[45, 2, 0],
        &capabilities[2..],
        &[21],
        &[0; 10],
        &NONCE[8..],
        &[0],
        plugin.as_bytes(),
        &[0],
    ]
    .concat()
}

const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
const DENIED: &[u8] = b"\xff\x15\x04#28000Access denied for geheim";

#[tokio::test]
async fn a_password_goes_encrypted_to_a_server_that_has_only_a_verifier() {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("a key");
    let text = base64::engine::general_purpose::STANDARD.encode(public.as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let network = Scripted::new(move |mut peer: Peer| {
        let (pem, told) = (pem.clone(), told.clone());
        Box::pin(async move {
            send(&mut peer, 0, &greeting("caching_sha2_password")).await;
            receive(&mut peer).await;
            send(&mut peer, 2, &[1, 4]).await;
            assert_eq!(receive(&mut peer).await, [2]);
            send(&mut peer, 4, &[&[1], pem.as_bytes()].concat()).await;
            let _ = told.send(receive(&mut peer).await);
            send(&mut peer, 6, OK).await;
            for _ in 0..2 {
                receive(&mut peer).await;
                send(&mut peer, 1, OK).await;
            }
        })
    });
    let met = test(&network, &Steady, &login(Engine::Mysql, "geheim")).await;
    assert_eq!(met, Ok(()));
    let sealed = heard.recv().await.expect("a password");
    let key = OaepPrivateDecryptingKey::new(key).expect("a key");
    let mut opened = vec![0; key.min_output_size()];
    let opened = key.decrypt(&OAEP_SHA1_MGF1SHA1, &sealed, &mut opened, None);
    let opened = opened.expect("encrypted for this key").iter().zip(NONCE);
    let opened: Vec<u8> = opened.map(|(byte, mask)| byte ^ mask).collect();
    assert_eq!(opened, b"geheim\0");
}

/// Lets `app` in with the password `old` only, and tells each query.
async fn serve(mut peer: Peer, told: UnboundedSender<String>, known: Vec<u8>) {
    send(&mut peer, 0, &greeting("mysql_native_password")).await;
    let response = receive(&mut peer).await;
    let proof = &response[32 + 5..32 + 5 + 20];
    if proof != known {
        return send(&mut peer, 2, DENIED).await;
    }
    send(&mut peer, 2, OK).await;
    loop {
        let query = receive(&mut peer).await;
        let _ = told.send(String::from_utf8_lossy(&query[1..]).into_owned());
        send(&mut peer, 1, OK).await;
    }
}

#[tokio::test]
async fn a_user_of_mysql_alters_themself() {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let sha1 = |bytes: &[u8]| {
        let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
        aws_lc_rs::digest::digest(algorithm, bytes)
            .as_ref()
            .to_vec()
    };
    let once = sha1(b"old");
    let mask = sha1(&[&NONCE[..], &sha1(&once)].concat());
    let known: Vec<u8> = once.iter().zip(mask).map(|(one, two)| one ^ two).collect();
    let network =
        Scripted::new(move |peer: Peer| Box::pin(serve(peer, told.clone(), known.clone())));
    let met = set_password(&network, &Steady, &single(Engine::Mysql)).await;
    assert_eq!(met, Ok(()));
    assert!(
        heard
            .recv()
            .await
            .expect("a query")
            .contains("NO_BACKSLASH_ESCAPES")
    );
    let query = heard.recv().await.expect("a query");
    assert_eq!(query, "ALTER USER CURRENT_USER() IDENTIFIED BY 'new'");
}

/// What a server says after the client's first answer, and what becomes of it.
async fn answers(answer: &'static [u8], failure: Failure) {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let network = Scripted::new(move |mut peer: Peer| {
        let told = told.clone();
        Box::pin(async move {
            send(&mut peer, 0, &greeting("mysql_native_password")).await;
            let _ = told.send(receive(&mut peer).await);
            send(&mut peer, 2, answer).await;
            let _ = told.send(receive(&mut peer).await);
        })
    });
    let met = test(&network, &Steady, &login(Engine::Mysql, "geheim")).await;
    assert_eq!(met, Err(failure));
    while let Ok(said) = heard.try_recv() {
        assert!(!said.windows(6).any(|part| part == b"geheim"));
    }
}

#[tokio::test]
async fn a_server_gets_no_password_in_clear_and_no_file() {
    let clear = Failure::Method {
        method: "mysql_clear_password".to_owned(),
    };
    answers(b"\xfemysql_clear_password\0", clear).await;
    let old = Failure::Method {
        method: "mysql_old_password".to_owned(),
    };
    answers(b"\xfe", old).await;
    answers(b"\xfecaching_sha2_password\0short\0", Failure::Garbled).await;
    // Full authentication, which nobody asked for.
    answers(b"\x01\x04", Failure::Garbled).await;
    answers(DENIED, Failure::Denied).await;
    answers(
        b"\xff\x6a\x04#HY000",
        Failure::Rejected {
            code: "1130".to_owned(),
        },
    )
    .await;

    let network = Scripted::new(|mut peer: Peer| {
        Box::pin(async move {
            send(&mut peer, 0, &greeting("mysql_native_password")).await;
            receive(&mut peer).await;
            send(&mut peer, 2, OK).await;
            receive(&mut peer).await;
            send(&mut peer, 1, b"\xfb/etc/passwd").await;
            receive(&mut peer).await;
        })
    });
    let met = test(&network, &Steady, &login(Engine::Mysql, "geheim")).await;
    assert_eq!(met, Err(Failure::Garbled));
}
