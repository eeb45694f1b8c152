//! Conditions: CEL over the facts, checked against the catalogue before any site is seen.
//!
//! The language is the Common Expression Language as the `cel` crate has it. Only a part of it is admitted:
//! fact names, literals, comparisons, `&&` `||` `!`, `in`, arithmetic, `size`, `contains`, `startsWith`,
//! `endsWith`, and `exists`/`all`/`exists_one` over lists. `has()`, optionals, indexing, `?:`, maps and structs
//! are refused, because they would turn absence into an answer or cost without bound. `&&` and `||` absorb
//! errors, so an absent fact makes a condition unknown exactly when the answer depends on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::{Context, Env, ExecutionError, Program};

use crate::facts::{FactSpec, Facts, Kind, Value};

/// Longest condition, in bytes. Bounds the parser's work on rules of strangers.
const MAX_SOURCE: usize = 2_000;
/// Deepest nesting of brackets, and most signs that make the parser recurse. The parser's own recursion limit
/// counts some of its recursions only, so a stranger's rule could otherwise overflow the stack.
const MAX_BRACKETS: usize = 8;
/// See [`MAX_BRACKETS`].
const MAX_SIGNS: usize = 100;
/// See [`MAX_BRACKETS`].
const MAX_UNARY: usize = 12;
/// Most nodes in a condition.
const MAX_NODES: usize = 300;
/// Deepest nesting of `exists`/`all`: a list in a list is never needed by facts, which are flat.
const MAX_COMPREHENSIONS: usize = 1;

/// CEL's standard functions, made once: building them costs more than evaluating a rule.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A compiled condition.
pub(super) struct Condition {
    program: Program,
    source: String,
    facts: Vec<String>,
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}

/// What a condition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// True.
    True,
    /// False.
    False,
    /// The answer depends on a fact that is not known.
    Unknown,
}

/// Something about a condition that is wrong, each a sentence fragment.
pub(super) type Problem = String;

/// The facts as CEL sees them: one map a group, so that `filing.icp_shown` is a field of `filing`.
pub(super) struct Bound<'a> {
    context: Context<'a, 'a>,
}

impl std::fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound").finish_non_exhaustive()
    }
}

impl Bound<'_> {
    /// Binds facts for evaluation, those that `keep` admits.
    pub(super) fn of(facts: &Facts, keep: impl Fn(&crate::facts::Fact) -> bool) -> Self {
        let mut groups: BTreeMap<String, HashMap<String, cel::Value>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| keep(fact)) {
            if let Some((group, field)) = fact.name.split_once('.') {
                groups
                    .entry(group.to_owned())
                    .or_default()
                    .insert(field.to_owned(), cel_value(&fact.value));
            }
        }
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for (group, fields) in groups {
            context.add_variable_from_value(group, cel::Value::from(fields));
        }
        Self { context }
    }
}

fn cel_value(value: &Value) -> cel::Value {
    match value {
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Int(value) => cel::Value::Int(*value),
        Value::Number(value) => cel::Value::Float(*value),
        Value::Text(value) => value.as_str().into(),
        Value::List(value) => value.iter().map(String::as_str).collect::<Vec<_>>().into(),
    }
}

