//! Files on their way to a browser: never run, never guessed at, never held in memory whole.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{
        StatusCode,
        header::{self, HeaderMap, Range},
    },
    web::Bytes,
};
use desk::attachments::Found;
use futures_util::{Stream, stream};

/// The type of everything that is only to be saved.
pub(crate) const UNKNOWN: &str = "application/octet-stream";
const PIECE: usize = 64 * 1024;

/// Sends a file to be saved under `name`.
pub(crate) fn download(file: File, size: u64, name: &str, mime: &'static str) -> HttpResponse {
    answer(file, size, &disposition("attachment", name), mime)
}

/// Sends an attachment, or the part of it that is asked for: a player seeks. A picture is shown in
/// place where that is wanted; sound and film are told by their type, which a player needs, and are
/// saved like everything else by whoever opens them.
pub(crate) fn attachment(request: &HttpRequest, found: Found, inline: bool) -> HttpResponse {
    let Found { attachment: it, file, picture, media } = found;
    let kind = if inline && picture.is_some() { "inline" } else { "attachment" };
    let mime = picture.or(media).unwrap_or(UNKNOWN);
    // Files are called by what is in them, so that name tells one content from another for ever.
    let tag = format!("\"{}\"", it.file_hash);
    let mut response = match part(request.headers(), it.size, &tag) {
        Part::All => answer(file, it.size, &disposition(kind, &it.name), mime),
        Part::Some(first, last) => some(file, first, last, it.size, kind, &it.name, mime),
        Part::None => HttpResponse::RangeNotSatisfiable()
            .insert_header((header::CONTENT_RANGE, format!("bytes */{}", it.size)))
            .finish(),
    };
    for (name, value) in [(header::ACCEPT_RANGES, "bytes"), (header::ETAG, tag.as_str())] {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    All,
    /// From this byte to that, both included.
    Some(u64, u64),
    /// What lies behind its end.
    None,
}

/// RFC 9110 §14.2: what is not understood is not asked for. Several parts at once are answered by
/// the whole, which §14.2 allows; no player wants them.
fn part(headers: &HeaderMap, size: u64, tag: &str) -> Part {
    let text = |name| headers.get(name).and_then(|it: &header::HeaderValue| it.to_str().ok());
    let is_other = text(header::IF_RANGE).is_some_and(|it| it != tag);
    let range = text(header::RANGE).filter(|_| !is_other).and_then(|it| it.parse().ok());
    let Some(Range::Bytes(parts)) = range else { return Part::All };
    match parts.as_slice() {
        [one] => match one.to_satisfiable_range(size) {
            Some((first, last)) => Part::Some(first, last),
            None => Part::None,
        },
        _ => Part::All,
    }
}

fn some(
    mut file: File,
    first: u64,
    last: u64,
    size: u64,
    kind: &str,
    name: &str,
    mime: &'static str,
) -> HttpResponse {
    if let Err(error) = file.seek(SeekFrom::Start(first)) {
        tracing::error!(?error, "Could not seek in a file");
        return HttpResponse::InternalServerError().finish();
    }
    let mut response = answer(file, last - first + 1, &disposition(kind, name), mime);
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    if let Ok(value) = header::HeaderValue::from_str(&format!("bytes {first}-{last}/{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
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

    #[test]
    fn a_part_is_what_was_asked_for_of_this_very_file() {
        let cases = [
            ("", "", Part::All),
            ("bytes=0-", "", Part::Some(0, 9)),
            ("bytes=2-5", "", Part::Some(2, 5)),
            ("bytes=2-500", "", Part::Some(2, 9)),
            ("bytes=-3", "", Part::Some(7, 9)),
            ("bytes=-30", "", Part::Some(0, 9)),
            ("bytes=10-", "", Part::None),
            ("bytes=-0", "", Part::None),
            ("bytes=1-2,4-5", "", Part::All),
            ("lines=1-2", "", Part::All),
            ("bytes=x", "", Part::All),
            ("bytes=99999999999999999999-", "", Part::All),
            ("bytes=2-5", "\"abc\"", Part::Some(2, 5)),
            ("bytes=2-5", "\"other\"", Part::All),
            ("bytes=2-5", "W/\"abc\"", Part::All),
            ("bytes=2-5", "Sat, 29 Oct 1994 19:43:31 GMT", Part::All),
        ];
        for (range, if_range, want) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::RANGE, range), (header::IF_RANGE, if_range)] {
                if !value.is_empty() {
                    headers.insert(name, header::HeaderValue::from_static(value));
                }
            }
            assert_eq!(part(&headers, 10, "\"abc\""), want, "{range} {if_range}");
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
