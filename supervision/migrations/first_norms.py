"""The first regulation and the first scorecard as the system brings them; the head may replace both.

Frozen with the baseline: what people have confirmed and cited does not change with a later program.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

REGULATION_ID = uuid.UUID("01930000-0000-7000-8000-000000000001")
SCORECARD_ID = uuid.UUID("01930000-0000-7000-8000-000000000002")
MADE_AT = datetime(2026, 11, 25, tzinfo=UTC)
TITLE = "咨询电话语音记录系统管理暂行办法"

GENERAL = "第一章 总则"
LEADERS = "第二章 监督领导的权利和义务"
ADMINISTRATORS = "第三章 系统管理人员的权利和义务"
OFFICERS = "第四章 咨询受理人员的权利和义务"
NORM = "第五章 服务规范"
CHECKS = "第六章 抽检与评价"
ACCOUNT = "第七章 责任追究与申诉"
CLOSING = "第八章 附则"

CLAUSES = (
    (
        GENERAL,
        "为规范纳税咨询服务，加强对咨询电话的监督管理，提高服务质量，根据有关法律法规和税务工作规范，"
        "结合本局实际，制定本办法。",
    ),
    (GENERAL, "本办法适用于本局各税务所对外公布的咨询电话及其语音记录的采集、保存、收听、抽检、评价和使用。"),
    (
        GENERAL,
        "咨询电话接通前，系统向来电人告知通话将被录音及其用途。录音由系统自动进行，任何人不得关闭、绕过或者干扰。",
    ),
    (
        GENERAL,
        "语音记录的管理遵循合法、必要、公正、保密的原则。录音仅用于服务监督、质量评价、投诉处理和业务"
        "培训，不得挪作他用。",
    ),
    (
        LEADERS,
        "税务所领导可以随时收听本所的语音记录；每周按系统抽签结果检查不少于应检通数百分之二十的录音，"
        "并在规定期限内提交评价。",
    ),
    (
        LEADERS,
        "监察科可以随时检查、分析和评价各税务所的语音记录；每月对每个税务所按系统抽签结果检查不少于应"
        "检通数百分之十的录音，并提出改进意见，督促落实。",
    ),
    (
        LEADERS,
        "检查人员应当实际收听录音，收听时长不少于评分表规定的比例；不得代听、代评，不得评价本人接听的电话。",
    ),
    (
        LEADERS,
        "检查人员应当客观公正，评价有据，扣分和问题应当注明录音中的时间和依据的条款；不得泄露来电人信"
        "息和录音内容。",
    ),
    (
        ADMINISTRATORS,
        "系统管理员负责设备、线路和系统的运行维护，保证语音记录完整、连续；不得收听、复制、修改或者删除录音。",
    ),
    (
        ADMINISTRATORS,
        "安全管理员负责账号和权限管理，不得为本人授权；审计员负责审查操作日志。系统管理员、安全管理员"
        "、审计员不得由同一人担任。",
    ),
    (ADMINISTRATORS, "发现漏录、误录、设备故障或者日志异常的，应当立即报告监察科并如实记录处理经过。"),
    (
        OFFICERS,
        "咨询受理人员应当按值班表准时到岗，保持线路畅通，接听电话，如实答复，并对工作中知悉的纳税人信息保密。",
    ),
    (OFFICERS, "咨询受理人员有权查看涉及本人的评价和处理记录，对评价或者处理有异议的，可以在规定期限内申诉。"),
    (OFFICERS, "咨询受理人员应当逐版确认本办法，接受培训，并按整改要求改进服务。"),
    (NORM, "电话铃响三声之内应当接听；受理人员因故不能接听的，由带班领导接听。不得无故占线、空线或者拒接。"),
    (
        NORM,
        "接听时使用普通话和文明用语，首先问好并报单位；结束时询问是否还有其他问题，致谢道别，待来电人挂机后挂机。",
    ),
    (NORM, "态度热情耐心，语气平和，认真倾听，不打断、不推诿、不敷衍；严禁训斥、讽刺、辱骂来电人。"),
    (
        NORM,
        "答复应当依据现行税收法律法规和政策，准确、完整、易懂；没有把握的，不得随意答复，应当记录后核"
        "实并按约定时间回复。",
    ),
    (
        NORM,
        "实行首问责任制。属于本所职责的，由首问人员办理到底；不属于本所职责的，礼貌说明，转接有关税务"
        "所或者12366纳税服务热线，并告知联系方式。",
    ),
    (NORM, "值班期间遵守工作纪律，不做与工作无关的事，不在通话中谈论无关话题，不得利用咨询电话谋取私利。"),
    (
        CHECKS,
        "抽检对象由税务所和监察科双方共同产生的随机数抽签确定，任何人不得指定、替换或者回避。录音确实"
        "无法评价的，须经两人确认并说明原因。",
    ),
    (
        CHECKS,
        "评价按现行评分表逐项打分，满分一百分。关键项不合格的，该次评价计零分，并自动记为问题。九十分"
        "以上为优秀，八十分以上为良好，六十分以上为合格，不足六十分为不合格。",
    ),
    (CHECKS, "评价提交后不得覆盖。确需更正的，另行作出更正版本，写明更正人和理由，原版本予以保留。"),
    (
        CHECKS,
        "监察科对税务所自行评价的录音按比例进行盲评复核，复核人在提交前不得查看原评分；评分偏差、实际"
        "收听比例和评价时效纳入对检查人员的监督。",
    ),
    (
        ACCOUNT,
        "对违反本办法的人员，视情节给予批评教育、通报批评、扣减考核分等处理；造成严重后果的，依法依规"
        "追究责任。处理应当以评价为依据，写明所依据的条款，由监察科提出、科长审定，提出人与审定人不得"
        "为同一人。",
    ),
    (
        ACCOUNT,
        "发现的问题既要处理到人，也要提出防止再次发生的措施。税务所应当在十个工作日内完成整改并答复，"
        "由监察科核实。",
    ),
    (
        ACCOUNT,
        "当事人对评价或者处理不服的，可以在收到通知之日起五个工作日内申诉。申诉期间，有关评价和处理暂不计入考核。",
    ),
    (ACCOUNT, "服务优良、受到纳税人表扬或者提出改进建议被采纳的，给予表彰奖励，并计入目标考核。"),
    (ACCOUNT, "擅自关闭、损毁、修改、删除、复制、外传语音记录，或者伪造收听、评价记录的，从重处理。"),
    (
        CLOSING,
        "语音记录保存二年；涉及申诉、投诉、责任追究、典型案例或者抽检尚未完成的，保存至事项办结。到期"
        "删除须经两人同意并留存凭证。",
    ),
    (CLOSING, "来电人要求查阅或者删除其语音记录的，登记后依法办理。"),
    (CLOSING, "本办法由监察科负责解释，自发布之日起施行；修订时发布新版本，全体人员重新确认。"),
)

# Kinds of discipline and of commendation, with the points that each takes or gives.
CONSEQUENCES = (
    ("discipline", "批评教育", 0),
    ("discipline", "扣减考核分", 2),
    ("discipline", "通报批评", 5),
    ("discipline", "取消评先评优资格", 10),
    ("commendation", "口头表扬", 1),
    ("commendation", "加考核分", 2),
    ("commendation", "通报表扬", 3),
    ("commendation", "推荐评先评优", 5),
)

GRADES = ("excellent_from", "good_from", "pass_from", "heard_percent", "whole_under_s")
CARD_TITLE = "咨询电话服务评分表"
# Name, guide, weight, what is critical, the clauses cited by number.
CRITERIA = (
    ("问候与文明用语", "接听先问好、报单位；全程使用文明用语。", 15, "", (16,)),
    ("态度与耐心", "语气平和，认真倾听，不打断、不推诿、不敷衍。", 20, "", (17,)),
    ("答复正确", "依据现行政策，答复准确；没有把握的核实后回复。", 30, "错误答复，可能给纳税人造成损失", (18,)),
    ("答复完整", "问题的各个方面都答到，所需资料、时限、地点说清楚。", 15, "", (18,)),
    ("首问责任与转办", "属于职责的办理到底；不属于的礼貌说明并转接或告知。", 10, "", (19,)),
    ("结束语", "询问是否还有其他问题，致谢道别，后挂机。", 5, "", (16,)),
    ("岗位纪律", "不做、不谈与工作无关的事。", 5, "训斥、讽刺、辱骂纳税人", (17, 20)),
)
# Not every call gives an occasion for these: nothing to refer, or a caller who hangs up.
NEED_NOT_APPLY = frozenset({"首问责任与转办", "结束语"})


def insert_first_norms() -> None:
    """Insert both, in force, with the clauses that each criterion cites."""
    regulations, clauses = table("regulations"), table("regulation_clauses")
    first = {"state": "in_force", "n": 1, "made_at": MADE_AT, "published_at": MADE_AT, "version": 1}
    op.bulk_insert(regulations, [{"id": REGULATION_ID, "title": TITLE, **first}])
    written = [
        {"id": made(1, n), "regulation_id": REGULATION_ID, "n": n, "chapter": chapter, "text": text}
        for n, (chapter, text) in enumerate(CLAUSES, 1)
    ]
    op.bulk_insert(clauses, written)
    kinds = [
        {"id": made(4, n), "regulation_id": REGULATION_ID, "n": n, "side": side, "name": name, "points": points}
        for n, (side, name, points) in enumerate(CONSEQUENCES, 1)
    ]
    op.bulk_insert(table("regulation_consequences"), kinds)
    norm = dict(zip(GRADES, (90, 80, 60, 60, 60), strict=True))
    op.bulk_insert(table("scorecards"), [{"id": SCORECARD_ID, "title": CARD_TITLE, **first, **norm}])
    op.bulk_insert(table("criteria"), [criterion(n, one) for n, one in enumerate(CRITERIA, 1)])
    cited = [(n, clause) for n, one in enumerate(CRITERIA, 1) for clause in one[4]]
    op.bulk_insert(
        table("criterion_clauses"),
        [{"criterion_id": made(2, n), "clause_id": made(1, clause)} for n, clause in cited],
    )


def table(name: str) -> sa.TableClause:
    """A table by name, with the types that its values need."""
    ids = {"id", "regulation_id", "scorecard_id", "criterion_id", "clause_id"}
    moments = {"made_at", "published_at"}
    columns = {
        "regulations": ("id", "n", "state", "title", "made_at", "published_at", "version"),
        "regulation_clauses": ("id", "regulation_id", "n", "chapter", "text"),
        "regulation_consequences": ("id", "regulation_id", "n", "side", "name", "points"),
        "scorecards": ("id", "n", "state", "title", *GRADES, "made_at", "published_at", "version"),
        "criteria": ("id", "scorecard_id", "n", "name", "guide", "weight", "critical", "may_not_apply"),
        "criterion_clauses": ("criterion_id", "clause_id"),
    }[name]
    kinds = [
        sa.Uuid() if one in ids else sa.DateTime(timezone=True) if one in moments else None for one in columns
    ]
    return sa.table(name, *(sa.column(one, kind) for one, kind in zip(columns, kinds, strict=True)))


def made(kind: int, n: int) -> uuid.UUID:
    """The same ids everywhere, so that what cites them means the same."""
    return uuid.UUID(f"01930000-0000-7000-8000-{kind:04d}{n:08d}")


def criterion(n: int, one: tuple[str, str, int, str, tuple[int, ...]]) -> dict[str, object]:
    name, guide, weight, critical, _ = one
    return {
        "id": made(2, n),
        "scorecard_id": SCORECARD_ID,
        "n": n,
        "name": name,
        "guide": guide,
        "weight": weight,
        "critical": critical,
        "may_not_apply": name in NEED_NOT_APPLY,
    }
