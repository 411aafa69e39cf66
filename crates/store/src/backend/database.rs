//! The SQL: one table of sealed rows, the outbox, the sealed state.

use std::fs::OpenOptions;
use std::ops::Bound;
use std::path::Path;
use std::time::Duration;

use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, params};

use super::{Range, Row};
use crate::apply::{Rows, Stamp, State};
use crate::directory;
use crate::error::{OpenError, StoreError};
use crate::sealing::Sealer;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS records (
        key BLOB PRIMARY KEY, version INTEGER NOT NULL, mac BLOB NOT NULL, bytes BLOB NOT NULL
    ) WITHOUT ROWID, STRICT;
    CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL)
        STRICT;
";

// In one transaction, and not with `VACUUM`, which writes the rows to a file elsewhere first.
const REBUILD: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE rebuilt (
        key BLOB PRIMARY KEY, version INTEGER NOT NULL, mac BLOB NOT NULL, bytes BLOB NOT NULL
    ) WITHOUT ROWID, STRICT;
    INSERT INTO rebuilt SELECT key, version, mac, bytes FROM records ORDER BY key;
    DROP TABLE records;
    ALTER TABLE rebuilt RENAME TO records;
    COMMIT;
";

/// A connection: the only one that writes, or one of several that read.
pub(crate) struct Database(Connection);

impl Database {
    /// Opens or creates the database, for writing.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        // Created here and not by SQLite, for the mode; the other files take it over.
        directory::create(
            path,
            OpenOptions::new().write(true).create(true).truncate(false),
        )
        .map_err(OpenError::io(path))?;
        let open = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_NOFOLLOW;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "full")?;
            // What is deleted is overwritten, so that an old keyring cannot bring it back.
            connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
            prepare(&connection)?;
            connection.execute_batch(SCHEMA)?;
            Ok(Self(connection))
        };
        let database = open().map_err(|error: rusqlite::Error| database(&error))?;
        directory::sync(path.parent().unwrap_or(path)).map_err(OpenError::io(path))?;
        Ok(database)
    }

    /// Opens the existing database for reading.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, OpenError> {
        let open = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_NOFOLLOW;
            let connection = Connection::open_with_flags(path, flags)?;
            prepare(&connection)?;
            Ok(Self(connection))
        };
        open().map_err(|error: rusqlite::Error| database(&error))
    }

    pub(crate) fn get(&self, index: &[u8]) -> rusqlite::Result<Option<Row>> {
        let mut select = self
            .0
            .prepare_cached("SELECT version, bytes FROM records WHERE key = ?1")?;
        let row = |row: &rusqlite::Row<'_>| {
            let version = row.get::<_, i64>(0)?.cast_unsigned();
            Ok(Row {
                index: index.to_vec(),
                version,
                sealed: row.get(1)?,
            })
        };
        select.query_row([index], row).optional()
    }

    /// The rows of these keys, in their order.
    pub(crate) fn get_all(&self, indexes: &[Vec<u8>]) -> rusqlite::Result<Vec<Option<Row>>> {
        // Locks are taken once and not for each of them.
        let reading = self.0.unchecked_transaction()?;
        let rows: rusqlite::Result<_> = indexes.iter().map(|index| self.get(index)).collect();
        reading.finish()?;
        rows
    }

    pub(crate) fn count(&self, range: &Range) -> rusqlite::Result<u64> {
        let (mut select, from, to) = self.ranged("SELECT count(*) FROM records", range, "")?;
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        Ok(select.query_row([from, to], count)?.cast_unsigned())
    }

    pub(crate) fn scan(&self, range: &Range, limit: usize) -> rusqlite::Result<Vec<Row>> {
        let (mut select, from, to) = self.ranged(
            "SELECT key, version, bytes FROM records",
            range,
            "ORDER BY key LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let row = |row: &rusqlite::Row<'_>| {
            let version = row.get::<_, i64>(1)?.cast_unsigned();
            Ok(Row {
                index: row.get(0)?,
                version,
                sealed: row.get(2)?,
            })
        };
        select.query_map(params![from, to, limit], row)?.collect()
    }

    /// The sealed state, if there is one, and whether there are rows.
    pub(crate) fn state(&self) -> rusqlite::Result<(Option<Vec<u8>>, bool)> {
        let state = self
            .0
            .query_row("SELECT bytes FROM state WHERE id = 1", [], |row| row.get(0));
        let rows = self
            .0
            .query_row("SELECT EXISTS (SELECT 1 FROM records)", [], |row| {
                row.get(0)
            });
        Ok((state.optional()?, rows?))
    }

    pub(crate) fn put_state(&self, sealed: &[u8]) -> rusqlite::Result<()> {
        let mut put = self
            .0
            .prepare_cached("INSERT OR REPLACE INTO state (id, bytes) VALUES (1, ?1)")?;
        put.execute([sealed]).map(|_| ())
    }

    /// The sealed events of the commits from `seq` on, in order.
    pub(crate) fn outbox_from(&self, seq: u64) -> rusqlite::Result<Vec<(u64, Vec<u8>)>> {
        let mut select = self
            .0
            .prepare("SELECT seq, bytes FROM outbox WHERE seq >= ?1 ORDER BY seq")?;
        let event =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?));
        select.query_map([seq.cast_signed()], event)?.collect()
    }

    pub(crate) fn put_events(&self, seq: u64, sealed: &[u8]) -> rusqlite::Result<()> {
        let mut put = self
            .0
            .prepare_cached("INSERT INTO outbox (seq, bytes) VALUES (?1, ?2)")?;
        put.execute(params![seq.cast_signed(), sealed]).map(|_| ())
    }

    /// Forgets the events of the commits up to `seq`.
    pub(crate) fn clear_outbox(&self, seq: u64) -> rusqlite::Result<()> {
        let mut delete = self
            .0
            .prepare_cached("DELETE FROM outbox WHERE seq <= ?1")?;
        delete.execute([seq.cast_signed()]).map(|_| ())
    }

    pub(crate) fn begin(&self) -> rusqlite::Result<()> {
        self.0
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])
            .map(|_| ())
    }

    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.0.prepare_cached("COMMIT")?.execute([]).map(|_| ())
    }

    /// Ends the transaction, if SQLite has not done so itself after an error.
    pub(crate) fn roll_back(&self) {
        if !self.0.is_autocommit() {
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }

    /// Moves the write-ahead log into the database and empties it. False where a reader is still
    /// at it: the log is as long as before.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<bool> {
        let idle = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(|busy| busy == 0);
        self.0
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], idle)
    }

    /// Copies all rows into fresh pages and overwrites the old ones.
    ///
    /// `secure_delete` overwrites what is deleted where it stood, and no more: a page whose rows
    /// SQLite has spread over its neighbours may keep remains of them between the rows.
    pub(crate) fn rebuild(&self) -> rusqlite::Result<()> {
        self.0.execute_batch(REBUILD)
    }

    /// Compares every row with the sealed state; returns how many there are.
    pub(crate) fn verify(&self, state: &State, sealer: &Sealer) -> Result<u64, StoreError> {
        let broken = |error: rusqlite::Error| StoreError::Database(error.to_string());
        let sound: String = self
            .0
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(broken)?;
        if sound != "ok" {
            return Err(StoreError::Database(sound));
        }
        let (digest, rows) = self.digest(sealer).map_err(broken)?;
        if (digest, rows) == (state.digest, state.rows) {
            Ok(rows)
        } else {
            let what = "rows were changed, are missing, or were put back";
            Err(StoreError::Database(what.to_owned()))
        }
    }

    fn digest(&self, sealer: &Sealer) -> rusqlite::Result<(u128, u64)> {
        let mut select = self.0.prepare("SELECT key, version, bytes FROM records")?;
        let (mut digest, mut count) = (0, 0);
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (index, version, sealed): (Vec<u8>, i64, Vec<u8>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            digest ^= sealer.fingerprint(&index, version.cast_unsigned(), &sealed);
            count += 1;
        }
        Ok((digest, count))
    }

    fn ranged<'a>(
        &self,
        select: &str,
        range: &'a Range,
        order: &str,
    ) -> rusqlite::Result<(CachedStatement<'_>, &'a [u8], &'a [u8])> {
        let (from, above) = match &range.from {
            Bound::Included(key) => (key.as_slice(), ">="),
            Bound::Excluded(key) => (key.as_slice(), ">"),
            Bound::Unbounded => (&[][..], ">="),
        };
        let (to, below) = match &range.to {
            Bound::Included(key) => (key.as_slice(), "<="),
            Bound::Excluded(key) => (key.as_slice(), "<"),
            // Every key is longer than nothing; the comparison is made true for all.
            Bound::Unbounded => (&[][..], ">="),
        };
        let sql = format!("{select} WHERE key {above} ?1 AND key {below} ?2 {order}");
        Ok((self.0.prepare_cached(&sql)?, from, to))
    }
}

