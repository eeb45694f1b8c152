//! Tokens: text → tags, comments and pieces of text, in one pass and without copies, handed to a [`Sink`].
//!
//! Follows the tokenizer of the HTML standard (13.2.5) as far as text, tags and comments go: quotes, stray signs, comments
//! that end oddly, scripts that hide their end in a comment. A tag that the end of the text tears is dropped, as there.
//! Every byte is looked at a bounded number of times. html5ever's tokenizer, which copies every token, is the oracle of its tests.

use std::borrow::Cow;

use super::entities::{self, decoded, without_nul};
use super::tags::{Content, Name};

/// Attributes of one tag that are kept; tags written by people have some dozens at most.
const MAX_ATTRIBUTES: usize = 1024;
/// A torn tag of so many bytes is told as a loss.
const LONG_TAG: usize = 16 * 1024;

/// One attribute as written, references unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute<'t> {
    pub(super) name: &'t str,
    pub(super) value: &'t str,
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'t, 'a> {
    pub(super) name: Name<'t>,
    pub(super) attributes: &'a [Attribute<'t>],
    /// Whether it ends in `/>`.
    pub(super) self_closing: bool,
}

impl<'t> Tag<'t, '_> {
    /// An attribute as written, references unresolved; the first of its name counts.
    pub(super) fn written(&self, name: &str) -> Option<&'t str> {
        let mut same = self
            .attributes
            .iter()
            .filter(|attribute| attribute.name.eq_ignore_ascii_case(name));
        same.next().map(|attribute| attribute.value)
    }

    /// An attribute.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'t, str>> {
        self.written(name).map(|value| decoded(value, true))
    }
}

/// Takes the tokens.
pub(super) trait Sink<'t> {
    /// A piece of text; several in a row belong together.
    fn text(&mut self, text: &str);
    /// A start tag; says what its content is.
    fn start(&mut self, tag: &Tag<'t, '_>) -> Content;
    /// All of the content of an element whose content is text, before its end tag.
    fn content(&mut self, text: &str);
    /// An end tag.
    fn end(&mut self, name: Name<'t>);
    /// A comment, or what the standard takes for one.
    fn comment(&mut self, text: &str);
    /// A limit was met.
    fn cut(&mut self, what: &'static str);
}

/// Hands the tokens of a text to a sink. Line ends must be single line feeds.
pub(super) fn run<'t>(text: &'t str, sink: &mut impl Sink<'t>) {
    let mut pass = Pass {
        text,
        bytes: text.as_bytes(),
        at: 0,
        attributes: Vec::new(),
    };
    while pass.at < pass.bytes.len() {
        pass.step(sink);
    }
}

/// What a character reference stands for, and how many bytes behind its ampersand it takes.
type Reference = (char, Option<char>, usize);

/// The state of the pass: where it stands.
struct Pass<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    attributes: Vec<Attribute<'t>>,
}

