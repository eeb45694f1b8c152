//! Exit codes: public, tested, and the same for every command.

use cardvet::assessment::Assessment;
use cardvet::score::Grade;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; what was judged lies below `--fail-at`.
    Done,
    /// 1: judged at or above `--fail-at`.
    AtOrAbove,
    /// 2: usage, settings or a refused target.
    Usage,
    /// 3: inconclusive.
    Inconclusive,
    /// 4: rules, policy or data do not compile.
    Rules,
    /// 5: the store is locked or damaged.
    Store,
    /// 70: our fault.
    Ours,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::AtOrAbove => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Rules => 4,
            Self::Store => 5,
            Self::Ours => 70,
            Self::Interrupted => 130,
        }
    }

    /// What one result means for the run.
    pub(crate) fn of(assessment: &Assessment, fail_at: Grade) -> Self {
        match assessment.judgement.grade {
            Grade::Inconclusive => Self::Inconclusive,
            grade if grade >= fail_at => Self::AtOrAbove,
            _ => Self::Done,
        }
    }

    /// Of several results, the first that applies of 130, 70, 5, 4, 2, 1, 3, 0.
    pub(crate) fn worst(self, other: Self) -> Self {
        const ORDER: [Exit; 8] = [
            Exit::Interrupted,
            Exit::Ours,
            Exit::Store,
            Exit::Rules,
            Exit::Usage,
            Exit::AtOrAbove,
            Exit::Inconclusive,
            Exit::Done,
        ];
        ORDER
            .into_iter()
            .find(|exit| *exit == self || *exit == other)
            .unwrap_or(self)
    }
}

/// An error that says with which code the run ends.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code.
    pub(crate) exit: Exit,
    /// What happened, where, what to do.
    pub(crate) error: anyhow::Error,
}

impl Failure {
    /// Ends the run with this code.
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            exit: Exit::Ours,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_applies_wins() {
        let order = [
            Exit::Ours,
            Exit::Store,
            Exit::Rules,
            Exit::Usage,
            Exit::AtOrAbove,
            Exit::Inconclusive,
            Exit::Done,
        ];
        for (index, first) in order.iter().enumerate() {
            for second in &order[index..] {
                assert_eq!(first.worst(*second), *first);
                assert_eq!(second.worst(*first), *first);
            }
        }
        assert_eq!(order.map(Exit::code), [70, 5, 4, 2, 1, 3, 0]);
    }
}
