//! The clock of the net: what time it is, and waiting.
//!
//! Everything that waits on purpose (pace, crawl-delay, `Retry-After`, backoff) and every budget goes by it, so a
//! test gives a clock whose `sleep` moves the time instead of waiting. Waiting for bytes does not go by it: that
//! is cut off by real time.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A waiting that can be boxed.
pub type Sleeping<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Time, as the net sees it.
pub trait Clock: Debug + Send + Sync {
    /// Time since some fixed moment; never goes back.
    fn now(&self) -> Duration;
    /// The time of day.
    fn timestamp(&self) -> Timestamp;
    /// Waits.
    fn sleep(&self, time: Duration) -> Sleeping<'_>;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock the others are given")]
    fn timestamp(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration) -> Sleeping<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}

#[cfg(test)]
pub(super) mod fake {
    //! A clock that jumps instead of waiting.

    use std::sync::{Mutex, PoisonError};

    use super::{Clock, Duration, Sleeping, Timestamp};

    /// Starts at 0 s and 2026-01-01; a sleep moves it on at once.
    #[derive(Debug, Default)]
    pub(crate) struct Jumping {
        now: Mutex<Duration>,
    }

    impl Jumping {
        pub(crate) fn advance(&self, by: Duration) {
            *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    impl Clock for Jumping {
        fn now(&self) -> Duration {
            *self.now.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn timestamp(&self) -> Timestamp {
            Timestamp::from_second(1_767_225_600).unwrap() + self.now()
        }

        fn sleep(&self, time: Duration) -> Sleeping<'_> {
            Box::pin(async move { self.advance(time) })
        }
    }
}
