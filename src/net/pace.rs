//! Pace: no more than so many requests a second to a host, to an address and over all, and one in flight a host.
//!
//! Quotas are governor's, evenly spaced (burst 1); the clock is given. It decides when, never whether: a wait that
//! does not fit into the time left is told at once instead of being slept through. State of hosts that have gone
//! quiet is dropped as it grows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::NetError;
use super::clock::Clock;
use super::settings::Settings;

/// Above this many kept keys the quiet ones are dropped.
const KEPT: usize = 4096;

/// How long a host's last request is remembered at least; no crawl-delay is longer by default.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Our clock in governor's form.
#[derive(Debug, Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.now()
    }
}

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

/// The quotas.
#[derive(Debug)]
pub(super) struct Pace {
    hosts: Keyed<String>,
    addresses: Keyed<IpAddr>,
    overall: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>,
    slots: Mutex<Slots>,
    clock: Arc<dyn Clock>,
}

/// The right to have a request in flight to one host, and when the last page was asked for there.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Time of the last page request, by the clock.
    pub(super) last_page: Option<Duration>,
}

/// The slots of all hosts.
#[derive(Debug)]
struct Slots {
    hosts: BTreeMap<String, Arc<AsyncMutex<Slot>>>,
    /// How many there may be before the next sweep.
    sweep_at: usize,
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            hosts: BTreeMap::new(),
            sweep_at: KEPT,
        }
    }
}

impl Slots {
    /// Drops the slots of hosts that have gone quiet, each time their number has doubled.
    fn sweep(&mut self, now: Duration) {
        if self.hosts.len() >= self.sweep_at {
            self.hosts.retain(|_, slot| !forgettable(slot, now));
            self.sweep_at = KEPT.max(2 * self.hosts.len());
        }
    }
}

/// The wait does not fit into the time that is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TooLong;

impl Pace {
    /// Quotas by the settings.
    pub(super) fn new(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Self, NetError> {
        let ticks = || Ticks(Arc::clone(clock));
        Ok(Self {
            hosts: RateLimiter::dashmap_with_clock(quota("host_rate", settings.host_rate)?, ticks()),
            addresses: RateLimiter::dashmap_with_clock(
                quota("address_rate", settings.address_rate)?,
                ticks(),
            ),
            overall: RateLimiter::direct_with_clock(quota("overall_rate", settings.overall_rate)?, ticks()),
            slots: Mutex::default(),
            clock: Arc::clone(clock),
        })
    }

    /// Waits until no other request to the host is in flight; the next one waits until the slot is dropped.
    pub(super) async fn enter(&self, host: &str) -> OwnedMutexGuard<Slot> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.sweep(self.clock.now());
            Arc::clone(slots.hosts.entry(host.to_owned()).or_default())
        };
        slot.lock_owned().await
    }

    /// Waits for the turn of one request. `until` is the moment, by the clock, after which it is of no use.
    pub(super) async fn turn(&self, host: &str, address: IpAddr, until: Duration) -> Result<(), TooLong> {
        self.forget_quiet();
        let host = host.to_owned();
        while let Err(not_yet) = self.hosts.check_key(&host) {
            self.wait(not_yet.wait_time_from(self.clock.now()), until).await?;
        }
        while let Err(not_yet) = self.addresses.check_key(&address) {
            self.wait(not_yet.wait_time_from(self.clock.now()), until).await?;
        }
        while let Err(not_yet) = self.overall.check() {
            self.wait(not_yet.wait_time_from(self.clock.now()), until).await?;
        }
        Ok(())
    }

    /// Waits, unless that would be too long.
    pub(super) async fn wait(&self, time: Duration, until: Duration) -> Result<(), TooLong> {
        if self.clock.now().saturating_add(time) >= until {
            return Err(TooLong);
        }
        self.clock.sleep(time).await;
        Ok(())
    }

    fn forget_quiet(&self) {
        if self.hosts.len() > KEPT {
            self.hosts.retain_recent();
            self.hosts.shrink_to_fit();
        }
        if self.addresses.len() > KEPT {
            self.addresses.retain_recent();
            self.addresses.shrink_to_fit();
        }
    }
}

