"""Invented names. 示例 in every firm's name; no real firm, county or official is meant."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random


def _words(text: str) -> list[str]:
    return text.split()


SURNAMES = (
    "周孟赵陈刘何孙郑沈韩冯吕许曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛范彭郎鲁韦昌马苗凤花方俞任袁柳"
)
GIVEN = _words(
    "岚 岩 清 蔚 川 宁 远 平 峰 洁 晨 朗 静 辉 航 敏 涛 雪 亮 颖 "
    "毅 婷 诚 昕 磊 菲 凯 悦 恒 琳 一帆 思远 文博 雨桐 子墨 佳宁 "
    "明哲 若溪 浩然 欣怡 志远 晓彤 建国 秀英 立新 春燕 国强 丽华"
)
WORDS = _words(
    "宏泰 北辰 恒达 明远 绿源 汇川 鼎盛 长青 天工 安泰 金穗 凯旋 精密 "
    "同创 永固 泰和 联合 瑞丰 中恒 华盛 新源 嘉禾 卓越 远航 博达 聚力 "
    "祥云 德邦 正阳 海纳 启明 金鼎 顺达 三和 四方 五洲 九鼎 百川 万通 "
    "兴隆 康健 利民 佳美 富强 和谐 龙腾 虎跃 鹏程 锦绣 东升"
)
# (what the firm makes, industry code, its name in the classification)
TRADES = (
    ("铸造", "3391", "黑色金属铸造"),
    ("食品", "1432", "速冻食品制造"),
    ("耐火材料", "3089", "耐火陶瓷制品及其他耐火材料制造"),
    ("轴承", "3451", "滚动轴承制造"),
    ("生物科技", "2750", "兽用药品制造"),
    ("矿业", "1019", "粘土及其他土砂石开采"),
    ("钢构", "3311", "金属结构制造"),
    ("包装材料", "2231", "纸和纸板容器制造"),
    ("机械制造", "3511", "矿山机械制造"),
    ("新型建材", "3021", "水泥制品制造"),
    ("面粉", "1311", "稻谷加工"),
    ("电气", "3823", "配电开关控制设备制造"),
    ("紧固件", "3482", "紧固件制造"),
    ("粉末冶金", "3393", "锻件及粉末冶金制品制造"),
    ("管业", "2922", "塑料板、管、型材制造"),
    ("水泥制品", "3022", "砼结构构件制造"),
    ("热电", "4412", "热电联产"),
    ("商砼", "3021", "水泥制品制造"),
    ("化工", "2614", "有机化学原料制造"),
    ("服饰", "1819", "其他机织服装制造"),
    ("汽车部件", "3670", "汽车零部件及配件制造"),
    ("光电科技", "3974", "显示器件制造"),
    ("水务", "4610", "自来水生产和供应"),
    ("燃气", "4511", "天然气生产和供应业"),
    ("煤业", "0610", "烟煤和无烟煤开采洗选"),
    ("新材料", "2651", "初级形态塑料及合成树脂制造"),
    ("仪器仪表", "4011", "工业自动控制系统装置制造"),
    ("家具", "2110", "木质家具制造"),
)
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
OWNERSHIPS = (
    ("私营有限责任公司", 62),
    ("其他有限责任公司", 22),
    ("股份有限公司", 6),
    ("国有控股有限责任公司", 4),
    ("国有独资公司", 3),
    ("外商投资企业", 3),
)
TOWNSHIPS = ("城关镇", "经开区", "云台镇", "石门镇", "桑园乡", "柳河镇")


def people(random: Random) -> Iterator[str]:
    """Names of persons, none twice."""
    seen: set[str] = set()
    while True:
        name = random.choice(SURNAMES) + random.choice(GIVEN)
        if name not in seen:
            seen.add(name)
            yield name


def firms(random: Random, place: str) -> Iterator[tuple[str, str, str]]:
    """(name, industry code, industry name) of firms in one county, none twice."""
    short = place.removesuffix("区").removesuffix("县")
    seen: set[str] = set()
    while True:
        made, code, industry = random.choice(TRADES)
        words = "".join(random.sample(WORDS, random.choice((1, 1, 1, 2))))
        form = random.choice(FORMS)
        name = (
            f"{short}示例{words}{made}{form}"
            if random.random() < 0.7
            else f"示例{words}{made}（{short}）{form}"
        )
        if name not in seen:
            seen.add(name)
            yield name, code, industry
