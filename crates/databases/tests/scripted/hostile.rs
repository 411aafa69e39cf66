//! Garbage, silence, ends, and lengths that no memory has: failures, and nothing else.

use databases::{Engine, Failure, set_password, test};
use proptest::prelude::*;

use crate::network::{Peer, Scripted, Steady, login, single};

const ENGINES: [Engine; 4] = [
    Engine::Postgres,
    Engine::Mysql,
    Engine::Redis,
    Engine::SqlServer,
];

async fn meets(engine: Engine, bytes: Vec<u8>) -> Result<(), Failure> {
    let network = Scripted::new(move |mut peer: Peer| {
        let bytes = bytes.clone();
        Box::pin(async move { peer.send(bytes).await })
    });
    test(&network, &Steady, &login(engine, "geheim")).await
}

#[tokio::test]
async fn a_server_that_ends_at_once_is_not_there() {
    for engine in ENGINES {
        let met = meets(engine, Vec::new()).await;
        assert_eq!(met, Err(Failure::Unreachable), "{engine:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_waited_for() {
    for engine in ENGINES {
        let mut network = Scripted::new(|peer: Peer| {
            Box::pin(async move {
                let _open = peer;
                std::future::pending::<()>().await;
            })
        });
        network.patience = std::time::Duration::from_millis(50);
        let met = set_password(&network, &Steady, &single(engine)).await;
        assert_eq!(met, Err(Failure::TimedOut), "{engine:?}");
        let tries = network.plain.lock().expect("a lock").len();
        assert_eq!(
            tries, 1,
            "no other password goes to a server that does not answer"
        );
    }
}

#[tokio::test]
async fn lengths_are_judged_before_they_are_believed() {
    let long = u32::MAX.to_be_bytes();
    for (engine, bytes) in [
        (Engine::Postgres, [&b"R"[..], &long].concat()),
        (Engine::Postgres, vec![b'R', 0, 0, 0, 3]),
        (Engine::Mysql, vec![0xff, 0xff, 0xff, 0]),
        (Engine::Redis, b"$99999999999\r\n".to_vec()),
        (Engine::Redis, b"$-2\r\n".to_vec()),
        (Engine::Redis, b"*100000\r\n".to_vec()),
        (Engine::Redis, b"*2\r\n".repeat(5000)),
        (Engine::Redis, vec![b'+'; 70_000]),
        (Engine::SqlServer, vec![4, 1, 0, 7, 0, 0, 0, 0]),
        (
            Engine::SqlServer,
            [&[4, 0, 0xff, 0xff, 0, 0, 0, 0][..], &[0; 0xfff7]]
                .concat()
                .repeat(8),
        ),
    ] {
        let shown = format!("{engine:?} {:?}", &bytes[..bytes.len().min(16)]);
        assert_eq!(meets(engine, bytes).await, Err(Failure::Garbled), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a server says, it is a failure; nobody logs in by noise.
    #[test]
    fn noise_is_a_failure(
        engine in prop::sample::select(ENGINES.to_vec()),
        head in prop::sample::select(vec![
            &b""[..], b"R\0\0\0\x08\0\0\0\x0a", b"R\0\0\0\x0c\0\0\0\x05abcd", b"E\0\0\0\x09C28000\0",
            b"J\0\0\0\x0a8.0\0", b"*1\r\n$", b"-NOAUTH", b"\x04\x01\0\x20\0\0\0\0\x01\0\x01\0\x01",
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let met = runtime.expect("a runtime").block_on(meets(engine, [head, &noise].concat()));
        prop_assert!(met.is_err());
    }
}
