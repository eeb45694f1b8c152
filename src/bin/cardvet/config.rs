//! Settings: defaults < `cardvet.toml` < `CARDVET_*` < flags, merged once into one table and read once.
//!
//! Nothing below this file reads the environment or a settings file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cardvet::evidence::Profile;
use cardvet::report::Lang;
use cardvet::score::{Context, Grade};
use serde::Deserialize;
use toml::{Table, Value};

use crate::args::{Common, ContextArg, GradeArg, LangArg, ProfileArg};

/// Settings as used.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Language of reports; the locale's when none was said.
    pub(crate) lang: Lang,
    /// Folder of the store.
    pub(crate) store: PathBuf,
    /// Folder of rules instead of those built in.
    pub(crate) rules: Option<PathBuf>,
    /// Folder of data files instead of those built in.
    pub(crate) data: Option<PathBuf>,
    /// Log filter.
    pub(crate) log: String,
    /// DNS server to ask instead of the system's.
    pub(crate) resolver: Option<std::net::SocketAddr>,
    /// Whether non-public addresses and any port may be asked.
    pub(crate) allow_private: bool,
    /// Further root certificates.
    pub(crate) ca_file: Option<PathBuf>,
    /// Most pages of one site.
    pub(crate) max_pages: Option<usize>,
    /// Seconds for one site.
    pub(crate) timeout: Option<f64>,
    /// Requests a second for one host.
    pub(crate) pace: Option<f64>,
    /// Budgets.
    pub(crate) profile: Profile,
    /// For whom.
    pub(crate) context: Context,
    /// From which grade on `vet` exits with 1.
    pub(crate) fail_at: Grade,
    /// Where a site's owner can ask about the crawler; part of the User-Agent.
    pub(crate) contact: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lang: Lang::Zh,
            store: directories::ProjectDirs::from("", "", "cardvet").map_or_else(
                || PathBuf::from("cardvet-store"),
                |dirs| dirs.data_dir().to_owned(),
            ),
            rules: None,
            data: None,
            log: "warn".to_owned(),
            resolver: None,
            allow_private: false,
            ca_file: None,
            max_pages: None,
            timeout: None,
            pace: None,
            profile: Profile::Full,
            context: Context::Asked,
            fail_at: Grade::High,
            contact: None,
        }
    }
}

impl Settings {
    /// Merges defaults, file, environment and flags.
    pub(crate) fn load(common: &Common, fail_at: Option<GradeArg>) -> Result<Self> {
        let mut table = Table::new();
        if let Some(lang) = locale_lang() {
            table.insert("lang".to_owned(), lang.into());
        }
        if let Some(path) = settings_file(common.config.as_deref()) {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("could not read the settings file {}", path.display()))?;
            let file: Table =
                toml::from_str(&text).with_context(|| format!("could not read {}", path.display()))?;
            // Read once by itself, so that a mistake names the file.
            Self::read(file.clone()).with_context(|| format!("could not use {}", path.display()))?;
            table.extend(file);
        }
        table.extend(environment()?);
        table.extend(flags(common, fail_at));
        Self::read(table)
    }

    fn read(table: Table) -> Result<Self> {
        let settings: Self = table.try_into()?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        if self.max_pages == Some(0) {
            bail!("max_pages must be at least 1");
        }
        if self
            .timeout
            .is_some_and(|seconds| !(seconds > 0.0 && seconds <= 3600.0))
        {
            bail!("timeout must be more than 0 and at most 3600 seconds");
        }
        if self.pace.is_some_and(|rate| !(rate > 0.0 && rate <= 1000.0)) {
            bail!("pace must be more than 0 and at most 1000 requests a second");
        }
        if self.fail_at == Grade::Inconclusive {
            bail!("fail_at is one of low, guarded, high, critical; inconclusive has an exit code of its own");
        }
        Ok(())
    }
}

/// The named file; else `./cardvet.toml`, else the user's, where they exist.
fn settings_file(named: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = named {
        return Some(path.to_owned());
    }
    let user =
        directories::ProjectDirs::from("", "", "cardvet").map(|dirs| dirs.config_dir().join("cardvet.toml"));
    std::iter::once(PathBuf::from("cardvet.toml"))
        .chain(user)
        .find(|path| path.is_file())
}

/// `CARDVET_MAX_PAGES=3` becomes `max_pages = 3`; an empty value says nothing, as shells unset for one command.
fn environment() -> Result<Table> {
    let mut table = Table::new();
    for (name, value) in std::env::vars_os() {
        let Some(key) = name.to_str().and_then(|name| name.strip_prefix("CARDVET_")) else {
            continue;
        };
        let Some(text) = value.to_str() else {
            bail!("CARDVET_{key} is not UTF-8")
        };
        if text.is_empty() {
            continue;
        }
        let key = key.to_ascii_lowercase();
        let value = typed(&key, text);
        let one = Table::from_iter([(key.clone(), value.clone())]);
        Settings::read(one).with_context(|| format!("could not use CARDVET_{}", key.to_ascii_uppercase()))?;
        table.insert(key, value);
    }
    Ok(table)
}

/// The text of a variable as the type of its setting; a text that does not fit stays one and is refused by name.
fn typed(key: &str, text: &str) -> Value {
    let value = match key {
        "timeout" | "pace" => text.parse().ok().map(Value::Float),
        "max_pages" => text.parse().ok().map(Value::Integer),
        "allow_private" => match text {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        _ => None,
    };
    value.unwrap_or_else(|| text.into())
}

/// The flags that were given.
fn flags(common: &Common, fail_at: Option<GradeArg>) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            table.insert(key.to_owned(), value);
        }
    };
    let path = |path: &Option<PathBuf>| {
        path.as_ref()
            .map(|path| Value::String(path.to_string_lossy().into_owned()))
    };
    put(
        "lang",
        common
            .lang
            .map(|lang| if lang == LangArg::Zh { "zh" } else { "en" }.into()),
    );
    put("store", path(&common.store));
    put("rules", path(&common.rules));
    put("data", path(&common.data));
    put("log", common.log.clone().map(Value::String));
    put(
        "resolver",
        common.resolver.map(|address| address.to_string().into()),
    );
    put(
        "allow_private",
        common.allow_private.then_some(Value::Boolean(true)),
    );
    put("ca_file", path(&common.ca_file));
    put(
        "max_pages",
        common
            .max_pages
            .map(|pages| Value::Integer(i64::try_from(pages).unwrap_or(i64::MAX))),
    );
    put("timeout", common.timeout.map(Value::Float));
    put("pace", common.pace.map(Value::Float));
    put(
        "profile",
        common.profile.map(|profile| {
            if profile == ProfileArg::Full {
                "full"
            } else {
                "live"
            }
            .into()
        }),
    );
    put(
        "context",
        common.context.map(|context| {
            if context == ContextArg::Asked {
                "asked"
            } else {
                "met"
            }
            .into()
        }),
    );
    let grade = |grade| match grade {
        GradeArg::Low => "low",
        GradeArg::Guarded => "guarded",
        GradeArg::High => "high",
        GradeArg::Critical => "critical",
    };
    put("fail_at", fail_at.map(|at| grade(at).into()));
    table
}

/// Chinese for a Chinese locale, English for any other; nothing for none, `C` and `POSIX`.
fn locale_lang() -> Option<&'static str> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var_os(name).filter(|value| !value.is_empty()))?;
    match locale.to_string_lossy().to_ascii_lowercase() {
        locale if locale == "posix" || locale == "c" || locale.starts_with("c.") => None,
        locale if locale.starts_with("zh") => Some("zh"),
        _ => Some("en"),
    }
}
