//! The person an outbound conversation is with: somebody we know, or somebody new.

use domain::{
    Timestamp, addresses::EmailAddress, contacts::Contact, ids::ContactId, phones::PhoneNumber,
    policy::Caller, text,
};
use storage::{Tx, contacts, workspace};

use crate::{
    DeskError, Problems, Result,
    contacts::{Details, create_in},
};

const LONGEST_NAME: usize = 200;

/// With whom to open a conversation.
#[derive(Debug, Clone)]
pub enum With {
    Known(ContactId),
    /// Found by address or number, or made.
    Described {
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
    },
}

impl With {
    /// The contact, stored if it was not there yet.
    pub(crate) fn find_or_make(
        self,
        tx: &Tx<'_>,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Contact> {
        let (name, email, phone) = match self {
            Self::Known(id) => {
                return contacts::find(tx, id)?.ok_or(DeskError::NotFound("contact"));
            }
            Self::Described { name, email, phone } => (name, email, phone),
        };
        let country = workspace::find(tx)?.and_then(|it| it.default_country);
        let mut problems = Problems::default();
        let name = name
            .filter(|it| !it.trim().is_empty())
            .and_then(|it| problems.check("contact.name", text::line(&it, LONGEST_NAME)));
        let email = email.and_then(|it| problems.check("contact.email", EmailAddress::parse(&it)));
        let phone = phone.and_then(|it| {
            problems.check("contact.phone", PhoneNumber::parse(&it, country.as_deref()))
        });
        problems.finish()?;
        if email.is_none() && phone.is_none() {
            return Err(DeskError::invalid("contact", "needs an email or a phone"));
        }
        if let Some(id) = known(tx, email.as_ref(), phone.as_ref())? {
            return contacts::find(tx, id)?.ok_or_else(|| {
                DeskError::conflict("this contact is being erased; try again later")
            });
        }
        let details = Details {
            name,
            emails: email.iter().map(ToString::to_string).collect(),
            phones: phone.iter().map(ToString::to_string).collect(),
            ..Details::default()
        };
        create_in(tx, details, Some(caller.actor()), now)
    }
}

fn known(
    tx: &Tx<'_>,
    email: Option<&EmailAddress>,
    phone: Option<&PhoneNumber>,
) -> Result<Option<ContactId>> {
    let by_email = email.map(|it| contacts::find_by_email(tx, it)).transpose()?.flatten();
    let by_phone = phone.map(|it| contacts::find_by_phone(tx, it)).transpose()?.flatten();
    match (by_email, by_phone) {
        (Some(one), Some(other)) if one != other => Err(DeskError::Conflict {
            message: "the address and the number belong to two different contacts".to_owned(),
            existing_id: Some(one.0),
        }),
        (one, other) => Ok(one.or(other)),
    }
}
