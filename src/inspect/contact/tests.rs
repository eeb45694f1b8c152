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
        ("footer 手机 1❤3❤8❤1❤2❤0❤3❤4❤4❤5❤6", vec!["phone"]),
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
