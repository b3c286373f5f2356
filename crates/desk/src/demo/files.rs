//! What a small share of the demo's messages have with them: a few pictures and papers, each on disk
//! once however many messages it is on.

use domain::{
    Timestamp,
    ids::AttachmentId,
    messages::{Attachment, Direction, Message},
};
use fastrand::Rng;
use storage::{Store, StoreError};

use super::build::id;

const PICTURES: u8 = 8;
const PAPERS: [(&str, &str); 4] = [
    ("invoice.pdf", "Invoice"),
    ("order confirmation.pdf", "Order confirmation"),
    ("return label.pdf", "Return label"),
    ("warranty.pdf", "Warranty"),
];
/// Of a hundred first messages of a customer, and of as many answers.
const WITH_PICTURE: u8 = 7;
const WITH_PAPER: u8 = 2;

pub(super) struct Files {
    pictures: Vec<Stored>,
    papers: Vec<Stored>,
    /// Of its own, so that files change nothing else of the workspace.
    random: Rng,
}

struct Stored {
    name: String,
    mime: &'static str,
    hash: String,
    size: u64,
}

impl Files {
    /// Puts them on disk, before anything speaks of them.
    pub fn put(store: &Store, seed: u64) -> Result<Self, StoreError> {
        let keep = |name: String, mime, bytes: &[u8]| {
            let hash = store.files().put(bytes)?.to_string();
            Ok::<_, StoreError>(Stored { name, mime, hash, size: bytes.len() as u64 })
        };
        let pictures = (0..PICTURES).map(|it| {
            keep(format!("IMG_{}.png", 4180 + 37 * u32::from(it)), "image/png", &png(it))
        });
        let papers = PAPERS
            .iter()
            .map(|(name, title)| keep((*name).to_owned(), "application/pdf", &pdf(title)));
        Ok(Self {
            pictures: pictures.collect::<Result<_, _>>()?,
            papers: papers.collect::<Result<_, _>>()?,
            random: Rng::with_seed(seed),
        })
    }

    /// Customers show what is wrong, agents send papers.
    pub fn of(&mut self, message: &Message, is_first: bool) -> Vec<Attachment> {
        let dice = self.random.u8(..100);
        let from = match message.direction {
            Direction::Inbound if is_first && dice < WITH_PICTURE => &self.pictures,
            Direction::Outbound if dice < WITH_PAPER => &self.papers,
            _ => return Vec::new(),
        };
        let it = &from[self.random.usize(..from.len())];
        vec![attachment(it, message.created_at, &mut self.random)]
    }
}

fn attachment(it: &Stored, at: Timestamp, random: &mut Rng) -> Attachment {
    Attachment {
        id: AttachmentId(id(at, random)),
        file_hash: it.hash.clone(),
        name: it.name.clone(),
        mime: it.mime.to_owned(),
        size: it.size,
        content_id: None,
        inline: false,
    }
}

/// A page with one line (ISO 32000-1, 7.5).
fn pdf(line: &str) -> Vec<u8> {
    let text = format!("BT /F1 28 Tf 72 740 Td (Northwind Home: {line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let size = objects.len() + 1;
    let start = out.len();
    out.push_str(&format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// A picture of colours that fade (ISO/IEC 15948), its pixels not compressed.
fn png(which: u8) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..HEIGHT {
        // No filter on this line.
        pixels.push(0);
        for x in 0..WIDTH {
            let (across, down) = (x * 255 / WIDTH, y * 255 / HEIGHT);
            let shade = |of: u32, by: u32| ((of + by * u32::from(which)) % 256) as u8;
            pixels.extend([shade(across, 29), shade(down, 53), shade((across + down) / 2, 71)]);
        }
    }
    let length = u16::try_from(pixels.len()).expect("the picture fits into one block");
    // One stored block (RFC 1950, RFC 1951).
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&pixels);
    data.extend(adler32(&pixels).to_be_bytes());
    let mut header = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    // Eight bits of red, green and blue each.
    header.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        out.extend(u32::try_from(content.len()).expect("it is small").to_be_bytes());
        let named = [&name[..], &content].concat();
        out.extend(&named);
        out.extend(crc32(&named).to_be_bytes());
    }
    out
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for it in bytes {
        a = (a + u32::from(*it)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for it in bytes {
        crc ^= u32::from(*it);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert!(png(0).starts_with(b"\x89PNG") && png(0) != png(1));
        let paper = String::from_utf8(pdf("Invoice")).unwrap();
        let at = paper.rsplit("startxref\n").next().unwrap().lines().next().unwrap();
        assert!(paper[at.parse::<usize>().unwrap()..].starts_with("xref\n"));
    }
}
