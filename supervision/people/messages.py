"""The emails to the owner of an account about a reset of his password, in Chinese and in English."""

from datetime import datetime

from supervision.clock import local


def email_asked(name: str, asked_by: str, ends_at: datetime) -> tuple[str, str]:
    """Subject and text: somebody asks for a reset."""
    until = f"{local(ends_at):%Y-%m-%d %H:%M}"
    text = (
        f"{name}：\n{asked_by} 申请重置您的密码，须经另一人在 {until} 前同意。\n"
        "如果不是您本人要求的，请立即告知您的上级和安全管理员，请他们驳回。\n\n"
        f"{asked_by} asks for a reset of your password. Another person must agree by {until}.\n"
        "If you did not ask for it, tell your superior and a security administrator at once: they can refuse it.\n"
    )
    return "[账户安全] 有人申请重置您的密码 Reset of your password asked for", text


def email_role_asked(name: str, asked_by: str, ends_at: datetime) -> tuple[str, str]:
    """Subject and text: somebody asks that the account gets a role by which it hears, decides or administers."""
    until = f"{local(ends_at):%Y-%m-%d %H:%M}"
    text = (
        f"{name}：\n{asked_by} 申请以您的名义开通账户或变更您的角色，须经另一人在 {until} 前同意。\n"
        "如果您不知情，请立即告知您的上级和安全管理员，请他们驳回。\n\n"
        f"{asked_by} asks for an account or another role in your name. Another person must agree by {until}.\n"
        "If you know nothing of it, tell your superior and a security administrator at once: they can refuse it.\n"
    )
    return "[账户安全] 有人申请以您的名义开通账户或变更角色 Account or role in your name asked for", text


def email_issued(name: str, asked_by: str, agreed_by: str) -> tuple[str, str]:
    """Subject and text: the password is reset."""
    text = (
        f"{name}：\n您的密码已重置：{asked_by} 申请，{agreed_by} 同意。临时密码 24 小时内有效；"
        "修改密码后 24 小时内，该账户不能收听、下载、导出或表示同意。\n"
        "如果不是您本人要求的，请立即告知您的上级和审计员。\n\n"
        f"Your password is reset: {asked_by} asked for it, {agreed_by} agreed. The temporary one holds for "
        "24 hours; for 24 hours after you change it the account does not listen, download, export or agree.\n"
        "If you did not ask for it, tell your superior and the auditor at once.\n"
    )
    return "[账户安全] 您的密码已重置 Your password is reset", text
