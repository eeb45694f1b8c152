//! What tests start and hold on loopback: servers that end with the value, and a clock that jumps.

pub(crate) mod clock;
pub(crate) mod dns;
pub(crate) mod samples;
pub(crate) mod web;

use cardvet::net::{Net, Settings};

/// A net that may ask loopback, at no pace worth waiting for.
pub(crate) fn open_net() -> Net {
    let rate = 1000.0;
    let settings = Settings {
        allow_private: true,
        host_rate: rate,
        address_rate: rate,
        overall_rate: rate,
        ..Settings::default()
    };
    Net::new(settings).expect("these settings are sound")
}
