//! Site: what kind of site this is and whether it sells, from the kinds of its pages.
//!
//! Reads `data/site.toml` (through the reading), the marks of shop programs and the official-channel list. A site sells when its home page does, or
//! at least as many pages sell as tell of others; the kinds of pages themselves are told apart in `reading::kind`, and
//! what strangers put on its pages in `injected`.

mod injected;

use self::injected::Injected;
use super::official::brands::Brands;
use super::reading::Kind;
use super::reading::{PageReading, Reading};
use super::software::Software;
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Kind::{Bool, Text};
use crate::facts::{FactSpec, Facts, Fakeability::Cheap, Firmness, Place};

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "site.sells",
        Bool,
        Cheap,
        "sells virtual goods: goods, a way to buy and prices or an order look-up on one page, or several goods with their prices; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "site.kind",
        Text,
        Cheap,
        "kind of the site: shop, brand, article, advice, documentation, forum, other or unknown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "site.injected",
        Bool,
        Cheap,
        "hidden text, titles, pages or links of a kind that has nothing to do with what the home page shows (gambling, pornography, foreign scripts, link farms): a hijacked site; unsaid when the home page was not read",
    ),
];

/// Tells the kind of a site.
#[derive(Debug)]
pub struct SiteKind {
    brands: Brands,
    injected: Injected,
    software: Software,
}

