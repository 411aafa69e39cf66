//! A session with a server, of whatever engine.

use crypto::Random;

use crate::failure::Failure;
use crate::login::{Engine, Login};
use crate::mysql::Mysql;
use crate::network::Network;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::sqlserver::SqlServer;

/// A session of a user who has logged in.
pub(crate) enum Session {
    /// PostgreSQL.
    Postgres(Postgres),
    /// MySQL or MariaDB.
    Mysql(Mysql),
    /// Redis or Valkey.
    Redis(Redis),
    /// SQL Server.
    SqlServer(SqlServer),
}

impl Session {
    /// Logs in.
    pub(crate) async fn enter(
        network: &dyn Network,
        random: &dyn Random,
        login: &Login,
    ) -> Result<Self, Failure> {
        Ok(match login.engine {
            Engine::Postgres => Self::Postgres(Postgres::enter(network, random, login).await?),
            Engine::Mysql | Engine::Mariadb => Self::Mysql(Mysql::enter(network, login).await?),
            Engine::Redis => Self::Redis(Redis::enter(network, login).await?),
            Engine::SqlServer => Self::SqlServer(SqlServer::enter(network, login).await?),
        })
    }

    /// Asks for something that every user may ask for.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        match self {
            Self::Postgres(session) => session.ask().await,
            Self::Mysql(session) => session.ask().await,
            Self::Redis(session) => session.ask().await,
            Self::SqlServer(session) => session.ask().await,
        }
    }

    /// Gives the user of this session, who logged in with `used`, the password of `pending`.
    pub(crate) async fn set_own_password(
        &mut self,
        random: &dyn Random,
        used: &Login,
        pending: &Login,
    ) -> Result<(), Failure> {
        match self {
            Self::Postgres(session) => session.set_password(random, pending).await,
            Self::Mysql(session) => session.set_own_password(pending).await,
            Self::Redis(session) => session.set_password(pending).await,
            Self::SqlServer(session) => session.set_own_password(used, pending).await,
        }
    }

    /// Gives the user of `pending` its password; where there is no such user, makes one that may do
    /// what `original` may. The session is of somebody who may do that.
    pub(crate) async fn set_or_clone(
        &mut self,
        random: &dyn Random,
        original: &str,
        pending: &Login,
    ) -> Result<(), Failure> {
        match self {
            Self::Postgres(session) => session.set_or_clone(random, original, pending).await,
            Self::Mysql(session) => session.set_or_clone(original, pending).await,
            Self::Redis(session) => session.set_or_clone(original, pending).await,
            Self::SqlServer(_) => Err(Failure::Login(
                "users of SQL Server do not take turns; rotate a single user".to_owned(),
            )),
        }
    }
}
