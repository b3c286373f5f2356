//! Knowledge that replies are suggested from.

use connectors::{
    email::plain::{self, Links},
    markdown,
};
use domain::{
    articles::{self as pieces, Article, ArticleFormat},
    events::Event,
    ids::ArticleId,
    policy::{self, Action, Caller, Denied, Object},
    text,
};
use storage::{Reader, Tx, articles, events};

use crate::{
    Desk, DeskError, Problems, Result,
    idempotency::{self, Claim},
    messages::display::off_thread,
};

const TITLE_LENGTH: usize = 200;
/// Characters; a request's body holds no more of four bytes each.
const CONTENT_LENGTH: usize = 60_000;
const MOST: u64 = 5_000;

/// What to write; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub title: Option<String>,
    pub format: Option<ArticleFormat>,
    pub content: Option<String>,
}

/// All by title, without their content.
pub async fn list(desk: &Desk, caller: Caller) -> Result<Vec<Article>> {
    policy::authorize(&caller, Action::ReadArticles, Object::Any)?;
    Ok(desk.store.read(articles::list).await?)
}

pub async fn find(desk: &Desk, caller: Caller, id: ArticleId) -> Result<Article> {
    policy::authorize(&caller, Action::ReadArticles, Object::Any)?;
    desk.store.read(move |db| load(db, id)).await
}

/// # Errors
/// `Invalid` naming what is missing or too long.
pub async fn create(
    desk: &Desk,
    caller: Caller,
    new: Change,
    claim: Option<Claim>,
) -> Result<Article> {
    policy::authorize(&caller, Action::ChangeArticles, Object::Any)?;
    let now = desk.clock.now();
    let mut it = Article {
        id: ArticleId::new(),
        title: String::new(),
        format: ArticleFormat::Text,
        content: String::new(),
        created_by: Some(caller.agent().ok_or(Denied::NotSignedIn)?),
        created_at: now,
        updated_at: now,
    };
    let new = Change {
        title: Some(new.title.unwrap_or_default()),
        content: Some(new.content.unwrap_or_default()),
        format: new.format,
    };
    apply(&mut it, new)?;
    let (it, passages) = cut(it).await?;
    desk.store
        .write(move |tx| {
            let load = |tx: &Tx<'_>, id: uuid::Uuid| load(tx, ArticleId(id));
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                if articles::count(tx)? >= MOST {
                    let message = format!("there are {MOST} articles; delete one first");
                    return Err(DeskError::conflict(message));
                }
                articles::insert(tx, &it, &passages)?;
                let event = Event::ArticleCreated { article_id: it.id };
                events::append(tx, None, event, caller.actor(), now)?;
                Ok((it.id.0, it))
            })
        })
        .await
}

/// # Errors
/// As [`create`].
pub async fn update(desk: &Desk, caller: Caller, id: ArticleId, change: Change) -> Result<Article> {
    policy::authorize(&caller, Action::ChangeArticles, Object::Any)?;
    let now = desk.clock.now();
    let before = find(desk, caller, id).await?;
    let mut after = before.clone();
    apply(&mut after, change)?;
    if after == before {
        return Ok(before);
    }
    let fields = [
        ("title", after.title != before.title),
        ("format", after.format != before.format),
        ("content", after.content != before.content),
    ];
    let fields = fields.into_iter().filter_map(|(name, it)| it.then_some(name)).collect();
    after.updated_at = now;
    let (after, passages) = cut(after).await?;
    desk.store
        .write(move |tx| {
            // Cutting took place outside; what another admin wrote meanwhile is not lost silently.
            if load(tx, id)?.updated_at != before.updated_at {
                return Err(DeskError::conflict("somebody changed it meanwhile; read it again"));
            }
            articles::update(tx, &after, &passages)?;
            let event = Event::ArticleChanged { article_id: id, fields };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(after)
        })
        .await
}

/// Removes one; it is answered as it was.
pub async fn delete(desk: &Desk, caller: Caller, id: ArticleId) -> Result<Article> {
    policy::authorize(&caller, Action::ChangeArticles, Object::Any)?;
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let it = load(tx, id)?;
            articles::delete(tx, id)?;
            let event = Event::ArticleDeleted { article_id: id, title: it.title.clone() };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(it)
        })
        .await
}

fn load(db: &Reader<'_>, id: ArticleId) -> Result<Article> {
    articles::find(db, id)?.ok_or(DeskError::NotFound("article"))
}

fn apply(it: &mut Article, change: Change) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(title) = change.title
        && let Some(title) = problems.check("title", text::line(&title, TITLE_LENGTH))
    {
        it.title = title;
    }
    if let Some(content) = change.content
        && let Some(content) = problems.check("content", text::block(&content, CONTENT_LENGTH))
    {
        if content.trim().is_empty() {
            problems.add("content", "must not be empty");
        }
        it.content = content;
    }
    if let Some(format) = change.format {
        it.format = format;
    }
    problems.finish()
}

/// The article with the passages it is found by.
async fn cut(it: Article) -> Result<(Article, Vec<String>)> {
    off_thread(move || {
        let text = match it.format {
            ArticleFormat::Text => it.content.clone(),
            ArticleFormat::Markdown => markdown::to_text(&it.content),
            ArticleFormat::Html => plain::from_html(&it.content, Links::Show),
        };
        let passages = pieces::passages(&text);
        (it, passages)
    })
    .await
}
