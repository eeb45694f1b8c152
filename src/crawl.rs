//! placeholder while page is built
