//! Whatever comes in, it ends as a message or set aside, and the next mail is processed.

use std::path::PathBuf;

use domain::mails::Fate;
use storage::inbound::Put;

use super::fixture::{Fixture, mail};

/// The project's own mails of the kinds that broke others.
fn own() -> Vec<Vec<u8>> {
    let text = [
        "",
        "\0\0\0",
        "no headers at all",
        "From: a@x.example\r\n\r\nNUL \0 in the text\r\n",
        "From: a@x.example\r\nSubject: \0\r\n\r\n\r\n",
        "From: a@x.example, b@x.example\r\nFrom: c@x.example\r\n\r\ntwo\r\n",
        "From: Group: a@x.example, b@x.example;\r\nSubject: x\r\n\r\nx\r\n",
        "Subject: nobody\r\n\r\nx\r\n",
        "From: not an address\r\nSubject: x\r\n\r\nx\r\n",
        "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=\"\r\n\r\nx\r\n",
        "From: a@x.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b--\r\n",
        "From: a@x.example\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<p>x\r\n",
        "From: a@x.example\r\nDate: yesterday\r\nMessage-ID: <>\r\n\r\nx\r\n",
    ];
    let deep =
        format!("From: a@x.example\r\nContent-Type: text/html\r\n\r\n{}", "<div>".repeat(50_000));
    let mut all: Vec<Vec<u8>> = text.iter().map(|it| it.as_bytes().to_vec()).collect();
    all.push(deep.into_bytes());
    all
}

fn corpus() -> Vec<Vec<u8>> {
    let folder = std::env::var_os("DESKBELL_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/mail"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mails = entries.map(|it| it.unwrap().path());
    let mails = mails.filter(|it| it.extension().is_some_and(|it| it == "eml"));
    mails.map(|it| std::fs::read(it).unwrap()).collect()
}

/// The same damage in every run.
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }

    fn truncated(&mut self, raw: &[u8]) -> Vec<u8> {
        raw[..self.next(raw.len())].to_vec()
    }

    fn flipped(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut raw = raw.to_vec();
        for _ in 0..=raw.len() / 50 {
            let at = self.next(raw.len());
            if let Some(byte) = raw.get_mut(at) {
                *byte ^= 1 << self.next(8);
            }
        }
        raw
    }
}

#[tokio::test]
async fn every_mail_becomes_a_message_or_is_set_aside() {
    let it = Fixture::new().await;
    let mut damage = Damage(7);
    let mut mails = own();
    mails.extend(corpus());
    for whole in mails {
        for raw in [whole.clone(), damage.truncated(&whole), damage.flipped(&whole)] {
            let Put::Pending(id) = it.take(&raw).await else { continue };
            let row = it.process(id).await;
            let told = row.reason.is_some();
            assert!(row.fate == Fate::Message || told, "{row:?}");
            if row.fate == Fate::Message {
                it.message(&row).await;
            }
        }
    }
    assert_eq!(it.receive(mail("ann@customer.example", "", "next")).await.fate, Fate::Message);
}
