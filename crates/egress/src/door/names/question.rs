//! One question to a name server as bytes, and what its answer says: nothing is believed that was not
//! asked.

use super::ALIASES_MAX;
use crate::{LookupError, Record, RecordType};
use hickory_proto::{
    op::{Edns, Message, MessageType, OpCode, Query, ResponseCode},
    rr::{self, DNSClass, Name, RData},
};
use words::Host;

/// The longest answer over UDP that is asked for (the value that is never fragmented: DNS flag day 2020).
pub(super) const UDP_ANSWER_BYTES_MAX: u16 = 1232;

/// The most of texts and names that one look-up gives, so that it fits into a packet to the desk.
const RECORDS_BYTES_MAX: usize = 16 * 1024;

/// A question with its random number.
pub(super) struct Question {
    name: Name,
    kind: rr::RecordType,
    id: u16,
    bytes: Vec<u8>,
}

/// What an answer says to the question.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Of the wanted type; none if the name points on to one about which this answer says nothing.
    pub records: Vec<Record>,
    /// The names that the name points on to, in order.
    pub aliases: Vec<Host>,
    /// How long all of this may be kept.
    pub ttl_seconds: u32,
}

/// What came instead of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Other {
    /// Not an answer to this question: perhaps of somebody else, who guesses.
    NotOurs,
    /// The answer is too long for a datagram.
    Truncated,
    /// An answer, and it is no.
    No(LookupError),
}

impl Question {
    pub(super) fn new(name: &Host, kind: RecordType) -> Result<Self, LookupError> {
        let mut name = Name::from_ascii(name.as_str()).map_err(|_| LookupError::BadName)?;
        name.set_fqdn(true);
        let kind = match kind {
            RecordType::A => rr::RecordType::A,
            RecordType::Aaaa => rr::RecordType::AAAA,
            RecordType::Mx => rr::RecordType::MX,
            RecordType::Txt => rr::RecordType::TXT,
            RecordType::Ptr => rr::RecordType::PTR,
            RecordType::Cname => rr::RecordType::CNAME,
        };
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(name.clone(), kind));
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_ANSWER_BYTES_MAX);
        message.set_edns(edns);
        let bytes = message.to_vec().map_err(|_| LookupError::BadName)?;
        Ok(Self { name, kind, id: message.metadata.id, bytes })
    }

    /// As it is sent.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads what came.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Answer, Other> {
        let message = Message::from_vec(bytes).map_err(|_| self.unreadable(bytes))?;
        if !self.is_answered_by(&message) {
            return Err(Other::NotOurs);
        }
        if message.metadata.truncation {
            return Err(Other::Truncated);
        }
        match message.metadata.response_code {
            ResponseCode::NoError => self.take(&message.answers).map_err(Other::No),
            ResponseCode::NXDomain => Err(Other::No(LookupError::NoSuchName)),
            code => Err(Other::No(LookupError::ServerFailed(code.into()))),
        }
    }

    /// What bears our number but cannot be read is the server's fault; anything else is not ours.
    fn unreadable(&self, bytes: &[u8]) -> Other {
        if bytes.starts_with(&self.id.to_be_bytes()) {
            Other::No(LookupError::BadAnswer)
        } else {
            Other::NotOurs
        }
    }

    fn is_answered_by(&self, message: &Message) -> bool {
        let head = &message.metadata;
        let [asked] = &message.queries[..] else { return false };
        head.id == self.id
            && head.message_type == MessageType::Response
            && head.op_code == OpCode::Query
            && asked.name() == &self.name
            && asked.query_type() == self.kind
            && asked.query_class() == DNSClass::IN
    }

    /// Walks from the name asked for over the names it points on to; takes only what lies on that way.
    fn take(&self, answers: &[rr::Record]) -> Result<Answer, LookupError> {
        let mut at = &self.name;
        let mut aliases = Vec::new();
        let mut ttl_seconds = u32::MAX;
        while self.kind != rr::RecordType::CNAME
            && let Some((target, ttl)) = points_to(answers, at)
        {
            if aliases.len() == ALIASES_MAX {
                return Err(LookupError::ChainTooLong);
            }
            aliases.push(text(target).parse().map_err(|_| LookupError::BadAnswer)?);
            ttl_seconds = ttl_seconds.min(ttl);
            at = target;
        }
        let mut records = Vec::new();
        let mut bytes = 0;
        for answer in answers.iter().filter(|answer| is_of(answer, at)) {
            let Some(record) = record(&answer.data).filter(|_| answer.record_type() == self.kind) else {
                continue;
            };
            bytes += length(&record);
            ttl_seconds = ttl_seconds.min(answer.ttl);
            records.push(record);
        }
        if bytes > RECORDS_BYTES_MAX {
            return Err(LookupError::BadAnswer);
        }
        if records.is_empty() && aliases.is_empty() {
            return Err(LookupError::NoRecords);
        }
        Ok(Answer { records, aliases, ttl_seconds })
    }
}

fn is_of(answer: &rr::Record, name: &Name) -> bool {
    answer.name == *name && answer.dns_class == DNSClass::IN
}

