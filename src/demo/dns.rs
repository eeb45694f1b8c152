//! A DNS responder for the samples' invented names.
//!
//! Takes UDP packets on loopback; gives 127.0.0.1 for a sample's host and every name below it, an empty answer
//! for their other record types, and NXDOMAIN for any other name. Packets that are no plain question are ignored.
//! It does not forward, cache or speak TCP: an answer always fits one packet.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use hickory_resolver::proto::op::{Message, MessageType, Metadata, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::A;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::sync::watch;

/// Seconds an answer may be kept; the port behind the name changes with every run.
const TTL: u32 = 1;

/// Answers packets until `stop` closes. An error of the socket concerns one peer and does not end the service.
pub(super) async fn answer(socket: UdpSocket, hosts: BTreeSet<String>, mut stop: watch::Receiver<()>) {
    let mut packet = vec![0; 4096];
    loop {
        let received = tokio::select! {
            _ = stop.changed() => return,
            received = socket.recv_from(&mut packet) => received,
        };
        let Ok((length, peer)) = received else { continue };
        let Some(bytes) = packet.get(..length).and_then(|bytes| reply(bytes, &hosts)) else {
            continue;
        };
        if let Err(error) = socket.send_to(&bytes, peer).await {
            tracing::debug!(%peer, %error, "a DNS answer could not be sent");
        }
    }
}

/// The answer to one packet, or nothing when it is not one plain question.
fn reply(packet: &[u8], hosts: &BTreeSet<String>) -> Option<Vec<u8>> {
    let asked = Message::from_vec(packet).ok()?;
    if asked.metadata.message_type != MessageType::Query || asked.metadata.op_code != OpCode::Query {
        return None;
    }
    let [question] = asked.queries.as_slice() else {
        return None;
    };
    let mut said = Message::response(asked.metadata.id, OpCode::Query);
    said.metadata = Metadata::response_from_request(&asked.metadata);
    said.metadata.authoritative = true;
    said.metadata.recursion_available = true;
    if !is_ours(&question.name, hosts) {
        said.metadata.response_code = ResponseCode::NXDomain;
    } else if question.query_type == RecordType::A {
        let address = RData::A(A(Ipv4Addr::LOCALHOST));
        said.add_answer(Record::from_rdata(question.name.clone(), TTL, address));
    }
    said.add_query(question.clone());
    said.to_vec().ok()
}

/// Whether the name is a sample's host or lies below one.
fn is_ours(name: &Name, hosts: &BTreeSet<String>) -> bool {
    let name = name.to_ascii().to_ascii_lowercase();
    let mut rest = name.trim_end_matches('.');
    loop {
        if hosts.contains(rest) {
            return true;
        }
        let Some((_, parent)) = rest.split_once('.') else {
            return false;
        };
        rest = parent;
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::Query;
    use proptest::prelude::*;

    use super::*;

    fn hosts() -> BTreeSet<String> {
        ["shop.test", "pay.brand.test"].map(str::to_owned).into()
    }

    fn question(name: &str, kind: RecordType) -> Vec<u8> {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.add_query(Query::query(
            Name::from_ascii(name).expect("the test's own name"),
            kind,
        ));
        message.to_vec().expect("a plain question")
    }

    fn check(name: &str, kind: RecordType, code: ResponseCode, addresses: usize) {
        let bytes = reply(&question(name, kind), &hosts()).expect("an answer");
        let said = Message::from_vec(&bytes).expect("a message");
        let found = said
            .answers
            .iter()
            .filter(|record| record.data == RData::A(A(Ipv4Addr::LOCALHOST)))
            .count();
        assert_eq!(
            (said.metadata.response_code, said.answers.len(), found),
            (code, addresses, addresses),
            "{name}"
        );
        assert_eq!(said.metadata.id, 7);
    }

    #[test]
    fn sample_names_are_loopback_and_others_do_not_exist() {
        check("shop.test.", RecordType::A, ResponseCode::NoError, 1);
        check("SHOP.Test.", RecordType::A, ResponseCode::NoError, 1);
        check("www.shop.test.", RecordType::A, ResponseCode::NoError, 1);
        check("shop.test.", RecordType::AAAA, ResponseCode::NoError, 0);
        check("shop.test.", RecordType::TXT, ResponseCode::NoError, 0);
        check("brand.test.", RecordType::A, ResponseCode::NXDomain, 0);
        check("myshop.test.", RecordType::A, ResponseCode::NXDomain, 0);
        check("test.", RecordType::A, ResponseCode::NXDomain, 0);
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let mut answer = reply(&question("shop.test.", RecordType::A), &hosts()).expect("an answer");
        assert_eq!(reply(&answer, &hosts()), None, "a response");
        answer.truncate(9);
        assert_eq!(reply(&answer, &hosts()), None, "half a header");
        assert_eq!(reply(&[], &hosts()), None, "nothing");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let mut damaged = question("www.shop.test.", RecordType::A);
            damaged.extend(&bytes);
            for (place, byte) in bytes.iter().enumerate() {
                if let Some(hit) = damaged.get_mut(place * 3) {
                    *hit ^= byte;
                }
            }
            for packet in [bytes, damaged] {
                if let Some(said) = reply(&packet, &hosts()) {
                    prop_assert!(Message::from_vec(&said).is_ok());
                }
            }
        }
    }
}
