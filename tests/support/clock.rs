//! A clock that jumps instead of waiting, and remembers how long it was asked to wait.

use std::sync::Mutex;
use std::time::Duration;

use cardvet::net::{Clock, Sleeping};
use jiff::Timestamp;

/// Starts at 0 s and 2026-01-01T00:00:00Z.
#[derive(Debug, Default)]
pub(crate) struct Jumping {
    now: Mutex<Duration>,
    waits: Mutex<Vec<Duration>>,
}

impl Jumping {
    /// The waits so far, those of a millisecond and more.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        let waits = self.waits.lock().unwrap();
        waits
            .iter()
            .copied()
            .filter(|wait| *wait >= Duration::from_millis(1))
            .collect()
    }
}

impl Clock for Jumping {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600).unwrap() + self.now()
    }

    fn sleep(&self, time: Duration) -> Sleeping<'_> {
        Box::pin(async move {
            self.waits.lock().unwrap().push(time);
            *self.now.lock().unwrap() += time;
        })
    }
}
