//! A server as its own process, and what it is asked.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const PASSWORD: &str = "a long enough password";
/// Much longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The binary with no configuration but what the test says.
pub fn deskbell(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|it| it.starts_with("DESKBELL_")) {
            command.env_remove(name);
        }
    }
    command.current_dir(data.parent().unwrap());
    command.env("DESKBELL_DATA", data).env("DESKBELL_LISTEN", "127.0.0.1:0");
    command.stdin(Stdio::null());
    command
}

pub fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub address: String,
    cookie: Option<String>,
    log: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Server {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = deskbell(data);
        command.envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// One that may open no more than so many files.
    pub fn start_with_files(data: &Path, most: u32) -> Self {
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {most} && exec \"$0\"")]);
        let command = deskbell(data);
        limited.arg(command.get_program()).current_dir(data.parent().unwrap());
        limited.stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        Self::spawn(limited)
    }

    /// How many files it has open.
    pub fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Starts a command and waits until it serves.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let address = loop {
            let Some(line) = lines.next() else {
                panic!("the server did not start: {}", log.lock().unwrap());
            };
            let line = line.unwrap();
            log.lock().unwrap().push_str(&line);
            if let Some((_, address)) = line.split_once("Serving on http://") {
                break address.split_whitespace().next().unwrap().to_owned();
            }
        };
        // Read to the end, or a full pipe would stop the server.
        let reading = thread::spawn({
            let log = log.clone();
            move || lines.for_each(|line| log.lock().unwrap().push_str(&line.unwrap()))
        });
        Self { child, address, cookie: None, stdout, log, reading: Some(reading) }
    }

    /// The token of the set-up link on standard output.
    pub fn setup_token(&mut self) -> String {
        let line = self.line_with("/setup#");
        line.trim().split_once("/setup#").unwrap().1.to_owned()
    }

    /// The next line on standard output with this in it.
    pub fn line_with(&mut self, part: &str) -> String {
        let mut line = String::new();
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if line.contains(part) {
                return line;
            }
            line.clear();
        }
        panic!("{part} was not printed");
    }

    /// Makes Ann the first admin; from then on requests are hers.
    pub fn set_up(&mut self) {
        let token = self.setup_token();
        self.set_up_with(&token);
    }

    pub fn set_up_with(&mut self, token: &str) {
        let body = json!({
            "token": token, "workspace": "Example", "name": "Ann",
            "email": "ann@example.com", "password": PASSWORD,
        });
        let answer = self.client().ask("POST", "/api/setup", Some(&body)).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        self.cookie = answer.cookie;
    }

    pub fn sign_in(&self, email: &str) -> u16 {
        let body = json!({ "email": email, "password": PASSWORD });
        self.ask("POST", "/api/auth/login", Some(&body)).0
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.client().ask(method, path, body).unwrap();
        (answer.status, answer.body)
    }

    /// Somebody who talks to this server, also from another thread.
    pub fn client(&self) -> Client {
        Client { address: self.address.clone(), cookie: self.cookie.clone() }
    }

    /// The same with a session that an earlier start of the server gave.
    pub fn client_with(&self, cookie: &Option<String>) -> Client {
        Client { cookie: cookie.clone(), ..self.client() }
    }

    /// Stops the server and answers all it wrote to its log.
    pub fn end_and_read_log(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.reading.take().unwrap().join().unwrap();
        self.log.lock().unwrap().clone()
    }

    /// Waits until it ends by itself; answers the exit code, none if it was killed.
    pub fn outlive(mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < end, "it lives on");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the signal and answers the exit code, none if it was killed.
    pub fn end(mut self, with: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), with).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

/// A client with the session of who set the server up.
#[derive(Clone)]
pub struct Client {
    pub address: String,
    pub cookie: Option<String>,
}

pub struct Answer {
    pub status: u16,
    /// A string when it is no JSON.
    pub body: Value,
    /// The session cookie it sets.
    pub cookie: Option<String>,
}

impl Client {
    /// One request on a connection of its own; fails when the server dies meanwhile.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, "application/json", &body)
    }

    /// Like `ask`, under an `Idempotency-Key`.
    pub fn ask_once(&self, key: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let headers = format!("Content-Type: application/json\r\nIdempotency-Key: {key}\r\n");
        self.talk("POST", path, &headers, &body.to_string())
    }

    /// Like `ask`, with any kind of body.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> io::Result<Answer> {
        self.talk(method, path, &format!("Content-Type: {kind}\r\n"), body)
    }

    fn talk(&self, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Answer> {
        let cookie = self.cookie.as_ref().map(|it| format!("Cookie: {it}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}{headers}\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let cut_off = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut_off)?;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or_else(cut_off)?;
        let mut set = head.lines().filter_map(|it| it.split_once(": "));
        let cookie = set
            .find(|(name, value)| {
                name.eq_ignore_ascii_case("set-cookie") && value.starts_with("deskbell=")
            })
            .and_then(|(_, value)| value.split(';').next())
            .map(str::to_owned);
        let length = head.lines().find_map(|it| {
            let (name, value) = it.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
        });
        if length.is_some_and(|it: usize| it != body.len()) {
            return Err(cut_off());
        }
        let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
        Ok(Answer { status, body, cookie })
    }
}

/// Asks until the answer is there.
pub fn soon<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(it) = ask() {
            return it;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

pub fn get(client: &Client, path: &str) -> Value {
    let answer = client.ask("GET", path, None).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

pub fn post(client: &Client, path: &str, body: Value) -> Value {
    let answer = client.ask("POST", path, Some(&body)).unwrap();
    assert_eq!(answer.status, 201, "{path}: {}", answer.body);
    answer.body
}

/// All rows of a list, page by page.
pub fn get_all(client: &Client, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut page = get(client, &format!("{path}?per_page=100{cursor}"));
        rows.append(page["data"].as_array_mut().unwrap());
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// Makes a channel for a mailbox on this machine, and waits until it is watched. Answers its id.
pub fn connect(client: &Client, address: &str, imap_port: u16, smtp_port: u16) -> String {
    let server = |port: u16| json!({ "host": "localhost", "port": port, "security": "none" });
    let mut imap = server(imap_port);
    imap["username"] = json!("desk");
    imap["password"] = json!("secret");
    let config = json!({ "address": address, "imap": imap, "smtp": server(smtp_port) });
    let body = json!({ "type": "email", "name": address, "config": config });
    let id = post(client, "/api/channels", body)["id"].as_str().unwrap().to_owned();
    soon("the mailbox is watched", || {
        let channel = get(client, &format!("/api/channels/{id}"));
        channel["health"]["receive"]["last_success_at"].as_str().map(|_| ())
    });
    id
}
