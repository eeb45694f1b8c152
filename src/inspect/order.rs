//! Order: whether a buyer can follow an order, complain about it, and learn how money and delivery are handled.
//!
//! Reads `data/orders.toml`. A look-up is a form, a live link or a tab of the page (a dead `#` is none), or its page that was read.
//! Custody is a claim; a named institution is noted beside it. Nothing is ordered or looked up.

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::labels::Labels;
use super::reading::{Reading, Sighting, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::Lexicon;
use crate::page::{Form, Link};

const FILE: &str = "orders.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "order.query",
        Bool,
        Trivial,
        "an order look-up exists: a form, a live link or its page; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.status_words",
        List,
        Trivial,
        "delivery states shown: unpaid, pending, paid, sent_to_supplier, supplier_processing, supplier_refused, delivered, closed, payment_failed, not_found, failed, processing, refunding, refunded; empty when none",
    ),
    FactSpec::new(
        "order.complaint_channel",
        Bool,
        Trivial,
        "a form, link, phone or other channel for complaints or after-sales is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.custody_claimed",
        Bool,
        Trivial,
        "escrow or custody of money is claimed; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.custody_named",
        Bool,
        Trivial,
        "the claim of custody names a bank or licensed institution; only said when custody is claimed",
    ),
    FactSpec::new(
        "order.delay_warned",
        Bool,
        Trivial,
        "admits delays or lost orders as normal; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.supplier_named",
        Bool,
        Trivial,
        "names a company it is supplied by; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.reconciliation",
        Bool,
        Trivial,
        "says how orders are reconciled; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct OrderFile {
    query_fields: Vec<String>,
    query_addresses: Vec<String>,
    query_texts: Vec<String>,
    complaint_texts: Vec<String>,
    complaint_addresses: Vec<String>,
}

/// Reads order-tracking signs.
#[derive(Debug)]
pub struct Order {
    words: Lexicon,
    query_fields: Vec<String>,
    query_addresses: AhoCorasick,
    query_texts: Labels,
    complaint_texts: Labels,
    complaint_addresses: AhoCorasick,
}

impl WordInspector for Order {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: OrderFile = data.read(FILE)?;
        let marks = |marks: &[String]| {
            let marks = AhoCorasick::builder().ascii_case_insensitive(true).build(marks);
            marks.map_err(|err| DataFiles::bad(FILE, err))
        };
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            query_addresses: marks(&file.query_addresses)?,
            query_texts: Labels::of(&file.query_texts),
            complaint_texts: Labels::of(&file.complaint_texts),
            complaint_addresses: marks(&file.complaint_addresses)?,
            query_fields: file.query_fields,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        let firm = Firmness::WellFormed;
        let queries = self.queries(reading);
        // States are those of orders: placed here, or looked up here.
        let has_orders = reading.sells || !queries.is_empty();
        reading.say_seen(facts, "order.query", firm, queries);
        let states = seen
            .iter()
            .filter_map(|sighting| Some((sighting.id.strip_prefix("status:")?, sighting)));
        let states: Vec<(String, Place)> = if has_orders {
            states
                .map(|(code, seen)| (code.to_owned(), seen.place()))
                .collect()
        } else {
            Vec::new()
        };
        reading.say_list(facts, "order.status_words", firm, &states);
        let mut complaints = places(&seen, "complaint");
        complaints.extend(self.complaint_links(reading));
        reading.say_seen(facts, "order.complaint_channel", firm, complaints);
        say_custody(reading, &seen, facts);
        for (name, id) in [
            ("order.delay_warned", "delay"),
            ("order.supplier_named", "supplier"),
            ("order.reconciliation", "reconciliation"),
        ] {
            reading.say_seen(facts, name, firm, places(&seen, id));
        }
    }
}

