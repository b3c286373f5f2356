//! Lists as CSV: sent page by page as it is read, safe to open in a spreadsheet.

use actix_web::{
    HttpRequest, HttpResponse,
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

/// Whether a request asks for CSV: `Accept: text/csv`.
pub(crate) fn is_wanted(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT);
    accepted
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .filter_map(|it| it.split(';').next())
        .any(|it| it.trim().eq_ignore_ascii_case(TYPE))
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
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(parts.map_err(actix_web::Error::from)))
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
            ("application/json, Text/CSV;q=0.9", true),
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
