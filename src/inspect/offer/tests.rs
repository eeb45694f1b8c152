//! Offers as whole sites show them.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::*;
use crate::evidence::{Evidence, Gap, GapReason, Unread};
use crate::facts::Value;
use crate::inspect::fixture::{self, PLAIN_SHOP, evidence, page_at};
use crate::inspect::reading::Reader;
use crate::page::{InlineJson, Page};

/// A shop that names no price, to which tests add their goods.
const SHOP: &str = "
    title 星河数卡 会员充值
    nav 首页
    a /order-list 我的订单
    h2 商品列表
    a /buy/1 立即购买
    a /buy/2 立即购买
    form post /create-order gid by_amount
    footer © 星河数卡
";

const HOST: &str = "shop.example.com";

/// The goods of a site: name, kind, price, and ratio where it could be compared.
fn goods(evidence: &Evidence) -> Vec<String> {
    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::load(&DataFiles::built_in()).unwrap());
    static OFFERS: LazyLock<Offers> = LazyLock::new(|| Offers::load(&DataFiles::built_in()).unwrap());
    let (reading, offers) = (READER.read(evidence), &*OFFERS);
    let shown = |offer: &Offer<'_>| {
        let ratio = offers.compare.look(offer).compared;
        let ratio = ratio.map_or(String::new(), |compared| format!(" {}", compared.ratio));
        let kind = offer.code().unwrap_or("other");
        let money = if offer.yuan { "" } else { "x" };
        format!("{} | {kind} | {}{money}{ratio}", offer.name(), offer.price)
    };
    offers.goods(&reading).list.iter().map(shown).collect()
}

fn on_shop(lines: &str) -> Vec<String> {
    goods(&evidence(HOST, &[&format!("{SHOP}\n{lines}")]))
}

