//! Writing: data to stdout, words to stderr, a broken pipe is a normal end.

use std::io::{self, IsTerminal as _, Write as _};

use cardvet::report::Lang;
use cardvet::report::escape::{self, terminal};
use cardvet::report::text::Look;

use crate::config::Settings;

/// Writes a piece of data to stdout, with a line feed at its end.
pub(crate) fn data(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Writes one line of JSON to stdout, harmless to a terminal.
pub(crate) fn json(line: &str) -> anyhow::Result<()> {
    data(&escape::json(line))
}

/// Writes a line, or several, to stderr, harmless to a terminal. A closed stderr is nobody's loss.
pub(crate) fn note(text: &str) {
    let lines: Vec<String> = text.lines().map(terminal).collect();
    drop(writeln!(io::stderr().lock(), "cardvet: {}", lines.join("\n")));
}

/// Writes an error with its causes on one line.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = String::new();
    for line in format!("{error:#}").lines() {
        if !text.is_empty() {
            text.push_str("\n         ");
        }
        text.push_str(line);
    }
    note(&text);
}

/// Whether an error means that the reader of our output has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// How reports look on this stdout: as wide as the terminal, plain when piped or when `NO_COLOR` is set.
pub(crate) fn look(settings: &Settings, full: bool) -> Look {
    let tty = io::stdout().is_terminal();
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    Look {
        lang: settings.lang,
        // A closing mark may hang over the text's edge by one wide character; it must not hang over the terminal's.
        width: width() - 2,
        colour: tty && !no_colour && !dumb,
        full,
    }
}

/// Columns of the terminal, `COLUMNS` first, within what reads well.
pub(crate) fn width() -> usize {
    let said = std::env::var_os("COLUMNS").and_then(|value| value.to_str()?.parse::<usize>().ok());
    let seen = terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| usize::from(columns));
    said.or(seen).unwrap_or(100).clamp(40, 120)
}

/// One of two texts in the language of the settings.
pub(crate) fn say<'a>(settings: &Settings, zh: &'a str, en: &'a str) -> &'a str {
    if settings.lang == Lang::Zh { zh } else { en }
}
