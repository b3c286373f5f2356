//! Running the server: opening, wiring, and stopping in order.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use desk::{
    Clock, Desk,
    backups::{self, Schedule},
    identity,
    options::Secret,
    tokens::Token,
    visitors::live,
    workers,
};
use storage::{OpenError, Store};
use tokio::signal::unix::{SignalKind, signal};
use web::{TrustedProxies, WebOptions, WidgetOptions};

use crate::{
    config::{Chat, Config},
    demo::{Demo, Place},
    keys,
};

/// Running requests get this long to finish; then the store still has to empty its queue within
/// the ten seconds a stop may take.
const DRAIN: Duration = Duration::from_secs(7);
const STOP: Duration = Duration::from_millis(9_500);
/// Connections that may wait to be accepted, as far as the system allows: after a restart all
/// browsers return at once. The standard library's 128 would turn them away for a second.
const BACKLOG: i32 = 4_096;

/// Descriptors that connections leave to the database, files and mail servers.
const KEPT_DESCRIPTORS: u64 = 256;

pub fn serve(config: &Config, demo: bool) -> Result<()> {
    // Ten thousand browsers hold ten thousand live streams.
    let descriptors = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or_else(|error| {
        tracing::warn!(%error, "The limit of open files cannot be raised");
        1_024
    });
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("a cryptography provider was installed already");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let place = if demo { Some(Place::of(config)?) } else { None };
    let elsewhere = place.as_ref().map(|place| {
        let data = place.data().to_owned();
        Config { data, ..config.clone() }
    });
    let config = elsewhere.as_ref().unwrap_or(config);
    let desk = open(config)?;
    let demo = match place {
        Some(_) => Some(Demo::prepare(&desk, &runtime)?),
        None => None,
    };
    let result = runtime.block_on(run(config, desk, descriptors, demo));
    // Work on blocking threads that nobody waits for any more must not hold the process.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

async fn run(config: &Config, desk: Desk, descriptors: u64, demo: Option<Demo>) -> Result<()> {
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("listen: {} cannot be used", config.listen))?;
    rustix::net::listen(&listener, BACKLOG).context("listen")?;
    listener.set_nonblocking(true).context("listen")?;
    let address = listener.local_addr().context("listen")?;
    let defaults = WebOptions::default();
    let each = connections(descriptors, defaults.workers).min(defaults.connections);
    let streams = chat_limits(&config.chat, each * defaults.workers);
    let options = WebOptions {
        connections: each,
        trusted_proxies: TrustedProxies(config.trusted_proxies.clone()),
        metrics_token: config.metrics.token.as_ref().map(|it| Secret::new(it.reveal())),
        drain: DRAIN,
        widget: WidgetOptions { demo: demo.as_ref().map(|it| it.chat), streams, ..defaults.widget },
        ..defaults
    };
    let server = web::server(listener, desk.clone(), options).context("the server cannot start")?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let working = workers::spawn(&desk);
    let backing_up = start_backups(config, &desk);
    tracing::info!(%address, "Serving on http://{address}");
    if let Some(demo) = &demo {
        demo.print(&base_url(config, address));
    } else if let Some(token) = identity::setup_token(&desk).await? {
        print_setup_link(config, address, &token);
    }

    let reason = until_stop(&desk).await?;
    tracing::info!(reason = reason.as_str(), "Stopping");
    backing_up.abort();
    // Streams have no end of their own that could be waited for.
    desk.listeners.end();
    let stopping = async {
        // Side by side: both give what runs a few seconds.
        tokio::join!(handle.stop(!reason.is_fatal()), working.stop());
        // Whether it ended well was for its log to say.
        let _ = serving.await;
        let store = desk.store.clone();
        drop(desk);
        store.close().await;
    };
    let in_time = tokio::time::timeout(STOP, stopping).await.is_ok();
    match reason {
        Reason::Fatal(why) => bail!("stopped because {why}"),
        Reason::Signal(_) if !in_time => tracing::warn!("Stopped before everything had ended"),
        Reason::Signal(_) => tracing::info!("Stopped"),
    }
    Ok(())
}

