//! Contacts as shops print them, and numbers that are none.

use crate::inspect::fixture::{PLAIN_SHOP, facts};

#[test]
fn each_channel_is_read_where_shops_print_it() {
    for (line, expected) in [
        ("footer 客服QQ：204518837", vec!["qq"]),
        ("footer QQ 204518837", vec!["qq"]),
        ("footer 扣扣：２０４５１８８３７", vec!["qq"]),
        (
            "a https://wpa.qq.com/msgrd?v=3&uin=204518837&site=qq 联系客服",
            vec!["qq"],
        ),
        ("footer QQ群：731204556", vec!["qq_group"]),
        ("p 加薇 xinghe2026 下单", vec!["wechat"]),
        ("footer 地址：新加坡乌节路88号", vec!["address"]),
        ("a https://qm.qq.com/q/AbCd12 加群", vec!["qq_group"]),
        ("footer 微信：xinghe_kf01", vec!["wechat"]),
        ("img 客服微信二维码", vec!["wechat"]),
        ("a https://t.me/xinghe_kf 飞机", vec!["telegram"]),
        ("footer 手机：138 1203 4456", vec!["phone"]),
        ("footer 电话：0571-55550123", vec!["landline"]),
        ("footer 热线 400-820-5512", vec!["hotline"]),
        ("footer 邮箱 kf@xinghe-shuka.cn", vec!["email"]),
        (
            "footer 地址：浙江省杭州市西湖区文三路88号5幢201室",
            vec!["address"],
        ),
        ("footer 浙江省杭州市滨江区江南大道 100 号", vec!["address"]),
        ("footer 香港九龍彌敦道580號12樓", vec!["address"]),
        (
            "resource https://static.meiqia.com/dist/meiqia.js",
            vec!["online_chat"],
        ),
        ("footer 电话：02-2508-1234", vec!["landline"]),
        ("footer 加 V 信：kmkf_8866", vec!["wechat"]),
        ("footer 企 鹅：204518837", vec!["qq"]),
        ("footer ԛԛ：二零四五一八八三七", vec!["qq"]),
        ("footer 🆀🆀 ②⓪④⑤①⑧⑧③⑦", vec!["qq"]),
        ("footer 手机 一三八一二零三四四五六", vec!["phone"]),
        ("footer ➕ᴠх：xinghe_kf01", vec!["wechat"]),
        ("footer 交流二三事 一二三四五六七八", vec![]),
        ("footer 订单号：20451883700", vec![]),
        ("li QQ会员 30 天", vec![]),
        ("li Q币 10000 个", vec![]),
        ("footer ICP备案 20240818号", vec![]),
        ("footer 版权所有 2019-2026", vec![]),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.list("contact.channels"), expected, "{line}");
        assert_eq!(facts.is("contact.any"), Some(!expected.is_empty()), "{line}");
    }
}

#[test]
fn chat_accounts_alone_are_told_from_firm_contacts() {
    for (line, expected) in [
        ("footer 客服QQ：204518837", true),
        ("footer 客服QQ：204518837 邮箱 kf@xinghe-shuka.cn", false),
        ("footer 邮箱 kf@xinghe-shuka.cn", false),
        ("footer 暂无", false),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is("contact.chat_only"), Some(expected), "{line}");
    }
}

#[test]
fn what_programs_ship_with_is_no_contact() {
    for line in [
        "footer 客服QQ：123456789",
        "footer 邮箱：demo@demo.com",
        "footer 电话：13800138000",
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(
            (facts.is("contact.placeholder"), facts.is("contact.any")),
            (Some(true), Some(false)),
            "{line}"
        );
        assert!(facts.list("contact.qq").is_empty());
    }
}

#[test]
fn qq_numbers_hours_and_moving_domains_are_kept() {
    let page = format!(
        "{PLAIN_SHOP}\nfooter 客服QQ：604518837 售后QQ：204518837\np 服务时间：9:00-22:00\np 防失联地址发布页，请收藏备用域名"
    );
    let facts = facts("shop.example.com", &[&page]);
    assert_eq!(facts.list("contact.qq"), ["204518837", "604518837"]);
    assert_eq!(
        (facts.is("contact.hours"), facts.is("contact.moved_domains")),
        (Some(true), Some(true))
    );
    let plain = crate::inspect::fixture::facts("shop.example.com", &[PLAIN_SHOP]);
    assert_eq!(
        (plain.is("contact.hours"), plain.is("contact.moved_domains")),
        (Some(false), Some(false))
    );
}

#[test]
fn accounts_are_listed_by_channel_and_provinces_by_number_and_address() {
    let page = format!(
        "{PLAIN_SHOP}\nfooter 微信：xinghe_kf01 官方Q群 731204556 电话：0571-55550123\nfooter 地址：广东省深圳市南山区科技园路8号\na https://t.me/XingHe_kf 飞机\nimg 客服微信二维码\na https://qm.qq.com/q/AbCd12 加群"
    );
    let facts = facts("shop.example.com", &[&page]);
    for (name, expected) in [
        ("contact.wechat", vec!["xinghe_kf01"]),
        ("contact.telegram", vec!["xinghe_kf"]),
        ("contact.qq_groups", vec!["731204556", "AbCd12"]),
        ("contact.landline_provinces", vec!["33"]),
        ("contact.address_provinces", vec!["44"]),
    ] {
        assert_eq!(facts.list(name), expected, "{name}");
    }
}

