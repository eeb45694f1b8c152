//! Invented shop pages in the shape of real ones, for the bench: 20–60 KB, some thirty elements and two or three links a
//! kilobyte, scripts and styles, notices, a footer; half of them GBK, some with torn markup.
//!
//! Takes nothing and gives the same bytes in every run. The pages are not samples: nobody judges them.

use std::fmt::Write as _;

/// Adds to a page.
macro_rules! put {
    ($to:expr, $($part:tt)*) => {
        $to.write_fmt(format_args!($($part)*)).expect("a string takes any text")
    };
}

/// Adds a line to a page.
macro_rules! putln {
    ($to:expr, $($part:tt)*) => {
        put!($to, $($part)*);
        $to.push('\n');
    };
}

/// Builds what a family of pages shows.
type Build = fn(&mut Dice) -> String;

/// A page as it comes from the net.
#[derive(Debug)]
pub(crate) struct Sample {
    /// Name of its family.
    pub(crate) family: &'static str,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// `Content-Type` of the answer.
    pub(crate) content_type: &'static str,
}

/// All pages of the bench.
pub(crate) fn samples() -> Vec<Sample> {
    let families: [(&'static str, Build); 4] = [
        ("cards", cards),
        ("table", table),
        ("options", options),
        ("notices", notices),
    ];
    let mut list = Vec::new();
    for seed in 0..6 {
        for (family, build) in families {
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed * 7 + 1));
            let html = page(&mut dice, build);
            list.push(encoded(family, &html, seed % 2 == 1));
        }
    }
    list
}

fn encoded(family: &'static str, html: &str, gbk: bool) -> Sample {
    if gbk {
        let html = html.replace("charset=\"utf-8\"", "charset=\"gbk\"");
        let bytes = encoding_rs::GBK.encode(&html).0.into_owned();
        return Sample {
            family,
            bytes,
            content_type: "text/html; charset=gbk",
        };
    }
    Sample {
        family,
        bytes: html.as_bytes().to_vec(),
        content_type: "text/html; charset=utf-8",
    }
}

/// A small generator of numbers, the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        let at = usize::try_from(self.next(list.len() as u64)).unwrap_or_default();
        list.get(at).copied().unwrap_or_default()
    }
}

const BRANDS: &[&str] = &["星河", "云帆", "蓝鲸", "青藤", "山海", "极光", "银杏", "风铃"];
const KINDS: &[&str] = &[
    "视频会员月卡",
    "音乐会员季卡",
    "网盘会员年卡",
    "手机话费充值",
    "流量月包",
    "游戏点卡",
    "加油卡",
    "Q币",
    "电商礼品卡",
    "外卖红包",
    "办公软件激活码",
    "阅读会员",
    "短视频会员",
    "打车券",
];
const HINTS: &[&str] = &[
    "自动发货，下单后请到订单查询提取卡密",
    "官方直充，一般1-10分钟到账",
    "支持全国三网，晚间可能延迟",
    "售后请联系在线客服，提供订单号",
    "卡密商品一经售出概不退换",
    "拍前请看清商品说明，填错账号自行负责",
    "限时特惠，每个账号限购一次",
    "缺货可登记手机号，到货通知",
];
const PROSE: &[&str] = &[
    "本站所有商品均为虚拟物品，购买后请在七天内使用，逾期未使用造成的损失由买家自行承担。",
    "如遇未到账情况，请先核对充值账号是否填写正确，再联系客服并提供订单编号，客服会在二十四小时内处理。",
    "为了保障双方的权益，请勿与任何自称本站工作人员的个人私下交易，本站不会以任何理由要求您转账到个人账户。",
    "代理加盟请先注册账号，充值后系统自动升级，级别越高拿货价格越低，支持网站对接与接口调用。",
    "系统升级期间部分商品可能出现延迟，具体恢复时间以公告为准，给您带来的不便敬请谅解。",
];
const MENU: &[&str] = &[
    "首页",
    "全部商品",
    "订单查询",
    "帮助中心",
    "联系客服",
    "代理加盟",
    "公告通知",
    "投诉建议",
    "会员登录",
    "免费注册",
];