#[test]
fn goods_are_read_from_lines_and_the_lines_above_them() {
    for (lines, expected) in [
        ("li 100 Q币　¥50.00　库存9999", vec!["100 Q币 | q_coin | 50 0.5"]),
        (
            "li 视频会员月卡\nli ¥19.80",
            vec!["视频会员月卡 | membership | 19.8"],
        ),
        (
            "h4 Q币卡密 10 元\np ¥9.90库存 38",
            vec!["Q币卡密 10 元 | q_coin | 9.9 0.99"],
        ),
        (
            "h6 移动话费100元\np 自动发货 库存：57 ¥ 96.80\nh6 久游休闲卡 30元\np 人工处理 库存：5 ¥ 29.40",
            vec![
                "移动话费100元 | phone_credit | 96.8 0.968",
                "久游休闲卡 30元 | game_card | 29.4",
            ],
        ),
        (
            "h2 Steam 充值码 HKD100\np 现货\np ¥92.00\nh2 PSN 点卡 HKD200\np 补货中\np ¥184.50",
            vec![
                "Steam 充值码 HKD100 | game_card | 92",
                "PSN 点卡 HKD200 | game_card | 184.5",
            ],
        ),
        (
            "td 商品\ntd 价格\ntd 移动话费50元\ntd 49.25元\ntd 购买\ntd 移动话费100元\ntd 98.50元\ntd 购买",
            vec![
                "移动话费50元 | phone_credit | 49.25 0.985",
                "移动话费100元 | phone_credit | 98.5 0.985",
            ],
        ),
        (
            "td 订单编号\ntd 8QK2M5X0V7T1\ntd 商品名称\ntd 京东E卡 200元\ntd 订单总价\ntd 197.00\ntd 下单时间\ntd 昨天",
            vec![],
        ),
        (
            "h1 三网话费 100 元\np 面值 ¥100.00　售价 ¥99.50",
            vec!["三网话费 100 元 | phone_credit | 99.5 0.995"],
        ),
        (
            "h1 话费慢充\np 面值 100 元　售价 70.00 元",
            vec!["话费慢充 | phone_credit | 70 0.7"],
        ),
        (
            "h2 100 Q币\np 价格：¥50.00（官方 100 元）",
            vec!["100 Q币 | q_coin | 50 0.5"],
        ),
        (
            "li 100 Q币 面值 ¥100 特价 ¥60 库存 8888 已售 21 万",
            vec!["100 Q币 | q_coin | 60 0.6"],
        ),
        (
            "li 慢充话费 100 元　70.00 元",
            vec!["慢充话费 100 元 | phone_credit | 70 0.7"],
        ),
        (
            "li 优酷会员年卡　官网价 ¥198　到手 ¥158.4",
            vec!["优酷会员年卡 | membership | 158.4 0.8"],
        ),
        (
            "li 喜马拉雅会员季卡　¥68　¥56",
            vec!["喜马拉雅会员季卡 | membership | 56 1"],
        ),
        ("p 1Q币 0.95元", vec!["1Q币 | q_coin | 0.95 0.95"]),
        ("p Q币 100个 95元", vec!["Q币 100个 | q_coin | 95 0.95"]),
        ("p 10元话费 9.8元", vec!["10元话费 | phone_credit | 9.8 0.98"]),
        ("p Q币 0.88元/个", vec!["Q币 | q_coin | 0.88 0.88"]),
        (
            "p 本店价目：Q币100个 95元，100元话费 98元",
            vec![
                "Q币100个 | q_coin | 95 0.95",
                "100元话费 | phone_credit | 98 0.98",
            ],
        ),
        ("p 50元充100元话费", vec!["充100元话费 | phone_credit | 50 0.5"]),
        ("li ¥8.00 视频会员周卡", vec!["视频会员周卡 | membership | 8"]),
        (
            "li \u{e65e} 19.80 视频会员周卡",
            vec!["视频会员周卡 | membership | 19.8"],
        ),
        (
            "li 骏网一卡通 50 元 卡密\nli 49.50",
            vec!["骏网一卡通 50 元 卡密 | game_card | 49.5 0.99"],
        ),
        (
            "li Steam 礼品卡 HK$100　售价 HK$102",
            vec!["Steam 礼品卡 HK$100 | gift_card | 102x"],
        ),
        (
            "li Steam 礼品卡 HKD 100\nli ¥96.00",
            vec!["Steam 礼品卡 HKD 100 | gift_card | 96"],
        ),
        (
            "li 京东E卡 500元 5.00-9.90元",
            vec!["京东E卡 500元 | gift_card | 5"],
        ),
        (
            "li 爱奇艺会员月卡 ¥9.9起",
            vec!["爱奇艺会员月卡 | membership | 9.9"],
        ),
        (
            "li 爱奇艺会员月卡 共享 ¥3",
            vec!["爱奇艺会员月卡 共享 | membership | 3"],
        ),
        (
            "li 爱奇艺黄金会员月卡 ¥5",
            vec!["爱奇艺黄金会员月卡 | membership | 5 0.2"],
        ),
        (
            "option 60 星遥币 ¥6.00\noption 300 星遥币 ¥30.00",
            vec!["60 星遥币 | game_card | 6", "300 星遥币 | game_card | 30"],
        ),
        (
            "li 月饼提货券 100元\nli ¥88.00",
            vec!["月饼提货券 100元 | gift_card | 88 0.88"],
        ),
        (
            "div ¥19.80\ndiv 视频会员月卡\ndiv ¥29.80\ndiv 音乐会员月卡",
            vec![
                "视频会员月卡 | membership | 19.8",
                "音乐会员月卡 | membership | 29.8",
            ],
        ),
        (
            "h1 三网话费\np 面值 200 元　特价 ¥100.00\np 面值 100 元　特价 ¥55.00",
            vec![
                "三网话费 | phone_credit | 100 0.5",
                "三网话费 | phone_credit | 55 0.55",
            ],
        ),
        (
            "h2 话费充值\noption 100元 ¥98.00\noption 50元 ¥49.00",
            vec![
                "话费充值 100元 | phone_credit | 98 0.98",
                "话费充值 50元 | phone_credit | 49 0.98",
            ],
        ),
        (
            "h3 爱奇艺黄金会员\nli 月卡 ¥20\nli 年卡 ¥180",
            vec![
                "爱奇艺黄金会员 月卡 | membership | 20 0.8",
                "爱奇艺黄金会员 年卡 | membership | 180 0.909",
            ],
        ),
        ("li 游戏加速器 7天 ¥5.00", vec!["游戏加速器 7天 | other | 5"]),
    ] {
        assert_eq!(on_shop(lines), expected, "{lines}");
    }
}

