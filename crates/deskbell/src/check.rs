//! `deskbell check`: is the data sound, and what waits.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use domain::jobs::JobState;
use storage::{
    Store, StoreError, conversations::counts, inbound, jobs, reports, search::rebuild as search,
};

use crate::{cli::Check, config::Config};

const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);

pub fn run(config: &Config, options: &Check) -> Result<ExitCode> {
    if options.health {
        ask_server(config.listen)?;
        println!("The server answers.");
        return Ok(ExitCode::SUCCESS);
    }
    if options.rebuild_counters || options.rebuild_search || options.rebuild_aggregates {
        rebuild(config, options)?;
    }
    let store = Store::open_read_only(&config.data)?;
    let (sqlite, schema) = store.versions();
    println!("Deskbell {}, SQLite {sqlite}, schema {schema}", env!("CARGO_PKG_VERSION"));
    let metrics = store.metrics();
    println!(
        "Database {} bytes, log {} bytes, {} bytes free",
        metrics.database_bytes, metrics.wal_bytes, metrics.disk_free_bytes
    );
    let held = print_jobs(&store)?;
    let mut problems = store.integrity(!options.quick)?;
    match store.read_blocking(counts::differences) {
        Ok(0) => {}
        Ok(count) => problems.push(format!(
            "{count} conversation totals are wrong: stop the server and run \
             `deskbell check --rebuild-counters`"
        )),
        // Reads have a deadline, and counting a million conversations takes longer.
        Err(StoreError::Deadline) => println!("The conversation totals are too many to compare."),
        Err(error) => return Err(error.into()),
    }
    let forgotten = store.read_blocking(inbound::forgotten)?;
    if !forgotten.is_empty() {
        problems.push(format!("{} mails wait, and no job will process them", forgotten.len()));
    }
    store.close_blocking();
    if held > 0 {
        println!(
            "{held} jobs are on hold after a restore; an admin releases them: POST /api/jobs/release"
        );
    }
    if problems.is_empty() {
        println!("The database is sound.");
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &problems {
        println!("Wrong: {problem}");
    }
    println!(
        "If the database is damaged, restore a backup: `deskbell restore FILE` into a new folder."
    );
    Ok(ExitCode::FAILURE)
}

/// Rows of the search index made, or conversations counted, in one commit.
const SLICE: u32 = 2_000;

/// Takes the lock: the server must not count or index along meanwhile.
fn rebuild(config: &Config, options: &Check) -> Result<()> {
    let store = Store::open(storage::Options::new(&config.data))?;
    if options.rebuild_counters {
        store.write_blocking(counts::rebuild)?;
        println!("The conversation totals were counted anew.");
    }
    if options.rebuild_search {
        store.write_blocking(search::clear)?;
        let mut next = Some(search::Step::FIRST);
        while let Some(step) = next {
            next = store.write_blocking(move |tx| search::step(tx, step, SLICE))?;
        }
        println!("The search index was made anew.");
    }
    if options.rebuild_aggregates {
        store.write_blocking(reports::begin)?;
        while !store.write_blocking(|tx| reports::catch_up(tx, SLICE))? {}
        println!("The figures of analytics were counted anew.");
    }
    store.close_blocking();
    Ok(())
}

fn print_jobs(store: &Store) -> Result<u64> {
    let rows = store.read_blocking(jobs::summary)?;
    if rows.is_empty() {
        println!("No jobs wait.");
    }
    let mut held = 0;
    for (kind, state, count) in rows {
        println!("Jobs {kind}, {state}: {count}");
        if state == JobState::Held {
            held += count;
        }
    }
    Ok(held)
}

/// Asks `/healthz` at the configured address.
fn ask_server(listen: SocketAddr) -> Result<()> {
    let ip = match listen.ip() {
        it if it.is_unspecified() && it.is_ipv4() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        it if it.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        it => it,
    };
    let address = SocketAddr::new(ip, listen.port());
    let no_answer = || format!("no answer from {address}");
    let mut stream =
        TcpStream::connect_timeout(&address, HEALTH_TIMEOUT).with_context(no_answer)?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT)).with_context(no_answer)?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).with_context(no_answer)?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).with_context(no_answer)?;
    if answer != *b"HTTP/1.1 200" {
        bail!("{address} answered {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
