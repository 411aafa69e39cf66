//! Passwords of real servers, which `python -m harness.databases run` starts. Each test is skipped where
//! the environment names no server.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "this is all test code: a surprise fails the test"
)]

mod server;

use std::sync::Arc;

use crypto::Secret;
use databases::{Engine, Failure, How, Login, Rotation, counterpart, set_password, test};
use server::{Direct, Server, Steady};

/// A name that ends nothing early, whatever quotes it goes between.
const HOSTILE: &str = "a\"p'p`;--\\é[x]%";

fn as_user(server: &Server, username: &str, password: &str) -> Login {
    Login {
        engine: server.engine,
        host: "127.0.0.1".to_owned(),
        port: server.port,
        username: username.to_owned(),
        password: Secret::new(password.to_owned()),
        dbname: None,
        tls: databases::Tls::Preferred,
    }
}

async fn enters(server: &Server, username: &str, password: &str) -> bool {
    match test(&Direct, &Steady, &as_user(server, username, password)).await {
        Ok(()) => true,
        Err(Failure::Denied) => false,
        Err(failure) => panic!("{failure}"),
    }
}

/// Single user: from `current` or `previous` to `pending`.
async fn rotate(
    server: &Server,
    name: &str,
    [previous, current, pending]: [&str; 3],
) -> Result<(), Failure> {
    let rotation = Rotation {
        pending: as_user(server, name, pending),
        current: as_user(server, name, current),
        previous: Some(as_user(server, name, previous)),
        how: How::Single,
    };
    set_password(&Direct, &Steady, &rotation).await
}

/// Alternating users: whoever has the turn after `current` gets the password.
async fn alternate(server: &Server, current: [&str; 2], pending: &str) -> Result<(), Failure> {
    let turn = counterpart(server.engine, current[0])?;
    let rotation = Rotation {
        pending: as_user(server, &turn, pending),
        current: as_user(server, current[0], current[1]),
        previous: None,
        how: How::Alternating(Box::new(as_user(server, "root", "sesame"))),
    };
    set_password(&Direct, &Steady, &rotation).await
}

/// What holds for a single user on every server. The user exists, with the password `first'\`.
async fn a_single_user(server: &Server, name: &str) {
    let mut session = server.session(name, "first'\\");
    assert_eq!(session.ask(), "here");
    for (at, pending) in ["zweites\"'\\", "drittes`--;", "Straße-geheim"]
        .into_iter()
        .enumerate()
    {
        let former = ["first'\\", "zweites\"'\\", "drittes`--;"][at];
        assert_eq!(
            rotate(server, name, ["?", former, pending]).await,
            Ok(()),
            "{pending}"
        );
        assert!(enters(server, name, pending).await, "{pending}");
        assert!(!enters(server, name, former).await, "{former}");
        // Again, as after a crash: nothing changes, whatever the current password was.
        assert_eq!(rotate(server, name, ["?", "lost", pending]).await, Ok(()));
        assert!(enters(server, name, pending).await);
    }
    assert_eq!(session.ask(), "here", "a connection that was open stays so");
    // The labels lag behind: what is called previous is what the server has.
    let last = rotate(server, name, ["Straße-geheim", "lost", "letztes"]).await;
    assert_eq!(last, Ok(()));
    assert!(enters(server, name, "letztes").await);
    let lost = rotate(server, name, ["lost", "lost too", "new"]).await;
    assert_eq!(lost, Err(Failure::Denied));
    assert!(enters(server, name, "letztes").await);
}

/// What holds for two users on every server. `name` exists, with the password `one`; `may` says
/// whether a user, with a password, may do what it may.
async fn alternating_users(server: &Server, name: &str, may: impl Fn(&str, &str) -> bool) {
    let clone = counterpart(server.engine, name).expect("a name");
    let mut session = server.session(name, "one");
    assert_eq!(session.ask(), "here");
    let refused = alternate(server, [name, "wrong"], "two").await;
    assert_eq!(
        refused,
        Err(Failure::Denied),
        "whoever lost the password clones nobody"
    );
    assert!(!enters(server, &clone, "two").await);
    for _ in 0..2 {
        assert_eq!(alternate(server, [name, "one"], "two'\\").await, Ok(()));
    }
    assert!(may(&clone, "two'\\"), "the clone may do as much");
    assert!(may(name, "one"), "the original goes on with its password");

    assert_eq!(alternate(server, [&clone, "two'\\"], "three").await, Ok(()));
    assert!(may(name, "three") && !enters(server, name, "one").await);
    assert!(
        may(&clone, "two'\\"),
        "the old password works until the next rotation"
    );

    assert_eq!(alternate(server, [name, "three"], "four").await, Ok(()));
    assert!(may(&clone, "four") && !enters(server, &clone, "two'\\").await);
    assert_eq!(session.ask(), "here");
}

#[tokio::test]
async fn postgres_changes_the_password_of_a_single_user() {
    let Some(server) = Server::named(Engine::Postgres) else {
        return;
    };
    let name = HOSTILE.replace('"', "\"\"");
    server.admin(&format!(
        "CREATE ROLE \"{name}\" LOGIN PASSWORD E'first''\\\\'"
    ));
    a_single_user(&server, HOSTILE).await;
    let kept = server.admin("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'a\"p%'");
    assert!(kept.starts_with("SCRAM-SHA-256$4096:"), "{kept}");
    let log = server.log();
    assert!(log.contains("ALTER ROLE"), "statements are logged");
    for password in ["zweites", "drittes", "letztes"] {
        assert!(!log.contains(password), "the log has no password");
    }
}

