//! Saved: answers of sites as web-archive programs and browsers keep them in files.
//!
//! Takes the bytes of a WARC file ([`warc`]) or a page saved as one file ([`mhtml`]), gives [`SavedAnswer`]s: address,
//! status, headers and the body as a browser would have seen it. [`address`] tells where a saved page came from. Every
//! length is bounded; a file that breaks off gives what stands before the break. It opens no file and judges nothing.

pub mod address;
mod coding;
mod http;
pub mod mhtml;
pub mod warc;

use jiff::Timestamp;
use url::Url;

/// Most that is kept of one body, in bytes.
pub const MAX_BODY: usize = 8 << 20;

/// One answer of a site, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAnswer {
    /// The address that answered.
    pub url: Url,
    /// Its status; 200 where the file does not say.
    pub status: u16,
    /// Headers, lower-case names, in order.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked, up to [`MAX_BODY`].
    pub body: Vec<u8>,
    /// Why the body is not whole, if it is not.
    pub cut: Option<String>,
    /// When it was saved, where the file says so.
    pub at: Option<Timestamp>,
}

/// A file that could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It could not be read.
    #[error("could not read on: {0}")]
    Read(#[from] std::io::Error),
    /// It does not begin like a file of its kind.
    #[error("this is no {0} file")]
    Other(&'static str),
    /// It breaks off, or a part of it makes no sense.
    #[error("record {record} is broken: {what}")]
    Broken {
        /// Which record, counted from one.
        record: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}