#[test]
fn what_is_no_offer_of_the_site_is_none() {
    for lines in [
        "p 本店已缴纳保证金 500 元",
        "p 当前余额：0.00 元",
        "p 满100减10元",
        "li 普通代理 19.90元",
        "li 开通分站 99元",
        "p 话费充值",
        "li 100元话费",
        "p 警惕5元话费的骗局，Q币100个 50元多半是骗子",
        "h2 防骗提醒\nli 100 Q币 ¥50.00",
        "li {{d.name}} ¥{{d.price}} 0.00",
        "p 客服电话 0571-5555 0123 服务时间 9:00-21:00",
        "p 版本 2.10 更新于 2026.11.20",
        "li 补差价 ¥1.00",
        "p 最低充值 10元",
        "p 业务订单总数 183624 条",
        "li 免费领取 ¥0.00",
        "p 星遥币是星遥互娱旗下游戏的通用点数，1 元 = 10 星遥币。",
        "li 合伙人 1998元",
    ] {
        assert!(on_shop(lines).is_empty(), "{lines}: {:?}", on_shop(lines));
    }
}

#[test]
fn tables_are_read_by_their_heads_and_without_them() {
    for (lines, expected) in [
        (
            "th 商品\nth 类型\nth 面值/官网价\nth 售价\ntd 三网话费 100 元\ntd 快充\ntd ¥100.00\ntd ¥99.50\ntd Q币 50 个\ntd 官方直充\ntd ¥50.00\ntd ¥49.00",
            vec![
                "三网话费 100 元 | phone_credit | 99.5 0.995",
                "Q币 50 个 | q_coin | 49 0.98",
            ],
        ),
        (
            "th 名称\nth 价格\nth 库存\ntd 京东E卡 100元\ntd 95\ntd 30\ntd 京东E卡 200元\ntd 190\ntd 12",
            vec![
                "京东E卡 100元 | gift_card | 95 0.95",
                "京东E卡 200元 | gift_card | 190 0.95",
            ],
        ),
        (
            "td 三网话费 100 元\ntd 快充\ntd ¥100.00\ntd ¥99.50\ntd Q币 50 个\ntd 官方直充\ntd ¥50.00\ntd ¥49.00",
            vec![
                "三网话费 100 元 | phone_credit | 99.5 0.995",
                "Q币 50 个 | q_coin | 49 0.98",
            ],
        ),
        (
            "th 等级\nth 价格\ntd 普通代理\ntd 10元\ntd 高级代理\ntd 99元",
            vec![],
        ),
    ] {
        assert_eq!(on_shop(lines), expected, "{lines}");
    }
}

#[test]
fn the_same_goods_on_several_pages_count_once() {
    let home = format!("{SHOP}\nli 话费 100 元（三网通用） ¥50.00\nli 100 Q币 ¥50.00\nli 200 Q币 ¥100.00");
    let product = "h2 话费 100 元\np 价格：¥50.00\nform post /pay mobile";
    let list = goods(&evidence(HOST, &[&home, product, &home]));
    assert_eq!(list.len(), 3, "{list:?}");
}

#[test]
fn an_article_or_a_warning_offers_nothing() {
    let article = "title 五折话费的骗局\nh1 记者调查：五折话费的骗局\np 来源：某报 记者 某某 责任编辑：某某\np 记者发现，某些平台打出“话费 100 元 ¥50.00”的广告，消费者应警惕此类骗局，谨防上当受骗，发现后可以拨打12315投诉。";
    assert!(goods(&evidence("news.example.com", &[article])).is_empty());
}

