//! Trouble: what went wrong on the way to an answer, in the words of a gap.
//!
//! Takes the errors of the HTTP client, gives a reason and a short text that does not depend on the machine.
//! It decides nothing; whether to try again is `visit`'s, by `passing`.

use std::error::Error;
use std::io;

use crate::evidence::GapReason;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trouble {
    pub(super) reason: GapReason,
    pub(super) detail: String,
    /// Whether it may be gone at the next try.
    pub(super) passing: bool,
}

impl Trouble {
    /// Trouble that stays.
    pub(super) fn lasting(reason: GapReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            passing: false,
        }
    }

    /// Trouble that may be gone at the next try.
    pub(super) fn passing(reason: GapReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            passing: true,
        }
    }

    /// An address that may not be contacted.
    pub(super) fn refused(detail: impl Into<String>) -> Self {
        Self::lasting(GapReason::AddressRefused, detail)
    }

    /// The visit's time is over.
    pub(super) fn spent() -> Self {
        Self::lasting(GapReason::BudgetSpent, "time")
    }

    /// What a failed request means.
    pub(super) fn of(err: &reqwest::Error) -> Self {
        let seen = Seen::of(err);
        if seen.says("message head is too large") {
            return Self::lasting(GapReason::TooLarge, "headers");
        }
        if err.is_connect() {
            return seen.connecting(err.is_timeout());
        }
        match seen.io {
            Some(kind) => Self::passing(GapReason::TcpFail, lost(kind)),
            None if seen.says("connection closed before message completed") => {
                Self::passing(GapReason::TcpFail, "connection closed")
            }
            None if seen.tls.is_some() => Self::lasting(GapReason::TlsFail, "broken record"),
            None => Self::lasting(GapReason::Unparsable, "not HTTP"),
        }
    }
}

/// What the chain of causes holds.
#[derive(Debug, Default)]
struct Seen {
    texts: Vec<String>,
    io: Option<io::ErrorKind>,
    tls: Option<rustls::Error>,
}

impl Seen {
    fn of(err: &(dyn Error + 'static)) -> Self {
        let mut seen = Self::default();
        let mut next = Some(err);
        while let Some(err) = next {
            seen.texts.push(err.to_string());
            if let Some(io) = err.downcast_ref::<io::Error>() {
                seen.unwrap(io);
            }
            next = err.source();
        }
        seen
    }

    /// An I/O error may wrap another, or the TLS library's; the innermost kind says most.
    fn unwrap(&mut self, io: &io::Error) {
        if self.io.is_none_or(|kind| kind == io::ErrorKind::Other) {
            self.io = Some(io.kind());
        }
        let Some(inner) = io.get_ref() else { return };
        self.texts.push(inner.to_string());
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            self.tls = Some(tls.clone());
        } else if let Some(io) = inner.downcast_ref::<io::Error>() {
            self.unwrap(io);
        }
    }

    fn says(&self, part: &str) -> bool {
        self.texts.iter().any(|text| text.contains(part))
    }

    fn connecting(&self, timed_out: bool) -> Trouble {
        if let Some(tls) = &self.tls {
            return Trouble::lasting(GapReason::TlsFail, handshake(tls));
        }
        if timed_out || self.io == Some(io::ErrorKind::TimedOut) {
            return Trouble::passing(GapReason::Timeout, "connecting");
        }
        let kind = self.io.unwrap_or(io::ErrorKind::Other);
        if !self.says("tcp connect error") && !self.says("tcp open error") {
            return Trouble::passing(GapReason::TlsFail, format!("handshake: {}", lost(kind)));
        }
        match kind {
            io::ErrorKind::ConnectionRefused => Trouble::lasting(GapReason::TcpFail, "connection refused"),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Trouble::lasting(GapReason::TcpFail, "unreachable")
            }
            kind => Trouble::passing(GapReason::TcpFail, lost(kind)),
        }
    }
}

fn lost(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset",
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted => "connection closed",
        io::ErrorKind::ConnectionRefused => "connection refused",
        _ => "connection failed",
    }
}

fn handshake(err: &rustls::Error) -> String {
    match err {
        rustls::Error::AlertReceived(alert) => format!("alert {alert:?}"),
        rustls::Error::InvalidMessage(_) => "not TLS".to_owned(),
        rustls::Error::PeerIncompatible(_) => "no common version or cipher".to_owned(),
        rustls::Error::InvalidCertificate(_) => "bad handshake signature".to_owned(),
        _ => "handshake failed".to_owned(),
    }
}

/// Why the rest of a body did not come.
pub(super) fn cut_by(err: &reqwest::Error) -> &'static str {
    let seen = Seen::of(err);
    let connection = [
        "connection",
        "end of file before message length",
        "body from connection",
    ];
    if connection.iter().any(|part| seen.says(part)) {
        "connection lost"
    } else {
        "corrupt encoding"
    }
}
