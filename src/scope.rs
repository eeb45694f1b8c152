//! Scope: which level of a platform an address belongs to, by patterns in `data/scopes.toml`.
//!
//! A merchant's grade never becomes the platform's, so the level is part of every key. This file only reads
//! addresses; it looks at no page.

use serde::Deserialize;
use url::Url;

use crate::data::{DataError, DataFiles};
use crate::evidence::Scope;
use crate::target::Site;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeFile {
    /// First labels of hosts that are the platform itself.
    platform_labels: Vec<String>,
    merchant: Vec<MerchantPath>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MerchantPath {
    /// Path segments before the merchant's key.
    prefix: String,
}

/// The patterns.
#[derive(Debug)]
pub struct Scopes {
    file: ScopeFile,
}

impl Scopes {
    /// Reads `scopes.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            file: data.read("scopes.toml")?,
        })
    }

    /// The level of an address on its site.
    pub fn of(&self, url: &Url, site: &Site) -> Scope {
        let Some(host) = url.domain().map(|host| host.trim_end_matches('.').to_owned()) else {
            return Scope::Platform;
        };
        if let Some(path) = self.merchant(url.path()) {
            return Scope::Merchant { host, path };
        }
        let own = host
            .strip_suffix(site.as_str())
            .map(|labels| labels.trim_end_matches('.'));
        match own {
            None | Some("") => Scope::Platform,
            Some(labels) if self.file.platform_labels.iter().any(|label| label == labels) => Scope::Platform,
            Some(_) => Scope::Subsite { host },
        }
    }

    /// `/lin/abc/x` → `/lin/abc` when `/lin/` is a merchant pattern.
    fn merchant(&self, path: &str) -> Option<String> {
        self.file.merchant.iter().find_map(|pattern| {
            let rest = path.strip_prefix(pattern.prefix.as_str())?;
            let key = rest.split('/').next().filter(|key| !key.is_empty())?;
            Some(format!("{}{key}", pattern.prefix))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_told_apart() {
        let scopes = Scopes::load(&DataFiles::built_in()).unwrap();
        for (address, expected) in [
            ("https://kameng.com/", "platform"),
            ("https://www.kameng.com/buy/1", "platform"),
            ("https://m.kameng.com/", "platform"),
            ("https://xiaoli.kameng.com/", "subsite:xiaoli.kameng.com"),
            (
                "https://www.kameng.com/lin/ABC/1",
                "merchant:www.kameng.com/lin/ABC",
            ),
            ("https://www.kameng.com/lin/", "platform"),
            ("http://8.8.8.8/", "platform"),
        ] {
            let url = Url::parse(address).unwrap();
            assert_eq!(
                scopes.of(&url, &Site::of(&url).unwrap()).key(),
                expected,
                "{address}"
            );
        }
    }
}