impl<'t> Pass<'t> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// A stretch between two signs, all of which are ASCII.
    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn rest(&self, from: usize) -> &'t [u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    fn find(&self, sign: u8, from: usize) -> Option<usize> {
        memchr::memchr(sign, self.rest(from)).map(|at| from + at)
    }

    /// Text up to the next sign that begins something, and what it begins.
    fn step(&mut self, sink: &mut impl Sink<'t>) {
        let (next, reference) = self.next_sign();
        if next > self.at {
            sink.text(self.slice(self.at, next));
            self.at = next;
        }
        if let Some((first, second, used)) = reference {
            let mut buffer = [0; 4];
            sink.text(first.encode_utf8(&mut buffer));
            if let Some(second) = second {
                sink.text(second.encode_utf8(&mut buffer));
            }
            self.at = next + 1 + used;
            return;
        }
        match (self.byte(next), self.byte(next + 1)) {
            (Some(_), Some(b'/')) => self.end_tag(sink),
            (Some(_), Some(b'!')) => self.declaration(sink),
            (Some(_), Some(b'?')) => self.bogus_comment(next + 1, sink),
            (Some(_), _) => self.start_tag(sink),
            (None, _) => {}
        }
    }

    /// Where the next sign stands that begins something, and the reference that it begins. Stray signs are passed over, so that
    /// a flood of them is one piece of text.
    fn next_sign(&self) -> (usize, Option<Reference>) {
        let mut at = self.at;
        while let Some(sign) = memchr::memchr2(b'<', b'&', self.rest(at)).map(|found| at + found) {
            at = sign + 1;
            if self.byte(sign) == Some(b'<') {
                let begins = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?');
                if self.byte(at).is_some_and(begins) {
                    return (sign, None);
                }
                continue;
            }
            let rest = self.text.get(at..).unwrap_or_default();
            if let Some(reference) = entities::reference(rest, false) {
                return (sign, Some(reference));
            }
        }
        (self.bytes.len(), None)
    }

    fn start_tag(&mut self, sink: &mut impl Sink<'t>) {
        let Some((name, self_closing)) = self.tag(self.at + 1, sink) else {
            return;
        };
        let tag = Tag {
            name,
            attributes: &self.attributes,
            self_closing,
        };
        let content = sink.start(&tag);
        if content != Content::Markup {
            self.content(name, content, sink);
        }
    }

    fn end_tag(&mut self, sink: &mut impl Sink<'t>) {
        match self.byte(self.at + 2) {
            Some(letter) if letter.is_ascii_alphabetic() => {
                if let Some((name, _)) = self.tag(self.at + 2, sink) {
                    sink.end(name);
                }
            }
            Some(b'>') => self.at += 3,
            Some(_) => self.bogus_comment(self.at + 2, sink),
            None => {
                sink.text("</");
                self.at += 2;
            }
        }
    }

    /// Reads a tag whose name begins here and goes behind it; its attributes stand in `self.attributes`. Nothing when the
    /// text ends within it.
    fn tag(&mut self, from: usize, sink: &mut impl Sink<'t>) -> Option<(Name<'t>, bool)> {
        let start = self.at;
        self.attributes.clear();
        let found = self.tag_within(from, sink);
        match found {
            Some((.., end)) => self.at = end,
            None => self.at = self.bytes.len(),
        }
        if found.is_none() && self.at - start > LONG_TAG {
            sink.cut("attributes");
        }
        found.map(|(name, self_closing, _)| (name, self_closing))
    }

    fn tag_within(&mut self, from: usize, sink: &mut impl Sink<'t>) -> Option<(Name<'t>, bool, usize)> {
        let mut at = self.skip(from, |byte| !is_blank(byte) && byte != b'/' && byte != b'>');
        let name = Name::of(self.slice(from, at));
        let mut full = false;
        loop {
            at = self.skip(at, is_blank);
            match self.byte(at)? {
                b'>' => return Some((name, false, at + 1)),
                b'/' if self.byte(at + 1)? == b'>' => return Some((name, true, at + 2)),
                b'/' => at += 1,
                _ => {
                    let (attribute, end) = self.attribute(at)?;
                    at = end;
                    if self.attributes.len() < MAX_ATTRIBUTES {
                        self.attributes.push(attribute);
                    } else if !full {
                        full = true;
                        sink.cut("attributes");
                    }
                }
            }
        }
    }

    /// The attribute that begins here, and where it ends.
    fn attribute(&self, from: usize) -> Option<(Attribute<'t>, usize)> {
        let in_name = |byte| !is_blank(byte) && !matches!(byte, b'/' | b'>' | b'=');
        // An equals sign at the very beginning is part of the name.
        let end = self.skip(from + 1, in_name);
        let name = self.slice(from, end);
        let next = self.skip(end, is_blank);
        if self.byte(next)? != b'=' {
            return Some((Attribute { name, value: "" }, next));
        }
        let open = self.skip(next + 1, is_blank);
        let (value, end) = match self.byte(open)? {
            quote @ (b'"' | b'\'') => {
                let close = self.find(quote, open + 1)?;
                (self.slice(open + 1, close), close + 1)
            }
            b'>' => ("", open),
            _ => {
                let close = self.skip(open, |byte| !is_blank(byte) && byte != b'>');
                (self.slice(open, close), close)
            }
        };
        Some((Attribute { name, value }, end))
    }

    fn skip(&self, from: usize, over: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest(from);
        from + rest.iter().position(|byte| !over(*byte)).unwrap_or(rest.len())
    }

    fn declaration(&mut self, sink: &mut impl Sink<'t>) {
        let from = self.at + 2;
        let rest = self.rest(from);
        if rest.starts_with(b"--") {
            return self.comment(from + 2, sink);
        }
        if rest
            .get(..7)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"doctype"))
        {
            // Quotes do not shield a sign in it.
            self.at = self.find(b'>', from).map_or(self.bytes.len(), |end| end + 1);
            return;
        }
        self.bogus_comment(from, sink);
    }

    fn bogus_comment(&mut self, from: usize, sink: &mut impl Sink<'t>) {
        let end = self.find(b'>', from).unwrap_or(self.bytes.len());
        sink.comment(&without_nul(self.slice(from, end)));
        self.at = end + 1;
    }

    fn comment(&mut self, from: usize, sink: &mut impl Sink<'t>) {
        let rest = self.rest(from);
        let (end, after) = if rest.starts_with(b">") {
            (from, from + 1)
        } else if rest.starts_with(b"->") {
            (from, from + 2)
        } else {
            self.comment_end(from)
        };
        sink.comment(&without_nul(self.slice(from, end)));
        self.at = after;
    }

    /// Where a comment's text ends, and where what follows begins.
    fn comment_end(&self, from: usize) -> (usize, usize) {
        let mut at = from;
        while let Some(dash) = self.find(b'-', at) {
            at = self.skip(dash, |byte| byte == b'-');
            if at - dash < 2 {
                // A single dash ends nothing, except the text.
                if at == self.bytes.len() {
                    return (dash, at);
                }
                continue;
            }
            match (self.byte(at), self.byte(at + 1)) {
                (Some(b'>'), _) => return (at - 2, at + 1),
                (Some(b'!'), Some(b'>')) => return (at - 2, at + 2),
                (Some(b'!'), None) => return (at - 2, at + 1),
                (None, _) => return (at - 2, at),
                _ => {}
            }
        }
        (self.bytes.len(), self.bytes.len())
    }

    /// The content of an element whose content is text; its end tag is left for the next step.
    fn content(&mut self, name: Name<'t>, kind: Content, sink: &mut impl Sink<'t>) {
        let end = match kind {
            Content::Script => self.script_end(),
            Content::Markup | Content::Rcdata | Content::Rawtext => self.end_of(name.as_str(), self.at),
        };
        let text = self.slice(self.at, end);
        self.at = end;
        match kind {
            Content::Rcdata => sink.content(&decoded(text, false)),
            _ => sink.content(&without_nul(text)),
        }
    }

    /// Where the next end tag of this name begins.
    fn end_of(&self, name: &str, from: usize) -> usize {
        let mut at = from;
        while let Some(sign) = self.find(b'<', at) {
            if self.byte(sign + 1) == Some(b'/') && self.names(sign + 2, name) {
                return sign;
            }
            at = sign + 1;
        }
        self.bytes.len()
    }

    /// Whether a tag's name here is this one, in any case.
    fn names(&self, at: usize, name: &str) -> bool {
        let rest = self.rest(at);
        let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'/' | b'>');
        rest.get(..name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
            && rest.get(name.len()).is_some_and(ends)
    }

    /// Where a script ends: within `<!-- <script>` … `</script> -->` the end tag is not the script's.
    fn script_end(&self) -> usize {
        /// How deep the place is hidden.
        #[derive(PartialEq)]
        enum Depth {
            Plain,
            Escaped,
            Doubly,
        }
        let (mut depth, mut at) = (Depth::Plain, self.at);
        while let Some(sign) = memchr::memchr2(b'<', b'-', self.rest(at)).map(|found| at + found) {
            at = sign + 1;
            let rest = self.rest(sign);
            if depth == Depth::Plain && rest.starts_with(b"<!--") {
                depth = Depth::Escaped;
                // Its own dashes can be those of the end: `<!-->`.
                at = sign + 2;
            } else if depth != Depth::Plain && rest.starts_with(b"-->") {
                depth = Depth::Plain;
            } else if rest.starts_with(b"</") && self.names(sign + 2, "script") {
                if depth != Depth::Doubly {
                    return sign;
                }
                depth = Depth::Escaped;
            } else if depth == Depth::Escaped
                && self.byte(sign) == Some(b'<')
                && self.names(sign + 1, "script")
            {
                depth = Depth::Doubly;
            }
        }
        self.bytes.len()
    }
}

