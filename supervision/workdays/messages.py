"""The email about a year that is not known, in Chinese and in English."""


def email_of(year: int) -> tuple[str, str]:
    """Subject and text."""
    subject = f"[工作日历] {year}"
    text = (
        f"本系统尚不掌握 {year} 年的节假日和调休安排，跨入该年的期限暂按周一至周五计算。\n"
        "国务院办公厅公布后，请登录总系统在“工作日历”中录入并确认，或安装新版本。\n\n"
        f"The public holidays and make-up days of {year} are not known to this system: deadlines that reach into "
        "that year count Monday to Friday.\nOnce they are published, enter them under Working days at "
        "headquarters' site and confirm the year, or install a newer version.\n"
    )
    return subject, text