impl Rows for &Database {
    type Error = rusqlite::Error;

    fn stamp(&mut self, index: &[u8]) -> rusqlite::Result<Stamp> {
        let mut select = self
            .0
            .prepare_cached("SELECT version, mac FROM records WHERE key = ?1")?;
        let stamp = |row: &rusqlite::Row<'_>| {
            let (version, mac): (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
            Ok(Stamp {
                version: version.cast_unsigned(),
                fingerprint: u128::from_be_bytes(mac),
            })
        };
        Ok(select
            .query_row([index], stamp)
            .optional()?
            .unwrap_or_default())
    }

    fn extent(&mut self, range: &Range) -> rusqlite::Result<(u64, u64)> {
        let (mut select, from, to) = self.ranged(
            "SELECT count(*), coalesce(max(version), 0) FROM records",
            range,
            "",
        )?;
        let extent = |row: &rusqlite::Row<'_>| {
            let (count, last): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((count.cast_unsigned(), last.cast_unsigned()))
        };
        select.query_row([from, to], extent)
    }

    fn put(&mut self, index: &[u8], stamp: Stamp, sealed: &[u8]) -> rusqlite::Result<()> {
        let mut put = self.0.prepare_cached(
            "INSERT OR REPLACE INTO records (key, version, mac, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let (version, mac) = (stamp.version.cast_signed(), stamp.fingerprint.to_be_bytes());
        put.execute(params![index, version, mac, sealed])
            .map(|_| ())
    }

    fn delete(&mut self, index: &[u8]) -> rusqlite::Result<()> {
        let mut delete = self
            .0
            .prepare_cached("DELETE FROM records WHERE key = ?1")?;
        delete.execute([index]).map(|_| ())
    }
}

/// Names the failure without the SQL.
pub(crate) fn database(error: &rusqlite::Error) -> OpenError {
    OpenError::Database(error.to_string())
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "cache_size", -2000)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}
