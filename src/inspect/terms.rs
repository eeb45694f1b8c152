//! Terms: what the site says about refunds, liability, complaints and balances, good and bad.
//!
//! Reads `data/terms.toml`. A clause that promises, or that refuses only after delivery or for the buyer's own mistake, is
//! read before the blanket refusals it may contain. Says also whether any terms were shown; a link that
//! leads nowhere is no terms.

use serde::Deserialize;

use super::labels::{Labels, may_hold};
use super::reading::{Line, PageReading, Reading, Sighting, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::Bool;
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part, joined};
use crate::page::{Link, Region};

const FILE: &str = "terms.toml";
/// Groups whose clauses are a rule on refunds, whichever way it goes.
const RULES: [&str; 4] = ["refund_promised", "refund_refused", "_conditional", "_no_reason"];

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "terms.refund_refused",
        Bool,
        Trivial,
        "a blanket clause refuses refunds; refusals only after delivery or for the buyer's own mistake do not count; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.refund_promised",
        Bool,
        Trivial,
        "failed or undelivered orders are promised a refund; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.liability_excluded",
        Bool,
        Trivial,
        "a blanket clause excludes liability; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.final_say",
        Bool,
        Trivial,
        "the site keeps the last word on what its rules mean; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.complaint_threat",
        Bool,
        Trivial,
        "those who complain are threatened with a ban or loss; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.balance_locked",
        Bool,
        Trivial,
        "a balance cannot be withdrawn or refunded; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.page_shown",
        Bool,
        Trivial,
        "a terms, refund or after-sales page or section was read; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.before_payment",
        Bool,
        Trivial,
        "the refund rule stands on, or is linked from, a page where one can order or pay; unsaid when no such page was read",
    ),
    FactSpec::new(
        "terms.implied_consent",
        Bool,
        Trivial,
        "ordering alone counts as consent to the rules; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.short_complaint_window",
        Bool,
        Trivial,
        "complaints are taken within a day or less only, later none; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.delivery_time",
        Bool,
        Trivial,
        "a time by which goods arrive is stated, in minutes, hours or days; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.risk_rules",
        Bool,
        Trivial,
        "says in advance when orders are intercepted or refused; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct TermsFile {
    section_chars: usize,
    page_chars: usize,
    link_texts: Vec<String>,
}

/// Reads terms.
#[derive(Debug)]
pub struct Terms {
    clauses: Lexicon,
    link_texts: Labels,
    limits: TermsFile,
}

impl WordInspector for Terms {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let limits: TermsFile = data.read(FILE)?;
        Ok(Self {
            clauses: Lexicon::load(data, FILE)?,
            link_texts: Labels::of(&limits.link_texts),
            limits,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.clauses);
        for (name, id) in [
            ("terms.refund_refused", "refund_refused"),
            ("terms.refund_promised", "refund_promised"),
            ("terms.liability_excluded", "liability_excluded"),
            ("terms.final_say", "final_say"),
            ("terms.complaint_threat", "complaint_threat"),
            ("terms.balance_locked", "balance_locked"),
            ("terms.risk_rules", "risk_rules"),
            ("terms.implied_consent", "implied_consent"),
            ("terms.short_complaint_window", "short_complaint_window"),
            ("terms.delivery_time", "delivery_time"),
        ] {
            reading.say_seen(facts, name, Firmness::WellFormed, places(&seen, id));
        }
        reading.say_seen(
            facts,
            "terms.page_shown",
            Firmness::WellFormed,
            self.shown(reading, &seen),
        );
        self.say_before_payment(reading, &seen, facts);
    }
}

