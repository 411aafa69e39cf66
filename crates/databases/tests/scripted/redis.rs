//! A Redis server, with TLS or without.

use databases::{Engine, Failure, Tls, test};

use crate::network::{Peer, Scripted, Steady, login};

#[tokio::test]
async fn a_password_goes_to_no_server_that_shows_no_sign_of_speaking_in_clear() {
    for (answer, plain, failure) in [
        // Asked, it says that it would; then it denies the password.
        (
            &b"-NOAUTH Authentication required.\r\n-WRONGPASS no\r\n"[..],
            vec![true],
            Failure::Denied,
        ),
        // An alert of TLS, and an end.
        (
            b"\x15\x03\x01\0\x02\x02\x46",
            vec![true, false],
            Failure::Tls,
        ),
        (b"", vec![true, false], Failure::Tls),
    ] {
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let network = Scripted::new(move |mut peer: Peer| {
            let told = told.clone();
            Box::pin(async move {
                let ping = peer.take(14).await;
                let _ = told.send(ping);
                for part in answer.split_inclusive(|byte| *byte == b'\n') {
                    peer.send(part).await;
                    if part.ends_with(b"\n") {
                        let _ = told.send(peer.take(20).await);
                    }
                }
            })
        });
        let mut login = login(Engine::Redis, "geheim");
        login.tls = Tls::Preferred;
        assert_eq!(test(&network, &Steady, &login).await, Err(failure.clone()));
        assert_eq!(*network.plain.lock().expect("a lock"), plain);
        assert_eq!(
            heard.recv().await.as_deref(),
            Some(&b"*1\r\n$4\r\nPING\r\n"[..])
        );
        let more = heard.try_recv().is_ok();
        assert_eq!(more, failure == Failure::Denied);
    }
}
