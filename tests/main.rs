//! The integration tests, one binary. Each module is one kind of test.

mod net;
mod robots;
mod support;