/// Head, styles, scripts and footer around what a family shows.
fn page(dice: &mut Dice, body: Build) -> String {
    let brand = dice.of(BRANDS);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{brand}数卡商城 - 点卡_会员_话费自动充值平台</title>\n\
         <meta name=\"keywords\" content=\"{brand},点卡,会员,自动发卡\">\n\
         <meta name=\"description\" content=\"{brand}数卡商城提供话费、会员、点卡自动充值，二十四小时自动发货。\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    );
    for name in ["bootstrap.min", "layui", "iconfont", "theme"] {
        putln!(
            html,
            "<link rel=\"stylesheet\" href=\"/assets/css/{name}.css?v=3.{}\">",
            dice.next(90)
        );
    }
    html.push_str("<style>\n");
    for n in 0..40 {
        putln!(
            html,
            ".box-{n}{{margin:0 {n}px;padding:{n}px 4px;color:#33{n:02}66;background:url(/img/bg{n}.png)}}"
        );
    }
    html.push_str("</style>\n</head>\n<body class=\"index-page\">\n");
    put!(
        html,
        "<div class=\"header\"><div class=\"container clearfix\"><a class=\"logo\" href=\"/\"><img src=\"/logo.png\" alt=\"{brand}数卡\"></a><ul class=\"navbar-nav\">"
    );
    for (n, item) in MENU.iter().enumerate() {
        put!(
            html,
            "<li class=\"nav-item\"><a class=\"nav-link\" href=\"/page/{n}.html\"><i class=\"icon icon-{n}\"></i><span>{item}</span></a></li>"
        );
    }
    html.push_str("</ul></div></div>\n<!-- 主体开始 -->\n<div class=\"container main-body\">\n");
    html.push_str(&body(dice));
    html.push_str("</div>\n<!-- 主体结束 -->\n");
    footer(&mut html, dice, brand);
    scripts(&mut html, dice);
    html.push_str("</body>\n</html>\n");
    html
}

fn footer(html: &mut String, dice: &mut Dice, brand: &str) {
    html.push_str("<div class=\"footer\"><div class=\"container\"><dl>");
    for group in ["购物指南", "支付方式", "售后服务", "关于我们"] {
        put!(html, "<dt>{group}</dt>");
        for _ in 0..5 {
            put!(
                html,
                "<dd><a href=\"/help/{}.html\" rel=\"nofollow\">{}</a></dd>",
                dice.next(400),
                dice.of(MENU)
            );
        }
    }
    put!(
        html,
        "</dl><p>客服QQ：20451{}　工作时间：9:00-22:00&nbsp;&nbsp;邮箱：kf@{}.example</p>\
         <p>Copyright &copy; 2019-2026 {brand}数卡 版权所有 <a href=\"https://beian.miit.gov.cn/\" target=\"_blank\">京ICP备1901{}号-1</a>\
         <a href=\"http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=1101050200{}\">京公网安备 1101050200{}号</a></p></div></div>\n",
        1000 + dice.next(8000),
        dice.next(90),
        1000 + dice.next(8000),
        1000 + dice.next(800),
        1000 + dice.next(800)
    );
}

fn scripts(html: &mut String, dice: &mut Dice) {
    for name in ["jquery.min", "layer", "common", "lazyload"] {
        putln!(html, "<script src=\"/assets/js/{name}.js\"></script>");
    }
    html.push_str("<script>\nvar shopConfig = {\"name\":\"demo\",\"pay\":[\"alipay\",\"wxpay\"],\"notice\":1};\n$(function () {\n");
    for n in 0..60 {
        putln!(
            html,
            "  $('#item-{n}').on('click', function (e) {{ var id = $(this).data('id'); if (id < {}) {{ layer.open({{type: 2, area: ['{n}px', '90%'], content: '/item/' + id}}); }} }});",
            dice.next(9000)
        );
    }
    html.push_str("});\n</script>\n");
}

fn goods(dice: &mut Dice) -> (String, String) {
    let kind = dice.of(KINDS);
    let face = [5, 10, 30, 50, 100, 200][usize::try_from(dice.next(6)).unwrap_or_default()];
    (
        format!("{} {kind} {face}元", dice.of(BRANDS)),
        format!("{face}.{:02}", dice.next(99)),
    )
}

/// Cards in a grid, as most template shops of today.
fn cards(dice: &mut Dice) -> String {
    let mut html = String::new();
    for group in 0..5 {
        put!(
            html,
            "<div class=\"panel box-{group}\"><div class=\"panel-heading\"><h3>{}专区</h3></div><div class=\"row\">\n",
            dice.of(KINDS)
        );
        for n in 0..7 + dice.next(4) {
            let (name, price) = goods(dice);
            put!(
                html,
                "<div class=\"col-md-3 col-6 goods-item\" data-id=\"{n}\"><a class=\"card\" href=\"/buy/{}\" title=\"{name}\">\
                 <img class=\"lazy\" src=\"/img/load.gif\" data-original=\"/upload/goods/{}.jpg\" alt=\"{name}\">\
                 <div class=\"info\"><div class=\"name\">{name}</div><p class=\"desc\">{}</p>\
                 <div class=\"line\"><span class=\"price\"><small>&yen;</small><b>{price}</b></span><span class=\"stock\">库存：{}</span>\
                 <span class=\"sold\">已售 {}</span></div></div></a><button type=\"button\" class=\"btn btn-sm\">立即购买</button></div>\n",
                dice.next(5000),
                dice.next(5000),
                dice.of(HINTS),
                dice.next(900),
                dice.next(9000)
            );
        }
        html.push_str("</div></div>\n");
    }
    html
}