impl WordInspector for SiteKind {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            brands: Brands::load(data)?,
            injected: Injected::load(data)?,
            software: Software::load(data)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let shop = |page: &&PageReading<'_>| reading.sells && page.kind == Kind::Shop;
        let selling = reading.pages.iter().find(shop);
        let at = selling.map(|page| Place::new(&page.seen.final_url, "main", &page.page.title));
        reading.say_seen(
            facts,
            "site.sells",
            Firmness::WellFormed,
            at.clone().into_iter().collect(),
        );
        let injected = self.injected.places(reading);
        reading.say_seen(facts, "site.injected", Firmness::WellFormed, injected);
        if !reading.may_deny() && selling.is_none() {
            return reading.silent(facts, "site.kind");
        }
        // Look-ups, orders and shells of a shop's program show no goods.
        let program = if matches!(reading.kind, Kind::Other | Kind::Unknown) {
            self.software.shop_program(reading)
        } else {
            None
        };
        let at = at.or(program.clone());
        let kind = if self.brands.owner(reading.evidence).is_some() {
            "brand"
        } else if program.is_some() {
            Kind::Shop.code()
        } else {
            reading.kind.code()
        };
        facts.say("site.kind", kind, Firmness::WellFormed, at.into_iter().collect());
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod kinds {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn shops_articles_advice_documentation_and_forums_are_told_apart() {
        for (kind, sells, page) in [
            ("shop", true, PLAIN_SHOP),
            (
                "shop",
                true,
                "title 半价Q币\np Q币半价出售，话费充值5折，加QQ下单：204518837",
            ),
            (
                "shop",
                true,
                "title 自助下单\nnav 查询订单\nli 名片赞\nli Q币充值\nform post ./ajax.php?act=pay tid inputvalue\nli 立即购买\nli 价格 9.9元",
            ),
            (
                "shop",
                true,
                "title 飞云号铺\np 苹果ID 12元 | 接码服务 2元/次 | 游戏账号 15元\np 售出不负责",
            ),
            (
                "shop",
                true,
                "title 零点货源网\np 初级代理 98元；中级代理 298元；合伙人 1980元\np 加微信 ldhy2020 咨询",
            ),
            (
                "shop",
                true,
                "title 优惠充\np 话费充值8.5折\ntd 100元\ntd 85元\ntd 200元\ntd 170元",
            ),
            (
                "article",
                false,
                "title 发卡网_词典\nh1 发卡网\np 发卡网是一类从事点卡、话费、会员等虚拟商品批发零售的网站的统称。\nh2 参考资料\np 虚拟商品研究, 2019",
            ),
            (
                "article",
                false,
                "title 我试了五家卡盟 - 老周的博客\np 作者：老周 发布于 2025-03-12\np 群里总有人发广告：100元话费68元，Q币五折，问我能不能买。\np 第一家付款之后三天没到账，客服不再回我。\np 第二家要先交88元开通钻石代理，说发展下级还有分成。",
            ),
            (
                "documentation",
                false,
                "title 星卡 - 开源发卡系统\np 开源的发卡系统，支持易支付，代理等级：普通、高级、钻石，商品秒发货，一键部署\np docker compose up\np GitHub",
            ),
            (
                "other",
                false,
                "title 跃动健身\nli 健身月卡 299元\nli 游泳年卡 2680元\np 到店咨询",
            ),
            (
                "other",
                false,
                "title 江州热线\nli 男子50元买100元话费 手机号被停机\nli 三大运营商推9元话费套餐\nli 网游外挂案宣判\nfooter 新闻许可证 32120170001",
            ),
            (
                "other",
                false,
                "title 小林\np 腾讯视频会员年卡238元，看了两部剧。\np 原神月卡30元，充了三个月。",
            ),
            (
                "documentation",
                false,
                "title 商品接口 | 开放平台文档\nh1 商品接口\npre POST /goods\np 返回商品列表。",
            ),
            (
                "forum",
                false,
                "title 求高手看看\np 1楼 小鱼\np 点卡刮坏了一位怎么办\np 2楼 老猫\np 打客服补\np 3楼 小鱼\np 谢谢老猫",
            ),
            (
                "article",
                false,
                "title 咖啡店的储值卡\np 楼下咖啡店做活动，储值三百送六十，我想了想还是只充了一百。\nh3 最近文章\nli 搬家记 02-22\nli 点卡刮不开 07-11\nh3 归档\nh3 2 条评论",
            ),
            (
                "advice",
                false,
                "title 查话费的几种办法\nli 发短信到运营商；\nli 打开应用首页；\np 充值后余额没有变化的，一般等半小时，仍没有变化就找运营商核对。\nh3 最近文章\nli 搬家记 02-22\nh3 归档\nh3 2 条评论",
            ),
            (
                "article",
                false,
                "title 秋季赛开赛\nh1 秋季赛开赛\np 来源：电竞通讯 近日，秋季赛在江州开赛，三家平台联合直播，总决赛下周举行。\nh3 热门排行\nli 话费充值慢了怎么催 12359\nli 视频会员一号多用 13548\nli 点卡刮不开 38406\nli Q币返利新花样 654",
            ),
            (
                "shop",
                false,
                "title 首页 | 半山小铺\nnav 订单查询\np 过几天上新。\nfooter Powered by @独角数卡",
            ),
            ("article", false, ARTICLE),
            ("advice", false, ADVICE),
            ("documentation", false, DOCUMENTATION),
            ("forum", false, FORUM),
            (
                "other",
                false,
                "title 张三的主页\np 这里放一些照片和笔记，欢迎来看看。",
            ),
        ] {
            let facts = facts("site.example.com", &[page]);
            assert_eq!(
                (facts.text("site.kind"), facts.is("site.sells")),
                (Some(kind), Some(sells)),
                "{page}"
            );
        }
    }

    #[test]
    fn pages_that_speak_of_bad_shops_are_none() {
        for page in [ARTICLE, ADVICE, DOCUMENTATION, FORUM] {
            let facts = facts("site.example.com", &[page]);
            for name in [
                "official.claimed",
                "official.state_endorsed",
                "official.title_as_brand",
                "terms.refund_refused",
                "terms.liability_excluded",
                "terms.complaint_threat",
                "terms.balance_locked",
                "lure.deep_discount",
                "lure.instant",
                "lure.guaranteed_profit",
                "recruit.agents",
                "recruit.multi_level",
                "recruit.paid_joining",
                "goods.gambling",
                "payment.seen",
                "payment.personal_code",
                "payment.off_site",
                "payment.aggregator",
                "review.nondelivery",
                "order.delay_warned",
                "contact.chat_only",
                "contact.moved_domains",
            ] {
                assert_eq!(facts.is(name), Some(false), "{name}: {:?}", facts.get(name));
            }
            for name in [
                "lure.low_price",
                "lure.safety",
                "goods.gray",
                "goods.kinds",
                "payment.channels",
                "official.brands",
            ] {
                assert!(facts.list(name).is_empty(), "{name}: {:?}", facts.get(name));
            }
        }
    }

    #[test]
    fn a_brands_own_site_is_a_brand() {
        let facts = facts("pay.qq.com", &[PLAIN_SHOP]);
        assert_eq!(facts.text("site.kind"), Some("brand"));
    }

    const ARTICLE: &str = "
        title 起底“小黑卡盟”：低价充值背后的骗局 - 江畔晚报
        meta og:type article
        nav 首页
        h1 起底“小黑卡盟”：低价充值背后的骗局
        p 来源：江畔晚报 2026-03-02 记者 李某
        p 近日，市民王女士在一家名为“某某卡盟”的网站上看到“Q币半价、秒到账、全网最低价”的广告，付款50元后一直不到账，客服QQ 204518837把她拉黑。
        p 记者调查发现，这类网站往往自称“腾讯官方授权”，页脚写着“虚拟商品一经售出概不退换”“最终解释权归本站所有”，并以三级分销的方式招代理，宣称“包回本”。付款只收个人收款码和USDT，要求加QQ付款。
        p 民警提醒，遇到此类平台应当保留证据，及时报警。外挂、代刷、实名账号等交易本身就涉嫌违法，赌博平台的充值更不可信。
        p 责任编辑：赵某
        a /n/1 上一篇
        footer 江畔晚报 版权所有 新闻热线 0571-55550123
    ";

    const ADVICE: &str = "
        title 消费提示：如何识别黑卡盟 - 某某消费者协会
        h1 如何识别黑卡盟？这些话不要信
        p 消费者在卡盟平台充值前应当仔细辨别。以下说法常见于问题网站，消费维权部门建议消费者谨慎对待：
        li “全网最低价，Q币半价，话费5折”
        li “腾讯官方授权，国家认证，绝对安全”
        li 虚拟商品一经售出概不退款，本站概不负责
        li 恶意投诉拉黑封号，余额不可提现
        li 招代理，发展下级，三级分销，稳赚不赔，开通分站99元
        li 加QQ付款、微信转账、个人收款码、USDT
        li 外挂、接码、实名号、百家乐投注
        h2 遇到充值不到账怎么办
        p 请先保留订单截图，再拨打12315投诉，或者向公安机关报警。注意不要相信“秒到账”的话术，切勿向个人账户转账，避免二次上当。
        footer 某某市消费者协会 投诉指南 电话 0571-55550123
    ";

    const DOCUMENTATION: &str = "
        title 支付接口文档 - 星桥支付
        h1 页面跳转支付
        p 请求地址：https://pay.example.com/submit.php，请求方式：POST，签名算法 MD5，sign_type 固定为 MD5。
        td pid
        td 商户ID
        td out_trade_no
        td 商户订单号
        td notify_url
        td 异步通知地址
        td money
        td 1.00
        td 支付方式：alipay 支付宝 wxpay 微信支付 qqpay QQ钱包
        p 返回参数见下表，错误码请参考附录。示例代码支持易支付、码支付、USDT通道，订单未支付时状态为 0，可提供秒到账通知。
        a /sdk.zip SDK下载
        footer 星桥支付 开发者邮箱 dev@xingqiao-pay.cn
    ";

    const FORUM: &str = "
        title 游戏道具交流论坛
        nav 版块
        a /thread/1 求助：在某某卡盟充值不到账
        li 楼主：昨天我花了50元充Q币，一直不到账，客服拉黑我，骗子网站！
        li 沙发：顶一下，我也被骗过，说是腾讯官方授权，半价Q币秒到账。
        li 出售外挂的一律举报，回帖请遵守社区规范
        li 有人招代理，三级分销，包回本，不要信
        li 发表于 2026-03-02，最后回复 2026-03-05
        footer 版主邮箱 mod@daoju-luntan.cn
    ";
}