impl Terms {
    /// Whether buyers can see the refund rule where they order.
    fn say_before_payment(&self, reading: &Reading<'_>, seen: &[Sighting<'_>], facts: &mut Facts) {
        let mut ordering = reading
            .pages
            .iter()
            .filter(|page| reading.can_order(page))
            .peekable();
        if ordering.peek().is_none() {
            return reading.silent(facts, "terms.before_payment");
        }
        let places = ordering.filter_map(|page| self.rule_on(page, seen)).collect();
        reading.say_seen(facts, "terms.before_payment", Firmness::WellFormed, places);
    }

    /// The refund rule on a page, or the link there that leads to it.
    fn rule_on(&self, page: &PageReading<'_>, seen: &[Sighting<'_>]) -> Option<Place> {
        let rule = seen
            .iter()
            .find(|sighting| RULES.contains(&sighting.id) && std::ptr::eq(sighting.page, page));
        let leads = |link: &&Link| link.visible && link.url.is_some() && self.link_texts.are_in(&link.text);
        rule.map(Sighting::place).or_else(|| {
            let link = page.page.links.iter().find(leads)?;
            let shown = format!("{} {}", link.text, link.href);
            Some(Place::new(&page.seen.final_url, "link", &shown))
        })
    }

    /// Pages of terms that were read, and headings of terms with a text below them.
    fn shown(&self, reading: &Reading<'_>, seen: &[Sighting<'_>]) -> Vec<Place> {
        let pages = reading.pages.iter().filter(|page| page.seen.role == Role::Terms);
        let mut shown: Vec<Place> = pages
            .filter(|page| page.page.visible_chars() >= self.limits.page_chars)
            .map(|page| Place::new(&page.seen.final_url, "title", &page.page.title))
            .collect();
        for heading in seen.iter().filter(|sighting| sighting.id == "heading") {
            if self.has_text_below(heading.page, heading) {
                shown.push(place_of(heading.page, heading.line, heading.line.joined.source()));
            }
        }
        shown
    }

    fn has_text_below(&self, page: &PageReading<'_>, heading: &Sighting<'_>) -> bool {
        let below = page
            .lines
            .iter()
            .skip_while(|line| !std::ptr::eq(*line, heading.line))
            .skip(1)
            .take(2);
        let in_main =
            |line: &&Line| line.part == Part::Text && matches!(line.region, Region::Main | Region::Dialog);
        in_main(&heading.line)
            && (heading.line.is_heading() || !is_linked(page, heading))
            && below
                .filter(in_main)
                .any(|line| line.chars >= self.limits.section_chars)
    }
}

