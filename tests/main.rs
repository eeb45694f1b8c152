//! The integration tests, one binary. Each module is one kind of test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod net;
mod robots;
mod support;
