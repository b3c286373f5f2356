//! Knowledge: articles that replies are suggested from.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    articles::{self, Change},
};
use domain::{
    articles::{Article, ArticleFormat},
    ids::{AgentId, ArticleId},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word},
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ChangeArticles, ReadArticles};
    routes
        .get("/api/knowledge", ReadArticles, list)
        .about("List the articles replies are suggested from");
    routes.post("/api/knowledge", ChangeArticles, create).about("Add an article");
    routes.get("/api/knowledge/{id}", ReadArticles, read).about("Read an article");
    routes.patch("/api/knowledge/{id}", ChangeArticles, update).about("Change an article");
    routes.delete("/api/knowledge/{id}", ChangeArticles, delete).about("Delete an article");
}

async fn list(
    who: SignedIn,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<Json<List<ListedArticle>>> {
    let page = List::whole(articles::list(&desk, who.0.caller()).await?, &paging)?;
    let data = page.data.into_iter().map(ListedArticle::from).collect();
    Ok(Json(List { data, pagination: page.pagination }))
}

async fn read(who: SignedIn, id: Id<ArticleId>, desk: Data<Desk>) -> Result<Json<ArticleView>> {
    Ok(Json(articles::find(&desk, who.0.caller(), id.0).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewArticle {
    title: String,
    /// At most 60,000 characters.
    content: String,
    /// How `content` is written; `text` unless told.
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<ArticleFormat>)]
    format: Option<ArticleFormat>,
}

async fn create(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<NewArticle>,
    desk: Data<Desk>,
) -> Result<Created<ArticleView>> {
    let claim = key.claim(&body);
    let it = body.value;
    let new = Change { title: Some(it.title), content: Some(it.content), format: it.format };
    Ok(Created(articles::create(&desk, who.0.caller(), new, claim).await?.into()))
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ArticlePatch {
    #[serde(default, deserialize_with = "parse::present")]
    title: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    content: Option<String>,
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<ArticleFormat>)]
    format: Option<ArticleFormat>,
}

async fn update(
    who: SignedIn,
    id: Id<ArticleId>,
    body: Body<ArticlePatch>,
    desk: Data<Desk>,
) -> Result<Json<ArticleView>> {
    let it = body.value;
    let change = Change { title: it.title, content: it.content, format: it.format };
    Ok(Json(articles::update(&desk, who.0.caller(), id.0, change).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct DeletedArticle {
    #[serde(flatten)]
    was: ArticleView,
    result: &'static str,
}

async fn delete(
    who: SignedIn,
    id: Id<ArticleId>,
    desk: Data<Desk>,
) -> Result<Json<DeletedArticle>> {
    let was = articles::delete(&desk, who.0.caller(), id.0).await?;
    Ok(Json(DeletedArticle { was: was.into(), result: "deleted" }))
}

/// An article without its content.
#[derive(Serialize, ToSchema)]
struct ListedArticle {
    #[schema(value_type = Uuid)]
    id: ArticleId,
    title: String,
    format: &'static str,
    #[schema(value_type = Option<Uuid>)]
    created_by: Option<AgentId>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct ArticleView {
    #[serde(flatten)]
    listed: ListedArticle,
    content: String,
}

impl From<Article> for ListedArticle {
    fn from(it: Article) -> Self {
        Self {
            id: it.id,
            title: it.title,
            format: it.format.as_str(),
            created_by: it.created_by,
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}

impl From<Article> for ArticleView {
    fn from(mut it: Article) -> Self {
        let content = std::mem::take(&mut it.content);
        Self { listed: it.into(), content }
    }
}