impl Condition {
    /// Compiles and checks a condition against the catalogue. All problems at once.
    pub(super) fn compile(
        source: &str,
        catalogue: &BTreeMap<&'static str, FactSpec>,
    ) -> Result<Self, Vec<Problem>> {
        if source.len() > MAX_SOURCE {
            return Err(vec![format!(
                "the condition is {} bytes long, at most {MAX_SOURCE} are taken",
                source.len()
            )]);
        }
        check_shape(source).map_err(|problem| vec![problem])?;
        let program = Program::compile(source).map_err(|errors| vec![format!("not CEL: {errors}")])?;
        let mut checker = Checker {
            catalogue,
            problems: Vec::new(),
            facts: Vec::new(),
            scope: Vec::new(),
            nodes: 0,
        };
        let kind = checker.check(program.expression());
        if kind.is_some_and(|kind| kind != Type::Bool) {
            checker
                .problems
                .push("the condition must be true or false".to_owned());
        }
        if checker.nodes > MAX_NODES {
            checker.problems.push(format!(
                "the condition has {} parts, at most {MAX_NODES} are taken",
                checker.nodes
            ));
        }
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }
        let facts = checker.facts;
        Ok(Self {
            program,
            source: source.to_owned(),
            facts,
        })
    }

    /// The facts it refers to, in the order of its text.
    pub(super) fn facts(&self) -> &[String] {
        &self.facts
    }

    /// Evaluates it. Any error but an absent fact is our own bug, since the condition was type-checked; it is
    /// then reported as unknown as well, and loudly in debug builds.
    pub(super) fn truth(&self, bound: &Bound<'_>) -> Truth {
        match self.program.execute(&bound.context) {
            Ok(cel::Value::Bool(true)) => Truth::True,
            Ok(cel::Value::Bool(false)) => Truth::False,
            Err(error) => {
                debug_assert!(is_absence(&error), "{}: {error}", self.source);
                Truth::Unknown
            }
            Ok(other) => {
                debug_assert!(false, "{}: {other:?}", self.source);
                Truth::Unknown
            }
        }
    }
}

/// Bounds how deep the parser can go, before it is asked. Brackets and signs inside texts count too: nobody needs them.
fn check_shape(source: &str) -> Result<(), Problem> {
    let (mut depth, mut deepest, mut signs, mut unary) = (0_usize, 0, 0, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'!' | b'-' => unary += 1,
            b'|' | b'&' | b'?' | b'+' | b'*' | b'.' | b'<' | b'>' | b'=' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_BRACKETS || signs > MAX_SIGNS || unary > MAX_UNARY {
        return Err(format!(
            "too deep or too long: at most {MAX_BRACKETS} open brackets, {MAX_UNARY} signs `!` and `-` and {MAX_SIGNS} other operator signs are taken"
        ));
    }
    Ok(())
}

/// Absent facts surface as a missing key of their group, or as a missing group.
fn is_absence(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::NoSuchKey(_) | ExecutionError::UndeclaredReference(_)
    )
}

/// Types of the checked part of CEL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Number,
    Text,
    List,
    EmptyList,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Bool => "true/false",
            Self::Int => "a whole number",
            Self::Number => "a number with a fraction",
            Self::Text => "text",
            Self::List | Self::EmptyList => "a list of texts",
        }
    }

    fn fits(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::List, Self::EmptyList) | (Self::EmptyList, Self::List)
            )
    }
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool,
            Kind::Int => Self::Int,
            Kind::Number => Self::Number,
            Kind::Text => Self::Text,
            Kind::List => Self::List,
        }
    }
}

struct Checker<'a> {
    catalogue: &'a BTreeMap<&'static str, FactSpec>,
    problems: Vec<Problem>,
    facts: Vec<String>,
    /// Variables of the comprehensions we are in.
    scope: Vec<String>,
    nodes: usize,
}

