//! A closed-loop load generator: each connection sends its next request when it has the answer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a run measured.
pub(crate) struct Outcome {
    pub(crate) seconds: f64,
    /// In microseconds, in no order.
    pub(crate) latencies: Vec<u32>,
}

/// Repeats `requests` over `connections` for `seconds`.
pub(crate) fn run(
    address: &str,
    requests: &[Vec<u8>],
    connections: usize,
    seconds: f64,
) -> Result<Outcome> {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    timed(|| converse(address, requests, connections, |_, _| true, end))
}

/// Sends each request once, over `connections`.
pub(crate) fn once(address: &str, requests: &[Vec<u8>], connections: usize) -> Result<Outcome> {
    let end = Instant::now() + Duration::from_secs(3600);
    let goes_on = |sent: usize, own: usize| sent < own;
    timed(|| converse(address, requests, connections, goes_on, end))
}

fn timed(run: impl FnOnce() -> Result<Vec<u32>>) -> Result<Outcome> {
    let began = Instant::now();
    let latencies = run()?;
    Ok(Outcome {
        seconds: began.elapsed().as_secs_f64(),
        latencies,
    })
}

fn converse(
    address: &str,
    requests: &[Vec<u8>],
    connections: usize,
    goes_on: impl Fn(usize, usize) -> bool + Copy + 'static,
    end: Instant,
) -> Result<Vec<u32>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let set = tokio::task::LocalSet::new();
        let share = requests.len().div_ceil(connections).max(1);
        let mut tasks = Vec::new();
        for own in requests.chunks(share) {
            let own: Vec<Vec<u8>> = own.to_vec();
            let address = address.to_owned();
            tasks.push(
                set.spawn_local(async move { one_connection(&address, &own, goes_on, end).await }),
            );
        }
        set.run_until(async move {
            let mut all = Vec::new();
            for task in tasks {
                all.extend(task.await??);
            }
            anyhow::Ok(all)
        })
        .await
    })
}

async fn one_connection(
    address: &str,
    requests: &[Vec<u8>],
    goes_on: impl Fn(usize, usize) -> bool,
    end: Instant,
) -> Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::new();
    let mut answer = vec![0; 16 * 1024];
    for (sent, request) in requests.iter().cycle().enumerate() {
        let started = Instant::now();
        if started >= end || !goes_on(sent, requests.len()) {
            break;
        }
        stream.write_all(request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies)
}

/// Reads one answer and fails unless its status is 200.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let read = stream
            .read(buffer.get_mut(filled..).unwrap_or_default())
            .await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        filled += read;
        let seen = buffer.get(..filled).unwrap_or_default();
        if let Some(whole) = length(seen)?
            && filled >= whole
        {
            if !seen.starts_with(b"HTTP/1.1 200") {
                bail!("not 200: {}", String::from_utf8_lossy(seen));
            }
            return Ok(());
        }
    }
}

/// Whether a whole answer is there.
pub(crate) fn is_whole(seen: &[u8]) -> Result<bool> {
    Ok(length(seen)?.is_some_and(|whole| seen.len() >= whole))
}

/// The length of the whole answer, once its head is there.
fn length(seen: &[u8]) -> Result<Option<usize>> {
    let Some(head) = seen.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(seen.get(..head).unwrap_or_default())?;
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("an answer without content-length")?;
    Ok(Some(head + 4 + length.parse::<usize>()?))
}
