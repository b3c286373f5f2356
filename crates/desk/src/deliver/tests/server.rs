//! A mail server on loopback that fails as it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Connect,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    /// The final dot.
    Dot,
}

/// What happens when the verb is reached next.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Reply(Verb, &'static str),
    /// The connection ends without an answer.
    Close(Verb),
    /// The mail is taken and the connection ends without an answer.
    TakeAndClose,
    /// Nothing more is said, for ever.
    Hang(Verb),
}

impl Fault {
    fn verb(self) -> Verb {
        match self {
            Self::Reply(verb, _) | Self::Close(verb) | Self::Hang(verb) => verb,
            Self::TakeAndClose => Verb::Dot,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub to: Vec<String>,
    pub data: String,
}

impl Mail {
    pub fn message_id(&self) -> String {
        let parsed = connectors::email::parse::parse(self.data.as_bytes()).unwrap();
        parsed.message_id.unwrap()
    }
}

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    mails: Vec<Mail>,
    connections: usize,
}

#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, state: Arc::default() };
        let state = server.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        server
    }

    /// Fails like this, one after another, then no more.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.state.lock().unwrap().mails.clone()
    }

    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

/// The end of a connection, or an error of it, which is the same here.
type Ended = Option<()>;

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) -> Ended {
    let mut stream = BufReader::new(stream);
    answer(&mut stream, &state, Verb::Connect, "220 fake").await?;
    let mut to = Vec::new();
    loop {
        let line = line(&mut stream).await?;
        match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "EHLO" => drop(answer(&mut stream, &state, Verb::Ehlo, "250 fake").await?),
            "MAIL" => {
                to.clear();
                answer(&mut stream, &state, Verb::Mail, "250 ok").await?;
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if answer(&mut stream, &state, Verb::Rcpt, "250 ok").await? {
                    to.push(address);
                }
            }
            "DATA" => {
                if !answer(&mut stream, &state, Verb::Data, "354 go").await? {
                    continue;
                }
                let mail = Mail { to: to.clone(), data: data(&mut stream).await? };
                if matches!(state.lock().unwrap().faults.front(), Some(Fault::TakeAndClose)) {
                    state.lock().unwrap().mails.push(mail.clone());
                }
                if answer(&mut stream, &state, Verb::Dot, "250 taken").await? {
                    state.lock().unwrap().mails.push(mail);
                }
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await.ok(),
            _ => stream.write_all(b"250 ok\r\n").await.ok()?,
        }
    }
}

/// Says what is due at this verb, and whether that was a yes.
async fn answer(
    stream: &mut BufReader<TcpStream>,
    state: &Mutex<State>,
    verb: Verb,
    usual: &'static str,
) -> Option<bool> {
    let fault = {
        let mut state = state.lock().unwrap();
        let due = state.faults.front().is_some_and(|it| it.verb() == verb);
        if due { state.faults.pop_front() } else { None }
    };
    let reply = match fault {
        None => usual,
        Some(Fault::Reply(_, reply)) => reply,
        Some(Fault::Close(_) | Fault::TakeAndClose) => return None,
        Some(Fault::Hang(_)) => std::future::pending().await,
    };
    stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    Some(reply.starts_with(['2', '3']))
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then_some(line)
}

async fn data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = line(stream).await?;
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