/// One long table with torn rows, as the older card platforms.
fn table(dice: &mut Dice) -> String {
    let mut html = String::from(
        "<TABLE width=100% border=0 cellspacing=1 class=\"list\"><tr><th>编号<th>商品名称<th>面值<th>价格<th>库存<th>操作</tr>\n",
    );
    for n in 0..70 + dice.next(50) {
        let (name, price) = goods(dice);
        put!(
            html,
            "<tr bgcolor=#ffffff onmouseover=\"this.style.backgroundColor='#eef'\"><td align=center>{n}<td><a href=product.asp?id={n} target=_blank>{name}</a><font color=red>[{}]</font></td>\
             <td>{}<td><b>{price}</b>元</td><td>充足</td><td><a href=\"buy.asp?id={n}\">购买</a> | <a href=\"javascript:void(0)\" onclick=\"show({n})\">说明</a></tr>\n",
            dice.of(HINTS),
            dice.next(100)
        );
    }
    html.push_str("</table><br><br>\n");
    html
}

/// A form whose goods are options, and their data in a script.
fn options(dice: &mut Dice) -> String {
    let mut html = String::from(
        "<form action=\"/order/create\" method=\"post\"><input type=\"hidden\" name=\"token\" value=\"a8f3c1\"><select name=\"cid\">\n",
    );
    for n in 0..40 {
        putln!(html, "<option value=\"{n}\">{}分类</option>", dice.of(KINDS));
    }
    html.push_str("</select><select name=\"gid\">\n");
    let mut json = String::new();
    for n in 0..80 + dice.next(40) {
        let (name, price) = goods(dice);
        putln!(
            html,
            "<option value=\"{n}\" data-price=\"{price}\" data-stock=\"{}\">{name}（{price}元）</option>",
            dice.next(400)
        );
        put!(
            json,
            "{{\"id\":{n},\"name\":\"{name}\",\"price\":\"{price}\",\"stock\":{}}},",
            dice.next(400)
        );
    }
    html.push_str("</select><input name=\"account\" placeholder=\"请输入充值账号\"><input name=\"num\" type=\"number\" value=\"1\"><button type=\"submit\">立即购买</button></form>\n");
    putln!(
        html,
        "<script>var goodsList = [{}];</script>",
        json.trim_end_matches(',')
    );
    for _ in 0..14 {
        put!(
            html,
            "<div class=\"notice\"><h4>{}</h4><p>{}</p><ul>",
            dice.of(MENU),
            dice.of(PROSE)
        );
        for _ in 0..5 {
            put!(
                html,
                "<li><span class=\"dot\"></span><a href=\"/news/{}.html\">{}</a><em>2026-0{}-1{}</em></li>",
                dice.next(900),
                dice.of(HINTS),
                1 + dice.next(9),
                dice.next(9)
            );
        }
        html.push_str("</ul></div>\n");
    }
    html
}

/// Help texts and notices around a sample of the demo, with tags left open.
fn notices(dice: &mut Dice) -> String {
    const SAMPLE: &str = include_str!("../data/samples/xiaohei-kameng/index.html");
    let body = SAMPLE.split_once("<body").map_or(SAMPLE, |(_, body)| body);
    let mut html = format!("<div class=\"index\"><div {body}</div>\n");
    for n in 0..12 {
        put!(
            html,
            "<div class=\"layui-collapse\" id=\"n{n}\"><h2 class=\"layui-title\">{}？</h2><div class=\"layui-content\">",
            dice.of(HINTS)
        );
        for _ in 0..4 {
            put!(
                html,
                "<p style=\"text-indent:2em;line-height:1.8\"><span style=\"color:#333\">{}</span><strong>{}</strong>{}",
                dice.of(PROSE),
                dice.of(HINTS),
                dice.of(PROSE)
            );
        }
        put!(
            html,
            "<ul><li>{}<li>{}<li><a href='/help/{n}.html'>查看详情 &gt;&gt;</a></ul></div>\n",
            dice.of(HINTS),
            dice.of(HINTS)
        );
        put!(html, "<div class=side>");
        for _ in 0..4 {
            let (name, price) = goods(dice);
            put!(
                html,
                "<dl><dt><a href=\"/goods/{}\">{name}</a></dt><dd><i>￥</i>{price}</dd></dl>",
                dice.next(900)
            );
        }
        html.push_str("</div></div>\n");
    }
    html
}
