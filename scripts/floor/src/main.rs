//! The floor: bare actix-web and rusqlite doing what Deskbell's two hottest calls do, with the same
//! rows and the same JSON, but without identity, permissions, limits, rules or errors for people.
//!
//! `floor DATABASE PORT`

mod list;
mod send;

use actix_web::{App, HttpResponse, HttpServer, web};
use rusqlite::{Connection, OpenFlags};

pub struct Database(pub String);

impl Database {
    pub fn reader(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0, flags).expect("the database opens");
        connection.set_prepared_statement_cache_capacity(64);
        // As Deskbell's readers have it.
        connection
            .execute_batch("PRAGMA mmap_size = 268435456; PRAGMA query_only = ON;")
            .expect("pragmas are known");
        connection
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().expect("floor DATABASE PORT");
    let port: u16 = arguments.next().and_then(|it| it.parse().ok()).expect("floor DATABASE PORT");
    let writer = web::Data::new(send::Writer::start(&database));
    let database = web::Data::new(Database(database));
    HttpServer::new(move || {
        App::new()
            .app_data(database.clone())
            .app_data(writer.clone())
            .route("/on-worker", web::get().to(list::on_worker))
            .route("/in-pool", web::get().to(list::in_pool))
            .route("/messages/{number}", web::post().to(send::message))
            .route("/healthz", web::get().to(HttpResponse::Ok))
    })
    .workers(std::thread::available_parallelism().map_or(2, usize::from))
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
