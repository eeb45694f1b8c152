//! A name server that answers from a function of the test. UDP only; it ends with the value.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// What the server says to one question.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// These addresses, those of the kind that was asked for; with a time to live of 0.
    Addresses(Vec<IpAddr>),
    /// No such name.
    NoName,
    /// The server fails.
    Fail,
    /// Nothing at all.
    Silence,
}

/// A running name server.
#[derive(Debug)]
pub(crate) struct NameServer {
    pub(crate) at: SocketAddr,
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
    _task: JoinSet<()>,
}

impl NameServer {
    /// On loopback. The function gets the name (no final dot), whether AAAA was asked, and how often this very
    /// question had been asked before.
    pub(crate) async fn start(answer: impl Fn(&str, bool, usize) -> Say + Send + Sync + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let mut task = JoinSet::new();
        task.spawn(serve(socket, answer, Arc::clone(&asked)));
        Self {
            at,
            asked,
            _task: task,
        }
    }

    /// Every name has these addresses.
    pub(crate) async fn always(addresses: &[&str]) -> Self {
        let addresses: Vec<IpAddr> = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
        Self::start(move |_, _, _| Say::Addresses(addresses.clone())).await
    }

    /// How often a name was asked for, by record type: `shop.test A`.
    pub(crate) fn asked(&self, question: &str) -> usize {
        self.asked.lock().unwrap().get(question).copied().unwrap_or(0)
    }
}

async fn serve(
    socket: UdpSocket,
    answer: impl Fn(&str, bool, usize) -> Say,
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        let Ok(question) = Message::from_vec(&buffer[..length]) else {
            continue;
        };
        let Some(query) = question.queries.first().cloned() else {
            continue;
        };
        let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let before = {
            let mut asked = asked.lock().unwrap();
            let count = asked.entry(format!("{name} {}", query.query_type())).or_insert(0);
            *count += 1;
            *count - 1
        };
        let mut reply = Message::response(question.id, question.op_code);
        reply.metadata.message_type = MessageType::Response;
        reply.metadata.recursion_desired = true;
        reply.metadata.recursion_available = true;
        reply.add_query(query.clone());
        let six = query.query_type() == RecordType::AAAA;
        match answer(&name, six, before) {
            Say::Addresses(list) => {
                for ip in list {
                    let data = match ip {
                        IpAddr::V4(ip) if !six => RData::A(A(ip)),
                        IpAddr::V6(ip) if six => RData::AAAA(AAAA(ip)),
                        _ => continue,
                    };
                    reply.add_answer(Record::from_rdata(query.name().clone(), 0, data));
                }
            }
            Say::NoName => reply.metadata.response_code = ResponseCode::NXDomain,
            Say::Fail => reply.metadata.response_code = ResponseCode::ServFail,
            Say::Silence => continue,
        }
        let bytes = reply.to_vec().unwrap();
        drop(socket.send_to(&bytes, peer).await);
    }
}