/// Nobody holds or awaits the slot, and its last request is long past.
fn forgettable(slot: &Arc<AsyncMutex<Slot>>, now: Duration) -> bool {
    Arc::strong_count(slot) == 1
        && slot
            .try_lock()
            .is_ok_and(|slot| slot.last_page.is_none_or(|last| last + REMEMBERED < now))
}

/// An evenly spaced quota of so many a second.
fn quota(field: &'static str, rate: f64) -> Result<Quota, NetError> {
    // From one a day to a million a second; anything else is a slip of the pen.
    if !(1.0 / 86_400.0..=1e6).contains(&rate) {
        return Err(NetError::Rate { field, rate });
    }
    Quota::with_period(Duration::from_secs_f64(rate.recip())).ok_or(NetError::Rate { field, rate })
}

#[cfg(test)]
mod tests {
    use super::super::clock::fake::Jumping;
    use super::*;

    const FAR: Duration = Duration::from_secs(1000);

    fn pace() -> (Pace, Arc<Jumping>) {
        let clock = Arc::new(Jumping::default());
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        (Pace::new(&Settings::default(), &shared).unwrap(), clock)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([8, 8, 8, last])
    }

    #[tokio::test]
    async fn spaces_requests_to_a_host_by_half_a_second() {
        let (pace, clock) = pace();
        for turn in 0..5_u32 {
            pace.turn("a.test", address(1), FAR).await.unwrap();
            assert_eq!(clock.now(), Duration::from_millis(500) * turn);
        }
    }

    #[tokio::test]
    async fn spaces_requests_to_an_address_by_a_quarter_of_a_second() {
        let (pace, clock) = pace();
        for (turn, host) in ["a.test", "b.test", "c.test", "d.test"].iter().enumerate() {
            pace.turn(host, address(1), FAR).await.unwrap();
            assert_eq!(
                clock.now(),
                Duration::from_millis(250) * u32::try_from(turn).unwrap()
            );
        }
    }

    #[tokio::test]
    async fn spaces_all_requests_by_twenty_milliseconds() {
        let (pace, clock) = pace();
        for turn in 0..6_u8 {
            pace.turn(&format!("{turn}.test"), address(turn), FAR)
                .await
                .unwrap();
            assert_eq!(clock.now(), Duration::from_millis(20) * u32::from(turn));
        }
    }

    #[tokio::test]
    async fn tells_at_once_when_the_turn_comes_too_late() {
        let (pace, clock) = pace();
        pace.turn("a.test", address(1), FAR).await.unwrap();
        let until = Duration::from_millis(500);
        assert_eq!(pace.turn("a.test", address(1), until).await, Err(TooLong));
        assert_eq!(clock.now(), Duration::ZERO);
    }

    #[tokio::test]
    async fn lets_one_in_at_a_time() {
        let (pace, _) = pace();
        let held = pace.enter("a.test").await;
        assert!(
            tokio::time::timeout(Duration::ZERO, pace.enter("a.test"))
                .await
                .is_err()
        );
        assert!(
            tokio::time::timeout(Duration::ZERO, pace.enter("b.test"))
                .await
                .is_ok()
        );
        drop(held);
        assert!(
            tokio::time::timeout(Duration::ZERO, pace.enter("a.test"))
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn forgets_hosts_that_have_gone_quiet() {
        let clock = Arc::new(Jumping::default());
        let settings = Settings {
            overall_rate: 1e6,
            address_rate: 1e6,
            ..Settings::default()
        };
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let quick = Pace::new(&settings, &shared).unwrap();
        let busy = quick.enter("busy.test").await;
        for number in 0..3 * KEPT {
            clock.advance(Duration::from_millis(20));
            let host = format!("{number}.test");
            quick.turn(&host, address(1), FAR).await.unwrap();
            quick.enter(&host).await.last_page = Some(clock.now());
        }
        assert!(quick.hosts.len() <= KEPT + 1, "{}", quick.hosts.len());
        let slots = quick.slots.lock().unwrap();
        // 3000 of them are within the time that is remembered.
        assert!(slots.hosts.len() < 3 * KEPT, "{}", slots.hosts.len());
        assert!(slots.hosts.contains_key("busy.test"));
        assert!(!slots.hosts.contains_key("0.test"));
        drop(busy);
    }

    #[test]
    fn refuses_rates_that_make_no_sense() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9] {
            assert!(quota("host_rate", rate).is_err(), "{rate}");
        }
    }
}
