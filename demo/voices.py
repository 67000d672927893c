"""Taxpayers and officers who talk: espeak-ng in two voices, as A-law tracks for the phones.

Each dialogue is made into two tracks of the same length, one for each side; while one speaks there is nothing from
the other but the noise of a line. They are made once, and another text is another file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asterisk.cache import cache_folder, once
from asterisk.speech import MANDARIN, RATE, Samples, speak, write_alaw

RECIPE = 3  # raise it when the same words would sound different
CALLER_VOICE = f"{MANDARIN}+f3"
OFFICER_VOICE = f"{MANDARIN}+m3"
PAUSE_S = 0.35
AFTER_S = 10.0
NOISE = 0.0008  # -62 dBFS: what a quiet line and a live microphone have; without it a side would be dead
OFFICER = "officer"
CALLER = "caller"


@dataclass(frozen=True)
class Dialogue:
    """A consultation: what it is about, and who says what in turn."""

    key: str
    topic: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Tracks:
    """A dialogue as sound: what each side plays, and how long it lasts."""

    topic: str
    caller: Path
    officer: Path
    length_s: float


DIALOGUES = (
    Dialogue(
        "annual-settlement",
        "个人所得税综合所得年度汇算",
        (
            (OFFICER, "您好,税务所,很高兴为您服务。"),
            (CALLER, "您好,我想问一下,个税年度汇算什么时候截止?"),
            (OFFICER, "年度汇算的办理时间是次年三月一日到六月三十日。"),
            (CALLER, "我去年换过单位,手机上显示要补税,是怎么回事?"),
            (
                OFFICER,
                "两处单位都按每月五千元扣除了费用,汇算时合并计算,所以可能需要补税。请您在个人所得税软件里核对收入明细。",
            ),
            (CALLER, "明白了,谢谢您。"),
            (OFFICER, "不客气,请问还有其他问题吗?感谢您的来电,再见。"),
        ),
    ),
    Dialogue(
        "invoice-red",
        "数电发票开错如何冲红",
        (
            (OFFICER, "您好,这里是税务所,请讲。"),
            (CALLER, "我们开了一张数电发票,购买方名称写错了,能作废吗?"),
            (OFFICER, "数电发票不能作废,需要开具红字发票,再重新开一张正确的。"),
            (CALLER, "对方已经用这张发票抵扣了,怎么办?"),
            (OFFICER, "那就要由对方发起红字信息确认单,您这边确认以后,再开具红字发票。"),
            (CALLER, "好的,我和对方联系,谢谢。"),
            (OFFICER, "不客气,祝您工作顺利,再见。"),
        ),
    ),
    Dialogue(
        "small-scale-vat",
        "小规模纳税人增值税",
        (
            (OFFICER, "您好,税务所,请问有什么可以帮您?"),
            (CALLER, "我是小规模纳税人,一个季度销售额二十五万,要交增值税吗?"),
            (OFFICER, "按季申报的小规模纳税人,季度销售额不超过三十万元的,免征增值税。"),
            (CALLER, "那我给客户开了一张专用发票,也能免吗?"),
            (OFFICER, "开具专用发票的部分不能免税,要按征收率缴纳。普通发票的部分可以免。"),
            (CALLER, "知道了,申报的时候怎么填?"),
            (OFFICER, "系统会预填数据,您核对以后提交就可以。感谢您的来电。"),
        ),
    ),
    Dialogue(
        "social-insurance",
        "灵活就业人员社会保险费",
        (
            (OFFICER, "您好,很高兴为您服务。"),
            (CALLER, "我是灵活就业人员,想问一下养老保险怎么缴。"),
            (OFFICER, "您先在社保经办机构办理参保登记,然后可以在电子税务局或者手机上缴费。"),
            (CALLER, "缴费基数可以自己选吗?"),
            (OFFICER, "可以,在规定的上限和下限之间自己选择,按月或者按季缴纳都可以。"),
            (CALLER, "好,麻烦您了。"),
            (OFFICER, "这是我们应该做的,再见。"),
        ),
    ),
    Dialogue(
        "tax-register",
        "新办企业信息确认",
        (
            (OFFICER, "您好,税务所。"),
            (CALLER, "公司刚领了营业执照,还需要到税务局来登记吗?"),
            (OFFICER, "三证合一以后不用单独登记,首次办税时在电子税务局做信息确认就可以。"),
            (CALLER, "零申报也要按时报吗?"),
            (OFFICER, "要的,没有收入也要在申报期内办理零申报,逾期会影响纳税信用。"),
            (CALLER, "谢谢,我记下了。"),
            (OFFICER, "不客气,再见。"),
        ),
    ),
)


def tracks(dialogue: Dialogue, caller_waits_s: float = 0.0) -> Tracks:
    """Both sides of a dialogue as A-law.

    The caller's side plays from the moment when the line answers, the officer's from when he picks up. Where an
    announcement and ringing lie between, `caller_waits_s` of a quiet line go before the caller's side. A line
    sends audio until it is hung up, so a quiet line follows his last word as well.
    """
    recipe = repr((RECIPE, CALLER_VOICE, OFFICER_VOICE, PAUSE_S, dialogue, caller_waits_s))
    key = hashlib.sha256(recipe.encode()).hexdigest()[:10]

    def make(folder: Path) -> None:
        caller, officer = both_sides(dialogue)
        write_alaw(
            folder / "caller.alaw", np.concatenate([quiet_line(caller_waits_s), caller, quiet_line(AFTER_S)])
        )
        write_alaw(folder / "officer.alaw", officer)

    folder = once(cache_folder() / f"voices-{dialogue.key}-{key}", make)
    officer = folder / "officer.alaw"
    return Tracks(dialogue.topic, folder / "caller.alaw", officer, officer.stat().st_size / RATE)


def both_sides(dialogue: Dialogue) -> tuple[Samples, Samples]:
    """What the caller says and what the officer says, of the same length."""
    sides: dict[str, list[Samples]] = {CALLER: [], OFFICER: []}
    for who, text in dialogue.lines:
        said = np.concatenate([speak(text, CALLER_VOICE if who == CALLER else OFFICER_VOICE), quiet_line(PAUSE_S)])
        for side, heard in sides.items():
            heard.append(said if side == who else quiet_line(len(said) / RATE))
    return np.concatenate(sides[CALLER]), np.concatenate(sides[OFFICER])


def quiet_line(length_s: float) -> Samples:
    """A line on which nobody speaks, for so long."""
    return NOISE * np.random.default_rng(1).standard_normal(round(length_s * RATE))
