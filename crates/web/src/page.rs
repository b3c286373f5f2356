//! Pages of a list: which one is asked for, and the envelope it comes in.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Array, ObjectBuilder, Ref, RefOr, Schema},
};

use crate::{
    error::{ApiError, Result},
    query,
};

const USUAL_PER_PAGE: u32 = 25;
const MOST_PER_PAGE: u32 = 100;
/// Further than this a page number costs too much; a cursor does not.
const DEEPEST: u64 = 10_000;

/// `page`, `per_page` and `cursor` of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u32,
    pub per_page: u32,
    /// Where an earlier page ended; it wins over `page`.
    pub cursor: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    page: Option<u32>,
    per_page: Option<u32>,
    cursor: Option<String>,
}

impl Paging {
    pub fn parse(query: &str) -> Result<Self> {
        let asked: Asked = query::parse(query)?;
        let per_page = asked.per_page.unwrap_or(USUAL_PER_PAGE);
        if !(1..=MOST_PER_PAGE).contains(&per_page) {
            return Err(ApiError::invalid("per_page", format!("must be 1 to {MOST_PER_PAGE}")));
        }
        let page = asked.page.unwrap_or(1);
        if page == 0 {
            return Err(ApiError::invalid("page", "must be 1 or more"));
        }
        let cursor = asked.cursor.filter(|it| !it.is_empty());
        if cursor.is_none() && u64::from(page) * u64::from(per_page) > DEEPEST {
            let message = format!(
                "page × per_page goes to {DEEPEST} at most; go on with cursor (the next_cursor \
                 of the page before)"
            );
            return Err(ApiError::invalid("page", message));
        }
        Ok(Self { page, per_page, cursor })
    }

    /// Rows before this page, for lists read by number.
    pub fn offset(&self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.per_page)
    }
}

impl FromRequest for Paging {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

/// A list as it is answered.
#[derive(Debug, Serialize)]
pub struct List<T> {
    pub data: Vec<T>,
    pub pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Pagination {
    /// `null` when the page was asked for by cursor.
    pub page: Option<u32>,
    pub per_page: u32,
    /// `null` where counting would take too long.
    pub total: Option<u64>,
    pub has_more: bool,
    pub next_cursor: Option<String>,
}

impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .property("data", Array::new(Ref::from_schema_name(T::name())))
            .required("data")
            .property("pagination", Ref::from_schema_name(Pagination::name()))
            .required("pagination")
            .into()
    }
}

// By hand: what is derived forgets the schema of the rows.
impl<T: ToSchema> ToSchema for List<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        schemas.push((Pagination::name().into_owned(), Pagination::schema()));
        T::schemas(schemas);
    }
}

impl<T> List<T> {
    /// A list short enough to come whole; the page asked for is cut from it. Its cursors are the
    /// number of rows before the page.
    pub fn whole(all: impl IntoIterator<Item = T>, paging: &Paging) -> Result<Self> {
        let offset = match &paging.cursor {
            Some(it) => {
                it.parse().map_err(|_| ApiError::invalid("cursor", "not one of this list"))?
            }
            None => paging.offset(),
        };
        let all: Vec<T> = all.into_iter().collect();
        let total = all.len() as u64;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let per_page = paging.per_page as usize;
        let data: Vec<T> = all.into_iter().skip(start).take(per_page).collect();
        let next = offset.saturating_add(data.len() as u64);
        let has_more = next < total && !data.is_empty();
        let pagination = Pagination {
            page: paging.cursor.is_none().then_some(paging.page),
            per_page: paging.per_page,
            total: Some(total),
            has_more,
            next_cursor: has_more.then(|| next.to_string()),
        };
        Ok(Self { data, pagination })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_list_is_read_to_its_end_by_cursor() {
        let mut seen = Vec::new();
        let mut query = "per_page=2".to_owned();
        loop {
            let list = List::whole(0..5, &Paging::parse(&query).unwrap()).unwrap();
            seen.extend(list.data);
            assert_eq!(list.pagination.total, Some(5));
            let Some(cursor) = list.pagination.next_cursor else { break };
            query = format!("per_page=2&cursor={cursor}");
        }
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        assert!(List::whole(0..5, &Paging::parse("cursor=x").unwrap()).is_err());
    }

    #[test]
    fn pages_have_bounds_and_name_what_is_wrong() {
        let ok = |page, per_page| Ok(Paging { page, per_page, cursor: None });
        let cases = [
            ("", ok(1, 25)),
            ("page=3&per_page=100&unknown=x", ok(3, 100)),
            ("page=100&per_page=100", ok(100, 100)),
            ("page=0", Err("page")),
            ("page=-1", Err("page")),
            ("page=x", Err("page")),
            ("page=", Err("page")),
            ("per_page=0", Err("per_page")),
            ("per_page=101", Err("per_page")),
            ("page=1&page=2", Err("page")),
            ("page=99999999999", Err("page")),
            ("page=101&per_page=100", Err("cursor")),
        ];
        for (query, want) in cases {
            match (Paging::parse(query), want) {
                (Ok(got), Ok(want)) => assert_eq!(got, want, "{query}"),
                (Err(got), Err(name)) => {
                    assert!(got.to_string().contains(name), "{query}: {got}");
                }
                (got, want) => panic!("{query}: {got:?} instead of {want:?}"),
            }
        }
        let deep = Paging::parse("page=4000000&cursor=abc").unwrap();
        assert_eq!(deep.cursor.as_deref(), Some("abc"));
    }
}