/// Whether the words of a heading are a link's: a row of links ("关于我们 用户协议 购买") heads nothing.
fn is_linked(page: &PageReading<'_>, heading: &Sighting<'_>) -> bool {
    let line = heading.line.joined.text();
    let is_its = |link: &Link| {
        if !link.visible || !may_hold(&link.text, heading.phrase()) {
            return false;
        }
        let text = joined(&link.text);
        text.contains(heading.phrase()) && line.contains(text.as_str())
    };
    page.page.links.iter().any(is_its)
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    fn on_shop(line: &str) -> crate::facts::Facts {
        facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")])
    }

    #[test]
    fn refund_clauses_are_read_with_their_conditions() {
        for (line, refused, promised) in [
            ("p 虚拟商品一经售出概不退换", true, false),
            ("p 本站所有商品不支持退款", true, false),
            ("p 虚 拟 商 品，一经充值不退", true, false),
            ("p 不得以任何理由要求退款", true, false),
            ("p 24小时内未到账全额退款", false, true),
            ("p 充值失败将原路退回您的支付账户", false, true),
            ("p 订单未到账可退，请联系客服", false, true),
            ("p 充值成功后不支持退款", false, false),
            ("p 因用户填写错误造成的损失概不退款", false, false),
            ("p 除卡密无法使用外，概不退换", false, false),
            ("p 卡密错误包换，质量问题可退", false, true),
            ("p 未到账也不退款", true, false),
            (
                "p 序號一經提供恕不退款；序號無法儲值者，經查證後全額退費",
                false,
                true,
            ),
            ("p 商品售出概不退换。充值失败全额退款。", true, true),
            ("p 支持7天无理由退款", false, true),
            ("p 激活失败包换", false, false),
            ("p 卡密已查看、已使用的，不退不换", false, false),
            ("p 未到账的，消费者有权解除合同并要求全额退款", false, false),
            ("p 欢迎光临", false, false),
            ("p 警惕写着“概不退款”的网站", false, false),
        ] {
            let facts = on_shop(line);
            assert_eq!(facts.is("terms.refund_refused"), Some(refused), "refused: {line}");
            assert_eq!(
                facts.is("terms.refund_promised"),
                Some(promised),
                "promised: {line}"
            );
        }
    }

    #[test]
    fn other_clauses_are_read_by_their_words() {
        for (name, line, expected) in [
            (
                "terms.liability_excluded",
                "p 因使用本站商品造成的一切后果自负，本站概不负责",
                true,
            ),
            (
                "terms.liability_excluded",
                "p 本程序为开源程序，使用者造成的一切法律后果与作者无关",
                false,
            ),
            ("terms.final_say", "footer 最终解释权归本站所有", true),
            (
                "terms.complaint_threat",
                "p 恶意投诉者一律拉黑封号，余额没收",
                true,
            ),
            ("terms.complaint_threat", "p 投诉电话 0571-55550123", false),
            ("terms.balance_locked", "p 账户余额不可提现，仅限本站消费", true),
            ("terms.balance_locked", "p 账户余额可提现，随时申请", false),
            (
                "terms.risk_rules",
                "p 同一账号一天下单超过5笔，订单将被拦截并原路退款",
                true,
            ),
            (
                "terms.page_shown",
                "h2 售后说明\np 卡密类商品如有问题请在24小时内联系客服处理，我们会核实后补发。",
                true,
            ),
            ("terms.page_shown", "a #! 售后说明\np 好的", false),
            (
                "terms.page_shown",
                "a /agreement 用户协议\na /buy/1 购买\nfooter 星河数卡 版权所有 保留一切权利",
                false,
            ),
            (
                "terms.page_shown",
                "a /agreement 用户协议\np 请在购买前联系客服确认库存与到账时间。",
                false,
            ),
            (
                "terms.complaint_threat",
                "p 凡恶意投诉、向支付平台申请退款者，一律封号，余额清零",
                true,
            ),
            (
                "terms.balance_locked",
                "p 预存余额仅限站内消费，一经充入不能提现、不能退还",
                true,
            ),
            (
                "terms.risk_rules",
                "p 空号、停机号码会被运营商拦截，系统自动退款",
                true,
            ),
            ("terms.final_say", "p 本站保留最終解釋權", true),
        ] {
            assert_eq!(on_shop(line).is(name), Some(expected), "{name}: {line}");
        }
    }

    #[test]
    fn consent_windows_and_times_are_read_by_their_meaning() {
        for (name, line, expected) in [
            ("terms.implied_consent", "p 下单即视为同意本站规则", true),
            (
                "terms.implied_consent",
                "p 付款即代表您已阅读并同意购买须知",
                true,
            ),
            ("terms.implied_consent", "p 购买本站商品即默认同意以上条款", true),
            (
                "terms.implied_consent",
                "p 您点击“提交订单”即表示同意本协议",
                true,
            ),
            ("terms.implied_consent", "p 注册即表示同意用户协议", false),
            ("terms.implied_consent", "p 请阅读并勾选同意购买协议后下单", false),
            (
                "terms.short_complaint_window",
                "p 如有问题请在当天22点前投诉，逾期不支持退款",
                true,
            ),
            (
                "terms.short_complaint_window",
                "p 卡密请在2小时内验卡并反馈，超时概不负责",
                true,
            ),
            ("terms.short_complaint_window", "p 超过24小时不予售后", true),
            (
                "terms.short_complaint_window",
                "p 请在7天内联系客服，逾期不予受理",
                false,
            ),
            (
                "terms.short_complaint_window",
                "p 如有问题请在24小时内联系客服处理，我们会核实后补发",
                false,
            ),
            ("terms.short_complaint_window", "p 超过48小时不予售后", false),
            ("terms.delivery_time", "p 慢充话费72小时内到账", true),
            ("terms.delivery_time", "p 到账时间：1-10分钟", true),
            ("terms.delivery_time", "p 一般30分钟内完成充值", true),
            ("terms.delivery_time", "p 慢充商品，2-48小时到账", true),
            ("terms.delivery_time", "li Q币100个（慢充72小时）", true),
            ("terms.delivery_time", "p 人工发货，12小时内。", true),
            ("terms.delivery_time", "p 直充类一般30分钟内。", true),
            ("terms.delivery_time", "p 秒到账", false),
            ("terms.delivery_time", "p 24小时自动发货", false),
            ("terms.delivery_time", "p 24小时内未到账可退", false),
            ("terms.delivery_time", "p 退款将在3个工作日内到账", false),
            ("terms.refund_promised", "p 本商品不支持7天无理由退货", false),
            ("terms.refund_refused", "p 本商品不支持7天无理由退货", false),
        ] {
            assert_eq!(on_shop(line).is(name), Some(expected), "{name}: {line}");
        }
    }

    #[test]
    fn the_refund_rule_is_seen_before_paying_when_it_stands_or_is_linked_where_one_orders() {
        let order = "form post /create-order gid email by_amount payway";
        for (line, expected) in [
            ("p 充值失败原路退回", Some(true)),
            ("footer-a /terms 退款规则", Some(true)),
            ("footer-a #! 退款规则", Some(false)),
            ("p 欢迎光临", Some(false)),
        ] {
            let facts = on_shop(&format!("{order}\n{line}"));
            assert_eq!(facts.is("terms.before_payment"), expected, "{line}");
        }
        let chat = "title 阿杰代充\np 爱奇艺月卡12元，优酷月卡11元，加QQ下单 204518837\np 充值失败原路退回";
        let facts = facts("shop.example.com", &[chat]);
        assert_eq!(facts.is("site.sells"), Some(true));
        assert_eq!(facts.is("terms.before_payment"), None);
    }

    #[test]
    fn a_terms_page_counts_when_it_says_something() {
        let long = "卡密类商品发出后请当场核对，如有问题请在二十四小时内联系客服处理，逾期请提供相应凭证，我们会逐一核实并给出处理结果，感谢您的理解与支持。";
        for (text, expected) in [(long, true), ("短", false)] {
            let facts = facts(
                "shop.example.com",
                &[PLAIN_SHOP, &format!("role terms\np {text}")],
            );
            assert_eq!(facts.is("terms.page_shown"), Some(expected), "{text}");
        }
    }
}
