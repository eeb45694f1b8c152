//! Words of the reports in both languages: grades, gap reasons, headings.
//!
//! Report templates are the one place where Chinese stands in Rust: they are what cardvet itself says, not what
//! it recognises.

use serde::{Deserialize, Serialize};

use crate::finding::Text;
use crate::score::Grade;

/// Language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// One of two texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A text in this language.
    pub fn of(self, text: &Text) -> &str {
        self.pick(&text.zh, &text.en)
    }
}

/// A grade in words.
pub fn grade_label(grade: Grade, lang: Lang) -> &'static str {
    let (zh, en) = match grade {
        Grade::Low => ("低风险", "low risk"),
        Grade::Guarded => ("留意", "guarded"),
        Grade::High => ("高风险", "high risk"),
        Grade::Critical => ("极高风险", "critical risk"),
        Grade::Inconclusive => ("证据不足", "not enough evidence"),
    };
    lang.pick(zh, en)
}

/// One sentence on what a grade means.
pub(super) fn grade_meaning(grade: Grade, lang: Lang) -> &'static str {
    let (zh, en) = match grade {
        Grade::Low => (
            "经营者身份已由第三方确认，未见明显风险迹象。",
            "An issuer confirms who runs it, and no strong sign against it was seen.",
        ),
        Grade::Guarded => (
            "看到的迹象不足以警告，也不足以放心。",
            "What was seen is neither enough to warn nor enough to reassure.",
        ),
        Grade::High => (
            "多个相互独立的迹象指向风险，付款前请停一下。",
            "Several independent signs point to risk; stop before paying.",
        ),
        Grade::Critical => (
            "风险迹象很强，不建议付款。",
            "The signs of risk are strong; paying is not advised.",
        ),
        Grade::Inconclusive => (
            "能看到的太少，不能当作安全，也不能当作有问题。",
            "Too little could be seen to call it safe or unsafe.",
        ),
    };
    lang.pick(zh, en)
}

/// A gap reason in words; the code itself when it is not known.
pub fn reason_label(code: &str, lang: Lang) -> &str {
    let (zh, en) = match code {
        "dns_fail" => ("域名无法解析", "the name does not resolve"),
        "tcp_fail" => ("连接失败", "no connection"),
        "tls_fail" => ("加密连接未通过验证", "TLS could not be verified"),
        "timeout" => ("超时", "timed out"),
        "http_4xx" => ("页面不可访问 (4xx)", "refused (4xx)"),
        "http_5xx" => ("服务器出错 (5xx)", "server error (5xx)"),
        "challenge" => ("遇到验证/挑战页", "a challenge page stood in the way"),
        "blocked_by_robots" => ("robots.txt 不允许抓取", "robots.txt keeps crawlers out"),
        "address_refused" => ("地址不是公网地址，未连接", "not a public address, not contacted"),
        "redirect_loop" => ("循环跳转", "redirect loop"),
        "too_many_redirects" => ("跳转过多", "too many redirects"),
        "too_large" => ("内容过大", "too large"),
        "truncated" => (
            "内容被截断，已用截断前部分",
            "cut short; what came before was used",
        ),
        "budget_spent" => ("本次查看额度用完", "the budget was spent"),
        "soft_404" => ("页面不存在 (软 404)", "not found (soft 404)"),
        "parked" => ("域名停放页", "a parked domain"),
        "not_installed" => ("店铺未安装或已关闭", "the shop is not installed or closed"),
        "empty_js_app" => ("页面由脚本绘制，无可读文字", "drawn by script, no text to read"),
        "rate_limited" => ("对方限流", "rate-limited"),
        "source_off" => ("未启用的外部来源", "a source that is switched off"),
        "stale" => ("资料过旧", "too old"),
        "not_crawled" => ("没有读到相应内容", "not read"),
        "unparsable" => ("内容无法识别", "could not be read"),
        _ => return code,
    };
    lang.pick(zh, en)
}