/// Connections of each worker: more wait to be accepted, or nothing could be opened any more.
fn connections(descriptors: u64, workers: usize) -> usize {
    let for_connections = descriptors.saturating_sub(KEPT_DESCRIPTORS).max(descriptors / 2);
    usize::try_from(for_connections).unwrap_or(usize::MAX) / workers
}

/// Visitors leave connections to agents, and strangers from one address leave some to other visitors.
fn chat_limits(config: &Chat, connections: usize) -> live::Limits {
    let of_everybody = config.visitors.min(connections * 3 / 4).max(1);
    live::Limits {
        of_one_network: config.visitors_per_address.min(connections / 8).max(1),
        of_one_channel: of_everybody,
        of_everybody,
        ..live::Limits::default()
    }
}

fn open(config: &Config) -> Result<Desk> {
    keys::refuse_half_a_restore(&config.data)?;
    let store = Store::open(storage::Options::new(&config.data)).map_err(|error| match error {
        // The folder itself: the key to change.
        OpenError::File { .. } => anyhow::Error::from(error).context("data"),
        other => other.into(),
    })?;
    let keys = keys::open(&store, &config.data)?;
    Ok(Desk::new(store, Clock::system(), keys, config.desk_options()))
}

fn start_backups(config: &Config, desk: &Desk) -> tokio::task::JoinHandle<()> {
    let every = config.backup.every;
    let (store, clock, data) = (desk.store.clone(), desk.clock.clone(), config.data.clone());
    let (keep, folder) = (config.backup.keep, config.backup_folder());
    tokio::spawn(async move {
        if let Some(every) = every {
            backups::keep_writing(store, data, Schedule { every, keep, folder }, clock).await;
        }
    })
}

enum Reason {
    Signal(&'static str),
    Fatal(String),
}

impl Reason {
    fn as_str(&self) -> &str {
        match self {
            Self::Signal(name) => name,
            Self::Fatal(why) => why,
        }
    }

    fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_))
    }
}

async fn until_stop(desk: &Desk) -> Result<Reason> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
    let mut fatal = desk.store.fatal();
    tokio::select! {
        _ = terminate.recv() => Ok(Reason::Signal("SIGTERM")),
        _ = interrupt.recv() => Ok(Reason::Signal("SIGINT")),
        why = fatal.wait_for(Option::is_some) => {
            let why = why.ok().and_then(|it| it.clone());
            Ok(Reason::Fatal(why.unwrap_or_else(|| "the database is gone".to_owned())))
        }
    }
}

/// On standard output, not in the log: whoever has the token becomes the admin.
fn print_setup_link(config: &Config, address: SocketAddr, token: &Token) {
    let base = base_url(config, address);
    println!(
        "\nNobody has set up this desk yet. Open this link in a browser:\n\n  {base}/setup#{token}\n\n\
         or send the same with curl:\n\n  \
         curl -c cookies -X POST {base}/api/setup -H 'Content-Type: application/json' \\\n    \
         -d '{{\"token\": \"{token}\", \"workspace\": \"My company\", \"name\": \"My name\", \
         \"email\": \"me@example.com\", \"password\": \"a long password\"}}'\n\n\
         The link works once. A restart prints a new one.\n",
        token = token.reveal(),
    );
}

fn base_url(config: &Config, address: SocketAddr) -> String {
    match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{}", reachable(address)),
    }
}

/// An address a person on this machine can type.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(it) if it.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(it) if it.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        it => it,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_never_take_all_connections() {
        let limits = |connections| {
            let it = chat_limits(&Chat::default(), connections);
            (it.of_everybody, it.of_one_network)
        };
        assert_eq!(limits(40_000), (12_000, 500));
        assert_eq!(limits(768), (576, 96), "a system with few descriptors");
        let many = Chat { visitors: 50_000, visitors_per_address: 50_000 };
        let it = chat_limits(&many, 40_000);
        assert_eq!(
            (it.of_everybody, it.of_one_channel, it.of_one_network),
            (30_000, 30_000, 5_000)
        );
    }
}
