//! What a list of conversations is asked for.

use desk::{
    Desk,
    conversations::{
        list::{self, From as Start},
        questions::Question,
    },
    views,
};
use domain::{ids::ViewId, policy::Caller, views::Query};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor::{self, Key};
use crate::{
    error::{ApiError, Result},
    page::Paging,
    query::{self, yes_or_no},
};

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
    /// Words, "phrases", prefixes*, and operators: from: to: tag: status: channel: assignee: before:
    /// after: has:attachment is:unread number: (or #1042); a minus turns most of them around.
    search: Option<String>,
    /// newest (or recent), oldest (the longest without activity first), waiting (the longest waiting
    /// for an answer first), or relevance. With words in `search`, newest gives every match, the newest
    /// match first; the other three put the newest 1,000 matches in order and leave out older ones,
    /// and `total` is null where there are more.
    sort: Option<String>,
    /// A view's id: what it asks for, and all of the above beside it.
    view: Option<String>,
}

impl Parameters {
    fn query(self) -> Result<Query> {
        Ok(Query {
            search: self.search,
            status: self.status,
            channel_type: self.channel_type,
            channel_id: self.channel_id,
            tag: self.tag,
            assigned_to: self.assigned_to,
            unread: yes_or_no("unread", self.unread.as_deref())?,
            contact_id: self.contact_id,
            spam: yes_or_no("spam", self.spam.as_deref())?,
            sort: self.sort,
        })
    }
}

/// A page of what `query` asks for, and what its cursors belong to.
pub(super) async fn parse(
    query: &str,
    paging: &Paging,
    desk: &Desk,
    caller: &Caller,
) -> Result<(list::Asked, Key)> {
    let mut asked: Parameters = query::parse(query)?;
    let view = asked.view.take().filter(|it| !it.is_empty());
    let mut question = Question::parse(&asked.query()?, caller)?;
    if let Some(id) = view {
        let id: ViewId = id.parse().map_err(|_| ApiError::invalid("view", "not a view's id"))?;
        let view = views::find(desk, *caller, id).await?;
        question = question.and(Question::parse(&view.query, caller)?);
    }
    let sort = question.order()?;
    let key = Key { sort, is_search: !question.search.words.is_empty() };
    let from = match &paging.cursor {
        Some(text) => cursor::decode(key, text)?,
        // Page numbers stop at 10,000 rows, so this always fits.
        None => Start::Offset(u32::try_from(paging.offset()).unwrap_or(u32::MAX)),
    };
    let Question { filter, search, .. } = question;
    Ok((list::Asked { filter, search, sort, from, limit: paging.per_page as usize }, key))
}
