"""Papers to print in tests: a supervision letter and a circular, short and long."""

from __future__ import annotations

from datetime import date

from reports.documents.content import Annex, Column, Content, CopyList, Table

OFFICE = "演示市规上工业企业研发活动全覆盖工作专班办公室"
LONG_FIRM = "瀍河镕垚高端装备智能制造与新型耐火材料工程技术研究开发应用产业发展集团有限责任公司"
LETTER_TEXT = (
    "根据《演示市规上工业企业研发活动全覆盖工作方案》和市工作专班第三次调度会安排，"
    "市专班办公室对各县（市、区）工作台账办理情况进行了梳理。截至{截至日期}，你县纳入台账企业{台账企业}家，"
    "已销号{已销号}家，销号率60.3%；在办企业中有9家逾期10个工作日以上，其中摸底环节2家、对接环节1家、"
    "整改环节6家，主要集中在研发经费归集、产学研合作两项。市专班办公室已于8月21日电话提醒、"
    "8月28日发出工作提示、9月4日发出提醒函。经市工作专班负责同志同意，现就有关事项函告如下：",
    "一、请对附件所列9家企业逐户分析原因，明确责任单位、责任人和完成时限，于2026年9月30日前完成办理；"
    "确因客观原因不能按期办结的，请逐户说明情况并提出处理建议。",
    "二、需市直部门协调解决的问题，请一并列出清单，市专班办公室将于收到后3个工作日内转有关部门办理。",
    "三、请坚持实事求是，指导企业如实填报，严禁代填代报、虚报材料，不得增加企业负担。",
    "办理情况请于2026年9月24日前以书面形式（加盖公章）反馈市专班办公室。逾期未反馈或无正当理由未办结的，"
    "将按程序提请市工作专班研究，必要时移交市政府督查室。",
    "专此函告。",
)
LATE = Table(
    columns=(
        Column(title="序号", share=4),
        Column(title="企业名称", share=18, align="left"),
        Column(title="当前环节", share=7),
        Column(title="尚缺事项", share=12, align="left"),
        Column(title="办理时限", share=10),
        Column(title="逾期（工作日）", share=7),
    ),
    rows=tuple(
        (
            str(n),
            LONG_FIRM if n % 7 == 1 else f"演示第{n}机械制造有限公司",
            "整改",
            "研发经费（辅助账）",
            "2026-08-31",
            str(11 + n % 9),
        )
        for n in range(1, 61)
    ),
)


def letter(rows: int = 60, **more: object) -> Content:
    """督办函 with an annex of so many overdue cases."""
    annex = Annex(
        title="瀍河县逾期事项清单（工作资料，请勿外传）",
        tables=(LATE.model_copy(update={"rows": LATE.rows[:rows]}),),
    )
    given: dict[str, object] = {
        "layout": "letter",
        "masthead": OFFICE,
        "title": "关于督促办理规上工业企业研发活动全覆盖逾期事项的函",
        "addressee": "瀍河县人民政府",
        "paragraphs": LETTER_TEXT,
        "figures": {"截至日期": "2026年9月14日", "台账企业": "68", "已销号": "41"},
        "signer": OFFICE,
        "dated": date(2026, 9, 15),
        "note": "（联系人：李镕垚，电话：0379-60000000）",
        "copies": (CopyList(label="抄送", names=("市政府督查室", "市包联第三组")),),
        "annexes": (annex,) if rows else (),
    }
    return Content.model_validate({**given, **more})


def circular(counties: int = 16, **more: object) -> Content:
    """通报 with a ranking of so many counties."""
    titles = [
        "序号",
        "县区",
        "考核基数",
        "已填报",
        "填报率%",
        "四有齐全",
        "四有覆盖率%",
        "年度目标%",
        "序时目标%",
        "与序时差",
        "较上月",
        "位次",
        "位次变化",
        "累计销号",
        "逾期",
        "包联组",
    ]
    table = Table(
        caption="都市核心区",
        columns=tuple(Column(title=title, share=2 if title == "县区" else 1.2) for title in titles),
        rows=tuple(
            (
                str(n),
                f"示例{n}区",
                "112",
                "90",
                "80.4",
                "61",
                "54.5",
                "60.0",
                "50.0",
                "4.5",
                "3.1",
                str(n),
                "↑2",
                "57",
                "3",
                f"第{n % 6 + 1}组",
            )
            for n in range(1, counties + 1)
        ),
    )
    paragraphs = (
        "经市工作专班同意，现将截至9月30日24时全市规上工业企业研发活动全覆盖工作进展情况通报如下：",
        "一、总体情况",
        "全市纳入考核基数的规上工业企业1912家（当期在库1930家）。在省企业研发活动信息管理系统已注册1745家、"
        "已填报1501家，填报率78.5%，较上月提高4.8个百分点；“四有”齐全912家，“四有”覆盖率47.7%，"
        "较上月提高5.1个百分点，距年度目标差2.3个百分点。本月新增销号63家、核减2家，累计销号871家；"
        "在办702家，其中逾期10个工作日以上38家，较上月减少15家。",
        "二、县区进展",
        "（一）都市核心区。示例1区、示例2区进度靠前，分别超序时目标3.1、1.6个百分点；示例9区进度较慢，"
        "低于序时目标6.0个百分点。",
        "（二）环都市区。示例11区进度靠前，超序时目标2.0个百分点。",
        "三、存在问题",
        "一是部分企业有研发活动但未单独归集，研发经费一项缺口312家。二是产学研合作“签而未动”，"
        "本月材料复核40家，退回5家。三是少数县区问题转办不及时，逾期未签收6件。",
        "四、下步要求",
        "一要倒排进度。10月底前填报率达到85%、“四有”覆盖率达到50%。二要先易后难。对只差一项的226家企业，"
        "10月25日前逐户办结。三要真实准确。坚持企业自主如实填报，严禁弄虚作假，严禁以检查、督导名义增加企业负担。"
        "四要强化协同。归口部门对转办问题7个工作日内答复。",
    )
    given: dict[str, object] = {
        "layout": "file",
        "masthead": f"{OFFICE}文件",
        "title": "关于9月份全市规上工业企业研发活动全覆盖工作进展情况的通报",
        "addressee": "各县（市、区）人民政府（管委会），市直有关部门",
        "paragraphs": paragraphs,
        "signer": OFFICE,
        "dated": date(2026, 10, 8),
        "annexes": (
            Annex(
                title="县（市、区）进展情况表",
                tables=(table,),
                is_wide=True,
                notes=("注：截至2026年9月30日24时。",),
            ),
            Annex(
                title="指标口径及并列排名说明",
                paragraphs=("按未修约的数值排序，数值相同的并列，其后位次顺延。",),
            ),
        ),
        "copies": (
            CopyList(label="报", names=("市政府分管领导", "省科技厅工作专班")),
            CopyList(
                label="发", names=("各县（市、区）人民政府（管委会）", "市直有关部门", "各包联组")
            ),
        ),
        "issuer": OFFICE,
    }
    return Content.model_validate({**given, **more})