fn with_json(name: &str, value: Json, role: Option<(&str, Role)>) -> Evidence {
    let mut evidence = evidence(HOST, &[SHOP]);
    let json = InlineJson {
        name: name.to_owned(),
        value,
    };
    match role {
        None => {
            evidence.pages[0].page.as_mut().unwrap().json.push(json);
        }
        Some((path, role)) => {
            let page = Page {
                json: vec![json],
                ..Page::default()
            };
            let url = format!("https://{HOST}{path}");
            evidence
                .pages
                .push(page_at(url, role, jiff::Timestamp::UNIX_EPOCH, Some(page)));
        }
    }
    evidence
}

#[test]
fn each_programs_json_is_read_in_its_own_shape() {
    let answer = |path| Some((path, Role::Data));
    for (name, value, role, expected) in [
        (
            "goodsMsg",
            json!([{"gp_name": "热门", "goods": [{"gd_name": "100 Q币", "actual_price": "95.00", "in_stock": 7}]}]),
            None,
            vec!["100 Q币 | q_coin | 95 0.95"],
        ),
        (
            "_var_item",
            json!({"id": 1, "name": "话费 100元", "price": 50.5, "user_price": 49, "stock": 999_999}),
            None,
            vec!["话费 100元 | phone_credit | 50.5 0.505"],
        ),
        (
            "config",
            json!({"shop": {"name": "星河"}, "categories": [{"id": 1, "name": "卡", "products": [{"id": 1, "name": "京东E卡 100元", "price": 9_500, "count": 5}, {"id": 2, "name": "视频月卡", "price": 1_980}]}], "pays": [{"name": "支付宝", "price": 100}]}),
            None,
            vec![
                "京东E卡 100元 | gift_card | 95 0.95",
                "视频月卡 | membership | 19.8",
            ],
        ),
        (
            "config",
            json!({"product": {"name": "京东E卡 100元", "price": 95}}),
            None,
            vec!["京东E卡 100元 | gift_card | 95 0.95"],
        ),
        (
            "answer",
            json!({"code": 200, "data": [{"id": 1, "name": "100 Q币", "price": 80, "stock": "充足", "order_sold": 12, "category": {"name": "腾讯"}}], "total": 1}),
            answer("/user/api/index/commodity?categoryId=0&page=1&limit=20"),
            vec!["100 Q币 | q_coin | 80 0.8"],
        ),
        (
            "answer",
            json!({"status_code": 0, "data": [{"slug": "a", "title": {"zh-CN": "加油卡 1000元", "en-US": "fuel"}, "price_amount": "880.00", "price_currency": "CNY"}]}),
            answer("/api/v1/public/products?page=1"),
            vec!["加油卡 1000元 | fuel_card | 880 0.88"],
        ),
        (
            "answer",
            json!({"code": 0, "msg": "succ", "data": [{"tid": 3, "cid": 1, "name": "话费50元", "price": "49.00"}]}),
            answer("/ajax.php?act=gettool&cid=1"),
            vec!["话费50元 | phone_credit | 49 0.98"],
        ),
        (
            "answer",
            json!([{"cag_name": "卡", "shops": [{"id": 1, "name": "100 Q币", "price": 99.0, "stock": "少量"}]}]),
            answer("/api/v2/theme_list"),
            vec!["100 Q币 | q_coin | 99 0.99"],
        ),
        (
            "answer",
            json!({"list": [{"product_name": "骏卡 100元", "sell_price": "¥99"}], "levels": [{"name": "至尊用户", "price": 99}]}),
            answer("/shop/list.json"),
            vec!["骏卡 100元 | game_card | 99 0.99"],
        ),
        (
            "ld+json",
            json!({"@graph": [{"@type": "Product", "name": "星空记事 年度授权", "offers": {"@type": "Offer", "price": "68.00", "priceCurrency": "CNY"}}, {"@type": ["Product"], "name": "礼品卡 50元", "offers": {"lowPrice": 40, "highPrice": 60}}]}),
            None,
            vec![
                "星空记事 年度授权 | software_key | 68",
                "礼品卡 50元 | gift_card | 40",
            ],
        ),
        (
            "ld+json",
            json!({"@type": "Article", "name": "话费100元", "price": 50}),
            None,
            vec![],
        ),
        ("pays", json!([{"name": "支付宝", "rate": 1}]), None, vec![]),
        (
            "config",
            json!({"products": [{"name": "卡密一张", "price": 1e300}, {"name": ["x"], "price": {}}, {"name": "卡密二张", "price": "NaN"}, {"name": "卡密三张", "price": -5}]}),
            None,
            vec![],
        ),
    ] {
        let list = goods(&with_json(name, value.clone(), role));
        assert_eq!(list, expected, "{name} {value}");
    }
}