impl Order {
    fn queries(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| reading.speaks(page)) {
            if page.seen.role == Role::OrderQuery {
                found.push(Place::new(&page.seen.final_url, "title", &page.page.title));
            }
            let form = page.page.forms.iter().find(|form| self.is_query(form));
            found.extend(form.map(|form| Place::new(&page.seen.final_url, "form", &form.action)));
            let link = page
                .page
                .links
                .iter()
                .find(|link| (is_live(link) || is_tab(link)) && self.query_texts.are_in(&link.text));
            found.extend(link.map(|link| {
                Place::new(
                    &page.seen.final_url,
                    "link",
                    &format!("{} {}", link.text, link.href),
                )
            }));
        }
        found
    }

    fn is_query(&self, form: &Form) -> bool {
        let is_query = |name: &str| {
            self.query_fields
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        let named = form.fields.iter().any(|field| is_query(&field.name));
        named || self.query_addresses.is_match(&form.action)
    }

    fn complaint_links(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| reading.speaks(page)) {
            let links = page.page.links.iter();
            // The address is taken apart last, since few links are labelled so.
            let links = links.filter(|link| is_live(link) && self.leads_to_complaint(link));
            found.extend(links.filter(|link| on_site(reading, link)).map(|link| {
                Place::new(
                    &page.seen.final_url,
                    "link",
                    &format!("{} {}", link.text, link.href),
                )
            }));
            let forms = page
                .page
                .forms
                .iter()
                .filter(|form| self.complaint_addresses.is_match(&form.action));
            found.extend(forms.map(|form| Place::new(&page.seen.final_url, "form", &form.action)));
        }
        found
    }

    fn leads_to_complaint(&self, link: &Link) -> bool {
        self.complaint_texts.hold(&link.text) || self.complaint_addresses.is_match(&link.href)
    }
}

/// Custody claimed, and whether the claim names who holds the money.
fn say_custody(reading: &Reading<'_>, seen: &[Sighting<'_>], facts: &mut Facts) {
    let claims: Vec<&Sighting<'_>> = seen.iter().filter(|sighting| sighting.id == "custody").collect();
    let named = seen.iter().filter(|sighting| sighting.id == "_institution");
    let named: Vec<Place> = named
        .filter(|name| claims.iter().any(|claim| std::ptr::eq(claim.line, name.line)))
        .map(Sighting::place)
        .collect();
    if !claims.is_empty() {
        reading.say_seen(facts, "order.custody_named", Firmness::Claimed, named);
    }
    let places = claims.iter().map(|claim| claim.place()).collect();
    reading.say_seen(facts, "order.custody_claimed", Firmness::Claimed, places);
}

fn is_live(link: &Link) -> bool {
    link.visible && link.url.is_some()
}