impl Checker<'_> {
    fn refuse(&mut self, problem: impl Into<Problem>) -> Option<Type> {
        self.problems.push(problem.into());
        None
    }

    /// The type of an expression; nothing when a problem was already reported below it.
    fn check(&mut self, expr: &IdedExpr) -> Option<Type> {
        self.nodes += 1;
        match &expr.expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Select(select) if select.test => {
                self.refuse("has() is refused: it would turn absence into an answer")
            }
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(group) if !self.scope.contains(group) => {
                    self.fact(&format!("{group}.{}", select.field))
                }
                _ => self.refuse(format!("`.{}` is no part of a fact name", select.field)),
            },
            Expr::Ident(name) if self.scope.contains(name) => Some(Type::Text),
            Expr::Ident(name) => self.refuse(format!("`{name}` is no fact; facts are written group.name")),
            Expr::List(list) => {
                for element in &list.elements {
                    if let Some(kind) = self.check(element)
                        && kind != Type::Text
                    {
                        self.refuse(format!("lists hold texts, not {}", kind.name()));
                    }
                }
                Some(if list.elements.is_empty() {
                    Type::EmptyList
                } else {
                    Type::List
                })
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => self.refuse("maps and structs are refused"),
        }
    }

    fn literal(&mut self, literal: &LiteralValue) -> Option<Type> {
        match literal {
            LiteralValue::Boolean(_) => Some(Type::Bool),
            LiteralValue::Int(_) => Some(Type::Int),
            LiteralValue::Double(_) => Some(Type::Number),
            LiteralValue::String(_) => Some(Type::Text),
            _ => self.refuse("null, bytes and unsigned numbers are refused"),
        }
    }

    fn fact(&mut self, name: &str) -> Option<Type> {
        if let Some(spec) = self.catalogue.get(name) {
            if !self.facts.iter().any(|fact| fact == name) {
                self.facts.push(name.to_owned());
            }
            return Some(spec.kind.into());
        }
        self.refuse(unknown_fact(name, self.catalogue))
    }

    fn call(&mut self, call: &CallExpr) -> Option<Type> {
        let name = call.func_name.as_str();
        if name == operators::CONDITIONAL {
            return self.refuse("`?:` is refused: it would turn absence into an answer");
        }
        if matches!(
            name,
            operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT
        ) {
            return self.refuse("indexing and optionals are refused");
        }
        let arguments = call.target.as_deref().into_iter().chain(&call.args);
        // All of them are checked before the first missing type ends this one, so that all problems are reported.
        let kinds: Vec<Option<Type>> = arguments.map(|argument| self.check(argument)).collect();
        let kinds: Vec<Type> = kinds.into_iter().collect::<Option<_>>()?;
        match (name, kinds.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [Type::Bool, Type::Bool])
            | (operators::LOGICAL_NOT, [Type::Bool]) => Some(Type::Bool),
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) if left.fits(*right) => {
                Some(Type::Bool)
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left @ (Type::Int | Type::Number), right],
            ) if left == right => Some(Type::Bool),
            (operators::IN, [Type::Text, Type::List | Type::EmptyList]) => Some(Type::Bool),
            (
                operators::ADD | operators::SUBSTRACT | operators::MULTIPLY,
                [left @ (Type::Int | Type::Number), right],
            ) if left == right => Some(*left),
            (operators::NEGATE, [kind @ (Type::Int | Type::Number)]) => Some(*kind),
            ("size", [Type::Text | Type::List | Type::EmptyList]) => Some(Type::Int),
            ("contains" | "startsWith" | "endsWith", [Type::Text, Type::Text]) if call.target.is_some() => {
                Some(Type::Bool)
            }
            _ => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
                self.refuse(format!(
                    "`{}` does not take {}",
                    readable(name),
                    kinds.join(" and ")
                ))
            }
        }
    }

    /// `exists`, `all` and `exists_one` over a list; the macro has already been expanded, so its shape is known.
    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Option<Type> {
        if self.scope.len() / 2 >= MAX_COMPREHENSIONS {
            return self.refuse("exists/all inside exists/all is refused");
        }
        let range = self.check(&comprehension.iter_range)?;
        if !matches!(range, Type::List | Type::EmptyList) {
            return self.refuse(format!("exists/all goes over a list, not {}", range.name()));
        }
        let truth = match &comprehension.accu_init.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => true,
            Expr::Literal(LiteralValue::Int(_)) => false,
            _ => return self.refuse("map() and filter() are refused"),
        };
        let Some(body) = predicate(comprehension, truth) else {
            return self.refuse("only exists, all and exists_one are taken over lists");
        };
        self.scope.push(comprehension.iter_var.clone());
        self.scope.push(comprehension.accu_var.clone());
        let kind = self.check(body);
        self.scope.truncate(self.scope.len() - 2);
        match kind? {
            Type::Bool => Some(Type::Bool),
            other => self.refuse(format!(
                "exists/all wants true or false for each item, not {}",
                other.name()
            )),
        }
    }
}

