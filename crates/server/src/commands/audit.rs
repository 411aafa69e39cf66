//! `strongroom audit`: looks into the journal of a data directory, whether a server runs or not.

mod events;
mod filter;
mod open;

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use store::journal;

use self::events::{Events, each};
use self::filter::{Known, heading};
use super::print;
use crate::cli::{AuditCommand, EventFilter, QueryOptions, UnlockOptions};
use crate::exit::Failure;
use crate::{settings, unlock};

/// How often `tail --follow` looks for new events.
const POLL: Duration = Duration::from_millis(200);

/// Does what was asked.
pub(super) fn run(command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(options) => verify(options),
        AuditCommand::Query(options) => query(options),
        AuditCommand::Export {
            output,
            filter,
            unlock,
        } => export(unlock, filter, output.as_deref()),
        AuditCommand::Open { file, server } => block_on(open::run(file, server)),
        AuditCommand::Tail {
            lines,
            follow,
            unlock,
        } => tail(unlock, *lines, *follow),
    }
}

/// Runs what asks a server.
fn block_on(asking: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let builder = &mut tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(asking)
}

/// Checks the whole journal.
fn verify(options: &UnlockOptions) -> Result<(), Failure> {
    let storage = settings::storage(options)?;
    let keyring = unlock::open_existing(&storage)?;
    let summary = journal::verify(&storage.data_dir, &keyring)
        .map_err(|damage| Failure::failed(format!("the journal is damaged: {damage}")))?;
    let mut line = format!(
        "ok: {} records in {} segments, chain head {}\n",
        summary.records,
        summary.segments,
        hex(&summary.head.hash)
    );
    if summary.first_seq > 1 {
        let deleted = summary.first_seq - 1;
        line.push_str(&format!(
            "{deleted} older records were deleted by retention\n"
        ));
    }
    print(line.as_bytes())
}

/// Prints the newest events, one JSON object a line.
fn tail(options: &UnlockOptions, lines: usize, follow: bool) -> Result<(), Failure> {
    let mut events = Events::newest(options, lines)?;
    loop {
        while let Some(entry) = events.next()? {
            print(&entry.payload)?;
            print(b"\n")?;
        }
        if !follow {
            return Ok(());
        }
        events.pause(POLL);
    }
}

/// Prints the events that were asked for.
fn query(options: &QueryOptions) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut left = options.limit.unwrap_or(u64::MAX);
    if options.table {
        out.write_all(heading().as_bytes()).map_err(unwritten)?;
    }
    if left > 0 {
        each(&options.unlock, &options.filter, &mut |entry| {
            let line = Known::read(&entry.payload).filter(|_| options.table);
            let written = match line {
                Some(event) => out.write_all(event.line().as_bytes()),
                None => out
                    .write_all(&entry.payload)
                    .and_then(|()| out.write_all(b"\n")),
            };
            written.map_err(unwritten)?;
            left -= 1;
            Ok(left > 0)
        })?;
    }
    out.flush().map_err(unwritten)
}

/// Writes the events that were asked for as CloudTrail's log files have them.
fn export(
    options: &UnlockOptions,
    filter: &EventFilter,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let Some(path) = output else {
        return records(options, filter, BufWriter::new(io::stdout().lock())).map(drop);
    };
    let shown = path.display();
    let failed = |error: io::Error| Failure::failed(format!("cannot write `{shown}`: {error}"));
    let mut new = OpenOptions::new();
    let file = new.write(true).create_new(true).mode(0o600).open(path);
    let file = BufWriter::new(file.map_err(failed)?);
    let mut file = if path.extension().is_some_and(|ending| ending == "gz") {
        let packed = records(
            options,
            filter,
            GzEncoder::new(file, Compression::default()),
        )?;
        packed.finish().map_err(failed)?
    } else {
        records(options, filter, file)?
    };
    file.flush()
        .and_then(|()| file.get_ref().sync_all())
        .map_err(failed)
}

fn records<W: Write>(
    options: &UnlockOptions,
    filter: &EventFilter,
    mut out: W,
) -> Result<W, Failure> {
    out.write_all(b"{\"Records\":[").map_err(unwritten)?;
    let mut is_first = true;
    each(options, filter, &mut |entry| {
        if !std::mem::take(&mut is_first) {
            out.write_all(b",").map_err(unwritten)?;
        }
        out.write_all(&entry.payload).map_err(unwritten)?;
        Ok(true)
    })?;
    out.write_all(b"]}").map_err(unwritten)?;
    out.flush().map_err(unwritten)?;
    Ok(out)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn unwritten(error: io::Error) -> Failure {
    Failure::failed(format!("cannot write what was found: {error}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