#[test]
fn facts_name_what_was_seen_and_where() {
    let page = format!(
        "{SHOP}\nli 100 Q币 ¥50.00 库存9999\nli 京东E卡 100元 ¥99.00\nli 爱奇艺黄金会员月卡 ¥23.80\nli 番茄时钟 激活码 ¥18.00"
    );
    let facts = fixture::facts(HOST, &[&page]);
    let said = |name: &str| facts.get(name).map(|fact| fact.value.clone());
    assert_eq!(said("offer.count"), Some(4.into()));
    assert_eq!(
        facts.list("offer.kinds"),
        ["gift_card", "membership", "q_coin", "software_key"]
    );
    assert_eq!(facts.list("offer.brands"), ["iqiyi", "jd", "tencent"]);
    assert_eq!(said("offer.comparable"), Some(3.into()));
    assert_eq!(said("offer.lowest_ratio"), Some(0.5.into()));
    assert_eq!(said("offer.q_coin_ratio"), Some(0.5.into()));
    assert_eq!(said("offer.gift_card_ratio"), Some(0.99.into()));
    assert_eq!(said("offer.membership_ratio"), Some(0.952.into()));
    assert_eq!(said("offer.below_share"), Some(0.333.into()));
    assert_eq!(said("offer.phone_credit_ratio"), None);
    assert_eq!(facts.list("offer.sources"), ["card"]);
    assert_eq!(facts.is("offer.scripted"), Some(false));
    assert_eq!(facts.is("offer.impossible_stock"), Some(false));
    let lowest = facts.get("offer.lowest_ratio").unwrap();
    let place = lowest.at.as_ref().unwrap();
    assert_eq!(
        (place.place.as_str(), place.snippet.as_str()),
        ("main", "100 Q币 ¥50.00")
    );
    assert_eq!(
        lowest.detail.as_deref(),
        Some("100 Q币 50 against face value 100")
    );
}

#[test]
fn counters_that_cannot_be_are_told() {
    let on = |lines: &str| fixture::facts(HOST, &[&format!("{SHOP}\n{lines}")]);
    for (lines, stock, sold) in [
        ("li Q币 100个 ¥95 库存：9999 已售 30", false, false),
        ("li Q币 100个 ¥95 库存：1000000", true, false),
        ("li Q币 100个 ¥95 库存 99万", true, false),
        ("li Q币 100个 ¥95 销量 21万", false, true),
        ("li Q币 100个 ¥95\nli 库存 5000000\nli 已售 12", true, false),
        (
            "li 月卡会员A ¥1 已售888\nli 月卡会员B ¥2 已售888\nli 月卡会员C ¥3 已售888\nli 月卡会员D ¥4 已售888",
            false,
            true,
        ),
        (
            "li 月卡会员A ¥1 已售888\nli 月卡会员B ¥2 已售888\nli 月卡会员C ¥3 已售888\nli 月卡会员D ¥4 已售87",
            false,
            false,
        ),
    ] {
        let facts = on(lines);
        assert_eq!(facts.is("offer.impossible_stock"), Some(stock), "{lines}");
        assert_eq!(facts.is("offer.impossible_sales"), Some(sold), "{lines}");
    }
}

