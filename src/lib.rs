//! cardvet vets Chinese card platforms: it looks at a shop politely, reads what the shop shows, and gives a risk
//! score in which every point can be traced to something that was seen.
//!
//! ```text
//! Target ─crawl─▶ Evidence(pages) ─────▶ Facts ─judge─▶ Findings ─assess─▶ Assessment ─▶ report
//! └── capture: async, the only I/O ──┘└── judge: pure, no clock, replayable ────────┘
//! ```
//!
//! # In reading order
//!
//! | station | module | what it is |
//! |---|---|---|
//! | Target | [`target`], [`scope`] | what a person typed, as an address; which level of a platform it means |
//! | – | [`net`], [`address`] | the only way out of the machine: paced, guarded, capped |
//! | – | [`page`] | bytes as a page: visible text apart from hidden, links, forms, pictures |
//! | – | [`picture`], [`licence_pictures`] | format, size, perceptual hash and QR codes of a picture; which ones hang where a licence would |
//! | – | [`saved`] | what web-archive programs and browsers keep in files, as answers of sites |
//! | Evidence | [`evidence`], [`crawl`] | what was seen, when, and what could not be seen and why |
//! | Facts | [`facts`], [`inspect`] | named, typed statements with the place they were read; one file an inspector |
//! | – | [`text`], [`lexicon`], [`number`] | normal form of Chinese text, phrases with negation, numbers with their check digits |
//! | Findings | [`finding`], [`rules`] | rule files, CEL over the facts: holds, fails, unknown, not applicable |
//! | Assessment | [`score`], [`advice`], [`assessment`] | points that add up, a grade, what to do |
//! | – | [`vet`] | the line: these steps in order |
//! | – | [`store`], [`report`], [`demo`] | keeping, showing, and the sample platforms |
//! | – | [`evaluate`] | how well pages are read, measured on labelled ones |
//!
//! # What happens when `https://shop.example/` is vetted
//!
//! [`target::Target::parse`] reads the text. [`vet::Vetter::capture`] opens a [`net::Net::visit`] and lets
//! [`crawl::crawl`] fetch the home page, a path that cannot exist (to know the site's "not found"), and then the pages
//! that matter; each answer is decoded and read by [`page::read`] and becomes a
//! [`SeenPage`](evidence::SeenPage), each failure a [`Gap`](evidence::Gap). [`vet::Judge::judge`] lets
//! every inspector read this ([`inspect::Inspectors::facts`]), applies the rules ([`rules::RuleSet::judge`]) and adds
//! up ([`score::assess`]). [`store::Store::keep`] puts both on disk; [`report`] prints.
//!
//! # Invariants, held by tests
//!
//! * **Judging does no I/O** and reads no clock: the same evidence, rules, data and policy give the same bytes.
//! * **No number in Rust moves a score**: weights stand in `rules/`, everything else in `rules/policy.toml`.
//! * **The ledger adds up** to the points, whole number by whole number.
//! * **Absence of evidence is unknown**, never good and never bad. "Looked for and not found" is a fact of its own, stated
//!   only when the place where the thing would stand was read.
//! * **What is cheap to fake never lowers the risk.**
//! * **Imports point one way** (`tests/layers.rs` holds the table).
//! * **Nothing leaves the machine except through [`net`].**
//!
//! # Glossary
//!
//! card platform 卡盟 · card shop 发卡网 · sub-site 分站 · ICP filing 备案 · ICP permit 许可证 · police filing 公安备案 ·
//! licence 营业执照 · credit code 统一社会信用代码 · payment relay 易支付 · personal collection code 个人收款码 · direct top-up
//! 直充 · card code 卡密 · official channel 官方渠道

pub mod address;
pub mod advice;
pub mod assessment;
pub mod crawl;
pub mod data;
pub mod demo;
pub mod digest;
pub mod evaluate;
pub mod evidence;
pub mod facts;
pub mod finding;
pub mod inspect;
pub mod lexicon;
pub mod licence_pictures;
pub mod net;
pub mod number;
pub mod page;
pub mod picture;
pub mod report;
pub mod rules;
pub mod saved;
pub mod scope;
pub mod score;
pub mod store;
pub mod target;
pub mod text;
pub mod vet;