/// White space between the parts of a tag.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c')
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use html5ever::tendril::StrTendril;
    use html5ever::tokenizer::states::RawKind;
    use html5ever::tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    };
    use proptest::prelude::*;

    use super::*;

    /// Tokens written down, text in one piece.
    #[derive(Debug, Default, PartialEq)]
    struct Told(Vec<String>, bool);

    impl Told {
        fn tell(&mut self, token: String) {
            self.0.push(token);
            self.1 = false;
        }

        fn say(&mut self, text: &str) {
            let text = text.replace('\0', "\u{fffd}");
            match self.0.last_mut().filter(|_| self.1) {
                _ if text.is_empty() => return,
                Some(last) => last.push_str(&text),
                None => self.0.push(format!("text {text}")),
            }
            self.1 = true;
        }
    }

    impl<'t> Sink<'t> for Told {
        fn text(&mut self, text: &str) {
            self.say(text);
        }

        fn start(&mut self, tag: &Tag<'t, '_>) -> Content {
            let mut line = format!(
                "<{}",
                tag.name.as_str().to_ascii_lowercase().replace('\0', "\u{fffd}")
            );
            let mut known = Vec::new();
            for attribute in tag.attributes {
                let name = attribute.name.to_ascii_lowercase().replace('\0', "\u{fffd}");
                if !known.contains(&name) {
                    line.extend([" ", &name, "=", &decoded(attribute.value, true)]);
                    known.push(name);
                }
            }
            self.tell(line + if tag.self_closing { "/" } else { "" });
            tag.name.content()
        }

        fn content(&mut self, text: &str) {
            self.say(text);
        }

        fn end(&mut self, name: Name<'t>) {
            self.tell(format!(
                "</{}",
                name.as_str().to_ascii_lowercase().replace('\0', "\u{fffd}")
            ));
        }

        fn comment(&mut self, text: &str) {
            self.tell(format!("<!{text}"));
        }

        fn cut(&mut self, _: &'static str) {}
    }

    struct Oracle(RefCell<Told>);

    impl TokenSink for Oracle {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            let mut told = self.0.borrow_mut();
            match token {
                Token::TagToken(tag) if tag.kind == TagKind::EndTag => told.tell(format!("</{}", tag.name)),
                Token::TagToken(tag) => {
                    let mut line = format!("<{}", tag.name);
                    for attribute in &tag.attrs {
                        line.extend([" ", &attribute.name.local, "=", &attribute.value]);
                    }
                    told.tell(line + if tag.self_closing { "/" } else { "" });
                    return match Name::of(&tag.name).content() {
                        Content::Markup => TokenSinkResult::Continue,
                        Content::Rcdata => TokenSinkResult::RawData(RawKind::Rcdata),
                        Content::Rawtext => TokenSinkResult::RawData(RawKind::Rawtext),
                        Content::Script => TokenSinkResult::RawData(RawKind::ScriptData),
                    };
                }
                Token::CommentToken(text) => told.tell(format!("<!{text}")),
                Token::CharacterTokens(text) => told.say(&text),
                Token::NullCharacterToken => told.say("\0"),
                Token::EOFToken | Token::DoctypeToken(_) | Token::ParseError(_) => {}
            }
            TokenSinkResult::Continue
        }
    }

    fn ours(text: &str) -> Vec<String> {
        let mut told = Told::default();
        run(text, &mut told);
        told.0
    }

    fn oracle(text: &str) -> Vec<String> {
        let options = TokenizerOpts {
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        let tokenizer = Tokenizer::new(Oracle(RefCell::default()), options);
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from(text));
        while !matches!(tokenizer.feed(&queue), html5ever::TokenizerResult::Done) {}
        tokenizer.end();
        tokenizer.sink.0.into_inner().0
    }

    #[test]
    fn torn_markup_is_taken_apart_as_the_standard_says() {
        for text in [
            "a < b <3 </3> </> <a",
            "<a href=x/ b='c\"' d=\"e'f\" g = h i=>j</a >",
            "<a b=c B=d =e f==g h\"='i'j>",
            "<p/><br /><a / b/c>",
            "<!-->a<!--->b<!---->c<!--d--!>e<!--f--->g<!--h-!>-->",
            "<!--a",
            "<!--a-",
            "<!--a--",
            "<!--a--!",
            "<!doctype html><!x><?xml a?><![CDATA[b]]></ c>",
            "<script>a<!-- <script> b</script> c --> d</script>e",
            "<script><!--></script>a<script><!-- </script>b",
            "<script><!-- <script>a</script>b</script>c",
            "<script>a</scripts></script x=y>b",
            "<title>a<b>&amp;</title><textarea></TEXTAREA><style>a&amp;</style>",
            "<title>a</title",
            "&lt&gt;&amp;&#65&#x42;&x;&notit;&",
            "a\0b<a\0 c\0=d\0>",
            "<a b=\"c",
        ] {
            assert_eq!(ours(text), oracle(text), "{text}");
        }
    }

    /// Counts the calls, whatever they bring.
    #[derive(Default)]
    struct Counted {
        texts: usize,
        others: usize,
        cuts: usize,
    }

    impl<'t> Sink<'t> for Counted {
        fn text(&mut self, _: &str) {
            self.texts += 1;
        }

        fn start(&mut self, tag: &Tag<'t, '_>) -> Content {
            self.others += 1;
            tag.name.content()
        }

        fn content(&mut self, _: &str) {
            self.others += 1;
        }

        fn end(&mut self, _: Name<'t>) {
            self.others += 1;
        }

        fn comment(&mut self, _: &str) {
            self.others += 1;
        }

        fn cut(&mut self, _: &'static str) {
            self.cuts += 1;
        }
    }

    #[test]
    fn a_flood_of_signs_that_begin_nothing_is_one_piece_of_text() {
        const SIZE: usize = 256 * 1024;
        for (piece, texts, others, cuts) in [
            ("&", 1, 0, 0),
            ("<", 1, 0, 0),
            ("& <3 &q ", 1, 0, 0),
            ("全网最低价", 1, 0, 0),
            ("&#", 1, 0, 0),
            ("<a b=\"", 0, 0, 1),
            ("<!--", 0, 1, 0),
            ("<script>", 0, 2, 0),
            ("<x a b='", 0, 0, 1),
        ] {
            let mut counted = Counted::default();
            run(&piece.repeat(SIZE / piece.len()), &mut counted);
            assert_eq!((counted.texts, counted.others), (texts, others), "{piece}");
            assert!(counted.cuts <= cuts + 1, "{piece}: {}", counted.cuts);
        }
        let mut counted = Counted::default();
        run(&format!("<x {}>", "a ".repeat(SIZE)), &mut counted);
        assert_eq!((counted.others, counted.cuts), (1, 1));
    }

    fn soup() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "</?(p|DIV|a|script|style|title|textarea|xmp|iframe|x-y|b\0)",
            "[ \n\t/]{0,2}(href|CLASS|a|b|=|\"|')?[ =]{0,3}['\"]?(x|&amp|&copy=1|&#65;|\0)?['\"]?",
            "/?>",
            "<!--|-->|--!>|-{1,4}>?|<!|<\\?|</|<|>|\\]\\]>|<!doctype |<!\\[CDATA\\[",
            "&#?[xX]?[0-9a-f]{0,6};?|&(amp|lt|nbsp|notin|notit|copy|Aacute|ngE)?;?",
            "[ -~]{0,3}",
            "\\PC{0,2}",
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_markup_is_taken_apart_as_by_the_oracle(text in soup()) {
            prop_assert_eq!(ours(&text), oracle(&text));
        }
    }
}
