//! `strongroom audit verify` and `strongroom audit tail`.

use std::sync::Arc;
use std::time::Duration;

use store::journal::{self, Reader};

use super::print;
use crate::cli::UnlockOptions;
use crate::exit::Failure;
use crate::{settings, unlock};

/// How often `tail --follow` looks for new events.
const POLL: Duration = Duration::from_millis(200);

/// Checks the whole journal.
pub(super) fn verify(options: &UnlockOptions) -> Result<(), Failure> {
    let storage = settings::storage(options)?;
    let keyring = unlock::open_existing(&storage)?;
    let summary = journal::verify(&storage.data_dir, &keyring)
        .map_err(|damage| Failure::failed(format!("the journal is damaged: {damage}")))?;
    print(
        format!(
            "ok: {} records in {} segments, chain head {}\n",
            summary.records,
            summary.segments,
            hex(&summary.head.hash)
        )
        .as_bytes(),
    )
}

/// Prints the newest events, one JSON object a line.
pub(super) fn tail(options: &UnlockOptions, lines: usize, follow: bool) -> Result<(), Failure> {
    let storage = settings::storage(options)?;
    let keyring = Arc::new(unlock::open_existing(&storage)?);
    let damaged = |error: &dyn std::fmt::Display| {
        Failure::failed(format!("the journal cannot be read: {error}"))
    };
    let last = journal::last_seq(&storage.data_dir, &keyring).map_err(|error| damaged(&error))?;
    let first = last.saturating_sub(lines as u64) + 1;
    let mut reader = Reader::offline(&storage.data_dir, keyring, first);
    let pause = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    loop {
        while let Some(entry) = reader.next().map_err(|error| damaged(&error))? {
            print(&entry.payload)?;
            print(b"\n")?;
        }
        if !follow {
            return Ok(());
        }
        pause.block_on(async { tokio::time::sleep(POLL).await });
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
