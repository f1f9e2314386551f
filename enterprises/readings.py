"""How names are read where the dictionary of pinyin errs: places first, then words of firms' names.

Readings after 民政部's list of place names and 现代汉语词典 (7th edition).
"""

# of Henan and its neighbours first, then what firms' names mention
PLACES = {
    "瀍河": "chán hé",
    "嵩县": "sōng xiàn",
    "汝阳": "rǔ yáng",
    "栾川": "luán chuān",
    "偃师": "yǎn shī",
    "洛宁": "luò níng",
    "伊川": "yī chuān",
    "渑池": "miǎn chí",
    "长葛": "cháng gě",
    "长垣": "cháng yuán",
    "召陵": "shào líng",
    "南乐": "nán lè",
    "浚县": "xùn xiàn",
    "尉氏": "yù shì",
    "漯河": "luò hé",
    "泌阳": "bì yáng",
    "泌水": "bì shuǐ",
    "中牟": "zhōng mù",
    "荥阳": "xíng yáng",
    "柘城": "zhè chéng",
    "朝阳": "cháo yáng",
    "重庆": "chóng qìng",
    "厦门": "xià mén",
    "长治": "cháng zhì",
    "长子县": "zhǎng zǐ xiàn",
    "解州": "xiè zhōu",
    "单县": "shàn xiàn",
    "洪洞": "hóng tóng",
    "繁峙": "fán shì",
    "乐陵": "lào líng",
    "东阿": "dōng ē",
    "牟平": "mù píng",
    "会稽": "kuài jī",
    "铅山": "yán shān",
    "浒墅": "xǔ shù",
    "筠连": "jūn lián",
    "荥经": "yíng jīng",
    "大城县": "dài chéng xiàn",
}
# 县长城机械 is no 县长, 市长江轴承 no 市长: after a place 长 begins the firm's own name
WORDS = {
    "市长": "shì cháng",
    "县长": "xiàn cháng",
    "区长": "qū cháng",
    "省长": "shěng cháng",
    "镇长": "zhèn cháng",
    "乡长": "xiāng cháng",
    "村长": "cūn cháng",
    "州长": "zhōu cháng",
    "二重": "èr zhòng",
    "大厦": "dà shà",
    "广厦": "guǎng shà",
    "调质": "tiáo zhì",
    "系泊": "xì bó",
    "重生": "chóng shēng",
}
# alone in the name that a firm gave itself: 长盛 is chang, 都兴 is du, 厦工 is xia
SIGNS = {"长": "cháng", "都": "dū", "厦": "xià", "朝": "cháo", "系": "xì", "曾": "zēng"}
