//! The contact beside the conversation: who they are and what else they wrote about.

use maud::{Markup, html};
use words::{ContactId, ConversationId, Time};

use crate::{
    language::Texts,
    view::{
        folder::Folder,
        icon, people,
        time::{Telling, time},
    },
};

/// The one who wrote.
pub struct Contact {
    /// Who.
    pub id: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// Their addresses, the one of this conversation first.
    pub addresses: Vec<String>,
    /// When they first wrote.
    pub since: Time,
    /// How many conversations they have with us.
    pub conversations: u64,
    /// The newest others of these.
    pub others: Vec<OtherConversation>,
}

/// Another conversation of the contact.
pub struct OtherConversation {
    /// Which.
    pub id: ConversationId,
    /// Its subject; may be empty.
    pub subject: String,
    /// The folder that it belongs to.
    pub status: Folder,
    /// When something last happened.
    pub at: Time,
}

pub(super) fn panel(t: &Texts, contact: &Contact, here: ConversationId) -> Markup {
    html! {
        aside #contact.contact popover aria-label=(t.get("contact-panel")) data-conversation-target="contact" {
            header.contact-head {
                h2 { @if contact.name.is_empty() { (t.get("contact-no-name")) } @else { (contact.name) } }
                button.button-quiet.contact-close type="button" popovertarget="contact" popovertargetaction="hide"
                    aria-label=(t.get("close-dialog")) { (icon::X) }
            }
            ul.contact-addresses role="list" {
                @for address in &contact.addresses {
                    li {
                        span.address { (people::broken_at(address)) }
                        button.button-quiet type="button" data-controller="copy" data-action="copy#copy" data-needs-script
                            data-copy-text-value=(address) data-copy-done-value=(t.get("copied"))
                            aria-label=(t.with("copy-address", &[("address", address.as_str().into())])) { (icon::COPY) }
                    }
                }
            }
            dl.facts {
                dt { (t.get("contact-since")) } dd { (time(t, contact.since, Telling::Short)) }
                dt { (t.get("contact-conversations")) } dd { (contact.conversations) }
            }
            h3 { (t.get("contact-others")) }
            @if contact.others.is_empty() {
                p.quiet { (t.get("contact-others-none")) }
            } @else {
                ul.contact-others role="list" {
                    @for other in &contact.others {
                        li { a href={ "/conversations/" (other.id) } data-turbo-frame="pane" aria-current=[(other.id == here).then_some("page")] {
                            span.contact-subject { @if other.subject.is_empty() { (t.get("no-subject")) } @else { (other.subject) } }
                            span.contact-about { (t.get(state_key(other.status))) " · " (time(t, other.at, Telling::Short)) }
                        } }
                    }
                }
                @if let Some(address) = contact.addresses.first() {
                    a.contact-all href={ "/search?q=" (encoded(address)) } data-turbo-frame="_top" {
                        (t.get("contact-all")) (icon::ARROW_RIGHT)
                    }
                }
            }
        }
    }
}

pub(in crate::view) const fn state_key(status: Folder) -> &'static str {
    match status {
        Folder::Open | Folder::Mine | Folder::Unassigned => "state-open",
        Folder::Snoozed => "state-snoozed",
        Folder::Closed => "state-closed",
        Folder::Spam => "state-spam",
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
