//! An SMTP server that outlives the desk and remembers every mail it took.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use connectors::email::parse::parse;

/// A mail whose final dot arrived.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Of the desk, counted from 0: which of its lives opened the connection.
    pub life: u64,
    pub message_id: String,
}

pub struct CountingSmtp {
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    life: AtomicU64,
    taken: Mutex<Vec<Taken>>,
}

impl CountingSmtp {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        // Both kinds of thread end with the process, or when the other side hangs up.
        thread::spawn({
            let shared = shared.clone();
            move || {
                for stream in listener.incoming() {
                    let (shared, stream) = (shared.clone(), stream.unwrap());
                    let life = shared.life.load(Ordering::SeqCst);
                    // A connection that breaks off is what this server is here for.
                    thread::spawn(move || drop(talk(&shared, &stream, life)));
                }
            }
        });
        Self { port, shared }
    }

    /// The desk is dead and will be started again.
    pub fn next_life(&self) {
        self.shared.life.fetch_add(1, Ordering::SeqCst);
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }
}

fn talk(shared: &Shared, stream: &TcpStream, life: u64) -> io::Result<()> {
    let mut say = stream;
    let mut lines = BufReader::new(stream);
    say.write_all(b"220 counting.test\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "DATA" => {
                say.write_all(b"354 go\r\n")?;
                let Some(mail) = read_mail(&mut lines)? else { return Ok(()) };
                let message_id = parse(&mail).unwrap().message_id.unwrap();
                let count = {
                    let mut taken = shared.taken.lock().unwrap();
                    taken.push(Taken { life, message_id });
                    taken.len()
                };
                // Between taking a mail and saying so is where a crash hurts.
                thread::sleep(Duration::from_millis(count as u64 % 4 * 5));
                say.write_all(b"250 taken\r\n")?;
            }
            "QUIT" => return say.write_all(b"221 bye\r\n"),
            _ => say.write_all(b"250 ok\r\n")?,
        }
    }
}

/// Up to the final dot; nothing when the other side is gone before.
fn read_mail(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(mail));
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