/// Whether a link opens a named part of its own page (`#query`), as themes do that keep the look-up in a tab.
fn is_tab(link: &Link) -> bool {
    let part = link.href.strip_prefix('#');
    link.visible && part.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Whether a link stays on the site: an outside complaint authority is no channel of the shop.
fn on_site(reading: &Reading<'_>, link: &Link) -> bool {
    let url = link.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    url.is_some_and(|url| reading.evidence.site.holds(&url))
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::facts;

    const SHOP: &str = "title 星河数卡\nli 视频会员月卡\nli ¥19.80\na /buy/1 立即购买\na /buy/2 立即购买";

    fn on_shop(line: &str) -> crate::facts::Facts {
        facts("shop.example.com", &[&format!("{SHOP}\n{line}")])
    }

    #[test]
    fn a_look_up_is_a_form_or_a_live_link() {
        for (line, expected) in [
            ("a /order-search 订单查询", true),
            ("a ?mod=query 查单", true),
            ("form post /search-order-by-sn order_sn", true),
            ("a #! 订单查询", false),
            ("a # 订单查询", false),
            ("a #query 订单查询", true),
            ("a #top 返回顶部", false),
            ("p 订单查询请联系客服", false),
        ] {
            assert_eq!(on_shop(line).is("order.query"), Some(expected), "{line}");
        }
    }

    #[test]
    fn states_are_those_of_orders_and_not_of_rules() {
        let look_up = "title 订单查询\nform get /query keywords\n";
        for (page, expected) in [
            (
                format!(
                    "{look_up}p 状态说明：未支付（超过30分钟自动关闭）、已支付待发货、处理中、已发货、已退款。"
                ),
                vec!["closed", "delivered", "paid", "processing", "refunded", "unpaid"],
            ),
            (format!("{SHOP}\np 填错号码且已充值成功的，无法追回。"), vec![]),
            (format!("{SHOP}\np 支付成功后自动发卡"), vec![]),
            (format!("{SHOP}\ntd 充值成功"), vec!["delivered"]),
        ] {
            let facts = facts("shop.example.com", &[&page]);
            assert_eq!(facts.list("order.status_words"), expected, "{page}");
        }
    }

    #[test]
    fn states_complaints_and_promises_are_read() {
        let facts = on_shop("td 已支付\ntd 供应商处理中\ntd 到账成功\ntd 充值失败");
        assert_eq!(
            facts.list("order.status_words"),
            ["delivered", "failed", "paid", "supplier_processing"]
        );
        for (name, line, expected) in [
            ("order.complaint_channel", "p 投诉电话：0571-55550123", true),
            ("order.complaint_channel", "a /complaint 投诉", true),
            ("order.complaint_channel", "p 售后请加QQ群 738291045 找群主", true),
            ("order.complaint_channel", "p 有问题请自行解决", false),
            (
                "order.complaint_channel",
                "a https://www.12315.cn/ 投诉举报",
                false,
            ),
            ("order.complaint_channel", "p 投诉请便", false),
            (
                "order.complaint_channel",
                "p 有问题请当天22：00前联系客服，过期一律不予处理。",
                false,
            ),
            ("order.complaint_channel", "p 售后➕q：204518837", true),
            (
                "order.complaint_channel",
                "p 售后群 Telegram：t.me/xinghe_sh",
                true,
            ),
            ("order.complaint_channel", "p 售后服务周到", false),
            ("order.complaint_channel", "p 工单邮箱：sh@xinghe-shuka.cn", true),
            (
                "order.complaint_channel",
                "p 兑换失败请截图发邮箱 sh@xinghe-shuka.cn，当天补发",
                true,
            ),
            (
                "order.complaint_channel",
                "p 卡密无效请在7天内联系，核实后补发",
                true,
            ),
            ("order.complaint_channel", "p 超时未到账联系客服全额退款", false),
            ("order.complaint_channel", "a /?mod=complain 投诉表单", true),
            ("order.custody_claimed", "p 资金由招商银行存管，放心充值", true),
            ("order.custody_named", "p 资金由招商银行存管，放心充值", true),
            ("order.custody_claimed", "p 平台担保交易", true),
            ("order.custody_named", "p 平台担保交易", false),
            ("order.custody_claimed", "p 支持招商银行付款", false),
            ("order.custody_claimed", "li 绑定三方存管银行", false),
            ("order.delay_warned", "p 高峰期可能延迟到账，掉单属正常现象", true),
            ("order.delay_warned", "p 本站从不掉单", false),
            ("order.delay_warned", "p 慢刷业务掉单很正常，别催", true),
            ("order.delay_warned", "dt 掉单", false),
            (
                "order.supplier_named",
                "p 充值接口由杭州星河信息服务有限公司提供",
                true,
            ),
            (
                "order.supplier_named",
                "p 技术支持由杭州星河信息服务有限公司提供",
                false,
            ),
            (
                "order.reconciliation",
                "p 我司每日24:00与其对账，差异订单次日补单",
                true,
            ),
            ("order.reconciliation", "p 请您自行对账", false),
            ("order.supplier_named", "p 供货商：杭州星河科技有限公司", true),
            ("order.supplier_named", "p 本站有稳定供货商", false),
            ("order.reconciliation", "p 本站每日对账，差错当日处理", true),
        ] {
            assert_eq!(on_shop(line).is(name), Some(expected), "{name}: {line}");
        }
    }
}
