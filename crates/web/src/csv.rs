//! Tables as CSV (RFC 4180), safe to open in a spreadsheet. Long ones are sent page by page, as they
//! are read.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header,
    web::{Bytes, Data},
};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use desk::{Desk, sessions};
use domain::{policy::Denied, spreadsheets};
use futures_util::{TryStreamExt, stream};

use crate::error::{ApiError, Result};

pub(crate) const TYPE: &str = "text/csv";
/// Rows read at a time.
pub(crate) const PAGE: usize = 100;

/// Whether a request asks for CSV by name, and for nothing that JSON is rather (RFC 9110, 12.5.1).
pub(crate) fn is_wanted(request: &HttpRequest) -> bool {
    let (mut csv, mut json) = (0.0, [None; 3]);
    let accepted = request.headers().get_all(header::ACCEPT);
    for range in accepted.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = quality(parts);
        match kind.as_str() {
            TYPE => csv = quality,
            "application/json" => json[0] = Some(quality),
            "application/*" => json[1] = Some(quality),
            "*/*" => json[2] = Some(quality),
            _ => {}
        }
    }
    // Of what a request says about JSON, the most exact counts.
    csv > 0.0 && csv >= json.into_iter().flatten().next().unwrap_or(0.0)
}

/// What is no number at all refuses.
fn quality<'a>(parameters: impl Iterator<Item = &'a str>) -> f32 {
    let weight = parameters.filter_map(|it| it.split_once('=')).find(|(name, _)| {
        // Anything but the weight belongs to the type.
        name.trim().eq_ignore_ascii_case("q")
    });
    weight.map_or(1.0, |(_, it)| it.trim().parse().unwrap_or(0.0))
}

/// Rows, and where to go on; `None` at the end.
pub(crate) type Page<C> = (Vec<Vec<String>>, Option<C>);

/// A download of `header` and of all that `read` finds, beginning at `None`. Who asked is asked for
/// again before each page: a long download ends when they lose their access.
pub(crate) fn download<C, F>(
    desk: &Data<Desk>,
    who: &sessions::SignedIn,
    name: &str,
    header: Vec<String>,
    read: impl Fn(Option<C>) -> F + 'static,
) -> HttpResponse
where
    C: 'static,
    F: Future<Output = Result<Page<C>>>,
{
    let (desk, who) = (desk.clone(), who.clone());
    let first = Some((vec![header], None));
    let parts = stream::try_unfold((first, read), move |(before, read)| {
        let (desk, who) = (desk.clone(), who.clone());
        async move {
            let Some((mut rows, place)) = before else { return Ok::<_, ApiError>(None) };
            if sessions::roles_now(&desk, vec![who.clone()]).await? != [Some(who.role)] {
                return Err(Denied::NotSignedIn.into());
            }
            let (found, next) = read(place).await?;
            rows.extend(found);
            let next = next.map(|it| (Vec::new(), Some(it)));
            Ok(Some((Bytes::from(lines(&rows)?), (next, read))))
        }
    });
    answer(name).streaming(Box::pin(parts.map_err(actix_web::Error::from)))
}

/// A download of a table whose first row is its header.
pub(crate) fn file(name: &str, rows: &[Vec<String>]) -> Result<HttpResponse> {
    Ok(answer(name).body(lines(rows)?))
}

fn answer(name: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    answer
}

fn lines(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|it| spreadsheets::guard(it).into_owned());
        writer.write_record(cells).map_err(|_| ApiError::Panicked)?;
    }
    writer.into_inner().map_err(|_| ApiError::Panicked)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn csv_is_for_who_asks_for_it() {
        let cases = [
            ("text/csv", true),
            ("text/csv, application/json", true),
            ("application/json;q=0.8, Text/CSV; Q=0.9", true),
            ("application/json, text/csv;q=0.9", false),
            ("text/csv;header=present;q=0.5, */*;q=0.1", true),
            ("text/csv;q=0.5, */*", false),
            ("text/csv;q=0.5, */*, application/json;q=0.1", true),
            ("text/csv;q=0.5, application/*", false),
            ("text/csv;q=0", false),
            ("text/csv;q=0.000, application/json;q=0", false),
            ("text/csv;q=much", false),
            ("text/csv;q=NaN", false),
            ("text/html, */*", false),
            ("text/csvx", false),
        ];
        for (accept, want) in cases {
            let request = TestRequest::get().insert_header(("accept", accept)).to_http_request();
            assert_eq!(is_wanted(&request), want, "{accept}");
        }
        assert!(!is_wanted(&TestRequest::get().to_http_request()));
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let row = ["Ann \"A\", x", "=1", "two\nlines", ""].map(str::to_owned).to_vec();
        let written = String::from_utf8(lines(&[row]).unwrap()).unwrap();
        assert_eq!(written, "\"Ann \"\"A\"\", x\",\"'=1\",\"two\nlines\",\"\"\r\n");
    }
}
