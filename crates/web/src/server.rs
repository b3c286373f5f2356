//! The server: how many workers, how long each step may take, and how it stops.

use std::{any::Any, io, net::TcpListener, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::from_fn,
    rt::net::TcpStream,
    web::{self, Data},
};
use desk::{Desk, options::Secret};
use rustix::net::sockopt;

use crate::{
    TrustedProxies,
    body::BodyDeadlines,
    limits::{BadKeys, KnockLimits, Knocks},
    routes, security,
    stream::{Hub, StreamOptions},
    widget::{Doors, Visits, WidgetOptions},
};

/// What the operator, or a test, chose about the HTTP side.
#[derive(Debug, Clone)]
pub struct WebOptions {
    pub workers: usize,
    /// Open connections of each worker; live streams count too.
    pub connections: usize,
    pub trusted_proxies: TrustedProxies,
    pub body: BodyDeadlines,
    pub knocks: KnockLimits,
    pub stream: StreamOptions,
    pub widget: WidgetOptions,
    /// A client that takes nothing of what was sent for so long is gone.
    pub stuck: Duration,
    /// How long running requests may take to finish when the server stops.
    pub drain: Duration,
    /// Who sends this as a bearer token may read `/metrics` from anywhere.
    pub metrics_token: Option<Secret>,
}

impl Default for WebOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            workers: cores.clamp(2, 16),
            connections: 20_000,
            trusted_proxies: TrustedProxies::default(),
            body: BodyDeadlines::default(),
            knocks: KnockLimits::default(),
            stream: StreamOptions::default(),
            widget: WidgetOptions::default(),
            stuck: Duration::from_secs(60),
            drain: Duration::from_secs(8),
            metrics_token: None,
        }
    }
}

/// A head that comes slower than this is no browser's.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// Connections the system keeps until they are taken, if it allows so many: thousands of browsers may
/// come within a second, and whoever finds no room tries again only after seconds.
const BACKLOG: i32 = 4_096;
/// Longer than the minute most proxies keep a connection, so that they close it, not we.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Serves the desk on a listener. The server runs when it is awaited; its handle stops it. Live
/// streams end with `desk.listeners.end()`, which whoever stops it in peace calls first.
///
/// # Errors
/// When the listener cannot be used.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn server(listener: TcpListener, desk: Desk, options: WebOptions) -> io::Result<Server> {
    let (workers, connections, drain) = (options.workers, options.connections, options.drain);
    let stuck = options.stuck;
    let hub = Data::from(Hub::start(&desk, options.stream));
    let desk = Data::new(desk);
    let options = Data::new(options);
    let knocks = Data::new(Knocks::default());
    let bad_keys = Data::new(BadKeys::default());
    let visits = Data::new(Visits::default());
    let doors = Data::new(Doors::default());
    let app = move || {
        App::new()
            .app_data(desk.clone())
            .app_data(options.clone())
            .app_data(knocks.clone())
            .app_data(bad_keys.clone())
            .app_data(visits.clone())
            .app_data(doors.clone())
            .app_data(hub.clone())
            .wrap(from_fn(security::around))
            .configure(|config| routes::all().configure(config))
            .default_service(web::to(routes::unknown))
    };
    rustix::net::listen(&listener, BACKLOG)?;
    let server = HttpServer::new(app)
        .workers(workers)
        .max_connections(connections)
        .keep_alive(KEEP_ALIVE)
        .on_connect(move |connection, _| limit_patience(connection, stuck))
        .client_request_timeout(HEAD_DEADLINE)
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(drain.as_secs())
        // The binary decides what a signal means.
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}

/// Nothing else notices a client that keeps its connection and reads no more: what waits to be
/// written is not looked at again before there is room for it.
fn limit_patience(connection: &dyn Any, stuck: Duration) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let millis = u32::try_from(stuck.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = sockopt::set_tcp_user_timeout(stream, millis) {
        tracing::warn!(%error, "Cannot limit how long a client may take nothing");
    }
}
