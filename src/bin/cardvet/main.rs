//! The command line: parse, run, exit. Data goes to stdout, everything else to stderr.
//!
//! A user of the library like any other; nothing here decides anything about a site.

mod args;
mod commands;
mod config;
mod exit;
mod output;
mod setup;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::config::Settings;
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let args = Args::parse();
    // The panic itself was printed by the hook; what remains is to end with the code that says whose fault it is.
    let exit = catch_unwind(AssertUnwindSafe(|| ended(run(args)))).unwrap_or(Exit::Ours);
    ExitCode::from(exit.code())
}

/// The code of a run that came to its end; an error is told here, once.
fn ended(result: Result<Exit, Failure>) -> Exit {
    match result {
        Ok(exit) => exit,
        Err(failure) if output::is_broken_pipe(&failure.error) => Exit::Done,
        Err(failure) => {
            output::error(&failure.error);
            failure.exit
        }
    }
}

fn run(args: Args) -> Result<Exit, Failure> {
    let fail_at = if let Command::Vet(vet) = &args.command {
        vet.fail_at
    } else {
        None
    };
    let settings = Settings::load(&args.common, fail_at).map_err(|error| Failure::new(Exit::Usage, error))?;
    setup::log(&settings.log).map_err(|error| Failure::new(Exit::Usage, error))?;
    match args.command {
        Command::Vet(vet) => setup::runtime()?.block_on(commands::vet::run(vet, &settings)),
        Command::Demo(demo) => setup::runtime()?.block_on(commands::demo::run(demo, &settings)),
        Command::Inspect(inspect) => commands::inspect::run(&inspect, &settings),
        Command::Show(show) => commands::show::run(&show, &settings),
        Command::Replay(replay) => commands::replay::run(&replay, &settings),
        Command::Rules(rules) => commands::rules::run(&rules, &settings),
        Command::Evaluate(evaluate) => commands::evaluate::run(&evaluate, &settings),
        Command::Store(store) => commands::store::run(store, &settings),
        Command::Completions { shell } => commands::manual::completions(shell),
        Command::Man => commands::manual::man(),
    }
}