#[test]
fn no_goods_is_said_only_when_their_place_was_read() {
    let said = |evidence: &Evidence| {
        let facts = fixture::read(evidence);
        let count = facts.get("offer.count").map(|fact| fact.value.clone());
        let reason = facts.absence("offer.count").map(|absence| absence.reason.clone());
        (count, facts.is("offer.scripted"), reason)
    };
    let zero = Some(Value::Int(0));
    let plain = evidence(HOST, &[SHOP]);
    assert_eq!(said(&plain), (zero, Some(false), None));

    let mut forbidden = plain.clone();
    let what = "https://shop.example.com/api/v1/public/products";
    let detail = "products are drawn by script and their data path is disallowed to crawlers";
    forbidden
        .gaps
        .push(Gap::new(GapReason::BlockedByRobots, detail, what));
    assert_eq!(
        said(&forbidden),
        (None, Some(true), Some("blocked_by_robots".into()))
    );

    let scripted = evidence(
        HOST,
        &[&format!("{SHOP}\nscript $.get('ajax.php?act=gettool&cid='+cid)")],
    );
    assert_eq!(said(&scripted), (None, Some(true), Some("empty_js_app".into())));

    let mut unread = plain;
    unread.unread.push(Unread {
        url: "https://shop.example.com/goods".into(),
        role: Role::Products,
        reason: GapReason::Timeout,
        detail: "body".into(),
    });
    assert_eq!(said(&unread), (None, None, Some("timeout".into())));

    let failed = fixture::unread(HOST, GapReason::Http5xx);
    assert_eq!(said(&failed), (None, None, Some("http_5xx".into())));
}

#[test]
fn goods_of_an_empty_shell_are_known_from_its_data() {
    let mut evidence = evidence(HOST, &["title x\nscript app()"]);
    let gap = Gap::new(GapReason::EmptyJsApp, "div app", "https://shop.example.com/");
    evidence.gaps.push(gap);
    let value = json!({"data": [{"title": {"zh-CN": "100 Q币"}, "price": "60.00"}]});
    let page = Page {
        json: vec![InlineJson {
            name: "answer".into(),
            value,
        }],
        ..Page::default()
    };
    let url = "https://shop.example.com/api/v1/public/products".to_owned();
    evidence
        .pages
        .push(page_at(url, Role::Data, jiff::Timestamp::UNIX_EPOCH, Some(page)));
    let facts = fixture::read(&evidence);
    assert_eq!(
        facts.get("offer.lowest_ratio").map(|fact| fact.value.clone()),
        Some(0.6.into())
    );
    assert_eq!(facts.list("offer.sources"), ["endpoint"]);
}

#[test]
fn a_page_and_a_site_of_endless_goods_are_bounded() {
    use std::fmt::Write as _;
    let mut page = String::from(SHOP);
    for index in 0..3_000 {
        writeln!(page, "li 会员月卡{index} ¥{index}.50").unwrap();
    }
    assert_eq!(goods(&evidence(HOST, &[&page])).len(), shelf::MAX_ON_PAGE);
    let list: Vec<Json> = (0..3_000)
        .map(|index| json!({"name": format!("会员月卡{index}"), "price": 5}))
        .collect();
    assert_eq!(
        goods(&with_json("goods", Json::Array(list), None)).len(),
        shelf::MAX_ON_PAGE
    );
}

#[test]
fn dated_prices_belong_to_known_brands_and_terms() {
    let data = DataFiles::built_in();
    let offers = Offers::load(&data).unwrap();
    for price in offers.compare.prices() {
        let id = format!("id = \"{}\"\n", price.brand);
        assert!(
            include_str!("../../../data/brands.toml").contains(&id),
            "{}",
            price.item
        );
        let (year, month) = price.seen.split_once('-').unwrap();
        assert!(year.parse::<u16>().unwrap() >= 2024 && (1..=12).contains(&month.parse::<u8>().unwrap()));
    }
}

#[test]
fn a_plain_shop_has_one_offer() {
    assert_eq!(
        goods(&evidence(HOST, &[PLAIN_SHOP])),
        ["视频会员月卡 | membership | 19.8"]
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn any_lines_are_read_without_panic(lines in proptest::collection::vec("(li|td|th|p|option|h2) (\\PC|[Q币话费会员月卡¥元起万售价原库存0-9., -]){0,50}", 0..20)) {
        on_shop(&lines.join("\n"));
    }
}