/// The predicate inside an expanded `exists`/`all` (`accu || P`, `accu && P`) or `exists_one` (`P ? accu+1 : accu`).
fn predicate(comprehension: &ComprehensionExpr, truth: bool) -> Option<&IdedExpr> {
    let Expr::Call(step) = &comprehension.loop_step.expr else {
        return None;
    };
    let takes = |name: &str| step.func_name == name;
    if truth && (takes(operators::LOGICAL_AND) || takes(operators::LOGICAL_OR)) {
        return step.args.get(1);
    }
    (!truth && takes(operators::CONDITIONAL))
        .then(|| step.args.first())
        .flatten()
}

fn readable(operator: &str) -> &str {
    operator.trim_matches(['_', '@'])
}

/// "unknown fact" with the nearest name in the catalogue.
pub(super) fn unknown_fact(name: &str, catalogue: &BTreeMap<&'static str, FactSpec>) -> Problem {
    let nearest = catalogue
        .keys()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .min()
        .filter(|(distance, _)| *distance <= 6)
        .map(|(_, known)| format!("; did you mean `{known}`?"))
        .unwrap_or_default();
    format!("no inspector states the fact `{name}`{nearest}")
}

/// The facts named in `{…}` of a sentence, in order.
pub(super) fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Fakeability, Firmness};

    fn catalogue() -> BTreeMap<&'static str, FactSpec> {
        [
            FactSpec::new("a.yes", Kind::Bool, Fakeability::Trivial, "x"),
            FactSpec::new("a.count", Kind::Int, Fakeability::Trivial, "x"),
            FactSpec::new("b.ratio", Kind::Number, Fakeability::Trivial, "x"),
            FactSpec::new("b.name", Kind::Text, Fakeability::Trivial, "x"),
            FactSpec::new("b.list", Kind::List, Fakeability::Trivial, "x"),
        ]
        .into_iter()
        .map(|spec| (spec.name, spec))
        .collect()
    }

    fn truth(source: &str, given: &[(&str, Value)]) -> Truth {
        let mut facts = Facts::default();
        for (name, value) in given {
            facts.say(name, value.clone(), Firmness::Claimed, vec![]);
        }
        Condition::compile(source, &catalogue())
            .unwrap()
            .truth(&Bound::of(&facts, |_| true))
    }

    fn problems(source: &str) -> String {
        Condition::compile(source, &catalogue())
            .err()
            .map(|list| list.join(" | "))
            .unwrap_or_default()
    }

    #[test]
    fn an_absent_fact_is_unknown_exactly_when_the_answer_depends_on_it() {
        let yes = ("a.yes", Value::Bool(true));
        let no = ("a.yes", Value::Bool(false));
        for (source, given, expected) in [
            ("a.yes", vec![yes.clone()], Truth::True),
            ("a.yes", vec![], Truth::Unknown),
            ("!a.yes", vec![], Truth::Unknown),
            ("a.yes && a.count > 3", vec![no.clone()], Truth::False),
            ("a.count > 3 && a.yes", vec![no.clone()], Truth::False),
            ("a.count > 3 && a.yes", vec![yes.clone()], Truth::Unknown),
            ("a.yes || b.name == 'x'", vec![yes.clone()], Truth::True),
            ("b.name == 'x' || a.yes", vec![yes.clone()], Truth::True),
            ("b.name == 'x' || a.yes", vec![no.clone()], Truth::Unknown),
            ("'q' in b.list", vec![], Truth::Unknown),
            (
                "'q' in b.list",
                vec![("b.list", Value::List(vec!["q".into()]))],
                Truth::True,
            ),
            ("b.list == []", vec![("b.list", Value::List(vec![]))], Truth::True),
            (
                "b.list.exists(x, x.startsWith('q') || a.yes)",
                vec![("b.list", Value::List(vec!["qq".into()]))],
                Truth::True,
            ),
            (
                "b.list.all(x, x in ['a', 'b'])",
                vec![("b.list", Value::List(vec!["c".into()]))],
                Truth::False,
            ),
            (
                "b.list.exists_one(x, x == 'a')",
                vec![("b.list", Value::List(vec!["a".into()]))],
                Truth::True,
            ),
            (
                "size(b.list) >= 1 && b.ratio < 0.6",
                vec![("b.ratio", Value::Number(0.7))],
                Truth::False,
            ),
        ] {
            assert_eq!(truth(source, &given), expected, "{source} {given:?}");
        }
    }

    #[test]
    fn what_would_turn_absence_into_an_answer_is_refused() {
        for (source, expected) in [
            ("has(a.yes)", "has()"),
            ("a.yes ? true : false", "?:"),
            ("a.?yes == true", "unsupported syntax"),
            ("b.list[0] == 'x'", "indexing"),
            ("a.yess", "did you mean `a.yes`?"),
            ("zzzzzzzzzzzz.qqqqqqqqq", "no inspector states"),
            ("a.count > 0.5", "does not take"),
            ("b.name > 'a'", "does not take"),
            ("a.count", "must be true or false"),
            ("b.list.map(x, x) == []", "map()"),
            ("b.list.exists(x, b.list.exists(y, y == x))", "inside exists/all"),
            ("{'a': 1} == {'a': 1}", "maps"),
            ("a.yes &&", "not CEL"),
            ("true == null", "null"),
            ("'x'.matches('(a+)+')", "does not take"),
        ] {
            assert!(
                problems(source).contains(expected),
                "{source}: {}",
                problems(source)
            );
        }
        assert!(problems(&format!("a.yes{}", " || a.yes".repeat(400))).contains("bytes long"));
        for hostile in [
            format!("{}a.yes{}", "(".repeat(500), ")".repeat(500)),
            "!".repeat(1900),
            "a.yes||".repeat(200),
        ] {
            assert!(problems(&hostile).contains("too deep"), "{hostile}");
        }
    }

    #[test]
    fn the_deepest_conditions_that_are_admitted_do_not_overflow_the_stack() {
        let brackets = format!("{}a.yes{}", "(".repeat(MAX_BRACKETS), ")".repeat(MAX_BRACKETS));
        let chain = format!("a.yes{}", "||a.yes".repeat(33));
        for source in [brackets, chain, format!("{}a.yes", "!".repeat(MAX_UNARY))] {
            let outcome = problems(&source);
            assert!(outcome.is_empty() || outcome.contains("not CEL"), "{outcome}");
        }
        let _ = problems(&format!("{}a.yes", "!(!(".repeat(MAX_BRACKETS / 2)));
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        assert!(
            problems("a.yess || b.lists == [] || has(a.yes)")
                .matches(" | ")
                .count()
                >= 2
        );
    }

    #[test]
    fn every_condition_that_compiles_also_evaluates() {
        // The debug assertion in `truth` fails the test when a checked condition errs for another reason than absence.
        for source in [
            "a.count + 1 == 2",
            "-a.count < 0",
            "b.ratio * 2.0 > 1.0",
            "size(b.name) > 0",
            "b.name.contains('x')",
            "a.count != 3",
        ] {
            truth(
                source,
                &[
                    ("a.count", Value::Int(1)),
                    ("b.ratio", Value::Number(0.5)),
                    ("b.name", "x".into()),
                ],
            );
            assert_eq!(truth(source, &[]), Truth::Unknown, "{source}");
        }
    }
}
