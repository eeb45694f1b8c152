//! The built binary as people and scripts meet it: exit codes, what stands on stdout and stderr, settings, the store.
//!
//! Each test has a home of its own and an environment of nothing else, serves the sample platforms (or a server of
//! its own) on loopback, and points the binary at them. 70 is provoked where Linux offers a full disk; what else ends
//! with 70 is ours to avoid, and its place in the order is a unit test of `exit`.

mod kept;
mod offline;
mod replaying;
mod reports;
mod settings;
mod stopping;
mod vetting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use cardvet::demo::{self, Demo, Samples};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Longest that one run may take before it counts as hung; far beyond what a slow machine needs.
const PATIENCE: Duration = Duration::from_mins(4);

/// How a run ended.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    /// Every line of stdout as JSON; fails on anything else there.
    #[track_caller]
    fn json(&self) -> Vec<Value> {
        let lines = self.out.lines().map(serde_json::from_str);
        let read: Result<Vec<Value>, _> = lines.collect();
        assert!(read.is_ok(), "{read:?}\n{}", self.out);
        read.unwrap_or_default()
    }

    #[track_caller]
    fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout: {}\nstderr: {}",
            self.out,
            self.err
        );
        self
    }
}

/// A home and nothing in it, with the samples being served.
struct Stage {
    home: TempDir,
    samples: Samples,
    demo: Demo,
    runtime: Runtime,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let samples = Samples::built_in().unwrap();
        let demo = runtime.block_on(demo::serve(&samples)).unwrap();
        let home = tempfile::tempdir().unwrap();
        Self {
            home,
            samples,
            demo,
            runtime,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// What to type for a sample.
    fn target(&self, id: &str) -> String {
        self.samples.get(id).unwrap().target(&self.demo)
    }

    /// The site of a sample.
    fn host(&self, id: &str) -> String {
        self.samples.get(id).unwrap().host.clone()
    }

    /// The binary with these arguments, the stage's store and English.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = bare(self.home.path());
        command
            .env("CARDVET_STORE", self.store())
            .env("LANG", "en_US.UTF-8")
            .args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        run(&mut self.command(args))
    }

    /// `vet` of the samples on this stage.
    fn vet_command(&self, args: &[&str]) -> Command {
        let resolver = self.demo.dns.to_string();
        let mut command = self.command(&["vet", "--resolver", &resolver, "--allow-private", "--pace", "500"]);
        command.args(args);
        command
    }

    fn vet(&self, args: &[&str]) -> Run {
        run(&mut self.vet_command(args))
    }

    /// Vets one sample as JSON, whatever its grade.
    fn vetted(&self, id: &str) -> Value {
        let run = self.vet(&["--format", "json", &self.target(id)]);
        let mut lines = run.json();
        assert_eq!(lines.len(), 1, "{}", run.err);
        lines.remove(0)
    }
}

/// The binary in a folder, with nothing of the environment but where programs are.
fn bare(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardvet"));
    command
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .timeout(PATIENCE);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of text files, by path below it.
fn write_folder(root: &Path, files: &BTreeMap<String, String>) {
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}
