//! What a list of conversations is asked for.

use desk::conversations::list::{self, Assigned, Filter, From as Start, Sort};
use domain::{
    channels::ChannelType,
    conversations::Status,
    ids::{AgentId, ChannelId, ContactId},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor::{self, Key};
use crate::{
    error::{ApiError, Result},
    page::Paging,
    query::{self, yes_or_no},
};

/// The longest search anyone types; what is longer was pasted by mistake.
const LONGEST_SEARCH: usize = 1_000;

domain::words!(SortWord, "sort", {
    Newest => "newest",
    Oldest => "oldest",
    Waiting => "waiting",
});

/// A checked question.
#[derive(Debug)]
pub(super) struct Asked {
    filter: Filter,
    sort: Sort,
    search: Option<String>,
    from: Start,
    limit: usize,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Parameters {
    status: Option<String>,
    channel_type: Option<String>,
    channel_id: Option<String>,
    tag: Option<String>,
    assigned_to: Option<String>,
    unread: Option<String>,
    contact_id: Option<String>,
    spam: Option<String>,
    search: Option<String>,
    sort: Option<String>,
}

impl Asked {
    pub(super) fn parse(query: &str, paging: &Paging, me: AgentId) -> Result<Self> {
        let asked: Parameters = query::parse(query)?;
        let sort = match word::<SortWord>("sort", asked.sort.as_deref())? {
            None | Some(SortWord::Newest) => Sort::Newest,
            Some(SortWord::Oldest) => Sort::Oldest,
            Some(SortWord::Waiting) => Sort::Waiting,
        };
        let search = asked.search.filter(|it| !it.trim().is_empty());
        if search.as_ref().is_some_and(|it| it.chars().count() > LONGEST_SEARCH) {
            let message = format!("must be at most {LONGEST_SEARCH} characters long");
            return Err(ApiError::invalid("search", message));
        }
        let filter = Filter {
            status: word::<Status>("status", asked.status.as_deref())?,
            channel_id: word::<ChannelId>("channel_id", asked.channel_id.as_deref())?,
            channel_kind: word::<ChannelType>("channel_type", asked.channel_type.as_deref())?,
            tag: asked.tag,
            assigned: assigned(asked.assigned_to.as_deref(), me)?,
            unread: yes_or_no("unread", asked.unread.as_deref())?,
            contact_id: word::<ContactId>("contact_id", asked.contact_id.as_deref())?,
            spam: yes_or_no("spam", asked.spam.as_deref())?.unwrap_or(false),
        };
        let key = Key { sort, is_search: search.is_some() };
        let from = match &paging.cursor {
            Some(text) => cursor::decode(key, text)?,
            // Page numbers stop at 10,000 rows, so this always fits.
            None => Start::Offset(u32::try_from(paging.offset()).unwrap_or(u32::MAX)),
        };
        Ok(Self { filter, sort, search, from, limit: paging.per_page as usize })
    }

    pub(super) fn cursor_key(&self) -> Key {
        Key { sort: self.sort, is_search: self.search.is_some() }
    }
}

impl From<Asked> for list::Asked {
    fn from(it: Asked) -> Self {
        Self { filter: it.filter, sort: it.sort, search: it.search, from: it.from, limit: it.limit }
    }
}

/// An unknown word is a 400 that names its parameter.
fn word<T>(name: &str, text: Option<&str>) -> Result<Option<T>>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.map(|it| it.parse().map_err(|error| ApiError::invalid(name, error))).transpose()
}

fn assigned(text: Option<&str>, me: AgentId) -> Result<Option<Assigned>> {
    Ok(match text {
        None => None,
        Some("me") => Some(Assigned::To(me)),
        Some("none") => Some(Assigned::Nobody),
        Some(id) => {
            let id = id.parse().map_err(|_| {
                ApiError::invalid("assigned_to", "must be an agent's id, \"me\" or \"none\"")
            })?;
            Some(Assigned::To(id))
        }
    })
}
