//! Files on their way to a browser: never run, never guessed at, never held in memory whole.

use std::{fs::File, io::Read};

use actix_web::{HttpResponse, body::SizedStream, http::header, web::Bytes};
use futures_util::{Stream, stream};

/// The type of everything that is only to be saved.
pub(crate) const UNKNOWN: &str = "application/octet-stream";
const PIECE: usize = 64 * 1024;

/// Sends a file to be saved under `name`.
pub(crate) fn download(file: File, size: u64, name: &str, mime: &'static str) -> HttpResponse {
    answer(file, size, &disposition("attachment", name), mime)
}

/// Sends a picture to be shown in place. The caller has looked at its bytes.
pub(crate) fn show(file: File, size: u64, name: &str, mime: &'static str) -> HttpResponse {
    answer(file, size, &disposition("inline", name), mime)
}

fn answer(file: File, size: u64, disposition: &str, mime: &'static str) -> HttpResponse {
    // Every other header that keeps a file tame is on all answers.
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, mime))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(SizedStream::new(size, pieces(file, size)))
}

/// At most `size` bytes, so that a file that grew breaks no framing.
fn pieces(file: File, size: u64) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file.take(size), |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}

/// RFC 6266: a plain name for old programs and the real one in UTF-8 (RFC 8187).
fn disposition(kind: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|it| match it {
            '"' | '\\' | '%' | ';' => '_',
            it if it.is_ascii_graphic() || it == ' ' => it,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_quoted_and_encoded() {
        let cases = [
            ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
            (
                "naïve\"\r\nX: y.pdf",
                "attachment; filename=\"na_ve___X: y.pdf\"; \
                 filename*=UTF-8''na%C3%AFve%22%0D%0AX%3A%20y.pdf",
            ),
        ];
        for (name, want) in cases {
            assert_eq!(disposition("attachment", name), want);
        }
    }

    proptest! {
        #[test]
        fn any_name_makes_a_valid_header(name in ".{0,80}") {
            let text = disposition("inline", &name);
            prop_assert!(header::HeaderValue::from_str(&text).is_ok());
            prop_assert_eq!(text.matches('"').count(), 2);
        }
    }
}