fn points_to<'a>(answers: &'a [rr::Record], name: &Name) -> Option<(&'a Name, u32)> {
    answers.iter().filter(|answer| is_of(answer, name)).find_map(|answer| match &answer.data {
        RData::CNAME(target) => Some((&target.0, answer.ttl)),
        _ => None,
    })
}

fn record(data: &RData) -> Option<Record> {
    Some(match data {
        RData::A(address) => Record::A(address.0),
        RData::AAAA(address) => Record::Aaaa(address.0),
        RData::MX(mx) => Record::Mx { preference: mx.preference, exchange: text(&mx.exchange) },
        RData::TXT(txt) => Record::Txt(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        RData::PTR(name) => Record::Ptr(text(name)),
        RData::CNAME(name) => Record::Cname(text(name)),
        _ => return None,
    })
}

/// In lower case, without its last dot.
fn text(name: &Name) -> String {
    let mut text = name.to_ascii().to_lowercase();
    text.truncate(text.trim_end_matches('.').len());
    text
}

fn length(record: &Record) -> usize {
    match record {
        Record::A(_) => 4,
        Record::Aaaa(_) => 16,
        Record::Mx { exchange: text, .. } | Record::Txt(text) | Record::Ptr(text) | Record::Cname(text) => {
            16 + text.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::rdata::{A, CNAME, TXT};

    fn name(text: &str) -> Name {
        let mut name = Name::from_ascii(text).unwrap();
        name.set_fqdn(true);
        name
    }

    fn answer(question: &Question, answers: &[(&str, RData)]) -> Message {
        let mut message = Message::response(question.id, OpCode::Query);
        message.add_query(Query::query(question.name.clone(), question.kind));
        for (of, data) in answers {
            message.add_answer(rr::Record::from_rdata(name(of), 300, data.clone()));
        }
        message
    }

    fn a(last: u8) -> RData {
        RData::A(A(std::net::Ipv4Addr::new(192, 0, 2, last)))
    }

    fn to(target: &str) -> RData {
        RData::CNAME(CNAME(name(target)))
    }

    fn asked() -> Question {
        Question::new(&"www.Example.".parse().unwrap(), RecordType::A).unwrap()
    }

    #[test]
    fn takes_what_was_asked_for_and_nothing_that_lies_beside() {
        let question = asked();
        let message = answer(
            &question,
            &[
                ("evil.example", a(66)),
                ("WWW.example", to("b.example")),
                ("c.example", a(3)),
                ("b.example", to("c.example")),
            ],
        );
        let taken = question.read(&message.to_vec().unwrap()).unwrap();
        assert_eq!(taken.records, [Record::A([192, 0, 2, 3].into())]);
        assert_eq!(taken.aliases, ["b.example".parse().unwrap(), "c.example".parse().unwrap()]);
        assert_eq!(taken.ttl_seconds, 300);
    }

    #[test]
    fn does_not_believe_what_it_did_not_ask() {
        let question = asked();
        let good = answer(&question, &[("www.example", a(1))]);
        let mut other_id = good.clone();
        other_id.metadata.id ^= 1;
        let mut query = good.clone();
        query.metadata.message_type = MessageType::Query;
        let mut no_question = good.clone();
        no_question.queries.clear();
        let mut other_name = good.clone();
        other_name.queries[0].set_name(name("ww.example"));
        let mut other_type = good.clone();
        other_type.queries[0].set_query_type(rr::RecordType::TXT);
        for wrong in [other_id, query, no_question, other_name, other_type] {
            assert_eq!(question.read(&wrong.to_vec().unwrap()), Err(Other::NotOurs), "{wrong:?}");
        }
        assert_eq!(question.read(b"junk"), Err(Other::NotOurs));
        assert!(question.read(&good.to_vec().unwrap()).is_ok());
    }

    #[test]
    fn says_why_there_is_nothing() {
        let question = asked();
        let no = |message: Message| question.read(&message.to_vec().unwrap()).unwrap_err();
        assert_eq!(no(answer(&question, &[])), Other::No(LookupError::NoRecords));
        let of_other_type = RData::TXT(TXT::new(vec!["x".into()]));
        assert_eq!(
            no(answer(&question, &[("www.example", of_other_type)])),
            Other::No(LookupError::NoRecords)
        );
        let code = |code| {
            let mut message = answer(&question, &[]);
            message.metadata.response_code = code;
            message
        };
        assert_eq!(no(code(ResponseCode::NXDomain)), Other::No(LookupError::NoSuchName));
        assert_eq!(no(code(ResponseCode::ServFail)), Other::No(LookupError::ServerFailed(2)));
        let mut truncated = answer(&question, &[("www.example", a(1))]);
        truncated.metadata.truncation = true;
        assert_eq!(no(truncated), Other::Truncated);
    }

    #[test]
    fn a_circle_ends() {
        let question = asked();
        let circle = answer(&question, &[("www.example", to("b.example")), ("b.example", to("www.example"))]);
        assert_eq!(question.read(&circle.to_vec().unwrap()), Err(Other::No(LookupError::ChainTooLong)));
    }
}