#[test]
fn numbers_and_addresses_outside_the_mainland_name_no_province() {
    for line in [
        "footer 电话：02-2508-1234",
        "footer 香港九龍彌敦道580號12樓",
        "footer 热线 400-820-5512",
        "footer 手机：138 1203 4456",
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is("contact.any"), Some(true), "{line}");
        for name in ["contact.landline_provinces", "contact.address_provinces"] {
            assert!(facts.list(name).is_empty(), "{name}: {line}");
        }
    }
}

#[test]
fn a_masked_contact_is_told_from_a_masked_buyer() {
    for (line, expected) in [
        ("p 需要的加q:56793.***6", true),
        ("footer 客服QQ：2045****7", true),
        ("p 微信 xh_***88", true),
        ("p 用户 138****4456 购买了 会员月卡", false),
        ("li 138****4456", false),
        ("footer 客服QQ：204518837", false),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is("contact.masked"), Some(expected), "{line}");
    }
}

#[test]
fn contacts_written_to_slip_past_filters_are_read() {
    for (line, name, expected) in [
        (
            "p 客服Q：４６０１ １１７ ３２０，付款找我",
            "contact.qq",
            vec!["4601117320"],
        ),
        ("p 客服扣扣 肆陆零壹 1173 20", "contact.qq", vec!["4601117320"]),
        ("p 客服微ｉ言：xinghe_kf01", "contact.wechat", vec!["xinghe_kf01"]),
        ("p 咨询➕微❤️：xinghe_kf01", "contact.wechat", vec!["xinghe_kf01"]),
        (
            "p 威❤信 xing\u{200b}he_kf01",
            "contact.wechat",
            vec!["xinghe_kf01"],
        ),
        ("p 备用V：xinghe_kf01", "contact.wechat", vec!["xinghe_kf01"]),
        (
            "p 有问题飞机联系 @xinghe_kf",
            "contact.telegram",
            vec!["xinghe_kf"],
        ),
        (
            "script var tipsMsg = \"\\u5ba2\\u670dQQ 4601177320\";",
            "contact.qq",
            vec!["4601177320"],
        ),
        ("p 加q:46793.***6 领优惠", "contact.qq", vec![]),
        ("p QQ 100 200 500 个", "contact.qq", vec![]),
        ("p QQ/电话 138 1203 4456", "contact.qq", vec![]),
        ("p 客服v1.2版本说明", "contact.wechat", vec![]),
        ("p 第一第二第三第四步：打开QQ", "contact.qq", vec![]),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.list(name), expected, "{line}");
    }
    let page = format!("{PLAIN_SHOP}\np 联系手机：壹伍肆 零零零贰 柒柒壹捌");
    let spoken = facts("shop.example.com", &[&page]);
    assert_eq!(spoken.is("contact.phone"), Some(true));
}

#[test]
fn addresses_of_templates_and_numbers_of_files_are_no_contact() {
    for (line, name, expected) in [
        (
            "footer 地址：深圳市龙岗区龙岗街道龙岗大道4005号和创大厦306",
            "contact.address",
            false,
        ),
        (
            "footer 地址：深圳市龙岗区龙岗街道龙岗大道12号3楼",
            "contact.address",
            true,
        ),
        ("p 工单编号：15400027718", "contact.phone", false),
        ("p 电话：15400027718", "contact.phone", true),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is(name), Some(expected), "{line}");
    }
}

#[test]
fn hours_are_those_of_people() {
    for (line, expected) in [
        ("p 早9点至晚11点有人工", true),
        ("p 售后请联系微信 xinghe_kf01 （早十晚十）", true),
        ("footer 客服热线 400-820-5512（7×24小时）", true),
        ("p 申请 7×24 小时受理", true),
        ("p 7×24小时自动发货", false),
        ("li 系统维护通知（8月12日 0:00-4:00）", false),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is("contact.hours"), Some(expected), "{line}");
    }
}

#[test]
fn hours_stand_beside_channels_of_complaint() {
    let page = "title 星河支付\nh2 下载\np 安卓与鸿蒙均可下载\nfooter 客服热线 400-820-5512（7×24小时） 投诉邮箱 ts@xinghe-shuka.cn";
    let facts = facts("pay.example.com", &[page]);
    assert_eq!(facts.is("contact.hours"), Some(true));
}

#[test]
fn an_author_who_names_himself_in_an_article_can_be_reached() {
    let article = |line: &str| {
        format!(
            "title 卡盟平台推荐_资讯\nmeta og:type article\nh1 卡盟平台推荐\np 来源：本站整理 作者：小王 发布于2026-03-02\np 很多朋友问，靠谱的平台有哪些？今天就给大家介绍几家，价格低、到账快、售后好的平台并不多，选择时一定要看有没有备案。\np {line}\np 上一篇 下一篇"
        )
    };
    for (line, expected) in [
        ("需要货源的朋友可以加小编微信：xinghe_kf01，备注货源。", true),
        ("骗子留下的微信是 xinghe_kf01，已经停用。", false),
    ] {
        let facts = facts("news.example.com", &[&article(line)]);
        assert_eq!(facts.text("site.kind"), Some("article"), "{line}");
        assert_eq!(!facts.list("contact.wechat").is_empty(), expected, "{line}");
    }
}

#[test]
fn a_page_that_asks_to_keep_its_next_address_moves() {
    for (line, expected) in [
        ("p 防丢域名：a1.example a2.example", true),
        ("p 建议收藏最新地址发布页", true),
        ("p 建议收藏本店", false),
    ] {
        let facts = facts(
            "hall.example.com",
            &[&format!("title 星河\nnav 首页 下载中心 联系方式\n{line}")],
        );
        assert_eq!(facts.is("contact.moved_domains"), Some(expected), "{line}");
    }
}
