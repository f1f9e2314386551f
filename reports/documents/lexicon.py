"""Chinese that the setting knows: words that no title tears apart, how headings are numbered."""

from __future__ import annotations

import re

# words of the field and of official prose that no line may tear apart
LEXICON = """
    关于 督促 办理 规上 规模以上 工业企业 企业 工业 研发活动 研发 全覆盖 专项行动 工作 进展情况 情况
    通报 逾期 事项 有关 的函 专班 办公室 领导小组 人民政府 管理委员会 科学技术局 科技局 工信局 提案
    建议 答复 问题 需求 清单 汇总 统计表 调查表 确认表 销号 月份 年度 全市 全县 全区 县区 推进 提醒
    约谈 协调 更正 撤回 通知 报告 请示 批复 意见 纪要 简报 月报 整改 摸底 对接 四有 覆盖率 填报率
    填报 考核 基数 齐全 位次 变化 序时 目标 累计 较上月 包联组 工作日 时限 企业名称 乡镇 环节 尚缺
    规上工业企业 统一社会 信用代码 归口部门 责任单位 办理情况 真实性承诺 推荐 来源 类型 所在
    当前 承办 单位 提醒 次数 备注 高质量 发展 创新 科技 开展 加强 进一步 做好 印发 实施 方案
    高端 装备 智能 制造 新型 新能源 耐火 材料 工程 技术 研究 开发 应用 产业 集团 股份
    有限责任公司 有限公司 机械 电气 化工 生物 医药 食品 建材 矿业 冶金 铸造 轴承 档案
"""
WORDS = tuple(LEXICON.split())
UNIT = re.compile(
    "|".join(
        [
            r"《[^《》]{1,18}》|“[^“”]{1,12}”|（[^（）]{1,12}）",
            r"[0-9A-Za-z.%]+(?:年|月份|月|日|号|期|次)?",
            *sorted(WORDS, key=len, reverse=True),
            r".",
        ]
    ),
    re.DOTALL,
)
# a line does not begin with these, and does not end with those
NOT_FIRST = frozenset("的和与及、，。：；）》”〕了等")
NOT_LAST = frozenset("和与及《“（〔、")
OF = "的"
# a title that begins so needs no second one before it; several people in a list of names
ABOUT = "关于"
MANY = re.compile("[、，,]|等")
# levels of headings: 一、 黑体, （一） 楷体, 1. and （1） as the text
FIRST = re.compile(r"^[一二三四五六七八九十]+、")
SECOND = re.compile(r"^（[一二三四五六七八九十]+）")
# what a paragraph says in digits, with the sign of a share behind it
_DIGITS = r"[\d０-９]+(?:[,，]\d{3})*(?:[.．][\d０-９]+)?[%％]?"
FIGURE = re.compile(_DIGITS)
# digits that are no figures: titles and numbers of other documents, ordinals, days, time limits
SHIELDED = (
    re.compile(r"《[^》]*》|[^\s，。；、（(]{0,20}〔\d{4}〕\d+号|“[^”]*”"),
    re.compile(rf"(?:(?<=^)|(?<=[。；]))[（(]?{_DIGITS}[)）.．、](?!\d)"),
    re.compile(r"附[件表]\d+"),
    re.compile(r"\d{1,4}[-/－]\d{1,2}(?:[-/－]\d{1,2})?"),
)
NO_FIGURE = re.compile(r"\s*(?:年|月|日|号|时|点|期|次会议|个工作日|个月|天|小时|[:：]\d)")
