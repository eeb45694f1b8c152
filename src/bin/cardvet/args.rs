//! Arguments as typed. What they mean together with files and environment is settled in `config`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Vets Chinese card platforms: looks at a shop politely and says how risky it is, with every reason.
#[derive(Debug, Parser)]
#[command(name = "cardvet", version, about, max_term_width = 110, after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const AFTER: &str = "\
Exit codes: 0 judged below --fail-at · 1 at or above it · 2 usage, settings or a refused target · 3 not enough \
evidence · 4 rules do not compile · 5 store locked or damaged · 70 our fault · 130 interrupted.
Settings: defaults < cardvet.toml < CARDVET_* < flags; the keys are the long flags with _ for -.";

/// Options of every command.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct Common {
    /// Language of reports; by default that of the locale, else Chinese
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    /// Settings file; by default ./cardvet.toml, then cardvet.toml in the user's configuration folder
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the store; by default `cardvet` in the user's data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Folder of rules instead of those built in
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// Folder of data files instead of those built in
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// What to log on stderr: error, warn, info, debug, or a filter such as cardvet=debug
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// DNS server to ask instead of the system's
    #[arg(long, global = true, value_name = "ADDR:PORT", help_heading = "Network")]
    pub(crate) resolver: Option<SocketAddr>,
    /// Allow non-public addresses, local names and any port (for tests)
    #[arg(long, global = true, help_heading = "Network")]
    pub(crate) allow_private: bool,
    /// Further root certificates (PEM); what they verify never confirms an identity
    #[arg(long, global = true, value_name = "PEM", help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Most pages of one site; by default that of the profile
    #[arg(long, global = true, value_name = "N", help_heading = "Network")]
    pub(crate) max_pages: Option<usize>,
    /// Time for one whole site, in seconds; by default that of the profile
    #[arg(long, global = true, value_name = "S", help_heading = "Network")]
    pub(crate) timeout: Option<f64>,
    /// Requests a second for one host [default: 2]
    #[arg(long, global = true, value_name = "RATE", help_heading = "Network")]
    pub(crate) pace: Option<f64>,
    /// Budgets: full is 12 pages in 45 s, live is 6 pages in 10 s
    #[arg(long, global = true, value_enum, help_heading = "Network")]
    pub(crate) profile: Option<ProfileArg>,
    /// For whom: somebody about to pay asked, or a shop met in a crawl (which prior) [default: asked]
    #[arg(long, global = true, value_enum)]
    pub(crate) context: Option<ContextArg>,
}

/// Language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// Chinese
    Zh,
    /// English
    En,
}

/// Budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    /// 12 pages, 45 s
    Full,
    /// 6 pages, 10 s
    Live,
}

/// Which prior.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContextArg {
    /// Somebody was about to pay and asked
    Asked,
    /// Some shop met in a crawl
    Met,
}

/// Output of commands that print a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Forms of `rules facts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FactsFormatArg {
    /// One fact a line
    #[default]
    Text,
    /// One JSON object a line
    Json,
    /// The table of the README: one line an inspector
    Markdown,
}

/// Grades one can fail at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradeArg {
    /// 低
    Low,
    /// 留意
    Guarded,
    /// 高
    High,
    /// 极高
    Critical,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it at work: vet the bundled sample platforms over HTTP on this machine, without internet
    Demo(Demo),
    /// Look at sites and judge them
    Vet(Vet),
    /// Read facts from saved pages; no network, no judging
    Inspect(Inspect),
    /// Show what is stored of a site
    Show(Show),
    /// Judge stored evidence again with today's rules, and say what moved and why
    Replay(Replay),
    /// Work on rules
    #[command(subcommand)]
    Rules(Rules),
    /// Measure how well pages are read, on a folder of labelled ones
    Evaluate(Evaluate),
    /// Look after what is kept
    #[command(subcommand)]
    Store(StoreCommand),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// Options of `demo`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Only these samples, by id (the table names them)
    #[arg(value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
    /// Which sample's full report is printed [default: the riskiest]
    #[arg(long, value_name = "ID")]
    pub(crate) report: Option<String>,
}

/// Options of `vet`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Vet {
    /// Site names or addresses, as people paste them
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
    /// Exit with 1 from this grade on [default: high]
    #[arg(long, value_enum, value_name = "GRADE")]
    pub(crate) fail_at: Option<GradeArg>,
    /// Also the whole ledger, every rule's answer, every fact and page
    #[arg(long)]
    pub(crate) full: bool,
    /// Keep nothing in the store
    #[arg(long)]
    pub(crate) no_keep: bool,
    /// Fetch what your own browser would fetch, even where robots.txt keeps crawlers out; one TARGET only. Still read-only,
    /// paced and under cardvet's own name, and the report says so
    #[arg(long)]
    pub(crate) as_visitor: bool,
}

/// Options of `inspect`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// Saved pages (HTML, MHTML), folders of them, or web archives (WARC); `-` reads stdin
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The address they were saved from; of an archive, the site to read. Needed where files do not name it
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
}

/// Options of `evaluate`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Evaluate {
    /// Folder of labelled pages with its terms in set.toml
    #[arg(value_name = "SET")]
    pub(crate) set: PathBuf,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
}

/// Options of `show`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// Site name or address
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Every assessment with its cause instead of the newest report
    #[arg(long)]
    pub(crate) history: bool,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
    /// Also the whole ledger, every rule's answer, every fact and page
    #[arg(long)]
    pub(crate) full: bool,
}

/// Options of `replay`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    /// Site names or addresses
    #[arg(value_name = "TARGET", required_unless_present = "all")]
    pub(crate) targets: Vec<String>,
    /// Every stored site
    #[arg(long, conflicts_with = "targets")]
    pub(crate) all: bool,
    /// Count ages at this moment instead of the stored one (2026-11-22 or 2026-11-22T08:00:00Z)
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Append what moved to the history
    #[arg(long)]
    pub(crate) keep: bool,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatArg,
}

/// Work on rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Compile all rules and run their examples; every problem with file and line
    Check,
    /// List the rules with their weights
    List {
        /// Format of the output
        #[arg(long, value_enum, default_value_t)]
        format: FormatArg,
    },
    /// List the facts that rules may refer to
    Facts {
        /// Format of the output
        #[arg(long, value_enum, default_value_t)]
        format: FactsFormatArg,
    },
}

/// Forms of `store export`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportArg {
    /// Everything, one JSON object a line
    #[default]
    Jsonl,
    /// The evidence of every look with its bodies (WARC 1.1); no assessments
    Warc,
}

/// Look after what is kept.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Write everything to stdout or a file: as JSONL, for backups and moving; as WARC, for web-archive programs
    Export {
        /// Form of the output
        #[arg(long, value_enum, default_value_t)]
        format: ExportArg,
        /// File to write; stdout by default
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read everything and report what is missing or damaged
    Verify,
    /// Save what can be read into a fresh store; the old folder is kept beside it
    Rebuild,
    /// Remove old evidence; the assessments stay unless --history is given
    Prune {
        /// Evidence older than this many days goes
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        keep_days: u32,
        /// Of each site, evidence beyond this many newest looks goes too
        #[arg(long, value_name = "N")]
        keep_versions: Option<u32>,
        /// The assessments of a look go with its evidence
        #[arg(long)]
        history: bool,
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove a site whole
    Forget {
        /// Site name or address
        #[arg(value_name = "SITE")]
        site: String,
    },
}
