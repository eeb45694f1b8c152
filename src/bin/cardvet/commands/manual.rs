//! `completions` and `man`: made from the argument definitions, so that they cannot go stale.

use clap::CommandFactory as _;

use crate::args::Args;
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "cardvet", &mut script);
    output::data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// Prints the manual page, the subcommands' pages after it.
pub(crate) fn man() -> Result<Exit, Failure> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    render(&command, &mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        render(sub, &mut page)?;
        for below in sub.get_subcommands().filter(|below| below.get_name() != "help") {
            render(below, &mut page)?;
        }
    }
    output::data(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    Ok(clap_mangen::Man::new(command.clone()).render(page)?)
}
