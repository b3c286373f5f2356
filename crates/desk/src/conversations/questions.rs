//! What a list of conversations is asked for: parameters of a request, or a view's, checked.

use domain::{
    channels::ChannelType,
    conversations::Status,
    ids::{ChannelId, ContactId},
    policy::Caller,
    searches::Search,
    views::Query,
};
use storage::conversations::list::{Assigned, Condition, Filter};

use super::list::Sort;
use crate::{DeskError, Problems, Result};

/// The longest search anyone types; what is longer was pasted by mistake.
const LONGEST_SEARCH: usize = 1_000;

/// A search with nothing to look for, such as a quote, finds nothing; so does what contradicts itself.
const NOTHING: Condition = Condition::Statuses(Vec::new());

domain::words!(SortWord, "sort", {
    Newest => "newest",
    Recent => "recent",
    Relevance => "relevance",
    Oldest => "oldest",
    Waiting => "waiting",
});

/// A checked question.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub filter: Filter,
    pub search: Search,
    /// None leaves the order to the list.
    pub sort: Option<Sort>,
}

impl Question {
    /// `caller` is who `me` stands for.
    ///
    /// # Errors
    /// `Invalid` with all that is wrong.
    pub fn parse(query: &Query, caller: &Caller) -> Result<Self> {
        let mut problems = Problems::default();
        let sort = word::<SortWord>(&mut problems, "sort", query.sort.as_deref());
        let filter = Filter {
            status: word::<Status>(&mut problems, "status", query.status.as_deref()),
            channel_id: word::<ChannelId>(&mut problems, "channel_id", query.channel_id.as_deref()),
            channel_kind: word::<ChannelType>(
                &mut problems,
                "channel_type",
                query.channel_type.as_deref(),
            ),
            tag: query.tag.clone(),
            assigned: assigned(&mut problems, query.assigned_to.as_deref(), caller),
            unread: query.unread,
            contact_id: word::<ContactId>(&mut problems, "contact_id", query.contact_id.as_deref()),
            spam: query.spam.unwrap_or(false),
            conditions: Vec::new(),
        };
        let search = search(&mut problems, query.search.as_deref().unwrap_or_default());
        let sort = sort.map(|it| match it {
            SortWord::Newest | SortWord::Recent => Sort::Newest,
            SortWord::Relevance => Sort::Relevance,
            SortWord::Oldest => Sort::Oldest,
            SortWord::Waiting => Sort::Waiting,
        });
        problems.finish()?;
        let mut it = Self { filter, search, sort };
        let asked = query.search.as_deref().is_some_and(|it| !it.trim().is_empty());
        if asked && it.search.is_empty() {
            it.filter.conditions.push(NOTHING);
        }
        Ok(it)
    }

    /// What both ask for; the order is this one's, if it has one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let (mine, theirs) = (&mut self.filter, other.filter);
        let more = &mut mine.conditions;
        more.extend(theirs.status.map(|it| Condition::Statuses(vec![it])));
        more.extend(theirs.channel_id.map(|it| Condition::Channels(vec![it])));
        more.extend(theirs.tag.map(Condition::Tag));
        more.extend(theirs.assigned.map(|it| Condition::Assigned(vec![it])));
        more.extend(theirs.unread.map(Condition::Unread));
        more.extend(theirs.conditions);
        let agrees = both(&mut mine.channel_kind, theirs.channel_kind)
            && both(&mut mine.contact_id, theirs.contact_id);
        if !agrees {
            mine.conditions.push(NOTHING);
        }
        mine.spam |= theirs.spam;
        self.search.words.extend(other.search.words);
        self.search.conditions.extend(other.search.conditions);
        self.sort = self.sort.or(other.sort);
        self
    }

    /// The order to list in.
    ///
    /// # Errors
    /// `Invalid` when it needs words and there are none.
    pub fn order(&self) -> Result<Sort> {
        match self.sort {
            Some(Sort::Relevance) if self.search.words.is_empty() => {
                let message = "relevance orders what words find; give some in search";
                Err(DeskError::invalid("sort", message))
            }
            sort => Ok(sort.unwrap_or_default()),
        }
    }
}

/// Takes the other's where there is none; false when they differ.
fn both<T: PartialEq>(mine: &mut Option<T>, theirs: Option<T>) -> bool {
    match (&mine, theirs) {
        (Some(one), Some(other)) => *one == other,
        (None, theirs) => {
            *mine = theirs;
            true
        }
        (Some(_), None) => true,
    }
}

fn search(problems: &mut Problems, text: &str) -> Search {
    if text.chars().count() > LONGEST_SEARCH {
        problems.add("search", format!("must be at most {LONGEST_SEARCH} characters long"));
        return Search::default();
    }
    problems.check("search", Search::parse(text)).unwrap_or_default()
}

/// An unknown word is a problem that names its parameter.
fn word<T>(problems: &mut Problems, name: &str, text: Option<&str>) -> Option<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.and_then(|it| problems.check(name, it.parse()))
}

fn assigned(problems: &mut Problems, text: Option<&str>, caller: &Caller) -> Option<Assigned> {
    match text? {
        "me" => caller.agent().map(Assigned::To),
        "none" => Some(Assigned::Nobody),
        id => match id.parse() {
            Ok(id) => Some(Assigned::To(id)),
            Err(_) => {
                problems.add("assigned_to", "must be an agent's id, \"me\" or \"none\"");
                None
            }
        },
    }
}
