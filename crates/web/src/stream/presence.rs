//! Who looks at a conversation, and who types in it.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    live::presence::{self, Here},
};
use domain::{ids::ConversationId, policy::Action, presence::Activity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::frames::HereView;
use crate::{
    body::Body, error::Result, openapi::optional_word, parse, path::Id, routes::Routes,
    session::SignedIn,
};

pub(super) fn routes(routes: &mut Routes) {
    routes
        .get("/api/conversations/{id}/presence", Action::ReadConversations, list)
        .about("See who is at a conversation just now");
    routes
        .post("/api/conversations/{id}/presence", Action::ReadConversations, set)
        .about("Say that you look at a conversation or type in it; say it again before it is over");
}

/// `null` for somebody who left. Looking is over after 45 seconds, typing after 8.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPresence {
    #[serde(deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Activity>)]
    activity: Option<Activity>,
}

#[derive(Serialize, ToSchema)]
struct PresenceView {
    here: Vec<HereView>,
}

impl From<Vec<Here>> for PresenceView {
    fn from(here: Vec<Here>) -> Self {
        Self { here: here.into_iter().map(HereView::from).collect() }
    }
}

async fn list(
    who: SignedIn,
    id: Id<ConversationId>,
    desk: Data<Desk>,
) -> Result<Json<PresenceView>> {
    Ok(Json(presence::list(&desk, who.0.caller(), id.0).await?.into()))
}

async fn set(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<SetPresence>,
    desk: Data<Desk>,
) -> Result<Json<PresenceView>> {
    let activity = body.value.activity;
    let here = presence::set(&desk, who.0.caller(), who.0.name, id.0, activity).await?;
    Ok(Json(here.into()))
}
