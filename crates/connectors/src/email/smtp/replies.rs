//! What an SMTP server answers (RFC 5321 §4.2).

use std::time::Duration;

use tokio::io::{AsyncRead, BufReader};

use super::failures::{Kind, Stage, Trouble};
use crate::email::{
    problems::{Problem, said},
    streams::read_line,
};

/// RFC 5321 allows 512; real servers go beyond it.
const LINE_BYTES: usize = 4 * 1024;
const LINES: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Without code and separator.
    pub(super) lines: Vec<String>,
}

impl Reply {
    pub(super) fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    pub(super) fn text(&self) -> String {
        said(&self.lines.join(" "))
    }

    pub(super) fn kind(&self) -> Kind {
        if (500..600).contains(&self.code) { Kind::Refused } else { Kind::Retry }
    }

    pub(super) fn trouble(&self, stage: Stage) -> Trouble {
        let (kind, code, message) = (self.kind(), Some(self.code), self.text());
        Trouble { stage, kind, code, message, per_recipient: Vec::new() }
    }
}

/// Reads one reply of one or more lines.
pub(super) async fn read<S: AsyncRead + Unpin>(
    reader: &mut BufReader<S>,
    time: Duration,
    step: &'static str,
) -> Result<Reply, Problem> {
    let end = tokio::time::Instant::now() + time;
    let mut lines = Vec::new();
    let mut code = None;
    while lines.len() < LINES {
        let left = end.saturating_duration_since(tokio::time::Instant::now());
        let line = read_line(reader, LINE_BYTES, left, step).await?;
        let (this, more, text) = parse(&line).ok_or(Problem::Nonsense("not an SMTP reply"))?;
        if *code.get_or_insert(this) != this {
            return Err(Problem::Nonsense("a reply with two codes"));
        }
        lines.push(text.to_owned());
        if !more {
            return Ok(Reply { code: this, lines });
        }
    }
    Err(Problem::TooMuch("an endless reply"))
}

/// Code, whether more lines follow, text.
fn parse(line: &str) -> Option<(u16, bool, &str)> {
    let digits = line.get(..3).filter(|it| it.bytes().all(|it| it.is_ascii_digit()))?;
    let code = digits.parse().ok().filter(|it| (200..600).contains(it))?;
    match line.as_bytes().get(3) {
        None => Some((code, false, "")),
        Some(b' ') => Some((code, false, &line[4..])),
        Some(b'-') => Some((code, true, &line[4..])),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reply(text: &str) -> Result<Reply, Problem> {
        let mut reader = BufReader::new(text.as_bytes());
        read(&mut reader, Duration::from_secs(5), "test").await
    }

    #[tokio::test]
    async fn replies_are_read_or_refused() {
        let good = |code, lines: &[&str]| {
            Ok(Reply { code, lines: lines.iter().map(|it| (*it).to_owned()).collect() })
        };
        let cases = [
            ("250 ok\r\n", good(250, &["ok"])),
            ("250\n", good(250, &[""])),
            ("250-a\r\n250-\r\n250 b\r\n", good(250, &["a", "", "b"])),
            ("250-a\r\n550 b\r\n", Err(Problem::Nonsense("a reply with two codes"))),
            ("hello\r\n", Err(Problem::Nonsense("not an SMTP reply"))),
            ("25é x\r\n", Err(Problem::Nonsense("not an SMTP reply"))),
            ("999 x\r\n", Err(Problem::Nonsense("not an SMTP reply"))),
            ("250x\r\n", Err(Problem::Nonsense("not an SMTP reply"))),
            ("250 ok", Err(Problem::Closed(String::new()))),
            ("", Err(Problem::Closed(String::new()))),
        ];
        for (text, want) in cases {
            assert_eq!(reply(text).await, want, "{text:?}");
        }
        assert_eq!(
            reply(&"250-x\r\n".repeat(101)).await,
            Err(Problem::TooMuch("an endless reply"))
        );
        assert_eq!(reply(&"2".repeat(5000)).await, Err(Problem::TooMuch("an endless line")));
    }
}
