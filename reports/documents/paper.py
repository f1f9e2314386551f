"""The sheet of GB/T 9704-2012 in figures; lengths in mm, type in points.

28 characters of 16 pt are 158 mm and the text area is 156 mm wide: the grid draws them together
by a fifth of a point each.
"""

from __future__ import annotations

MM = 72 / 25.4  # points
WIDTH, HEIGHT = 210.0, 297.0
TEXT_WIDTH, TEXT_HEIGHT = 156.0, 225.0
TOP, LEFT = 37.0, 28.0
RIGHT, BOTTOM = WIDTH - LEFT - TEXT_WIDTH, HEIGHT - TOP - TEXT_HEIGHT
LINES, CHARACTERS = 22, 28
BODY = 16.0  # 3号
TITLE = 22.0  # 2号
SMALL = 14.0  # 4号, copy block and page numbers
TABLE = 10.5  # 5号
LINE = TEXT_HEIGHT / LINES
# the measure of a line in em of the body, and the em that draw 28 characters into it
MEASURE = TEXT_WIDTH * MM / BODY
PITCH = (MEASURE - CHARACTERS) / (CHARACTERS - 1)
TITLE_CHARACTERS = int(TEXT_WIDTH * MM / TITLE)

# 文件: the masthead's upper edge, and the lines of the grid that its head takes. The box of the
# masthead is as high as makes the whole head ten lines: 35 + box + 2 lines + number + 4 + 2 lines.
MASTHEAD_TOP = 35.0
HEAD_LINES = 10
RULE_GAP = 4.0
BODY_MM = BODY / MM
NUMBER_TO_RULE = (LINE + BODY_MM) / 2 + RULE_GAP
MASTHEAD_BOX = HEAD_LINES * LINE - MASTHEAD_TOP - 4 * LINE - NUMBER_TO_RULE
MASTHEAD_TYPE = MASTHEAD_BOX * MM

# 信函: from the paper's own edges
LETTER_NAME_TOP = 30.0
LETTER_TYPE = 30.0
LETTER_RULE = 170.0
LETTER_FOOT = 20.0
LETTER_HEAD_LINES = 4
LETTER_RULE_TOP = LETTER_NAME_TOP + LETTER_TYPE / MM + RULE_GAP
# the number stands 7/8 of a character below the rule
LETTER_NUMBER_TOP = LETTER_RULE_TOP + BODY_MM * 7 / 8

# 简报: name, issue and issuer over a red rule, in eight lines of the grid
BULLETIN_LINES = 8
BULLETIN_NAME_TOP, BULLETIN_BOX = 6.0, 24.0
BULLETIN_NUMBER_TOP = BULLETIN_NAME_TOP + BULLETIN_BOX + LINE * 0.8
BULLETIN_ISSUER_TOP = BULLETIN_NUMBER_TOP + 2 * LINE
BULLETIN_RULE_TOP = BULLETIN_ISSUER_TOP + LINE + 1
HEADS = {
    "file": HEAD_LINES,
    "letter": LETTER_HEAD_LINES,
    "bulletin": BULLETIN_LINES,
    "plain": 0,
}

NUMBER_BELOW = 7.0  # the dash of the page number below the text area
# a letter that spills by so many lines is drawn together to that many lines a page
SPILL = 2
