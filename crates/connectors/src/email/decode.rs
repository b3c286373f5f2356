//! Transfer encodings and character sets, read leniently: a damaged part keeps what can be read.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Undoes a Content-Transfer-Encoding (RFC 2045 §6). Never fails; each runs once over the bytes.
pub fn transfer(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(bytes).unwrap_or_else(|| bytes.to_vec()),
        "quoted-printable" => quoted_printable(bytes),
        _ => bytes.to_vec(),
    }
}

/// None when the bytes are plainly not base64, so that mislabelled text stays readable.
fn base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut buffer, mut bits, mut foreign) = (0u32, 0u32, 0usize);
    for &byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            // Padding ends a group; some programs join several encoded files.
            b'=' => {
                (buffer, bits) = (0, 0);
                continue;
            }
            _ => {
                foreign += usize::from(!byte.is_ascii_whitespace());
                continue;
            }
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    (foreign * 20 <= bytes.len()).then_some(out)
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'=' {
            out.push(first);
            continue;
        }
        match rest {
            [high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                rest = tail;
            }
            [b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..] | [b' ', b'\n', tail @ ..] => {
                rest = tail
            }
            [b' ', b'\r', b'\n', tail @ ..] => rest = tail,
            [] => {}
            _ => out.push(b'='),
        }
    }
    out
}

fn hex(digit: u8) -> u8 {
    (digit as char).to_digit(16).map_or(0, |it| it as u8)
}

/// Text in the named character set. Without a name, or with one that says nothing, the text is UTF-8
/// where that fits and Windows-1252 otherwise, as most unlabelled 8-bit mail is.
pub fn charset(label: Option<&str>, bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let label = label.map(|it| it.trim().to_ascii_lowercase()).unwrap_or_default();
    match label.as_str() {
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "default" => guess(bytes),
        "utf-8" | "utf8" => String::from_utf8_lossy(bytes).into_owned(),
        _ => match charset_decoder(label.as_bytes()) {
            Some(decode) => decode(bytes),
            None => guess(bytes),
        },
    }
}

fn guess(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decode) => decode(bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_encodings_keep_what_can_be_read() {
        let cases: [(&str, &[u8], &[u8]); 9] = [
            ("base64", b"SGVs\r\nbG8=", b"Hello"),
            ("BASE64", b"SGVsbG8=SGVsbG8", b"HelloHello"),
            ("base64", b"SGVsbG8*gd29ybGQhIGFuZCBtb3Jl", b"Hello world! and more"),
            ("base64", b"This, is: not. base64!", b"This, is: not. base64!"),
            ("quoted-printable", b"a=3Db=\r\nc =\nd", b"a=bc d"),
            ("quoted-printable", b"100=ZZ =4", b"100=ZZ =4"),
            ("quoted-printable", b"end=", b"end"),
            ("8bit", b"\xff=41", b"\xff=41"),
            ("x-odd", b"plain", b"plain"),
        ];
        for (encoding, raw, want) in cases {
            let got = transfer(encoding, raw);
            assert_eq!(got, want, "{encoding} {:?}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn unlabelled_text_is_guessed() {
        let cases: [(Option<&str>, &[u8], &str); 6] = [
            (None, "Grüße".as_bytes(), "Grüße"),
            (None, b"Gr\xfc\xdfe", "Grüße"),
            (Some("us-ascii"), b"Gr\xfc\xdfe", "Grüße"),
            (Some("iso-8859-1"), b"Gr\xfc\xdfe", "Grüße"),
            (Some("x-nonsense"), b"\xef\xbb\xbfhi", "hi"),
            (Some("utf-8"), b"a\xffb", "a\u{fffd}b"),
        ];
        for (label, raw, want) in cases {
            assert_eq!(charset(label, raw), want, "{label:?}");
        }
    }
}