#[tokio::test]
async fn postgres_keeps_what_its_setting_says() {
    let Some(server) = Server::named(Engine::Postgres) else {
        return;
    };
    server.admin(
        "CREATE ROLE old LOGIN PASSWORD 'first'; ALTER ROLE old SET password_encryption = 'md5'",
    );
    assert_eq!(
        rotate(&server, "old", ["?", "first", "second"]).await,
        Ok(())
    );
    let kept = server.admin("SELECT rolpassword FROM pg_authid WHERE rolname = 'old'");
    assert!(kept.starts_with("md5"), "{kept}");
    assert!(enters(&server, "old", "second").await);
}

#[tokio::test]
async fn postgres_clones_a_user() {
    let Some(server) = Server::named(Engine::Postgres) else {
        return;
    };
    server.admin("CREATE ROLE \"o'app\" LOGIN PASSWORD 'one'");
    server.admin("CREATE TABLE goods (n int); GRANT SELECT ON goods TO \"o'app\"");
    let may =
        |name: &str, password: &str| server.tells(name, password, "SELECT count(*) FROM goods");
    alternating_users(&server, "o'app", may).await;
}

#[tokio::test]
async fn mariadb_changes_the_password_of_a_single_user() {
    let Some(server) = Server::named(Engine::Mariadb) else {
        return;
    };
    let name = HOSTILE.replace('\'', "''").replace('\\', "\\\\");
    server.admin(&format!(
        "CREATE USER '{name}'@'%' IDENTIFIED BY 'first\\'\\\\'"
    ));
    a_single_user(&server, HOSTILE).await;
}

#[tokio::test]
async fn mariadb_clones_a_user() {
    let Some(server) = Server::named(Engine::Mariadb) else {
        return;
    };
    server.admin(
        "CREATE USER `o'app`@'%' IDENTIFIED BY 'one', `o'app`@'127.0.0.1' IDENTIFIED BY 'one'; \
         CREATE DATABASE shop; CREATE TABLE shop.`goods TO x` (n int); CREATE TABLE shop.more (n int); \
         GRANT SELECT ON shop.`goods TO x` TO `o'app`@'127.0.0.1' WITH GRANT OPTION; \
         CREATE ROLE reader; GRANT SELECT ON shop.more TO reader; \
         GRANT reader TO `o'app`@'127.0.0.1'; SET DEFAULT ROLE reader FOR `o'app`@'127.0.0.1'",
    );
    let question = "SELECT count(*) FROM shop.`goods TO x`, shop.more";
    let may = |name: &str, password: &str| server.tells(name, password, question);
    alternating_users(&server, "o'app", may).await;
    let hosts = server.admin(
        "SELECT GROUP_CONCAT(Host ORDER BY Host) FROM mysql.user WHERE User = 'o\\'app_clone'",
    );
    assert_eq!(hosts.trim(), "%,127.0.0.1");
    let left = server.admin("SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'clone\\_%'");
    assert_eq!(left.trim(), "0", "no unfinished clone is left");
}

#[tokio::test]
async fn redis_changes_the_password_of_a_single_user() {
    let Some(server) = Server::named(Engine::Redis) else {
        return;
    };
    server.admin(&format!("ACL SETUSER {HOSTILE} on >first'\\ +@all ~*"));
    a_single_user(&server, HOSTILE).await;
}

#[tokio::test]
async fn redis_clones_a_user() {
    let Some(server) = Server::named(Engine::Redis) else {
        return;
    };
    server.admin("ACL SETUSER app on >one +get +echo ~goods:* (+set ~cart:*)");
    server.admin("SET goods:1 here");
    let may = |name: &str, password: &str| {
        server.tells(name, password, "GET goods:1")
            && server.tells(name, password, "SET cart:1 x")
            && !server.tells(name, password, "GET cart:1")
    };
    alternating_users(&server, "app", may).await;
    let users = server.admin("ACL LIST");
    assert!(users.contains("user app_clone on "), "{users}");
}

/// Two rotations of one secret at once end with one password that works.
#[tokio::test]
async fn two_at_once_do_no_harm() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(server) = Server::named(engine) else {
            return;
        };
        let server = Arc::new(server);
        server.admin(match engine {
            Engine::Postgres => "CREATE ROLE twice LOGIN PASSWORD 'one'",
            _ => "CREATE USER twice@'%' IDENTIFIED BY 'one'",
        });
        let (first, second) = tokio::join!(
            alternate(&server, ["twice", "one"], "two"),
            alternate(&server, ["twice", "one"], "two"),
        );
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        assert_eq!(alternate(&server, ["twice", "one"], "two").await, Ok(()));
        assert!(enters(&server, "twice_clone", "two").await);
    }
}

#[tokio::test]
async fn servers_with_tls_are_spoken_to_through_it() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(server) = Server::named(engine) else {
            return;
        };
        let Some(secured) = server.secured() else {
            return;
        };
        server.admin(match engine {
            Engine::Postgres => "CREATE ROLE tls LOGIN PASSWORD 'one'",
            _ => "CREATE USER tls@'%' IDENTIFIED BY 'one' REQUIRE SSL",
        });
        let login = |password: &str| {
            let mut login = as_user(&server, "tls", password);
            login.tls = databases::Tls::Required;
            login
        };
        let rotation = Rotation {
            pending: login("two"),
            current: login("one"),
            previous: None,
            how: How::Single,
        };
        let done = set_password(&secured, &Steady, &rotation).await;
        assert_eq!(done, Ok(()), "{engine:?}");
        assert_eq!(test(&secured, &Steady, &login("two")).await, Ok(()));
        let denied = test(&secured, &Steady, &login("one")).await;
        assert_eq!(denied, Err(Failure::Denied));
        let unknown = test(&Direct, &Steady, &login("two")).await;
        assert_eq!(unknown, Err(Failure::Tls), "required, and not to be had");
    }
}
